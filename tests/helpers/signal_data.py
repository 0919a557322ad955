"""Signals and cascades of small random networks, with and without a critical variance."""

from image_batches import digits

from netphase.criticality import cascades, propagation, reconstruction, signals
from netphase.criticality.summaries import with_last_errors
from netphase.streams import stream

VARIANCES = [0.6, 1.0, 1.4, 1.6, 1.9, 2.5, 4.0]
NETWORK = {"weight_variances": VARIANCES, "bias_variance": 0.05, "side": 8}
ORDERED = NETWORK | {"weight_variances": VARIANCES[:4]}
SPECTRA = {"images": 15, "width": 200, "depth": 40, "flat": 0.01, "least": 0.2}
SETTINGS = {"depth": 9, "samples": 200, "images": 20, "penalties": [1e-3, 1e-2]}
SETTINGS |= {"min_shift": False, "shown": [1, 9]}


def study(network):
    """Spectra and cascades of two data sets, and pictures of one."""
    data = digits(300, 40)
    spectra, images = [], []
    for name in ("digits", "other_digits"):
        for realisation in range(3):
            job = {"name": name, "realisation": realisation}
            spectra.append(propagation.propagate(data, **job, network=network, spectra=SPECTRA)[0])
            job |= {"setting": network, "settings": SETTINGS}
            images.append(reconstruction.reconstruct(data, **job)[0])
    rng = stream("test")
    return (
        signals.join(spectra, 0.05, rng),
        with_last_errors(cascades.join(images, 0.005, rng)),
        images[0],
    )


FULL = study(NETWORK)
NO_CRITICAL = study(ORDERED)
