import type { Task } from '../../task.js';
import { choosePicture, type ChosenPicture } from './chosen-picture.js';
import { commandElement, typedCommand } from './command-line.js';
import { byId, element } from './elements.js';
import type { Texts } from './texts.js';

interface Sample {
  readonly file: string;
  /** What shows the picture well. */
  readonly tasks: readonly Task[];
}

export interface SamplesOptions {
  readonly texts: Texts;
  readonly onPicture: (picture: ChosenPicture) => void;
  readonly onTask: (task: Task) => void;
}

/** The pictures that come with Glimpse, and what to ask about each. */
export class Samples {
  readonly #options: SamplesOptions;
  readonly #suggestions = byId('suggestions', HTMLElement);
  /** The sample that is chosen. */
  #chosen: { readonly sample: Sample; readonly picture: ChosenPicture } | undefined;

  constructor(options: SamplesOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const samples = (await (await fetch('/samples.json')).json()) as Sample[];
    byId('samples', HTMLElement).append(...samples.map((sample) => this.#sampleButton(sample)));
  }

  /** Suggests what to ask if the chosen picture is a sample, in the language of the page. */
  suggestFor(picture: ChosenPicture | undefined): void {
    const tasks =
      this.#chosen !== undefined && this.#chosen.picture === picture ? this.#chosen.sample.tasks : [];
    this.#suggestions.hidden = tasks.length === 0;
    this.#suggestions.replaceChildren(
      ...tasks.map((task) => {
        const suggestion = element('button', 'suggestion');
        suggestion.type = 'button';
        suggestion.append(...commandElement(typedCommand(task, this.#options.texts)).childNodes);
        suggestion.addEventListener('click', () => {
          this.#options.onTask(task);
        });
        return suggestion;
      }),
    );
  }

  #sampleButton(sample: Sample): HTMLButtonElement {
    const image = element('img');
    image.src = `/samples/${sample.file}`;
    image.alt = sample.file.replace(/\.\w+$/, '').replaceAll('-', ' ');
    const chosen = element('button', 'sample', image);
    chosen.type = 'button';
    chosen.title = image.alt;
    chosen.addEventListener('click', () => {
      void this.#choose(sample, image.src);
    });
    return chosen;
  }

  async #choose(sample: Sample, source: string): Promise<void> {
    const picture = choosePicture(await (await fetch(source)).blob(), sample.file);
    this.#chosen = { sample, picture };
    this.#options.onPicture(picture);
  }
}
