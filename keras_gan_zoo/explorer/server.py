"""Serve the page of a model on this machine."""

import contextlib
import importlib.util
import ipaddress
import os
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

# Nothing from other hosts, whatever gradio's pages refer to, and no page around this one.
_POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'"


def check_gradio() -> None:
    """Raise ImportError with the name of the extra if gradio is not installed."""
    if importlib.util.find_spec("gradio") is None:
        raise ImportError(
            'The explorer needs gradio. Install it with `pip install "keras-gan-zoo[explore]"`.'
        )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host name or an address."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


@contextlib.contextmanager
def serve(
    model,
    title: str,
    directions: Mapping[str, Any] | None = None,
    host: str = "127.0.0.1",
    port: int | None = None,
    browser: bool = False,
) -> Iterator[str]:
    """Context manager that serves the page of a model, and yields its address.

    The page needs no network. Uploaded and generated pictures are removed when the block ends.

    Args:
        model: a `NoiseToImage`, an `ImageToImage` or a `FastStyleTransfer`.
        title: name of the model.
        directions: arrays (latent_dim,) by name, for the sliders of a `NoiseToImage`.
        host: address to listen on. The page has no password.
        port: port to listen on. Defaults to `None`, the first free one from 7860.
        browser: whether to open the page in the user's browser.

    Raises:
        ImportError: gradio is not installed.
        TypeError: a model of another kind.
        ValueError: `host` is no address of this machine, or `port` is not free.
    """
    check_gradio()
    with tempfile.TemporaryDirectory(prefix="keras-gan-zoo-") as folder:
        # gradio reads both when it is imported, or makes widgets.
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder}
        served = page(model, title, directions)
        try:
            yield _launch(served, host, port, browser)
        finally:
            served.close(verbose=False)


def page(model, title: str, directions: Mapping[str, Any] | None = None) -> Any:
    """Return the `gradio.Blocks` of a model, see `serve`."""
    from keras_gan_zoo.explorer.pages import latents, pictures
    from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

    if isinstance(model, NoiseToImage):
        return latents.build(title, model, directions or {})
    return pictures.build(title, model)


def _launch(page, host, port, browser):
    import gradio as gr
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    middleware = [Middleware(_PolicyMiddleware)]
    if is_loopback(host):  # no page elsewhere reaches this one by a name that points to this machine
        names = [host, "localhost", "127.0.0.1"]
        middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=names))
    theme = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["monospace"])
    try:
        _, address, _ = page.launch(
            server_name=host,
            server_port=port,
            inbrowser=browser,
            share=False,
            prevent_thread_lock=True,
            quiet=True,
            show_error=True,
            ssr_mode=False,
            theme=theme,
            footer_links=[],
            app_kwargs={"middleware": middleware},
        )
    except OSError as error:
        raise ValueError(
            "Arguments `host` and `port` must be an address of this machine and a free port. Received: "
            f"host={host!r}, port={port}."
        ) from error
    return address


class _PolicyMiddleware:
    """Adds a content security policy to all responses."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_with_policy(message):
            if message["type"] == "http.response.start":
                policy = (b"content-security-policy", _POLICY.encode())
                message = message | {"headers": [*message["headers"], policy]}
            await send(message)

        await self.app(scope, receive, send_with_policy if scope["type"] == "http" else send)
