import type { Translate } from '../locales/locales.js';
import type { Answer, Box, Detection, Size } from '../task.js';
import type { AnswerReply } from './picture-command.js';
import { excuseOf, notesOf } from './text-reply.js';

/** Characters that Discord takes as the alternative text of a picture. */
const LONGEST_ALT_TEXT = 1024;
/** A box over more of the picture than this is nowhere in particular. */
const ALMOST_ALL = 0.8;

/** The reply of a task that finds objects. */
export function objectsReply(answer: Answer, t: Translate, drawn: 'boxes' | 'outlines'): AnswerReply {
  const { task, detections } = answer;
  const found = detections.length > 0;
  return {
    ...(task.kind === 'detect' || task.kind === 'segment'
      ? { asked: task.objects.join(t('answers.separator')) }
      : {}),
    text: found
      ? t('answers.found', { count: detections.length, objects: countedLabels(detections, t) })
      : (excuseOf(answer, t) ?? t('outcomes.nothingFound')),
    verbatim: false,
    notes: [...(found ? notFoundNotes(answer, t) : []), ...notesOf(answer, t)],
    altText: found ? altTextOf(answer, t, drawn) : t('altTexts.picture'),
  };
}

/** Which of the objects that were asked for are not among those found. */
function notFoundNotes({ task, detections }: Answer, t: Translate): string[] {
  const asked = task.kind === 'detect' || task.kind === 'segment' ? task.objects : [];
  const labels = new Set(detections.map(({ label }) => label.toLowerCase()));
  const missing = asked.filter((object) => !labels.has(object.trim().toLowerCase()));
  // A model that names objects in its own words has found something else than was asked, not nothing.
  return missing.length === 0 || missing.length === asked.length
    ? []
    : [t('notes.notFound', { objects: missing.join(t('answers.separator')) })];
}

/** "cat (2), dog", in the order in which they were found. */
function countedLabels(detections: readonly Detection[], t: Translate): string {
  const counts = new Map<string, number>();
  for (const { label } of detections) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts]
    .map(([label, count]) => {
      const name = label || t('answers.anyObject');
      return count === 1 ? name : t('answers.foundOf', { label: name, count });
    })
    .join(t('answers.separator'));
}

/** What was found and where; as many objects as fit, and how many more there are. */
function altTextOf({ detections, size }: Answer, t: Translate, drawn: 'boxes' | 'outlines'): string {
  const objects = detections.map(({ label, box }) =>
    t('altTexts.object', {
      label: label || t('answers.anyObject'),
      place: t(`places.${placeOf(box, size)}`),
    }),
  );
  for (let shown = objects.length; ; shown--) {
    const left = objects.length - shown;
    const more = left > 0 ? t('altTexts.more', { count: left }) : '';
    const listed = objects.slice(0, shown).join(t('answers.separator'));
    const all =
      listed === '' || more === '' ? listed + more : t('altTexts.withMore', { objects: listed, more });
    const text = t(`altTexts.${drawn}`, { objects: all });
    if (text.length <= LONGEST_ALT_TEXT || shown === 0) {
      return text;
    }
  }
}

const PLACES = [
  ['topLeft', 'top', 'topRight'],
  ['left', 'middle', 'right'],
  ['bottomLeft', 'bottom', 'bottomRight'],
] as const;

/** Which ninth of the picture the middle of a box is in. */
function placeOf(box: Box, { width, height }: Size): (typeof PLACES)[number][number] | 'all' {
  if ((box.right - box.left) * (box.bottom - box.top) > ALMOST_ALL * width * height) {
    return 'all';
  }
  const column = thirdOf((box.left + box.right) / 2 / width);
  const row = thirdOf((box.top + box.bottom) / 2 / height);
  return PLACES[row][column];
}

function thirdOf(fraction: number): 0 | 1 | 2 {
  return fraction < 1 / 3 ? 0 : fraction < 2 / 3 ? 1 : 2;
}
