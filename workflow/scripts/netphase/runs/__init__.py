"""Run files: joined into a cube, reduced over realisations."""
