"""DiscoGAN: apples into lemons, or any two kinds of pictures, without pairs.

python examples/discogan_fruits.py --data apple2lemon_64.npz
python examples/discogan_fruits.py --data apples --to bananas --image-size 64   # two folders
python examples/discogan_fruits.py --smoke
"""

import argparse

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="apple2lemon_64.npz", help="see keras_gan_zoo.data.unpaired")
parser.add_argument("--to", help="the other domain, where --data does not hold both")
parser.add_argument("--image-size", type=int)
parser.add_argument("--epochs", type=int, default=300)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--out", default="runs/discogan_fruits")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pictures")
arguments = parser.parse_args()

if arguments.smoke:
    arguments.epochs, arguments.width = 1, 4
    digits = kgz.data.load("digits", image_size=32, channels=3, batch_size=32).images[:32]
    dataset = kgz.data.unpaired(digits[:16], 255 - digits[16:], batch_size=4)
else:
    dataset = kgz.data.unpaired(
        arguments.data, arguments.to, image_size=arguments.image_size, batch_size=64, flip=True
    )
model = kgz.DiscoGAN(dataset.input_shape, width=arguments.width)
model.compile()
every = max(1, arguments.epochs // 40)
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, every=every, samples=24)],
)
model.save(f"{arguments.out}/model.keras")
print(f"Pictures (a, to b, and back; b, to a, and back) and model are in {arguments.out}")
