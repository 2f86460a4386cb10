"""PyTorch networks of pytorch-CycleGAN-and-pix2pix, for comparison."""

import torch
from torch import nn


def resnet(blocks, width=4, channels=3):
    """Residual generator without dropout, with instance normalization."""
    inst = nn.InstanceNorm2d
    parts = [nn.ReflectionPad2d(3), nn.Conv2d(channels, width, 7), inst(width), nn.ReLU()]
    for level in (1, 2):
        parts += [
            nn.Conv2d(width * level, 2 * width * level, 3, 2, 1),
            inst(2 * width * level),
            nn.ReLU(),
        ]
    wide = 4 * width
    for _ in range(blocks):
        parts.append(Block(wide))
    for level in (4, 2):
        half = width * level // 2
        parts += [nn.ConvTranspose2d(width * level, half, 3, 2, 1, 1), inst(half), nn.ReLU()]
    parts += [nn.ReflectionPad2d(3), nn.Conv2d(width, channels, 7), nn.Tanh()]
    return Named(nn.Sequential(*parts))


class Named(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    def __init__(self, wide):
        super().__init__()
        pad, norm = nn.ReflectionPad2d(1), nn.InstanceNorm2d(wide)
        self.conv_block = nn.Sequential(
            pad, nn.Conv2d(wide, wide, 3), norm, nn.ReLU(), nn.ReflectionPad2d(1),
            nn.Conv2d(wide, wide, 3), nn.InstanceNorm2d(wide),
        )  # fmt: skip

    def forward(self, x):
        return x + self.conv_block(x)


class UBlock(nn.Module):
    """One level of the U-Net, which contains the next one, with batch normalization."""

    def __init__(self, outer, inner, inside=None, channels=None, last=None, dropout=False):
        super().__init__()
        self.outermost = channels is not None
        down = nn.Conv2d(channels or outer, inner, 4, 2, 1, bias=False)
        ups = inner if inside is None else 2 * inner
        if self.outermost:
            parts = [down, inside, nn.ReLU(), nn.ConvTranspose2d(ups, last, 4, 2, 1), nn.Tanh()]
        else:
            up = [nn.ReLU(), nn.ConvTranspose2d(ups, outer, 4, 2, 1, bias=False), nn.BatchNorm2d(outer)]
            middle = [] if inside is None else [nn.BatchNorm2d(inner), inside]
            parts = [nn.LeakyReLU(0.2), down, *middle, *up, *([nn.Dropout(0.5)] if dropout else [])]
        self.model = nn.Sequential(*parts)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


def unet(halvings, width=4, channels=1, last=3, dropout=False):
    """U-Net with batch normalization."""
    block = UBlock(8 * width, 8 * width)
    for _ in range(halvings - 5):
        block = UBlock(8 * width, 8 * width, block, dropout=dropout)
    for times in (4, 2, 1):
        block = UBlock(times * width, 2 * times * width, block)
    return Named(UBlock(None, width, block, channels, last))


def patches(norm, width=4, channels=3):
    """The `basic` discriminator."""
    batch = norm == "batch"
    parts = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
    for level, stride in ((1, 2), (2, 2), (4, 1)):
        wide = 2 * level * width
        parts += [
            nn.Conv2d(level * width, wide, 4, stride, 1, bias=not batch),
            (nn.BatchNorm2d if batch else nn.InstanceNorm2d)(wide),
            nn.LeakyReLU(0.2),
        ]
    return Named(nn.Sequential(*parts, nn.Conv2d(8 * width, 1, 4, 1, 1)))
