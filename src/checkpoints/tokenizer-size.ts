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
  const parsed = tokenizerSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError("The checkpoint's tokenizer.json can't be understood.", { cause: parsed.error });
  }
  const { added_tokens: added, model } = parsed.data;
  const ids = Array.isArray(model.vocab) ? [model.vocab.length - 1] : Object.values(model.vocab);
  let highest = -1;
  for (const id of [...ids, ...added.map((token) => token.id)]) {
    if (id !== imageTokenId) {
      highest = Math.max(highest, id);
    }
  }
  return highest + 1;
}
