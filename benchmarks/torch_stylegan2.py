"""StyleGAN2 as people write it in plain PyTorch: no compiled operations, a kernel for each image.

For `stylegan2_throughput.py`. Widths, styles, losses and lazy penalties are those of `kgz.StyleGAN2`.
"""

import itertools
import math

import torch
from torch import nn
from torch.nn import functional

FILTER = torch.outer(*[torch.tensor([1.0, 3.0, 3.0, 1.0])] * 2) / 64


def blurred(x, pad, gain=1.0, stride=1):
    kernel = (gain * FILTER.to(x.device, x.dtype)).expand(x.shape[1], 1, 4, 4)
    return functional.conv2d(functional.pad(x, pad), kernel, stride=stride, groups=x.shape[1])


def enlarged(x):
    n, c, h, w = x.shape
    sparse = x.new_zeros(n, c, h, 2, w, 2)
    sparse[:, :, :, 0, :, 0] = x
    return blurred(sparse.reshape(n, c, 2 * h, 2 * w), [2, 1, 2, 1], gain=4.0)


def active(x):
    return functional.leaky_relu(x, 0.2) * math.sqrt(2)


class Dense(nn.Module):
    def __init__(self, inputs, outputs, rate=1.0, bias=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full([outputs], bias))
        self.scale, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, x):
        return functional.linear(x, self.weight * self.scale, self.bias * self.rate)


class Styled(nn.Module):
    def __init__(self, inputs, outputs, style, size=3, up=False):
        super().__init__()
        self.affine = Dense(style, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))
        self.strength = nn.Parameter(torch.zeros([]))
        self.up, self.is_image = up, size == 1

    def forward(self, x, style):
        n, c, h, w = x.shape
        kernels = self.weight * self.affine(style)[:, None, :, None, None]
        kernels = kernels / math.sqrt(self.weight[0].numel())
        if not self.is_image:
            kernels = kernels * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()
        x = x.reshape(1, n * c, h, w)
        if self.up:
            kernels = kernels.transpose(1, 2).flatten(0, 1)
            x = functional.conv_transpose2d(x, kernels, stride=2, groups=n)
            x = blurred(x.reshape(n, -1, *x.shape[2:]), [1] * 4, gain=4.0)
        else:
            x = functional.conv2d(x, kernels.flatten(0, 1), padding=kernels.shape[-1] // 2, groups=n)
            x = x.reshape(n, -1, h, w)
        if self.is_image:
            return x + self.bias
        noise = torch.randn(n, 1, *x.shape[2:], device=x.device)
        return active(x + self.strength * noise + self.bias)


class Generator(nn.Module):
    def __init__(self, widths, style, depth):
        super().__init__()
        self.mapping = nn.ModuleList(Dense(style, style, rate=0.01) for _ in range(depth))
        self.constant = nn.Parameter(torch.randn(1, widths[0], 4, 4))
        self.first = Styled(widths[0], widths[0], style)
        pairs = list(itertools.pairwise(widths))
        self.ups = nn.ModuleList(Styled(a, b, style, up=True) for a, b in pairs)
        self.convolutions = nn.ModuleList(Styled(b, b, style) for _, b in pairs)
        self.images = nn.ModuleList(Styled(width, 3, style, size=1) for width in widths)
        self.count = 2 * len(widths)

    def styles(self, latents):
        x = latents * (latents.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for dense in self.mapping:
            x = active(dense(x))
        return x[:, None].expand(-1, self.count, -1)

    def forward(self, styles):
        x = self.first(self.constant.expand(len(styles), -1, -1, -1), styles[:, 0])
        images = self.images[0](x, styles[:, 1])
        for level, (up, convolution) in enumerate(zip(self.ups, self.convolutions), 1):
            x = convolution(up(x, styles[:, 2 * level - 1]), styles[:, 2 * level])
            images = enlarged(images) + self.images[level](x, styles[:, 2 * level + 1])
        return images


class Convolution(nn.Module):
    def __init__(self, inputs, outputs, size, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale = 1 / math.sqrt(inputs * size * size)

    def forward(self, x, stride=1, padding=0):
        return functional.conv2d(x, self.weight * self.scale, self.bias, stride, padding)


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.first, self.second = Convolution(inputs, inputs, 3), Convolution(inputs, outputs, 3)
        self.skip = Convolution(inputs, outputs, 1, bias=False)

    def forward(self, x):
        skip = self.skip(blurred(x, [1] * 4, stride=2))
        x = active(self.first(x, padding=1))
        return (active(self.second(blurred(x, [2] * 4), stride=2)) + skip) * math.sqrt(0.5)


class Discriminator(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.top = Convolution(3, widths[-1], 1)
        self.blocks = nn.ModuleList(Block(b, a) for a, b in reversed(list(itertools.pairwise(widths))))
        self.last = Convolution(widths[0] + 1, widths[0], 3)
        self.dense = nn.Sequential(
            Dense(16 * widths[0], widths[0]), nn.LeakyReLU(0.2), Dense(widths[0], 1)
        )

    def forward(self, x):
        x = active(self.top(x))
        for block in self.blocks:
            x = block(x)
        groups = x.reshape(-1, max(1, len(x) // 4), *x.shape[1:])
        deviation = (groups.var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
        deviation = deviation.repeat(len(groups)).reshape(-1, 1, 1, 1)
        x = torch.cat([x, deviation.expand(-1, 1, *x.shape[2:])], 1)
        return self.dense(active(self.last(x, padding=1)).flatten(1))


class Trainer:
    """Steps as in the paper: R1 in every 16th of the discriminator, path lengths in every 4th of G."""

    def __init__(self, widths, style, depth, device, gamma):
        self.generator = Generator(widths, style, depth).to(device)
        self.discriminator = Discriminator(widths).to(device)
        self.average = Generator(widths, style, depth).to(device)
        adam = {"lr": 2e-3, "betas": (0.0, 0.99), "eps": 1e-8}
        self.g_opt = torch.optim.Adam(self.generator.parameters(), **adam)
        self.d_opt = torch.optim.Adam(self.discriminator.parameters(), **adam)
        self.style, self.device, self.gamma = style, device, gamma
        self.steps, self.length = 0, torch.zeros([], device=device)

    def fakes(self, n):
        latents = torch.randn(n, self.style, device=self.device)
        styles = self.generator.styles(latents)
        return self.generator(styles), styles

    def step(self, real):
        generator, discriminator = self.generator, self.discriminator
        fake, _ = self.fakes(len(real))
        due = self.steps % 16 == 0
        real = real.requires_grad_(due)
        told = discriminator(real)
        loss = (
            functional.softplus(-told).mean() + functional.softplus(discriminator(fake.detach())).mean()
        )
        if due:
            (slope,) = torch.autograd.grad(told.sum(), real, create_graph=True)
            loss = loss + 16 * self.gamma / 2 * slope.square().sum((1, 2, 3)).mean()
        self.d_opt.zero_grad(set_to_none=True)
        loss.backward()
        self.d_opt.step()
        loss = functional.softplus(-discriminator(fake)).mean()
        if self.steps % 4 == 0:
            loss = loss + 4 * 2.0 * self.path_penalty(len(real) // 2)
        self.g_opt.zero_grad(set_to_none=True)
        loss.backward()
        self.g_opt.step()
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(generator.parameters()), 0.002)
        self.steps += 1

    def path_penalty(self, n):
        made, styles = self.fakes(n)
        directions = torch.randn_like(made) / math.sqrt(made.shape[2] * made.shape[3])
        (slope,) = torch.autograd.grad((made * directions).sum(), styles, create_graph=True)
        lengths = slope.square().sum(2).mean(1).sqrt()
        average = self.length.lerp(lengths.mean(), 0.01)
        self.length = average.detach()
        return (lengths - average).square().mean()
