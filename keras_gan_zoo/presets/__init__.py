"""Presets: trained generators that the package includes, and folders of the same form.

A preset is a folder. Those of the package are in the folder of this module, with names
`<model>_<data>_<size>`, such as `dcgan_digits_28`:

| file | contents |
|---|---|
| `config.json` | class and arguments of its constructor |
| `model.weights.h5` | weights of the generator, or of its moving average, in half precision |
| `card.json` | data and its licence, command, steps, time, versions, metrics, SHA-256 of the files |
| `card.md` | the same to read |
| `grid.png` | images of the preset |

Neither Keras nor a preset is loaded before one is asked for.
"""

import os

from keras_gan_zoo import registry
from keras_gan_zoo.presets.catalog import names as names
from keras_gan_zoo.presets.catalog import read, unknown_class


def from_preset(preset: str | os.PathLike, seed: int | None = None):
    """Create a model with the trained generator of a preset, and a discriminator that is not trained.

    The model generates or translates at once. `compile` and `fit` train it further.

    Args:
        preset: a name of `keras_gan_zoo.presets.names()`, or the folder that `model.save_to_preset`
            wrote.
        seed: integer, seed of the new model, see its class. Defaults to `None`, the seed of the preset.

    Returns:
        A model of the class of the preset, not compiled.

    Raises:
        ValueError: There is no such preset, or its class is not of this package.
        OSError: A file of the preset is missing or damaged.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> for name in kgz.presets.names():
    ...     print(name, type(kgz.from_preset(name)).__name__)
    """
    found = read(preset)
    path = registry.ALL_MODELS.get(found.class_name)
    if path is None:
        raise ValueError(unknown_class(found))
    return registry.load(path).from_preset(preset, seed=seed)
