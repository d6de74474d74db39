"""The demo model: PaliGemma 2's architecture at a thousandth of its size."""

import math

import torch
from torch import Tensor, nn
from transformers import PaliGemmaConfig, PaliGemmaForConditionalGeneration

from .patch_targets import PATCHES
from .picture_pool import PICTURE_SIDE

VISION_WIDTH = 192
TEXT_WIDTH = 192
IMAGE_TOKENS = PATCHES**2
PAD, EOS, BOS = 0, 1, 2


def make_config(image_token: int, table_size: int) -> PaliGemmaConfig:
    """`table_size` rows in the embedding table; `<image>` is the last token that means something."""
    return PaliGemmaConfig(
        vision_config={
            "model_type": "siglip_vision_model",
            "hidden_size": VISION_WIDTH,
            "intermediate_size": 768,
            "num_hidden_layers": 5,
            "num_attention_heads": 4,
            "image_size": PICTURE_SIDE,
            "patch_size": PICTURE_SIDE // PATCHES,
            "num_image_tokens": IMAGE_TOKENS,
            "projection_dim": TEXT_WIDTH,
            "vision_use_head": False,
        },
        text_config={
            "model_type": "gemma2",
            "vocab_size": table_size,
            "hidden_size": TEXT_WIDTH,
            "intermediate_size": 512,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 48,
            "query_pre_attn_scalar": 48,
            "attn_logit_softcapping": 50.0,
            "final_logit_softcapping": 30.0,
            "sliding_window": 4096,
            "max_position_embeddings": 8192,
            "rms_norm_eps": 1e-6,
            "num_image_tokens": IMAGE_TOKENS,
            "pad_token_id": PAD,
            "eos_token_id": EOS,
            "bos_token_id": BOS,
            "tie_word_embeddings": True,
        },
        image_token_index=image_token,
        vocab_size=table_size,
        projection_dim=TEXT_WIDTH,
        hidden_size=TEXT_WIDTH,
        pad_token_id=PAD,
        eos_token_id=EOS,
        bos_token_id=BOS,
        tie_word_embeddings=True,
    )


def make_model(image_token: int, table_size: int) -> PaliGemmaForConditionalGeneration:
    """The untrained model, its vision positions already ordered in space."""
    model = PaliGemmaForConditionalGeneration._from_config(
        make_config(image_token, table_size), attn_implementation={"vision_config": "eager", "text_config": "eager"}
    )
    positions = model.model.vision_tower.embeddings.position_embedding.weight
    with torch.no_grad():
        positions.copy_(grid_features(PATCHES, VISION_WIDTH) * 0.1)
    return model


def wave_features(values: Tensor, width: int, most_waves: float) -> Tensor:
    """Sines and cosines (len(values), width) of values 0..1, from half a wave to `most_waves` across.

    Neighbouring values get like features: order is given instead of having to be learned.
    """
    waves = torch.exp(torch.linspace(math.log(0.5), math.log(most_waves), width // 2))
    angles = values[:, None] * waves[None, :] * 2 * math.pi
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def grid_features(side: int, width: int) -> Tensor:
    """Wave features (side * side, width) of a square grid, row-major: half for the row, half for the column."""
    line = wave_features((torch.arange(side) + 0.5) / side, width // 2, side / 2)
    return torch.cat([line.repeat_interleave(side, dim=0), line.repeat(side, 1)], dim=1)


def image_features(model: PaliGemmaForConditionalGeneration, pixels: Tensor) -> Tensor:
    """(batch, 3, side, side) -> what the decoder reads, (batch, IMAGE_TOKENS, TEXT_WIDTH)."""
    tower = model.model.vision_tower(pixel_values=pixels).last_hidden_state
    return model.model.multi_modal_projector(tower)


def hidden_matrices(modules: list[nn.Module], apart_from: tuple[nn.Parameter, ...] = ()) -> list[nn.Parameter]:
    """The matrices of linear layers, which Muon trains; everything else goes to AdamW."""
    left_out = {id(parameter) for parameter in apart_from}
    return [
        layer.weight
        for module in modules
        for layer in module.modules()
        if isinstance(layer, nn.Linear) and id(layer.weight) not in left_out
    ]
