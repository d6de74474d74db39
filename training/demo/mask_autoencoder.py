"""The mask tokens: 16 codes for a 64x64 mask, in PaliGemma's layout.

An encoder turns a mask over its box into a 4x4 grid, each place is replaced by the nearest of 128
codebook rows, and the decoder draws the mask back. `vae-oid.npz` keeps the codebook and the
decoder under the tensor names of the official file.

    python -m training.demo.mask_autoencoder POOL_FOLDER OUT.pt OUT.npz --minutes 4
"""

import argparse
import pickle
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .device import DEVICE, on_device
from .drawing import Shape, shape_outline
from .patch_targets import crop_mask
from .picture_feed import HELD_OUT_SHARD
from .vocabulary import SHAPES

CODES, CODE_WIDTH, GRID = 128, 512, 4
MASK_TOKENS = GRID**2


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 1),
        )

    def forward(self, grid: Tensor) -> Tensor:
        return grid + self.net(grid)


class MaskAutoencoder(nn.Module):
    """Masks (batch, 1, 64, 64) as -1 outside and 1 inside <-> codes (batch, 16) of 0..127."""

    def __init__(self):
        super().__init__()
        steps: list[nn.Module] = []
        for wide_in, wide_out in ((1, 16), (16, 32), (32, 64), (64, 128)):
            steps += [nn.Conv2d(wide_in, wide_out, 4, stride=2, padding=1), nn.ReLU()]
        self.encoder = nn.Sequential(*steps, Residual(128), Residual(128), nn.Conv2d(128, CODE_WIDTH, 1))
        self.codebook = nn.Parameter(torch.randn(CODES, CODE_WIDTH) * 0.1)
        steps = [nn.Conv2d(CODE_WIDTH, 128, 1), nn.ReLU(), Residual(128), Residual(128)]
        for wide_in, wide_out in ((128, 128), (128, 64), (64, 32), (32, 16)):
            steps += [nn.ConvTranspose2d(wide_in, wide_out, 4, stride=2, padding=1), nn.ReLU()]
        self.decoder = nn.Sequential(*steps, nn.Conv2d(16, 1, 1))

    def grid(self, masks: Tensor) -> Tensor:
        """What the encoder says at each of the 16 places: (batch, 16, CODE_WIDTH), row-major."""
        return self.encoder(masks).flatten(2).transpose(1, 2)

    def nearest(self, grid: Tensor) -> Tensor:
        return torch.cdist(grid, self.codebook[None]).argmin(-1)

    @torch.no_grad()
    def encode(self, masks: Tensor) -> Tensor:
        return self.nearest(self.grid(masks))

    def draw(self, rows: Tensor) -> Tensor:
        """Codebook rows (batch, 16, CODE_WIDTH) -> masks (batch, 1, 64, 64), about -1..1, inside where > 0."""
        return self.decoder(rows.transpose(1, 2).unflatten(2, (GRID, GRID)))

    def decode(self, codes: Tensor) -> Tensor:
        return self.draw(self.codebook[codes])


def as_input(masks: np.ndarray) -> Tensor:
    """(batch, 64, 64) of 0 and 1 -> (batch, 1, 64, 64) of -1 and 1."""
    return torch.from_numpy(masks).float().unsqueeze(1) * 2 - 1


def random_masks(rng: np.random.Generator, count: int) -> np.ndarray:
    """Masks of the demo's shapes, turned and stretched as the pictures have them."""
    masks = []
    for _ in range(count):
        outline = shape_outline(SHAPES[rng.integers(len(SHAPES))], 1.0, rng.uniform(-1, 1)) * 50
        masks.append(crop_mask(Shape("", "", (0, 0, 0), outline, 0.0)))
    return np.stack(masks)


def overlap(drawn: Tensor, masks: Tensor) -> Tensor:
    """Intersection over union (batch,) of drawn masks and true ones, both inside where > 0."""
    first, second = drawn > 0, masks > 0
    return (first & second).flatten(1).sum(1) / (first | second).flatten(1).sum(1)


def save_decoder(model: MaskAutoencoder, file: Path) -> None:
    """The codebook and the decoder as float32 under the official names."""
    tensors = {f"decoder.{name}": values for name, values in model.decoder.state_dict().items()}
    tensors["_vq_vae._embedding"] = model.codebook.detach()
    np.savez(file, **{name: values.cpu().numpy().astype(np.float32) for name, values in tensors.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("decoder", type=Path)
    parser.add_argument("--minutes", type=float, default=4)
    options = parser.parse_args()
    torch.manual_seed(0)
    rng = np.random.default_rng(77)
    masks = on_device(as_input(random_masks(rng, 12_000)))
    scenes = pickle.loads((options.pool / f"{HELD_OUT_SHARD:04}.pickle").read_bytes())
    test = on_device(as_input(np.stack([crop_mask(shape) for scene in scenes[:500] for shape in scene.shapes])))

    model = MaskAutoencoder().to(DEVICE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0)
    usage = torch.zeros(CODES, device=DEVICE)
    start = time.monotonic()
    step = 0
    while (progress := (time.monotonic() - start) / (options.minutes * 60)) < 1:
        optimizer.param_groups[0]["lr"] = 1e-3 * min(1.0, (step + 1) / 50, (1 - progress) / 0.5 + 0.01)
        batch = masks[on_device(rng.integers(len(masks), size=64))]
        grid = model.grid(batch)
        codes = model.nearest(grid)
        rows = model.codebook[codes]
        # The gradient of the drawing passes the codebook as if the nearest row were the grid itself.
        drawn = model.draw(grid + (rows - grid).detach())
        loss = F.mse_loss(drawn, batch) + F.mse_loss(rows, grid.detach()) + 0.25 * F.mse_loss(grid, rows.detach())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        usage = usage * 0.98 + torch.bincount(codes.flatten(), minlength=CODES)
        if step % 40 == 0 and progress < 0.6:
            # A row that nobody uses moves to a place where the encoder is.
            idle = usage < 0.5
            choice = grid.detach().flatten(0, 1)
            with torch.no_grad():
                model.codebook[idle] = choice[torch.randint(len(choice), (int(idle.sum()),))]
            usage[idle] = 5
        step += 1
        if step % 250 == 0:
            with torch.no_grad():
                codes = model.encode(test)
                score = overlap(model.decode(codes), test).mean()
            print(
                f"step {step} {progress:.2f} loss {loss:.4f} mask overlap {score:.4f} codes {len(codes.unique())}",
                flush=True,
            )
    torch.save(model.state_dict(), options.out)
    save_decoder(model, options.decoder)


if __name__ == "__main__":
    main()
