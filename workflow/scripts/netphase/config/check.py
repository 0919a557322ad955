"""The border of the configuration: what the schema forbids, and what its parts forbid together."""

import math
from collections.abc import Mapping
from copy import deepcopy

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

from netphase.errors import InputError
from netphase.hyperbolic.growth import check_hyperbolic, check_prime
from netphase.lattices import temperatures
from netphase.noise.schedule import levels

KINDS = (
    "studies",
    "lattice_studies",
    "weight_studies",
    "signal_studies",
    "tiling_studies",
    "spectral_studies",
)
# The defaults of the schema: whoever changes them expects an effect.
NOISE_OF_PERCEPTRONS = {
    "form": "ddpm",
    "x0_scale": "uint8_255",
    "renormalise": "none",
    "shared_batch": False,
}


def check(config: Mapping, schema: Mapping) -> dict:
    """The configuration with all defaults filled in.

    Raises
    ------
    InputError : unknown key, wrong type or range, a name that is not defined, a step outside its
        schedule; the message names the key
    """
    complete = deepcopy(dict(config))
    errors = list(_Validator(schema).iter_errors(complete))
    # One wrong value makes the keys beside it "unevaluated": they are not what is wrong.
    error = best_match([e for e in errors if e.validator != "unevaluatedProperties"] or errors)
    if error is not None:
        raise InputError(f"config key {_dotted(error.absolute_path)}: {error.message}")
    for _ in _FillDefaults(schema).iter_errors(complete):
        pass
    _check_names(complete)
    for name, study in complete["studies"].items():
        _check_networks(f"config key studies.{name}", study, complete)
    return complete


def _dotted(path) -> str:
    return ".".join(map(str, path)) or "(top)"


def _set_defaults(validator, properties, instance, schema):
    for name, subschema in properties.items():
        if "default" in subschema and isinstance(instance, dict):
            instance.setdefault(name, deepcopy(subschema["default"]))
    yield from Draft202012Validator.VALIDATORS["properties"](
        validator, properties, instance, schema
    )


def _is_integer(_, value):
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker, value):
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


# Stricter than JSON Schema, to which 300.0 is an integer and NaN a number.
_Validator = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number}
    ),
)
_FillDefaults = extend(_Validator, {"properties": _set_defaults})


def _check_names(config: Mapping) -> None:
    for study in config["default_studies"]:
        if not any(study in config[kind] for kind in KINDS):
            raise InputError(f"config key default_studies: unknown study {study!r}")
    for name, study in config["studies"].items():
        key = f"config key studies.{name}"
        for dataset in study["datasets"]:
            if dataset not in config["datasets"]:
                known = ", ".join(config["datasets"])
                raise InputError(f"{key}.datasets: unknown data set {dataset!r}; there are {known}")
        if study["schedule"] not in config["schedules"]:
            raise InputError(f"{key}.schedule: unknown schedule {study['schedule']!r}")
        for part, steps in (
            ("steps", study["steps"]),
            ("example.steps", study["example"]["steps"]),
        ):
            try:
                levels(steps, **config["schedules"][study["schedule"]])
            except ValueError as error:
                raise InputError(f"{key}.{part}: {error}") from None
    for number, kind in enumerate(KINDS):
        for name in config[kind]:
            if any(name in config[earlier] for earlier in KINDS[:number]):
                raise InputError(f"config key {kind}.{name}: a study has this name; choose another")
    for name, study in config["lattice_studies"].items():
        key = f"config key lattice_studies.{name}"
        if study["smallest"] not in study["lattices"]:
            known = ", ".join(map(str, study["lattices"]))
            raise InputError(f"{key}.smallest: no lattice {study['smallest']}; there are {known}")
        try:
            temperatures.levels(study["temperatures"])
        except ValueError as error:
            raise InputError(f"{key}.temperatures: {error}") from None
    for name, study in config["weight_studies"].items():
        if study["dataset"] not in config["datasets"]:
            known = ", ".join(config["datasets"])
            raise InputError(
                f"config key weight_studies.{name}.dataset: unknown data set "
                f"{study['dataset']!r}; there are {known}"
            )
        for method in study["renaming"]["methods"]:
            if method not in study["methods"]:
                raise InputError(
                    f"config key weight_studies.{name}.renaming.methods: {method} is not among its "
                    "methods"
                )
    for name, study in config["signal_studies"].items():
        _check_signals(f"config key signal_studies.{name}", study, config)
    for name, study in config["tiling_studies"].items():
        _check_tilings(f"config key tiling_studies.{name}", study)
    for name, study in config["spectral_studies"].items():
        for key, known in (("times", study["times"]), ("level", study["levels"])):
            if study["quoted"][key] not in known:
                raise InputError(
                    f"config key spectral_studies.{name}.quoted.{key}: "
                    f"{study['quoted'][key]} is not among {', '.join(map(str, known))}"
                )


def _check_signals(key: str, study: Mapping, config: Mapping) -> None:
    for dataset in study["datasets"]:
        if dataset not in config["datasets"]:
            known = ", ".join(config["datasets"])
            raise InputError(f"{key}.datasets: unknown data set {dataset!r}; there are {known}")
    if sorted(study["weight_variances"]) != study["weight_variances"]:
        raise InputError(f"{key}.weight_variances: are not in ascending order")
    cascade = study["cascade"]
    for layer in cascade["shown"]:
        if layer > cascade["depth"]:
            raise InputError(f"{key}.cascade.shown: no layer {layer} of {cascade['depth']}")
    trained = cascade.get("trained", {"datasets": [], "realisations": 0})
    for dataset in trained["datasets"]:
        if dataset not in study["datasets"]:
            raise InputError(
                f"{key}.cascade.trained.datasets: {dataset} is not among its data sets"
            )
    if trained["realisations"] > study["realisations"]:
        raise InputError(
            f"{key}.cascade.trained.realisations: more than the study's {study['realisations']}"
        )
    for name, network in study["networks"].items():
        _check_deep_networks(f"{key}.networks.{name}", network, study)
    if "choice" in study:
        _check_deep_training(f"{key}.choice", study["choice"])


def _check_deep_networks(key: str, network: Mapping, study: Mapping) -> None:
    for dataset in network.get("datasets", []):
        if dataset not in study["datasets"]:
            raise InputError(f"{key}.datasets: {dataset} is not among those of the study")
    variances = network.get("weight_variances", [])
    if sorted(variances) != variances:
        raise InputError(f"{key}.weight_variances: are not in ascending order")
    if "signals" in network and network["kind"] == "perceptron":
        raise InputError(f"{key}.signals: is for convolutions; spectra has those of perceptrons")
    _check_deep_training(key, network)


def _check_deep_training(key: str, entry: Mapping) -> None:
    if sorted(entry["depths"]) != entry["depths"]:
        raise InputError(f"{key}.depths: are not in ascending order")
    training = entry["training"]
    if training["marks"] > training["steps"]:
        raise InputError(f"{key}.training.marks: more than its {training['steps']} steps")


def _check_tilings(key: str, study: Mapping) -> None:
    parts = {f"tilings.{name}": tiling for name, tiling in study["tilings"].items()}
    open_discs = {"disc": study["disc"], "gravity": {"p": 3} | study["gravity"]}
    for part, entry in (parts | open_discs).items():
        try:
            named = f"{key}.{part}"
            check_hyperbolic(entry["p"], entry["q"])
            named = f"{key}.{part}.temperatures"
            temperatures.levels(entry["temperatures"])
            named = f"{key}.{part}.surfaces"
            for prime in entry.get("surfaces", {}):
                check_prime(entry["p"], entry["q"], prime)
        except ValueError as error:
            raise InputError(f"{named}: {error}") from None
    for part, tiling in parts.items():
        if tiling["smallest"] not in tiling["surfaces"]:
            known = ", ".join(map(str, tiling["surfaces"]))
            raise InputError(
                f"{key}.{part}.smallest: no surface of {tiling['smallest']}; there are {known}"
            )


def _check_networks(key: str, study: Mapping, config: Mapping) -> None:
    models = study["models"]
    once = {model["learner"] == "efficientnet" for model in models.values()}
    if len(once) > 1:
        raise InputError(
            f"{key}.models: EfficientNets are trained once, on clean images, other learners at "
            "each noise level; give each a study of its own"
        )
    if once == {False} and study["noise"] != NOISE_OF_PERCEPTRONS:
        raise InputError(
            f"{key}.noise: is for networks trained on clean images; perceptrons see what the keys "
            "standardise, fit_on and share_levels of their data set say"
        )
    named = [bool(model.get("ladders")) for model in models.values()]
    if any(named) and not all(named):
        without = list(models)[named.index(False)]
        raise InputError(f"{key}.models.{without}.ladders: is missing, other models have it")
    for name, model in models.items():
        weights = model.get("weights")
        if weights is not None and weights not in config["weights"]:
            known = ", ".join(config["weights"]) or "none"
            raise InputError(
                f"{key}.models.{name}.weights: unknown weights {weights!r}; there are {known}"
            )
        for dataset in study["datasets"]:
            # Only photographs, which are there to be tested on, are brought to a size.
            if weights is None and "size" in config["datasets"][dataset]:
                raise InputError(
                    f"{key}.models.{name}.weights: is missing; {dataset} has no images to train on"
                )
        if model.get("warmup_epochs", 0) > model.get("epochs", 1):
            raise InputError(
                f"{key}.models.{name}.warmup_epochs: more than its {model['epochs']} epochs"
            )
