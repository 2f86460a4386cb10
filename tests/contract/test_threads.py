"""Generating and translating in several threads at once, on every backend."""

import concurrent.futures
import threading

import numpy as np
import pytest
from tools import images, same, tiny, values

from keras_gan_zoo.models.image_to_image.base import ImageToImage

THREADS, CALLS = 8, 5


def sample(model, seed):
    """Two batches, made from `seed` alone."""
    if isinstance(model, ImageToImage):
        return model.translate(images(3, model.image_shape), seed=seed, batch_size=2)
    return model.generate(3, seed=seed, batch_size=2)


# One network; two networks and a variable that is read between them; dropout that draws at inference.
@pytest.mark.parametrize(
    ("name", "arguments"),
    [("DCGAN", {}), ("StyleGAN2", {}), ("Pix2Pix", {"image_shape": (64, 64, 1), "width": 1})],
)
def test_threads_get_what_a_single_one_gets(name, arguments, tmp_path):
    model = tiny(name, **arguments)
    weights = values(model.weights)
    start = threading.Barrier(THREADS)

    def work(thread):
        start.wait()
        return [sample(model, seed) for seed in range(thread, thread + CALLS)]

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(work, range(THREADS)))
    alone = [sample(model, seed) for seed in range(THREADS + CALLS)]
    for thread, results in enumerate(made):
        for seed, result in enumerate(results, thread):
            np.testing.assert_array_equal(result, alone[seed])
    assert not np.array_equal(alone[0], alone[1])
    model.save(tmp_path / "model.keras")
    assert same(weights, values(model.weights))
