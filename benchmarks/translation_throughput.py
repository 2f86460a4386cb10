"""Steps per second of Pix2Pix and CycleGAN: this library's `fit` beside native PyTorch loops.

python benchmarks/translation_throughput.py

The loops are those of the authors' PyTorch code: one loss at a time, the pool of fakes on the host,
`requires_grad` of the discriminators switched off and on; networks, losses and batches are the same.
"""

import argparse
import functools
import itertools
import random
import sys
from pathlib import Path

import interleaved
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the reference networks

CONTESTANTS = {
    "fit, TensorFlow": ("ours", "tensorflow"),
    "fit, PyTorch": ("ours", "torch"),
    "fit, JAX": ("ours", "jax"),
    **interleaved.loops(),
}
MODELS = ("pix2pix", "cyclegan")


def pix2pix_ours(size, width, batch, a, b):
    import keras_gan_zoo as kgz

    model = kgz.Pix2Pix((size, size, 3), width=width, norm="batch")
    model.compile()
    return lambda: model.fit(a, b, batch_size=batch, verbose=0)


def cyclegan_ours(size, width, batch, a, b):
    import keras_gan_zoo as kgz

    model = kgz.CycleGAN((size, size, 3), width=width)
    model.compile()
    return lambda: model.fit(a, b, batch_size=batch, verbose=0)


def adam(*networks):
    import torch

    weights = itertools.chain(*(network.parameters() for network in networks))
    return torch.optim.Adam(weights, 2e-4, betas=(0.5, 0.999))


def train_weights(networks, on):
    for network in networks:
        for weight in network.parameters():
            weight.requires_grad = on


def pix2pix_native(size, width, setting):
    import torch
    from torch import nn
    from torch_networks import patches, unet

    g = unet(size.bit_length() - 1, width, 3, 3, dropout=True)
    g, d = setting.place(g, patches("batch", width, 6))
    g_opt, d_opt = adam(g), adam(d)
    gan, l1 = nn.BCEWithLogitsLoss(), nn.L1Loss()

    def step(real_a, real_b):
        fake_b = g(real_a)
        train_weights([d], True)
        d_opt.zero_grad()
        said = d(torch.cat([real_a, fake_b], 1).detach())
        d_fake = gan(said, torch.zeros_like(said))
        said = d(torch.cat([real_a, real_b], 1))
        d_real = gan(said, torch.ones_like(said))
        ((d_fake + d_real) * 0.5).backward()
        d_opt.step()
        train_weights([d], False)
        g_opt.zero_grad()
        said = d(torch.cat([real_a, fake_b], 1))
        g_gan = gan(said, torch.ones_like(said))
        g_l1 = l1(fake_b, real_b) * 100.0
        (g_gan + g_l1).backward()
        g_opt.step()
        return torch.stack([d_fake, d_real, g_gan, g_l1]).detach()

    return step


class Pool:
    def __init__(self, size=50):
        self.size, self.images = size, []

    def query(self, images):
        import torch

        result = []
        for image in images.detach():
            image = image[None]
            if len(self.images) < self.size:
                self.images.append(image)
                result.append(image)
            elif random.random() > 0.5:
                place = random.randint(0, self.size - 1)
                result.append(self.images[place].clone())
                self.images[place] = image
            else:
                result.append(image)
        return torch.cat(result)


def cyclegan_native(size, width, setting):
    import torch
    from torch import nn
    from torch_networks import patches, resnet

    blocks = 6 if size < 256 else 9
    g_a, g_b = setting.place(resnet(blocks, width), resnet(blocks, width))
    d_a, d_b = setting.place(patches("instance", width), patches("instance", width))
    g_opt, d_opt = adam(g_a, g_b), adam(d_a, d_b)
    gan, l1 = nn.MSELoss(), nn.L1Loss()
    pool_a, pool_b = Pool(), Pool()

    def discriminate(network, real, fake):
        said = network(real)
        real_loss = gan(said, torch.ones_like(said))
        said = network(fake)
        loss = 0.5 * (real_loss + gan(said, torch.zeros_like(said)))
        loss.backward()
        return loss

    def step(real_a, real_b):
        fake_b = g_a(real_a)
        rec_a = g_b(fake_b)
        fake_a = g_b(real_b)
        rec_b = g_a(fake_a)
        train_weights([d_a, d_b], False)
        g_opt.zero_grad()
        idt_a = l1(g_a(real_b), real_b) * 5.0
        idt_b = l1(g_b(real_a), real_a) * 5.0
        said = d_a(fake_b)
        gan_a = gan(said, torch.ones_like(said))
        said = d_b(fake_a)
        gan_b = gan(said, torch.ones_like(said))
        cycle_a, cycle_b = l1(rec_a, real_a) * 10.0, l1(rec_b, real_b) * 10.0
        (gan_a + gan_b + cycle_a + cycle_b + idt_a + idt_b).backward()
        g_opt.step()
        train_weights([d_a, d_b], True)
        d_opt.zero_grad()
        losses = (
            discriminate(d_a, real_b, pool_b.query(fake_b)),
            discriminate(d_b, real_a, pool_a.query(fake_a)),
        )
        d_opt.step()
        generator_losses = gan_a, gan_b, cycle_a, cycle_b, idt_a, idt_b
        return torch.stack([*losses, *generator_losses]).detach()

    return step


def work(name, model, size, width, batch, steps):
    rng = np.random.default_rng(0)
    a, b = (rng.uniform(-1, 1, (steps * batch, size, size, 3)).astype("float32") for _ in range(2))
    name, *words = name.split()
    if name == "native":
        import native

        make = functools.partial(globals()[f"{model}_native"], size, width)
        native.serve(words, make, [a, b], batch, steps)
    else:
        interleaved.serve(globals()[f"{model}_{name}"](size, width, batch, a, b), steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--only", nargs="+", help="contestants; by default all")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--work", nargs=6, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        name, model, *numbers = arguments.work
        work(name, model, *map(int, numbers))
        return
    numbers = arguments.size, arguments.width, arguments.batch, arguments.steps
    for model in arguments.models:
        labels = arguments.only or [*CONTESTANTS]
        speeds = interleaved.measure(__file__, CONTESTANTS, labels, (model, *numbers), arguments.rounds)
        print(f"\n{model}, {arguments.size} pixels, width {arguments.width}, batch {arguments.batch}\n")
        print(interleaved.table(speeds, "steps/s"), flush=True)


if __name__ == "__main__":
    main()
