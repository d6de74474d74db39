import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { convertCheckpoint } from '../../../src/checkpoints/convert.js';
import { DEMO_MODEL } from '../../../src/config.js';
import type { Dtype } from '../../../src/task.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A graphics card in software, which chromium brings along: it computes as real ones do, only slowly. */
const SOFTWARE_CARD = '/usr/lib/chromium/vk_swiftshader_icd.json';
const CHILD = fileURLToPath(new URL('../../support/webgpu-child.ts', import.meta.url));

async function onSoftwareCard(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, ['--import', 'tsx', CHILD, ...args], {
    env: { ...process.env, VK_DRIVER_FILES: SOFTWARE_CARD },
    maxBuffer: 64 << 20,
  });
}

async function demoAs(dtype: Dtype): Promise<string> {
  const to = join(await temporaryFolder(), dtype);
  await convertCheckpoint({ from: DEMO_MODEL, to, dtype });
  return to;
}

const available = existsSync(SOFTWARE_CARD);
if (!available) {
  console.warn(
    "Skipped: WebGPU on a graphics card in software. It needs Debian's packages chromium and libvulkan1.",
  );
}

// The continuous integration installs what is needed, so that nothing is skipped there.
describe.skipIf(!available && process.env.CI === undefined)(
  'on a graphics card',
  { timeout: 300_000 },
  () => {
    test.each(['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const)(
      'every node of a decoder in %s is placed',
      async (dtype) => {
        const { stderr } = await onSoftwareCard('placements', await demoAs(dtype));
        expect(stderr.match(/\w+(?:\(s\))? placed on \[\w+\]/g)).toEqual([
          'nodes placed on [WebGpuExecutionProvider]',
        ]);
      },
    );

    test('the tokens are those of the processor', async () => {
      const picture = join(DEMO_MODEL, 'samples', 'star-diamond-square.jpg');
      const task = JSON.stringify({ kind: 'detect', objects: ['star'] });
      const { stdout } = await onSoftwareCard('answers', await demoAs('q8'), picture, task);
      const [onProcessor, onCard] = JSON.parse(stdout) as unknown[];
      expect(onProcessor).toMatchObject({ text: 'star', finish: 'complete' });
      expect(onCard).toEqual(onProcessor);
    });
  },
);
