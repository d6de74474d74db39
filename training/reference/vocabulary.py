"""A small tokenizer of PaliGemma's make: byte-fallback BPE, then `<loc>`, `<seg>` and `<image>` as added tokens."""

import json

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

PAD, EOS, BOS, UNKNOWN, LINE_BREAK = range(5)

# Officially 256000, the same multiple of 64 away from the end of the padded table.
BASE_SIZE = 512
LOCATIONS = 1024
SEGMENTS = 128
IMAGE = BASE_SIZE + LOCATIONS + SEGMENTS
# Officially, too, the embedding table has 64 rows from `<image>` on, of which 63 mean nothing.
TABLE_ROWS = IMAGE + 64

# Text that the base vocabulary is learnt from. 图 and 花 get tokens; other Chinese falls back on bytes.
CORPUS = (
    ["caption en de fr es zh", "describe en de fr es zh", "ocr", "answer en", "answer zh 图 花 ？"] * 8
    + ["detect cat ; dog", "segment cat ; dog", "detect person ; car ; tree ; flower", "red green blue"] * 8
    + ["What is on the flower? How many dogs are there? The cat is in the car, under a tree."] * 4
    + ["a red car on the road", "two people and a dog in the snow", "there is no text in the picture"] * 2
    + ["abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 . , ; : ! ? ' \" ( ) - /"]
)


def build_tokenizer_json() -> dict:
    """The content of `tokenizer.json`."""
    specials = ["<pad>", "<eos>", "<bos>", "<unk>"]
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    head = [*specials, "\n", *byte_tokens]
    pieces, merges = learn_pieces(BASE_SIZE - len(head))
    base = [*head, *pieces]
    assert len(set(base)) == BASE_SIZE

    locations = [f"<loc{index:04}>" for index in range(LOCATIONS)]
    segments = [f"<seg{index:03}>" for index in range(SEGMENTS)]
    added = [*enumerate(specials), (LINE_BREAK, "\n"), *enumerate([*locations, *segments, "<image>"], BASE_SIZE)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added_token(id, content, special=content in (*specials, "<image>")) for id, content in added],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {token: id for id, token in enumerate(base)},
            "merges": merges,
        },
    }


def learn_pieces(count: int) -> tuple[list[str], list[str]]:
    """Learns the letters and pieces of words of the corpus.

    Returns:
        `count` pieces, letters first; and how pairs of them merge, as "left right".
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    # Gemma's own splitting by spaces never applies, as there are none left; while learning, pieces end with a word.
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("▁"), "merged_with_next")
    trainer = trainers.BpeTrainer(vocab_size=count, show_progress=False)
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].__getitem__)
    assert len(pieces) == count, f"the corpus has only {len(pieces)} pieces"
    return pieces, [" ".join(pair) for pair in model["merges"]]


def added_token(id: int, content: str, special: bool) -> dict:
    return {
        "id": id,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": special,
    }


def prompt_ids(tokenizer: Tokenizer, patches: int, prompt: str) -> list[int]:
    """A whole prompt: a place for each image token, the beginning of the sequence, the words, a line break."""
    words = tokenizer.encode(prompt, add_special_tokens=False).ids
    assert UNKNOWN not in words and all(id < BASE_SIZE for id in words)
    return [IMAGE] * patches + [BOS, *words, LINE_BREAK]
