import type { Contender } from './contenders/contenders.js';
import type { ContenderFigures } from './contenders/figures.js';
import { gigabytes, median, milliseconds, seconds, type Line } from './table.js';

/** The medians of several answers of one contender. Milliseconds and bytes. */
export interface Answering {
  readonly firstToken: number;
  readonly answer: number;
  readonly perToken: number;
  readonly peakMemory: number;
  /** Not a number for a contender that does not keep what it has seen. */
  readonly firstTokenAgain: number;
}

/**
 * Lets each contender answer in turns, so that what else the machine does disturbs all alike; another begins each round,
 * so that none always comes after the same one and finds the machine's memory as that has left it.
 *
 * @param before is called before each round
 */
export async function answering<Name extends string>(
  contenders: Readonly<Partial<Record<Name, Contender>>>,
  { rounds, tokens, before }: { rounds: number; tokens: number; before: () => Promise<void> },
): Promise<ReadonlyMap<Name, Answering>> {
  const entries = Object.entries(contenders) as [Name, Contender][];
  const runs = new Map(entries.map(([name]) => [name, [] as ContenderFigures[]]));
  for (let round = 0; round < rounds; round++) {
    await before();
    const turns = entries.map((_, index) => entries[(index + round) % entries.length]);
    for (const [name, contender] of turns) {
      const figures = await contender(tokens);
      process.stderr.write(`${name}: ${JSON.stringify(figures)}\n`);
      runs.get(name)?.push(figures);
    }
  }
  return new Map([...runs].map(([name, of]) => [name, medians(of)]));
}

function medians(runs: readonly ContenderFigures[]): Answering {
  const of = (figure: (run: ContenderFigures) => number): number => median(runs.map(figure));
  return {
    firstToken: of((run) => run.firstToken),
    answer: of((run) => run.answer),
    perToken: of((run) => (run.answer - run.firstToken) / (run.tokens - 1)),
    peakMemory: of((run) => run.peakMemory),
    firstTokenAgain: of((run) => run.firstTokenAgain ?? NaN),
  };
}

export function answeringLines(
  name: string,
  { firstToken, answer, perToken, peakMemory, firstTokenAgain }: Answering,
): Line[] {
  return [
    { what: `${name}: first token`, measured: seconds(firstToken) },
    { what: `${name}: a token after it`, measured: milliseconds(perToken) },
    { what: `${name}: the whole answer`, measured: seconds(answer) },
    { what: `${name}: peak memory`, measured: gigabytes(peakMemory) },
    ...(Number.isNaN(firstTokenAgain)
      ? []
      : [{ what: `${name}: first token of a second question`, measured: seconds(firstTokenAgain) }]),
  ];
}
