"""FID and KID of this package beside those of pytorch-fid and clean-fid: same weights, same images.

    pip install pytorch-fid clean-fid torchvision
    python benchmarks/fid_parity.py --data nebula_64.npz --images 5000

With `--weights pt_inception-2015-12-05-6726825d.pth` the figures are those of papers. Without it, all
three load the same random weights: networks, resizing and distances are compared. The other packages
read the images as PNG files. The second set of images is the first one with noise.
"""

import argparse
import tempfile
import time
import warnings
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from cleanfid import fid as clean_fid
from cleanfid.inception_torchscript import InceptionV3W
from PIL import Image
from pytorch_fid import fid_score
from pytorch_fid import inception as pytorch_inception

import keras_gan_zoo as kgz
from keras_gan_zoo.metrics import frechet
from keras_gan_zoo.metrics.extractors.inception_2015 import CLASSES


def random_weights(path):
    """Write weights that keep the scale of activations through all layers."""
    torch.manual_seed(0)
    with (
        mock.patch.object(pytorch_inception, "load_state_dict_from_url", lambda *_, **__: {}),
        mock.patch.object(torch.nn.Module, "load_state_dict"),
    ):
        network = pytorch_inception.fid_inception_v3()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
        elif isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0.0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0.0, 0.2)
            torch.nn.init.normal_(module.weight, 1.0, 0.2)
    assert network.fc.out_features == CLASSES
    torch.save(network.state_dict(), path)


def pytorch_network(path, **arguments):
    state = torch.load(path, weights_only=True)
    with mock.patch.object(pytorch_inception, "load_state_dict_from_url", lambda *_, **__: state):
        return pytorch_inception.InceptionV3([3], **arguments).eval()


def clean_network(path):
    """clean-fid's wrapper of a network, which else reads the TorchScript file of the same weights."""
    network = pytorch_network(path, resize_input=False, normalize_input=False)

    class Layers(torch.nn.Module):
        def forward(self, x):
            return network(x)[0]

    wrapper = InceptionV3W.__new__(InceptionV3W)
    torch.nn.Module.__init__(wrapper)
    wrapper.layers, wrapper.resize_inside = Layers(), False
    return wrapper


def write_pngs(images, folder):
    folder.mkdir()
    for index, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{index:05d}.png")


def features_of(kind, weights, folders, sets, batch_size):
    """Features of both sets, and seconds."""
    start = time.perf_counter()
    if kind in ("torch", "clean"):
        extractor = kgz.metrics.inception(weights, kind)
        found = [extractor(images, batch_size).features for images in sets]
    elif kind == "pytorch-fid":
        network = pytorch_network(weights)
        files = [sorted(folder.iterdir()) for folder in folders]
        found = [fid_score.get_activations(f, network, batch_size, 2048, "cpu", 0) for f in files]
    else:
        arguments = {"num_workers": 0, "batch_size": batch_size, "device": "cpu", "verbose": False}
        network = clean_network(weights)
        found = [clean_fid.get_folder_features(str(f), network, **arguments) for f in folders]
    return found, time.perf_counter() - start


def distances(kind, real, fake):
    """(FID, KID), each by the code of the package."""
    if kind in ("torch", "clean"):
        fid = frechet.distance_of_moments(*frechet.moments(real), *frechet.moments(fake))
        return fid, kgz.metrics.kernel_distance(real, fake, block_size=len(real)).value
    moments = [part for x in (real, fake) for part in (x.mean(0), np.cov(x, rowvar=False))]
    if kind == "pytorch-fid":
        fid = fid_score.calculate_frechet_distance(*moments)
    else:
        fid = clean_fid.frechet_distance(*moments)
    real, fake = real.astype("float64"), fake.astype("float64")
    return fid, clean_fid.kernel_distance(real, fake, num_subsets=1, max_subset_size=len(real))


def relative(a, b):
    return np.abs(a - b).max() / np.abs(b).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="SOURCE")
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--image-size", type=int)
    parser.add_argument("--batch-size", type=int, default=25)
    parser.add_argument("--weights", type=Path, metavar="FILE.pth")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", ".*is not pytorch-fid's.*")
    dataset = kgz.data.load(arguments.data, arguments.image_size, batch_size=1, channels=3)
    real = np.resize(dataset.images, (arguments.images, *dataset.images.shape[1:]))
    noise = np.random.default_rng(0).normal(0.0, 20.0, real.shape)
    sets = real, np.clip(real + noise, 0, 255).astype("uint8")
    with tempfile.TemporaryDirectory() as folder:
        weights, folders = arguments.weights, [Path(folder) / name for name in ("real", "fake")]
        if weights is None:
            weights = Path(folder) / "random.pth"
            random_weights(weights)
        for images, target in zip(sets, folders):
            write_pngs(images, target)
        print("| | FID | KID | seconds | features | FID, relative | KID, relative |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for theirs, mode in (("pytorch-fid", "torch"), ("clean-fid", "clean")):
            rows = []
            for kind in (theirs, mode):
                found, seconds = features_of(kind, weights, folders, sets, arguments.batch_size)
                rows.append((found, distances(kind, *found), seconds))
            (expected, (fid, kid), seconds), (found, (own_fid, own_kid), own_seconds) = rows
            print(f"| {theirs} | {fid:.6f} | {kid:.8f} | {seconds:.0f} |")
            print(
                f'| `resize="{mode}"` | {own_fid:.6f} | {own_kid:.8f} | {own_seconds:.0f} '
                f"| {max(map(relative, found, expected)):.1e} "
                f"| {relative(own_fid, fid):.1e} | {relative(own_kid, kid):.1e} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
