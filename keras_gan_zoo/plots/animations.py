"""Pictures one after the other in a file that moves."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan_zoo.utils import files

FORMATS = (".gif", ".webp", ".png", ".mp4")


def check_path(path: str | os.PathLike, argument: str = "path") -> None:
    """Raise what keeps `save` from writing such a file, before any work is done for it.

    Raises:
        ValueError: an unknown ending, or a folder that cannot be written to; the message names the
            argument.
        ImportError: the library for MP4 is not installed.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(
            f"Argument `{argument}` must end in {', '.join(FORMATS)}. Received: {str(path)!r}. Take "
            ".webp for the smallest file."
        )
    if suffix == ".mp4" and importlib.util.find_spec("imageio_ffmpeg") is None:
        raise ImportError(
            f"Argument `{argument}`: MP4 needs a library. Received: {str(path)!r}. Install it with "
            '`pip install "keras-gan-zoo[video]"`, or take .gif, .webp or .png.'
        )
    files.writable_folder(Path(path).parent, argument)


def save(pictures: Sequence[Image.Image], path: str | os.PathLike, fps: float = 25.0) -> None:
    """Write pictures as an animation; the file appears complete or not at all.

    Args:
        pictures: grey or RGB, of one size.
        path: ends in `.gif`, `.webp`, `.png` (an animated PNG), which start again at their end, or in
            `.mp4`.
        fps: pictures in a second; a GIF counts in hundredths of a second.
    """
    check_path(path)
    with files.replacing(path) as temporary:
        if temporary.lower().endswith(".mp4"):
            _save_mp4(pictures, temporary, fps)
            return
        if temporary.lower().endswith(".gif"):
            pictures = [picture.convert("P", palette=Image.Palette.ADAPTIVE) for picture in pictures]
        first, *others = pictures
        milliseconds = round(1000 / fps)
        first.save(temporary, save_all=True, append_images=others, duration=milliseconds, loop=0)


def _save_mp4(pictures, path, fps):
    import imageio_ffmpeg

    width, height = (side + side % 2 for side in pictures[0].size)  # H.264 has even sides only
    writer = imageio_ffmpeg.write_frames(
        path, (width, height), fps=fps, macro_block_size=2, ffmpeg_log_level="error"
    )
    writer.send(None)
    for picture in pictures:
        frame = Image.new("RGB", (width, height), "white")
        frame.paste(picture)
        writer.send(np.ascontiguousarray(frame))
    writer.close()
