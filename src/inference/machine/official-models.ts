/** What Google's mix checkpoints take of memory on the processor, stored in 4 bits by our converter. Bytes. */
const OFFICIAL_MODELS: Readonly<Record<string, number>> = {
  'paligemma2-10b-mix-448': 7.9e9,
  'paligemma2-10b-mix-224': 7.2e9,
  'paligemma2-3b-mix-448': 2.9e9,
  'paligemma2-3b-mix-224': 2.6e9,
};

/**
 * Those of the official models that fit, the best first.
 *
 * @param memory bytes that are free
 */
export function modelsThatFit(memory: number): string[] {
  return Object.entries(OFFICIAL_MODELS)
    .filter(([, needed]) => needed <= memory)
    .map(([name, needed]) => `${name} as q4 (${(needed / 1e9).toFixed(1)} GB)`);
}
