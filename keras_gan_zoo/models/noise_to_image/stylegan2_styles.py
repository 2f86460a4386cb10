"""Style operations of StyleGAN2: truncation, mixing and projection."""

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.export import graphs
from keras_gan_zoo.models.noise_to_image import stylegan2_projection
from keras_gan_zoo.utils import checks


class StyleSpace:
    """Mixin of a `NoiseToImage` with style operations.

    The generator must have two submodels: "mapping" from latents to styles (n, latent_dim), whose layer
    "mean" tracks the mean of the styles, and "synthesis" from styles (n, style_count, latent_dim) to
    images.
    """

    export_options = ("truncation",)

    @property
    def style_count(self) -> int:
        """Number of style inputs of an image."""
        return self.synthesis.input_shape[1]

    @property
    def mapping(self) -> keras.Model:
        """Network from latents, or `[latents, labels]`, to styles."""
        return self.generator.get_layer("mapping")

    @property
    def synthesis(self) -> keras.Model:
        """Network from styles (n, style_count, latent_dim) to images."""
        return self.generator.get_layer("synthesis")

    def generate(
        self, n=None, labels=None, latents=None, seed=None, batch_size=64, truncation: float = 1.0
    ) -> np.ndarray:
        """As `NoiseToImage.generate`, with truncation, and outputs clipped to [-1, 1].

        Args:
            n, labels, latents, seed, batch_size: see `NoiseToImage.generate`.
            truncation: see `styles`.
        """
        styles = self.styles(n, labels, latents, seed, batch_size, truncation)
        return self.synthesize(styles, batch_size)

    def styles(
        self, n=None, labels=None, latents=None, seed=None, batch_size=64, truncation: float = 1.0
    ) -> np.ndarray:
        """Styles for `synthesize`: float32 (n, style_count, latent_dim).

        Args:
            n, labels, latents, seed, batch_size: see `generate`.
            truncation: float, factor of the distance of styles from their mean (psi in the paper). 1 is
                no truncation; lower values such as 0.7 give less variety and fewer artefacts; with 0,
                all images are equal.
        """
        truncation = checks.finite("truncation", truncation)
        mapping, mean = self.best_generator().get_layer("mapping"), self._mean_style()
        styles = self.network_outputs(mapping, n, labels, latents, seed, batch_size)
        styles = mean + truncation * (styles - mean)
        return np.repeat(styles[:, None], self.style_count, 1)

    def synthesize(self, styles, batch_size: int = 64) -> np.ndarray:
        """Images for styles.

        Args:
            styles: array (n, style_count, latent_dim), or (n, latent_dim) for the same style in all
                layers.
            batch_size: images per pass of the network.

        Returns:
            float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: `styles` have the wrong shape.
        """
        styles = np.asarray(styles, "float32")
        if styles.ndim == 2:
            styles = np.repeat(styles[:, None], self.style_count, 1)
        if styles.ndim != 3 or styles.shape[1:] != (self.style_count, self.latent_dim):
            raise ValueError(
                f"Argument `styles` must have the shape (n, {self.style_count}, {self.latent_dim}) or "
                f"(n, {self.latent_dim}). Received: {styles.shape}. Call `model.styles(n)` for some."
            )
        synthesis = self.best_generator().get_layer("synthesis")
        images = backend.predict(synthesis, styles, batch_size)
        return np.clip(images.astype("float32"), -1.0, 1.0)

    def style_mixing(
        self,
        rows: int = 4,
        columns: int = 6,
        cut: int | None = None,
        labels=None,
        seed: int | None = None,
        truncation: float = 1.0,
    ) -> tuple[np.ndarray, int]:
        """Grid of images with the coarse styles of their row and the fine styles of their column.

        Args:
            rows, columns: positive integers, numbers of source images, which are the first column and
                the first row of the grid.
            cut: integer in 1..style_count - 1, index of the first fine style. Defaults to `None`, half
                of `style_count`.
            labels: for a conditional model, labels of the rows, then of the columns; see `generate`.
            seed, truncation: see `generate`.

        Returns:
            Images ((rows + 1) * (columns + 1), height, width, channels), the first one blank, and the
            number of columns, columns + 1: the arguments of `keras_gan_zoo.plots.grids.grid`.

        Raises:
            ValueError: a number is not positive, or `cut` is out of range.
        """
        rows = checks.positive_integer("rows", rows)
        columns = checks.positive_integer("columns", columns)
        cut = self.style_count // 2 if cut is None else checks.positive_integer("cut", cut)
        if cut >= self.style_count:
            raise ValueError(
                f"Argument `cut` must be in 1..{self.style_count - 1}. Received: cut={cut}."
            )
        styles = self.styles(rows + columns, labels, seed=seed, truncation=truncation)
        coarse, fine = styles[:rows], styles[rows:]
        mixed = np.repeat(coarse, columns, 0)
        mixed[:, cut:] = np.tile(fine, (rows, 1, 1))[:, cut:]
        images = self.synthesize(np.concatenate([fine, coarse, mixed]))
        fine, coarse, mixed = np.split(images, [columns, columns + rows])
        blank = np.ones_like(images[:1])
        mixed = mixed.reshape(rows, columns, *images.shape[1:])
        below = np.concatenate([coarse[:, None], mixed], 1).reshape(-1, *images.shape[1:])
        return np.concatenate([blank, fine, below]), columns + 1

    def exported_images(self, network, inputs, truncation: float = 1.0):
        """Return images with truncated styles, for `export`."""
        truncation, mean = checks.finite("truncation", truncation), self._mean_style()
        styles = network.get_layer("mapping")(graphs.one_or_list(inputs))
        styles = (styles - mean) * truncation + mean
        return network.get_layer("synthesis")(keras.layers.RepeatVector(self.style_count)(styles))

    def _mean_style(self):
        mapping = self.best_generator().get_layer("mapping")
        return ops.convert_to_numpy(mapping.get_layer("mean").mean)

    def project(self, images, steps: int = 500, each_layer: bool = False, rate: float = 0.1):
        """Find styles that reproduce images.

        Args:
            images: floats in [-1, 1], (n, height, width, channels).
            steps, each_layer, rate: see `stylegan2_projection.project`.

        Returns:
            float32 array (n, style_count, latent_dim) for `synthesize`.

        Raises:
            ValueError: `images` have the wrong shape, or an argument is invalid.
        """
        synthesis = self.best_generator().get_layer("synthesis")
        return stylegan2_projection.project(
            synthesis, self._mean_style(), images, self.image_shape, steps, each_layer, rate
        )
