"""Train presets of the package again, each by its own command, and write them with their cards.

python benchmarks/train_presets.py --list
python benchmarks/train_presets.py dcgan_mnist_28 gan_mnist_28 --data-folder DIR --runs runs/presets

A training runs on one thread of TensorFlow. One that was stopped is continued. A preset is written to
`--out`, and is not trained again while it is there: remove its folder first. `--data-folder` holds
`mnist.npz`, `fashion_mnist.npz` and `cifar10.npz` with the keys of `keras.datasets` (`x_train`, ...),
and sets of photos in the same form.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from keras_gan_zoo.presets import catalog

ROOT = Path(__file__).parents[1]
FEW = "kernel,prdc"  # metrics of sets with fewer images than a Fréchet distance needs
ALL = f"frechet,{FEW}"


class Data(NamedTuple):
    """A training set."""

    arguments: str  # of `train`
    name: str
    licence: str
    metrics: str = ALL
    is_embedded: bool = False  # whether its images may be in the grid of a model that translates


DATA = {
    "digits": Data("--data digits", "digits", "drawn by this package, Apache-2.0", is_embedded=True),
    "mnist": Data("--data mnist.npz", "MNIST", "CC BY-SA 3.0 (LeCun, Cortes, Burges)"),
    "fashion": Data("--data fashion_mnist.npz", "Fashion-MNIST", "MIT (Zalando)"),
    "cifar10": Data("--data cifar10.npz", "CIFAR-10, 10,000 images", "not stated (Krizhevsky 2009)"),
    "nebula": Data("--data nebula_64.npz", "1,623 photos of nebulae", "not stated", FEW),
    "cars": Data("--data cars_64.npz", "2,497 of Stanford Cars", "non-commercial research", FEW),
    "edges": Data("--data digits --make edges", "digits from their edges",
                  "drawn by this package, Apache-2.0", is_embedded=True),
    "grey nebula": Data("--data nebula_64.npz --make grey",
                        "1,623 photos of nebulae from their brightness", "not stated", FEW),
    "lemons": Data("--data apple2lemon_64.npz", "492 photos of an apple, 490 of a lemon", "not stated",
                   FEW),
}  # fmt: skip


class Preset(NamedTuple):
    """How a preset is trained."""

    model: str
    data: str
    arguments: str = ""  # of `keras-gan-zoo train`, beside data, seed and folder
    script: str = ""  # with its arguments, in place of `train`

    def command(self, name):
        parts = [
            f"keras-gan-zoo train {self.model}",
            DATA[self.data].arguments,
            self.arguments,
            "--seed 0",
        ]
        start = f"python {self.script}" if self.script else " ".join(filter(None, parts))
        return f"{start} --out runs/{name}"


PRESETS = {
    "dcgan_digits_28": Preset("DCGAN", "digits", "--epochs 20"),
    "dcgan_mnist_28": Preset("DCGAN", "mnist", "--epochs 4"),
    "dcgan_fashion_28": Preset("DCGAN", "fashion", "--epochs 4"),
    "dcgan_cifar10_32": Preset("DCGAN", "cifar10", "--epochs 15"),
    "dcgan_nebula_32": Preset("DCGAN", "nebula", "--image-size 32 --epochs 100"),
    "dcgan_nebula_64": Preset("DCGAN", "nebula", "--epochs 50"),
    "dcgan_cars_32": Preset("DCGAN", "cars", "--image-size 32 --epochs 60"),
    "gan_mnist_28": Preset("GAN", "mnist", "--set width=128 --epochs 15 --ema 0.999"),
    "conditionalgan_mnist_28": Preset("ConditionalGAN", "mnist", "--epochs 6"),
    "infogan_mnist_28": Preset("InfoGAN", "mnist", "--epochs 3"),
    "wgangp_mnist_28": Preset("WGANGP", "mnist", "--epochs 4"),
    "sngan_mnist_28": Preset("SNGAN", "mnist", "--epochs 2"),
    "r3gan_mnist_28": Preset("R3GAN", "mnist", "--samples 16000 --epochs 3"),
    "r3gan_cifar10_32": Preset("R3GAN", "cifar10", "--epochs 25"),
    "stylegan2_mnist_28": Preset("StyleGAN2", "mnist", "--epochs 3"),
    "stylegan2_cifar10_32": Preset(
        "StyleGAN2",
        "cifar10",
        "--losses relativistic --penalties r1=1 r2=1 path_length --epochs 18",
    ),
    "progressivegan_mnist_28": Preset("ProgressiveGAN", "mnist", "--epochs 4"),
    "msggan_mnist_28": Preset("MSGGAN", "mnist", "--epochs 4"),
    "pix2pix_digits_32": Preset(
        "Pix2Pix", "edges", "--image-size 32 --set width=8 --batch-size 4 --epochs 4"
    ),
    "pix2pix_nebula_64": Preset(
        "Pix2Pix",
        "grey nebula",
        "--set width=8 test_dropout=False --batch-size 4 --epochs 20",
    ),
    "discogan_lemons_64": Preset("DiscoGAN", "lemons", "--epochs 100"),
    "faststyletransfer_nebula_64": Preset(
        "FastStyleTransfer",
        "cars",
        script="examples/fast_style_transfer.py cars_64.npz:x_train nebula_64.npz:x_train:297 "
        "--size 64 --epochs 3 --style-weight 2",
    ),
    "cyclegan_lemons_64": Preset("CycleGAN", "lemons", "--epochs 6"),
}


def train(name, preset, arguments):
    """Train in a process of its own; the CPU time in minutes, of all attempts together."""
    folder = arguments.runs.resolve() / name
    log = folder.with_suffix(".json")
    spent = json.loads(log.read_text()) if log.exists() else 0.0
    words = preset.command(name).split()[1:]
    words[words.index("--out") + 1] = str(folder)
    words = [located(word, arguments) for word in words]
    if not preset.script:
        has_files = log.exists() and any(folder.glob("*"))
        words = ["-m", "keras_gan_zoo", *words, "--resume" if has_files else "--overwrite"]
    before = cpu_seconds()
    try:
        subprocess.run([sys.executable, *words], cwd=ROOT, check=True)
    finally:
        spent += cpu_seconds() - before
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(json.dumps(spent))
    return spent / 60


def located(word, arguments):
    """A word of a command, with the folder of the data in front of its files."""
    return str(arguments.data_folder.resolve() / word) if ".npz" in word else word


def cpu_seconds():
    """CPU time of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def write(name, preset, minutes, arguments):
    data = DATA[preset.data]
    words = [located(word, arguments) for word in data.arguments.split()]
    words += ["--name", name, "--data-name", data.name, "--licence", data.licence]
    words += ["--command", preset.command(name), "--cpu-minutes", f"{minutes:.1f}"]
    words += ["--metrics", data.metrics, "--out", str(arguments.out)]
    words += [] if data.is_embedded else ["--outputs-only"]
    script = Path(__file__).with_name("make_preset.py")
    model = arguments.runs / name / "model.keras"
    subprocess.run([sys.executable, script, model, *words], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: those that are missing")
    parser.add_argument("--list", action="store_true", help="show the commands of the trainings")
    parser.add_argument("--data-folder", type=Path, default=Path())
    parser.add_argument("--runs", type=Path, default=Path("runs/presets"))
    parser.add_argument("--out", type=Path, default=catalog.FOLDER)
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(PRESETS):
        parser.error(f"unknown presets: {', '.join(sorted(unknown))}")
    os.environ |= {"KERAS_BACKEND": "tensorflow", "OMP_NUM_THREADS": "1"}
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    for name in arguments.names or PRESETS:
        if arguments.list:
            print(f"{name}: {PRESETS[name].command(name)}")
        elif not (arguments.out / name / catalog.CARD).exists():
            minutes = train(name, PRESETS[name], arguments)
            write(name, PRESETS[name], minutes, arguments)


if __name__ == "__main__":
    main()
