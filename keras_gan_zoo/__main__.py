"""Entry point of `python -m keras_gan_zoo`, equivalent to the command `keras-gan-zoo`."""

import sys

from keras_gan_zoo.cli.main import main

sys.exit(main())
