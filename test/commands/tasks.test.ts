import { describe, expect, test } from 'vitest';
import { objectsFrom } from '../../src/commands/objects.js';
import { PICTURE_COMMANDS } from '../../src/commands/picture-commands.js';
import { UserError } from '../../src/errors.js';
import type { Task } from '../../src/task.js';

const { describe: describePicture, ocr, ask, detect, segment } = PICTURE_COMMANDS;

describe('a list of objects', () => {
  test.each<[string, string[]]>([
    ['cat', ['cat']],
    ['cat, dog', ['cat', 'dog']],
    ['cat; red car ;dog', ['cat', 'red car', 'dog']],
    ['cat\ndog', ['cat', 'dog']],
    ['猫、狗，车；树', ['猫', '狗', '车', '树']],
    [' , cat,, ;', ['cat']],
    ['cat, cat', ['cat', 'cat']],
  ])('is split as people write it: %j', (typed, objects) => {
    expect(objectsFrom(typed)).toEqual(objects);
  });

  test.each(['', '   ', ',;、', '\n,\n'])('without an object is a mistake: %j', (typed) => {
    const read = (): string[] => objectsFrom(typed);
    expect(read).toThrow(UserError);
    expect(read).toThrow(expect.objectContaining({ mistake: { code: 'objectsMissing' } }));
  });
});

describe('what a member typed becomes a task:', () => {
  test('/describe says a sentence in the language of the member, unless told otherwise', () => {
    const task = (words: Parameters<typeof describePicture.task>[0]): Task =>
      describePicture.task(words, 'fr');
    expect(task({})).toEqual({ kind: 'describe', language: 'fr', length: 'short' });
    expect(task({ detail: 'short' })).toMatchObject({ length: 'short' });
    expect(task({ detail: 'long' })).toMatchObject({ length: 'long' });
    expect(task({ detail: 'from an older version' })).toMatchObject({ length: 'short' });
    expect(task({ language: 'allemand' })).toMatchObject({ language: 'de' });
  });

  test('/ocr reads, whatever else was said', () => {
    expect(ocr.task({}, 'fr')).toEqual({ kind: 'ocr' });
    expect(ocr.task({ question: 'why?', language: 'de' }, 'fr')).toEqual({ kind: 'ocr' });
  });

  test('/ask asks the question as it was typed', () => {
    const question = ' Wie viele\nKatzen?  ';
    expect(ask.task({ question }, 'de')).toEqual({ kind: 'ask', question, language: 'de' });
    expect(ask.task({ question, language: 'English' }, 'de')).toMatchObject({ language: 'en' });
    expect(ask.task({ question }, 'bg')).toMatchObject({ language: 'en' });
  });

  test('/detect and /segment look for the objects of a list', () => {
    expect(detect.task({ objects: 'cat, dog' }, 'de')).toEqual({ kind: 'detect', objects: ['cat', 'dog'] });
    expect(segment.task({ objects: 'cat；dog' }, 'de')).toEqual({ kind: 'segment', objects: ['cat', 'dog'] });
  });

  test.each([
    ['/describe', describePicture, { language: 'Klingon' }, 'languageUnknown'],
    ['/ask', ask, { question: 'why?', language: 'Klingon' }, 'languageUnknown'],
    ['/detect', detect, {}, 'objectsMissing'],
    ['/segment', segment, { objects: ' , ' }, 'objectsMissing'],
  ])('%s tells what is wrong with %s %j: %s', (_, command, words, code) => {
    const make = (): Task => command.task(words, 'en-US');
    expect(make).toThrow(UserError);
    expect(make).toThrow(expect.objectContaining({ mistake: expect.objectContaining({ code }) as unknown }));
  });
});
