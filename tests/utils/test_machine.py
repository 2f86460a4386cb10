"""Instructions of the processor, and the warning of `compile` that rests on them."""

import warnings

import keras
import pytest

import keras_gan_zoo as kgz
from keras_gan_zoo import backend
from keras_gan_zoo.utils import machine

OLD = frozenset({"fma", "avx2", "avx512f", "avx512_vnni"})
MESSAGE = r"no bfloat16 units: 'mixed_bfloat16' is slower than 'float32'"


@pytest.mark.parametrize(
    ("text", "flags", "lacks"),
    [
        ("processor\t: 0\nflags\t\t: fma avx2\nflags\t\t: fma\n", {"fma", "avx2"}, True),
        ("flags\t\t: fma avx512_bf16\n", {"fma", "avx512_bf16"}, False),
        ("flags\t\t: amx_bf16 fma\n", {"fma", "amx_bf16"}, False),
        ("processor\t: 0\nFeatures\t: fp asimd\n", set(), False),  # not x86
        (None, set(), False),  # no such file
    ],
)
def test_flags(tmp_path, monkeypatch, text, flags, lacks):
    path = tmp_path / "cpuinfo"
    if text is not None:
        path.write_text(text)
    found = machine.processor_flags(path)
    assert found == flags
    monkeypatch.setattr(machine, "processor_flags", lambda: found)
    assert machine.lacks_bfloat16() is lacks


def gan(policy):
    return kgz.GAN((8, 8, 1), width=4, latent_dim=4, dtype=policy)


def style(policy):
    return kgz.StyleTransfer(network="rgb64", dtype=policy)


def warnings_of(model):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.compile()
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("make", [gan, style])
def test_compile_warns_of_bfloat16_without_its_units(monkeypatch, make):
    monkeypatch.setattr(machine, "processor_flags", lambda: OLD)
    monkeypatch.setattr(backend, "has_accelerator", lambda: False)
    model = make("mixed_bfloat16")
    with pytest.warns(UserWarning, match=MESSAGE) as caught:
        model.compile()
    assert [w.filename for w in caught if w.category is UserWarning] == [__file__]


@pytest.mark.parametrize(
    ("policy", "flags", "accelerator"),
    [
        ("float32", OLD, False),
        ("mixed_float16", OLD, False),
        ("mixed_bfloat16", OLD | {"avx512_bf16"}, False),
        ("mixed_bfloat16", frozenset(), False),
        ("mixed_bfloat16", OLD, True),
    ],
)
def test_compile_is_silent_otherwise(monkeypatch, policy, flags, accelerator):
    monkeypatch.setattr(machine, "processor_flags", lambda: flags)
    monkeypatch.setattr(backend, "has_accelerator", lambda: accelerator)
    assert warnings_of(gan(policy)) == []


def test_the_device_of_the_backend():
    """As Keras sees it: CI has no accelerator."""
    if keras.backend.backend() == "torch":
        import torch

        assert backend.has_accelerator() is torch.accelerator.is_available()
    else:
        kinds = {device.partition(":")[0] for device in keras.distribution.list_devices()}
        assert backend.has_accelerator() is (kinds != {"cpu"})
