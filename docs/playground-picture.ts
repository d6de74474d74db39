/**
 * Draws docs/playground.png: the playground after a question, as a browser shows it.
 *
 *     npx tsx docs/playground-picture.ts      (needs chromium, or its path in the variable CHROMIUM)
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { startBrowser } from '../test/support/browser.js';
import { buildPage, startPlayground } from '../test/support/playground-under-test.js';

const OUT = fileURLToPath(new URL('playground.png', import.meta.url));
const VIEWPORT = { width: 860, height: 1100 };

const page = await buildPage();
const playground = await startPlayground({ pageFolder: page.folder });
const browser = await startBrowser();
try {
  const context = await browser.newContext({ viewport: VIEWPORT, deviceScaleFactor: 1.5, locale: 'en-GB' });
  const tab = await context.newPage();
  await tab.goto(playground.address);
  await tab.getByRole('button', { name: 'star diamond square' }).click();
  await tab.locator('.choice', { hasText: '/detect' }).click();
  await tab.getByLabel('What to find').fill('star, diamond, square');
  await tab.keyboard.press('Enter');
  await tab.locator('.chip').nth(2).waitFor();
  await tab.getByLabel('What to find').fill('');
  // A pointer or a focus on an object would fade the others.
  await tab.locator('h1').click();
  await tab.evaluate('scrollTo(0, 0)');
  await sharp(await tab.screenshot())
    .png({ palette: true, quality: 90, effort: 10 })
    .toFile(OUT);
} finally {
  await browser.close();
  await playground.close();
  await page.remove();
}
