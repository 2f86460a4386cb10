"""Neural style transfer by optimizing the image (Gatys et al. 2015, arXiv 1508.06576)."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.models.style_transfer import colours, inputs, lbfgs
from keras_gan_zoo.models.style_transfer import losses as style_losses
from keras_gan_zoo.models.style_transfer.base import PerceptualModel, Targets
from keras_gan_zoo.training.feeding import feed
from keras_gan_zoo.utils import checks

_STARTS = ("content", "noise", "recoloured")


@keras.saving.register_keras_serializable("keras_gan_zoo")
class StyleTransfer(PerceptualModel):
    """Neural style transfer by optimizing the image (Gatys et al. 2015, arXiv 1508.06576).

    The pixels of the image are the trained variable. The content loss compares its features in a
    pretrained network with those of the content image; the style loss compares Gram matrices, the
    products of feature channels averaged over all positions, with those of the style image.
    `compile()` uses Adam with a learning rate of 0.03; `compile("lbfgs")` uses L-BFGS as in the paper
    and needs SciPy.

    Differences from the paper: each loss is divided by the mean square of its target, so that weights
    have the same effect for every network, layer and size; the default weights suit a start from the
    content image. VGG19 keeps its max pooling. Images stay in [-1, 1]. The variation loss is from
    Johnson et al. 2016 (arXiv 1603.08155), colour preservation from Gatys et al. 2016 (arXiv
    1606.05897).

    Args:
        network: `"vgg19"`, whose weights Keras downloads on first use; `"rgb64"`, a small network that
            ships with the package and represents textures rather than objects; or any Keras network
            with named layers. A copy of the network is saved in the file of the model.
        content_layers, style_layers: list of layer names, or dict of layer name to weight. Defaults to
            `None`, which uses the paper's layers for VGG19.
        preprocess: input format of the network: `"tf"` ([-1, 1]), `"caffe"`, `"torch"` or `"bytes"`
            (0..255), see `feature_network.py`. Defaults to `None`, which is the format of a named
            network and `"tf"` for others.
        preserve_colour: `"luminance"` transfers the style to the luminance only and restores the
            colours of the content at the end; `"histogram"` first gives each style the mean and
            covariance of the content's colours. Defaults to `None`: colours come from the styles.
        seed: integer, seed of the noise for `start="noise"`.

    Raises:
        ValueError: an unknown network or layer, or an invalid argument.
        ConnectionError: the weights of VGG19 cannot be downloaded; the message names the alternative.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> content = kgz.data.picture("photo.jpg", size=512)
    >>> model = kgz.StyleTransfer(network="rgb64")
    >>> model.compile()
    >>> model.fit(content, kgz.data.picture("painting.jpg", size=512), epochs=10)
    >>> picture = model.pictures()[0]  # (height, width, 3) in [-1, 1]
    """

    supports_lbfgs = True

    def __init__(
        self,
        network: str | keras.Model = "vgg19",
        content_layers=None,
        style_layers=None,
        preprocess: str | None = None,
        preserve_colour: str | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(network, content_layers, style_layers, preprocess, seed, **kwargs)
        self.preserve_colour = checks.one_of("preserve_colour", preserve_colour, (None, *colours.MODES))
        if preserve_colour is not None and self.perception.channels != 3:
            raise ValueError(
                "Argument `preserve_colour` must be None for a network of grey images. Received: "
                f"preserve_colour={preserve_colour!r}."
            )
        self.image = None

    def default_optimizer(self):
        return keras.optimizers.Adam(0.03)

    def trained_variables(self):
        return [] if self.image is None else [self.image]

    def fit(
        self,
        content=None,
        style=None,
        epochs: int = 10,
        steps_per_epoch: int = 50,
        *,
        start: Any = "content",
        style_weights=None,
        memory: float | None = None,
        **kwargs,
    ):
        """Transfer the style; without `content` and `style`, resume, also in a loaded model.

        Args:
            content: one image (height, width, channels) or several of one size (n, height, width,
                channels), of any size and aspect ratio: floats in [-1, 1] or uint8. Images of a batch
                do not affect each other. `keras_gan_zoo.data.picture` reads files.
            style: one image, or a list or array of several, of any sizes.
            epochs: number of epochs. After each, callbacks run and the history gets an entry with the
                losses of the last step.
            steps_per_epoch: steps of an epoch. For L-BFGS, the maximum number of loss evaluations.
            start: initial image: `"content"`; `"recoloured"`, the content with the mean and covariance
                of the styles' colours; `"noise"`; or images of the size of `content`.
            style_weights: weight of each style, numbers of 0 or more. Defaults to `None`, which is
                equal weights.
            memory: approximate memory limit in gigabytes. Defaults to `None`, which is half of the
                machine's memory.
            **kwargs: `verbose`, `callbacks` and `initial_epoch` of `keras.Model.fit`.

        Returns:
            The `History` of the training.

        Raises:
            ValueError: the model is not compiled, or an argument is invalid. Raised before training.
        """
        self.check_compiled()
        if content is not None:
            self._set_pictures(content, style, start, style_weights, memory)
        elif style is not None or self.image is None:
            raise ValueError(
                "`fit` needs a picture and a style, `fit(content, style)`, or neither to resume. "
                f"Received: content=None, style={type(style).__name__}."
            )
        steps = checks.positive_integer("steps_per_epoch", steps_per_epoch)
        if isinstance(self.optimizer, lbfgs.LBFGS):
            epochs = checks.positive_integer("epochs", epochs)
            return lbfgs.fit(self, self.image, epochs, steps, **kwargs)
        dummy_data = np.zeros((steps, 1), "float32")
        return super().fit(**feed(dummy_data, batch_size=1, epochs=epochs, shuffle=False, **kwargs))

    def extra_training_bytes(self, shape):
        is_lbfgs = isinstance(self.optimizer, lbfgs.LBFGS)
        return self.optimizer.bytes_per_number * math.prod(shape) if is_lbfgs else 0.0

    def _set_pictures(self, content, style, start, style_weights, memory):
        """Check the images, compute the targets and reset the trained image and the optimizer."""
        channels = self.perception.channels
        content = inputs.check_pictures("content", content, channels)
        styles = inputs.check_styles(style, channels)
        weights = inputs.normalize_style_weights(style_weights, len(styles))
        initial = self._initial_image(content, styles, start)
        if self.preserve_colour == "luminance":
            initial = colours.to_luminance(initial)
        self.check_memory(content.shape, memory, "A content")
        for picture in styles:
            self.check_memory((1, *picture.shape), memory, "A style", training=False)
        self._add_variables(content.shape, len(styles))
        self.image.assign(initial)
        self.content.assign(content)
        self.style_weights.assign(weights)
        self._set_targets(content, styles)
        if self.optimizer.built:
            arguments = self._compile_arguments
            optimizer = arguments["optimizer"]
            fresh = type(optimizer).from_config(optimizer.get_config())
            self.compile(**{**arguments, "optimizer": fresh})
        else:
            self.optimizer.build([self.image])

    def _initial_image(self, content, styles, start):
        if isinstance(start, str):
            checks.one_of("start", start, _STARTS)
            if start == "noise":
                return np.random.default_rng(self.seed).uniform(-1.0, 1.0, content.shape)
            if start == "recoloured":
                pixels = np.concatenate([style.reshape(-1, 1, style.shape[-1]) for style in styles])
                return np.stack([colours.match_statistics(picture, pixels) for picture in content])
            return content
        initial = inputs.check_pictures("start", start, self.perception.channels)
        if initial.shape[1:] != content.shape[1:] or len(initial) not in (1, len(content)):
            raise ValueError(
                f"Argument `start` must be pictures of the contents' shape {content.shape}. Received: "
                f"{initial.shape}."
            )
        return np.broadcast_to(initial, content.shape)

    def _add_variables(self, shape, num_styles: int) -> None:
        """Create the variables for images (n, height, width, channels) and a number of styles."""
        for variable in [*self._trainable_variables, *self._non_trainable_variables]:
            self._untrack_variable(variable)

        def zeros(name, shape, trainable=False):
            return self.add_weight(shape, "zeros", trainable=trainable, name=name)

        n, features = shape[0], self.perception.feature_shapes(shape)
        content_layers, style_layers = self.perception.content_layers, self.perception.style_layers
        # Saved files store variables by their order.
        self.image = zeros("image", shape, trainable=True)
        self.content = zeros("content", shape)
        self.style_weights = zeros("style_weights", (num_styles,))
        self._targets = Targets(
            contents={name: zeros(name, features[name]) for name in content_layers},
            mean_squares={name: zeros(f"{name}_power", (n,)) for name in content_layers},
            grams={
                name: zeros(f"{name}_grams", (n, num_styles, *2 * features[name][-1:]))
                for name in style_layers
            },
            style_weights=self.style_weights,
        )

    def _set_targets(self, content, styles):
        """Compute the features of the contents, and the Gram matrices of the styles per content."""
        is_grey = self.preserve_colour == "luminance"
        features = self.perception.extract(colours.to_luminance(content) if is_grey else content)
        for name, variable in self._targets.contents.items():
            variable.assign(features[name])
            self._targets.mean_squares[name].assign(style_losses.mean_square(features[name]))
        grams = [
            [self.style_grams(self._adapt_colours(s, picture)) for s in styles] for picture in content
        ]
        for name, variable in self._targets.grams.items():
            variable.assign(np.stack([[gram[name] for gram in row] for row in grams]))

    def _adapt_colours(self, style, content):
        """Apply `preserve_colour` to a style image for a content image."""
        if self.preserve_colour is None:
            return style
        if self.preserve_colour == "luminance":
            style, content = (colours.to_luminance(picture)[..., :1] for picture in (style, content))
        return np.broadcast_to(colours.match_statistics(style, content), (*style.shape[:2], 3))

    @backend.train_step
    def train_step(self, data):
        def objective():
            # The gradient of a mean over more numbers is smaller, and comes close to Adam's epsilon:
            # multiply by the number of values.
            image = ops.convert_to_tensor(self.image)
            return ops.mean(self.perceptual_loss(image, self._targets)) * math.prod(image.shape)

        self.minimize(objective, [self.image])
        self.image.assign(ops.clip(self.image, -1.0, 1.0))
        return self.get_metrics_result()

    def pictures(self) -> np.ndarray:
        """Current images, float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: `fit` was not called before.
        """
        if self.image is None:
            raise ValueError("There are no pictures yet. Call `fit(content, style)` first.")
        backend.sync(self)
        images = ops.convert_to_numpy(self.image).astype("float32")
        if self.preserve_colour == "luminance":
            images = colours.replace_chrominance(images, ops.convert_to_numpy(self.content))
        return np.clip(images, -1.0, 1.0)

    def generate_grid(self, most: int = 64, labels=None, seed: int | None = None):
        """Images for `callbacks.ImageSnapshots`, and `None` for an automatic number of columns."""
        return self.pictures()[:most], None

    def get_config(self):
        config = super().get_config() | {"preserve_colour": self.preserve_colour}
        if self.image is not None:
            config["pictures"] = [*self.image.shape]
            config["styles"] = self.style_weights.shape[0]
        return config

    @classmethod
    def from_config(cls, config):
        shape, num_styles = config.pop("pictures", None), config.pop("styles", None)
        model = super().from_config(config)
        if shape:
            model._add_variables(tuple(shape), num_styles)
        return model
