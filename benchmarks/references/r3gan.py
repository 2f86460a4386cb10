"""R3GAN (Huang et al. 2024, arXiv 2501.05441): residual networks, relativistic loss, R1 and R2."""

import math

import torch
from torch import nn
from torch.nn import functional

from references import common


def layer(inputs, outputs, size=1, gain=1.0, **options):
    """Convolution whose weights have the standard deviation gain / sqrt(fan in)."""
    layer = nn.Conv2d(inputs, outputs, size, padding=size // 2, **options)
    nn.init.normal_(layer.weight, 0.0, gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class Block(nn.Module):
    """Inverted bottleneck: wide, grouped 3x3, narrow; the last starts at 0, as in Fixup."""

    def __init__(self, width, blocks, expansion=2, most=16):
        super().__init__()
        wide = expansion * width
        members = max(size for size in range(1, most + 1) if wide % size == 0)
        gain = math.sqrt(2 / (1 + 0.2**2)) * blocks**-0.25
        self.widen = layer(width, wide, gain=gain)
        self.grouped = layer(wide, wide, 3, gain, groups=wide // members)
        self.narrow = layer(wide, width, gain=0.0, bias=False)

    def forward(self, x):
        y = functional.leaky_relu(self.widen(x), 0.2)
        return x + self.narrow(functional.leaky_relu(self.grouped(y), 0.2))


def project(inputs, outputs):
    return nn.Identity() if inputs == outputs else layer(inputs, outputs, bias=False)


class Generator(nn.Module):
    def __init__(self, latent_dim, widths, base, channels):
        super().__init__()
        self.basis = nn.Parameter(torch.randn(widths[0], base, base))
        self.dense = nn.Linear(latent_dim, widths[0], bias=False)
        nn.init.normal_(self.dense.weight, 0.0, latent_dim**-0.5)
        self.blocks, self.projections = nn.ModuleList(), nn.ModuleList()
        for level, width in enumerate(widths):
            self.projections.append(project(widths[max(0, level - 1)], width))
            self.blocks.append(Block(width, len(widths)))
        self.to_image = layer(widths[-1], channels, bias=False)

    def forward(self, latents):
        x = self.dense(latents)[:, :, None, None] * self.basis
        for level, (block, projection) in enumerate(zip(self.blocks, self.projections)):
            x = block(common.enlarged(projection(x)) if level else x)
        return self.to_image(x)


class Discriminator(nn.Module):
    def __init__(self, widths, base, channels):
        super().__init__()
        self.basis = nn.Parameter(torch.randn(widths[0], base, base) / base)
        self.from_image = layer(channels, widths[-1], bias=False)
        self.blocks, self.projections = nn.ModuleList(), nn.ModuleList()
        for level in reversed(range(len(widths))):
            wider = widths[min(len(widths) - 1, level + 1)]
            self.projections.append(project(wider, widths[level]))
            self.blocks.append(Block(widths[level], len(widths)))
        self.dense = nn.Linear(widths[0], 1, bias=False)
        nn.init.normal_(self.dense.weight, 0.0, widths[0] ** -0.5)

    def forward(self, images):
        x = self.from_image(images)
        for index, (block, projection) in enumerate(zip(self.blocks, self.projections)):
            x = block(projection(common.reduced(x)) if index else x)
        return self.dense((x * self.basis).sum((2, 3)))


class R3GAN(common.Training):
    ema = 0.999
    adam = {"lr": 2e-4, "betas": (0.0, 0.99), "eps": 1e-8}  # noqa: RUF012

    def __init__(self, image_shape, draws, paper=True, latent_dim=64, width=64, gamma=0.05):
        side, _, channels = image_shape
        count, base = common.halvings(side)
        widths = [max(1, width // 2 ** max(0, level - 3)) for level in range(count + 1)]
        networks = Generator(latent_dim, widths, base, channels), Discriminator(widths, base, channels)
        super().__init__(*networks, latent_dim, draws, paper)
        self.gamma = gamma
        stages = [f"stage{level}_block0" for level in range(count + 1)]
        ups, downs = (
            [f"{stage}_{part}" for stage in order for part in ("in", "groups", "out")]
            for order in (stages, reversed(stages))
        )
        self.names = ["basis", "dense", *ups, "to_image"], ["basis", "from_image", *downs, "dense"]

    def discriminator_loss(self, real, fake):
        loss = functional.softplus(self.discriminator(fake) - self.discriminator(real)).mean()
        return loss + self.gamma * (self.zero_centred(real) + self.zero_centred(fake))

    def generator_loss(self, real, fake):
        return functional.softplus(self.discriminator(real) - self.discriminator(fake)).mean()
