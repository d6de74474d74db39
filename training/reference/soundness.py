"""What makes an answer worth comparing with: nothing in it hangs on rounding, and every mistake changes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from transformers import AutoTokenizer, PaliGemmaForConditionalGeneration, PaliGemmaProcessor, SiglipImageProcessorPil

from . import vocabulary
from .generation import STEPS, Answer, Prompt, allowed, forward

# No step's best two logits may be closer, lest rounding lead an implementation another way.
SMALLEST_MARGIN = 1e-3
# Logits that differ in rounding only are closer than this, and those that differ by a mistake are not as close.
ROUNDING = 2e-4
MISTAKE = 0.5
# Distinct tokens of an answer's 64: one that repeats itself would hide mistakes in its later steps.
LEAST_VARIETY = 16


def assert_sound(
    model: PaliGemmaForConditionalGeneration, prompt: Prompt, pixel_values: Tensor, answer: Answer
) -> None:
    """
    Args:
        pixel_values: `[1, 3, side, side]`.
    """
    assert answer.margin > SMALLEST_MARGIN, f"near tie: {answer.margin}"
    assert len(set(answer.tokens)) >= LEAST_VARIETY, f"repetitive: {answer.tokens}"
    assert_transformers_generates(model, prompt, pixel_values, answer)

    # All at once instead of step by step, where a mask must hide what is not there step by step.
    prefix = len(prompt.ids)
    at_once = forward(model, prompt.embed(model, answer.tokens), prefix)[prefix - 1 : -1]
    assert difference(at_once[0], answer.logits) < ROUNDING
    assert allowed(at_once).argmax(-1).tolist() == answer.tokens

    with without_softcap(model):
        assert difference(forward(model, prompt.embed(model), prefix)[-1], answer.logits) > MISTAKE
    # With one layer only the last position's query counts, which sees the same under a causal mask, and the scale
    # of what it sees, which each layer begins by normalising, does not matter.
    if model.config.text_config.num_hidden_layers > 1:
        assert difference(forward(model, prompt.embed(model), 0)[-1], answer.logits) > MISTAKE
        # Features as older exports scale them, which multiply the whole sequence by sqrt(hidden) later.
        divided = Prompt(prompt.ids, prompt.features / prompt.features.shape[1] ** 0.5)
        assert difference(forward(model, divided.embed(model), prefix)[-1], answer.logits) > MISTAKE


def assert_transformers_generates(
    model: PaliGemmaForConditionalGeneration, prompt: Prompt, pixel_values: Tensor, answer: Answer
) -> None:
    """transformers' own loop, from pixels, gives the same tokens."""
    ids = torch.tensor([prompt.ids])
    generated = model.generate(
        input_ids=ids,
        pixel_values=pixel_values,
        attention_mask=torch.ones_like(ids),
        token_type_ids=torch.zeros_like(ids),
        max_new_tokens=STEPS,
        do_sample=False,
        suppress_tokens=[vocabulary.EOS, *range(vocabulary.IMAGE, vocabulary.TABLE_ROWS)],
    )
    assert generated[0, len(prompt.ids) :].tolist() == answer.tokens


def assert_processor_agrees(
    checkpoint: Path, picture: Path, words: str, prompt: Prompt, pixel_values: Tensor
) -> None:
    """transformers' own processor makes the same ids and pixels of the checkpoint's files."""
    processor = PaliGemmaProcessor(
        SiglipImageProcessorPil.from_pretrained(checkpoint), AutoTokenizer.from_pretrained(checkpoint)
    )
    with Image.open(picture) as image:
        inputs = processor(images=image.convert("RGB"), text=f"<image>{words}", return_tensors="pt")
    assert inputs["input_ids"][0].tolist() == prompt.ids
    assert (inputs["pixel_values"] - pixel_values).abs().max() < 1e-6


def difference(logits: Tensor, others: Tensor) -> float:
    """The largest among tokens that mean something."""
    return float((logits[: vocabulary.IMAGE] - others[: vocabulary.IMAGE]).abs().max())


@contextmanager
def without_softcap(model: PaliGemmaForConditionalGeneration) -> Iterator[None]:
    attentions = [layer.self_attn for layer in model.model.language_model.layers]
    softcap = attentions[0].attn_logit_softcapping
    for attention in attentions:
        attention.attn_logit_softcapping = None
    yield
    for attention in attentions:
        attention.attn_logit_softcapping = softcap
