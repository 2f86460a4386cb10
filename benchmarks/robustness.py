"""Which remedy makes a DCGAN train with any seed? Sets x remedies x seeds at equal CPU time.

python benchmarks/robustness.py run --sets digits mnist --remedies plain ema lazy_r1+ema --seeds 0 1 2 \
    --cpu-minutes 3 --data-folder DIR
python benchmarks/robustness.py table --sets digits
python benchmarks/robustness.py picture --sets digits --remedies plain lazy_r1+ema --to strips.png
python benchmarks/robustness.py monitor --sets digits nebula_32  # fitted on these, judged on the others

A training has a process of its own on one thread, and stops when its process time is spent; import,
CollapseMonitor's checks and the evaluation are not counted. `--out` has one record for each (set,
remedy, seed, minutes, width, batch, backend), and trainings that have one are not run again.

A training has failed if (defined before any was run)
- its KID is above half of the KID of the same generator before training, or
- its recall is below 0.05, or
- CollapseMonitor's verdict "samples alike" or "not finite" stands at its end.
Look at the strips before such a verdict is believed.
"""

import argparse
import functools
import itertools
import math
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import remedies
import study

SETS = ["digits", "mnist", "fashion_mnist", "cifar10", "nebula_32", "cars_32", "facades_32"]
SETS += ["nebula_64", "cars_64", "cars_500", "facades_64"]
KEY = ("set", "remedy", "seed", "cpu_minutes", "width", "batch", "backend")
GROUP = ("set", "cpu_minutes", "width", "batch", "remedy", "backend")  # a row of the table
KID_LIMIT, RECALL_LIMIT = 0.5, 0.05
CONTRAST_LIMIT = 0.5  # of a collapsed training, as a share of the real images' contrast
COLLAPSED = {"alike", "collapsed", "nan"}  # kinds of CollapseMonitor's verdicts that are failures


# One training, in a process of its own -----------------------------------------------------------


def train(job):
    """One training; its record."""
    study.one_thread()
    import keras

    images = study.images(job["set"], job["data_folder"])
    setting = remedies.Setting(images.shape[1:], job["batch"])
    keras.utils.set_random_seed(job["seed"])
    judge = study.Judge(images, job["samples"], Path(job["cache"]))
    fit = fit_native if job["remedy"] == remedies.NATIVE else fit_ours
    untrained, generate, trained = fit(job, images, setting, judge)
    samples = generate(judge.n, seed=1)
    study.strip(samples[:12], Path(job["strip"]))
    figures = judge(samples)
    record = {name: job[name] for name in KEY} | trained | figures | {"untrained_kid": untrained}
    record["failed"] = failures(record)
    return record | {"samples": judge.n, "extractor": judge.extractor.label} | study.versions()


def failures(record):
    """The rules that a training has broken."""
    standing = record["verdicts"] and record["verdicts"][-1]["standing"]
    rules = {
        "kid": record["kid"] is None or record["kid"] > KID_LIMIT * record["untrained_kid"],
        "recall": record["recall"] < RECALL_LIMIT,
        "monitor": bool(set(standing or ()) & COLLAPSED),
    }
    return [name for name, broken in rules.items() if broken]


def fit_ours(job, images, setting, judge):
    import keras_gan_zoo as kgz

    parts = remedies.build(job["remedy"], setting)
    model = remedies.dcgan(setting, parts, job["width"], job["seed"])
    untrained = judge(model.generate(judge.n, seed=1))["kid"]
    dataset = kgz.data.ImageDataset(images, batch_size=job["batch"], seed=job["seed"])
    watch = monitor_class()(study.to_floats(judge.some), every_steps=job["check_steps"])
    watch.limit = 60 * job["cpu_minutes"]
    watch.began = time.process_time()
    model.fit(dataset, epochs=10**6, verbose=0, callbacks=[*parts.callbacks, watch])
    seconds = watch.seconds()
    trained = {"cpu_seconds": seconds, "steps": model.steps, "step_seconds": seconds / model.steps}
    return untrained, model.generate, trained | {"verdicts": watch.verdicts, "checks": watch.checks}


@functools.cache
def monitor_class():
    import keras_gan_zoo as kgz
    from keras_gan_zoo.callbacks.collapse import failures as failures_of_training

    class Watch(kgz.callbacks.CollapseMonitor):
        """CollapseMonitor that keeps a record of its checks, and ends the training in time."""

        limit, began, own = math.inf, 0.0, 0.0

        def on_train_begin(self, logs=None):
            start = time.process_time()
            super().on_train_begin(logs)
            self.real_std = float(self.data.std(0).mean())
            self.real_features = self._diversity.extractor(self.data).features
            self.checks, self.verdicts = [], []
            self.own += time.process_time() - start

        def seconds(self):
            """CPU time of the training without that of the checks."""
            return time.process_time() - self.began - self.own

        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            if self.seconds() >= self.limit:
                self.model.stop_training = True

        def _check_diversity(self, fakes):
            ratios, _ = self._diversity.ratios(fakes)
            covered = kgz.metrics.prdc(self.real_features, self._diversity.extractor(fakes).features)
            numbers = ratios | {"std": fakes.std(0).mean() / self.real_std}
            numbers |= {"precision": covered.precision, "recall": covered.recall}
            self.ratios = {name: float(value) for name, value in numbers.items()}
            return super()._check_diversity(fakes)

        def _check_confidence(self, logs):
            labels = (float(self.model.knobs[name]) for name in ("real_label", "fake_label"))
            loss = self.model.adversarial_loss
            self.confidence = failures_of_training.discriminator_confidence(loss, logs, *labels)
            return super()._check_confidence(logs)

        def check(self, logs=None):
            self.ratios, self.confidence = {}, None
            start, at = time.process_time(), self.seconds()
            before = set(self._warned)
            super().check(logs)
            names = ("d_loss", "g_loss", "real_score", "fake_score")
            numbers = {name: float(logs[name]) for name in names if name in (logs or {})}
            numbers |= self.ratios | {"confidence": self.confidence}
            where = {"step": self.model.steps, "seconds": at}
            self.checks.append(where | numbers)
            if self._warned != before:
                self.verdicts.append(where | {"standing": sorted(self._warned)})
            self.own += time.process_time() - start

    return Watch


def fit_native(job, images, setting, judge):
    import native
    import native_dcgan

    layout = native.Setting(channels_last=True)
    model = native_dcgan.NativeDCGAN(images.shape[1:], job["width"], layout)
    loader = layout.loader(job["batch"], study.to_floats(images))
    untrained = judge(model.generate(judge.n, seed=1))["kid"]
    began, steps = time.process_time(), 0
    while time.process_time() - began < 60 * job["cpu_minutes"]:
        for (real,) in loader:
            model.step(real.to(layout.device)).tolist()
            steps += 1
            if time.process_time() - began >= 60 * job["cpu_minutes"]:
                break
    seconds = time.process_time() - began
    trained = {"cpu_seconds": seconds, "steps": steps, "step_seconds": seconds / steps}
    return untrained, model.generate, trained | {"verdicts": [], "checks": []}


# Commands ----------------------------------------------------------------------------------------


def run(arguments):
    records = study.Records(arguments.out)
    for seed in arguments.seeds:  # outermost: a study that is stopped has fewer seeds of everything
        for name in arguments.sets:
            for remedy in arguments.remedies:
                backend = "torch" if remedy == remedies.NATIVE else arguments.backend
                values = (name, remedy, seed, arguments.cpu_minutes, arguments.width)
                key = dict(zip(KEY, (*values, arguments.batch, backend), strict=True))
                if records.find(key):
                    continue
                job = {
                    **key,
                    "samples": arguments.samples,
                    "check_steps": arguments.check_steps,
                    "data_folder": str(arguments.data_folder),
                    "cache": str(arguments.strips / f"features_{name}_{arguments.samples}.npy"),
                    "strip": str(strip_path(arguments.strips, key)),
                }
                record = study.in_process(__file__, job)
                records.add(record)
                print(line(record), flush=True)


def strip_path(folder, key):
    name = "{remedy}_{seed}_{cpu_minutes:g}_{width}_{batch}_{backend}.png".format(**key)
    return Path(folder) / key["set"] / name.replace(" ", "_")


def line(record):
    kid = "none" if record["kid"] is None else f"{1000 * record['kid']:.0f}"
    return (
        f"{record['set']}, {record['remedy']}, seed {record['seed']}: KID x 1000 {kid} "
        f"(untrained {1000 * record['untrained_kid']:.0f}), precision {record['precision']:.2f}, "
        f"recall {record['recall']:.2f}, {record['steps']} steps, failed: {record['failed'] or 'no'}"
    )


def wilson(k: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share of k in n (Wilson 1927)."""
    centre, spread = k + z * z / 2, z * math.sqrt(k * (n - k) / n + z * z / 4)
    return (centre - spread) / (n + z * z), (centre + spread) / (n + z * z)


def chosen(arguments):
    """Records by `GROUP`, of the minutes, width and batch asked for."""
    found = {}
    for record in study.Records(arguments.out).all():
        fits = all(
            getattr(arguments, name) in (None, record[name])
            for name in ("cpu_minutes", "width", "batch")
        )
        fits = fits and record["remedy"] in (arguments.remedies or [record["remedy"]])
        if fits and record["set"] in arguments.sets:
            group = tuple(record[name] for name in GROUP)
            found.setdefault(group, []).append(record)
    return dict(
        sorted(found.items(), key=lambda item: (arguments.sets.index(item[0][0]), *item[0][1:4]))
    )


def table(arguments):
    """Markdown, a row for each set, time, width, batch, remedy and backend."""
    heading = "set|CPU minutes|width|batch|remedy|backend|failed|95 %|KID x 1000, median|worst"
    heading += "|precision|recall|ms per step|steps"
    print(
        f"| {heading.replace('|', ' | ')} |\n|"
        + " --- |"
        + " ---: |" * 3
        + " --- | --- |"
        + " ---: |" * 8
    )
    for group, records in chosen(arguments).items():
        failed, n = sum(bool(record["failed"]) for record in records), len(records)
        low, high = wilson(failed, n)
        kids = [1000 * (math.inf if r["kid"] is None else r["kid"]) for r in records]

        def median(column, records=records):
            return float(np.median([record[column] for record in records]))

        cells = [value if isinstance(value, str) else f"{value:g}" for value in group]
        cells += [f"{failed} of {n}", f"{100 * low:.0f} to {100 * high:.0f}"]
        cells += [f"{np.median(kids):.0f}", f"{max(kids):.0f}"]
        cells += [f"{median('precision'):.2f}", f"{median('recall'):.2f}"]
        cells += [f"{1000 * median('step_seconds'):.0f}", f"{median('steps'):.0f}"]
        print("| " + " | ".join(cells) + " |")


def picture(arguments):
    """The strips of all chosen trainings below each other, by set, remedy and seed."""
    from PIL import Image

    paths = []
    for records in chosen(arguments).values():
        for record in sorted(records, key=lambda record: record["seed"]):
            paths.append(strip_path(arguments.strips, record))
            print(f"row {len(paths)}: {line(record)}")
    strips = [Image.open(path).convert("RGB") for path in paths]
    canvas = Image.new("RGB", (max(s.width for s in strips), sum(s.height for s in strips)), "white")
    top = 0
    for strip in strips:
        canvas.paste(strip, (0, top))
        top += strip.height
    canvas.save(arguments.to)


class Thresholds(NamedTuple):
    """Rules of CollapseMonitor; see its `default_thresholds`."""

    diversity: float
    confidence: float
    warmup: int
    patience: int

    def warned_at(self, record):
        """Share of the time that was spent at the first warning; infinity without one."""
        counts = {"diversity": 0, "confidence": 0}
        for check in record["checks"]:
            warm = check["step"] >= self.warmup
            spread = min(check.get("distance", 0.0), check.get("ms_ssim", math.inf))
            confidence = check["confidence"] or 0.0
            broken = {"diversity": spread < self.diversity, "confidence": confidence > self.confidence}
            counts = {name: (counts[name] + 1) * (warm and broken[name]) for name in counts}
            if max(counts.values()) >= self.patience:
                return check["seconds"] / (60 * record["cpu_minutes"])
        return math.inf

    def judged(self, records):
        """Counts of collapsed, other failed and good trainings, each with those warned of in time."""
        kinds = {"collapsed": [], "other": [], "good": []}
        for record in records:
            failed = set(record["failed"]) - {"monitor"}
            collapsed = record["std"] is None or record["std"] < CONTRAST_LIMIT
            kinds["good" if not failed else "collapsed" if collapsed else "other"].append(record)
        until = {"collapsed": 0.5, "other": 0.5, "good": 1.0}  # share of the time
        return {
            kind: (sum(self.warned_at(record) <= until[kind] for record in members), len(members))
            for kind, members in kinds.items()
        }


def monitor(arguments):
    """CollapseMonitor's thresholds, fitted on the trainings of some sets and judged on the others.

    A failed training has collapsed if its samples have less than half of the real images' contrast; the
    others have not come far enough in their time.
    """
    from keras_gan_zoo.callbacks import CollapseMonitor

    records = [record for record in study.Records(arguments.out).all() if record["checks"]]
    parts = {"fitted": [], "judged": []}
    for record in records:
        parts["fitted" if record["set"] in arguments.sets else "judged"].append(record)
    grid = itertools.product(
        (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
        (0.9, 0.95, 0.98, 0.99, 0.995, 1.0),
        (200, 300, 400, 600, 800, 1000),
        (1, 2, 3),
    )

    def merit(thresholds):
        found = thresholds.judged(parts["fitted"])
        false_alarms, good = found["good"]
        return false_alarms <= 0.05 * good, found["collapsed"][0], -false_alarms

    chosen = {
        "default": Thresholds(**CollapseMonitor.default_thresholds),
        "fitted": max(itertools.starmap(Thresholds, grid), key=merit),
    }
    heading = "| thresholds | sets | collapsed: caught in half of the time | other failures: named |"
    print(f"{heading} false alarms |\n|" + " --- |" * 5)
    for (name, thresholds), (part, runs) in itertools.product(chosen.items(), parts.items()):
        cells = [f"{warned} of {n}" for warned, n in thresholds.judged(runs).values()]
        values = ", ".join(f"{key} {value:g}" for key, value in thresholds._asdict().items())
        print(f"| {name}: {values} | {part} | {' | '.join(cells)} |")


def parser():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for act in (run, table, picture, monitor):
        running = act is run
        command = commands.add_parser(act.__name__)
        command.set_defaults(act=act)
        add = command.add_argument
        add("--out", type=Path, default=study.RESULTS / "robustness.json")
        add("--strips", type=Path, default=Path("runs/robustness"), help="pictures of samples")
        add("--sets", nargs="+", choices=SETS, default=SETS)
        names = remedies.SINGLE if running else None
        add("--remedies", nargs="+", type=remedies.check, default=names, help="also pairs: a+b")
        add("--cpu-minutes", type=float, default=3.0 if running else None, help="of a training")
        add("--width", type=int, default=32 if running else None)
        add("--batch", type=int, default=32 if running else None)
        if running:
            add("--seeds", nargs="+", type=int, default=[0, 1, 2])
            add("--samples", type=int, default=2000, help="that figures are taken of")
            add("--check-steps", type=int, default=100, help="between CollapseMonitor's checks")
            add("--backend", default="tensorflow", choices=("tensorflow", "jax", "torch"))
            add("--data-folder", type=Path, help="holds mnist.npz and others")
        if act is picture:
            add("--to", type=Path, required=True)
    return parser


def main():
    study.work(train)
    arguments = parser().parse_args()
    arguments.act(arguments)


if __name__ == "__main__":
    main()
