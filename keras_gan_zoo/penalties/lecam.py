"""LeCam regularization of the discriminator's outputs."""

from types import MappingProxyType

import keras
from keras import ops

from keras_gan_zoo.penalties.base import Penalty
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.batch_mean import batch_mean
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class LeCam(Penalty):
    """Squared distance of logits from the moving averages of the other kind of image (LeCam
    regularization, Tseng et al. 2021, arXiv 2104.03310).

    The penalty is weight * (mean(relu(real - fake_average)^2) + mean(relu(real_average - fake)^2)), the
    form of the authors' code. It limits how far the discriminator separates real from generated images,
    which helps on small data sets, also besides augmentation.

    Differs from the authors' code: the averages start at 0 and their decay at step t is at most
    (1 + t) / (10 + t), so that the start is forgotten quickly; the authors switch the penalty on later.

    Args:
        weight: See `Penalty`. The paper's is 0.3 for BigGAN with the hinge loss.
        every: See `Penalty`. The averages are updated in every step.
        decay: Decay of both averages per update, in (0, 1).
    """

    name = "lecam_penalty"
    state = MappingProxyType({"lecam_real": 0.0, "lecam_fake": 0.0})

    def __init__(self, weight=0.3, every: int = 1, decay: float = 0.99):
        super().__init__(weight, every)
        self.decay = checks.decay("decay", decay)

    def draw(self, model, real=None, fake=None):
        step = ops.cast(model.optimizer["d_opt"].iterations, "float32")
        decay = ops.minimum(self.decay, (1.0 + step) / (10.0 + step))
        logits = [at_least_float32(side.logits) for side in (real, fake)]
        for name, values in zip(self.state, logits, strict=True):
            average = model.penalty_state[name]
            mean = ops.cast(batch_mean(ops.stop_gradient(values)), average.dtype)
            average.assign(average + (1.0 - decay) * (mean - average))
        averages = [ops.convert_to_tensor(model.penalty_state[name]) for name in self.state]
        return (*logits, *averages)

    def cost(self, model, drawn):
        real, fake, real_average, fake_average = drawn
        from_fake = ops.mean(ops.square(ops.relu(real - fake_average)))
        return from_fake + ops.mean(ops.square(ops.relu(real_average - fake)))

    def get_config(self):
        return super().get_config() | {"decay": self.decay}
