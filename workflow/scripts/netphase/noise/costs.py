"""CPU seconds and bytes of noise on the machine of the benchmarks."""

from collections.abc import Mapping

from netphase.jobs.estimates import Shape

IMAGES, VALUES = 131_600, 784
"""What the benchmarks of the cubes write: images, and values of each."""


def cube_seconds(shape: Shape, n_realisations: int, benchmarks: Mapping[str, float]) -> float:
    """CPU seconds of making and writing the noise cube of one noise level."""
    return shape.values * n_realisations * benchmarks["cube_cpu"] / (IMAGES * VALUES)


def cube_bytes(shape: Shape, n_realisations: int, benchmarks: Mapping[str, float]) -> float:
    """Bytes of that cube on disk; of pure noise, which is the dearest to store."""
    return shape.values * n_realisations * benchmarks["cube_bytes_per_image"] / VALUES
