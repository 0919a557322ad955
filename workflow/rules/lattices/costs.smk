"""CPU cost of the jobs of square lattices."""

from netphase.lattices import costs as lattice_costs


def cost_of_lattices(wildcards, parameters, known):
    measured = sum(int(size) ** 2 * n for size, n in parameters["lattices"].items())
    seconds = lattice_costs.simulation_seconds(measured, 4, known.benchmarks)
    return roughly(len(parameters["realisations"]) * seconds)


COSTS["simulate_ising"] = cost_of_lattices
COSTS |= dict.fromkeys(
    ["aggregate_lattices", "calibrate_analysis", "plot_calibration"], few_seconds
)
