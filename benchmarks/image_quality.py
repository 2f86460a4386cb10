"""Which remedy makes better pictures, in the same steps or in the same CPU time?

python benchmarks/image_quality.py nebula_64.npz --steps 3000
python benchmarks/image_quality.py cars_64.npz --train 500 --steps 3000
python benchmarks/image_quality.py cifar10.npz --models DCGAN SNGAN R3GAN --cpu-minutes 20

Each model is kept in a folder of its own in `--out`; one that is there goes on from its file. Figures
are against all images of the set. `grid.png` shows samples, `nearest.png` those that are nearest to
training images, above these.
"""

import argparse
import json
import math
import time
from pathlib import Path

import keras

import keras_gan_zoo as kgz
from keras_gan_zoo import grids, penalties, reports

# Class, its arguments, arguments of `compile`.
R1 = [penalties.R1(0.1, every=16)]
RESIZE = {"upsampling": "resize"}
MODELS = {
    "DCGAN": ("DCGAN", {}, {}),
    "DiffAugment": ("DCGAN", {}, {"augment": "diffaugment"}),
    "ADA": ("DCGAN", {}, {"augment": "ada"}),
    "R1": ("DCGAN", {}, {"penalties": R1}),
    "R1 of 10": ("DCGAN", {}, {"penalties": [penalties.R1(10.0, every=16)]}),
    "EMA": ("DCGAN", {}, {"ema": 0.999}),
    "resize": ("DCGAN", RESIZE, {}),
    "resize, R1": ("DCGAN", RESIZE, {"penalties": R1}),
    "resize, R1, EMA": ("DCGAN", RESIZE, {"penalties": R1, "ema": 0.99}),
    "small_data": ("DCGAN", {}, {"recipe": "small_data"}),
    "stable": ("DCGAN", {}, {"recipe": "stable"}),
    "SNGAN": ("SNGAN", {}, {"ema": 0.999}),
    "R3GAN": ("R3GAN", {}, {}),
}
COLUMNS = ("kid", "fid", "precision", "recall", "coverage")


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
    epochs = max(1, 100 // len(dataset))
    while model.steps < arguments.steps and seconds < 60 * arguments.cpu_minutes:
        began = time.process_time()
        model.fit(dataset, epochs=epochs, verbose=0)
        seconds += time.process_time() - began
        model.save(path)
        reports.write_json({"steps": model.steps, "cpu_seconds": seconds}, record)
        print(f"{name}: {model.steps} steps, {seconds / 60:.1f} CPU minutes", flush=True)
    return model, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="what keras_gan_zoo.data.load takes")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=[*MODELS][:6])
    parser.add_argument("--train", type=int, help="train on so many images only")
    parser.add_argument("--steps", type=int, default=math.inf, help="at least so many")
    parser.add_argument("--cpu-minutes", type=float, default=math.inf, help="of all threads")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/image_quality"))
    arguments = parser.parse_args()
    if math.inf == arguments.steps == arguments.cpu_minutes:
        parser.error("pass --steps or --cpu-minutes")
    every = kgz.data.load(arguments.data).images
    chosen = every[: arguments.train]
    dataset = kgz.data.ImageDataset(chosen, batch_size=arguments.batch, seed=arguments.seed)
    real = every.astype("float32") / 127.5 - 1
    count = min(arguments.samples, len(real))
    reference = kgz.metrics.Reference(real, ["kid", "fid", "prdc"], count)
    rows = []
    for name in arguments.models:
        folder = arguments.out / Path(arguments.data).stem / name.replace(", ", "_").replace(" ", "_")
        folder.mkdir(parents=True, exist_ok=True)
        model, seconds = train(name, dataset, folder, arguments)
        samples = model.generate(count, seed=1)
        grids.save(grids.grid(samples[:64]), folder / "grid.png")
        kgz.plots.nearest(samples[:500], chosen, folder / "nearest.png")
        figures = reference.measure(samples)
        reports.write_json(figures, folder / "figures.json")
        cells = [f"{figures[column]:.4f}" for column in COLUMNS]
        rows.append([name, str(model.steps), f"{seconds / 60:.1f}", *cells])
        print(rows[-1], flush=True)
    floor = [f"{reference.floor[column]:.4f}" for column in COLUMNS]
    heading = ["", "steps", "CPU minutes", *COLUMNS]
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
