"""Draws the training pictures ahead of time into shards on disk.

Drawing a picture takes about as long as learning from it, so every picture is drawn once and seen
a few times. A shard is `NNNN.npy`, (pictures, side, side, 3) bytes, with its scenes in `NNNN.pickle`
and what each patch shows in `NNNN.targets.npz`.

    python -m training.demo.picture_pool POOL_FOLDER --first 0 --shards 40 --processes 2
"""

import argparse
import io
import multiprocessing
import os
import pickle
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from .drawing import invent_scene, render, squash
from .patch_targets import patch_targets

PICTURE_SIDE = 160
SHARD_SIZE = 2000
# Seeds below this one belong to training; the evaluation set starts from it.
EVALUATION_SEED = 1_000_000
# Drawing at the full size of the evaluation pictures would take twice as long and be squashed anyway.
TRAINING_SCALE = 0.7


def draw_shard(folder: Path, number: int) -> None:
    """Draws shard `number`, whose number is also its seed, where it is not there yet."""
    if (folder / f"{number:04}.targets.npz").exists():
        return
    rng = np.random.default_rng(number)
    scenes = [invent_scene(rng) for _ in range(SHARD_SIZE)]
    pictures = np.stack([squash(_maybe_jpeg(rng, render(scene, TRAINING_SCALE)), PICTURE_SIDE) for scene in scenes])
    (folder / f"{number:04}.pickle").write_bytes(pickle.dumps(scenes))
    np.save(folder / f"{number:04}.npy", pictures)
    targets = [patch_targets(scene) for scene in scenes]
    # The targets come last and under their final name at once: a reader never finds half a shard.
    unfinished = folder / f"{number:04}.targets.part"
    with unfinished.open("wb") as file:
        np.savez(file, **{name: np.stack([one[name] for one in targets]) for name in targets[0]})
    unfinished.rename(folder / f"{number:04}.targets.npz")
    print("drew shard", number, flush=True)


def _maybe_jpeg(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    if rng.random() > 0.2:
        return image
    memory = io.BytesIO()
    image.save(memory, "JPEG", quality=int(rng.integers(45, 92)))
    return Image.open(memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    numbers = range(options.first, options.first + options.shards)
    with multiprocessing.Pool(options.processes) as processes:
        processes.map(partial(draw_shard, options.folder), numbers, chunksize=1)


if __name__ == "__main__":
    main()
