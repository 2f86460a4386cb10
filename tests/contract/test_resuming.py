"""`fit(resume=...)` of every model: the numbers of a training without an interruption."""

import keras
import pytest
from tools import dataset, each_model, fit, images, outputs, same, second_input, state, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.utils import checkpoint_files


class Batches(keras.utils.PyDataset):
    def __init__(self, model):
        super().__init__()
        self.images, self.model = images(), model

    def __len__(self):
        return 3

    def __getitem__(self, index):
        part = self.images[8 * index : 8 * index + 8]
        other = second_input(self.model, part)
        return (part,) if other is None else (part, other)


SOURCES = {
    "arrays": lambda model: images(20),  # the last batch is smaller
    "kgz.data": lambda model: dataset(),
    "PyDataset": Batches,
}


def new(name, seed):
    model = tiny(name, seed=seed)
    model.compile(ema=0.9)
    return model


def train(model, source, **arguments):
    return fit(model, SOURCES[source](model), epochs=2, shuffle=True, **arguments)


def resume_from(folder, place):
    """Delete the checkpoints after (epoch, step)."""
    for path in checkpoint_files.listed(folder):
        if path.name > checkpoint_files.name(*place):
            path.unlink()
    assert checkpoint_files.listed(folder)[-1].name == checkpoint_files.name(*place)
    return folder


@each_model()
def test_every_model_goes_on_in_the_middle_of_an_epoch(name, tmp_path):
    whole = new(name, 5)
    history = train(
        whole, "arrays", callbacks=[kgz.callbacks.Checkpoint(tmp_path, every_steps=1, keep=9)]
    )
    resumed = new(name, 99)
    rest = train(resumed, "arrays", resume=resume_from(tmp_path, (0, 1)))
    assert resumed.steps == whole.steps == 6
    assert same(state(resumed), state(whole))
    assert rest == history
    assert same([outputs(resumed)], [outputs(whole)])


@pytest.mark.parametrize("source", SOURCES)
def test_every_step(source, tmp_path):
    whole, resumed = new("ConditionalGAN", 5), new("ConditionalGAN", 99)
    history = train(
        whole, source, callbacks=[kgz.callbacks.Checkpoint(tmp_path, every_steps=1, keep=9)]
    )
    places = [(2, 0), (1, 2), (1, 1), (1, 0), (0, 2), (0, 1)]
    assert len(checkpoint_files.listed(tmp_path)) == len(places)
    for place in places:
        rest = train(resumed, source, resume=resume_from(tmp_path, place))
        assert resumed.steps == whole.steps == 6
        assert same(state(resumed), state(whole))
        assert rest == {key: values[place[0] :] for key, values in history.items() if place[0] < 2}
