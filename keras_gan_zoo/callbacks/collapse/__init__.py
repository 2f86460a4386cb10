"""Trainings that go wrong: how it shows, what to say, what to do."""
