"""Batches of pictures and patch targets from the shards on disk."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

# Shards from this number on are kept for measuring progress.
HELD_OUT_SHARD = 900


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

    def epochs(self, batch_size: int, mixed: int = 6) -> Iterator[tuple[Tensor, dict[str, Tensor], list]]:
        """Yields pixel values (batch, 3, side, side), targets, and the scenes if they were asked for."""
        while True:
            order = self.rng.permutation(shard_numbers(self.folder))
            for start in range(0, len(order), mixed):
                group = [Shard(self.folder, number, self.with_scenes) for number in order[start : start + mixed]]
                rows = [(shard, row) for shard in range(len(group)) for row in range(len(group[shard].pictures))]
                places = self.rng.permutation(np.array(rows))
                for begin in range(0, len(places) - batch_size + 1, batch_size):
                    chosen = places[begin : begin + batch_size]
                    yield self._batch(group, chosen)

    def _batch(self, group: list[Shard], chosen: np.ndarray):
        pictures = np.stack([group[shard].pictures[row] for shard, row in chosen])
        targets = {
            name: np.stack([group[shard].targets[name][row] for shard, row in chosen]) for name in group[0].targets
        }
        scenes = [group[shard].scenes[row] for shard, row in chosen] if self.with_scenes else []
        return pixel_values(pictures), as_tensors(targets), scenes


def pixel_values(pictures: np.ndarray) -> Tensor:
    """(batch, side, side, 3) bytes -> (batch, 3, side, side) in -1..1."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().contiguous() / 127.5 - 1


def as_tensors(targets: dict[str, np.ndarray]) -> dict[str, Tensor]:
    floats = ("boxes", "masks")
    return {
        name: torch.from_numpy(values).float() if name in floats else torch.from_numpy(values).long()
        for name, values in targets.items()
    }
