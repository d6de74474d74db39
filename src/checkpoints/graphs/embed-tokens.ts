import type { Checkpoint } from '../checkpoint.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { EIGHT_BITS } from '../quantise-blocks.js';
import { quantisedTable } from '../quantise.js';
import type { Rows } from '../rows.js';
import { EMBEDDING } from '../tensor-names.js';
import { matrix, type Storage } from './layers.js';

/**
 * The embedding table: `input_ids`, int64 `[batch, sequence]`, to `inputs_embeds`, float32
 * `[batch, sequence, hidden]`.
 *
 * The rows come out multiplied by the square root of the hidden size, as in big_vision and transformers 5, and
 * image features are not: so the two may stand in one sequence as they are, and the decoder scales nothing.
 * Exports made with transformers 4 divide the features instead and multiply both in their decoder; graphs of
 * the two conventions can't be mixed.
 */
export function embedTokensGraph(checkpoint: Checkpoint, storage: Storage): GraphBuilder {
  const { hiddenSize } = checkpoint.config.text;
  const graph = new GraphBuilder('embed_tokens');
  const ids = graph.input('input_ids', 'int64', ['batch', 'sequence']);
  const rows = gatheredRows(graph, ids, checkpoint.rows(EMBEDDING), storage);
  graph.node('Mul', [rows, graph.scalar(Math.sqrt(hiddenSize))], { name: 'inputs_embeds' });
  graph.output('inputs_embeds', 'float32', ['batch', 'sequence', hiddenSize]);
  return graph;
}

function gatheredRows(graph: GraphBuilder, ids: string, table: Rows, storage: Storage): string {
  if (typeof storage === 'string') {
    return graph.node('Gather', [matrix(graph, EMBEDDING, table, storage), ids], { name: 'rows' });
  }
  const [values, scales] = graph.store(quantisedTable(EMBEDDING, table));
  return graph.node('GatherBlockQuantized', [values, ids, scales], {
    name: 'rows',
    domain: 'com.microsoft',
    attributes: { bits: 8, block_size: EIGHT_BITS.block, gather_axis: 0, quantize_axis: 1 },
  });
}
