"""The data that the command line trains a model on."""

from keras_gan_zoo.cli_shared import UsageError


def add_pairs(command):
    """Arguments of models that make images from images."""
    group = command.add_argument_group("models that make images from images")
    add = group.add_argument
    add("--to", metavar="SOURCE", help="targets of --data, or the other domain")
    add("--make", choices=("grey", "edges"), help="Pix2Pix: make the inputs of the pictures in --data")
    add("--split", default="train", help="of folders and .npz files that have several")
    add("--jitter", action="store_true", help="enlarge and crop at random")
    add("--flip", action="store_true", help="mirror at random")


def load(kgz, kind, arguments):
    """The dataset that this class of models trains on."""
    from keras_gan_zoo.models.image_to_image import ImageToImage
    from keras_gan_zoo.models.two_domains import TwoDomains

    batch_size = arguments.batch_size or kind.default_batch_size
    shared = {"samples": arguments.samples, "seed": arguments.seed, "channels": arguments.channels}
    if not issubclass(kind, ImageToImage):
        if arguments.to or arguments.make:
            raise UsageError(f"--to and --make are for models that translate, not for {kind.__name__}")
        return kgz.data.load(arguments.data, arguments.image_size, batch_size, **shared)
    more = {"image_size": arguments.image_size, "batch_size": batch_size, "split": arguments.split}
    more |= {"jitter": arguments.jitter, "flip": arguments.flip, **shared}
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
