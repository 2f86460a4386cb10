"""The package's docstrings, Google style with Markdown's single backticks, for Sphinx."""

import inspect
import re

# Paragraphs of docstrings that begin with such a label.
LABEL = re.compile(r"^(Differences from the papers?|Batches|Logs): ", re.MULTILINE)
CODE_SPAN = re.compile(r"(`[^`]+`)")
INDENTED_CODE = re.compile(r"^(\s*)(\S.*):\n\n(?=\1    \S)", re.MULTILINE)


def parts(docstring: str) -> dict[str, str]:
    """Parts of a model's docstring that its page shows in sections of their own.

    Returns:
        `"differences"`, the text after that label, and `"example"`, Python code without prompts; `""`
        where there is none. `"rest"` is the docstring without both.
    """
    text = inspect.cleandoc(docstring)
    found = {"differences": "", "example": ""}
    paragraphs = []
    for paragraph in text.partition("\n\nExample:\n\n")[0].split("\n\n"):
        label = LABEL.match(paragraph)
        if label and label[1].startswith("Differences"):
            found["differences"] = paragraph[label.end() :]
        else:
            paragraphs.append(paragraph)
    example = text.partition("\n\nExample:\n\n")[2].splitlines()
    found["example"] = "\n".join(line[4:] for line in example if line[:3] in (">>>", "..."))
    return found | {"rest": "\n\n".join(paragraphs)}


def papers(docstring: str) -> list[str]:
    """The arXiv identifiers in a docstring, each once, the model's own paper first."""
    return list(dict.fromkeys(re.findall(r"\b(\d{4}\.\d{4,5})\b", docstring)))


def to_rst(text: str) -> str:
    """Markdown that means something else in reStructuredText, in the latter's form.

    Bold labels of paragraphs, asterisks outside of code, indented code. Single backticks stay: they are
    the default role of the site.
    """
    text = INDENTED_CODE.sub(r"\1\2::\n\n", text)
    spans = CODE_SPAN.split(text)
    spans[::2] = [re.sub(r"(?<!\*)\*(?!\*)", r"\*", prose) for prose in spans[::2]]
    return LABEL.sub(r"**\1**: ", "".join(spans))
