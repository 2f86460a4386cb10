"""Options of `train` for the training method: losses, penalties, augmentation, averages."""

import argparse
import math
from typing import Any

from keras_gan_zoo import registry
from keras_gan_zoo.cli.model_source import ModelSource
from keras_gan_zoo.cli.shared import UsageError, import_keras, positive, real, weight

WARMUP_STEPS = 200  # of the new discriminator of `--from PRESET`
GROWTH_STEPS = 3000  # of a `ProgressiveGAN`; the command line makes 5,000 by default


def growth_images(model, batch_size: int) -> int:
    """Return the images of each phase with which a model is fully grown after `GROWTH_STEPS`."""
    phases = 2 * model.num_upsamples  # before the last one
    return math.ceil(GROWTH_STEPS / phases) * batch_size


def add_method(group):
    """Add the options of the training method."""
    add = group.add_argument
    add("--losses", choices=registry.LOSSES, metavar="NAME", help=", ".join(registry.LOSSES))
    recipe = "a combination of the options below (default: by the model and the number of images)"
    add("--recipe", choices=registry.RECIPES, help=recipe)
    add(
        "--penalties",
        nargs="+",
        metavar="NAME[=WEIGHT]",
        help=f"penalties on gradients: {', '.join(registry.PENALTIES)}; or none",
    )
    add("--augment", choices=registry.AUGMENTATIONS, help="augment the discriminator's images")
    add("--updates", choices=("alternating", "simultaneous"), help="default: alternating")
    add("--d-steps", type=positive, help="discriminator updates per generator update")
    decay = real("in (0, 1)", lambda number: 0 < number < 1)
    add("--ema", type=decay, help="decay of the moving average of the generator's weights, e.g. 0.999")
    fraction = real("in [0, 1]", lambda number: 0 <= number <= 1)
    add("--label-smoothing", type=fraction, metavar="LABEL", help="target of real images, e.g. 0.9")
    add(
        "--instance-noise",
        type=weight,
        metavar="STD",
        help="standard deviation of the noise on the discriminator's images, e.g. 0.1",
    )
    growth = f"(default: so many that it is fully grown after {GROWTH_STEPS:,} steps)"
    growth = f"ProgressiveGAN: images per fade and between two fades {growth}"
    add("--growth", type=positive, metavar="IMAGES", help=growth)
    on_nan = "at NaN or infinity: stop (default); skip the step; or rewind, with lower learning rates"
    add("--on-nan", choices=("stop", "skip", "rewind"), default="stop", help=on_nan)


def check(arguments, source: ModelSource) -> None:
    """Raise UsageError if an option of the method contradicts another one or the model."""
    losses = arguments.losses or source.attributes.get("default_losses")
    if (
        arguments.label_smoothing is not None
        and losses in registry.LOSSES
        and losses not in registry.LOSSES_WITH_TARGETS
    ):
        raise UsageError(
            "--label-smoothing needs a loss that compares scores with labels: --losses "
            f"{', '.join(registry.LOSSES_WITH_TARGETS)}. Received: {losses}"
        )
    if arguments.growth is not None and not source.attributes.get("can_grow", False):
        raise UsageError(f"--growth is for ProgressiveGAN. Received: MODEL {source.name}")
    for item in arguments.penalties or ():
        name, equals, text = item.partition("=")
        allowed = (*registry.PENALTIES, "none")
        if name not in allowed or (name == "none" and arguments.penalties != ["none"]):
            raise UsageError(
                f"--penalties takes {', '.join(registry.PENALTIES)} or none. Received: "
                f"{' '.join(arguments.penalties)}"
            )
        if equals:
            try:
                weight(text)
            except argparse.ArgumentTypeError as error:
                raise UsageError(f"--penalties NAME=WEIGHT: the weight {error}") from None
        if name == "path_length" and not source.attributes.get("has_styles", False):
            raise UsageError(f"--penalties path_length is for StyleGAN2. Received: MODEL {source.name}")


def choose_recipe(arguments, model_class, dataset, settings) -> dict[str, Any]:
    """Set `recipe`, unless --recipe gave one, `recipe_reason` and `recipe_settings`.

    Args:
        settings: arguments of the model's constructor that --set gave.

    Returns:
        `recipe_settings`, arguments of the model's constructor: none with --recipe paper.
    """
    from keras_gan_zoo.training import recipes

    arguments.recipe_reason = "by --recipe"
    arguments.recipe_settings = {} if arguments.recipe == "paper" else dict(model_class.cpu_arguments)
    if arguments.recipe is None and settings.get("d_features") is not None:
        arguments.recipe, arguments.recipe_reason = "projected", "by --set d_features"
    if arguments.recipe is None:
        arguments.recipe, arguments.recipe_reason = recipes.for_data(model_class, dataset)
    return arguments.recipe_settings


def describe_recipe(arguments, model) -> str:
    """Return the recipe, the reason for it, and its arguments that no option replaces, in one line."""
    from keras_gan_zoo.training import recipes

    recipe = recipes.RECIPES[arguments.recipe]
    serialize = import_keras().saving.serialize_keras_object
    values = {name: getattr(model, name) for name in arguments.recipe_settings}
    values |= {
        name: serialize(value)
        for name, value in recipe.arguments_for(model).items()
        if getattr(arguments, name, None) is None
    }
    changes = ", ".join(f"{name}={short(value)}" for name, value in values.items())
    return f"Recipe {arguments.recipe}, {arguments.recipe_reason}: {changes or recipe.situation}"


def short(value):
    """Describe a serialized argument of `compile`, as its option takes it where there is a name."""
    if isinstance(value, list):
        return f"'{' '.join(map(short, value)) or 'none'}'"
    if isinstance(value, dict) and "class_name" in value:
        config = ",".join(f"{key}={item}" for key, item in value["config"].items())
        return f"{value['class_name']}({config})"
    return repr(value)


def compile_arguments(arguments) -> dict[str, Any]:
    """Return the arguments of `compile` that the options give; None: the default of the model."""
    return {
        "recipe": arguments.recipe,
        "losses": arguments.losses,
        "penalties": _penalties(arguments.penalties),
        "augment": arguments.augment,
        "updates": arguments.updates,
        "d_steps": arguments.d_steps,
        "ema": arguments.ema,
    }


def _penalties(items):
    """Return penalty objects for NAME and NAME=WEIGHT, [] for `none`."""
    if items is None or items == ["none"]:
        return items and []
    from keras_gan_zoo.penalties import PENALTIES

    parts = [item.partition("=") for item in items]
    return [
        PENALTIES[name](float(value)) if equals else PENALTIES[name]() for name, equals, value in parts
    ]


def advice(error: FloatingPointError, checkpoint) -> str:
    """Return the first sentence of an error of `FiniteNumbers`, and what to do on the command line."""
    found = str(error).partition(" Training stops;")[0].rstrip(".")
    kept = "No epoch is full, so there is no model file"
    if checkpoint.exists():
        kept = f"{checkpoint} holds the last full epoch before it"
    return (
        f"{found}. {kept}. Probably a step was too large or a number overflowed: the same command with "
        "--resume and --on-nan rewind lowers the learning rates when it happens again, --on-nan skip "
        "leaves out such steps"
    )


def callbacks(kgz, model, dataset, arguments):
    """Return callbacks that change or monitor the training."""
    selected = [kgz.callbacks.FiniteNumbers(arguments.on_nan)]
    if arguments.preset is not None:
        selected.append(kgz.callbacks.DiscriminatorWarmup(WARMUP_STEPS))
    if model.can_grow:
        images = arguments.growth or growth_images(model, dataset.batch_size)
        selected.append(kgz.callbacks.ProgressiveGrowth(images, images))
    if arguments.label_smoothing is not None:
        smoothing = kgz.callbacks.LabelSmoothing(arguments.label_smoothing)
        smoothing.check(model)
        selected.append(smoothing)
    if arguments.instance_noise is not None:
        selected.append(kgz.callbacks.InstanceNoise(arguments.instance_noise))
    try:
        kgz.metrics.get_extractor(None, model.image_shape)
    except ValueError:
        return selected  # no network in the package has features of images of this size
    return [*selected, kgz.callbacks.CollapseMonitor(every=arguments.every)]
