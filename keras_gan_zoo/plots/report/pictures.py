"""Pictures of a run as data URIs, small enough for one file."""

import base64
import functools
import io
import re
from pathlib import Path

from PIL import Image

NEIGHBOURS = "neighbours.png"
MAX_SNAPSHOTS = 40
_MAX_SIDE = 640  # pixels
_QUALITY = 80


def snapshots(folder: Path) -> list[tuple[str, str]]:
    """Return labels, such as "epoch 12", and data URIs of the grids in a folder, in their order.

    At most `MAX_SNAPSHOTS + 1`: every second, fourth, ... one, and the last. So the choice stays
    the same while grids are added, and few have to be encoded again.
    """
    paths = max((sorted(folder.glob(f"{kind}_*.png")) for kind in ("epoch", "step")), key=len)
    stride = 1
    while len(paths) > MAX_SNAPSHOTS * stride:
        stride *= 2
    chosen = paths[:-1:stride] + paths[-1:]
    pairs = [(re.sub("_0*(?=[0-9])", " ", path.stem), uri(path)) for path in chosen]
    return [(label, source) for label, source in pairs if source is not None]


def uri(path: Path) -> str | None:
    """Return a picture as a data URI, None if there is no such file or it is damaged."""
    try:
        state = path.stat()
        return _encode(path, state.st_mtime_ns, state.st_size)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


@functools.lru_cache(2 * MAX_SNAPSHOTS)
def _encode(path, modified, size):
    with Image.open(path) as file:
        picture = file.convert("L" if file.mode in ("1", "L") else "RGB")
    picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
