import { portableAnswer } from '../rendering/portable-answer.js';
import type { Answer, Detection } from '../task.js';

/**
 * An answer for a person to read: the words, then one line for each object found with its box in pixels.
 */
export function answerAsText(answer: Answer): string {
  const lines = isObjectTask(answer) ? answer.detections.map(detectionLine) : [answer.text];
  if (answer.finish === 'nothing found') {
    lines.splice(0, lines.length, NOTHING_FOUND[answer.task.kind]);
  }
  if (answer.finish === 'refused') {
    lines.push('(The model refused to answer this.)');
  }
  if (answer.finish === 'cut off') {
    lines.push('(The answer is cut off here: it reached its limit, or the model began to repeat itself.)');
  }
  if (answer.firstFrameOnly) {
    lines.push('(The picture moves; only its first frame was looked at.)');
  }
  return lines.filter((line) => line !== '').join('\n');
}

const NOTHING_FOUND = {
  describe: 'The model had nothing to say about this picture.',
  ask: 'The model had no answer.',
  ocr: 'No text was found.',
  detect: 'Nothing of that was found.',
  segment: 'Nothing of that was found.',
} as const satisfies Record<Answer['task']['kind'], string>;

function isObjectTask(answer: Answer): boolean {
  return answer.task.kind === 'detect' || answer.task.kind === 'segment';
}

function detectionLine({ label, box, mask }: Detection): string {
  const [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom].map(Math.round);
  const outline = mask === undefined ? '' : ', with its mask';
  return `${label || 'object'}: from ${left}, ${top} to ${right}, ${bottom}${outline}`;
}

/**
 * An answer for a program to read: one JSON object. A mask's coverage becomes a greyscale PNG in base64, and
 * the annotated picture the name of the file it was written to.
 */
export async function answerAsJson(answer: Answer, pictureFile: string | undefined): Promise<string> {
  const picture =
    answer.picture === undefined || pictureFile === undefined
      ? {}
      : { picture: { file: pictureFile, width: answer.picture.width, height: answer.picture.height } };
  return JSON.stringify({ ...(await portableAnswer(answer)), ...picture });
}
