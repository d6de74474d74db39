"""Random weights under which every part of the model changes the answer."""

import math

import numpy as np
import torch
from transformers import PaliGemmaForConditionalGeneration

from . import vocabulary
from .specifications import Specification

# Typical size of a logit. Large, so that two of a thousand are seldom nearly equal.
LOGIT_SPREAD = 5.0
# Rows that must never win are longer than the others by this, so that they do where they are not left out ...
PADDING_LENGTH = 8.0
# ... and the end is likelier than other tokens, so that some answers have one.
EOS_LENGTH = 1.6
# Typical size of a vision attention score, which has no softcap.
VISION_ATTENTION_SPREAD = 3.0


def randomise(model: PaliGemmaForConditionalGeneration, specification: Specification) -> None:
    """Overwrites all weights of `model`."""
    generator = np.random.default_rng(specification.seed)
    for name, parameter in sorted(model.named_parameters()):
        centre, spread = distribution(name, tuple(parameter.shape), specification)
        values = generator.normal(centre, spread, parameter.shape).astype(np.float32)
        if name.endswith("embed_tokens.weight"):
            values[vocabulary.EOS] *= EOS_LENGTH
            values[vocabulary.IMAGE :] *= PADDING_LENGTH
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(values))


def distribution(name: str, shape: tuple[int, ...], specification: Specification) -> tuple[float, float]:
    """Mean and standard deviation of one tensor's elements."""
    if "language_model" in name:
        return text_distribution(name, shape, specification)
    if "layer_norm" in name or "layernorm" in name:
        return (1.0, 0.3) if name.endswith("weight") else (0.0, 0.3)
    if name.endswith("bias") or "position_embedding" in name:
        return 0.0, 0.5
    gain = math.sqrt(VISION_ATTENTION_SPREAD) if ".q_proj" in name or ".k_proj" in name else 1.2
    return 0.0, gain / math.sqrt(math.prod(shape[1:]))


def text_distribution(name: str, shape: tuple[int, ...], specification: Specification) -> tuple[float, float]:
    text = specification.text
    if name.endswith("language_model.norm.weight"):
        # Scales are 1 + weight. Those of random sign keep a token from making itself likely again, as it else
        # would through the head, which is the embedding table.
        return -1.0, LOGIT_SPREAD
    if "post_attention_layernorm" in name or "post_feedforward_layernorm" in name:
        return 0.7, 0.5
    if "layernorm" in name:
        return 0.2, 0.3
    fan_in = 1 / math.sqrt(shape[1])
    if ".q_proj" in name or ".k_proj" in name:
        # The product of a query and a key of this gain is sqrt(head_size) * gain^2 large.
        scale = math.sqrt(text.head_size / text.query_pre_attn_scalar)
        return 0.0, fan_in * math.sqrt(specification.attention_spread / scale) / 1.2
    if ".mlp." in name:
        return 0.0, fan_in * 1.5
    return 0.0, fan_in
