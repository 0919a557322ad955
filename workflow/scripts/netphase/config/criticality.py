"""Validation of a study of criticality beyond its schema."""

from collections.abc import Mapping

from netphase.config.names import check_name
from netphase.errors import InputError


def check_study(key: str, study: Mapping, config: Mapping) -> None:
    """Refuse unknown data sets, values out of order, and layers or training steps out of range.

    Raises
    ------
    InputError : the message begins with the key
    """
    for dataset in study["datasets"]:
        check_name(f"{key}.datasets", dataset, config["datasets"], "data set")
    _check_order(f"{key}.weight_variances", study["weight_variances"])
    cascade = study["cascade"]
    for layer in cascade["shown"]:
        if layer > cascade["depth"]:
            raise InputError(f"{key}.cascade.shown: no layer {layer} of {cascade['depth']}")
    trained = cascade.get("trained", {"datasets": [], "realisations": 0})
    _check_datasets(f"{key}.cascade.trained", trained["datasets"], study)
    if trained["realisations"] > study["realisations"]:
        raise InputError(
            f"{key}.cascade.trained.realisations: more than the study's {study['realisations']}"
        )
    for name, network in study["networks"].items():
        _check_network(f"{key}.networks.{name}", network, study)
    if "choice" in study:
        _check_training(f"{key}.choice", study["choice"])


def _check_network(key: str, network: Mapping, study: Mapping) -> None:
    _check_datasets(key, network.get("datasets", []), study)
    _check_order(f"{key}.weight_variances", network.get("weight_variances", []))
    if "signals" in network and network["kind"] == "perceptron":
        raise InputError(f"{key}.signals: is for convolutions; spectra has those of perceptrons")
    _check_training(key, network)


def _check_training(key: str, entry: Mapping) -> None:
    _check_order(f"{key}.depths", entry["depths"])
    training = entry["training"]
    if training["marks"] > training["steps"]:
        raise InputError(f"{key}.training.marks: more than its {training['steps']} steps")


def _check_datasets(key: str, datasets: list, study: Mapping) -> None:
    for dataset in datasets:
        if dataset not in study["datasets"]:
            raise InputError(f"{key}.datasets: {dataset} is not among those of the study")


def _check_order(key: str, values: list) -> None:
    if sorted(values) != values:
        raise InputError(f"{key}: are not in ascending order")
