/**
 * What Glimpse uses of @huggingface/tokenizers 0.2. Its own declarations import each other without file extensions,
 * which TypeScript does not resolve in an ES module, so that every type would be unknown.
 */
declare module '@huggingface/tokenizers' {
  export class Tokenizer {
    constructor(tokenizer: object, config: object);
    encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
    decode(
      ids: number[],
      options: { skip_special_tokens: boolean; clean_up_tokenization_spaces: boolean },
    ): string;
    token_to_id(token: string): number | undefined;
    get_added_tokens_decoder(): Map<number, { content: string; special: boolean }>;
  }
}
