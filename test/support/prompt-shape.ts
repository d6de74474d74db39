import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEMO_MODEL } from '../../src/config.js';
import { UserError } from '../../src/errors.js';
import { phrasingsOf } from '../../src/inference/paligemma/prompt.js';
import { PromptTokenizer } from '../../src/inference/paligemma/tokenizer.js';
import type { Task } from '../../src/task.js';

const PICTURE_TOKENS = 4;

/** How the prompts of each task begin. */
const BEGINNINGS: Readonly<Record<'ask' | 'detect' | 'segment', RegExp>> = {
  ask: /^(?:answer en |(?!(?:answer|cap|caption|describe|detect|ocr|question|segment)\b))/i,
  detect: /^detect /,
  segment: /^(?:segment|detect) /,
};

/** Says what is wrong with the prompts that words become. */
export class PromptShape {
  readonly #tokenizer: PromptTokenizer;
  /** Tokens that are more than a piece of a word. */
  readonly #added: ReadonlySet<number>;
  readonly #lineBreak: number;

  private constructor(json: TokenizerJson, config: object) {
    this.#tokenizer = new PromptTokenizer(json, config);
    this.#added = new Set(json.added_tokens.map(({ id }) => id));
    this.#lineBreak = this.#tokenizer.idOf('\n');
  }

  /** With the demo's tokenizer, whose added tokens are PaliGemma's. */
  static async ofDemo(): Promise<PromptShape> {
    const [json, config] = await Promise.all(
      ['tokenizer.json', 'tokenizer_config.json'].map(
        async (name) => JSON.parse(await readFile(join(DEMO_MODEL, name), 'utf8')) as object,
      ),
    );
    return new PromptShape(json as TokenizerJson, config);
  }

  /**
   * A prompt is the picture, a start, words that are no tokens of the model, and one line break; it begins as those of
   * its task do.
   *
   * @returns undefined where nothing is wrong, or where the words are refused in a sentence
   */
  faultOf(task: Task & { readonly kind: keyof typeof BEGINNINGS }): string | undefined {
    try {
      for (const { prompt } of phrasingsOf(task, this.#tokenizer.clean)) {
        const ids = this.#tokenizer.promptIds(PICTURE_TOKENS, prompt);
        const words = ids.slice(PICTURE_TOKENS + 1, -1);
        if (ids.at(-1) !== this.#lineBreak || words.includes(this.#lineBreak)) {
          return 'it does not end where its one line ends';
        }
        if (words.some((id) => this.#added.has(id))) {
          return 'a word of it is a token of the model';
        }
        if (!BEGINNINGS[task.kind].test(prompt)) {
          return `it is one of another task: ${prompt.slice(0, 40)}`;
        }
      }
      return undefined;
    } catch (error) {
      return error instanceof UserError && error.mistake !== undefined ? undefined : String(error);
    }
  }
}

interface TokenizerJson {
  readonly added_tokens: readonly { readonly id: number }[];
}
