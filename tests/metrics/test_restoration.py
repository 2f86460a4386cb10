import numpy as np
import pytest

from keras_gan_zoo import metrics

RNG = np.random.default_rng(0)


def test_psnr():
    """A difference of 0.2 of a range of 2 is 20 dB, one of 0.02 is 40 dB."""
    a = np.zeros((3, 4, 5, 3))
    b = a + np.array([0.2, 0.02, 0.0])[:, None, None, None]
    assert metrics.psnr(a, b) == pytest.approx([20.0, 40.0, np.inf])
    with pytest.raises(ValueError, match=r"same shape.*Received: \(3, 4, 5, 3\) and \(3, 4, 5, 1\)"):
        metrics.psnr(a, b[..., :1])


def test_ssim_of_flat_images():
    """(2 a b + C1) / (a^2 + b^2 + C1) for images without contrast: a = 0.75, b = 0.25 in [0, 1]."""
    a, b = np.full((2, 12, 13, 1), 0.5), np.full((2, 12, 13, 1), -0.5)
    assert metrics.ssim(a, b) == pytest.approx([(0.375 + 1e-4) / (0.625 + 1e-4)] * 2)


def test_ssim_of_a_window():
    """One window against a computation by hand, with weights exp(-d^2 / 4.5); noise lowers it."""
    a, b = RNG.uniform(-1, 1, (2, 1, 11, 11, 1))
    weights = np.exp(-(np.arange(-5, 6) ** 2) / 4.5)
    weights = np.outer(weights, weights) / weights.sum() ** 2
    x, y = ((image[0, :, :, 0] + 1) / 2 for image in (a, b))
    mean_x, mean_y = (weights * x).sum(), (weights * y).sum()
    variances = (weights * (x - mean_x) ** 2).sum() + (weights * (y - mean_y) ** 2).sum()
    covariance = (weights * (x - mean_x) * (y - mean_y)).sum()
    luminance = (2 * mean_x * mean_y + 1e-4) / (mean_x**2 + mean_y**2 + 1e-4)
    expected = luminance * (2 * covariance + 9e-4) / (variances + 9e-4)
    assert metrics.ssim(a, b) == pytest.approx([expected])
    assert metrics.ssim(a, a) == pytest.approx([1.0])
    noise = [metrics.ssim(a, a + s * RNG.standard_normal(a.shape))[0] for s in (0.1, 0.5)]
    assert 1.0 > noise[0] > noise[1]


def test_restoration():
    a = RNG.uniform(-1, 1, (3, 16, 16, 1)).astype("float32")
    figures = metrics.restoration(0.5 * a, a)
    assert figures["psnr"] == pytest.approx(metrics.psnr(0.5 * a, a).mean())
    assert figures["ssim"] == pytest.approx(metrics.ssim(0.5 * a, a).mean())
    distances = metrics.perceptual_distance(0.5 * a, a, batch_size=2)
    assert distances.shape == (3,) and figures["perceptual_rgb64"] == pytest.approx(distances.mean())
    assert 0.0 < figures["perceptual_rgb64"] < 2.0
