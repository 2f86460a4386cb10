"""`digits`: an endless labelled set of digits, drawn on the spot by Pillow."""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from keras_gan_zoo.data import arguments
from keras_gan_zoo.data.synthetic.strokes import ways
from keras_gan_zoo.utils import checks

_ROW = 10
_PRINTED = 0.2
_MARGIN = 0.05


def digits(
    n: int, image_size: int = 28, seed: int = 0, channels: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Draws `n` labelled digits: light, varied handwriting (and some print) on black, like MNIST.

    Needs no file and no network. Digit `i` depends on `(seed, i)`, `image_size` and `channels`
    only, so a longer set starts with the shorter one. Each run of ten holds every digit once.

    Args:
        n: Number of digits, positive.
        image_size: Height and width of the pictures in pixels, at least 8.
        seed: Non-negative integer.
        channels: 1 (grey) or 3 (the same grey three times).

    Returns:
        A tuple `(images, labels)`: `uint8` of shape `(n, image_size, image_size, channels)` in
        0..255, and `int64` of shape `(n,)` in 0..9.

    Raises:
        ValueError: If an argument is out of its range.

    Example:

    >>> images, labels = digits(100, image_size=32)
    >>> images.shape, labels.shape
    ((100, 32, 32, 1), (100,))
    """
    n = checks.positive_integer("n", n)
    size = checks.positive_integer("image_size", image_size)
    if size < 8:
        raise ValueError(
            f"Argument `image_size` must be at least 8 for digits. Received: "
            f"image_size={image_size}. Smaller digits cannot be told apart."
        )
    seed = checks.non_negative_integer("seed", seed)
    channels = arguments.channels(channels) or 1
    rows = -(-n // _ROW)
    images = np.empty((rows * _ROW, size, size), "uint8")
    labels = np.empty(rows * _ROW, "int64")
    for row in range(rows):
        rng = np.random.default_rng((seed, row))
        part = slice(row * _ROW, (row + 1) * _ROW)
        images[part], labels[part] = _draw_row(size, rng)
    return np.repeat(images[:n, ..., None], channels, axis=-1), labels[:n]


def _draw_row(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draws ten digits, one of each class: `(10, size, size)` uint8 and their labels `(10,)`."""
    scale = 4 if size <= 32 else 3 if size <= 48 else 2
    cell = size * scale
    labels = rng.permutation(_ROW)
    outlines, counts = _outlines()
    choice = np.where(rng.random(_ROW) < _PRINTED, 0, rng.integers(1, outlines.shape[1], _ROW))
    radius = rng.uniform(0.028, 0.06, _ROW)
    points = _place(_bend(outlines[labels, choice], rng), radius, rng)
    points[..., 0] += np.arange(_ROW)[:, None]
    weights = rng.integers(0, len(_WEIGHTS), _ROW)
    radii = radius[:, None] * _pressure(points.shape[1], rng)

    canvas = Image.new("L", (_ROW * cell, cell))
    pen = ImageDraw.Draw(canvas)
    boxes = np.concatenate([points - radii[..., None], points + radii[..., None]], axis=2) * cell
    for k in range(_ROW):
        if choice[k] == 0:
            _print_glyph(canvas, k, int(labels[k]), int(weights[k]), points[k, :4] * cell, cell)
            continue
        for box in boxes[k, : counts[labels[k], choice[k]]].tolist():
            pen.ellipse(box, fill=255)
    return _develop(canvas.reduce(scale), size, rng), labels


@functools.cache
def _outlines() -> tuple[np.ndarray, np.ndarray]:
    """Returns points (10, 1 + ways, p, 2) and how many of the p are real (10, 1 + ways).

    Way 0 is the printed glyph, of which only the corners are placed; a short list repeats its
    last point, which leaves its bounding box alone.
    """
    written = [[way.points for way in ways() if way.label == label] for label in range(10)]
    longest = max(len(points) for group in written for points in group)
    outlines = np.zeros((10, 1 + len(written[0]), longest, 2))
    counts = np.zeros(outlines.shape[:2], "int64")
    for label, group in enumerate(written):
        width, height = _glyph(label, 0, 100).size
        corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) * (10 * width / height, 10)
        for way, points in enumerate([corners, *group]):
            outlines[label, way] = points[-1]
            outlines[label, way, : len(points)] = points
            counts[label, way] = len(points)
    return outlines, counts


def _bend(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Moves points (10, p, 2) along slow waves: no two hands draw the same curve."""
    for reach in (0.35, 0.2):
        wave = rng.uniform(-1, 1, (_ROW, 1, 2, 2)) * (0.55, 0.35)
        phase = rng.uniform(0, 2 * np.pi, (_ROW, 1, 2))
        size = rng.uniform(0.3, 1.0, (_ROW, 1, 2)) * reach
        points = points + size * np.sin((points[..., None, :] * wave).sum(-1) + phase)
    return points


def _place(points: np.ndarray, radius: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stretches, slants, turns, scales and shifts points (10, p, 2) into the unit cell."""
    stretch, slant = rng.uniform(0.85, 1.2, _ROW), rng.uniform(-0.15, 0.4, _ROW)
    angle = rng.uniform(-0.14, 0.14, _ROW)
    cos, sin = np.cos(angle), np.sin(angle)
    x = points[..., 0] * stretch[:, None] - points[..., 1] * slant[:, None]
    y = points[..., 1]
    points = np.stack(
        [x * cos[:, None] - y * sin[:, None], x * sin[:, None] + y * cos[:, None]], axis=-1
    )
    low, high = points.min(1), points.max(1)
    space = 1 - 2 * _MARGIN - 2 * radius
    wanted = rng.uniform(0.72, 1.0, _ROW) * space
    factor = np.minimum(wanted / (high - low)[:, 1], 0.9 * space / (high - low)[:, 0])
    room = (space[:, None] - (high - low) * factor[:, None]) / 2
    shift = 0.5 + rng.uniform(-1, 1, (_ROW, 2)) * np.minimum(room, 0.1)
    middle = (low + high) / 2
    return (points - middle[:, None]) * factor[:, None, None] + shift[:, None]


def _pressure(length: int, rng: np.random.Generator) -> np.ndarray:
    """Returns how hard the pen presses along the way, (10, length) around 1."""
    speed, phase = rng.uniform(0.02, 0.2, (_ROW, 1)), rng.uniform(0, 2 * np.pi, (_ROW, 1))
    return 1 + rng.uniform(0, 0.22, (_ROW, 1)) * np.sin(np.arange(length) * speed + phase)


_WEIGHTS = (0.0, 0.015, 0.03)


@functools.lru_cache(maxsize=64)
def _glyph(label: int, weight: int, height: int) -> Image.Image:
    """Returns the printed digit in Pillow's own font, cropped, about `height` pixels tall."""
    font = ImageFont.load_default(1.35 * height)
    stroke = _WEIGHTS[weight] * height
    left, top, right, bottom = font.getbbox(str(label), stroke_width=stroke)
    page = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    ImageDraw.Draw(page).text((2 - left, 2 - top), str(label), fill=255, font=font, stroke_width=stroke)
    return page.crop(page.getbbox())


def _print_glyph(
    canvas: Image.Image, k: int, label: int, weight: int, corners: np.ndarray, cell: int
) -> None:
    """Warps a glyph so that its corners (4, 2), of which three count, land in cell `k`."""
    glyph = _glyph(label, weight, round(0.75 * cell))
    origin = corners[0] - (k * cell, 0)
    axes = np.stack([corners[1] - corners[0], corners[2] - corners[0]], axis=1)
    back = np.linalg.inv(axes) * np.array(glyph.size)[:, None]
    (a, b), (d, e) = back.tolist()
    c, f = (-back @ origin).tolist()
    mask = glyph.transform(
        (cell, cell), Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR
    )
    canvas.paste(255, (k * cell, 0), mask)


def _develop(page: Image.Image, size: int, rng: np.random.Generator) -> np.ndarray:
    """Cuts a page of ten digits and gives each its own blur, ink and noise; uint8 (10, s, s)."""
    soft = page.filter(ImageFilter.GaussianBlur(size / 36))
    sharp, soft = (
        np.asarray(p).reshape(size, _ROW, size).swapaxes(0, 1).astype("float32") for p in (page, soft)
    )
    blur, ink, grain = (
        rng.uniform(low, high, (_ROW, 1, 1)).astype("float32")
        for low, high in ((0, 0.6), (0.82, 1.25), (-6, 10))
    )
    image = np.minimum((sharp + (soft - sharp) * blur) * ink, 255)
    noise = rng.standard_normal(image.shape, "float32") * np.maximum(grain, 0)
    image += noise * (0.4 + image / 255)
    return np.clip(np.rint(image), 0, 255).astype("uint8")
