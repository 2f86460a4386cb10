"""Several processes of one training on PyTorch, each with its own rows of every batch."""

import atexit
import os

import torch
from keras import ops
from torch import distributed


def connect():
    if "RANK" not in os.environ:  # not started by torchrun
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group()
    atexit.register(distributed.destroy_process_group)


def process():
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


def any_process(flag):
    if replicas() == 1:
        return flag
    return bool(_largest(ops.convert_to_tensor(float(flag))))


def replicas():
    return process()[1]


def mean_over_replicas(x):
    return x if replicas() == 1 else _SumOverReplicas.apply(x) / replicas()


class _SumOverReplicas(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return _all_reduce(x, distributed.ReduceOp.SUM)

    @staticmethod
    def backward(ctx, gradient):
        return _SumOverReplicas.apply(gradient)


@torch.no_grad()
def begin_fit(model):
    rank, count = process()
    if count == 1:
        return
    variables = [*model.variables, *model.optimizer.variables]
    for variable in variables:
        value = variable.value.data.contiguous()
        distributed.broadcast(value, 0)
        variable.value.data.copy_(value)
        if variable.path.endswith("seed_generator_state"):
            variable.value.data[1] += rank * (2**31 // count)  # the counter of draws


@torch.no_grad()
def check_replicas(model):
    if replicas() == 1:
        return
    total = torch.stack([weight.value.double().sum() for weight in model.weights]).sum().nan_to_num()
    if bool(_largest(total) != -_largest(-total)):
        raise RuntimeError(
            f"The weights of the {replicas()} processes differ: they no longer train one model. Go on "
            "from the last checkpoint, with `fit(resume=...)` or `train --resume`. A layer, loss or "
            "callback of your own may change weights in one process only."
        )


def _largest(x):
    return _all_reduce(x, distributed.ReduceOp.MAX)


def _all_reduce(x, operation):
    x = x.clone(memory_format=torch.contiguous_format)
    distributed.all_reduce(x, operation)
    return x


def mean_gradients(gradients):
    given = [gradient for gradient in gradients if gradient is not None]
    flat = torch.cat([gradient.reshape(-1) for gradient in given])
    flat = _all_reduce(flat, distributed.ReduceOp.SUM) / replicas()
    parts = iter(flat.split([gradient.numel() for gradient in given]))
    return [None if each is None else next(parts).view(each.shape) for each in gradients]
