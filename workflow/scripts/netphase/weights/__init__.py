"""Networks of binary weights, and ensembles of them."""
