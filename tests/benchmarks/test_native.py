"""Settings of plain PyTorch loops, their counted operations, and `gpu.py` at tiny size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tools import BACKEND

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import gpu
import interleaved
import native
import native_dcgan

pytestmark = pytest.mark.skipif(BACKEND != "torch", reason="the loops are in PyTorch")

TINY = {model.kind: model.tiny() for model in gpu.MODELS.values()}


def test_place():
    names = ("channels_last", "bfloat16")
    setting = native.Setting.named(names, device="cpu")
    (network,) = setting.place(torch.nn.Conv2d(3, 4, 3))
    assert network.weight.is_contiguous(memory_format=torch.channels_last)
    outputs = network(torch.randn(2, 3, 8, 8))
    assert outputs.dtype == torch.float32
    assert torch.equal(outputs, outputs.bfloat16().float())
    (network,) = native.Setting(device="cpu").place(torch.nn.Conv2d(3, 4, 3))
    outputs = network(torch.randn(2, 3, 8, 8))
    assert not torch.equal(outputs, outputs.bfloat16().float())


@pytest.mark.parametrize("words", [[], ["channels_last", "bfloat16"]], ids=["plain", "half"])
@pytest.mark.parametrize("kind", TINY)
def test_loops_train(kind, words):
    model = TINY[kind]
    setting = native.Setting.named(words, device="cpu")
    step = gpu.native_step(model, setting)
    shape = (2 * model.batch, model.size, model.size, 3)
    arrays = [torch.rand(shape).numpy() * 2 - 1 for _ in range(1 + (kind == "cyclegan"))]
    losses = setting.epoch(step, setting.loader(model.batch, *arrays), passes=2)()
    assert len(losses) >= 2
    assert torch.tensor(losses).isfinite().all() and max(losses) > 0


def test_operations_of_dcgan():
    """By hand, for 8x8 pixels and width 4, where each network has two convolutions."""
    g, d = (100 * 16 * 4, 16 * 4 * 16 * 3), (16 * 3 * 16 * 4, 4 * 16)
    own = 2 * sum(d) + d[1]  # of the images, which need no gradient
    products = 2 * sum(g) + g[1] + 2 * own + 3 * sum(d)

    def make(setting):
        return native_dcgan.NativeDCGAN((8, 8, 3), 4, setting).step

    assert native.flops(make, [(6, 8, 8, 3)]) == 2 * 6 * products


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("groups", [1, 4])
def test_operations_of_groups(groups, transposed):
    """Forward, and the gradients of inputs and kernel: as many each."""

    def make(setting):
        layer = torch.nn.ConvTranspose2d if transposed else torch.nn.Conv2d
        first, second = torch.nn.Conv2d(3, 8, 1), layer(8, 12, 3, groups=groups)
        networks = setting.place(first, second)

        def step(images):
            networks[1](networks[0](images)).sum().backward()

        return step

    positions = 25 if transposed else 9
    first = 2 * 2 * 25 * 3 * 8
    second = 3 * 2 * positions * 9 * 8 * 12 // groups
    assert native.flops(make, [(2, 5, 5, 3)]) == 2 * (first + second)


def test_gpu_at_tiny_size(tmp_path):
    labels = [interleaved.LOOP, interleaved.ROOF, "fit, PyTorch"]
    out = tmp_path / "new" / "gpu.json"
    command = [sys.executable, gpu.__file__, "--quick", "--out", str(out)]
    words = ["--models", "DCGAN, 64 px", "--only", *labels]
    done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    results = json.loads(out.read_text())
    assert results["precision"] == "bfloat16" and results["device"]
    record = results["models"]["DCGAN, 64 px"]
    for part in ("speeds", "start", "memory"):
        assert [*record[part]] == labels
    assert all(len(values) == 2 and min(values) > 0 for values in record["speeds"].values())
    assert results["device"] in done.stdout
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row[0][2:] for row in rows[1:]] == labels
    assert rows[1][2] == "1" and rows[2][3] == "1"  # ratios to themselves


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
def test_gpu_without_a_gpu():
    done = subprocess.run([sys.executable, gpu.__file__], capture_output=True, text=True)
    assert done.returncode == 2
    assert "PyTorch sees no GPU. --quick tries everything" in done.stderr
