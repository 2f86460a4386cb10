"""Data sets that are drawn on the spot: digits and mixtures of Gaussians."""
