import type { AttachmentBuilder, InteractionEditReplyOptions } from 'discord.js';
import { describe, expect, test } from 'vitest';
import { answerMessage, growingMessage, type AnswerMessageOptions } from '../../src/bot/answer-message.js';
import type { AnswerReply } from '../../src/commands/picture-command.js';
import { translateTo } from '../../src/locales/locales.js';

const t = translateTo('en');
const picture = { width: 4, height: 3, mediaType: 'image/jpeg', bytes: new Uint8Array([1, 2, 3]) } as const;

function messageOf(
  reply: Partial<AnswerReply>,
  options: Partial<AnswerMessageOptions> = {},
): { content: string; files: AttachmentBuilder[]; buttons: string[] } {
  const message = answerMessage(
    {
      kind: 'describe',
      reply: { text: 'a cat', verbatim: false, notes: [], altText: 'a cat', ...reply },
      picture,
      posted: 'copy',
      spoiler: false,
      mayAttach: true,
      ...options,
    },
    t,
  );
  return {
    content: message.content ?? '',
    files: (message.files ?? []) as AttachmentBuilder[],
    buttons: customIdsOf(message),
  };
}

function customIdsOf({ components = [] }: InteractionEditReplyOptions): string[] {
  const json = JSON.stringify(components);
  return [...json.matchAll(/"custom_id":"([^"]+)"/g)].map((match) => match[1]);
}

test('an answer is its text, its picture with an alternative text, and buttons that know what the picture is', () => {
  const { content, files, buttons } = messageOf({});
  expect(content).toBe('a cat');
  expect(files.map(({ name, description }) => [name, description])).toEqual([['glimpse.jpg', 'a cat']]);
  expect(buttons).toEqual(['ask:copy', 'find:copy', 'read:copy', 'alt', 'delete']);
});

test('notes are small print below the text', () => {
  expect(messageOf({ notes: ['One.', 'Two.'] }).content).toBe('a cat\n-# One.\n-# Two.');
});

test('the question stands above the answer, on one line however it was written', () => {
  expect(messageOf({ asked: 'what\n> is *this*?' }).content).toBe('> what > is \\*this\\*?\na cat');
});

describe('a text that is longer than a message', () => {
  const long = 'All work and no play makes Jack a dull boy. '.repeat(100);

  test('is there as a file, its beginning is shown, and that is said', () => {
    const { content, files } = messageOf({ text: long });
    expect(content.length).toBeLessThanOrEqual(2000);
    expect(content.length).toBeGreaterThan(1800);
    expect(content.startsWith('All work and no play')).toBe(true);
    expect(content).toMatch(/…\n-# This is the beginning; the whole text is in the file\.$/);
    expect(files.map(({ name }) => name)).toEqual(['answer.txt', 'glimpse.jpg']);
    expect(files[0]?.attachment).toEqual(Buffer.from(long));
  });

  test.each([
    ['text that is all special characters', '*_~|`<@:'.repeat(400)],
    ['one word without end', 'x'.repeat(5000)],
    ['emoji', '👩‍👩‍👧‍👦'.repeat(500)],
    ['lines', 'a\n'.repeat(3000)],
  ])('never makes one that Discord refuses: %s', (_name, text) => {
    for (const verbatim of [true, false]) {
      for (const spoiler of [true, false]) {
        const { content } = messageOf({ text, verbatim, asked: text, notes: ['note'] }, { spoiler });
        expect(content.length).toBeLessThanOrEqual(2000);
        expect(content.length).toBeGreaterThan(1000);
        const { content: growing = '' } = growingMessage(text, { verbatim, spoiler }, []);
        expect(growing?.length).toBeLessThanOrEqual(2000);
      }
    }
  });

  test('says that it is cut where there may be no file', () => {
    const { content, files } = messageOf({ text: long }, { mayAttach: false });
    expect(files).toEqual([]);
    expect(content.length).toBeLessThanOrEqual(2000);
    expect(content).toContain('…\n-# ');
  });
});

test('text from a picture is shown as it stands there, and can not leave its block', () => {
  const text = 'EXIT  ->\n```\n@everyone **x**';
  const { content } = messageOf({ text, verbatim: true });
  expect(content.startsWith('```\nEXIT  ->\n')).toBe(true);
  expect(content.match(/```/g)).toHaveLength(2);
});

test('a spoiler hides the text and both files, and bars in the text do not end it', () => {
  const { content, files } = messageOf(
    { text: 'he || dies '.repeat(300), verbatim: true },
    { spoiler: true },
  );
  expect(content.startsWith('||he \\|\\| dies')).toBe(true);
  expect(content.match(/(?<!\\)\|\|/g)).toHaveLength(2);
  expect(files.every(({ spoiler }) => spoiler)).toBe(true);
});

test('an alternative text that is too long ends in an ellipsis within the limit', () => {
  const { files } = messageOf({ altText: 'cat '.repeat(400) });
  const description = files[0]?.description ?? '';
  expect(description.length).toBeLessThanOrEqual(1024);
  expect(description.endsWith('…')).toBe(true);
});

test('buttons under an answer without its picture do not promise one', () => {
  expect(messageOf({}, { picture: undefined }).buttons).toEqual([
    'ask:none',
    'find:none',
    'read:none',
    'delete',
  ]);
  const { content, buttons } = messageOf({}, { mayAttach: false });
  expect(content).toContain('-# I may not attach files');
  expect(buttons[0]).toBe('ask:none');
});
