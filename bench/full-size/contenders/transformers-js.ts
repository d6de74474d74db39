import { basename, dirname } from 'node:path';
import {
  AutoProcessor,
  BaseStreamer,
  env,
  PaliGemmaForConditionalGeneration,
  RawImage,
  type TextStreamer,
} from '@huggingface/transformers';
import { peakMemory, QUESTION, type ContenderFigures } from './figures.js';

/** transformers.js as its documentation has it used, on a folder of ONNX graphs. */
const [folder, picture, tokens, dtype = 'q4'] = process.argv.slice(2);

class Watch extends BaseStreamer {
  readonly times: number[] = [];

  /** The first call brings the prompt. */
  override put(): void {
    this.times.push(performance.now());
  }

  override end(): void {
    // Nothing follows the last token.
  }
}

env.allowRemoteModels = false;
env.localModelPath = dirname(folder);
const started = performance.now();
const name = basename(folder);
const processor = await AutoProcessor.from_pretrained(name);
const model = await PaliGemmaForConditionalGeneration.from_pretrained(name, {
  dtype: dtype as 'q4',
  device: 'cpu',
});
const load = performance.now() - started;

const asked = performance.now();
const inputs = (await processor(await RawImage.read(picture), `answer en ${QUESTION}`)) as object;
const watch = new Watch();
await model.generate({
  ...inputs,
  max_new_tokens: Number(tokens),
  min_new_tokens: Number(tokens),
  do_sample: false,
  // Its type asks for a subclass that prints; any streamer is taken.
  streamer: watch as unknown as TextStreamer,
});

const [, firstToken, ...later] = watch.times;
const figures: ContenderFigures = {
  load,
  firstToken: firstToken - asked,
  answer: (later.at(-1) ?? firstToken) - asked,
  tokens: 1 + later.length,
  peakMemory: peakMemory(),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit();
