import { textOf, type Json } from './json.js';
import { CODES, Refusal } from './refusal.js';
import { checkCommand, checkCommands } from './rules/commands.js';
import { snowflake } from './snowflake.js';

/** Discord's numbers of command types. */
export const COMMAND = { slash: 1, user: 2, message: 3, entryPoint: 4 } as const;

const CREATES_A_DAY = 200;
const GLOBAL = 'global';

/** The commands that the bot has registered, for all servers or for one. */
export class CommandRegistry {
  readonly #applicationId: string;
  readonly #byScope = new Map<string, Json[]>();
  readonly #creates = new Map<string, number>();

  constructor(applicationId: string) {
    this.#applicationId = applicationId;
  }

  /** @param serverId left out for the commands of all servers */
  list(serverId?: string): Json[] {
    return this.#byScope.get(serverId ?? GLOBAL) ?? [];
  }

  get(id: string, serverId?: string): Json {
    const command = this.list(serverId).find((candidate) => candidate.id === id);
    if (command === undefined) {
      throw new Refusal(404, CODES.unknownCommand, 'Unknown application command');
    }
    return command;
  }

  /** The command that a member in a server (or in direct messages) means by a name. */
  find(type: number, name: string, serverId: string | undefined): Json | undefined {
    const ofServer = serverId === undefined ? [] : this.list(serverId);
    return [...ofServer, ...this.list()].find((command) => command.type === type && command.name === name);
  }

  /** Puts a list in the place of all commands. */
  replaceAll(definitions: readonly unknown[], serverId?: string): Json[] {
    checkCommands(definitions, serverId !== undefined);
    const known = this.list(serverId);
    const isEntryPoint = ({ type }: Json): boolean => type === COMMAND.entryPoint;
    if (known.some(isEntryPoint) && !(definitions as Json[]).some(isEntryPoint)) {
      throw new Refusal(
        400,
        CODES.entryPointRemoved,
        "You cannot remove this app's Entry Point command in a bulk update operation. Please include the Entry Point command in your update request or delete it separately.",
      );
    }
    const commands = (definitions as Json[]).map((definition) => this.#stored(definition, known, serverId));
    this.#byScope.set(serverId ?? GLOBAL, commands);
    return commands;
  }

  /** Adds a command, or puts it in the place of one of its name. */
  add(definition: Json, serverId?: string): Json {
    const wanted = { type: COMMAND.slash, ...definition };
    const others = this.list(serverId).filter((candidate) => !isSame(candidate, wanted));
    checkCommands([...others, definition], serverId !== undefined);
    const command = this.#stored(definition, this.list(serverId), serverId);
    this.#byScope.set(serverId ?? GLOBAL, [...others, command]);
    return command;
  }

  change(id: string, changes: Json, serverId?: string): Json {
    const before = this.get(id, serverId);
    const others = this.list(serverId).filter((candidate) => candidate !== before);
    const changed = { ...before, ...changes, id, version: snowflake() };
    checkCommand(changed, serverId !== undefined);
    checkCommands([...others, changed], serverId !== undefined);
    this.#byScope.set(serverId ?? GLOBAL, [...others, changed]);
    return changed;
  }

  remove(id: string, serverId?: string): void {
    const command = this.get(id, serverId);
    this.#byScope.set(
      serverId ?? GLOBAL,
      this.list(serverId).filter((candidate) => candidate !== command),
    );
  }

  #stored(definition: Json, known: readonly Json[], serverId: string | undefined): Json {
    const type = definition.type ?? COMMAND.slash;
    const before = known.find((candidate) => isSame(candidate, { ...definition, type }));
    if (before === undefined) {
      this.#countCreate(serverId ?? GLOBAL);
    }
    return {
      id: before?.id ?? snowflake(),
      application_id: this.#applicationId,
      version: snowflake(),
      default_member_permissions: null,
      nsfw: false,
      ...(serverId === undefined
        ? { integration_types: [0, 1], contexts: null, dm_permission: true }
        : { guild_id: serverId }),
      ...definition,
      type,
      description: textOf(definition.description),
    };
  }

  #countCreate(scope: string): void {
    const count = (this.#creates.get(scope) ?? 0) + 1;
    this.#creates.set(scope, count);
    if (count > CREATES_A_DAY) {
      throw new Refusal(
        400,
        CODES.tooManyCommandCreates,
        'Max number of daily application command creates has been reached (200)',
      );
    }
  }
}

/** A command as it is listed to those who did not ask for all translations. */
export function withoutTranslations(command: Json): Json {
  return Object.fromEntries(
    Object.entries(command)
      .filter(([name]) => !name.endsWith('_localizations'))
      .map(([name, value]) => [
        name,
        Array.isArray(value)
          ? value.map((item: unknown) =>
              typeof item === 'object' && item !== null ? withoutTranslations(item as Json) : item,
            )
          : value,
      ]),
  );
}

function isSame(one: Json, other: Json): boolean {
  return one.type === other.type && one.name === other.name;
}
