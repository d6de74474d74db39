import { once } from 'node:events';
import { chmod, mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { DEMO_MODEL } from '../../src/config.js';
import { UserError } from '../../src/errors.js';
import { PaliGemma } from '../../src/inference/paligemma/engine.js';
import { copyDemo, DAMAGED_MODELS } from '../support/damaged-models.js';
import { StrictDiscord } from '../support/discord/strict-discord.js';
import { asOrdinaryUser, hasPermissions } from '../support/ordinary-user.js';
import { cliArguments, runCli } from '../support/run-cli.js';
import { attemptStart, type StartAttempt, type StartAttemptOptions } from '../support/start-attempt.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PICTURE = join(DEMO_MODEL, 'samples/four-shapes.jpg');

let discord: StrictDiscord;

beforeAll(async () => {
  discord = await StrictDiscord.start();
});

afterAll(async () => {
  await discord.close();
});

async function attempt(
  settings: Readonly<Record<string, string>>,
  options: Partial<StartAttemptOptions> = {},
): Promise<StartAttempt> {
  return attemptStart({
    program: cliArguments('start'),
    settings: {
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      MONITORING_PORT: 'off',
      ...settings,
    },
    ...options,
  });
}

describe('a model that can not be loaded is told in one line with the mend', () => {
  test.each(DAMAGED_MODELS)('$name', async ({ damage, said, forOthersOnly = false }) => {
    if (forOthersOnly && !hasPermissions) {
      console.log('Skipped: this system does not keep files from anybody.');
      return;
    }
    const folder = await temporaryFolder();
    await copyDemo(folder);
    await chmod(folder, 0o755);
    await damage(folder);
    onTestFinished(() => chmod(join(folder, 'onnx'), 0o755));
    const error: unknown = await asOrdinaryUser(() => PaliGemma.load(folder)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(said);
    expect((error as UserError).message).not.toContain('\n');
  });

  test('and ends the start with status 2', async () => {
    const { online, status, said } = await attempt({ MODEL: await temporaryFolder() });
    expect({ online, status, lines: said.length }).toEqual({ online: false, status: 2, lines: 1 });
    expect(said[0]).toContain('is no checkpoint folder');
    expect(said[0]).toContain('"glimpse model list" tells which models are there.');
  });
});

test('a .env that can not be read is told, and not taken as one without settings', async () => {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, '.env'));
  const { status, said } = await attempt({}, { cwd });
  expect(said).toEqual(["The file .env can't be read: it is a folder."]);
  expect(status).toBe(2);
});

test('what is no setting in a .env is refused, with the name that was meant, before anything is started', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, '.env'), 'ALLOWED_SERVER=81384788765712384\nNODE_ENV=production\nSTORE=off\n');
  const { status, said } = await attempt({}, { cwd });
  expect(said).toEqual([
    'ALLOWED_SERVER in .env is no setting of Glimpse. Did you mean ALLOWED_SERVERS?',
    'NODE_ENV in .env is no setting of Glimpse. The file .env.example lists all settings.',
  ]);
  expect(status).toBe(2);
});

test('a .env that Windows PowerShell has written is read, and an empty variable takes nothing out of it', async () => {
  const cwd = await temporaryFolder();
  const text = '\ufeffDENIED_MEMBERS=nobody\r\n';
  await writeFile(join(cwd, '.env'), Buffer.from(text, 'utf16le'));
  const { status, said } = await attempt({ DENIED_MEMBERS: '' }, { cwd });
  expect(said).toEqual([
    'DENIED_MEMBERS must be a list of ids such as 81384788765712384, separated by commas.',
  ]);
  expect(status).toBe(2);
});

test('where its port is taken, the bot runs without being watched, and says so', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { online, status, logged } = await attempt({ MONITORING_PORT: String(port) });
  expect({ online, status }).toEqual({ online: true, status: 0 });
  expect(logged.filter((line) => line.includes(`Port ${port} of 127.0.0.1 is taken.`))).toHaveLength(1);
});

// Linux has a file that is always full.
describe.runIf(process.platform === 'linux')('on a full disk', () => {
  test('the bot runs without its log', async () => {
    const full = await open('/dev/full', 'w');
    onTestFinished(() => full.close());
    const { online, status } = await attempt({}, { log: full.fd });
    expect({ online, status }).toEqual({ online: true, status: 0 });
  });

  test('a picture that can not be written is told in one line, with status 2', async () => {
    const folder = await temporaryFolder();
    await symlink('/dev/full', join(folder, 'out.png'));
    const { status, stderr } = await runCli(['detect', PICTURE, 'circle', '--out', 'out.png'], folder);
    expect(stderr).toContain('out.png could not be written: the disk is full.\n');
    expect(status).toBe(2);
  });

  test('and its answer is there all the same, in words and as JSON, where no picture is claimed', async () => {
    const folder = await temporaryFolder();
    await symlink('/dev/full', join(folder, 'out.png'));
    const args = ['detect', PICTURE, 'circle', '--out', 'out.png'];
    const words = await runCli(args, folder);
    expect(words.stdout).toMatch(/^circle: from \d+, \d+ to \d+, \d+\n$/);
    const json = await runCli([...args, '--json'], folder);
    const answer = JSON.parse(json.stdout) as { detections: object[]; picture?: object };
    expect(answer.detections).toHaveLength(1);
    expect(answer.picture).toBeUndefined();
    expect(json.status).toBe(2);
  });

  test('an answer that can not be written is told in one line, with status 2', async () => {
    const full = await open('/dev/full', 'w');
    onTestFinished(() => full.close());
    const { status, said } = await attemptStart({
      program: cliArguments('describe', PICTURE),
      settings: {},
      log: full.fd,
    });
    expect(said.at(-1)).toBe('The answer could not be written: the disk is full.');
    expect(status).toBe(2);
  });
});
