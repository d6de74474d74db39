import { fileURLToPath } from 'node:url';
import { StrictDiscord, type Interaction } from '../../test/support/discord/strict-discord.js';
import { attemptStart, type StartAttempt } from '../../test/support/start-attempt.js';
import { Ground, isAnswered } from './ground.js';
import type { TortureSection } from './section.js';

/** As it was built. */
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const AT_ONCE = 5;
/** After these a client may come back. */
const PASSING = [1000, 1001, 1006, 1011, 1012, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009];
/** After these it may not, with the status that it has to end with: 1 where a new start may do. */
const FINAL = new Map([
  [4004, 2],
  [4010, 1],
  [4011, 1],
  [4012, 2],
  [4013, 2],
  [4014, 2],
]);
/** For an answer. Milliseconds. */
const WITHIN = 60_000;
/** For a bot to start and to end. Milliseconds. */
const PATIENCE = 60_000;

/** Discord closes the connection to its gateway, with every code that there is. */
export const gatewayCloses: TortureSection = {
  name: 'gateway closes',
  run: async (report) => {
    const ground = await Ground.open(AT_ONCE);
    try {
      let delivered = 0;
      for (const code of PASSING) {
        delivered += await answersWhileClosed(ground, code);
      }
      const asked = PASSING.length * AT_ONCE;
      report.figure(`answers delivered, of ${asked}: closed with one of ${PASSING.length} codes`, delivered, {
        goal: 'all',
        met: delivered === asked,
      });
      const { violations } = ground.discord;
      report.figure("violations of Discord's rules", violations.length, {
        goal: '0',
        met: violations.length === 0,
      });
    } finally {
      await ground.close();
    }
    let ended = 0;
    for (const [code, status] of FINAL) {
      const attempt = await startAndClose(code);
      const isEnded = attempt.status === status && isSentence(attempt);
      ended += isEnded ? 1 : 0;
      if (!isEnded) {
        process.stderr.write(`${code}: status ${attempt.status ?? 'none'}, ${attempt.said.join('\n')}\n`);
      }
    }
    report.figure(`ended with a sentence and its status, of ${FINAL.size}: closed for good`, ended, {
      goal: 'all',
      met: ended === FINAL.size,
    });
  },
};

/** All ask, and the connection is closed in the middle of it. */
async function answersWhileClosed({ bot, discord, members, picture }: Ground, code: number): Promise<number> {
  const again = bot.nextLine(({ msg }) => String(msg).startsWith('connected to Discord'));
  const asked = await Promise.all(
    members.map((member) => member.slash('detect', { image: picture, objects: 'circle' })),
  );
  await Promise.all(asked.map(({ acknowledged }) => acknowledged));
  await discord.closeGateway(code);
  await again;
  await Promise.all(asked.map((interaction) => answered(interaction)));
  return asked.filter(isAnswered).length;
}

async function answered(interaction: Interaction): Promise<void> {
  await interaction.settled({ timeoutMs: WITHIN }).catch(() => undefined);
}

/** What came of a bot whose connection is closed for good. */
async function startAndClose(code: number): Promise<StartAttempt> {
  const discord = await StrictDiscord.start();
  try {
    return await attemptStart({
      program: [CLI, 'start'],
      settings: {
        DISCORD_TOKEN: discord.token,
        DISCORD_API_URL: discord.apiUrl,
        MONITORING_PORT: 'off',
        STORE: 'off',
      },
      onceOnline: () => void discord.closeGateway(code),
      killAfterMs: PATIENCE,
    });
  } finally {
    await discord.close();
  }
}

/** Its last line says why, and nothing looks like a fault of ours. */
function isSentence({ said }: StartAttempt): boolean {
  return /^Discord .*\.$/.test(said.at(-1) ?? '') && !said.some((line) => line.includes('fault of Glimpse'));
}
