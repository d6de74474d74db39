import type { Locale } from '../../locales/locales.js';
import type { Task } from '../../task.js';
import type { PlaygroundStatus } from '../interface.js';
import { Announcer } from './announcer.js';
import { fetchStatus, RefusedError, useToken } from './api.js';
import type { ChosenPicture } from './chosen-picture.js';
import { Composer } from './composer.js';
import { byId, element } from './elements.js';
import { Exchange } from './exchange.js';
import { sentenceOf } from './reply.js';
import { Samples } from './samples.js';
import { LOCALE_NAMES, Texts } from './texts.js';

/** Where the real model's licence is accepted. */
const MODEL_PAGE = 'https://huggingface.co/google/paligemma2-3b-mix-448';

const texts = new Texts();
const announcer = new Announcer(byId('announcer', HTMLElement));
const history = byId('history', HTMLElement);
const exchanges: Exchange[] = [];
let status: PlaygroundStatus | undefined;
let picture: ChosenPicture | undefined;

texts.apply();
const samples = new Samples({
  texts,
  onPicture: (chosen) => {
    composer.takePicture(chosen);
  },
  onTask: (task) => {
    composer.sendTask(task);
  },
});
const composer = new Composer({
  texts,
  onSend: send,
  onPicture: (chosen) => {
    picture = chosen;
    samples.suggestFor(chosen);
  },
});
offerLocales();
listenToKeys();
listenToPictures();
listenToToken();
addEventListener('pagehide', () => {
  // Nobody would hear the answers.
  exchanges.forEach((exchange) => {
    exchange.cancel();
  });
});
await Promise.all([samples.load(), showStatus()]);

function send(chosen: ChosenPicture, task: Task): void {
  const limit = status?.limits.pictureMebibytes ?? Infinity;
  if (chosen.blob.size > limit * 2 ** 20) {
    byId('problem', HTMLElement).textContent = texts.say('mistakes.pictureTooLarge', { mebibytes: limit });
    composer.giveBack(task);
    return;
  }
  const exchange = new Exchange({
    picture: chosen,
    task,
    texts,
    announcer,
    onUseAgain: (again) => {
      composer.takePicture(again);
    },
    onUnanswered: (unanswered) => {
      composer.giveBack(unanswered);
    },
    onTokenNeeded: askForToken,
  });
  exchanges.push(exchange);
  byId('welcome', HTMLElement).hidden = true;
  history.append(exchange.article);
  keepInSight();
  void exchange.run();
}

/** The history ends where the eye is, as in a chat, unless the visitor has scrolled up. */
function keepInSight(): void {
  let follow = true;
  const observer = new ResizeObserver(() => {
    if (follow) {
      scrollTo({ top: document.documentElement.scrollHeight });
    }
  });
  observer.observe(history);
  const stop = (): void => {
    follow = false;
    observer.disconnect();
  };
  for (const gesture of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
    addEventListener(gesture, stop, { once: true, passive: true });
  }
}

async function showStatus(): Promise<void> {
  try {
    status = await fetchStatus();
    const { name, runsOn, demo } = status.model;
    byId('model', HTMLElement).textContent = texts.say('playground.model', { model: name, provider: runsOn });
    byId('demo', HTMLElement).hidden = !demo;
    showRealModel();
  } catch (error) {
    if (error instanceof RefusedError && error.problem.code === 'tokenNeeded') {
      askForToken();
    } else {
      const sentence =
        error instanceof RefusedError ? sentenceOf(error.problem, texts.say) : texts.say('playground.lost');
      byId('model', HTMLElement).textContent = sentence;
    }
  }
}

/** How to get the real model, with a link where its address stands in the sentence. */
function showRealModel(): void {
  const link = element('a', '', MODEL_PAGE);
  link.href = MODEL_PAGE;
  link.target = '_blank';
  link.rel = 'noreferrer';
  const mark = '\u0000';
  const [before = '', after = ''] = texts.say('playground.realModelSteps', { address: mark }).split(mark);
  byId('real-model', HTMLElement).replaceChildren(before, link, after);
}

function offerLocales(): void {
  const list = byId('locale', HTMLSelectElement);
  list.append(
    ...LOCALE_NAMES.map(([locale, name]) => {
      const option = new Option(name, locale);
      option.lang = locale;
      return option;
    }),
  );
  list.value = texts.locale;
  list.addEventListener('change', () => {
    texts.locale = list.value as Locale;
    texts.apply();
    composer.apply();
    samples.suggestFor(picture);
    void showStatus();
  });
}

function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    const nothingHasFocus = document.activeElement === document.body;
    if (event.key === 'Escape') {
      exchanges.findLast(({ isOpen }) => isOpen)?.cancel();
    } else if (event.key === 'Enter' && nothingHasFocus && !event.isComposing) {
      composer.send();
    }
  });
}

/** A picture can be pasted, or dropped anywhere. */
function listenToPictures(): void {
  const veil = byId('drop', HTMLElement);
  const hasFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('paste', (event) => {
    const file = [...(event.clipboardData?.files ?? [])].at(0);
    if (file !== undefined) {
      event.preventDefault();
      composer.takeFile(file);
    }
  });
  addEventListener('dragover', (event) => {
    if (hasFile(event)) {
      event.preventDefault();
      veil.hidden = false;
    }
  });
  addEventListener('dragleave', (event) => {
    veil.hidden ||= event.relatedTarget === null;
  });
  addEventListener('drop', (event) => {
    if (hasFile(event)) {
      event.preventDefault();
      veil.hidden = true;
      composer.takeFile(event.dataTransfer?.files[0]);
    }
  });
}

function askForToken(): void {
  const dialog = byId('token-dialog', HTMLDialogElement);
  if (!dialog.open) {
    dialog.showModal();
  }
}

function listenToToken(): void {
  byId('token-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    useToken(byId('token', HTMLInputElement).value);
    byId('token-dialog', HTMLDialogElement).close();
    void showStatus();
  });
}
