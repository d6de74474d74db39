import { UserError } from './errors.js';

/** Characters of a question and of an object's name, as people count them; and objects of one task. */
export const LONGEST_QUESTION = 500;
const LONGEST_OBJECT = 64;
const MOST_OBJECTS = 16;

/** UTF-16 code units that a character of people's has at most in the mean: flags have four. */
const UNITS_PER_CHARACTER = 4;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The UTF-16 code units that so many characters may have: whoever piles marks on a letter gets no further. */
export function mostUnits(characters: number): number {
  return characters * UNITS_PER_CHARACTER;
}

/** @throws {UserError} it has more characters than the model's questions, which are far shorter, have any use for */
export function refuseLongQuestion(question: string): void {
  if (isLongerThan(question.trim(), LONGEST_QUESTION)) {
    throw new UserError(`The question is too long: it may have ${LONGEST_QUESTION} characters.`, {
      mistake: { code: 'questionTooLong', values: { characters: LONGEST_QUESTION } },
    });
  }
}

/** @throws {UserError} there are too many, or one is too long */
export function refuseLongObjects(objects: readonly string[]): void {
  if (objects.some((name) => isLongerThan(name.trim(), LONGEST_OBJECT))) {
    throw new UserError(`The name of an object is too long: it may have ${LONGEST_OBJECT} characters.`, {
      mistake: { code: 'objectTooLong', values: { characters: LONGEST_OBJECT } },
    });
  }
  if (objects.length > MOST_OBJECTS) {
    throw new UserError(`These are too many objects: at most ${MOST_OBJECTS} can be looked for at once.`, {
      mistake: { code: 'objectsTooMany', values: { count: MOST_OBJECTS } },
    });
  }
}

function isLongerThan(text: string, characters: number): boolean {
  return (
    text.length > mostUnits(characters) ||
    (text.length > characters && [...graphemes.segment(text)].length > characters)
  );
}
