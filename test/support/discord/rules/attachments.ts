import type { Attachment } from '../attachment.js';
import type { Form, Path } from '../form.js';
import { isJson, textOf } from '../json.js';
import type { UploadedFile } from '../multipart.js';

const MOST_ATTACHMENTS = 10;
const LONGEST_DESCRIPTION = 1024;

/** A new file of a message. */
export interface AddedFile extends UploadedFile {
  /** Its alternative text. */
  readonly description: string | undefined;
  readonly spoiler: boolean;
}

/** What a message's attachments are going to be. */
export interface AttachmentPlan {
  readonly kept: readonly Attachment[];
  readonly added: readonly AddedFile[];
  /** Changes what is said of those that stay, once the message is taken. */
  readonly describe: () => void;
}

interface Request {
  /** The list in the request. */
  readonly listed: unknown;
  readonly files: readonly UploadedFile[];
  /** What the message had. */
  readonly stood: readonly Attachment[];
}

/** Joins the list of attachments with the files that came and those that were there. */
export function planAttachments(form: Form, path: Path, { listed, files, stood }: Request): AttachmentPlan {
  const kept: Attachment[] = listed === undefined || listed === null ? [...stood] : [];
  const added: AddedFile[] = [];
  const changes: (() => void)[] = [];
  form.list(path, listed).forEach((entry, index) => {
    const place = [...path, index];
    const item = form.record(place, entry, { required: true });
    if (!isJson(item)) {
      return;
    }
    const id = String(item.id);
    const description = form.text([...place, 'description'], item.description, {
      max: LONGEST_DESCRIPTION,
    });
    const spoiler = form.truth([...place, 'is_spoiler'], item.is_spoiler);
    const file = files.find((candidate) => String(candidate.index) === id);
    const old = stood.find((candidate) => candidate.id === id);
    if (file !== undefined) {
      added.push({ ...file, name: textOf(item.filename) || file.name, description, spoiler });
    } else if (old !== undefined) {
      kept.push(old);
      changes.push(() => {
        old.description = description ?? old.description;
        old.spoiler = 'is_spoiler' in item ? spoiler : old.spoiler;
      });
    } else {
      form.fail(
        place,
        'ATTACHMENT_NOT_FOUND',
        `There is neither a file nor an attachment with the id ${id}.`,
      );
    }
  });
  for (const file of files.filter(({ index }) => !added.some((known) => known.index === index))) {
    form.fail(
      path,
      'ATTACHMENT_NOT_LISTED',
      `files[${file.index}] (${file.name}) has no entry in attachments.`,
    );
  }
  if (kept.length + added.length > MOST_ATTACHMENTS) {
    form.fail(path, 'BASE_TYPE_BAD_LENGTH', `Must be between 0 and ${MOST_ATTACHMENTS} in length.`);
  }
  return {
    kept,
    added,
    describe: () => {
      changes.forEach((change) => {
        change();
      });
    },
  };
}
