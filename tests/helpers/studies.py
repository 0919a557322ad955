"""A tiny study of one kind, computed once for all tests of a module, and copies of it to edit."""

from collections.abc import Callable

import pytest


def study_fixtures(with_study: Callable, target: str) -> tuple:
    """The fixtures `computed` (only to be looked at) and `edited` (a copy) of a study.

    Parameters
    ----------
    with_study : gives a workflow the study
    target : its name
    """

    @pytest.fixture(scope="module")
    def computed(new_workflow):
        workflow = with_study(new_workflow(target))
        workflow.snakemake(target)
        return workflow

    @pytest.fixture
    def edited(computed, tmp_path):
        return computed.copy(tmp_path / "netphase")

    return computed, edited
