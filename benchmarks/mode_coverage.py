"""How many modes does a GAN make? Rings and grids of Gaussians, and stacked digits, over several seeds.

python benchmarks/mode_coverage.py --data ring grid --steps 20000 --seeds 3 --pictures runs/modes
python benchmarks/mode_coverage.py --data ring grid --method r3gan --steps 100000 --seeds 5
python benchmarks/mode_coverage.py --data stacked --digits mnist.npz --seeds 1 --keep runs/stacked

Data and counts of steps are those of PacGAN's experiments (Lin et al. 2018, arXiv 1712.04086) as in the
authors' code: 100,000 points in batches of 100 for 400 epochs, 2500 samples; 128,000 stacks in batches
of 64 for 50 epochs, 26,000 samples; ten seeds. That takes hours. The vanilla GAN and PacGAN have the
authors' networks and optimizers for points, and `kgz.DCGAN`'s for stacks; R3GAN's loss and penalties
are tried on dense networks for points, and on DCGAN's, the discriminator's without normalization, for
stacks.
"""

import argparse
import dataclasses
import functools
import time
from pathlib import Path

import keras
import numpy as np
from digit_coverage import classifier
from keras import layers

import keras_gan_zoo as kgz
from keras_gan_zoo import penalties
from keras_gan_zoo.metrics.modes import class_coverage, mode_coverage
from keras_gan_zoo.models.noise_to_image.point_gan import PointGAN

# Keras on PyTorch makes one step at a time.
STEPS_PER_EXECUTION = 1 if keras.backend.backend() == "torch" else 100


@dataclasses.dataclass
class Task:
    steps: int  # of the paper
    per_epoch: int
    batch_size: int
    published: dict  # by method, in the tables of PacGAN's paper, the last two of stacks in R3GAN's


TASKS = {
    "ring": Task(
        400_000,
        1000,
        100,
        {
            "vanilla": {"modes": 6.3, "high_quality": 0.982, "reverse_kl": 0.45},
            "pacgan2": {"modes": 7.9, "high_quality": 0.956, "reverse_kl": 0.07},
        },
    ),
    "grid": Task(
        400_000,
        1000,
        100,
        {
            "vanilla": {"modes": 17.3, "high_quality": 0.948, "reverse_kl": 0.70},
            "pacgan2": {"modes": 23.8, "high_quality": 0.913, "reverse_kl": 0.13},
        },
    ),
    "stacked": Task(
        100_000,
        2000,
        64,
        {
            "vanilla": {"modes": 99.0, "reverse_kl": 3.4},
            "pacgan2": {"modes": 1000.0, "reverse_kl": 0.06},
            "wgan_gp": {"modes": 959.0, "reverse_kl": 0.73},
            "r3gan": {"modes": 1000.0, "reverse_kl": 0.029},
        },
    ),
}
MIXTURES = {
    "ring": (kgz.data.gaussian_ring, kgz.data.ring_centres, 0.01),
    "grid": (kgz.data.gaussian_grid, kgz.data.grid_centres, 0.05),
}
METHODS = ("vanilla", "pacgan2", "wgan_gp", "r3gan")
# Of R1 and R2 at the start, in the proportion of the squared distances of neighbouring modes.
GAMMA = {"ring": 0.3, "grid": 2.0}
LAYERS = {"ring": 4, "grid": 5}  # of both networks for R3GAN's loss


class DensePointGAN(PointGAN):
    """Points by plain dense layers: without the normalization that R3GAN does away with."""

    def __init__(self, depth, **kwargs):
        self.depth = depth
        super().__init__(**kwargs)

    def make_generator(self):
        return dense("generator", self.depth, self.latent_dim, self.dimensions)

    def make_discriminator(self):
        return dense("discriminator", self.depth, self.dimensions, 1)


def dense(name, depth, inputs, outputs):
    network = keras.Sequential([keras.Input((inputs,))], name=name)
    for _ in range(depth):
        network.add(layers.Dense(128, kernel_initializer="he_normal"))
        network.add(layers.LeakyReLU(0.2))
    network.add(layers.Dense(outputs))
    return network


def point_model(method, name, seed, steps):
    """The compiled model of a method for one of the mixtures."""
    more = {"steps_per_execution": STEPS_PER_EXECUTION}
    if method == "r3gan":
        model = DensePointGAN(LAYERS[name], seed=seed)
        rate, gamma = (
            keras.optimizers.schedules.CosineDecay(start, steps, alpha=end)
            for start, end in ((1e-3, 0.02), (GAMMA[name], 0.005))
        )
        model.compile(
            *(keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99) for _ in range(2)),
            losses="relativistic",
            penalties=[penalties.R1(gamma), penalties.R2(gamma)],
            ema=0.999,
            **more,
        )
    elif method == "wgan_gp":
        model = PointGAN(seed=seed)
        model.compile(
            *(keras.optimizers.Adam(1e-4, beta_1=0.5, beta_2=0.9) for _ in range(2)),
            losses="wasserstein",
            penalties=[penalties.GradientPenalty(0.1)],
            d_steps=5,
            **more,
        )
    else:
        model = PointGAN(seed=seed, pack=2 if method == "pacgan2" else 1)
        model.compile(updates="simultaneous", **more)
    return model


def image_model(method, shape, width, seed, steps):
    """The compiled model of a method for stacked digits. R3GAN's gamma falls at the end."""
    more = {"steps_per_execution": min(10, STEPS_PER_EXECUTION)}
    if method == "r3gan":
        model = kgz.DCGAN(shape, width=width, seed=seed, d_norm="none", d_bias=False)
        gamma = falling(1.0, steps)
        more |= {"recipe": "stable", "penalties": [penalties.R1(gamma), penalties.R2(gamma)]}
    elif method == "wgan_gp":
        model = kgz.WGANGP(shape, width=width, seed=seed, d_bias=False)
    else:
        pack = 2 if method == "pacgan2" else 1
        model = kgz.DCGAN(shape, width=width, seed=seed, pack=pack, d_bias=False)
    model.compile(**more)
    return model


def falling(start, steps):
    """A value that falls to a tenth in the last two fifths of the steps."""
    wait = round(0.6 * steps)
    return kgz.schedules.Linear(start, 0.1 * start, steps - wait, wait)


def points(name, seed, arguments):
    """Train on a mixture; what `mode_coverage` says of 2500 samples, and the steps in a second."""
    draw, centres, sigma = MIXTURES[name]
    task, steps, epochs = plan(name, arguments)
    model = point_model(arguments.method, name, seed, steps * epochs)
    batch_size = task.batch_size * model.pack  # as many packs in a batch
    real, _ = draw(steps * batch_size, seed)
    callbacks = []
    if arguments.pictures:
        every = max(100, steps * epochs // 100)
        folder = arguments.pictures / f"{name}_{seed}"
        callbacks.append(kgz.callbacks.ScatterSnapshots(folder, real, every_steps=every))
    keras.utils.set_random_seed(seed)  # the order of the points
    speed = fit(model, real, epochs, batch_size=batch_size, callbacks=callbacks)
    samples = model.generate(2500, seed=seed, batch_size=2500)
    return dataclasses.asdict(mode_coverage(samples, centres(), sigma)) | speed


def stacked(name, seed, arguments):
    """Train on stacked digits; what `class_coverage` says of 26,000 samples.

    With `--keep` the model is saved after every epoch, and one that is there goes on.
    """
    task, steps, epochs = plan(name, arguments)
    network, accuracy = read_classifier(arguments.digits, arguments.classifier)
    print(f"classifier: {accuracy:.2%} of the test digits right", flush=True)
    digits = kgz.data.load(arguments.digits)
    size = task.per_epoch * task.batch_size
    images, labels = kgz.data.stacked_digits(size, seed, digits.images, digits.labels)
    images = images[: steps * task.batch_size]  # of a short run; its labels would be too few
    dataset = kgz.data.ImageDataset(images, batch_size=task.batch_size, seed=seed)
    callbacks, done = [], 0
    path = arguments.keep / f"{arguments.method}_{seed}.keras" if arguments.keep else None
    if path and path.exists():
        model = keras.models.load_model(path)
        done = model.steps // steps
    else:
        model = image_model(
            arguments.method, dataset.image_shape, arguments.width, seed, steps * epochs
        )
    if arguments.method == "r3gan":
        rate = falling(2e-4, steps * epochs)
        schedule = keras.callbacks.LearningRateScheduler(lambda epoch: float(rate(model.steps)))
        callbacks.append(schedule)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        callbacks.append(keras.callbacks.ModelCheckpoint(path))
        callbacks.append(keras.callbacks.CSVLogger(path.with_suffix(".csv"), append=True))
    if arguments.pictures:
        folder = arguments.pictures / f"{name}_{seed}"
        callbacks.append(kgz.callbacks.ImageSnapshots(folder, every=max(1, epochs // 50)))
    speed = fit(model, dataset, max(0, epochs - done), callbacks=callbacks)
    samples = model.generate(arguments.samples, seed=seed, batch_size=500)
    return dataclasses.asdict(class_coverage(read(network, samples), 1000, labels)) | speed


read_classifier = functools.cache(classifier)


def read(network, images):
    """Labels 0..999 of stacks of digits: a classifier of single digits reads each channel."""
    channels = np.moveaxis(images, -1, 0)[..., None]
    red, green, blue = (
        network.predict(channel, batch_size=500, verbose=0).argmax(1) for channel in channels
    )
    return 100 * red + 10 * green + blue


def plan(name, arguments):
    """The task, steps in an epoch, epochs. A run that is shorter than an epoch has fewer data."""
    task = TASKS[name]
    steps = arguments.steps or task.steps
    per_epoch = min(steps, task.per_epoch)
    return task, per_epoch, round(steps / per_epoch)


def fit(model, data, epochs, **arguments):
    start, before = time.perf_counter(), model.steps
    model.fit(data, epochs=epochs, verbose=0, **arguments)
    speed = (model.steps - before) / (time.perf_counter() - start)
    return {"steps": model.steps, "steps_per_second": speed}


FORMATS = {
    "modes": ("modes", "{:.1f}"),
    "high_quality": ("high quality", "{:.1%}"),
    "reverse_kl": ("reverse KL", "{:.3f}"),
    "steps": ("steps", "{:.0f}"),
    "steps_per_second": ("steps/s", "{:.0f}"),
}


def table(name, method, rows):
    """Markdown: a line for each seed, the mean with its standard error, and the published figures."""
    columns = [key for key in FORMATS if key in rows[0]]
    total = rows[0]["total"]
    lines = [
        f"| {method}, {name}, {total} modes | " + " | ".join(FORMATS[key][0] for key in columns) + " |",
        "|---" + "|---:" * len(columns) + "|",
    ]
    for seed, row in enumerate(rows):
        lines.append(line(f"seed {seed}", [FORMATS[key][1].format(row[key]) for key in columns]))
    measured = [key for key in columns if not key.startswith("steps")]
    cells = [mean([row[key] for row in rows], FORMATS[key][1]) for key in measured]
    lines.append(line("mean", cells + [""] * (len(columns) - len(measured))))
    published = TASKS[name].published.get(method, {})
    cells = [FORMATS[key][1].format(published[key]) if key in published else "" for key in columns]
    lines.append(line("published", cells))
    return "\n".join(lines)


def line(title, cells):
    return f"| {title} | " + " | ".join(cells) + " |"


def mean(values, form):
    shown = form.format(np.mean(values))
    if len(values) == 1:
        return shown
    return f"{shown} ± {form.format(np.std(values, ddof=1) / np.sqrt(len(values)))}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=TASKS, default=["ring", "grid"])
    parser.add_argument("--steps", type=int, help="instead of the paper's; rounded to whole epochs")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--method", choices=METHODS, default="vanilla")
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the training")
    stacks = parser.add_argument_group("stacked digits")
    stacks.add_argument("--digits", default="mnist", help="source for keras_gan_zoo.data.load")
    stacks.add_argument("--classifier", type=Path, help="where it is kept; by default in runs/")
    stacks.add_argument("--width", type=int, default=64, help="of the networks")
    stacks.add_argument("--samples", type=int, default=26_000)
    stacks.add_argument("--keep", type=Path, help="folder of the models; one that is there goes on")
    arguments = parser.parse_args()
    if arguments.classifier is None:
        arguments.classifier = Path(f"runs/{Path(arguments.digits).stem}_classifier.keras")
    for name in arguments.data:
        train, rows = points if name in MIXTURES else stacked, []
        for seed in range(arguments.seeds):
            rows.append(train(name, seed, arguments))
            print(f"{name}, seed {seed}: {rows[-1]}", flush=True)
        print(f"\n{table(name, arguments.method, rows)}\n", flush=True)


if __name__ == "__main__":
    main()
