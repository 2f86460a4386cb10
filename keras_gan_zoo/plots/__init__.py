"""Plots, image grids and animations."""

from keras_gan_zoo.plots.charts import Neighbours as Neighbours
from keras_gan_zoo.plots.charts import grid as grid
from keras_gan_zoo.plots.charts import history as history
from keras_gan_zoo.plots.charts import nearest as nearest
