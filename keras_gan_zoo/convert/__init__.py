"""Import of weights from other libraries."""

from keras_gan_zoo.convert.translators import into as into
from keras_gan_zoo.convert.translators import model as model
from keras_gan_zoo.utils.torch_files import read as read
