"""Stage 1: the vision tower learns to read every patch, without the decoder.

    python -m training.demo.train_vision POOL_FOLDER OUT_FILE --minutes 25

Runs for the given time and can be started again on the same OUT_FILE: it goes on from there. The pool may still grow
meanwhile.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .device import DEVICE, FEEDING_PROCESSES, half_precision
from .model import TEXT_WIDTH, hidden_matrices, image_features, make_model
from .patch_heads import PatchHeads, patch_accuracy, patch_losses, total_loss
from .picture_feed import HELD_OUT_SHARD, Shard, as_tensors, from_processes, picture_batches, pixel_values

WARM_UP = 0.02
PRINT_EVERY = 50
PEAK_RATE_MATRICES = 6e-3
PEAK_RATE_OTHERS = 2e-3


def rate_at(progress: float, warm_up: float, floor: float = 0.05) -> float:
    """Share of the peak rate: up, level for a while, then down in a line to `floor`; progress is 0..1 of the time."""
    if progress < warm_up:
        return progress / warm_up
    return max(floor, min(1.0, (1 - progress) / 0.7))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--batch", type=int, default=128)
    options = parser.parse_args()
    torch.manual_seed(0)

    # The vocabulary does not matter yet: the decoder is made and trained in stage 2.
    model = make_model(image_token=63, table_size=64).to(DEVICE)
    tower, projector = model.model.vision_tower, model.model.multi_modal_projector
    heads = PatchHeads(TEXT_WIDTH).to(DEVICE)
    modules = torch.nn.ModuleDict({"tower": tower, "projector": projector, "heads": heads})
    matrices = hidden_matrices([tower])
    of_matrices = {id(parameter) for parameter in matrices}
    others = [parameter for parameter in modules.parameters() if id(parameter) not in of_matrices]
    optimizers = [
        torch.optim.Muon(matrices, lr=PEAK_RATE_MATRICES, weight_decay=0.02, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=PEAK_RATE_OTHERS, betas=(0.9, 0.98), weight_decay=0.01),
    ]
    peaks = [PEAK_RATE_MATRICES, PEAK_RATE_OTHERS]
    step, seconds_before = 0, 0.0
    if options.out.exists():
        saved = torch.load(options.out, map_location=DEVICE)
        modules.load_state_dict(saved["modules"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        step, seconds_before = saved["step"], saved["seconds"]

    held_out = Shard(options.pool, HELD_OUT_SHARD)
    test_pixels = pixel_values(np.array(held_out.pictures[:500]))
    test_targets = as_tensors({name: values[:500] for name, values in held_out.targets.items()})

    def save() -> None:
        state = {
            "modules": modules.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in optimizers],
            "step": step,
            "seconds": seconds_before + time.monotonic() - start,
        }
        unfinished = options.out.with_suffix(".part")
        torch.save(state, unfinished)
        os.replace(unfinished, options.out)

    start = last = last_save = time.monotonic()
    sums: dict[str, Tensor] = {}
    for pictures, prepared in from_processes(
        picture_batches, (options.pool, options.batch), FEEDING_PROCESSES, seed=step
    ):
        pixels, targets = pixel_values(pictures), as_tensors(prepared)
        progress = (seconds_before + time.monotonic() - start) / (options.minutes * 60)
        if progress >= 1:
            break
        for optimizer, peak in zip(optimizers, peaks, strict=True):
            optimizer.param_groups[0]["lr"] = peak * rate_at(progress, WARM_UP)
        with half_precision():
            outputs = heads(image_features(model, pixels))
        losses = patch_losses(outputs, targets)
        total_loss(losses).backward()
        torch.nn.utils.clip_grad_norm_(modules.parameters(), 2.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        step += 1
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0.0) + loss.detach()
        if step % PRINT_EVERY == 0:
            now = time.monotonic()
            with torch.no_grad(), half_precision():
                figures = patch_accuracy(heads(image_features(model, test_pixels)), test_targets)
            print(
                f"step {step} {progress:.2f} {PRINT_EVERY * options.batch / (now - last):.0f}/s | loss",
                *(f"{name} {total / PRINT_EVERY:.3f}" for name, total in sums.items()),
                "| held out",
                *(f"{name} {value:.3f}" for name, value in figures.items()),
                flush=True,
            )
            sums, last = {}, time.monotonic()
            if now - last_save > 60:
                save()
                last_save = now
    save()


if __name__ == "__main__":
    main()
