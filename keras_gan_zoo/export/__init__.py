"""Export of trained generators to the formats of other runtimes, see `Model.export`."""
