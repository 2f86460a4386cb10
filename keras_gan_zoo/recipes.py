"""Proven combinations of what `compile` takes, each under one word for one situation."""

from typing import Any

RECIPES: dict[str, Any] = {}


def apply(recipe: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """`given`, with the recipe's arguments in the place of those that are None."""
    return given
