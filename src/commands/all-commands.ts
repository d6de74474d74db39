import type { RESTPostAPIApplicationCommandsJSONBody } from 'discord.js';
import { PICTURE_COMMANDS } from './picture-commands.js';
import { STATUS } from './status.js';

/** Every command as Discord is told of it: slash commands, entries in the menu of a message. */
export function commandDefinitions(): RESTPostAPIApplicationCommandsJSONBody[] {
  return [
    ...Object.values(PICTURE_COMMANDS).flatMap(({ slash, menu }) =>
      menu === undefined ? [slash] : [slash, menu],
    ),
    STATUS,
  ];
}
