"""GAN whose losses and pictures go to TensorBoard, Weights & Biases or MLflow, without a network.

python examples/experiment_trackers.py --tracker tensorboard    # pip install tensorboard
python examples/experiment_trackers.py --tracker wandb          # pip install wandb
python examples/experiment_trackers.py --tracker mlflow         # pip install mlflow
"""

import os

import keras
import numpy as np
from _common import parse_options
from PIL import Image

import keras_gan_zoo as kgz


def tensorboard(folder):
    """A callback for the logs, and a function that logs a picture; needs TensorFlow on any backend."""
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(folder / "images"))

    def log_picture(path, epoch):
        with writer.as_default():
            tf.summary.image("samples", np.atleast_3d(Image.open(path))[None], step=epoch)

    return keras.callbacks.TensorBoard(folder), log_picture


def wandb(folder):
    """The same for W&B; `wandb sync` uploads the run later."""
    os.environ["WANDB_MODE"] = "offline"
    import wandb
    from wandb.integration.keras import WandbMetricsLogger

    wandb.init(project="keras-gan-zoo", dir=folder)

    def log_picture(path, epoch):
        wandb.log({"samples": wandb.Image(str(path)), "epoch/epoch": epoch})

    # It logs a learning rate, of which a GAN has two.
    return kgz.callbacks.ForOptimizer("g_opt", WandbMetricsLogger()), log_picture


def mlflow(folder):
    """The same for MLflow; `mlflow ui --backend-store-uri sqlite:///FOLDER/mlflow.db` shows it."""
    import mlflow
    from mlflow.keras import MlflowCallback

    mlflow.set_tracking_uri(f"sqlite:///{folder.absolute()}/mlflow.db")
    if mlflow.get_experiment_by_name("gan") is None:
        mlflow.create_experiment("gan", artifact_location=(folder / "artifacts").absolute().as_uri())
    mlflow.set_experiment("gan")
    return MlflowCallback(), lambda path, epoch: mlflow.log_artifact(str(path))


options = parse_options(
    __doc__,
    smoke={"data": "digits", "samples": 64, "epochs": 2},
    data="digits",
    tracker=("tensorboard", "wandb", "mlflow"),
    samples=6000,
    epochs=10,
    out="runs/experiment_trackers",
    help={"tracker": "where losses and pictures go", "samples": "number of images"},
)
snapshots = kgz.callbacks.ImageSnapshots(options.out)
logger, log_picture = globals()[options.tracker](options.out)


def log_snapshot(epoch, logs):
    log_picture(options.out / f"epoch_{epoch + 1:05d}.png", epoch)


dataset = kgz.data.load(options.data, batch_size=32, samples=options.samples)
model = kgz.GAN(dataset.image_shape)
model.compile()
pictures = keras.callbacks.LambdaCallback(on_epoch_end=log_snapshot)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots, logger, pictures])
print(f"Logs and pictures: {options.out}")
