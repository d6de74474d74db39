import { UserError } from '../../errors.js';
import type { Dtype, Provider } from '../../task.js';
import type { Footprint } from '../paligemma/footprint.js';
import { PROCESS } from '../paligemma/memory.js';
import { sharesMemory, type GraphicsCard } from './graphics-cards.js';
import type { Machine } from './machine.js';
import { modelsThatFit } from './official-models.js';

/** How a checkpoint is to be run, and why so. */
export interface Choice {
  readonly provider: Provider;
  /** Undefined: what the folder has, where that is none of the dtypes that can be asked for. */
  readonly dtype: Dtype | undefined;
  /** Of the CPU provider. */
  readonly threads: number;
  /** One sentence for each of the three. */
  readonly reasons: readonly string[];
  /** What to run instead where this can't be loaded; undefined where the owner has asked for it. */
  readonly fallback: Choice | undefined;
}

/** What the owner has asked for; what is undefined is chosen. */
export interface Wishes {
  readonly provider: Provider | undefined;
  readonly dtype: Dtype | undefined;
  readonly threads: number | undefined;
}

/**
 * The first that fits is taken. 8 bits change next to no word of an answer, 4 bits some, and both are read from memory
 * several times as fast as floats are: `bench/README.md` has the figures.
 */
const ORDER: readonly (Dtype | undefined)[] = ['q8', 'q4', 'fp16', 'fp32', undefined, 'q4f16'];
/** A card reads a prompt in two thirds of the time where it may compute in 16-bit floats, which slow a processor down. */
const ORDER_ON_CARDS: readonly (Dtype | undefined)[] = ['q4f16', 'q8', 'q4', 'fp16', 'fp32', undefined];

/** What the process takes of the processor's memory where a card computes, besides the prompt's embeddings. Bytes. */
const BESIDE_CARD = PROCESS;

/**
 * Chooses what runs a checkpoint best on a machine.
 *
 * @param footprints of the checkpoint's dtypes, at least one
 * @throws {UserError} it has not the dtype that is wished for, or does not fit into memory
 */
export function choose(machine: Machine, footprints: readonly Footprint[], wishes: Wishes): Choice {
  const wished = footprints.filter(({ dtype }) => wishes.dtype === undefined || dtype === wishes.dtype);
  if (wished.length === 0) {
    throw new UserError(`The model is not there as ${wishes.dtype ?? ''}. ${stored(footprints)}`);
  }
  const providerWish = wishes.provider;
  if (providerWish !== undefined) {
    return chooseFor(
      providerWish,
      `PROVIDER=${providerWish} asks for it.`,
      machine,
      inOrder(providerWish, wished),
      wishes,
    );
  }
  const candidates = inOrder('webgpu', wished);
  const forProcessor = inOrder('cpu', wished);
  const card = machine.graphicsCards.at(0);
  const why = whyNot(card, machine, candidates);
  const onProcessor = (reason: string): Choice => chooseFor('cpu', reason, machine, forProcessor, wishes);
  if (card === undefined || why !== undefined) {
    return onProcessor(why ?? 'No graphics card was found.');
  }
  const choice = chooseFor('webgpu', `There is a graphics card, ${card.name}.`, machine, candidates, wishes);
  if (!forProcessor.some((footprint) => fits('cpu', machine, footprint))) {
    const needs = gigabytes(needOn('cpu', undefined, smallest(forProcessor)));
    const nothingElse =
      `Nothing takes the place of ${card.name} should it fail: on the processor the model needs about ${needs}, ` +
      `and this machine has ${gigabytes(machine.memory)} free.`;
    return { ...choice, reasons: [...choice.reasons, nothingElse] };
  }
  return { ...choice, fallback: onProcessor(`${card.name} can't be used.`) };
}

/** The best for a provider first. */
function inOrder(provider: Provider, footprints: readonly Footprint[]): Footprint[] {
  const order = provider === 'cpu' ? ORDER : ORDER_ON_CARDS;
  return [...footprints].sort((a, b) => order.indexOf(a.dtype) - order.indexOf(b.dtype));
}

/** Why a machine's best card is not to be used; undefined where it is. */
function whyNot(
  card: GraphicsCard | undefined,
  machine: Machine,
  candidates: readonly Footprint[],
): string | undefined {
  if (card === undefined) {
    return undefined;
  }
  if (card.integrated) {
    return `${card.name} shares the processor's memory, so it would gain little; PROVIDER=webgpu tries it.`;
  }
  if (candidates.some((footprint) => fits('webgpu', machine, footprint))) {
    return undefined;
  }
  const { memory } = card;
  return memory === undefined || sharesMemory(card) || needOn('webgpu', card, smallest(candidates)) <= memory
    ? `This machine has too little memory for ${card.name}, ${gigabytes(machine.memory)}.`
    : `${card.name} has too little memory, ${gigabytes(memory)}.`;
}

function chooseFor(
  provider: Provider,
  whyProvider: string,
  machine: Machine,
  candidates: readonly Footprint[],
  wishes: Wishes,
): Choice {
  const chosen = candidates.find((footprint) => fits(provider, machine, footprint));
  if (chosen === undefined) {
    throw new UserError(refusal(provider, machine, candidates));
  }
  const { dtype } = chosen;
  const { threads = machine.cores } = wishes;
  const need = (footprint: Footprint): number => needOn(provider, machine.graphicsCards.at(0), footprint);
  const name = dtype ?? 'the dtype that is there';
  return {
    provider,
    dtype,
    threads,
    reasons: [
      `Provider ${provider}: ${whyProvider}`,
      wishes.dtype === undefined
        ? `Dtype ${name}: ${whyDtype(chosen, candidates, need)}`
        : `Dtype ${name}: DTYPE=${name} asks for it.`,
      wishes.threads === undefined
        ? `Threads ${threads}: as many as there are cores to use.`
        : `Threads ${threads}: THREADS=${threads} asks for it.`,
    ],
    fallback: undefined,
  };
}

function whyDtype(
  chosen: Footprint,
  candidates: readonly Footprint[],
  need: (footprint: Footprint) => number,
): string {
  const [best] = candidates;
  const needs = `it needs about ${gigabytes(need(chosen))}`;
  if (candidates.length === 1) {
    return `the folder has no other; ${needs}.`;
  }
  return best === chosen
    ? `the best of the folder's that fit; ${needs}.`
    : `${best.dtype ?? 'another'} would need ${gigabytes(need(best))}; ${needs}.`;
}

/** Whether a model can be run by a provider: on a card that has its own memory, in that and beside it. */
function fits(provider: Provider, machine: Machine, footprint: Footprint): boolean {
  const card = machine.graphicsCards.at(0);
  const need = needOn(provider, card, footprint);
  if (provider === 'cpu' || (card !== undefined && sharesMemory(card))) {
    return need <= machine.memory;
  }
  // A card that does not tell its memory is tried.
  return BESIDE_CARD + footprint.embeddings <= machine.memory && need <= (card?.memory ?? Infinity);
}

/** The bytes that a model takes where it is computed. */
function needOn(
  provider: Provider,
  card: GraphicsCard | undefined,
  { weights, workspace, embeddings, onCard }: Footprint,
): number {
  if (provider === 'cpu') {
    return weights + workspace;
  }
  const all = weights + workspace + embeddings;
  return card !== undefined && sharesMemory(card) ? all : (onCard ?? all);
}

function smallest(candidates: readonly Footprint[]): Footprint {
  return candidates.reduce((a, b) => (a.weights < b.weights ? a : b));
}

function refusal(provider: Provider, machine: Machine, candidates: readonly Footprint[]): string {
  const least = smallest(candidates);
  const card = provider === 'cpu' ? undefined : machine.graphicsCards.at(0);
  const needed = needOn(provider, card, least);
  const ofCard = card === undefined || sharesMemory(card) ? undefined : card.memory;
  const onCard = ofCard !== undefined && needed > ofCard;
  const [where, free] = onCard ? [card?.name, ofCard] : ['this machine', machine.memory];
  const fitting = modelsThatFit(free, onCard ? 'onCard' : 'onProcessor');
  const instead =
    fitting.length === 0
      ? 'The demo model would fit: leave MODEL out.'
      : `What would fit: ${fitting.join(', ')}.`;
  return (
    `The model${least.dtype === undefined ? '' : ` as ${least.dtype}`} needs about ${gigabytes(needed)} of memory, ` +
    `and ${where} has ${gigabytes(free)} free. ${instead}`
  );
}

function stored(footprints: readonly Footprint[]): string {
  return `What is there: ${footprints.map(({ dtype }) => dtype ?? 'another dtype; leave DTYPE out').join(', ')}.`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
