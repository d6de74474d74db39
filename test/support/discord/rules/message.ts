import { mediaIn, textIn } from '../components.js';
import { Form, type Path } from '../form.js';
import { objectsIn, type Json } from '../json.js';
import { pingedBy } from '../mentions.js';
import { FLAGS, type Message } from '../message.js';
import type { UploadedFile } from '../multipart.js';
import { CODES, missingPermissions, Refusal } from '../refusal.js';
import { planAttachments, type AttachmentPlan } from './attachments.js';
import { checkAllowedMentions } from './allowed-mentions.js';
import { checkMessageComponents } from './components.js';
import { checkEmbeds } from './embeds.js';

const LONGEST_CONTENT = 2000;

/** Flags that a new message may have. */
export const POSTED_FLAGS =
  FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.componentsV2 | FLAGS.voice;
/** Flags that an edit may speak of. */
const EDITED_FLAGS = FLAGS.suppressEmbeds | FLAGS.componentsV2;

export interface MessageDraft {
  readonly body: Json;
  readonly files: readonly UploadedFile[];
  /** The message as it stands, when it is edited. */
  readonly before?: Message | undefined;
  /** Where the message is in the request. */
  readonly prefix?: Path;
  /** Whether it may be for one member alone. */
  readonly mayBeEphemeral: boolean;
  /** Of one file. */
  readonly maxBytes: number;
  /** What the bot was told of `maxBytes`, and can't know to be less now; undefined: the same. */
  readonly toldMaxBytes?: number;
  /** What the server's automatic moderation looks for. */
  readonly blockedWords: readonly string[];
  readonly mayAttach: boolean;
  /** Whether the bot was told that it may, and can't know that it no longer does. */
  readonly wasToldToAttach?: boolean;
}

/** A message that Discord takes. */
export interface CheckedMessage extends AttachmentPlan {
  readonly content: string;
  readonly flags: number;
  readonly components: readonly Json[];
  readonly embeds: readonly Json[];
  readonly pinged: readonly string[];
}

/** @throws {Refusal} Discord refuses the message */
export function checkMessage(draft: MessageDraft): CheckedMessage {
  const { body, before, files, prefix = [] } = draft;
  refuseFiles(draft);
  const form = new Form();
  const flags = checkFlags(form, draft);
  const isV2 = (flags & FLAGS.componentsV2) !== 0;
  const stood = before?.thinking === false ? before : undefined;

  form.text([...prefix, 'content'], body.content, { max: LONGEST_CONTENT });
  form.truth([...prefix, 'tts'], body.tts);
  checkEmbeds(form, [...prefix, 'embeds'], body.embeds);
  checkAllowedMentions(form, [...prefix, 'allowed_mentions'], body.allowed_mentions);
  const plan = planAttachments(form, [...prefix, 'attachments'], {
    listed: body.attachments,
    files,
    stood: stood?.attachments ?? [],
  });

  const content = after(body.content, stood?.content ?? '', '');
  const embeds = objectsIn(after<unknown>(body.embeds, stood?.embeds ?? [], []));
  const components = objectsIn(after<unknown>(body.components, stood?.components ?? [], []));
  const names = [...plan.kept, ...plan.added].map(({ name }) => name);
  // Components that an edit leaves alone have been checked before, unless they are to become another kind.
  if (body.components !== undefined || isV2 !== (stood?.isV2 ?? false)) {
    checkMessageComponents(form, [...prefix, 'components'], body.components, isV2, names);
  } else if (stood !== undefined) {
    refuseOrphans(form, prefix, stood, plan);
  }
  if (isV2) {
    refuseLegacyFields(form, prefix, { content, embeds, body });
    refuseUnshown(form, prefix, components, plan);
  }
  form.finish();

  if (!isV2 && content.trim() === '' && embeds.length === 0 && names.length === 0) {
    throw new Refusal(400, CODES.emptyMessage, 'Cannot send an empty message');
  }
  const said = [body.content === undefined ? '' : content, textIn(body.components)].join('\n');
  if (draft.blockedWords.some((word) => said.toLowerCase().includes(word))) {
    // A bot is not told what is looked for.
    throw new Refusal(400, CODES.blockedByModeration, 'Message was blocked by automatic moderation', {
      violation: false,
    });
  }
  return { ...plan, content, flags, embeds, components, pinged: pingedBy(said, body.allowed_mentions) };
}

/** Size and permission come before the form: Discord looks at them before it reads it. */
function refuseFiles({
  files,
  maxBytes,
  toldMaxBytes = maxBytes,
  mayAttach,
  wasToldToAttach = false,
}: MessageDraft): void {
  const large = files.find(({ bytes }) => bytes.length > maxBytes);
  if (large !== undefined) {
    throw new Refusal(413, CODES.tooLarge, 'Request entity too large', {
      detail: `${large.name} has ${large.bytes.length} bytes, and ${maxBytes} are allowed`,
      violation: files.some(({ bytes }) => bytes.length > toldMaxBytes),
    });
  }
  if (files.length > 0 && !mayAttach) {
    throw missingPermissions('files, where the bot has no permission ATTACH_FILES', {
      violation: !wasToldToAttach,
    });
  }
}

function checkFlags(form: Form, { body, before, mayBeEphemeral, prefix = [] }: MessageDraft): number {
  const path = [...prefix, 'flags'];
  const asked = form.whole(path, body.flags, { min: 0 });
  const fixed = (before?.flags ?? 0) & ~FLAGS.loading;
  if (asked === undefined) {
    return fixed;
  }
  const allowed =
    before === undefined ? POSTED_FLAGS | (mayBeEphemeral ? FLAGS.ephemeral : 0) : EDITED_FLAGS | fixed;
  if ((asked & ~allowed) !== 0) {
    form.fail(path, 'MESSAGE_FLAGS_INVALID', `Flags ${asked & ~allowed} can not be set here.`);
  }
  if ((fixed & ~asked & FLAGS.componentsV2) !== 0) {
    form.fail(
      path,
      'MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG',
      'The IS_COMPONENTS_V2 flag cannot be removed.',
    );
  }
  return (fixed & ~EDITED_FLAGS) | asked;
}

function refuseLegacyFields(
  form: Form,
  prefix: Path,
  { content, embeds, body }: { content: string; embeds: readonly Json[]; body: Json },
): void {
  const fields = {
    content: content !== '',
    embeds: embeds.length > 0,
    sticker_ids: Array.isArray(body.sticker_ids) && body.sticker_ids.length > 0,
    poll: body.poll !== undefined && body.poll !== null,
  };
  for (const [field, isUsed] of Object.entries(fields)) {
    if (isUsed) {
      form.fail(
        [...prefix, field],
        'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
        `The '${field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2`,
      );
    }
  }
}

function refuseUnshown(form: Form, prefix: Path, components: readonly Json[], plan: AttachmentPlan): void {
  const shown = new Set(mediaIn(components).map(({ url }) => url));
  const files = [...plan.kept, ...plan.added];
  files.forEach((file, index) => {
    if (!shown.has(`attachment://${file.name}`) && !('url' in file && shown.has(file.url))) {
      form.fail(
        [...prefix, 'attachments', index],
        'UNREFERENCED_ATTACHMENT',
        `${file.name} is shown by no component.`,
      );
    }
  });
}

/** Components that stay must not lose the files that they show. */
function refuseOrphans(form: Form, prefix: Path, stood: Message, plan: AttachmentPlan): void {
  const shown = new Set(mediaIn(stood.components).map(({ url }) => url));
  const lost = stood.attachments.filter((file) => shown.has(file.url) && !plan.kept.includes(file));
  lost.forEach(({ name }) => {
    form.fail(
      [...prefix, 'components'],
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
      `The referenced attachment ${name} was not found.`,
    );
  });
}

/** The value of a field after an edit: it stays when the request does not speak of it. */
function after<Value>(asked: unknown, stood: Value, empty: Value): Value {
  if (asked === undefined) {
    return stood;
  }
  return asked === null ? empty : (asked as Value);
}
