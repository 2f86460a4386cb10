"""Base class of the style transfer models."""

import dataclasses
from types import MappingProxyType
from typing import Any

import keras
from keras import ops

from keras_gan_zoo import backend, optimizers
from keras_gan_zoo.models.style_transfer import losses as style_losses
from keras_gan_zoo.models.style_transfer import memory
from keras_gan_zoo.models.style_transfer.finite_loss import FiniteLoss
from keras_gan_zoo.models.style_transfer.lbfgs import LBFGS
from keras_gan_zoo.networks.feature_network import FeatureExtractor
from keras_gan_zoo.training import argument_checks
from keras_gan_zoo.training.feeding import as_list
from keras_gan_zoo.training.saving import ResumableModel
from keras_gan_zoo.utils import checks

TERMS = ("content", "style", "variation")


@dataclasses.dataclass(frozen=True)
class Targets:
    """Targets of the content and style losses.

    Args:
        contents: content features by content layer, (n, height, width, channels).
        mean_squares: mean squares of these features by content layer, (n,).
        grams: Gram matrices of the styles by style layer, (n or 1, styles, channels, channels).
        style_weights: (styles,) or (n, styles), with a sum of 1.
    """

    contents: dict[str, Any]
    mean_squares: dict[str, Any]
    grams: dict[str, Any]
    style_weights: Any


class PerceptualModel(ResumableModel):
    """Base of the style transfer models: a feature network, weighted losses and one optimizer.

    Subclasses define `default_optimizer`, `trained_variables` and `train_step`.

    Args:
        network, content_layers, style_layers, preprocess: see `FeatureExtractor`.
        seed: integer, seed of all random draws. Defaults to `None`, which differs in every run.

    Logs: `loss`, the weighted sum of the losses, and the unweighted `content_loss`, `style_loss` and
    `variation_loss` where their weight is not 0. Logged values are those of the last step, not means
    over an epoch.
    """

    supports_lbfgs = False
    default_weights = MappingProxyType({"content": 1.0, "style": 10.0, "variation": 0.0})

    def __init__(
        self,
        network: str | keras.Model = "vgg19",
        content_layers=None,
        style_layers=None,
        preprocess: str | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        argument_checks.check_constructor(self, kwargs)
        super().__init__(**kwargs)
        self.perception = FeatureExtractor(
            network, content_layers, style_layers, preprocess, dtype=self.variable_dtype
        )
        self.seed = seed
        self._logs = {name: LastValue(name) for name in ("loss", *(f"{term}_loss" for term in TERMS))}
        # Not dicts: Keras would track the optimizer in them as a part of the model.
        self._loss_weights = self._compile_arguments = MappingProxyType({})
        self.built = True

    def default_optimizer(self) -> keras.optimizers.Optimizer:
        """Optimizer that `compile()` uses by default."""
        raise NotImplementedError

    def trained_variables(self) -> list:
        """Variables that the optimizer updates."""
        raise NotImplementedError

    def compile(
        self,
        optimizer: str | dict | keras.optimizers.Optimizer | None = None,
        *,
        content_weight: float | None = None,
        style_weight: float | None = None,
        variation_weight: float | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool = "auto",
    ) -> None:
        """Configure training.

        Args:
            optimizer: name, config or optimizer. Defaults to `None`, the optimizer of the class.
            content_weight: weight of the content loss. 0 turns it off. Defaults to `None`, which is 1.
            style_weight: weight of the style loss. Defaults to `None`, which is 10.
            variation_weight: weight of the mean squared difference of neighbouring pixels, which
                reduces noise. Defaults to `None`, which is 0.
            run_eagerly, steps_per_execution, jit_compile: see `keras.Model.compile`.

        Raises:
            ValueError: a weight is negative, all weights are 0, or the optimizer is already in use.
        """
        argument_checks.warn_of_slow_precision(self.dtype_policy)
        arguments = zip(TERMS, (content_weight, style_weight, variation_weight), strict=True)
        weights = {
            term: checks.non_negative(f"{term}_weight", self.default_weights[term] if w is None else w)
            for term, w in arguments
        }
        if not any(weights.values()):
            raise ValueError(
                "One of the weights must be above 0. Received: "
                f"{', '.join(f'{term}_weight=0' for term in TERMS)}."
            )
        optimizer = self._check_optimizer(optimizer)
        options = {
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        named_weights = {f"{term}_weight": weight for term, weight in weights.items()}
        self._compile_arguments = MappingProxyType({"optimizer": optimizer, **named_weights, **options})
        self._loss_weights = MappingProxyType({term: w for term, w in weights.items() if w})
        if self.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, LBFGS):
            optimizer = optimizers.loss_scaled(optimizer)
        super().compile(optimizer=optimizer, auto_scale_loss=False, **options)
        if self.trained_variables():
            self.optimizer.build(self.trained_variables())

    def _check_optimizer(self, optimizer):
        if optimizer == "lbfgs":
            optimizer = LBFGS()
        optimizer = optimizers.get(optimizer, self.default_optimizer, "optimizer")
        if isinstance(optimizer, LBFGS) and not self.supports_lbfgs:
            raise ValueError(
                f"Argument `optimizer` must be a stochastic optimizer for {type(self).__name__}. "
                "Received: L-BFGS. Pass None for Adam."
            )
        if optimizer.built and optimizer is not getattr(self, "optimizer", None):
            raise ValueError(
                "Argument `optimizer` must be a fresh optimizer. Received: one of the type "
                f"{type(optimizer).__name__} that already belongs to other variables. Create a new one."
            )
        return optimizer

    def perceptual_loss(self, images, targets: Targets):
        """Weighted sum of the losses of each image, (n,); the means over the images are logged.

        Args:
            images: (n, height, width, channels) in [-1, 1].
            targets: targets of the content and style losses.
        """
        extractor, losses = self.perception, {}
        needs_features = "content" in self._loss_weights or "style" in self._loss_weights
        features = extractor(images) if needs_features else {}
        if "content" in self._loss_weights:
            losses["content"] = sum(
                weight
                * style_losses.content_loss(
                    features[name], targets.contents[name], targets.mean_squares[name]
                )
                for name, weight in extractor.content_layers.items()
            )
        if "style" in self._loss_weights:
            grams = {name: style_losses.gram_matrix(features[name]) for name in extractor.style_layers}
            losses["style"] = sum(
                weight
                * style_losses.style_loss(grams[name], targets.grams[name], targets.style_weights)
                for name, weight in extractor.style_layers.items()
            )
        if "variation" in self._loss_weights:
            losses["variation"] = style_losses.variation_loss(images)
        total = sum(self._loss_weights[term] * loss for term, loss in losses.items())
        self._logs["loss"].update_state(ops.mean(total))
        for term, loss in losses.items():
            self._logs[f"{term}_loss"].update_state(ops.mean(loss))
        return total

    def style_grams(self, picture) -> dict[str, Any]:
        """Gram matrices (channels, channels) of an image (height, width, channels), by layer name."""
        features = self.perception.extract(picture[None])
        return {
            name: ops.convert_to_numpy(style_losses.gram_matrix(features[name])[0])
            for name in self.perception.style_layers
        }

    def minimize(self, objective, variables) -> None:
        """Update the variables once, to reduce the scalar that `objective()` returns."""
        _, (pullback,) = backend.vjp(lambda: (objective(),), [variables])
        backend.apply(self.optimizer, pullback(self.optimizer.scale_loss(1.0)), variables)

    def fit(self, *args, callbacks=None, **kwargs):
        """Like `keras.Model.fit`, with a check of the loss."""
        try:
            return super().fit(*args, callbacks=[FiniteLoss(), *as_list(callbacks)], **kwargs)
        finally:
            self.before_save = None

    def check_compiled(self) -> None:
        """Raise `ValueError` unless the model is compiled."""
        if not self.compiled:
            raise ValueError(
                "`fit` needs a compiled model. Call `model.compile()` first; all of its arguments have "
                "defaults."
            )

    def extra_training_bytes(self, shape) -> float:
        """Memory of training on images of a shape, in bytes, in addition to the feature network."""
        return 0.0

    def check_memory(self, shape, limit: float | None, subject: str, training: bool = True) -> None:
        """Raise `ValueError` if images are too small for the network or need too much memory.

        Args:
            shape, limit, subject: see `keras_gan_zoo.models.style_transfer.memory.check`.
            training: False for images that are only passed through the feature network.
        """
        self.perception.feature_shapes(shape)
        needed = memory.FEATURE_FACTOR * memory.output_bytes(self.perception.network, shape)
        if training:
            needed += self.extra_training_bytes(shape)
        memory.check(needed, shape, limit, subject)

    @property
    def metrics(self):
        return [self._logs["loss"], *(self._logs[f"{term}_loss"] for term in self._loss_weights)]

    @property
    def steps(self) -> int:
        """Number of training steps so far."""
        return int(self.optimizer.iterations)

    def get_config(self):
        return {
            **self.perception.get_config(),
            "seed": self.seed,
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
        }

    def preset_network(self) -> keras.Model:
        raise ValueError(
            f"{type(self).__name__} has no network that a preset could hold: its images are its only "
            "weights. Use `save`, or `FastStyleTransfer`."
        )

    def preset_config(self):
        if not self.perception.is_rgb64():
            raise ValueError(
                "Argument `network` must be 'rgb64' in a model that becomes a preset, which holds no "
                "weights of the feature network. Received: another network. Use `save`."
            )
        return self.get_config() | {"network": "rgb64"}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})

    def get_compile_config(self):
        if not self.compiled:
            return {}
        arguments = self._compile_arguments
        return {**arguments, "optimizer": optimizers.serialize(arguments["optimizer"])}

    def compile_from_config(self, config):
        self.compile(**config)


class LastValue(keras.metrics.Metric):
    """Metric that reports its last value, not the mean."""

    def __init__(self, name):
        super().__init__(name=name, dtype="float32")
        self.value = self.add_variable((), "zeros", name="value")

    def update_state(self, value):
        self.value.assign(ops.cast(value, self.value.dtype))

    def result(self):
        return ops.convert_to_tensor(self.value)
