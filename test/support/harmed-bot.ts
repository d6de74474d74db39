import type { WorkerInferenceOptions } from '../../src/inference/worker/worker-inference.js';
import { asShown } from './as-shown.js';
import { startBot, type BotUnderTest } from './bot-under-test.js';
import type { Interaction, Member } from './discord/strict-discord.js';
import { HarmedWorker } from './harmed-worker.js';

/** How an interaction ended for its member. */
export interface Ending {
  readonly answered: boolean;
  /** What the member reads. */
  readonly text: string;
}

/** The bot in this process, with a worker that is harmed. */
export class HarmedBot {
  readonly bot: BotUnderTest;
  readonly worker: HarmedWorker;
  readonly members: readonly Member[];

  private constructor(bot: BotUnderTest, worker: HarmedWorker, members: number) {
    this.bot = bot;
    this.worker = worker;
    const server = bot.discord.addServer();
    this.members = Array.from({ length: members }, () => bot.discord.addMember({ server }));
  }

  static async start(members: number, options: Partial<WorkerInferenceOptions> = {}): Promise<HarmedBot> {
    const worker = await HarmedWorker.start(options);
    return new HarmedBot(await startBot({}, {}, () => Promise.resolve(worker)), worker, members);
  }

  /** Each member asks about a picture, one after another; the model begins when all of them wait. */
  async askInOrder(pictures: readonly Uint8Array[]): Promise<Interaction[]> {
    const { discord, inference } = this.bot;
    inference.hold();
    const asked: Interaction[] = [];
    for (const [index, picture] of pictures.entries()) {
      const image = discord.upload(picture, { name: `picture-${index}.png`, omitDimensions: true });
      const member = this.members[index % this.members.length];
      const interaction = await member.slash('detect', { image, objects: 'circle' });
      // Its place in the queue is told with a button that cancels it.
      await interaction.settled({ until: ({ buttons }) => buttons.length > 0 });
      asked.push(interaction);
    }
    inference.release();
    return asked;
  }

  async close(): Promise<void> {
    await this.bot.close();
  }
}

/** Resolves when the member has an answer or a sentence, and nothing to wait for. */
export async function endingOf(interaction: Interaction, timeoutMs = 60_000): Promise<Ending> {
  const message = await interaction.settled({ timeoutMs });
  return { answered: message.buttons.some(({ label }) => label === 'Ask more'), text: asShown(message) };
}
