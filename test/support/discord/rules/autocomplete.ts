import type { Form, Path } from '../form.js';
import type { Json } from '../json.js';
import { checkTranslations } from './translations.js';

const TEXT_OPTION = 3;
const MOST_CHOICES = 25;
const LONGEST_CHOICE = 100;

/**
 * Checks the completions of an option.
 *
 * @param optionType Discord's number of the option's type
 */
export function checkChoices(form: Form, path: Path, data: Json, optionType: number): void {
  const place = [...path, 'choices'];
  form.list(place, data.choices, { max: MOST_CHOICES, required: true }).forEach((entry, index) => {
    const choice = form.record([...place, index], entry, { required: true });
    if (choice !== undefined) {
      checkChoice(form, [...place, index], choice, optionType);
    }
  });
}

/** One choice of an option. */
export function checkChoice(form: Form, path: Path, choice: Json, optionType: number): void {
  const checkName = (at: Path, name: unknown): void => {
    form.text(at, name, { min: 1, max: LONGEST_CHOICE, required: true });
  };
  checkName([...path, 'name'], choice.name);
  checkTranslations(form, [...path, 'name_localizations'], choice.name_localizations, checkName);
  if (optionType === TEXT_OPTION) {
    form.text([...path, 'value'], choice.value, { max: LONGEST_CHOICE, required: true });
  } else if (typeof choice.value !== 'number') {
    form.fail([...path, 'value'], 'NUMBER_TYPE_COERCE', `Value "${String(choice.value)}" is not a number.`);
  }
}
