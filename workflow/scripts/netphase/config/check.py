"""Validation of the configuration: against its schema, and of its parts against each other."""

import math
from collections.abc import Mapping
from copy import deepcopy

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from netphase.config import criticality, hyperbolic, lattices, noise, spectral, weights
from netphase.errors import InputError

# Kind of study -> validation of an entry of that kind, beyond its schema.
KINDS = {
    "noise": noise.check_study,
    "lattices": lattices.check_study,
    "weights": weights.check_study,
    "criticality": criticality.check_study,
    "hyperbolic": hyperbolic.check_study,
    "spectral": spectral.check_study,
}
ROOT_SCHEMA = "config.schema.yaml"
# Keys of version 0.1 and what they are called now.
RENAMED = {
    "lattice_studies": "studies.lattices",
    "weight_studies": "studies.weights",
    "signal_studies": "studies.criticality",
    "tiling_studies": "studies.hyperbolic",
    "spectral_studies": "studies.spectral",
    "weights": "pretrained",
}
RENAMED_IN_MODELS = {
    "network": "learner",
    "engine": "learner (perceptron or sklearn_perceptron)",
    "weights": "pretrained",
}


def check(config: Mapping, schemas: Mapping[str, Mapping]) -> dict:
    """Validate a configuration and fill in all defaults; the configuration itself is not changed.

    Parameters
    ----------
    config : as it is read from the file
    schemas : file name -> schema; that of ROOT_SCHEMA refers to the others by their file names

    Raises
    ------
    InputError : unknown key, wrong type or range, a name that is not defined, a step outside its
        schedule, a key of an earlier version; the message names the key
    """
    _refuse_old_keys(config)
    complete = deepcopy(dict(config))
    files = ((name, DRAFT202012.create_resource(schema)) for name, schema in schemas.items())
    registry, root = Registry().with_resources(files), schemas[ROOT_SCHEMA]
    errors = list(_Validator(root, registry=registry).iter_errors(complete))
    # One wrong value makes the keys beside it "unevaluated": they are not what is wrong.
    error = best_match([e for e in errors if e.validator != "unevaluatedProperties"] or errors)
    if error is not None:
        raise InputError(f"config key {_dotted(error.absolute_path)}: {error.message}")
    for _ in _FillDefaults(root, registry=registry).iter_errors(complete):
        pass
    studies = complete["studies"]
    asked = {"default_studies": complete["default_studies"]}
    asked |= {key: [complete[key]] for key in ("analyse", "keep") if complete[key] is not None}
    for key, names in asked.items():
        for study in names:
            if not any(study in studies[kind] for kind in KINDS):
                raise InputError(f"config key {key}: unknown study {study!r}")
    taken: dict[str, str] = {}
    for kind, check_study in KINDS.items():
        for name, study in studies[kind].items():
            key = f"config key studies.{kind}.{name}"
            if name in taken:
                raise InputError(f"{key}: studies.{taken[name]} has this name, too; choose another")
            taken[name] = f"{kind}.{name}"
            check_study(key, study, complete)
    return complete


def _refuse_old_keys(config: Mapping) -> None:
    for old, new in RENAMED.items():
        if old in config:
            raise InputError(f"config key {old}: is called {new} now")
    datasets = config.get("datasets")
    for name, entry in datasets.items() if isinstance(datasets, Mapping) else ():
        for key in noise.NOISE_OF_NETWORK["perceptron"] if isinstance(entry, Mapping) else ():
            if key in entry:
                raise InputError(
                    f"config key datasets.{name}.{key}: a study says what noise is laid on; move "
                    f"it to noise.{key} of the study"
                )
    studies = config.get("studies")
    for name, study in studies.items() if isinstance(studies, Mapping) else ():
        if name not in KINDS and isinstance(study, Mapping) and "models" in study:
            raise InputError(
                f"config key studies.{name}: studies stand below their kind now; call it "
                f"studies.noise.{name}"
            )
        if name == "noise" and isinstance(study, Mapping):
            _refuse_old_models(study)


def _refuse_old_models(studies: Mapping) -> None:
    for study, entry in studies.items():
        models = entry.get("models") if isinstance(entry, Mapping) else None
        for name, model in models.items() if isinstance(models, Mapping) else ():
            for old, new in RENAMED_IN_MODELS.items() if isinstance(model, Mapping) else ():
                if old in model:
                    key = f"studies.noise.{study}.models.{name}.{old}"
                    raise InputError(f"config key {key}: is called {new} now")


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
