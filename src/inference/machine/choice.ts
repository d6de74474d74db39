import { UserError } from '../../errors.js';
import type { Dtype, Provider } from '../../task.js';
import type { Footprint } from '../paligemma/footprint.js';
import type { GraphicsCard } from './graphics-cards.js';
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
const ORDER: readonly (Dtype | undefined)[] = ['q8', 'q4', 'fp16', 'fp32', undefined];

/**
 * Chooses what runs a checkpoint best on a machine.
 *
 * @param footprints of the checkpoint's dtypes, at least one
 * @throws {UserError} it has not the dtype that is wished for, or does not fit into memory
 */
export function choose(machine: Machine, footprints: readonly Footprint[], wishes: Wishes): Choice {
  const candidates = footprints
    .filter(({ dtype }) => wishes.dtype === undefined || dtype === wishes.dtype)
    .sort((a, b) => ORDER.indexOf(a.dtype) - ORDER.indexOf(b.dtype));
  if (candidates.length === 0) {
    throw new UserError(`The model is not there as ${wishes.dtype ?? ''}. ${stored(footprints)}`);
  }
  const providerWish = wishes.provider;
  if (providerWish !== undefined) {
    return chooseFor(providerWish, `PROVIDER=${providerWish} asks for it.`, machine, candidates, wishes);
  }
  const card = machine.graphicsCards.at(0);
  const why = whyNot(card, candidates);
  const onProcessor = (reason: string): Choice => chooseFor('cpu', reason, machine, candidates, wishes);
  if (card === undefined || why !== undefined) {
    return onProcessor(why ?? 'No graphics card was found.');
  }
  const choice = chooseFor('webgpu', `There is a graphics card, ${card.name}.`, machine, candidates, wishes);
  return { ...choice, fallback: onProcessor(`${card.name} can't be used.`) };
}

/** Why a machine's best card is not to be used; undefined where it is. */
function whyNot(card: GraphicsCard | undefined, candidates: readonly Footprint[]): string | undefined {
  if (card === undefined) {
    return undefined;
  }
  if (card.integrated) {
    return `${card.name} shares the processor's memory, so it would gain little; PROVIDER=webgpu tries it.`;
  }
  return candidates.some((footprint) => fitsOnCard(card, footprint))
    ? undefined
    : `${card.name} has too little memory, ${gigabytes(card.memory ?? 0)}.`;
}

function chooseFor(
  provider: Provider,
  whyProvider: string,
  machine: Machine,
  candidates: readonly Footprint[],
  wishes: Wishes,
): Choice {
  const card = machine.graphicsCards.at(0);
  const fits = (footprint: Footprint): boolean =>
    processorMemory(provider, footprint) <= machine.memory &&
    (provider === 'cpu' || card === undefined || fitsOnCard(card, footprint));
  const chosen = candidates.find(fits);
  if (chosen === undefined) {
    throw new UserError(refusal(provider, machine, candidates));
  }
  const { dtype } = chosen;
  const { threads = machine.cores } = wishes;
  const name = dtype ?? 'the dtype that is there';
  return {
    provider,
    dtype,
    threads,
    reasons: [
      `Provider ${provider}: ${whyProvider}`,
      wishes.dtype === undefined
        ? `Dtype ${name}: ${whyDtype(chosen, candidates)}`
        : `Dtype ${name}: DTYPE=${name} asks for it.`,
      wishes.threads === undefined
        ? `Threads ${threads}: as many as there are cores to use.`
        : `Threads ${threads}: THREADS=${threads} asks for it.`,
    ],
    fallback: undefined,
  };
}

function whyDtype(chosen: Footprint, candidates: readonly Footprint[]): string {
  const [best] = candidates;
  const needs = `it needs about ${gigabytes(chosen.weights + chosen.workspace)}`;
  if (candidates.length === 1) {
    return `the folder has no other; ${needs}.`;
  }
  return best === chosen
    ? `the best of the folder's that fit; ${needs}.`
    : `${best.dtype ?? 'another'} would need ${gigabytes(best.weights + best.workspace)}; ${needs}.`;
}

/** Where something else computes, the processor looks up a prompt's embeddings alone. Bytes. */
function processorMemory(provider: Provider, { weights, workspace, embeddings }: Footprint): number {
  return provider === 'cpu' ? weights + workspace : embeddings;
}

/** A card that does not tell its memory is tried. */
function fitsOnCard({ memory }: GraphicsCard, { weights, workspace, embeddings }: Footprint): boolean {
  return memory === undefined || weights + workspace + embeddings <= memory;
}

function refusal(provider: Provider, machine: Machine, candidates: readonly Footprint[]): string {
  const least = candidates.reduce((a, b) => (a.weights < b.weights ? a : b));
  const needed = least.weights + least.workspace;
  const card = provider === 'cpu' ? undefined : machine.graphicsCards.at(0);
  const where = card?.memory === undefined ? 'this machine' : card.name;
  const free = card?.memory ?? machine.memory;
  const fitting = modelsThatFit(free);
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
