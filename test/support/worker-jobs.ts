import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Job } from '../../src/inference/inference.js';

/** Lets Node run TypeScript as it is, in a worker too. */
export const UNDER_TSX = ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];

/** The worker without a model. */
export const SCRIPTED_ENTRY = fileURLToPath(new URL('worker-scripted.ts', import.meta.url));

/** A job for the worker without a model, which does what the question says. */
export function scripted(question: string, picture = new Uint8Array([1])): Job {
  return { picture, task: { kind: 'ask', question, language: 'en' } };
}
