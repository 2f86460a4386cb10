"""Does training in half precision stay finite for a thousand steps?

python benchmarks/half_precision.py nebula_64.npz
python benchmarks/half_precision.py nebula_64.npz --models StyleGAN2 --policies mixed_float16

In float16, an update whose gradients overflow is left out and the optimizer's loss scale halved: how
many were, is what the scales tell, which do not rise again within 2,000 steps.
"""

import argparse
import math

import keras
import numpy as np

import keras_gan_zoo as kgz

MODELS = ("ProgressiveGAN", "MSGGAN", "StyleGAN2", "R3GAN")
POLICIES = ("mixed_float16", "mixed_bfloat16")


def left_out(optimizer):
    """Updates that overflowed, or None without a loss scale."""
    if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return None
    return round(math.log2(optimizer.initial_scale / float(optimizer.dynamic_scale)))


def train(name, policy, dataset, arguments):
    keras.utils.set_random_seed(0)
    model = getattr(kgz, name)(dataset.image_shape, width=arguments.width, seed=0, dtype=policy)
    model.compile()
    callbacks = []
    if name == "ProgressiveGAN":  # all sizes, the last phase twice as long
        levels = 2 * len(model.sides)
        images = arguments.steps * dataset.batch_size // levels
        callbacks.append(kgz.callbacks.ProgressiveGrowth(fade=images, stable=images))
    epochs = -(-arguments.steps // len(dataset))
    history = model.fit(dataset, epochs=epochs, callbacks=callbacks, verbose=0).history
    losses = all(np.isfinite(values).all() for values in history.values())
    weights = all(np.isfinite(keras.ops.convert_to_numpy(w)).all() for w in model.weights)
    updates = [left_out(model.optimizer[side]) for side in ("d_opt", "g_opt")]
    shown = ["" if count is None else str(count) for count in updates]
    says = {True: "finite", False: "NOT FINITE"}
    return [name, policy, str(model.steps), says[losses], says[weights], *shown]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="what keras_gan_zoo.data.load takes")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--policies", nargs="+", choices=POLICIES, default=POLICIES)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--batch", type=int, default=8)
    arguments = parser.parse_args()
    dataset = kgz.data.load(
        arguments.data, arguments.size, arguments.batch, samples=100 * arguments.batch
    )
    print(f"{keras.backend.backend()}, {dataset.image_shape}, batches of {arguments.batch}\n")
    heading = ["", "policy", "steps", "losses", "weights", "updates left out, D", "G"]
    for row in [heading, ["---"] * 2 + ["---:"] * 5]:
        print("| " + " | ".join(row) + " |")
    for name in arguments.models:
        for policy in arguments.policies:
            print("| " + " | ".join(train(name, policy, dataset, arguments)) + " |", flush=True)


if __name__ == "__main__":
    main()
