import { element } from './elements.js';

/** Hands a file to the browser, which saves it where the person wants it. */
export function saveFile(content: Blob, name: string): void {
  const link = element('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has to have begun reading by then.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 60_000);
}
