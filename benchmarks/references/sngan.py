"""SNGAN (Miyato et al. 2018, arXiv 1802.05957): the residual networks for CIFAR-10, hinge loss."""

import math

import torch
from torch import nn
from torch.nn import functional

from references import common


def glorot(layer, scale=1.0):
    nn.init.xavier_uniform_(layer.weight, math.sqrt(scale))
    nn.init.zeros_(layer.bias)
    return layer


def convolution(inputs, outputs, size, scale=1.0):
    return glorot(nn.Conv2d(inputs, outputs, size, padding=size // 2), scale)


class UpBlock(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        self.norm0, self.conv0 = norm(width), convolution(width, width, 3, 2.0)
        self.norm1, self.skip = norm(width), convolution(width, width, 1)
        self.conv1 = convolution(width, width, 3, 2.0)

    def forward(self, x):
        y = self.conv0(functional.interpolate(torch.relu(self.norm0(x)), scale_factor=2))
        y = self.conv1(torch.relu(self.norm1(y)))
        return y + self.skip(functional.interpolate(x, scale_factor=2))


class Generator(nn.Module):
    def __init__(self, image_shape, latent_dim, width, norm):
        super().__init__()
        count, self.base = common.halvings(image_shape[0])
        self.dense = glorot(nn.Linear(latent_dim, self.base**2 * width))
        self.blocks = nn.Sequential(*(UpBlock(width, norm) for _ in range(count)))
        self.norm, self.to_image = norm(width), convolution(width, image_shape[2], 3)

    def forward(self, latents):
        x = self.blocks(common.feature_map(self.dense(latents), self.base))
        return torch.tanh(self.to_image(torch.relu(self.norm(x))))


class Spectral(nn.Module):
    """Dense layer or convolution, divided by sigma: one power iteration in each pass of training."""

    def __init__(self, layer):
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.register_buffer("u", torch.randn(len(layer.weight)))

    def forward(self, x):
        matrix = self.weight.flatten(1)
        with torch.no_grad():
            v = functional.normalize(self.u @ matrix, dim=0)
            u = functional.normalize(matrix @ v, dim=0)
            if self.training:
                self.u.copy_(u)
        weight = self.weight / (u @ matrix @ v)
        if weight.dim() == 2:
            return functional.linear(x, weight, self.bias)
        return functional.conv2d(x, weight, self.bias, padding=weight.shape[-1] // 2)


class DownBlock(nn.Module):
    def __init__(self, inputs, width, down, first):
        super().__init__()
        self.conv0 = Spectral(convolution(inputs, width, 3, 2.0))
        self.conv1 = Spectral(convolution(width, width, 3, 2.0))
        self.skip = Spectral(convolution(inputs, width, 1)) if first or down else None
        self.down, self.first = down, first

    def forward(self, x):
        y = self.conv1(torch.relu(self.conv0(x if self.first else torch.relu(x))))
        if self.down:
            x, y = functional.avg_pool2d(x, 2), functional.avg_pool2d(y, 2)
        return y + (x if self.skip is None else self.skip(x))


class Discriminator(nn.Module):
    def __init__(self, image_shape, width):
        super().__init__()
        downs = common.halvings(image_shape[0])[0] - 1
        inputs = [image_shape[2], *[width] * (downs + 1)]
        self.blocks = nn.Sequential(
            *(DownBlock(c, width, index < downs, index == 0) for index, c in enumerate(inputs))
        )
        self.dense = Spectral(glorot(nn.Linear(width, 1)))

    def forward(self, images):
        return self.dense(torch.relu(self.blocks(images)).sum((2, 3)))


class SNGAN(common.Training):
    d_steps = 5
    adam = {"lr": 2e-4, "betas": (0.0, 0.9), "eps": 1e-7}  # noqa: RUF012

    def __init__(self, image_shape, draws, paper=True, latent_dim=128, width=128):
        # The paper does not say: Chainer's defaults, which its code uses, or those of Keras.
        eps, momentum = (2e-5, 0.1) if paper else (1e-3, 0.01)

        def norm(width):
            return nn.BatchNorm2d(width, eps, momentum)

        generator = Generator(image_shape, latent_dim, 2 * width, norm)
        super().__init__(generator, Discriminator(image_shape, width), latent_dim, draws, paper)

    def discriminator_loss(self, real, fake):
        told, mistaken = self.discriminator(real), self.discriminator(fake)
        return torch.relu(1 - told).mean() + torch.relu(1 + mistaken).mean()

    def generator_loss(self, real, fake):
        return -self.discriminator(fake).mean()
