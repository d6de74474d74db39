import type { Task } from '../task.js';
import { ask } from './ask.js';
import { describe } from './describe.js';
import { detect } from './detect.js';
import { ocr } from './ocr.js';
import type { PictureCommand } from './picture-command.js';
import { segment } from './segment.js';

/** Every command about a picture, by the task it makes. */
export const PICTURE_COMMANDS: Readonly<Record<Task['kind'], PictureCommand>> = {
  describe,
  ocr,
  ask,
  detect,
  segment,
};
