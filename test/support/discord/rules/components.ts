import { COMPONENT, flattened } from '../components.js';
import type { Form, Path } from '../form.js';
import { isJson, textOf, type Json } from '../json.js';
import { checkButton, checkSelect } from './controls.js';

const MOST_ROWS = 5;
const MOST_BUTTONS = 5;
const MOST_COMPONENTS = 40;
const MOST_CHARACTERS = 4000;
const LONGEST_DESCRIPTION = 1024;

const SELECTS: readonly number[] = [
  COMPONENT.stringSelect,
  COMPONENT.userSelect,
  COMPONENT.roleSelect,
  COMPONENT.mentionableSelect,
  COMPONENT.channelSelect,
];
const IN_CONTAINER: readonly number[] = [
  COMPONENT.row,
  COMPONENT.section,
  COMPONENT.text,
  COMPONENT.gallery,
  COMPONENT.file,
  COMPONENT.separator,
];

interface Context {
  readonly form: Form;
  /** The names of the message's files, which `attachment://` may speak of. */
  readonly files: readonly string[];
}

/** Checks the components of a message, be they of the old kind (rows alone) or Components V2. */
export function checkMessageComponents(
  form: Form,
  path: Path,
  value: unknown,
  isV2: boolean,
  files: readonly string[],
): void {
  const context = { form, files };
  const limits = isV2 ? { min: 1, required: true } : { max: MOST_ROWS };
  const allowed = isV2 ? [...IN_CONTAINER, COMPONENT.container] : [COMPONENT.row];
  form.list(path, value, limits).forEach((component, index) => {
    checkComponent(context, [...path, index], component, allowed);
  });
  refuseRepeats(form, path, value);
  if (!isV2) {
    return;
  }
  const all = flattened(value);
  if (all.length > MOST_COMPONENTS) {
    form.fail(path, 'BASE_TYPE_BAD_LENGTH', `Must be between 1 and ${MOST_COMPONENTS} in length.`);
  }
  const characters = all
    .filter(({ type }) => type === COMPONENT.text)
    .reduce((sum, { content }) => sum + textOf(content).length, 0);
  if (characters > MOST_CHARACTERS) {
    form.fail(
      path,
      'COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED',
      `Components displayable text size exceeds maximum size of ${MOST_CHARACTERS}`,
    );
  }
}

/** Ids of components, and of what they are for, are unique in a message or a form. */
export function refuseRepeats(form: Form, path: Path, components: unknown): void {
  const all = flattened(components);
  const repeated = (values: unknown[]): unknown =>
    values.find((value, index) => value !== undefined && values.indexOf(value) !== index);
  const customId = repeated(all.map((component) => component.custom_id));
  if (customId !== undefined) {
    form.fail(
      path,
      'COMPONENT_CUSTOM_ID_DUPLICATED',
      `Component custom id cannot be duplicated: ${JSON.stringify(customId)}`,
    );
  }
  const id = repeated(all.map((component) => component.id).filter((value) => value !== 0));
  if (id !== undefined) {
    form.fail(path, 'COMPONENT_ID_DUPLICATED', `Component id cannot be duplicated: ${JSON.stringify(id)}`);
  }
}

function checkComponent(context: Context, path: Path, value: unknown, allowed: readonly number[]): void {
  const { form } = context;
  const component = form.record(path, value, { required: true });
  if (component === undefined) {
    return;
  }
  const type = form.oneOf([...path, 'type'], component.type, allowed, { required: true });
  form.whole([...path, 'id'], component.id, { min: 0, max: 2 ** 31 - 1 });
  switch (type) {
    case COMPONENT.row:
      checkRow(form, path, component);
      break;
    case COMPONENT.section:
      checkSection(context, path, component);
      break;
    case COMPONENT.text:
      form.text([...path, 'content'], component.content, {
        min: 1,
        max: MOST_CHARACTERS,
        required: true,
      });
      break;
    case COMPONENT.thumbnail:
      checkMedia(context, path, component, 'media');
      break;
    case COMPONENT.gallery:
      form
        .list([...path, 'items'], component.items, { min: 1, max: 10, required: true })
        .forEach((item, index) => {
          checkMedia(context, [...path, 'items', index], isJson(item) ? item : {}, 'media');
        });
      break;
    case COMPONENT.file:
      checkMedia(context, path, component, 'file');
      break;
    case COMPONENT.separator:
      form.truth([...path, 'divider'], component.divider);
      form.oneOf([...path, 'spacing'], component.spacing, [1, 2]);
      break;
    case COMPONENT.container:
      form.whole([...path, 'accent_color'], component.accent_color, { min: 0, max: 0xffffff });
      form
        .list([...path, 'components'], component.components, { min: 1, required: true })
        .forEach((inner, index) => {
          checkComponent(context, [...path, 'components', index], inner, IN_CONTAINER);
        });
      break;
    default:
      break;
  }
}

function checkRow(form: Form, path: Path, row: Json): void {
  const place = [...path, 'components'];
  const inner = form.list(place, row.components, { min: 1, max: MOST_BUTTONS, required: true });
  if (inner.length > 1 && inner.some((component) => isJson(component) && isSelect(component))) {
    form.fail(
      place,
      'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
      'The specified component exceeds the maximum width: a select menu fills its row.',
    );
  }
  inner.forEach((component, index) => {
    const at = [...place, index];
    const control = form.record(at, component, { required: true });
    if (control === undefined) {
      return;
    }
    form.oneOf([...at, 'type'], control.type, [COMPONENT.button, ...SELECTS], { required: true });
    if (control.type === COMPONENT.button) {
      checkButton(form, at, control);
    } else if (isSelect(control)) {
      checkSelect(form, at, control);
    }
  });
}

function isSelect({ type }: Json): boolean {
  return SELECTS.includes(type as number);
}

function checkSection(context: Context, path: Path, section: Json): void {
  const { form } = context;
  form
    .list([...path, 'components'], section.components, { min: 1, max: 3, required: true })
    .forEach((inner, index) => {
      checkComponent(context, [...path, 'components', index], inner, [COMPONENT.text]);
    });
  const at = [...path, 'accessory'];
  const accessory = form.record(at, section.accessory, { required: true });
  if (accessory?.type === COMPONENT.button) {
    checkButton(form, at, accessory);
  } else if (accessory !== undefined) {
    checkComponent(context, at, accessory, [COMPONENT.thumbnail]);
  }
}

function checkMedia({ form, files }: Context, path: Path, holder: Json, key: 'media' | 'file'): void {
  form.text([...path, 'description'], holder.description, { max: LONGEST_DESCRIPTION });
  form.truth([...path, 'spoiler'], holder.spoiler);
  const place = [...path, key];
  const media = form.record(place, holder[key], { required: true });
  const url = form.text([...place, 'url'], media?.url, { min: 1, max: 2048, required: true }) ?? '';
  const name = /^attachment:\/\/(.*)$/.exec(url)?.[1];
  if (name === undefined && (key === 'file' || !/^https?:\/\//.test(url))) {
    form.fail(
      [...place, 'url'],
      'UNFURLED_MEDIA_ITEM_INVALID_URL',
      `${url} is no address of a file of this message.`,
    );
  } else if (name !== undefined && !files.includes(name)) {
    form.fail(
      place,
      'UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND',
      `The referenced attachment ${name} was not found.`,
    );
  }
}
