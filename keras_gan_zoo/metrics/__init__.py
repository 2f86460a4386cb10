"""What a generator is worth, in numbers."""
