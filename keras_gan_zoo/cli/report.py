"""`keras-gan-zoo report`: write the report of a training again."""

from pathlib import Path

from keras_gan_zoo.cli.shared import UsageError, reported


def add_report(command):
    """Add the arguments of `report`."""
    add = command.add_argument
    add("folder", type=Path, metavar="RUN", help="folder of a training")
    add("--out", type=Path, metavar="FILE", help="HTML file (default: report.html in RUN)")
    command.set_defaults(run=run_report)


def run_report(arguments) -> int:
    """Write one HTML file with curves, snapshots and settings of a training, without its model."""
    from keras_gan_zoo.plots.report import report

    if not arguments.folder.is_dir():
        raise UsageError(f"RUN must be the folder of a training. Received: {arguments.folder}")
    if arguments.out is not None and arguments.out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--out must end in .html. Received: {arguments.out}")
    with reported():
        print(f"Report: {report(arguments.folder, arguments.out)}")
    return 0
