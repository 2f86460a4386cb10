"""The projected discriminator in PyTorch, from the paper (Sauer et al. 2021, arXiv 2111.01007)."""

import itertools

import torch
from torch import nn
from torch.nn import functional
from torch_fastgan import Spectral, norm


def doubled(x):
    """Bilinear upsampling by 2; the last row and column are repeated."""
    sides = [2 * side for side in x.shape[2:]]
    padded = functional.pad(x, (0, 1, 0, 1), "replicate")
    larger = [side + 1 for side in sides]
    x = functional.interpolate(padded, larger, mode="bilinear", align_corners=True)
    return x[..., : sides[0], : sides[1]]


class Down(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv, self.norm = Spectral(inputs, outputs, 4, 2, 1), norm(outputs)

    def forward(self, x):
        return functional.leaky_relu(self.norm(self.conv(x)), 0.2)


class ProjectedDiscriminator(nn.Module):
    """From four feature maps, the largest one first, to logits; `width` 64 in the paper."""

    def __init__(self, channels, width, classes=None):
        super().__init__()
        across = [nn.Conv2d(each, width * 2**i, 1) for i, each in enumerate(channels)]
        outputs = [width, width, 2 * width, 4 * width]
        up = [nn.Conv2d(width * 2**i, outputs[i], 1) for i in (3, 2, 1, 0)]
        self.across, self.up = nn.ModuleList(across), nn.ModuleList(up)
        self.judges = nn.ModuleList()
        for i, inputs in enumerate(outputs):
            widths = [inputs, *(max(width, 8 * width // 2**level) for level in reversed(range(4 - i)))]
            blocks = [Down(*pair) for pair in itertools.pairwise(widths)]
            last = Spectral(8 * width, 1 if classes is None else 64, 4, bias=False)
            self.judges.append(nn.Sequential(*blocks, last))
        if classes is not None:
            self.embeddings = nn.ModuleList([nn.Embedding(classes, 128) for _ in range(4)])
            self.dense = nn.ModuleList([nn.Linear(128, 64) for _ in range(4)])

    def forward(self, maps, labels=None):
        maps = [conv(x) for conv, x in zip(self.across, maps, strict=True)]
        mixed = []
        for conv, x in zip(self.up, reversed(maps), strict=True):
            mixed.append(conv(doubled(x + mixed[-1] if mixed else x)))
        logits = []
        for i, (judge, x) in enumerate(zip(self.judges, reversed(mixed), strict=True)):
            scores = judge(x)
            if labels is not None:
                vectors = functional.leaky_relu(self.dense[i](self.embeddings[i](labels)), 0.2)
                scores = (scores * vectors[:, :, None, None]).sum(1, keepdim=True) / 8
            logits.append(scores.flatten(1))
        return torch.cat(logits, 1)
