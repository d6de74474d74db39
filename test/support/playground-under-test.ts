import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { DEMO_MODEL } from '../../src/config.js';
import { LocalInference } from '../../src/inference/local-inference.js';
import { PaliGemma } from '../../src/inference/paligemma/engine.js';
import { JobQueue } from '../../src/inference/queue.js';
import { createLogger } from '../../src/monitoring/log.js';
import { Metrics } from '../../src/monitoring/metrics.js';
import { Playground, type PlaygroundOptions } from '../../src/playground/playground.js';
import { HeldInference } from './held-inference.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A playground with the demo model in this process. */
export interface PlaygroundUnderTest {
  readonly playground: Playground;
  readonly address: string;
  /** What stands between the queue and the model. */
  readonly inference: HeldInference;
  /** The lines of the log, as JSON. */
  readonly logLines: string[];
  close(): Promise<void>;
}

export async function startPlayground(
  options: Partial<PlaygroundOptions> & Pick<PlaygroundOptions, 'pageFolder'>,
): Promise<PlaygroundUnderTest> {
  const logLines: string[] = [];
  const inference = new HeldInference(new LocalInference(await PaliGemma.load(DEMO_MODEL)));
  const queue = new JobQueue(inference, {
    limits: { waiting: 20, perRequester: 3, longestWaitMs: 60_000 },
  });
  const playground = await Playground.start({
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    inference: queue,
    model: { name: 'demo', runsOn: 'cpu, fp32', demo: true },
    limits: { pictureMebibytes: 1, shutdownSeconds: 5 },
    log: createLogger('debug', { write: (line: string) => logLines.push(line) }),
    metrics: new Metrics(),
    ...options,
  });
  return {
    playground,
    address: playground.address,
    inference,
    logLines,
    close: async () => {
      inference.release();
      await playground.stop();
      await queue.close();
    },
  };
}

/** The page, built from its sources as they are. */
export interface BuiltPage {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Builds the page as `npm run build` does, into a folder of its own. */
export async function buildPage(): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), 'glimpse-page-'));
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  await promisify(execFile)(npm, ['run', 'build:page', '--', `--outdir=${folder}`], { cwd: PROJECT });
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
