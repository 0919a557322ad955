"""Names of the methods of inference, and of the blocks of weights."""

METHODS = {
    "closed_form": "closed form",
    "propagation": "belief propagation",
    "pseudolikelihood": "pseudolikelihood",
    "persistent_chains": "persistent chains",
}
BLOCKS = {
    "left_boundary": "left boundary",
    "interior": "interior",
    "right_boundary": "right boundary",
    "full": "whole network",
}
