import type { Checkpoint } from '../../../src/checkpoints/checkpoint.js';
import { floats, reshaped, transposed } from '../../../src/checkpoints/graphs/layers.js';
import { GraphBuilder } from '../../../src/checkpoints/onnx/graph-builder.js';
import { quantisedLinear, tracedGelu } from './traced-layers.js';

/** SigLIP and the projection as tracing the reference leaves them; the features are divided as the public exports do. */
export function tracedVisionEncoder(checkpoint: Checkpoint): GraphBuilder {
  const { vision, text } = checkpoint.config;
  const graph = new GraphBuilder('vision_encoder');
  const pixels = graph.input('pixel_values', 'float32', [
    'batch',
    vision.channels,
    vision.imageSize,
    vision.imageSize,
  ]);
  const rows = (name: string): ReturnType<Checkpoint['rows']> => checkpoint.rows(name);
  const norm = (name: string, input: string): string =>
    graph.node(
      'LayerNormalization',
      [
        input,
        floats(graph, `${name}.weight`, rows(`${name}.weight`)),
        floats(graph, `${name}.bias`, rows(`${name}.bias`)),
      ],
      { name, attributes: { axis: -1, epsilon: { float: vision.layerNormEpsilon } } },
    );
  const linear = (name: string, input: string): string =>
    quantisedLinear(graph, input, { name, weight: rows(`${name}.weight`), bias: rows(`${name}.bias`) });
  const headSize = vision.hiddenSize / vision.heads;
  const attention = (name: string, input: string): string => {
    const byHead = (projection: string): string => {
      const split = reshaped(
        graph,
        linear(`${name}.${projection}`, input),
        [0, vision.patches, vision.heads, headSize],
        `${name}.${projection}.split`,
      );
      return transposed(graph, split, [0, 2, 1, 3], `${name}.${projection}.by_head`);
    };
    const turned = transposed(graph, byHead('k_proj'), [0, 1, 3, 2], `${name}.turned`);
    const products = graph.node('MatMul', [byHead('q_proj'), turned], { name: `${name}.products` });
    const scores = graph.node('Mul', [products, graph.scalar(headSize ** -0.5)], { name: `${name}.scores` });
    const weights = graph.node('Softmax', [scores], { name: `${name}.weights`, attributes: { axis: -1 } });
    const mixed = graph.node('MatMul', [weights, byHead('v_proj')], { name: `${name}.mixed` });
    const byPatch = transposed(graph, mixed, [0, 2, 1, 3], `${name}.by_patch`);
    return linear(
      `${name}.out_proj`,
      reshaped(graph, byPatch, [0, vision.patches, vision.hiddenSize], `${name}.flat`),
    );
  };

  const embeddings = 'vision_tower.embeddings';
  const grid = graph.node(
    'Conv',
    [
      pixels,
      floats(graph, `${embeddings}.patch_embedding.weight`, rows(`${embeddings}.patch_embedding.weight`), [
        vision.hiddenSize,
        vision.channels,
        vision.patchSize,
        vision.patchSize,
      ]),
      floats(graph, `${embeddings}.patch_embedding.bias`, rows(`${embeddings}.patch_embedding.bias`)),
    ],
    {
      name: `${embeddings}.grid`,
      attributes: {
        kernel_shape: [vision.patchSize, vision.patchSize],
        strides: [vision.patchSize, vision.patchSize],
      },
    },
  );
  const columns = reshaped(graph, grid, [0, vision.hiddenSize, vision.patches], `${embeddings}.columns`);
  const tokens = transposed(graph, columns, [0, 2, 1], `${embeddings}.tokens`);
  const positions = floats(
    graph,
    `${embeddings}.position_embedding.weight`,
    rows(`${embeddings}.position_embedding.weight`),
    [vision.patches, vision.hiddenSize],
  );
  let hidden = graph.node('Add', [tokens, positions], { name: embeddings });
  for (let layer = 0; layer < vision.layers; layer++) {
    const name = `vision_tower.encoder.layers.${layer}`;
    const attended = attention(`${name}.self_attn`, norm(`${name}.layer_norm1`, hidden));
    hidden = graph.node('Add', [hidden, attended], { name: `${name}.attended` });
    const inner = linear(`${name}.mlp.fc1`, norm(`${name}.layer_norm2`, hidden));
    const outer = linear(`${name}.mlp.fc2`, tracedGelu(graph, inner, `${name}.mlp.active`));
    hidden = graph.node('Add', [hidden, outer], { name });
  }
  const projected = linear('multi_modal_projector.linear', norm('vision_tower.post_layernorm', hidden));
  graph.node('Div', [projected, graph.scalar(Math.sqrt(text.hiddenSize))], { name: 'image_features' });
  graph.output('image_features', 'float32', ['batch', vision.patches, text.hiddenSize]);
  return graph;
}
