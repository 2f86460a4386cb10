"""Train the bundled feature extractors.

    python -m keras_gan_zoo.metrics.extractors.train grey28 --data DIR --out grey28.keras

`DIR` holds the `.npz` files of real images that `grey28()` and `rgb64()` below name. The trained
network returns features and logits; the SHA-256 of its file goes into `extractors/__init__.py`.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

from keras_gan_zoo import data


def grey28(folder: Path):
    """Handwritten and synthetic digits, and clothing: 20 classes of 28x28 grey images."""
    sets = [(folder / "mnist.npz", 0), (folder / "fashion_mnist.npz", 10)]
    train, test = [], []
    for path, first in sets:
        with np.load(path) as file:
            train.append((file["x_train"], file["y_train"] + first))
            test.append((file["x_test"], file["y_test"] + first))
    train.append(_synthetic_digits(20_000, seed=100))
    test.append(_synthetic_digits(2_000, seed=101))
    train, test = (
        [np.concatenate(arrays) for arrays in zip(*split, strict=True)] for split in (train, test)
    )
    train, test = ((images.reshape(-1, 28, 28, 1), labels) for images, labels in (train, test))
    return network(1, (32, 64, 64, 128), (1, 2, 1, 2), 20), {28: train}, {28: test}


def rgb64(folder: Path):
    """Objects, nebulae, cars, facades and fruit: 16 classes of RGB images, at three sizes."""
    with np.load(folder / "cifar10.npz") as file:
        images, labels = list(file["x_train"]), list(file["y_train"])
        tests, test_labels = list(file["x_test"]), list(file["y_test"])
    sources = [
        ("nebula_64.npz", "x_train", 10),
        ("cars_64.npz", "x_train", 11),
        ("facades_64.npz", "target_train", 12),
        ("apple2lemon_64.npz", "trainA", 13),
        ("apple2lemon_64.npz", "trainB", 14),
        ("apple2banana_64.npz", "trainA", 13),
        ("apple2banana_64.npz", "trainB", 15),
    ]
    for name, key, label in sources:
        with np.load(folder / name) as file:
            source_images = list(file[key])
        held_out = len(source_images) // 10
        tests += source_images[:held_out]
        test_labels += [label] * held_out
        images += source_images[held_out:]
        labels += [label] * (len(source_images) - held_out)
    train = {side: (_resized(images, side), np.array(labels)) for side in (32, 48, 64)}
    test = {side: (_resized(tests, side), np.array(test_labels)) for side in (32, 64)}
    return network(3, (32, 64, 64, 128, 128), (2, 1, 2, 1, 2), 16), train, test


def network(channels: int, widths, strides, classes: int) -> keras.Model:
    """Convolutional classifier; its features are the mean activations over all positions."""
    inputs = x = keras.Input((None, None, channels))
    for filters, stride in zip(widths, strides, strict=True):
        x = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    features = layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(inputs, {"features": features, "logits": layers.Dense(classes)(features)})


def _synthetic_digits(n, seed):
    images, labels = data.digits(n, seed=seed)
    return images[..., 0], labels


def _resized(images, side):
    pictures = (Image.fromarray(image) for image in images)
    return np.stack([np.asarray(picture.resize((side, side), Image.BICUBIC)) for picture in pictures])


class _Batches(keras.utils.PyDataset):
    """Random batches of images of one size, with random shifts and, if `mirror`, mirroring."""

    def __init__(self, sets, mirror, batch_size=128):
        super().__init__()
        self.sets, self.mirror, self.batch_size = list(sets.values()), mirror, batch_size
        self.rng = np.random.default_rng(0)

    @property
    def num_batches(self):
        return len(self.sets[0][0]) // self.batch_size

    def __getitem__(self, index):
        images, labels = self.sets[index % len(self.sets)]
        rows = self.rng.integers(len(images), size=self.batch_size)
        batch = images[rows].astype("float32") / 127.5 - 1.0
        max_shift = batch.shape[1] // 12
        batch = np.roll(batch, self.rng.integers(-max_shift, max_shift + 1, 2), (1, 2))
        if self.mirror:
            flipped = self.rng.random(len(batch)) < 0.5
            batch[flipped] = batch[flipped, :, ::-1]
            scale = self.rng.uniform(0.7, 1.3, (len(batch), 1, 1, batch.shape[3]))
            batch = np.clip(batch * scale.astype("float32"), -1.0, 1.0)
        return batch, labels[rows]


def main() -> None:
    """Train one extractor and save it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("which", choices=("grey28", "rgb64"))
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    keras.utils.set_random_seed(arguments.seed)
    model, train, test = globals()[arguments.which](arguments.data)
    batches = _Batches(train, mirror=arguments.which == "rgb64")
    trained = keras.Model(model.input, model.output["logits"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, arguments.epochs * batches.num_batches)
    trained.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    trained.fit(batches, epochs=arguments.epochs, verbose=2)
    for side, (images, labels) in test.items():
        logits = model.predict(images / np.float32(127.5) - 1.0, batch_size=500, verbose=0)["logits"]
        print(
            f"{side} px: {(logits.argmax(1) == labels).mean():.2%} of {len(labels)} test images correct"
        )
    model.save(arguments.out)


if __name__ == "__main__":
    main()
