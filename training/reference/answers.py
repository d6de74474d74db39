"""Asks a tiny checkpoint and writes what it answers, as transformers computes it in float32 with eager attention.

Only eager attention is the model as trained: transformers' default, `sdpa`, leaves the attention softcap out.
"""

import json
import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import DynamicCache, PaliGemmaForConditionalGeneration

from . import vocabulary
from .generation import Prompt, forward, generate
from .soundness import assert_processor_agrees, assert_sound
from .specifications import PROMPT_PAIR, Specification


def write_answers(folder: Path, specification: Specification, pictures: Path) -> None:
    """Writes `folder/reference.json` and `folder/reference.safetensors` from `folder/checkpoint`."""
    checkpoint = folder / "checkpoint"
    model = load(checkpoint)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    patches = specification.vision.patches

    tensors: dict[str, np.ndarray] = {}
    cases = []
    for picture in specification.pictures:
        stem = Path(picture).stem
        pixels = squash(pictures / picture, specification.vision.image_side)
        features = image_features(model, pixels)
        tensors[f"pixels/{stem}"] = pixels
        tensors[f"features/{stem}"] = features.numpy()
        for words in specification.prompts:
            prompt = Prompt(vocabulary.prompt_ids(tokenizer, patches, words), features)
            answer = generate(model, prompt)
            assert_processor_agrees(checkpoint, pictures / picture, words, prompt, normalise(pixels))
            assert_sound(model, prompt, normalise(pixels), answer)
            logits_name = f"logits/{len(cases)}"
            tensors[logits_name] = answer.logits.numpy()
            cases.append(
                {
                    "picture": picture,
                    "prompt": words,
                    "inputIds": prompt.ids,
                    "tokens": answer.tokens,
                    "stopsAt": answer.stops_at,
                    "smallestMargin": round(answer.margin, 6),
                    "pixels": f"pixels/{stem}",
                    "features": f"features/{stem}",
                    "logits": logits_name,
                }
            )

    reference = {
        "imageTokenId": vocabulary.IMAGE,
        "imageTokens": patches,
        "storage": specification.storage,
        "cases": cases,
        "bidirectional": bidirectional_keys(model, tokenizer, specification, tensors),
    }
    save_file({name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}, folder / "reference.safetensors")
    (folder / "reference.json").write_text(to_json(reference), encoding="utf-8")


def load(checkpoint: Path) -> PaliGemmaForConditionalGeneration:
    """The checkpoint from its files, weights widened to float32, logits not capped.

    Gemma's final softcap is no part of PaliGemma 2 as trained, nor of its code in transformers 4; that of 5.23 applies
    the one that `config.json` names, which leaves the order of logits as it is.
    """
    model, loading = PaliGemmaForConditionalGeneration.from_pretrained(
        checkpoint, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not any(loading.values()), loading
    model.config.text_config.final_logit_softcapping = None
    return model.eval()


def squash(picture: Path, side: int) -> np.ndarray:
    """`[side, side, 3]`, 8 bits a channel, as SigLIP's processor resizes."""
    with Image.open(picture) as image:
        return np.array(image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC))


def normalise(pixels: np.ndarray) -> Tensor:
    """`[1, 3, side, side]`, -1 to 1."""
    return (torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255 - 0.5) / 0.5


@torch.no_grad()
def image_features(model: PaliGemmaForConditionalGeneration, pixels: np.ndarray) -> Tensor:
    """`[patches, hidden]`: what takes the places of `<image>`, among text embeddings times sqrt(hidden)."""
    return model.get_image_features(normalise(pixels)).pooler_output[0]


def bidirectional_keys(
    model: PaliGemmaForConditionalGeneration,
    tokenizer: Tokenizer,
    specification: Specification,
    tensors: dict[str, np.ndarray],
) -> dict | None:
    """Keys of the first position in the second layer, for two prompts that differ in their last word.

    They differ if the first position sees the last word, that is, if the mask is right. The keys of the first layer
    never do, so that a model of one layer has nothing to show.

    Returns:
        The part of `reference.json`; the keys, `[key_value_heads, head_size]`, are added to `tensors`.
    """
    if specification.text.layers == 1:
        return None
    stem = Path(specification.pictures[0]).stem
    features = torch.from_numpy(tensors[f"features/{stem}"])
    ids, keys = [], []
    for index, words in enumerate(PROMPT_PAIR):
        prompt = Prompt(vocabulary.prompt_ids(tokenizer, len(features), words), features)
        cache = DynamicCache(config=model.config)
        forward(model, prompt.embed(model), len(prompt.ids), cache)
        tensors[f"keys/{index}"] = cache.layers[1].keys[0, :, 0].numpy()
        ids.append(prompt.ids)
        keys.append(tensors[f"keys/{index}"])
    assert [a == b for a, b in zip(*ids, strict=True)] == [True] * (len(ids[0]) - 2) + [False, True]
    assert np.abs(keys[0] - keys[1]).max() > 0.1
    return {
        "picture": specification.pictures[0],
        "prompts": PROMPT_PAIR,
        "inputIds": ids,
        "layer": 1,
        "position": 0,
        "features": f"features/{stem}",
        "keys": ["keys/0", "keys/1"],
    }


def to_json(content: dict) -> str:
    """Indented, but for lists of numbers, which stay on one line."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return re.sub(r"\[\s+\d[\d\s,]*\]", lambda numbers: json.dumps(json.loads(numbers[0])), text) + "\n"
