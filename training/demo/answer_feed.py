"""Batches of pictures with several requests each, prepared by a process of its own."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .drawing import Scene
from .mask_autoencoder import MaskAutoencoder, as_input
from .model import BOS, EOS, PAD
from .patch_targets import crop_mask
from .picture_feed import PictureFeed
from .questions import Case, box_answer, random_case


@dataclass
class Requests:
    """Requests of about one length, padded at the end.

    picture: (requests,) which picture of the batch; tokens: (requests, length) bos, prompt, newline,
    answer, eos; prefix: (requests,) how many of the tokens come before the answer.
    """

    picture: Tensor
    tokens: Tensor
    prefix: Tensor


@dataclass
class AnswerBatch:
    pixels: Tensor
    targets: dict[str, Tensor]
    groups: list[Requests]


class AnswerWriter:
    """Turns cases into token ids, mask codes included."""

    def __init__(self, tokenizer: Tokenizer, masks: MaskAutoencoder):
        self.tokenizer, self.masks = tokenizer, masks

    def answer(self, scene: Scene, case: Case) -> str:
        if case.task == "detect":
            return box_answer(case, scene, None)
        if case.task == "segment":
            codes: list[list[int]] = []
            if case.found:
                codes = self.masks.encode(as_input(np.stack([crop_mask(shape) for shape in scene.shapes]))).tolist()
            return box_answer(case, scene, codes)
        return case.answer

    def tokens(self, scene: Scene, case: Case) -> tuple[list[int], int]:
        """All ids after the image tokens, and how many of them are the prefix."""
        prefix = [BOS, *self.tokenizer.encode(case.prompt + "\n").ids]
        return [*prefix, *self.tokenizer.encode(self.answer(scene, case)).ids, EOS], len(prefix)


def in_groups(rows: list[tuple[int, list[int], int]], groups: int) -> list[Requests]:
    """Rows (picture, tokens, prefix length) sorted by length, so that little padding is computed."""
    rows = sorted(rows, key=lambda row: len(row[1]))
    result = []
    for part in np.array_split(np.arange(len(rows)), groups):
        chosen = [rows[index] for index in part]
        longest = max(len(tokens) for _, tokens, _ in chosen)
        result.append(
            Requests(
                torch.tensor([picture for picture, _, _ in chosen]),
                torch.tensor([tokens + [PAD] * (longest - len(tokens)) for _, tokens, _ in chosen]),
                torch.tensor([prefix for _, _, prefix in chosen]),
            )
        )
    return result


def _prepare(queue, pool: Path, tokenizer_file: Path, mask_file: Path, pictures: int, each: int, seed: int) -> None:
    torch.set_num_threads(1)
    masks = MaskAutoencoder()
    masks.load_state_dict(torch.load(mask_file))
    writer = AnswerWriter(Tokenizer.from_file(str(tokenizer_file)), masks)
    rng = np.random.default_rng(seed)
    for pixels, targets, scenes in PictureFeed(pool, seed, with_scenes=True).epochs(pictures):
        rows = []
        for number, scene in enumerate(scenes):
            for _ in range(each):
                rows.append((number, *writer.tokens(scene, random_case(scene, rng))))
        queue.put((pixels.numpy(), {name: values.numpy() for name, values in targets.items()}, rows))


def answer_batches(
    pool: Path, tokenizer_file: Path, mask_file: Path, pictures: int, each: int, seed: int, groups: int = 4
) -> Iterator[AnswerBatch]:
    """Endless batches of `pictures` pictures with `each` requests for every one."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(maxsize=4)
    arguments = (queue, pool, tokenizer_file, mask_file, pictures, each, seed)
    context.Process(target=_prepare, args=arguments, daemon=True).start()
    while True:
        pixels, targets, rows = queue.get()
        yield AnswerBatch(
            torch.from_numpy(pixels),
            {name: torch.from_numpy(values) for name, values in targets.items()},
            in_groups(rows, groups),
        )
