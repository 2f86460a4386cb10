"""`keras-gan-zoo report`, and the report that `train` leaves."""

import shutil
import subprocess
import sys

import pytest
from cli_tools import refused

from keras_gan_zoo.cli.main import main


def test_train_leaves_a_report(trained):
    page = (trained / "report.html").read_text(encoding="utf-8")
    assert "2 of 2 epochs" in page and "Finished." in page
    assert "keras-gan-zoo train GAN --samples 64" in page and "digits, 64 images of 8x8x1" in page
    assert "Samples and their nearest training images" in page


def test_the_report_is_written_again_without_keras(trained, tmp_path):
    code = (
        "import sys; from keras_gan_zoo.cli.main import main; status = main(sys.argv[1:]); "
        "sys.exit(status or 'keras' in sys.modules)"
    )
    out = tmp_path / "copy.html"
    command = [sys.executable, "-c", code, "report", str(trained), "--out", str(out)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == f"Report: {out}\n"
    assert "2 of 2 epochs" in out.read_text(encoding="utf-8")


def test_the_report_of_a_run_that_has_none(trained, tmp_path, capsys):
    run = tmp_path / "run"
    shutil.copytree(trained, run)
    for name in ("report.html", "report.jsonl"):
        (run / name).unlink()
    assert main(["report", str(run)]) == 0
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "<h1>GAN: run</h1>" in page and '"epochs":[1,2]' in page and '["epoch 2","data:' in page
    assert "<th>latent_dim</th>" in page  # from the model file


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["nowhere"], "RUN must be the folder of a training. Received: nowhere"),
        (["."], "RUN must be the folder of a training. Received: '.', which has no report.jsonl"),
        ([".", "--out", "x.pdf"], "--out must end in .html. Received: x.pdf"),
    ],
)
def test_wrong_arguments(argv, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, "report", *argv)
    assert list(tmp_path.iterdir()) == []
