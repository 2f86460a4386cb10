"""What the reference trainings share: random numbers, layers, the order of updates, the average.

Images are (n, channels, height, width) inside. Vectors become feature maps with the channels last, so
that a weight here is a transposed weight of the Keras model.
"""

import copy
import math

import torch
from torch import nn
from torch.nn import functional

FILTER = torch.outer(*[torch.tensor([1.0, 3.0, 3.0, 1.0])] * 2) / 64


class Draws:
    """Random numbers of a training."""

    def __init__(self, seed, device="cpu"):
        self.options = {"device": device, "generator": torch.Generator(device).manual_seed(seed)}

    def normal(self, *shape):
        return torch.randn(shape, **self.options)

    def uniform(self, *shape):
        return torch.rand(shape, **self.options)

    def integers(self, low, high, *shape):
        return torch.randint(low, high, shape, **self.options)


class Training:
    """A generator, a discriminator, their optimizers, and steps of both.

    Args:
        generator, discriminator: networks.
        latent_dim: of the standard normal latents.
        draws: `Draws`.
        paper: True for the paper's algorithm; False for its variant with the differences that the
            docstring of our model lists, and one batch of latents for the updates of both networks.
    """

    d_steps = 1
    ema = None  # decay of the average of the generator's weights
    draws_for_g = True  # whether the paper draws a new batch for the generator's update
    adam = {}  # noqa: RUF012
    names = (None, None)  # of our layers, in the order of the weights of both networks

    def __init__(self, generator, discriminator, latent_dim, draws, paper=True):
        device = draws.options["device"]
        self.generator, self.discriminator = generator.to(device), discriminator.to(device)
        self.latent_dim, self.draws, self.paper, self.steps = latent_dim, draws, paper, 0
        self.average = generator if self.ema is None else copy.deepcopy(generator)
        self.set_optimizers(lambda weights: torch.optim.Adam(weights, **self.adam))

    def set_optimizers(self, make):
        self.make_optimizer = make
        self.g_opt, self.d_opt = (
            make(self.generator.parameters()),
            make(self.discriminator.parameters()),
        )

    def step(self, reals):
        """Update D `d_steps` times and G once; return the last losses of both.

        Args:
            reals: iterator of batches of images.
        """
        real = next(reals)
        for index in range(self.d_steps):
            real = next(reals) if index and self.paper else real
            fake = self.generated(len(real))
            d_loss = descend(self.d_opt, self.discriminator_loss(real, detached(fake)))
        if self.paper and self.draws_for_g:
            real, fake = next(reals), self.generated(len(real))
        g_loss = descend(self.g_opt, self.generator_loss(real, fake))
        self.regularize(real)
        self.steps += 1
        if self.ema is not None:
            rate = max(1.0 - self.ema, 9.0 / (10.0 + self.steps))
            with torch.no_grad():
                pairs = self.average.parameters(), self.generator.parameters()
                torch._foreach_lerp_(*map(list, pairs), rate)
        return torch.stack([d_loss, g_loss])

    def generated(self, n):
        return self.generator(self.draws.normal(n, self.latent_dim))

    def discriminator_loss(self, real, fake):
        raise NotImplementedError

    def generator_loss(self, real, fake):
        raise NotImplementedError

    def regularize(self, real):
        """Updates of lazy penalties, where they are separate."""

    def slopes(self, images):
        """Gradients of the logits with respect to their images."""
        leaf = images.detach().requires_grad_()
        images = leaf.view_as(leaf)  # PyTorch's counter of operations refuses gradients of leaves
        # `forward` is not compiled: torch.compile has no second derivatives.
        logits = self.discriminator.forward(images)
        (slopes,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
        return slopes

    def gradient_penalty(self, real, fake):
        share = self.draws.uniform(len(real), 1, 1, 1)
        norms = self.slopes(share * real + (1 - share) * fake).flatten(1).norm(dim=1)
        return (norms - 1).square().mean()

    def zero_centred(self, images):
        """Mean of half the squared norm of the gradients: R1 at real and R2 at generated images."""
        return 0.5 * self.slopes(images).square().sum((1, 2, 3)).mean()

    def generate(self, latents):
        """float32 (n, height, width, channels) in [-1, 1] of the averaged generator."""
        self.average.eval()
        with torch.no_grad():
            parts = [self.pictures(part) for part in torch.from_numpy(latents).split(100)]
        self.average.train()
        return torch.cat(parts).clamp(-1, 1).permute(0, 2, 3, 1).contiguous().numpy()

    def pictures(self, latents):
        return self.average(latents)


def descend(optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for group in optimizer.param_groups:
        for weight in group["params"]:  # of a level that is not trained yet
            weight.grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
    optimizer.step()
    return loss.detach()


def detached(images):
    return [x.detach() for x in images] if isinstance(images, list) else images.detach()


# Sizes -------------------------------------------------------------------------------------------


def halvings(side):
    """How often a side can be halved down to 4 to 7 pixels, and what is left."""
    count = 0
    while side >= 8 and side % 2 == 0:
        side, count = side // 2, count + 1
    return count, side


def progressive_widths(side, width):
    """Channels of each level in the style of Karras et al., from the base to the image."""
    count, _ = halvings(side)
    return [max(1, min(32 * width // 2 ** (level + 2), width)) for level in range(count + 1)]


# Layers ------------------------------------------------------------------------------------------


class Equalized(nn.Module):
    """Dense layer or convolution with an equalized learning rate.

    Args:
        inputs, outputs: channels.
        size: of the kernel; None for a dense layer.
        bias: initial value of the bias, None for none.
        rate: factor of the learning rate.
        gain: factor of the weight.
        bias_gain: factor of the bias.
    """

    def __init__(self, inputs, outputs, size=None, bias=0.0, rate=1.0, gain=1.0, bias_gain=1.0):
        super().__init__()
        area = () if size is None else (size, size)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, *area) / rate)
        self.bias = None if bias is None else nn.Parameter(torch.full([outputs], bias / rate))
        self.scale = gain * rate / math.sqrt(self.weight[0].numel())
        self.bias_scale = rate * bias_gain

    def forward(self, x, stride=1, padding=None):
        bias = None if self.bias is None else self.bias * self.bias_scale
        if self.weight.dim() == 2:
            return functional.linear(x, self.weight * self.scale, bias)
        padding = self.weight.shape[-1] // 2 if padding is None else padding
        return functional.conv2d(x, self.weight * self.scale, bias, stride, padding)


def blurred(x, pad, gain=1.0, stride=1):
    """Filter with [1, 3, 3, 1] after padding with zeros."""
    kernel = (gain * FILTER.to(x.device, x.dtype)).expand(x.shape[1], 1, 4, 4)
    return functional.conv2d(functional.pad(x, pad), kernel, stride=stride, groups=x.shape[1])


def enlarged(x):
    n, c, h, w = x.shape
    sparse = x.new_zeros(n, c, h, 2, w, 2)
    sparse[:, :, :, 0, :, 0] = x
    return blurred(sparse.reshape(n, c, 2 * h, 2 * w), [2, 1, 2, 1], gain=4.0)


def reduced(x):
    return blurred(x, [1] * 4, stride=2)


def channels_last(x):
    """Vectors (n, height * width * channels)."""
    return x.permute(0, 2, 3, 1).flatten(1)


def feature_map(x, side):
    """Inverse of `channels_last`."""
    return x.reshape(len(x), side, side, -1).permute(0, 3, 1, 2)


def normalized(x):
    """Divide each pixel, or each vector, by its root mean square."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


def with_deviation(x, group=4):
    """Add the minibatch standard deviation as a channel."""
    groups = x.reshape(-1, max(1, len(x) // group), *x.shape[1:])
    deviation = (groups.var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
    deviation = deviation.repeat(len(groups)).reshape(-1, 1, 1, 1)
    return torch.cat([x, deviation.expand(-1, 1, *x.shape[2:])], 1)
