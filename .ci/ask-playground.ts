/* What the README tells a newcomer: `npm start` opens the playground; one task is asked there, and SIGTERM ends it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskState } from '../src/playground/interface.js';

/** The line of the log that says that all is there. */
interface Ready {
  readonly playground: string;
  readonly pid: number;
}

const PATIENCE = 120_000;

const npm = spawn('npm', ['start'], { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(npm, 'exit');
const tooLate = sleep(PATIENCE, undefined, { ref: false }).then((): never => {
  throw new Error('The playground took too long.');
});
const failed = ended.then((): never => {
  throw new Error('npm start ended by itself.');
});

const { playground, pid } = await Promise.race([readyLine(npm.stdout), failed, tooLate]);
try {
  const found = await Promise.race([
    detect(playground, 'models/demo/samples/star-diamond-square.jpg', ['star', 'diamond']),
    tooLate,
  ]);
  if (found.join() !== 'star,diamond') {
    throw new Error(`Found ${found.join(', ')}, and not a star and a diamond.`);
  }
} finally {
  // Not to npm, whose shell keeps the signal to itself.
  process.kill(pid, 'SIGTERM');
}
const [status] = (await Promise.race([ended, tooLate])) as [number | null];
if (status !== 0) {
  throw new Error(`After SIGTERM, npm start ended with status ${String(status)}.`);
}

async function readyLine(output: NodeJS.ReadableStream): Promise<Ready> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      console.log(line);
      if (line.includes('"msg":"ready"')) {
        resolve(JSON.parse(line) as Ready);
      }
    });
  });
}

/** The labels of the objects that were found. */
async function detect(address: string, file: string, objects: string[]): Promise<string[]> {
  const form = new FormData();
  form.set('task', JSON.stringify({ kind: 'detect', objects }));
  form.set('picture', new Blob([await readFile(file)]), 'picture.jpg');
  const given = await fetch(`${address}/api/tasks`, { method: 'POST', body: form });
  const { id } = (await given.json()) as TaskState;
  // The stream ends with the task.
  await (await fetch(`${address}/api/tasks/${id}/events`)).text();
  const state = (await (await fetch(`${address}/api/tasks/${id}`)).json()) as TaskState;
  return state.state === 'answered' ? state.answer.detections.map(({ label }) => label) : [];
}
