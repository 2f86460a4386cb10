"""The Korean pages have the programs, the structure and the figures of the English ones."""

import re

import pytest
from docs_tools import DOCS, ROOT, code_blocks

KOREAN = sorted((DOCS / "ko").glob("*.md"))
TRANSLATED = [page for page in KOREAN if page.stem != "index"]


def structure(page):
    """Headings by their level, list items, rows of tables and pictures, in their order."""
    text = re.sub(r"^```.*?^```$", "```", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    marks = re.findall(r"^(#+ |- |\d+\. |\||```)|^!\[.*\]\((.+)\)", text, flags=re.MULTILINE)
    return [mark or (page.parent / target).resolve() for mark, target in marks]


def figures(page):
    """Numbers of two digits and more: small ones are often words in one of the languages."""
    return set(re.findall(r"\d[\d,.]*\d", re.sub(r"\]\([^)]*\)", "]", page.read_text("utf-8"))))


def spans(page):
    """Code within sentences."""
    return set(re.findall(r"`([^`\n]+)`", page.read_text("utf-8")))


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.stem)
def test_in_step(page):
    other = DOCS / "tutorials" / page.name
    for language in ("python", ""):
        korean, wanted = (code_blocks(path.read_text("utf-8"), language) for path in (page, other))
        assert korean == wanted
    assert figures(page) == figures(other)
    assert structure(page) == structure(other)
    assert spans(page) == spans(other)


def test_start_page():
    text = (DOCS / "ko" / "index.md").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert code_blocks(text, "python") == code_blocks(readme, "python")[:1]
    for page in TRANSLATED:
        assert f"({page.name})" in text


@pytest.mark.parametrize("page", KOREAN, ids=lambda page: page.stem)
def test_is_korean(page):
    """Most letters outside of code are Hangul, and sentences end politely."""
    text = re.sub(
        r"```.*?```|`[^`\n]*`|\([^)]*\)|\[[^]]*\]", "", page.read_text("utf-8"), flags=re.DOTALL
    )
    hangul, latin = (len(re.findall(letters, text)) for letters in ("[가-힣]", "[A-Za-z]"))
    assert hangul > 3 * latin
    assert not re.findall(r"[가-힣]+(?<!니)다\.", text)
