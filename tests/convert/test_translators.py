"""PyTorch checkpoints in Keras networks: equal outputs, and no execution of code in the file."""

import collections
import os
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest
from tools import images, mark_others, values

import keras_gan_zoo as kgz
from keras_gan_zoo import convert

torch = pytest.importorskip("torch", reason="the reference networks are PyTorch's")
from torch_networks import patches, resnet, unet  # noqa: E402


def randomized(network):
    """Set random weights, large enough for varied outputs, and random statistics."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        if tensor.ndim == 4:
            deviation = tensor[0].numel() ** -0.5
            tensor.copy_(deviation * torch.randn(tensor.shape, generator=generator))
        elif tensor.ndim == 1:
            low = 0.5 if "weight" in name or "running_var" in name else -0.5
            tensor.copy_(low + torch.rand(tensor.shape, generator=generator))
    return network.eval()


def expected(network, pictures):
    with torch.no_grad():
        return network(torch.from_numpy(pictures.transpose(0, 3, 1, 2))).numpy().transpose(0, 2, 3, 1)


def close(ours, theirs):
    assert theirs.std() > 0.01
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("blocks", mark_others([6, 9], [6]))
@pytest.mark.parametrize("legacy", [False, True])
def test_residual_generators(blocks, legacy, tmp_path):
    network = randomized(resnet(blocks))
    path = tmp_path / "latest_net_G_A.pth"
    torch.save(network.state_dict(), path, _use_new_zipfile_serialization=not legacy)
    model = convert.model(path, (32, 32), seed=0)
    assert type(model) is kgz.CycleGAN and (model.blocks, model.width) == (blocks, 4)
    pictures = images(2, (32, 48, 3))
    close(model.translate(pictures), expected(network, pictures))


def test_statistics_of_old_instance_normalization_are_ignored(tmp_path):
    network = randomized(resnet(6))
    state = collections.OrderedDict()
    for name, tensor in network.state_dict().items():
        state[name] = tensor
        if name == "model.1.bias":
            state["model.2.running_mean"] = state["model.2.running_var"] = torch.ones(4)
    torch.save(state, tmp_path / "old.pth")
    pictures = images(1, (32, 32, 3))
    close(
        convert.model(tmp_path / "old.pth", (32, 32)).translate(pictures), expected(network, pictures)
    )


@pytest.mark.parametrize(
    ("side", "halvings"), [(64, 6), pytest.param(256, 8, marks=pytest.mark.full_matrix)]
)
def test_unets(side, halvings, tmp_path):
    network = randomized(unet(halvings))
    path = tmp_path / "latest_net_G.pth"
    torch.save(network.state_dict(), path)
    model = convert.model(path, (side, side), test_dropout=False)
    assert type(model) is kgz.Pix2Pix and model.norm == "batch" and model.input_channels == 1
    pictures = images(2, (side, side, 1))
    close(model.translate(pictures), expected(network, pictures))


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_discriminators(norm, tmp_path):
    network = randomized(patches(norm, channels=4 if norm == "batch" else 3))
    torch.save(network.state_dict(), tmp_path / "latest_net_D.pth")
    if norm == "batch":
        model = kgz.Pix2Pix((64, 64, 3), input_channels=1, width=4, norm="batch")
        judge = model.discriminator
    else:
        judge = kgz.CycleGAN((64, 64, 3), width=4, blocks=1).discriminator.get_layer("discriminator_b")
    convert.into(judge, tmp_path / "latest_net_D.pth")
    pictures = images(2, (64, 64, judge.input_shape[-1]))
    close(values([judge(pictures, training=False)])[0], expected(network, pictures))


def test_reads_the_same_arrays_as_pytorch(tmp_path):
    state = {
        "a": torch.arange(12.0).reshape(3, 4).t(),  # not contiguous
        "b": torch.arange(10, dtype=torch.int64)[3:7],  # a slice of its storage
        "c": torch.tensor(2.5, dtype=torch.float16),
        "d": torch.zeros(0, 3),
    }
    for legacy in (False, True):
        torch.save(state, tmp_path / "x.pth", _use_new_zipfile_serialization=not legacy)
        read = convert.read(tmp_path / "x.pth")
        assert list(read) == list(state)
        for name, tensor in state.items():
            np.testing.assert_array_equal(read[name], tensor.numpy())
            assert read[name].dtype == tensor.numpy().dtype


class Evil:
    def __reduce__(self):
        return os.system, ("touch pwned",)


@pytest.mark.parametrize("how", ["pickle", "torch", "legacy"])
def test_code_in_a_file_is_not_executed(how, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if how == "pickle":
        (tmp_path / "x.pth").write_bytes(pickle.dumps(Evil()))
    else:
        torch.save({"w": Evil()}, "x.pth", _use_new_zipfile_serialization=how == "torch")
    with pytest.raises(ValueError, match=r"requests (posix|nt|os)\.system.*it was not executed"):
        convert.read("x.pth")
    assert not (tmp_path / "pwned").exists()


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text.pth").write_text("no weights here, and no pickle either")
    with pytest.raises(ValueError, match="is not a PyTorch state dict, or is damaged"):
        convert.read(tmp_path / "text.pth")
    torch.save({"model": {"w": torch.ones(2)}}, tmp_path / "nested.pth")
    with pytest.raises(ValueError, match=r"Received: a dict named 'model'.*state dict of one network"):
        convert.read(tmp_path / "nested.pth")
    torch.save(randomized(resnet(6)).state_dict(), tmp_path / "cut.pth")
    whole = (tmp_path / "cut.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is not a PyTorch state dict"):
        convert.read(tmp_path / "cut.pth")


def test_tensors_that_ask_for_much_memory_are_refused(tmp_path):
    one = torch.ones(1)
    torch.save({"w": one.expand(1000)}, tmp_path / "small.pth")
    assert convert.read(tmp_path / "small.pth")["w"].tolist() == [1.0] * 1000
    for legacy in (False, True):
        state = {"w": one.expand(500_000_000), "v": one}
        torch.save(state, tmp_path / "x.pth", _use_new_zipfile_serialization=not legacy)
        with pytest.raises(
            ValueError, match=r"x.pth is damaged or harmful: .* asks for 2,000,000,004 b"
        ):
            convert.read(tmp_path / "x.pth")
    whole = torch.ones(1000)
    torch.save({str(k): whole[k:] for k in range(2000)}, tmp_path / "shared.pth")
    tracemalloc.start()
    assert len(convert.read(tmp_path / "shared.pth")) == 2000
    assert tracemalloc.get_traced_memory()[1] < 6e6
    tracemalloc.stop()


def test_compressed_files_that_ask_for_much_memory_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", w=np.zeros(10**7))
    torch.save({"w": torch.ones(1)}, tmp_path / "x.pth")
    with zipfile.ZipFile(tmp_path / "x.pth", "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/zeros", bytes(10**7))
    for name in ("x.npz", "x.pth"):
        with pytest.raises(ValueError, match=rf"{name} is damaged or harmful: .* asks for [1-8]0,0"):
            convert.read(tmp_path / name)


HUGE_MEMO = b"\x80\x02Nr\xff\xff\xff\xff."  # None, remembered as number 2**32 - 1


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\x80\x02}q.", HUGE_MEMO, b"(" * 10**5, b"PK\x03\x04", b"\x80\xff"]
)
@pytest.mark.parametrize("suffix", ["pth", "npz", "safetensors"])
def test_damage_is_a_value_error_that_names_the_file(tmp_path, content, suffix):
    path = tmp_path / f"\x1b[31m.{suffix}"
    path.write_bytes(content)
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    with pytest.raises(
        ValueError, match=rf"\\x1b\[31m\.{suffix} is not a PyTorch state dict, or"
    ) as caught:
        convert.read(path)
    assert str(caught.value).isprintable()


def test_missing_and_special_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        convert.read(tmp_path / "none.pth")
    os.mkfifo(tmp_path / "pipe.pth")
    for path in (tmp_path / "pipe.pth", tmp_path):
        with pytest.raises(ValueError, match="it is no regular file"):
            convert.read(path)


def test_another_architecture_is_refused(tmp_path):
    torch.save(randomized(resnet(6)).state_dict(), tmp_path / "g.pth")
    model = kgz.CycleGAN((32, 32, 3), width=4, blocks=9)
    network = model.network()
    before = network.get_weights()
    with pytest.raises(ValueError, match=r"in 'model.16', for the weight|bias in|of shape"):
        convert.into(network, tmp_path / "g.pth")
    with pytest.raises(ValueError, match=r"array of shape \(7, 7, 3, 4\) in 'model.1'"):
        convert.into(kgz.CycleGAN((32, 32, 3), width=8, blocks=6).network(), tmp_path / "g.pth")
    state = randomized(resnet(9)).state_dict()
    state["model.2.weight"] = torch.ones(4)
    torch.save(state, tmp_path / "affine.pth")
    with pytest.raises(ValueError, match=r"layers, the network has 24. .*\['model.2'\]"):
        convert.into(network, tmp_path / "affine.pth")
    assert all(np.array_equal(*pair) for pair in zip(before, network.get_weights(), strict=True))
    torch.save({"w": torch.ones(3)}, tmp_path / "w.pth")
    with pytest.raises(ValueError, match="has no convolutions"):
        convert.model(tmp_path / "w.pth")
