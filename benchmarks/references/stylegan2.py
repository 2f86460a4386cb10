"""StyleGAN2 (Karras et al. 2019, arXiv 1912.04958), with a kernel for each image.

As people write it in plain PyTorch, without compiled operations; `stylegan2_throughput.py` takes its
time.
"""

import itertools
import math

import torch
from torch import nn
from torch.nn import functional

from references import common
from references.common import Equalized

R1_EVERY, PATH_EVERY, PATH_WEIGHT = 16, 4, 2.0


def active(x):
    return functional.leaky_relu(x, 0.2) * math.sqrt(2)


class Styled(nn.Module):
    def __init__(self, inputs, outputs, style, side, size=3, up=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))
        self.up, self.is_image = up, size == 1
        if not self.is_image:
            self.strength = nn.Parameter(torch.zeros([]))
            self.register_buffer("constant_noise", torch.randn(side, side))
        self.affine = Equalized(style, inputs, bias=1.0)

    def forward(self, x, style, draws=None):
        n, c, h, w = x.shape
        kernels = self.weight * self.affine(style)[:, None, :, None, None]
        kernels = kernels / math.sqrt(self.weight[0].numel())
        if not self.is_image:
            kernels = kernels * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()
        x = x.reshape(1, n * c, h, w)
        if self.up:
            kernels = kernels.transpose(1, 2).flatten(0, 1)
            x = functional.conv_transpose2d(x, kernels, stride=2, groups=n)
            x = common.blurred(x.reshape(n, -1, *x.shape[2:]), [1] * 4, gain=4.0)
        else:
            x = functional.conv2d(x, kernels.flatten(0, 1), padding=kernels.shape[-1] // 2, groups=n)
            x = x.reshape(n, -1, h, w)
        if self.is_image:
            return x + self.bias
        noise = self.constant_noise if draws is None else draws.normal(n, 1, *x.shape[2:])
        return active(x + self.strength * noise + self.bias)


class Generator(nn.Module):
    def __init__(self, widths, style, depth, base, channels):
        super().__init__()
        sides = [base * 2**level for level in range(len(widths))]
        self.constant = nn.Parameter(torch.randn(widths[0], base, base))
        self.mapping = nn.ModuleList(Equalized(style, style, rate=0.01) for _ in range(depth))
        self.first = Styled(widths[0], widths[0], style, base)
        pairs = [(*pair, style, side) for pair, side in zip(itertools.pairwise(widths), sides[1:])]
        self.ups = nn.ModuleList(Styled(*sizes, up=True) for sizes in pairs)
        self.convolutions = nn.ModuleList(Styled(b, b, *others) for _, b, *others in pairs)
        self.images = nn.ModuleList(Styled(width, channels, style, 0, size=1) for width in widths)
        self.count = 2 * len(widths)

    def styles(self, latents):
        x = common.normalized(latents)
        for dense in self.mapping:
            x = active(dense(x))
        return x

    def forward(self, styles, draws=None):
        x = self.first(self.constant.expand(len(styles), -1, -1, -1), styles[:, 0], draws)
        images = self.images[0](x, styles[:, 1])
        for level, (up, convolution) in enumerate(zip(self.ups, self.convolutions), 1):
            first, second, third = styles[:, 2 * level - 1 : 2 * level + 2].unbind(1)
            x = convolution(up(x, first, draws), second, draws)
            images = common.enlarged(images) + self.images[level](x, third)
        return images

    def names(self):
        levels, later = range(len(self.images)), range(1, len(self.images))
        styled = ["level0_conv1", *(f"level{n}_conv0" for n in later)]
        styled += [f"level{n}_conv1" for n in later]
        return [
            *("constant", *(f"dense{index}" for index in range(len(self.mapping)))),
            *(name + part for name in styled for part in ("", "_noise", "_style")),
            *(f"level{n}_images{part}" for n in levels for part in ("", "_style")),
        ]


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.first, self.second = Equalized(inputs, inputs, 3), Equalized(inputs, outputs, 3)
        self.skip = Equalized(inputs, outputs, 1, bias=None)

    def forward(self, x):
        skip = self.skip(common.reduced(x))
        x = active(self.first(x))
        x = active(self.second(common.blurred(x, [2] * 4), stride=2, padding=0))
        return (x + skip) * math.sqrt(0.5)


class Discriminator(nn.Module):
    def __init__(self, widths, base, channels):
        super().__init__()
        self.top = Equalized(channels, widths[-1], 1)
        self.blocks = nn.Sequential(*(Block(b, a) for a, b in reversed([*itertools.pairwise(widths)])))
        self.last = Equalized(widths[0] + 1, widths[0], 3)
        self.dense = Equalized(base**2 * widths[0], widths[0])
        self.logit = Equalized(widths[0], 1)

    def forward(self, images):
        x = common.with_deviation(self.blocks(active(self.top(images))))
        return self.logit(active(self.dense(common.channels_last(active(self.last(x))))))


class StyleGAN2(common.Training):
    """R1 in every 16th step, path lengths in every 4th: in updates of their own, or with the loss."""

    ema = 0.998
    adam = {"lr": 2e-3, "betas": (0.0, 0.99), "eps": 1e-8}  # noqa: RUF012

    def __init__(
        self,
        image_shape,
        draws,
        paper=True,
        latent_dim=512,
        width=512,
        mapping_layers=8,
        gamma=None,
        mixing=0.9,
    ):
        side, _, channels = image_shape
        widths, (_, base) = common.progressive_widths(side, width), common.halvings(side)
        generator = Generator(widths, latent_dim, mapping_layers, base, channels)
        discriminator = Discriminator(widths, base, channels)
        super().__init__(generator, discriminator, latent_dim, draws, paper)
        self.gamma = 10.0 * side**2 / 1024**2 if gamma is None else gamma
        self.mixing, self.length = mixing, 0.0
        self.names = generator.names(), None

    def set_optimizers(self, make):
        super().set_optimizers(make)
        if self.paper:  # an update of the penalty is one more update
            for optimizer, every in ((self.d_opt, R1_EVERY), (self.g_opt, PATH_EVERY)):
                for group in optimizer.param_groups:
                    group["lr"] *= every / (every + 1)
                    group["betas"] = tuple(beta ** (every / (every + 1)) for beta in group["betas"])

    def mixed_styles(self, n):
        first, second = (self.draws.normal(n, self.latent_dim) for _ in range(2))
        first, second = self.generator.styles(torch.cat([first, second])).chunk(2)
        cut = self.draws.integers(1, self.generator.count, n, 1)
        whole = self.draws.uniform(n, 1) >= self.mixing
        is_first = whole | (torch.arange(self.generator.count, device=cut.device) < cut)
        return torch.where(is_first[..., None], first[:, None], second[:, None])

    def generated(self, n):
        return self.generator(self.mixed_styles(n), self.draws)

    def discriminator_loss(self, real, fake):
        loss = functional.softplus(-self.discriminator(real)).mean()
        loss = loss + functional.softplus(self.discriminator(fake)).mean()
        return loss if self.paper or self.steps % R1_EVERY else loss + self.r1(real)

    def generator_loss(self, real, fake):
        loss = functional.softplus(-self.discriminator(fake)).mean()
        return loss if self.paper or self.steps % PATH_EVERY else loss + self.path_penalty(real)

    def regularize(self, real):
        if self.paper and self.steps % R1_EVERY == 0:
            common.descend(self.d_opt, self.r1(real))
        if self.paper and self.steps % PATH_EVERY == 0:
            common.descend(self.g_opt, self.path_penalty(real))

    def r1(self, real):
        return R1_EVERY * self.gamma * self.zero_centred(real)

    def path_penalty(self, real):
        n = -(-len(real) // 2)
        directions = self.draws.normal(n, *real.shape[1:]) / math.sqrt(real[0, 0].numel())
        styles = self.mixed_styles(n)
        made = (self.generator.forward(styles, self.draws) * directions).sum()
        (slope,) = torch.autograd.grad(made, styles, create_graph=True)
        lengths = slope.square().sum(2).mean(1).sqrt()
        average = self.length + 0.01 * (lengths.mean() - self.length)
        self.length = average.detach()
        return PATH_EVERY * PATH_WEIGHT * (lengths - average).square().mean()

    def pictures(self, latents):
        styles = self.average.styles(latents)
        return self.average(styles[:, None].expand(-1, self.average.count, -1))
