"""Draws the pictures that the checkpoints are asked about, and those that try a decoder of picture files."""

import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

EXIF_ORIENTATION = 0x0112


def scene(width: int, height: int, seed: int) -> Image.Image:
    """Hard edges, smooth shades and a patch of noise, in RGB."""
    generator = np.random.default_rng(seed)
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    ends = generator.integers(0, 256, (3, 3))
    shades = ends[0] * (1 - across[..., None]) + ends[1] * (across * down)[..., None] + ends[2] * 0.3
    image = Image.fromarray(shades.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(5):
        left, top = int(generator.integers(0, width)), int(generator.integers(0, height))
        box = (left, top, left + width // 3, top + height // 3)
        color = tuple(generator.integers(0, 256, 3).tolist())
        (draw.ellipse if generator.random() < 0.5 else draw.rectangle)(box, fill=color)
    size = (max(1, width // 4), max(1, height // 4))
    image.paste(noise(*size, seed), (width // 3, height // 3))
    return image


def noise(width: int, height: int, seed: int) -> Image.Image:
    generator = np.random.default_rng(seed)
    return Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8))


# What the checkpoints are asked about: wider and taller than square, larger and smaller than the models' pictures.
ASKED: dict[str, Callable[[], Image.Image]] = {
    "scene-97x61.png": lambda: scene(97, 61, seed=1),
    "scene-20x31.png": lambda: scene(20, 31, seed=2),
    "sliver-1x30.png": lambda: noise(1, 30, seed=3),
    "scene-301x200.png": lambda: scene(301, 200, seed=4),
    "tall-40x150.png": lambda: scene(40, 150, seed=5),
    "noise-33x33.png": lambda: noise(33, 33, seed=6),
}


@dataclass(frozen=True)
class DecoderCase:
    """
    Attributes:
        write: saves the picture to the path it is given.
        truth: the upright first frame as RGB or RGBA; None for what Pillow reads from the file.
        exact: whether every right decoder gives the truth bit by bit.
    """

    write: Callable[[Path], None]
    truth: Image.Image | None
    exact: bool
    note: str


def decoder_cases() -> dict[str, DecoderCase]:
    """By file name."""
    small = scene(45, 30, seed=7)
    frames = [scene(24, 18, seed=seed) for seed in (8, 9, 10)]
    palette = small.quantize(16)
    # A GIF's frames each have colours of their own.
    gif_frames = [frame.quantize(32) for frame in frames]
    translucent = small.copy()
    translucent.putalpha(Image.linear_gradient("L").resize(small.size))
    orientation = Image.Exif()
    orientation[EXIF_ORIENTATION] = 6
    # In pale colours, as how dark strong inks print depends on the profile.
    pale = Image.blend(small, Image.new("RGB", small.size, (200, 200, 200)), 0.5)
    animation = {"save_all": True, "duration": 100, "loop": 0}
    return {
        "orientation-6.jpg": DecoderCase(
            lambda path: small.save(path, quality=95, subsampling=0, exif=orientation),
            truth=None,
            exact=False,
            note="JPEG stored lying; EXIF says to turn it by 90 degrees clockwise",
        ),
        "rgba.png": DecoderCase(lambda path: translucent.save(path), translucent, True, "every alpha from 0 to 255"),
        "greyscale.png": DecoderCase(
            lambda path: small.convert("L").save(path), small.convert("L").convert("RGB"), True, "one channel"
        ),
        "palette.png": DecoderCase(lambda path: palette.save(path), palette.convert("RGB"), True, "16 colours"),
        "16-bit.png": DecoderCase(
            lambda path: path.write_bytes(png_of_16_bits(np.asarray(small))),
            small,
            True,
            "16 bits a channel: those of the truth, twice",
        ),
        "cmyk.jpg": DecoderCase(
            lambda path: pale.convert("CMYK").save(path, quality=95, subsampling=0),
            truth=None,
            exact=False,
            note="CMYK without a profile; the truth is Pillow's, and other decoders' inks are darker",
        ),
        "animated.gif": DecoderCase(
            lambda path: gif_frames[0].save(path, append_images=gif_frames[1:], **animation),
            gif_frames[0].convert("RGB"),
            True,
            "3 frames, of which the first counts",
        ),
        "animated.webp": DecoderCase(
            lambda path: frames[0].save(path, append_images=frames[1:], lossless=True, **animation),
            frames[0],
            True,
            "3 frames, lossless, of which the first counts",
        ),
    }


def png_of_16_bits(pixels: np.ndarray) -> bytes:
    """`[height, width, 3]` of 8 bits as a PNG of 16, which Pillow can't write. Each value v becomes 257 v."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = pixels.shape
    rows = np.repeat(pixels, 2, axis=2).reshape(height, width * 6)
    unfiltered = np.pad(rows, ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(unfiltered, 9))
        + chunk(b"IEND", b"")
    )


def write_pictures(folder: Path) -> None:
    """Fills `folder`, which must be empty; `decoder.json` lists the decoder's cases."""
    for name, draw in ASKED.items():
        draw().save(folder / name, optimize=True)
    listed = []
    for name, case in decoder_cases().items():
        case.write(folder / name)
        with Image.open(folder / name) as stored:
            read = ImageOps.exif_transpose(stored)
            truth = case.truth or read.convert("RGB")
            assert read.size == truth.size
            if case.exact:
                assert np.array_equal(np.asarray(read.convert(truth.mode)), np.asarray(truth))
            assert getattr(stored, "n_frames", 1) == (3 if name.startswith("animated") else 1)
        truth_name = f"{Path(name).stem}.{Path(name).suffix[1:]}.truth.png"
        truth.save(folder / truth_name, optimize=True)
        listed.append(
            {
                "file": name,
                "truth": truth_name,
                "width": truth.width,
                "height": truth.height,
                "exact": case.exact,
                "note": case.note,
            }
        )
    (folder / "decoder.json").write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")
