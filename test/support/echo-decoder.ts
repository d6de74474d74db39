import { join } from 'node:path';
import { GraphBuilder } from '../../src/checkpoints/onnx/graph-builder.js';
import { writeModel } from '../../src/checkpoints/onnx/model-file.js';
import { DATA_TYPES } from '../../src/checkpoints/onnx/schema.js';
import type { FloatType } from '../../src/inference/paligemma/float16.js';

/** How exports of a decoder differ from each other. */
export interface ExportKind {
  readonly embeddings?: FloatType;
  readonly decoder?: FloatType;
  /** Scores of every position instead of the last alone. */
  readonly allPositions?: boolean;
  /** The sizes of the cache are left open. */
  readonly openSizes?: boolean;
  readonly furtherInputs?: readonly (
    'position_ids' | 'attention_mask' | 'token_type_ids' | 'num_logits_to_keep'
  )[];
  readonly unknownInput?: string;
  readonly cache?: 'whole' | 'not given back' | 'none';
}

/** What the decoder echoes in place of scores. */
export const ECHO = [
  'embedding 0',
  'embedding 1',
  'position',
  'mask',
  'types',
  'past tokens',
  'past sum',
] as const;

/**
 * Writes two graphs with the interface of PaliGemma's exports: an embedding that makes (id, id + 0.5) of a token, and
 * a decoder whose "scores" for a position are what it was fed there. Its cache keeps the first number of each
 * embedding.
 *
 * @returns the parts of a checkpoint folder that a language model is opened from
 */
export async function writeEchoDecoder(
  folder: string,
  kind: ExportKind = {},
): Promise<{
  embedTokens: string;
  decoder: string;
  appendedCacheDecoder: undefined;
  splitCacheDecoder: undefined;
  layers: number;
  keyValueHeads: number;
  headSize: number;
}> {
  const embedTokens = join(folder, 'embed_tokens.onnx');
  const decoder = join(folder, 'decoder_model_merged.onnx');
  await writeModel(embedTokens, embeddingGraph(kind.embeddings ?? 'float32'));
  await writeModel(decoder, decoderGraph(kind));
  return {
    embedTokens,
    decoder,
    appendedCacheDecoder: undefined,
    splitCacheDecoder: undefined,
    layers: 1,
    keyValueHeads: 1,
    headSize: 1,
  };
}

function cast(graph: GraphBuilder, value: string, type: FloatType, name: string): string {
  return graph.node('Cast', [value], { name, attributes: { to: DATA_TYPES[type] } });
}

function embeddingGraph(type: FloatType): GraphBuilder {
  const graph = new GraphBuilder('embed_tokens');
  const ids = graph.input('input_ids', 'int64', ['batch', 'tokens']);
  const numbers = graph.node('Unsqueeze', [cast(graph, ids, 'float32', 'numbers'), graph.integers(2)], {
    name: 'columns',
  });
  const halves = graph.node('Add', [numbers, graph.scalar(0.5)], { name: 'halves' });
  const both = graph.node('Concat', [numbers, halves], { name: 'both', attributes: { axis: 2 } });
  cast(graph, both, type, 'inputs_embeds');
  graph.output('inputs_embeds', type, ['batch', 'tokens', 2]);
  return graph;
}

function decoderGraph({
  decoder: type = 'float32',
  allPositions = false,
  openSizes = false,
  furtherInputs = ['position_ids'],
  unknownInput,
  cache = 'whole',
}: ExportKind): GraphBuilder {
  const graph = new GraphBuilder('decoder');
  const embeddings = graph.input('inputs_embeds', type, ['batch', 'tokens', 2]);
  const fed = cast(graph, embeddings, 'float32', 'fed');
  const first = graph.node('Slice', [fed, graph.integers(0), graph.integers(1), graph.integers(2)], {
    name: 'first',
  });
  const nothing = graph.node('Mul', [first, graph.scalar(0)], { name: 'nothing' });
  /** One number for all positions. */
  const everywhere = (value: string, name: string): string => graph.node('Add', [nothing, value], { name });
  /** One number for each position, or 0 where the decoder does not ask for them. */
  const asked = (input: 'position_ids' | 'token_type_ids', name: string): string => {
    if (!furtherInputs.includes(input)) {
      return nothing;
    }
    const values = cast(
      graph,
      graph.input(input, 'int64', ['batch', 'tokens']),
      'float32',
      `${name} numbers`,
    );
    return graph.node('Unsqueeze', [values, graph.integers(2)], { name });
  };
  const sum = (value: string, name: string): string =>
    graph.node('ReduceSum', [value], { name, attributes: { keepdims: 0 } });

  const columns = [fed, asked('position_ids', 'positions')];
  if (furtherInputs.includes('attention_mask')) {
    const mask = graph.input('attention_mask', 'int64', ['batch', 'all tokens']);
    columns.push(everywhere(sum(cast(graph, mask, 'float32', 'mask'), 'mask sum'), 'masked'));
  } else {
    columns.push(nothing);
  }
  columns.push(asked('token_type_ids', 'types'));
  if (furtherInputs.includes('num_logits_to_keep')) {
    graph.input('num_logits_to_keep', 'int64', []);
  }
  if (unknownInput !== undefined) {
    graph.input(unknownInput, 'int64', ['batch']);
  }
  if (cache === 'none') {
    columns.push(nothing, nothing);
  } else {
    const dims = openSizes ? ['batch', 'heads', 'past', 'size'] : ['batch', 1, 'past', 1];
    const added = graph.node('Reshape', [first, graph.integers(1, 1, -1, 1)], { name: 'added' });
    for (const part of ['key', 'value']) {
      const past = cast(
        graph,
        graph.input(`past_key_values.0.${part}`, type, dims),
        'float32',
        `past ${part}`,
      );
      const whole = graph.node('Concat', [past, added], { name: `whole ${part}`, attributes: { axis: 2 } });
      const present = cache === 'whole' ? `present.0.${part}` : `other.0.${part}`;
      cast(graph, whole, type, present);
      graph.output(present, type, dims);
    }
    const length = graph.node(
      'Gather',
      [graph.node('Shape', ['past key'], { name: 'shape' }), graph.index(2)],
      {
        name: 'length',
      },
    );
    columns.push(everywhere(cast(graph, length, 'float32', 'past length'), 'past tokens'));
    columns.push(everywhere(sum('past value', 'past value sum'), 'past sum'));
  }
  const all = graph.node('Concat', columns, { name: 'all', attributes: { axis: 2 } });
  const given = allPositions
    ? all
    : graph.node('Slice', [all, graph.integers(-1), graph.integers(2 ** 31), graph.integers(1)], {
        name: 'last',
      });
  cast(graph, given, type, 'logits');
  graph.output('logits', type, ['batch', 'positions', ECHO.length]);
  return graph;
}
