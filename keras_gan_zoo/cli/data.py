"""The data that the command line trains a model on."""

from pathlib import Path

from keras_gan_zoo.cli.shared import UsageError, positive, size, source


def add_data(command):
    """Add the options for the dataset."""
    add = command.add_argument
    add(
        "--data",
        type=source,
        default="digits",
        metavar="SOURCE",
        help="digits, mnist, tfds:NAME, a folder, an .npz (default: %(default)s)",
    )
    add("--image-size", type=size, metavar="N|HxW", help="resize images (default: their size)")
    add(
        "--aspect",
        choices=("stretch", "crop", "pad"),
        default="stretch",
        help="resizing of images with another aspect ratio (default: %(default)s)",
    )
    add("--channels", type=int, choices=(1, 3), help="convert images to grey or RGB")
    add("--samples", type=positive, metavar="N", help="use at most N images")
    add("--flip", action="store_true", help="mirror images at random")
    add("--cache", type=Path, metavar="DIR", help="folder for prepared images, instead of memory")
    add(
        "--batch-size",
        type=positive,
        help="default: 16; 64 for GAN and ConditionalGAN; 1 for Pix2Pix and CycleGAN",
    )
    add = command.add_argument_group("data of image-to-image models").add_argument
    add("--to", type=source, metavar="SOURCE", help="targets of --data, or the other domain")
    add("--make", choices=("grey", "edges"), help="Pix2Pix: compute the inputs from --data")
    add("--split", default="train", help="split of folders and .npz files (default: %(default)s)")
    add("--jitter", action="store_true", help="enlarge and crop images at random")
    add("--crop", type=size, metavar="N|HxW", help="size of random crops (default: whole images)")
    add("--direction", choices=("a_to_b", "b_to_a"), help="Pix2Pix: b_to_a swaps inputs and targets")


def load(kgz, model_class, arguments, scale=None):
    """Load the dataset for a class of models.

    Args:
        kgz: this package.
        model_class: class of the model.
        arguments: parsed arguments.
        scale: `scale` of an `SRGAN`.
    """
    from keras_gan_zoo.models.image_to_image.base import ImageToImage
    from keras_gan_zoo.models.image_to_image.two_domains import TwoDomains

    batch_size = arguments.batch_size or model_class.default_batch_size
    names = ("image_size", "aspect", "channels", "samples", "flip", "seed")
    shared = {name: getattr(arguments, name) for name in names} | {"batch_size": batch_size}
    if not issubclass(model_class, ImageToImage):
        if arguments.batch_size is None and batch_size == 64:
            shared["batch_size"] = None  # 64, or fewer
        return kgz.data.load(arguments.data, cache=arguments.cache, **shared)
    shared |= {"split": arguments.split, "crop": arguments.crop}
    if issubclass(model_class, kgz.SRGAN):
        return kgz.data.degraded(arguments.data, scale, **shared)
    shared["jitter"] = arguments.jitter
    if issubclass(model_class, TwoDomains):
        return kgz.data.unpaired(arguments.data, arguments.to, **shared)
    shared |= {"make": arguments.make, "direction": arguments.direction or "a_to_b"}
    return kgz.data.paired(arguments.data, arguments.to, **shared)


def shapes(dataset) -> dict:
    """Return the model arguments that follow from the images."""
    if not hasattr(dataset, "targets"):
        return {"image_shape": dataset.image_shape}
    shape = {"image_shape": dataset.target_shape}
    if dataset.scale > 1:
        return shape | {"scale": dataset.scale}
    return shape | ({"input_channels": dataset.input_shape[2]} if dataset.paired else {})


def check_shapes(model, dataset, origin: str) -> None:
    """Raise UsageError unless a model was made for images of the dataset's shapes."""
    for name, value in shapes(dataset).items():
        if getattr(model, name) != value:
            raise UsageError(
                f"{origin} has {name}={getattr(model, name)}, the data has {value}. Pass --image-size "
                f"and --channels that give images of the first"
            )


def describe(dataset) -> str:
    """Return the number and the size of the images in words."""
    if not hasattr(dataset, "targets"):
        return f"{len(dataset.images):,} images of {_size(dataset.image_shape)}"
    target = _size(dataset.target_shape)
    if dataset.paired:
        return f"{len(dataset.inputs):,} pairs of {_size(dataset.input_shape)} and {target}"
    return f"{len(dataset.inputs):,} and {len(dataset.targets):,} images of {target}"


def _size(shape):
    return "x".join(map(str, shape))


def check_labels(model_name: str, dataset, origin: str) -> None:
    """Raise UsageError unless the dataset has labels for a conditional model."""
    if dataset.label_error is not None:
        raise UsageError(
            f"labels must be integers in 0..num_classes-1; in {origin}, {dataset.label_error}"
        )
    if dataset.labels is None:
        raise UsageError(
            f"{model_name} needs labels, which {origin} does not have. A folder has them if all its "
            "images are in sub-folders, one per class, an .npz file in y_train"
        )


def use_labels(model, dataset, origin: str) -> None:
    """Let the dataset yield labels if the model is conditional.

    Raises:
        UsageError: the dataset has no labels, or more classes than the model.
    """
    if model.condition is None:
        return
    if model.num_classes is None:
        raise UsageError("the command line trains on classes; a model with attributes needs `fit`")
    check_labels(type(model).__name__, dataset, origin)
    if dataset.num_classes > model.num_classes:
        raise UsageError(
            f"{origin} has {dataset.num_classes} classes, the model {model.num_classes}; pass --set "
            f"num_classes={dataset.num_classes}"
        )
    dataset.yield_labels = True
