import { z } from 'zod';
import { UserError } from '../errors.js';

const tokenId = z.number().int().nonnegative();

const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ id: tokenId })).default([]),
  model: z.object({ vocab: z.union([z.record(z.string(), tokenId), z.array(z.unknown())]) }),
});

/**
 * How many ids the tokenizer can write or read, `<image>` excepted: 257152 officially. Rows of the language
 * model's head from there on pad it, hold random numbers and mean nothing.
 *
 * @param json the parsed `tokenizer.json`
 * @throws {UserError} it is no tokenizer
 */
export function tokenizerSize(json: unknown, imageTokenId: number): number {
  let highest = -1;
  for (const id of namedIds(json)) {
    if (id !== imageTokenId) {
      highest = Math.max(highest, id);
    }
  }
  return highest + 1;
}

/** A table is padded to a multiple of this many rows. */
const PADDED_TO = 64;

/**
 * What a fine-tune's owner should know when its tokenizer and its table of tokens do not belong together.
 *
 * @param json the parsed `tokenizer.json`
 */
export function vocabularyWarnings(
  json: unknown,
  {
    imageTokenId,
    text,
  }: { readonly imageTokenId: number; readonly text: { readonly vocabularySize: number } },
): string[] {
  const named = new Set([...namedIds(json), imageTokenId]);
  const rows = text.vocabularySize;
  const without = [...named].filter((id) => id >= rows && id !== imageTokenId).length;
  const unnamed = rows - [...named].filter((id) => id < rows).length;
  return [
    ...(unnamed >= PADDED_TO
      ? [
          `${unnamed} of the model's ${rows} tokens have no name in its tokenizer.json, and it will never say them: if ` +
            'tokens were added when it was fine-tuned, take the tokenizer that was saved with it.',
        ]
      : []),
    ...(without > 0
      ? [
          `${without} tokens of tokenizer.json are unknown to the model, which has ${rows}: take the tokenizer that was ` +
            'saved with it.',
        ]
      : []),
  ];
}

function namedIds(json: unknown): number[] {
  const parsed = tokenizerSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError("The checkpoint's tokenizer.json can't be understood.", { cause: parsed.error });
  }
  const { added_tokens: added, model } = parsed.data;
  const ids = Array.isArray(model.vocab) ? model.vocab.map((_, id) => id) : Object.values(model.vocab);
  return [...ids, ...added.map((token) => token.id)];
}
