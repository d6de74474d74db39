import { messageMenu, pictureSlashCommand, privateOption, wordsOption } from './definition.js';
import { LONGEST_OBJECTS, objectsFrom } from './objects.js';
import { objectsReply } from './objects-reply.js';
import type { PictureCommand } from './picture-command.js';

/** `/detect image objects [private]` */
export const detect: PictureCommand = {
  kind: 'detect',
  form: 'objects',
  slash: pictureSlashCommand((t) => ({
    name: t('commands.detect.name'),
    description: t('commands.detect.description'),
  }))
    .addStringOption(
      wordsOption(
        (t) => ({
          name: t('commands.detect.options.objects.name'),
          description: t('commands.detect.options.objects.description'),
        }),
        LONGEST_OBJECTS,
      ),
    )
    .addBooleanOption(privateOption)
    .toJSON(),
  menu: messageMenu((t) => t('menus.detect')),
  task: ({ objects = '' }) => ({ kind: 'detect', objects: objectsFrom(objects) }),
  reply: (answer, t) => objectsReply(answer, t, 'boxes'),
};
