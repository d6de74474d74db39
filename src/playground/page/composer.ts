import { modelLanguageFor } from '../../locales/locales.js';
import { splitObjects, type Language, type Task } from '../../task.js';
import { choosePicture, type ChosenPicture } from './chosen-picture.js';
import { byId, element } from './elements.js';
import type { Texts } from './texts.js';

const KINDS = ['describe', 'ocr', 'ask', 'detect', 'segment'] as const satisfies readonly Task['kind'][];

export interface ComposerOptions {
  readonly texts: Texts;
  readonly onSend: (picture: ChosenPicture, task: Task) => void;
  readonly onPicture: (picture: ChosenPicture) => void;
}

/** Where a picture is chosen and a question put. */
export class Composer {
  readonly #options: ComposerOptions;
  readonly #form = byId('composer', HTMLFormElement);
  readonly #choose = byId('choose', HTMLButtonElement);
  readonly #file = byId('file', HTMLInputElement);
  readonly #thumbnail = byId('thumbnail', HTMLImageElement);
  readonly #question = byId('question', HTMLInputElement);
  readonly #objects = byId('objects', HTMLInputElement);
  readonly #detail = byId('detail', HTMLSelectElement);
  readonly #language = byId('language', HTMLSelectElement);
  readonly #problem = byId('problem', HTMLElement);
  readonly #radios: readonly HTMLInputElement[];
  #picture: ChosenPicture | undefined;
  #kind: Task['kind'] = 'describe';

  constructor(options: ComposerOptions) {
    this.#options = options;
    this.#radios = KINDS.map((kind) => this.#addKind(kind));
    this.#choose.addEventListener('click', () => {
      this.#file.click();
    });
    this.#file.addEventListener('change', () => {
      this.takeFile(this.#file.files?.[0]);
      this.#file.value = '';
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
    // A form sends on Enter from a text field by itself, from a list it does not.
    this.#form.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing && event.target instanceof HTMLSelectElement) {
        event.preventDefault();
        this.send();
      }
    });
    this.#thumbnail.addEventListener('error', () => {
      this.#thumbnail.hidden = true;
    });
    this.apply();
  }

  /** Says everything in the language of the page. */
  apply(): void {
    const { texts } = this.#options;
    this.#radios.forEach((radio, index) => {
      const [kind] = [KINDS[index]];
      radio.nextElementSibling?.replaceChildren(`/${texts.say(`commands.${kind}.name`)}`);
    });
    const chosen = this.#language.value as Language | '';
    this.#language.replaceChildren(...texts.languages().map(({ code, name }) => new Option(name, code)));
    this.#language.value = chosen || modelLanguageFor(texts.locale);
    this.#show();
  }

  takeFile(file: File | undefined): void {
    if (file !== undefined) {
      this.takePicture(choosePicture(file, file.name === '' ? undefined : file.name));
    }
  }

  takePicture(picture: ChosenPicture): void {
    this.#picture = picture;
    this.#thumbnail.hidden = false;
    this.#thumbnail.src = picture.source;
    this.#options.onPicture(picture);
    this.#show();
    this.#focusWords();
  }

  /** Asks what a task says about the chosen picture. */
  sendTask(task: Task): void {
    this.#kind = task.kind;
    this.#show();
    if (this.#picture !== undefined) {
      this.#options.onSend(this.#picture, task);
    }
  }

  /** Asks what the form says, or says what it lacks. */
  send(): void {
    const { say } = this.#options.texts;
    const task = this.#task();
    this.#complain('');
    if (this.#picture === undefined) {
      this.#complain(say('playground.noPicture'), this.#choose);
    } else if (task.kind === 'ask' && task.question.trim() === '') {
      this.#complain(say('mistakes.questionEmpty'), this.#question);
    } else if ('objects' in task && task.objects.length === 0) {
      this.#complain(say('mistakes.objectsMissing'), this.#objects);
    } else {
      this.#question.value = '';
      this.#options.onSend(this.#picture, task);
    }
  }

  /** Puts the words of a question back that got no answer, unless others have been typed meanwhile. */
  giveBack(task: Task): void {
    if (task.kind === 'ask' && this.#question.value === '') {
      this.#question.value = task.question;
    }
  }

  #complain(sentence: string, culprit?: HTMLElement): void {
    this.#problem.textContent = sentence;
    culprit?.focus();
  }

  #task(): Task {
    const language = this.#language.value as Language;
    switch (this.#kind) {
      case 'describe':
        return { kind: 'describe', language, length: this.#detail.value === 'long' ? 'long' : 'short' };
      case 'ocr':
        return { kind: 'ocr' };
      case 'ask':
        return { kind: 'ask', question: this.#question.value, language };
      case 'detect':
      case 'segment':
        return { kind: this.#kind, objects: splitObjects(this.#objects.value) };
    }
  }

  #addKind(kind: Task['kind']): HTMLInputElement {
    const radio = element('input');
    radio.type = 'radio';
    radio.name = 'task';
    radio.value = kind;
    radio.addEventListener('change', () => {
      this.#kind = kind;
      this.#complain('');
      this.#show();
    });
    byId('tasks', HTMLElement).append(element('label', 'choice', radio, element('span')));
    return radio;
  }

  #show(): void {
    const { say } = this.#options.texts;
    this.#radios.forEach((radio) => {
      radio.checked = radio.value === this.#kind;
    });
    for (const field of this.#form.querySelectorAll<HTMLElement>('[data-for]')) {
      field.hidden = !(field.dataset.for ?? '').split(' ').includes(this.#kind);
    }
    byId('task-description', HTMLElement).textContent = say(`commands.${this.#kind}.description`);
    byId('picture-name', HTMLElement).textContent = this.#picture?.name ?? say('playground.choose');
    this.#choose.classList.toggle('chosen', this.#picture !== undefined);
    this.#choose.ariaLabel =
      this.#picture === undefined ? null : say('playground.chooseOther', { name: this.#picture.name });
  }

  /** What is to be typed next, if anything is. */
  #focusWords(): void {
    const words = this.#kind === 'ask' ? this.#question : this.#objects;
    if (this.#kind === 'ask' || this.#kind === 'detect' || this.#kind === 'segment') {
      words.focus();
    } else {
      this.#radios.find(({ checked }) => checked)?.focus();
    }
  }
}
