"""Greedy decoding that never ends, and tells where it would have."""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache, PaliGemmaForConditionalGeneration

from . import vocabulary

STEPS = 64


@dataclass(frozen=True)
class Prompt:
    """
    Attributes:
        ids: `[patches + words]`.
        features: `[patches, hidden]`, one picture's.
    """

    ids: list[int]
    features: Tensor

    def embed(self, model: PaliGemmaForConditionalGeneration, continuation: list[int] | None = None) -> Tensor:
        """`[1, tokens, hidden]`, generated tokens after the prompt's."""
        embeddings = embed_words(model, [*self.ids, *(continuation or [])])
        embeddings[0, : len(self.features)] = self.features
        return embeddings


@dataclass(frozen=True)
class Answer:
    """
    Attributes:
        logits: `[IMAGE]`, the first step's, not capped.
        tokens: STEPS of them; never the end, nor `<image>` and what follows it.
        stops_at: the first step that the end would have won, None if there is none.
        margin: the smallest lead of a step's best over the next, the end among the rivals.
    """

    logits: Tensor
    tokens: list[int]
    stops_at: int | None
    margin: float


@torch.no_grad()
def embed_words(model: PaliGemmaForConditionalGeneration, ids: list[int]) -> Tensor:
    """`[1, tokens, hidden]`, times sqrt(hidden)."""
    return model.get_input_embeddings()(torch.tensor([ids]))


@torch.no_grad()
def forward(
    model: PaliGemmaForConditionalGeneration, embeddings: Tensor, prefix: int, cache: DynamicCache | None = None
) -> Tensor:
    """Logits of every position, `[tokens, rows of the table]`.

    Args:
        embeddings: `[1, tokens, hidden]`.
        prefix: how many of the tokens see each other both ways; those after them see only what came before.
    """
    # Without types transformers 5 would take the whole sequence for causal.
    types = (torch.arange(embeddings.shape[1]) >= prefix).long()[None]
    return model(inputs_embeds=embeddings, token_type_ids=types, past_key_values=cache).logits[0]


def generate(model: PaliGemmaForConditionalGeneration, prompt: Prompt) -> Answer:
    cache = DynamicCache(config=model.config)
    logits = forward(model, prompt.embed(model), len(prompt.ids), cache)[-1]
    assert int(logits.argmax()) >= vocabulary.IMAGE, "rows that mean nothing would win if they were not left out"
    first = logits[: vocabulary.IMAGE].clone()

    tokens: list[int] = []
    stops_at, margin = None, float("inf")
    while True:
        end = float(logits[vocabulary.EOS])
        (best, second), (token, _) = (values.tolist() for values in allowed(logits).topk(2))
        margin = min(margin, best - second, abs(best - end))
        if stops_at is None and end > best:
            stops_at = len(tokens)
        tokens.append(token)
        if len(tokens) == STEPS:
            return Answer(first, tokens, stops_at, margin)
        logits = forward(model, embed_words(model, [token]), 0, cache)[-1]


def allowed(logits: Tensor) -> Tensor:
    """`[..., IMAGE]`: what an endless answer may choose from; the end has lost."""
    choices = logits[..., : vocabulary.IMAGE].clone()
    choices[..., vocabulary.EOS] = -float("inf")
    return choices
