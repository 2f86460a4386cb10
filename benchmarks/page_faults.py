"""What TensorFlow's setting of glibc costs: page faults and speed of `fit`, with and without it.

python benchmarks/page_faults.py --models DCGAN StyleGAN2 --rounds 5

TensorFlow 2.21 makes glibc return freed memory at once as soon as a dataset comes from a generator, as
Keras' datasets of arrays do. `fit` undoes this. The contestants, one thread each, take turns.
"""

import argparse
import resource
import sys

import interleaved
import numpy as np
import study

STEPS, BATCH = 10, 16
FIT, PLAIN = "fit", "fit with TensorFlow's setting"


def work(name, model, size):
    study.one_thread()
    import keras_gan_zoo as kgz
    from keras_gan_zoo.backend import tensorflow

    if name == "plain":
        tensorflow.keep_freed_memory = lambda: None
    size = int(size)
    gan = getattr(kgz, model).for_size(size, seed=0)
    gan.compile()
    shape = (STEPS * BATCH, size, size, 3)
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    faults = []

    def epoch():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        gan.fit(images, batch_size=BATCH, verbose=0)
        faults.append((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / STEPS)

    interleaved.serve(epoch, STEPS)
    print(f"{model} {size} px, {name}: {np.median(faults):,.0f} page faults per step", file=sys.stderr)


def main():
    if "--work" in sys.argv:
        work(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["DCGAN"])
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    contestants = {PLAIN: ("plain", "tensorflow"), FIT: ("fit", "tensorflow")}
    for model in arguments.models:
        numbers = (model, arguments.size)
        speeds = interleaved.measure(
            __file__, contestants, list(contestants), numbers, arguments.rounds
        )
        print(f"{model}\n\n{interleaved.table(speeds, 'steps/s')}\n", flush=True)


if __name__ == "__main__":
    main()
