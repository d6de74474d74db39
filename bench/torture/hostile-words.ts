import { fileURLToPath } from 'node:url';
import { startBot } from '../../test/support/bot-under-test.js';
import type { Attachment, Interaction, Member } from '../../test/support/discord/strict-discord.js';
import { redCircle } from '../../test/support/drawn-pictures.js';
import { echoInference } from '../../test/support/echo-model.js';
import { endingOf, HarmedBot } from '../../test/support/harmed-bot.js';
import { harmIn } from '../../test/support/harmless-message.js';
import { hostileWords } from '../../test/support/hostile/hostile-words.js';
import { PromptShape } from '../../test/support/prompt-shape.js';
import { splitObjects } from '../../src/task.js';
import type { TortureReport, TortureSection } from './section.js';

const WORDS = 2000;
/** Every so many'th is asked of the demo model too. */
const SAMPLE = 20;
/** Discord's members can't send more in an option of these commands. */
const LONGEST = 500;
/** As it was built. */
const WORKER = fileURLToPath(new URL('../../dist/inference/worker/worker.js', import.meta.url));

/** Questions and lists of objects that are meant to do harm. */
export const hostileWordsSection: TortureSection = {
  name: 'hostile words',
  run: async (report) => {
    const words = hostileWords(WORDS);
    await makePrompts(words, report);
    const sendable = words.filter((text) => text !== '' && text.length <= LONGEST);
    await repeatAll(sendable, report);
    await answerSome(
      sendable.filter((_words, index) => index % SAMPLE === 0),
      report,
    );
  },
};

/** All become prompts of all tasks that take words, the longest too, which Discord would not send. */
async function makePrompts(words: readonly string[], report: TortureReport): Promise<void> {
  const shape = await PromptShape.ofDemo();
  const faults = words.flatMap((question) => {
    const objects = splitObjects(question);
    return [
      shape.faultOf({ kind: 'ask', question, language: 'en' }),
      shape.faultOf({ kind: 'detect', objects }),
      shape.faultOf({ kind: 'segment', objects }),
    ].filter((fault) => fault !== undefined);
  });
  tell('a prompt', faults);
  report.figure(`prompts of another shape or task, of ${words.length} words`, faults.length, {
    goal: '0',
    met: faults.length === 0,
  });
}

/** Those that can be sent go through the bot, to a model that repeats what it is asked. */
async function repeatAll(words: readonly string[], report: TortureReport): Promise<void> {
  const bot = await startBot({}, {}, () => Promise.resolve(echoInference()));
  try {
    const member = bot.discord.addMember({ server: bot.discord.addServer() });
    const image = bot.discord.upload((await redCircle()).png, { name: 'circle.png' });
    const harms: string[] = [];
    let pinged = 0;
    for (const [index, text] of words.entries()) {
      const message = await (await send(member, image, text, index)).settled();
      const harm = harmIn(message);
      pinged += message.pinged.length;
      if (harm !== undefined) {
        harms.push(`${JSON.stringify(text)}: ${harm}`);
      }
    }
    tell('a message', harms);
    report.figure('of them sent to the bot, whose model repeats them', words.length, {
      goal: `more than ${WORDS * 0.9}`,
      met: words.length > WORDS * 0.9,
    });
    report.figure('members and roles pinged', pinged, { goal: '0', met: pinged === 0 });
    report.figure('messages that they broke, formatted or hid something in', harms.length, {
      goal: '0',
      met: harms.length === 0,
    });
    const { length: violations } = bot.discord.violations;
    report.figure("violations of Discord's rules", violations, { goal: '0', met: violations === 0 });
  } finally {
    await bot.close();
  }
}

/** Some are asked of the demo model. */
async function answerSome(words: readonly string[], report: TortureReport): Promise<void> {
  const ground = await HarmedBot.start(1, { entry: WORKER, execArgv: [] });
  try {
    const image = ground.bot.discord.upload((await redCircle()).png, { name: 'circle.png' });
    const harms: string[] = [];
    for (const [index, text] of words.entries()) {
      const interaction = await send(ground.members[0], image, text, index);
      await endingOf(interaction);
      const harm = harmIn(await interaction.settled());
      if (harm !== undefined) {
        harms.push(`${JSON.stringify(text)}: ${harm}`);
      }
    }
    tell('an answer', harms);
    report.figure(
      `of ${words.length} asked of the demo, ended in a harmless message`,
      words.length - harms.length,
      {
        goal: 'all',
        met: harms.length === 0,
      },
    );
  } finally {
    await ground.close();
  }
}

function send(member: Member, image: Attachment, words: string, index: number): Promise<Interaction> {
  switch (index % 3) {
    case 0:
      return member.slash('ask', { image, question: words });
    case 1:
      return member.slash('detect', { image, objects: words });
    default:
      return member.slash('segment', { image, objects: words });
  }
}

function tell(what: string, troubles: readonly string[]): void {
  for (const trouble of troubles.slice(0, 5)) {
    process.stderr.write(`${what}: ${trouble}\n`);
  }
}
