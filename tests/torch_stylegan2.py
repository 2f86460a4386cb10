"""StyleGAN2's generator in PyTorch, as the paper has it, with the names of the published weights.

Each image has a kernel of its own, and images are enlarged by zeros between the pixels and a filter:
the other way than ours.
"""

import torch
from torch import nn
from torch.nn import functional

FILTER = torch.outer(*[torch.tensor([1.0, 3.0, 3.0, 1.0])] * 2) / 64


def filtered(x, before, after, gain=1.0):
    channels = x.shape[1]
    kernel = gain * FILTER.expand(channels, 1, 4, 4)
    return functional.conv2d(functional.pad(x, (before, after) * 2), kernel, groups=channels)


def enlarged(x):
    n, channels, h, w = x.shape
    sparse = torch.zeros(n, channels, h, 2, w, 2)
    sparse[:, :, :, 0, :, 0] = x
    return filtered(sparse.reshape(n, channels, 2 * h, 2 * w), 2, 1, gain=4.0)


def active(x):
    return functional.leaky_relu(x, 0.2) * 2**0.5


class Dense(nn.Module):
    def __init__(self, inputs, outputs, rate=1.0, bias=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full([outputs], bias))
        self.rate = rate

    def forward(self, x):
        weight = self.weight * (self.rate / self.weight.shape[1] ** 0.5)
        return functional.linear(x, weight, self.bias * self.rate)


class Mapping(nn.Module):
    def __init__(self, width, depth, classes):
        super().__init__()
        self.classes = classes
        if classes:
            self.embed = Dense(classes, width)
        for index in range(depth):
            inputs = 2 * width if classes and index == 0 else width
            setattr(self, f"fc{index}", Dense(inputs, width, rate=0.01))
        self.depth = depth
        self.register_buffer("w_avg", torch.randn(width))

    def forward(self, latents, labels=None):
        def unit(x):
            return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()

        x = unit(latents)
        if self.classes:
            one_hot = functional.one_hot(labels, self.classes).float()
            x = torch.cat([x, unit(self.embed(one_hot))], 1)
        for index in range(self.depth):
            x = active(getattr(self, f"fc{index}")(x))
        return x


class Convolution(nn.Module):
    def __init__(self, inputs, outputs, style, side, size=3, up=False):
        super().__init__()
        self.affine = Dense(style, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.up, self.is_image = up, size == 1
        if not self.is_image:
            self.noise_strength = nn.Parameter(torch.zeros([]))
            self.register_buffer("noise_const", torch.randn(side, side))
            self.register_buffer("resample_filter", FILTER)

    def forward(self, x, style):
        scales = self.affine(style)
        if self.is_image:
            scales = scales / self.weight[0].numel() ** 0.5
        kernels = self.weight[None] * scales[:, None, :, None, None]
        if not self.is_image:
            kernels = kernels / (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
        x = torch.cat([self.convolved(*pair) for pair in zip(x, kernels, strict=True)])
        if self.is_image:
            return x + self.bias[:, None, None]
        return active(x + self.noise_const * self.noise_strength + self.bias[:, None, None])

    def convolved(self, image, kernel):
        if self.up:
            large = functional.conv_transpose2d(image[None], kernel.transpose(0, 1), stride=2)
            return filtered(large, 1, 1, gain=4.0)
        return functional.conv2d(image[None], kernel, padding=kernel.shape[-1] // 2)


class Block(nn.Module):
    def __init__(self, inputs, outputs, style, side, channels):
        super().__init__()
        if side == 4:
            self.const = nn.Parameter(torch.randn(outputs, 4, 4))
        else:
            self.conv0 = Convolution(inputs, outputs, style, side, up=True)
        self.conv1 = Convolution(outputs, outputs, style, side)
        self.torgb = Convolution(outputs, channels, style, side, size=1)
        self.register_buffer("resample_filter", FILTER)


class Synthesis(nn.Module):
    def __init__(self, widths, style, channels):
        super().__init__()
        self.sides = [4 * 2**level for level in range(len(widths))]
        for side, inputs, outputs in zip(self.sides, [0, *widths], widths, strict=False):
            setattr(self, f"b{side}", Block(inputs, outputs, style, side, channels))

    def forward(self, styles):
        place, images = 0, 0
        for side in self.sides:
            block = getattr(self, f"b{side}")
            if side == 4:
                x = block.const.expand(len(styles), -1, -1, -1)
            else:
                x = block.conv0(x, styles[:, place])
                images, place = enlarged(images), place + 1
            x = block.conv1(x, styles[:, place])
            place += 1
            images = images + block.torgb(x, styles[:, place])
        return images


class Generator(nn.Module):
    def __init__(self, widths, style=8, channels=3, depth=3, classes=0):
        super().__init__()
        self.mapping = Mapping(style, depth, classes)
        self.synthesis = Synthesis(widths, style, channels)
        self.count = 2 * len(widths)
        for name, parameter in self.named_parameters():  # nothing stays at what hides an error
            if name.endswith(("bias", "strength")):
                parameter.data += 0.2 * torch.randn(parameter.shape)

    def forward(self, latents, labels=None, truncation=1.0):
        styles = self.mapping(latents, labels)
        styles = self.mapping.w_avg + truncation * (styles - self.mapping.w_avg)
        return self.synthesis(styles[:, None].expand(-1, self.count, -1))
