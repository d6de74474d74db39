import sharp, { type Sharp } from 'sharp';
import { decodeKnownFormatsOnly } from '../../src/inference/paligemma/picture.js';

/*
 * Prints which formats sharp still reads in a process that decodes the known ones only, as the worker is one: what it
 * takes away can't be given back, so that a test needs a process for it.
 */
const picture = (): Sharp => sharp({ create: { width: 8, height: 8, channels: 3, background: '#808080' } });
const files = {
  png: await picture().png().toBuffer(),
  jpeg: await picture().jpeg().toBuffer(),
  webp: await picture().webp().toBuffer(),
  gif: await picture().gif().toBuffer(),
  avif: await picture().avif().toBuffer(),
  tiff: await picture().tiff().toBuffer(),
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
};

async function readable(): Promise<string[]> {
  const names: string[] = [];
  for (const [name, file] of Object.entries(files)) {
    await sharp(file)
      .raw()
      .toBuffer()
      .then(
        () => names.push(name),
        () => undefined,
      );
  }
  return names;
}

const before = await readable();
decodeKnownFormatsOnly();
process.stdout.write(JSON.stringify({ before, after: await readable() }));
