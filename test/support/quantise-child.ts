import { createHash } from 'node:crypto';
import { quantiseRows, type HowToQuantise } from '../../src/checkpoints/quantise-part.js';
import { quantisePart } from '../../src/checkpoints/quantise-threads.js';

/*
 * A process of its own, since threads begin as their process did, and the one that runs tests begins in its own way.
 * Prints, as JSON, digests of a large part quantised in a thread and on the spot, and whether it was given away.
 */

const COLUMNS = 1000;
const weights = (): Float32Array => Float32Array.from({ length: 400 * COLUMNS }, (_, i) => Math.sin(i * i));
const digests = (tensors: readonly Uint8Array[]): string[] =>
  tensors.map((tensor) => createHash('sha256').update(tensor).digest('hex'));

const ways: HowToQuantise[] = [
  { bits: 8, block: 128, columns: COLUMNS, storedColumns: 1024 },
  { bits: 4, columns: COLUMNS, block: 32 },
  { bits: 4, columns: COLUMNS, block: 128 },
];
const results: object[] = [];
for (const how of ways) {
  const given = weights();
  const inThread = digests(await quantisePart(given, how));
  results.push({ inThread, here: digests(quantiseRows(weights(), how)), left: given.length });
}
process.stdout.write(JSON.stringify(results));
