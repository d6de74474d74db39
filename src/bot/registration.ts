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
 * Tells Discord of the commands, where it does not know them as they are yet.
 *
 * @returns whether there was anything to tell
 */
export async function registerCommands(registry: Registry): Promise<'registered' | 'unchanged'> {
  if (await areCommandsRegistered(registry)) {
    return 'unchanged';
  }
  await registry.rest.put(routeOf(registry), { body: definitionsFor(registry) });
  return 'registered';
}

/** Takes the commands away; a server that has them of its own and from everywhere shows each twice. */
export async function removeCommands(registry: Registry): Promise<void> {
  await registry.rest.put(routeOf(registry), { body: [] });
}

/** Whether Discord knows the commands as they are. */
export async function areCommandsRegistered(registry: Registry): Promise<boolean> {
  const query = new URLSearchParams({ with_localizations: 'true' });
  const known = (await registry.rest.get(routeOf(registry), { query })) as APIApplicationCommand[];
  return isDeepStrictEqual(byName(known), byName(definitionsFor(registry)));
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

function byName(
  commands: readonly (APIApplicationCommand | RESTPostAPIApplicationCommandsJSONBody)[],
): Map<string, unknown> {
  return new Map(
    commands.map((command) => {
      const type = command.type ?? ApplicationCommandType.ChatInput;
      return [`${type} ${command.name}`, comparable({ ...command, type })];
    }),
  );
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
