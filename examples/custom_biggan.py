"""A small BigGAN, written with the public interface only: a model of your own with two networks, two
learning rates and a penalty on weights. docs/guides/your_own_gan.md walks through this file.

    python examples/custom_biggan.py --data mnist.npz --epochs 20
"""

import argparse
import math

import keras
from keras import layers, ops

import keras_gan_zoo as kgz


@keras.saving.register_keras_serializable("examples")
class OrthogonalRegularization(kgz.penalties.WeightPenalty):
    """weight * mean over kernels of the squared cosines between different filters (Brock et al. 2018,
    arXiv 1809.11096, equation 3, on unit-norm filters)."""

    name = "orthogonal_penalty"

    def __init__(self, weight=1e-4, every=1, side="generator"):
        super().__init__(weight, every, side)

    def value(self, variables):
        kernels = [variable for variable in variables if len(variable.shape) > 1]
        return sum(self.overlap(kernel) for kernel in kernels) / len(kernels)

    def overlap(self, kernel):
        filters = ops.reshape(ops.convert_to_tensor(kernel), (-1, kernel.shape[-1]))
        filters = filters / ops.sqrt(ops.sum(ops.square(filters), 0, keepdims=True) + 1e-12)
        products = ops.matmul(ops.transpose(filters), filters)
        return ops.mean(ops.square(products * (1.0 - ops.eye(kernel.shape[-1], dtype=products.dtype))))


@keras.saving.register_keras_serializable("examples")
class BigGAN(kgz.NoiseToImage):
    """Class-conditional residual GAN (Brock et al. 2018, arXiv 1809.11096), small.

    The latents are split: one chunk enters the first layer, each block receives one more chunk beside
    the class embedding ("hierarchical latents"), through conditional batch normalization. The
    discriminator adds the projection of the class embedding to its logit.

    Differs from the paper: no attention; the sides and widths of CIFAR-10 models.

    Args:
        image_shape: (height, width, channels), both sides the same power of two times 4 to 7.
        num_classes: number of classes.
        chunk: latents per layer; `latent_dim` is `chunk * (1 + number of blocks)`.
        width: channels of all layers.
        seed: see `keras_gan_zoo.NoiseToImage`.
    """

    can_be_conditional = needs_labels = True
    default_losses = "hinge"
    default_d_steps = 2
    default_ema = 0.999

    def __init__(
        self, image_shape=(32, 32, 3), num_classes=10, chunk=20, width=64, seed=None, **kwargs
    ):
        self.chunk, self.width = chunk, width
        self.blocks = max(1, int(math.log2(min(image_shape[:2]) / 4)))
        kwargs["latent_dim"] = chunk * (1 + self.blocks)
        super().__init__(image_shape, seed=seed, num_classes=num_classes, **kwargs)
        self.make_networks()

    def default_optimizers(self):
        adam = keras.optimizers.Adam
        return adam(2e-4, beta_1=0.0, beta_2=0.999), adam(5e-5, beta_1=0.0, beta_2=0.999)

    def default_penalties(self):
        return [OrthogonalRegularization()]

    def make_generator(self):
        latents = keras.Input((self.latent_dim,), name="latents")
        labels = keras.Input((), dtype="int32", name="labels")
        embedded = layers.Embedding(self.num_classes, self.chunk)(labels)
        first, *chunks = ops.split(latents, 1 + self.blocks, axis=1)
        base = [side // 2**self.blocks for side in self.image_shape[:2]]
        x = kgz.layers.SpectralDense(math.prod(base) * self.width)(first)
        x = layers.Reshape((*base, self.width))(x)
        for chunk in chunks:
            x = self.up_block(x, layers.Concatenate()([embedded, chunk]))
        x = layers.ReLU()(kgz.layers.BatchNormalization()(x))
        images = kgz.layers.SpectralConv2D(self.image_shape[2], 3, activation="tanh")(x)
        return keras.Model([latents, labels], images, name="generator")

    def up_block(self, x, condition):
        y = layers.ReLU()(kgz.layers.ConditionalBatchNormalization()([x, condition]))
        y = kgz.layers.SpectralConv2D(self.width, 3)(layers.UpSampling2D(2)(y))
        y = layers.ReLU()(kgz.layers.ConditionalBatchNormalization()([y, condition]))
        y = kgz.layers.SpectralConv2D(self.width, 3)(y)
        return layers.Add()([y, layers.UpSampling2D(2)(kgz.layers.SpectralConv2D(self.width, 1)(x))])

    def make_discriminator(self):
        images = x = keras.Input(self.view_shape, name="images")
        labels = keras.Input((), dtype="int32", name="labels")
        for block in range(self.blocks + 1):
            y = x if block == 0 else layers.ReLU()(x)
            y = kgz.layers.SpectralConv2D(self.width, 3)(y)
            y = kgz.layers.SpectralConv2D(self.width, 3)(layers.ReLU()(y))
            skip = x if block else kgz.layers.SpectralConv2D(self.width, 1)(x)
            if block < self.blocks:
                y, skip = layers.AveragePooling2D(2)(y), layers.AveragePooling2D(2)(skip)
            x = layers.Add()([y, skip])
        x = ops.sum(layers.ReLU()(x), axis=(1, 2))
        projection = layers.Dot(-1)(
            [x, kgz.layers.SpectralEmbedding(self.num_classes, self.width)(labels)]
        )
        logits = layers.Add()([projection, kgz.layers.SpectralDense(1)(x)])
        return keras.Model([images, labels], logits, name="discriminator")

    def get_config(self):
        config = super().get_config() | {"chunk": self.chunk, "width": self.width}
        del config["latent_dim"]
        return config


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="digits", help="as in `kgz.data.load`, with labels")
    parser.add_argument("--image-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--out", default="runs/biggan")
    parser.add_argument("--smoke", action="store_true", help="run for a few seconds")
    options = parser.parse_args()
    small = {"samples": 64} if options.smoke else {}
    dataset = kgz.data.load(options.data, options.image_size, labels=True, **small)
    model = BigGAN(dataset.image_shape, dataset.num_classes, width=8 if options.smoke else 64, seed=0)
    model.compile()
    snapshots = kgz.callbacks.ImageSnapshots(options.out)
    model.fit(dataset, epochs=1 if options.smoke else options.epochs, callbacks=[snapshots])
    model.save(f"{options.out}/model.keras")
    print(f"Grids and model: {options.out}")


if __name__ == "__main__":
    main()
