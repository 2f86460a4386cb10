"""Style transfer: a picture painted like another one (Gatys et al. 2015)."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.models.style_transfer import colours, lbfgs
from keras_gan_zoo.models.style_transfer import inputs as style_inputs
from keras_gan_zoo.models.style_transfer import losses as style_losses
from keras_gan_zoo.models.style_transfer.base import PerceptualModel
from keras_gan_zoo.training.feeding import feed
from keras_gan_zoo.utils import checks

_STARTS = ("content", "noise", "recoloured")
# Of L-BFGS, for each number of the picture, in bytes: its vectors, in float64, and a few more.
_LBFGS_BYTES = 3 * 8 * (2 * 10 + 8)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class StyleTransfer(PerceptualModel):
    """A photo in the style of a painting (Gatys et al. 2015, arXiv 1508.06576).

    The picture itself is what is trained: until the features of a network that knows pictures are
    those of the photo, and the products of its features, averaged over all positions, are those of
    the painting. `compile()` takes Adam with a learning rate of 0.03, or pass `"lbfgs"` as in the
    paper (needs SciPy).

    Differs from the paper: each distance is divided by the mean square of what is wanted, so that
    weights mean the same for every network, layer and size; the default ones are for contents to
    start from. VGG19 keeps its maximum pooling. Pictures stay in [-1, 1]. The variation loss is of
    Johnson et al. 2016 (arXiv 1603.08155), the colours of Gatys et al. 2016 (arXiv 1606.05897).

    Args:
        network: `"vgg19"`, whose weights Keras fetches on first use; `"rgb64"`, a small network that
            ships with the package and knows textures, not objects; or any Keras network with named
            layers. Like the rest it becomes part of the model's file.
        content_layers, style_layers: names of layers, or dicts of name to weight. None: those of the
            paper for VGG19.
        preprocess: how the network takes images: `"tf"` ([-1, 1]), `"caffe"`, `"torch"` or `"bytes"`
            (0..255), see `feature_network.py`. None: right for the named networks,
            `"tf"` for others.
        preserve_colour: `"luminance"`: only brightness is changed, in the end the content's colours
            are put back; `"histogram"`: styles are first given the mean and covariance of the
            content's colours. None: colours come from the styles.
        seed: of the noise to start from.

    Raises:
        ValueError: an unknown network or layer, or an argument that breaks its rule.
        ConnectionError: VGG19's weights cannot be fetched; the message names the alternative.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> content = kgz.data.picture("photo.jpg", size=512)
    >>> model = kgz.StyleTransfer(network="rgb64")
    >>> model.compile()
    >>> model.fit(content, kgz.data.picture("painting.jpg", size=512), epochs=10)
    >>> picture = model.pictures()[0]  # (height, width, 3) in [-1, 1]
    """

    takes_lbfgs = True

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
        self.preserve_colour = checks.one_of("preserve_colour", preserve_colour, (None, *colours.WAYS))
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
        """Paint; or, without arguments, go on painting, also in a model that was loaded.

        Args:
            content: one picture (height, width, channels) or several of one size, (n, height, width,
                channels), of any size and aspect: floats in [-1, 1] or uint8. They do not affect each
                other. `keras_gan_zoo.data.picture` reads files.
            style: one picture, or a list or array of several, of any sizes.
            epochs: how many times `steps_per_epoch` steps are made. After each, callbacks run and
                there is a line in the history, with the losses of the last step.
            steps_per_epoch: of L-BFGS, evaluations of the losses, fewer if it finds no better point.
            start: `"content"`; `"recoloured"`: the contents with the mean and the covariance of the
                styles' colours; `"noise"`; or pictures of the size of the contents.
            style_weights: of the styles, numbers of 0 or more. None: all alike.
            memory: gigabytes that may be used, about. None: half of the machine's memory.
            **kwargs: `verbose`, `callbacks` and `initial_epoch`, as in `keras.Model.fit`.

        Raises:
            ValueError: the model is not compiled, or an argument breaks its rule: nothing was computed.
        """
        self.check_compiled()
        if content is not None:
            self._begin(content, style, start, style_weights, memory)
        elif style is not None or self.image is None:
            raise ValueError(
                "`fit` needs a picture and a style, `fit(content, style)`; without both it goes on "
                f"with those that the model has. Received: content=None, style={type(style).__name__}."
            )
        steps = checks.positive_integer("steps_per_epoch", steps_per_epoch)
        if isinstance(self.optimizer, lbfgs.LBFGS):
            return lbfgs.fit(
                self, self.image, checks.positive_integer("epochs", epochs), steps, **kwargs
            )
        ticks = np.zeros((steps, 1), "float32")
        return super().fit(**feed(ticks, batch_size=1, epochs=epochs, shuffle=False, **kwargs))

    def bytes_per_pixel(self):
        return _LBFGS_BYTES if isinstance(self.optimizer, lbfgs.LBFGS) else 0.0

    def _begin(self, content, style, start, style_weights, memory):
        """Take pictures, and set the picture back to where it starts."""
        channels = self.perception.channels
        content = style_inputs.pictures("content", content, channels)
        styles = style_inputs.styles(style, channels)
        weights = style_inputs.style_weights(style_weights, len(styles))
        first = self._first(content, styles, start)
        if self.preserve_colour == "luminance":
            first = colours.luminance(first)
        self.check_memory(content.shape, memory, "A content")
        for picture in styles:
            self.check_memory((1, *picture.shape), memory, "A style")
        self._allocate(content.shape, len(styles))
        self.image.assign(first)
        self.content.assign(content)
        self.style_weights.assign(weights)
        self._aim(content, styles)
        if self.optimizer.built:
            arguments = self._untracked.arguments
            fresh = type(arguments["optimizer"]).from_config(arguments["optimizer"].get_config())
            self.compile(**{**arguments, "optimizer": fresh})
        else:
            self.optimizer.build([self.image])

    def _first(self, content, styles, start):
        if isinstance(start, str):
            checks.one_of("start", start, _STARTS)
            if start == "noise":
                return np.random.default_rng(self.seed).uniform(-1.0, 1.0, content.shape)
            if start == "recoloured":
                pixels = np.concatenate([style.reshape(-1, 1, style.shape[-1]) for style in styles])
                return np.stack([colours.matched(picture, pixels) for picture in content])
            return content
        first = style_inputs.pictures("start", start, self.perception.channels)
        if first.shape[1:] != content.shape[1:] or len(first) not in (1, len(content)):
            raise ValueError(
                f"Argument `start` must be pictures of the contents' shape {content.shape}. Received: "
                f"{first.shape}."
            )
        return np.broadcast_to(first, content.shape)

    def _allocate(self, shape, styles: int) -> None:
        """Make the variables for pictures (n, height, width, channels) and so many styles."""
        for variable in [*self._trainable_variables, *self._non_trainable_variables]:
            self._untrack_variable(variable)
        n, features = shape[0], self.perception.shapes(shape)
        layers = self.perception.content_layers
        self.image = self._hold("image", shape, trainable=True)
        self.content = self._hold("content", shape)
        self.style_weights = self._hold("style_weights", (styles,))
        self._untracked.contents = {name: self._hold(name, features[name]) for name in layers}
        self._untracked.powers = {name: self._hold(f"{name}_power", (n,)) for name in layers}
        self._untracked.styles = {
            name: self._hold(f"{name}_grams", (n, styles, *2 * features[name][-1:]))
            for name in self.perception.style_layers
        }

    def _hold(self, name, shape, trainable=False):
        return self.add_weight(shape, "zeros", trainable=trainable, name=name)

    def _aim(self, content, styles):
        """Keep the features of the contents, and the Gram matrices of the styles for each content."""
        grey = self.preserve_colour == "luminance"
        found = self.perception.look(colours.luminance(content) if grey else content)
        for name, variable in self._untracked.contents.items():
            variable.assign(found[name])
            self._untracked.powers[name].assign(style_losses.power(found[name]))
        grams = [[self.style_of(self._recoloured(s, picture)) for s in styles] for picture in content]
        for name, variable in self._untracked.styles.items():
            variable.assign(np.stack([[gram[name] for gram in row] for row in grams]))

    def _recoloured(self, style, content):
        """A style as it is painted onto this content."""
        if self.preserve_colour == "luminance":
            style, content = (colours.luminance(picture)[..., :1] for picture in (style, content))
        if self.preserve_colour is None:
            return style
        return np.broadcast_to(colours.matched(style, content), (*style.shape[:2], 3))

    @backend.train_step
    def train_step(self, data):
        kept = self._untracked
        wanted = kept.contents, kept.powers, kept.styles, self.style_weights

        def objective():
            # Times all numbers of the pictures: the larger a mean, the smaller its gradients, down to
            # the epsilon of Adam.
            image = ops.convert_to_tensor(self.image)
            return ops.mean(self.distances(image, *wanted)) * math.prod(image.shape)

        self.descend(objective, [self.image])
        self.image.assign(ops.clip(self.image, -1.0, 1.0))
        return self.get_metrics_result()

    def pictures(self) -> np.ndarray:
        """The pictures as they are now: float32 (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: `fit` was not called yet.
        """
        if self.image is None:
            raise ValueError("There are no pictures yet. Call `fit(content, style)` first.")
        backend.sync(self)
        images = ops.convert_to_numpy(self.image).astype("float32")
        if self.preserve_colour == "luminance":
            images = colours.coloured(images, ops.convert_to_numpy(self.content))
        return np.clip(images, -1.0, 1.0)

    def generate_grid(self, most: int = 64, labels=None, seed: int | None = None):
        """The pictures as they are now, for `callbacks.ImageSnapshots`, and None: as the grid likes."""
        return self.pictures()[:most], None

    def get_config(self):
        config = super().get_config() | {"preserve_colour": self.preserve_colour}
        if self.image is not None:
            config["pictures"] = [*self.image.shape]
            config["styles"] = self.style_weights.shape[0]
        return config

    @classmethod
    def from_config(cls, config):
        pictures, styles = config.pop("pictures", None), config.pop("styles", None)
        model = super().from_config(config)
        if pictures:
            model._allocate(tuple(pictures), styles)
        return model
