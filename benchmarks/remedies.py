"""Named remedies of the robustness study; `a+b` is both.

"plain" is the DCGAN that tutorials copy: no bias in the discriminator, which the class has by default.
"robust" and "small_data" are what the command line trains.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

NATIVE = "native PyTorch"


class Setting(NamedTuple):
    """What a remedy's constants may depend on."""

    image_shape: tuple[int, int, int]
    batch: int


class Parts(NamedTuple):
    """Arguments of the model and of `compile`, and callbacks."""

    model: Mapping[str, Any] = MappingProxyType({})
    compiled: Mapping[str, Any] = MappingProxyType({})
    callbacks: tuple = ()


def _rates(d_rate, g_rate):
    import keras

    return {
        "d_opt": keras.optimizers.Adam(d_rate, beta_1=0.5),
        "g_opt": keras.optimizers.Adam(g_rate, beta_1=0.5),
    }


def _recipe(name):
    import keras_gan_zoo as kgz

    return Parts({"d_bias": True, **kgz.DCGAN.cpu_arguments}, {"recipe": name})


def _callback(name, *arguments, **named):
    import keras_gan_zoo as kgz

    return Parts(callbacks=(getattr(kgz.callbacks, name)(*arguments, **named),))


def _lazy_r1(setting):
    """StyleGAN2-ADA's rule (Karras et al. 2020, arXiv 2006.06676): 0.0002 * pixels / batch."""
    from keras_gan_zoo import penalties

    height, width, _ = setting.image_shape
    return Parts(
        compiled={"penalties": [penalties.R1(2e-4 * height * width / setting.batch, every=16)]}
    )


def _relativistic(setting):
    from keras_gan_zoo import penalties

    return Parts(
        compiled={"losses": "relativistic", "penalties": [penalties.R1(1.0), penalties.R2(1.0)]}
    )


REMEDIES: dict[str, Callable[[Setting], Parts]] = {
    "plain": lambda setting: Parts(),
    "robust": lambda setting: _recipe("robust"),
    "small_data": lambda setting: _recipe("small_data"),
    "d_bias": lambda setting: Parts({"d_bias": True}),
    "ema": lambda setting: Parts(compiled={"ema": 0.999}),
    "label_smoothing": lambda setting: _callback("LabelSmoothing", 0.9),
    "label_noise": lambda setting: _callback("LabelNoise", 0.1, flip=0.05),
    "instance_noise": lambda setting: _callback("InstanceNoise", 0.1),
    "d_skip": lambda setting: _callback("DiscriminatorSkip", 0.3),
    "ttur": lambda setting: Parts(compiled=_rates(4e-4, 1e-4)),
    "double_rates": lambda setting: Parts(compiled=_rates(4e-4, 4e-4)),
    "spectral_hinge": lambda setting: Parts({"d_norm": "spectral"}, {"losses": "hinge"}),
    "no_d_norm": lambda setting: Parts({"d_norm": "none"}),
    "layer_d_norm": lambda setting: Parts({"d_norm": "layer"}),
    "san": lambda setting: Parts({"d_norm": "spectral", "d_output": "san"}, {"losses": "hinge"}),
    "lecam": lambda setting: Parts(compiled={"penalties": ["lecam"]}),
    "lazy_r1": _lazy_r1,
    "r1_r2_relativistic": _relativistic,
    "diffaugment": lambda setting: Parts(compiled={"augment": "diffaugment"}),
    "ada": lambda setting: Parts(compiled={"augment": "ada"}),
    "resize": lambda setting: Parts({"upsampling": "resize"}),
}
SINGLE = [*REMEDIES, NATIVE]


def check(name: str) -> str:
    """`name`, if all its parts are known; for argparse."""
    unknown = [part for part in name.split("+") if part not in REMEDIES and name != NATIVE]
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")
    return name


def build(name: str, setting: Setting) -> Parts:
    """The parts of all remedies of `a+b` together.

    Raises:
        ValueError: two of them set the same argument.
    """
    total = Parts()
    for part in (REMEDIES[name](setting) for name in name.split("+")):
        both = (total.model.keys() & part.model.keys()) | (total.compiled.keys() & part.compiled.keys())
        if both:
            raise ValueError(f"Remedies must not set the same argument. Received: {name}, {both}.")
        total = Parts(
            {**total.model, **part.model},
            {**total.compiled, **part.compiled},
            total.callbacks + part.callbacks,
        )
    return total


def dcgan(setting: Setting, parts: Parts, width: int, seed: int):
    """The compiled DCGAN."""
    import keras_gan_zoo as kgz

    arguments = {"d_bias": False, **parts.model, "width": width}
    model = kgz.DCGAN(setting.image_shape, seed=seed, **arguments)
    model.compile(**parts.compiled)
    return model
