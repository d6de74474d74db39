import type { AnswerReply } from '../../commands/picture-command.js';
import { strokeFor } from '../../rendering/palette.js';
import type { Detection, Task } from '../../task.js';
import type { TaskState } from '../interface.js';
import { AnnotatedPicture } from './annotated-picture.js';
import type { Announcer } from './announcer.js';
import { cancelTask, followTask, giveTask, RefusedError } from './api.js';
import type { ChosenPicture } from './chosen-picture.js';
import { commandElement, typedCommand } from './command-line.js';
import { drawableOf } from './drawable.js';
import { button, element } from './elements.js';
import { replyTo, sentenceOf } from './reply.js';
import { saveFile } from './save.js';
import type { Texts } from './texts.js';

export interface ExchangeOptions {
  readonly picture: ChosenPicture;
  readonly task: Task;
  readonly texts: Texts;
  readonly announcer: Announcer;
  /** Takes the picture for the next question. */
  readonly onUseAgain: (picture: ChosenPicture) => void;
  /** Told that there will be no answer, though nobody cancelled it: the words may be wanted once more. */
  readonly onUnanswered: (task: Task) => void;
  /** Told that the page's token is missing or wrong. */
  readonly onTokenNeeded: () => void;
}

type Answered = Extract<TaskState, { state: 'answered' }>;

/** One question and its answer, as they stand in the history. */
export class Exchange {
  readonly article: HTMLElement;
  readonly #options: ExchangeOptions;
  readonly #picture: AnnotatedPicture;
  readonly #answer = element('div', 'answer');
  readonly #cancelButton: HTMLButtonElement;
  readonly #askedAt = performance.now();
  #id: string | undefined;
  /** Settles once what was found is drawn. */
  #drawn = Promise.resolve();
  #state: 'open' | 'cancelling' | 'over' = 'open';

  constructor(options: ExchangeOptions) {
    const { picture, task, texts } = options;
    this.#options = options;
    this.#picture = new AnnotatedPicture(picture.source);
    this.#cancelButton = button(texts.say('buttons.cancel'), () => {
      this.cancel();
    });
    const command = commandElement(typedCommand(task, texts, picture.name));
    this.article = element('article', 'exchange', command, this.#picture.figure, this.#answer);
    this.article.ariaLabel = command.textContent;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Ends the task, waiting or running. */
  cancel(): void {
    if (this.#state !== 'open') {
      return;
    }
    this.#state = 'cancelling';
    this.#cancelButton.disabled = true;
    if (this.#id !== undefined) {
      void this.#tellCancelled(this.#id);
    }
  }

  /** Asks, and shows what comes. */
  async run(): Promise<void> {
    const { picture, task, texts, announcer } = this.#options;
    this.#showProgress(texts.say('playground.sending'));
    const announcement = announcer.growing();
    let lastSaid = '';
    try {
      const { id } = await giveTask(picture.blob, task);
      this.#id = id;
      if (!this.isOpen) {
        void this.#tellCancelled(id);
      }
      await followTask(id, (state) => {
        switch (state.state) {
          case 'waiting':
          case 'running': {
            const { words, grows } = this.#wordsOf(state);
            this.#showProgress(words, grows);
            if (grows) {
              announcement.grow(words);
            } else if (words !== lastSaid) {
              announcer.say(words);
              lastSaid = words;
            }
            break;
          }
          case 'answered':
            this.#state = 'over';
            announcement.finish(this.#showAnswer(state));
            break;
          case 'failed':
            this.#excuse(sentenceOf(state.error, texts.say));
            break;
          case 'cancelled':
            this.#showSentence(texts.say('outcomes.cancelled'));
            break;
        }
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  async #tellCancelled(id: string): Promise<void> {
    try {
      await cancelTask(id);
    } catch {
      // It has ended meanwhile, or Glimpse has, which the stream of events tells.
    }
  }

  #fail(error: unknown): void {
    const { texts, onTokenNeeded } = this.#options;
    if (error instanceof RefusedError) {
      // What was cancelled before it was told of is no longer known.
      const cancelled = this.#state === 'cancelling' && error.problem.code === 'notFound';
      if (cancelled) {
        this.#showSentence(texts.say('outcomes.cancelled'));
      } else {
        this.#excuse(sentenceOf(error.problem, texts.say));
      }
      if (error.problem.code === 'tokenNeeded') {
        onTokenNeeded();
      }
    } else {
      this.#excuse(texts.say('playground.lost'));
    }
  }

  #wordsOf({ progress }: Extract<TaskState, { state: 'waiting' | 'running' }>): {
    words: string;
    grows: boolean;
  } {
    const t = this.#options.texts.say;
    if (progress === null) {
      return { words: t('progress.looking'), grows: false };
    }
    if (progress.stage === 'waiting') {
      return { words: t('progress.waiting', { place: progress.place }), grows: false };
    }
    return progress.text === ''
      ? { words: t('progress.looking'), grows: false }
      : { words: progress.text, grows: true };
  }

  #showProgress(words: string, grows = false): void {
    const text = this.#answer.querySelector<HTMLElement>('.words');
    if (text === null) {
      this.#answer.replaceChildren(
        element('p', 'words', words),
        element('div', 'actions', this.#cancelButton),
      );
    } else {
      text.textContent = words;
    }
    this.#answer.classList.toggle('growing', grows);
    this.#answer.classList.add('pending');
  }

  /** Says why there is no answer, and gives the words back. */
  #excuse(sentence: string): void {
    this.#showSentence(sentence);
    this.#options.onUnanswered(this.#options.task);
  }

  /** One sentence in the place of an answer. */
  #showSentence(sentence: string): void {
    this.#state = 'over';
    this.#end(element('p', 'excuse', sentence), this.#actions([]));
    this.#options.announcer.say(sentence);
  }

  /** @returns what is to be read out */
  #showAnswer(state: Answered): string {
    const { texts } = this.#options;
    const { answer } = state;
    const reply = replyTo(answer, texts.say);
    const chips = element('div', 'chips');
    chips.role = 'group';
    chips.ariaLabel = texts.say('playground.objects');
    this.#end(
      element('p', reply.verbatim ? 'words verbatim' : 'words', reply.text),
      ...reply.notes.map((note) => element('p', 'note muted', note)),
      ...(answer.detections.length > 0 ? [chips] : []),
      element('p', 'times muted', this.#timesOf(state)),
      this.#actions(this.#savers(state, reply)),
    );
    this.#drawn = this.#drawAnswer(state, reply, chips);
    return [reply.text, ...reply.notes].join('\n');
  }

  async #drawAnswer({ answer }: Answered, { altText }: AnswerReply, chips: HTMLElement): Promise<void> {
    const drawable = await drawableOf(answer);
    this.#picture.show(drawable, altText);
    const all = drawable.detections.map((detection, index) => this.#chip(detection, index));
    chips.append(...all);
    this.#picture.onPoint = (pointed) => {
      all.forEach((chip, index) => {
        chip.classList.toggle('pointed', index === pointed);
      });
    };
  }

  /** A switch for one object, which also makes it stand out. */
  #chip({ label }: Detection, index: number): HTMLButtonElement {
    const stroke = strokeFor(index);
    const swatch = element('span', stroke.dashed ? 'swatch dashed' : 'swatch');
    swatch.style.setProperty('--colour', stroke.colour);
    const chip = button('', () => {
      const shown = chip.ariaPressed !== 'true';
      chip.ariaPressed = String(shown);
      this.#picture.setShown(index, shown);
    });
    chip.append(swatch, label || this.#options.texts.say('answers.anyObject'));
    chip.className = 'chip';
    chip.ariaPressed = 'true';
    const stress = (stressed: boolean): void => {
      this.#picture.stress(stressed ? index : undefined);
    };
    for (const begin of ['pointerenter', 'focus']) {
      chip.addEventListener(begin, () => {
        stress(true);
      });
    }
    for (const end of ['pointerleave', 'blur']) {
      chip.addEventListener(end, () => {
        stress(false);
      });
    }
    return chip;
  }

  #timesOf({ answer: { timings }, waited }: Answered): string {
    const { decode, vision, prefill, decodePerToken, tokens } = timings;
    const { say, locale } = this.#options.texts;
    const format = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    const seconds = (milliseconds: number): string => format.format(milliseconds / 1000);
    return say('playground.times', {
      total: seconds(performance.now() - this.#askedAt),
      waited: seconds(waited),
      looked: seconds(decode + vision),
      answered: seconds(prefill + decodePerToken * tokens),
      tokens,
    });
  }

  #savers({ answer }: Answered, { text, notes }: AnswerReply): HTMLButtonElement[] {
    const { picture, texts } = this.#options;
    const base = `${picture.name.replace(/\.\w+$/, '')}-${answer.task.kind}`;
    const saver = (label: string, ending: string, content: () => Blob | Promise<Blob>): HTMLButtonElement =>
      button(label, () => {
        void Promise.resolve(content()).then((blob) => {
          saveFile(blob, `${base}.${ending}`);
        });
      });
    return [
      ...(answer.detections.length > 0
        ? [
            saver(texts.say('playground.savePicture'), 'png', async () => {
              await this.#drawn;
              return this.#picture.toPng();
            }),
          ]
        : []),
      saver(
        texts.say('playground.saveText'),
        'txt',
        () => new Blob([`${[text, ...notes].join('\n')}\n`], { type: 'text/plain' }),
      ),
      saver(
        texts.say('playground.saveJson'),
        'json',
        () => new Blob([`${JSON.stringify(answer, null, 2)}\n`], { type: 'application/json' }),
      ),
    ];
  }

  #actions(more: readonly HTMLButtonElement[]): HTMLElement {
    const { picture, texts, onUseAgain } = this.#options;
    const again = button(texts.say('playground.useAgain'), () => {
      onUseAgain(picture);
    });
    return element('div', 'actions', again, ...more);
  }

  #end(...children: readonly Node[]): void {
    const hadFocus = this.#answer.contains(document.activeElement);
    this.#answer.classList.remove('pending', 'growing');
    this.#answer.replaceChildren(...children);
    if (hadFocus) {
      // The button that was pressed is gone; who uses the keyboard should not have to start over.
      this.#answer.querySelector('button')?.focus();
    }
  }
}
