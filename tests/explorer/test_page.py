"""The page itself: needs gradio (extra `explore`). `tests/browser` uses it in a browser."""

import os
import re
import urllib.error
import urllib.request

import numpy as np
import pytest
from tools import tiny

from keras_gan_zoo.explorer import server

pytest.importorskip("gradio")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_TEMP_DIR"):
        monkeypatch.setenv(name, "")


def get(address, host="127.0.0.1"):
    request = urllib.request.Request(address, headers={"Host": host})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read().decode()


@pytest.mark.filterwarnings("default")  # of gradio's own dependencies
@pytest.mark.parametrize("name", ["StyleGAN2", "ConditionalGAN", "Pix2Pix"])
def test_the_page_needs_no_other_host(name):
    directions = {} if name == "Pix2Pix" else {"slant": np.eye(4, dtype="float32")[0]}
    with server.serve(tiny(name), "<b>mine</b>", directions) as address:
        headers, page = get(address)
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "&lt;b&gt;mine" in page and '"analytics_enabled":false' in page
        assert ("truncation" in page) == (name == "StyleGAN2")
        assert ("slant" in page) == (name != "Pix2Pix")
        _, style = get(f"{address}theme.css")
        assert not re.findall(r"https?://(?!www\.w3\.org/)", style)
        with pytest.raises(urllib.error.HTTPError, match="400"):
            get(address, host="elsewhere.example")
        port = int(address.rstrip("/").rpartition(":")[2])
        taken = server.serve(tiny(name), "again", port=port)
        with pytest.raises(ValueError, match=f"free port. Received: .*port={port}"), taken:
            pass
        folder = os.environ["GRADIO_TEMP_DIR"]
    assert not os.path.exists(folder)
