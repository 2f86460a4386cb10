"""Make a preset of the package from a trained model: weights, grid, metrics and card.

    python benchmarks/make_preset.py runs/digits/model.keras --name dcgan_digits_28 --data digits \\
        --licence "drawn by this package, Apache-2.0" --cpu-minutes 31 \\
        --command "keras-gan-zoo train DCGAN --data digits --seed 0 --out runs/digits"

Run it with the backend and the packages of the training, whose names go into the card. The metrics are
those of the preset, after its weights were rounded, against the training images. Run
`python benchmarks/make_gallery.py` afterwards.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.presets import cards, catalog

EXAMPLES = Path(__file__).parents[1] / "tests" / "fixtures" / "preset_examples.json"
ROWS = 8  # of the grid of a model that translates


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("model", type=Path, metavar="MODEL.keras")
    add("--name", required=True, help="<model>_<data>_<size>")
    add("--command", required=True, help="the exact command of the training")
    add("--licence", required=True, help="of the data")
    add("--cpu-minutes", type=float, help="time of the training")
    add("--gpu-minutes", type=float, help="time of the training")
    add("--data", required=True, help="training images, see `keras-gan-zoo train`")
    add("--data-name", help="name of the data in the card (default: --data)")
    add("--to", help="the other half of pairs, or the other domain")
    add("--make", choices=("grey", "edges"))
    add("--split", default="train")
    add("--outputs-only", action="store_true", help="leave the images of the data out of the grid")
    add("--metrics", default="frechet,kernel,prdc", help="Fréchet needs more images than features")
    add("--samples", type=int, default=5000, help="images for the metrics; 0: no metrics")
    add(
        "--out",
        type=Path,
        default=catalog.FOLDER,
        help="parent folder (default: the package's presets)",
    )
    arguments = parser.parse_args()
    if not (arguments.cpu_minutes or arguments.gpu_minutes):
        parser.error("--cpu-minutes or --gpu-minutes: how long was the training?")
    return arguments


def data_for(model, arguments):
    """The training images, or the pairs of a model that translates."""
    options = {"image_size": model.image_shape[:2], "split": arguments.split, "batch_size": 1}
    if isinstance(model, kgz.TwoDomains):
        return kgz.data.unpaired(arguments.data, arguments.to, channels=model.image_shape[2], **options)
    if isinstance(model, kgz.ImageToImage):
        channels = (model.input_channels, model.image_shape[2])
        return kgz.data.paired(
            arguments.data, arguments.to, make=arguments.make, channels=channels, **options
        )
    return kgz.data.load(arguments.data, channels=model.image_shape[2], **options)


def grid_of(model, data, outputs_only):
    """Images for the grid and its columns; None: the model generates its own."""
    if isinstance(model, kgz.TwoDomains):
        a, b = (some(images) for images in (data.inputs, data.targets))
        outputs = [model.translate(a, seed=0), model.translate(b, "b_to_a", seed=0)]
        columns = [a, outputs[0], b, outputs[1]]
    elif isinstance(model, kgz.ImageToImage):
        inputs = some(data.inputs)
        outputs = [model.translate(inputs, seed=0)]
        columns = [inputs, *outputs, some(data.targets)]
    elif isinstance(model, kgz.FastStyleTransfer):
        inputs = some(data.images)
        outputs = [model.translate(inputs, style) for style in range(model.styles)]
        columns = [inputs, *outputs]
    else:
        return None
    if outputs_only:
        return np.concatenate(outputs), ROWS
    channels = max(images.shape[-1] for images in columns)
    columns = [images.repeat(channels // images.shape[-1], -1) for images in columns]
    return np.stack(columns, 1).reshape(-1, *columns[0].shape[1:]), len(columns)


def some(images):
    return scaled(images[evenly_spaced(len(images), min(ROWS, len(images)))])


def metrics_of(model, data, metrics, samples):
    """Metrics against the training images, None for models that are not adversarial."""
    if not samples or not isinstance(model, kgz.AdversarialModel):
        return None
    real = kgz.metrics.reference.real_images(data)
    samples = min(samples, len(real))
    reference = kgz.metrics.Reference(real, metrics, samples)
    return reference.figures(model.samples(samples, 0, data)) | {"seed": 0}


def example(model):
    """Some pixels of images of a model, which depend on nothing but its weights."""
    if hasattr(model, "latents"):
        images = model.generate(2, seed=0)
    else:
        shape = model.shapes()[0] if hasattr(model, "shapes") else model.image_shape
        inputs = np.random.default_rng(0).uniform(-1, 1, (2, *shape)).astype("float32")
        seed = {"seed": 0} if hasattr(model, "shapes") else {}
        images = model.translate(inputs, **seed)
    pixels = images.reshape(-1)
    return pixels[:: len(pixels) // 50]


def keep_example(name, model):
    """Store the example that `tests/presets/test_shipped.py` compares all backends with."""
    examples = json.loads(EXAMPLES.read_text()) if EXAMPLES.exists() else {}
    examples[name] = [round(float(pixel), 6) for pixel in example(model)]
    EXAMPLES.write_text(json.dumps(dict(sorted(examples.items()))) + "\n")


def main():
    arguments = parsed()
    import keras

    model = keras.models.load_model(arguments.model)
    card = {
        "data": arguments.data_name or arguments.data,
        "licence": arguments.licence,
        "command": arguments.command,
        "steps": model.steps,
        "cpu_minutes": arguments.cpu_minutes,
        "gpu_minutes": arguments.gpu_minutes,
    }
    data = data_for(model, arguments)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder) / arguments.name
        model.save_to_preset(folder, card)
        preset = kgz.from_preset(folder)
        card["metrics"] = metrics_of(preset, data, arguments.metrics, arguments.samples)
        model.save_to_preset(folder, card, grid_of(preset, data, arguments.outputs_only))
        size = cards.size_in_bytes(folder)
        if size > catalog.MAX_BYTES:
            raise SystemExit(
                f"The preset has {size:,} bytes, at most {catalog.MAX_BYTES:,} are allowed"
            )
        if arguments.out == catalog.FOLDER:
            keep_example(arguments.name, preset)
        shutil.copytree(folder, arguments.out / arguments.name, dirs_exist_ok=True)
    print((arguments.out / arguments.name / catalog.PAGE).read_text())


if __name__ == "__main__":
    main()
