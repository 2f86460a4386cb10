"""The Inception network of 2015 in plain PyTorch, from its published description.

Szegedy et al. 2016, arXiv 1512.00567, figures 5, 6 and 10 to 13; the frozen graph of 2015-12-05 differs
from them by average pooling that leaves out the padding, by a maximum in the last block and by 1008
classes. Weights are a dict of arrays under the names of pytorch-fid's file.
"""

import numpy as np
import torch
import torch.nn.functional as F


def widths(shape):
    """(rows, columns) of a kernel given as an integer or a pair."""
    return (shape, shape) if isinstance(shape, int) else shape


class Recorder:
    """Random weights of every convolution, made when it is first called."""

    def __init__(self, seed=0):
        self.rng, self.arrays = np.random.default_rng(seed), {}

    def conv(self, x, name, filters, size, stride=1, padded=True):
        if f"{name}.conv.weight" not in self.arrays:
            fan_in = x.shape[1] * np.prod(widths(size))
            shape = (filters, x.shape[1], *widths(size))
            draw = self.rng.standard_normal
            self.arrays |= {
                f"{name}.conv.weight": draw(shape, "float32") * np.float32((2 / fan_in) ** 0.5),
                f"{name}.bn.weight": 1 + 0.2 * draw(filters, "float32"),
                f"{name}.bn.bias": 0.2 * draw(filters, "float32"),
                f"{name}.bn.running_mean": 0.2 * draw(filters, "float32"),
                f"{name}.bn.running_var": 0.5 + self.rng.random(filters, "float32"),
            }
        at = {k: torch.from_numpy(v) for k, v in self.arrays.items() if k.startswith(f"{name}.")}
        padding = [side // 2 for side in widths(size)] if padded else 0
        x = F.conv2d(x, at[f"{name}.conv.weight"], stride=stride, padding=padding)
        statistics = (
            at[f"{name}.bn.{kind}"] for kind in ("running_mean", "running_var", "weight", "bias")
        )
        return F.relu(F.batch_norm(x, *statistics, eps=1e-3))

    def chain(self, x, block, *stages):
        for name, filters, size in stages:
            x = self.conv(x, f"{block}.{name}", filters, size)
        return x

    def pool(self, x, block, filters, maximum=False):
        x = F.max_pool2d(x, 3, 1, 1) if maximum else F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return self.conv(x, f"{block}.branch_pool", filters, 1)

    def classify(self, x):
        if "fc.weight" not in self.arrays:
            self.arrays["fc.weight"] = 0.02 * self.rng.standard_normal((1008, 2048), "float32")
            self.arrays["fc.bias"] = 0.02 * self.rng.standard_normal(1008, "float32")
        return F.linear(x, *(torch.from_numpy(self.arrays[f"fc.{k}"]) for k in ("weight", "bias")))


def forward(net, images):
    """Features (n, 2048) and logits (n, 1008) of images (n, 3, h, w) in [-1, 1]."""
    x = net.conv(images, "Conv2d_1a_3x3", 32, 3, 2, padded=False)
    x = net.conv(x, "Conv2d_2a_3x3", 32, 3, padded=False)
    x = F.max_pool2d(net.conv(x, "Conv2d_2b_3x3", 64, 3), 3, 2)
    x = net.conv(x, "Conv2d_3b_1x1", 80, 1)
    x = F.max_pool2d(net.conv(x, "Conv2d_4a_3x3", 192, 3, padded=False), 3, 2)
    for block, pooled in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        x = torch.cat(
            [
                net.conv(x, f"{block}.branch1x1", 64, 1),
                net.chain(x, block, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
                net.chain(
                    *(x, block),
                    *(("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)),
                ),
                net.pool(x, block, pooled),
            ],
            1,
        )
    deep = net.chain(x, "Mixed_6a", ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3))
    x = torch.cat(
        [
            net.conv(x, "Mixed_6a.branch3x3", 384, 3, 2, padded=False),
            net.conv(deep, "Mixed_6a.branch3x3dbl_3", 96, 3, 2, padded=False),
            F.max_pool2d(x, 3, 2),
        ],
        1,
    )
    for block, c in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        sevens = [("1", c, 1), ("2", c, (7, 1)), ("3", c, (1, 7)), ("4", c, (7, 1)), ("5", 192, (1, 7))]
        x = torch.cat(
            [
                net.conv(x, f"{block}.branch1x1", 192, 1),
                net.chain(
                    *(x, block),
                    *(("branch7x7_1", c, 1), ("branch7x7_2", c, (1, 7)), ("branch7x7_3", 192, (7, 1))),
                ),
                net.chain(x, block, *((f"branch7x7dbl_{n}", f, size) for n, f, size in sevens)),
                net.pool(x, block, 192),
            ],
            1,
        )
    short = net.chain(x, "Mixed_7a", ("branch3x3_1", 192, 1))
    deep = [("branch7x7x3_1", 192, 1), ("branch7x7x3_2", 192, (1, 7)), ("branch7x7x3_3", 192, (7, 1))]
    deep = net.chain(x, "Mixed_7a", *deep)
    x = torch.cat(
        [
            net.conv(short, "Mixed_7a.branch3x3_2", 320, 3, 2, padded=False),
            net.conv(deep, "Mixed_7a.branch7x7x3_4", 192, 3, 2, padded=False),
            F.max_pool2d(x, 3, 2),
        ],
        1,
    )
    for block in ("Mixed_7b", "Mixed_7c"):
        short = net.conv(x, f"{block}.branch3x3_1", 384, 1)
        deep = net.chain(x, block, ("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3))
        x = torch.cat(
            [
                net.conv(x, f"{block}.branch1x1", 320, 1),
                net.conv(short, f"{block}.branch3x3_2a", 384, (1, 3)),
                net.conv(short, f"{block}.branch3x3_2b", 384, (3, 1)),
                net.conv(deep, f"{block}.branch3x3dbl_3a", 384, (1, 3)),
                net.conv(deep, f"{block}.branch3x3dbl_3b", 384, (3, 1)),
                net.pool(x, block, 192, maximum=block == "Mixed_7c"),
            ],
            1,
        )
    features = x.mean((2, 3))
    return features, net.classify(features)
