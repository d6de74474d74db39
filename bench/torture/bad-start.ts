import { chmod, mkdir, mkdtemp, open, rm, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_MODEL } from '../../src/config.js';
import { copyDemo, DAMAGED_MODELS } from '../../test/support/damaged-models.js';
import { StrictDiscord } from '../../test/support/discord/strict-discord.js';
import { ordinaryUser } from '../../test/support/ordinary-user.js';
import { attemptStart, type StartAttempt } from '../../test/support/start-attempt.js';
import type { TortureSection } from './section.js';

/** As it was built. */
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PICTURE = join(DEMO_MODEL, 'samples/four-shapes.jpg');
/** What is told of the choice of provider, dtype and threads before a model is loaded. */
const CHOICE = /^(?:Provider|Dtype|Threads) /;

/** The disk is full, the model is damaged or somebody else's, a port is taken. */
export const badStart: TortureSection = {
  name: 'bad start',
  run: async (report) => {
    const discord = await StrictDiscord.start();
    const folder = await mkdtemp(join(tmpdir(), 'glimpse-torture-'));
    const settings = {
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      MONITORING_PORT: 'off',
    };
    try {
      await chmod(folder, 0o755);
      const refusals = [
        ...(await startDamaged(folder, settings)),
        ...(await startWithoutReading(folder, settings)),
        ...(await answerOntoFullDisk(folder)),
      ];
      for (const { name, attempt } of refusals.filter(({ attempt, said }) => !isMended(attempt, said))) {
        process.stderr.write(`${name}: status ${attempt.status ?? 'none'}, ${attempt.said.join('\n')}\n`);
      }
      const mended = refusals.filter(({ attempt, said }) => isMended(attempt, said)).length;
      report.figure('refused in one line with the mend, and status 2', mended, {
        goal: `all ${refusals.length}`,
        met: mended === refusals.length,
      });
      const served = await startWithoutAPart(settings);
      const online = served.filter((attempt) => attempt.online && attempt.status === 0).length;
      report.figure('online without the port that is taken, without the log on a full disk', online, {
        goal: `both of ${served.length}`,
        met: online === served.length,
      });
    } finally {
      await discord.close();
      await rm(folder, { recursive: true });
    }
  },
};

interface Refusal {
  readonly name: string;
  readonly attempt: StartAttempt;
  readonly said: RegExp;
}

function isMended({ status, said: lines }: StartAttempt, said: RegExp): boolean {
  const sentences = lines.filter((line) => !CHOICE.test(line));
  return status === 2 && sentences.length === 1 && said.test(sentences[0]);
}

async function startDamaged(parent: string, settings: Record<string, string>): Promise<Refusal[]> {
  const refusals: Refusal[] = [];
  for (const [index, { name, damage, said, forOthersOnly = false }] of DAMAGED_MODELS.entries()) {
    const folder = join(parent, `model-${index}`);
    await copyDemo(folder);
    await damage(folder);
    const attempt = await attemptStart({
      program: [CLI, 'start'],
      settings: { ...settings, MODEL: folder },
      ...(forOthersOnly && ordinaryUser !== undefined ? { user: ordinaryUser } : {}),
    });
    refusals.push({ name, attempt, said });
    await chmod(join(folder, 'onnx'), 0o755);
    await rm(folder, { recursive: true });
  }
  const missing = await attemptStart({
    program: [CLI, 'start'],
    settings: { ...settings, MODEL: join(parent, 'nowhere') },
  });
  refusals.push({ name: 'a folder that is not there', attempt: missing, said: /"glimpse model list" tells/ });
  return refusals;
}

/** The settings are not to be read. */
async function startWithoutReading(parent: string, settings: Record<string, string>): Promise<Refusal[]> {
  const cwd = join(parent, 'settings');
  await mkdir(join(cwd, '.env'), { recursive: true });
  const attempt = await attemptStart({ program: [CLI, 'start'], settings, cwd });
  return [{ name: 'a .env that is a folder', attempt, said: /^The file \.env can't be read/ }];
}

/** `/dev/full` is always full; Linux has it. */
async function answerOntoFullDisk(parent: string): Promise<Refusal[]> {
  const cwd = join(parent, 'full');
  await mkdir(cwd);
  await symlink('/dev/full', join(cwd, 'out.png'));
  const picture = await attemptStart({
    program: [CLI, 'detect', PICTURE, 'circle', '--out', 'out.png'],
    settings: {},
    cwd,
  });
  const full = await open('/dev/full', 'w');
  const answer = await attemptStart({ program: [CLI, 'describe', PICTURE], settings: {}, log: full.fd });
  await full.close();
  return [
    { name: 'a picture onto a full disk', attempt: lastLineOf(picture), said: /the disk is full\.$/ },
    { name: 'an answer onto a full disk', attempt: lastLineOf(answer), said: /the disk is full\.$/ },
  ];
}

/** Without the lines that tell how far it is. */
function lastLineOf(attempt: StartAttempt): StartAttempt {
  return { ...attempt, said: attempt.said.slice(-1) };
}

async function startWithoutAPart(settings: Record<string, string>): Promise<StartAttempt[]> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const taken = await attemptStart({
    program: [CLI, 'start'],
    settings: { ...settings, MONITORING_PORT: String(port) },
  });
  other.close();
  const full = await open('/dev/full', 'w');
  const logless = await attemptStart({ program: [CLI, 'start'], settings, log: full.fd });
  await full.close();
  return [taken, logless];
}
