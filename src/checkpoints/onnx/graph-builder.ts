import { toFloat16 } from '../float.js';
import {
  ATTRIBUTE_TYPES,
  DATA_TYPES,
  type AttributeMessage,
  type DataType,
  type Dimension,
  type GraphMessage,
  type ModelMessage,
  type NodeMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from './schema.js';

/** Ours are written against these; 20 is the newest that ONNX Runtime's providers all know. */
const OPSETS = [
  { domain: '', version: 20 },
  { domain: 'com.microsoft', version: 1 },
];
/** The file format that came with opset 20. */
const IR_VERSION = 9;

export interface TensorSpec {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
}

/** Tensors that are computed together, a block at a time, while they are written to the file beside the graph. */
export interface StoredTensors {
  readonly specs: readonly TensorSpec[];
  /** Yields the next bytes of each tensor of `specs`, in that order. */
  blocks(): AsyncIterable<readonly Uint8Array[]>;
}

export type AttributeValue =
  number | string | readonly number[] | { readonly float: number } | { readonly graph: GraphMessage };

interface NodeOptions {
  /** Names what the node gives; the graph's own names say where in the model it stands. */
  readonly name: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** `com.microsoft` for operators that are ONNX Runtime's own. */
  readonly domain?: string;
}

/** What a graph computes in. */
export type FloatType = 'float32' | 'float16';

/** Collects a graph's nodes, in the order in which they run. Values are known by their names. */
export class GraphBuilder {
  readonly #nodes: NodeMessage[] = [];
  readonly #inputs: ValueInfoMessage[] = [];
  readonly #outputs: ValueInfoMessage[] = [];
  readonly #stored: StoredTensors[] = [];

  /**
   * @param float what its numbers are, weights and constants that are not said to be otherwise
   * @param constants those of the graph around this one, if this is a branch of a choice in it
   */
  constructor(
    private readonly name: string,
    readonly float: FloatType = 'float32',
    private readonly constants = new Map<string, TensorMessage>(),
  ) {}

  input(name: string, dataType: DataType, dims: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, dataType, dims));
    return name;
  }

  /** Declares a value that some node has been named after. */
  output(name: string, dataType: DataType, dims: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, dataType, dims));
  }

  /** Adds a node with one output. An empty string stands for an optional input left out. */
  node(opType: string, inputs: readonly string[], options: NodeOptions): string {
    return this.nodes(opType, inputs, [options.name], options)[0];
  }

  /** Adds a node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options: NodeOptions,
  ): string[] {
    this.#nodes.push({
      name: options.name,
      opType,
      domain: options.domain ?? '',
      input: inputs,
      output: outputs,
      attribute: Object.entries(options.attributes ?? {}).map(([name, value]) => attribute(name, value)),
    });
    return [...outputs];
  }

  /**
   * Adds a choice between two ways to compute a float, of which one runs. Both see all values of this graph; what they
   * name is theirs.
   *
   * @param condition a value of type bool, of one element
   */
  choice(
    condition: string,
    whenTrue: (branch: GraphBuilder) => string,
    otherwise: (branch: GraphBuilder) => string,
    options: NodeOptions,
  ): string {
    const attributes = {
      then_branch: this.#branch(`${options.name}.when_true`, whenTrue),
      else_branch: this.#branch(`${options.name}.otherwise`, otherwise),
    };
    return this.node('If', [condition], { ...options, attributes });
  }

  #branch(name: string, compute: (branch: GraphBuilder) => string): { graph: GraphMessage } {
    const branch = new GraphBuilder(name, this.float, this.constants);
    const result = compute(branch);
    const output = { name: result, type: { tensorType: { elemType: DATA_TYPES[this.float] } } };
    return { graph: { name, node: branch.#nodes, initializer: [], input: [], output: [output] } };
  }

  /** A number, shared by all nodes that need the same one. */
  scalar(value: number): string {
    return this.constant(`scalar ${value}`, [], new Float32Array([value]));
  }

  /** Integers as a vector, shared likewise: shapes, axes, lengths. */
  integers(...values: readonly number[]): string {
    return this.constant(`integers ${values.join(' ')}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** One integer without a dimension: what Gather takes away the axis with. */
  index(value: number): string {
    return this.constant(`index ${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** A small tensor that is written into the graph itself. */
  constant(name: string, dims: readonly number[], values: Float32Array | BigInt64Array): string {
    const dataType = values instanceof Float32Array ? DATA_TYPES[this.float] : DATA_TYPES.int64;
    const stored = values instanceof Float32Array && this.float === 'float16' ? toFloat16(values) : values;
    const rawData = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    this.constants.set(name, { name, dims, dataType, rawData });
    return name;
  }

  /** Weights that are written to the file beside the graph. */
  store(tensors: StoredTensors): string[] {
    this.#stored.push(tensors);
    return tensors.specs.map((spec) => spec.name);
  }

  get stored(): readonly StoredTensors[] {
    return this.#stored;
  }

  /** @param external one message for each stored tensor */
  build(external: readonly TensorMessage[]): ModelMessage {
    return {
      irVersion: IR_VERSION,
      producerName: 'glimpse',
      opsetImport: OPSETS,
      graph: {
        name: this.name,
        node: this.#nodes,
        initializer: [...this.constants.values(), ...external],
        input: this.#inputs,
        output: this.#outputs,
      },
    };
  }
}

function attribute(name: string, value: AttributeValue): AttributeMessage {
  if (typeof value === 'number') {
    return { name, type: ATTRIBUTE_TYPES.int, i: value };
  }
  if (typeof value === 'string') {
    return { name, type: ATTRIBUTE_TYPES.string, s: new TextEncoder().encode(value) };
  }
  if ('float' in value) {
    return { name, type: ATTRIBUTE_TYPES.float, f: value.float };
  }
  if ('graph' in value) {
    return { name, type: ATTRIBUTE_TYPES.graph, g: value.graph };
  }
  return { name, type: ATTRIBUTE_TYPES.ints, ints: value };
}

function valueInfo(name: string, dataType: DataType, dims: readonly Dimension[]): ValueInfoMessage {
  const dim = dims.map((length) =>
    typeof length === 'number' ? { dimValue: length } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: DATA_TYPES[dataType], shape: { dim } } } };
}
