"""The metrics as functions: literal values, other implementations, what they refuse."""

import numpy as np
import pytest

from keras_gan_zoo import metrics
from keras_gan_zoo.metrics import frechet

RNG = np.random.default_rng(0)
REAL = RNG.standard_normal((600, 12)) @ RNG.standard_normal((12, 12)) + 1.0
FAKE = RNG.standard_normal((500, 12)) @ RNG.standard_normal((12, 12)) * 0.8


def test_frechet_distance_by_hand():
    # Independent axes: (mean difference)**2 + (standard deviation difference)**2 on each.
    distance = frechet.distance_of_moments(
        np.array([0.0, 1.0]), np.diag([1.0, 4.0]), np.array([3.0, 1.0]), np.diag([9.0, 4.0])
    )
    assert distance == pytest.approx(9.0 + 4.0, rel=1e-12)


def test_frechet_distance_equals_the_published_formula():
    linalg = pytest.importorskip("scipy.linalg")
    covariances = np.cov(REAL, rowvar=False), np.cov(FAKE, rowvar=False)
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    shift = REAL.mean(0) - FAKE.mean(0)
    expected = shift @ shift + sum(map(np.trace, covariances)) - 2 * np.trace(root)
    assert metrics.frechet_distance(REAL, FAKE) == pytest.approx(expected, rel=1e-9)


def test_frechet_distance_with_dead_features():
    # A feature that is always 0 makes both covariances singular; it must not count at all.
    real, fake = (np.concatenate([x, np.zeros((len(x), 2))], 1) for x in (REAL, FAKE))
    expected = metrics.frechet_distance(REAL, FAKE)
    assert metrics.frechet_distance(real, fake) == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_of_a_set_to_itself_and_to_a_shifted_one():
    assert metrics.frechet_distance(REAL, REAL) == pytest.approx(0.0, abs=1e-9)
    assert metrics.frechet_distance(REAL, REAL + 2.0) == pytest.approx(12 * 4.0, rel=1e-9)


def test_frechet_distance_far_from_the_origin_keeps_its_digits():
    expected = metrics.frechet_distance(REAL, FAKE)
    assert metrics.frechet_distance(REAL + 1e4, FAKE + 1e4) == pytest.approx(expected, rel=1e-6)


def test_kernel_distance_equals_that_of_scikit_learn():
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")

    def kernel(a, b):
        return pairwise.polynomial_kernel(a, b, degree=3, gamma=1 / a.shape[1], coef0=1)

    def off_diagonal(values):
        return values[~np.eye(len(values), dtype=bool)].mean()

    between = kernel(REAL, FAKE).mean()
    expected = off_diagonal(kernel(REAL, REAL)) + off_diagonal(kernel(FAKE, FAKE)) - 2 * between
    assert metrics.kernel_distance(REAL, FAKE).value == pytest.approx(expected, rel=1e-9)


def test_the_error_of_one_block_is_that_of_the_jackknife():
    real, fake = REAL[:40], FAKE[:30]
    error = metrics.kernel_distance(real, fake).standard_error
    assert error == pytest.approx(jackknife_error(real, fake), rel=1e-9)


def jackknife_error(real, fake):
    """Standard error from leaving out each sample in turn."""

    def variance(values):
        return (len(values) - 1) * np.var(values)

    def value(*sets):
        return metrics.kernel_distance(*sets).value

    without_real = [value(np.delete(real, i, 0), fake) for i in range(len(real))]
    without_fake = [value(real, np.delete(fake, i, 0)) for i in range(len(fake))]
    return np.sqrt(variance(without_real) + variance(without_fake))


def test_kernel_distance_by_hand():
    # One dimension, kernel (xy + 1)**3: within real 1, within fake (1*2+1)**3 = 27, between 1.
    estimate = metrics.kernel_distance(np.zeros((2, 1)), np.array([[1.0], [2.0]]))
    assert estimate.value == pytest.approx(1 + 27 - 2 * 1, rel=1e-12)


def test_kernel_distance_of_two_samples_has_no_error():
    assert np.isnan(metrics.kernel_distance(REAL[:2], FAKE).standard_error)
    assert metrics.kernel_distance(REAL[:3], FAKE).standard_error > 0


@pytest.mark.parametrize(("shift", "least", "most"), [(0.0, 0.9, 1.7), (1.0, 0.8, 1.3)])
def test_the_error_of_one_block_is_that_of_many_draws(shift, least, most):
    # Over 200 draws the deviation itself is known to 5 %. Without a shift it is too large by sqrt(2).
    estimates = []
    for seed in range(200):
        real, fake = np.random.default_rng(seed).standard_normal((2, 40, 3))
        estimates.append(metrics.kernel_distance(real, fake + shift))
    deviation = np.std([estimate.value for estimate in estimates])
    assert least < np.mean([estimate.standard_error for estimate in estimates]) / deviation < most


# With many equal values, as features that are often 0, the order of the rows says more of them.
@pytest.mark.parametrize(("width", "digits"), [(3, 16), (1, 0)])
def test_kernel_distance_is_unbiased_and_knows_its_error(width, digits):
    estimates = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        samples = rng.standard_normal((2, 200, width)).round(digits)
        estimates.append(metrics.kernel_distance(*samples, block_size=50))
    values = np.array([estimate.value for estimate in estimates])
    errors = np.array([estimate.standard_error for estimate in estimates])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(40)
    assert 0.5 < errors.mean() / values.std() < 2.0


def test_prdc_equals_nearest_neighbours_of_scikit_learn():
    neighbors = pytest.importorskip("sklearn.neighbors")
    pairwise = pytest.importorskip("sklearn.metrics.pairwise")
    k = 4

    def reach(values):
        return neighbors.NearestNeighbors(n_neighbors=k + 1).fit(values).kneighbors()[0][:, k - 1]

    distances = pairwise.euclidean_distances(REAL, FAKE)
    in_real = distances < reach(REAL)[:, None]
    values = metrics.prdc(REAL, FAKE, k)
    assert values.precision == pytest.approx(in_real.any(0).mean(), rel=1e-12)
    assert values.recall == pytest.approx((distances < reach(FAKE)[None]).any(1).mean(), rel=1e-12)
    assert values.density == pytest.approx(in_real.sum(0).mean() / k, rel=1e-12)
    assert values.coverage == pytest.approx((distances.min(1) < reach(REAL)).mean(), rel=1e-12)


def test_prdc_by_hand():
    real = np.array([[0.0], [1.0], [2.0], [10.0]])  # radii with k=1: 1, 1, 1, 8
    fake = np.array([[0.5], [20.0]])  # radii with k=1: 19.5 both
    values = metrics.prdc(real, fake, k=1)
    assert values == (0.5, 1.0, 1.0, 0.5)  # 0.5 lies in the balls of 0 and 1; 20 in none


def test_prdc_tells_collapse_from_noise():
    real = RNG.standard_normal((500, 4))
    collapsed = RNG.standard_normal((500, 4)) * 0.05
    noise = RNG.standard_normal((500, 4)) * 5
    assert metrics.prdc(real, collapsed).precision > 0.95
    assert metrics.prdc(real, collapsed).coverage < 0.1
    assert metrics.prdc(real, noise).precision < 0.3


def test_nearest():
    indices, distances = metrics.nearest(np.array([[0.9]]), np.array([[5.0], [1.0], [0.0]]), k=2)
    assert indices.tolist() == [[1, 2]]
    np.testing.assert_allclose(distances, [[0.1, 0.9]], rtol=1e-6)


@pytest.mark.parametrize(
    ("logits", "expected"),
    [
        (np.eye(4) * 1000, 4.0),  # every image of a class of its own, all certain
        (np.tile([1000.0, 0.0, 0.0, 0.0], (4, 1)), 1.0),  # all of one class
        (np.zeros((4, 4)), 1.0),  # none is clear
    ],
)
def test_inception_score(logits, expected):
    assert metrics.inception_score(logits) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("order", [1, -1])
def test_values_do_not_depend_on_the_order(order):
    rng = np.random.default_rng(order + 5)
    real, fake = (rng.permutation(x).astype("float32") for x in (REAL, FAKE))
    for measure in (metrics.frechet_distance, metrics.kernel_distance, metrics.prdc):
        expected = measure(REAL.astype("float32"), FAKE.astype("float32"))
        assert measure(real, fake) == pytest.approx(expected, rel=1e-9, nan_ok=True)
    in_blocks = metrics.kernel_distance(real, fake, block_size=100)
    expected = metrics.kernel_distance(REAL.astype("float32"), FAKE.astype("float32"), block_size=100)
    assert in_blocks == pytest.approx(expected, rel=1e-9)


def test_ms_ssim_equals_that_of_tensorflow():
    tf = pytest.importorskip("tensorflow")
    a = RNG.uniform(-1, 1, (3, 192, 208, 3))  # even at every scale: others pad there
    b = np.clip(a + RNG.normal(0, 0.3, a.shape), -1, 1)
    a_255, b_255 = ((x + 1) * 127.5 for x in (a, b))
    expected = tf.image.ssim_multiscale(
        tf.constant(a_255, tf.float32), tf.constant(b_255, tf.float32), 255.0
    )
    np.testing.assert_allclose(metrics.ms_ssim(a, b), expected, rtol=1e-4)


def test_ms_ssim_of_equal_and_of_opposite_images():
    images = RNG.uniform(-1, 1, (2, 28, 28, 1))
    np.testing.assert_allclose(metrics.ms_ssim(images, images), [1.0, 1.0], rtol=1e-12)
    assert (metrics.ms_ssim(images, -images) < 0.2).all()


def test_ms_ssim_diversity_is_1_where_all_images_are_alike():
    images = RNG.uniform(-1, 1, (20, 16, 16, 1))
    same = np.repeat(images[:1], 20, 0)
    assert metrics.ms_ssim_diversity(same, pairs=10) == pytest.approx(1.0, rel=1e-12)
    assert metrics.ms_ssim_diversity(images, pairs=50) < 0.3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.frechet_distance(REAL[:12], FAKE), "more samples than feature dimensions"),
        (
            lambda: metrics.frechet_distance(REAL, FAKE[:, :5]),
            "of the same extractor. Received: 12 and 5",
        ),
        (lambda: metrics.frechet_distance(REAL[:0], FAKE), "at least 2 samples. Received: 0"),
        (lambda: metrics.kernel_distance(REAL[:1], FAKE), "at least 2 samples. Received: 1"),
        (lambda: metrics.kernel_distance(REAL, FAKE, block_size=0), "block_size"),
        (lambda: metrics.prdc(REAL[:5], FAKE), "at least 6 samples. Received: 5"),
        (lambda: metrics.prdc(REAL, np.where(FAKE > 2, np.nan, FAKE)), "`fake` must be finite"),
        (lambda: metrics.prdc(REAL.reshape(-1), FAKE), r"shape \(n, d\). Received: shape \(7200,\)"),
        (lambda: metrics.inception_score(REAL[:5]), "as many samples as classes. Received: 5"),
        (lambda: metrics.ms_ssim(np.zeros((1, 8, 8, 1)), np.zeros((1, 8, 8, 1))), "at least 11"),
        (lambda: metrics.ms_ssim_diversity(np.zeros((1, 28, 28, 1))), "at least 2 images"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
