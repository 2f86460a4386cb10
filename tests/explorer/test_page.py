"""The page itself: needs gradio (extra `explore`). `tests/browser` uses it in a browser."""

import contextlib
import importlib.util
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import tools

if importlib.util.find_spec("gradio") is None:
    pytest.skip("gradio is not installed", allow_module_level=True)

LATENTS = {"Keep", "New samples", "First", "Second", "Walk from the first to the second", "slant"}
PICTURES = {"Longer side", "Result"}
CONTROLS = {  # shown and not shown
    "GAN": (LATENTS, {"class", "truncation", *PICTURES}),
    "ConditionalGAN": ({*LATENTS, "class"}, {"truncation"}),
    "InfoGAN": ({*LATENTS, "category 1", "code 1"}, {"class"}),
    "StyleGAN2": ({*LATENTS, "truncation", "Mix styles"}, {"class"}),
    "Pix2Pix": (PICTURES, {*LATENTS, "Direction"}),
    "CycleGAN": ({*PICTURES, "Direction"}, LATENTS),
}
# In a process of its own: gradio's pages leave event loops open, which is an error in these tests.
PAGES = f"""
import json, sys
sys.path.insert(0, {str(Path(tools.__file__).parent)!r})
import numpy as np
from tools import tiny
from keras_gan_zoo.explorer import server

def texts(name):
    slant = {{}} if name in ("Pix2Pix", "CycleGAN") else {{"slant": np.eye(4, dtype="float32")[0]}}
    components = server.page(tiny(name), "<b>mine", slant).get_config_file()["components"]
    found = [part["props"].get(key) for part in components for key in ("label", "value")]
    return [text for text in found if isinstance(text, str)]

print(json.dumps({{name: texts(name) for name in {list(CONTROLS)}}}))
"""


def test_only_controls_that_fit():
    done = subprocess.run([sys.executable, "-c", PAGES], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    for name, texts in json.loads(done.stdout).items():
        shown, hidden = CONTROLS[name]
        assert shown <= {*texts} and not hidden & {*texts}, name
        assert "## &lt;b&gt;mine" in texts


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
    tools.tiny("GAN").save(path)
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
