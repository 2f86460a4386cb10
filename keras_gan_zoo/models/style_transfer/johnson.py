"""Fast style transfer: a network that paints any picture in one pass (Johnson et al. 2016)."""

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.models.style_transfer import inputs as style_inputs
from keras_gan_zoo.models.style_transfer import losses as style_losses
from keras_gan_zoo.models.style_transfer import memory as memory_of
from keras_gan_zoo.models.style_transfer.base import PerceptualModel
from keras_gan_zoo.networks import resnet
from keras_gan_zoo.training import building, data_checks
from keras_gan_zoo.training.feeding import feed
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class FastStyleTransfer(PerceptualModel):
    """A network that paints any picture in one pass (Johnson et al. 2016, arXiv 1603.08155).

    A residual generator learns, on a folder of pictures, to keep what is in them and to give them the
    style of a painting, by the losses of `StyleTransfer`; then `translate` takes pictures of any
    size. Several styles share all convolutions and have a scale and an offset each for every
    normalization (Dumoulin et al. 2016, arXiv 1610.07629). `compile()` takes Adam with a learning
    rate of 1e-3.

    Differs from the paper: instance normalization (Ulyanov et al. 2016, arXiv 1607.08022), residual
    blocks that keep their size by reflection, enlargement by resizing unless `upsampling` says
    otherwise, convolutions of 7x7 where it has 9x9, and losses as in `StyleTransfer`.

    Args:
        image_shape: (height, width, channels) of the training pictures, with sides that are multiples
            of 4.
        styles: how many it learns.
        width: channels of the first layer of the generator.
        blocks: residual blocks.
        upsampling: `"resize"`: nearest-neighbour enlargement and a convolution; or `"transposed"`
            convolutions, which leave checkerboards.
        network, content_layers, style_layers, preprocess: see `StyleTransfer`.
        seed: of the weights and of which picture gets which style. None: different in every run,
            unless `keras.utils.set_random_seed` was called.

    Batches: images, floats in [-1, 1], (batch, *image_shape); a second element is ignored.

    Raises:
        ValueError: an impossible size, an unknown layer, or an argument that breaks its rule.
        ConnectionError: VGG19's weights cannot be fetched; the message names the alternative.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> photos = kgz.data.load("photos", image_size=256, batch_size=4)
    >>> model = kgz.FastStyleTransfer(photos.image_shape, network="rgb64")
    >>> model.compile()
    >>> model.fit(photos, kgz.data.picture("painting.jpg", size=256), epochs=2)
    >>> painted = model.translate(kgz.data.picture("mine.jpg")[None])
    """

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
        features = self.perception.shapes((1, *self.image_shape))
        self._untracked.styles = {
            name: self.add_weight(
                (styles, *2 * features[name][-1:]), "zeros", trainable=False, name=f"{name}_grams"
            )
            for name in self.perception.style_layers
        }
        self._untracked.training_data = None

    def default_optimizer(self):
        return keras.optimizers.Adam(1e-3)

    def trained_variables(self):
        return self.generator.trainable_variables

    def call(self, given, training=None):
        """Pictures (n, height, width, channels) and weights of styles (n, styles), in a list."""
        return self.generator(given, training=training)

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
        """Train, as `keras.Model.fit`.

        Args:
            x: pictures: numpy arrays, `kgz.data.load`, `tf.data`, `keras.utils.PyDataset` or a torch
                `DataLoader`, in batches as the class says.
            style: one picture, or a list of as many as there are `styles`, of any sizes. None: those
                that the model has already.
            batch_size: pictures per step for arrays. None: 32; the paper has 4.
            epochs: passes over the data.
            memory: see `StyleTransfer.fit`.
            **kwargs: as in `keras.Model.fit`.

        Raises:
            ValueError: the model is not compiled, has no style, or the data is not such as it takes.
        """
        self.check_compiled()
        x = data_checks.training_images(x, self.image_shape, batch_size)
        size = (batch_size or 32) if hasattr(x, "shape") else len(data_checks.peek(x)[0][0])
        self.check_memory((size, *self.image_shape), memory, "A batch of pictures")
        self._learn(style, memory)
        self._untracked.training_data = x
        try:
            return super().fit(**feed(x, None, batch_size, epochs=epochs, **kwargs))
        finally:
            self._untracked.training_data = None

    def _learn(self, style, memory):
        """Keep the Gram matrices of styles."""
        if style is None:
            if not all(ops.convert_to_numpy(grams).any() for grams in self._untracked.styles.values()):
                raise ValueError("`fit` needs a style: `fit(pictures, style)`. Received: style=None.")
            return
        pictures = style_inputs.styles(style, self.perception.channels)
        if len(pictures) != self.styles:
            raise ValueError(
                f"Argument `style` must hold as many pictures as the model has styles, {self.styles}. "
                f"Received: {len(pictures)}. Make the model with styles={len(pictures)}."
            )
        for picture in pictures:
            self.check_memory((1, *picture.shape), memory, "A style")
        found = [self.style_of(picture) for picture in pictures]
        for name, variable in self._untracked.styles.items():
            variable.assign(np.stack([grams[name] for grams in found]))

    @backend.train_step
    def train_step(self, data):
        images, *_ = keras.utils.unpack_x_y_sample_weight(data)
        images = ops.cast(images, self.variable_dtype)
        mix = self._mix(ops.shape(images)[0])
        wanted = self.perception(images) if "content" in self._untracked.terms else {}
        powers = {name: style_losses.power(features) for name, features in wanted.items()}
        grams = {name: grams[None] for name, grams in self._untracked.styles.items()}

        def objective():
            made = ops.cast(self.generator([images, mix], training=True), images.dtype)
            return ops.mean(self.distances(made, wanted, powers, grams, mix))

        self.descend(objective, self.trained_variables())
        return self.get_metrics_result()

    def _mix(self, n):
        """Weights of the styles for so many pictures, (n, styles): a style at random for each."""
        index = keras.random.randint((n,), 0, self.styles, seed=self.seed_generator)
        return ops.one_hot(index, self.styles, dtype=self.variable_dtype)

    def translate(
        self, images, style=0, batch_size: int = 1, *, memory: float | None = None
    ) -> np.ndarray:
        """Pictures, painted.

        Args:
            images: floats in [-1, 1], (n, height, width, channels), of any size.
            style: which one, from 0 on; or weights (styles,), to mix them.
            batch_size: pictures per pass of the network.
            memory: see `StyleTransfer.fit`.

        Returns:
            float32 array like `images`.

        Raises:
            ValueError: an unknown style, or images of another kind; nothing was computed.
        """
        images = np.asarray(images)
        data_checks.check_images(images, (None, None, self.image_shape[2]))
        weights = self._weights(style)
        n, height, width, _ = images.shape
        sides = [
            max(2 * resnet.STEP, -(-side // resnet.STEP) * resnet.STEP) for side in (height, width)
        ]
        shape = (min(n, batch_size), *sides, images.shape[3])
        memory_of.check(self.generator, shape, memory, "A picture", training=False)
        missing = [(0, sides[0] - height), (0, sides[1] - width)]
        padded = np.pad(images.astype("float32"), [(0, 0), *missing, (0, 0)], mode="reflect")
        backend.sync(self)
        given = [padded, np.tile(weights, (n, 1))]
        made = self.generator.predict(given, batch_size=batch_size, verbose=0)
        return made[:, :height, :width].astype("float32")

    def _weights(self, style):
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
        """Training pictures and what becomes of them in each style, to be laid out, and the columns."""
        data = self._untracked.training_data
        images = getattr(data, "images", data)
        if not hasattr(images, "shape"):
            raise ValueError(
                "Grids are made during `fit`, of data that can be read again. Elsewhere, call "
                "`translate`."
            )
        rows = max(1, min(8, most // (1 + self.styles), len(images)))
        given = scaled(ops.convert_to_numpy(images[evenly_spaced(len(images), rows)]))
        columns = [given, *(self.translate(given, style) for style in range(self.styles))]
        return np.stack(columns, 1).reshape(-1, *given.shape[1:]), len(columns)

    def get_config(self):
        own = ("styles", "width", "blocks", "upsampling")
        return {
            **super().get_config(),
            "image_shape": list(self.image_shape),
            **{name: getattr(self, name) for name in own},
        }
