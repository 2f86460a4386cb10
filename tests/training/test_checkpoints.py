"""`fit(resume=...)`: what is refused, and sources whose position cannot be set."""

import keras
import numpy as np
import pytest
from tools import fit, images, same, state, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.callbacks import Checkpoint
from keras_gan_zoo.data.arrays import ArrayBatches
from keras_gan_zoo.training import checkpoints, feeding
from keras_gan_zoo.utils import checkpoint_files


def new(seed=5, **arguments):
    model = tiny("GAN", seed=seed)
    model.compile(**arguments)
    return model


def written(folder, model=None, x=None, keep=3, **arguments):
    """Train with a checkpoint after each step, and delete the last two."""
    model = model or new()
    fit(model, x, callbacks=[Checkpoint(folder, every_steps=1, keep=keep)], **arguments)
    for path in checkpoint_files.listed(folder)[-2:]:
        path.unlink()
    return model


def test_no_folder(tmp_path):
    with pytest.raises(
        ValueError, match=r"`resume` must be the folder.*'.*missing', which is no folder"
    ):
        fit(new(), resume=tmp_path / "missing")


def test_initial_epoch(tmp_path):
    with pytest.raises(ValueError, match=r"`resume` and `initial_epoch` exclude each other"):
        fit(new(), resume=tmp_path, initial_epoch=1)


@pytest.mark.full_matrix
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tiny("DCGAN"), "model='GAN', this model has 'DCGAN'"),
        (lambda: kgz.GAN((8, 8, 1), latent_dim=5), "latent_dim=4, this model has 5"),
        (lambda: new(ema=0.9), r"ema=None, this model has 0\.9"),
        (lambda: new(d_opt="sgd"), "d_opt='Adam', this model has 'SGD'"),
    ],
)
def test_other_models_are_refused(make, message, tmp_path):
    written(tmp_path)
    model = make()
    if not model.compiled:
        model.compile()
    before = state(model)
    with pytest.raises(ValueError, match=f"of the same model.*{message}"):
        fit(model, resume=tmp_path)
    assert same(state(model), before)


def test_a_resumed_step_is_compiled_for_the_same_shapes(tmp_path, monkeypatch):
    # TensorFlow rounds differently if it does not know the size of a batch.
    shapes, unpack = set(), kgz.GAN.unpack

    def recorded(self, data):
        found = unpack(self, data)
        shapes.add(tuple(found.shape))
        return found

    monkeypatch.setattr(kgz.GAN, "unpack", recorded)
    written(tmp_path)
    whole = shapes.copy()
    shapes.clear()
    fit(new(), resume=tmp_path)
    assert len(whole) == 1 and shapes == whole


def test_other_data_is_refused_in_the_middle_of_an_epoch(tmp_path):
    written(tmp_path)
    with pytest.raises(ValueError, match=r"middle of an epoch of 3 steps.*data with 2 steps"):
        fit(new(), images(16), resume=tmp_path)


def test_arrays_that_keras_orders_are_refused(tmp_path):
    written(tmp_path)
    with pytest.raises(ValueError, match="on arrays needs their order"):
        fit(new(), resume=tmp_path, shuffle="batch")


@pytest.mark.full_matrix
def test_a_damaged_checkpoint_is_named_and_the_one_before_taken(tmp_path):
    whole = new()
    fit(whole, epochs=2, callbacks=[Checkpoint(tmp_path)])
    newest = checkpoint_files.listed(tmp_path)[-1]
    newest.write_bytes(newest.read_bytes()[:-100])
    resumed = new()
    with pytest.warns(UserWarning, match=f"{newest.name} is damaged"):
        fit(resumed, epochs=2, resume=tmp_path, callbacks=[Checkpoint(tmp_path)])
    assert same(state(resumed), state(whole))


@pytest.mark.full_matrix
def test_other_versions_are_named(tmp_path, monkeypatch):
    written(tmp_path)
    monkeypatch.setattr(checkpoints, "versions", lambda: {"keras": "4.0"})
    with pytest.warns(UserWarning, match=r"was written by keras_gan_zoo .*, this is keras 4\.0"):
        fit(new(), resume=tmp_path)


def batches(n=99):
    return (images(8, seed=seed) for seed in range(n))


def test_a_generator_is_read_up_to_the_place(tmp_path):
    whole = written(tmp_path, x=batches(), epochs=2, steps_per_epoch=4, keep=9)
    resumed = new(99)
    with pytest.warns(UserWarning, match="position of a generator: 6 batches are read and left out"):
        fit(resumed, batches(), epochs=2, steps_per_epoch=4, resume=tmp_path)
    assert same(state(resumed), state(whole))


def test_an_infinite_dataset(tmp_path):
    class Endless(keras.utils.PyDataset):
        @property
        def num_batches(self):
            return None

        def __getitem__(self, index):
            return (images(8, seed=index),)

    whole = written(tmp_path, x=Endless(), epochs=2, steps_per_epoch=4, keep=9)
    resumed = new(99)
    fit(resumed, Endless(), epochs=2, steps_per_epoch=4, resume=tmp_path)
    assert same(state(resumed), state(whole))


def test_a_source_that_is_read_anew_in_every_epoch(tmp_path):
    tf_data = pytest.importorskip("tensorflow").data
    source = tf_data.Dataset.from_tensor_slices(images(32)).batch(8)
    whole = written(tmp_path, x=source, epochs=2, keep=9)
    resumed = new(99)
    with pytest.warns(UserWarning, match="2 batches are read and left out.*the same batches in every"):
        fit(resumed, source, epochs=2, resume=tmp_path)
    assert same(state(resumed), state(whole))


def test_a_dataset_with_an_order_of_its_own(tmp_path):
    class Shuffled(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.rng = np.random.default_rng(3)
            self.on_epoch_end()

        def __len__(self):
            return 4

        def on_epoch_end(self):
            self.order = self.rng.permutation(4)

        def __getitem__(self, index):
            return (images(8, seed=int(self.order[index])),)

    whole = written(tmp_path, x=Shuffled(), epochs=2, keep=9)
    resumed = new(99)
    fit(resumed, Shuffled(), epochs=3, resume=tmp_path)
    fit(whole, Shuffled(), epochs=0)
    longer = new()
    fit(longer, Shuffled(), epochs=3)
    assert same(state(resumed), state(longer))


def test_arrays_have_an_order_of_their_own_in_each_epoch():
    x, y = np.arange(10.0), np.arange(10)
    batches = ArrayBatches([x, y], 4, True, 7)
    seen = []
    for epoch in (0, 1, 0):
        batches.epoch = epoch
        rows = [batches[index] for index in range(len(batches))]
        assert [len(part) for part, _ in rows] == [4, 4, 2]
        assert all((part == labels).all() for part, labels in rows)
        assert rows[0][0].dtype == "float32" and rows[0][1].dtype == "int64"
        seen.append(np.concatenate([part for part, _ in rows]).tolist())
        assert sorted(seen[-1]) == x.tolist()
    assert seen[0] != seen[1] and seen[0] == seen[2]


def test_fit_gives_arrays_another_order_in_each_epoch(monkeypatch):
    orders = []

    def note(self, index):
        rows = rows_of(self, index)
        orders.append(rows.tolist())
        return rows

    rows_of = ArrayBatches._rows
    monkeypatch.setattr(ArrayBatches, "_rows", note)
    keras.utils.set_random_seed(1)
    fit(new(), images(16), batch_size=16, epochs=3, shuffle=True)
    distinct = {tuple(order) for order in orders}
    assert len(distinct) == 3 and all(sorted(order) == list(range(16)) for order in orders)


def test_lengths():
    assert feeding.length(batches(), None) is None
    assert feeding.length(batches(), 7) == 7
    assert feeding.length([1, 2], None) == 2
