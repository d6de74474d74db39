import { UserError } from '../../errors.js';
import { refuseLongObjects, refuseLongQuestion } from '../../task-limits.js';
import type { Task } from '../../task.js';

/** How prompts begin that the mix checkpoints were trained on. */
const TASK_WORDS = /^(?:answer|cap|caption|describe|detect|ocr|question|segment)\b/i;

/** One way to put a task to the model. */
export interface Phrasing {
  /** One line, as PaliGemma was trained on it; the line break that ends a prompt is not part of it. */
  readonly prompt: string;
  /** True for questions, to which the model says "unanswerable" where it sees no answer. */
  readonly isQuestion: boolean;
}

/**
 * The parts of a task that the model is asked one after another. It draws outlines reliably of one object alone: of
 * several it often gives boxes only.
 *
 * @throws {UserError} as `phrasingsOf` does
 */
export function partsOf(task: Task, clean: (words: string) => string): readonly Task[] {
  return task.kind === 'segment'
    ? cleanObjects(task.objects, clean).map((name) => ({ ...task, objects: [name] }))
    : [task];
}

/**
 * The ways to put a task to the model, best first; the second is for when it refuses the first.
 *
 * The task words are those of the big_vision reference and of Google's documentation of PaliGemma prompts; the mix
 * checkpoints know both them and plain questions, but `detect` and `segment` only by their words.
 *
 * @param clean takes the model's own tokens out of people's words
 * @throws {UserError} the question is empty or too long; there is no object, or too many, or one too long
 */
export function phrasingsOf(task: Task, clean: (words: string) => string): readonly [Phrasing, Phrasing] {
  switch (task.kind) {
    case 'describe': {
      const short = { prompt: `caption ${task.language}`, isQuestion: false };
      const long = { prompt: `describe ${task.language}`, isQuestion: false };
      return task.length === 'short' ? [short, long] : [long, short];
    }
    case 'ocr':
      return [
        { prompt: 'ocr', isQuestion: false },
        { prompt: 'answer en what is this text', isQuestion: true },
      ];
    case 'ask': {
      const question = cleanQuestion(task.question, clean);
      const asked = { prompt: `answer ${task.language} ${question}`, isQuestion: true };
      // By itself it would be another task's prompt.
      return [asked, TASK_WORDS.test(question) ? asked : { prompt: question, isQuestion: true }];
    }
    case 'detect': {
      const objects = cleanObjects(task.objects, clean).join(' ; ');
      return [
        { prompt: `detect ${objects}`, isQuestion: false },
        { prompt: `detect bounding box of ${objects}`, isQuestion: false },
      ];
    }
    case 'segment': {
      const objects = cleanObjects(task.objects, clean).join(' ; ');
      return [
        { prompt: `segment ${objects}`, isQuestion: false },
        // Boxes without masks are better than nothing.
        { prompt: `detect ${objects}`, isQuestion: false },
      ];
    }
  }
}

/** A question keeps its case, as in training. */
function cleanQuestion(question: string, clean: (words: string) => string): string {
  refuseLongQuestion(question);
  const cleaned = clean(question);
  if (cleaned === '') {
    throw new UserError('The question is empty.', { mistake: { code: 'questionEmpty' } });
  }
  return cleaned;
}

/**
 * Names of objects as the model was trained on them: in lower case, each once. A `;` separates names in the prompt,
 * so none may hold one.
 *
 * @throws {UserError} no name is left, there are too many, or one is too long
 */
export function cleanObjects(
  objects: readonly string[],
  clean: (words: string) => string,
): readonly string[] {
  refuseLongObjects(objects);
  const names = objects.map((name) => clean(name.toLowerCase().replaceAll(';', ' '))).filter(Boolean);
  if (names.length === 0) {
    throw new UserError('Name at least one object to look for.', {
      mistake: { code: 'objectsMissing' },
    });
  }
  return [...new Set(names)];
}
