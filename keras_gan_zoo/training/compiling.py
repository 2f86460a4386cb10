"""`compile`: from the user's arguments to a `TrainingPlan`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras

from keras_gan_zoo import augment as augmentations
from keras_gan_zoo import losses as adversarial_losses
from keras_gan_zoo import optimizers, schedules
from keras_gan_zoo import penalties as penalty_terms
from keras_gan_zoo.metrics import streaming
from keras_gan_zoo.networks import penultimate
from keras_gan_zoo.training import argument_checks, recipes
from keras_gan_zoo.training.plan import TrainingPlan
from keras_gan_zoo.training.step import AdversarialStep
from keras_gan_zoo.utils import checks

UPDATES = ("alternating", "simultaneous")


class CompiledStep(AdversarialStep):
    """`compile`, its defaults, and their part of a saved file."""

    # Defaults of `compile`: the paper's.
    default_losses: Any = "non_saturating"
    # Terms of `losses` besides the adversarial one, with their weights: numbers or schedules.
    default_terms: Mapping[str, Any] = MappingProxyType({})
    default_d_steps = 1
    default_ema: Any = None
    default_augment: Any = None
    default_recipe: str | None = None
    extra_logs: Sequence[str] = ()  # names that the model passes to `log`
    has_styles = False  # whether the generator supports the `PathLength` penalty

    def default_optimizer(self) -> keras.optimizers.Optimizer:
        """Return a new optimizer with the paper's settings, where both sides have the same."""
        return keras.optimizers.Adam(2e-4, beta_1=0.5)

    def default_optimizers(self) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
        """Return new optimizers of the discriminator and the generator with the paper's settings."""
        return self.default_optimizer(), self.default_optimizer()

    def default_penalties(self) -> list[penalty_terms.Penalty]:
        """Return the paper's penalties."""
        return []

    def make_feature_network(self) -> keras.Model:
        """Return a network from the discriminator's inputs to logits and penultimate activations."""
        network = self.discriminator
        activations = penultimate.of(network, "losses['feature_matching']")
        inputs = network.inputs if len(network.inputs) > 1 else network.inputs[0]
        return keras.Model(inputs, [network.outputs[0], activations])

    def compile(
        self,
        d_opt: str | dict | keras.optimizers.Optimizer | None = None,
        g_opt: str | dict | keras.optimizers.Optimizer | None = None,
        losses: str | adversarial_losses.AdversarialLoss | dict | None = None,
        *,
        recipe: str | None = None,
        penalties: Sequence[str | penalty_terms.Penalty] | None = None,
        augment: str | augmentations.Augmentation | bool | None = None,
        d_steps: int | None = None,
        updates: str | None = None,
        ema: float | schedules.HalfLife | schedules.Schedule | bool | None = None,
        metrics: Sequence[Any] | None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool = "auto",
        auto_scale_loss: bool = True,
        **unknown,
    ) -> None:
        """Configure training. An argument that is left out takes the recipe's value, else the paper's.

        Args:
            d_opt: optimizer of the discriminator: a name, a config or an object. Defaults to `None`,
                the paper's.
            g_opt: optimizer of the generator, another object than `d_opt`. Defaults to `None`, the
                paper's.
            losses: `"non_saturating"`, `"minimax"`, `"least_squares"`, `"wasserstein"`, `"hinge"`,
                `"relativistic"`, `"relativistic_hinge"`, `"relativistic_average"`, an object of
                `keras_gan_zoo.losses`, or a dict of terms: `{"adversarial": one of these,
                "feature_matching": weight}`. Feature matching (Salimans et al. 2016, arXiv 1606.03498)
                adds the squared distance of mean discriminator features to the generator's loss; some
                models have further terms. Defaults to `None`, the paper's.
            recipe: a name of `keras_gan_zoo.recipes.RECIPES`, a published combination of the other
                arguments, which take precedence.
            penalties: `"r1"`, `"r2"`, `"gradient_penalty"`, `"dragan"`, `"lecam"`, for models with
                styles `"path_length"`, or objects of `keras_gan_zoo.penalties`. `[]`: none. Defaults to
                `None`, the paper's.
            augment: `"diffaugment"`, `"ada"` or an object of `keras_gan_zoo.augment`: random
                transformations of the discriminator's input images, real and generated. Defaults to
                `None`, the paper's. False: none.
            d_steps: discriminator updates per generator update, on the same real images and new
                generated ones, an integer >= 1. Defaults to `None`, the paper's.
            updates: `"alternating"`, the default, or `"simultaneous"`, see the class.
            ema: decay per step of an exponential moving average of the generator's weights, in
                (0, 1), such as 0.999; `generate` then uses the average. At step t it is at most
                (1 + t) / (10 + t), as in TensorFlow's `ExponentialMovingAverage`. A schedule of the
                step is used unchanged. `keras_gan_zoo.schedules.HalfLife(images)` counts images and
                not steps. Defaults to `None`, the paper's. False: no average.
            metrics: metrics that `evaluate` reports besides the losses: names of
                `keras_gan_zoo.registry.METRICS` or objects of `keras_gan_zoo.metrics`. Training does
                not compute them; `callbacks.Evaluate` does between epochs.
            run_eagerly, steps_per_execution, jit_compile, auto_scale_loss: as in Keras.

        Raises:
            ValueError: If an argument breaks its rule; the message names it and the way out.
            TypeError: If an argument is unknown, such as Keras' `optimizer` and `loss`.
        """
        argument_checks.check_compile(self, unknown)
        argument_checks.warn_of_slow_precision(self.dtype_policy)
        arguments = {
            "d_opt": d_opt,
            "g_opt": g_opt,
            "losses": losses,
            "penalties": penalties,
            "augment": augment,
            "d_steps": d_steps,
            "updates": updates,
            "ema": ema,
        }
        keras_arguments = {
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
            "auto_scale_loss": auto_scale_loss,
        }
        arguments = self._with_defaults(recipes.apply(recipe or self.default_recipe, arguments, self))
        for name, default in zip(("d_opt", "g_opt"), self.default_optimizers(), strict=True):
            given = arguments[name]
            arguments[name] = default if given is None else optimizers.get(given, None, name)
        d_opt, g_opt = arguments["d_opt"], arguments["g_opt"]
        optimizers.check_separate(d_opt, g_opt, getattr(self, "optimizer", None))
        self.plan = self._make_plan(arguments | keras_arguments, metrics)
        self._set_ema(self.plan.ema)
        if auto_scale_loss and self.dtype_policy.name == "mixed_float16":
            d_opt, g_opt = map(optimizers.loss_scaled, (d_opt, g_opt))
        trained = self.trained_variables()
        members = {"d_opt": (d_opt, trained["d_opt"]), "g_opt": (g_opt, trained["g_opt"])}
        group = optimizers.OptimizerGroup(members)
        super().compile(optimizer=group, **keras_arguments | {"auto_scale_loss": False})

    def _with_defaults(self, arguments):
        """Return arguments of `compile` with the paper's values in place of None."""
        defaults = {
            "losses": self.default_losses,
            "penalties": self.default_penalties(),
            "d_steps": self.default_d_steps,
            "updates": "alternating",
            "ema": self.default_ema,
            "augment": self.default_augment,
        }
        given = {key: value for key, value in arguments.items() if value is not None}
        complete = {**dict.fromkeys(arguments), **defaults, **given}
        for name in ("augment", "ema"):
            complete[name] = None if complete[name] is False else complete[name]
        return complete

    def _make_plan(self, arguments, metrics) -> TrainingPlan:
        checks.positive_integer("d_steps", arguments["d_steps"])
        checks.one_of("updates", arguments["updates"], UPDATES)
        if not isinstance(arguments["ema"], schedules.Schedule | schedules.HalfLife):
            checks.decay("ema", arguments["ema"])
        given = penalty_terms.get(arguments["penalties"])
        penalties = (*given, *penalty_terms.required_by(self.discriminator, given))
        penalty_terms.check(penalties, self)
        loss_terms = self.resolve_losses(arguments["losses"])
        augmentation = augmentations.get(arguments["augment"])
        matches_features = "feature_matching" in loss_terms
        logs = [penalty.name for penalty in penalties]
        logs += ["augment_probability"] * (augmentation is not None and augmentation.adaptive)
        logs += [*["feature_loss"] * matches_features, *self.extra_logs]
        self._add_trackers(*logs)
        for penalty in penalties:
            for name, value in penalty.state.items():
                if name not in self.penalty_state:
                    self.penalty_state[name] = self.add_scalar(name, value)
        needs_features = matches_features or self.head is not None
        needs_features |= any(penalty.needs_features for penalty in penalties)
        return TrainingPlan(
            arguments=arguments,
            loss_terms=MappingProxyType(loss_terms),
            penalties=penalties,
            augmentation=augmentation,
            d_steps=arguments["d_steps"],
            updates=arguments["updates"],
            ema=arguments["ema"],
            metrics=tuple(streaming.get(metric) for metric in metrics or ()),
            feature_network=self.make_feature_network() if needs_features else None,
            logs=tuple(logs),
        )

    def resolve_losses(self, losses) -> dict[str, Any]:
        """Return the adversarial loss and the weights of the other terms, by name.

        Args:
            losses: see `compile`.
        """
        terms = losses if isinstance(losses, dict) else {"adversarial": losses}
        weights = {**self.default_terms, **terms}
        optional = (*self.default_terms, "feature_matching")
        checks.known_keys("losses", weights, ("adversarial",), optional=optional)
        resolved = {"adversarial": adversarial_losses.get(weights.pop("adversarial"))}
        for name, weight in weights.items():
            resolved[name] = None if weight is None else schedules.get(f"losses[{name!r}]", weight)
        return resolved

    def _set_ema(self, ema):
        if ema is None:
            self.ema_generator = None
        elif self.ema_generator is None:
            average = keras.models.clone_model(self.generator)
            average.set_weights(self.generator.get_weights())
            for variable in average.weights:  # layers that are not trainable keep no statistics
                variable.trainable = False
            self.ema_generator = average

    def get_compile_config(self) -> dict[str, Any]:
        if not self.compiled:
            return {}
        config = dict(self.plan.arguments)
        for name in ("d_opt", "g_opt"):
            config[name] = optimizers.serialize(config[name])
        for name in ("losses", "penalties", "augment", "ema"):
            config[name] = keras.saving.serialize_keras_object(config[name])
        for name in ("augment", "ema"):  # None would be the paper's value again
            config[name] = False if config[name] is None else config[name]
        config["metrics"] = [metric.get_config() for metric in self.plan.metrics]
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        config = dict(config)
        for name in ("losses", "penalties", "augment", "ema"):
            config[name] = keras.saving.deserialize_keras_object(config[name])
        self.compile(**config)
