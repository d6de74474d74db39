"""The Gemma 2 decoder as training runs it: the library's weights, less work.

Transformers computes every layer for every token. For learning, the last layer is only needed
after the image tokens and the vocabulary only where an answer is written; leaving the rest out
saves about a third. `train_answers.py` checks against the library's own forward pass at start.
"""

import torch
from torch import Tensor
from transformers import PaliGemmaForConditionalGeneration

from .answer_feed import Requests
from .model import IMAGE_TOKENS, PAD


def answer_logits(
    model: PaliGemmaForConditionalGeneration, features: Tensor, requests: Requests
) -> tuple[Tensor, Tensor, Tensor]:
    """Over all requests: logits (answer tokens, vocabulary), the right ids, and which tokens begin an answer.

    `features` are the image features (requests, IMAGE_TOKENS, width).
    """
    language = model.model.language_model
    hidden = torch.cat([features, language.embed_tokens(requests.tokens).to(features.dtype)], dim=1)
    length = hidden.shape[1]
    places = torch.arange(length, device=hidden.device)
    prefix_end = IMAGE_TOKENS + requests.prefix
    seen = (places[None, None, :] < prefix_end[:, None, None]) | (places[None, None, :] <= places[None, :, None])
    mask = torch.zeros(seen.shape, dtype=torch.bfloat16, device=hidden.device).masked_fill(~seen, -1e4).unsqueeze(1)
    cos, sin = language.rotary_emb(hidden, (places + 1)[None])
    layers = language.layers
    for number, layer in enumerate(layers):
        start = IMAGE_TOKENS if number == len(layers) - 1 else 0
        normed = layer.input_layernorm(hidden)
        attended = _attention(layer.self_attn, normed, mask[:, :, start:], cos, sin, start)
        hidden = hidden[:, start:] + layer.post_attention_layernorm(attended)
        fed = layer.mlp(layer.pre_feedforward_layernorm(hidden))
        hidden = hidden + layer.post_feedforward_layernorm(fed)
    hidden = language.norm(hidden)

    # The token at place i is predicted from place i - 1.
    place = torch.arange(requests.tokens.shape[1], device=hidden.device)
    is_answer = (place[None] >= requests.prefix[:, None]) & (requests.tokens != PAD)
    logits = model.lm_head(hidden[:, :-1][is_answer[:, 1:]])
    begins = (place[None] == requests.prefix[:, None])[is_answer]
    return logits.float(), requests.tokens[is_answer], begins


def _attention(module, hidden: Tensor, mask: Tensor, cos: Tensor, sin: Tensor, start: int) -> Tensor:
    batch, length, _ = hidden.shape
    width = module.head_dim

    def heads(values: Tensor) -> Tensor:
        return values.unflatten(-1, (-1, width)).transpose(1, 2)

    query = _rotate(heads(module.q_proj(hidden[:, start:])), cos[:, start:], sin[:, start:])
    key = _rotate(heads(module.k_proj(hidden)), cos, sin)
    value = heads(module.v_proj(hidden))
    key = key.repeat_interleave(module.num_key_value_groups, dim=1)
    value = value.repeat_interleave(module.num_key_value_groups, dim=1)
    scores = query @ key.transpose(2, 3) * module.scaling
    cap = module.attn_logit_softcapping
    scores = torch.tanh(scores / cap) * cap + mask
    mixed = scores.softmax(-1).to(value.dtype) @ value
    return module.o_proj(mixed.transpose(1, 2).reshape(batch, length - start, -1))


def _rotate(values: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    cos, sin = cos.unsqueeze(1).to(values.dtype), sin.unsqueeze(1).to(values.dtype)
    half = values.shape[-1] // 2
    return values * cos + torch.cat([-values[..., half:], values[..., :half]], dim=-1) * sin
