"""The configuration's border: what it refuses and fills in, and that its documentation is true."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from netphase.config import check
from netphase.errors import InputError

ROOT = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
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
        "small": {
            "datasets": ["digits"],
            "schedule": "ddpm",
            "steps": [-1, 0, 3000],
            "realisations": 2,
            "models": {"mlp": {"hidden": [2, 4]}},
        }
    },
    "lattice_studies": {
        "ising": {
            "temperatures": [2.2, 2.269],
            "lattices": {4: 200, 8: 400},
            "realisations": 2,
            "smallest": 4,
        }
    },
    "tiling_studies": {
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
    "signal_studies": {
        "deep": {
            "datasets": ["digits"],
            "weight_variances": [1, 1.5, 2, 3],
            "realisations": 2,
            "networks": {"net": {"depths": [2, 5]}},
            "choice": {"depths": [2]},
        }
    },
    "weight_studies": {
        "binary": {"dataset": "digits", "scenarios": {"deep": {"networks": 9, "accept": 0.5}}},
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
    complete = check.check(SHIPPED, SCHEMA)
    assert set(complete["default_studies"]) <= complete["studies"].keys()


def test_defaults_are_filled_in_at_every_level():
    given = copy.deepcopy(SOUND)
    complete = check.check(given, SCHEMA)
    assert given == SOUND
    assert complete["mirror"] == []
    own = complete["datasets"]["own"]
    assert (own["standardise"], own["seeds_per_job"], own["transpose"]) == ("global", 1, False)
    assert complete["datasets"]["digits"]["test_samples"] == 360
    assert complete["datasets"]["colours"]["labels"] == 1
    assert complete["datasets"]["photos"]["test_fraction"] == 0.2
    assert complete["schedules"]["ddpm"]["beta_grid"] == "formula"
    study = complete["studies"]["small"]
    assert study["example"] == {"class": 0, "steps": [1500, 1700, 2000]}
    model = study["models"]["mlp"]
    assert (model["learner"], model["max_iter"]) == ("perceptron", 200)
    assert check.check(complete, SCHEMA) == complete


def test_no_default_where_the_source_has_no_such_key():
    complete = check.check(SOUND, SCHEMA)["datasets"]
    later = {"standardise", "fit_on", "share_levels", "seeds_per_job", "materialise"}
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
        ("datasets.digits.share_levels", 1, "datasets.digits.share_levels: 1"),
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
        ("studies.small.datasets", ["mnist"], "studies.small.datasets: .*'mnist'.* digits"),
        ("studies.small.schedule", "cosine", "studies.small.schedule: .*'cosine'"),
        ("studies.small.steps", [0, -2], "studies.small.steps.1: -2"),
        ("studies.small.steps", [3001], "studies.small.steps: step 3001 .*3000"),
        ("studies.small.steps", [0, 0], "studies.small.steps: "),
        ("studies.small.example", {"steps": [4000]}, "studies.small.example.steps: step 4000"),
        ("studies.small.realisations", 0, "studies.small.realisations: 0"),
        ("studies.small.realisations", True, "studies.small.realisations: True"),
        ("studies.small.models", {2: {"hidden": [2]}}, "studies.small.models: 2"),
        ("studies.small.models.mlp.hidden", [], r"studies.small.models.mlp.hidden: \[\]"),
        ("studies.small.models.mlp.hidden", [2, -4], "studies.small.models.mlp.hidden.1: -4"),
        ("studies.small.models.mlp.dtype", "bf16", "studies.small.models.mlp.dtype: 'bf16'"),
        ("studies.small.models.mlp.alpha", float("inf"), "studies.small.models.mlp.alpha: inf"),
        ("lattice_studies.all", {}, "lattice_studies: 'all'"),
        ("lattice_studies.ising.lattices", None, "lattice_studies.ising: 'lattices'"),
        ("lattice_studies.ising.lattices", {}, "lattice_studies.ising.lattices: {}"),
        ("lattice_studies.ising.lattices", {2: 200}, "lattice_studies.ising.lattices: 2 "),
        ("lattice_studies.ising.lattices", {"8": 200}, "lattice_studies.ising.lattices: '8'"),
        ("lattice_studies.ising.lattices", {4: 199}, "lattice_studies.ising.lattices.4: 199"),
        ("lattice_studies.ising.smallest", 16, "lattice_studies.ising.smallest: .* 16; .* 4, 8"),
        (
            "tiling_studies.hyperbolic.tilings.pentagons.surfaces",
            {5: 200, 11: 200},
            "tiling_studies.hyperbolic.tilings.pentagons.surfaces: ",
        ),
        (
            "tiling_studies.hyperbolic.tilings.pentagons.smallest",
            7,
            "tiling_studies.hyperbolic.tilings.pentagons.smallest: no surface of 7; .* 5, 11, 19",
        ),
        (
            "tiling_studies.hyperbolic.tilings.pentagons.temperatures",
            [2.7, 2.80001],
            "tiling_studies.hyperbolic.tilings.pentagons.temperatures: .*2.80001",
        ),
        ("tiling_studies.hyperbolic.disc.p", 4, "tiling_studies.hyperbolic.disc: .4, 4. is no"),
        ("tiling_studies.hyperbolic.disc.layers", 1, "tiling_studies.hyperbolic.disc.layers: 1"),
        ("tiling_studies.hyperbolic.disc.size", 9, "tiling_studies.hyperbolic.disc: .*'size'"),
        (
            "tiling_studies.hyperbolic.corners.square",
            [2.27],
            "tiling_studies.hyperbolic.corners.square.0: 2.27",
        ),
        ("signal_studies.deep.datasets", ["mnist"], "signal_studies.deep.datasets: .*'mnist'"),
        ("signal_studies.deep.realisations", 1, "signal_studies.deep.realisations: 1"),
        (
            "signal_studies.deep.weight_variances",
            [1, 2, 1.5, 3],
            "signal_studies.deep.weight_variances: are not in ascending order",
        ),
        ("signal_studies.deep.weight_variances", [1, 2, 3], "signal_studies.deep.weight_variances"),
        ("signal_studies.deep.spectra", {"depth": 7}, "signal_studies.deep.spectra.depth: 7"),
        (
            "signal_studies.deep.cascade",
            {"shown": [39]},
            "signal_studies.*shown: no layer 39 of 38",
        ),
        ("signal_studies.deep.cascade", {"penalties": [0]}, "signal_studies.*penalties.0: 0"),
        (
            "signal_studies.deep.cascade",
            {"trained": {"datasets": ["own"]}},
            "signal_studies.deep.cascade.trained.datasets: own is not",
        ),
        (
            "signal_studies.deep.cascade",
            {"trained": {"datasets": ["digits"], "realisations": 3}},
            "signal_studies.deep.cascade.trained.realisations: more than the study.s 2",
        ),
        (
            "signal_studies.deep.networks.net.depths",
            [3, 2],
            "signal_studies.deep.networks.net.depths",
        ),
        ("signal_studies.deep.networks.net.depths", None, "signal_studies.*net: 'depths'"),
        ("signal_studies.deep.networks.net.kind", "gru", "signal_studies.*net.kind: 'gru'"),
        ("signal_studies.deep.networks.net.datasets", ["own"], "signal_studies.*net.datasets: own"),
        (
            "signal_studies.deep.networks.net.weight_variances",
            [2, 1, 3],
            "signal_studies.*net.weight_variances: are not",
        ),
        ("signal_studies.deep.networks.net.signals", {}, "signal_studies.*net.signals: is for"),
        (
            "signal_studies.deep.networks.net.training",
            {"steps": 5, "marks": 6},
            "signal_studies.*net.training.marks: more than its 5",
        ),
        (
            "signal_studies.deep.choice.training",
            {"learning_rate": 0},
            "signal_studies.deep.choice.training.learning_rate: 0",
        ),
        ("weight_studies.binary.dataset", "letters", "weight_studies.binary.dataset: .*digits"),
        (
            "weight_studies.binary.scenarios.deep.batch_size",
            50,
            "weight_studies.binary.*batch_size: 50",
        ),
        (
            "weight_studies.binary.scenarios.deep.accept",
            None,
            "weight_studies.binary.scenarios.deep: 'accept'",
        ),
        (
            "weight_studies.binary.methods",
            {"guess": {}},
            "weight_studies.binary.methods: .*'guess'",
        ),
        (
            "weight_studies.binary.methods",
            {"closed_form": {}},
            "w.*binary.renaming.methods: propag",
        ),
        ("weight_studies.binary.methods", {}, "weight_studies.binary.methods: {}"),
        ("weight_studies.small", {"dataset": "digits", "scenarios": {}}, "weight_studies.small"),
        ("lattice_studies.ising.temperatures", [], r"lattice_studies.ising.temperatures: \[\]"),
        ("lattice_studies.ising.temperatures", [0], "lattice_studies.ising.temperatures.0: 0"),
        (
            "lattice_studies.ising.temperatures",
            [2.26918],
            "lattice_studies.ising.temperatures: temperature 2.26918 .*0.0001",
        ),
        (
            "lattice_studies.ising.temperatures",
            [2.3, 2.1 + 0.2],
            "lattice_studies.ising.temperatures: temperature 2.3",
        ),
    ],
)
def test_refusal_is_one_line_that_names_the_key(key, value, named):
    with pytest.raises(InputError) as refused:
        check.check(changed(key, value), SCHEMA)
    assert re.fullmatch(rf"config key (\(top\): .*)?{named}.*", str(refused.value))


NETWORK = {"learner": "efficientnet", "width": 0.1, "depth": 0.25}


@pytest.mark.parametrize(
    ("models", "named"),
    [
        ({"net": NETWORK, "mlp": {"hidden": [2]}}, "models: EfficientNets are trained once"),
        ({"net": NETWORK | {"hidden": [2]}}, "models.net: .*'hidden'"),
        ({"net": {"learner": "efficientnet", "depth": 1}}, "models.net: 'width'"),
        ({"net": NETWORK | {"width": 0}}, "models.net.width"),
        ({"net": NETWORK | {"epochs": 2, "warmup_epochs": 3}}, "models.net.warmup_epochs"),
        ({"net": NETWORK | {"device": "tpu"}}, "models.net.device"),
        ({"net": NETWORK | {"weights": "b9"}}, "models.net"),
        ({"net": {"learner": "efficientnet", "weights": "b9"}}, "models.net.weights: .*'b9'"),
        (
            {"one": NETWORK | {"ladders": ["deep"]}, "two": NETWORK},
            "models.two.ladders: is missing",
        ),
    ],
)
def test_unsound_network_is_refused_in_one_line(models, named):
    with pytest.raises(InputError) as refused:
        check.check(changed("studies.small.models", models), SCHEMA)
    assert re.fullmatch(rf"config key studies\.small\.{named}.*", str(refused.value))


def test_noise_of_networks_is_refused_for_perceptrons():
    noise = {"form": "literal_eq5"}
    with pytest.raises(InputError, match=r"^config key studies\.small\.noise: is for networks"):
        check.check(changed("studies.small.noise", noise), SCHEMA)
    networks = changed("studies.small.models", {"net": NETWORK})
    networks["studies"]["small"]["noise"] = noise
    complete = check.check(networks, SCHEMA)["studies"]["small"]
    assert complete["noise"]["x0_scale"] == "uint8_255"
    assert complete["models"]["net"]["epochs"] == 30


def test_photographs_need_networks_that_are_trained_already():
    photographs = {"source": "photographs", "folder": "a", "labels": "b", "size": 32}
    study = changed("datasets.photographs", photographs)
    study["studies"]["small"] |= {"models": {"net": NETWORK}, "datasets": ["photographs"]}
    with pytest.raises(InputError, match="models.net.weights: is missing; photographs has no"):
        check.check(study, SCHEMA)


def test_names_of_studies_differ():
    clash = changed("lattice_studies.small", SOUND["lattice_studies"]["ising"])
    with pytest.raises(InputError, match=r"^config key lattice_studies\.small: a study has this"):
        check.check(clash, SCHEMA)


def test_lattice_studies_may_be_left_out_and_may_be_computed_by_default():
    assert check.check(changed("lattice_studies", None), SCHEMA)["lattice_studies"] == {}
    check.check(changed("default_studies", ["small", "ising"]), SCHEMA)


def leaves(schema, required=False, prefix=""):
    """(dotted key, schema of its value, whether it must be given) of all that a user can set."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    branches = [schema, *schema.get("allOf", [])]
    parts = [schema, *(b[key] for b in branches for key in ("then", "else") if key in b)]
    if not any("properties" in part for part in parts):
        yield prefix, schema, required
    for part in parts:
        for name, value in part.get("properties", {}).items():
            dotted = f"{prefix}.{name}" if prefix else name
            yield from leaves(value, name in part.get("required", []), dotted)


def model_schema(kind):
    """Schema of the models of one kind."""
    common, own = SCHEMA["$defs"]["model"]["properties"], SCHEMA["$defs"][kind]
    return own | {"properties": common | own["properties"]}


# Mappings from names have tables of their own.
TOP = {key: part for key, part in SCHEMA["properties"].items() if part["type"] != "object"}
TABLES = {
    "Top level": SCHEMA | {"properties": TOP},
    "`datasets.NAME`": SCHEMA["$defs"]["dataset"],
    "`weights.NAME`": SCHEMA["$defs"]["weights"],
    "`schedules.NAME`": SCHEMA["$defs"]["schedule"],
    "`studies.NAME`": SCHEMA["$defs"]["study"],
    "`studies.NAME.models.NAME`: perceptrons": model_schema("perceptron"),
    "`studies.NAME.models.NAME`: EfficientNets": model_schema("efficientnet"),
    "`lattice_studies.NAME`": SCHEMA["$defs"]["lattice_study"],
    "`tiling_studies.NAME`": SCHEMA["$defs"]["tiling_study"],
    "`tiling_studies.NAME.tilings.NAME`": SCHEMA["$defs"]["tiling"],
    "`spectral_studies.NAME`": SCHEMA["$defs"]["spectral_study"],
    "`signal_studies.NAME`": SCHEMA["$defs"]["signal_study"],
    "`signal_studies.NAME.networks.NAME`": SCHEMA["$defs"]["deep_networks"],
    "`weight_studies.NAME`": SCHEMA["$defs"]["weight_study"],
    "`weight_studies.NAME.scenarios.NAME`": SCHEMA["$defs"]["scenario"],
}
TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "object": "mapping",
    "string": "text|path|name",
}
LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}


def type_of(schema):
    """What the table calls the type, or the first of several types."""
    kinds = schema["type"]
    return TYPES[kinds if isinstance(kinds, str) else kinds[0]]


def documented(heading):
    """Key -> cells of its row in the table below a heading of config/README.md."""
    text = (ROOT / "config/README.md").read_text()
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert all(len(row) == 5 for row in cells)
    return {key.strip("`"): row for key, *row in cells}


@pytest.mark.parametrize("heading", TABLES)
def test_readme_has_exactly_the_keys_of_the_schema(heading):
    assert documented(heading).keys() == {key for key, _, _ in leaves(TABLES[heading])}


@pytest.mark.parametrize("heading", TABLES)
def test_readme_states_types_limits_and_defaults_of_the_schema(heading):
    table = documented(heading)
    defaults = {key: [] for key in table}
    for key, schema, required in leaves(TABLES[heading]):
        kind, limits, _, meaning = table[key]
        assert re.search("choice" if "enum" in schema else type_of(schema), kind), key
        assert all(f"`{value}`" in limits for value in schema.get("enum", [])), key
        assert all(str(schema[limit]) in limits for limit in LIMITS & schema.keys()), key
        assert meaning, key
        defaults[key].append("required" if required else schema.get("default", "–"))
    for key, (_, _, cell, _) in table.items():
        stated = yaml.safe_load(cell.strip("`")) if cell.startswith("`") else cell
        assert stated in defaults[key], key
