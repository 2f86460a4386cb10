"""Synthetic data sets: digits and mixtures of Gaussians."""
