"""How many noisy images stand for the test images of networks that are trained once."""

PROBES = 2000
PROBE_BYTES = 256 << 20
"""What they may take in float32."""


def n_probes(n_test: int, n_features: int) -> int:
    """Number of them: the test images, or fewer where there are many or large ones."""
    return min(n_test, PROBES, PROBE_BYTES // (4 * n_features))
