import { messageMenu, pictureSlashCommand, privateOption } from './definition.js';
import type { PictureCommand } from './picture-command.js';
import { textReply } from './text-reply.js';

/** `/ocr image [private]` */
export const ocr: PictureCommand = {
  kind: 'ocr',
  slash: pictureSlashCommand((t) => ({
    name: t('commands.ocr.name'),
    description: t('commands.ocr.description'),
  }))
    .addBooleanOption(privateOption)
    .toJSON(),
  menu: messageMenu((t) => t('menus.ocr')),
  task: () => ({ kind: 'ocr' }),
  reply: (answer, t) => ({
    ...textReply(answer, t, {
      nothing: t('outcomes.noText'),
      altText: t('altTexts.text', { text: answer.text }),
    }),
    verbatim: answer.text !== '',
  }),
};
