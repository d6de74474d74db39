"""The demo's tokenizer: byte-pair merges laid out as Gemma's tokenizer.json, for a small vocabulary.

Words of prompts and answers become one or two tokens; printed capitals and digits stay single, so
that the model spells what it reads. After the base vocabulary come the location and mask tokens
and, last, `<image>`.
"""

import argparse
import json
import re
import string
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from .drawing import Scene, invent_scene
from .languages import color_name, shape_name
from .questions import random_case
from .vocabulary import COLOR_NAMES, LETTERS, SHAPES

SPACE = "▁"
CHINESE = "\u2e80"  # everything from here on is Chinese
WORD = re.compile(r"[^\W\d_]+")
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]


def printed(scene: Scene) -> str:
    return scene.text.content if scene.text else ""


def make_tokenizer() -> Tokenizer:
    """Learns the merges from the demo's own sentences, with printed words left out."""
    rng = np.random.default_rng(123)
    words: set[str] = set()
    for _ in range(6000):
        scene = invent_scene(rng)
        case = random_case(scene, rng)
        answer = case.answer if case.answer != printed(scene) else ""
        words.update(WORD.findall(f"{case.prompt} {answer}"))
    words.update((*SHAPES, *COLOR_NAMES, "shape", "text", "detect", "segment"))
    # Chinese writes no spaces: its names are given, all else is read character by character.
    corpus = sorted(word for word in words if word.isascii() or word[0] < CHINESE)
    corpus += (
        [";", ":"] + [shape_name("zh", shape) for shape in SHAPES] + [color_name("zh", color) for color in COLOR_NAMES]
    )
    chinese = {letter for word in words for letter in word if letter >= CHINESE}
    punctuation = "!\"#$%&'()*+,-./:;<=>?@[]_`{|}~¿、。"
    alphabet = sorted({*"".join(corpus), *LETTERS, *chinese, *"01", *string.ascii_lowercase, *punctuation, SPACE})
    learner = Tokenizer(models.BPE(unk_token="<unk>"))
    trainer = trainers.BpeTrainer(
        vocab_size=5000, min_frequency=1, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False
    )
    # Every word stands alone here, so no merge reaches across a space.
    learner.pre_tokenizer = pre_tokenizers.Split("\n", "removed")
    learner.train_from_iterator([f"{word}\n{SPACE}{word}" for word in corpus], trainer)
    learned = json.loads(learner.to_str())["model"]

    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    learned_tokens = [token for token in sorted(learned["vocab"], key=learned["vocab"].get) if token not in SPECIAL]
    tokens = [*SPECIAL, *byte_tokens, "\n", *learned_tokens]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={token: number for number, token in enumerate(tokens)},
            merges=[tuple(merge) for merge in learned["merges"]],
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", SPACE)
    tokenizer.decoder = decoders.Sequence([decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    tokenizer.add_tokens(
        [AddedToken("\n", normalized=False)]
        + [AddedToken(f"<loc{number:04}>", normalized=False) for number in range(1024)]
        + [AddedToken(f"<seg{number:03}>", normalized=False) for number in range(128)]
    )
    tokenizer.add_special_tokens([AddedToken("<image>", special=True, normalized=False)])
    return tokenizer


def table_size(tokenizer: Tokenizer) -> int:
    """Rows of the embedding table: the next multiple of 64 past `<image>`, as the official tables are padded."""
    return (tokenizer.get_vocab_size() // 64 + 1) * 64


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "GemmaTokenizerFast",
        "processor_class": "PaliGemmaProcessor",
        "add_bos_token": False,
        "add_eos_token": False,
        "pad_token": "<pad>",
        "eos_token": "<eos>",
        "bos_token": "<bos>",
        "unk_token": "<unk>",
        "additional_special_tokens": ["<image>"],
        "clean_up_tokenization_spaces": False,
        "model_max_length": 8192,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes tokenizer.json and tokenizer_config.json into a folder.")
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    save_tokenizer(make_tokenizer(), options.folder)


if __name__ == "__main__":
    main()
