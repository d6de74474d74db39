import { DEMO_MODEL, type Config } from '../../config.js';
import { canListGraphicsCards } from '../../inference/machine/graphics-cards.js';
import { chooseModel } from '../chosen-model.js';
import { openInference } from '../open-inference.js';
import type { Check, Finding } from './finding.js';

/** The picture of the self-test: a red circle on light grey. */
const SELF_TEST =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">' +
  '<rect width="320" height="240" fill="#dddddd"/><circle cx="160" cy="120" r="70" fill="#d81e1e"/></svg>';
const QUESTION = 'what color is the circle?';
const EXPECTED = 'red';

/** How the model is to be run on this machine, and why not in a better way. */
export function choiceCheck(config: Config): Check {
  return {
    name: 'Choice',
    look: async () => {
      const { provider, reasons } = await chooseModel(config);
      const finding = { verdict: 'ok', says: reasons.join(' ') } as const;
      return provider !== 'cpu' || config.provider === 'cpu' || (await canListGraphicsCards())
        ? finding
        : {
            ...finding,
            verdict: 'note',
            mend: 'The program lspci, which lists graphics cards, is not there; on Debian and Ubuntu: apt install pciutils',
          };
    },
  };
}

/** Loads the model and asks it about a picture whose answer is known. */
export function modelCheck(config: Config): Check {
  return {
    name: 'Model',
    look: async () => {
      // Loaded here: it has a native part, which may not be there.
      const { default: sharp } = await import('sharp');
      const started = performance.now();
      const used: string[] = [];
      let refusal: string | undefined;
      const inference = await openInference(config, {
        onChoice: ({ provider }) => used.push(provider),
        onFallback: (why, { provider }) => {
          refusal = why;
          used.push(provider);
        },
      });
      try {
        const loaded = performance.now();
        const picture = await sharp(Buffer.from(SELF_TEST)).png().toBuffer();
        const { text } = await inference.submit({
          picture,
          task: { kind: 'ask', question: QUESTION, language: 'en' },
        });
        const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`;
        const says =
          `${config.model} on ${used.at(-1) ?? ''}: loaded in ${seconds(started, loaded)}, ` +
          `answers "${text}" about a red circle in ${seconds(loaded, performance.now())}.`;
        return findingOf(text, says, refusal, config);
      } finally {
        await inference.close();
      }
    },
  };
}

function findingOf(text: string, says: string, refusal: string | undefined, { model }: Config): Finding {
  if (text.trim().toLowerCase() !== EXPECTED) {
    return {
      verdict: 'problem',
      says,
      mend: 'The files may be damaged, or the provider computes wrongly: try PROVIDER=cpu, or convert again.',
    };
  }
  if (refusal !== undefined) {
    const mend = `${refusal} On Linux the card's Vulkan driver must be installed (vulkaninfo shows it).`;
    return { verdict: 'note', says, mend };
  }
  return model === DEMO_MODEL
    ? { verdict: 'note', says, mend: 'This is the demo, which knows drawn shapes only: set MODEL.' }
    : { verdict: 'ok', says };
}
