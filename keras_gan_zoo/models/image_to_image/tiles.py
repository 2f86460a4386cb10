"""Large images in overlapping tiles, whose results are blended."""

from collections.abc import Callable

import numpy as np


def enlarge(
    network: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    scale: int,
    tile: int,
    overlap: int,
    batch_size: int,
) -> np.ndarray:
    """Apply a network that enlarges images to overlapping tiles of images, and join the results.

    At each border inside the image, a quarter of the overlap is discarded and the half in the middle is
    blended linearly. The result is thus that of the whole image if a pixel depends on no more than
    `overlap / 4` pixels in each direction, and has no visible border otherwise.

    Args:
        network: function of images (n, h, w, channels) that returns images with sides times `scale`.
        images: float32 (n, height, width, channels).
        scale: integer, of the network.
        tile: side of a tile in pixels of `images`; along a shorter side there is one tile.
        overlap: number of pixels that neighbouring tiles have in common, at least; less than `tile`.
        batch_size: tiles per call of the network.

    Returns:
        float32 (n, height * scale, width * scale, channels).
    """
    n, height, width, _ = images.shape
    rows, columns = (_starts(side, tile, overlap) for side in (height, width))
    tall, wide = min(tile, height), min(tile, width)
    down, across = (
        _weights(starts, size * scale, side * scale, overlap * scale, scale)
        for starts, size, side in ((rows, tall, height), (columns, wide, width))
    )
    places = [(i, y, x) for i in range(n) for y in range(len(rows)) for x in range(len(columns))]
    result = None
    for start in range(0, len(places), batch_size):
        part = places[start : start + batch_size]
        tops = [(i, rows[y], columns[x]) for i, y, x in part]
        outputs = network(np.stack([images[i, y : y + tall, x : x + wide] for i, y, x in tops]))
        if result is None:
            result = np.zeros((n, height * scale, width * scale, outputs.shape[-1]), "float32")
        for output, (i, y, x), (_, top, left) in zip(outputs, part, tops, strict=True):
            weights = down[y][:, None, None] * across[x][None, :, None]
            target = result[i, top * scale :, left * scale :][: tall * scale, : wide * scale]
            target += weights * output
    return result


def _starts(side: int, tile: int, overlap: int) -> list[int]:
    """First pixels of the tiles along a side, the last of which ends at the border."""
    if side <= tile:
        return [0]
    return [*range(0, side - tile, tile - overlap), side - tile]


def _weights(starts, size: int, side: int, overlap: int, scale: int) -> list[np.ndarray]:
    """Weights of the pixels of each tile along a side, float32 (size,), which add up to 1."""
    total, result = np.zeros(side, "float32"), []
    for start in starts:
        places = np.arange(size) + 0.5
        weights = np.ones(size, "float32")
        if start > 0:
            weights = np.minimum(weights, _ramp(places, overlap))
        if start * scale + size < side:
            weights = np.minimum(weights, _ramp(size - places, overlap))
        total[start * scale :][:size] += weights
        result.append(weights)
    return [
        weights / total[start * scale :][:size] for start, weights in zip(starts, result, strict=True)
    ]


def _ramp(distances: np.ndarray, overlap: int) -> np.ndarray:
    """0 up to a quarter of the overlap, 1 from three quarters on."""
    if overlap == 0:
        return np.ones_like(distances)
    return np.clip((distances - overlap / 4) / (overlap / 2), 0.0, 1.0)
