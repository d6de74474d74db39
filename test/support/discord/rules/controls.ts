import { COMPONENT } from '../components.js';
import type { Form, Path } from '../form.js';
import { numberOf, textOf, type Json } from '../json.js';

const STYLES = { link: 5, premium: 6 } as const;
const MOST_OPTIONS = 25;
const LONGEST_OPTION = 100;

export function checkCustomId(form: Form, path: Path, component: Json): void {
  form.text([...path, 'custom_id'], component.custom_id, { min: 1, max: 100, required: true });
}

export function checkButton(form: Form, path: Path, button: Json): void {
  const style = form.whole([...path, 'style'], button.style, { min: 1, max: 6, required: true });
  form.truth([...path, 'disabled'], button.disabled);
  const label = form.text([...path, 'label'], button.label, { max: 80 });
  if (style === STYLES.premium) {
    form.text([...path, 'sku_id'], button.sku_id, { required: true });
    return;
  }
  if ((label ?? '') === '' && (button.emoji ?? null) === null) {
    form.fail(path, 'BUTTON_COMPONENT_LABEL_REQUIRED', 'A button must have a label or an emoji.');
  }
  if (style === STYLES.link) {
    const url = form.text([...path, 'url'], button.url, { max: 512, required: true });
    if (url !== undefined && !/^(https?|discord):\/\//.test(url)) {
      form.fail(
        [...path, 'url'],
        'URL_TYPE_INVALID_SCHEME',
        `Scheme of "${url}" must be http, https or discord.`,
      );
    }
    if (button.custom_id !== undefined) {
      form.fail(path, 'BUTTON_COMPONENT_INVALID_CUSTOM_ID', 'A custom id and url cannot both be specified.');
    }
  } else {
    checkCustomId(form, path, button);
    if (button.url !== undefined) {
      form.fail(path, 'BUTTON_COMPONENT_INVALID_URL', 'A custom id and url cannot both be specified.');
    }
  }
}

export function checkSelect(form: Form, path: Path, select: Json): void {
  checkCustomId(form, path, select);
  form.text([...path, 'placeholder'], select.placeholder, { max: 150 });
  form.truth([...path, 'disabled'], select.disabled);
  checkCounts(form, path, select, MOST_OPTIONS);
  if (select.type === COMPONENT.stringSelect) {
    checkOptions(form, path, select, { min: 1, max: MOST_OPTIONS });
    const options = form.list([], select.options).length;
    if (numberOf(select.max_values) > options) {
      form.fail([...path, 'max_values'], 'NUMBER_TYPE_MAX', `There are only ${options} options.`);
    }
  }
}

/** How many values a member may pick. */
export function checkCounts(form: Form, path: Path, component: Json, most: number): void {
  const min = form.whole([...path, 'min_values'], component.min_values, { min: 0, max: most });
  const max = form.whole([...path, 'max_values'], component.max_values, { min: 1, max: most });
  if (min !== undefined && min > (max ?? 1)) {
    form.fail([...path, 'min_values'], 'NUMBER_TYPE_MAX', 'min_values must not be more than max_values.');
  }
}

/** The options of a menu, of radio buttons or of checkboxes. */
export function checkOptions(
  form: Form,
  path: Path,
  component: Json,
  limits: { min: number; max: number },
): void {
  const values: string[] = [];
  let preset = 0;
  const place = [...path, 'options'];
  form.list(place, component.options, { ...limits, required: true }).forEach((entry, index) => {
    const at = [...place, index];
    const option = form.record(at, entry, { required: true });
    if (option === undefined) {
      return;
    }
    form.text([...at, 'label'], option.label, { min: 1, max: LONGEST_OPTION, required: true });
    form.text([...at, 'value'], option.value, { min: 1, max: LONGEST_OPTION, required: true });
    form.text([...at, 'description'], option.description, { max: LONGEST_OPTION });
    preset += form.truth([...at, 'default'], option.default) ? 1 : 0;
    values.push(textOf(option.value));
  });
  if (new Set(values).size < values.length) {
    form.fail(place, 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'The values of options must be unique.');
  }
  const most = typeof component.max_values === 'number' ? component.max_values : 1;
  if (component.type !== COMPONENT.checkboxGroup && preset > most) {
    form.fail(
      place,
      'SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES',
      'More options are preselected than may be chosen.',
    );
  }
}
