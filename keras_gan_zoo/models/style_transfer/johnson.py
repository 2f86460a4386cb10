"""Feed-forward style transfer network (Johnson et al. 2016, arXiv 1603.08155)."""

from types import MappingProxyType

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.export import graphs
from keras_gan_zoo.models.style_transfer import inputs
from keras_gan_zoo.models.style_transfer import losses as style_losses
from keras_gan_zoo.models.style_transfer import memory as memory_estimates
from keras_gan_zoo.models.style_transfer.base import PerceptualModel, Targets
from keras_gan_zoo.networks import resnet
from keras_gan_zoo.training import argument_checks, building, data_checks
from keras_gan_zoo.training.feeding import feed
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class FastStyleTransfer(PerceptualModel):
    """Feed-forward style transfer network (Johnson et al. 2016, arXiv 1603.08155).

    A residual generator is trained on a set of images with the losses of `StyleTransfer`, for one or
    several fixed styles; `translate` then applies a style to images of any size in one pass. Styles
    share all convolutions and have a scale and an offset of their own in every normalization layer
    (Dumoulin et al. 2016, arXiv 1610.07629). `compile()` uses Adam with a learning rate of 1e-3.

    Differences from the paper: instance normalization (Ulyanov et al. 2016, arXiv 1607.08022), residual
    blocks with reflection padding instead of cropping, `"resize"` upsampling by default, 7x7 instead of
    9x9 convolutions, and the losses of `StyleTransfer`.

    Args:
        image_shape: (height, width, channels) of the training images. Sides must be multiples of 4.
        styles: positive integer, number of styles.
        width: positive integer, channels of the generator's first layer.
        blocks: positive integer, number of residual blocks.
        upsampling: `"resize"`, nearest-neighbour upsampling and a convolution, or `"transposed"`
            convolutions, which leave checkerboard artefacts.
        network, content_layers, style_layers, preprocess: see `StyleTransfer`.
        seed: integer, seed of the weights and of the random assignment of styles to images. Defaults
            to `None`, which differs in every run unless `keras.utils.set_random_seed` was called.

    Batches: images, floats in [-1, 1], shape (batch, *image_shape). A second element is ignored.

    Raises:
        ValueError: an invalid size, an unknown layer, or an invalid argument.
        ConnectionError: the weights of VGG19 cannot be downloaded; the message names the alternative.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> photos = kgz.data.load("photos", image_size=256, batch_size=4)
    >>> model = kgz.FastStyleTransfer(photos.image_shape, network="rgb64")
    >>> model.compile()
    >>> model.fit(photos, kgz.data.picture("painting.jpg", size=256), epochs=2)
    >>> painted = model.translate(kgz.data.picture("mine.jpg")[None])
    """

    export_options = ("image_size",)

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        styles: int = 1,
        width: int = 32,
        blocks: int = 5,
        upsampling: str = "resize",
        network: str | keras.Model = "vgg19",
        content_layers=None,
        style_layers=None,
        preprocess: str | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        image_shape = checks.image_shape(image_shape)
        resnet.check_size(image_shape)
        super().__init__(network, content_layers, style_layers, preprocess, seed, **kwargs)
        self.image_shape = image_shape
        if self.image_shape[2] != self.perception.channels:
            raise ValueError(
                f"Argument `image_shape` must have the {self.perception.channels} channels that the "
                f"network takes. Received: image_shape={image_shape}."
            )
        self.styles = checks.positive_integer("styles", styles)
        self.width = checks.positive_integer("width", width)
        self.blocks = checks.positive_integer("blocks", blocks)
        self.upsampling = checks.one_of("upsampling", upsampling, resnet.UPSAMPLING)
        channels = self.image_shape[2]
        with building.network_scope(seed, self.dtype_policy):
            self.generator = resnet.resnet(
                channels, channels, width, blocks, upsampling, "generator", styles
            )
        self.seed_generator = keras.random.SeedGenerator(seed)
        features = self.perception.feature_shapes((1, *self.image_shape))
        grams = {
            name: self.add_weight(
                (styles, *2 * features[name][-1:]), "zeros", trainable=False, name=f"{name}_grams"
            )
            for name in self.perception.style_layers
        }
        self._style_grams = MappingProxyType(grams)
        self._training_data = MappingProxyType({})

    def default_optimizer(self):
        return keras.optimizers.Adam(1e-3)

    def preset_network(self):
        return self.generator

    def export_graph(self, image_size=None):
        network = graphs.copied(self.generator)
        return graphs.of_translator(network, self.image_shape, image_size, resnet.STEP, self.styles)

    def trained_variables(self):
        return self.generator.trainable_variables

    def call(self, inputs, training=None):
        """Apply the generator to `[images, style weights]` of shapes (n, h, w, c) and (n, styles)."""
        return self.generator(inputs, training=training)

    def fit(
        self,
        x=None,
        style=None,
        batch_size=None,
        epochs: int = 1,
        *,
        memory: float | None = None,
        **kwargs,
    ):
        """Train on images, see `keras.Model.fit`.

        Args:
            x: images: numpy array, `kgz.data.load`, `tf.data`, `keras.utils.PyDataset` or torch
                `DataLoader`, in batches as described by the class.
            style: one image, or a list of `styles` images, of any sizes. Defaults to `None`, which
                keeps the styles of the model.
            batch_size: images per step for arrays. Defaults to `None`, which is 32; the paper uses 4.
            epochs: number of passes over the data.
            memory: see `StyleTransfer.fit`.
            **kwargs: see `keras.Model.fit`.

        Returns:
            The `History` of the training.

        Raises:
            ValueError: the model is not compiled or has no style, or the data is invalid.
        """
        self.check_compiled()
        argument_checks.check_fit(self, x, batch_size, epochs, kwargs)
        x = data_checks.training_images(x, self.image_shape, batch_size)
        batch, x, whole = data_checks.peek(x)
        size = (
            (batch_size or 32) if whole else len(batch[0] if isinstance(batch, tuple | list) else batch)
        )
        self.check_memory((size, *self.image_shape), memory, "A batch of pictures")
        self._set_styles(style, memory)
        self._training_data = MappingProxyType({"x": x})
        try:
            return super().fit(**feed(x, None, batch_size, epochs=epochs, **kwargs))
        finally:
            self._training_data = MappingProxyType({})

    def extra_training_bytes(self, shape):
        return memory_estimates.GENERATOR_FACTOR * memory_estimates.output_bytes(self.generator, shape)

    def _set_styles(self, style, memory):
        """Compute and store the Gram matrices of the styles."""
        if style is None:
            if not all(ops.convert_to_numpy(grams).any() for grams in self._style_grams.values()):
                raise ValueError("`fit` needs a style: `fit(pictures, style)`. Received: style=None.")
            return
        pictures = inputs.check_styles(style, self.perception.channels)
        if len(pictures) != self.styles:
            raise ValueError(
                f"Argument `style` must hold as many pictures as the model has styles, {self.styles}. "
                f"Received: {len(pictures)}. Create the model with styles={len(pictures)}."
            )
        for picture in pictures:
            self.check_memory((1, *picture.shape), memory, "A style", training=False)
        grams = [self.style_grams(picture) for picture in pictures]
        for name, variable in self._style_grams.items():
            variable.assign(np.stack([by_layer[name] for by_layer in grams]))

    @backend.train_step
    def train_step(self, data):
        images, *_ = keras.utils.unpack_x_y_sample_weight(data)
        images = ops.cast(images, self.variable_dtype)
        style_weights = self._sample_style_weights(ops.shape(images)[0])
        contents = self.perception(images) if "content" in self._loss_weights else {}
        targets = Targets(
            contents=contents,
            mean_squares={name: style_losses.mean_square(x) for name, x in contents.items()},
            grams={name: grams[None] for name, grams in self._style_grams.items()},
            style_weights=style_weights,
        )

        def objective():
            outputs = ops.cast(self.generator([images, style_weights], training=True), images.dtype)
            return ops.mean(self.perceptual_loss(outputs, targets))

        self.minimize(objective, self.trained_variables())
        return self.get_metrics_result()

    def _sample_style_weights(self, n):
        """One-hot weights (n, styles) of a random style for each image."""
        index = keras.random.randint((n,), 0, self.styles, seed=self.seed_generator)
        return ops.one_hot(index, self.styles, dtype=self.variable_dtype)

    def translate(
        self, images, style=0, batch_size: int = 1, *, memory: float | None = None
    ) -> np.ndarray:
        """Apply a style to images.

        Args:
            images: floats in [-1, 1], (n, height, width, channels), of any size.
            style: index of a style from 0, or weights (styles,) that mix several styles.
            batch_size: images per pass of the network.
            memory: see `StyleTransfer.fit`.

        Returns:
            float32 array of the shape of `images`, in [-1, 1].

        Raises:
            ValueError: an unknown style, or invalid images. Raised before any computation.
        """
        images = np.asarray(images)
        data_checks.check_images(images, (None, None, self.image_shape[2]))
        weights = self._style_weights(style)
        n, height, width, _ = images.shape
        sides = [
            max(2 * resnet.STEP, -(-side // resnet.STEP) * resnet.STEP) for side in (height, width)
        ]
        shape = (min(n, batch_size), *sides, images.shape[3])
        outputs = memory_estimates.output_bytes(self.generator, shape)
        needed = memory_estimates.INFERENCE_FACTOR * outputs
        memory_estimates.check(needed, shape, memory, "A picture")
        padding = [(0, 0), (0, sides[0] - height), (0, sides[1] - width), (0, 0)]
        padded = np.pad(images.astype("float32"), padding, mode="reflect")
        backend.sync(self)
        generator_inputs = [padded, np.tile(weights, (n, 1))]
        outputs = backend.predict(self.generator, generator_inputs, batch_size)
        return outputs[:, :height, :width].astype("float32")

    def _style_weights(self, style):
        """Weights (styles,) for an index or for weights."""
        index = checks.integer(style)
        if index is not None and 0 <= index < self.styles:
            return np.eye(self.styles, dtype="float32")[index]
        weights = np.asarray(style)
        if weights.shape != (self.styles,) or weights.dtype.kind not in "iuf":
            raise ValueError(
                f"Argument `style` must be a number from 0 to {self.styles - 1}, or {self.styles} "
                f"weights of styles. Received: style={style!r}."
            )
        return weights.astype("float32")

    def generate_grid(self, most: int = 64, labels=None, seed: int | None = None):
        """Training images beside their outputs in each style, and the number of columns of the grid.

        Args:
            most: approximate maximum number of images; there is at least one row.
            labels, seed: ignored.

        Raises:
            ValueError: no training is in progress, or its data cannot be read again.
        """
        data = self._training_data.get("x")
        images = getattr(data, "images", data)
        if not hasattr(images, "shape"):
            raise ValueError(
                "Grids are only available during `fit`, for data that can be read again. Otherwise, "
                "call `translate`."
            )
        rows = max(1, min(8, most // (1 + self.styles), len(images)))
        originals = scaled(ops.convert_to_numpy(images[evenly_spaced(len(images), rows)]))
        columns = [originals, *(self.translate(originals, style) for style in range(self.styles))]
        return np.stack(columns, 1).reshape(-1, *originals.shape[1:]), len(columns)

    def get_config(self):
        own = ("styles", "width", "blocks", "upsampling")
        return {
            **super().get_config(),
            "image_shape": list(self.image_shape),
            **{name: getattr(self, name) for name in own},
        }
