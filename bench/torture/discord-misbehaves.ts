import { PermissionFlagsBits } from 'discord.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../../test/support/bot-process.js';
import type { Channel, Interaction } from '../../test/support/discord/strict-discord.js';
import { Ground, isAnswered } from './ground.js';
import type { TortureSection } from './section.js';

const FIRST_RESPONSE = { method: 'POST', route: /callback/ };
const EDIT = { method: 'PATCH', route: /@original/ };
const AT_ONCE = 5;
const WITHIN = { timeoutMs: 60_000 };
const MOST_INVALID = 50;
/** What the bot still says after it has noted an end. Milliseconds. */
const AFTERMATH = 2000;

/** Discord limits, fails, cuts off, and forgets what it was told. */
export const discordMisbehaves: TortureSection = {
  name: 'Discord misbehaves',
  run: async (report) => {
    const ground = await Ground.open(AT_ONCE);
    try {
      for (const { name, begin, over } of MISFORTUNES) {
        begin(ground);
        const isOver = over?.(ground);
        const asked = await askAll(ground);
        await ended(ground, asked);
        await isOver;
        const delivered = asked.filter(
          (interaction) => isAnswered(interaction) && hasOnePicture(interaction),
        ).length;
        report.figure(`answers delivered, of ${AT_ONCE}: ${name}`, delivered, {
          goal: 'all',
          met: delivered === AT_ONCE,
        });
      }
      await forbidden(ground, report);
      await deleted(ground, report);
      await forgotten(ground, report);
      const { invalidRequests, violations } = ground.discord;
      report.figure('invalid requests in all', invalidRequests, {
        goal: `fewer than ${MOST_INVALID}`,
        met: invalidRequests < MOST_INVALID,
      });
      report.figure("violations of Discord's rules", violations.length, {
        goal: '0',
        met: violations.length === 0,
      });
    } finally {
      await ground.close();
    }
  },
};

interface Misfortune {
  readonly name: string;
  readonly begin: (ground: Ground) => void;
  /** Resolves when all is well again; left out where it is with the last answer. */
  readonly over?: (ground: Ground) => Promise<unknown>;
}

/** What happens to the next requests, and takes nothing away from what can be delivered. */
const MISFORTUNES: readonly Misfortune[] = [
  {
    name: 'limited for 12 s (429)',
    begin: ({ discord }) => {
      discord.failNext(
        { ...EDIT, times: AT_ONCE },
        {
          status: 429,
          headers: { 'retry-after': '12', 'x-ratelimit-scope': 'shared' },
          body: { message: 'You are being rate limited.', retry_after: 12, global: false },
        },
      );
    },
  },
  {
    name: 'Discord fails 25 times in a row (500, 502, 503)',
    begin: ({ discord }) => {
      for (const [status, times] of [
        [500, 10],
        [502, 10],
        [503, 5],
      ] as const) {
        discord.failNext({ ...EDIT, times }, { status, body: 'upstream connect error' });
      }
    },
  },
  {
    name: 'Discord fails 10 times to take a first response (503)',
    begin: ({ discord }) => {
      discord.failNext({ ...FIRST_RESPONSE, times: 10 }, { status: 503, body: 'upstream connect error' });
    },
  },
  {
    name: '15 connections dropped in the middle of a request',
    begin: ({ discord }) => {
      discord.failNext({ ...EDIT, times: 15 }, 'drop the connection');
    },
  },
  {
    name: 'Discord does as told 10 times, but its answer is lost',
    begin: ({ discord }) => {
      discord.failNext({ ...FIRST_RESPONSE, times: AT_ONCE }, 'lose the answer');
      discord.failNext({ ...EDIT, times: AT_ONCE }, 'lose the answer');
    },
  },
  {
    name: 'the gateway is cut, and resumes',
    begin: ({ discord }) => {
      setTimeout(() => void discord.dropGateway({ resumable: true }), 100);
    },
    over: ({ bot }) => bot.nextLine(({ msg }) => msg === 'connected to Discord again'),
  },
  {
    name: 'the gateway is cut, and begins anew',
    begin: ({ discord }) => {
      setTimeout(() => void discord.dropGateway({ resumable: false }), 100);
    },
    over: ({ bot }) => bot.nextLine(({ msg }) => msg === 'connected to Discord'),
  },
];

async function askAll({ members, picture }: Ground, channel?: Channel): Promise<Interaction[]> {
  return Promise.all(
    members.map((member) =>
      member.slash(
        'detect',
        { image: picture, objects: 'circle' },
        ...(channel === undefined ? [] : [{ channel }]),
      ),
    ),
  );
}

type Report = Parameters<TortureSection['run']>[0];

/** The right to attach files is taken away while the model works: the answer comes in words. */
async function forbidden(ground: Ground, report: Report): Promise<void> {
  const channel = ground.server.addChannel();
  const asked = await whileTheModelStands(ground, channel, () => {
    channel.appPermissions &= ~PermissionFlagsBits.AttachFiles;
  });
  await Promise.allSettled(asked.map((interaction) => interaction.settled(WITHIN)));
  const delivered = asked.filter(isAnswered).length;
  report.figure(`answers delivered, of ${AT_ONCE}: files may no longer be attached (403)`, delivered, {
    goal: 'all',
    met: delivered === AT_ONCE,
  });
}

/** A moderator deletes the message before the answer is there: its member is told alone, once. */
async function deleted(ground: Ground, report: Report): Promise<void> {
  const asked = await whileTheModelStands(ground, undefined, ({ original }) => {
    if (original !== undefined) {
      ground.discord.deleteMessage(original);
    }
  });
  await ended(ground, asked);
  await sleep(AFTERMATH);
  const told = asked.filter(({ followUps }) => followUps.length === 1).length;
  report.figure(`told alone, of ${AT_ONCE} whose message was deleted`, told, {
    goal: 'all',
    met: told === AT_ONCE,
  });
}

/** All ask, something happens to each of them, and only then does the model go on. */
async function whileTheModelStands(
  ground: Ground,
  channel: Channel | undefined,
  happen: (interaction: Interaction) => void,
): Promise<Interaction[]> {
  const { bot } = ground;
  process.kill(bot.worker, 'SIGSTOP');
  const asked = await askAll(ground, channel);
  await Promise.all(asked.map(({ acknowledged }) => acknowledged));
  asked.forEach(happen);
  process.kill(bot.worker, 'SIGCONT');
  return asked;
}

/** Discord knows the interactions no longer: that is no reason to ask again. */
async function forgotten(ground: Ground, report: Report): Promise<void> {
  const { discord } = ground;
  discord.failNext(
    { ...EDIT, times: AT_ONCE },
    { status: 404, body: { message: 'Unknown Webhook', code: 10_015 } },
  );
  const asked = await askAll(ground);
  await ended(ground, asked);
  await sleep(AFTERMATH);
  const requests = discord.requests.filter(({ route }) =>
    asked.some(({ token }) => route.includes(`webhooks/`) && route.includes(token)),
  );
  report.figure(`requests for ${AT_ONCE} webhooks that are gone (404)`, requests.length, {
    goal: 'one each',
    met: requests.length === AT_ONCE,
  });
}

function hasOnePicture({ original }: Interaction): boolean {
  return original?.attachments.length === 1;
}

/** Resolves when the bot has done with all of these, whatever came of them, or when that takes too long. */
async function ended(ground: Ground, asked: readonly Interaction[]): Promise<void> {
  await Promise.race([allEnded(ground, asked), sleep(WITHIN.timeoutMs, undefined, { ref: false })]);
}

async function allEnded({ bot }: Ground, asked: readonly Interaction[]): Promise<void> {
  const isEnd = ({ interaction, msg }: LogLine): boolean =>
    asked.some(({ id }) => id === interaction) && /was answered|ended without|failed/.test(String(msg));
  while (new Set(bot.lines.filter(isEnd).map(({ interaction }) => interaction)).size < asked.length) {
    await bot.nextLine(isEnd);
  }
}
