"""Events with errors that the page shows, and pictures as gradio takes them."""

import functools
import html
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from keras_gan_zoo.plots import grids
from keras_gan_zoo.utils.text import one_line

_SIDE, _THUMBNAIL = 256, 96  # pixels to which smaller images are enlarged, at most


def events(page: gr.Blocks, new: Callable[[], Any]) -> tuple[Callable[..., None], Any]:
    """Return what connects the events of a page with functions of an explorer.

    Args:
        page: the page.
        new: returns the explorer of a browser tab that opens the page.

    Returns:
        A function of an event, a function, its inputs and its outputs. It passes the explorer and the
        inputs to the function, whose errors become one line in the page. Then the event that there is
        an explorer.
    """
    session = gr.State()  # no initial value, which would be copied for each tab, with the model

    def on(event, function, inputs, outputs):
        # One at a time, as they change the explorer; of a moved slider, the last position.
        event(
            _reported(function),
            [session, *inputs],
            outputs,
            concurrency_id="explorer",
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
        )

    return on, page.load(new, None, session, api_visibility="private").success


def _reported(function):
    @functools.wraps(function)  # gradio reads the annotations of the function
    def run(explorer, *values):
        if explorer is None:
            raise gr.Error("This page has expired. Reload it.", print_exception=False)
        try:
            return function(explorer, *values)
        except (ValueError, TypeError, OSError, MemoryError) as error:
            # The page would render tags in the name of a file.
            raise gr.Error(html.escape(one_line(error)), print_exception=False) from error

    return run


def picture(label: str, elem_id: str, **options) -> gr.Image:
    """Return a widget that shows a picture without losses, under its label."""
    with gr.Column():
        gr.Markdown(f"**{label}**")  # gradio's own labels cover a corner of the picture
        options = {"format": "png", "buttons": ["download"], "height": 280} | options
        return gr.Image(label=label, show_label=False, interactive=False, elem_id=elem_id, **options)


def gallery(label: str, elem_id: str, columns: int, height: int) -> gr.Gallery:
    """Return a widget that shows pictures to click on, under its label."""
    with gr.Column():
        gr.Markdown(f"**{label}**")
        return gr.Gallery(
            label=label,
            show_label=False,
            elem_id=elem_id,
            columns=columns,
            height=height,
            format="png",
            allow_preview=False,
            interactive=False,
            object_fit="contain",
            fit_columns=False,
            buttons=[],
        )


def pillow(image: np.ndarray, side: int = _SIDE) -> Image.Image:
    """Convert an image (height, width, channels) in [-1, 1], with larger pixels if it is small."""
    found = grids.picture(image if image.shape[-1] in (1, 3) else image[..., :1])
    factor = max(1, side // max(found.size))
    return found.resize((found.width * factor, found.height * factor), Image.Resampling.NEAREST)


def thumbnails(images: np.ndarray) -> list[tuple[Image.Image, str]]:
    """Return images (n, height, width, channels) for a gallery, numbered from 1."""
    return [(pillow(image, _THUMBNAIL), str(number)) for number, image in enumerate(images, 1)]
