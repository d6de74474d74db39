import type { Form, Path } from '../form.js';
import { isSnowflake } from '../snowflake.js';

const KINDS = ['users', 'roles', 'everyone'] as const;
const MOST_IDS = 100;

/** Checks `allowed_mentions`, whose lists must not contradict each other. */
export function checkAllowedMentions(form: Form, path: Path, value: unknown): void {
  const allowed = form.record(path, value);
  if (allowed === undefined) {
    return;
  }
  const parse = form.list([...path, 'parse'], allowed.parse, { max: KINDS.length });
  parse.forEach((kind, index) => {
    form.oneOf([...path, 'parse', index], kind, KINDS, { required: true });
  });
  if (new Set(parse).size < parse.length) {
    form.fail([...path, 'parse'], 'SET_TYPE_CONTAINS_DUPLICATES', 'This field must not contain duplicates.');
  }
  for (const kind of ['users', 'roles'] as const) {
    const ids = form.list([...path, kind], allowed[kind], { max: MOST_IDS });
    ids.forEach((id, index) => {
      if (!isSnowflake(id)) {
        form.fail([...path, kind, index], 'NUMBER_TYPE_COERCE', `Value "${String(id)}" is not snowflake.`);
      }
    });
    if (ids.length > 0 && parse.includes(kind)) {
      form.fail(
        path,
        'MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
        `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
      );
    }
  }
  form.truth([...path, 'replied_user'], allowed.replied_user);
}
