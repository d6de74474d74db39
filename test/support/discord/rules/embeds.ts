import type { Form, Path } from '../form.js';
import { isJson } from '../json.js';

const MOST_EMBEDS = 10;
const MOST_FIELDS = 25;
const MOST_CHARACTERS = 6000;

/** Checks the embeds of a message, each and all together. */
export function checkEmbeds(form: Form, path: Path, value: unknown): void {
  let characters = 0;
  const count = (text: string | undefined): void => {
    characters += text?.length ?? 0;
  };
  form.list(path, value, { max: MOST_EMBEDS }).forEach((entry, index) => {
    const place = [...path, index];
    const embed = form.record(place, entry, { required: true });
    if (embed === undefined) {
      return;
    }
    if (embed.components !== undefined) {
      form.fail([...place, 'components'], 'UNKNOWN_FIELD', 'Only previews of links have components.');
    }
    count(form.text([...place, 'title'], embed.title, { max: 256 }));
    count(form.text([...place, 'description'], embed.description, { max: 4096 }));
    count(textOfPart(form, [...place, 'footer', 'text'], embed.footer, 'text', 2048));
    count(textOfPart(form, [...place, 'author', 'name'], embed.author, 'name', 256));
    form.whole([...place, 'color'], embed.color, { min: 0, max: 0xffffff });
    form.list([...place, 'fields'], embed.fields, { max: MOST_FIELDS }).forEach((part, number) => {
      const at = [...place, 'fields', number];
      const field = form.record(at, part, { required: true });
      if (field !== undefined) {
        count(form.text([...at, 'name'], field.name, { min: 1, max: 256, required: true }));
        count(form.text([...at, 'value'], field.value, { min: 1, max: 1024, required: true }));
        form.truth([...at, 'inline'], field.inline);
      }
    });
  });
  if (characters > MOST_CHARACTERS) {
    form.fail(path, 'MAX_EMBED_SIZE_EXCEEDED', `Embed size exceeds maximum size of ${MOST_CHARACTERS}`);
  }
}

function textOfPart(form: Form, path: Path, part: unknown, key: string, max: number): string | undefined {
  return isJson(part) ? form.text(path, part[key], { min: 1, max, required: true }) : undefined;
}
