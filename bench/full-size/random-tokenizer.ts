import { tinyTokenizerJson } from '../../test/support/tiny-tokenizer.js';

/** Ids of PaliGemma's vocabulary that its prompts depend on. */
const LINE_BREAK = 108;
const SPACES = 139;
const BYTES = 217;
const PIECES = 473;
const PLACES = 256_000;
const IMAGE = 257_152;

const LETTERS = Array.from("▁etaoinshrdlucmfwypvbgkjqxzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?-'");

/**
 * A `tokenizer.json` of the official one's size and build, with pieces that are made up: about as long to read and to
 * keep in memory.
 */
export function officialSizeTokenizer(): object {
  const tokens = new Array<string | undefined>(IMAGE + 1);
  ['<pad>', '<eos>', '<bos>', '<unk>'].forEach((token, id) => (tokens[id] = token));
  for (let id = 4; id < LINE_BREAK; id++) {
    tokens[id] = `<unused${id - 4}>`;
  }
  for (let id = LINE_BREAK; id < SPACES; id++) {
    tokens[id] = '\n'.repeat(id - LINE_BREAK + 1);
  }
  for (let id = SPACES; id < BYTES; id++) {
    tokens[id] = '▁'.repeat(id - SPACES + 2);
  }
  for (let byte = 0; byte < 256; byte++) {
    tokens[BYTES + byte] = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  }
  const { pieces, merges } = madeUpPieces(PLACES - PIECES);
  pieces.forEach((piece, index) => (tokens[PIECES + index] = piece));
  for (let place = 0; place < 1024; place++) {
    tokens[PLACES + place] = `<loc${String(place).padStart(4, '0')}>`;
  }
  for (let code = 0; code < 128; code++) {
    tokens[PLACES + 1024 + code] = `<seg${String(code).padStart(3, '0')}>`;
  }
  tokens[IMAGE] = '<image>';
  return withVocabulary(tokens as string[], merges);
}

/** Letters, then every pair and triple of them and so on until there are `count`, each merged in both ways. */
function madeUpPieces(count: number): { pieces: string[]; merges: [string, string][] } {
  const pieces = [...LETTERS];
  const merges: [string, string][] = [];
  let shorter = LETTERS;
  while (pieces.length < count) {
    const longer: string[] = [];
    for (const start of shorter) {
      for (const letter of LETTERS) {
        if (pieces.length === count) {
          return { pieces, merges };
        }
        // Runs of spaces are tokens of their own.
        if (letter === '▁') {
          continue;
        }
        const piece = start + letter;
        pieces.push(piece);
        longer.push(piece);
        merges.push([start, letter]);
        if (start.length > 1) {
          const [first, ...rest] = Array.from(piece);
          merges.push([first, rest.join('')]);
        }
      }
    }
    shorter = longer;
  }
  return { pieces, merges };
}

function withVocabulary(tokens: readonly string[], merges: readonly [string, string][]): object {
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  const isAdded = (id: number): boolean => id < BYTES || id >= PLACES;
  const tiny = tinyTokenizerJson() as { model: object };
  return {
    ...tiny,
    added_tokens: tokens
      .map((content, id) => ({
        id,
        content,
        special: id < 4 || id === IMAGE,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      }))
      .filter(({ id }) => isAdded(id)),
    model: { ...tiny.model, vocab, merges },
  };
}
