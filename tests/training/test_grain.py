"""Grain datasets in `fit`: exact resuming."""

import numpy as np
import pytest
from PIL import Image
from tools import PowerCut, images, same, state, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.callbacks import Checkpoint
from keras_gan_zoo.training import feeding

grain = pytest.importorskip("grain")
X = images(24)


def map_dataset():
    return grain.MapDataset.source(X).seed(3).shuffle().batch(4)


def data_loader():
    sampler = grain.samplers.IndexSampler(len(X), shuffle=True, seed=1, num_epochs=1)
    return grain.DataLoader(
        data_source=X,
        sampler=sampler,
        operations=[grain.transforms.Batch(4, drop_remainder=True)],
    )


SOURCES = {
    "map": (map_dataset, {}),
    "endless map": (
        lambda: grain.MapDataset.source(X).seed(3).shuffle().repeat().batch(4),
        {"steps_per_epoch": 4},
    ),
    "iter": (lambda: map_dataset().to_iter_dataset(), {}),
    "endless iter": (
        lambda: map_dataset().repeat().to_iter_dataset(),
        {"steps_per_epoch": 4},
    ),
    "loader": (data_loader, {}),
}


def train(source, arguments, epochs, **more):
    model = tiny("GAN", seed=5)
    model.compile()
    model.fit(source(), epochs=epochs, verbose=0, **arguments, **more)
    return model


def test_prepared_images_are_a_source(tmp_path):
    (tmp_path / "pictures").mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), "uint8")
    for number, picture in enumerate(pixels):
        Image.fromarray(picture).save(tmp_path / "pictures" / f"{number}.png")
    prepared = kgz.data.load(tmp_path / "pictures", cache=tmp_path / "prepared", batch_size=5).images
    shuffled = grain.MapDataset.source(prepared).seed(3).shuffle()
    assert len(shuffled) == 10 and shuffled[0].shape == (8, 8, 3)
    assert sorted(image.tobytes() for image in shuffled) == sorted(image.tobytes() for image in pixels)
    model = tiny("GAN", image_shape=(8, 8, 3))
    model.compile()
    batches = shuffled.map(lambda image: image.astype("float32") / 127.5 - 1.0).batch(5)
    model.fit(batches.repeat(), steps_per_epoch=2, shuffle=False, verbose=0)
    assert model.steps == 2


@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed, but will be ignored")
@pytest.mark.filterwarnings("ignore:Your input ran out of data")  # Keras, at the end of a finite one
@pytest.mark.parametrize("step", [4, pytest.param(7, marks=pytest.mark.full_matrix)])
@pytest.mark.parametrize("name", SOURCES)
def test_training_goes_on_exactly(tmp_path, name, step):
    source, arguments = SOURCES[name]
    whole = train(source, arguments, 3)
    with pytest.raises(RuntimeError, match="power cut"):
        train(source, arguments, 3, callbacks=[Checkpoint(tmp_path, every_steps=1), PowerCut(step)])
    resumed = train(source, arguments, 3, resume=tmp_path)
    assert same(state(resumed), state(whole))


def test_random_access_reads_nothing():
    class Source:
        read = ()

        def __len__(self):
            return 24

        def __getitem__(self, index):
            self.read += (index,)
            return X[index]

    source = Source()
    dataset = grain.MapDataset.source(source).batch(4)
    rest, later = feeding.split(dataset, 2, 3, None)
    assert later is dataset and source.read == ()
    np.testing.assert_array_equal(next(iter(rest)), X[12:16])
