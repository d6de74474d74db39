import type { Attachment } from './attachment.js';
import { isJson, numberOf, objectsIn, textOf, type Json } from './json.js';

/** Discord's numbers of component types. */
export const COMPONENT = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  userSelect: 5,
  roleSelect: 6,
  mentionableSelect: 7,
  channelSelect: 8,
  section: 9,
  text: 10,
  thumbnail: 11,
  gallery: 12,
  file: 13,
  separator: 14,
  container: 17,
  label: 18,
  fileUpload: 19,
  radioGroup: 21,
  checkboxGroup: 22,
  checkbox: 23,
} as const;

/** A button as a person sees it. */
export interface Button {
  /** Left out for one that shows an emoji alone. */
  readonly label?: string;
  /** Left out for one that opens an address. */
  readonly customId?: string;
  readonly style: number;
  readonly disabled: boolean;
  readonly url?: string;
  /** Discord's number of the component in its message. */
  readonly id: number;
}

export interface SelectOption {
  readonly label: string;
  readonly value: string;
  readonly description?: string;
}

/** A menu as a person sees it. */
export interface Select {
  readonly customId: string;
  readonly options: readonly SelectOption[];
  readonly placeholder: string;
  readonly disabled: boolean;
  readonly minValues: number;
  readonly maxValues: number;
  readonly id: number;
}

/** All components, also those within others, in reading order. */
export function flattened(components: unknown): Json[] {
  return objectsIn(components).flatMap((component) => [
    component,
    ...flattened(component.components),
    ...flattened(isJson(component.accessory) ? [component.accessory] : []),
    ...flattened(isJson(component.component) ? [component.component] : []),
  ]);
}

export function buttonsIn(components: unknown): Button[] {
  return ofType(components, COMPONENT.button).map((button) => ({
    ...(typeof button.label === 'string' ? { label: button.label } : {}),
    ...(typeof button.custom_id === 'string' ? { customId: button.custom_id } : {}),
    ...(typeof button.url === 'string' ? { url: button.url } : {}),
    style: numberOf(button.style),
    disabled: button.disabled === true,
    id: numberOf(button.id),
  }));
}

export function selectsIn(components: unknown): Select[] {
  return ofType(components, COMPONENT.stringSelect).map((select) => ({
    customId: textOf(select.custom_id),
    options: objectsIn(select.options).map((option) => ({
      label: textOf(option.label),
      value: textOf(option.value),
      ...(typeof option.description === 'string' ? { description: option.description } : {}),
    })),
    placeholder: textOf(select.placeholder),
    disabled: select.disabled === true,
    minValues: typeof select.min_values === 'number' ? select.min_values : 1,
    maxValues: typeof select.max_values === 'number' ? select.max_values : 1,
    id: numberOf(select.id),
  }));
}

/** The text of all Text Displays, one a line. */
export function textIn(components: unknown): string {
  return ofType(components, COMPONENT.text)
    .map(({ content }) => textOf(content))
    .join('\n');
}

/** The media of Thumbnails, galleries and File components, each with its own alternative text. */
export function mediaIn(components: unknown): { url: string; description: string }[] {
  return flattened(components).flatMap((component) => {
    const shown = component.type === COMPONENT.gallery ? objectsIn(component.items) : [component];
    return shown.flatMap((item) => {
      const media = item.media ?? item.file;
      return isJson(media) ? [{ url: textOf(media.url), description: textOf(item.description) }] : [];
    });
  });
}

/** Components as Discord keeps them: numbered, and with its own addresses in the place of `attachment://` ones. */
export function asStored(components: readonly Json[], attachments: readonly Attachment[]): Json[] {
  const copies = structuredClone(components) as Json[];
  const taken = new Set(flattened(copies).map(({ id }) => id));
  let next = 1;
  for (const component of flattened(copies)) {
    if (typeof component.id !== 'number' || component.id === 0) {
      while (taken.has(next)) {
        next++;
      }
      taken.add(next);
      component.id = next;
    }
    for (const holder of [component, ...objectsIn(component.items)]) {
      for (const key of ['media', 'file']) {
        if (isJson(holder[key])) {
          holder[key] = unfurled(holder[key], attachments);
        }
      }
    }
    if (component.type === COMPONENT.file && isJson(component.file)) {
      const id = component.file.attachment_id;
      const file = attachments.find((attachment) => attachment.id === id);
      Object.assign(component, file === undefined ? {} : { name: file.name, size: file.bytes.length });
    }
  }
  return copies;
}

function unfurled(media: Json, attachments: readonly Attachment[]): Json {
  const url = textOf(media.url);
  const name = /^attachment:\/\/(.*)$/.exec(url)?.[1];
  const file = attachments.find((attachment) => attachment.name === name || attachment.url === url);
  return file === undefined
    ? { proxy_url: url, ...media }
    : {
        url: file.url,
        proxy_url: file.url,
        width: file.width ?? null,
        height: file.height ?? null,
        content_type: file.contentType,
        attachment_id: file.id,
      };
}

function ofType(components: unknown, type: number): Json[] {
  return flattened(components).filter((component) => component.type === type);
}
