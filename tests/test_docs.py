"""The documents: size and table of the README, links, code blocks, wording."""

import ast
import itertools
import re
import runpy
from pathlib import Path

import pytest
from docs_tools import code_blocks

from keras_gan_zoo import registry

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FOLDERS = ("keras_gan_zoo", "tests", "examples", "benchmarks", "docs")
MODELS = {**registry.MODELS, **registry.STYLE_MODELS}


def files(*suffixes):
    """Files on the top level of the repository and all files in its folders, with these suffixes."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        found += (ROOT / folder).rglob("*")
    return sorted(path for path in found if path.suffix in suffixes)


def relative(path):
    return path.relative_to(ROOT).as_posix()


each_document = pytest.mark.parametrize("document", files(".md"), ids=relative)


def prose(text):
    """The text without fenced blocks and code spans."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "`code`", text)


def anchors(text):
    """The anchors that GitHub gives to the headings of a page."""
    titles = re.findall(
        r"^#+ +(.*?) *$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), flags=re.M
    )
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links(text):
    """Targets of links and images that are not on the web."""
    targets = re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)", text)
    targets += re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    targets += re.findall(r"^\[[^\]]+\]:\s*(\S+)", text, flags=re.MULTILINE)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def test_size_of_the_readme():
    """Without the table of presets, which is generated."""
    text = README.read_text(encoding="utf-8")
    table = re.search(r"<!-- presets: .*<!-- end of presets -->", text, flags=re.DOTALL)
    assert len(text.encode()) - len(table[0].encode()) <= 8192


def test_model_table_of_the_readme():
    """Exactly the registry's names, and of each the paper that the docstring of the class names."""
    section = README.read_text().split("\n## Models\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| *\[?`?(?:kgz\.)?(\w+)`?(.*)", section, flags=re.MULTILINE)
    rows = rows[1:]  # without the header
    assert sorted(name for name, _ in rows) == sorted(MODELS)
    for name, rest in rows:
        papers = re.findall(r"\d{4}\.\d{4,5}", rest)
        assert papers, f"no paper of {name}"
        assert papers[0] in registry.load(MODELS[name]).__doc__, name


def test_gallery():
    """Written from the cards of the presets: run `python benchmarks/make_gallery.py` after a change."""
    make_gallery = runpy.run_path(ROOT / "benchmarks" / "make_gallery.py")
    assert (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8") == make_gallery["page"]()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == make_gallery["readme"](readme)


@each_document
def test_links(document):
    """Targets in the repository exist, and so do the headings that they point to."""
    missing = []
    for target in links(prose(document.read_text())):
        path, _, anchor = target.partition("#")
        page = document.parent / path if path else document
        if not page.exists() or (anchor and anchor not in anchors(page.read_text())):
            missing.append(target)
    assert missing == []


@each_document
def test_python_blocks_parse(document):
    for block in code_blocks(document.read_text(), "python"):
        ast.parse(block)


# Patterns for text in which any whitespace is one space. `\s` keeps them from finding themselves here.
FORBIDDEN = (
    r"what\b[^.:;]{0,60}\bis\stold",
    r"is\stold\sof",
    r"ma(?:de|kes?)\sanew",
    r"falls\sshort",
    r"there\sand\sback",
    r"looked\sat\sbefore",
    r"makes\splace\sfor",
    r"will\sgive\sother\sfigures",
    r"was\snot\skept",
)


def normalize(text):
    return re.sub(r"[\s#]+", " ", text)


def test_wording():
    """None of these phrases is in the code or the documents, also not across a line break."""
    found = []
    for path in files(".py", ".md", ".toml", ""):
        if path.suffix == "" and path.name != "Makefile":
            continue
        text = normalize(path.read_text())
        matches = [
            match for pattern in FORBIDDEN for match in re.finditer(pattern, text, re.IGNORECASE)
        ]
        found += [f"{relative(path)}: {match.group()}" for match in matches]
    assert found == []


@pytest.mark.parametrize(
    "words", ["What the model is\n# {}", "Falls\n{}", "it makes {}", "there and {}"]
)
def test_wording_is_found(words):
    completed = [words.format(word) for word in ("told", "short", "anew", "back")]
    assert any(
        re.search(*pair, re.I) for pair in itertools.product(FORBIDDEN, map(normalize, completed))
    )
