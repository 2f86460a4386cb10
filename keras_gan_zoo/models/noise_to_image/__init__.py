"""Models that generate images from random latents: a base and one file per paper."""
