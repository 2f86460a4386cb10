"""What the models share that learn from a network's features instead of from a discriminator."""

from types import MappingProxyType, SimpleNamespace
from typing import Any

import keras
from keras import ops

from keras_gan_zoo import backend, optimizers
from keras_gan_zoo.models.style_transfer import losses as style_losses
from keras_gan_zoo.models.style_transfer import memory
from keras_gan_zoo.models.style_transfer.feature_network import Perception
from keras_gan_zoo.models.style_transfer.lbfgs import LBFGS
from keras_gan_zoo.training import argument_checks
from keras_gan_zoo.training.saving import ResumableModel
from keras_gan_zoo.utils import checks

TERMS = ("content", "style", "variation")


class PerceptualModel(ResumableModel):
    """Base of the models of style transfer: a network of features, weighted losses, one optimizer.

    Args:
        network, content_layers, style_layers, preprocess: see `feature_network.py`.
        seed: of what the model draws at random. None: another one in every run.

    Logs: `loss`, the weighted sum, and `content_loss`, `style_loss` and `variation_loss` before they
    are weighted, those that have a weight. They are those of the last step, not means of an epoch.
    """

    takes_lbfgs = False
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
        self.perception = Perception(
            network, content_layers, style_layers, preprocess, dtype=self.variable_dtype
        )
        self.seed = seed
        self._last = {name: Last(name) for name in ("loss", *(f"{term}_loss" for term in TERMS))}
        # What Keras would track as part of the model if it were an attribute.
        self._untracked = SimpleNamespace(terms={}, arguments={})
        self.built = True

    def default_optimizer(self) -> keras.optimizers.Optimizer:
        raise NotImplementedError

    def trained_variables(self) -> list:
        """What the optimizer moves."""
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
        """Configure training; what is left out is as the class says.

        Args:
            optimizer: a name, a config or an object. None: the model's.
            content_weight: of what is in the picture. 0: it is not looked at. None: 1.
            style_weight: of how it is painted. None: 10.
            variation_weight: against noise, of the squared difference of neighbouring pixels. None: 0.
            run_eagerly, steps_per_execution, jit_compile: as in Keras.

        Raises:
            ValueError: a weight is negative, or all of them are 0.
        """
        given = zip(TERMS, (content_weight, style_weight, variation_weight), strict=True)
        weights = {
            term: checks.non_negative(f"{term}_weight", self.default_weights[term] if w is None else w)
            for term, w in given
        }
        if not any(weights.values()):
            raise ValueError(
                "One of the weights must be above 0, else there is nothing to do. Received: "
                f"{', '.join(f'{term}_weight=0' for term in TERMS)}."
            )
        if optimizer == "lbfgs":
            optimizer = LBFGS()
        optimizer = optimizers.get(optimizer, self.default_optimizer, "optimizer")
        if isinstance(optimizer, LBFGS) and not self.takes_lbfgs:
            raise ValueError(
                f"Argument `optimizer` must update in steps for {type(self).__name__}. Received: "
                "L-BFGS. Pass None for Adam."
            )
        if optimizer.built and optimizer is not getattr(self, "optimizer", None):
            raise ValueError(
                "Argument `optimizer` must be a fresh optimizer. Received: one of the type "
                f"{type(optimizer).__name__} that already belongs to other variables. Make a new one."
            )
        rest = {
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        named = {f"{term}_weight": weight for term, weight in weights.items()}
        self._untracked.arguments = {"optimizer": optimizer, **named, **rest}
        self._untracked.terms = {term: weight for term, weight in weights.items() if weight}
        if self.dtype_policy.name == "mixed_float16" and not isinstance(optimizer, LBFGS):
            optimizer = optimizers.loss_scaled(optimizer)
        super().compile(optimizer=optimizer, auto_scale_loss=False, **rest)
        if self.trained_variables():
            self.optimizer.build(self.trained_variables())

    def distances(self, images, contents, powers, styles, style_weights):
        """The weighted sum of the losses of each image, (n,); the means are logged.

        Args:
            images: (n, height, width, channels) in [-1, 1].
            contents, powers: by content layer, the features that are wanted and their mean squares.
            styles: by style layer, the Gram matrices that are wanted, (n or 1, styles, c, c).
            style_weights: (styles,) or (n, styles), with a sum of 1.
        """
        terms, layers, losses = self._untracked.terms, self.perception, {}
        features = layers(images) if {"content", "style"} & set(terms) else {}
        if "content" in terms:
            losses["content"] = sum(
                weight * style_losses.content_distance(features[name], contents[name], powers[name])
                for name, weight in layers.content_layers.items()
            )
        if "style" in terms:
            grams = {name: style_losses.gram(features[name]) for name in layers.style_layers}
            losses["style"] = sum(
                weight * style_losses.style_distance(grams[name], styles[name], style_weights)
                for name, weight in layers.style_layers.items()
            )
        if "variation" in terms:
            losses["variation"] = style_losses.variation(images)
        total = sum(terms[term] * loss for term, loss in losses.items())
        self._last["loss"].update_state(ops.mean(total))
        for term, loss in losses.items():
            self._last[f"{term}_loss"].update_state(ops.mean(loss))
        return total

    def style_of(self, picture) -> dict[str, Any]:
        """Gram matrix of each style layer, of one picture (height, width, channels)."""
        found = self.perception.look(picture[None])
        names = self.perception.style_layers
        return {name: ops.convert_to_numpy(style_losses.gram(found[name])[0]) for name in names}

    def descend(self, objective, variables) -> None:
        """One update of the variables by the optimizer; `objective()` is the scalar to minimize."""
        _, (pullback,) = backend.vjp(lambda: (objective(),), [variables])
        backend.apply(self.optimizer, pullback(self.optimizer.scale_loss(1.0)), variables)

    def check_compiled(self) -> None:
        """Raise ValueError unless `compile` was called."""
        if not self.compiled:
            raise ValueError(
                "`fit` needs a compiled model. Call `model.compile()` first: without arguments it "
                "takes the class's optimizer and weights."
            )

    def bytes_per_pixel(self) -> float:
        """What the optimizer takes, of memory that counts."""
        return 0.0

    def check_memory(self, shape, limit: float | None, what: str) -> None:
        """Raise ValueError where the network does not take such images, or not in so much memory.

        Args:
            shape, limit, what: see `keras_gan_zoo.models.style_transfer.memory.check`.
        """
        self.perception.shapes(shape)
        memory.check(self.perception.network, shape, limit, what, more=self.bytes_per_pixel())

    @property
    def metrics(self):
        return [self._last["loss"], *(self._last[f"{term}_loss"] for term in self._untracked.terms)]

    @property
    def steps(self) -> int:
        """Training steps made so far."""
        return int(self.optimizer.iterations)

    def get_config(self):
        return {
            **self.perception.get_config(),
            "seed": self.seed,
            "name": self.name,
            "dtype": keras.saving.serialize_keras_object(self.dtype_policy),
        }

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "network": keras.saving.deserialize_keras_object(config["network"])})

    def get_compile_config(self):
        if not self.compiled:
            return {}
        arguments = self._untracked.arguments
        return {**arguments, "optimizer": optimizers.serialize(arguments["optimizer"])}

    def compile_from_config(self, config):
        self.compile(**config)


class Last(keras.metrics.Metric):
    """The last value, where Keras' metrics have the mean."""

    def __init__(self, name):
        super().__init__(name=name, dtype="float32")
        self.value = self.add_variable((), "zeros", name="value")

    def update_state(self, value):
        self.value.assign(ops.cast(value, self.value.dtype))

    def result(self):
        return ops.convert_to_tensor(self.value)
