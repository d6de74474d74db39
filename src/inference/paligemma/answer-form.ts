import type { Size, Task } from '../../task.js';
import { readObjects, wholeItems, type FoundObject } from './output.js';
import { cleanObjects } from './prompt.js';

/** What an answer of the model says. */
export interface ReadAnswer {
  /** For a person. */
  readonly text: string;
  readonly objects: readonly FoundObject[];
}

/** How the answers to one task are read: as words, or as objects with their places. */
export interface AnswerForm {
  /** @param complete false for an answer that was cut off or is still growing, which may end in half an object */
  read(text: string, complete: boolean): ReadAnswer;
  /** Whether a growing answer only says again what it has said. */
  isLoop(text: string): boolean;
}

/** This many objects said twice are a loop's beginning; one may be a slip. */
const DUPLICATES_OF_A_LOOP = 2;

/**
 * @param picture the upright picture that objects are found in
 * @param clean takes the model's own tokens out of people's words
 */
export function answerFormOf(task: Task, picture: Size, clean: (words: string) => string): AnswerForm {
  return 'objects' in task ? objectsForm(picture, cleanObjects(task.objects, clean)) : WORDS;
}

const WORDS: AnswerForm = {
  // Places and masks may stray into words, where they mean nothing to a person.
  read: (text) => ({ text: text.replace(/<(?:loc\d{4}|seg\d{3})>/g, '').trim(), objects: [] }),
  // What repeats in words shows in the tokens.
  isLoop: () => false,
};

function objectsForm(picture: Size, asked: readonly string[]): AnswerForm {
  return {
    read: (text, complete) => {
      const { objects } = readObjects(complete ? text : wholeItems(text), picture, asked);
      const labels = objects.map(({ label }) => label).filter((label) => label !== '');
      return { text: labels.join(', '), objects };
    },
    isLoop: (text) => readObjects(wholeItems(text), picture, asked).duplicates >= DUPLICATES_OF_A_LOOP,
  };
}
