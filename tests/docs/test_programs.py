"""Programs of the tutorials and of the migration guide: those of the examples, or run here."""

import ast
import itertools
import json
import re
import runpy
from pathlib import Path

import docs_tools
import keras
import numpy as np
import pytest
from docs_tools import DOCS, code_blocks

import keras_gan_zoo as kgz
from keras_gan_zoo.cli.main import main

PAGES = sorted(page for name in ("tutorials", "migration") for page in (DOCS / name).glob("*.md"))
OF_EXAMPLES = [page for page in PAGES if docs_tools.example_call(page)]
PROGRAMS = [page for page in PAGES if docs_tools.program(page) and page not in OF_EXAMPLES]
# Arguments and variables that make programs small. Each is in the page.
SMALL = {
    "quickstart": {"image_size": 8, "width": 4, "epochs": 1},
    "style_transfer": {"size": 32, "image_size": 16, "width": 4, "epochs": 1, "steps_per_epoch": 1},
    "keras2_loop": {"steps": 2, "width": 4, "epochs": 1},
    "keras_gan": {"epochs": 2},
    "pytorch_loop": {"width": 4, "epochs": 1},
    "stylegan2_ada": {
        **{"image_size": 8, "batch_size": 8, "epochs": 1, "steps": 2},
        "gamma": "0.8, width=4, latent_dim=4, mapping_layers=1",
    },
}


def name(page):
    return page.relative_to(DOCS).with_suffix("").as_posix()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with pictures under the names that the pages use, and a small MNIST."""
    monkeypatch.chdir(tmp_path)
    widths = {"my_pictures": 24, "photos": 24, "datasets/facades/train": 48}
    widths |= {f"datasets/horse2zebra/{name}": 24 for name in ("trainA", "trainB", "testA", "testB")}
    docs_tools.write_pictures(tmp_path, widths, ("photo.jpg", "painting.jpg"))
    digits = kgz.data.load("digits", samples=64, labels=True)
    train = digits.images[..., 0], digits.labels
    np.savez("mnist.npz", x_train=train[0], y_train=train[1])
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: (train, train))
    return tmp_path


@pytest.mark.parametrize("page", OF_EXAMPLES, ids=name)
def test_program_of_an_example(page, monkeypatch):
    """The page has the program of the example, with the options of the command that the page names."""
    wanted = docs_tools.filled(*docs_tools.example_call(page), monkeypatch)
    assert ast.unparse(ast.parse(docs_tools.program(page))) == wanted


def test_every_tutorial_has_a_program():
    tutorials = {page for page in PAGES if page.parent.name == "tutorials" and page.stem != "index"}
    assert tutorials <= {*OF_EXAMPLES, *PROGRAMS} and len(OF_EXAMPLES) == 9


@pytest.mark.full_matrix
@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights:UserWarning")
@pytest.mark.parametrize("page", PROGRAMS, ids=name)
def test_program_runs(page, folder, capsys):
    source = docs_tools.program(page)
    for argument, value in SMALL[page.stem].items():
        source, count = re.subn(rf"\b({argument} ?= ?)[^,)\n]+", rf"\g<1>{value}", source)
        assert count, argument
    exec(compile(source, page, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("page", [*PAGES, *sorted((DOCS / "ko").glob("*.md"))], ids=name)
def test_commands_parse(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for argv in docs_tools.commands(page):
        for option, value in itertools.pairwise(argv):
            if option == "--data":  # it must exist
                Path(value).mkdir(parents=True, exist_ok=True)
        docs_tools.parse(argv)


def test_lines_of_code():
    """Of the programs before and after, in the guide's table and in the page's own."""
    guide = (DOCS / "migration" / "index.md").read_text("utf-8")
    counts = re.findall(r"\((\w+\.md)\) \| (\d+), (\d+) \|", guide)
    assert len(counts) == 3
    for page, *wanted in counts:
        text = (DOCS / "migration" / page).read_text("utf-8")
        programs = code_blocks(text, "python")[:2]
        lines = [[line for line in program.splitlines() if line.strip()] for program in programs]
        assert [str(len(program)) for program in lines] == wanted
        for count in wanted:
            assert f" | {count} |" in text


@pytest.mark.full_matrix
def test_commands_instead_of_pytorch_cyclegan(folder):
    small = {"CycleGAN": ["--set", "width=4", "blocks=1"], "Pix2Pix": ["--set", "width=4"]}
    sizes = {"256": "16", "200": "1"}
    commands = docs_tools.commands(DOCS / "migration" / "pytorch_cyclegan.md")
    assert [argv[0] for argv in commands] == ["train", "translate", "translate", "train"]
    for argv in commands:
        assert main([sizes.get(word, word) for word in argv] + small.get(argv[1], [])) == 0
    assert all(list((folder / name).glob("*")) for name in ("zebras", "horses", "runs/facades"))


@pytest.mark.full_matrix
def test_quickstart(folder, capsys, monkeypatch):
    """The commands of the quickstart, for small pictures; the last two need npm and a browser."""
    page = DOCS / "tutorials" / "quickstart.md"
    lines = code_blocks(page.read_text("utf-8"), "")[0].splitlines()
    assert len(lines) < 10
    calls = [argv for argv in docs_tools.commands(page) if " ".join(argv) in "\n".join(lines)]
    assert [argv[0] for argv in calls] == ["train", "generate", "interpolate", "export"]
    small = {"train": ["--epochs", "1", "--set", "width=4"], "interpolate": ["--frames", "4"]}
    for command, *arguments in calls:
        arguments = ["8" if argument == "64" else argument for argument in arguments]
        assert main([command, *arguments, *small.get(command, [])]) == 0
    made = ["runs/mine/report.html", "grid.png", "walk.gif", "mine.onnx"]
    assert all((folder / path).stat().st_size > 1000 for path in made)

    build = runpy.run_path(DOCS / "demo" / "build.py")
    build["main"].__globals__["BUILD"] = folder / "demo"
    monkeypatch.setattr(build["subprocess"], "run", install_runtime)
    build["main"](["mine.onnx"])
    page = (folder / "demo" / "index.html").read_text("utf-8")
    assert (folder / "demo" / "generator.onnx").read_bytes() == (folder / "mine.onnx").read_bytes()
    for script in re.findall(r'src="(.+?)"', page):
        assert (folder / "demo" / script).exists()


def install_runtime(command, check):
    """What `npm install --prefix FOLDER onnxruntime-web` does to the folder."""
    prefix = command[command.index("--prefix") + 1]
    dist = Path(prefix) / "node_modules/onnxruntime-web/dist"
    dist.mkdir(parents=True)
    for file in ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"):
        (dist / file).touch()


def test_notebooks(tmp_path):
    """Each block of each page is a cell; links lead to the files, or to GitHub."""
    notebooks = runpy.run_path(DOCS / "tutorials" / "notebooks.py")
    notebooks["main"](["--out", str(tmp_path)])
    for page in notebooks["PAGES"]:
        path = tmp_path / page.relative_to(DOCS).with_suffix(".ipynb")
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = [cell["source"] + "\n" for cell in cells if cell["cell_type"] == "code"]
        assert code == code_blocks(page.read_text("utf-8"), "python")
        text = "".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
        for target in re.findall(r"\]\((\.[^)#]+)", text):
            assert (path.parent / target).exists(), target
    notebook = notebooks["notebook"](DOCS / "tutorials" / "gan_mnist.md", tmp_path, "owner/name")
    first, *_, last = (cell["source"] for cell in notebook["cells"])
    assert first == "%pip install -q git+https://github.com/owner/name"
    assert "](https://raw.githubusercontent.com/owner/name/main/docs/images/gan_mnist.png)" in last
    assert "](https://github.com/owner/name/blob/main/docs/tutorials/dcgan_folder.md)" in last
