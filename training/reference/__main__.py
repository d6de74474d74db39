"""Makes `test/fixtures/` anew: `python -m training.reference`, from the root of the repository.

Running it again gives the same files, bit by bit, with the versions of requirements.txt.
"""

import os
import shutil
from pathlib import Path

# Before they are read: learning the vocabulary in parallel could break ties another way.
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
from transformers.utils import logging

from .answers import write_answers
from .checkpoint_folder import write_checkpoint
from .mask_decoder import write_mask_decoder
from .pictures import write_pictures
from .resizing import write_resizing_cases
from .specifications import SPECIFICATIONS
from .vocabulary import build_tokenizer_json

FIXTURES = Path(__file__).parents[2] / "test" / "fixtures"


def main() -> None:
    # Sums in parallel may round in another order each time.
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()

    FIXTURES.mkdir(parents=True, exist_ok=True)
    pictures = emptied(FIXTURES / "pictures")
    write_pictures(pictures)
    write_resizing_cases(FIXTURES)
    write_mask_decoder(emptied(FIXTURES / "mask-decoder"))
    reference = emptied(FIXTURES / "reference")
    tokenizer_json = build_tokenizer_json()
    for specification in SPECIFICATIONS:
        print(specification.name)
        folder = reference / specification.name
        write_checkpoint(emptied(folder / "checkpoint"), specification, tokenizer_json)
        write_answers(folder, specification, pictures)


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    main()
