"""Callbacks for `fit`."""

from keras_gan_zoo.callbacks.checkpoint import Checkpoint as Checkpoint
from keras_gan_zoo.callbacks.collapse.failures import TrainingWarning as TrainingWarning
from keras_gan_zoo.callbacks.collapse.monitor import CollapseMonitor as CollapseMonitor
from keras_gan_zoo.callbacks.evaluate import Evaluate as Evaluate
from keras_gan_zoo.callbacks.finite_numbers import FiniteNumbers as FiniteNumbers
from keras_gan_zoo.callbacks.for_optimizer import ForOptimizer as ForOptimizer
from keras_gan_zoo.callbacks.image_snapshots import ImageSnapshots as ImageSnapshots
from keras_gan_zoo.callbacks.progressive_growth import ProgressiveGrowth as ProgressiveGrowth
from keras_gan_zoo.callbacks.report import Report as Report
from keras_gan_zoo.callbacks.scatter_snapshots import ScatterSnapshots as ScatterSnapshots
from keras_gan_zoo.callbacks.stabilizers import DiscriminatorSkip as DiscriminatorSkip
from keras_gan_zoo.callbacks.stabilizers import DiscriminatorWarmup as DiscriminatorWarmup
from keras_gan_zoo.callbacks.stabilizers import InstanceNoise as InstanceNoise
from keras_gan_zoo.callbacks.stabilizers import LabelNoise as LabelNoise
from keras_gan_zoo.callbacks.stabilizers import LabelSmoothing as LabelSmoothing
