"""Build a page that runs a generator in the browser; needs npm.

python docs/demo/build.py                # the preset conditionalgan_mnist_28; needs the extra `onnx`
python docs/demo/build.py mine.onnx      # a file of `keras-gan-zoo export`
python -m http.server -d build/demo
"""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build/demo"
PRESET = "conditionalgan_mnist_28"
RUNTIME = "onnxruntime-web@1.30.0"
FILES = ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


def main(argv=None):
    """Write the page to build/demo."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("generator", nargs="?", type=Path, help="ONNX file (default: the preset)")
    generator = parser.parse_args(argv).generator
    BUILD.mkdir(parents=True, exist_ok=True)
    if generator is None:
        import keras_gan_zoo as kgz

        kgz.from_preset(PRESET).export(BUILD / "generator.onnx", "onnx", uint8=True)
    else:
        shutil.copy(generator, BUILD / "generator.onnx")
    shutil.copy(HERE / "index.html", BUILD)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "install", "--prefix", folder, RUNTIME], check=True)
        for name in FILES:
            shutil.copy(Path(folder) / "node_modules/onnxruntime-web/dist" / name, BUILD)


if __name__ == "__main__":
    main()
