import sharp from 'sharp';
import { DEMO_MODEL, type Config } from '../../config.js';
import { openInference } from '../open-inference.js';
import type { Check } from './finding.js';

/** The picture of the self-test: a red circle on light grey. */
const SELF_TEST =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">' +
  '<rect width="320" height="240" fill="#dddddd"/><circle cx="160" cy="120" r="70" fill="#d81e1e"/></svg>';
const QUESTION = 'what color is the circle?';
const EXPECTED = 'red';

/** Loads the model and asks it about a picture whose answer is known. */
export function modelCheck(config: Config): Check {
  return {
    name: 'Model',
    look: async () => {
      const started = performance.now();
      const inference = await openInference(config);
      try {
        const loaded = performance.now();
        const picture = await sharp(Buffer.from(SELF_TEST)).png().toBuffer();
        const { text } = await inference.submit({
          picture,
          task: { kind: 'ask', question: QUESTION, language: 'en' },
        });
        const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
        const says =
          `${config.model} on ${config.provider}: loaded in ${seconds(started, loaded)}, ` +
          `answers "${text}" about a red circle in ${seconds(loaded, performance.now())}.`;
        if (text.trim().toLowerCase() !== EXPECTED) {
          return {
            verdict: 'problem',
            says,
            mend: 'The files may be damaged, or the provider computes wrongly: try PROVIDER=cpu, or convert again.',
          };
        }
        return config.model === DEMO_MODEL
          ? { verdict: 'note', says, mend: 'This is the demo, which knows drawn shapes only: set MODEL.' }
          : { verdict: 'ok', says };
      } finally {
        await inference.close();
      }
    },
  };
}
