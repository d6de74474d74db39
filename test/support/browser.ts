import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that tests look at pages with: that in the variable CHROMIUM, or one that is installed. */
export const BROWSER = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));

export async function startBrowser(): Promise<Browser> {
  if (BROWSER === undefined) {
    throw new Error('There is no chromium here.');
  }
  // Its sandbox needs another user than root, who runs tests in a container.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: BROWSER, args });
}
