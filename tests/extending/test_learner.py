"""A learner is added from outside the tree: four files, and a study of it runs to its figures."""

import shutil
from pathlib import Path

import xarray as xr
import yaml

HERE = Path(__file__).parent
MODULE = "workflow/scripts/netphase/learners/convolutional.py"
REGISTRY = "workflow/scripts/netphase/learners/registry.py"
SCHEMA = "workflow/schemas/noise.schema.yaml"
CONFIG = "config/config.yaml"

ENTRY = """    "convolutional": Shipped(
        "netphase.learners.convolutional:convolutional_networks", "channels"
    ),
}
"""
OPTIONS = """
required: [sizes]
properties:
  sizes:
    description: ladder of numbers of channels
    type: array
    items: {type: integer, minimum: 1}
    minItems: 1
    uniqueItems: true
  epochs: {description: epochs of training, type: integer, minimum: 1, default: 12}
  learning_rate: {description: Adam's step size, type: number, exclusiveMinimum: 0, default: 0.01}
"""
STUDY = {
    "datasets": ["digits"],
    "schedule": "ddpm",
    "steps": [-1, 300, 900, 3000],
    "realisations": 2,
    "models": {"cnn": {"learner": "convolutional", "sizes": [1, 4]}},
    "example": {"class": 3, "steps": [300, 900]},
}
# Noise is made by the jobs themselves: fewer of them.
DIGITS = {"source": "digits", "test_samples": 1400, "seeds_per_job": 2, "materialise": False}


def register(workflow):
    """Write the module, its place in the registry, its options and a study of it."""
    shutil.copy2(HERE / "convolutional.py", workflow / MODULE)
    registry = (workflow / REGISTRY).read_text()
    assert registry.endswith("}\n")
    (workflow / REGISTRY).write_text(registry.removesuffix("}\n") + ENTRY)
    schema = yaml.safe_load((workflow / SCHEMA).read_text())
    model, name = schema["$defs"]["model"], {"const": "convolutional"}
    model["properties"]["learner"]["enum"].append("convolutional")
    chosen = {"required": ["learner"], "properties": {"learner": name}}
    model["allOf"].append({"if": chosen, "then": yaml.safe_load(OPTIONS)})
    (workflow / SCHEMA).write_text(yaml.safe_dump(schema))
    config = workflow.config | {"default_studies": ["cnn"], "studies": {"noise": {"cnn": STUDY}}}
    workflow.config = config | {"datasets": {"digits": DIGITS}}


def test_a_convolutional_network_takes_four_files(clone, touched):
    register(clone)
    assert touched(clone) == sorted([MODULE, REGISTRY, SCHEMA, CONFIG])

    refused = clone.config
    refused["studies"]["noise"]["cnn"]["models"]["cnn"]["depth"] = 3
    clone.config = refused
    answer = clone.snakemake("--dry-run", succeeds=False).stdout.splitlines()
    (line,) = [line for line in answer if line.startswith("netphase: ")]
    assert "studies.noise.cnn.models.cnn" in line and "'depth'" in line
    del refused["studies"]["noise"]["cnn"]["models"]["cnn"]["depth"]
    clone.config = refused

    clone.snakemake("--cores", "2")
    runs = xr.load_dataset(clone / "results/cnn/runs.nc").squeeze(["dataset", "model"])
    assert runs["size"].values.tolist() == [1, 4] and runs["size"].long_name == "channels"
    clean = runs.accuracy.sel(split="test").isel(step=0)
    assert (runs.kappa[0], runs.protocol) == (0, "trained_at_each_level")
    assert (clean.mean("realisation") > 3 / runs.n_classes).all()
    assert runs.n_parameters.values.tolist() == [10 + 16 * 10 + 10, 40 + 64 * 10 + 10]
    for figure in ("capacity", "transition", "collapse", "cost", "scaling", "recommendation"):
        assert (clone / f"results/cnn/figures/digits_{figure}.svg").stat().st_size > 5000
    assert len(touched(clone)) == 4


def test_a_change_of_one_learner_trains_no_other_again(clone):
    """The digest of a job holds the code of its own learner."""
    register(clone)
    config = clone.config
    config["studies"]["noise"]["cnn"]["models"]["mlp"] = {"hidden": [2], "max_iter": 3}
    clone.config = config
    pattern = "results/cnn/runs/digits/{}/step300/seed0.nc"
    targets = [pattern.format(model) for model in ("cnn", "mlp")]
    clone.snakemake(*targets)
    assert clone.plan(*targets) == {}
    module = clone / MODULE
    module.write_text(module.read_text().replace("split(50)", "split(40)"))
    assert clone.plan(*targets) == {
        "train_learner": [f"{targets[0]}, {targets[0].replace('runs', 'costs')}"]
    }
