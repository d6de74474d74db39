"""Heads that read each image patch during training; they are dropped before export.

They sit on the projector's output, the very features that the decoder reads, so what they learn
to read lies there linearly for the decoder too.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .drawing import BACKGROUNDS
from .patch_targets import COARSE_MASK_SIDE, NOTHING, OBJECTS, TEXT
from .vocabulary import COLOR_NAMES, LETTERS, SHAPES

BOX_BINS = 40
READING_PLACES = 16

OUTPUTS = {
    "shape": len(SHAPES) + 2,  # the shapes, text, nothing
    "color": len(COLOR_NAMES),
    "object_index": OBJECTS,
    "box": 4,
    "box_bins": 4 * BOX_BINS,
    "mask": COARSE_MASK_SIDE**2,
    "letter": 2 * (len(LETTERS) + 1),
    "letter_index": 2 * READING_PLACES,
    "background": len(BACKGROUNDS),
}


class PatchHeads(nn.Module):
    """One linear layer on the features (batch, patches, width) of every patch."""

    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(width, sum(OUTPUTS.values()))

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        values = self.linear(self.norm(features)).float()
        return dict(zip(OUTPUTS, values.split(list(OUTPUTS.values()), dim=-1), strict=True))


def patch_losses(outputs: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, Tensor]:
    """Mean loss of each head; `targets` are those of patch_targets.py with a batch dimension, as long or float."""
    owner = targets["object"]
    covered = owner != NOTHING
    index = owner.masked_fill(~covered, 0)

    def of_owner(values: Tensor) -> Tensor:
        """(batch, objects, ...) -> (covered patches, ...)"""
        batch = torch.arange(len(values), device=values.device).unsqueeze(1).expand_as(index)
        return values[batch[covered], index[covered]]

    nothing = len(SHAPES) + 1
    shape = torch.full_like(owner, nothing)
    shape[covered] = of_owner(targets["shape"])
    losses = {"shape": F.cross_entropy(outputs["shape"].flatten(0, 1), shape.flatten())}
    losses["object_index"] = F.cross_entropy(outputs["object_index"][covered], owner[covered])

    boxes = of_owner(targets["boxes"])
    losses["box"] = F.l1_loss(outputs["box"][covered], boxes)
    losses["box_bins"] = _soft_bin_loss(outputs["box_bins"][covered].unflatten(-1, (4, BOX_BINS)), boxes)

    on_shape = owner[covered] < TEXT
    losses["color"] = F.cross_entropy(outputs["color"][covered][on_shape], of_owner(targets["color"])[on_shape])
    losses["mask"] = F.binary_cross_entropy_with_logits(
        outputs["mask"][covered][on_shape], of_owner(targets["masks"]).flatten(1)[on_shape] / 255
    )

    letter = targets["letter"]
    losses["letter"] = F.cross_entropy(
        outputs["letter"].unflatten(-1, (2, -1)).flatten(0, 2),
        letter.masked_fill(letter == NOTHING, len(LETTERS)).flatten(),
    )
    printed = letter != NOTHING
    losses["letter_index"] = F.cross_entropy(
        outputs["letter_index"].unflatten(-1, (2, -1))[printed], targets["letter_index"][printed]
    )
    background = targets["background"].unsqueeze(1).expand_as(owner)
    losses["background"] = F.cross_entropy(outputs["background"].flatten(0, 1), background.flatten())
    return losses


# Letters weigh most: most places of a picture hold none, so their mean loss is small from the start.
LOSS_WEIGHTS = {
    "shape": 1.0,
    "color": 0.5,
    "object_index": 0.3,
    "box": 5.0,
    "box_bins": 0.3,
    "mask": 0.5,
    "letter": 15.0,
    "letter_index": 0.5,
    "background": 0.5,
}


def total_loss(losses: dict[str, Tensor]) -> Tensor:
    return sum(LOSS_WEIGHTS[name] * loss for name, loss in losses.items())


def _soft_bin_loss(logits: Tensor, values: Tensor) -> Tensor:
    """Cross-entropy against a bump one bin wide around each value 0..1."""
    centres = (torch.arange(BOX_BINS, device=values.device) + 0.5) / BOX_BINS
    distance = (values.unsqueeze(-1) - centres) * BOX_BINS
    target = torch.softmax(-0.5 * distance**2, dim=-1)
    return -(target * logits.log_softmax(-1)).sum(-1).mean()


@torch.no_grad()
def patch_accuracy(outputs: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, float]:
    """Readable figures: share of right classes where there is something, mean box error in fractions."""
    owner, letter = targets["object"], targets["letter"]
    covered = owner != NOTHING
    batch = torch.arange(len(owner), device=owner.device).unsqueeze(1).expand_as(owner)[covered]
    index = owner[covered]
    on_shape = index < TEXT
    printed = letter != NOTHING
    kind = targets["shape"][batch, index]
    right_shape = outputs["shape"][covered].argmax(-1) == kind
    right_color = outputs["color"][covered].argmax(-1) == targets["color"][batch, index]
    right_letter = outputs["letter"].unflatten(-1, (2, -1)).argmax(-1)[printed] == letter[printed]
    place = outputs["letter_index"].unflatten(-1, (2, -1)).argmax(-1)[printed]
    return {
        "shape": right_shape[on_shape].float().mean().item(),
        "color": right_color[on_shape].float().mean().item(),
        "object_index": (outputs["object_index"][covered].argmax(-1) == index)[on_shape].float().mean().item(),
        "box_error": (outputs["box"][covered] - targets["boxes"][batch, index]).abs().mean().item(),
        "letter": right_letter.float().mean().item(),
        "letter_index": (place == targets["letter_index"][printed]).float().mean().item(),
        "background": (outputs["background"].argmax(-1) == targets["background"].unsqueeze(1)).float().mean().item(),
    }
