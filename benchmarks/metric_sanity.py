"""Do the metrics notice what a person would? Spoilt real images stand for generated ones.

python benchmarks/metric_sanity.py --data mnist.npz
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz


def blurred(images):
    """Every pixel the mean of a 2x2 square."""
    return sum(np.roll(images, shift, (1, 2)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))) / 4


def noisy(amount):
    rng = np.random.default_rng(0)
    return lambda images: np.clip(images + rng.normal(0, amount, images.shape), -1, 1)


SPOILT = {
    "other real images": lambda images: images,
    "noise of 0.05": noisy(0.05),
    "noise of 0.2": noisy(0.2),
    "blurred": blurred,
    "moved by 3 pixels": lambda images: np.roll(images, 3, 1),
    "100 images again and again": lambda images: images[np.arange(len(images)) % 100],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--extractor")
    arguments = parser.parse_args()
    dataset = kgz.data.load(arguments.data)
    images, labels = dataset.images, dataset.labels
    samples = min(arguments.samples, len(images) // 2)
    reference = kgz.metrics.Reference(images, "frechet,kernel,prdc", samples, arguments.extractor)
    others = np.random.default_rng(1).permutation(len(images))[:samples]
    fakes = images[others] / np.float32(127.5) - np.float32(1)
    print(f"{samples} images, features of {reference.extractor.label}\n")
    names = [name for name in reference.floor if not name.endswith("_error")]
    print(f"| | {' | '.join(names)} |\n|---{'|---:' * len(names)}|")
    rows = {name: spoil(fakes) for name, spoil in SPOILT.items()}
    if labels is not None:
        rows["without class 4"] = fakes[labels[others] != 4]
    for name, spoilt in rows.items():
        values = reference.measure(spoilt.astype("float32"))
        print(f"| {name} | " + " | ".join(f"{values[key]:.3f}" for key in names) + " |")


if __name__ == "__main__":
    main()
