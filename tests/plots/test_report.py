import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

import keras_gan_zoo as kgz
from keras_gan_zoo.plots.report import nearest, page, pictures, records

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>&amp;'\""


class Page(HTMLParser):
    """The elements of a page, its text, and the contents of its scripts by their type."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.scripts, self.text, self._script = [], {}, "", None
        self.feed(path.read_text(encoding="utf-8"))
        self.data = json.loads(self.scripts["application/json"])

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "script":
            self._script = dict(attributes).get("type", "text/javascript")
            assert self._script not in self.scripts
            self.scripts[self._script] = ""

    def handle_endtag(self, tag):
        self._script = None

    def handle_data(self, data):
        if self._script is None:
            self.text += data
        else:
            self.scripts[self._script] += data

    def curves(self, title):
        (panel,) = [panel for panel in self.data["panels"] if panel["title"] == title]
        return {curve["name"]: curve["values"] for curve in panel["curves"]}


def write_run(folder, epochs=3, **logs):
    """Write the records of a run; the loss of epoch i is i / 10."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"Run": {"data": EVIL, EVIL: 1}, "Training": {"d_opt": {"class_name": "Adam"}}}
    records.append(folder, epoch=0, start={"model": "GAN", "epochs": 9, "settings": settings})
    for epoch in range(1, epochs + 1):
        values = {"d_loss": epoch / 10} | logs
        records.append(folder, epoch=epoch, logs=values, seconds=2.0, memory=0.5, device_memory=None)
    return folder


def draw(folder, *names, size=(20, 20)):
    for index, name in enumerate(names):
        pixels = np.random.default_rng(index).integers(0, 256, (*size, 3), dtype="uint8")
        Image.fromarray(pixels).save(folder / name)


def decode(uri):
    return Image.open(pictures.io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_the_page_shows_the_run(tmp_path):
    write_run(tmp_path, val_kernel_grey28=0.5, real_score=0.9)
    records.append(tmp_path, epoch=2, warning="Step 7: samples have collapsed")
    records.append(tmp_path, epoch=3, end="Finished.")
    draw(tmp_path, "epoch_00001.png", "epoch_00003.png")
    assert kgz.plots.report(tmp_path) == tmp_path / "report.html"
    found = Page(tmp_path / "report.html")
    assert found.data["epochs"] == [1, 2, 3] and found.data["warnings"] == [2]
    assert found.curves("Losses") == {"d_loss": [0.1, 0.2, 0.3]}
    assert found.curves("Scores") == {"real_score": [0.9] * 3}
    assert found.curves("Kernel distance (grey28)") == {"val_kernel_grey28": [0.5] * 3}
    assert found.curves("Seconds per epoch") == {"seconds": [2.0] * 3}
    assert found.curves("Memory, GiB") == {"process": [0.5] * 3}
    assert [label for label, _ in found.data["snapshots"]] == ["epoch 1", "epoch 3"]
    assert "3 of 9 epochs in 0:00:06. Finished." in found.text
    assert "Step 7: samples have collapsed" in found.text and "Adam()" in found.text


def test_all_text_is_escaped(tmp_path):
    folder = write_run(tmp_path / "<img src=x onerror=alert(1)>", **{EVIL: 1.0})
    records.append(folder, epoch=2, warning=EVIL)
    records.append(folder, epoch=2, neighbours=EVIL)
    records.append(folder, epoch=3, end=EVIL)
    draw(folder, pictures.NEIGHBOURS, "epoch_<img src=x onerror=alert(1)>.png")
    found = Page(kgz.plots.report(folder))  # which fails if there are more than two scripts
    images = [attributes for tag, attributes in found.tags if tag == "img"]
    assert len(images) == 2 and all(image["src"].startswith("data:image/webp;") for image in images)
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert found.text.count(EVIL) == 5  # a name and a value of the settings, a warning, a text, the end
    assert found.curves(EVIL) == {EVIL: [1.0] * 3}
    assert folder.name in found.text


def test_the_page_needs_no_network_and_runs_no_other_script(tmp_path):
    draw(write_run(tmp_path), "epoch_00001.png")
    path = kgz.plots.report(tmp_path)
    found = Page(path)
    (policy,) = [attributes["content"] for _, attributes in found.tags if "http-equiv" in attributes]
    digest = hashlib.sha256(found.scripts["text/javascript"].encode()).digest()
    assert policy == (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{base64.b64encode(digest).decode()}'"
    )
    links = {a[name] for _, a in found.tags for name in ("src", "href") if name in a}
    assert links and all(link.startswith("data:") for link in links)
    assert "Permission is hereby granted" in path.read_text()  # the license of uPlot


def test_it_reloads_only_while_the_training_runs(tmp_path):
    write_run(tmp_path)
    for running, reload in ((True, 5.0), (False, None)):
        found = Page(kgz.plots.report(tmp_path, running=running))
        assert found.data["reload"] == reload
        assert ("About 0:00:12 left." in found.text) == running
        assert ("The end of the training is not recorded." in found.text) == (not running)


def test_numbers_that_are_not_finite_are_gaps(tmp_path):
    write_run(tmp_path, 1, g_loss=np.nan, r1_penalty=np.float32(3))
    records.append(tmp_path, epoch=2, logs={"g_loss": 1.0}, seconds=None)
    found = Page(kgz.plots.report(tmp_path))
    assert found.curves("Losses") == {"d_loss": [0.1, None], "g_loss": [None, 1.0]}
    assert found.curves("Seconds per epoch") == {"seconds": [2.0, None]}


def test_a_wide_range_has_a_logarithmic_axis(tmp_path):
    for epoch, value in enumerate([100.0, 10.0, 1.0], 1):
        logs = {"d_loss": value, "val_frechet_grey28": value, "val_diversity": value / 10 + 1}
        records.append(tmp_path, epoch=epoch, logs=logs)
    panels = Page(kgz.plots.report(tmp_path)).data["panels"]
    scales = {panel["title"]: panel["log"] for panel in panels}
    assert scales == {"Losses": False, "Fréchet distance (grey28)": True, "diversity": False}


def test_a_long_run_makes_no_long_page(tmp_path):
    write_run(tmp_path, 2500)
    draw(tmp_path, *(f"epoch_{epoch:05d}.png" for epoch in range(1, 101)))
    found = Page(kgz.plots.report(tmp_path))
    epochs = found.data["epochs"]
    assert epochs[:3] == [1, 4, 7] and epochs[-1] == 2500 and len(epochs) <= page.MAX_POINTS + 1
    labels = [label for label, _ in found.data["snapshots"]]
    assert labels[:3] == ["epoch 1", "epoch 5", "epoch 9"] and labels[-1] == "epoch 100"
    assert len(labels) <= pictures.MAX_SNAPSHOTS + 1


def test_large_pictures_are_made_smaller(tmp_path):
    draw(tmp_path, "step_0000100.png", "step_0000200.png", size=(700, 1400))
    Image.new("1", (8, 8)).save(tmp_path / "epoch_00001.png")
    (tmp_path / "step_0000300.png").write_bytes(b"damaged")
    snapshots = pictures.snapshots(tmp_path)
    assert [label for label, _ in snapshots] == ["step 100", "step 200"]
    assert {decode(uri).size for _, uri in snapshots} == {(640, 320)}


def test_a_picture_that_changed_is_encoded_again(tmp_path):
    path = tmp_path / "epoch_00001.png"
    for colour in (0, 255):
        Image.new("L", (8 + colour, 8), colour).save(path)
        picture = decode(pictures.uri(path))
        assert picture.convert("L").getextrema() == (colour, colour)


def test_a_run_without_records_has_its_log(tmp_path):
    (tmp_path / "log.csv").write_text("epoch,d_loss,g_loss\n0,1.5,0.5\n1,1.25,NA\n2,1")
    found = Page(kgz.plots.report(tmp_path))
    assert found.curves("Losses") == {"d_loss": [1.5, 1.25], "g_loss": [0.5, None]}
    assert "2 epochs. The end of the training is not recorded." in found.text


def test_records_that_were_cut_off_are_skipped(tmp_path):
    write_run(tmp_path)
    with open(tmp_path / records.FILE, "ab") as file:
        file.write(b'[1]\n{"epoch": "4"}\n\xff\n{"epoch": 4, "logs": {"d_lo')
    assert Page(kgz.plots.report(tmp_path)).data["epochs"] == [1, 2, 3]


def test_a_folder_without_a_run(tmp_path):
    (tmp_path / "log.csv").touch()
    with pytest.raises(ValueError, match=r"must be the folder of a training. Received: '.*no snapsh"):
        kgz.plots.report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_a_training_goes_on_from_the_records_before_it(tmp_path):
    write_run(tmp_path)
    records.append(tmp_path, epoch=3, warning="late")
    records.append(tmp_path, epoch=3, end="Finished.")
    records.restart(tmp_path, 3)
    kinds = [sorted(set(record) - {"epoch"})[-1] for record in records.read(tmp_path)]
    assert kinds == ["start", "seconds", "seconds", "seconds", "warning"]
    records.restart(tmp_path, 2)
    assert [record["epoch"] for record in records.read(tmp_path)] == [0, 1, 2]
    records.restart(tmp_path, 0)
    assert records.read(tmp_path) == []


@pytest.mark.parametrize("shape", [(8, 8, 1), (12, 20, 3)])
def test_copies_of_training_images_are_found(shape):
    rng = np.random.default_rng(0)
    real = rng.integers(0, 256, (40, *shape), dtype="uint8")
    generated = rng.integers(0, 256, (20, *shape), dtype="uint8")
    generated[3], generated[11] = real[25], real[7] ^ 15  # the second is nearly a copy
    picture, text = nearest.TrainingImages(real).compare(generated)
    pixels = np.asarray(picture).reshape(*picture.size[::-1], -1)
    height, width = 2 * shape[0] + 2, 2 * shape[1] + 2
    assert pixels.shape[:2] == (4 * height + 2, 8 * width + 2)
    for column, pair in enumerate([(generated[3], real[25]), (generated[11], real[7])]):
        left = column * width + 2
        for row, image in enumerate(pair):
            cell = pixels[row * height + 2 : (row + 1) * height, left : left + width - 2]
            np.testing.assert_array_equal(cell, image.repeat(2, 0).repeat(2, 1))
    assert re.match("First row: the 8 of 20 generated images that are nearest to one of 40 ", text)


def test_medians_of_distances():
    # One pixel tells images apart: 0, 0.2, 0.4, 0.6 and 2.0, of which the generated ones are 0.1 away.
    real = np.full((5, 16, 16, 1), -1, "float32")
    real[:, 0, 0, 0] += [0.0, 0.2, 0.4, 0.6, 2.0]
    generated = real[:3].copy()
    generated[:, 1, 1, 0] += 0.1
    _, text = nearest.TrainingImages(real).compare(generated)
    numbers = [float(number) for number in re.findall(r"([\d.]+) from", text)]
    np.testing.assert_allclose(numbers, [0.1, 0.2], atol=0.01)
