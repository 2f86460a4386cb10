"""What the page does with a model that makes pictures from pictures: translation, style transfer."""

import os
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_gan_zoo.data import pictures
from keras_gan_zoo.models.image_to_image.base import ImageToImage
from keras_gan_zoo.models.style_transfer.inputs import normalize_style_weights
from keras_gan_zoo.models.style_transfer.johnson import FastStyleTransfer
from keras_gan_zoo.utils import checks

_STYLE_SIZE = 512  # as `keras-gan-zoo style`


class PictureExplorer:
    """A model that makes pictures from pictures: an `ImageToImage` or a `FastStyleTransfer`.

    Args:
        model: the model.

    Attributes:
        directions: names for `apply`; empty if there is only one.
        styles: number of styles, 0 for models that translate.
        step: sides of pictures are multiples of this number.
        size: default of the longer side in pixels.

    Raises:
        TypeError: a model of another kind.
        ValueError: its images are neither grey nor RGB.
    """

    def __init__(self, model):
        self.model = model
        if isinstance(model, FastStyleTransfer):
            self.directions, self.styles, self.step, self.size = (), model.styles, 1, _STYLE_SIZE
            self.channels = model.image_shape[2]
        elif isinstance(model, ImageToImage):
            self.directions = tuple(model.directions) if len(model.directions) > 1 else ()
            self.styles, self.step, self.size = 0, model.size_multiple, max(model.image_shape[:2])
            self.channels = model.network().input_shape[-1]
        else:
            raise TypeError(
                "Argument `model` must make images from noise, translate images, or be a "
                f"FastStyleTransfer. Received: {type(model).__name__}. For a StyleTransfer, use "
                "`keras-gan-zoo style`."
            )
        if self.channels not in (1, 3):
            raise ValueError(
                "Argument `model` must take grey or RGB pictures, as files have no others. Received: "
                f"{self.channels} channels."
            )

    def read(self, path: str | os.PathLike, size: int) -> np.ndarray:
        """Read a picture file upright, in its aspect ratio as far as `step` allows.

        Args:
            path: a picture file.
            size: positive integer, pixels of the longer side, rounded to a multiple of `step`.

        Returns:
            float32 (height, width, channels) in [-1, 1].

        Raises:
            ValueError: the file cannot be read.
        """
        size = checks.positive_integer("size", size)
        try:
            with pictures.open_picture(path) as image:
                ImageOps.exif_transpose(image, in_place=True)
                return pictures.scaled(
                    pictures.from_pillow(image, self._sides(image, size), self.channels)
                )
        except Exception as error:
            # Pillow's decoders raise errors of any type on broken files.
            unknown = isinstance(error, UnidentifiedImageError)
            reason = "its format is unknown, or it is damaged" if unknown else str(error)[:100]
            raise ValueError(f"This picture cannot be read: {reason}.") from error

    def _sides(self, image: Image.Image, size):
        scale = size / max(image.size)
        return tuple(
            self.step * max(1, round(side * scale / self.step)) for side in (image.height, image.width)
        )

    def apply(
        self,
        path: str | os.PathLike,
        size: int,
        direction: str = "a_to_b",
        style_weights: Sequence[float] = (),
        seed: int = 0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Translate a picture file, or apply styles to it.

        Args:
            path, size: see `read`.
            direction: see `ImageToImage.translate`.
            style_weights: numbers of 0 or more, weights of the styles, scaled to a sum of 1.
            seed: seed of a model's dropout.

        Returns:
            The picture as the model takes it, and the result: float32 (height, width, channels) in
            [-1, 1].

        Raises:
            ValueError: the file cannot be read, or an argument is invalid.
        """
        picture = self.read(path, size)
        if self.styles:
            weights = normalize_style_weights(style_weights, self.styles)
            return picture, self.model.translate(picture[None], weights)[0]
        return picture, self.model.translate(picture[None], direction, seed)[0]
