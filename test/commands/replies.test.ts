import { describe, expect, test } from 'vitest';
import type { AnswerReply } from '../../src/commands/picture-command.js';
import { PICTURE_COMMANDS } from '../../src/commands/picture-commands.js';
import { translateTo, TRANSLATIONS } from '../../src/locales/locales.js';
import type { Answer, Box, Detection, Task } from '../../src/task.js';

const t = translateTo('en');
const LOCALES = Object.keys(TRANSLATIONS);

const TASKS = {
  describe: { kind: 'describe', language: 'en', length: 'short' },
  ocr: { kind: 'ocr' },
  ask: { kind: 'ask', question: 'what is it?', language: 'en' },
  detect: { kind: 'detect', objects: ['cat', 'red car'] },
  segment: { kind: 'segment', objects: ['cat', 'red car'] },
} as const satisfies Record<Task['kind'], Task>;
const KINDS = Object.keys(TASKS) as Task['kind'][];

/** What a command replies in English, or in another language. */
function replyTo(kind: Task['kind'], answer: Partial<Answer> = {}, say = t): AnswerReply {
  const whole: Answer = {
    task: TASKS[kind],
    text: '',
    detections: [],
    finish: 'complete',
    size: { width: 900, height: 300 },
    firstFrameOnly: false,
    timings: { decode: 1, vision: 1, prefill: 1, decodePerToken: 1, tokens: 1 },
    ...answer,
  };
  return PICTURE_COMMANDS[kind].reply(whole, say);
}

/** A box of 90 by 30 pixels, in a picture of 900 by 300, around the middle of one of nine fields. */
function boxIn(column: number, row: number): Box {
  const [x, y] = [150 + 300 * column, 50 + 100 * row];
  return { left: x - 45, top: y - 15, right: x + 45, bottom: y + 15 };
}

function found(...labels: string[]): Detection[] {
  return labels.map((label) => ({ label, box: boxIn(1, 1) }));
}

describe('a description', () => {
  test('is the text and the alternative text of the picture', () => {
    expect(replyTo('describe', { text: 'A cat\non a mat.' })).toEqual({
      text: 'A cat\non a mat.',
      verbatim: false,
      notes: [],
      altText: 'A cat\non a mat.',
    });
  });
});

describe('a text that was read', () => {
  test('is shown as it stood in the picture', () => {
    expect(replyTo('ocr', { text: 'EXIT\n  →' })).toEqual({
      text: 'EXIT\n  →',
      verbatim: true,
      notes: [],
      altText: 'A picture with the text: EXIT\n  →',
    });
  });

  test('that is none is told in a sentence', () => {
    expect(replyTo('ocr', { finish: 'nothing found' })).toEqual({
      text: 'I found no text in this picture.',
      verbatim: false,
      notes: [],
      altText: 'The picture that was asked about.',
    });
  });
});

describe('the answer to a question', () => {
  test('repeats the question, for others and in the alternative text', () => {
    const question = 'is {{text}} $t(buttons.cancel) *blue*?';
    const task = { kind: 'ask', question, language: 'en' } as const;
    expect(replyTo('ask', { task, text: 'yes' })).toEqual({
      asked: question,
      text: 'yes',
      verbatim: false,
      notes: [],
      altText: `The picture of the question: ${question} Answer: yes`,
    });
  });
});

describe.each(KINDS)('%s', (kind) => {
  const something: Partial<Answer> = { text: 'cat', detections: found('cat', 'red car') };

  test('says the same whether the model ended its answer or not, and says in small print that it was cut off', () => {
    const complete = replyTo(kind, { ...something, finish: 'complete' });
    expect(complete.notes).toEqual([]);
    expect(replyTo(kind, { ...something, finish: 'cut off' })).toEqual({
      ...complete,
      notes: ['The answer ends here because it reached its limit, or the model began to repeat itself.'],
    });
  });

  test('says when only the first frame was looked at', () => {
    expect(replyTo(kind, { ...something, firstFrameOnly: true }).notes).toEqual([
      'The picture moves; only its first frame was looked at.',
    ]);
    expect(replyTo(kind, { finish: 'cut off', firstFrameOnly: true }).notes).toHaveLength(2);
  });

  test('says that the model refused, which is not the same as having found nothing', () => {
    const refused = replyTo(kind, { finish: 'refused' });
    expect(refused).toMatchObject({
      text: 'The model would not answer this.',
      verbatim: false,
      altText: 'The picture that was asked about.',
    });
    expect(replyTo(kind, { finish: 'nothing found' }).text).not.toBe(refused.text);
  });

  test('says that there was nothing', () => {
    const nothing = {
      describe: 'The model had nothing to say about this picture.',
      ocr: 'I found no text in this picture.',
      ask: 'The model had no answer.',
      detect: 'I found nothing of that in this picture.',
      segment: 'I found nothing of that in this picture.',
    };
    for (const finish of ['nothing found', 'complete', 'cut off'] as const) {
      expect(replyTo(kind, { finish })).toMatchObject({
        text: nothing[kind],
        verbatim: false,
        altText: 'The picture that was asked about.',
      });
    }
  });

  test('speaks the language of the member', () => {
    const replies = LOCALES.map((locale) => replyTo(kind, { finish: 'refused' }, translateTo(locale)).text);
    expect(new Set(replies).size).toBe(LOCALES.length);
  });
});

describe.each(['detect', 'segment'] as const)('what %s found', (kind) => {
  test('name those that were not found beside those that were', () => {
    expect(replyTo(kind, { detections: found('cat') }).notes).toEqual(['Not found: red car']);
    expect(replyTo(kind, { detections: found('Cat', 'RED CAR') }).notes).toEqual([]);
  });

  test("in words of the model's own are not taken for missing", () => {
    expect(replyTo(kind, { detections: found('kitten') }).notes).toEqual([]);
  });

  test('is counted by its names, in the order in which it was found', () => {
    const reply = replyTo(kind, { detections: found('dog', 'cat', 'dog', 'red car', 'dog', 'cat') });
    expect(reply).toMatchObject({
      asked: 'cat, red car',
      text: 'Found 6 objects: dog (3), cat (2), red car',
      verbatim: false,
    });
  });

  test('is one object in the singular', () => {
    expect(replyTo(kind, { detections: found('cat') }).text).toBe('Found 1 object: cat');
  });

  test('has a name where the model gave none', () => {
    const reply = replyTo(kind, { detections: found('', '') });
    expect(reply.text).toBe('Found 2 objects: object (2)');
    expect(reply.altText).toContain('object (middle), object (middle)');
  });

  test('is told in the language of the member', () => {
    const detections = found('cat', 'dog', 'cat');
    expect(replyTo(kind, { detections }, translateTo('zh-CN'))).toMatchObject({
      asked: 'cat、red car',
      text: '找到 3 个物体：cat（2）、dog',
    });
    expect(replyTo(kind, { detections }, translateTo('fr')).text).toBe(
      '3 objets trouvés\u00a0: cat (2), dog',
    );
  });

  test('is said with its place in the picture', () => {
    const places = [
      ['top left', 'top', 'top right'],
      ['left', 'middle', 'right'],
      ['bottom left', 'bottom', 'bottom right'],
    ];
    for (const [row, names] of places.entries()) {
      for (const [column, place] of names.entries()) {
        const { altText } = replyTo(kind, { detections: [{ label: 'cat', box: boxIn(column, row) }] });
        expect(altText).toContain(`cat (${place})`);
      }
    }
  });

  test('is almost everywhere where it covers more than four fifths of the picture', () => {
    const placeOf = (right: number): string =>
      replyTo(kind, { detections: [{ label: 'sky', box: { left: 0, top: 0, right, bottom: 300 } }] }).altText;
    expect(placeOf(900)).toContain('sky (almost everywhere)');
    expect(placeOf(730)).toContain('sky (almost everywhere)');
    expect(placeOf(710)).toContain('sky (middle)');
  });

  test.each(LOCALES)('is all said within 1024 characters, or how many more there are, in %s', (locale) => {
    const say = translateTo(locale);
    const detections = Array.from({ length: 200 }, (_, index) => ({
      label: `a rather long name, the ${index}th`,
      box: boxIn(index % 3, 1),
    }));
    const { altText, text } = replyTo(kind, { detections }, say);
    expect(altText.length).toBeLessThanOrEqual(1024);
    expect(altText.length).toBeGreaterThan(900);
    expect(text).toContain('200');
    const shown = detections.filter(({ label }) => altText.includes(label)).length;
    expect(shown).toBeGreaterThan(10);
    expect(altText).toContain(detections[shown - 1]?.label);
    expect(altText).toContain(say('altTexts.more', { count: 200 - shown }));
  });

  test('is all named where it fits', () => {
    const { altText } = replyTo(kind, { detections: found('cat', 'dog') });
    expect(altText).toContain('cat (middle), dog (middle).');
    expect(altText).not.toContain('more');
  });

  test('is only counted where not even one name fits', () => {
    const { altText } = replyTo(kind, { detections: found('x'.repeat(2000)) });
    expect(altText).toContain(': and 1 more');
  });
});

test('the picture has boxes where objects were detected, and outlines where they were segmented', () => {
  expect(replyTo('detect', { detections: found('cat') }).altText).toBe(
    'The picture with boxes drawn around: cat (middle).',
  );
  expect(replyTo('segment', { detections: found('cat') }).altText).toBe(
    'The picture with outlines drawn around: cat (middle).',
  );
});
