"""Write the tutorials as notebooks, for Jupyter and Colab: a code cell for each Python block.

python docs/tutorials/notebooks.py
python docs/tutorials/notebooks.py --repository OWNER/NAME    # for Colab: installs from GitHub
"""

import argparse
import json
import os
import re
from pathlib import Path

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
BUILD = ROOT / "build/notebooks"
PAGES = [
    page
    for folder in ("tutorials", "ko")
    for page in sorted((DOCS / folder).glob("*.md"))
    if page.name != "index.md"
]


def cell(number, kind, source):
    """A cell of the notebook format 4.5."""
    code = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {
        "id": f"cell-{number}",
        "cell_type": kind,
        "metadata": {},
        "source": source.strip("\n"),
        **code,
    }


def notebook(page, folder, repository=None):
    """The notebook of a page, as a dict.

    Args:
        page: path of a Markdown file of `docs/`.
        folder: path of the folder of the notebook, from which relative links start.
        repository: "owner/name" on GitHub, or None for relative links and an installed package.
    """

    def moved(match):
        mark, name, target, anchor = match.groups()
        path = (page.parent / target).resolve()
        if repository is None:
            address = os.path.relpath(path, folder)
        else:
            server, kind = (
                ("raw.githubusercontent.com", "main") if mark else ("github.com", "blob/main")
            )
            address = f"https://{server}/{repository}/{kind}/{path.relative_to(ROOT).as_posix()}"
        return f"{mark}[{name}]({address}{anchor or ''})"

    parts = re.split(
        r"^```python\n(.*?)^```\n", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    cells = []
    if repository is not None:
        cells.append(("code", f"%pip install -q git+https://github.com/{repository}"))
    for index, part in enumerate(parts):
        if index % 2:
            cells.append(("code", part))
        elif part.strip():
            text = re.sub(r"(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)#]+)(#[^)]*)?\)", moved, part)
            cells.append(("markdown", text))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [cell(number, *item) for number, item in enumerate(cells)],
    }


def main(argv=None):
    """Write the notebooks of all pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repository", help="OWNER/NAME on GitHub")
    parser.add_argument("--out", type=Path, default=BUILD, help="folder (default: build/notebooks)")
    arguments = parser.parse_args(argv)
    for page in PAGES:
        path = arguments.out / page.relative_to(DOCS).with_suffix(".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        content = notebook(page, path.parent.resolve(), arguments.repository)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"Notebooks: {arguments.out}")


if __name__ == "__main__":
    main()
