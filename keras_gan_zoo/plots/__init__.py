"""Plots of training runs, image grids and animations."""

from keras_gan_zoo.plots.grids import grid as grid
from keras_gan_zoo.plots.history import history as history
from keras_gan_zoo.plots.neighbours import Neighbours as Neighbours
from keras_gan_zoo.plots.neighbours import nearest as nearest
from keras_gan_zoo.plots.report import report as report
