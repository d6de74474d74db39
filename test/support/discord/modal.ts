import { Attachment } from './attachment.js';
import { asStored, COMPONENT, flattened } from './components.js';
import { isOfFileTypes } from './files.js';
import type { Interaction } from './interaction.js';
import { isJson, numberOf, objectsIn, textOf, type Json } from './json.js';

/** What a person puts into a field of a form. */
export type FieldValue = string | boolean | readonly string[] | readonly Attachment[];

/** A form as a member sees it. */
export class Modal {
  readonly customId: string;
  readonly title: string;
  readonly components: readonly Json[];
  /** The interaction that it answers. */
  readonly interaction: Interaction;

  constructor(data: Json, interaction: Interaction) {
    this.customId = textOf(data.custom_id);
    this.title = textOf(data.title);
    this.components = asStored(objectsIn(data.components), []);
    this.interaction = interaction;
  }

  /** The fields, with what their labels say. */
  get fields(): { customId: string; label: string; type: number }[] {
    return this.components.flatMap((part) =>
      fieldsOf(part).map((field) => ({
        customId: textOf(field.custom_id),
        label: labelOf(part, field),
        type: numberOf(field.type),
      })),
    );
  }

  /**
   * The filled-in form as Discord sends it.
   *
   * @param values by custom id, or by the text of the label
   * @throws {Error} a member could not fill it in like that
   */
  filledIn(values: Readonly<Record<string, FieldValue>>): { components: Json[]; resolved: Json } {
    const attachments: Record<string, Json> = {};
    const used = new Set<string>();
    const valueOf = (part: Json, field: Json): FieldValue | undefined => {
      const names = [textOf(field.custom_id), labelOf(part, field)];
      const name = names.find((candidate) => candidate in values);
      if (name !== undefined) {
        used.add(name);
      }
      return name === undefined ? undefined : values[name];
    };
    const fill = (part: Json, field: Json): Json => {
      const value = valueOf(part, field);
      for (const file of Array.isArray(value) ? value : []) {
        if (file instanceof Attachment) {
          attachments[file.id] = file.toJson();
        }
      }
      const { type, id, custom_id } = field;
      return { type, id, custom_id, ...valueFor(field, value) };
    };
    const components = this.components.map((part): Json => {
      const { type, id } = part;
      if (isJson(part.component)) {
        return { type, id, component: fill(part, part.component) };
      }
      return type === COMPONENT.row
        ? { type, id, components: objectsIn(part.components).map((field) => fill(part, field)) }
        : { type, id };
    });
    const unknown = Object.keys(values).filter((name) => !used.has(name));
    if (unknown.length > 0) {
      throw new Error(`The form "${this.title}" has no field ${unknown.join(', ')}.`);
    }
    return { components, resolved: Object.keys(attachments).length > 0 ? { attachments } : {} };
  }
}

function fieldsOf(part: Json): Json[] {
  return flattened([part]).filter((component) => 'custom_id' in component);
}

function labelOf(part: Json, field: Json): string {
  return textOf(part.label) || textOf(field.label);
}

/** A field's value as Discord sends it. */
function valueFor(field: Json, value: FieldValue | undefined): Json {
  const name = textOf(field.custom_id);
  const required = field.required !== false;
  switch (field.type) {
    case COMPONENT.textInput:
      return { value: writtenText(field, value ?? textOf(field.value), required) };
    case COMPONENT.checkbox:
      return { value: value === undefined ? field.default === true : value === true || value === 'true' };
    case COMPONENT.radioGroup: {
      const chosen = chosenValues(field, value, { min: required ? 1 : 0, max: 1 });
      return { value: chosen.at(0) ?? null };
    }
    case COMPONENT.checkboxGroup: {
      const most = numberOf(field.max_values) || objectsIn(field.options).length;
      return { values: chosenValues(field, value, { min: leastOf(field, required), max: most }) };
    }
    case COMPONENT.stringSelect: {
      const most = numberOf(field.max_values) || 1;
      return { values: chosenValues(field, value, { min: leastOf(field, required), max: most }) };
    }
    case COMPONENT.fileUpload:
      return { values: uploadedIds(field, value, required) };
    default:
      throw new Error(`Fields of type ${String(field.type)} (${name}) can not be filled in yet.`);
  }
}

function leastOf(field: Json, required: boolean): number {
  return typeof field.min_values === 'number' ? field.min_values : Number(required);
}

function writtenText(field: Json, value: FieldValue, required: boolean): string {
  const name = textOf(field.custom_id);
  if (typeof value !== 'string') {
    throw new Error(`The field ${name} takes text.`);
  }
  const min = typeof field.min_length === 'number' ? field.min_length : Number(required);
  const max = typeof field.max_length === 'number' ? field.max_length : 4000;
  if ((required || value !== '') && (value.length < min || value.length > max)) {
    throw new Error(`The field ${name} takes ${min} to ${max} characters, not ${value.length}.`);
  }
  return value;
}

function chosenValues(
  field: Json,
  value: FieldValue | undefined,
  { min, max }: { min: number; max: number },
): string[] {
  const name = textOf(field.custom_id);
  const options = objectsIn(field.options);
  const preset = options.filter((option) => option.default === true);
  const chosen = (value === undefined ? preset.map((option) => option.value) : [value].flat()).map(String);
  const missing = chosen.find((choice) => !options.some((option) => option.value === choice));
  if (missing !== undefined) {
    throw new Error(`The field ${name} has no option ${missing}.`);
  }
  if (chosen.length < min || chosen.length > max) {
    throw new Error(`The field ${name} takes ${min} to ${max} values, not ${chosen.length}.`);
  }
  return chosen;
}

function uploadedIds(field: Json, value: FieldValue | undefined, required: boolean): string[] {
  const name = textOf(field.custom_id);
  const files = (Array.isArray(value) ? value : []).filter((file) => file instanceof Attachment);
  const types = Array.isArray(field.file_types) ? (field.file_types as string[]) : undefined;
  const odd = files.find((file) => types !== undefined && !isOfFileTypes(file.name, types));
  if (odd !== undefined) {
    throw new Error(`The field ${name} does not take ${odd.name}.`);
  }
  const [min, max] = [leastOf(field, required), numberOf(field.max_values) || 1];
  if (files.length < min || files.length > max) {
    throw new Error(`The field ${name} takes ${min} to ${max} files, not ${files.length}.`);
  }
  return files.map(({ id }) => id);
}
