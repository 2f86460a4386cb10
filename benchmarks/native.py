"""How a loop of plain PyTorch runs: device, memory layout, precision, compiled or not; and its roof.

The loops are in `native_dcgan.py`, `translation_throughput.py` and `references/`: functions
`step(*batch)` that update the networks once and return their losses.
"""

import dataclasses
import math

import interleaved
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset
from torch.utils.flop_counter import FlopCounterMode


@dataclasses.dataclass
class Setting:
    """Where and how a loop runs, with the GPU as its device where there is one.

    Args:
        channels_last: memory layout of images and kernels.
        bfloat16: forward passes under autocast.
        compiled: networks by `torch.compile`. Gradients of gradients, which it does not support, come
            from `network.forward`, which stays as it is.
        device: "meta" for tensors without values, to count operations.
    """

    channels_last: bool = False
    bfloat16: bool = False
    compiled: bool = False
    device: str = "cuda" if torch.cuda.is_available() else "cpu"

    @classmethod
    def named(cls, words, **others):
        """From the names of what is on."""
        return cls(**dict.fromkeys(words, True), **others)

    @property
    def layout(self):
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def place(self, *networks):
        """Prepare networks in place; return them."""
        for network in networks:
            network.to(self.device, memory_format=self.layout)
            if self.bfloat16 and self.device != "meta":
                network.forward = in_bfloat16(network.forward, self.device)
            if self.compiled:
                network.compile(dynamic=False)
        return networks

    def loader(self, batch, *arrays):
        """Shuffled whole batches of float images (n, height, width, channels)."""
        tensors = (torch.from_numpy(array).permute(0, 3, 1, 2) for array in arrays)
        tensors = (images.contiguous(memory_format=self.layout) for images in tensors)
        dataset = TensorDataset(*tensors)
        rows = BatchSampler(RandomSampler(dataset), batch, drop_last=True)
        is_on_gpu = self.device == "cuda"
        return DataLoader(dataset, sampler=rows, batch_size=None, pin_memory=is_on_gpu)

    def epoch(self, step, loader, passes=1):
        """A function that trains for some passes over the data and reads the sums of the losses."""
        put = {"memory_format": self.layout, "non_blocking": True}

        def run():
            totals = 0.0
            for _ in range(passes):
                for batch in loader:
                    totals = totals + step(*(images.to(self.device, **put) for images in batch))
            return totals.tolist()

        return run


def in_bfloat16(forward, device):
    def run(*arguments):
        with torch.autocast(device, torch.bfloat16):
            return forward(*arguments).float()

    return run


def reference(setting, training, image_shape, **sizes):
    """The step of a class of `references`, with the differences that our docstrings list."""
    from references import common

    draws = common.Draws(0)
    draws.options = {"device": setting.device}  # PyTorch's own generator, which torch.compile knows
    trainer = training(image_shape, draws, paper=False, **sizes)
    setting.place(trainer.generator, trainer.discriminator)
    return lambda real: trainer.step(iter([real]))


def flops(make, shapes, steps=1):
    """Floating-point operations of matrix products and convolutions in some steps.

    Args:
        make: function of a `Setting` that returns the step.
        shapes: of the batches of images (n, height, width, channels).
    """
    step = make(Setting(device="meta"))
    batches = [torch.zeros(n, c, h, w, device="meta") for n, h, w, c in shapes]
    formulas = {torch.ops.aten.convolution_backward: flops_of_gradients}
    with FlopCounterMode(display=False, custom_mapping=formulas) as counter:
        for _ in range(steps):
            step(*batches)
    return counter.get_total_flops()


def flops_of_gradients(gradient, x, kernel, *options, out_shape):
    """Of `convolution_backward`, from shapes. PyTorch's own formula ignores the groups of a kernel."""
    *_, is_transposed, _, _, wanted = options
    n, _, *positions = x if is_transposed else gradient
    return 2 * sum(wanted[:2]) * n * math.prod(positions) * math.prod(kernel)


def serve(words, make, arrays, batch, count, passes=1, **options):
    """Take turns, see `interleaved.py`: as a loop, or as the product of two large square matrices.

    The speed of the latter is that of a training which does nothing but its counted operations.

    Args:
        words: names of a `Setting`'s arguments, and "roof" for the matrices.
        make: function of a `Setting` that returns the step.
        arrays: images (n, height, width, channels), one for each argument of the step.
        batch: images of one step.
        count: what the steps of one turn count for.
        passes: over the arrays, in one turn.
        **options: of `interleaved.serve`.
    """
    if torch.cuda.is_available():
        torch.set_float32_matmul_precision("high")  # TensorFloat-32, as in convolutions
        torch.backends.cudnn.benchmark = True
    if "roof" not in words:
        setting = Setting.named(words)
        epoch = setting.epoch(make(setting), setting.loader(batch, *arrays), passes)
        interleaved.serve(epoch, count, **options)
        return
    steps = passes * (len(arrays[0]) // batch)
    wanted = flops(make, [(batch, *array.shape[1:]) for array in arrays], steps)
    setting = Setting.named(word for word in words if word == "bfloat16")
    side = 8192 if setting.device == "cuda" else 2048
    dtype = torch.bfloat16 if setting.bfloat16 else torch.float32
    one, two = (torch.randn(side, side, dtype=dtype, device=setting.device) for _ in range(2))
    times = math.ceil(wanted / (2 * side**3))

    def multiply():
        for _ in range(times):
            product = one @ two
        return product[0, 0].item()

    interleaved.serve(multiply, count * times * 2 * side**3 / wanted, **options)
