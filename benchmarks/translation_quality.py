"""How good are translations of images that were not trained on?

python benchmarks/translation_quality.py facades_128.npz --epochs 40
python benchmarks/translation_quality.py nebula_64.npz --make grey --epochs 20 --batch 8
python benchmarks/translation_quality.py apple2lemon_64.npz --models CycleGAN --width 16 --epochs 6
python benchmarks/translation_quality.py apple2lemon_64.npz --models cyclegan_lemons_64   # a preset
python benchmarks/translation_quality.py apple2lemon_64.npz --models DiscoGAN --batch 64 --epochs 513 \
    --rise 210 --fall 57

With pairs: Pix2Pix beside the same U-Net trained with its L1 distance only. Without: how many
translations a CNN that was trained on the real images takes for the other domain, and the mean
distance of a cycle of both directions from the first image. DiscoGAN's weight of the reconstruction
rises after `--rise` steps, in the paper after 10,000. Models are kept in `--out`; one that is there
goes on.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import layers

import keras_gan_zoo as kgz
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.plots import grids
from keras_gan_zoo.presets import catalog

PAIRED = ("L1 only", "Pix2Pix")
MODELS = (*PAIRED, "CycleGAN", "DiscoGAN")
PRESETS = tuple(name for name in catalog.names() if name.startswith(("cyclegan", "discogan")))


def train(kind, dataset, path, arguments):
    """The trained model; it was saved every few epochs, and goes on from there. Or a preset."""
    if kind in PRESETS:
        return kgz.from_preset(kind)
    steps, losses = arguments.epochs * len(dataset), None
    if kind == "DiscoGAN":
        weight = keras.optimizers.schedules.PiecewiseConstantDecay([arguments.rise], [0.1, 10.0])
        losses = {"adversarial": "non_saturating", "reconstruction": weight}
    if path.exists():
        model = keras.models.load_model(path)
    else:
        built = {"width": arguments.width, "seed": arguments.seed}
        if kind in PAIRED:
            built["input_channels"] = dataset.input_shape[2]
        model = getattr(kgz, "Pix2Pix" if kind in PAIRED else kind)(dataset.target_shape, **built)
        model.compile(losses=losses)
    optimizer = model.optimizer["g_opt"]
    trained, callbacks = model, []
    if kind == "DiscoGAN" and arguments.fall:
        rate = float(model.default_optimizer().learning_rate)

        def falling(epoch, _):
            rest = steps - int(optimizer.iterations)
            return rate * min(1.0, rest / (arguments.fall * len(dataset)))

        callbacks.append(keras.callbacks.LearningRateScheduler(falling))
    if kind == "L1 only":
        trained = model.generator
        trained.compile(optimizer, "mean_absolute_error")
    while int(optimizer.iterations) < steps:
        left = -(-(steps - int(optimizer.iterations)) // len(dataset))
        epochs = min(left, max(1, 400 // len(dataset)))
        trained.fit(dataset, epochs=epochs, callbacks=callbacks, verbose=0)
        model.save(path)
        print(f"{kind}: {int(optimizer.iterations)} of {steps} steps", flush=True)
    return model


def with_pairs(arguments, folder):
    held_out = pairs(arguments, training=False)
    inputs, targets = scaled(held_out.inputs), scaled(held_out.targets)
    reference = kgz.metrics.Reference(halved(targets), "kernel", len(targets))
    name = f"kernel_{reference.extractor.log_name}"
    rows = []
    for kind in arguments.models:
        path = folder / f"{kind.replace(' ', '_')}.keras"
        made = train(kind, pairs(arguments), path, arguments).translate(inputs, seed=0)
        figures = reference.measure(halved(made))
        distance = np.abs(made - targets).mean()
        rows.append([kind, f"{distance:.3f}", f"{figures[name]:.3f}"])
        show([inputs, made, targets], path)
        gallery(made, path)
    rows.append(["real images", "", f"{reference.floor[name]:.4f}"])
    table(["", "mean L1 distance", name], rows)


def pairs(arguments, training=True):
    """Pairs to train on, or those that are held out: the split "test", or every fifth picture."""
    arrange = {"batch_size": arguments.batch, "seed": arguments.seed}
    if arguments.make is None:
        arrange["split"] = "train" if training else "test"
        return kgz.data.paired(arguments.data, jitter=training, flip=training, **arrange)
    every = kgz.data.load(arguments.data).images
    held = np.arange(len(every)) % 5 == 0
    arrange["channels"] = (1 if arguments.make == "grey" else None, None)
    return kgz.data.paired(every[held != training], make=arguments.make, flip=training, **arrange)


def halved(images):
    """Images of at most 64 pixels, as the features that ship with the package take them."""
    while images.shape[1] > 64:
        n, height, width, channels = images.shape
        images = images.reshape(n, height // 2, 2, width // 2, 2, channels).mean((2, 4))
    return images


def without_pairs(arguments, folder):
    arrange = {"batch_size": arguments.batch, "flip": True, "seed": arguments.seed}
    dataset = kgz.data.unpaired(arguments.data, **arrange)
    held_out = kgz.data.unpaired(arguments.data, split="test")
    a, b = scaled(held_out.inputs), scaled(held_out.targets)
    judge = classifier(dataset, folder / "classifier.keras")
    rows = [["real images", f"{is_b(judge, b):.1%}", f"{1 - is_b(judge, a):.1%}", ""]]
    for kind in arguments.models:
        path = folder / f"{kind}.keras"
        model = train(kind, dataset, path, arguments)
        fake_b, fake_a = model.translate(a), model.translate(b, "b_to_a")
        back = [model.translate(fake_b, "b_to_a"), model.translate(fake_a)]
        error = np.mean([np.abs(one - other).mean() for one, other in zip(back, (a, b))])
        shares = is_b(judge, fake_b), 1 - is_b(judge, fake_a)
        rows.append([kind, *(f"{share:.1%}" for share in shares), f"{error:.3f}"])
        show([a, fake_b, back[0]], path)
        show([b, fake_a, back[1]], folder / f"{kind}_back")
        gallery(np.concatenate([spread(fake_b, 12), spread(fake_a, 12)]), path)
    table(["", "taken for b", "taken for a", "cycle, mean distance"], rows)


def classifier(dataset, path):
    """A small CNN that tells b from a, trained once on the training images and kept in a file."""
    if path.exists():
        return keras.models.load_model(path)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(dataset.input_shape), layers.RandomFlip("horizontal")])
    for filters in (16, 32, 64, 128):
        model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D())
    for layer in (layers.GlobalAveragePooling2D(), layers.Dropout(0.5), layers.Dense(1)):
        model.add(layer)
    model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    images = np.concatenate([scaled(dataset.inputs), scaled(dataset.targets)])
    labels = np.repeat([0.0, 1.0], [len(dataset.inputs), len(dataset.targets)])
    model.fit(images, labels, batch_size=32, epochs=max(8, 8000 // len(images)), verbose=0)
    model.save(path)
    return model


def is_b(judge, images):
    return float((judge.predict(images, verbose=0) > 0).mean())


def show(columns, path):
    """A picture with eight rows."""
    columns = [np.repeat(spread(x, 8), 3 // x.shape[-1], -1) for x in columns]
    rows = np.stack(columns, 1).reshape(-1, *columns[0].shape[1:])
    grids.grid(rows, path.with_suffix(".png"), len(columns))


def gallery(images, path):
    """A picture of what a model made, and nothing else."""
    grids.grid(spread(images, 24), path.with_name(f"{path.stem}_made.png"), columns=12)


def spread(images, count):
    """So many of the images, from all over."""
    return images[:: max(1, len(images) // count)][:count]


def table(heading, rows):
    for row in [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]:
        print("| " + " | ".join(row) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="what keras_gan_zoo.data.paired or unpaired takes")
    parser.add_argument("--models", nargs="+", choices=(*MODELS, *PRESETS), default=PAIRED)
    parser.add_argument("--make", help="see keras_gan_zoo.data.paired")
    parser.add_argument("--epochs", type=int, help="required, unless all models are presets")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--rise", type=int, default=10_000, help="steps until DiscoGAN's weight rises")
    parser.add_argument("--fall", type=int, default=0, help="last epochs, in which its rate falls to 0")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/translation_quality"))
    arguments = parser.parse_args()
    if arguments.epochs is None and not set(arguments.models) <= set(PRESETS):
        parser.error("the following arguments are required: --epochs")
    folder = arguments.out / Path(arguments.data).stem
    folder.mkdir(parents=True, exist_ok=True)
    if set(arguments.models) <= set(PAIRED):
        with_pairs(arguments, folder)
    else:
        without_pairs(arguments, folder)


if __name__ == "__main__":
    main()
