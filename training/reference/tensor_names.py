"""The names under which PaliGemma's tensors are found in files.

- `transformers-4`: official checkpoints, and all that transformers 4 wrote (4.52 and later renamed the modules but
  kept the names in files): `language_model.model.layers.0...`, `vision_tower.vision_model.encoder...`,
  `multi_modal_projector.linear...`, and `language_model.lm_head.weight` where the head is stored.
- `transformers-5`: what `save_pretrained` of transformers 5.23 writes, for a new model too. Its loading renames
  (`conversion_mapping.py`, "llava", which stands for PaliGemma) are undone on saving; but the vision tower's inner
  `vision_model.` is gone, as SiglipVisionModel lost that level: `vision_tower.encoder...`, the rest as before.
- `module`: the names of the modules as they are in transformers 5.23, for files written without `save_pretrained`
  (`save_file(model.state_dict())`, training frameworks): `model.language_model.layers.0...`,
  `model.vision_tower.encoder...`, `model.multi_modal_projector.linear...`, `lm_head.weight`.

A tied head is left out by `save_pretrained`; other writers store it.
"""

import re
from collections.abc import Mapping

# What the beginning of a module's name becomes; the first that fits counts.
NAMINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "transformers-4": (
        (r"^lm_head\.", "language_model.lm_head."),
        (r"^model\.language_model\.", "language_model.model."),
        (r"^model\.vision_tower\.", "vision_tower.vision_model."),
        (r"^model\.", ""),
    ),
    "transformers-5": (
        (r"^lm_head\.", "language_model.lm_head."),
        (r"^model\.language_model\.", "language_model.model."),
        (r"^model\.", ""),
    ),
    "module": (),
}


def stored_name(module_name: str, naming: str) -> str:
    """The name in files of the parameter that transformers 5.23 calls `module_name`."""
    for pattern, replacement in NAMINGS[naming]:
        if re.search(pattern, module_name):
            return re.sub(pattern, replacement, module_name)
    return module_name
