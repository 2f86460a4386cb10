"""Public classes and option names, without importing Keras.

The package, the command line, the contract tests and the README's table read this module.
"""

import importlib

MODELS: dict[str, str] = {
    "GAN": "keras_gan_zoo.models.noise_to_image.gan:GAN",
    "DCGAN": "keras_gan_zoo.models.noise_to_image.dcgan:DCGAN",
    "WGANGP": "keras_gan_zoo.models.noise_to_image.wgan_gp:WGANGP",
    "SNGAN": "keras_gan_zoo.models.noise_to_image.sngan:SNGAN",
    "R3GAN": "keras_gan_zoo.models.noise_to_image.r3gan:R3GAN",
    "ConditionalGAN": "keras_gan_zoo.models.noise_to_image.conditional_gan:ConditionalGAN",
    "FastGAN": "keras_gan_zoo.models.noise_to_image.fastgan:FastGAN",
    "ProgressiveGAN": "keras_gan_zoo.models.noise_to_image.progressive_gan:ProgressiveGAN",
    "MSGGAN": "keras_gan_zoo.models.noise_to_image.msg_gan:MSGGAN",
    "StyleGAN2": "keras_gan_zoo.models.noise_to_image.stylegan2:StyleGAN2",
    "InfoGAN": "keras_gan_zoo.models.noise_to_image.info_gan:InfoGAN",
    "Pix2Pix": "keras_gan_zoo.models.image_to_image.pix2pix:Pix2Pix",
    "SRGAN": "keras_gan_zoo.models.image_to_image.srgan:SRGAN",
    "DiscoGAN": "keras_gan_zoo.models.image_to_image.discogan:DiscoGAN",
    "CycleGAN": "keras_gan_zoo.models.image_to_image.cyclegan:CycleGAN",
}

# Not adversarial: one optimizer, and a feature network in place of a discriminator.
STYLE_MODELS: dict[str, str] = {
    "StyleTransfer": "keras_gan_zoo.models.style_transfer.gatys:StyleTransfer",
    "FastStyleTransfer": "keras_gan_zoo.models.style_transfer.johnson:FastStyleTransfer",
}

ALL_MODELS: dict[str, str] = {**MODELS, **STYLE_MODELS}

# Base classes of models, for models of the user's own.
BASES: dict[str, str] = {
    "AdversarialModel": "keras_gan_zoo.training.model:AdversarialModel",
    "NoiseToImage": "keras_gan_zoo.models.noise_to_image.base:NoiseToImage",
    "ImageToImage": "keras_gan_zoo.models.image_to_image.base:ImageToImage",
    "TwoDomains": "keras_gan_zoo.models.image_to_image.two_domains:TwoDomains",
}

LAYERS: dict[str, str] = {
    "BasisExpansion": "keras_gan_zoo.layers:BasisExpansion",
    "BasisProjection": "keras_gan_zoo.layers:BasisProjection",
    "BatchNormalization": "keras_gan_zoo.layers:BatchNormalization",
    "Bias": "keras_gan_zoo.layers:Bias",
    "BilinearDownsampling2D": "keras_gan_zoo.layers:BilinearDownsampling2D",
    "BilinearUpsampling2D": "keras_gan_zoo.layers:BilinearUpsampling2D",
    "BlurDownsampling2D": "keras_gan_zoo.layers:BlurDownsampling2D",
    "BlurUpsampling2D": "keras_gan_zoo.layers:BlurUpsampling2D",
    "ConditionalBatchNormalization": "keras_gan_zoo.layers:ConditionalBatchNormalization",
    "ConditionalInstanceNormalization": "keras_gan_zoo.layers:ConditionalInstanceNormalization",
    "ConstantInput": "keras_gan_zoo.layers:ConstantInput",
    "Conv2D": "keras_gan_zoo.layers:Conv2D",
    "Conv2DTranspose": "keras_gan_zoo.layers:Conv2DTranspose",
    "EqualizedConv2D": "keras_gan_zoo.layers:EqualizedConv2D",
    "EqualizedDense": "keras_gan_zoo.layers:EqualizedDense",
    "GroupNormalization": "keras_gan_zoo.layers:GroupNormalization",
    "ImagePool": "keras_gan_zoo.layers:ImagePool",
    "InstanceNormalization": "keras_gan_zoo.layers:InstanceNormalization",
    "LayerNormalization": "keras_gan_zoo.layers:LayerNormalization",
    "MeanTracker": "keras_gan_zoo.layers:MeanTracker",
    "MinibatchDiscrimination": "keras_gan_zoo.layers:MinibatchDiscrimination",
    "MinibatchStdDev": "keras_gan_zoo.layers:MinibatchStdDev",
    "ModulatedConv2D": "keras_gan_zoo.layers:ModulatedConv2D",
    "NoiseDropout": "keras_gan_zoo.layers:NoiseDropout",
    "NoiseInjection": "keras_gan_zoo.layers:NoiseInjection",
    "PixelNormalization": "keras_gan_zoo.layers:PixelNormalization",
    "ReflectionPadding2D": "keras_gan_zoo.layers:ReflectionPadding2D",
    "ScaledLeakyReLU": "keras_gan_zoo.layers:ScaledLeakyReLU",
    "SelfAttention": "keras_gan_zoo.layers:SelfAttention",
    "SpectralConv2D": "keras_gan_zoo.layers:SpectralConv2D",
    "SpectralDense": "keras_gan_zoo.layers:SpectralDense",
    "SpectralEmbedding": "keras_gan_zoo.layers:SpectralEmbedding",
}

OBJECTS: dict[str, str] = {
    "Cosine": "keras_gan_zoo.schedules:Cosine",
    "HalfLife": "keras_gan_zoo.schedules:HalfLife",
    "LBFGS": "keras_gan_zoo.models.style_transfer.lbfgs:LBFGS",
    "Linear": "keras_gan_zoo.schedules:Linear",
    "ScheduledAdam": "keras_gan_zoo.optimizers:ScheduledAdam",
}

# Names of options, listed here so that a wrong name is reported before Keras is imported.
DATASETS = ("digits", "mnist", "fashion_mnist", "cifar10")
LOSSES_WITH_TARGETS = ("non_saturating", "minimax", "least_squares")  # label smoothing needs one
LOSSES = (
    *LOSSES_WITH_TARGETS,
    "wasserstein",
    "hinge",
    "relativistic",
    "relativistic_hinge",
    "relativistic_average",
)
METRICS = (
    *("frechet", "kernel", "prdc", "inception_score", "ms_ssim", "memorization"),
    *("fid", "fid_clean", "kid", "kid_clean", "fd_dinov2", "cmmd"),
)
_HIGHER_IS_BETTER = ("precision", "recall", "density", "coverage", "inception_score")
# How their names begin.
_LOWER_IS_BETTER = ("frechet_", "kernel_", "fid", "kid", "fd_", "cmmd_", "copied")
# Best near the value of real images.
NEAR_FLOOR = ("ms_ssim", "authenticity", "c_t")
PENALTIES = ("gradient_penalty", "dragan", "r1", "r2", "path_length", "lecam")
AUGMENTATIONS = ("diffaugment", "ada")
RECIPES = ("paper", "robust", "stable", "small_data", "high_resolution", "projected", "conditional")
NETWORKS = ("inception_2015", "dinov2", "clip")  # those of papers, whose weights have a source
EXTRACTORS = (
    "grey28",
    "rgb64",
    "inception_v3",
    "inception_2015",
    "inception_2015_clean",
    "dinov2",
    "clip",
)
STYLE_NETWORKS = ("vgg19", "rgb64")


def load(path: str):
    """Import the object that a `"module:name"` path names."""
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)


def direction(name: str) -> str | None:
    """Whether less (`"min"`) or more (`"max"`) of a logged metric is better.

    Args:
        name: a value's name in logs, without `val_`, such as `"frechet_grey28"` or `"recall"`.

    Returns:
        `None` for other values, for standard errors, and for those of `NEAR_FLOOR`.
    """
    if name in _HIGHER_IS_BETTER:
        return "max"
    if name.startswith(_LOWER_IS_BETTER) and not name.endswith("_error"):
        return "min"
    return None


def register_classes(keras) -> None:
    """Register all classes for `keras.models.load_model`, each to be imported when a file needs it.

    Args:
        keras: the imported Keras module.
    """
    registered = keras.saving.get_custom_objects()
    for name, path in {**ALL_MODELS, **LAYERS, **OBJECTS}.items():
        registered.setdefault(f"keras_gan_zoo>{name}", _LazyClass(path))


class _LazyClass:
    """Placeholder for a registered class, which is imported when an object is deserialized.

    Args:
        path: `"module:name"` of the class.
    """

    def __init__(self, path: str):
        self.path = path

    def from_config(self, config):
        return load(self.path).from_config(config)
