import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { UserError } from '../../errors.js';
import { isReserved, makeCleaner } from './user-words.js';

const vocabularySchema = z.object({
  model: z.object({ vocab: z.union([z.record(z.string(), z.number()), z.array(z.unknown())]) }),
});

/** Numbers of the tokens that a checkpoint gives a part in the prompt. */
interface PromptTokens {
  readonly image: number;
  readonly start: number;
  readonly lineBreak: number;
}

/** Words to tokens and back, by a checkpoint's `tokenizer.json`. */
export class PromptTokenizer {
  /** Takes the model's own tokens out of people's words. */
  readonly clean: (words: string) => string;
  readonly #tokenizer: Tokenizer;
  readonly #reservedTokens: ReadonlySet<number>;
  readonly #promptTokens: PromptTokens;
  /** Ids from there on have no name. */
  readonly vocabularyEnd: number;
  /** Ids before that which the model never says: `<image>`, and rows of its table that no token names. */
  readonly neverSaid: ReadonlySet<number>;

  /**
   * @param json the parsed `tokenizer.json`
   * @param config the parsed `tokenizer_config.json`
   * @param imageTokenId the number of `<image>`, where `config.json` names it
   * @throws {UserError} the tokenizer is none of a PaliGemma checkpoint
   */
  constructor(json: object, config: object, imageTokenId?: number) {
    try {
      this.#tokenizer = new Tokenizer(json, config);
    } catch (cause) {
      throw new UserError("The checkpoint's tokenizer.json can't be understood.", { cause });
    }
    const reserved = [...this.#tokenizer.get_added_tokens_decoder()].filter(([, token]) => isReserved(token));
    this.#reservedTokens = new Set(reserved.map(([id]) => id));
    this.clean = makeCleaner(reserved.map(([, token]) => token.content));
    const lineBreak = this.#encode('\n');
    if (lineBreak.length !== 1) {
      throw new UserError("The checkpoint's tokenizer has no token for a line break, which ends a prompt.");
    }
    this.#promptTokens = {
      image: imageTokenId ?? this.idOf('<image>'),
      start: this.idOf('<bos>'),
      lineBreak: lineBreak[0],
    };
    const named = new Set([...vocabularyIds(json), ...this.#tokenizer.get_added_tokens_decoder().keys()]);
    this.vocabularyEnd = [...named].reduce((highest, id) => Math.max(highest, id), -1) + 1;
    this.neverSaid = new Set(
      Array.from({ length: this.vocabularyEnd }, (_, id) => id).filter(
        (id) => id === this.#promptTokens.image || !named.has(id),
      ),
    );
  }

  /** The number of `<image>`, which stands for the picture in a prompt. */
  get imageTokenId(): number {
    return this.#promptTokens.image;
  }

  /**
   * A whole prompt as PaliGemma's processor lays it out: the picture's places, a start, the words, a line break.
   *
   * The line break is encoded by itself, as in training, so that no token can swallow it.
   *
   * @param imageTokens how many places the picture takes
   * @param prompt one line
   */
  promptIds(imageTokens: number, prompt: string): number[] {
    const words = this.#encode(prompt);
    // What cleaning let through would be ours to mend, but no word of a person may ever act as a token.
    if (words.some((id) => this.#reservedTokens.has(id))) {
      throw new UserError('The words hold a mark that only the model may use.', {
        mistake: { code: 'reservedWords' },
      });
    }
    const { image, start, lineBreak } = this.#promptTokens;
    return [...new Array<number>(imageTokens).fill(image), start, ...words, lineBreak];
  }

  /** Generated tokens as text; `<loc0001>` and `<seg001>` stay visible. A cut-off character at the end is left out. */
  decode(tokens: readonly number[]): string {
    if (tokens.length === 0) {
      return '';
    }
    const text = this.#tokenizer.decode([...tokens], {
      skip_special_tokens: true,
      clean_up_tokenization_spaces: false,
    });
    // A character of several byte tokens ends in U+FFFD until its last byte has come.
    return text.replace(/\uFFFD+$/, '');
  }

  /** @throws {UserError} there is no such token */
  idOf(token: string): number {
    const id = this.#tokenizer.token_to_id(token);
    if (id === undefined) {
      throw new UserError(`The checkpoint's tokenizer has no token ${token}: it is none of PaliGemma.`);
    }
    return id;
  }

  #encode(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids;
  }
}

/** Ids of the tokens that were not added, of a vocabulary that is a list or a map. */
function vocabularyIds(json: object): number[] {
  const { data } = vocabularySchema.safeParse(json);
  const vocabulary = data?.model.vocab ?? [];
  return Array.isArray(vocabulary) ? vocabulary.map((_, id) => id) : Object.values(vocabulary);
}
