"""The adversarial training step and the `keras.Model` built on it."""
