"""Real images to judge generated ones by."""

import hashlib
import os
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.data.arguments import spread
from keras_gan_zoo.metrics import extractors, specs
from keras_gan_zoo.utils import checks, files


class Reference:
    """A set of real images, and every metric's value of real images against it: the floor.

    `samples` of the images are the reference. The floor is measured with as many others where there
    are enough, else between the two halves of the reference; `floor_samples` tells.

    Args:
        images: (n, h, w, c), uint8 or floats in [-1, 1].
        metrics: names: `"fid"`, `"kid"`, `"prdc"`, `"inception_score"`, `"ms_ssim"`; a list, or a
            string with commas.
        samples: images in the reference, and how many fakes it should be compared with. None: all.
        extractor: see `keras_gan_zoo.metrics.get_extractor`.
        seed: of the choice of the images.
        cache: folder in which features are kept for the next time. None: nowhere.

    Attributes:
        floor: dict of value name to the value of real images; NaN where there were too few.
        extractor: the `Extractor`; None if no metric needs one.

    Raises:
        ValueError: too few or unsafe_second_order_layers images, or unknown metrics.
    """

    def __init__(
        self,
        images: np.ndarray,
        metrics: str | Iterable[str] = ("fid", "kid"),
        samples: int | None = None,
        extractor: Any = None,
        seed: int = 0,
        cache: str | os.PathLike | None = None,
    ):
        images = np.asarray(images)
        if images.ndim != 4 or len(images) < 2:
            raise ValueError(
                "Argument `images` must be at least 2 images (n, h, w, c). Received: an array of "
                f"shape {images.shape}."
            )
        self.specs = specs.chosen(metrics)
        self._needs = {kind.needs for kind in self.specs.values()}
        self.samples = checks.positive_integer("samples", samples or len(images))
        if self.samples > len(images):
            raise ValueError(
                f"Argument `samples` must be at most the number of real images. Received: samples="
                f"{samples} with {len(images)} images. Pass samples={len(images)} or less."
            )
        self.extractor = None
        if self._needs & {"features", "logits"}:
            self.extractor = extractors.get_extractor(extractor, images.shape[1:])
        order = np.random.default_rng(seed).permutation(len(images))
        first, second = np.split(order[: 2 * self.samples], [self.samples])
        self.real = self._material(images[first], cache)
        if len(second) == self.samples:
            self.floor_samples = self.samples
            self.floor = self._measured(self.real, self._material(images[second], cache))
        else:
            self._measured(self.real, self.real)  # refuses too few before anything is generated
            self.floor_samples = half = self.samples // 2
            halves = self.real.part(slice(half)), self.real.part(slice(half, 2 * half))
            self.floor = self._floor(*halves)

    def _floor(self, real, fake):
        found = {}
        for kind in self.specs.values():
            try:
                found |= kind.measure(real, fake)
            except ValueError:
                found |= dict.fromkeys(kind.values, np.nan)
        return found

    def _measured(self, real, fake):
        found = {}
        for kind in self.specs.values():
            found |= kind.measure(real, fake)
        return found

    def measure(self, images: np.ndarray) -> dict[str, float]:
        """Values of generated images (n, h, w, c), floats in [-1, 1]."""
        return self._measured(self.real, specs.material(images, self.extractor, self._needs))

    def figures(self, images: np.ndarray) -> dict[str, Any]:
        """The same with all that a reader needs to compare them, ready for JSON."""
        return {
            "values": _for_json(self.measure(images)),
            "floor": _for_json(self.floor),
            "samples": {"real": self.samples, "fake": len(images), "floor": self.floor_samples},
            "extractor": self.extractor
            and {
                "name": self.extractor.name,
                "sha256": self.extractor.digest,
            },
        }

    def _material(self, images, cache):
        def extract(images):
            path = Path(cache) / f"{_digest(images)}-{self.extractor.digest[:16]}.npz"
            return _kept(path) or _keep(self.extractor(images), path)

        extract = extract if cache is not None else None
        return specs.material(images, self.extractor, self._needs, extract)


def _for_json(values):
    return {name: None if np.isnan(value) else value for name, value in values.items()}


def _digest(images):
    total = hashlib.sha256(str((images.shape, images.dtype)).encode())
    total.update(np.ascontiguousarray(images).data)
    return total.hexdigest()[:16]


def _kept(path):
    """Features from a file, or None if there is none that can be read."""
    try:
        with open(path, "rb") as opened, np.load(opened) as file:
            return extractors.Features(file["features"], file.get("logits"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _keep(features, path):
    """The features, which are also in a file from now on if that can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path) as temporary:
            np.savez(temporary, **{k: v for k, v in features._asdict().items() if v is not None})
    except OSError as error:
        warnings.warn(f"Features of the real images could not be kept: {error}.", stacklevel=2)
    return features


def cache_folder() -> Path:
    """Where features are kept if nothing else is said: beside what Keras keeps."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras_gan_zoo"


def real_images(x: Any, samples: int | None = None) -> np.ndarray:
    """The images of what `fit` and `evaluate` take as `x`: (n, h, w, c).

    Args:
        x: array, `ImageDataset`, `PairDataset` (its targets), or an iterable of batches that can be
            read again.
        samples: stop when there are so many. None: all.

    Raises:
        ValueError: a generator, which can be read only once, or no images.
    """
    for name in ("images", "targets"):
        if hasattr(x, name):
            images = getattr(x, name)
            return images[spread(len(images), samples)]
    if hasattr(x, "shape"):
        return np.asarray(x)[spread(len(x), samples)]
    if iter(x) is x:
        raise ValueError(
            "Real images for metrics must come from data that can be read more than once. Received: a "
            f"{type(x).__name__}. Pass an array or a dataset."
        )
    found, count = [], 0
    for batch in x:
        images = batch[0] if isinstance(batch, tuple | list) else batch
        found.append(np.asarray(images))
        count += len(images)
        if samples is not None and count >= samples:
            break
    if not found:
        raise ValueError("The dataset is empty: metrics need at least one batch of real images.")
    return np.concatenate(found)[:samples]
