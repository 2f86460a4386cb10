"""The paper's method and the command line's recipe for models that have one, on digits.

python benchmarks/recipes.py InfoGAN --cpu-seconds 24 --batch 16
python benchmarks/recipes.py ConditionalGAN --cpu-seconds 90 --batch 64
python benchmarks/recipes.py R3GAN --cpu-seconds 60 --batch 16

Width 32. A row is a recipe with all seeds: kernel distance (times 1,000) and recall of 1,000 samples.
A training has a process of its own on one thread and stops when its process time is spent.
"""

import argparse
import time

import numpy as np
import study

SAMPLES = 1000
# Arguments of the model, and the recipe.
DCGAN_WAYS = {
    "paper, d_bias=False": ({"d_bias": False}, "paper"),
    "paper": ({}, "paper"),
    "robust": ({"upsampling": "resize"}, "robust"),
}
WAYS = {
    "DCGAN": DCGAN_WAYS,
    "ConditionalGAN": DCGAN_WAYS,
    "InfoGAN": DCGAN_WAYS,
    "R3GAN": {
        "paper": ({}, "paper"),
        "paper, gamma=1": ({"gamma": 1.0}, "paper"),
        "robust": ({}, "robust"),
        "robust, gamma=1": ({"gamma": 1.0}, "robust"),
    },
}


def train(job):
    """One training; its figures."""
    study.one_thread()
    import keras

    import keras_gan_zoo as kgz

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if time.process_time() - began > job["cpu_seconds"]:
                self.model.stop_training = True

    arguments, recipe = WAYS[job["model"]][job["way"]]
    images, labels = kgz.data.digits(study.DIGITS)
    if job["model"] == "ConditionalGAN":
        arguments = {"num_classes": 10, "conditioning": job["conditioning"], **arguments}
    else:
        labels = None
    model = getattr(kgz, job["model"])(images.shape[1:], width=32, seed=job["seed"], **arguments)
    model.compile(recipe=recipe)
    dataset = kgz.data.ImageDataset(images, labels, job["batch"], seed=job["seed"])
    began = time.process_time()
    model.fit(dataset, epochs=10**6, verbose=0, callbacks=[Stop()])
    extractor = kgz.metrics.get_extractor(None, images.shape[1:])
    real = extractor(images[:SAMPLES]).features
    fake = extractor(model.generate(SAMPLES, seed=1)).features
    return {
        "kid": kgz.metrics.kernel_distance(real, fake).value,
        "recall": kgz.metrics.prdc(real, fake).recall,
        "steps": model.steps,
    }


def main():
    study.work(train)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("model", choices=WAYS)
    add("--ways", nargs="+", help="default: all of the model")
    add("--seeds", nargs="+", type=int, default=[0, 1, 2])
    add("--cpu-seconds", type=float, default=24)
    add("--batch", type=int, default=16)
    add("--conditioning", default="concat")
    arguments = parser.parse_args()
    ways = arguments.ways or list(WAYS[arguments.model])
    if unknown := set(ways) - set(WAYS[arguments.model]):
        parser.error(f"--ways: {', '.join(WAYS[arguments.model])}. Received: {', '.join(unknown)}")
    print("| model | batch | CPU seconds | recipe | KID x 1000 | recall | steps |\n|" + " --- |" * 7)
    for way in ways:
        jobs = [{**vars(arguments), "ways": None, "way": way, "seed": s} for s in arguments.seeds]
        runs = [study.in_process(__file__, job) for job in jobs]
        cells = [arguments.model, arguments.batch, f"{arguments.cpu_seconds:g}", way]
        cells += [", ".join(f"{1000 * run['kid']:.0f}" for run in runs)]
        cells += [", ".join(f"{run['recall']:.2f}" for run in runs)]
        cells += [f"{np.median([run['steps'] for run in runs]):.0f}"]
        print(f"| {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
