import { isDeepStrictEqual } from 'node:util';
import {
  ApplicationCommandType,
  REST,
  Routes,
  type APIApplicationCommand,
  type RESTPostAPIApplicationCommandsJSONBody,
} from 'discord.js';
import { commandDefinitions } from '../commands/all-commands.js';

/** What Discord adds to a command, and what says the same as other fields do. */
const NOT_OURS = new Set([
  'id',
  'application_id',
  'guild_id',
  'version',
  'dm_permission',
  'default_permission',
  'name_localized',
  'description_localized',
]);

/** Where commands are registered. */
export interface Registry {
  readonly rest: REST;
  readonly applicationId: string;
  /** The one server that has the commands; undefined: all, and those who install the app for themselves. */
  readonly server: string | undefined;
}

/**
 * Tells Discord of the commands, where it does not know them as they are yet. An application may have others, made by
 * hand or by another program, and an Activity's entry point, which Discord does not let go: those stay as they are.
 *
 * @returns whether there was anything to tell
 */
export async function registerCommands(registry: Registry): Promise<'registered' | 'unchanged'> {
  const { rest } = registry;
  const known = await knownCommands(registry);
  const wanted = definitionsFor(registry);
  const changed = wanted.filter((command) => !isRegistered(command, known));
  if (changed.length === 0) {
    return 'unchanged';
  }
  if (known.every((command) => wanted.some((own) => keyOf(own) === keyOf(command)))) {
    // All at once, since Discord takes single ones slowly.
    await rest.put(routeOf(registry), { body: wanted });
    return 'registered';
  }
  for (const body of changed) {
    // It takes the place of one of the same name.
    await rest.post(routeOf(registry), { body });
  }
  return 'registered';
}

/** Takes the commands away; a server that has them of its own and from everywhere shows each twice. */
export async function removeCommands(registry: Registry): Promise<void> {
  const own = new Set(definitionsFor(registry).map(keyOf));
  for (const command of await knownCommands(registry)) {
    if (own.has(keyOf(command))) {
      await registry.rest.delete(`${routeOf(registry)}/${command.id}`);
    }
  }
}

/** Whether Discord knows the commands as they are. */
export async function areCommandsRegistered(registry: Registry): Promise<boolean> {
  const known = await knownCommands(registry);
  return definitionsFor(registry).every((command) => isRegistered(command, known));
}

async function knownCommands(registry: Registry): Promise<readonly APIApplicationCommand[]> {
  const query = new URLSearchParams({ with_localizations: 'true' });
  return (await registry.rest.get(routeOf(registry), { query })) as APIApplicationCommand[];
}

function routeOf({ applicationId, server }: Registry): `/${string}` {
  return server === undefined
    ? Routes.applicationCommands(applicationId)
    : Routes.applicationGuildCommands(applicationId, server);
}

function definitionsFor({ server }: Registry): RESTPostAPIApplicationCommandsJSONBody[] {
  return server === undefined ? commandDefinitions() : commandDefinitions().map(forOneServer);
}

/** A command of one server can't say where it is offered. */
function forOneServer(
  command: RESTPostAPIApplicationCommandsJSONBody,
): RESTPostAPIApplicationCommandsJSONBody {
  const copy = { ...command };
  delete copy.contexts;
  delete copy.integration_types;
  return copy;
}

type Command = APIApplicationCommand | RESTPostAPIApplicationCommandsJSONBody;

function isRegistered(command: Command, known: readonly Command[]): boolean {
  const twin = known.find((candidate) => keyOf(candidate) === keyOf(command));
  return twin !== undefined && isDeepStrictEqual(comparable(withType(twin)), comparable(withType(command)));
}

/** What Discord tells commands apart by. */
function keyOf(command: Command): string {
  return `${withType(command).type} ${command.name}`;
}

function withType<Some extends Command>(command: Some): Some & { type: ApplicationCommandType } {
  return { ...command, type: command.type ?? ApplicationCommandType.ChatInput };
}

/** A value without what Discord adds to it or leaves out of it: what is empty or false means the same as nothing. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(comparable);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const fields = Object.entries(value)
    .filter(([name]) => !NOT_OURS.has(name))
    .map(([name, field]) => [name, comparable(field)] as const)
    .filter(([, field]) => !isNothing(field));
  return Object.fromEntries(fields);
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}
