"""Why does one-sided label smoothing stop a DCGAN from training? One change at a time.

python benchmarks/label_smoothing.py run --rows base "layer norm" --labels 1.0 0.9 --seeds 0 1 2
python benchmarks/label_smoothing.py table
python benchmarks/label_smoothing.py trace base --label 0.9 --seed 0

Each training has a process of its own on one thread. `--out` has one record for each (row, label, seed,
steps), and those that are there are not run again. A training has failed if the pixels of its samples
vary less than a tenth as much as those of real images (`spread`).
"""

import argparse
import time
from pathlib import Path

import study

STEPS = 780  # five epochs of the library's digits in batches of 64
ROWS = {
    "base": {},
    "no normalization": {"d_norm": "none"},
    "layer norm": {"d_norm": "layer"},
    "spectral": {"d_norm": "spectral"},
    "joint batches": {"joint": True},
    "epsilon 1e-9": {"epsilon": 1e-9},
    "epsilon 1e-3": {"epsilon": 1e-3},
    "biases": {"biases": True},
    "both sides": {"fake_label": 0.1},
    "least squares": {"losses": "least_squares"},
    "D's rate / 2": {"d_rate": 1e-4},
    "D's rate / 4": {"d_rate": 5e-5},
    "EMA": {"ema": 0.99},
    "width 16": {"width": 16},
    "width 64": {"width": 64},
    "MNIST": {"data": "mnist"},
    "Fashion-MNIST": {"data": "fashion_mnist"},
    "CIFAR-10": {"data": "cifar10"},
    "delayed": {"delay": 2},
}


def network_class(joint, epsilon, biases):
    """DCGAN with another epsilon, with biases, or with real images and fakes in one batch of D."""
    import keras
    from keras import ops

    import keras_gan_zoo as kgz
    from keras_gan_zoo import backend
    from keras_gan_zoo.training.hooks import DiscriminatorPass

    class Changed(kgz.DCGAN):
        def make_discriminator(self):
            network = super().make_discriminator()

            def changed(layer):
                config = layer.get_config()
                if "epsilon" in config and epsilon is not None:
                    config["epsilon"] = epsilon
                if "use_bias" in config and biases:
                    config["use_bias"] = True
                return type(layer).from_config(config)

            return keras.models.clone_model(network, clone_function=changed)

    class Joint(Changed):
        def update_discriminator(self, batch, images):
            def objective():
                view = self.view(ops.concatenate([self.real_images(batch), images]), batch)
                parts = ops.split(self.discriminate(view).logits, 2)
                loss = self.discriminator_loss(batch, *(DiscriminatorPass(view, x) for x in parts))
                return loss, loss

            variables = [self.discriminator_variables(), []]
            (_, loss), (pullback, _) = backend.vjp(objective, variables)
            self._apply_discriminator(loss, pullback)

    return Joint if joint else Changed


class Probe:
    """Scores, gradients and batch statistics at a fixed batch, without a change of any weight."""

    def __init__(self, model, real):
        import keras

        self.model, self.real = model, real
        self.latents = model.latents(len(real), seed=5)
        found = model.discriminator.layers
        self.norms = [layer for layer in found if "BatchNormalization" in type(layer).__name__]
        self.inside = None
        if self.norms:
            outputs = [layer.input for layer in self.norms] + model.discriminator.outputs
            self.inside = keras.Model(model.discriminator.inputs[0], outputs)

    def __call__(self):
        import numpy as np
        from keras import ops

        from keras_gan_zoo import backend

        model = self.model
        networks = (model.generator, model.discriminator)
        states = [state for network in networks for state in network.non_trainable_variables]
        kept = [ops.convert_to_numpy(state) for state in states]
        fake = model.generator(self.latents, training=True)
        real_logits = ops.convert_to_numpy(model.discriminator(self.real, training=True))

        def objective():
            images = model.generator(self.latents, training=True)
            logits = model.discriminator(images, training=True)
            return (model.adversarial_loss.generator(logits, None), logits)

        (_, logits), (pullback, _) = backend.vjp(objective, [model.generator_variables(), []])
        logits = ops.convert_to_numpy(logits)
        gradients = [ops.convert_to_numpy(gradient) for gradient in pullback(1.0)]
        _, slopes = backend.value_and_input_grad(
            lambda x: model.discriminator(x, training=True), ops.convert_to_tensor(fake)
        )
        fake, slopes = ops.convert_to_numpy(fake), ops.convert_to_numpy(slopes)
        found = {
            "real_logit": float(real_logits.mean()),
            "real_logit_std": float(real_logits.std()),
            "fake_logit": float(logits.mean()),
            "fake_logit_std": float(logits.std()),
            "g_gradient": float(np.sqrt(sum((g.astype("float64") ** 2).sum() for g in gradients))),
            "slope": float(np.sqrt((slopes.astype("float64") ** 2).sum((1, 2, 3))).mean()),
            "slope_along_fake": float((slopes * fake).sum((1, 2, 3)).mean()),
            "fake_mean": float(fake.mean()),
            "fake_std": float(fake.std()),
            "fake_spread": float(fake.std(0).mean()),
        }
        if self.norms:
            for name, images in (("real", self.real), ("fake", fake)):
                *inputs, _ = self.inside(images, training=True)
                inputs = [ops.convert_to_numpy(x) for x in inputs]
                found[f"{name}_bn_variance"] = [float(x.var((0, 1, 2)).mean()) for x in inputs]
        for state, value in zip(states, kept, strict=True):
            state.assign(value)
        return found


def train(job):
    """One training; a record of how it went."""
    study.one_thread()
    import keras

    import keras_gan_zoo as kgz

    change = ROWS[job["row"]]
    images = study.images(change.get("data", "digits"), job["data_folder"])
    kind = network_class(change.get("joint"), change.get("epsilon"), change.get("biases"))
    width = change.get("width", 32)
    arguments = {"width": width, "d_norm": change.get("d_norm"), "d_bias": False}
    model = kind(images.shape[1:], seed=job["seed"], **arguments)
    d_opt = keras.optimizers.Adam(change.get("d_rate", 2e-4), beta_1=0.5)
    model.compile(d_opt, losses=change.get("losses"), ema=change.get("ema"))
    dataset = kgz.data.ImageDataset(images, batch_size=64, seed=job["seed"])
    probe, trace = Probe(model, study.to_floats(images[:64])), []

    class Trace(keras.callbacks.Callback):
        spent = 0.0

        def on_train_batch_begin(self, batch, logs=None):
            began = time.process_time()
            if model.steps % job["every"] == 0:
                trace.append({"step": model.steps, **probe()})
            self.spent += time.process_time() - began

        def on_train_batch_end(self, batch, logs=None):
            if model.steps >= job["steps"]:
                model.stop_training = True

    watch = Trace()
    smoothing = kgz.callbacks.LabelSmoothing(job["label"], change.get("fake_label", 0.0))
    if change.get("delay"):
        smoothing.schedule = lambda epoch: float(epoch >= change["delay"])
    began = time.process_time()
    model.fit(dataset, epochs=1000, verbose=0, callbacks=[smoothing, watch])
    seconds = time.process_time() - began - watch.spent
    trace.append({"step": model.steps, **probe()})
    samples = model.generate(256, seed=1)
    real = study.to_floats(images[:256])
    study.strip(samples[:10], Path(job["strip"]))
    spread = float(samples.std(0).mean() / real.std(0).mean())
    return {
        **{name: job[name] for name in ("row", "label", "seed", "steps")},
        "cpu_seconds": seconds,
        "spread": spread,
        "failed": spread < 0.1,
        "trace": trace,
        **study.versions(),
    }


def run(arguments):
    records = study.Records(arguments.out)
    for seed in arguments.seeds:
        for row in arguments.rows:
            for label in arguments.labels:
                key = {"row": row, "label": label, "seed": seed, "steps": arguments.steps}
                if records.find(key):
                    continue
                name = f"{row}_{label:g}_{seed}.png".replace(" ", "_").replace("/", "")
                job = {
                    **key,
                    "every": arguments.every,
                    "data_folder": str(arguments.data_folder),
                    "strip": str(arguments.strips / name),
                }
                record = study.in_process(__file__, job)
                records.add(record)
                last = record["trace"][-1]
                print(
                    f"{row}, label {label:g}, seed {seed}: spread {record['spread']:.3f}, "
                    f"logits {last['real_logit']:.2f} {last['fake_logit']:.2f}, "
                    f"{record['cpu_seconds']:.0f} s",
                    flush=True,
                )


def table(arguments):
    records = study.Records(arguments.out).all()
    labels = sorted({record["label"] for record in records}, reverse=True)
    print("| | " + " | ".join(f"label {label:g}" for label in labels) + " |")
    print("| --- |" + " ---: |" * len(labels))
    for row in ROWS:
        cells = []
        for label in labels:
            chosen = [r for r in records if r["row"] == row and r["label"] == label]
            spreads = ", ".join(f"{r['spread']:.2f}" for r in chosen)
            failed = sum(r["failed"] for r in chosen)
            cells.append(f"{failed} of {len(chosen)} ({spreads})" if chosen else "")
        if any(cells):
            print(f"| {row} | " + " | ".join(cells) + " |")


def trace(arguments):
    for record in study.Records(arguments.out).all():
        if (record["row"], record["label"], record["seed"]) == (
            arguments.row,
            arguments.label,
            arguments.seed,
        ):
            names = [name for name in record["trace"][0]]
            print("| " + " | ".join(names) + " |\n|" + " ---: |" * len(names))
            for line in record["trace"]:
                cells = [line[n][0] if isinstance(line[n], list) else line[n] for n in names]
                print("| " + " | ".join(f"{cell:.3g}" for cell in cells) + " |")


def main():
    study.work(train)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=study.RESULTS / "label_smoothing.json")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("run")
    command.add_argument("--rows", nargs="+", choices=ROWS, default=[*ROWS])
    command.add_argument("--labels", nargs="+", type=float, default=[1.0, 0.9])
    command.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3])
    command.add_argument("--steps", type=int, default=STEPS)
    command.add_argument("--every", type=int, default=60, help="steps between two measurements")
    command.add_argument("--data-folder", type=Path, help="holds mnist.npz and others")
    command.add_argument("--strips", type=Path, default=Path("runs/label_smoothing"))
    command.set_defaults(act=run)
    commands.add_parser("table").set_defaults(act=table)
    command = commands.add_parser("trace")
    command.add_argument("row", choices=ROWS)
    command.add_argument("--label", type=float, default=0.9)
    command.add_argument("--seed", type=int, default=0)
    command.set_defaults(act=trace)
    arguments = parser.parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
