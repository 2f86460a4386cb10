"""Named combinations of `compile` arguments from papers: `model.compile(recipe="small_data")`."""

import dataclasses
from typing import Any

from keras_gan_zoo import penalties

# Below, `for_data` chooses augmentation: 500 cars gain from it, 1,623 nebulae lose
# (benchmarks/image_quality.py).
FEW_IMAGES = 1000


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Arguments of `compile` for one situation.

    Args:
        situation: the kind of training that the recipe is for, as a noun phrase.
        source: paper or papers that the arguments come from.
        arguments: keyword arguments of `compile`.
        scales_rates: whether the paper's learning rate is multiplied by `width / reference_width`, to
            the power of `rate_exponent`, for models that have a `reference_width`. Their
            `robust_arguments` belong to these recipes, too.
    """

    situation: str
    source: str
    arguments: dict[str, Any]
    scales_rates: bool = False

    def arguments_for(self, model: Any) -> dict[str, Any]:
        """Return the keyword arguments of `compile` for a model."""
        if not self.scales_rates or model.reference_width is None:
            return self.arguments
        paper = model.default_optimizer().get_config()
        rate, *betas = (paper[name] for name in ("learning_rate", "beta_1", "beta_2"))
        if not all(isinstance(number, float) for number in (rate, *betas)):  # a schedule
            return self.arguments
        factor = (model.width / model.reference_width) ** model.rate_exponent
        adam = _adam(float(f"{rate * factor:.6g}"), *betas, epsilon=paper["epsilon"])
        return {"d_opt": adam, "g_opt": adam, **self.arguments, **model.robust_arguments}


def _adam(rate: float, beta_1: float, beta_2: float, epsilon: float = 1e-7) -> dict[str, Any]:
    config = {"learning_rate": rate, "beta_1": beta_1, "beta_2": beta_2}
    if epsilon != 1e-7:
        config["epsilon"] = epsilon
    return {"class_name": "Adam", "config": config}


RECIPES: dict[str, Recipe] = {
    "paper": Recipe("the method of the model's paper", "the model's paper", {}),
    "robust": Recipe(
        "a first training, with any seed",
        "benchmarks/robustness.py: learning rates in proportion to 1 / width (Yang et al. 2022, arXiv "
        "2203.03466), an averaged generator (Karras et al. 2017, arXiv 1710.10196) that upsamples by "
        "resizing (Odena et al. 2016, doi 10.23915/distill.00003)",
        {"ema": 0.999},
        scales_rates=True,
    ),
    "stable": Recipe(
        "training that must not collapse, on any data",
        "R3GAN's loss and penalties (Huang et al. 2024, arXiv 2501.05441)",
        {
            "d_opt": _adam(2e-4, 0.0, 0.99),
            "g_opt": _adam(2e-4, 0.0, 0.99),
            "losses": "relativistic",
            "penalties": [penalties.R1(1.0), penalties.R2(1.0)],
            "ema": 0.999,
        },
    ),
    "small_data": Recipe(
        "a few hundred to a few thousand images",
        '"robust" with DiffAugment (Zhao et al. 2020, arXiv 2006.10738)',
        {"augment": "diffaugment", "ema": 0.999},
        scales_rates=True,
    ),
    "high_resolution": Recipe(
        "images of 128 pixels or more",
        "StyleGAN2's loss and lazy penalty (Karras et al. 2019, arXiv 1912.04958), with the R1 weight "
        "of 256x256 pixels: 10 for 1024x1024, scaled by the number of pixels",
        {
            "losses": "non_saturating",
            "penalties": [penalties.R1(0.625, every=16)],
            "ema": 0.999,
        },
    ),
    "projected": Recipe(
        "models with `d_features`",
        "Projected GAN (Sauer et al. 2021, arXiv 2111.01007)",
        {
            "d_opt": _adam(2e-4, 0.0, 0.99),
            "g_opt": _adam(2e-4, 0.0, 0.99),
            "losses": "hinge",
            "penalties": [],
            "augment": "diffaugment",
            "d_steps": 1,
            "ema": 0.999,
        },
    ),
    "conditional": Recipe(
        "class-conditional models",
        "SAGAN's loss and two time scales (Zhang et al. 2018, arXiv 1805.08318; Heusel et al. 2017, "
        "arXiv 1706.08500)",
        {
            "d_opt": _adam(4e-4, 0.0, 0.9),
            "g_opt": _adam(1e-4, 0.0, 0.9),
            "losses": "hinge",
            "ema": 0.999,
        },
    ),
}


def for_data(model_class: type, dataset) -> tuple[str, str]:
    """Choose the recipe of the command line.

    Args:
        model_class: class of the model.
        dataset: training data, of `data.load`, `data.paired` or `data.unpaired`.

    Returns:
        The recipe's name, and the reason as part of a sentence.
    """
    if model_class.reference_width is None:
        return "paper", f"the default of {model_class.__name__}"
    if hasattr(dataset, "targets"):  # of images to images, whose outputs are not augmented
        return "robust", f"the default of {model_class.__name__}"
    num_images = len(dataset.images)
    limit = f"{FEW_IMAGES:,} images"
    if num_images < FEW_IMAGES:
        return "small_data", f"the default of {model_class.__name__} for fewer than {limit}"
    return "robust", f"the default of {model_class.__name__} for at least {limit}"


def apply(recipe: str | None, given: dict[str, Any], model: Any) -> dict[str, Any]:
    """Fill in the arguments of `compile` that are None from a recipe.

    Args:
        recipe: a key of `RECIPES`, or None for no change.
        given: arguments of `compile`; those that are not None take precedence over the recipe.
        model: the model to compile.

    Returns:
        Dict with the keys of `given`.

    Raises:
        ValueError: unknown recipe; the message lists all with their situations.
    """
    if recipe is None:
        return given
    if recipe not in RECIPES:
        known = "; ".join(f"{name!r}: {entry.situation}" for name, entry in RECIPES.items())
        raise ValueError(
            f"Argument `recipe` must be a known name. Received: {recipe!r}. Known: {known}."
        )
    arguments = RECIPES[recipe].arguments_for(model)
    return {name: arguments.get(name) if value is None else value for name, value in given.items()}
