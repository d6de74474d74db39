import { readFile } from 'node:fs/promises';
import {
  openCheckpointFolder,
  type CheckpointFolder,
} from '../../src/inference/paligemma/checkpoint-folder.js';
import type { Reading } from '../../src/inference/paligemma/generate.js';
import { LanguageModel } from '../../src/inference/paligemma/language-model.js';
import { decodePicture } from '../../src/inference/paligemma/picture.js';
import { pixelValues } from '../../src/inference/paligemma/pixel-values.js';
import { phrasingsOf } from '../../src/inference/paligemma/prompt.js';
import { PromptTokenizer } from '../../src/inference/paligemma/tokenizer.js';
import { VisionEncoder } from '../../src/inference/paligemma/vision-encoder.js';
import type { Dtype, Size, Task } from '../../src/task.js';

/** A model whose answers are led, token by token, instead of said by itself. */
export class StepwiseModel {
  readonly #checkpoint: CheckpointFolder;
  readonly #visionEncoder: VisionEncoder;
  readonly #languageModel: LanguageModel;
  readonly tokenizer: PromptTokenizer;

  private constructor(
    checkpoint: CheckpointFolder,
    visionEncoder: VisionEncoder,
    languageModel: LanguageModel,
  ) {
    this.#checkpoint = checkpoint;
    this.#visionEncoder = visionEncoder;
    this.#languageModel = languageModel;
    this.tokenizer = new PromptTokenizer(
      checkpoint.tokenizer,
      checkpoint.tokenizerConfig,
      checkpoint.imageTokenId,
    );
  }

  static async open(folder: string, dtype: Dtype): Promise<StepwiseModel> {
    const checkpoint = await openCheckpointFolder(folder, dtype);
    const options = { provider: 'cpu' } as const;
    return new StepwiseModel(
      checkpoint,
      await VisionEncoder.open(checkpoint.visionEncoder, options),
      await LanguageModel.open(checkpoint, options),
    );
  }

  /** The pixels that pictures are squashed to. */
  get square(): Size {
    return this.#checkpoint.preprocessing.size;
  }

  /** Reads what a task asks about a picture file. */
  async read(file: string, task: Task): Promise<Reading> {
    const { preprocessing } = this.#checkpoint;
    const { data, width, height } = await decodePicture(await readFile(file));
    const pixels = pixelValues(data, { width, height }, preprocessing);
    const features = await this.#visionEncoder.encode(pixels, preprocessing.size);
    const [{ prompt }] = phrasingsOf(task, this.tokenizer.clean);
    return this.#languageModel.read(this.tokenizer.promptIds(features.tokens, prompt), features);
  }

  async close(): Promise<void> {
    await this.#visionEncoder.close();
    await this.#languageModel.close();
  }
}
