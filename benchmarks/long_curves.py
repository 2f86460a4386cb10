"""KID over the number of training images, at the settings of `train`, and with one of them changed.

python benchmarks/long_curves.py run --models MSGGAN --changes none paper paper+faster --data-folder DIR
python benchmarks/long_curves.py table

A training has a process of its own on one thread. `--out` has one record for each (model, change, set,
seed, images, backend), and trainings that have one are not run again.
"""

import argparse
import itertools
import math
import os
import time
from pathlib import Path

import study

CHANGES = {
    "none": {},
    "paper": {"recipe": "paper"},
    "slower": {"factor": 0.3},  # of both learning rates
    "faster": {"factor": 3.0},
    "decay": {"decay": True},  # of both learning rates, to 0 in the second half
    "average": {"ema": 0.999},
    "no path lengths": {"without": "path_penalty"},
    "R1 in every step": {"penalties": {"R1": 1.0}},  # in place of the one of that name
    "R2": {"penalties": {"R2": 1.0}},
    "relativistic": {"losses": "relativistic"},
    "batches of 64": {"batch": 64},
    "one D step": {"d_steps": 1},
    "five D steps": {"d_steps": 5},
    "width 64": {"arguments": {"width": 64}},  # of the model
    "doubling": {"arguments": {"width": 128, "channel_base": 1024}},  # 32 channels at 32 px, 64 at 16
    "gamma of the paper": {"arguments": {"gamma": None}},
    "gamma 0.1": {"arguments": {"gamma": 0.1}},
    "gamma 5": {"arguments": {"gamma": 5.0}},
}
KEY = ("model", "change", "set", "seed", "images", "backend")


def changes(names):
    """The settings of changes whose names are joined by +."""
    merged = {"arguments": {}, "penalties": {}}
    for name in names.split("+"):
        for key, value in CHANGES[name].items():
            merged[key] = {**merged[key], **value} if isinstance(value, dict) else value
    return merged


def train(job):
    """One training; its record."""
    study.one_thread()
    import keras

    import keras_gan_zoo as kgz
    from keras_gan_zoo.cli import method
    from keras_gan_zoo.training import recipes

    keras.utils.set_random_seed(job["seed"])
    images = study.images(job["set"], job["data_folder"])
    judge = study.Judge(images, job["samples"], Path(job["cache"]))
    model_class, change = getattr(kgz, job["model"]), changes(job["change"])
    sides, channels = images.shape[1:3], images.shape[3]
    model = model_class.for_size(sides, channels, seed=job["seed"], **change["arguments"])
    batch = change.get("batch", model.default_batch_size)
    dataset = kgz.data.ImageDataset(images, batch_size=batch, seed=job["seed"])
    steps = math.ceil(job["images"] / dataset.batch_size)
    recipe = change.get("recipe") or recipes.for_data(model_class, dataset)[0]
    model.compile(recipe=recipe, d_steps=change.get("d_steps"))
    optimizers = []
    for name, updates in (("d_opt", model.plan.d_steps), ("g_opt", 1)):
        optimizer = model.plan.arguments[name]
        config = optimizer.get_config()
        rate = change.get("factor", 1.0) * config["learning_rate"]
        half = updates * steps // 2
        falls = "decay" in change
        config["learning_rate"] = kgz.schedules.Linear(rate, 0.0, half, wait=half) if falls else rate
        optimizers.append(type(optimizer).from_config(config))
    penalties = {type(each).__name__: each for each in model.plan.penalties}
    penalties = {n: each for n, each in penalties.items() if each.name != change.get("without")}
    penalties |= {n: getattr(kgz.penalties, n)(w) for n, w in change["penalties"].items()}
    settings = {
        "losses": change.get("losses"),
        "ema": change.get("ema"),
        "d_steps": model.plan.d_steps,
        "penalties": [*penalties.values()],
    }
    model.compile(*optimizers, recipe=recipe, **settings)
    due = {steps * index // job["points"] for index in range(1, job["points"] + 1)}
    curve = []

    class Watch(keras.callbacks.Callback):
        began, judging = time.process_time(), 0.0

        def on_train_batch_end(self, batch, logs=None):
            if model.steps in due:
                now = time.process_time()
                samples = model.generate(judge.n, seed=1)
                place = {
                    "images": model.steps * dataset.batch_size,
                    "minutes": (now - self.began - self.judging) / 60,
                }
                curve.append(place | judge(samples))
                study.strip(samples[:12], Path(job["strip"]))
                self.judging += time.process_time() - now
            model.stop_training = model.steps >= steps

    callbacks = [Watch()]
    if model.can_grow:
        phase = method.growth_images(model, dataset.batch_size)
        callbacks.insert(0, kgz.callbacks.ProgressiveGrowth(fade=phase, stable=phase))
    model.fit(dataset, epochs=10**6, verbose=0, callbacks=callbacks)
    record = {name: job[name] for name in KEY} | {"curve": curve, "batch": dataset.batch_size}
    return record | {"samples": judge.n, "extractor": judge.extractor.label} | study.versions()


def run(arguments):
    records, folder = study.Records(arguments.out), arguments.strips
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    for seed, name, change in itertools.product(arguments.seeds, arguments.models, arguments.changes):
        key = dict(zip(KEY, (name, change, arguments.set, seed, arguments.images, backend)))
        if records.find(key):
            continue
        record = study.in_process(
            __file__,
            {
                **key,
                "points": arguments.points,
                "samples": arguments.samples,
                "data_folder": str(arguments.data_folder),
                "cache": str(folder / f"features_{arguments.set}_{arguments.samples}.npy"),
                "strip": str(folder / arguments.set / f"{name}_{change}_{seed}.png"),
            },
        )
        records.add(record)
        print(row(record), flush=True)


def row(record):
    def kid(point):
        return "-" if point["kid"] is None else f"{1000 * point['kid']:.0f}"

    kids = ", ".join(f"{point['images'] // 1000}k: {kid(point)}" for point in record["curve"])
    cells = (record["model"], record["change"], record["set"], record["seed"], record["backend"], kids)
    return "| " + " | ".join(map(str, (*cells, f"{record['curve'][-1]['minutes']:.0f}"))) + " |"


def table(arguments):
    """Markdown: KID x 1000 by the number of training images, and CPU minutes without evaluation."""
    print("| model | change | set | seed | backend | KID x 1000 | CPU minutes |")
    print("| --- | --- | --- | ---: | --- | --- | ---: |")
    for record in sorted(study.Records(arguments.out).all(), key=lambda each: [each[k] for k in KEY]):
        print(row(record))


def main():
    study.work(train)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for act in (run, table):
        command = commands.add_parser(act.__name__)
        command.set_defaults(act=act)
        add = command.add_argument
        add("--out", type=Path, default=study.RESULTS / "long_curves.json")
        if act is run:
            add("--models", nargs="+", required=True)
            add("--changes", nargs="+", default=["none"], help=f"{', '.join(CHANGES)}, joined by +")
            add("--set", default="mnist", help="a name of `study.images`")
            add("--seeds", nargs="+", type=int, default=[0])
            add("--images", type=int, default=80_000, help="that are trained on")
            add("--points", type=int, default=5, help="of a curve")
            add("--samples", type=int, default=2000, help="that figures are taken of")
            add("--data-folder", type=Path)
            add("--strips", type=Path, default=Path("runs/long_curves"), help="pictures of samples")
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
