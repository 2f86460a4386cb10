"""Combinations of what `compile` takes that papers have settled on, one word for each situation.

model.compile(recipe="small_data")
"""

import dataclasses
from typing import Any

from keras_gan_zoo import penalties


@dataclasses.dataclass(frozen=True)
class Recipe:
    """When to take it, where it comes from, and the arguments of `compile`."""

    situation: str
    source: str
    arguments: dict[str, Any]


def _adam(rate: float, beta_1: float, beta_2: float) -> dict[str, Any]:
    config = {"learning_rate": rate, "beta_1": beta_1, "beta_2": beta_2}
    return {"class_name": "Adam", "config": config}


RECIPES: dict[str, Recipe] = {
    "stable": Recipe(
        "a training that must not collapse, whatever the data",
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
        "DiffAugment (Zhao et al. 2020, arXiv 2006.10738)",
        {"augment": "diffaugment", "ema": 0.999},
    ),
    "high_resolution": Recipe(
        "images of 128 pixels and more",
        "StyleGAN2's loss and lazy penalty (Karras et al. 2019, arXiv 1912.04958), with R1's weight of "
        "256x256 pixels: 10 for 1024x1024, in proportion to the pixels",
        {
            "losses": "non_saturating",
            "penalties": [penalties.R1(0.625, every=16)],
            "ema": 0.999,
        },
    ),
    "conditional": Recipe(
        "models with classes",
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


def apply(recipe: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """`given`, with the recipe's arguments in the place of those that are None.

    Raises:
        ValueError: no recipe of that name; the message lists all with their situations.
    """
    if recipe is None:
        return given
    if recipe not in RECIPES:
        known = "; ".join(f"{name!r}: {found.situation}" for name, found in RECIPES.items())
        raise ValueError(
            f"Argument `recipe` must be a known name. Received: {recipe!r}. Known: {known}."
        )
    return {
        name: RECIPES[recipe].arguments.get(name) if value is None else value
        for name, value in given.items()
    }
