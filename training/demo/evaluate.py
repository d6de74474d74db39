"""Measures models/demo on the evaluation set, with transformers' own generation in eager attention.

    python -m training.demo.evaluate models/demo [--pictures 500] [--show 5]

Masks are drawn with vae-oid.npz and compared as pixels of the whole picture; an object that was not found counts 0.
"""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import PaliGemmaForConditionalGeneration

from .device import DEVICE
from .drawing import squash
from .mask_autoencoder import MaskAutoencoder
from .model import BOS, EOS, IMAGE_TOKENS, PAD
from .patch_targets import MASK_SIDE
from .picture_feed import pixel_values
from .picture_pool import PICTURE_SIDE

BATCH = 64
MOST_TOKENS = 100
ITEM = re.compile(r"<loc(\d{4})><loc(\d{4})><loc(\d{4})><loc(\d{4})>((?:<seg\d{3}>)*) ?([^;<]*)")
Box = tuple[float, float, float, float]


def prompt_of(case: dict) -> str:
    match case["task"]:
        case "describe":
            return f"{'caption' if case['length'] == 'short' else 'describe'} {case['language']}"
        case "ask":
            return f"answer {case['language']} {case['question']}"
        case "ocr":
            return "ocr"
        case task:
            return f"{task} {' ; '.join(case['objects'])}"


@torch.no_grad()
def generate(model, tokenizer: Tokenizer, pixels: torch.Tensor, prompts: list[str]) -> list[str]:
    """Greedy answers. `pixels` holds one picture for every prompt."""
    image = tokenizer.token_to_id("<image>")
    prefixes = [[image] * IMAGE_TOKENS + [BOS, *tokenizer.encode(prompt + "\n").ids] for prompt in prompts]
    answers = [""] * len(prompts)
    # Equal lengths go together, so that nothing is padded.
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, prefix in enumerate(prefixes):
        by_length[len(prefix)].append(number)
    for length, numbers in by_length.items():
        for begin in range(0, len(numbers), BATCH):
            chosen = numbers[begin : begin + BATCH]
            ids = torch.tensor([prefixes[number] for number in chosen], device=DEVICE)
            written = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                token_type_ids=torch.zeros_like(ids),
                pixel_values=pixels[chosen],
                max_new_tokens=MOST_TOKENS,
                do_sample=False,
            )[:, length:].tolist()
            for number, tokens in zip(chosen, written, strict=True):
                tokens = tokens[: tokens.index(EOS)] if EOS in tokens else tokens
                answers[number] = tokenizer.decode([t for t in tokens if t != PAD], skip_special_tokens=False)
    return answers


def boxes_in(answer: str, width: int, height: int) -> list[tuple[str, Box, list[int]]]:
    """(label, box in picture pixels, mask codes) of every item of a detect or segment answer."""
    items = []
    for y1, x1, y2, x2, codes, label in ITEM.findall(answer):
        scale = (width / 1023, height / 1023)
        box = (int(x1) * scale[0], int(y1) * scale[1], int(x2) * scale[0], int(y2) * scale[1])
        items.append((label.strip(), box, [int(code) for code in re.findall(r"\d{3}", codes)]))
    return items


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    shared = width * height
    total = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / total if total > 0 and a[2] > a[0] and a[3] > a[1] else 0.0


def matches(found: list, expected: list[dict]) -> list[tuple[int, int, float]]:
    """Pairs (found, expected, overlap) of equal label, the best overlap first, each used once."""
    pairs = [
        (overlap(box, right["box"]), i, j)
        for i, (label, box, _) in enumerate(found)
        for j, right in enumerate(expected)
        if label == right["label"]
    ]
    taken_i, taken_j, result = set(), set(), []
    for score, i, j in sorted(pairs, reverse=True):
        if score >= 0.5 and i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
            result.append((i, j, score))
    return result


def edit_distance(first: str, second: str) -> int:
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def picture_mask(mask: np.ndarray, box: Box, width: int, height: int) -> np.ndarray:
    """A mask over a box, (64, 64) of values that are inside where > 0, as (height, width) of booleans."""
    x1, y1, x2, y2 = (round(value) for value in box)
    canvas = np.zeros((height, width), dtype=bool)
    if x2 > x1 and y2 > y1:
        drawn = np.asarray(
            Image.fromarray(mask.astype(np.float32)).resize((x2 - x1, y2 - y1), Image.Resampling.BILINEAR)
        )
        part = canvas[y1:y2, x1:x2]
        part[:] = drawn[: part.shape[0], : part.shape[1]] > 0
    return canvas


def true_mask(runs: list[int]) -> np.ndarray:
    flat = np.full(MASK_SIDE**2, -1.0)
    for start, length in zip(runs[::2], runs[1::2], strict=True):
        flat[start : start + length] = 1
    return flat.reshape(MASK_SIDE, MASK_SIDE)


def load_mask_decoder(file: Path) -> MaskAutoencoder:
    masks = MaskAutoencoder()
    with np.load(file) as tensors:
        masks.decoder.load_state_dict(
            {
                name.removeprefix("decoder."): torch.from_numpy(tensors[name])
                for name in tensors
                if name.startswith("decoder.")
            }
        )
        masks.codebook.data = torch.from_numpy(tensors["_vq_vae._embedding"])
    return masks


def evaluate(folder: Path, pictures: int, show: int = 0) -> dict[str, float]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = PaliGemmaForConditionalGeneration.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    model.to(DEVICE)
    masks = load_mask_decoder(folder / "vae-oid.npz").to(DEVICE)
    lines = (folder / "evaluation" / "truth.jsonl").read_text().splitlines()[:pictures]
    records = [json.loads(line) for line in lines]
    squashed = np.stack([squash(Image.open(folder / "evaluation" / r["picture"]), PICTURE_SIDE) for r in records])
    requests = [(number, case) for number, record in enumerate(records) for case in record["cases"]]
    pixels = pixel_values(squashed)[[number for number, _ in requests]]
    answers = generate(model, tokenizer, pixels, [prompt_of(case) for _, case in requests])

    exact: dict[str, list[bool]] = defaultdict(list)
    found_count = expected_count = 0
    box_overlaps, mask_overlaps = [], []
    wrong_letters = letters = 0
    for (number, case), answer in zip(requests, answers, strict=True):
        record, expected = records[number], case["expected"]
        if show > 0 and number < show:
            print(record["picture"], prompt_of(case), "|", answer, "|", expected if isinstance(expected, str) else "")
        if case["task"] in ("detect", "segment"):
            size = (record["width"], record["height"])
            found = boxes_in(answer, *size)
            pairs = matches(found, expected)
            if case["task"] == "detect":
                found_count += len(found)
                expected_count += len(expected)
                box_overlaps += [score for _, _, score in pairs]
                continue
            by_expected = {j: i for i, j, _ in pairs}
            for j, right in enumerate(expected):
                item = found[by_expected[j]] if j in by_expected else None
                if item is None or len(item[2]) != 16:
                    mask_overlaps.append(0.0)
                    continue
                with torch.no_grad():
                    drawn = masks.decode(torch.tensor([item[2]], device=DEVICE))[0, 0].cpu().numpy()
                ours = picture_mask(drawn, item[1], *size)
                truth = picture_mask(true_mask(record["objects"][right["object"]]["mask"]), right["box"], *size)
                mask_overlaps.append(float((ours & truth).sum() / max((ours | truth).sum(), 1)))
        elif case["task"] == "ocr":
            wrong_letters += edit_distance(answer, expected)
            letters += len(expected)
            exact["ocr"].append(answer == expected)
        else:
            exact[case["task"]].append(answer == expected)
            if case["task"] == "describe":
                exact[f"describe {case['length']} {case['language']}"].append(answer == expected)
            elif case["question"].lower().startswith("what does"):
                exact["ask what is written"].append(answer == expected)
            else:
                exact["ask all else"].append(answer == expected)
    precision = len(box_overlaps) / max(found_count, 1)
    recall = len(box_overlaps) / max(expected_count, 1)
    return {
        "detect F1": 2 * precision * recall / max(precision + recall, 1e-9),
        "detect mean overlap of matches": float(np.mean(box_overlaps or [0])),
        "ocr character error": wrong_letters / max(letters, 1),
        "segment mean mask overlap": float(np.mean(mask_overlaps or [0])),
        **{f"{name} exact": float(np.mean(values)) for name, values in sorted(exact.items())},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--show", type=int, default=0, help="print the answers for the first so many pictures")
    options = parser.parse_args()
    for name, value in evaluate(options.folder, options.pictures, options.show).items():
        print(f"{name:34} {value:.3f}")


if __name__ == "__main__":
    main()
