"""Sphinx extension that writes the generated parts of the site.

- Pages of docs/models/ get sections after their own text: example, architecture, presets, differences
  from the paper, reference.
- docs/api/ gets a page for each public module. Git ignores this folder.
- Tutorials are in the site as notebooks, too. Their pages link to them, and to Colab if the variable
  GITHUB_REPOSITORY has the "owner/name" of the repository with the site in its branch gh-pages.
- Docstrings in Google style with single backticks become reStructuredText.
"""

import importlib
import inspect
import os
import runpy
from pathlib import Path

import architecture
import docstrings
import keras
from public_names import MODULES, TOP_LEVEL, public_names
from sphinx.util.inspect import stringify_signature

import keras_gan_zoo
from keras_gan_zoo import registry
from keras_gan_zoo.presets import catalog

DOCS = Path(__file__).parents[1]
API = DOCS / "api"
ARCHITECTURE = """With the default arguments, see Reference. A row is a resolution: height, width and
channels after its layers. Of networks with branches, the longest path from input to output is shown."""
NOTEBOOKS = runpy.run_path(str(DOCS / "tutorials" / "notebooks.py"))
REPOSITORY = os.environ.get("GITHUB_REPOSITORY")
COLAB = f"https://colab.research.google.com/github/{REPOSITORY}/blob/gh-pages/notebooks"
LABELS = {
    "tutorials": ("Open in Colab", "Download the notebook"),
    "ko": ("Colab에서 열기", "노트북 내려받기"),
}
# Pages of models by the lower-case name of the class.
MODELS = {name.lower(): getattr(keras_gan_zoo, name) for name in registry.ALL_MODELS}


def summary(value) -> str:
    """The first sentence of a docstring."""
    return inspect.getdoc(value).partition("\n\n")[0].replace("\n", " ")


def reference(names: dict[str, object]) -> str:
    """Entries of the API reference, by full name."""
    entries = []
    for name, value in names.items():
        if not isinstance(value, type):
            entries.append(f".. autofunction:: {name}")
        elif value is keras_gan_zoo.AdversarialModel:  # has its methods from several base classes
            entries.append(f".. autoclass:: {name}\n   :members:\n   :inherited-members: Model")
        else:
            entries.append(f".. autoclass:: {name}\n   :members:")
    return "```{eval-rst}\n" + "\n\n".join(entries) + "\n```"


def contents(names: dict[str, object]) -> str:
    """A table of names with links, and their summaries."""
    link = "{{py:obj}}`{} <{}>`"
    rows = [
        f"| {link.format(name.rpartition('.')[2], name)} | {summary(value)} |"
        for name, value in names.items()
    ]
    return "\n".join(["| name | summary |", "|---|---|", *rows])


def module_page(name: str, module: str) -> str:
    """Markdown of the page of a module: its docstring, a table of its names, their reference."""
    imported = importlib.import_module(module)
    short = f"keras_gan_zoo.{name}"
    names = {f"{short}.{each}": getattr(imported, each) for each in public_names(module)}
    return "\n\n".join([f"# kgz.{name}", inspect.getdoc(imported), contents(names), reference(names)])


def package_page() -> str:
    """Markdown of the page of the package: base classes, functions, and links to the models' pages."""
    top = {f"keras_gan_zoo.{name}": getattr(keras_gan_zoo, name) for name in TOP_LEVEL}
    models = {name: value for name, value in top.items() if value in MODELS.values()}
    others = {name: value for name, value in top.items() if name not in models}
    return "\n\n".join(
        [
            "# kgz",
            "Names of the package itself. The reference of a model is on its page:",
            contents(models),
            "Base classes and functions:",
            contents(others),
            reference(others),
        ]
    )


def write_api(app) -> None:
    """Write the pages of docs/api/; those that have not changed keep their time."""
    API.mkdir(exist_ok=True)
    pages = {name: module_page(name, module) for name, module in MODULES.items()}
    listed = "\n".join(pages)
    index = "# API reference\n\n```{toctree}\n:maxdepth: 1\nkgz\n" + listed + "\n```\n"
    pages |= {"index": index, "kgz": package_page()}
    for path in API.glob("*.md"):
        if path.stem not in pages:  # of a module that the package had once
            path.unlink()
    for name, text in pages.items():
        path = API / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def presets(cls: type) -> str:
    """A table of the presets of a class, like the gallery's; empty without presets."""
    make_gallery = runpy.run_path(DOCS.parent / "benchmarks" / "make_gallery.py")
    cards = {name: catalog.read_card(catalog.FOLDER / name) for name in catalog.names()}
    names = [name for name, card in cards.items() if card["class_name"] == cls.__name__]
    table = make_gallery["table"]("../../", 240, names)
    return f"## Trained models\n\n{table}" if names else ""


def model_page(cls: type) -> str:
    """Markdown of the generated sections of a model's page."""
    found = docstrings.parts(cls.__doc__)
    differences = found["differences"]
    drawn = architecture.architecture(cls)
    name = f"keras_gan_zoo.{cls.__name__}"
    paper = docstrings.papers(cls.__doc__)[0]
    sections = [
        f"Paper: [arXiv {paper}](https://arxiv.org/abs/{paper})",
        f"## Example\n\n```python\n{found['example']}\n```",
        drawn and f"## Architecture\n\n{ARCHITECTURE}\n\n{drawn}",
        presets(cls),
        f"## Differences from the paper\n\n{differences[0].upper()}{differences[1:]}",
        f"## Reference\n\n{reference({name: cls})}",
    ]
    return "\n\n".join(filter(None, sections))


def notebook_links(page: Path) -> str:
    """HTML of the links of a tutorial to its notebook."""
    name = page.relative_to(DOCS).with_suffix(".ipynb").as_posix()
    colab, download = LABELS[page.parent.name]
    links = [f'<a class="notebook" href="../../notebooks/{name}" download>{download}</a>']
    if REPOSITORY:
        links.insert(0, f'<a class="notebook" href="{COLAB}/{name}">{colab}</a>')
    return "<p>" + " ".join(links) + "</p>"


def write_notebooks(app, exception) -> None:
    """Write the notebooks of the tutorials into the site."""
    if exception is None and app.builder.name == "html":
        options = ["--repository", REPOSITORY] if REPOSITORY else []
        NOTEBOOKS["main"]([*options, "--out", str(Path(app.outdir) / "notebooks")])


def complete(app, docname: str, source: list[str]) -> None:
    """Change the Markdown of a page, which is also for code-hosting sites, before it is parsed."""
    folder, _, page = docname.rpartition("/")
    if folder == "docs/models" and page in MODELS:
        source[0] += "\n" + model_page(MODELS[page])
    path = DOCS.parent / f"{docname}.md"
    if path in NOTEBOOKS["PAGES"]:
        title, _, rest = source[0].partition("\n")
        source[0] = f"{title}\n\n{notebook_links(path)}\n{rest}"
    if page == "card":  # reached from the gallery, not from the navigation
        source[0] = f"---\norphan: true\n---\n\n{source[0]}"
    up = "../" * docname.count("/")
    source[0] = source[0].replace(f"]({up}README.md)", f"]({up}{app.config.root_doc}.md)")


def skip(app, what, name, value, skip, options):
    """Leave out members that come from Keras; its docstrings are not for this site."""
    function = getattr(value, "fget", value)
    return str(getattr(function, "__module__", "")).startswith("keras.") or None


def signature(app, what, name, value, options, text, returns):
    """The constructor's arguments of Keras' classes, whose `__new__` takes any."""
    if isinstance(value, type) and issubclass(value, keras.Operation):
        own = inspect.signature(value.__init__)
        own = own.replace(parameters=list(own.parameters.values())[1:])
        text = stringify_signature(own, unqualified_typehints=True)
    return text, returns


def convert(app, what, name, value, options, lines: list[str]) -> None:
    """Turn a docstring into reStructuredText, before napoleon; models lose what their pages show."""
    text = "\n".join(lines)
    if value in MODELS.values():
        text = docstrings.parts(value.__doc__)["rest"]
    lines[:] = docstrings.to_rst(text).splitlines()


def setup(app):
    """Connect the functions of this module to Sphinx's events."""
    app.connect("builder-inited", write_api)
    app.connect("source-read", complete)
    app.connect("build-finished", write_notebooks)
    app.connect("autodoc-process-signature", signature)
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", convert, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
