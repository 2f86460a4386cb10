"""The page of a model that makes images from noise."""

import functools
import html
import os
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path

import gradio as gr
import numpy as np

from keras_gan_zoo.explorer.latents import TRUNCATION, LatentExplorer
from keras_gan_zoo.explorer.pages.shared import events, gallery, picture, pillow, thumbnails
from keras_gan_zoo.explorer.points import Choice
from keras_gan_zoo.plots import animations, grids

_SAMPLES = 12
_REACH = 4.0  # of a slider along a direction; latents have a standard deviation of 1
_FPS = 12


def build(title: str, model, directions: Mapping[str, np.ndarray]) -> gr.Blocks:
    """Return the page.

    Args:
        title: name of the model.
        model, directions: see `LatentExplorer`.
    """
    explorer = LatentExplorer(model, directions)  # for the controls; each tab has its own
    with gr.Blocks(title=title, analytics_enabled=False) as page:
        gr.Markdown(f"## {html.escape(title)}")
        on, ready = events(page, lambda: LatentExplorer(model, directions))
        with gr.Row():
            with gr.Column(scale=3):
                samples, *sampling = _samples(bool(explorer.controls))
            with gr.Column(scale=2):
                image = picture("Picture", "picture")
                keep = gr.Button("Keep", variant="primary")
            with gr.Column(scale=2):
                controls = _controls(explorer)
                reset = gr.Button("Reset the directions", visible=bool(directions))
        shown = [image, *controls.values()]
        on(ready, lambda explorer: [_sample(explorer, 0), *_show(explorer)], [], [samples, *shown])
        _connect_samples(on, samples, *sampling, shown)
        on(reset.click, lambda explorer: _pick(explorer, explorer.base), [], shown)
        for name, control in controls.items():
            on(control.input, functools.partial(_set, name=name), [control], [image])
        _add_kept(on, keep, shown, explorer)
    return page


def _controls(explorer):
    """Return the widgets by name, in the order of `_show`."""
    widgets = {}
    for name, control in explorer.controls.items():
        if isinstance(control, Choice):
            widgets[name] = gr.Dropdown(list(range(control.count)), label=name)
        else:
            widgets[name] = gr.Slider(control.low, control.high, label=name, step=0.01)
    for name in explorer.directions:
        widgets[name] = gr.Slider(-_REACH, _REACH, 0.0, label=name, step=0.01)
    if explorer.has_styles:
        widgets[TRUNCATION] = gr.Slider(0.0, 1.5, 1.0, label=TRUNCATION, step=0.01)
    return widgets


def _show(explorer):
    """Return the image and the values of all controls."""
    values = [control.read(explorer.base) for control in explorer.controls.values()]
    values += explorer.amounts.values()
    return [pillow(explorer.image()), *values, *([explorer.truncation] * explorer.has_styles)]


def _pick(explorer, point):
    explorer.pick(point)
    return _show(explorer)


def _set(explorer, value, name):
    explorer.set(name, value)
    return pillow(explorer.image())


# Samples -------------------------------------------------------------------------------------------


def _samples(has_controls):
    samples = gallery("Samples: click one", "samples", 4, 420)
    with gr.Row():
        seed = gr.Number(0, label="Seed", precision=0, min_width=100)
        draw = gr.Button("New samples", min_width=100)
    alike = gr.Checkbox(label="New samples have the class or the codes of the picture")
    alike.visible = has_controls
    return samples, seed, draw, alike


def _sample(explorer, seed, alike=False):
    return thumbnails(explorer.sample(_SAMPLES, seed, alike))


def _connect_samples(on, samples, seed, draw, alike, shown):
    def draw_others(explorer, alike):
        seed = random.randrange(2**31)
        return seed, _sample(explorer, seed, alike)

    def draw_those(explorer, seed, alike):
        # An empty field is one in which a number is being typed.
        return gr.skip() if seed is None else _sample(explorer, seed, alike)

    def pick(explorer, event: gr.SelectData):
        return _pick(explorer, explorer.samples[event.index])

    on(draw.click, draw_others, [alike], [seed, samples])
    on(seed.input, draw_those, [seed, alike], [samples])
    on(samples.select, pick, [], shown)


# Kept latents --------------------------------------------------------------------------------------


def _add_kept(on, keep, shown, explorer):
    """Add the kept pictures, and what one does with two of them."""
    kept = gallery("Kept: click one to go on from it", "kept", 10, 150)
    with gr.Row():
        first, second = (gr.Dropdown([], label=label, min_width=80) for label in ("First", "Second"))
        mix = gr.Slider(0, 100, 50, label="Mix (%)", step=1)
        file = gr.DownloadButton("Download the latents", interactive=False, min_width=100)
        clear = gr.Button("Remove all", min_width=100)
    pair = [first, second]
    with gr.Row():
        _add_walk(on, pair)
        if explorer.has_styles:
            _add_style_mixing(on, pair, explorer.model.style_count)

    def listed(explorer):
        count, path = len(explorer.kept), None
        if count:
            path = _new_path("latents.npz")
            explorer.save(path)
        chosen = (count - 1, count) if count > 1 else (None, None)
        return [
            thumbnails(explorer.images(explorer.kept)) if count else [],
            *(gr.Dropdown(list(range(1, count + 1)), value=number) for number in chosen),
            gr.DownloadButton(value=path, interactive=count > 0),
        ]

    def keep_picture(explorer):
        explorer.keep()
        return listed(explorer)

    def remove_all(explorer):
        explorer.kept.clear()
        return listed(explorer)

    def pick(explorer, event: gr.SelectData):
        return _pick(explorer, explorer.kept[event.index])

    def mixed(explorer, first, second, percent):
        explorer.mix(*_indices(first, second), percent / 100)
        return _show(explorer)

    on(keep.click, keep_picture, [], [kept, *pair, file])
    on(clear.click, remove_all, [], [kept, *pair, file])
    on(kept.select, pick, [], shown)
    on(mix.input, mixed, [*pair, mix], shown)


def _add_walk(on, pair):
    with gr.Column():
        frames = gr.Slider(2, 120, 30, label="Frames of the walk", step=1)
        loop = gr.Checkbox(label="and back to the first")
        walk = gr.Button("Walk from the first to the second")
    with gr.Column():
        animation = picture("Walk", "walk", type="filepath", buttons=[])
        download = gr.DownloadButton("Download the GIF", interactive=False)

    def walked(explorer, first, second, frames, loop):
        images = explorer.walk(*_indices(first, second), frames, loop)
        path = _new_path("walk.gif")
        animations.save([pillow(image) for image in images], path, _FPS)
        return path, gr.DownloadButton(value=path, interactive=True)

    on(walk.click, walked, [*pair, frames, loop], [animation, download])


def _add_style_mixing(on, pair, count):
    with gr.Column():
        cut = gr.Slider(1, count - 1, count // 2, label="Style mixing: first fine style", step=1)
        mix = gr.Button("Mix styles")
        result = picture("First, its coarse and the fine styles of the second, second", "styles")

    def mixed(explorer, first, second, cut):
        images = explorer.mix_styles(*_indices(first, second), cut)
        return grids.grid(images, columns=3, scale=max(1, 128 // images.shape[1]))

    for event in (mix.click, cut.input):
        on(event, mixed, [*pair, cut], [result])


def _indices(*numbers):
    """Return indices in `kept` for the numbers in the page, which start at 1."""
    return [None if number is None else number - 1 for number in numbers]


def _new_path(name):
    folder = tempfile.mkdtemp(dir=os.environ.get("GRADIO_TEMP_DIR"))  # which `server` removes
    return str(Path(folder) / name)
