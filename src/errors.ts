/**
 * The mistakes that a member can make. Each has a sentence in every language that Glimpse speaks (`mistakes` in
 * `src/locales/`).
 */
export const MISTAKE_CODES = [
  'notAPicture',
  'pictureDamaged',
  'pictureTooManyPixels',
  'pictureTooLarge',
  'pictureElsewhere',
  'pictureGone',
  'pictureTooSlow',
  'pictureDeadly',
  'noPicture',
  'questionEmpty',
  'questionTooLong',
  'promptTooLong',
  'objectsMissing',
  'objectsTooMany',
  'objectTooLong',
  'reservedWords',
  'languageUnknown',
  'queueFull',
  'waitTooLong',
  'tooManyOfYours',
  'cooldown',
  'timeLimit',
] as const;
export type MistakeCode = (typeof MISTAKE_CODES)[number];

/** What went wrong, and what its sentence names: a limit, a number of seconds, a word that was typed. */
export interface Mistake {
  readonly code: MistakeCode;
  readonly values?: Readonly<Record<string, string | number>>;
}

/**
 * A mistake of the person who asked: a file that is not a picture, an empty question, a folder that is no
 * checkpoint. Its message is one plain English sentence for them, and nothing is wrong with Glimpse.
 *
 * Every other error is a fault of ours and is logged with its cause.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** For a sentence in the person's language; only what a member can run into has one. */
  readonly mistake: Mistake | undefined;

  constructor(message: string, { mistake, ...options }: ErrorOptions & { mistake?: Mistake } = {}) {
    super(message, options);
    this.mistake = mistake;
  }
}

/**
 * What ends Glimpse now and may be gone when it is started again: Discord fails, or wants to be asked later. Its exit
 * status tells a supervisor so.
 */
export class PassingError extends UserError {}
