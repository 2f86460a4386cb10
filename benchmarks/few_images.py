"""Which model for a hundred to two thousand pictures? Sets x models x seeds at equal CPU time.

python benchmarks/few_images.py run --sets cars_100 cars_500 nebula_64 --seeds 0 1 2 --cpu-minutes 8 \
    --unseen other.keras --data-folder DIR
python benchmarks/few_images.py table

A training has a process of its own on one thread, and stops when its process time is spent; evaluation
is not counted. Samples are compared with all images of their kind, also where 100 or 500 cars were
trained on, in the network "rgb64" and in `--unseen`, a network that no discriminator has seen. `--out`
has one record for each (set, model, seed, minutes, backend), and trainings that have one are not run
again. `--strips` has pictures: samples, and below each its nearest training image.
"""

import argparse
import itertools
import os
import time
from pathlib import Path

import numpy as np
import study

MODELS = {
    "default": ("DCGAN", {}),
    "FastGAN": ("FastGAN", {}),
    "default, projected": ("DCGAN", {"d_features": "rgb64"}),
    "FastGAN, projected": ("FastGAN", {"d_features": "rgb64"}),
}
KEY = ("set", "model", "seed", "cpu_minutes", "backend")
GROUP = ("set", "cpu_minutes", "model", "backend")  # a row of the table


def train(job):
    """One training; its record."""
    study.one_thread()
    import keras

    import keras_gan_zoo as kgz
    from keras_gan_zoo.plots import grids
    from keras_gan_zoo.training import recipes

    keras.utils.set_random_seed(job["seed"])
    images = study.images(job["set"], job["data_folder"])
    whole = study.images("cars_64" if "cars" in job["set"] else job["set"], job["data_folder"])
    strip = Path(job["strip"])
    names = {"seen": "rgb64"} | ({"unseen": job["unseen"]} if job["unseen"] else {})
    judges = {
        key: study.Judge(whole, 1500, strip.parent / f"features_{key}.npy", name)
        for key, name in names.items()
    }
    class_name, arguments = MODELS[job["model"]]
    model_class = getattr(kgz, class_name)
    model = model_class.for_size(images.shape[1], images.shape[3], seed=job["seed"], **arguments)
    dataset = kgz.data.ImageDataset(images, batch_size=model.default_batch_size, seed=job["seed"])
    recipe = model.default_recipe or recipes.for_data(model_class, dataset)[0]
    model.compile(recipe=recipe)
    began = time.process_time()

    class Limit(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            model.stop_training = time.process_time() - began >= 60 * job["cpu_minutes"]

    model.fit(dataset, epochs=10**6, verbose=0, callbacks=[Limit()])
    samples = model.generate(1500, seed=1)
    record = {name: job[name] for name in KEY} | {"recipe": recipe, "steps": model.steps}
    record |= {key: judge(samples) for key, judge in judges.items()}
    extractor = judges["seen"].extractor
    real, fake = (extractor(each).features for each in (images, samples))
    scores = kgz.metrics.memorization(real, fake)
    record |= {"copied": scores.copied, "authenticity": scores.authenticity, "c_t": scores.c_t}
    indices, _ = kgz.metrics.nearest(fake[:12], real)
    nearest = study.to_floats(images[indices[:, 0]])
    grids.save(grids.grid(np.concatenate([samples[:12], nearest]), columns=12, scale=1), strip)
    labels = {key: judge.extractor.label for key, judge in judges.items()}
    return record | {"samples": 1500, "extractors": labels} | study.versions()


def run(arguments):
    records = study.Records(arguments.out)
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    for seed, set_name, name in itertools.product(arguments.seeds, arguments.sets, arguments.models):
        key = dict(zip(KEY, (set_name, name, seed, arguments.cpu_minutes, backend)))
        if records.find(key):
            continue
        folder = arguments.strips / set_name.partition("_")[0]
        more = {
            "data_folder": str(arguments.data_folder),
            "unseen": arguments.unseen and str(arguments.unseen.resolve()),
            "strip": str(folder / f"{set_name}_{name.replace(', ', '_')}_{seed}.png"),
        }
        records.add(study.in_process(__file__, key | more))
        table(arguments)


def table(arguments):
    """Markdown: KID x 1000 in both networks, and other figures: medians, the worst of the seeds."""
    print("| set | minutes | model | backend | seeds | steps | seen | unseen | recall | copied |")
    print("| --- | ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    records = sorted(study.Records(arguments.out).all(), key=lambda each: [each[k] for k in GROUP])
    for group, found in itertools.groupby(records, key=lambda each: [each[k] for k in GROUP]):
        found = list(found)
        seen, unseen = (
            [1000 * each[key]["kid"] for each in found if key in each] for key in ("seen", "unseen")
        )
        recall = np.median([each["seen"]["recall"] for each in found])
        copied = max(each["copied"] for each in found)
        steps = np.median([each["steps"] for each in found])
        cells = [*group, len(found), f"{steps:.0f}", spread(seen), spread(unseen)]
        cells += [f"{recall:.2f}", f"{copied:.3f}"]
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def spread(values):
    return f"{np.median(values):.0f} ({max(values):.0f})" if values else "-"


def main():
    study.work(train)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for act in (run, table):
        command = commands.add_parser(act.__name__)
        command.set_defaults(act=act)
        add = command.add_argument
        add("--out", type=Path, default=study.RESULTS / "few_images.json")
        if act is run:
            add("--sets", nargs="+", default=["cars_100", "cars_500", "nebula_64"])
            add("--models", nargs="+", choices=MODELS, default=list(MODELS))
            add("--seeds", nargs="+", type=int, default=[0, 1, 2])
            add("--cpu-minutes", type=float, required=True)
            add(
                "--unseen", type=Path, metavar="FILE.keras", help="of metrics.extractors.train --seed 1"
            )
            add("--data-folder", type=Path)
            add("--strips", type=Path, default=Path("runs/few_images"))
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
