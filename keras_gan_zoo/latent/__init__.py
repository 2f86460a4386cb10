"""Tools for the latent space: walks, arithmetic, attribute directions and projection of images.

For every model that makes images from noise. Latents are arrays like those of `model.latents`, for
`model.generate(latents=...)`; all results are numpy arrays.
"""

from keras_gan_zoo.latent.directions import Direction as Direction
from keras_gan_zoo.latent.directions import direction as direction
from keras_gan_zoo.latent.directions import regress as regress
from keras_gan_zoo.latent.interpolation import linear as linear
from keras_gan_zoo.latent.interpolation import spherical as spherical
from keras_gan_zoo.latent.principal import PrincipalDirections as PrincipalDirections
from keras_gan_zoo.latent.principal import principal_directions as principal_directions
from keras_gan_zoo.latent.projection import Projection as Projection
from keras_gan_zoo.latent.projection import project as project
from keras_gan_zoo.latent.vectors import arithmetic as arithmetic
from keras_gan_zoo.latent.vectors import move as move
from keras_gan_zoo.latent.vectors import truncate as truncate
from keras_gan_zoo.latent.vectors import truncated as truncated
from keras_gan_zoo.latent.walks import Walk as Walk
from keras_gan_zoo.latent.walks import random_walk as random_walk
from keras_gan_zoo.latent.walks import walk as walk
