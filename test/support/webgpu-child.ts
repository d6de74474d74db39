import { readFile } from 'node:fs/promises';
import { InferenceSession } from 'onnxruntime-node';
import { openCheckpointFolder } from '../../src/inference/paligemma/checkpoint-folder.js';
import { PaliGemma } from '../../src/inference/paligemma/engine.js';
import type { Task } from '../../src/task.js';

/*
 * A process of its own, since it decides by its environment which graphics card Vulkan shows it.
 *
 * - `answers FOLDER PICTURE TASK` asks the same on the processor and on the card and prints both answers as JSON.
 * - `placements FOLDER` opens the decoder with all that ONNX Runtime has to say of it on standard error.
 */

const [command, folder, picture, task] = process.argv.slice(2);
if (command === 'answers') {
  const answers: unknown[] = [];
  for (const provider of ['cpu', 'webgpu'] as const) {
    const engine = await PaliGemma.load(folder, { provider });
    const answer = await engine.answer(await readFile(picture), JSON.parse(task) as Task);
    const { text, detections, finish, timings } = answer;
    const boxes = detections.map(({ label, box }) => ({ label, box }));
    answers.push({ text, boxes, finish, tokens: timings.tokens });
    await engine.close();
  }
  process.stdout.write(`${JSON.stringify(answers)}\n`);
} else {
  const { decoder, splitCacheDecoder } = await openCheckpointFolder(folder);
  await InferenceSession.create(splitCacheDecoder ?? decoder, {
    executionProviders: ['webgpu'],
    logSeverityLevel: 0,
  });
}
// A graphics driver's threads would keep the process alive.
process.exit();
