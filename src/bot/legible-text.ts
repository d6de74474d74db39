/**
 * Text without what nobody can see and what piles up over other lines; everything that a script or an emoji is written
 * with stays.
 */

const LONE_SURROGATES = /\p{Surrogate}/gu;

/** What Unicode does not show, and what reorders text; but what is needed in some places, which is looked at below. */
const INVISIBLE =
  // The tags after a black flag are how the flags of England, Scotland and Wales are spelled.
  /(?!\n|\t|\u034F|[\u115F-\u1160\u200C-\u200D]|[\u180B-\u180F]|[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}])[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB](?<!\u{1F3F4}[\u{E0020}-\u{E007F}]{1,7})/gu;

/** Those that are needed in some places, wherever they are not. Each has to stand beside something that is seen. */
const NEEDLESS: readonly RegExp[] = [
  // Variants of ideographs, as in Japanese names.
  /(?<!\p{Script=Han})[\u{E0100}-\u{E01EF}]/gu,
  // Variants of other characters.
  /(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\p{P}\p{S}])[\uFE00-\uFE0D]/gu,
  // A character as text or as an emoji, and the keycaps of digits.
  /(?<!\p{Emoji})[\uFE0E\uFE0F]|(?<=[\d#*])[\uFE0E\uFE0F](?!\u20E3)/gu,
  // Mongolian variants, and the Mongolian separator of a vowel.
  /(?<!(?=\p{Script=Mongolian})[\p{L}\p{N}])[\u180B-\u180D\u180F]/gu,
  /(?<!(?=\p{Script=Mongolian})\p{L}[\u180B-\u180D\u180F]?)\u180E|\u180E(?!(?=\p{Script=Mongolian})\p{L})/gu,
  // What keeps marks of Hebrew in their order.
  /(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}])\u034F|\u034F(?!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}])/gu,
  // What stands for a missing part of a Korean syllable that is written in its parts.
  /\u115F(?!\u1160?[\u1161-\u11FF\uD7B0-\uD7FB])/gu,
  /(?<![\u1100-\u115E\uA960-\uA97C]|\u115F(?=\u1160[\u11A8-\u11FF\uD7CB-\uD7FB]))\u1160/gu,
  // Joiners of letters and of emoji, once.
  /(?<=[\u200C-\u200D])[\u200C-\u200D]/gu,
  /(?<!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{P}\p{S}](?:[\u180B-\u180F]|[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}])?)[\u200C-\u200D](?!(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}])/gu,
];

/** Marks that stand over, under or on what comes before them, and what is not seen between them. */
const PILES = /[\p{Mn}\p{Me}\u200C-\u200D]+/gu;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
/** Marks that no script needs many of: accents and what is put round a character. */
const ACCENT =
  /[\u0300-\u036F]|[\u0483-\u0489]|[\u1AB0-\u1AFF]|[\u1DC0-\u1DFF]|[\u20D0-\u20FF]|[\uFE20-\uFE2F]/u;

/**
 * How high a pile of marks may be. Of accents, Greek needs four at most; of the marks of a script, Tibetan needs nine.
 * No script repeats a mark at once; people who write for fun do.
 */
const MOST_ALIKE = 3;
const MOST_ACCENTS = 5;
const MOST_MARKS = 10;

/** @returns the text without what can't be seen, halves of characters, and marks that pile up without end */
export function legible(text: string): string {
  const seen = NEEDLESS.reduce(
    (left, needless) => left.replace(needless, ''),
    text.replace(LONE_SURROGATES, '\uFFFD').replace(INVISIBLE, ''),
  );
  return seen.replace(PILES, lowered);
}

function lowered(pile: string): string {
  const counts = new Map<string, number>();
  let accents = 0;
  let marks = 0;
  let kept = '';
  let joiners = '';
  let grows = true;
  for (const mark of pile) {
    if (IGNORABLE.test(mark)) {
      // What follows a mark that is left out has nothing to join.
      joiners += grows ? mark : '';
      continue;
    }
    const alike = counts.get(mark) ?? 0;
    const isAccent = ACCENT.test(mark);
    grows = alike < MOST_ALIKE && marks < MOST_MARKS && !(isAccent && accents === MOST_ACCENTS);
    if (grows) {
      counts.set(mark, alike + 1);
      marks++;
      accents += isAccent ? 1 : 0;
      kept += joiners + mark;
    }
    joiners = '';
  }
  return kept + joiners;
}
