import { createRequire } from 'node:module';
import { GlobalFonts } from '@napi-rs/canvas';

/**
 * The fonts of labels, first choice first. Noto Sans comes with Glimpse, because a server often has no fonts
 * at all; scripts that it lacks (Chinese, Japanese, Korean, Arabic …) are drawn with whatever the system has.
 */
export const LABEL_FONT_FAMILY = '"Glimpse Label", "Noto Sans CJK SC", "Noto Sans", sans-serif';

let registered = false;

/** Makes `LABEL_FONT_FAMILY` known to the canvas. Calling it again costs nothing. */
export function registerLabelFont(): void {
  if (registered) {
    return;
  }
  const file = createRequire(import.meta.url).resolve(
    '@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf',
  );
  GlobalFonts.registerFromPath(file, 'Glimpse Label');
  registered = true;
}
