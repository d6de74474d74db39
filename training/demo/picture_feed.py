"""Batches of pictures and patch targets from the shards on disk, prepared by processes of their own."""

import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.multiprocessing
from torch import Tensor

from .device import on_device

# Shards from this number on are kept for measuring progress.
HELD_OUT_SHARD = 900

Item = TypeVar("Item")


def shard_numbers(folder: Path) -> list[int]:
    """The training shards that are complete, in order."""
    numbers = sorted(int(path.name[:4]) for path in folder.glob("*.targets.npz"))
    return [number for number in numbers if number < HELD_OUT_SHARD]


class Shard:
    """One shard: pictures stay on disk until a batch asks for them."""

    def __init__(self, folder: Path, number: int, with_scenes: bool = False):
        self.pictures = np.load(folder / f"{number:04}.npy", mmap_mode="r")
        with np.load(folder / f"{number:04}.targets.npz") as targets:
            self.targets = dict(targets)
        self.scenes = pickle.loads((folder / f"{number:04}.pickle").read_bytes()) if with_scenes else None


class PictureFeed:
    """Endless random batches. A few shards are open at a time, and new ones join as they are drawn."""

    def __init__(self, folder: Path, seed: int, with_scenes: bool = False):
        self.folder, self.with_scenes = folder, with_scenes
        self.rng = np.random.default_rng(seed)

    def epochs(self, batch_size: int, mixed: int = 6) -> Iterator[tuple[Tensor, dict[str, np.ndarray], list]]:
        """Yields pictures (batch, side, side, 3) as bytes, targets, and the scenes if they were asked for."""
        while True:
            # A part of the shards at a time, so that those drawn meanwhile are soon among them.
            numbers = self.rng.permutation(shard_numbers(self.folder))[:mixed]
            group = [Shard(self.folder, number, self.with_scenes) for number in numbers]
            rows = [(shard, row) for shard in range(len(group)) for row in range(len(group[shard].pictures))]
            places = self.rng.permutation(np.array(rows))
            for begin in range(0, len(places) - batch_size + 1, batch_size):
                yield self._batch(group, places[begin : begin + batch_size])

    def _batch(self, group: list[Shard], chosen: np.ndarray):
        pictures = np.stack([group[shard].pictures[row] for shard, row in chosen])
        targets = {
            name: np.stack([group[shard].targets[name][row] for shard, row in chosen]) for name in group[0].targets
        }
        scenes = [group[shard].scenes[row] for shard, row in chosen] if self.with_scenes else []
        return torch.from_numpy(pictures), targets, scenes


def picture_batches(seed: int, pool: Path, batch_size: int) -> Iterator[tuple[Tensor, dict[str, np.ndarray]]]:
    for pictures, targets, _ in PictureFeed(pool, seed).epochs(batch_size):
        yield pictures, targets


def _fill(queue, produce: Callable[..., Iterator], seed: int, arguments: tuple) -> None:
    torch.set_num_threads(1)
    for item in produce(seed, *arguments):
        queue.put(item)


def from_processes(
    produce: Callable[..., Iterator[Item]], arguments: tuple, processes: int, seed: int
) -> Iterator[Item]:
    """What `produce(seed, *arguments)` yields in several processes, each with a seed of its own, as it comes."""
    # PyTorch's own queue hands tensors over in shared memory.
    context = torch.multiprocessing.get_context("spawn")
    queue = context.Queue(maxsize=2 * processes + 2)
    for number in range(processes):
        context.Process(target=_fill, args=(queue, produce, seed + number, arguments), daemon=True).start()
    while True:
        yield queue.get()


def pixel_values(pictures: Tensor | np.ndarray) -> Tensor:
    """(batch, side, side, 3) bytes -> (batch, 3, side, side) in -1..1, on the device."""
    return on_device(pictures).permute(0, 3, 1, 2).float().contiguous() / 127.5 - 1


def as_tensors(targets: dict[str, np.ndarray]) -> dict[str, Tensor]:
    floats = ("boxes", "masks")
    return {
        name: on_device(values).float() if name in floats else on_device(values).long()
        for name, values in targets.items()
    }
