"""`keras-gan-zoo presets`: the trained models of the package."""

from keras_gan_zoo.cli.shared import reported
from keras_gan_zoo.plots import tables
from keras_gan_zoo.presets import cards, catalog


def add_presets(command):
    """Add the arguments of `presets`, of which there are none."""
    command.set_defaults(run=run_presets)


def run_presets(arguments) -> int:
    """Print the name, the model, the data, the size and one metric of every preset."""
    with reported():
        rows = [_row(name) for name in catalog.names()]
    if not rows:
        print("This version of the package has no presets.")
        return 0
    print("\n".join(tables.aligned([["name", "model", "data", "kB", "metric"], *rows])))
    return 0


def _row(name):
    folder = catalog.FOLDER / name
    card = catalog.read_card(folder)
    metric = next((f"{key} {text}" for key, text in cards.figures(card).items()), "-")
    size = f"{cards.size_in_bytes(folder) / 1000:,.0f}"
    return [name, card["class_name"], card["data"] or "-", size, metric]
