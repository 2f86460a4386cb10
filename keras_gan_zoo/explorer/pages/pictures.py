"""The page of a model that makes pictures from pictures."""

import html

import gradio as gr

from keras_gan_zoo.explorer.pages.shared import events, picture, pillow
from keras_gan_zoo.explorer.pictures import PictureExplorer

_LONGEST = 1024  # pixels


def build(title: str, model) -> gr.Blocks:
    """Return the page.

    Args:
        title: name of the model.
        model: see `PictureExplorer`.
    """
    explorer = PictureExplorer(model)
    with gr.Blocks(title=title, analytics_enabled=False) as page:
        gr.Markdown(f"## {html.escape(title)}")
        on, _ = events(page, lambda: explorer)
        with gr.Row():
            with gr.Column():
                file = gr.File(label="Picture", elem_id="file", file_types=["image"], height=140)
                step, longest = explorer.step, max(_LONGEST, explorer.size)
                size = gr.Slider(max(step, 16), longest, explorer.size, label="Longer side", step=step)
                options = _options(explorer)
            given = picture("As the model takes it", "given", buttons=[], height=480)
            made = picture("Result", "made", height=480)

        def apply(explorer, path, size, *values):
            if path is None:
                return None, None
            if explorer.styles:
                arguments = {"style_weights": values or (1.0,)}
            else:
                arguments = dict(zip(("direction",), values, strict=False))
            return [pillow(image) for image in explorer.apply(path, size, **arguments)]

        for widget in (file, size, *options):
            event = widget.release if isinstance(widget, gr.Slider) else widget.change
            on(event, apply, [file, size, *options], [given, made])
    return page


def _options(explorer):
    """Return the widgets of the direction, or of the styles, of models that have several."""
    if explorer.directions:
        return [gr.Radio(list(explorer.directions), value=explorer.directions[0], label="Direction")]
    if explorer.styles < 2:
        return []
    return [
        gr.Slider(0.0, 1.0, float(style == 0), label=f"Weight of style {style}", step=0.01)
        for style in range(explorer.styles)
    ]
