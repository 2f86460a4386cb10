"""Shared helpers: argument checks, atomic file writes, precision and machine limits."""
