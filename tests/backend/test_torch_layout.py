"""Kernels of convolutions are stored as PyTorch convolves them, and are not copied in each pass."""

import keras
import pytest
from tools import fit, images, same, tiny, values

if keras.backend.backend() != "torch":
    pytest.skip("PyTorch only", allow_module_level=True)
import torch

ROWS = 5  # a side of no kernel, which tells kernels from images


def kernels(model):
    return [v for v in model.variables if v.name == "kernel" and len(v.shape) == 4]


def ancestors(event):
    while event := event.cpu_parent:
        yield event.name


def shapes_copied_by_convolutions(model, x):
    with torch.profiler.profile(record_shapes=True) as profile:
        fit(model, x, batch_size=ROWS)
    names = [event.name for event in profile.events()]
    assert "aten::_convolution" in names and "aten::copy_" in names
    return {
        tuple(sorted(event.input_shapes[0]))
        for event in profile.events()
        if event.name == "aten::copy_" and "aten::_convolution" in ancestors(event)
    }


def test_convolutions_copy_no_kernel(tmp_path):
    model = tiny("DCGAN", image_shape=(16, 16, 3), width=6)
    model.compile(ema=0.9)
    shapes = {tuple(sorted(kernel.shape)) for kernel in kernels(model)}
    assert len(shapes) > 1 and not any(ROWS in shape for shape in shapes)
    x = images(ROWS, model.image_shape)
    assert not shapes & shapes_copied_by_convolutions(model, x)

    model.save_weights(tmp_path / "model.weights.h5")
    other = tiny("DCGAN", image_shape=(16, 16, 3), width=6)
    other.compile(ema=0.9)
    other.load_weights(tmp_path / "model.weights.h5")
    assert same(values(other.weights), values(model.weights))
    strides = [kernel.value.stride() for kernel in kernels(model)]
    assert strides == [kernel.value.stride() for kernel in kernels(other)]
