"""Draws the demo's pictures: coloured shapes and printed words on varied backgrounds.

A `Scene` says what is in the picture, in picture pixels; `render` draws it at any scale. The same
scene can therefore be drawn small and fast for training and smooth for the evaluation set.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from .vocabulary import COLOR_NAMES, COLORS, LETTERS, SHAPES, SIGN_WORDS

FONT_FILES = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSerif-Bold.ttf",
    "DejaVuSansMono-Bold.ttf",
    "LiberationSans-Regular.ttf",
    "LiberationSans-Bold.ttf",
    "LiberationSerif-Bold.ttf",
    "LiberationMono-Bold.ttf",
    "FreeSansBold.ttf",
    "FreeSerifBold.ttf",
    "Roboto-Medium.ttf",
    "Roboto-Bold.ttf",
    "OpenSans-Semibold.ttf",
    "OpenSans-Bold.ttf",
    "Lato-Bold.ttf",
    "Lato-Black.ttf",
)
BACKGROUNDS = ("plain", "gradient", "striped", "checked", "textured")

Box = tuple[float, float, float, float]  # x1, y1, x2, y2


@dataclass
class Shape:
    """One coloured shape; `outline` is its polygon in picture pixels."""

    shape: str
    color: str
    rgb: tuple[int, int, int]
    outline: np.ndarray  # (points, 2), x and y
    shading: float  # brightness change from top to bottom, -1..1

    @property
    def label(self) -> str:
        return f"{self.color} {self.shape}"

    @property
    def box(self) -> Box:
        (x1, y1), (x2, y2) = self.outline.min(axis=0), self.outline.max(axis=0)
        return float(x1), float(y1), float(x2), float(y2)


@dataclass
class Letter:
    """One printed letter: where its pen starts, and the cell it fills, in picture pixels."""

    character: str
    pen: tuple[float, float]
    cell: Box


@dataclass
class Text:
    """One or two printed words, in reading order."""

    words: list[str]
    lines: list[list[Letter]]  # a space between two words of a line has no Letter
    font_file: str
    font_size: float
    rgb: tuple[int, int, int]
    plate_rgb: tuple[int, int, int] | None
    box: Box  # around the ink of all letters

    @property
    def content(self) -> str:
        return " ".join(self.words)


@dataclass
class Scene:
    """A picture before it is drawn. Shapes are ordered left to right by the middle of their box."""

    width: int
    height: int
    background: str
    background_rgb: list[tuple[int, int, int]]
    background_seed: int
    shapes: list[Shape] = field(default_factory=list)
    text: Text | None = None


# ---- inventing a scene ----


def invent_scene(rng: np.random.Generator) -> Scene:
    """A random scene whose parts do not touch and can be told apart."""
    width, height = _picture_size(rng)
    kind = BACKGROUNDS[rng.integers(len(BACKGROUNDS))]
    scene = Scene(width, height, kind, _background_colors(rng, kind), int(rng.integers(2**31)))
    content = rng.random()
    taken: list[Box] = []
    if content < 0.55:
        scene.text = _invent_text(rng, scene, alone=content < 0.33)
        if scene.text:
            taken.append(scene.text.box)
    if content >= 0.33 or scene.text is None:
        most = 2 if scene.text else 4
        count = 1 + int(rng.integers(most))
        for _ in range(count):
            shape = _invent_shape(rng, scene, taken, count)
            if shape:
                scene.shapes.append(shape)
                taken.append(shape.box)
    if not scene.shapes and scene.text is None:
        return invent_scene(rng)
    scene.shapes.sort(key=lambda shape: shape.box[0] + shape.box[2])
    return scene


def _picture_size(rng: np.random.Generator) -> tuple[int, int]:
    ratio = math.exp(rng.uniform(-0.35, 0.35))
    side = rng.uniform(270, 400)
    return round(side * math.sqrt(ratio)), round(side / math.sqrt(ratio))


def _background_colors(rng: np.random.Generator, kind: str) -> list[tuple[int, int, int]]:
    """Two tones that are near each other, so that no stripe is mistaken for an object."""
    base = rng.uniform(20, 240, 3)
    base = base.mean() + (base - base.mean()) * rng.uniform(0.1, 0.6)
    shift = rng.uniform(-1, 1, 3) * 14 + rng.choice([-1, 1]) * rng.uniform(14, 34)
    if kind == "plain":
        shift = shift * 0
    return [_rgb(base), _rgb(base + shift)]


def _rgb(values: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = np.clip(np.round(values), 0, 255).astype(int).tolist()
    return red, green, blue


def _visible_color(rng: np.random.Generator, against: list[tuple[int, int, int]]) -> tuple[str, tuple[int, int, int]]:
    """A colour name and an RGB near it that stands out from every tone in `against`."""
    for _ in range(30):
        name = COLOR_NAMES[rng.integers(len(COLOR_NAMES))]
        rgb = _rgb(np.array(COLORS[name]) + rng.uniform(-16, 16, 3))
        if all(math.dist(rgb, tone) > 110 for tone in against):
            return name, rgb
    name = "white" if np.mean(against) < 128 else "black"
    return name, COLORS[name]


def _invent_shape(rng: np.random.Generator, scene: Scene, taken: list[Box], count: int) -> Shape | None:
    name = SHAPES[rng.integers(len(SHAPES))]
    color, rgb = _visible_color(rng, scene.background_rgb)
    side = math.sqrt(scene.width * scene.height)
    for _ in range(40):
        radius = side * rng.uniform(0.10, 0.24 if count < 3 else 0.17)
        outline = shape_outline(name, radius, rng.uniform(-1, 1)).astype(np.float64)
        low, high = outline.min(axis=0), outline.max(axis=0)
        room = np.array([scene.width, scene.height]) - (high - low) - 4
        if (room <= 0).any():
            continue
        outline += rng.uniform(2, 2 + room) - low
        shape = Shape(name, color, rgb, outline, float(rng.uniform(-0.25, 0.25)))
        if all(_apart(shape.box, other, scene) for other in taken) and all(
            abs(_middle(shape.box) - _middle(other.box)) > 0.06 * scene.width for other in scene.shapes
        ):
            return shape
    return None


def _middle(box: Box) -> float:
    return (box[0] + box[2]) / 2


def _apart(a: Box, b: Box, scene: Scene) -> bool:
    gap = 0.015 * max(scene.width, scene.height)
    return a[2] + gap < b[0] or b[2] + gap < a[0] or a[3] + gap < b[1] or b[3] + gap < a[1]


def shape_outline(name: str, radius: float, turn: float) -> np.ndarray:
    """The polygon (points, 2) of a shape around the origin; `turn` -1..1 spans the angles it may take."""
    if name == "circle":
        angles, radii, tilt = np.linspace(0, 2 * math.pi, 48, endpoint=False), 1.0, 0.0
    elif name == "square":
        angles, radii, tilt = np.arange(4) * math.pi / 2 + math.pi / 4, 1.15, 0.26
    elif name == "triangle":
        angles, radii, tilt = np.arange(3) * 2 * math.pi / 3 - math.pi / 2, 1.2, 0.4
    elif name == "star":
        angles, radii, tilt = np.arange(10) * math.pi / 5 - math.pi / 2, np.tile([1.2, 0.5], 5), 0.3
    elif name == "diamond":
        angles, radii, tilt = np.arange(4) * math.pi / 2, np.tile([0.7, 1.2], 2), 0.2
    else:  # cross: the twelve corners of a plus sign
        arm = 0.36
        corner = math.hypot(arm, arm)
        tip = math.hypot(1.1, arm)
        swing = math.atan2(arm, 1.1)
        quarter = np.array([-swing, swing, math.pi / 4])
        angles = (np.arange(4)[:, None] * math.pi / 2 + quarter).ravel()
        radii, tilt = np.tile([tip, tip, corner], 4), 0.26
    angles = angles + turn * tilt
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * np.broadcast_to(radii, angles.shape)[:, None] * radius


def _invent_words(rng: np.random.Generator, count: int) -> list[str]:
    words = []
    for _ in range(count):
        if rng.random() < 0.5:
            words.append(SIGN_WORDS[rng.integers(len(SIGN_WORDS))])
        else:
            length = int(rng.integers(2, 6))
            words.append("".join(LETTERS[i] for i in rng.integers(len(LETTERS), size=length)))
    return words


def _invent_text(rng: np.random.Generator, scene: Scene, alone: bool) -> Text | None:
    """Text that fits the picture with letters large enough to be read after the squash."""
    for _ in range(12):
        words = _invent_words(rng, 1 if not alone or rng.random() < 0.6 else 2)
        lines = [[word] for word in words]
        if len(words) == 2 and sum(map(len, words)) <= 6 and rng.random() < 0.5:
            lines = [words]
        font_file = FONT_FILES[rng.integers(len(FONT_FILES))]
        font_size = scene.height * rng.uniform(0.17, 0.34 if alone else 0.25)
        text = _lay_out(rng, scene, words, lines, font_file, font_size)
        if text:
            return text
    return None


def _lay_out(
    rng: np.random.Generator,
    scene: Scene,
    words: list[str],
    lines: list[list[str]],
    font_file: str,
    font_size: float,
) -> Text | None:
    """Places every letter; None where the text does not fit or its letters would be too narrow to read."""
    # Measured at one size and scaled, so that the layout does not depend on hinting.
    measure = _font(font_file, 100)
    unit = font_size / 100
    spacing = font_size * rng.uniform(0.02, 0.10)
    cap_top, cap_bottom = measure.getbbox("H")[1] * unit, measure.getbbox("H")[3] * unit
    line_height = (cap_bottom - cap_top) * rng.uniform(1.3, 1.6)
    letters: list[list[Letter]] = []
    for row, line in enumerate(lines):
        x, placed = 0.0, []
        for character in " ".join(line):
            advance = measure.getlength(character) * unit + spacing
            if character != " ":
                top = row * line_height
                cell = (x, top, x + advance, top + cap_bottom - cap_top)
                placed.append(Letter(character, (x + spacing / 2, top - cap_top), cell))
            x += advance
        letters.append(placed)
    cell_width = np.mean([letter.cell[2] - letter.cell[0] for line in letters for letter in line])
    text_width = max(line[-1].cell[2] for line in letters)
    text_height = letters[-1][-1].cell[3]
    room_x, room_y = scene.width * 0.96 - text_width, scene.height * 0.96 - text_height
    if room_x <= 0 or room_y <= 0 or cell_width < 0.075 * scene.width:
        return None
    left, top = scene.width * 0.02 + rng.uniform(0, room_x), scene.height * 0.02 + rng.uniform(0, room_y)
    centred = rng.random() < 0.5
    for line in letters:
        indent = (text_width - line[-1].cell[2]) / 2 if centred else 0.0
        for letter in line:
            letter.pen = (letter.pen[0] + left + indent, letter.pen[1] + top)
            x1, y1, x2, y2 = letter.cell
            letter.cell = (x1 + left + indent, y1 + top, x2 + left + indent, y2 + top)
    cells = [letter.cell for line in letters for letter in line]
    box = (
        min(c[0] for c in cells) + spacing / 2,
        min(c[1] for c in cells),
        max(c[2] for c in cells) - spacing / 2,
        max(c[3] for c in cells),
    )
    plate = None
    if rng.random() < 0.35:
        _, plate = _visible_color(rng, scene.background_rgb)
    _, rgb = _visible_color(rng, [plate] if plate else scene.background_rgb)
    return Text(words, letters, font_file, font_size, rgb, plate, box)


# ---- drawing it ----


@lru_cache(maxsize=4096)
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)


def render(scene: Scene, scale: float = 1.0, wear: bool = True) -> Image.Image:
    """The picture of a scene at `scale` times its size. `wear` adds a little blur and noise."""
    rng = np.random.default_rng(scene.background_seed)
    size = (round(scene.width * scale), round(scene.height * scale))
    image = _background(rng, scene, size)
    for shape in scene.shapes:
        _draw_shape(image, shape, scale)
    if scene.text:
        _draw_text(image, scene.text, scale)
    if wear:
        image = _wear(rng, image)
    return image


def _background(rng: np.random.Generator, scene: Scene, size: tuple[int, int]) -> Image.Image:
    first, second = scene.background_rgb
    if scene.background == "plain":
        return Image.new("RGB", size, first)
    if scene.background == "gradient":
        corners = np.array([first, second] if rng.random() < 0.5 else [second, first], dtype=np.uint8)
        grid = corners[:, None] if rng.random() < 0.5 else corners[None, :]
        if grid.shape[0] == 1:
            grid = np.repeat(grid, 2, axis=0)
        else:
            grid = np.repeat(grid, 2, axis=1)
        return Image.fromarray(np.ascontiguousarray(grid)).resize(size, Image.Resampling.BILINEAR)
    if scene.background == "textured":
        cells = int(rng.integers(4, 40))
        amount = rng.random((cells, cells, 1)) + rng.normal(0, 0.25, (cells, cells, 3))
        tones = np.array(first) + (np.array(second) - np.array(first)) * amount
        grid = np.clip(tones, 0, 255).astype(np.uint8)
        return Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC)
    image = Image.new("RGB", size, first)
    draw = ImageDraw.Draw(image)
    step = size[0] / int(rng.integers(5, 13))
    if scene.background == "striped":
        slant = rng.choice([0.0, 1.0, -1.0])
        lean = slant * size[1]
        position = -abs(lean) - step
        while position < size[0] + abs(lean):
            draw.polygon(
                [
                    (position, 0),
                    (position + step / 2, 0),
                    (position + step / 2 + lean, size[1]),
                    (position + lean, size[1]),
                ],
                fill=second,
            )
            position += step
    else:
        for row in range(math.ceil(size[1] / step)):
            for column in range(row % 2, math.ceil(size[0] / step), 2):
                draw.rectangle([column * step, row * step, (column + 1) * step - 1, (row + 1) * step - 1], fill=second)
    return image


def _draw_shape(image: Image.Image, shape: Shape, scale: float) -> None:
    x1, y1, x2, y2 = (value * scale for value in shape.box)
    left, top = math.floor(x1), math.floor(y1)
    size = (math.ceil(x2) - left + 1, math.ceil(y2) - top + 1)
    mask = Image.new("L", size)
    points = shape.outline * scale - (left, top)
    ImageDraw.Draw(mask).polygon([tuple(point) for point in points.tolist()], fill=255)
    tones = [_rgb(np.array(shape.rgb) * (1 + shape.shading * side)) for side in (-0.5, 0.5)]
    ramp = Image.fromarray(np.array([[tones[0]] * 2, [tones[1]] * 2], dtype=np.uint8))
    image.paste(ramp.resize(size, Image.Resampling.BILINEAR), (left, top), mask)


def _draw_text(image: Image.Image, text: Text, scale: float) -> None:
    draw = ImageDraw.Draw(image)
    if text.plate_rgb:
        x1, y1, x2, y2 = (value * scale for value in text.box)
        margin = text.font_size * scale * 0.16
        draw.rounded_rectangle([x1 - margin, y1 - margin, x2 + margin, y2 + margin], radius=margin, fill=text.plate_rgb)
    font = _font(text.font_file, max(1, round(text.font_size * scale)))
    for line in text.lines:
        for letter in line:
            draw.text((letter.pen[0] * scale, letter.pen[1] * scale), letter.character, font=font, fill=text.rgb)


def _wear(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    if rng.random() < 0.25:
        image = image.filter(ImageFilter.BoxBlur(float(rng.uniform(0.3, 1.0)) * image.width / 320))
    if rng.random() < 0.5:
        # One coarse field of noise, tiled: fine noise over the whole picture would cost more than all the rest.
        patch = rng.normal(0, rng.uniform(2, 10), (64, 64, 1))
        tiles = np.tile(patch, (image.height // 64 + 1, image.width // 64 + 1, 1))[: image.height, : image.width]
        image = Image.fromarray(np.clip(np.asarray(image) + tiles, 0, 255).astype(np.uint8))
    return image


def squash(image: Image.Image, side: int) -> np.ndarray:
    """The picture as the model sees it: (side, side, 3) bytes, aspect ratio not kept, bicubic."""
    return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC))
