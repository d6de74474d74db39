import { element } from './elements.js';

/** A screen reader is given no more often than this something of a growing answer. Milliseconds. */
const PACE = 2500;
/** What was said stays for a while, since not every screen reader looks at once. */
const KEPT = 8;

/** Tells screen readers what happens, politely: whole sentences, and of a growing answer a few words at a time. */
export class Announcer {
  readonly #log: HTMLElement;

  constructor(log: HTMLElement) {
    this.#log = log;
  }

  say(text: string): void {
    if (text.trim() === '') {
      return;
    }
    this.#log.append(element('p', '', text));
    while (this.#log.childElementCount > KEPT) {
      this.#log.firstElementChild?.remove();
    }
  }

  /** For one answer that grows. */
  growing(): GrowingAnnouncement {
    return new GrowingAnnouncement(this);
  }
}

export class GrowingAnnouncement {
  readonly #announcer: Announcer;
  #said = '';
  #lastAt = performance.now();

  constructor(announcer: Announcer) {
    this.#announcer = announcer;
  }

  /** Says the whole words that have come since it last said some, unless that was a moment ago. */
  grow(text: string): void {
    const words = text.slice(0, text.search(/\s\S*$/) + 1);
    if (performance.now() - this.#lastAt >= PACE && words.length > this.#said.length) {
      this.#announcer.say(this.#unsaid(words));
      this.#said = words;
      this.#lastAt = performance.now();
    }
  }

  /** Says what is still unsaid, and all of it where the end is not what was growing. */
  finish(text: string): void {
    this.#announcer.say(this.#unsaid(text));
  }

  #unsaid(text: string): string {
    return text.startsWith(this.#said) ? text.slice(this.#said.length) : text;
  }
}
