import type { Phrasing } from './prompt.js';

/** The sentence that the mix checkpoints were trained to refuse with, as their users report it. */
const REFUSAL = 'sorry, as a base vlm i am not trained to answer this question';
/** What they answer to a question that the picture does not settle (a label of the VizWiz and VQAv2 data). */
const NO_ANSWER = 'unanswerable';

/** Whether the model's whole answer says that it will not answer. */
export function isRefusal(text: string, { isQuestion }: Phrasing): boolean {
  const plain = toPlain(text);
  return plain.startsWith(REFUSAL) || (isQuestion && plain === NO_ANSWER);
}

/** Whether the answer so far may still turn out to be a refusal, and so had better not be shown yet. */
export function mayBecomeRefusal(text: string, { isQuestion }: Phrasing): boolean {
  const plain = toPlain(text);
  return (
    plain.startsWith(REFUSAL) || REFUSAL.startsWith(plain) || (isQuestion && NO_ANSWER.startsWith(plain))
  );
}

function toPlain(text: string): string {
  return text.trim().replace(/\.$/, '').toLowerCase();
}
