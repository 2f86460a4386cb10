"""The page itself: needs gradio (extra `explore`). `tests/browser` uses it in a browser."""

import contextlib
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
from tools import tiny

from keras_gan_zoo.explorer import server

pytest.importorskip("gradio")

SLANT = {"slant": np.eye(4, dtype="float32")[0]}
LATENTS = {"Keep", "New samples", "First", "Second", "Walk from the first to the second", "slant"}
PICTURES = {"Picture", "Longer side", "Result"}


@pytest.mark.filterwarnings("default")  # of gradio and its dependencies
@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("GAN", LATENTS, {"class", "truncation", *PICTURES - {"Picture"}}),
        ("ConditionalGAN", {*LATENTS, "class"}, {"truncation"}),
        ("InfoGAN", {*LATENTS, "category 1", "code 1"}, {"class"}),
        ("StyleGAN2", {*LATENTS, "truncation", "Mix styles"}, {"class"}),
        ("Pix2Pix", PICTURES, {*LATENTS, "Direction"}),
        ("CycleGAN", {*PICTURES, "Direction"}, LATENTS),
    ],
)
def test_only_controls_that_fit(name, shown, hidden):
    page = server.page(tiny(name), "<b>mine", {} if shown >= PICTURES else SLANT)
    components = [component["props"] for component in page.get_config_file()["components"]]
    texts = {
        component.get(key)
        for component in components
        for key in ("label", "value")
        if isinstance(component.get(key), str)
    }
    assert shown <= texts and not hidden & texts and "## &lt;b&gt;mine" in texts


@contextlib.contextmanager
def explored(path, *options):
    """A process that explores a model."""
    argv = [sys.executable, "-m", "keras_gan_zoo", "explore", str(path), "--no-browser", *options]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def get(address, host="127.0.0.1"):
    request = urllib.request.Request(address, headers={"Host": host})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read().decode()


def test_the_page_is_for_this_machine_and_needs_no_other(tmp_path):
    path = tmp_path / "mine.keras"
    tiny("GAN").save(path)
    with explored(path) as process:
        address = re.fullmatch(
            r"(http://127\.0\.0\.1:(\d+)/) \(Ctrl-C ends it\)\n", process.stdout.readline()
        )
        headers, page = get(address[1])
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert '"analytics_enabled":false' in page
        assert not re.findall(r"https?://(?!www\.w3\.org/)", get(f"{address[1]}theme.css")[1])
        with pytest.raises(urllib.error.HTTPError, match="400"):
            get(address[1], host="elsewhere.example")
        with explored(path, "--port", address[2]) as second:
            error = second.communicate()[1]
        assert second.returncode == 2
        assert error.endswith(f"free port. Received: --host 127.0.0.1, --port {address[2]}.\n")
        process.send_signal(signal.SIGINT)
        assert process.communicate() == ("", "") and process.returncode == 130
