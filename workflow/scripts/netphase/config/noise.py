"""Validation of a study of the noise transition beyond its schema."""

from collections.abc import Mapping

from netphase.config.names import check_name
from netphase.errors import InputError
from netphase.noise.schedule import levels

# Keys of a study's noise that are for one kind of network alone, and the defaults of the schema:
# whoever changes them expects an effect.
NOISE_OF_NETWORK = {
    "perceptron": {"standardise": "global", "fit_on": "train", "share_levels": False},
    "efficientnet": {"x0_scale": "uint8_255", "renormalise": "none", "shared_batch": False},
}
MEANT_FOR = {
    "perceptron": "learners trained at each noise level",
    "efficientnet": "networks trained clean and tested noisy",
}


def check_study(key: str, study: Mapping, config: Mapping) -> None:
    """Refuse undefined names, diffusion steps outside the schedule, and models that do not match.

    Parameters
    ----------
    key : place of the study in the configuration, for the message
    config : the whole configuration

    Raises
    ------
    InputError : the message begins with the key
    """
    for dataset in study["datasets"]:
        check_name(f"{key}.datasets", dataset, config["datasets"], "data set")
    check_name(f"{key}.schedule", study["schedule"], config["schedules"], "schedule")
    for part, steps in (("steps", study["steps"]), ("example.steps", study["example"]["steps"])):
        try:
            levels(steps, **config["schedules"][study["schedule"]])
        except ValueError as error:
            raise InputError(f"{key}.{part}: {error}") from None
    _check_models(key, study, config)
    _check_noise(f"{key}.noise", study)
    _check_readings(f"{key}.readings", study, config["studies"]["noise"])


def _check_models(key: str, study: Mapping, config: Mapping) -> None:
    models = study["models"]
    once = {model["learner"] == "efficientnet" for model in models.values()}
    if len(once) > 1:
        raise InputError(
            f"{key}.models: EfficientNets are trained clean and tested noisy, other learners are "
            "trained at each noise level; give each a study of its own"
        )
    named = [bool(model.get("ladders")) for model in models.values()]
    if any(named) and not all(named):
        without = list(models)[named.index(False)]
        raise InputError(f"{key}.models.{without}.ladders: is missing, other models have it")
    for name, model in models.items():
        pretrained = model.get("pretrained")
        if pretrained is not None:
            place = f"{key}.models.{name}.pretrained"
            check_name(place, pretrained, config["pretrained"], "pretrained network")
        for dataset in study["datasets"]:
            # Only photographs, which are there to be tested on, are brought to a size.
            if pretrained is None and "size" in config["datasets"][dataset]:
                raise InputError(
                    f"{key}.models.{name}.pretrained: is missing; {dataset} has no images to train "
                    "on"
                )
        if model.get("warmup_epochs", 0) > model.get("epochs", 1):
            raise InputError(
                f"{key}.models.{name}.warmup_epochs: more than its {model['epochs']} epochs"
            )


def _check_noise(key: str, study: Mapping) -> None:
    once = {model["learner"] == "efficientnet" for model in study["models"].values()}
    for kind, defaults in NOISE_OF_NETWORK.items():
        for name, default in defaults.items() if (kind == "efficientnet") not in once else ():
            if study["noise"][name] != default:
                raise InputError(f"{key}.{name}: is for {MEANT_FOR[kind]}")


def _check_readings(key: str, study: Mapping, studies: Mapping) -> None:
    for name in study["readings"]:
        check_name(key, name, studies, "study")
        for part in ("models", "datasets"):
            if studies[name][part] != study[part]:
                raise InputError(f"{key}: {name} has other {part}")
