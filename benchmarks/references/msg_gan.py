"""MSG-GAN (Karnewar & Wang 2019, arXiv 1903.06048): images of all resolutions at once."""

import torch
from torch import nn
from torch.nn import functional

from references import common, progressive_gan
from references.progressive_gan import GAIN, active


class Discriminator(nn.Module):
    """Takes the images of all levels, each beside the features of its resolution."""

    def __init__(self, widths, base, channels, bias_gain):
        super().__init__()
        layer = {"gain": GAIN, "bias_gain": bias_gain}
        self.top = common.Equalized(channels, widths[-1], 1, **layer)
        self.first, self.second = nn.ModuleList(), nn.ModuleList()
        for level in reversed(range(1, len(widths))):
            extra = 1 if level == len(widths) - 1 else 1 + channels
            width, lower = widths[level], widths[level - 1]
            self.first.append(common.Equalized(width + extra, width, 3, **layer))
            self.second.append(common.Equalized(width, lower, 3, **layer))
        self.head = progressive_gan.Head(widths[0], base, widths[0] + channels, **layer)

    def forward(self, images):
        x = active(self.top(images[-1]))
        for first, second, image in zip(self.first, self.second, images[-2::-1]):
            x = active(second(active(first(common.with_deviation(x)))))
            x = torch.cat([image, functional.avg_pool2d(x, 2)], 1)
        return self.head(x)


class MSGGAN(common.Training):
    ema = 0.999
    draws_for_g = False
    adam = {"lr": 3e-3, "betas": (0.0, 0.99), "eps": 1e-8}  # noqa: RUF012

    def __init__(self, image_shape, draws, paper=True, latent_dim=64, width=32):
        widths, (_, base) = (
            common.progressive_widths(image_shape[0], width),
            common.halvings(image_shape[0]),
        )
        parts = widths, base, image_shape[2], 1.0 if paper else GAIN
        generator = progressive_gan.Generator(latent_dim, *parts)
        super().__init__(generator, Discriminator(*parts), latent_dim, draws, paper)
        levels = range(len(widths) - 1, 0, -1)
        self.names = (
            progressive_gan.Generator.names(len(widths)),
            [
                f"level{len(widths) - 1}_from_image",
                *(f"level{level}_conv0" for level in levels),
                *(f"level{level}_conv1" for level in levels),
                *("level0_conv", "level0_dense", "logits"),
            ],
        )

    def scores(self, real, fake):
        factors = [2**level for level in reversed(range(len(fake)))]
        return self.discriminator([functional.avg_pool2d(real, f) for f in factors]), (
            self.discriminator(fake)
        )

    def relativistic(self, above, below):
        """Hinge loss of logits relative to the mean of the others."""
        above, below = above - below.mean(), below - above.mean()
        return torch.relu(1 - above).mean() + torch.relu(1 + below).mean()

    def discriminator_loss(self, real, fake):
        return self.relativistic(*self.scores(real, fake))

    def generator_loss(self, real, fake):
        return self.relativistic(*reversed(self.scores(real, fake)))

    def pictures(self, latents):
        return self.average(latents)[-1]
