import { UserError } from '../../errors.js';
import { readNpz, type NumpyArray } from '../npz.js';
import { GraphBuilder } from '../onnx/graph-builder.js';
import { reshaped, transposed } from './layers.js';

/** Width of the codes' vectors and of the decoder's inside; both are the file's. */
const CODES = 128;
const CODE_SIZE = 512;
const WIDTH = 128;
/** Codes of one mask, as a square. */
const GRID = 4;
/** Channels between the four layers that double the grid: 4 x 4 becomes 64 x 64. */
const UPSAMPLING = [WIDTH, 128, 64, 32, 16];

const CODEBOOK = '_vq_vae._embedding';

/**
 * The decoder of PaliGemma's segmentation tokens: `codes`, int64 `[batch, 16]`, the numbers of `<seg000>` to
 * `<seg127>`, to `masks`, float32 `[batch, 64, 64]`, above 0 inside the object and nominally from -1 to 1. A
 * mask covers the box of its detection, not the picture.
 *
 * Its weights are published apart from the checkpoints, as `vae-oid.npz` of big_vision, in PyTorch's layout;
 * the architecture is that of big_vision's `evaluators/proj/paligemma/transfers/segmentation.py`. A mask takes
 * milliseconds, so they stay 32-bit floats in the graph itself whatever the checkpoint's are stored as.
 *
 * @throws {UserError} the file is not that one
 */
export async function maskDecoderGraph(npz: string): Promise<GraphBuilder> {
  const shapes = expectedShapes();
  const arrays = await readNpz(npz, [...shapes.keys()]);
  for (const [name, shape] of shapes) {
    const found = arrays.get(name)?.shape.join(', ');
    if (found !== shape.join(', ')) {
      throw new UserError(
        `${npz} is no mask decoder: ${name} is [${found ?? ''}] instead of [${shape.join(', ')}].`,
      );
    }
  }
  const graph = new GraphBuilder('mask_decoder');
  const decoder = new Decoder(graph, arrays);
  const codes = graph.input('codes', 'int64', ['batch', GRID * GRID]);
  const vectors = graph.node('Gather', [decoder.array(CODEBOOK), codes], { name: 'vectors' });
  const channels = transposed(graph, vectors, [0, 2, 1], 'channels');
  const grid = reshaped(graph, channels, [0, CODE_SIZE, GRID, GRID], 'grid');
  let image = decoder.relu(decoder.convolution('decoder.0', grid));
  image = decoder.residual('decoder.2.net', image);
  image = decoder.residual('decoder.3.net', image);
  for (const index of UPSAMPLING.slice(1).keys()) {
    image = decoder.relu(decoder.doubled(`decoder.${4 + 2 * index}`, image));
  }
  const masks = decoder.convolution('decoder.12', image);
  const size = GRID * 2 ** (UPSAMPLING.length - 1);
  reshaped(graph, masks, [-1, size, size], 'masks');
  graph.output('masks', 'float32', ['batch', size, size]);
  return graph;
}

function expectedShapes(): Map<string, readonly number[]> {
  const residual = (name: string): [string, number[]][] => [
    [`${name}.0.weight`, [WIDTH, WIDTH, 3, 3]],
    [`${name}.2.weight`, [WIDTH, WIDTH, 3, 3]],
    [`${name}.4.weight`, [WIDTH, WIDTH, 1, 1]],
    ...[0, 2, 4].map((index): [string, number[]] => [`${name}.${index}.bias`, [WIDTH]]),
  ];
  return new Map([
    [CODEBOOK, [CODES, CODE_SIZE]],
    ['decoder.0.weight', [WIDTH, CODE_SIZE, 1, 1]],
    ['decoder.0.bias', [WIDTH]],
    ...residual('decoder.2.net'),
    ...residual('decoder.3.net'),
    ...UPSAMPLING.slice(1).flatMap((channels, index): [string, number[]][] => [
      // A transposed convolution's weights name the channels that come in first.
      [`decoder.${4 + 2 * index}.weight`, [UPSAMPLING[index], channels, 4, 4]],
      [`decoder.${4 + 2 * index}.bias`, [channels]],
    ]),
    ['decoder.12.weight', [1, 16, 1, 1]],
    ['decoder.12.bias', [1]],
  ]);
}

/** The decoder's layers, named as their weights are. */
class Decoder {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly arrays: ReadonlyMap<string, NumpyArray>,
  ) {}

  array(name: string): string {
    const found = this.arrays.get(name);
    if (found === undefined) {
      throw new Error(`no array ${name}`);
    }
    return this.graph.constant(name, found.shape, found.values);
  }

  /** @param padding pixels around the image, so that a kernel of 1 + 2 * padding keeps its size */
  convolution(name: string, input: string, padding = 0): string {
    return this.graph.node('Conv', [input, ...this.#affine(name)], {
      name,
      attributes: { pads: [padding, padding, padding, padding] },
    });
  }

  /** Twice as wide and high. */
  doubled(name: string, input: string): string {
    return this.graph.node('ConvTranspose', [input, ...this.#affine(name)], {
      name,
      attributes: { strides: [2, 2], pads: [1, 1, 1, 1] },
    });
  }

  residual(name: string, input: string): string {
    const first = this.relu(this.convolution(`${name}.0`, input, 1));
    const second = this.relu(this.convolution(`${name}.2`, first, 1));
    return this.graph.node('Add', [input, this.convolution(`${name}.4`, second)], { name });
  }

  relu(input: string): string {
    return this.graph.node('Relu', [input], { name: `${input}.relu` });
  }

  #affine(name: string): [weight: string, bias: string] {
    return [this.array(`${name}.weight`), this.array(`${name}.bias`)];
  }
}
