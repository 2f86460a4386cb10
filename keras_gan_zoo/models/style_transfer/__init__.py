"""Neural style transfer, which is not adversarial: a base and one file per paper."""
