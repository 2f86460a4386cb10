"""Write docs/gallery.md from the cards of the presets: `python benchmarks/make_gallery.py`."""

from pathlib import Path

from keras_gan_zoo.presets import cards, catalog

ROOT = Path(__file__).parents[1]
GALLERY = ROOT / "docs" / "gallery.md"
SHOWN = 2  # metrics; the card of a preset has all of them
HEAD = """# Gallery

The presets of the package, one row each. Load one with `kgz.from_preset("NAME")`, or pass its name to
the [command line](guides/command_line.md); [Presets](guides/presets.md) explains both. Each metric is
followed by its floor, the value of other real images. The page of a preset has the command of its
training, the licence of the data, all metrics and the versions.

`python benchmarks/make_gallery.py` writes this page from the cards of the presets.
"""


def page() -> str:
    """The text of the gallery."""
    rows = [row(name) for name in catalog.names()]
    if not rows:
        return f"{HEAD}\nThe package has no presets yet.\n"
    heading = ["| preset | images | class | data | metrics | training |", "|---|---|---|---|---|---|"]
    return "\n".join([HEAD, *heading, *rows]) + "\n"


def row(name: str) -> str:
    folder = catalog.FOLDER / name
    card = catalog.read_card(folder)
    where = f"../keras_gan_zoo/presets/{name}"
    metrics = [f"`{key}` {text}" for key, text in cards.figures(card).items()][:SHOWN]
    cells = [
        f"[{name}]({where}/{catalog.PAGE})",
        f'<img src="{where}/{catalog.GRID}" alt="Images of {name}" width="240">',
        f"`{card['class_name']}`",
        card["data"],
        "<br>".join(metrics) or "-",
        cards.training(card),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    GALLERY.write_text(page(), encoding="utf-8")
    print(GALLERY)
