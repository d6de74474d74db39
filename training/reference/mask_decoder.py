"""A decoder of `<seg>` tokens with random weights in the layout of the official `vae-oid.npz`, and what it draws.

The layout is read from big_vision's `evaluators/proj/paligemma/transfers/segmentation.py`. The official file also
holds `encoder.*` and averages of the codebook, which no one needs to draw masks, and is not compressed (`np.savez`);
this one is, to be small. Readers must take both.
"""

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from torch import Tensor

CODES = 128
CODE_SIZE = 512
# A mask is a grid of this many codes along each side.
GRID = 4

CHANNELS = 128
RESIDUAL_BLOCKS = ("decoder.2.net", "decoder.3.net")
# Channels in and out; each doubles the side.
UPSAMPLINGS = {"decoder.4": (128, 128), "decoder.6": (128, 64), "decoder.8": (64, 32), "decoder.10": (32, 16)}


def layout() -> dict[str, tuple[int, ...]]:
    """Shapes of all weights; transposed convolutions are [in, out, height, width], others [out, in, ...]."""
    shapes: dict[str, tuple[int, ...]] = {"_vq_vae._embedding": (CODES, CODE_SIZE)}

    def convolution(name: str, outputs: int, weight: tuple[int, ...]) -> None:
        shapes[f"{name}.weight"] = weight
        shapes[f"{name}.bias"] = (outputs,)

    convolution("decoder.0", CHANNELS, (CHANNELS, CODE_SIZE, 1, 1))
    for block in RESIDUAL_BLOCKS:
        convolution(f"{block}.0", CHANNELS, (CHANNELS, CHANNELS, 3, 3))
        convolution(f"{block}.2", CHANNELS, (CHANNELS, CHANNELS, 3, 3))
        convolution(f"{block}.4", CHANNELS, (CHANNELS, CHANNELS, 1, 1))
    for name, (inputs, outputs) in UPSAMPLINGS.items():
        convolution(name, outputs, (inputs, outputs, 4, 4))
    convolution("decoder.12", 1, (1, 16, 1, 1))
    return shapes


def random_weights(seed: int) -> dict[str, np.ndarray]:
    """float32, each tensor of at most 15 values, so that the file compresses well."""
    generator = np.random.default_rng(seed)
    weights = {}
    for name, shape in layout().items():
        if name == "_vq_vae._embedding":
            spread = 1.0
        elif name.endswith("bias"):
            spread = 0.25
        else:
            # Each output of a transposed convolution of size 4 and stride 2 sums over 2 x 2 of its taps.
            upsamples = name.removesuffix(".weight") in UPSAMPLINGS
            spread = math.sqrt(2 / (shape[0] * 2 * 2 if upsamples else math.prod(shape[1:])))
        # A power of two, so that every value is a float16 exactly.
        step = 2.0 ** round(math.log2(spread / 2.5))
        steps = generator.normal(0, spread / step, shape).round().clip(-7, 7)
        weights[name] = (steps * step).astype(np.float32)
    return weights


def decode(weights: dict[str, Tensor], indices: Tensor) -> Tensor:
    """Masks of `<seg>` indices.

    Args:
        indices: `[masks, 16]`, each 0 to 127; a mask's grid row by row.

    Returns:
        `[masks, 64, 64]`, nominally -1 to 1, above 0 inside.
    """

    def parameters(name: str) -> tuple[Tensor, Tensor]:
        return weights[f"{name}.weight"], weights[f"{name}.bias"]

    codes = weights["_vq_vae._embedding"][indices]
    x = codes.reshape(-1, GRID, GRID, CODE_SIZE).permute(0, 3, 1, 2)
    x = F.relu(F.conv2d(x, *parameters("decoder.0")))
    for block in RESIDUAL_BLOCKS:
        inner = F.relu(F.conv2d(x, *parameters(f"{block}.0"), padding=1))
        inner = F.relu(F.conv2d(inner, *parameters(f"{block}.2"), padding=1))
        x = x + F.conv2d(inner, *parameters(f"{block}.4"))
    for name in UPSAMPLINGS:
        x = F.relu(F.conv_transpose2d(x, *parameters(name), stride=2, padding=1))
    return F.conv2d(x, *parameters("decoder.12"))[:, 0]


def write_mask_decoder(folder: Path) -> None:
    """Writes `vae-oid.npz` and `masks.safetensors`: `indices` `[4, 16]` int32, `masks` `[4, 64, 64]` float32."""
    weights = random_weights(seed=1)
    np.savez_compressed(folder / "vae-oid.npz", **weights)
    indices = np.stack(
        [
            np.arange(16),
            np.arange(127, 111, -1),
            np.full(16, 42),
            np.random.default_rng(2).integers(0, CODES, 16),
        ]
    ).astype(np.int32)
    with torch.no_grad():
        tensors = {name: torch.from_numpy(weight) for name, weight in weights.items()}
        masks = decode(tensors, torch.from_numpy(indices).long())
    inside = (masks > 0).float().mean(dim=(1, 2))
    assert ((inside > 0.05) & (inside < 0.95)).all(), f"masks should have an inside and an outside: {inside}"
    # Swapped rows and columns must show.
    assert (masks - masks.transpose(1, 2)).abs().amax(dim=(1, 2)).min() > 0.5
    save_file({"indices": indices, "masks": masks.contiguous().numpy()}, folder / "masks.safetensors")
