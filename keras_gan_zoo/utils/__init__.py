"""Argument checks, atomic file writes, dtypes and machine limits that the whole package shares."""
