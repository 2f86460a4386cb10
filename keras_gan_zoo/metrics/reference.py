"""Reference set of real images for metrics of generated images."""

import hashlib
import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.metrics import extractors, specs
from keras_gan_zoo.utils import archives, checks, files


class Reference:
    """A reference set of real images, and the floor: every metric's value for other real images.

    `samples` of the images are the reference. The floor is measured with the same number of other
    images if there are enough, otherwise between two halves of the reference.

    Distances carry the extractor's name, as in `frechet_grey28`: they are comparable with those of the
    same network only. `"fid"` and `"kid"` are those of papers, on the Inception network of 2015.

    For `"memorization"`, pass the training images: they are all searched for copies, except those that
    the floor is measured with.

    Args:
        images: Real images of shape (n, h, w, c), uint8 or floats in [-1, 1].
        metrics: Any of `"frechet"`, `"kernel"`, `"prdc"`, `"inception_score"`, `"ms_ssim"`,
            `"memorization"`, and on networks of papers `"fid"`, `"fid_clean"`, `"kid"`,
            `"kid_clean"`, `"fd_dinov2"`, `"cmmd"`, as a list or as a string separated by commas.
        samples: Number of images in the reference; generated sets should have the same size.
            Defaults to `None`, which uses all images.
        extractor: Network of the metrics that are not defined on one, see
            `keras_gan_zoo.metrics.get_extractor`.
        seed: Seed of the selection of images.
        cache: Folder to store features in for later use. Defaults to `None`, which stores nothing.
        networks: Files or presets of the networks of papers, see `get_extractor`. Defaults to `None`,
            which downloads them on first use.

    Attributes:
        floor: Dict of the values of real images by name, such as `{"frechet_grey28": 0.1}`; NaN
            for a metric that needs more images.
        floor_samples: Number of images on each side of the floor's comparison.
        extractor: The `Extractor` of the metrics that are not defined on a network, or None if no
            metric needs one.

    Raises:
        ValueError: There are too few images, they do not fit the extractor, or a metric's name is
            unknown.
        ConnectionError, ImportError, OSError: See `get_extractor`.
    """

    def __init__(
        self,
        images: np.ndarray,
        metrics: str | Iterable[str] = ("frechet", "kernel"),
        samples: int | None = None,
        extractor: Any = None,
        seed: int = 0,
        cache: str | os.PathLike | None = None,
        networks: Mapping[str, Any] | None = None,
    ):
        images = np.asarray(images)
        if images.ndim != 4 or len(images) < 2:
            raise ValueError(
                "Argument `images` must be at least 2 images (n, h, w, c). Received: an array of "
                f"shape {images.shape}."
            )
        self.specs = specs.select(metrics)
        self.samples = checks.positive_integer("samples", samples or len(images))
        if self.samples > len(images):
            raise ValueError(
                f"Argument `samples` must be at most the number of real images. Received: samples="
                f"{samples} with {len(images)} images. Pass samples={len(images)} or less."
            )
        self._groups = specs.grouped(self.specs, images.shape[1:], extractor, networks)
        general = (g.extractor for g in self._groups if g.extractor and not g.network)
        self.extractor = next(general, None)
        order = np.random.default_rng(seed).permutation(len(images))
        first, second, rest = np.split(order, [self.samples, 2 * self.samples])
        if len(second) < self.samples:
            second, rest = rest, second
        self.real = self._collect_inputs(
            lambda group: images[np.concatenate([first, rest]) if group.all_images else first], cache
        )
        self.training_samples = len(first) + len(rest)
        if len(second) == self.samples:
            self.floor_samples = self.samples
            self.floor = self._measure(
                self.real, self._collect_inputs(lambda group: images[second], cache)
            )
        else:
            self._measure(self.real, self.real)  # raises for too few before anything is generated
            self.floor_samples = half = self.samples // 2
            halves = (
                [inputs.rows(rows) for inputs in self.real]
                for rows in (slice(half), slice(half, 2 * half))
            )
            self.floor = self._measure(*halves, where_possible=True)

    def _measure(self, real, fake, where_possible=False):
        """Values of lists of inputs, one of each group, in the order of `specs`."""
        values = {}
        for group, *inputs in zip(self._groups, real, fake, strict=True):
            for name, spec in group.specs.items():
                try:
                    values[name] = spec.measure(*inputs, group.extractor)
                except ValueError:
                    if not where_possible:
                        raise
                    values[name] = dict.fromkeys(spec.names(group.extractor), np.nan)
        return {k: v for name in self.specs for k, v in values[name].items()}

    def measure(self, images: np.ndarray) -> dict[str, float]:
        """Measure generated images.

        Args:
            images: Shape (n, h, w, c), floats in [-1, 1].

        Returns:
            Values by name. The standard error of a kernel distance is left out for sets of fewer
            than 3 images.
        """
        return self._measure(self.real, self._collect_inputs(lambda group: images))

    def figures(self, images: np.ndarray) -> dict[str, Any]:
        """Measure generated images and describe the comparison, ready for JSON.

        Args:
            images: Shape (n, h, w, c), floats in [-1, 1].

        Returns:
            Dict of `"values"`, `"floor"`, `"samples"` (numbers of images), `"extractor"` (name and
            SHA-256) and, if there are metrics with networks of their own, `"networks"` (the same by
            metric); NaN is None.
        """
        samples = {"real": self.samples, "fake": len(images), "floor": self.floor_samples}
        if any(group.all_images for group in self._groups):
            samples["training"] = self.training_samples
        figures = {
            "values": _nan_to_none(self.measure(images)),
            "floor": _nan_to_none(self.floor),
            "samples": samples,
            "extractor": self.extractor and _described(self.extractor),
        }
        networks = {
            name: _described(group.extractor)
            for group in self._groups
            for name, spec in group.specs.items()
            if spec.network
        }
        return figures | ({"networks": networks} if networks else {})

    def _collect_inputs(self, images_of, cache=None):
        """Inputs of each group from the images that a function of the group gives."""
        extracted = {}  # groups can share the extractor and, if there are as many, the images

        def inputs(group):
            images, extractor = images_of(group), group.extractor

            def extract(images):
                key = id(extractor), len(images)
                if key not in extracted:
                    extracted[key] = _features(extractor, images, cache)
                return extracted[key]

            return specs.collect_inputs(images, group, extract)

        return [inputs(group) for group in self._groups]


def _described(extractor):
    return {"name": extractor.name, "sha256": extractor.digest}


def _features(extractor, images, cache):
    if cache is None:
        return extractor(images)
    path = Path(cache) / f"{_digest(images)}-{extractor.digest[:16]}.npz"
    return _load_features(path) or _store_features(extractor(images), path)


def _nan_to_none(values):
    return {name: None if np.isnan(value) else value for name, value in values.items()}


def _digest(images):
    digest = hashlib.sha256(str((images.shape, images.dtype)).encode())
    digest.update(np.ascontiguousarray(images).data)
    return digest.hexdigest()[:16]


def _load_features(path):
    """Features from a file, or None if it is missing or, with a warning, damaged."""
    try:
        archives.check_zip(path)
        with open(path, "rb") as opened, np.load(opened) as file:
            arrays = dict(file)
        if "sha256" not in arrays:  # of an earlier version
            return None
        if str(arrays.pop("sha256")) != _digest_of(arrays):
            raise ValueError("its contents differ from its checksum")
        return extractors.Features(arrays["features"], arrays.get("logits"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:
        # NumPy's parser and the decompression raise errors of any type on damaged files.
        warnings.warn(
            f"The features of the real images in {str(path)!r} are damaged ({files.printable(error)}) "
            "and are computed again.",
            stacklevel=2,
        )
        return None


def _store_features(features, path):
    """Write features to a file, with a warning if that fails, and return them."""
    arrays = {name: array for name, array in features._asdict().items() if array is not None}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path) as temporary:
            np.savez(temporary, **arrays, sha256=_digest_of(arrays))
    except OSError as error:
        needed = sum(array.nbytes for array in arrays.values())
        warnings.warn(
            f"The features of the real images could not be stored in {str(path)!r}, which takes "
            f"{needed:,} bytes: {files.printable(error)}. They are computed again in the next run.",
            stacklevel=2,
        )
    return features


def _digest_of(arrays):
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {_digest(arrays[name])}".encode())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Default folder for features: `keras_gan_zoo` in Keras' own folder (`KERAS_HOME`)."""
    return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "keras_gan_zoo"


def real_images(x: Any, samples: int | None = None) -> np.ndarray:
    """Read the images from data for `fit` or `evaluate`.

    Args:
        x: An array, an `ImageDataset`, a `PairDataset` (its targets), or an iterable of batches that
            can be read more than once.
        samples: Maximum number of images. Defaults to `None`, which reads all.

    Returns:
        Images of shape (n, h, w, c).

    Raises:
        ValueError: `x` is a generator, which can be read only once, or it is empty.
    """
    for name in ("images", "targets"):
        if hasattr(x, name):
            images = getattr(x, name)
            return images[evenly_spaced(len(images), samples)]
    if hasattr(x, "shape"):
        return np.asarray(x)[evenly_spaced(len(x), samples)]
    if iter(x) is x:
        raise ValueError(
            "Real images for metrics must come from data that can be read more than once. Received: a "
            f"{type(x).__name__}. Pass an array or a dataset."
        )
    batches, count = [], 0
    for batch in x:
        images = batch[0] if isinstance(batch, tuple | list) else batch
        batches.append(np.asarray(images))
        count += len(images)
        if samples is not None and count >= samples:
            break
    if not batches:
        raise ValueError("The dataset is empty: metrics need at least one batch of real images.")
    return np.concatenate(batches)[:samples]
