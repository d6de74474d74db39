import { createCanvas } from '@napi-rs/canvas';
import { LABEL_FONT_FAMILY, registerLabelFont } from './fonts.js';

/** Two characters of each script that Noto Sans lacks; they look different wherever a font has them. */
const SAMPLES = { Chinese: '中国', Japanese: 'かな', Korean: '한국', Arabic: 'عس', Hindi: 'कग' } as const;
const SIZE = 32;

/** The scripts that labels can't be drawn in on this machine, since it has no font for them. */
export function missingScripts(): string[] {
  registerLabelFont();
  return Object.entries(SAMPLES)
    .filter(([, [first = '', second = '']]) => drawn(first).equals(drawn(second)))
    .map(([script]) => script);
}

/** Characters without a glyph are all drawn as the same box. */
function drawn(character: string): Buffer {
  const context = createCanvas(SIZE, SIZE).getContext('2d');
  context.font = `600 ${SIZE / 2}px ${LABEL_FONT_FAMILY}`;
  context.fillText(character, SIZE / 4, SIZE * 0.75);
  return Buffer.from(context.getImageData(0, 0, SIZE, SIZE).data);
}
