"""Writes models/demo from a training checkpoint, in the official layout.

python -m training.demo.export CHECKPOINT.pt TOKENIZER_FOLDER MASK_DECODER.npz models/demo
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from tokenizers import Tokenizer

from .model import BOS, EOS, IMAGE_TOKENS, PAD, make_model
from .picture_pool import PICTURE_SIDE
from .tokenizer import table_size

PREPROCESSOR = {
    "image_processor_type": "SiglipImageProcessor",
    "processor_class": "PaliGemmaProcessor",
    "do_convert_rgb": True,
    "do_resize": True,
    "size": {"height": PICTURE_SIDE, "width": PICTURE_SIDE},
    "resample": 3,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "image_seq_length": IMAGE_TOKENS,
}
GENERATION = {"pad_token_id": PAD, "eos_token_id": EOS, "bos_token_id": BOS, "do_sample": False}


def write_json(file: Path, content: dict) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("checkpoint", "tokenizer", "masks", "folder"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    tokenizer = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    model = make_model(tokenizer.token_to_id("<image>"), table_size(tokenizer))
    model.load_state_dict(torch.load(options.checkpoint, map_location="cpu")["model"])
    options.folder.mkdir(parents=True, exist_ok=True)
    # Sixteen bits are half the download; evaluate.py measures the rounded weights.
    model.half().save_pretrained(options.folder)
    write_json(options.folder / "generation_config.json", GENERATION)
    write_json(options.folder / "preprocessor_config.json", PREPROCESSOR)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(options.tokenizer / name, options.folder / name)
    shutil.copy(options.masks, options.folder / "vae-oid.npz")


if __name__ == "__main__":
    main()
