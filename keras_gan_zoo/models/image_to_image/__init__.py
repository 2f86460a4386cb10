"""Models that translate images into images: bases and one file per paper."""
