import { expect, test } from 'vitest';
import { splitObjects } from '../../../src/task.js';
import { hostileWords } from '../../support/hostile/hostile-words.js';
import { PromptShape } from '../../support/prompt-shape.js';

test('no words turn a prompt into another, end it or speak as the model', async () => {
  const shape = await PromptShape.ofDemo();
  const faults = hostileWords(500).flatMap((words) => {
    const objects = splitObjects(words);
    return [
      shape.faultOf({ kind: 'ask', question: words, language: 'en' }),
      shape.faultOf({ kind: 'detect', objects }),
      shape.faultOf({ kind: 'segment', objects }),
    ].filter((fault) => fault !== undefined);
  });
  expect(faults).toEqual([]);
});
