import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { memoryOf } from '../../support/decoding-worker.js';
import { redCircle } from '../../support/drawn-pictures.js';
import { startWorker } from '../../support/worker-start.js';

const MIB = 2 ** 20;
/** Seconds until V8 lets go of pixels by itself, on a busy machine too. */
const PATIENCE = 60;

/** Of 64 megapixels. */
async function largePicture(format: 'jpeg' | 'webp'): Promise<Uint8Array> {
  const picture = sharp({ create: { width: 8000, height: 8000, channels: 3, background: '#d8d8d0' } });
  return (format === 'jpeg' ? picture.jpeg({ progressive: true }) : picture.webp({ effort: 0 })).toBuffer();
}

// Others do not tell what a process takes, or have allocators that need no telling.
test.runIf(process.platform === 'linux')(
  'an idle worker gives back what large pictures took',
  async () => {
    const { worker } = await startWorker();
    onTestFinished(() => worker.close());
    const task = { kind: 'detect', objects: ['circle'] } as const;
    const { pid } = worker.description;
    await worker.submit({ picture: (await redCircle()).png, task });
    const { now: before } = await memoryOf(pid);
    for (const format of ['webp', 'jpeg'] as const) {
      const output = { always: true, longestSide: 2048 };
      await worker.submit({ picture: await largePicture(format), task, output });
    }
    const memory = async (): Promise<number> => (await memoryOf(pid)).now - before;
    for (let second = 0; second < PATIENCE && (await memory()) > 150 * MIB; second++) {
      await sleep(1000);
    }
    expect((await memoryOf(pid)).peak - before).toBeGreaterThan(150 * MIB);
    expect((await memory()) / MIB).toBeLessThanOrEqual(150);
  },
  120_000,
);
