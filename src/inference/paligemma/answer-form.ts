import type { Size, Task } from '../../task.js';
import { eachOnce, readObjects, wholeItems, type FoundObject } from './output.js';
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

/** This many objects in a row that were said before are a loop; after fewer, new ones may follow. */
const DUPLICATES_OF_A_LOOP = 4;

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
      return { text: labelsOf(objects), objects };
    },
    isLoop: (text) => readObjects(wholeItems(text), picture, asked).duplicatesAtEnd >= DUPLICATES_OF_A_LOOP,
  };
}

/** What was said to each part of a task, in their order, as one answer. */
export function joined(answers: readonly ReadAnswer[]): ReadAnswer {
  if (answers.length === 1) {
    return answers[0];
  }
  const { objects } = eachOnce(answers.flatMap((answer) => answer.objects));
  return { text: labelsOf(objects), objects };
}

function labelsOf(objects: readonly FoundObject[]): string {
  return objects
    .map(({ label }) => label)
    .filter((label) => label !== '')
    .join(', ');
}
