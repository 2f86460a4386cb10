"""Build the page that runs an exported preset in the browser; needs npm and the extra `onnx`.

python docs/demo/build.py && python -m http.server -d build/demo
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import keras_gan_zoo as kgz

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build/demo"
PRESET = "conditionalgan_mnist_28"
RUNTIME = "onnxruntime-web@1.30.0"
FILES = ("ort.wasm.min.js", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


def main():
    """Write the page to build/demo."""
    BUILD.mkdir(parents=True, exist_ok=True)
    model = kgz.from_preset(PRESET)
    model.export(BUILD / "generator.onnx", "onnx", uint8=True)
    (BUILD / "generator.json").write_text(json.dumps({"latent_dim": model.latent_dim}))
    shutil.copy(HERE / "index.html", BUILD)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "install", "--prefix", folder, RUNTIME], check=True)
        for name in FILES:
            shutil.copy(Path(folder) / "node_modules/onnxruntime-web/dist" / name, BUILD)


if __name__ == "__main__":
    main()
