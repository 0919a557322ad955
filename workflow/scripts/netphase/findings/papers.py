"""The claims of the sources, as data for `netphase.findings.verdicts`.

The interval `accept` is ours where a source gives none. The file is long because it is a table: all
numbers that the project compares with the papers stand in one place.
"""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import numpy as np

from netphase.lattices.exact import T_C, TOLERANCE


class Claim(TypedDict):
    """A claim of a source.

    `paper` is its number, or None; `evidence` its words where there is none, or more to say;
    `accept` the interval that counts as reproduced; `system` the subject of the claim where the
    study does not name it; `depends_on` conditions of the outcome besides the readings;
    `datasets` those that `paper` holds for. The other keys choose among the values of `quantity`.
    """

    claim: str
    source: str
    paper: float | None
    quantity: str
    accept: tuple[float, float]
    evidence: NotRequired[str]
    system: NotRequired[str]
    depends_on: NotRequired[str]
    datasets: NotRequired[Sequence[str]]
    size: NotRequired[int]
    tolerance: NotRequired[float]
    predictor: NotRequired[str]
    initialisation: NotRequired[str]
    class_name: NotRequired[str]
    measure: NotRequired[str]


EMNIST = ("emnist_balanced", "emnist47")
SEIDLER_ABEL_2024: tuple[Claim, ...] = (
    {
        "claim": "Test accuracy falls as a sigmoid of the noise at every network size.",
        "source": "Seidler & Abel (2024)",
        "paper": 0.82,
        "evidence": "0.82 (abstract and Fig. 4)",
        "quantity": "sigmoid_at_every_size",
        "accept": (0.82, np.inf),
    },
    {
        "claim": "Test accuracy falls to chance at every network size.",
        "source": "Seidler & Abel (2024)",
        "paper": None,
        "evidence": "Fig. 4",
        "quantity": "floor_above_chance",
        "accept": (-3.0, 3.0),
    },
    {
        "claim": "The sigmoid fits the test accuracy of 2 hidden units with R2 = 0.82.",
        "source": "Seidler & Abel (2024)",
        "paper": 0.82,
        "evidence": "0.82 (Fig. 4)",
        "datasets": EMNIST,
        "quantity": "r2",
        "size": 2,
        "accept": (0.77, 0.87),
    },
    {
        "claim": "The sigmoid fits the test accuracy of 128 hidden units with R2 > 0.99.",
        "source": "Seidler & Abel (2024)",
        "paper": 0.99,
        "evidence": "0.99 (Fig. 4)",
        "datasets": EMNIST,
        "quantity": "r2",
        "size": 128,
        "accept": (0.99, np.inf),
    },
    {
        "claim": "The plateau of the test accuracy of 2 hidden units is about 0.2.",
        "source": "Seidler & Abel (2024)",
        "paper": 0.2,
        "evidence": "0.2 (Figs. 3 and 4)",
        "datasets": EMNIST,
        "quantity": "plateau",
        "size": 2,
        "accept": (0.15, 0.25),
    },
    {
        "claim": "The plateau of the test accuracy of 128 hidden units is about 0.75.",
        "source": "Seidler & Abel (2024)",
        "paper": 0.75,
        "evidence": "0.75 (Figs. 3 and 4)",
        "datasets": EMNIST,
        "quantity": "plateau",
        "size": 128,
        "accept": (0.7, 0.8),
    },
    {
        "claim": "The plateau of the test accuracy rises with network size.",
        "source": "Seidler & Abel (2024)",
        "paper": None,
        "evidence": "Fig. 3",
        "quantity": "plateau_gain",
        "accept": (0.0, np.inf),
    },
    {
        "claim": "The maximum test accuracy saturates at about 64 hidden units.",
        "source": "Seidler & Abel (2024)",
        "paper": 64,
        "evidence": "64 (Fig. 3)",
        "quantity": "saturation_size",
        "size": 64,
        "tolerance": 0.02,
        "accept": (-np.inf, 64),
    },
    {
        "claim": "128 hidden units memorise the training images at every noise level.",
        "source": "Seidler & Abel (2024)",
        "paper": 1.0,
        "evidence": "1 (Fig. 4)",
        "quantity": "train_accuracy",
        "size": 128,
        "accept": (0.995, np.inf),
    },
    {
        "claim": "The curves of all sizes, scaled to 0..1, overlay.",
        "source": "Seidler & Abel (2024)",
        "paper": None,
        "evidence": "Fig. 5",
        "quantity": "spread_of_normalised_curves",
        "accept": (-np.inf, 0.1),
    },
)
SEIDLER_ABEL_2025: tuple[Claim, ...] = (
    {
        "claim": "Accuracy bends to near zero between steps 1000 and 2000.",
        "source": "Seidler & Abel (2025)",
        "paper": None,
        "quantity": "half_point_step",
        "accept": (1000.0, 2000.0),
    },
    {
        "claim": "The curves of every two sizes cross above the floor.",
        "source": "Seidler & Abel (2025)",
        "paper": 1.0,
        "quantity": "share_of_crossings",
        "accept": (1.0, 1.0),
    },
    {
        "claim": "The curves of all sizes cross at one step, 1845.934.",
        "source": "Seidler & Abel (2025)",
        "paper": 1845.934,
        "quantity": "crossing_step",
        "accept": (1795.0, 1895.0),
    },
    {
        "claim": "The width falls as a power of the number of parameters with exponent 0.27.",
        "source": "Seidler & Abel (2025)",
        "paper": 0.27,
        "quantity": "width_exponent",
        "accept": (0.22, 0.32),
    },
)

ZOU_HUANG = "Zou & Huang (2021)"
# Of the networks of a scenario, whatever their depth.
ZOU_HUANG_CLOUDS: tuple[Claim, ...] = (
    {
        "claim": "A plane tells trained networks from random weights.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "a t-SNE map shows both as clouds of their own (Fig. 2)",
        "quantity": "share_apart",
        "accept": (0.95, 1.0),
        "depends_on": "means of the weights",
    },
)
ZOU_HUANG_DEEP: tuple[Claim, ...] = (
    {
        "claim": "Deep weight spaces are smooth: no hysteresis in a field towards a network.",
        "source": ZOU_HUANG,
        "paper": 0.0,
        "evidence": "both directions of a sweep agree (Figs. 4 and 6)",
        "quantity": "hysteresis",
        "accept": (0.0, 0.05),
    },
    {
        "claim": "The interior is the least constrained part of a deep network.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "entropy near the random bound, above both boundaries",
        "quantity": "lead_of_interior",
        "accept": (0.0, np.inf),
        "depends_on": "method of inference, and permutation of the hidden units",
    },
    {
        "claim": "The left boundary is the most constrained part.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "lowest entropy",
        "quantity": "left_above_least",
        "accept": (-np.inf, 0.0),
    },
    {
        "claim": "The interior stays the least constrained where the hidden units stand in order.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "not claimed; the entropy grows with the share of renamed networks (Fig. 10)",
        "quantity": "lead_of_interior_in_order",
        "accept": (0.0, np.inf),
    },
    {
        "claim": "The equations of Thouless, Anderson & Palmer have one solution.",
        "source": ZOU_HUANG,
        "paper": 1.0,
        "evidence": "one free energy from 2,000 starts (Fig. 7)",
        "quantity": "tap_states",
        "accept": (1.0, 1.0),
        "depends_on": "variant of the equations; 0: from no start do they converge",
    },
    {
        "claim": "Chains from networks of low energy lose them.",
        "source": ZOU_HUANG,
        "paper": 0.0,
        "evidence": "overlap 0 (Fig. 8)",
        "quantity": "last_overlap",
        "accept": (-np.inf, 0.1),
    },
    {
        "claim": "The accuracy of chains from networks of low energy drops to chance.",
        "source": ZOU_HUANG,
        "paper": 0.1,
        "evidence": "about 0.1 (Fig. 8)",
        "quantity": "last_accuracy",
        "accept": (-np.inf, 0.25),
    },
)
ZOU_HUANG_SHALLOW: tuple[Claim, ...] = (
    {
        "claim": "The shallow network has a transition of first order.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "a jump and a hysteresis in a field towards a network (Fig. 5)",
        "quantity": "hysteresis_of_chains",
        "accept": (0.4, np.inf),
    },
    {
        "claim": "The equations of Thouless, Anderson & Palmer have two solutions.",
        "source": ZOU_HUANG,
        "paper": 2.0,
        "evidence": "two free energies (Fig. 7)",
        "quantity": "tap_states",
        "accept": (2.0, 2.0),
        "depends_on": "method of inference; 0: from no start do they converge",
    },
    {
        "claim": "Chains from networks of low energy stay near them.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "trapped (Fig. 8)",
        "quantity": "last_overlap",
        "accept": (0.7, np.inf),
        "depends_on": "means of the weights, which alone keep an overlap",
    },
)
ZOU_HUANG_OTHERS: tuple[Claim, ...] = (
    {
        "claim": "Networks whose interior is frozen learn as well as those that are trained whole.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "accuracies close to each other (Fig. 11)",
        "quantity": "gap_of_frozen_interior",
        "accept": (-np.inf, 3.0),
    },
    {
        "claim": "Deep networks surpass the shallow one from about ten hidden units on.",
        "source": ZOU_HUANG,
        "paper": 10.0,
        "evidence": "about 10",
        "quantity": "crossing",
        "accept": (5.0, 20.0),
        "depends_on": "steps of training",
    },
    {
        "claim": "The test loss of real networks has a peak where they come to fit the samples.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "a peak near one weight for each sample",
        "quantity": "height_of_peak",
        "accept": (2.0, np.inf),
        "depends_on": "number of samples",
    },
    {
        "claim": "The test loss of real networks rises with their width before it falls.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "a peak near one weight for each sample",
        "quantity": "widths_below_peak",
        "accept": (1.0, np.inf),
        "depends_on": "number of samples",
    },
    {
        "claim": "The test loss of binary networks falls with their width, without a peak.",
        "source": ZOU_HUANG,
        "paper": -1.0,
        "evidence": "monotone",
        "quantity": "trend",
        "accept": (-np.inf, -0.9),
        "depends_on": "number of samples",
    },
    {
        "claim": "Binary networks never fit all samples.",
        "source": ZOU_HUANG,
        "paper": None,
        "evidence": "the training error is never 0",
        "quantity": "least_train_error",
        "accept": (1e-6, 1.0),
        "depends_on": "number of samples",
    },
)

THESIS = "Thurn, thesis, abstract"
UEDA = "Ueda, Krcmar, Gendiar & Nishino (2007)"
HYPERBOLIC: tuple[Claim, ...] = (
    {
        "system": "closed surfaces",
        "claim": "The Ising model on hyperbolic lattices has a phase transition.",
        "source": THESIS,
        "paper": None,
        "evidence": "there is one",
        "quantity": "t_c_over_tree",
        "accept": (0.0, 1.0),
        "depends_on": "tiling; the lattice has no boundary",
    },
    {
        "system": "closed surfaces",
        "claim": "Corner transfer matrices have the transition of the bulk.",
        "source": UEDA,
        "paper": 1.0,
        "evidence": "the T_c of corner transfer matrices, here",
        "quantity": "t_c_over_corners",
        "accept": (0.99, 1.01),
        "depends_on": "corrections to scaling; from the crossings of all pairs of surfaces",
    },
    {
        "system": "closed surfaces",
        "claim": "The exponents of the bulk are those of mean-field theory.",
        "source": "Breuckmann, Placke & Roy (2020)",
        "paper": 0.0,
        "evidence": "χ ~ N^0.5, ⟨|m|⟩ ~ N^-0.25, slope of U4 ~ N^0.5 at T_c",
        "quantity": "exponent_less_mean_field",
        "accept": (-0.05, 0.05),
        "depends_on": "smallest surface that enters",
    },
    {
        "system": "infinite lattices",
        "claim": "The magnetisation of the bulk vanishes as in mean-field theory.",
        "source": UEDA,
        "paper": 0.5,
        "evidence": "β = 0.5",
        "quantity": "beta_of_corners",
        "accept": (0.45, 0.55),
        "depends_on": "correction that is linear in T_c - T",
    },
    {
        "system": "open disc",
        "claim": "A free boundary takes the magnetisation from an open disc whose bulk is ordered.",
        "source": f"{THESIS}; Wang, Nussinov & Ortiz (2025)",
        "paper": None,
        "evidence": "no sign of the transition of the bulk",
        "quantity": "free_disc_over_bulk",
        "accept": (-np.inf, 0.5),
    },
    {
        "system": "open disc",
        "claim": "A fixed boundary orders an open disc whose bulk is not.",
        "source": f"{THESIS}; Wang, Nussinov & Ortiz (2025)",
        "paper": None,
        "evidence": "no sign of the transition of the bulk",
        "quantity": "fixed_disc",
        "accept": (0.5, np.inf),
    },
)

THURN = "Thurn, Jefferson & Erdmenger (2024), arXiv:2406.12916"
SCHOENHOLZ = "Schoenholz et al. (2017), arXiv:1611.01232"
CRITICALITY: tuple[Claim, ...] = (
    {
        "claim": "Spectra of Gram matrices tell subcritical, critical and supercritical networks "
        "apart.",
        "source": THESIS,
        "paper": None,
        "evidence": "no number",
        "quantity": "share_classified",
        "accept": (0.95, 1.0),
        "depends_on": "depth; judged where ξ_c is below half of it",
    },
    {
        "claim": "The critical point of wide networks is that of mean-field theory.",
        "source": SCHOENHOLZ,
        "paper": 1.0,
        "evidence": "the critical weight variance of mean-field theory",
        "quantity": "critical_over_mean_field",
        "accept": (0.95, 1.05),
        "depends_on": "how the spectra are read",
    },
    {
        "claim": "Critical networks transport information about their input the deepest.",
        "source": THURN,
        "paper": 1.0,
        "evidence": "a ridge at the critical variance",
        "quantity": "best_over_critical",
        "accept": (0.85, 1.2),
        "depends_on": "penalty of the decoders: a smaller one moves it to the ordered side",
    },
    {
        "claim": "Ordered networks lose their input after about eight correlation lengths.",
        "source": THURN,
        "paper": 8.0,
        "evidence": "8 ± 1 (figures, read by eye)",
        "quantity": "lost_depth",
        "accept": (7.0, 9.0),
        "depends_on": "penalty of the decoders",
    },
)
TRAINED_DEPTH: tuple[Claim, ...] = (
    {
        "claim": "Networks can be trained up to about six decay lengths of a correlation.",
        "source": SCHOENHOLZ,
        "paper": 6.0,
        "quantity": "trained_lengths",
        # Half of the depth's logarithm to either side.
        "accept": (4.0, 9.0),
        "depends_on": "steps of training and the learning rate; variances whose six lengths are in "
        "reach",
    },
)
_FEW_LAYERS = "networks of few layers, which are trained at nearly all variances"
PREDICTED_DEPTH: tuple[Claim, ...] = (
    {
        "system": "perceptrons",
        "claim": "Spectra of random networks predict which can be trained.",
        "source": THESIS,
        "paper": None,
        "evidence": "no number",
        "quantity": "rank_correlation",
        "predictor": "spectra",
        "accept": (0.7, np.inf),
        "depends_on": _FEW_LAYERS,
    },
    {
        "system": "perceptrons",
        "claim": "What a cascade reconstructs predicts which can be trained.",
        "source": THURN,
        "paper": None,
        "evidence": "no number",
        "quantity": "rank_correlation",
        "predictor": "reconstruction",
        "accept": (0.7, np.inf),
        "depends_on": _FEW_LAYERS,
    },
    {
        "system": "perceptrons",
        "claim": "The cutoff of the cascade predicts how deep a network can be trained.",
        "source": THURN,
        "paper": None,
        "evidence": "no number",
        "quantity": "rank_correlation",
        "predictor": "cutoff",
        "accept": (0.7, np.inf),
        "depends_on": _FEW_LAYERS,
    },
)
CONVOLUTIONS: tuple[Claim, ...] = (
    {
        "claim": "Residual networks have no boundary beyond which signals decay exponentially.",
        "source": "Yang & Schoenholz (2017), arXiv:1712.08969",
        "paper": 0.0,
        "evidence": "decay by a power of the depth",
        "quantity": "share_ordered",
        "accept": (0.0, 0.0),
        "depends_on": "variance of the biases: large ones order them",
    },
    {
        "claim": "Convolutional networks obey the mean-field theory of dense ones.",
        "source": "Xiao et al. (2018), arXiv:1806.05393",
        "paper": 1.0,
        "evidence": "the same decay length",
        "quantity": "decay_over_mean_field",
        "accept": (0.9, 1.1),
        "depends_on": "number of channels and of layers",
    },
)
_LHC = "10 percentage points on LHC data, which are not at hand"
INITIALISATIONS: tuple[Claim, ...] = (
    {
        "system": "perceptrons",
        "claim": "A network of optimal information flow is more accurate than Glorot's with the "
        "same biases.",
        "source": THESIS,
        "paper": None,
        "evidence": _LHC,
        "quantity": "gain",
        "initialisation": "xavier_biased",
        "accept": (0.0, np.inf),
    },
    {
        "system": "perceptrons",
        "claim": "A network of optimal information flow is more accurate than Glorot's (no "
        "biases).",
        "source": THESIS,
        "paper": None,
        "evidence": _LHC,
        "quantity": "gain",
        "initialisation": "xavier",
        "accept": (0.0, np.inf),
    },
)

ASSAAD = "Assaad et al. (2026), arXiv:2602.18561"
SPECTRAL: tuple[Claim, ...] = (
    {
        "system": "gaussians",
        "claim": "The network is nearer to the truth in the mean squared error.",
        "source": ASSAAD,
        "paper": None,
        "evidence": "yes, on synthetic spectra",
        "quantity": "error_over_maximum_entropy",
        "class_name": "gaussians",
        "measure": "mse",
        "accept": (0.0, 1.0),
    },
    {
        "system": "gaussians",
        "claim": "The network is nearer to the truth in the mean absolute error.",
        "source": ASSAAD,
        "paper": None,
        "evidence": "yes, on synthetic spectra",
        "quantity": "error_over_maximum_entropy",
        "class_name": "gaussians",
        "measure": "mae",
        "accept": (0.0, 1.0),
    },
    {
        "system": "gaussians",
        "claim": "The network is nearer to the truth in the Wasserstein distance.",
        "source": ASSAAD,
        "paper": None,
        "evidence": "yes, on synthetic spectra",
        "quantity": "error_over_maximum_entropy",
        "class_name": "gaussians",
        "measure": "wasserstein",
        "accept": (0.0, 1.0),
    },
    {
        "system": "gapped",
        "claim": "Off what it has learned from it is behind.",
        "source": ASSAAD,
        "paper": None,
        "evidence": "inferior on physical spectra",
        "quantity": "error_over_maximum_entropy",
        "class_name": "gapped",
        "measure": "wasserstein",
        "accept": (1.0, np.inf),
    },
    {
        "system": "gaussians",
        "claim": "Its densities do not fit the data as maximum entropy's do.",
        "source": ASSAAD,
        "paper": None,
        "evidence": "not claimed",
        "quantity": "error_over_maximum_entropy",
        "class_name": "gaussians",
        "measure": "chi2",
        "accept": (1.0, np.inf),
    },
    {
        "system": "exactly solved systems",
        "claim": "The network shows peaks that are not there.",
        "source": ASSAAD,
        "paper": None,
        "evidence": "spurious stratification",
        "quantity": "more_peaks",
        "accept": (1.0, np.inf),
        "depends_on": "one noisy Green's function each",
    },
)

ISING: tuple[Claim, ...] = (
    {
        "system": "square lattices",
        "claim": "The analysis recovers T_c = 2 / ln(1 + √2) J/k_B.",
        "source": "Onsager (1944)",
        "paper": T_C,
        "quantity": "t_c",
        "accept": (T_C - TOLERANCE["t_c"], T_C + TOLERANCE["t_c"]),
    },
    {
        "system": "square lattices",
        "claim": "The analysis recovers ν = 1.",
        "source": "Onsager (1944)",
        "paper": 1.0,
        "quantity": "nu",
        "accept": (1.0 - TOLERANCE["nu"], 1.0 + TOLERANCE["nu"]),
    },
    {
        "system": "square lattices",
        "claim": "The analysis recovers β = 1/8.",
        "source": "Yang (1952)",
        "paper": 0.125,
        "quantity": "beta",
        "accept": (0.115, 0.135),
        "depends_on": "smallest lattice that enters; ν is taken as 1",
    },
    {
        "system": "square lattices",
        "claim": "The analysis recovers γ = 7/4.",
        "source": "Wu, McCoy, Tracy & Barouch (1976)",
        "paper": 1.75,
        "quantity": "gamma",
        "accept": (1.7, 1.8),
        "depends_on": "smallest lattice that enters; ν is taken as 1",
    },
)
