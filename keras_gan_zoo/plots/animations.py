"""Animations of images as GIF, WebP, APNG or MP4."""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan_zoo.utils import checks, files

FORMATS = (".gif", ".webp", ".png", ".mp4")


def check_path(path: str | os.PathLike, argument: str = "path") -> None:
    """Check that `save` can write a file, before its frames are computed.

    Args:
        path: The file to write.
        argument: Name of the argument in messages.

    Raises:
        ValueError: The extension is unknown, or the folder cannot be written to.
        ImportError: The library for MP4 is not installed.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(
            f"Argument `{argument}` must end in {', '.join(FORMATS)}. Received: {str(path)!r}. Use "
            ".webp for the smallest file."
        )
    if suffix == ".mp4" and importlib.util.find_spec("imageio_ffmpeg") is None:
        raise ImportError(
            f"Argument `{argument}`: MP4 needs imageio-ffmpeg. Received: {str(path)!r}. Install it "
            'with `pip install "keras-gan-zoo[video]"`, or use .gif, .webp or .png.'
        )
    files.writable_folder(Path(path).parent, argument)


def save(
    frames: Sequence[Image.Image | str | os.PathLike],
    path: str | os.PathLike,
    fps: float = 25.0,
    *,
    last_frame_ms: float | None = None,
    max_frames: int | None = None,
) -> None:
    """Write an animation atomically.

    Args:
        frames: Grey or RGB images of the same size, or paths of image files.
        path: File to write. `.gif`, `.webp` and `.png` (APNG) repeat endlessly, `.mp4` does not.
        fps: Frames per second. A GIF has a resolution of 1/100 second.
        last_frame_ms: Duration of the last frame in milliseconds. Defaults to `None`, which is the
            duration of the others.
        max_frames: Maximum number of frames, evenly spaced over `frames`. Defaults to `None`, which
            writes all.

    Raises:
        ValueError: The extension is unknown, or the folder cannot be written to.
        ImportError: The library for MP4 is not installed.
    """
    check_path(path)
    if max_frames is not None:
        count = min(checks.positive_integer("max_frames", max_frames), len(frames))
        indices = sorted({round(i) for i in np.linspace(0, len(frames) - 1, count)})
        frames = [frames[index] for index in indices]
    images = [frame if isinstance(frame, Image.Image) else Image.open(frame) for frame in frames]
    duration = 1000.0 / fps
    durations = [duration] * (len(images) - 1) + [last_frame_ms or duration]
    with files.replacing(path) as temporary:
        if temporary.lower().endswith(".mp4"):
            _write_mp4(images, temporary, fps, durations)
            return
        if temporary.lower().endswith(".gif"):
            images = [image.convert("P", palette=Image.Palette.ADAPTIVE) for image in images]
        first, *others = images
        milliseconds = [round(duration) for duration in durations]
        first.save(temporary, save_all=True, append_images=others, duration=milliseconds, loop=0)


def _write_mp4(images, path, fps, durations):
    import imageio_ffmpeg

    width, height = (side + side % 2 for side in images[0].size)  # H.264 needs even sides
    writer = imageio_ffmpeg.write_frames(
        path, (width, height), fps=fps, macro_block_size=2, ffmpeg_log_level="error"
    )
    writer.send(None)
    for image, duration in zip(images, durations, strict=True):
        frame = Image.new("RGB", (width, height), "white")
        frame.paste(image)
        for _ in range(max(1, round(duration * fps / 1000.0))):
            writer.send(np.ascontiguousarray(frame))
    writer.close()
