"""Metrics of generated images, computed in float64 and reported with the value of real images.

Each metric is a function of NumPy arrays and a Keras metric that accumulates batches. `Reference`
measures several at once against a fixed set of real images.
"""

from keras_gan_zoo.metrics.cmmd import cmmd_distance as cmmd_distance
from keras_gan_zoo.metrics.extractors import Extractor as Extractor
from keras_gan_zoo.metrics.extractors import clip as clip
from keras_gan_zoo.metrics.extractors import dinov2 as dinov2
from keras_gan_zoo.metrics.extractors import get_extractor as get_extractor
from keras_gan_zoo.metrics.extractors import inception as inception
from keras_gan_zoo.metrics.frechet import frechet_distance as frechet_distance
from keras_gan_zoo.metrics.inception_score import inception_score as inception_score
from keras_gan_zoo.metrics.kernel import kernel_distance as kernel_distance
from keras_gan_zoo.metrics.memorization import authenticity as authenticity
from keras_gan_zoo.metrics.memorization import c_t as c_t
from keras_gan_zoo.metrics.memorization import copied as copied
from keras_gan_zoo.metrics.memorization import memorization as memorization
from keras_gan_zoo.metrics.modes import class_coverage as class_coverage
from keras_gan_zoo.metrics.modes import mode_coverage as mode_coverage
from keras_gan_zoo.metrics.neighbours import nearest as nearest
from keras_gan_zoo.metrics.neighbours import prdc as prdc
from keras_gan_zoo.metrics.reference import Reference as Reference
from keras_gan_zoo.metrics.restoration import perceptual_distance as perceptual_distance
from keras_gan_zoo.metrics.restoration import psnr as psnr
from keras_gan_zoo.metrics.restoration import restoration as restoration
from keras_gan_zoo.metrics.ssim import ms_ssim as ms_ssim
from keras_gan_zoo.metrics.ssim import ms_ssim_diversity as ms_ssim_diversity
from keras_gan_zoo.metrics.ssim import ssim as ssim
from keras_gan_zoo.metrics.streaming import CMMD as CMMD
from keras_gan_zoo.metrics.streaming import FID as FID
from keras_gan_zoo.metrics.streaming import KID as KID
from keras_gan_zoo.metrics.streaming import PRDC as PRDC
from keras_gan_zoo.metrics.streaming import CleanFID as CleanFID
from keras_gan_zoo.metrics.streaming import CleanKID as CleanKID
from keras_gan_zoo.metrics.streaming import FDDINOv2 as FDDINOv2
from keras_gan_zoo.metrics.streaming import FrechetDistance as FrechetDistance
from keras_gan_zoo.metrics.streaming import InceptionScore as InceptionScore
from keras_gan_zoo.metrics.streaming import KernelDistance as KernelDistance
from keras_gan_zoo.metrics.streaming import Memorization as Memorization
from keras_gan_zoo.metrics.streaming import MSSSIMDiversity as MSSSIMDiversity
