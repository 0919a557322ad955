"""Validation of the configuration: refusals and defaults, and true documentation."""

import copy
import re
from pathlib import Path

import configuration
import pytest
import yaml

from netphase.config.check import KINDS, RENAMED, RENAMED_IN_MODELS, check
from netphase.config.noise import NOISE_OF_NETWORK
from netphase.errors import InputError

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    path.name: yaml.safe_load(path.read_text())
    for path in (ROOT / "workflow/schemas").glob("*.schema.yaml")
}
ROOT_SCHEMA = SCHEMAS["config.schema.yaml"]
SHIPPED = yaml.safe_load((ROOT / "config/config.yaml").read_text())

SOUND = {
    "default_studies": ["small"],
    "datasets": {
        "digits": {"source": "digits"},
        "fashion": {"source": "tfds", "builder": "fashion_mnist"},
        "own": {
            "source": "idx",
            "train": {"images": "a", "labels": "b"},
            "test": {"images": "c", "labels": "d"},
        },
        "colours": {"source": "cifar", "train": ["a"], "test": ["b"]},
        "photos": {"source": "folder", "train": "a"},
    },
    "schedules": {"ddpm": {"beta_first": 1.0e-4, "beta_last": 0.02, "n_steps": 3000}},
    "studies": {
        "noise": {
            "small": {
                "datasets": ["digits"],
                "schedule": "ddpm",
                "steps": [-1, 0, 3000],
                "realisations": 2,
                "models": {"mlp": {"hidden": [2, 4]}},
            }
        },
        "lattices": {
            "ising": {
                "temperatures": [2.2, 2.269],
                "lattices": {4: 200, 8: 400},
                "realisations": 2,
                "smallest": 4,
            }
        },
        "hyperbolic": {
            "hyperbolic": {
                "realisations": 1,
                "tilings": {
                    "pentagons": {
                        "p": 5,
                        "q": 4,
                        "surfaces": {5: 200, 11: 200, 19: 200},
                        "temperatures": [2.7, 2.8],
                        "smallest": 5,
                    }
                },
                "corners": {"polygons": [5], "temperatures": [2, 2.5], "square": [2]},
                "disc": {"p": 5, "q": 4, "layers": 3, "temperatures": [2], "sweeps": 200},
                "gravity": {
                    "q": 7,
                    "layers": 6,
                    "couplings": [1, 2],
                    "temperatures": [0.2],
                    "sweeps": 200,
                },
            }
        },
        "criticality": {
            "deep": {
                "datasets": ["digits"],
                "weight_variances": [1, 1.5, 2, 3],
                "realisations": 2,
                "networks": {"net": {"depths": [2, 5]}},
                "choice": {"depths": [2]},
            }
        },
        "weights": {
            "binary": {"dataset": "digits", "scenarios": {"deep": {"networks": 9, "accept": 0.5}}},
        },
    },
}


def changed(key, value):
    """SOUND with another value at a dotted key; None takes the key away."""
    whole = copy.deepcopy(SOUND)
    *parents, last = key.split(".")
    place = whole
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return whole


def test_shipped_config_is_valid():
    complete = check(SHIPPED, SCHEMAS)
    named = {name for studies in complete["studies"].values() for name in studies}
    assert set(complete["default_studies"]) <= named


def test_defaults_are_filled_in_at_every_level():
    given = copy.deepcopy(SOUND)
    complete = check(given, SCHEMAS)
    assert given == SOUND
    assert complete["mirror"] == []
    own = complete["datasets"]["own"]
    assert (own["seeds_per_job"], own["transpose"]) == (1, False)
    assert complete["datasets"]["digits"]["test_samples"] == 360
    assert complete["datasets"]["colours"]["labels"] == 1
    assert complete["datasets"]["photos"]["test_fraction"] == 0.2
    assert complete["schedules"]["ddpm"]["beta_grid"] == "formula"
    study = complete["studies"]["noise"]["small"]
    assert study["noise"] == {"family": "gaussian", "form": "ddpm"} | {
        key: default for keys in NOISE_OF_NETWORK.values() for key, default in keys.items()
    }
    assert study["example"] == {"class": 0, "steps": [1500, 1700, 2000]}
    model = study["models"]["mlp"]
    assert (model["learner"], model["max_iter"]) == ("perceptron", 200)
    assert check(complete, SCHEMAS) == complete


def test_no_default_where_the_source_has_no_such_key():
    complete = check(SOUND, SCHEMAS)["datasets"]
    later = {"seeds_per_job", "materialise"}
    assert complete["fashion"].keys() - later == {"source", "builder"}
    assert complete["own"].keys() - later == {"source", "train", "test", "transpose"}


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("colour", 1, "colour"),
        ("default_studies", None, "default_studies"),
        ("default_studies", ["large"], "default_studies: unknown study 'large'"),
        ("mirror", "a", "mirror:"),
        ("datasets.digits.source", None, "datasets.digits: 'source'"),
        ("datasets.digits.source", "csv", "datasets.digits.source: 'csv'"),
        ("datasets.digits.colour", 1, "datasets.digits: .*'colour'"),
        ("datasets.digits.builder", "mnist", "datasets.digits: .*'builder'"),
        ("datasets.digits.test_samples", 0, "datasets.digits.test_samples: 0"),
        ("datasets.digits.seeds_per_job", 0, "datasets.digits.seeds_per_job: 0"),
        ("datasets.digits.materialise", "no", "datasets.digits.materialise: 'no'"),
        (
            "datasets.digits.share_levels",
            True,
            "datasets.digits.share_levels: .* move it to noise.share_levels of the study",
        ),
        (
            "studies.noise.small.noise",
            {"family": "pink"},
            "studies.noise.small.noise.family: 'pink'",
        ),
        (
            "studies.noise.small.noise",
            {"share_levels": 1},
            "studies.noise.small.noise.share_levels: 1",
        ),
        (
            "studies.noise.small.readings",
            ["large"],
            "studies.noise.small.readings: unknown study 'large'",
        ),
        ("datasets.fashion.builder", "kmnist", "datasets.fashion.builder: 'kmnist'"),
        ("datasets.own.train", None, "datasets.own: 'train'"),
        ("datasets.own.test.labels", None, "datasets.own.test: 'labels'"),
        ("datasets.own.sha256", {"a": "12"}, "datasets.own.sha256.a: '12'"),
        ("datasets.colours.train", "a", "datasets.colours.train: 'a'"),
        ("datasets.colours.labels", 3, "datasets.colours.labels: 3"),
        ("datasets.photos.test_fraction", 1, "datasets.photos.test_fraction: 1"),
        ("datasets.Photos", {"source": "digits"}, "datasets: 'Photos'"),
        ("schedules.ddpm.beta_first", 0, "schedules.ddpm.beta_first: 0"),
        ("schedules.ddpm.beta_last", float("nan"), "schedules.ddpm.beta_last: nan"),
        ("schedules.ddpm.beta_last", "1e-4", "schedules.ddpm.beta_last: '1e-4'"),
        ("schedules.ddpm.n_steps", 3000.0, "schedules.ddpm.n_steps: 3000.0"),
        (
            "studies.noise.small.datasets",
            ["mnist"],
            "studies.noise.small.datasets: .*'mnist'.* digits",
        ),
        ("studies.noise.small.schedule", "cosine", "studies.noise.small.schedule: .*'cosine'"),
        ("studies.noise.small.steps", [0, -2], "studies.noise.small.steps.1: -2"),
        ("studies.noise.small.steps", [3001], "studies.noise.small.steps: step 3001 .*3000"),
        ("studies.noise.small.steps", [0, 0], "studies.noise.small.steps: "),
        (
            "studies.noise.small.example",
            {"steps": [4000]},
            "studies.noise.small.example.steps: step 4000",
        ),
        ("studies.noise.small.realisations", 0, "studies.noise.small.realisations: 0"),
        ("studies.noise.small.realisations", True, "studies.noise.small.realisations: True"),
        ("studies.noise.small.models", {2: {"hidden": [2]}}, "studies.noise.small.models: 2"),
        (
            "studies.noise.small.models.mlp.hidden",
            [],
            r"studies.noise.small.models.mlp.hidden: \[\]",
        ),
        (
            "studies.noise.small.models.mlp.hidden",
            [2, -4],
            "studies.noise.small.models.mlp.hidden.1: -4",
        ),
        (
            "studies.noise.small.models.mlp.dtype",
            "bf16",
            "studies.noise.small.models.mlp.dtype: 'bf16'",
        ),
        (
            "studies.noise.small.models.mlp.alpha",
            float("inf"),
            "studies.noise.small.models.mlp.alpha: inf",
        ),
        ("studies.lattices.all", {}, "studies.lattices: 'all'"),
        ("studies.lattices.ising.lattices", None, "studies.lattices.ising: 'lattices'"),
        ("studies.lattices.ising.lattices", {}, "studies.lattices.ising.lattices: {}"),
        ("studies.lattices.ising.lattices", {2: 200}, "studies.lattices.ising.lattices: 2 "),
        ("studies.lattices.ising.lattices", {"8": 200}, "studies.lattices.ising.lattices: '8'"),
        ("studies.lattices.ising.lattices", {4: 199}, "studies.lattices.ising.lattices.4: 199"),
        ("studies.lattices.ising.smallest", 16, "studies.lattices.ising.smallest: .* 16; .* 4, 8"),
        (
            "studies.hyperbolic.hyperbolic.tilings.pentagons.surfaces",
            {5: 200, 11: 200},
            "studies.hyperbolic.hyperbolic.tilings.pentagons.surfaces: ",
        ),
        (
            "studies.hyperbolic.hyperbolic.tilings.pentagons.smallest",
            7,
            "studies.hyperbolic.*pentagons.smallest: no surface of 7; .* 5, 11, 19",
        ),
        (
            "studies.hyperbolic.hyperbolic.tilings.pentagons.temperatures",
            [2.7, 2.80001],
            "studies.hyperbolic.hyperbolic.tilings.pentagons.temperatures: .*2.80001",
        ),
        (
            "studies.hyperbolic.hyperbolic.disc.p",
            4,
            "studies.hyperbolic.hyperbolic.disc: .4, 4. is no",
        ),
        (
            "studies.hyperbolic.hyperbolic.disc.layers",
            1,
            "studies.hyperbolic.hyperbolic.disc.layers: 1",
        ),
        (
            "studies.hyperbolic.hyperbolic.disc.size",
            9,
            "studies.hyperbolic.hyperbolic.disc: .*'size'",
        ),
        (
            "studies.hyperbolic.hyperbolic.corners.square",
            [2.27],
            "studies.hyperbolic.hyperbolic.corners.square.0: 2.27",
        ),
        (
            "studies.criticality.deep.datasets",
            ["mnist"],
            "studies.criticality.deep.datasets: .*'mnist'",
        ),
        ("studies.criticality.deep.realisations", 1, "studies.criticality.deep.realisations: 1"),
        (
            "studies.criticality.deep.weight_variances",
            [1, 2, 1.5, 3],
            "studies.criticality.deep.weight_variances: are not in ascending order",
        ),
        (
            "studies.criticality.deep.weight_variances",
            [1, 2, 3],
            "studies.criticality.deep.weight_variances",
        ),
        (
            "studies.criticality.deep.spectra",
            {"depth": 7},
            "studies.criticality.deep.spectra.depth: 7",
        ),
        (
            "studies.criticality.deep.cascade",
            {"shown": [39]},
            "studies.criticality.*shown: no layer 39 of 38",
        ),
        (
            "studies.criticality.deep.cascade",
            {"penalties": [0]},
            "studies.criticality.*penalties.0: 0",
        ),
        (
            "studies.criticality.deep.cascade",
            {"trained": {"datasets": ["own"]}},
            "studies.criticality.deep.cascade.trained.datasets: own is not",
        ),
        (
            "studies.criticality.deep.cascade",
            {"trained": {"datasets": ["digits"], "realisations": 3}},
            "studies.criticality.deep.cascade.trained.realisations: more than the study.s 2",
        ),
        (
            "studies.criticality.deep.networks.net.depths",
            [3, 2],
            "studies.criticality.deep.networks.net.depths",
        ),
        (
            "studies.criticality.deep.networks.net.depths",
            None,
            "studies.criticality.*net: 'depths'",
        ),
        (
            "studies.criticality.deep.networks.net.kind",
            "gru",
            "studies.criticality.*net.kind: 'gru'",
        ),
        (
            "studies.criticality.deep.networks.net.datasets",
            ["own"],
            "studies.criticality.*net.datasets: own",
        ),
        (
            "studies.criticality.deep.networks.net.weight_variances",
            [2, 1, 3],
            "studies.criticality.*net.weight_variances: are not",
        ),
        (
            "studies.criticality.deep.networks.net.signals",
            {},
            "studies.criticality.*net.signals: is for",
        ),
        (
            "studies.criticality.deep.networks.net.training",
            {"steps": 5, "marks": 6},
            "studies.criticality.*net.training.marks: more than its 5",
        ),
        (
            "studies.criticality.deep.choice.training",
            {"learning_rate": 0},
            "studies.criticality.deep.choice.training.learning_rate: 0",
        ),
        ("studies.weights.binary.dataset", "letters", "studies.weights.binary.dataset: .*digits"),
        (
            "studies.weights.binary.scenarios.deep.batch_size",
            50,
            "studies.weights.binary.*batch_size: 50",
        ),
        (
            "studies.weights.binary.scenarios.deep.accept",
            None,
            "studies.weights.binary.scenarios.deep: 'accept'",
        ),
        (
            "studies.weights.binary.methods",
            {"guess": {}},
            "studies.weights.binary.methods: .*'guess'",
        ),
        (
            "studies.weights.binary.methods",
            {"closed_form": {}},
            "studies.weights.*renaming.methods: propag",
        ),
        ("studies.weights.binary.methods", {}, "studies.weights.binary.methods: {}"),
        ("studies.weights.small", {"dataset": "digits", "scenarios": {}}, "studies.weights.small"),
        ("studies.lattices.ising.temperatures", [], r"studies.lattices.ising.temperatures: \[\]"),
        ("studies.lattices.ising.temperatures", [0], "studies.lattices.ising.temperatures.0: 0"),
        (
            "studies.lattices.ising.temperatures",
            [2.26918],
            "studies.lattices.ising.temperatures: temperature 2.26918 .*0.0001",
        ),
        (
            "studies.lattices.ising.temperatures",
            [2.3, 2.1 + 0.2],
            "studies.lattices.ising.temperatures: temperature 2.3",
        ),
    ],
)
def test_refusal_is_one_line_that_names_the_key(key, value, named):
    with pytest.raises(InputError) as refused:
        check(changed(key, value), SCHEMAS)
    assert re.fullmatch(rf"config key (\(top\): .*)?{named}.*", str(refused.value))


NETWORK = {"learner": "efficientnet", "width": 0.1, "depth": 0.25}


@pytest.mark.parametrize(
    ("models", "named"),
    [
        ({"net": NETWORK, "mlp": {"hidden": [2]}}, "models: EfficientNets are trained clean"),
        ({"net": NETWORK | {"hidden": [2]}}, "models.net: .*'hidden'"),
        ({"net": {"learner": "efficientnet", "depth": 1}}, "models.net: 'width'"),
        ({"net": NETWORK | {"width": 0}}, "models.net.width"),
        ({"net": NETWORK | {"epochs": 2, "warmup_epochs": 3}}, "models.net.warmup_epochs"),
        ({"net": NETWORK | {"device": "tpu"}}, "models.net.device"),
        ({"net": NETWORK | {"pretrained": "b9"}}, "models.net"),
        ({"net": {"learner": "efficientnet", "pretrained": "b9"}}, "models.net.pretrained: .*'b9'"),
        (
            {"one": NETWORK | {"ladders": ["deep"]}, "two": NETWORK},
            "models.two.ladders: is missing",
        ),
    ],
)
def test_unsound_network_is_refused_in_one_line(models, named):
    with pytest.raises(InputError) as refused:
        check(changed("studies.noise.small.models", models), SCHEMAS)
    assert re.fullmatch(rf"config key studies\.noise\.small\.{named}.*", str(refused.value))


def test_noise_is_refused_for_networks_that_do_not_read_it():
    networks = changed("studies.noise.small.models", {"net": NETWORK})
    for config, noise in ((SOUND, {"x0_scale": "pm1"}), (networks, {"fit_on": "all"})):
        config = copy.deepcopy(config)
        config["studies"]["noise"]["small"]["noise"] = noise
        (key,) = noise
        with pytest.raises(
            InputError, match=rf"^config key studies\.noise\.small\.noise\.{key}: is for"
        ):
            check(config, SCHEMAS)
    networks["studies"]["noise"]["small"]["noise"] = {"renormalise": "divide_by_sqrt_abar"}
    complete = check(networks, SCHEMAS)["studies"]["noise"]["small"]
    assert complete["noise"]["x0_scale"] == "uint8_255"
    assert complete["models"]["net"]["epochs"] == 30


def test_readings_are_compared_among_the_same_models():
    config = copy.deepcopy(SOUND)
    studies = config["studies"]["noise"]
    small = studies["small"]
    studies["other"] = copy.deepcopy(small) | {"noise": {"fit_on": "all"}}
    small["readings"] = ["other"]
    check(config, SCHEMAS)
    studies["other"]["models"]["mlp"]["hidden"] = [2]
    with pytest.raises(InputError, match="small.readings: other has other models$"):
        check(config, SCHEMAS)


def test_photographs_need_networks_that_are_trained_already():
    photographs = {"source": "photographs", "folder": "a", "labels": "b", "size": 32}
    study = changed("datasets.photographs", photographs)
    study["studies"]["noise"]["small"] |= {"models": {"net": NETWORK}, "datasets": ["photographs"]}
    with pytest.raises(InputError, match="models.net.pretrained: is missing; photographs has no"):
        check(study, SCHEMAS)


def test_names_of_studies_differ():
    clash = changed("studies.lattices.small", SOUND["studies"]["lattices"]["ising"])
    with pytest.raises(
        InputError, match="^config key studies.lattices.small: studies.noise.small has this name"
    ):
        check(clash, SCHEMAS)


def test_lattice_studies_may_be_left_out_and_may_be_computed_by_default():
    assert check(changed("studies.lattices", None), SCHEMAS)["studies"]["lattices"] == {}
    check(changed("default_studies", ["small", "ising"]), SCHEMAS)


@pytest.mark.parametrize("old", RENAMED)
def test_key_of_an_earlier_version_is_refused_with_its_new_name(old):
    with pytest.raises(InputError) as refused:
        check(SOUND | {old: {}}, SCHEMAS)
    assert str(refused.value) == f"config key {old}: is called {RENAMED[old]} now"


@pytest.mark.parametrize("old", RENAMED_IN_MODELS)
def test_key_of_a_model_of_an_earlier_version_is_refused_with_its_new_name(old):
    said = rf"^config key studies\.noise\.small\.models\.mlp\.{old}: is called "
    with pytest.raises(InputError, match=said) as refused:
        check(changed(f"studies.noise.small.models.mlp.{old}", "lite0"), SCHEMAS)
    assert RENAMED_IN_MODELS[old] in str(refused.value)


def test_study_that_does_not_stand_below_its_kind_is_refused_with_its_place():
    study = SOUND["studies"]["noise"]["small"]
    with pytest.raises(InputError, match=r"^config key studies\.mlp: .* studies\.noise\.mlp$"):
        check(changed("studies.mlp", study), SCHEMAS)


def test_every_kind_of_study_has_one_noun():
    folders = {
        path.name
        for folder in ("rules", "report", "scripts/netphase")
        for path in (ROOT / "workflow" / folder).iterdir()
        if path.is_dir()
    }
    assert KINDS.keys() <= folders
    assert KINDS.keys() == ROOT_SCHEMA["properties"]["studies"]["properties"].keys()
    assert {f"{kind}.schema.yaml" for kind in KINDS} <= SCHEMAS.keys()
    for kind in KINDS:
        assert (ROOT / f"tests/workflow/test_{kind}.py").is_file()
        for part in ("figures", "findings"):
            assert (ROOT / f"workflow/scripts/netphase/{part}/{kind}.py").is_file()


def test_readme_is_what_the_schemas_say():
    stated = (ROOT / "config/README.md").read_text()
    assert stated == configuration.reference(ROOT / "workflow/schemas"), "run `make docs`"


def names(schema):
    """All keys that a schema gives a meaning; conditions give none."""
    if isinstance(schema, list):
        return set().union(*map(names, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own.union(*(names(part) for key, part in schema.items() if key != "if"))


def rows():
    """Cells of all rows of config/README.md."""
    text = (ROOT / "config/README.md").read_text()
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]


def test_every_key_has_a_row_and_every_row_a_meaning():
    root = str(ROOT_SCHEMA)
    parts = [schema for file, schema in SCHEMAS.items() if f"{file}#" in root]
    assert {row[0].strip("`").split(".")[-1] for row in rows()} == names([ROOT_SCHEMA, *parts])
    assert all(len(row) == 5 and row[1] and row[3] and row[4] for row in rows())


@pytest.mark.parametrize(
    "row",
    [
        ["`seeds_per_job`", "integer", "realisations, ≥ 1", "`1`"],
        ["`momentum`", "number", "0 < x < 1", "`0.9`"],
        ["`crop`", "number", "0 < x ≤ 1", "`0.875`"],
        ["`n_steps`", "integer", "steps, 2 to 100000", "required"],
        ["`resolution`", "integer or null", "pixels, ≥ 8", "`null`"],
        ["`default_studies`", "list of names", "at least 1", "required"],
        [
            "`surfaces`",
            "mapping",
            "prime -> measurements, 3 to 150 -> ≥ 200, at least 3",
            "required",
        ],
        ["`rates`", "list of numbers", "> 0, 2 of them", "`[1.0, 0.05]`"],
        ["`device`", "choice", "`auto`, `cpu`, `cuda`", "`auto`"],
    ],
)
def test_row_states_type_range_and_default(row):
    assert row in [cells[:4] for cells in rows()]
