import { inEnglish, inOtherLanguages, describeTo } from './localisation.js';
import { languageOption, messageMenu, pictureSlashCommand, privateOption } from './definition.js';
import { languageFrom } from './language.js';
import type { PictureCommand } from './picture-command.js';
import { textReply } from './text-reply.js';

const LENGTHS = ['short', 'long'] as const;

/** `/describe image [detail] [language] [private]` */
export const describe: PictureCommand = {
  kind: 'describe',
  slash: pictureSlashCommand((t) => ({
    name: t('commands.describe.name'),
    description: t('commands.describe.description'),
  }))
    .addStringOption((option) =>
      describeTo(option, (t) => ({
        name: t('commands.describe.options.detail.name'),
        description: t('commands.describe.options.detail.description'),
      })).addChoices(
        LENGTHS.map((length) => ({
          name: inEnglish((t) => t(`commands.describe.options.detail.choices.${length}`)),
          name_localizations: inOtherLanguages((t) =>
            t(`commands.describe.options.detail.choices.${length}`),
          ),
          value: length,
        })),
      ),
    )
    .addStringOption(languageOption)
    .addBooleanOption(privateOption)
    .toJSON(),
  menu: messageMenu((t) => t('menus.describe')),
  task: ({ detail, language }, locale) => ({
    kind: 'describe',
    length: detail === 'long' ? 'long' : 'short',
    language: languageFrom(language, locale),
  }),
  reply: (answer, t) =>
    textReply(answer, t, {
      nothing: t('outcomes.nothingToSay'),
      altText: answer.text,
    }),
};
