"""Where training computes: on the graphics card where PyTorch finds one, else on the processor."""

import os
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
# Half of the cores prepare pictures, the others feed the device or are the device.
FEEDING_PROCESSES = max(1, (os.cpu_count() or 2) // 2)


def half_precision() -> AbstractContextManager:
    """Products in bfloat16, all else as it is."""
    return torch.autocast(DEVICE.type, torch.bfloat16)


def on_device(values: np.ndarray | Tensor) -> Tensor:
    return torch.as_tensor(values).to(DEVICE, non_blocking=True)
