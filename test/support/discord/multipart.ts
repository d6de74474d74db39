import { isJson, type Json } from './json.js';
import { CODES, Refusal } from './refusal.js';

/** A file in a request. */
export interface UploadedFile {
  /** The n of `files[n]`. */
  readonly index: number;
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ParsedBody {
  readonly json: Json;
  /** For requests whose body is a list. */
  readonly list: readonly unknown[] | undefined;
  readonly files: readonly UploadedFile[];
}

/**
 * Reads a body as Discord does: JSON, or a form with files and the JSON in `payload_json`.
 *
 * @throws {Refusal} it is neither
 */
export function parseBody(bytes: Buffer, contentType: string): ParsedBody {
  if (bytes.length === 0) {
    return { json: {}, list: undefined, files: [] };
  }
  if (contentType.startsWith('application/json')) {
    return { ...parseJson(bytes.toString('utf8')), files: [] };
  }
  if (!contentType.startsWith('multipart/form-data')) {
    throw new Refusal(400, CODES.invalidForm, 'Invalid Form Body', {
      detail: `Content-Type is "${contentType}", expected application/json or multipart/form-data`,
    });
  }
  return parseForm(bytes, contentType);
}

function parseForm(bytes: Buffer, contentType: string): ParsedBody {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.at(1);
  const files: UploadedFile[] = [];
  let json: Json = {};
  for (const { name, filename, content } of boundary === undefined ? [] : partsOf(bytes, boundary)) {
    const index = /^files\[(\d+)\]$/.exec(name)?.at(1);
    if (name === 'payload_json') {
      ({ json } = parseJson(content.toString('utf8')));
    } else if (index !== undefined && filename !== undefined) {
      files.push({ index: Number(index), name: filename, bytes: content });
    } else {
      throw new Refusal(400, CODES.invalidForm, 'Invalid Form Body', { detail: `unexpected part "${name}"` });
    }
  }
  return { json, list: undefined, files };
}

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly content: Buffer;
}

function partsOf(bytes: Buffer, boundary: string): Part[] {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line before it.
  const body = Buffer.concat([Buffer.from('\r\n'), bytes]);
  const parts: Part[] = [];
  let start = body.indexOf(delimiter);
  let end = body.indexOf(delimiter, start + delimiter.length);
  while (start !== -1 && end !== -1) {
    const part = body.subarray(start + delimiter.length, end);
    const split = part.indexOf('\r\n\r\n');
    const header = part.subarray(0, Math.max(split, 0)).toString('utf8');
    const value = (key: string): string | undefined =>
      new RegExp(`[; ]${key}="([^"]*)"`, 'i').exec(header)?.at(1)?.replaceAll('%22', '"');
    parts.push({
      name: value('name') ?? '',
      filename: value('filename'),
      content: Buffer.from(part.subarray(split + 4)),
    });
    start = end;
    end = body.indexOf(delimiter, start + delimiter.length);
  }
  return parts;
}

function parseJson(text: string): Pick<ParsedBody, 'json' | 'list'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, CODES.invalidJson, 'The request body contains invalid JSON.');
  }
  return { json: isJson(value) ? value : {}, list: Array.isArray(value) ? value : undefined };
}
