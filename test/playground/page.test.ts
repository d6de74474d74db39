import axe, { type AxeResults } from 'axe-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { DEMO_MODEL } from '../../src/config.js';
import { strokeFor } from '../../src/rendering/palette.js';
import { blueSquare, redCircle, type DrawnPicture } from '../support/drawn-pictures.js';
import { BROWSER, startBrowser } from '../support/browser.js';
import {
  buildPage,
  startPlayground,
  type BuiltPage,
  type PlaygroundUnderTest,
} from '../support/playground-under-test.js';

if (BROWSER === undefined) {
  console.warn(
    'Skipped: the page of the playground in a browser. It needs chromium, or its path in CHROMIUM.',
  );
}

// The continuous integration installs chromium, so that nothing is skipped there.
describe.skipIf(BROWSER === undefined && process.env.CI === undefined)('the page', () => {
  let built: BuiltPage;
  let browser: Browser;
  let it: PlaygroundUnderTest;
  let circle: DrawnPicture;
  let square: DrawnPicture;

  beforeAll(async () => {
    [built, browser, circle, square] = await Promise.all([
      buildPage(),
      startBrowser(),
      redCircle(),
      blueSquare(),
    ]);
    it = await startPlayground({ pageFolder: built.folder });
  });

  afterAll(async () => {
    await browser.close();
    await it.close();
    await built.remove();
  });

  /** The page in a browser of its own, in which nothing may go wrong and nothing may come from elsewhere. */
  async function open(options: BrowserContextOptions = {}, address = it.address): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(10_000);
    const faults: string[] = [];
    context.on('weberror', (error) => faults.push(error.error().message));
    context.on('request', (request) => {
      if (!request.url().startsWith(address) && !request.url().startsWith('blob:')) {
        faults.push(`A request to ${request.url()}`);
      }
    });
    onTestFinished(async () => {
      await context.close();
      expect(faults).toEqual([]);
    });
    const page = await context.newPage();
    await page.goto(address);
    await page.locator('.sample').first().waitFor();
    return page;
  }

  async function choose(page: Page, bytes: Buffer, name = 'drawing.png'): Promise<void> {
    await page.locator('#file').setInputFiles({ name, mimeType: 'image/png', buffer: bytes });
  }

  async function pick(page: Page, task: string): Promise<void> {
    await page.locator('.choice', { hasText: `/${task}` }).click();
  }

  async function send(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Send' }).click();
  }

  /** The words of the last answer, once it is there. */
  async function answer(page: Page): Promise<string> {
    const last = page.locator('.exchange').last();
    await last.locator('.times, .excuse').waitFor();
    return last.locator('.words, .excuse').innerText();
  }

  interface Pixels {
    readonly isColoured: (x: number, y: number) => boolean;
    readonly width: number;
    readonly height: number;
  }

  /** The picture that Save picture gives, and where it has the colour of the first object. */
  async function savedPicture(page: Page): Promise<Pixels> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save picture' }).last().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^drawing-(detect|segment)\.png$/);
    const { data, info } = await sharp(await download.path())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const colour = [1, 3, 5].map((start) => Number.parseInt(strokeFor(0).colour.slice(start, start + 2), 16));
    return {
      ...info,
      // Nearly: a thin curved line is blended with what lies under it.
      isColoured: (x, y) =>
        colour.every((value, channel) => Math.abs(data[(y * info.width + x) * 3 + channel] - value) < 40),
    };
  }

  /** The first and last number up to `end` that fit. */
  function span(end: number, fits: (index: number) => boolean): [number, number] {
    const fitting = Array.from({ length: end }, (_, index) => index).filter(fits);
    return [fitting.at(0) ?? Number.NaN, fitting.at(-1) ?? Number.NaN];
  }

  function expectNear([first, last]: [number, number], from: number, to: number): void {
    expect(Math.abs(first - from)).toBeLessThan(25);
    expect(Math.abs(last - to)).toBeLessThan(25);
  }

  describe('answers', () => {
    test('describe, with the language and the detail that were chosen', async () => {
      const page = await open();
      await choose(page, circle.png);
      await send(page);
      expect(await answer(page)).toBe('a red circle');
      await page.getByLabel('How much to say').selectOption('More detail');
      await page.getByLabel('Language of the answer').selectOption('French');
      await send(page);
      await page.locator('.times').nth(1).waitFor();
      expect(await page.locator('.command').last().innerText()).toBe(
        '/describe image: drawing.png detail: More detail language: French',
      );
      expect(await answer(page)).toMatch(/rouge/);
    });

    test('ocr, as the text stands there', async () => {
      const page = await open();
      await choose(page, await readFile(join(DEMO_MODEL, 'samples', 'mix-sign.jpg')));
      await pick(page, 'ocr');
      await send(page);
      expect(await answer(page)).toBe('MIX');
    });

    test('ask', async () => {
      const page = await open();
      await choose(page, circle.png);
      await pick(page, 'ask');
      await page.getByLabel('What you want to know').fill('what color is the circle?');
      await page.keyboard.press('Enter');
      expect(await answer(page)).toBe('red');
    });

    test('detect, with the box drawn where the shape is, until it is switched off', async () => {
      const page = await open();
      await choose(page, circle.png);
      await pick(page, 'detect');
      await page.getByLabel('What to find').fill('circle');
      await send(page);
      expect(await answer(page)).toBe('Found 1 object: circle');
      const { isColoured, width, height } = await savedPicture(page);
      const { left, top, right, bottom } = circle.box;
      expectNear(
        span(width, (x) => isColoured(x, (top + bottom) / 2)),
        left,
        right,
      );
      // Right of the label, which lies above the box.
      expectNear(
        span(height, (y) => isColoured(right - 40, y)),
        top,
        bottom,
      );

      await page.getByRole('button', { name: 'circle', exact: true }).click();
      const without = await savedPicture(page);
      expect(span(width, (x) => without.isColoured(x, (top + bottom) / 2))).toEqual([NaN, NaN]);
    });

    test.each([
      ['of the usual size', 1],
      ['of three megapixels', 3],
    ])('segment, with the outline drawn where the shape is, in a picture %s', async (_name, scale) => {
      const page = await open();
      const large = sharp(square.png).resize(640 * scale, 480 * scale);
      await choose(page, await large.png().toBuffer());
      await pick(page, 'segment');
      await page.getByLabel('What to find').fill('square');
      await send(page);
      expect(await answer(page)).toBe('Found 1 object: square');
      const { isColoured, width, height } = await savedPicture(page);
      const { left, top, right, bottom } = square.box;
      const isColouredAt = (x: number, y: number): boolean =>
        isColoured(Math.round((x * width) / 640), Math.round((y * height) / 480));
      const columns = span(640, (x) => isColouredAt(x, (top + bottom) / 2));
      expectNear(columns, left, right);
      const rows = span(480, (y) => isColouredAt(right - 30, y));
      expectNear(rows, top, bottom);
    });

    test('and saves the words and the JSON', async () => {
      const page = await open();
      await choose(page, circle.png);
      await send(page);
      await answer(page);
      const saved = async (name: string): Promise<string> => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name }).click(),
        ]);
        return readFile(await download.path(), 'utf8');
      };
      expect(await saved('Save text')).toBe('a red circle\n');
      expect(JSON.parse(await saved('Save JSON'))).toMatchObject({
        text: 'a red circle',
        size: { width: 640 },
      });
    });
  });

  test('makes the object stand out that the pointer is on, in the picture or in the list', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'star diamond square' }).click();
    await page.getByRole('button', { name: '/detect objects: star, diamond' }).click();
    await page.locator('.chip').nth(1).waitFor();
    const opaque = async (): Promise<number> =>
      page.evaluate(`{
        const canvas = document.querySelector('.picture canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        data.filter((value, index) => index % 4 === 3 && value > 200).length;
      }`);
    const all = await opaque();
    await page.locator('.chip', { hasText: 'diamond' }).hover();
    const one = await opaque();
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThan(all * 0.8);
    await page.mouse.move(0, 0);
    expect(await opaque()).toBe(all);
    const picture = await page.locator('.picture canvas').boundingBox();
    // The star is at the left of the top.
    await page.mouse.move(
      (picture?.x ?? 0) + (picture?.width ?? 0) * 0.2,
      (picture?.y ?? 0) + (picture?.height ?? 0) * 0.2,
    );
    await expect.poll(() => page.locator('.chip.pointed').allInnerTexts()).toEqual(['star']);
  });

  test('shows the fields of the task and no other', async () => {
    const page = await open();
    const shown = async (): Promise<string[]> =>
      (await page.locator('.fields label:visible').all()).length === 0
        ? []
        : page.locator('.fields label:visible span').allInnerTexts();
    expect(await shown()).toEqual(['How much to say', 'Language of the answer']);
    await pick(page, 'ocr');
    expect(await shown()).toEqual([]);
    await pick(page, 'ask');
    expect(await shown()).toEqual(['What you want to know', 'Language of the answer']);
    await pick(page, 'detect');
    expect(await shown()).toEqual(['What to find; separate several with commas']);
    await pick(page, 'segment');
    expect(await shown()).toEqual(['What to find; separate several with commas']);
  });

  test('says what a question lacks before it is sent', async () => {
    const page = await open();
    const problem = page.getByRole('alert');
    await send(page);
    await expect.poll(() => problem.innerText()).toBe('Choose a picture first.');
    await choose(page, circle.png);
    await pick(page, 'ask');
    await send(page);
    await expect.poll(() => problem.innerText()).toBe('The question is empty.');
    await pick(page, 'detect');
    await send(page);
    await expect.poll(() => problem.innerText()).toBe('Name at least one object to look for.');
    expect(await page.locator('.exchange').count()).toBe(0);
  });

  test('says that a file is no picture, and goes on', async () => {
    const page = await open();
    await choose(page, Buffer.from('This is no picture.'), 'words.png');
    await send(page);
    expect(await answer(page)).toMatch(/^This file is not a picture/);
    await choose(page, Buffer.alloc(2 * 2 ** 20), 'large.png');
    await send(page);
    await expect.poll(() => page.getByRole('alert').innerText()).toContain('up to 1 MiB');
    await choose(page, circle.png);
    await send(page);
    expect(await answer(page)).toBe('a red circle');
  });

  test('gives a question back that got no answer, unless another was typed meanwhile', async () => {
    const page = await open();
    const question = page.locator('#question');
    await choose(page, circle.png);
    await pick(page, 'ask');
    await question.fill('😀'.repeat(300));
    await send(page);
    expect(await answer(page)).not.toContain('too long');
    expect(await question.inputValue()).toBe('');

    const words = `what is this${'?'.repeat(600)}`;
    await question.fill(words);
    await send(page);
    expect(await answer(page)).toContain('The question is too long');
    expect(await question.inputValue()).toBe(words);

    it.inference.hold();
    await question.fill(words);
    await send(page);
    await question.fill('what color is it?');
    it.inference.release();
    expect(await answer(page)).toContain('The question is too long');
    expect(await question.inputValue()).toBe('what color is it?');
  });

  test('two tabs take turns, each sees its place, and Cancel and Escape end what waits or runs', async () => {
    it.inference.hold();
    const [first, second] = [await open(), await open()];
    for (const page of [first, second]) {
      await choose(page, circle.png);
      const sent = page === first ? it.inference.nextStart() : undefined;
      await send(page);
      await sent;
    }
    await first.getByText('Looking at the picture').first().waitFor();
    const waiting = second.locator('.words', { hasText: 'Your place in the queue: 1' });
    await waiting.waitFor();
    await second.getByRole('button', { name: 'Cancel' }).click();
    expect(await answer(second)).toBe('Cancelled.');
    await first.keyboard.press('Escape');
    expect(await answer(first)).toBe('Cancelled.');
    it.inference.release();
    await send(second);
    expect(await answer(second)).toBe('a red circle');
  });

  test('gives up a task whose tab is closed', async () => {
    it.inference.hold();
    const page = await open();
    await choose(page, circle.png);
    const started = it.inference.nextStart();
    await send(page);
    await started;
    const before = it.logLines.length;
    await page.close({ runBeforeUnload: false });
    await expect.poll(() => it.logLines.slice(before).join('')).toContain('"ending":"cancelled"');
    it.inference.release();
  });

  test('works with the keyboard alone', async () => {
    const page = await open();
    const pressUntilAt = async (key: string, target: Locator): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press(key);
        if ((await page.locator(':focus').and(target).count()) === 1) {
          return;
        }
      }
      throw new Error(`The key ${key} does not lead there.`);
    };
    await pressUntilAt('Tab', page.getByRole('button', { name: 'star diamond square' }));
    await page.keyboard.press('Enter');
    await page.locator('#picture-name', { hasText: 'star-diamond-square.jpg' }).waitFor();
    // The focus is on the commands now.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.type('star, diamond');
    await page.keyboard.press('Enter');
    expect(await answer(page)).toBe('Found 2 objects: star, diamond');
    const chip = page.locator('.chip').first();
    await pressUntilAt('Shift+Tab', chip);
    await page.keyboard.press('Space');
    expect(await chip.getAttribute('aria-pressed')).toBe('false');
  });

  test('tells a screen reader a growing answer in pieces of whole words, and its end', async () => {
    it.inference.slowDown(250);
    onTestFinished(() => {
      it.inference.slowDown(0);
    });
    const page = await open();
    const read = page.locator('#announcer');
    expect(await read.getAttribute('aria-live')).toBe('polite');
    await choose(page, circle.png);
    await page.getByLabel('How much to say').selectOption('More detail');
    await send(page);
    await page.locator('.growing').waitFor();
    const text = await answer(page);
    const pieces = await read.locator('p').allInnerTexts();
    expect(pieces[0]).toBe('Looking at the picture …');
    const spoken = pieces.slice(1);
    expect(spoken.length).toBeGreaterThan(1);
    expect(spoken.length).toBeLessThan(text.split(' ').length);
    expect(spoken.join(' ').replace(/\s+/g, ' ')).toBe(text);
  });

  test('takes a picture that is pasted, and one that is dropped', async () => {
    const page = await open();
    for (const { event, carrier, name } of [
      { event: "ClipboardEvent('paste'", carrier: 'clipboardData', name: 'pasted.png' },
      { event: "DragEvent('drop'", carrier: 'dataTransfer', name: 'dropped.png' },
    ]) {
      await page.evaluate(`{
        const bytes = Uint8Array.from(atob('${circle.png.toString('base64')}'), (character) => character.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], '${name}', { type: 'image/png' }));
        dispatchEvent(new ${event}, { ${carrier}: data, cancelable: true }));
      }`);
      await page.locator('#picture-name', { hasText: name }).waitFor();
      await send(page);
      expect(await answer(page)).toBe('a red circle');
    }
  });

  test('shows words as words, whatever they hold', async () => {
    const page = await open();
    await choose(page, circle.png, '<img src=x onerror=alert(1)>.png');
    await pick(page, 'ask');
    await page.getByLabel('What you want to know').fill('<b id="bold">what</b> color is the circle?');
    await send(page);
    await answer(page);
    expect(await page.locator('.command').innerText()).toContain('<b id="bold">what</b>');
    expect(await page.locator('#bold, .command img').count()).toBe(0);
  });

  test('says which model answers, and that the demo knows shapes and words only', async () => {
    const page = await open();
    await page.getByText('Answers come from demo (cpu, fp32).').waitFor();
    await page.getByText('How to get the real model').click();
    expect(await page.locator('#demo').innerText()).toContain(
      'glimpse model pull google/paligemma2-3b-mix-448',
    );
  });

  test('asks for the token that its owner has set', async () => {
    const token = 'a-token-of-sixteen-or-more';
    const locked = await startPlayground({ pageFolder: built.folder, token });
    onTestFinished(() => locked.close());
    const page = await open({}, locked.address);
    await page.locator('#token').fill(token);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('Answers come from demo').waitFor();
    await choose(page, circle.png);
    await send(page);
    expect(await answer(page)).toBe('a red circle');
  });

  test('speaks Chinese to a Chinese browser, and what was chosen from then on', async () => {
    const page = await open({ locale: 'zh-CN' });
    expect(await page.title()).toBe('Glimpse 试用页面');
    await choose(page, circle.png);
    await page.locator('.choice', { hasText: '/查找物体' }).click();
    await page.locator('#objects').fill('circle');
    await page.keyboard.press('Enter');
    expect(await answer(page)).toBe('找到 1 个物体：circle');
    await page.locator('#locale').selectOption('de');
    await page.reload();
    await page.getByRole('button', { name: 'Senden' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
  });

  describe.each([
    ['light', 1200, 'en-GB'],
    ['dark', 1200, 'zh-CN'],
    ['light', 360, 'de-DE'],
  ] as const)('in %s colours, %i pixels wide, in %s', (colorScheme, width, locale) => {
    test('axe finds nothing serious, before and after an answer, and nothing sticks out', async () => {
      const page = await open({ colorScheme, locale, viewport: { width, height: 800 }, bypassCSP: true });
      await page.evaluate(axe.source);
      const expectGood = async (): Promise<void> => {
        const { violations } = await page.evaluate<AxeResults>('axe.run()');
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      };
      await expectGood();
      await page.locator('.sample').first().click();
      await page.locator('.suggestion').nth(1).click();
      await page.locator('.chip').first().waitFor();
      await page.locator('summary').click();
      await expectGood();
    });
  });
});
