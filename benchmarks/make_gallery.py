"""Write docs/gallery.md and the README's table of presets from the cards of the presets.

python benchmarks/make_gallery.py
"""

from pathlib import Path

from keras_gan_zoo.presets import cards, catalog

ROOT = Path(__file__).parents[1]
GALLERY, README = ROOT / "docs" / "gallery.md", ROOT / "README.md"
BEGIN, END = "<!-- presets: written by benchmarks/make_gallery.py -->", "<!-- end of presets -->"
SHOWN = ("frechet", "kernel")  # metrics; the card of a preset has all of them
HEAD = """# Gallery

The presets of the package, one row each. Load one with `kgz.from_preset("NAME")`, or pass its name to
the [command line](guides/command_line.md); [Presets](guides/presets.md) explains both. Each metric is
followed by its floor, the value of other real images. The page of a preset has the command of its
training, the licence of the data, all metrics and the versions.

`python benchmarks/make_gallery.py` writes this page from the cards of the presets.
"""


def page() -> str:
    """The text of the gallery."""
    if not catalog.names():
        return f"{HEAD}\nThe package has no presets yet.\n"
    return f"{HEAD}\n{table('../', 240)}\n"


def readme(text: str) -> str:
    """The text of the README with the present table."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table('', 96)}\n{END}{after}"


def table(root: str, width: int, names: list[str] | None = None) -> str:
    """A Markdown table, a row for each preset or for those of `names`, for a page from which `root`
    leads to the repository."""
    heading = ["| preset | images | class | data | metrics | training |", "|---|---|---|---|---|---|"]
    return "\n".join([*heading, *(row(name, root, width) for name in names or catalog.names())])


def row(name: str, root: str, width: int) -> str:
    card = catalog.read_card(catalog.FOLDER / name)
    where = f"{root}keras_gan_zoo/presets/{name}"
    figures = cards.figures(card)
    shown = [f"`{key}` {text}" for key, text in figures.items() if key.startswith(SHOWN)]
    cells = [
        f"[{name}]({where}/{catalog.PAGE})",
        f'<img src="{where}/{catalog.GRID}" alt="Images of {name}" width="{width}">',
        f"`{card['class_name']}`",
        card["data"],
        "<br>".join(shown) or "-",
        cards.training(card),
    ]
    return f"| {' | '.join(cells)} |"


def main():
    GALLERY.write_text(page(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(GALLERY, README, sep="\n")


if __name__ == "__main__":
    main()
