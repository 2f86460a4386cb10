"""DINOv2 and CLIP of KerasHub as extractors."""

import os
from pathlib import Path

import keras
import numpy as np

from keras_gan_zoo.metrics.extractors.published import Published, bicubic

# Mean and standard deviation of each channel that the networks were trained with, in [0, 1].
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


class HubExtractor(Published):
    """`dinov2(...)` and `clip(...)`.

    Args:
        network: From images, normalized with `statistics`, to features.
        name: Name in logs and reports.
        statistics: (means, standard deviations) of the channels.
        crop: Whether to crop to a centred square before resizing; otherwise the image is stretched.
    """

    def __init__(self, network: keras.Model, name: str, statistics, crop: bool):
        super().__init__(network, name)
        self.mean, self.deviation = np.array(statistics, "float32")
        self.crop = crop

    def resized(self, images):
        if self.crop:
            height, width = images.shape[1:3]
            side = min(height, width)
            top, left = (height - side) // 2, (width - side) // 2
            images = images[:, top : top + side, left : left + side]
        return (bicubic(images, self.network.input_shape[1]) - self.mean) / self.deviation


def dinov2(source: str | os.PathLike | keras.Model = "dinov2_large") -> HubExtractor:
    """Return a DINOv2 network of KerasHub as an extractor, for FD-DINOv2.

    Oquab et al. 2023, arXiv 2304.07193; Stein et al. 2023, arXiv 2306.04675. As in that paper, images
    are resized to 224x224 pixels with Pillow's bicubic filter, and the features are the class token
    after the last normalization.

    Args:
        source: Name of a preset of KerasHub, which downloads it on first use, or a folder that
            `save_to_preset` wrote, or a `keras_hub.models.DINOV2Backbone`. The paper's network is
            `"dinov2_large"`, the default.

    Raises:
        ImportError: KerasHub is not installed.
        ConnectionError: The preset is not on this machine and cannot be downloaded.
    """
    backbone = _backbone("DINOV2Backbone", source, image_shape=(224, 224, 3))
    images = keras.Input(_image_shape(backbone))
    network = keras.Model(images, backbone({"images": images})[:, 0])
    return HubExtractor(network, _name("dinov2", source), _IMAGENET, crop=False)


def clip(source: str | os.PathLike | keras.Model = "clip_vit_large_patch14_336") -> HubExtractor:
    """Return a CLIP network of KerasHub as an extractor, for CMMD.

    Radford et al. 2021, arXiv 2103.00020; Jayasumana et al. 2023, arXiv 2401.09603. As in the program
    of that paper, images are cropped to a centred square and resized with Pillow's bicubic filter, and
    the features are the projected embeddings of unit length.

    Args:
        source: As for `dinov2`; a backbone is a `keras_hub.models.CLIPBackbone`. The paper's network is
            `"clip_vit_large_patch14_336"`, the default.

    Raises:
        ImportError: KerasHub is not installed.
        ConnectionError: The preset is not on this machine and cannot be downloaded.
    """
    backbone = _backbone("CLIPBackbone", source)
    images = keras.Input(_image_shape(backbone.vision_encoder))
    embeddings = backbone.get_vision_embeddings(images)
    network = keras.Model(images, keras.layers.UnitNormalization()(embeddings))
    return HubExtractor(network, _name("clip", source), _CLIP, crop=True)


def _backbone(class_name, source, **arguments):
    if isinstance(source, keras.Model):
        return source
    try:
        import keras_hub
    except ImportError as error:
        raise ImportError(
            "DINOv2 and CLIP are networks of KerasHub: pip install keras-hub, or "
            f"'keras-gan-zoo[features]' ({error}). 'fid' and 'kid' do not need it, 'frechet' and "
            "'kernel' need no download either."
        ) from error
    try:
        return getattr(keras_hub.models, class_name).from_preset(os.fspath(source), **arguments)
    except Exception as error:  # KerasHub raises errors of any class for missing files and networks
        presets = ", ".join(getattr(keras_hub.models, class_name).presets)
        raise ConnectionError(
            f"KerasHub could not load {os.fspath(source)!r}. It must be a folder that `save_to_preset` "
            f"wrote or, with a network, one of the presets {presets}. "
            f"{type(error).__name__}: {str(error).strip().splitlines()[0]:.200}"
        ) from error


def _image_shape(backbone):
    """(side, side, 3) of the network's images."""
    return tuple(backbone.image_shape)


def _name(kind, source):
    """Name in figures, which begins with the kind of the network."""
    name = source.name if isinstance(source, keras.Model) else Path(source).name
    return name if name.startswith(kind) else f"{kind}_{name}"
