"""Writes the evaluation set: fresh pictures, what is in them, and requests with the right answers.

    python -m training.demo.evaluation_set models/demo/evaluation

The format is described in training/README.md.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from .drawing import Box, Scene, Shape, invent_scene, render
from .patch_targets import crop_mask
from .picture_pool import EVALUATION_SEED
from .questions import Case, ask, describe, find, ocr, random_names

PICTURES = 500
DRAWN_LARGER = 2  # drawn at twice the size and reduced, for smooth edges


def draw(scene: Scene) -> Image.Image:
    return render(scene, DRAWN_LARGER).resize((scene.width, scene.height), Image.Resampling.BOX)


def rounded(box: Box) -> list[float]:
    return [round(value, 1) for value in box]


def run_lengths(mask: np.ndarray) -> list[int]:
    """The runs of 1 in a mask read row by row: start, length, start, length, ..."""
    flat = np.concatenate([[0], mask.ravel(), [0]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(flat))
    return [number for start, end in edges.reshape(-1, 2).tolist() for number in (start, end - start)]


def object_record(shape: Shape) -> dict:
    return {
        "label": shape.label,
        "shape": shape.shape,
        "color": shape.color,
        "box": rounded(shape.box),
        "mask": run_lengths(crop_mask(shape)),
    }


def found_records(scene: Scene, case: Case) -> list[dict]:
    """The expected boxes, in the order of the answer; `object` says which object of the picture each one is."""
    records = []
    for label, index in case.found:
        if index < 0:
            records.append({"label": label, "box": rounded(scene.text.box)})
        else:
            records.append({"label": label, "box": rounded(scene.shapes[index].box), "object": index})
    return records


def case_record(scene: Scene, case: Case) -> dict:
    expected = found_records(scene, case) if case.task in ("detect", "segment") else case.answer
    return {"task": case.task, **case.fields, "expected": expected}


def cases_of(scene: Scene, number: int, rng: np.random.Generator) -> list[Case]:
    """Two detections, two questions, a short description, and what else the picture lends itself to."""
    cases = [find(scene, random_names(scene, rng, "detect"), "detect")]
    cases.append(find(scene, [shape.label for shape in scene.shapes[:1]] or ["text"], "detect"))
    cases += [ask(scene, rng), ask(scene, rng)]
    cases.append(describe(scene, "en", "short"))
    # One picture in five for every other kind of description: seven kinds in turn.
    others = [(language, length) for language in ("en", "zh", "es", "fr") for length in ("short", "long")][1:]
    cases.append(describe(scene, *others[number % len(others)]))
    if scene.text:
        cases.append(ocr(scene))
    if scene.shapes:
        cases.append(find(scene, [scene.shapes[rng.integers(len(scene.shapes))].label], "segment"))
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(EVALUATION_SEED)
    lines = []
    for number in range(PICTURES):
        scene = invent_scene(rng)
        name = f"{number:03}.webp"
        draw(scene).save(options.folder / name, "WEBP", quality=80, method=6)
        record = {
            "picture": name,
            "width": scene.width,
            "height": scene.height,
            "objects": [object_record(shape) for shape in scene.shapes],
            "text": {"content": scene.text.content, "box": rounded(scene.text.box)} if scene.text else None,
            "cases": [case_record(scene, case) for case in cases_of(scene, number, rng)],
        }
        lines.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
    (options.folder / "truth.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
