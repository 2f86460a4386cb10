"""What the page does with a model that makes images from noise: sample, move, keep, mix, walk."""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from keras_gan_zoo import latent
from keras_gan_zoo.explorer.points import Point, controls, default_labels
from keras_gan_zoo.latent.common import check_model
from keras_gan_zoo.models.noise_to_image.labels import Attributes
from keras_gan_zoo.utils import checks

TRUNCATION = "truncation"
_MIX_STEPS = 100


class LatentExplorer:
    """A model that makes images from noise, with the latents that a person picks, keeps and mixes.

    `base` is the picked point; `point` is `base` moved along the directions, and the one whose image is
    shown and kept. Explorers of the same model share nothing else.

    Args:
        model: a `NoiseToImage`.
        directions: arrays (latent_dim,) by name. Defaults to none.

    Attributes:
        controls: `Number` and `Choice` by name: class or attributes of a conditional model, codes of
            `InfoGAN`.
        directions: arrays (latent_dim,) by name.
        amounts: floats by direction, in lengths of the direction.
        has_styles: whether the model has truncation and style mixing, as `StyleGAN2`.
        samples, kept: lists of `Point`.

    Raises:
        TypeError: the model does not make images from noise.
        ValueError: a direction has the name of another control.
    """

    def __init__(self, model, directions: Mapping[str, np.ndarray] | None = None):
        check_model(model)
        self.model, self.directions = model, dict(directions or {})
        self.has_styles, self.truncation = model.has_styles, 1.0
        self.controls = controls(model)
        clash = {*self.controls, TRUNCATION} & {*self.directions}
        if clash:
            raise ValueError(
                f"Argument `directions` must not use the name of another control. Received: {clash}."
            )
        self.samples: list[Point] = []
        self.kept: list[Point] = []
        self.sample(1, seed=0)
        self.pick(self.samples[0])

    def sample(self, n: int, seed: int, alike: bool = False) -> np.ndarray:
        """Draw n random points into `samples`, and return their images (n, height, width, channels).

        Args:
            n: positive integer.
            seed: integer of 0 or more; see `NoiseToImage.generate`.
            alike: whether they have the labels and codes of `base`. Otherwise classes are 0, 1, 2, ...
                repeated, and codes are random.
        """
        n, seed = checks.positive_integer("n", n), checks.non_negative_integer("seed", seed)
        labels = [None] * n if self.model.condition is None else default_labels(self.model, n)
        points = [Point(*pair) for pair in zip(self.model.latents(n, seed), labels, strict=True)]
        self.samples = [self._alike(point) if alike else point for point in points]
        return self.images(self.samples)

    def _alike(self, point):
        for control in self.controls.values():
            if (value := control.read(self.base)) is not None:
                point = control.write(point, value)
        return point

    def pick(self, point: Point) -> None:
        """Make a point the `base`, with no move along the directions."""
        self.base = point
        self.amounts = dict.fromkeys(self.directions, 0.0)

    def set(self, name: str, value: float) -> None:
        """Set a control, the amount of a direction, or `"truncation"` (see `StyleGAN2.generate`)."""
        if name in self.controls:
            self.base = self.controls[name].write(self.base, value)
        elif name == TRUNCATION and self.has_styles:
            self.truncation = checks.finite(name, value)
        else:
            checks.one_of("name", name, self.directions)
            self.amounts[name] = checks.finite(name, value)

    @property
    def point(self) -> Point:
        moves = (amount * self.directions[name] for name, amount in self.amounts.items())
        return self.base._replace(latents=sum(moves, self.base.latents).astype("float32"))

    def image(self) -> np.ndarray:
        """Return the image of `point`, (height, width, channels) in [-1, 1]."""
        return self.images([self.point])[0]

    def images(self, points: Sequence[Point]) -> np.ndarray:
        """Return the images of points, (n, height, width, channels) in [-1, 1]."""
        options = {TRUNCATION: self.truncation} if self.has_styles else {}
        return self.model.generate(**self._inputs(points), **options)

    def _inputs(self, points):
        """Return the arguments `latents` and `labels` of `generate`."""
        latents = np.stack([point.latents for point in points])
        if self.model.condition is None:
            return {"latents": latents}
        labels = np.stack([point.label for point in points])
        # A mixture of classes takes a network of its own, which a framework may have to compile.
        is_exact = not isinstance(self.model.condition, Attributes) and (labels.max(1) == 1.0).all()
        return {"latents": latents, "labels": labels.argmax(1) if is_exact else labels}

    def keep(self) -> None:
        """Append `point` to `kept`."""
        self.kept.append(self.point)

    def save(self, path: str | os.PathLike) -> None:
        """Write the kept points as an `.npz` with the arguments of `generate`, `latents` and `labels`.

        Raises:
            ValueError: nothing is kept.
        """
        if not self.kept:
            raise ValueError("There is nothing to save: keep a picture first.")
        np.savez(path, **self._inputs(self.kept))

    def mix(self, first: int, second: int, fraction: float) -> None:
        """Pick a point between two kept ones, on the way of `walk`.

        Args:
            first, second: indices in `kept`.
            fraction: float in [0, 1], 0 for the first point and 1 for the second.

        Raises:
            ValueError: an index or the fraction is out of range.
        """
        frame = round(checks.fraction("fraction", fraction) * _MIX_STEPS)
        self.pick(self._way(first, second, _MIX_STEPS + 1)[frame])

    def walk(self, first: int, second: int, frames: int, loop: bool = False) -> np.ndarray:
        """Return the images of a walk between two kept points, (frames, height, width, channels).

        Args:
            first, second: indices in `kept`.
            frames: integer of 2 or more.
            loop: whether it returns to the first point, see `latent.walk`.

        Raises:
            ValueError: an argument is out of range.
        """
        return self.images(self._way(first, second, frames, loop))

    def _way(self, first, second, frames, loop=False):
        latents, labels = zip(*self.pair(first, second), strict=True)
        labels = None if self.model.condition is None else np.stack(labels)
        walk = latent.walk(self.model, frames, latents=np.stack(latents), labels=labels, loop=loop)
        labels = [None] * frames if walk.labels is None else walk.labels
        return [Point(*pair) for pair in zip(walk.latents, labels, strict=True)]

    def pair(self, first: int, second: int) -> list[Point]:
        """Return two kept points.

        Raises:
            ValueError: an index is out of range.
        """
        if not all(index is not None and 0 <= index < len(self.kept) for index in (first, second)):
            raise ValueError(
                "Two pictures are needed: keep them, then choose the first and the second."
            )
        return [self.kept[first], self.kept[second]]

    def mix_styles(self, first: int, second: int, cut: int) -> np.ndarray:
        """Return images of the first kept point, of its coarse styles with the fine styles of the
        second, and of the second: (3, height, width, channels). Only with `has_styles`.

        Args:
            first, second: indices in `kept`.
            cut: integer in 1..style_count - 1, index of the first fine style.

        Raises:
            ValueError: an argument is out of range.
        """
        checks.one_of("cut", cut, range(1, self.model.style_count))
        inputs = self._inputs(self.pair(first, second))
        coarse, fine = self.model.styles(**inputs, truncation=self.truncation)
        mixed = np.concatenate([coarse[:cut], fine[cut:]])
        return self.model.synthesize(np.stack([coarse, mixed, fine]))
