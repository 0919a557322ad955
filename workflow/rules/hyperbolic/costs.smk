"""CPU cost of the jobs of hyperbolic tilings."""

from netphase.hyperbolic import costs as hyperbolic_costs


def cost_of_surfaces(wildcards, parameters, known):
    tiling = parameters["tiling"]
    job = tiling["p"], tiling["q"], tiling["surfaces"]
    seconds = hyperbolic_costs.surfaces_seconds(*job, known.benchmarks)
    return roughly(len(parameters["realisations"]) * seconds)


def cost_of_disc(wildcards, parameters, known):
    disc = parameters["disc"]
    job = disc["p"], disc["q"], disc["layers"], len(disc["temperatures"]), disc["sweeps"]
    return roughly(hyperbolic_costs.disc_seconds(*job))


def cost_of_universes(wildcards, parameters, known):
    gravity = parameters["gravity"]
    n_points = len(gravity["couplings"]) * len(gravity["temperatures"])
    job = gravity["q"], gravity["layers"], n_points, gravity["sweeps"]
    return roughly(hyperbolic_costs.gravity_seconds(*job))


def cost_of_corners(wildcards, parameters, known):
    corners = parameters["corners"]
    numbers = [len(corners[key]) for key in ("polygons", "temperatures", "square")]
    return roughly(hyperbolic_costs.corners_seconds(*numbers, corners["states"]))


COSTS |= {
    "simulate_surfaces": cost_of_surfaces,
    "simulate_disc": cost_of_disc,
    "simulate_universes": cost_of_universes,
    "grow_corners": cost_of_corners,
}
COSTS |= dict.fromkeys(
    [
        "aggregate_surfaces",
        "locate_transition",
        "judge_tilings",
        "plot_tiling_transition",
        "plot_bulk_and_boundary",
        "plot_poincare_discs",
        "plot_universes",
    ],
    few_seconds,
)
