"""Import of weights from other libraries."""

from keras_gan_zoo.convert.checkpoints import read as read
from keras_gan_zoo.convert.translators import into as into
from keras_gan_zoo.convert.translators import model as model
