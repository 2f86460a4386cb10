"""Similarity of restored images to the originals, image by image."""

import numpy as np

from keras_gan_zoo.metrics.ssim import ssim


def psnr(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of image pairs in decibels, over all channels.

    Args:
        a, b: Images of shape (n, h, w, c) in [-1, 1].

    Returns:
        10 log10(4 / mean squared difference), float64 (n,); infinite for equal images.

    Raises:
        ValueError: The shapes differ.
    """
    a, b = (np.asarray(images, "float64") for images in (a, b))
    if a.ndim != 4 or a.shape != b.shape:
        raise ValueError(
            "Arguments `a` and `b` must be images of the same shape (n, h, w, c). Received: "
            f"{a.shape} and {b.shape}."
        )
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(4.0 / np.square(a - b).mean((1, 2, 3)))


def perceptual_distance(
    a: np.ndarray, b: np.ndarray, network: str = "rgb64", batch_size: int = 16
) -> np.ndarray:
    """Perceptual distance of image pairs, see `keras_gan_zoo.networks.perceptual.PerceptualDistance`.

    Args:
        a, b: Images of shape (n, h, w, c) in [-1, 1].
        network: `"rgb64"` or `"vgg19"`.
        batch_size: Pairs per pass of the network.

    Returns:
        float32 (n,), in [0, 2]; 0 for equal images.

    Raises:
        ValueError: An unknown network, or images that are too small for it.
    """
    import keras

    from keras_gan_zoo.networks.perceptual import PerceptualDistance  # needs the extractors from here

    distance = PerceptualDistance(network)
    parts = [
        distance(*(np.asarray(x[i : i + batch_size], "float32") for x in (a, b)))
        for i in range(0, len(a), batch_size)
    ]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])


def restoration(images: np.ndarray, targets: np.ndarray, network: str = "rgb64") -> dict[str, float]:
    """Measure restored images, such as those of `SRGAN`, against the originals.

    Args:
        images, targets: Shape (n, h, w, c) in [-1, 1], with h and w of at least 11.
        network: See `perceptual_distance`.

    Returns:
        Means over the images of `"psnr"`, `"ssim"` and `"perceptual_<network>"`.

    Raises:
        ValueError: The shapes differ, or the images are too small.
    """
    return {
        "psnr": float(psnr(images, targets).mean()),
        "ssim": float(ssim(images, targets).mean()),
        f"perceptual_{network}": float(perceptual_distance(images, targets, network).mean()),
    }
