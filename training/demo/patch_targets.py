"""What each image patch shows: the dense supervision that teaches the vision tower."""

import numpy as np
from PIL import Image, ImageDraw

from .drawing import BACKGROUNDS, Scene, Shape
from .vocabulary import COLOR_NAMES, LETTERS, SHAPES

PATCHES = 10  # per side
OBJECTS = 5  # up to four shapes, and the text as the fifth
TEXT = OBJECTS - 1
NOTHING = 255
MASK_SIDE = 64  # of a mask over its box, the size the mask decoder gives
COARSE_MASK_SIDE = 8


def crop_mask(shape: Shape) -> np.ndarray:
    """The shape's mask over its own box, stretched to (MASK_SIDE, MASK_SIDE), 0 or 1."""
    x1, y1, x2, y2 = shape.box
    over = 2
    points = (shape.outline - (x1, y1)) / (x2 - x1, y2 - y1) * MASK_SIDE * over
    image = Image.new("L", (MASK_SIDE * over, MASK_SIDE * over))
    ImageDraw.Draw(image).polygon([tuple(point) for point in points.tolist()], fill=255)
    return (np.asarray(image.reduce(over)) > 127).astype(np.uint8)


def patch_targets(scene: Scene) -> dict[str, np.ndarray]:
    """Targets of one picture.

    object: (100,) which object covers the patch, NOTHING where none; row-major
    letter, letter_index: (100, 2) letter at the left and right part of each patch, and its place in
        reading order, spaces counted
    shape, color: (5,) classes of the objects; boxes: (5, 4) as fractions x1 y1 x2 y2;
    masks: (5, 8, 8) coarse masks over the box, 0..255
    background: () class of what is behind it all
    """
    size = np.array([scene.width, scene.height])
    grid = (np.arange(PATCHES) + 0.5) / PATCHES
    x = np.tile(grid, PATCHES) * size[0]
    y = np.repeat(grid, PATCHES) * size[1]
    half_patch = size / PATCHES / 2

    owner = np.full(PATCHES**2, NOTHING, dtype=np.uint8)
    nearest = np.full(PATCHES**2, np.inf)
    kinds = np.full(OBJECTS, NOTHING, dtype=np.uint8)
    colors = np.full(OBJECTS, NOTHING, dtype=np.uint8)
    boxes = np.zeros((OBJECTS, 4), dtype=np.float32)
    masks = np.zeros((OBJECTS, COARSE_MASK_SIDE, COARSE_MASK_SIDE), dtype=np.uint8)
    parts = [(number, shape.box) for number, shape in enumerate(scene.shapes)]
    if scene.text:
        parts.append((TEXT, scene.text.box))
    for number, (x1, y1, x2, y2) in parts:
        boxes[number] = np.array([x1, y1, x2, y2]) / np.tile(size, 2)
        # Distance from the middle in half boxes; a patch belongs to the box its own area touches well.
        reach_x = (x2 - x1) / 2 + half_patch[0] * 0.5
        reach_y = (y2 - y1) / 2 + half_patch[1] * 0.5
        distance = np.maximum(np.abs(x - (x1 + x2) / 2) / reach_x, np.abs(y - (y1 + y2) / 2) / reach_y)
        mine = (distance <= 1) & (distance < nearest)
        owner[mine] = number
        nearest[mine] = distance[mine]
    for number, shape in enumerate(scene.shapes):
        kinds[number] = SHAPES.index(shape.shape)
        colors[number] = COLOR_NAMES.index(shape.color)
        fine = crop_mask(shape).reshape(COARSE_MASK_SIDE, MASK_SIDE // COARSE_MASK_SIDE, COARSE_MASK_SIDE, -1)
        masks[number] = np.round(fine.mean(axis=(1, 3)) * 255)
    if scene.text:
        kinds[TEXT] = len(SHAPES)

    letter = np.full((PATCHES**2, 2), NOTHING, dtype=np.uint8)
    letter_index = np.full((PATCHES**2, 2), NOTHING, dtype=np.uint8)
    if scene.text:
        offsets = np.stack([x - half_patch[0] / 2, x + half_patch[0] / 2], axis=1)
        reading_index = 0
        for line, words in zip(scene.text.lines, _line_lengths(scene), strict=True):
            gaps = set(np.cumsum([length + 1 for length in words])[:-1] - 1)
            position = 0
            for item in line:
                while position in gaps:
                    position += 1
                x1, y1, x2, y2 = item.cell
                inside = (offsets >= x1) & (offsets < x2) & (np.abs(y - (y1 + y2) / 2) <= (y2 - y1) / 2 + 2)[:, None]
                letter[inside] = LETTERS.index(item.character)
                letter_index[inside] = reading_index + position
                position += 1
            reading_index += sum(words) + len(words)
    return {
        "object": owner,
        "letter": letter,
        "letter_index": letter_index,
        "shape": kinds,
        "color": colors,
        "boxes": boxes,
        "masks": masks,
        "background": np.uint8(BACKGROUNDS.index(scene.background)),
    }


def _line_lengths(scene: Scene) -> list[list[int]]:
    """The lengths of the words of every line."""
    words = [len(word) for word in scene.text.words]
    return [words] if len(scene.text.lines) == 1 else [[length] for length in words]

