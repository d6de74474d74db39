import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { GraphBuilder, StoredTensors, TensorSpec } from './graph-builder.js';
import { DATA_TYPES, encodeModel, EXTERNAL_LOCATION, type DataType, type TensorMessage } from './schema.js';

const ELEMENT_BYTES: Readonly<Record<DataType, number>> = {
  float32: 4,
  uint8: 1,
  int64: 8,
  bool: 1,
  float16: 2,
};

/** Stored tensors begin at whole pages, as the format advises, so that they can be mapped instead of copied. */
const ALIGNMENT = 4096;

interface Placed {
  readonly spec: TensorSpec;
  readonly offset: number;
  readonly bytes: number;
}

export interface WriteOptions {
  /** Told after each block how many bytes of weights are written. */
  readonly onWritten?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that the weights of a graph take, the gaps between them left out. */
export function storedBytes(graph: GraphBuilder): number {
  return graph.stored.flatMap(({ specs }) => specs).reduce((sum, spec) => sum + tensorBytes(spec), 0);
}

/**
 * Writes a graph to `path` and its weights, where it has any, to `path` + `_data`, a block at a time. Both are
 * on the disk when the promise is kept.
 */
export async function writeModel(
  path: string,
  graph: GraphBuilder,
  options: WriteOptions = {},
): Promise<void> {
  const { placed, size } = place(graph.stored);
  if (size > 0) {
    await writeSynced(`${path}_data`, async (file) => {
      for (const [index, tensors] of graph.stored.entries()) {
        await writeTensors(file, tensors, placed[index], options);
      }
    });
  }
  await writeGraph(path, graph, placed, `${basename(path)}_data`);
}

/**
 * Writes a graph whose weights are, in kind and order, those of the one that `writeModel` wrote to `weightsOf` in the
 * same folder; it reads them from that one's file.
 */
export async function writeModelBeside(path: string, graph: GraphBuilder, weightsOf: string): Promise<void> {
  const { placed, size } = place(graph.stored);
  const location = `${basename(weightsOf)}_data`;
  const { size: written } = await stat(`${weightsOf}_data`);
  if (written !== size) {
    throw new Error(`${basename(path)} has ${size} bytes of weights and ${location} ${written}`);
  }
  await writeGraph(path, graph, placed, location);
}

async function writeGraph(
  path: string,
  graph: GraphBuilder,
  placed: readonly Placed[][],
  location: string,
): Promise<void> {
  const model = encodeModel(graph.build(placed.flat().map((tensor) => externalTensor(tensor, location))));
  await writeSynced(path, async (file) => {
    await file.writeFile(model);
  });
}

function place(stored: readonly StoredTensors[]): { readonly placed: Placed[][]; readonly size: number } {
  let size = 0;
  const placed = stored.map(({ specs }) =>
    specs.map((spec): Placed => {
      const offset = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
      const bytes = tensorBytes(spec);
      size = offset + bytes;
      return { spec, offset, bytes };
    }),
  );
  return { placed, size };
}

function tensorBytes({ dims, dataType }: TensorSpec): number {
  return dims.reduce((product, length) => product * length, ELEMENT_BYTES[dataType]);
}

async function writeTensors(
  file: FileHandle,
  tensors: StoredTensors,
  placed: readonly Placed[],
  { onWritten, signal }: WriteOptions,
): Promise<void> {
  const written = placed.map(() => 0);
  for await (const blocks of tensors.blocks()) {
    signal?.throwIfAborted();
    for (const [index, block] of blocks.entries()) {
      await writeAt(file, block, placed[index].offset + written[index]);
      written[index] += block.byteLength;
      onWritten?.(block.byteLength);
    }
  }
  for (const [index, { spec, bytes }] of placed.entries()) {
    if (written[index] !== bytes) {
      throw new Error(`${spec.name} has ${written[index]} bytes instead of ${bytes}`);
    }
  }
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}

async function writeSynced(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w');
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

function externalTensor({ spec, offset, bytes }: Placed, location: string): TensorMessage {
  return {
    name: spec.name,
    dims: spec.dims,
    dataType: DATA_TYPES[spec.dataType],
    dataLocation: EXTERNAL_LOCATION,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: `${offset}` },
      { key: 'length', value: `${bytes}` },
    ],
  };
}
