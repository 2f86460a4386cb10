"""`PresetModel`: the part of the models that reads and writes presets."""

import os
from typing import Any

import keras

from keras_gan_zoo import registry
from keras_gan_zoo.plots import grids
from keras_gan_zoo.presets import cards, catalog, weights
from keras_gan_zoo.utils import archives, files


class _Presets:
    """Class property: the presets of a class, name to summary."""

    def __get__(self, instance, owner):
        found = {name: catalog.read_card(catalog.FOLDER / name) for name in catalog.names()}
        return {
            name: card["summary"]
            for name, card in found.items()
            if _class_of(card["class_name"], owner) is not None
        }


class PresetModel:
    """Base of models that have presets.

    Attributes:
        presets: of the class, dict of the names of the package's presets to summaries.
    """

    presets = _Presets()

    @classmethod
    def from_preset(cls, preset: str | os.PathLike, seed: int | None = None):
        """Create a model with the trained generator of a preset, see `keras_gan_zoo.from_preset`.

        Args:
            preset: a name of `presets`, or the folder that `save_to_preset` wrote.
            seed: integer, seed of the new model. Defaults to `None`, the seed of the preset.

        Returns:
            A model that is not compiled. Its discriminator has its initial weights.

        Raises:
            ValueError: There is no such preset, it is one of another class, or its weights ask for much
                more memory than their file has bytes.
            OSError: A file of the preset is missing or damaged.
        """
        found = catalog.read(preset)
        owner = _class_of(found.class_name, cls)
        if owner is None:
            raise ValueError(_wrong_class(cls, preset, found))
        config = found.config if seed is None else found.config | {"seed": seed}
        archives.check_model(found.weights)
        model = owner.from_config(config)
        model.preset_network().load_weights(found.weights)
        return model

    def save_to_preset(
        self,
        folder: str | os.PathLike,
        card: dict[str, Any] | None = None,
        grid: tuple[Any, int | None] | None = None,
    ) -> None:
        """Write the generator as a preset, which `from_preset(folder)` reads.

        A preset holds the moving average where `ema` is enabled, in half precision; no discriminator,
        optimizers or other states of the training. Use `save` to continue a training exactly.

        Args:
            folder: folder to write to, created if needed. Its name is the name of the preset.
            card: facts for `card.json`: any of `"data"`, `"licence"`, `"command"`, `"steps"`,
                `"cpu_minutes"`, `"gpu_minutes"` and `"metrics"`, as `metrics.Reference.figures`
                returns them. Defaults to `None`, which leaves them open, except for the steps.
            grid: images (n, height, width, channels) in [-1, 1] for `grid.png`, and its number of
                columns or `None`. Defaults to `None`: 64 generated images, and no grid for models that
                need images to work on.

        Raises:
            ValueError: The folder cannot be written to, `card` has unknown keys, weights are not
                finite, or the model has no network that a preset could hold.
        """
        cards.check(card)
        network, config = self.preset_network(), self.preset_config()
        folder = files.writable_folder(folder, "folder")
        for name in (catalog.GRID, catalog.CARD):
            (folder / name).unlink(missing_ok=True)
        content = {"class_name": type(self).__name__, "config": config}
        cards.write_json(content, folder / catalog.CONFIG)
        weights.save(network, folder / catalog.WEIGHTS)
        grid = self.preset_grid() if grid is None else grid
        if grid is not None:
            images, columns = grid
            grids.grid(images, folder / catalog.GRID, columns)
        cards.write(folder, cards.describe(self, network) | (card or {}))

    def preset_network(self) -> keras.Model:
        """Return the network that a preset holds."""
        return self.best_generator()

    def preset_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor that a preset holds."""
        return self.get_config()

    def preset_grid(self) -> tuple[Any, int | None] | None:
        """Return the images of a preset's grid and the number of columns; None: no grid."""
        return None


def _class_of(name, cls):
    """Return the class of a preset with a class name if `cls` may load it, else None.

    A model of the package loads its own presets only, a base class those of all its subclasses.
    """
    if name == cls.__name__:
        return cls
    if cls.__name__ in registry.ALL_MODELS or name not in registry.ALL_MODELS:
        return None
    owner = registry.load(registry.ALL_MODELS[name])
    return owner if issubclass(owner, cls) else None


def _wrong_class(cls, preset, found):
    if found.class_name not in registry.ALL_MODELS:
        return catalog.unknown_class(found)
    own = ", ".join(cls.presets) or "none"
    return (
        f"Argument `preset` must name a preset of {cls.__name__}. Received: preset={str(preset)!r}, a "
        f"{found.class_name}. Call `keras_gan_zoo.{found.class_name}.from_preset` or "
        f"`keras_gan_zoo.from_preset`. Presets of {cls.__name__}: {own}."
    )
