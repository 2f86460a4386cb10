"""GANs for Keras 3, on TensorFlow, JAX and PyTorch.

Importing this package imports neither Keras nor a framework: every public name is loaded on first use.
"""

import importlib
import importlib.abc
import sys
from typing import TYPE_CHECKING

from keras_gan_zoo import registry

if TYPE_CHECKING:  # for type checkers and editors; tests/test_imports.py compares it with the registry
    from keras_gan_zoo import augment as augment
    from keras_gan_zoo import callbacks as callbacks
    from keras_gan_zoo import convert as convert
    from keras_gan_zoo import data as data
    from keras_gan_zoo import latent as latent
    from keras_gan_zoo import layers as layers
    from keras_gan_zoo import legacy as legacy
    from keras_gan_zoo import losses as losses
    from keras_gan_zoo import metrics as metrics
    from keras_gan_zoo import optimizers as optimizers
    from keras_gan_zoo import penalties as penalties
    from keras_gan_zoo import plots as plots
    from keras_gan_zoo import presets as presets
    from keras_gan_zoo import schedules as schedules
    from keras_gan_zoo.models.image_to_image.base import ImageToImage as ImageToImage
    from keras_gan_zoo.models.image_to_image.cyclegan import CycleGAN as CycleGAN
    from keras_gan_zoo.models.image_to_image.discogan import DiscoGAN as DiscoGAN
    from keras_gan_zoo.models.image_to_image.pix2pix import Pix2Pix as Pix2Pix
    from keras_gan_zoo.models.image_to_image.srgan import SRGAN as SRGAN
    from keras_gan_zoo.models.image_to_image.two_domains import TwoDomains as TwoDomains
    from keras_gan_zoo.models.noise_to_image.base import NoiseToImage as NoiseToImage
    from keras_gan_zoo.models.noise_to_image.conditional_gan import ConditionalGAN as ConditionalGAN
    from keras_gan_zoo.models.noise_to_image.dcgan import DCGAN as DCGAN
    from keras_gan_zoo.models.noise_to_image.fastgan import FastGAN as FastGAN
    from keras_gan_zoo.models.noise_to_image.gan import GAN as GAN
    from keras_gan_zoo.models.noise_to_image.info_gan import InfoGAN as InfoGAN
    from keras_gan_zoo.models.noise_to_image.msg_gan import MSGGAN as MSGGAN
    from keras_gan_zoo.models.noise_to_image.progressive_gan import ProgressiveGAN as ProgressiveGAN
    from keras_gan_zoo.models.noise_to_image.r3gan import R3GAN as R3GAN
    from keras_gan_zoo.models.noise_to_image.sngan import SNGAN as SNGAN
    from keras_gan_zoo.models.noise_to_image.stylegan2 import StyleGAN2 as StyleGAN2
    from keras_gan_zoo.models.noise_to_image.wgan_gp import WGANGP as WGANGP
    from keras_gan_zoo.models.style_transfer.gatys import StyleTransfer as StyleTransfer
    from keras_gan_zoo.models.style_transfer.johnson import FastStyleTransfer as FastStyleTransfer
    from keras_gan_zoo.presets import from_preset as from_preset
    from keras_gan_zoo.seeding import set_seed as set_seed
    from keras_gan_zoo.training import recipes as recipes
    from keras_gan_zoo.training.model import AdversarialModel as AdversarialModel

    __version__: str

_SUBPACKAGES = (
    "augment",
    "callbacks",
    "convert",
    "data",
    "latent",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "optimizers",
    "penalties",
    "plots",
    "presets",
    "training.recipes",
    "schedules",
)

_MODELS = {**registry.ALL_MODELS, **registry.BASES}
_FUNCTIONS = {
    "from_preset": "keras_gan_zoo.presets:from_preset",
    "set_seed": "keras_gan_zoo.seeding:set_seed",
}

_MODULES = {path.rpartition(".")[2]: path for path in _SUBPACKAGES}

__all__ = [*_MODELS, *_FUNCTIONS, *_MODULES]


if not TYPE_CHECKING:  # type checkers would take every name for one that exists

    def __getattr__(name: str):
        if name in _MODELS or name in _FUNCTIONS:
            return registry.load({**_MODELS, **_FUNCTIONS}[name])
        if name in _MODULES:
            return importlib.import_module(f"{__name__}.{_MODULES[name]}")
        if name == "__version__":
            return _installed_version()
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _installed_version() -> str:
    """Version of the installed distribution; "0+unknown" for a source tree that is not installed."""
    from importlib import metadata

    try:
        return metadata.version("keras-gan-zoo")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def __dir__():
    return sorted({*globals(), *__all__, "__version__"})


class _RegisterAfterKeras(importlib.abc.MetaPathFinder):
    """Import hook that registers this package's classes with Keras once Keras is imported.

    `keras.models.load_model` finds a class only if it is registered, because Keras refuses to import
    modules that a file names. With this hook, `import keras_gan_zoo` is enough to load saved models,
    in either order of the two imports, and does not import Keras itself.
    """

    def find_spec(self, name, path=None, target=None):
        if name != "keras":
            return None
        specs = (finder.find_spec(name, path) for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, specs), None)
        if spec is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: self._load(execute, module)
        return spec

    def _load(self, execute, module):
        try:
            execute(module)
        except ImportError as error:
            framework = (error.name or "").partition(".")[0]
            if framework not in ("tensorflow", "jax", "torch"):
                raise
            raise ImportError(
                f"Keras needs {framework}, which cannot be imported. Install it, or set the "
                "environment variable KERAS_BACKEND to 'tensorflow', 'jax' or 'torch', whichever is "
                "installed."
            ) from error
        sys.meta_path.remove(self)
        registry.register_classes(module)


if "keras" in sys.modules:
    registry.register_classes(sys.modules["keras"])
else:
    sys.meta_path.insert(0, _RegisterAfterKeras())
