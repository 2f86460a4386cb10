"""PyTorch: eager execution.

Gradients come from `torch.autograd.grad` on an explicit list of variables. `.backward()` would also
accumulate the generator's gradients in the discriminator.
"""

import math
import os

import torch
from keras import ops

from keras_gan_zoo.backend import adam, grouped_convolution, torch_private
from keras_gan_zoo.backend.torch_processes import any_process as any_process
from keras_gan_zoo.backend.torch_processes import begin_fit as begin_fit
from keras_gan_zoo.backend.torch_processes import check_replicas as check_replicas
from keras_gan_zoo.backend.torch_processes import connect as connect
from keras_gan_zoo.backend.torch_processes import mean_gradients
from keras_gan_zoo.backend.torch_processes import mean_over_replicas as mean_over_replicas
from keras_gan_zoo.backend.torch_processes import process as process
from keras_gan_zoo.backend.torch_processes import replicas as replicas


def train_step(step):
    return step


def test_step(step):
    return step


def vjp(fn, groups):
    with torch.enable_grad():
        losses = fn()

    def pullback(loss, group):
        def pull(cotangent):
            return torch.autograd.grad(
                loss,
                [v.value for v in group],
                grad_outputs=torch.as_tensor(cotangent, dtype=loss.dtype, device=loss.device),
                retain_graph=sum(map(bool, groups)) > 1,
                allow_unused=True,
            )

        return pull

    return losses, [pullback(*pair) for pair in zip(losses, groups, strict=True)]


def value_and_input_grad(fn, x):
    x = ops.convert_to_tensor(x)
    x = x if x.requires_grad else x.detach().requires_grad_()
    outputs = fn(x)
    (gradient,) = torch.autograd.grad(outputs.sum(), x, create_graph=True)
    return outputs, gradient


def without_side_effects(fn, dtype, variables, condition=None, shape=()):
    if condition is not None and not bool(condition):
        return ops.zeros(shape, dtype)
    saved = [variable.value.clone() for variable in variables]
    result = fn()
    for variable, value in zip(variables, saved, strict=True):
        variable.assign(value)
    return result


@torch.no_grad()
def apply(optimizer, gradients, variables):
    if replicas() > 1:
        gradients = mean_gradients(gradients)
    if not adam.supports_fused_update(optimizer, gradients):
        optimizer.apply(gradients, variables)
        return
    rate, step, moments = adam.update_inputs(optimizer, variables)
    step = float(step)
    weights = [variable.value for variable in variables]
    m, v = ([each.value for each in part] for part in zip(*moments, strict=True))
    for moment, weight in zip([*m, *v], [*weights, *weights], strict=True):
        moment.data = _arranged_like(weight, moment.data)
    beta_2 = float(optimizer.beta_2)
    torch_private.fused_adam(
        list(map(_in_memory_order, weights)),
        list(map(_in_memory_order, map(_arranged_like, weights, gradients))),
        list(map(_in_memory_order, m)),
        list(map(_in_memory_order, v)),
        [torch.tensor(step)] * len(variables),
        lr=float(rate),
        beta1=optimizer.beta_1,
        beta2=beta_2,
        weight_decay=0.0,
        # The kernel adds epsilon after the bias correction of v, Keras adds it before.
        eps=optimizer.epsilon / math.sqrt(1.0 - beta_2**step),
        amsgrad=False,
        maximize=False,
    )
    optimizer.iterations.assign_add(1)


def _arranged_like(weight, x):
    """`x` in the memory layout of `weight`."""
    same = x.stride() == weight.stride()
    return x if same else torch.empty_like(weight, dtype=x.dtype).copy_(x)


def _in_memory_order(x):
    """A vector of the elements of `x`, which has no gaps: the kernel of Adam ignores strides."""
    return x.as_strided((x.numel(),), (1,))


def cond(condition, fn, variables):
    if bool(condition):
        fn()


@torch.no_grad()
def average(targets, sources, share):
    torch_private.interpolate([v.value for v in targets], [v.value for v in sources], share)


@torch.no_grad()
def magnitude(variables):
    tensors = [v.value if v.dtype in ("float32", "float64") else v.value.float() for v in variables]
    return torch.stack(torch_private.norms(tensors)).sum().float()


def sync(model):
    pass


def predict(network, inputs, batch_size):
    return network.predict(inputs, batch_size=batch_size, verbose=0)


def feed(arguments):
    return arguments


def peak_memory():
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None


def has_accelerator():
    return torch.accelerator.is_available()


def make_deterministic():
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS starts
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False


def arrange_kernel(variable):
    # PyTorch convolves channels-last images with a channels-last kernel, and otherwise copies it.
    kernel = variable.value.data.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last)
    variable.value.data = kernel.permute(2, 3, 1, 0)


def conv(x, kernel, stride, padding="same"):
    if kernel.shape[-1] == 1 and x.dtype != torch.float32:
        # PyTorch's fallback convolution misreads the layout of a single filter and has no gradient.
        return conv(x, kernel.expand(*kernel.shape[:-1], 2), stride, padding)[..., :1]
    # Keras copies images to channels-first memory and back; a permuted view is channels-last already.
    x, kernel = ops.convert_to_tensor(x).permute(0, 3, 1, 2), ops.convert_to_tensor(kernel)
    before = 0
    if padding == "same":
        height, width = (
            _same_padding(*pair, stride) for pair in zip(x.shape[2:], kernel.shape[:2], strict=True)
        )
        before = height[0], width[0]
        if height[0] != height[1] or width[0] != width[1]:
            x, before = torch.nn.functional.pad(x, (*width, *height)), 0
    outputs = torch.nn.functional.conv2d(
        x,
        kernel.permute(3, 2, 0, 1),
        stride=stride,
        padding=before,
        groups=x.shape[1] // kernel.shape[2],
    )
    return outputs.permute(0, 2, 3, 1)


def _same_padding(size, kernel, stride):
    """Rows before and after `size` others, of which a convolution makes size / stride, rounded up."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv_transpose(x, kernel, stride, padding="same"):
    if padding == "valid":
        return ops.conv_transpose(x, kernel, stride, padding)
    h, w = kernel.shape[:2]
    outputs = torch.nn.functional.conv_transpose2d(
        x.permute(0, 3, 1, 2),
        kernel.permute(3, 2, 0, 1),
        stride=stride,
        padding=((h - stride) // 2, (w - stride) // 2),
    )
    # Crop an odd excess at the end.
    outputs = outputs[..., : stride * x.shape[1], : stride * x.shape[2]]
    return outputs.permute(0, 2, 3, 1)


def binomial_blur(x, stride):
    kernel = torch.as_tensor(grouped_convolution.BINOMIAL_KERNEL, dtype=x.dtype, device=x.device)
    kernel = kernel.expand(int(x.shape[-1]), 1, 4, 4)
    x = x.permute(0, 3, 1, 2)
    outputs = torch.nn.functional.conv2d(x, kernel, stride=stride, groups=x.shape[1])
    return outputs.permute(0, 2, 3, 1)


def batch_norm(x, gamma, beta, epsilon):
    outputs, mean, inverse = torch.native_batch_norm(
        x.permute(0, 3, 1, 2), gamma, beta, None, None, True, 0.0, epsilon
    )
    return outputs.permute(0, 2, 3, 1), mean, inverse.square().reciprocal() - epsilon
