"""Which remedy makes better pictures, in the same steps or in the same CPU time?

python benchmarks/image_quality.py nebula_64.npz --steps 3000
python benchmarks/image_quality.py cars_64.npz --train 500 --steps 3000
python benchmarks/image_quality.py cifar10.npz --models DCGAN SNGAN R3GAN --cpu-minutes 20
python benchmarks/image_quality.py facades_64.npz:target_train,target_val,target_test --cpu-minutes 12 \
    --models DCGAN ProgressiveGAN MSGGAN StyleGAN2 R3GAN --batch 16

Each model is kept in a folder of its own in `--out`; one that is there goes on from its file. Figures
are against all images of the set. `grid.png` shows samples, `nearest.png` those that are nearest to
training images, above these; StyleGAN2 also has `truncation.png`, a row for each of 1, 0.7 and 0.4, and
`mixing.png`. ProgressiveGAN grows by `--phase` images for each of its phases.
"""

import argparse
import json
import math
import time
from pathlib import Path

import keras
import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo import penalties
from keras_gan_zoo.plots import grids, tables

# Class, its arguments, arguments of `compile`.
R1 = [penalties.R1(0.1, every=16)]
NO_BIAS = {"d_bias": False}  # as in copies of the Theano code
RESIZE = {"upsampling": "resize"} | NO_BIAS
MODELS = {
    "DCGAN": ("DCGAN", NO_BIAS, {}),
    "DiffAugment": ("DCGAN", NO_BIAS, {"augment": "diffaugment"}),
    "ADA": ("DCGAN", NO_BIAS, {"augment": "ada"}),
    "R1": ("DCGAN", NO_BIAS, {"penalties": R1}),
    "R1 of 10": ("DCGAN", NO_BIAS, {"penalties": [penalties.R1(10.0, every=16)]}),
    "EMA": ("DCGAN", NO_BIAS, {"ema": 0.999}),
    "resize": ("DCGAN", RESIZE, {}),
    "resize, R1": ("DCGAN", RESIZE, {"penalties": R1}),
    "resize, R1, EMA": ("DCGAN", RESIZE, {"penalties": R1, "ema": 0.99}),
    "small_data": ("DCGAN", {"upsampling": "resize"}, {"recipe": "small_data"}),
    "stable": ("DCGAN", {}, {"recipe": "stable"}),
    "SNGAN": ("SNGAN", {}, {"ema": 0.999}),
    "R3GAN": ("R3GAN", {}, {}),
    "ProgressiveGAN": ("ProgressiveGAN", {"latent_dim": 64}, {}),
    "MSGGAN": ("MSGGAN", {"latent_dim": 64}, {}),
    "StyleGAN2": ("StyleGAN2", {"latent_dim": 64, "mapping_layers": 4}, {"augment": "ada"}),
}


def train(name, dataset, folder, arguments):
    """The model, trained until it has had its steps or CPU time, and that time in seconds."""
    kind, built, compiled = MODELS[name]
    path, record = folder / "model.keras", folder / "record.json"
    seconds = 0.0
    if path.exists():
        model, seconds = keras.models.load_model(path), json.loads(record.read_text())["cpu_seconds"]
    else:
        model = getattr(kgz, kind)(
            dataset.image_shape, width=arguments.width, seed=arguments.seed, **built
        )
        model.compile(**compiled)
    callbacks = []
    if kind == "ProgressiveGAN":
        callbacks.append(kgz.callbacks.ProgressiveGrowth(arguments.phase, arguments.phase))
    epochs = max(1, 100 // len(dataset))
    while model.steps < arguments.steps and seconds < 60 * arguments.cpu_minutes:
        began = time.process_time()
        model.fit(dataset, epochs=epochs, callbacks=callbacks, verbose=0)
        seconds += time.process_time() - began
        model.save(path)
        tables.write_json({"steps": model.steps, "cpu_seconds": seconds}, record)
        print(f"{name}: {model.steps} steps, {seconds / 60:.1f} CPU minutes", flush=True)
    return model, seconds


def pictures(model, samples, training, folder):
    grids.grid(samples[:64], folder / "grid.png")
    kgz.plots.nearest(samples[:500], training, folder / "nearest.png")
    if isinstance(model, kgz.StyleGAN2):
        rows = [model.generate(8, seed=2, truncation=truncation) for truncation in (1.0, 0.7, 0.4)]
        grids.grid(np.concatenate(rows), folder / "truncation.png", columns=8)
        mixed, columns = model.style_mixing(3, 7, seed=3, truncation=0.7)
        grids.grid(mixed, folder / "mixing.png", columns)


def read(source):
    """The images of a source; of an `.npz`, also those of several arrays, as in FILE.npz:ONE,OTHER."""
    path, _, names = source.partition(".npz:")
    if not names:
        return kgz.data.load(source).images
    with np.load(f"{path}.npz") as arrays:
        return np.concatenate([arrays[name] for name in names.split(",")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="what keras_gan_zoo.data.load takes, or FILE.npz:ARRAYS")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=[*MODELS][:6])
    parser.add_argument("--train", type=int, help="train on so many images only")
    parser.add_argument("--steps", type=int, default=math.inf, help="at least so many")
    parser.add_argument("--cpu-minutes", type=float, default=math.inf, help="of all threads")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--phase", type=int, default=6000, help="images for each phase of growth")
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/image_quality"))
    arguments = parser.parse_args()
    if math.inf == arguments.steps == arguments.cpu_minutes:
        parser.error("pass --steps or --cpu-minutes")
    every = read(arguments.data)
    chosen = every[: arguments.train]
    dataset = kgz.data.ImageDataset(chosen, batch_size=arguments.batch, seed=arguments.seed)
    real = every.astype("float32") / 127.5 - 1
    count = min(arguments.samples, len(real))
    reference = kgz.metrics.Reference(real, ["kernel", "frechet", "prdc"], count)
    columns = [name for name in reference.floor if not name.endswith(("density", "_error"))]
    rows = []
    for name in arguments.models:
        folder = (
            arguments.out
            / Path(arguments.data.partition(":")[0]).stem
            / name.replace(", ", "_").replace(" ", "_")
        )
        folder.mkdir(parents=True, exist_ok=True)
        model, seconds = train(name, dataset, folder, arguments)
        samples = model.generate(count, seed=1)
        pictures(model, samples, chosen, folder)
        figures = reference.measure(samples)
        tables.write_json(figures, folder / "figures.json")
        cells = [f"{figures[column]:.4f}" for column in columns]
        rows.append([name, str(model.steps), f"{seconds / 60:.1f}", *cells])
        print(rows[-1], flush=True)
    floor = [f"{reference.floor[column]:.4f}" for column in columns]
    heading = ["", "steps", "CPU minutes", *columns]
    print(f"\n{keras.backend.backend()}, {len(chosen)} training images, {count} samples, ", end="")
    print(f"{reference.extractor.label}\n")
    for row in [
        heading,
        ["---", *["---:"] * (len(heading) - 1)],
        *rows,
        ["real images", "", "", *floor],
    ]:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
