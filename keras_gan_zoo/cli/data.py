"""The data that the command line trains a model on."""

from pathlib import Path

from keras_gan_zoo.cli.shared import UsageError, positive, size


def add_data(command):
    """Arguments that say what the images are and how they are served."""
    add = command.add_argument
    add(
        "--data",
        default="digits",
        help="digits, mnist, tfds:NAME, a folder, an .npz (default: %(default)s)",
    )
    add("--image-size", type=size, metavar="N|HxW", help="resize images; default: as they are")
    add(
        "--aspect",
        choices=("stretch", "crop", "pad"),
        default="stretch",
        help="how images of another shape get to that size (default: %(default)s)",
    )
    add("--channels", type=int, choices=(1, 3), help="convert images to grey or RGB")
    add("--samples", type=positive, help="use so many images")
    add("--flip", action="store_true", help="mirror at random")
    add("--cache", type=Path, metavar="DIR", help="keep a folder's prepared images here, not in memory")
    add("--batch-size", type=positive, help="default: 64; 1 for Pix2Pix and CycleGAN")
    group = command.add_argument_group("models that make images from images")
    add = group.add_argument
    add("--to", metavar="SOURCE", help="targets of --data, or the other domain")
    add("--make", choices=("grey", "edges"), help="Pix2Pix: make the inputs of the pictures in --data")
    add("--split", default="train", help="of folders and .npz files that have several")
    add("--jitter", action="store_true", help="enlarge and crop at random")


def load(kgz, kind, arguments):
    """The dataset that this class of models trains on."""
    from keras_gan_zoo.models.image_to_image.base import ImageToImage
    from keras_gan_zoo.models.image_to_image.two_domains import TwoDomains

    batch_size = arguments.batch_size or kind.default_batch_size
    names = ("image_size", "aspect", "channels", "samples", "flip", "seed")
    shared = {name: getattr(arguments, name) for name in names} | {"batch_size": batch_size}
    if not issubclass(kind, ImageToImage):
        if arguments.to or arguments.make:
            raise UsageError(f"--to and --make are for models that translate, not for {kind.__name__}")
        shared["batch_size"] = arguments.batch_size  # None: 64, or fewer
        return kgz.data.load(arguments.data, cache=arguments.cache, **shared)
    if arguments.cache:
        raise UsageError(f"--cache is for models that make images of noise, not for {kind.__name__}")
    more = {"split": arguments.split, "jitter": arguments.jitter, **shared}
    if issubclass(kind, TwoDomains):
        if arguments.make:
            raise UsageError(
                f"--make is for Pix2Pix; {kind.__name__} takes two domains, --data and --to"
            )
        return kgz.data.unpaired(arguments.data, arguments.to, **more)
    return kgz.data.paired(arguments.data, arguments.to, make=arguments.make, **more)


def shapes(dataset) -> dict:
    """What a model has to be told of the images."""
    if not hasattr(dataset, "targets"):
        return {"image_shape": dataset.image_shape}
    shape = {"image_shape": dataset.target_shape}
    return shape | ({"input_channels": dataset.input_shape[2]} if dataset.paired else {})


def described(dataset) -> str:
    """The data in a few words."""
    if not hasattr(dataset, "targets"):
        return f"{len(dataset.images):,} images {dataset.image_shape}"
    if dataset.paired:
        return f"{len(dataset.inputs):,} pairs {dataset.input_shape} to {dataset.target_shape}"
    counts = f"{len(dataset.inputs):,} and {len(dataset.targets):,}"
    return f"{counts} images {dataset.target_shape}"
