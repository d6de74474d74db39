import { ClassicLevel, type BatchOperation } from 'classic-level';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { fileReason, makeFolder } from '../../file-errors.js';
import { unansweredRequest, type UnansweredRequest } from './unanswered-request.js';

type Database = ClassicLevel<string, unknown>;
type Change = BatchOperation<Database, string, unknown>;

/** Digits of the greatest of Discord's ids; with zeros before them, ids are in order as text too. */
const ID_DIGITS = 20;
/** Only the owner of the process may look into the folder: it holds tokens and questions. */
const PRIVATE_FOLDER = 0o700;

/**
 * The requests that have no answer yet, on disk. A change is there for good when its promise resolves: changes that come
 * while others are flushed to the disk are flushed together, so that 200 requests at once wait for two flushes and not
 * for 200.
 *
 * A store that can't be had is done without: members of now are answered rather than refused for the sake of those
 * of before. The owner is told in one line of the log.
 */
export class UnansweredStore {
  #database: Database | undefined;
  readonly #log: Logger;
  #changes: Change[] = [];
  #flushing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #complained = false;

  private constructor(database: Database | undefined, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** @param folder is made if need be; undefined: nothing is kept */
  static async open(folder: string | undefined, log: Logger): Promise<UnansweredStore> {
    if (folder === undefined) {
      return new UnansweredStore(undefined, log);
    }
    const location = join(folder, 'unanswered');
    try {
      await makeFolder(location, PRIVATE_FOLDER);
      await chmod(location, PRIVATE_FOLDER);
      return new UnansweredStore(await openOrRepair(location, log), log);
    } catch (error) {
      const why = fileReason(error, 'write') ?? causeOf(error).message;
      log.warn({ folder: location, why }, mendOf(error));
      return new UnansweredStore(undefined, log);
    }
  }

  /** Keeps a request, or what has changed about it. Never throws. */
  async keep(request: UnansweredRequest): Promise<void> {
    await this.#change({ type: 'put', key: keyOf(request.id), value: request });
  }

  /** Forgets a request. Never throws. */
  async forget(id: string): Promise<void> {
    await this.#change({ type: 'del', key: keyOf(id) });
  }

  /** All requests in the order in which they came. What can't be read is forgotten. Never throws. */
  async all(): Promise<UnansweredRequest[]> {
    const requests: UnansweredRequest[] = [];
    try {
      for await (const [key, value] of this.#database?.iterator() ?? []) {
        const { success, data } = unansweredRequest.safeParse(value);
        if (success) {
          requests.push(data);
        } else {
          this.#log.warn({ interaction: key }, 'a request of before can not be read, and is forgotten');
          void this.#change({ type: 'del', key });
        }
      }
    } catch (error) {
      this.#complain(error);
    }
    return requests;
  }

  /**
   * Lets another process have the store; what changes from then on is not kept. A store that holds no request is
   * deleted: forgotten ones were still in its files.
   */
  async close(): Promise<void> {
    await (this.#next ?? this.#flushing);
    const database = this.#database;
    this.#database = undefined;
    if (database === undefined) {
      return;
    }
    try {
      const left = await database.keys({ limit: 1 }).all();
      await database.close();
      if (left.length === 0) {
        await ClassicLevel.destroy(database.location);
      }
    } catch (error) {
      this.#complain(error);
    }
  }

  async #change(change: Change): Promise<void> {
    if (this.#database === undefined) {
      return;
    }
    this.#changes.push(change);
    this.#next ??= this.#flushing.then(() => this.#flush());
    await this.#next;
  }

  async #flush(): Promise<void> {
    const changes = this.#changes;
    this.#changes = [];
    this.#next = undefined;
    this.#flushing = this.#write(changes);
    await this.#flushing;
  }

  async #write(changes: Change[]): Promise<void> {
    try {
      await this.#database?.batch(changes, { sync: true });
    } catch (error) {
      this.#complain(error);
    }
  }

  /** Once: a disk that is full would say so at each request. */
  #complain(error: unknown): void {
    if (!this.#complained) {
      this.#complained = true;
      this.#log.error({ err: error }, 'STORE failed: requests may be lost when the bot dies');
    }
  }
}

function keyOf(id: string): string {
  return id.padStart(ID_DIGITS, '0');
}

/** @throws why it can't be opened; the library's own error is its cause */
async function openOrRepair(location: string, log: Logger): Promise<Database> {
  try {
    return await openDatabase(location);
  } catch (error) {
    if (!isDamage(error)) {
      throw error;
    }
    await ClassicLevel.repair(location);
    // What could not be read is put aside there, and would stay for ever.
    await rm(join(location, 'lost'), { recursive: true, force: true });
    const database = await openDatabase(location);
    log.warn(
      { folder: location, why: causeOf(error).message },
      'STORE was damaged and has been repaired; requests may be lost',
    );
    return database;
  }
}

async function openDatabase(location: string): Promise<Database> {
  const database: Database = new ClassicLevel(location, { valueEncoding: 'json' });
  await database.open();
  return database;
}

/** Whether files of the database are broken or missing. A full disk is no damage, and repairing on it would be some. */
function isDamage(error: unknown): boolean {
  const { code, message } = causeOf(error);
  return code === 'LEVEL_CORRUPTION' || (code === 'LEVEL_IO_ERROR' && /no such file/i.test(message));
}

function mendOf(error: unknown): string {
  const without = 'the bot runs without it, and what waits is lost when it dies';
  return causeOf(error).code === 'LEVEL_LOCKED'
    ? `STORE is in use by another Glimpse: stop it if it has the same token, else give each a folder of its own; ${without}`
    : `STORE can not be opened; ${without}`;
}

function causeOf(error: unknown): { readonly code: unknown; readonly message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error
    ? { code: 'code' in cause ? cause.code : undefined, message: cause.message }
    : { code: undefined, message: '' };
}
