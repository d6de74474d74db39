import { pictureSlashCommand, privateOption, wordsOption } from './definition.js';
import { LONGEST_OBJECTS, objectsFrom } from './objects.js';
import { objectsReply } from './objects-reply.js';
import type { PictureCommand } from './picture-command.js';

/** `/segment image objects [private]` */
export const segment: PictureCommand = {
  kind: 'segment',
  form: 'objects',
  slash: pictureSlashCommand((t) => ({
    name: t('commands.segment.name'),
    description: t('commands.segment.description'),
  }))
    .addStringOption(
      wordsOption(
        (t) => ({
          name: t('commands.segment.options.objects.name'),
          description: t('commands.segment.options.objects.description'),
        }),
        LONGEST_OBJECTS,
      ),
    )
    .addBooleanOption(privateOption)
    .toJSON(),
  task: ({ objects = '' }) => ({ kind: 'segment', objects: objectsFrom(objects) }),
  reply: (answer, t) => objectsReply(answer, t, 'outlines'),
};
