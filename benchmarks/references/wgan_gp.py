"""WGAN-GP (Gulrajani et al. 2017, arXiv 1704.00028): algorithm 1, on the networks of DCGAN."""

import itertools

from torch import nn

from references import common


def normal(layer):
    nn.init.normal_(layer.weight, 0.0, 0.02)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def batch_norm(width):
    norm = nn.BatchNorm2d(width)
    nn.init.normal_(norm.weight, 1.0, 0.02)
    return [norm, nn.ReLU()]


class Map(nn.Module):
    def __init__(self, side):
        super().__init__()
        self.side = side

    def forward(self, x):
        return common.channels_last(x) if self.side is None else common.feature_map(x, self.side)


def networks(image_shape, latent_dim, width):
    side, _, channels = image_shape
    count, base = common.halvings(side)
    widths = [width * 2**level for level in range(count)]
    up = [normal(nn.Linear(latent_dim, base**2 * widths[-1], bias=False)), Map(base)]
    for inner, outer in itertools.pairwise(widths[::-1]):
        up += batch_norm(inner)
        up += [normal(nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=False))]
    up += batch_norm(width)
    up += [normal(nn.ConvTranspose2d(width, channels, 4, 2, 1)), nn.Tanh()]
    down = []
    for outer, inner in itertools.pairwise([channels, *widths]):
        down += [normal(nn.Conv2d(outer, inner, 4, 2, 1)), nn.LeakyReLU(0.2)]
    down += [Map(None), normal(nn.Linear(base**2 * widths[-1], 1))]
    return nn.Sequential(*up), nn.Sequential(*down)


class WGANGP(common.Training):
    d_steps = 5
    adam = {"lr": 1e-4, "betas": (0.0, 0.9), "eps": 1e-7}  # noqa: RUF012

    def __init__(self, image_shape, draws, paper=True, latent_dim=100, width=64):
        super().__init__(*networks(image_shape, latent_dim, width), latent_dim, draws, paper)

    def discriminator_loss(self, real, fake):
        distance = self.discriminator(fake).mean() - self.discriminator(real).mean()
        return distance + 10 * self.gradient_penalty(real, fake)

    def generator_loss(self, real, fake):
        return -self.discriminator(fake).mean()
