"""Draws the sample pictures that the project shows first, with requests that suit each.

python -m training.demo.sample_pictures models/demo/samples
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from .drawing import invent_scene, render

# Far from the seeds of training and of the evaluation set; these scenes were chosen for their looks.
FIRST_SEED = 2_000_000
LARGER = 1.6
DRAWN_LARGER = 2


def describe(length: str = "short", language: str = "en") -> dict:
    return {"kind": "describe", "language": language, "length": length}


def ask(question: str) -> dict:
    return {"kind": "ask", "language": "en", "question": question}


def find(task: str, *objects: str) -> dict:
    return {"kind": task, "objects": list(objects)}


OCR = {"kind": "ocr"}
SAMPLES = {
    "star-diamond-square": (
        154,
        [
            describe(),
            find("detect", "star", "diamond"),
            find("segment", "yellow star"),
            ask("What color is the square?"),
        ],
    ),
    "stars-on-stripes": (
        170,
        [describe("long"), find("detect", "star"), find("segment", "green star"), ask("which shape is on the right")],
    ),
    "four-shapes": (
        176,
        [describe(), find("detect", "shape"), ask("how many shapes are there"), ask("is there a green triangle")],
    ),
    "mix-sign": (77, [OCR, find("detect", "text"), ask("what does the sign say"), describe()]),
    "pink-word": (
        222,
        [OCR, describe(language="es"), find("detect", "blue circle", "yellow square"), find("segment", "blue circle")],
    ),
    "cake-sign": (
        331,
        [OCR, describe(language="fr"), find("detect", "text", "diamond"), ask("what color is the diamond")],
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, (seed, tasks) in SAMPLES.items():
        scene = invent_scene(np.random.default_rng(FIRST_SEED + seed))
        size = (round(scene.width * LARGER), round(scene.height * LARGER))
        picture = render(scene, LARGER * DRAWN_LARGER).resize(size, Image.Resampling.BOX)
        picture.save(options.folder / f"{name}.jpg", quality=90)
        entries.append({"file": f"{name}.jpg", "tasks": tasks})
    (options.folder / "samples.json").write_text(json.dumps(entries, indent=2) + "\n")


if __name__ == "__main__":
    main()
