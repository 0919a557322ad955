"""Independent weights, whose law is known, and their model."""

import pytest
from weight_models import independent, model


@pytest.fixture(scope="module")
def law():
    return independent()


@pytest.fixture(scope="module")
def exact(law):
    """The model of independent weights with the true fields."""
    h, ensemble = law
    return model(ensemble, h=h)
