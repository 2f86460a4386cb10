"""`ExportModel`: the part of the models that writes their generator for other runtimes."""

import os
from pathlib import Path

import keras
import numpy as np

from keras_gan_zoo.export import formats, graphs, runtimes, writers
from keras_gan_zoo.utils import checks, files
from keras_gan_zoo.utils.pixels import to_uint8

_MAX_DIFFERENCE = {"float32": 1e-3}  # of images in [-1, 1]
_MAX_OF_HALF_PRECISION = 0.1
_MAX_LEVELS = 1  # of 0..255


class ExportModel:
    """Base of models that `export` writes for other runtimes.

    Attributes:
        export_options: of the class, arguments that `export` takes beyond those of all models.
    """

    export_options: tuple[str, ...] = ()

    def export(
        self,
        filepath: str | os.PathLike,
        format: str = "saved_model",
        verbose: bool | None = None,
        *,
        uint8: bool = False,
        overwrite: bool = True,
        **options,
    ) -> float | None:
        """Write the generator for another runtime: its moving average where `ema` is on, in float32.

        The file is run on two images where its runtime is installed, and only then appears.

        Args:
            filepath: file to write, with the suffix of the format; a folder for `"saved_model"`.
            format: `"onnx"` (.onnx), `"litert"` (.tflite), `"saved_model"` (or Keras' name
                `"tf_saved_model"`), `"openvino"` (.xml, with a .bin beside it), `"torch"` (.pt2,
                PyTorch only), or `"weights"` (.weights.h5, which
                `best_generator().load_weights` reads).
            verbose: whether to print the path. Defaults to `None`, which is True.
            uint8: whether the network returns integers in 0..255 instead of floats in [-1, 1].
            overwrite: whether an existing file is replaced.
            **options: of `StyleGAN2` `truncation`, see its `generate`; of image-to-image models
                `direction`, see `translate`, and `image_size`, a side or (height, width) of the images;
                `"any"` leaves it open, on TensorFlow only. Defaults to the size of the training images.

        Returns:
            Largest difference between the images of the file and those of the model, which are in
            [-1, 1] or, with `uint8`, in 0..255; of `"weights"`, between the weights. `None` if the
            runtime is not installed.

        Raises:
            ValueError: an invalid argument, a format that Keras cannot write on this backend, or a
                model without a generator.
            ImportError: a package is missing; the message has the command that installs it.
            FileExistsError: the file exists, and `overwrite` is False.
            RuntimeError: the conversion failed, or the file gives other images than the model.
        """
        format = "saved_model" if format == "tf_saved_model" else format
        checks.one_of("format", format, formats.FORMATS)
        path = Path(filepath)
        formats.check_path(path, format)
        formats.check_backend(format, keras.backend.backend())
        self._check_options(format, uint8, options)
        if path.exists() and not overwrite:
            raise FileExistsError(f"{path} exists. Pass overwrite=True to replace it.")
        files.writable_folder(path.parent, "filepath")
        write = self._write_weights if format == "weights" else self._write_graph
        with files.replacing(path) as temporary:
            difference = write(temporary, format, uint8, options)
        if verbose in (None, True):
            print(f"Saved artifact at '{path}'.")
        return difference

    def export_graph(self, **options) -> graphs.Graph:
        """Return what `export` writes.

        Args:
            **options: those of `export_options`.

        Raises:
            ValueError: an option is invalid, or the model has no network to export.
        """
        raise ValueError(
            f"{type(self).__name__} has no network to export: its images are its only weights. Use "
            "`FastStyleTransfer`."
        )

    def exported_images(self, network, inputs):
        """Return the symbolic images of `network`, a copy of the generator of a `NoiseToImage`."""
        return self.whole_images(network(graphs.one_or_list(inputs)))

    def _check_options(self, format, uint8, options):
        allowed = () if format == "weights" else self.export_options
        unknown = [name for name in options if name not in allowed]
        if format == "weights" and uint8:
            unknown.append("uint8")
        if unknown:
            raise ValueError(
                f"Argument `{unknown[0]}` must be left out in the export of a {type(self).__name__} to "
                f"{format!r}, which takes {', '.join(map(repr, allowed)) or 'no options'}."
            )

    def _write_weights(self, path, *_):
        network = self.preset_network()
        network.save_weights(path)
        copy, weights = graphs.copied(network), network.get_weights()
        copy.set_weights([np.zeros_like(weight) for weight in weights])
        copy.load_weights(path)
        pairs = zip(copy.get_weights(), weights, strict=True)
        return max(float(np.max(np.abs(read - weight))) for read, weight in pairs)

    def _write_graph(self, path, format, uint8, options):
        graph = self.export_graph(**options)
        writers.write(graph, path, format, uint8)
        if not formats.is_installed(formats.FORMATS[format].runtime):
            return None
        difference = _difference(graph, path, format, uint8)
        most = _MAX_LEVELS if uint8 else _MAX_DIFFERENCE.get(self.compute_dtype, _MAX_OF_HALF_PRECISION)
        if not difference <= most:
            raise RuntimeError(
                "The exported network gives other images than the model: they differ by "
                f"{difference:g}, more than {most:g}. Nothing was written. Try another format or "
                "backend."
            )
        return difference


def _difference(graph, path, format, uint8):
    """Return the largest difference between the images of a file and those that are expected."""
    is_single = (format, keras.backend.backend()) == formats.ONE_IMAGE
    rows = slice(1 if is_single else None)
    names = (tensor.name for tensor in graph.inputs)
    inputs = {name: array[rows] for name, array in zip(names, graph.example, strict=True)}
    images, expected = runtimes.run(path, format, inputs), graph.expected[rows]
    if uint8:
        images, expected = images.astype("int32"), to_uint8(expected).astype("int32")
    return float(np.max(np.abs(images - expected)))
