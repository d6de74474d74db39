import type { Checkpoint } from '../checkpoint.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
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
  if (typeof storage !== 'string') {
    throw new Error('not yet');
  }
  const table = matrix(graph, EMBEDDING, checkpoint.rows(EMBEDDING), storage);
  const rows = graph.node('Gather', [table, ids], { name: 'rows' });
  graph.node('Mul', [rows, graph.scalar(Math.sqrt(hiddenSize))], { name: 'inputs_embeds' });
  graph.output('inputs_embeds', 'float32', ['batch', 'sequence', hiddenSize]);
  return graph;
}
