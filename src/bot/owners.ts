import { Team, type Client } from 'discord.js';

/**
 * The owner of the application, or its team. Only `/status` needs to know, so that Discord is asked on the side, and
 * again where it failed to tell.
 */
export class Owners {
  readonly #client: Client<true>;
  #asked: Promise<ReadonlySet<string>> | undefined;

  constructor(client: Client<true>) {
    this.#client = client;
    this.#ask().catch(() => undefined);
  }

  /** @throws {unknown} Discord does not tell */
  async include(memberId: string): Promise<boolean> {
    return (await this.#ask()).has(memberId);
  }

  async #ask(): Promise<ReadonlySet<string>> {
    this.#asked ??= this.#fetch();
    try {
      return await this.#asked;
    } catch (error) {
      this.#asked = undefined;
      throw error;
    }
  }

  async #fetch(): Promise<ReadonlySet<string>> {
    const { owner } = await this.#client.application.fetch();
    if (owner instanceof Team) {
      return new Set(owner.members.keys());
    }
    return new Set(owner === null ? [] : [owner.id]);
  }
}
