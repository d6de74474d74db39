"""What Pillow's bicubic resizing makes of small pictures, bit by bit."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from .pictures import noise, scene

# (width, height) before and after.
SIZES = (
    ((97, 61), (28, 28)),
    ((61, 97), (32, 32)),
    ((20, 31), (48, 48)),
    ((90, 12), (30, 40)),
    ((12, 90), (40, 30)),
    ((1, 30), (16, 16)),
    ((30, 1), (16, 16)),
    ((1, 1), (9, 7)),
    ((33, 47), (1, 1)),
    ((400, 5), (8, 8)),
    ((5, 400), (8, 8)),
    ((28, 40), (28, 28)),
    ((40, 28), (28, 28)),
    ((28, 28), (28, 28)),
    ((3, 2), (50, 41)),
    # Pillow 13 resizes rows or columns first, by the sizes; older releases always rows first.
    ((40, 60), (30, 39)),
    ((40, 60), (30, 41)),
    ((224, 150), (63, 64)),
)


def write_resizing_cases(folder: Path) -> None:
    """Writes `pillow-bicubic.json` and `.safetensors`: pictures as `[height, width, 3]`, 8 bits a channel."""
    tensors, cases = {}, []
    for index, (before, after) in enumerate(SIZES):
        # Scenes have runs of one colour and hard edges; noise has no two pixels alike.
        source = scene(*before, seed=index) if index % 2 and min(before) > 4 else noise(*before, seed=index)
        name = f"{before[0]}x{before[1]}-to-{after[0]}x{after[1]}"
        tensors[f"{name}/source"] = np.array(source)
        tensors[f"{name}/resized"] = np.array(source.resize(after, Image.Resampling.BICUBIC))
        cases.append(
            {
                "from": {"width": before[0], "height": before[1]},
                "to": {"width": after[0], "height": after[1]},
                "source": f"{name}/source",
                "resized": f"{name}/resized",
            }
        )
    save_file(dict(sorted(tensors.items())), folder / "pillow-bicubic.safetensors")
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    (folder / "pillow-bicubic.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
