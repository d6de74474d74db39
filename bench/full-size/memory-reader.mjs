import { Buffer } from 'node:buffer';
import { parentPort, workerData } from 'node:worker_threads';

/*
 * A thread that looks through its part of a memory for a byte that is not there, each time that it is asked. JavaScript,
 * since threads do not inherit what lets this process read TypeScript.
 */

const { memory, start, length, absent } = workerData;
const part = Buffer.from(memory, start, length);
parentPort.on('message', () => {
  parentPort.postMessage(part.indexOf(absent));
});
parentPort.postMessage('ready');
