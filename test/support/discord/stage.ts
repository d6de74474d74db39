import { expect } from 'vitest';
import type { Interaction } from './interaction.js';
import type { Json } from './json.js';
import { RawBot } from './raw-bot.js';
import { StrictDiscord, type Member, type Server, type StrictDiscordOptions } from './strict-discord.js';

const COMMANDS = [
  {
    name: 'go',
    description: 'Goes',
    options: [
      { type: 3, name: 'word', description: 'A word', autocomplete: true },
      { type: 10, name: 'number', description: 'A number', autocomplete: true },
    ],
  },
];

/** A row with one button, "Go". */
export const ROW = { type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go' }] };

/** A strict Discord with a server, a member, and a bot that is logged in and has the command /go. */
export class Stage {
  readonly discord: StrictDiscord;
  readonly server: Server;
  readonly member: Member;
  readonly bot: RawBot;
  #seen = 0;

  private constructor(discord: StrictDiscord) {
    this.discord = discord;
    this.server = discord.addServer();
    this.member = discord.addMember({ server: this.server });
    this.bot = new RawBot(discord);
  }

  static async open(options: StrictDiscordOptions = {}): Promise<Stage> {
    const stage = new Stage(await StrictDiscord.start(options));
    await stage.bot.logIn();
    await stage.bot.call('PUT', `/applications/${stage.discord.applicationId}/commands`, COMMANDS);
    return stage;
  }

  /** The violations since the last time that a test began. */
  newViolations(): string[] {
    return this.discord.violations.slice(this.#seen).map(({ rule, detail }) => `${rule} ${detail}`);
  }

  /** A test begins. */
  begin(): void {
    this.#seen = this.discord.violations.length;
  }

  /** A slash command that got a message as its response. */
  async answered(data: Json = { content: 'hi', components: [ROW] }): Promise<Interaction> {
    const interaction = await this.member.slash('go');
    expect(await this.bot.respond(interaction, { type: 4, data })).toMatchObject({ status: 204 });
    return interaction;
  }

  async close(): Promise<void> {
    this.bot.close();
    await this.discord.close();
  }
}
