"""`digits`: an unlimited labelled set of synthetic digits, rendered by Pillow."""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from keras_gan_zoo.data.reading import check_channels
from keras_gan_zoo.data.synthetic.digit_strokes import stroke_variants
from keras_gan_zoo.utils import checks

_ROW = 10  # digits that are rendered together, one of each class
_PRINTED_SHARE = 0.2
_MARGIN = 0.05  # of the image side
_WEIGHTS = (0.0, 0.015, 0.03)  # stroke widths of the font, in units of the glyph height


def digits(
    n: int, image_size: int = 28, seed: int = 0, channels: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Render `n` labelled digits: light, varied handwriting (and some print) on black, like MNIST.

    Needs no file and no network. Digit `i` depends on `(seed, i)`, `image_size` and `channels`
    only, so a longer set starts with the shorter one. Every ten consecutive digits contain each class
    once.

    Args:
        n: Number of digits, positive.
        image_size: Height and width of the images in pixels, at least 8.
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
            f"image_size={image_size}. Smaller digits are not distinguishable."
        )
    seed = checks.non_negative_integer("seed", seed)
    channels = check_channels(channels) or 1
    rows = -(-n // _ROW)
    images = np.empty((rows * _ROW, size, size), "uint8")
    labels = np.empty(rows * _ROW, "int64")
    for row in range(rows):
        rng = np.random.default_rng((seed, row))
        part = slice(row * _ROW, (row + 1) * _ROW)
        images[part], labels[part] = _draw_row(size, rng)
    return np.repeat(images[:n, ..., None], channels, axis=-1), labels[:n]


def _draw_row(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Render ten digits, one of each class: `(10, size, size)` uint8 and their labels `(10,)`."""
    scale = 4 if size <= 32 else 3 if size <= 48 else 2
    cell = size * scale
    labels = rng.permutation(_ROW)
    outlines, counts = _outlines()
    choice = np.where(rng.random(_ROW) < _PRINTED_SHARE, 0, rng.integers(1, outlines.shape[1], _ROW))
    radius = rng.uniform(0.028, 0.06, _ROW)
    points = _random_affine(_distort(outlines[labels, choice], rng), radius, rng)
    points[..., 0] += np.arange(_ROW)[:, None]
    weights = rng.integers(0, len(_WEIGHTS), _ROW)
    radii = radius[:, None] * _stroke_widths(points.shape[1], rng)

    canvas = Image.new("L", (_ROW * cell, cell))
    pen = ImageDraw.Draw(canvas)
    boxes = np.concatenate([points - radii[..., None], points + radii[..., None]], axis=2) * cell
    for k in range(_ROW):
        if choice[k] == 0:
            _draw_glyph(canvas, k, int(labels[k]), int(weights[k]), points[k, :4] * cell, cell)
            continue
        for box in boxes[k, : counts[labels[k], choice[k]]].tolist():
            pen.ellipse(box, fill=255)
    return _finish(canvas.reduce(scale), size, rng), labels


@functools.cache
def _outlines() -> tuple[np.ndarray, np.ndarray]:
    """Return the points of all digits, (10, 1 + v, p, 2), and their unpadded numbers, (10, 1 + v).

    Of the 1 + v variants of a digit, variant 0 is the printed glyph, given by its corners, and the
    others are handwritten. Shorter lists are padded with their last point, which keeps the bounding
    box.
    """
    variants = stroke_variants()
    handwritten = [[v.points for v in variants if v.label == label] for label in range(10)]
    longest = max(len(points) for group in handwritten for points in group)
    outlines = np.zeros((10, 1 + len(handwritten[0]), longest, 2))
    counts = np.zeros(outlines.shape[:2], "int64")
    for label, group in enumerate(handwritten):
        width, height = _glyph(label, 0, 100).size
        corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) * (10 * width / height, 10)
        for variant, points in enumerate([corners, *group]):
            outlines[label, variant] = points[-1]
            outlines[label, variant, : len(points)] = points
            counts[label, variant] = len(points)
    return outlines, counts


def _distort(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Displace points (10, p, 2) by random plane waves of low frequency."""
    for scale in (0.35, 0.2):
        frequency = rng.uniform(-1, 1, (_ROW, 1, 2, 2)) * (0.55, 0.35)
        phase = rng.uniform(0, 2 * np.pi, (_ROW, 1, 2))
        amplitude = rng.uniform(0.3, 1.0, (_ROW, 1, 2)) * scale
        points = points + amplitude * np.sin((points[..., None, :] * frequency).sum(-1) + phase)
    return points


def _random_affine(points: np.ndarray, radius: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stretch, shear, rotate, scale and shift points (10, p, 2) into the unit square."""
    stretch, shear = rng.uniform(0.85, 1.2, _ROW), rng.uniform(-0.15, 0.4, _ROW)
    angle = rng.uniform(-0.14, 0.14, _ROW)
    cos, sin = np.cos(angle), np.sin(angle)
    x = points[..., 0] * stretch[:, None] - points[..., 1] * shear[:, None]
    y = points[..., 1]
    points = np.stack(
        [x * cos[:, None] - y * sin[:, None], x * sin[:, None] + y * cos[:, None]], axis=-1
    )
    low, high = points.min(1), points.max(1)
    space = 1 - 2 * _MARGIN - 2 * radius
    height = rng.uniform(0.72, 1.0, _ROW) * space
    factor = np.minimum(height / (high - low)[:, 1], 0.9 * space / (high - low)[:, 0])
    slack = (space[:, None] - (high - low) * factor[:, None]) / 2
    shift = 0.5 + rng.uniform(-1, 1, (_ROW, 2)) * np.minimum(slack, 0.1)
    center = (low + high) / 2
    return (points - center[:, None]) * factor[:, None, None] + shift[:, None]


def _stroke_widths(length: int, rng: np.random.Generator) -> np.ndarray:
    """Return relative stroke widths along the pen's path, (10, length), around 1."""
    frequency, phase = rng.uniform(0.02, 0.2, (_ROW, 1)), rng.uniform(0, 2 * np.pi, (_ROW, 1))
    return 1 + rng.uniform(0, 0.22, (_ROW, 1)) * np.sin(np.arange(length) * frequency + phase)


@functools.lru_cache(maxsize=64)
def _glyph(label: int, weight: int, height: int) -> Image.Image:
    """Return the printed digit in Pillow's default font, cropped, about `height` pixels tall."""
    font = ImageFont.load_default(1.35 * height)
    stroke = _WEIGHTS[weight] * height
    left, top, right, bottom = font.getbbox(str(label), stroke_width=stroke)
    page = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    ImageDraw.Draw(page).text((2 - left, 2 - top), str(label), fill=255, font=font, stroke_width=stroke)
    return page.crop(page.getbbox())


def _draw_glyph(
    canvas: Image.Image, k: int, label: int, weight: int, corners: np.ndarray, cell: int
) -> None:
    """Draw a glyph into cell `k`, by the affine map that is given by three of its corners (4, 2)."""
    glyph = _glyph(label, weight, round(0.75 * cell))
    origin = corners[0] - (k * cell, 0)
    axes = np.stack([corners[1] - corners[0], corners[2] - corners[0]], axis=1)
    inverse = np.linalg.inv(axes) * np.array(glyph.size)[:, None]
    (a, b), (d, e) = inverse.tolist()
    c, f = (-inverse @ origin).tolist()
    mask = glyph.transform(
        (cell, cell), Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR
    )
    canvas.paste(255, (k * cell, 0), mask)


def _finish(page: Image.Image, size: int, rng: np.random.Generator) -> np.ndarray:
    """Cut a page into ten digits, with random blur, contrast and noise: uint8 (10, s, s)."""
    blurred = page.filter(ImageFilter.GaussianBlur(size / 36))
    sharp, blurred = (
        np.asarray(p).reshape(size, _ROW, size).swapaxes(0, 1).astype("float32")
        for p in (page, blurred)
    )
    blur, contrast, noise_level = (
        rng.uniform(low, high, (_ROW, 1, 1)).astype("float32")
        for low, high in ((0, 0.6), (0.82, 1.25), (-6, 10))
    )
    image = np.minimum((sharp + (blurred - sharp) * blur) * contrast, 255)
    noise = rng.standard_normal(image.shape, "float32") * np.maximum(noise_level, 0)
    image += noise * (0.4 + image / 255)
    return np.clip(np.rint(image), 0, 255).astype("uint8")
