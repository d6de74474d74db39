"""Stage 2: the decoder learns to answer, together with the vision tower.

    python -m training.demo.train_answers POOL_FOLDER MODEL_FOLDER MASK.pt VISION.pt OUT.pt --minutes 40

MODEL_FOLDER holds the tokenizer. Started again on the same OUT.pt it goes on from there.
"""

import argparse
import os
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from .answer_feed import Requests, answer_batches
from .decoder import answer_logits
from .device import DEVICE, FEEDING_PROCESSES, half_precision
from .model import EOS, IMAGE_TOKENS, TEXT_WIDTH, hidden_matrices, image_features, make_model, wave_features
from .patch_heads import PatchHeads, patch_losses, total_loss
from .tokenizer import table_size
from .train_vision import rate_at

REQUESTS_EACH = 4
PRINT_EVERY = 50
LOCATIONS, MASK_CODES = 1024, 128
RATES = {"decoder": 5e-3, "tower": 1.5e-3, "others": 2e-3}
PATCH_LOSS_SHARE = 0.4
LOCATION_WEIGHT = 0.7
# A segment answer has sixteen mask codes, many of them nearly interchangeable: at full weight they would drown the
# words, which come first. From the beginning of training to its end:
MASK_WEIGHTS = (0.25, 0.75)
# Greedy decoding compares "nothing there" with single locations, over which the belief that something
# is there is spread thin. At full weight the empty answer would win far too often.
EMPTY_ANSWER_WEIGHT = 0.1


def answer_loss(logits: Tensor, right: Tensor, first_location: int, spread: float) -> Tensor:
    """Loss of every answer token (tokens,).

    For a location the neighbours count too, in a bump `spread` wide: a near miss is better than a far one.
    """
    scores = logits.log_softmax(-1)
    losses = -scores.gather(1, right[:, None])[:, 0]
    is_location = (right >= first_location) & (right < first_location + LOCATIONS)
    steps = torch.arange(LOCATIONS, device=right.device)[None] - (right[is_location] - first_location)[:, None]
    bump = torch.softmax(-0.5 * (steps / spread) ** 2, dim=-1)
    location_scores = scores[is_location, first_location : first_location + LOCATIONS]
    # Less the bump's own entropy, so that the loss of a perfect answer is zero.
    soft = (bump * (torch.log(bump + 1e-9) - location_scores)).sum(-1)
    return losses.masked_scatter(is_location, soft)


@torch.no_grad()
def check_against_library(model, features: Tensor, requests: Requests) -> float:
    """Largest difference between our logits and those of the library for one request."""
    one = Requests(requests.picture[:1], requests.tokens[:1], requests.prefix[:1])
    ours, _, _ = answer_logits(model, features[:1], one)
    hidden = torch.cat([features[:1], model.model.language_model.embed_tokens(one.tokens)], dim=1)
    kinds = (torch.arange(hidden.shape[1], device=hidden.device) >= IMAGE_TOKENS + one.prefix[0]).long()[None]
    theirs = model(inputs_embeds=hidden, token_type_ids=kinds).logits[0]
    first = IMAGE_TOKENS + int(one.prefix[0]) - 1
    return (ours - theirs[first : first + len(ours)]).abs().max().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("pool", "folder", "masks", "vision", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--pictures", type=int, default=24, help="in a batch")
    options = parser.parse_args()
    torch.manual_seed(1)

    tokenizer = Tokenizer.from_file(str(options.folder / "tokenizer.json"))
    first_location = tokenizer.token_to_id("<loc0000>")
    model = make_model(tokenizer.token_to_id("<image>"), table_size(tokenizer)).to(DEVICE)
    table = model.get_input_embeddings().weight
    heads = PatchHeads(TEXT_WIDTH).to(DEVICE)
    with torch.no_grad():
        places = torch.linspace(0, 1, LOCATIONS)
        table[first_location : first_location + LOCATIONS] = wave_features(places, TEXT_WIDTH, 24) * 0.03

    tower, projector, language = model.model.vision_tower, model.model.multi_modal_projector, model.model.language_model
    of_tower, of_decoder = hidden_matrices([tower]), hidden_matrices([language])
    of_matrices = {id(parameter) for parameter in of_tower + of_decoder}
    everything = [*model.parameters(), *heads.parameters()]
    others = [parameter for parameter in everything if id(parameter) not in of_matrices]
    muon = torch.optim.Muon(
        [{"params": of_decoder, "name": "decoder"}, {"params": of_tower, "name": "tower"}],
        weight_decay=0.02,
        adjust_lr_fn="match_rms_adamw",
    )
    adam = torch.optim.AdamW([{"params": others, "name": "others"}], betas=(0.9, 0.98), weight_decay=0.0)
    step, seconds_before = 0, 0.0
    if options.out.exists():
        saved = torch.load(options.out, map_location=DEVICE)
        model.load_state_dict(saved["model"])
        heads.load_state_dict(saved["heads"])
        muon.load_state_dict(saved["muon"])
        adam.load_state_dict(saved["adam"])
        step, seconds_before = saved["step"], saved["seconds"]
    else:
        stage_1 = torch.nn.ModuleDict({"tower": tower, "projector": projector, "heads": heads})
        stage_1.load_state_dict(torch.load(options.vision, map_location=DEVICE)["modules"])

    def save() -> None:
        state = {
            "model": model.state_dict(),
            "heads": heads.state_dict(),
            "muon": muon.state_dict(),
            "adam": adam.state_dict(),
            "step": step,
            "seconds": seconds_before + time.monotonic() - start,
        }
        unfinished = options.out.with_suffix(".part")
        torch.save(state, unfinished)
        os.replace(unfinished, options.out)

    batches = answer_batches(
        options.pool,
        options.folder / "tokenizer.json",
        options.masks,
        pictures=options.pictures,
        each=REQUESTS_EACH,
        processes=FEEDING_PROCESSES,
        seed=500 + step,
    )
    # Sums stay on the device until they are printed: to look at one is to wait for all that was asked of it.
    sums: dict[str, Tensor] = {}

    def add(name: str, value: Tensor) -> None:
        sums[name] = sums.get(name, 0) + value.detach()

    start = last = last_save = time.monotonic()
    for batch in batches:
        if step == 0:
            features = image_features(model, batch.pixels)
            print("difference from the library:", check_against_library(model, features, batch.groups[0]), flush=True)
        progress = (seconds_before + time.monotonic() - start) / (options.minutes * 60)
        if progress >= 1:
            break
        for group in muon.param_groups + adam.param_groups:
            group["lr"] = RATES[group["name"]] * rate_at(progress, 0.02, floor=0.01)
        spread = 7 * (1 - progress) + 1.5 * progress
        with half_precision():
            features = image_features(model, batch.pixels)
            results = [answer_logits(model, features[group.picture], group) for group in batch.groups]
            patches = heads(features)
        logits, right, begins = (torch.cat(parts) for parts in zip(*results, strict=True))
        losses = answer_loss(logits, right, first_location, spread)
        patch = patch_losses(patches, batch.targets)
        is_location = (right >= first_location) & (right < first_location + LOCATIONS)
        is_mask = (right >= first_location + LOCATIONS) & (right < first_location + LOCATIONS + MASK_CODES)
        mask_weight = MASK_WEIGHTS[0] * (1 - progress) + MASK_WEIGHTS[1] * progress
        weights = 1 - (1 - LOCATION_WEIGHT) * is_location - (1 - mask_weight) * is_mask
        weights = weights.masked_fill(begins & (right == EOS), EMPTY_ANSWER_WEIGHT)
        ((losses * weights).mean() + PATCH_LOSS_SHARE * total_loss(patch)).backward()
        torch.nn.utils.clip_grad_norm_(everything, 2.0)
        for optimizer in (muon, adam):
            optimizer.step()
            optimizer.zero_grad()
        step += 1

        hit = (logits.argmax(-1) - right).abs()
        for name, which in (("location", is_location), ("mask", is_mask), ("word", ~is_location & ~is_mask)):
            add(f"{name} loss", (losses * which).sum())
            add(f"{name} count", which.sum())
            # A location counts as right within 2 % of the picture.
            add(f"{name} right", ((hit <= (20 if name == "location" else 0)) & which).sum())
        for name, value in patch.items():
            add(f"patch {name}", value / PRINT_EVERY)
        if step % PRINT_EVERY == 0:
            now = time.monotonic()
            print(
                f"step {step} {progress:.2f} {PRINT_EVERY * options.pictures / (now - last):.0f} pictures/s |",
                *(
                    f"{name} {sums[f'{name} loss'] / sums[f'{name} count']:.3f}"
                    f" ({sums[f'{name} right'] / sums[f'{name} count']:.3f})"
                    for name in ("location", "mask", "word")
                ),
                "|",
                *(f"{name} {value:.3f}" for name, value in sums.items() if name.startswith("patch ")),
                flush=True,
            )
            sums.clear()
            last = now
            if now - last_save > 150:
                save()
                last_save = now
    save()


if __name__ == "__main__":
    main()
