import { z } from 'zod';
import { LANGUAGES } from '../../task.js';

/** Discord lets a bot answer for this long after an interaction. Milliseconds. */
export const TOKEN_LIFE = 15 * 60_000;

const task = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('describe'), language: z.enum(LANGUAGES), length: z.enum(['short', 'long']) }),
  z.object({ kind: z.literal('ocr') }),
  z.object({ kind: z.literal('ask'), question: z.string(), language: z.enum(LANGUAGES) }),
  z.object({ kind: z.literal('detect'), objects: z.array(z.string()).readonly() }),
  z.object({ kind: z.literal('segment'), objects: z.array(z.string()).readonly() }),
]);

/** All that is needed to answer a request, also by another process than the one that took it; no picture. */
export const unansweredRequest = z.object({
  /** Of the interaction; these ids grow with time. */
  id: z.string(),
  applicationId: z.string(),
  /** Whoever has it may answer the interaction. */
  token: z.string(),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
  task,
  /** Where the picture can be downloaded; Discord's addresses live for about a day. */
  picture: z.object({ url: z.string(), spoiler: z.boolean() }),
  memberId: z.string(),
  serverId: z.string().nullable(),
  /** The member's, in Discord's words. */
  locale: z.string(),
  /** Bytes. */
  attachmentSizeLimit: z.number(),
  mayAttachFiles: z.boolean(),
  /** True where only the member sees the answer. */
  private: z.boolean(),
  /** True where the picture is on show already, and a copy of it would only repeat it. */
  pictureShown: z.boolean(),
  /** True where the words were typed into a form, which is gone once it is sent. */
  fromForm: z.boolean().optional(),
  /** How often the model has begun to work on it. */
  starts: z.number(),
});
export type UnansweredRequest = z.infer<typeof unansweredRequest>;
