import { UserError, type MistakeCode } from '../errors.js';
import { WorkerAwayError, WorkerDiedError } from '../inference/worker/worker-inference.js';
import type { TextKey, Translate } from '../locales/locales.js';
import { isBlocked } from './discord-errors.js';
import { FileHostError, type FileHostProblem } from './file-host-errors.js';
import { plainText } from './plain-text.js';
import { JobEnded } from './running-jobs.js';

/** A refusal that is nobody's mistake, said to the member alone. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly sentence: RefusalSentence;

  constructor(sentence: RefusalSentence) {
    super(sentence);
    this.sentence = sentence;
  }
}

type RefusalSentence =
  | 'notAllowed'
  | 'notYours'
  | 'ownerOnly'
  | 'alreadyEnded'
  | 'pictureForgotten'
  | 'formForgotten'
  | 'noAltText'
  | 'outdated';

/** How a request that got no answer ended; what was lost is told apart from what nobody wanted any more. */
export type Ending =
  | 'mistake'
  | 'denied'
  | 'cancelled'
  | 'restarting'
  | 'too_late'
  | 'message_gone'
  | 'unanswerable'
  | 'blocked'
  | 'host_failed'
  | 'fault';

const ENDINGS = {
  cancelled: 'cancelled',
  restarting: 'restarting',
  messageGone: 'message_gone',
  unanswerable: 'unanswerable',
  tooLate: 'too_late',
} as const satisfies Record<JobEnded['why'], Ending>;

export function endingOf(error: unknown): Ending {
  if (error instanceof UserError) {
    return 'mistake';
  }
  if (error instanceof Refusal) {
    return 'denied';
  }
  if (error instanceof JobEnded) {
    return ENDINGS[error.why];
  }
  if (error instanceof FileHostError) {
    return 'host_failed';
  }
  return isBlocked(error) ? 'blocked' : 'fault';
}

/** Which mistake it was, if it was one of a member. */
export function mistakeCodeOf(error: unknown): MistakeCode | undefined {
  return error instanceof UserError ? error.mistake?.code : undefined;
}

const JOB_ENDINGS = {
  cancelled: 'outcomes.cancelled',
  restarting: 'outcomes.restarting',
  messageGone: 'outcomes.messageGone',
  // Nobody can be told.
  unanswerable: 'outcomes.cancelled',
  tooLate: 'outcomes.tooLate',
} as const satisfies Record<JobEnded['why'], TextKey>;

const FILE_HOST_PROBLEMS = {
  busy: 'outcomes.fileHostBusy',
  failing: 'outcomes.fileHostFailing',
  unreachable: 'outcomes.fileHostUnreachable',
  refusing: 'outcomes.fileHostRefusing',
} as const satisfies Record<FileHostProblem, TextKey>;

/** Why there is no answer, in a sentence for the member, harmless to post. */
export function sentenceOf(error: unknown, t: Translate): string {
  if (error instanceof UserError) {
    const { mistake } = error;
    return plainText(mistake === undefined ? error.message : t(`mistakes.${mistake.code}`, mistake.values));
  }
  if (error instanceof Refusal) {
    return t(`refusals.${error.sentence}`);
  }
  if (error instanceof JobEnded) {
    return t(JOB_ENDINGS[error.why]);
  }
  if (isBlocked(error)) {
    return t('outcomes.blocked');
  }
  if (error instanceof FileHostError) {
    return t(FILE_HOST_PROBLEMS[error.problem]);
  }
  if (error instanceof WorkerDiedError) {
    return t('outcomes.modelDown');
  }
  return t(error instanceof WorkerAwayError ? 'outcomes.modelAway' : 'outcomes.fault');
}
