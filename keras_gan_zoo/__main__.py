"""`python -m keras_gan_zoo` is the same as `keras-gan-zoo`."""

import sys

from keras_gan_zoo.cli.main import main

sys.exit(main())
