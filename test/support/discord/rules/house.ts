import { mediaIn, textIn } from '../components.js';
import type { Json } from '../json.js';
import { isMentionLike } from '../mentions.js';
import type { Message } from '../message.js';
import type { Violations } from '../violations.js';

/** Records what Discord takes and this project does not want. Called when a message has been posted or edited. */
export function applyHouseRules(message: Message, body: Json, violations: Violations, request: string): void {
  const media = mediaIn(message.components);
  for (const attachment of message.attachments.filter(({ isPicture }) => isPicture)) {
    const shown = media.find(({ url }) => url === attachment.url);
    const description = [attachment.description, shown?.description].find(
      (text) => (text ?? '').trim() !== '',
    );
    if (description === undefined) {
      violations.record('missing attachment description', attachment.name, request);
    }
  }
  const said = [typeof body.content === 'string' ? body.content : '', textIn(body.components)];
  if ((body.allowed_mentions ?? null) === null && said.some(isMentionLike)) {
    violations.record('missing allowed_mentions', said.join('\n').trim(), request);
  }
}
