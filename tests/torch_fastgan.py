"""FastGAN's networks in PyTorch, from the paper (Liu et al. 2021, arXiv 2101.04775), for images of 128
and of 512 pixels."""

import itertools

import torch
from torch import nn
from torch.nn import functional


class Spectral(nn.Conv2d):
    """Convolution whose weight is divided by its largest singular value."""

    def forward(self, x):
        norm = torch.linalg.matrix_norm(self.weight.flatten(1), 2)
        return functional.conv2d(x, self.weight / norm, self.bias, self.stride, self.padding)


def conv(inputs, outputs, size, stride=1, padding=None, bias=False):
    padding = (size - stride + 1) // 2 if padding is None else padding
    return Spectral(inputs, outputs, size, stride, padding, bias=bias)


def norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-5, momentum=0.1)


class Noise(nn.Module):
    def __init__(self, side):
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.zeros(side, side, 1))

    def forward(self, x):
        return x + self.strength * self.noise[..., 0]


def gated(channels, side=None):
    noise = [] if side is None else [Noise(side)]
    return [*noise, norm(2 * channels), nn.GLU(dim=1)]


def up(inputs, outputs, side, two):
    noisy = side if two else None
    parts = [nn.Upsample(scale_factor=2), conv(inputs, 2 * outputs, 3), *gated(outputs, noisy)]
    if two:
        parts += [conv(outputs, 2 * outputs, 3), *gated(outputs, noisy)]
    return nn.Sequential(*parts)


class Excitation(nn.Sequential):
    def __init__(self, small, large):
        pool, squeeze = nn.AdaptiveAvgPool2d(4), conv(small, large, 4, padding=0)
        super().__init__(pool, squeeze, nn.SiLU(), conv(large, large, 1), nn.Sigmoid())


class Generator(nn.Module):
    """From latents to 128x128 pixels; `width` channels there."""

    def __init__(self, latent_dim, width, channels=3):
        super().__init__()
        self.first = Spectral(latent_dim, 16 * 2 * 16 * width, 1, bias=False)
        self.gate = nn.Sequential(*gated(16 * width))
        self.up8 = up(16 * width, 8 * width, 8, two=True)
        self.up16 = up(8 * width, 4 * width, 16, two=False)
        self.up32 = up(4 * width, 2 * width, 32, two=True)
        self.up64, self.excite64 = (
            up(2 * width, 2 * width, 64, two=False),
            Excitation(16 * width, 2 * width),
        )
        self.up128, self.excite128 = up(2 * width, width, 128, two=True), Excitation(8 * width, width)
        self.to_image = conv(width, channels, 3)

    def forward(self, latents):
        x = self.first(latents[:, :, None, None]).unflatten(1, (4, 4, -1))
        x4 = self.gate(x[..., 0, 0].permute(0, 3, 1, 2))
        x8 = self.up8(x4)
        x64 = self.up64(self.up32(self.up16(x8))) * self.excite64(x4)
        x128 = self.up128(x64) * self.excite128(x8)
        return torch.tanh(self.to_image(x128))


def activated(channels):
    return [norm(channels), nn.LeakyReLU(0.2)]


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        two = [conv(inputs, outputs, 4, 2), *activated(outputs), conv(outputs, outputs, 3)]
        self.main = nn.Sequential(*two, *activated(outputs))
        self.skip = nn.Sequential(nn.AvgPool2d(2), conv(inputs, outputs, 1), *activated(outputs))

    def forward(self, x):
        return (self.main(x) + self.skip(x)) / 2


class Discriminator(nn.Module):
    """From images of 128 or 512 pixels to 5x5 logits and the maps of 8x8 and 16x16."""

    def __init__(self, side, width, channels=3):
        super().__init__()
        quarter, half = width // 4, width // 2
        if side == 512:
            first, wide = conv(channels, quarter, 4, 2, bias=True), (quarter, half)
        else:
            first, wide = conv(channels, half, 3, bias=True), (half,)
        wide = (*wide, width, 2 * width, 4 * width, 8 * width)
        self.first = nn.Sequential(first, nn.LeakyReLU(0.2))
        *large, small = (Down(*pair) for pair in itertools.pairwise(wide))
        self.large, self.small = nn.Sequential(*large), small
        squeeze = [conv(8 * width, 16 * width, 1), *activated(16 * width)]
        self.logits = nn.Sequential(*squeeze, conv(16 * width, 1, 4, padding=0))

    def forward(self, images):
        large = self.large(self.first(images))
        small = self.small(large)
        return self.logits(small), small, large


class Decoder(nn.Sequential):
    """From 8x8 to `8 * 2**doublings` pixels."""

    def __init__(self, inputs, doublings, width, channels=3):
        parts = []
        for wide in (2 * width, width, width, width // 2)[:doublings]:
            parts += [nn.Upsample(scale_factor=2), conv(inputs, 2 * wide, 3), *gated(wide)]
            inputs = wide
        super().__init__(*parts, conv(inputs, channels, 3), nn.Tanh())
