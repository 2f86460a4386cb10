"""Inputs of a generator for one image, and controls that read and write parts of them."""

import dataclasses
from typing import NamedTuple

import numpy as np

from keras_gan_zoo.models.noise_to_image.labels import Attributes
from keras_gan_zoo.utils import checks


class Point(NamedTuple):
    """Inputs of the generator for one image.

    Args:
        latents: float32 (latent_dim,).
        label: None without labels; float32 (num_classes,), weights of the classes, or (attributes,).
    """

    latents: np.ndarray
    label: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Number:
    """Control of one number of a `Point`, such as an attribute.

    Args:
        part: "latents" or "label".
        index: position of the number in this part.
        low, high: range of the control.
    """

    part: str
    index: int
    low: float
    high: float

    def read(self, point: Point) -> float:
        """Return the number."""
        return float(getattr(point, self.part)[self.index])

    def write(self, point: Point, value: float) -> Point:
        """Return a point with another number."""
        return _replaced(point, self.part, self.index, checks.finite("value", value))


@dataclasses.dataclass(frozen=True)
class Choice:
    """Control of a one-hot part of a `Point`, such as the class.

    Args:
        part: "latents" or "label".
        where: slice of this part.
    """

    part: str
    where: slice

    @property
    def count(self) -> int:
        """Number of choices, which are 0..count - 1."""
        return self.where.stop - self.where.start

    def read(self, point: Point) -> int | None:
        """Return the choice, None for a mixture."""
        weights = getattr(point, self.part)[self.where]
        return int(weights.argmax()) if weights.max() == 1.0 else None

    def write(self, point: Point, value: int) -> Point:
        """Return a point with another choice."""
        checks.one_of("value", value, range(self.count))
        return _replaced(point, self.part, self.where, np.eye(self.count)[value])


def default_labels(model, n: int) -> np.ndarray:
    """Return the labels of n samples of a conditional model as vectors: classes, or single attributes,
    in turn. float32 (n, num_classes) or (n, attributes)."""
    rows = model.condition.rows()
    return model.condition.vectors(n, rows[np.arange(n) % len(rows)])


def controls(model) -> dict[str, "Number | Choice"]:
    """Return the controls of the labels and the codes of a `NoiseToImage` by name."""
    return _label_controls(model) | _code_controls(model)


def _label_controls(model):
    condition = model.condition
    if condition is None:
        return {}
    if not isinstance(condition, Attributes):
        return {"class": Choice("label", slice(0, condition.count))}
    low = 0.0 if condition.probabilities else -1.0
    return {f"attribute {i}": Number("label", i, low, 1.0) for i in range(condition.count)}


def _code_controls(model):
    parts, codes = model.latent_parts, getattr(model, "codes", None)
    if codes is None:
        return {}
    controls, start = {}, parts.categories.start
    for number, size in enumerate(codes.categorical, 1):
        controls[f"category {number}"] = Choice("latents", slice(start, start + size))
        start += size
    for number in range(codes.continuous):
        control = Number("latents", parts.numbers.start + number, -2.0, 2.0)
        controls[f"code {number + 1}"] = control
    return controls


def _replaced(point, part, where, value):
    array = getattr(point, part).copy()
    array[where] = value
    return point._replace(**{part: array})
