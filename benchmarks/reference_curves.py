"""Learning curves of our models beside the papers' algorithms in plain PyTorch (`references/`).

python benchmarks/reference_curves.py check  # both sides equal, step by step
python benchmarks/reference_curves.py run --models R3GAN --sets nebula_32 --seeds 0 1 2 --steps 600 \
    --data-folder DIR
python benchmarks/reference_curves.py table --sets nebula_32
python benchmarks/reference_curves.py picture --sets nebula_32 --to curves.png

Sides of a curve: "ours" is the model of this package as `compile()` makes it; "reference" is the
paper's algorithm; "documented" is the same code with the differences that our docstring lists, and with
one batch of latents for the updates of both networks. `check` compares ours with "documented": with the
same weights, images and random numbers the outputs and the gradients of every update are the same to
float32 precision. All sides have the same sizes, batch
size, hyperparameters, moving average and order of images; initial weights and latents differ.

A training has a process of its own on one thread. `--out` has one record for each (model, side, set,
seed, steps, batch, arguments, backend), and trainings that have one are not run again.
"""

import argparse
import contextlib
import importlib
import itertools
import json
import math
import time
from pathlib import Path

import numpy as np
import study

SIDES = ("ours", "reference", "documented")
# Module of the reference, and arguments of both sides.
MODELS = {
    "WGANGP": ("wgan_gp", {"latent_dim": 64, "width": 16}),
    "R3GAN": ("r3gan", {"latent_dim": 64, "width": 16, "gamma": 1.0}),
    "SNGAN": ("sngan", {"latent_dim": 64, "width": 16}),
    "StyleGAN2": ("stylegan2", {"latent_dim": 64, "width": 16, "mapping_layers": 4}),
    "MSGGAN": ("msg_gan", {"latent_dim": 64, "width": 16}),
    "ProgressiveGAN": ("progressive_gan", {"latent_dim": 64, "width": 16}),
}
GROWING = "ProgressiveGAN"
KEY = ("model", "side", "set", "seed", "steps", "batch", "arguments", "backend")


def reference_class(name):
    return getattr(importlib.import_module(f"references.{MODELS[name][0]}"), name)


# One training, in a process of its own -----------------------------------------------------------


def train(job):
    """One training; its record."""
    if "check" in job:
        return check_model(job["check"])
    study.one_thread()
    import keras

    keras.utils.set_random_seed(job["seed"])
    images = study.images(job["set"], job["data_folder"])
    judge = study.Judge(images, job["samples"], Path(job["cache"]))
    curve, began = Curve(job, judge), time.process_time()
    (train_ours if job["side"] == "ours" else train_reference)(job, images, curve)
    seconds = time.process_time() - began - curve.seconds
    record = {name: job[name] for name in KEY} | {"growth": job["growth"], "curve": curve.points}
    record |= {"image_shape": images.shape[1:], "step_seconds": seconds / job["steps"]}
    return record | {"samples": judge.n, "extractor": judge.extractor.label} | study.versions()


class Curve:
    """Figures at steps 0, steps / points, ..., steps; a strip at the end."""

    def __init__(self, job, judge):
        self.job, self.judge, self.points, self.seconds = job, judge, [], 0.0
        self.due = {job["steps"] * index // job["points"] for index in range(job["points"] + 1)}

    def __call__(self, step, generate):
        """`generate` makes images from latents."""
        if step not in self.due:
            return
        began, latent_dim = time.process_time(), self.job["arguments"]["latent_dim"]
        latents = np.random.default_rng(1).standard_normal((self.judge.n, latent_dim), "float32")
        samples = generate(latents)
        self.points.append({"step": step, **self.judge(samples)})
        if step == self.job["steps"]:
            study.strip(samples[:12], Path(self.job["strip"]))
        self.seconds += time.process_time() - began


def train_ours(job, images, curve):
    import keras

    import keras_gan_zoo as kgz

    model = getattr(kgz, job["model"])(images.shape[1:], seed=job["seed"], **job["arguments"])
    model.compile()
    dataset = kgz.data.ImageDataset(images, batch_size=job["batch"], seed=job["seed"])

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            curve(0, lambda latents: model.generate(latents=latents))

        def on_train_batch_end(self, batch, logs=None):
            curve(model.steps, lambda latents: model.generate(latents=latents))
            model.stop_training = model.steps >= job["steps"]

    callbacks = [Watch()]
    if job["growth"]:
        callbacks.insert(0, kgz.callbacks.ProgressiveGrowth(fade=job["growth"], stable=job["growth"]))
    model.fit(dataset, epochs=10**6, verbose=0, callbacks=callbacks)


def train_reference(job, images, curve):
    import torch
    from references import common

    import keras_gan_zoo as kgz

    torch.manual_seed(job["seed"])
    dataset = kgz.data.ImageDataset(images, batch_size=job["batch"], seed=job["seed"])

    def reals():
        for dataset.epoch in itertools.count():
            for (batch,) in dataset:
                yield torch.from_numpy(batch.transpose(0, 3, 1, 2).copy())

    growth = {"growth": job["growth"]} if job["growth"] else {}
    training = reference_class(job["model"])(
        images.shape[1:],
        common.Draws(job["seed"]),
        paper=job["side"] == "reference",
        **job["arguments"] | growth,
    )
    batches = reals()
    curve(0, training.generate)
    for step in range(1, job["steps"] + 1):
        training.step(batches)
        curve(step, training.generate)


# Both sides with the same weights and random numbers ---------------------------------------------


def check_model(name):
    """Differences of ours and the documented variant of the reference, in three steps."""
    study.one_thread()
    import keras
    import torch
    from references import common

    import keras_gan_zoo as kgz

    class Replay(common.Draws):
        """Gives out what `recorded` has collected."""

        def __init__(self, recorded):
            self.recorded, self.options = recorded, {"device": "cpu"}

        def draw(self, kind, shape):
            made, values = self.recorded.pop(0)
            if values.ndim == 4:
                values = values.transpose(0, 3, 1, 2)
            assert (made, values.shape) == (kind, shape), f"{made} {values.shape}, not {kind} {shape}"
            return torch.from_numpy(values.copy())

        def normal(self, *shape):
            return self.draw("normal", shape)

        def uniform(self, *shape):
            return self.draw("uniform", shape)

        def integers(self, low, high, *shape):
            return self.draw("randint", shape)

    shape, n, rate = (16, 16, 3), 8, 1e-3
    arguments = MODELS[name][1] | {"width": 16, "latent_dim": 16}
    keras.utils.set_random_seed(0)
    torch.manual_seed(0)
    ours = getattr(kgz, name)(shape, seed=0, **arguments)
    adam = ours.default_optimizer()
    ours.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(rate), run_eagerly=True)
    recorded = []
    documented = reference_class(name)(shape, Replay(recorded), paper=False, **arguments)
    documented.set_optimizers(lambda weights: torch.optim.SGD(weights, rate))
    found = {"optimizer": optimizer_difference(adam, documented.adam)}

    both = pairs(ours, documented)
    found["initial"] = max(spread_difference(a, b) for a, b in both)
    rng = np.random.default_rng(0)
    for variable, _ in both:  # nothing stays at what hides an error
        if variable.trainable:
            noise = 0.1 * rng.standard_normal(variable.shape)
            variable.assign(array(variable) + noise.astype("float32"))
    if ours.ema_generator is not None:
        ours.ema_generator.set_weights(ours.generator.get_weights())
    for variable, tensor in both:
        tensor.data.copy_(as_torch(variable, tensor))
    if documented.ema is not None:
        documented.average.load_state_dict(documented.generator.state_dict())
    latents = rng.standard_normal((n, 16), "float32")
    found["images"] = relative(ours.generate(latents=latents), documented.generate(latents))

    if name == GROWING:
        ours.grow(ours.level, 4 * n)
        documented.growth, documented.images = 4 * n, 4 * n * (2 * documented.levels - 3)
        documented.grow()
    updates = {"ours": [], "reference": []}
    tensors = {id(variable): tensor for variable, tensor in both}
    group = type(ours.optimizer)
    update = group.update

    def recording_update(self, side, gradients, variables=None):
        given = {id(tensors[id(v)]): array(g) for v, g in zip(variables, gradients)}
        updates["ours"].append(given)
        update(self, side, gradients, variables)

    def recording_step(optimizer, *_):
        weights = [weight for each in optimizer.param_groups for weight in each["params"]]
        updates["reference"].append({id(w): (w, w.grad.clone()) for w in weights})

    hooks = [o.register_step_pre_hook(recording_step) for o in (documented.d_opt, documented.g_opt)]
    with patched(group, update=recording_update), recording(keras.random, recorded):
        for _ in range(3):
            x = rng.uniform(-1, 1, (n, *shape)).astype("float32")
            recorded.clear()
            ours.fit(x, batch_size=n, shuffle=False, verbose=0)
            documented.step(iter([torch.from_numpy(x.transpose(0, 3, 1, 2).copy())]))
    for hook in hooks:
        hook.remove()
    assert len(updates["ours"]) == len(updates["reference"]) == 3 * (documented.d_steps + 1)
    differences = list(map(gradient_difference, updates["ours"], updates["reference"]))
    first = documented.d_steps + 1
    found |= {"first step": max(differences[:first]), "later steps": max(differences[first:])}
    found["images after"] = relative(ours.generate(latents=latents), documented.generate(latents))
    return {"model": name, **found}


def pairs(ours, reference):
    """Variables of both networks with the tensors of the reference."""
    import torch

    found = []
    for side, names in zip(("generator", "discriminator"), reference.names):
        network, module = getattr(ours, side), getattr(reference, side)
        layers = [layer for layer in leaves(network) if layer.weights]
        if names is not None:
            by_name = {layer.name: layer for layer in layers}
            by_name |= {k.split("_")[0]: v for k, v in by_name.items() if k.startswith("dense_")}
            layers = [by_name[name] for name in names]
        variables = [v for layer in layers for v in layer.weights if v.dtype == "float32"]
        tensors = module.state_dict(keep_vars=True).values()
        tensors = [tensor for tensor in tensors if tensor.dtype == torch.float32]
        found += zip(variables, tensors, strict=True)
    return found


def array(values):
    import keras

    return keras.ops.convert_to_numpy(values)


def leaves(network):
    for layer in network.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else [layer]


def as_torch(variable, like):
    """A Keras weight in the order of PyTorch."""
    import torch

    values = array(variable)
    order = {2: (1, 0), 3: (2, 0, 1), 4: (3, 2, 0, 1)}.get(values.ndim)
    values = values if order is None else values.transpose(order)
    squeezed = [side for side in values.shape if side > 1]
    assert squeezed == [side for side in like.shape if side > 1], (variable.path, like.shape)
    return torch.from_numpy(np.ascontiguousarray(values)).reshape(like.shape)


def relative(left, right):
    left, right = np.asarray(left), np.asarray(right)
    return float(np.abs(left - right).max() / max(np.abs(right).max(), 1e-6))


def gradient_difference(ours, reference):
    """Of one update, in parts of a weight's largest gradient, or of a thousandth of the network's."""
    floor = 1e-3 * max(float(gradient.abs().max()) for _, gradient in reference.values())
    worst = 0.0
    for key, (_, gradient) in reference.items():
        if key not in ours:
            assert not gradient.any()
            continue
        own = as_torch(ours[key], gradient)
        difference = float((own - gradient).abs().max())
        worst = max(worst, difference / max(float(gradient.abs().max()), floor, 1e-12))
    return worst


def spread_difference(variable, tensor):
    """Log ratio of the standard deviations of initial weights, in standard errors; 0 for few."""
    left, right = array(variable).ravel(), tensor.detach().numpy().ravel()
    if left.std() == right.std() == 0.0 and left.size > 1:
        return 0.0 if np.allclose(left.mean(), right.mean()) else math.inf
    if left.size < 64:
        return 0.0
    return float(abs(np.log(left.std() / right.std())) * math.sqrt(left.size))


def optimizer_difference(adam, options):
    """After ten steps with the same gradients, in learning rates."""
    import keras
    import torch

    rng = np.random.default_rng(0)
    variable = keras.Variable(np.zeros(100, "float32"))
    tensor = torch.nn.Parameter(torch.zeros(100))
    adam.build([variable])
    reference = torch.optim.Adam([tensor], **options)
    for _ in range(10):
        gradient = rng.standard_normal(100).astype("float32")
        adam.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        tensor.grad = torch.from_numpy(gradient)
        reference.step()
    return float(np.abs(array(variable) - tensor.detach().numpy()).max() / options["lr"])


@contextlib.contextmanager
def patched(owner, **methods):
    kept = {name: getattr(owner, name) for name in methods}
    try:
        for name, method in methods.items():
            setattr(owner, name, method)
        yield
    finally:
        for name, method in kept.items():
            setattr(owner, name, method)


def recording(module, recorded):
    """Context in which the random numbers of `keras.random` are added to `recorded`."""

    def wrapped(kind):
        draw = getattr(module, kind)

        def call(*arguments, **options):
            made = draw(*arguments, **options)
            recorded.append((kind, array(made)))
            return made

        return call

    return patched(module, **{kind: wrapped(kind) for kind in ("normal", "uniform", "randint")})


# Commands ----------------------------------------------------------------------------------------


def check(arguments):
    """Markdown: the largest differences, relative to the largest value.

    Of images before and after three steps, of the gradients of the updates in the first and in later
    steps, of ten steps of the optimizer, and of initial standard deviations in standard errors.
    """
    columns = ("images", "first step", "later steps", "images after", "optimizer", "initial")
    print("| model | " + " | ".join(columns) + " |\n| --- |" + " ---: |" * len(columns))
    for name in arguments.models:
        found = study.in_process(__file__, {"check": name})
        print("| " + " | ".join([name, *(f"{found[each]:.1e}" for each in columns)]) + " |", flush=True)


def run(arguments):
    records = study.Records(arguments.out)
    for seed, name, data, side in itertools.product(
        arguments.seeds, arguments.models, arguments.sets, arguments.sides
    ):
        backend = arguments.backend if side == "ours" else "torch"
        sizes = MODELS[name][1] | json.loads(arguments.arguments)
        values = (name, side, data, seed, arguments.steps, arguments.batch, sizes, backend)
        key = dict(zip(KEY, values, strict=True))
        if records.find(key):
            continue
        strip = f"{name}_{side}_{seed}_{arguments.steps}.png"
        growth = arguments.batch * (arguments.steps // 8) if name == GROWING else None
        job = {
            **key,
            "growth": growth,  # images in each phase, of which there are seven for four levels
            "points": arguments.points,
            "samples": arguments.samples,
            "data_folder": str(arguments.data_folder),
            "cache": str(arguments.strips / f"features_{data}_{arguments.samples}.npy"),
            "strip": str(arguments.strips / data / strip),
        }
        record = study.in_process(__file__, job)
        records.add(record)
        kids = " ".join(f"{value:.0f}" for value in kids_of(record).values())
        time_of_step = f"{1000 * record['step_seconds']:.0f} ms per step"
        print(f"{name}, {side}, {data}, seed {seed}: KID x 1000 {kids}; {time_of_step}", flush=True)


def kids_of(record):
    """KID x 1000 by step."""
    return {
        point["step"]: math.inf if point["kid"] is None else 1000 * point["kid"]
        for point in record["curve"]
    }


def chosen(arguments):
    """{(model, set, steps): {side: [curve of each seed]}}, in the order of the arguments."""
    found = {}
    for record in study.Records(arguments.out).all():
        fits = record["model"] in arguments.models and record["set"] in arguments.sets
        fits = fits and record["side"] in arguments.sides
        if fits and arguments.steps in (None, record["steps"]):
            group = tuple(record[name] for name in ("model", "set", "steps"))
            found.setdefault(group, {}).setdefault(record["side"], []).append(kids_of(record))
    return dict(sorted(found.items(), key=lambda item: arguments.models.index(item[0][0])))


def table(arguments):
    """Markdown: medians and ranges over seeds, for each model and step."""
    print("| model | set | step | ours | reference | | documented |")
    print("| --- | --- | ---: | ---: | ---: | --- | ---: |")
    for (name, data, _), sides in chosen(arguments).items():
        if not {"ours", "reference"} <= set(sides):
            continue
        for step in sides["ours"][0]:
            ours, theirs = ([curve[step] for curve in sides[side]] for side in ("ours", "reference"))
            cells = [name, data, str(step), *map(median_and_range, (ours, theirs))]
            documented = [curve[step] for curve in sides.get("documented", ())]
            cells += [place(ours, theirs), median_and_range(documented) if documented else ""]
            print("| " + " | ".join(cells) + " |")


def median_and_range(values):
    return f"{np.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


def place(ours, theirs):
    """Where the median of ours lies in the range of the reference."""
    median = np.median(ours)
    if min(theirs) <= median <= max(theirs):
        return "inside"
    overlap = max(ours) >= min(theirs) and min(ours) <= max(theirs)
    word = "below" if median < min(theirs) else "above"
    return f"{word}, ranges overlap" if overlap else word


def picture(arguments):
    """Curves of all chosen models: means of KID, and bands from the least to the greatest."""
    from matplotlib.figure import Figure

    groups = chosen(arguments)
    columns = min(3, len(groups))
    rows = math.ceil(len(groups) / columns)
    figure = Figure((4 * columns, 3 * rows), layout="constrained")
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, ((name, data, _), sides) in itertools.zip_longest(all_axes, groups.items(), fillvalue=()):
        axes.set_title(f"{name}, {data}", fontsize=9)
        for side, curves in sides.items():
            steps = list(curves[0])
            values = np.array([list(curve.values()) for curve in curves])
            (line,) = axes.plot(steps, values.mean(0), label=f"{side}, {len(curves)} seeds")
            axes.fill_between(steps, values.min(0), values.max(0), alpha=0.2, color=line.get_color())
        axes.set(xlabel="step", ylabel="KID x 1000", ylim=(0, None))
        axes.legend(fontsize=7)
    figure.savefig(arguments.to, dpi=100)


def parser():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for act in (check, run, table, picture):
        command = commands.add_parser(act.__name__)
        command.set_defaults(act=act)
        add = command.add_argument
        add("--models", nargs="+", choices=MODELS, default=list(MODELS))
        if act is check:
            continue
        sides = SIDES[:2] if act is run else SIDES
        add("--sides", nargs="+", choices=SIDES, default=sides)
        add("--sets", nargs="+", default=["nebula_32"], help="names of `study.images`")
        add("--out", type=Path, default=study.RESULTS / "reference_curves.json")
        add("--steps", type=int, default=400 if act is run else None)
        if act is run:
            add("--seeds", nargs="+", type=int, default=[0, 1, 2])
            add("--batch", type=int, default=16)
            add("--arguments", default="{}", help='of the models, as JSON, such as {"width": 16}')
            add("--points", type=int, default=6, help="of a curve, besides step 0")
            add("--samples", type=int, default=1000, help="that figures are taken of")
            add("--backend", default="tensorflow", choices=("tensorflow", "jax", "torch"))
            add("--data-folder", type=Path, help="holds nebula_64.npz and others")
            strips = Path("runs/reference_curves")
            add("--strips", type=Path, default=strips, help="pictures of samples")
        if act is picture:
            add("--to", type=Path, required=True)
    return parser


def main():
    study.work(train)
    arguments = parser().parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
