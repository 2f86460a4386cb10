"""ESRGAN's generator (Wang et al. 2018, arXiv 1809.00219) and SRGAN's discriminator (Ledig et al. 2016,
arXiv 1609.04802) in PyTorch, from the papers."""

import torch
from torch import nn
from torch.nn import functional


def conv(inputs, outputs, stride=1):
    # One row and column of zeros behind even sides, none in front.
    pad = [nn.ZeroPad2d((0, 1, 0, 1))] if stride == 2 else []
    return nn.Sequential(*pad, nn.Conv2d(inputs, outputs, 3, stride, 0 if pad else 1))


def leaky(x):
    return functional.leaky_relu(x, 0.2)


class DenseBlock(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        self.convs = nn.ModuleList(conv(width + i * growth, growth) for i in range(4))
        self.last = conv(width + 4 * growth, width)

    def forward(self, x):
        maps = [x]
        for layer in self.convs:
            maps.append(leaky(layer(torch.cat(maps, 1))))
        return x + 0.2 * self.last(torch.cat(maps, 1))


class RRDB(nn.Sequential):
    def __init__(self, width, growth):
        super().__init__(*(DenseBlock(width, growth) for _ in range(3)))

    def forward(self, x):
        return x + 0.2 * super().forward(x)


class Generator(nn.Module):
    def __init__(self, channels, width, blocks, growth, doublings):
        super().__init__()
        self.first = conv(channels, width)
        self.trunk = nn.Sequential(*(RRDB(width, growth) for _ in range(blocks)), conv(width, width))
        self.ups = nn.ModuleList(conv(width, width) for _ in range(doublings))
        self.high, self.last = conv(width, width), conv(width, channels)

    def forward(self, x):
        x = self.first(x)
        x = x + self.trunk(x)
        for layer in self.ups:
            x = leaky(layer(functional.interpolate(x, scale_factor=2)))
        return self.last(leaky(self.high(x)))


class Discriminator(nn.Module):
    def __init__(self, side, channels, width):
        super().__init__()
        widths = [channels, *(factor * width for factor in (1, 1, 2, 2, 4, 4, 8, 8))]
        parts = []
        for index in range(8):
            parts.append(conv(widths[index], widths[index + 1], 1 + index % 2))
            parts += [nn.BatchNorm2d(widths[index + 1], 1e-5)] if index else []
            parts.append(nn.LeakyReLU(0.2))
        self.features = nn.Sequential(*parts)
        self.hidden = nn.Linear((side // 16) ** 2 * 8 * width, 16 * width)
        self.logit = nn.Linear(16 * width, 1)

    def forward(self, x):
        x = self.features(x).permute(0, 2, 3, 1).flatten(1)
        return self.logit(leaky(self.hidden(x)))
