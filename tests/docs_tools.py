"""Programs and commands in the documents, and the programs of examples with their options filled in."""

import ast
import re
import shlex
import sys
from pathlib import Path

from data_tools import noise
from PIL import Image

from keras_gan_zoo.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"


def write_pictures(root, widths, files):
    """Folders of 16 pictures of noise, a dict of their widths by name, and single pictures."""
    pictures = noise(16, shape=(24, max(widths.values()), 3))
    for name, width in widths.items():
        (root / name).mkdir(parents=True)
        for number, picture in enumerate(pictures[:, :, :width]):
            Image.fromarray(picture).save(root / name / f"{number}.png")
    for name in files:
        Image.fromarray(pictures[0]).save(root / name)


def code_blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def program(page):
    """The Python blocks of a page, in order."""
    return "".join(code_blocks(page.read_text(encoding="utf-8"), "python"))


def commands(page):
    """Lines of the blocks without a language, and of the spans, that call `keras-gan-zoo`."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = "".join(code_blocks(text, "")).splitlines() + re.findall(r"`([^`\n]+)`", text)
    return [shlex.split(line)[1:] for line in lines if line.startswith("keras-gan-zoo ")]


def parse(argv):
    """Parse arguments of `keras-gan-zoo`; an exception for wrong ones."""
    return main._parser().parse_args(argv)


def example_call(page):
    """The example that a page names first, and the arguments of that command; None without one."""
    found = re.search(r"`python (examples/\w+\.py)([^`]*)`", page.read_text(encoding="utf-8"))
    return found and (ROOT / found[1], shlex.split(found[2]))


class _Filled(ast.NodeTransformer):
    """The program that runs with these options: constants for options, no branch that is not taken."""

    def __init__(self, options):
        self.options = options
        self.none = set()  # names of variables that are None

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if not (isinstance(node.value, ast.Name) and node.value.id == "options"):
            return node
        value = getattr(self.options, node.attr)
        return ast.Constant(value.as_posix() if isinstance(value, Path) else value)

    def visit_Name(self, node):
        return ast.Constant(None) if node.id in self.none else node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Div) and all(map(_is_text, (node.left, node.right))):
            return ast.Constant(f"{node.left.value}/{node.right.value}")
        return node

    def visit_BoolOp(self, node):
        self.generic_visit(node)
        first, *rest = node.values
        return rest[0] if _is_none(first) and isinstance(node.op, ast.Or) else node

    def visit_IfExp(self, node):
        return self.taken(node)

    def visit_If(self, node):
        return self.taken(node)

    def taken(self, node):
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        node.keywords = [keyword for keyword in node.keywords if not _is_none(keyword.value)]
        return node

    def visit_Assign(self, node):
        self.generic_visit(node)
        if _is_none(node.value):
            self.none |= {target.id for target in node.targets}
            return None
        return node

    def visit_Expr(self, node):
        """Without the messages that name the folder."""
        is_message = ast.unparse(node).startswith("print(") and "options.out" in ast.unparse(node)
        return None if is_message else self.generic_visit(node)


def _is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def filled(example, argv, monkeypatch):
    """The source of an example with the options of a command line as constants, without `_common`."""
    tree = ast.parse(example.read_text(encoding="utf-8"))
    start = next(i for i, node in enumerate(tree.body) if ast.unparse(node).startswith("options = "))
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.setattr(sys, "argv", [str(example), *argv])
    names = {"__doc__": ast.get_docstring(tree)}
    exec(compile(ast.Module(tree.body[: start + 1], []), example, "exec"), names)
    imports = [node for node in tree.body[1:start] if "_common" not in ast.unparse(node)]
    body = _Filled(names["options"]).visit(ast.Module(tree.body[start + 1 :], [])).body
    return ast.unparse(ast.Module([*imports, *body], []))
