"""`keras-gan-zoo explore`: a local page with a model in it."""

import argparse
import sys
import threading
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    import_keras,
    non_negative,
    open_model,
    reported,
)
from keras_gan_zoo.explorer import server


def add_explore(command):
    """Add the arguments of `explore`."""
    add_model(command)
    add = command.add_argument
    found = "directions for more sliders: an .npz file with an array for each"
    add("--directions", type=Path, metavar="FILE.npz", help=found)
    components = "sliders along principal directions (default: %(default)s)"
    add("--components", type=non_negative, default=6, metavar="N", help=components)
    host = "address to listen on, such as 0.0.0.0 for all; without a password (default: %(default)s)"
    add("--host", default="127.0.0.1", help=host)
    add("--port", type=_port, help="port to listen on (default: the first free one from 7860)")
    add("--no-browser", action="store_true", help="open no browser, only print the address")
    add_backend(command)
    command.set_defaults(run=run_explore)


def run_explore(arguments) -> int:
    """Serve the page until Ctrl-C."""
    with reported():
        server.check_gradio()
    check_model_file(arguments.model)
    import_keras()
    with reported():
        model = open_model(arguments.model)
        title = arguments.model.name.removesuffix(".keras")
        where = {"host": arguments.host, "port": arguments.port}
        with server.serve(
            model, title, _directions(model, arguments), **where, browser=not arguments.no_browser
        ) as address:
            if not server.is_loopback(arguments.host):
                warning = f"everyone who reaches {arguments.host} can use this page and its uploads"
                print(f"keras-gan-zoo: warning: {warning}", file=sys.stderr)
            print(f"{address} (Ctrl-C ends it)", flush=True)
            threading.Event().wait()
    return 0


def _port(text: str) -> int:
    """Parse a port."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"must be an integer in 1..65535. Received: {text}")
    return int(text)


def _directions(model, arguments):
    from keras_gan_zoo.explorer import directions

    if not hasattr(model, "latents"):
        if arguments.directions is not None:
            raise UsageError("--directions is for models that make images from noise")
        return {}
    given = arguments.directions
    found = {} if given is None else directions.read(given, model.latent_dim)
    return found | directions.principal(model, arguments.components)
