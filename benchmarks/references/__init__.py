"""Trainings of the papers' algorithms in plain PyTorch, for `reference_curves.py`; nothing of Keras."""
