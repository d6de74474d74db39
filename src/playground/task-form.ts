import { Busboy } from '@fastify/busboy';
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { z } from 'zod';
import type { Job } from '../inference/inference.js';
import { modelLanguageOfTag } from '../locales/language-tags.js';
import { splitObjects, type Task } from '../task.js';
import { Refusal } from './problems.js';

/** A task's words; what is too long for the model is told by the model. Bytes. */
const LARGEST_FIELD = 16 * 1024;
/** Boundaries, headers and the fields beside the picture. Bytes. */
const FORM_OVERHEAD = 128 * 1024;

/** A task as a request names it. */
export interface TaskForm {
  readonly job: Job;
  /** Who asks, in the words of the program that does; undefined: it does not say. */
  readonly requester: string | undefined;
}

const language = z
  .string()
  .transform((tag, context) => {
    const known = modelLanguageOfTag(tag);
    if (known === undefined) {
      context.addIssue('is none that the model speaks');
      return z.NEVER;
    }
    return known;
  })
  .default('en');
const objects = z.array(z.string()).or(z.string().transform(splitObjects));

const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('describe'),
    language,
    length: z.enum(['short', 'long']).default('short'),
  }),
  z.strictObject({ kind: z.literal('ocr') }),
  z.strictObject({ kind: z.literal('ask'), question: z.string(), language }),
  z.strictObject({ kind: z.literal('detect'), objects }),
  z.strictObject({ kind: z.literal('segment'), objects }),
]);

const fieldsSchema = z.strictObject({
  task: z
    .string('is missing')
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('is not JSON');
        return z.NEVER;
      }
    })
    .pipe(taskSchema),
  requester: z.string().max(100).optional(),
  annotated: z.enum(['png', 'jpeg', 'no']).default('png'),
});

/**
 * Reads a `multipart/form-data` request: the picture, the task as JSON, and how they are to be treated.
 *
 * @throws {Refusal} the form is not one, or the picture is missing or too large
 */
export async function readTaskForm(request: IncomingMessage, pictureMebibytes: number): Promise<TaskForm> {
  const largest = pictureMebibytes * 2 ** 20;
  if (Number(request.headers['content-length'] ?? 0) > largest + FORM_OVERHEAD) {
    throw tooLarge(pictureMebibytes);
  }
  const { fields, picture, truncated } = await readParts(request, largest);
  if (truncated) {
    throw tooLarge(pictureMebibytes);
  }
  const result = fieldsSchema.safeParse(Object.fromEntries(fields));
  if (!result.success) {
    throw badRequest(
      result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    );
  }
  if (picture === undefined) {
    throw badRequest('picture: is missing');
  }
  const { task, requester, annotated } = result.data;
  const output = annotated === 'no' ? { drawn: false } : ({ mediaType: `image/${annotated}` } as const);
  return { job: { picture, task: task satisfies Task, output }, requester };
}

interface Parts {
  readonly fields: ReadonlyMap<string, string>;
  readonly picture: Uint8Array | undefined;
  /** Whether the picture was larger than may be. */
  readonly truncated: boolean;
}

async function readParts(request: IncomingMessage, largest: number): Promise<Parts> {
  const contentType = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw badRequest('the content type is not multipart/form-data');
  }
  const fields = new Map<string, string>();
  const chunks: Buffer[] = [];
  let files = 0;
  let truncated = false;
  try {
    const parser = new Busboy({
      headers: { ...request.headers, 'content-type': contentType },
      limits: {
        fields: 8,
        files: 2,
        parts: 10,
        fieldSize: LARGEST_FIELD,
        fileSize: largest,
        headerPairs: 20,
      },
    });
    parser.on('field', (name, value) => fields.set(name, value));
    parser.on('file', (name, stream) => {
      // A part without an end is told here and not of the parser; unheard, it would end the process.
      stream.on('error', (error: Error) => parser.destroy(error));
      files++;
      if (name !== 'picture' || files > 1) {
        fields.set(name, 'a file');
        stream.resume();
        return;
      }
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () => {
        truncated = true;
        chunks.length = 0;
      });
    });
    await pipeInto(parser, request);
  } catch (error) {
    throw badRequest('the form is damaged or incomplete', error);
  }
  return { fields, picture: files === 0 ? undefined : Buffer.concat(chunks), truncated };
}

/** Unlike `pipeline`, this leaves the connection of a damaged form open, so that its sender can be told. */
async function pipeInto(parser: Writable, request: IncomingMessage): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      parser.once('finish', resolve);
      parser.on('error', reject);
      request.once('close', () => {
        if (!request.complete) {
          reject(new Error('The sender has gone.'));
        }
      });
      request.pipe(parser);
    });
  } finally {
    request.unpipe(parser);
  }
}

function tooLarge(mebibytes: number): Refusal {
  return new Refusal(413, {
    code: 'pictureTooLarge',
    message: `The file is too large: pictures may have up to ${mebibytes} MiB.`,
    values: { mebibytes },
  });
}

function badRequest(why: string, cause?: unknown): Refusal {
  const refusal = new Refusal(400, { code: 'badRequest', message: `The request can't be read: ${why}.` });
  refusal.cause = cause;
  return refusal;
}
