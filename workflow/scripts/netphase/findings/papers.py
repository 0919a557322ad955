"""The claims of the source documents, as data for netphase.findings.verdicts."""

import numpy as np

EMNIST = ("emnist_balanced", "emnist47")
SEIDLER_ABEL_2024 = (
    {
        "claim": "Test accuracy falls as a sigmoid of the noise at every network size.",
        "source": "Seidler & Abel (2024), abstract and Fig. 4",
        "paper": 0.82,
        "quantity": "sigmoid_at_every_size",
        "accept": (0.82, np.inf),
    },
    {
        "claim": "Test accuracy falls to chance at every network size.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": None,
        "quantity": "floor_above_chance",
        "accept": (-3.0, 3.0),
    },
    {
        "claim": "The sigmoid fits the test accuracy of 2 hidden units with R2 = 0.82.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": 0.82,
        "datasets": EMNIST,
        "quantity": "r2",
        "size": 2,
        "accept": (0.77, 0.87),
    },
    {
        "claim": "The sigmoid fits the test accuracy of 128 hidden units with R2 > 0.99.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": 0.99,
        "datasets": EMNIST,
        "quantity": "r2",
        "size": 128,
        "accept": (0.99, np.inf),
    },
    {
        "claim": "The plateau of the test accuracy of 2 hidden units is about 0.2.",
        "source": "Seidler & Abel (2024), Figs. 3 and 4",
        "paper": 0.2,
        "datasets": EMNIST,
        "quantity": "plateau",
        "size": 2,
        "accept": (0.15, 0.25),
    },
    {
        "claim": "The plateau of the test accuracy of 128 hidden units is about 0.75.",
        "source": "Seidler & Abel (2024), Figs. 3 and 4",
        "paper": 0.75,
        "datasets": EMNIST,
        "quantity": "plateau",
        "size": 128,
        "accept": (0.7, 0.8),
    },
    {
        "claim": "The plateau of the test accuracy rises with network size.",
        "source": "Seidler & Abel (2024), Fig. 3",
        "paper": None,
        "quantity": "plateau_gain",
        "accept": (0.0, np.inf),
    },
    {
        "claim": "The maximum test accuracy saturates at about 64 hidden units.",
        "source": "Seidler & Abel (2024), Fig. 3",
        "paper": 64,
        "quantity": "saturation_size",
        "size": 64,
        "tolerance": 0.02,
        "accept": (-np.inf, 64),
    },
    {
        "claim": "128 hidden units learn the training images by heart at every noise level.",
        "source": "Seidler & Abel (2024), Fig. 4",
        "paper": 1.0,
        "quantity": "train_accuracy",
        "size": 128,
        "accept": (0.995, np.inf),
    },
    {
        "claim": "The curves of all sizes, scaled to 0..1, overlay.",
        "source": "Seidler & Abel (2024), Fig. 5",
        "paper": None,
        "quantity": "spread_of_normalised_curves",
        "accept": (-np.inf, 0.1),
    },
)
# The width of what is accepted is ours: the paper gives no intervals.
SEIDLER_ABEL_2025 = (
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
