import type { GraphBuilder } from '../onnx/graph-builder.js';
import { transposed } from './layers.js';

/** One layer's attention: its number, what its values' names begin with, and the bound of its scores where it has one. */
export interface AttentionLayer {
  readonly index: number;
  readonly name: string;
  readonly softcap: number | undefined;
}

/** Keys and values of tokens that follow each other, `[batch, keyValueHeads, tokens, headSize]`. */
export interface Piece {
  readonly name: string;
  readonly keys: string;
  readonly values: string;
}

/** What tells pieces apart that lie in several tensors. */
export interface Division {
  /** `[pieces]`: the tokens of each. */
  readonly lengths: string;
  /** `[tokens of all]`: zero for a place that holds something, minus infinity for one that does not. */
  readonly hidden: string;
}

/**
 * Every query attends to all of one piece.
 *
 * @param queries `[batch, keyValueHeads, rows, headSize]`
 * @param turned what of a product is turned for it: the queries and the scores, where one token asks thousands, or the
 *   keys, where a prompt's tokens ask each other
 * @returns `[batch, keyValueHeads, rows, headSize]`
 */
export function attended(
  graph: GraphBuilder,
  layer: AttentionLayer,
  queries: string,
  piece: Piece,
  turned: 'queries' | 'keys',
): string {
  const { name } = layer;
  const scores =
    turned === 'keys'
      ? graph.node('MatMul', [queries, turn(graph, piece.keys, `${name}.turned_keys`)], {
          name: `${name}.scores`,
        })
      : scoresInPieces(graph, layer, queries, [piece]);
  const weights = weightsOf(graph, layer, scores);
  return graph.node('MatMul', [weights, piece.values], { name: `${name}.mixed` });
}

/** The same for several pieces, without joining them: they may be hundreds of megabytes, the scores of a token are not. */
export function attendedInPieces(
  graph: GraphBuilder,
  layer: AttentionLayer,
  queries: string,
  pieces: readonly Piece[],
  { lengths, hidden }: Division,
): string {
  const { name } = layer;
  const scores = scoresInPieces(graph, layer, queries, pieces);
  const weights = graph.nodes(
    'Split',
    [weightsOf(graph, layer, scores, hidden), lengths],
    pieces.map((piece) => `${name}.${piece.name}_weights`),
    { name: `${name}.weights_apart`, attributes: { axis: 3 } },
  );
  return pieces
    .map((piece, i) =>
      graph.node('MatMul', [weights[i], piece.values], { name: `${name}.${piece.name}_mixed` }),
    )
    .reduce((sum, mixed, i) => graph.node('Add', [sum, mixed], { name: `${name}.mixed_${i}` }));
}

/** @returns `[batch, keyValueHeads, rows, places]` */
function scoresInPieces(
  graph: GraphBuilder,
  { name }: AttentionLayer,
  queries: string,
  pieces: readonly Piece[],
): string {
  const turned = turn(graph, queries, `${name}.turned`);
  const products = pieces.map((piece) =>
    graph.node('MatMul', [piece.keys, turned], { name: `${name}.${piece.name}_products` }),
  );
  const all =
    products.length === 1
      ? products[0]
      : graph.node('Concat', products, { name: `${name}.products`, attributes: { axis: 2 } });
  return turn(graph, all, `${name}.scores`);
}

/** @param scores `[batch, keyValueHeads, rows, places]`; so are the weights that it returns */
export function weightsOf(
  graph: GraphBuilder,
  { name, softcap }: AttentionLayer,
  scores: string,
  hidden?: string,
): string {
  let visible = scores;
  if (softcap !== undefined) {
    const bounded = graph.node('Tanh', [scores], { name: `${name}.bounded` });
    visible = graph.node('Mul', [bounded, graph.scalar(softcap)], { name: `${name}.capped` });
  }
  if (hidden !== undefined) {
    visible = graph.node('Add', [visible, hidden], { name: `${name}.visible` });
  }
  return graph.node('Softmax', [visible], { name: `${name}.weights`, attributes: { axis: -1 } });
}

function turn(graph: GraphBuilder, value: string, name: string): string {
  return transposed(graph, value, [0, 1, 3, 2], name);
}
