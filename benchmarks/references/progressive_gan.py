"""ProgressiveGAN (Karras et al. 2017, arXiv 1710.10196): growing networks, WGAN-GP with drift."""

import itertools
import math

import torch
from torch import nn
from torch.nn import functional

from references import common

GAIN = math.sqrt(2)  # of He's initialization


def active(x):
    return functional.leaky_relu(x, 0.2)


class Generator(nn.Module):
    """Images of each level from the first to `level`."""

    def __init__(self, latent_dim, widths, base, channels, bias_gain):
        super().__init__()
        self.base, self.bias_gain = base, bias_gain
        layer = {"gain": GAIN, "bias_gain": bias_gain}
        self.bias = nn.Parameter(torch.zeros(widths[0], 1, 1))
        self.dense = common.Equalized(latent_dim, base**2 * widths[0], bias=None, gain=GAIN)
        pairs = list(itertools.pairwise([widths[0], *widths]))
        self.first = nn.ModuleList(common.Equalized(a, b, 3, **layer) for a, b in pairs[1:])
        self.second = nn.ModuleList(common.Equalized(b, b, 3, **layer) for _, b in pairs)
        self.images = nn.ModuleList(common.Equalized(width, channels, 1) for width in widths)

    def forward(self, latents, level=None):
        x = common.feature_map(self.dense(common.normalized(latents)), self.base)
        x = common.normalized(active(x + self.bias * self.bias_gain))
        images = []
        for index in range(len(self.images) if level is None else level + 1):
            if index:
                x = functional.interpolate(x, scale_factor=2)
                x = common.normalized(active(self.first[index - 1](x)))
            x = common.normalized(active(self.second[index](x)))
            images.append(self.images[index](x))
        return images

    @staticmethod
    def names(levels):
        later = range(1, levels)
        return [
            *("level0_bias", "level0_dense"),
            *(f"level{level}_conv0" for level in later),
            *(f"level{level}_conv1" for level in range(levels)),
            *(f"level{level}_image" for level in range(levels)),
        ]


class Head(nn.Module):
    """Logits from the features of the first level."""

    def __init__(self, width, base, inputs, **layer):
        super().__init__()
        self.conv = common.Equalized(inputs + 1, width, 3, **layer)
        self.dense = common.Equalized(base**2 * width, width, **layer)
        self.logit = common.Equalized(width, 1)

    def forward(self, x):
        x = active(self.conv(common.with_deviation(x)))
        return self.logit(active(self.dense(common.channels_last(x))))


class Discriminator(nn.Module):
    """Logits of images of a level; with `share`, its weight beside the level before."""

    def __init__(self, widths, base, channels, bias_gain):
        super().__init__()
        layer = {"gain": GAIN, "bias_gain": bias_gain}
        self.tops = nn.ModuleList(common.Equalized(channels, width, 1, **layer) for width in widths)
        self.first = nn.ModuleList(common.Equalized(w, w, 3, **layer) for w in widths[1:])
        pairs = itertools.pairwise(widths)
        self.second = nn.ModuleList(common.Equalized(b, a, 3, **layer) for a, b in pairs)
        self.head = Head(widths[0], base, widths[0], **layer)

    def forward(self, images, level, share=1.0):
        x = active(self.tops[level](images))
        for index in reversed(range(level)):
            x = functional.avg_pool2d(active(self.second[index](active(self.first[index](x)))), 2)
            if index == level - 1 and share < 1.0:
                old = active(self.tops[index](functional.avg_pool2d(images, 2)))
                x = share * x + (1 - share) * old
        return self.head(x)

    @staticmethod
    def names(levels):
        return [
            *(f"level{level}_from_image" for level in range(levels)),
            *(f"level{level}_conv0" for level in range(1, levels)),
            *(f"level{level}_conv1" for level in range(1, levels)),
            *("level0_conv", "level0_dense", "logits"),
        ]


class ProgressiveGAN(common.Training):
    ema = 0.999
    adam = {"lr": 1e-3, "betas": (0.0, 0.99), "eps": 1e-8}  # noqa: RUF012

    def __init__(self, image_shape, draws, paper=True, latent_dim=64, width=32, growth=None):
        widths, (_, base) = (
            common.progressive_widths(image_shape[0], width),
            common.halvings(image_shape[0]),
        )
        parts = widths, base, image_shape[2], 1.0 if paper else GAIN
        super().__init__(Generator(latent_dim, *parts), Discriminator(*parts), latent_dim, draws, paper)
        self.levels, self.growth, self.images = len(widths), growth, 0
        self.level, self.share = self.levels - 1, 1.0
        self.names = Generator.names(self.levels), Discriminator.names(self.levels)
        if growth:
            self.grow()

    def grow(self):
        """Level and share after `images` images; both sides' moments restart with a level."""
        level, rest = 0, self.images - self.growth
        while rest >= 0 and level < self.levels - 1:
            level, rest = level + 1, rest - 2 * self.growth
        self.share = min(1.0, (rest + 2 * self.growth) / self.growth) if level else 1.0
        if level != self.level and self.paper:
            self.set_optimizers(self.make_optimizer)
        self.level = level

    def step(self, reals):
        super().step(self.shrunk(reals))
        self.images += self.count
        if self.growth:
            self.grow()

    def shrunk(self, reals):
        for images in reals:
            self.count = len(images)
            small = functional.avg_pool2d(images, 2 ** (self.levels - 1 - self.level))
            if self.share < 1.0:
                small = self.blend(functional.avg_pool2d(small, 2), small)
            yield small

    def blend(self, old, new):
        old = functional.interpolate(old, scale_factor=2)
        return self.share * new + (1 - self.share) * old

    def shown(self, images):
        return self.blend(*images[-2:]) if self.share < 1.0 else images[-1]

    def generated(self, n):
        return self.shown(self.generator(self.draws.normal(n, self.latent_dim), self.level))

    def score(self, images):
        return self.discriminator(images, self.level, self.share)

    def slopes(self, images):
        images = images.detach().requires_grad_()
        (slopes,) = torch.autograd.grad(self.score(images).sum(), images, create_graph=True)
        return slopes

    def discriminator_loss(self, real, fake):
        told = self.score(real)
        distance = self.score(fake).mean() - told.mean()
        return distance + 10 * self.gradient_penalty(real, fake) + 0.001 * told.square().mean()

    def generator_loss(self, real, fake):
        return -self.score(fake).mean()

    def pictures(self, latents):
        images = self.shown(self.average(latents, self.level))
        return functional.interpolate(images, scale_factor=2 ** (self.levels - 1 - self.level))
