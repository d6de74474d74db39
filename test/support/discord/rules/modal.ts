import { COMPONENT } from '../components.js';
import { isFileType } from '../files.js';
import type { Form, Path } from '../form.js';
import type { Json } from '../json.js';
import { refuseRepeats } from './components.js';
import { checkCounts, checkCustomId, checkOptions, checkSelect } from './controls.js';

const LONGEST_TITLE = 45;
const LONGEST_LABEL = 45;
const LONGEST_DESCRIPTION = 100;
const MOST_PARTS = 5;
const LONGEST_INPUT = 4000;

const IN_LABEL: readonly number[] = [
  COMPONENT.textInput,
  COMPONENT.stringSelect,
  COMPONENT.userSelect,
  COMPONENT.roleSelect,
  COMPONENT.mentionableSelect,
  COMPONENT.channelSelect,
  COMPONENT.fileUpload,
  COMPONENT.radioGroup,
  COMPONENT.checkboxGroup,
  COMPONENT.checkbox,
];

/** Checks a form that is shown to a member. */
export function checkModal(form: Form, path: Path, modal: Json): void {
  checkCustomId(form, path, modal);
  form.text([...path, 'title'], modal.title, { min: 1, max: LONGEST_TITLE, required: true });
  const place = [...path, 'components'];
  form.list(place, modal.components, { min: 1, max: MOST_PARTS, required: true }).forEach((entry, index) => {
    const part = form.record([...place, index], entry, { required: true });
    if (part !== undefined) {
      checkPart(form, [...place, index], part);
    }
  });
  refuseRepeats(form, place, modal.components);
}

function checkPart(form: Form, path: Path, part: Json): void {
  const allowed = [COMPONENT.label, COMPONENT.row, COMPONENT.text];
  const type = form.oneOf([...path, 'type'], part.type, allowed, { required: true });
  if (type === COMPONENT.label) {
    form.text([...path, 'label'], part.label, { min: 1, max: LONGEST_LABEL, required: true });
    form.text([...path, 'description'], part.description, { max: LONGEST_DESCRIPTION });
    const field = form.record([...path, 'component'], part.component, { required: true });
    if (field !== undefined) {
      checkField(form, [...path, 'component'], field, IN_LABEL);
    }
  } else if (type === COMPONENT.row) {
    const fields = form.list([...path, 'components'], part.components, { min: 1, max: 1, required: true });
    fields.forEach((entry, index) => {
      const at = [...path, 'components', index];
      const field = form.record(at, entry, { required: true });
      if (field !== undefined) {
        checkField(form, at, field, [COMPONENT.textInput]);
        form.text([...at, 'label'], field.label, { min: 1, max: LONGEST_LABEL, required: true });
      }
    });
  } else {
    form.text([...path, 'content'], part.content, { min: 1, max: LONGEST_INPUT, required: true });
  }
}

function checkField(form: Form, path: Path, field: Json, allowed: readonly number[]): void {
  const type = form.oneOf([...path, 'type'], field.type, allowed, { required: true });
  const required = field.required !== false;
  form.truth([...path, 'required'], field.required);
  if (field.disabled === true) {
    form.fail([...path, 'disabled'], 'MODAL_COMPONENT_DISABLED', 'Forms have no disabled components.');
  }
  if (required && field.min_values === 0) {
    form.fail([...path, 'min_values'], 'NUMBER_TYPE_MIN', 'What is required needs at least one value.');
  }
  switch (type) {
    case undefined:
      break;
    case COMPONENT.textInput:
      checkTextInput(form, path, field);
      break;
    case COMPONENT.fileUpload:
      checkCustomId(form, path, field);
      checkCounts(form, path, field, 10);
      form.list([...path, 'file_types'], field.file_types, { max: 10 }).forEach((fileType, index) => {
        if (!isFileType(fileType)) {
          form.fail([...path, 'file_types', index], 'BASE_TYPE_CHOICES', 'This is no file type.');
        }
      });
      break;
    case COMPONENT.radioGroup:
      checkCustomId(form, path, field);
      checkOptions(form, path, field, { min: 2, max: 10 });
      break;
    case COMPONENT.checkboxGroup:
      checkCustomId(form, path, field);
      checkOptions(form, path, field, { min: 1, max: 10 });
      checkGroupCounts(form, path, field);
      break;
    case COMPONENT.checkbox:
      checkCustomId(form, path, field);
      break;
    default:
      checkSelect(form, path, field);
  }
}

function checkGroupCounts(form: Form, path: Path, field: Json): void {
  const options = form.list([], field.options).length;
  checkCounts(form, path, { ...field, max_values: field.max_values ?? Math.max(1, options) }, 10);
}

function checkTextInput(form: Form, path: Path, field: Json): void {
  checkCustomId(form, path, field);
  form.oneOf([...path, 'style'], field.style, [1, 2], { required: true });
  const min = form.whole([...path, 'min_length'], field.min_length, { min: 0, max: LONGEST_INPUT }) ?? 0;
  const max =
    form.whole([...path, 'max_length'], field.max_length, { min: 1, max: LONGEST_INPUT }) ?? LONGEST_INPUT;
  if (min > max) {
    form.fail([...path, 'min_length'], 'NUMBER_TYPE_MAX', 'min_length must not be more than max_length.');
  }
  form.text([...path, 'placeholder'], field.placeholder, { max: 100 });
  form.text([...path, 'value'], field.value, { max });
}
