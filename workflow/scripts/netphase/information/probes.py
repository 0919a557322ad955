"""Number of noisy images that stand for the test images of networks trained clean."""

PROBES = 2000
PROBE_BYTES = 256 << 20
"""What they may take in float32."""


def n_probes(n_test: int, n_features: int) -> int:
    """Number of noisy images: that of the test images, or fewer where they are many or large."""
    return min(n_test, PROBES, PROBE_BYTES // (4 * n_features))
