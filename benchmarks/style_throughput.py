"""Steps per second of style transfer: this library's `fit` beside a native PyTorch loop.

python benchmarks/style_throughput.py

The network is the one that ships with the package, the same weights and layers for all, and so are
pictures, losses, weights and Adam. Before it is timed, each contestant says its losses after the
first turn, which must agree.
"""

import argparse
import sys

import interleaved
import numpy as np

CONTESTANTS = {
    "fit, TensorFlow": ("ours", "tensorflow"),
    "fit, PyTorch": ("ours", "torch"),
    "fit, JAX": ("ours", "jax"),
    "native PyTorch loop": ("native", "torch"),
}
WEIGHTS = {"content": 1.0, "style": 10.0, "variation": 0.1}
RATE = 0.03
STYLES = [f"conv{i}" for i in range(1, 6)]


def pictures(size):
    """A content and a style, smooth as pictures are."""
    from PIL import Image

    coarse = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3)).astype("uint8")
    return [
        np.asarray(Image.fromarray(x).resize((size, size)), "float32") / 127.5 - 1.0 for x in coarse
    ]


def model():
    import keras

    import keras_gan_zoo as kgz

    made = kgz.StyleTransfer("rgb64")
    named = {f"{term}_weight": weight for term, weight in WEIGHTS.items()}
    made.compile(keras.optimizers.Adam(RATE), **named)
    return made


def ours(size, steps):
    painter, (content, style) = model(), pictures(size)
    painter.fit(content, style, epochs=1, steps_per_epoch=1, verbose=0)

    def epoch():
        history = painter.fit(epochs=1, steps_per_epoch=steps, verbose=0).history
        return {name: values[-1] for name, values in history.items()}

    return epoch


def gram(x):
    flat = x.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def native(size, steps):
    import torch
    import torch.nn.functional as F

    layers = [
        (layer.name, [torch.from_numpy(w.copy()) for w in layer.get_weights()])
        for layer in model().perception.network.layers
    ]
    weights = {
        name: (found[0].permute(3, 2, 0, 1).contiguous(), found[1]) for name, found in layers if found
    }

    def features(x):
        found = {}
        for name, _ in layers:
            if name.startswith("conv"):
                x = found[name] = F.relu(F.conv2d(x, *weights[name], padding=1))
            elif name.startswith("pool"):
                x = F.avg_pool2d(x, 2)
        return found

    content, style = (
        torch.from_numpy(picture.transpose(2, 0, 1).copy())[None] for picture in pictures(size)
    )
    wanted = features(content)["conv5"]
    power = wanted.square().mean()
    grams = {name: gram(x) for name, x in features(style).items()}
    powers = {name: x.square().mean() for name, x in grams.items()}
    image = content.clone().requires_grad_()
    optimizer = torch.optim.Adam([image], RATE, eps=1e-7)

    def step():
        optimizer.zero_grad()
        found = features(image)
        losses = {
            "content": F.mse_loss(found["conv5"], wanted) / power,
            "style": sum(F.mse_loss(gram(found[n]), grams[n]) / powers[n] for n in STYLES) / 5,
            "variation": (image[:, :, 1:] - image[:, :, :-1]).square().mean()
            + (image[..., 1:] - image[..., :-1]).square().mean(),
        }
        loss = sum(WEIGHTS[name] * value for name, value in losses.items())
        (loss * image.numel()).backward()
        optimizer.step()
        with torch.no_grad():
            image.clamp_(-1.0, 1.0)
        return {"loss": loss.item(), **{f"{name}_loss": x.item() for name, x in losses.items()}}

    step()
    return lambda: [step() for _ in range(steps)][-1]


def work(name, size, steps):
    epoch = globals()[name](size, steps)
    said = epoch()
    print({key: f"{said[key]:.5f}" for key in sorted(said)}, file=sys.stderr, flush=True)
    interleaved.serve(epoch, steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", help="contestants; by default all")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        name, *numbers = arguments.work
        work(name, *map(int, numbers))
        return
    labels = arguments.only or [*CONTESTANTS]
    numbers = arguments.size, arguments.steps
    speeds = interleaved.measure(__file__, CONTESTANTS, labels, numbers, arguments.rounds)
    print(f"\n{arguments.steps} steps at {arguments.size} pixels\n")
    print(interleaved.table(speeds, "steps/s"), flush=True)


if __name__ == "__main__":
    main()
