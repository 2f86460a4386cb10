"""The Python blocks of the README, the guides and the models' docstrings run, on small pictures.

A block that cannot be run has a comment before it: `<!-- not run: reason -->`.
"""

import re
from pathlib import Path

import docs_tools
import docstrings
import keras
import numpy as np
import pytest

import keras_gan_zoo as kgz
from keras_gan_zoo import registry

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.full_matrix
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guides").glob("*.md"))]
BLOCK = re.compile(r"^(<!-- not run: .+ -->\n)?```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
# What makes programs small; the number of pictures and of steps, see `small`.
SMALLER = {
    r"\b(image_size|size)=\d+": r"\1=32",
    r"\bsamples=\d+": "samples=192",
    r"\bwidth=\d+": "width=4",
    r"\bkgz.(Pix2Pix|CycleGAN)\(dataset.\w+": r"\g<0>, width=4",
    r"\bframes=\d+": "frames=4",
    r"\bcrop=\d+": "crop=16",
    r"\bfor_size\(64, scale": "for_size(16, scale",
    r"\(\(?(64|256), \1, 3\)": lambda found: found[0].replace(found[1], "32"),
}
FOLDERS = ("my_pictures", "inputs", "targets", "horses", "zebras", "photos", "ffhq")
FILES = ("photo.jpg", "painting.jpg", "mine.jpg")


def blocks(page):
    """The Python blocks of a page that run."""
    return [code for mark, code in BLOCK.findall(page.read_text(encoding="utf-8")) if not mark]


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder with pictures under the names of the pages; few digits; trainings of one step."""
    monkeypatch.chdir(tmp_path)
    docs_tools.write_pictures(tmp_path, dict.fromkeys(FOLDERS, 24), FILES)
    load = kgz.data.load

    def load_few(source, *args, **arguments):
        arguments["batch_size"] = 8
        if isinstance(source, str) and source in registry.DATASETS:
            source, arguments["samples"] = "digits", 256
        return load(source, *args, **arguments)

    monkeypatch.setattr(kgz.data, "load", load_few)
    fit = keras.Model.fit
    brief = {"epochs": 1, "steps_per_epoch": 1, "verbose": 0}
    monkeypatch.setattr(keras.Model, "fit", lambda self, *a, **k: fit(self, *a, **k | brief))


def run(code, names):
    for pattern, text in SMALLER.items():
        code = re.sub(pattern, text, code)
    exec(code, names)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_blocks_run(page, small):
    """In order, with the names that a reader has by then: a model, its data, pictures."""
    channels = 1 if page.stem == "evaluation" else 3  # it names the metric of grey images
    dataset = kgz.data.load("digits", image_size=32, channels=channels)
    model = kgz.DCGAN(dataset.image_shape, width=4)
    model.compile()
    images = dataset.images[:2] / 127.5 - 1.0
    grey = images.mean(-1, keepdims=True)
    names = {"keras": keras, "kgz": kgz, "np": np, "model": model, "dataset": dataset}
    names |= {"images": images, "grey_images": grey, "photographs": images, "a": images, "b": images}
    names |= {"photos": images, "low_resolution": images[:, ::4, ::4]}
    names |= {"score_of_images": lambda images: images.mean((1, 2, 3))}
    names |= {"first_style": images[0], "second_style": images[1], "schedule": lambda epoch: 1e-3}
    for code in blocks(page):
        run(code, names)


@pytest.mark.parametrize("name", registry.ALL_MODELS)
def test_example_of_a_model_runs(name, small):
    run(docstrings.parts(getattr(kgz, name).__doc__)["example"], {})
