"""CPU cost of the jobs of analytic continuation."""

from netphase.spectral import costs as spectral_costs

# Of as many spectra each are those that a job inverts, beside the exact systems.
CLASSES_OF_SPECTRA = 3


def cost_of_entropy_inversion(wildcards, parameters, known):
    settings = parameters["settings"]
    n_spectra = CLASSES_OF_SPECTRA * settings["spectra"]
    return roughly(spectral_costs.entropy_seconds(n_spectra, settings["frequencies"]))


def cost_of_network_inversion(wildcards, parameters, known):
    settings = parameters["settings"]
    network = settings["network"]
    job = network["spectra"], network["epochs"], settings["frequencies"], int(wildcards["times"])
    return roughly(spectral_costs.network_seconds(*job))


COSTS |= {
    "invert_by_entropy": cost_of_entropy_inversion,
    "invert_by_network": cost_of_network_inversion,
}
COSTS |= dict.fromkeys(["join_inversions", "compare_inversions", "plot_inversions"], few_seconds)
