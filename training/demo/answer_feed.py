"""Batches of pictures with several requests each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .drawing import Scene
from .device import on_device
from .mask_autoencoder import MaskAutoencoder, as_input
from .model import BOS, EOS, PAD
from .patch_targets import crop_mask
from .picture_feed import PictureFeed, as_tensors, from_processes, pixel_values
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


Group = tuple[np.ndarray, np.ndarray, np.ndarray]


def in_groups(rows: list[tuple[int, list[int], int]], groups: int) -> list[Group]:
    """Rows (picture, tokens, prefix length) sorted by length, so that little padding is computed."""
    rows = sorted(rows, key=lambda row: len(row[1]))
    result = []
    for part in np.array_split(np.arange(len(rows)), groups):
        chosen = [rows[index] for index in part]
        longest = max(len(tokens) for _, tokens, _ in chosen)
        result.append(
            (
                np.array([picture for picture, _, _ in chosen]),
                np.array([tokens + [PAD] * (longest - len(tokens)) for _, tokens, _ in chosen]),
                np.array([prefix for _, _, prefix in chosen]),
            )
        )
    return result


def prepared_batches(
    seed: int, pool: Path, tokenizer_file: Path, mask_file: Path, pictures: int, each: int, groups: int
) -> Iterator[tuple[Tensor, dict[str, np.ndarray], list[Group]]]:
    masks = MaskAutoencoder()
    masks.load_state_dict(torch.load(mask_file, map_location="cpu"))
    writer = AnswerWriter(Tokenizer.from_file(str(tokenizer_file)), masks)
    rng = np.random.default_rng(seed)
    for pixels, targets, scenes in PictureFeed(pool, seed, with_scenes=True).epochs(pictures):
        rows = []
        for number, scene in enumerate(scenes):
            for _ in range(each):
                rows.append((number, *writer.tokens(scene, random_case(scene, rng))))
        yield pixels, targets, in_groups(rows, groups)


def answer_batches(
    pool: Path,
    tokenizer_file: Path,
    mask_file: Path,
    *,
    pictures: int,
    each: int,
    processes: int,
    seed: int,
    groups: int = 4,
) -> Iterator[AnswerBatch]:
    """Endless batches, on the device, of `pictures` pictures with `each` requests for every one."""
    arguments = (pool, tokenizer_file, mask_file, pictures, each, groups)
    for pixels, targets, rows in from_processes(prepared_batches, arguments, processes, seed):
        yield AnswerBatch(
            pixel_values(pixels),
            as_tensors(targets),
            [Requests(*(on_device(values) for values in group)) for group in rows],
        )
