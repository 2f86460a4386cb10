"""DCGAN in plain PyTorch, as its users write it: fakes of D's update are reused for G's."""

import itertools

import native
import numpy as np
import torch
from torch import nn

LATENTS = 100


def networks(image_shape, width):
    """Generator and discriminator of the PyTorch tutorial, for images whose sides are 4 to 7 times a
    power of two.

    Args:
        image_shape: (height, width, channels).
        width: channels of the layers next to the image.
    """
    side, _, channels = image_shape
    num_upsamples = 0
    while side >= 8 and side % 2 == 0:
        side, num_upsamples = side // 2, num_upsamples + 1
    widths = [width * 2**level for level in range(num_upsamples)]
    up = [nn.ConvTranspose2d(LATENTS, widths[-1], side, 1, 0, bias=False)]
    for inner, outer in itertools.pairwise(widths[::-1]):
        up += [
            nn.BatchNorm2d(inner),
            nn.ReLU(True),
            nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=False),
        ]
    up += [
        nn.BatchNorm2d(width),
        nn.ReLU(True),
        nn.ConvTranspose2d(width, channels, 4, 2, 1),
        nn.Tanh(),
    ]
    down = [nn.Conv2d(channels, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)]
    for outer, inner in itertools.pairwise(widths):
        down += [nn.Conv2d(outer, inner, 4, 2, 1, bias=False), nn.BatchNorm2d(inner)]
        down += [nn.LeakyReLU(0.2, inplace=True)]
    down += [nn.Conv2d(widths[-1], 1, side, 1, 0, bias=False)]
    pair = nn.Sequential(*up), nn.Sequential(*down)
    for module in [*pair[0].modules(), *pair[1].modules()]:
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
    return pair


class NativeDCGAN:
    """The two networks with their optimizers.

    Args:
        image_shape: (height, width, channels).
        width: see `networks`.
        setting: `native.Setting`.
    """

    def __init__(self, image_shape, width: int, setting: native.Setting):
        self.setting = setting
        self.generator, self.discriminator = setting.place(*networks(image_shape, width))
        self.g_opt = torch.optim.Adam(self.generator.parameters(), 2e-4, betas=(0.5, 0.999))
        self.d_opt = torch.optim.Adam(self.discriminator.parameters(), 2e-4, betas=(0.5, 0.999))
        self.criterion = nn.BCEWithLogitsLoss()

    def step(self, real):
        """Update both networks; return both losses."""
        generator, discriminator, criterion = self.generator, self.discriminator, self.criterion
        ones, zeros = real.new_ones(len(real)), real.new_zeros(len(real))
        discriminator.zero_grad(set_to_none=True)
        real_loss = criterion(discriminator(real).view(-1), ones)
        real_loss.backward()
        fake = generator(torch.randn(len(real), LATENTS, 1, 1, device=real.device))
        fake_loss = criterion(discriminator(fake.detach()).view(-1), zeros)
        fake_loss.backward()
        self.d_opt.step()
        generator.zero_grad(set_to_none=True)
        g_loss = criterion(discriminator(fake).view(-1), ones)
        g_loss.backward()
        self.g_opt.step()
        return torch.stack([real_loss + fake_loss, g_loss]).detach()

    def generate(self, n: int, seed: int = 0) -> np.ndarray:
        """Samples (n, height, width, channels) with the moving statistics."""
        latents = torch.randn(n, LATENTS, 1, 1, generator=torch.Generator().manual_seed(seed))
        self.generator.eval()
        with torch.no_grad():
            parts = latents.to(self.setting.device).split(100)
            images = torch.cat([self.generator(part) for part in parts])
        self.generator.train()
        return images.permute(0, 2, 3, 1).contiguous().cpu().numpy()
