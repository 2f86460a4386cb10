"""Labels of conditional models: classes or vectors of attributes."""

import keras
import numpy as np
from keras import initializers, layers, ops

from keras_gan_zoo.utils import checks


class Classes:
    """Class labels: one integer in 0..count - 1 for each image.

    Args:
        count: positive integer, number of classes.

    Raises:
        ValueError: `count` is not a positive integer.
    """

    shape: tuple[int, ...] = ()
    dtype = "int32"

    def __init__(self, count: int):
        self.count = checks.positive_integer("num_classes", count)

    def input(self):
        """Symbolic Keras input for labels."""
        return keras.Input(self.shape, dtype=self.dtype, name="labels")

    def embedding(self, width: int, stddev: float = 1.0, **kwargs) -> layers.Layer:
        """Layer from labels to vectors (n, width), with normal weights.

        Args:
            width: positive integer, dimension of the vectors.
            stddev: positive float, standard deviation of the weights.
            **kwargs: see `keras.layers.Layer`.
        """
        normal = initializers.RandomNormal(0.0, stddev)
        return layers.Embedding(self.count, width, embeddings_initializer=normal, **kwargs)

    def tensor(self, labels):
        """Convert labels of a batch to the shape and dtype of the network input."""
        return ops.cast(ops.reshape(labels, (-1, *self.shape)), self.dtype)

    def check(self, labels: np.ndarray) -> None:
        """Raise ValueError unless `labels` are integers in 0..count - 1, shape (n,) or (n, 1)."""
        shape, kind = np.shape(labels), labels.dtype.kind
        is_valid = kind in "iu" and labels.size and (len(shape) == 1 or shape[1:] == (1,))
        if not is_valid or labels.min() < 0 or labels.max() >= self.count:
            value_range = f" in {labels.min()}..{labels.max()}" if labels.size and kind in "iuf" else ""
            raise ValueError(
                f"Labels must be integers in 0..{self.count - 1}, shape (n,). Received: {labels.dtype} "
                f"of shape {shape}{value_range}. Use np.argmax(labels, axis=1) for one-hot labels, or "
                "create the model with another `num_classes`."
            )

    def pick(self, n: int, labels=None) -> np.ndarray:
        """Validated labels, one for each of n images. `None` stands for 0, 1, 2, ... repeated."""
        if labels is None:
            return np.arange(n, dtype=self.dtype) % self.count
        labels = np.asarray(labels)
        is_single = labels.ndim == len(self.shape)
        self.check(labels[None] if is_single else labels)
        if not is_single and labels.shape != (n, *self.shape):
            raise ValueError(
                f"Argument `labels` must be one for all, or one for each of the {n} images. Received: "
                f"shape {labels.shape}."
            )
        return np.broadcast_to(labels.astype(self.dtype), (n, *self.shape))

    def rows(self) -> np.ndarray:
        """Default labels of the rows of an image grid: all classes."""
        return np.arange(self.count, dtype=self.dtype)

    def is_mixture(self, labels) -> bool:
        """Whether `labels` are class weights, floats (n, count), in place of classes."""
        labels = np.asarray(0 if labels is None else labels)
        return labels.dtype.kind == "f" and labels.shape[1:] == (self.count,)

    def vectors(self, n: int, labels=None) -> np.ndarray:
        """Labels or class weights as vectors that can be interpolated, float32 (n, count).

        Args:
            n: number of images.
            labels: labels as in `pick`, or class weights (n, count).

        Raises:
            ValueError: weights do not sum to 1, or labels are invalid.
        """
        if not self.is_mixture(labels):
            return np.eye(self.count, dtype="float32")[self.pick(n, labels)]
        weights = np.asarray(labels, "float32")
        sums = weights.sum(1)
        if weights.shape[0] != n or not np.allclose(sums, 1.0, atol=1e-3):
            raise ValueError(
                f"Class weights must have the shape ({n}, {self.count}), and each row the sum 1. "
                f"Received: shape {weights.shape}, sums {sums.min():g}..{sums.max():g}. Divide them by "
                "`weights.sum(1, keepdims=True)`, or pass classes as integers."
            )
        return weights


class Attributes(Classes):
    """Attribute labels: one vector of finite numbers, such as 0 and 1, for each image.

    Args:
        count: positive integer, number of attributes.
        probabilities: whether all numbers must be in [0, 1].

    Raises:
        ValueError: `count` is not a positive integer.
    """

    dtype = "float32"

    def __init__(self, count: int, probabilities: bool = False):
        self.count = checks.positive_integer("attributes", count)
        self.probabilities = probabilities
        self.shape = (self.count,)

    def embedding(self, width: int, stddev: float = 1.0, **kwargs) -> layers.Layer:
        """Linear layer from attributes to vectors (n, width), see `Classes.embedding`."""
        normal = initializers.RandomNormal(0.0, stddev)
        return layers.Dense(width, use_bias=False, kernel_initializer=normal, **kwargs)

    def check(self, labels: np.ndarray) -> None:
        """Raise ValueError unless `labels` are finite numbers of shape (n, count)."""
        if labels.dtype.kind not in "biuf" or labels.shape[1:] != self.shape or not len(labels):
            raise ValueError(
                f"Attributes must be numbers of shape (n, {self.count}). Received: {labels.dtype} of "
                f"shape {labels.shape}. Create the model with another `attributes`, or with "
                "`num_classes` if each image has one of several classes."
            )
        if not np.isfinite(labels).all():
            index = int(np.argmin(np.isfinite(labels).all(axis=1)))
            raise ValueError(
                "Attributes must be finite: a single NaN or infinity makes all weights NaN. Received: "
                f"{labels[index]} for image {index}. Remove the image, or fill in the missing values."
            )
        if self.probabilities and not 0 <= labels.min() <= labels.max() <= 1:
            raise ValueError(
                "Attributes must be in [0, 1] for an auxiliary classifier. Received: "
                f"{labels.min():g}..{labels.max():g}. Scale them, or create the model with another "
                "`conditioning`."
            )

    def pick(self, n: int, labels=None) -> np.ndarray:
        """Validated attributes, one vector for each of n images."""
        if labels is None:
            raise ValueError(
                f"Argument `labels` must be given to a model with attributes: vectors of {self.count} "
                f"numbers. Received: None. Pass an array ({self.count},) for all images, or "
                f"({n}, {self.count})."
            )
        return super().pick(n, labels)

    def rows(self) -> np.ndarray:
        """Default labels of the rows of an image grid: one attribute each."""
        return np.eye(self.count, dtype=self.dtype)

    def is_mixture(self, labels) -> bool:
        """Always False: vectors of attributes can be interpolated directly."""
        return False

    def vectors(self, n: int, labels=None) -> np.ndarray:
        """Attributes are vectors already, see `pick`."""
        return self.pick(n, labels)
