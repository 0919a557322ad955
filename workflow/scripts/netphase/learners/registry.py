"""Registry of the shipped learners that are trained at each noise level.

Names are those of the key `learner` of a model. A job imports its own learner only, and its digest
holds the code of no other: whoever changes one trains that one again.
"""

from typing import NamedTuple


class Shipped(NamedTuple):
    """Import path "module:name" of the factory of a ladder, and the meaning of its sizes."""

    path: str
    size_name: str


LEARNERS = {
    "perceptron": Shipped("netphase.learners.perceptrons:Perceptrons", "hidden units"),
    "sklearn_perceptron": Shipped(
        "netphase.learners.sklearn_perceptrons:sklearn_perceptrons", "hidden units"
    ),
}
