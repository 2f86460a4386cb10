"""Detection of mode collapse, an overconfident discriminator and NaN, with optional countermeasures."""
