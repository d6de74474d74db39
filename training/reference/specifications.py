"""The tiny checkpoints: their shapes, how each is stored, and what each is asked.

No two agree in a shape, so that an implementation that takes one length for another fails on one of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TextShape:
    """A Gemma 2 decoder; lengths in elements."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_value_heads: int
    head_size: int
    # Attention scores are multiplied by its inverse square root, whatever the head size.
    query_pre_attn_scalar: int


@dataclass(frozen=True)
class VisionShape:
    """A SigLIP encoder; sides in pixels, other lengths in elements."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    image_side: int
    patch_side: int

    @property
    def patches(self) -> int:
        """Image tokens of one picture. Pixels beyond the last whole patch are not looked at."""
        return (self.image_side // self.patch_side) ** 2


@dataclass(frozen=True)
class Specification:
    """One checkpoint and its cases: every prompt is asked about every picture."""

    name: str
    # Of the random weights. Found by trying those from 1: soundness.py turns down most others.
    seed: int
    text: TextShape
    vision: VisionShape
    # "float32", "float16" or "bfloat16".
    storage: str
    # A key of tensor_names.NAMINGS.
    naming: str
    # Whether the head is stored beside the embedding table that it is tied to.
    stores_head: bool
    # Number of .safetensors files.
    shards: int
    # None where config.json says null. No logits stored here are capped.
    final_softcap: float | None
    # Typical size of an attention score before the softcap of 50.
    attention_spread: float
    pictures: tuple[str, ...]
    prompts: tuple[str, ...]


SPECIFICATIONS = (
    Specification(
        name="float32-two-layers",
        seed=2,
        text=TextShape(
            hidden=40, intermediate=72, layers=2, heads=4, key_value_heads=2, head_size=8, query_pre_attn_scalar=12
        ),
        vision=VisionShape(hidden=24, intermediate=40, layers=2, heads=2, image_side=28, patch_side=7),
        storage="float32",
        naming="transformers-4",
        stores_head=False,
        shards=1,
        final_softcap=30.0,
        attention_spread=60,
        pictures=("scene-97x61.png", "scene-20x31.png", "sliver-1x30.png"),
        prompts=("caption en", "detect cat ; dog", "answer en What is on the flower?"),
    ),
    Specification(
        name="bfloat16-sharded",
        seed=1,
        text=TextShape(
            hidden=64, intermediate=100, layers=3, heads=4, key_value_heads=4, head_size=16, query_pre_attn_scalar=16
        ),
        vision=VisionShape(hidden=36, intermediate=50, layers=1, heads=3, image_side=32, patch_side=8),
        storage="bfloat16",
        naming="transformers-4",
        stores_head=False,
        shards=3,
        final_softcap=30.0,
        attention_spread=40,
        pictures=("scene-301x200.png", "scene-20x31.png", "noise-33x33.png"),
        prompts=("ocr", "answer zh 图中有什么花？", "segment red car"),
    ),
    Specification(
        name="float16-one-key-head",
        seed=1,
        text=TextShape(
            hidden=48, intermediate=90, layers=2, heads=6, key_value_heads=1, head_size=20, query_pre_attn_scalar=9
        ),
        vision=VisionShape(hidden=32, intermediate=72, layers=2, heads=4, image_side=30, patch_side=7),
        storage="float16",
        naming="module",
        stores_head=True,
        shards=1,
        final_softcap=None,
        attention_spread=80,
        pictures=("tall-40x150.png", "scene-97x61.png", "scene-301x200.png"),
        prompts=("describe de", "detect person", "answer en How many dogs ?"),
    ),
    Specification(
        name="float32-one-layer",
        seed=1,
        text=TextShape(
            hidden=24, intermediate=64, layers=1, heads=6, key_value_heads=2, head_size=12, query_pre_attn_scalar=12
        ),
        vision=VisionShape(hidden=16, intermediate=32, layers=1, heads=1, image_side=24, patch_side=12),
        storage="float32",
        naming="transformers-5",
        stores_head=True,
        shards=1,
        final_softcap=None,
        attention_spread=100,
        pictures=("scene-97x61.png", "tall-40x150.png", "sliver-1x30.png"),
        prompts=("", "caption fr", "segment cat"),
    ),
    Specification(
        name="bfloat16-four-layers",
        seed=2,
        text=TextShape(
            hidden=56, intermediate=80, layers=4, heads=8, key_value_heads=4, head_size=10, query_pre_attn_scalar=24
        ),
        vision=VisionShape(hidden=20, intermediate=44, layers=3, heads=2, image_side=48, patch_side=8),
        storage="bfloat16",
        naming="transformers-5",
        stores_head=False,
        shards=1,
        final_softcap=30.0,
        attention_spread=50,
        pictures=("scene-301x200.png", "noise-33x33.png", "tall-40x150.png"),
        prompts=("caption en", "ocr", "detect bounding box of red flower ; car ; tree"),
    ),
)

# Two prompts that differ in their last word, which is one token.
PROMPT_PAIR = ("detect cat", "detect dog")
