"""A kind of study is added from outside the tree: folders of its own, and three files touched."""

import json
from pathlib import Path

NEW = {
    "workflow/schemas/coins.schema.yaml": """
$defs:
  study:
    type: object
    additionalProperties: false
    required: [biases, tosses]
    properties:
      biases:
        description: probabilities of heads, the control parameter
        type: array
        items: {type: number, minimum: 0, maximum: 1}
      tosses: {description: tosses of each coin, type: integer, minimum: 1}
""",
    "workflow/scripts/netphase/coins/__init__.py": '"""Biased coins."""\n',
    "workflow/scripts/netphase/coins/tosses.py": """
import numpy as np


def toss(biases, n, rng: np.random.Generator) -> list[int]:
    \"\"\"Number of heads among n tosses of each coin.\"\"\"
    return rng.binomial(n, biases).tolist()
""",
    "workflow/scripts/netphase/config/coins.py": """
from netphase.errors import InputError


def check_study(key, study, config):
    if sorted(study["biases"]) != study["biases"]:
        raise InputError(f"{key}.biases: are not in ascending order")
""",
    "workflow/scripts/toss_coins.py": """
from netphase.coins.tosses import toss
from netphase.files import json_files
from netphase.jobs.job import job
from netphase.streams import stream

with job(snakemake):
    params = snakemake.params
    rng = stream("coins", study=snakemake.wildcards.coins_study)
    json_files.write({"heads": toss(params.biases, params.tosses, rng)}, snakemake.output.json)
""",
    "workflow/rules/coins/inputs.smk": """
wildcard_constraints:
    coins_study=one_of(config["studies"]["coins"]),


def coins_runs(study):
    return expand(rules.toss_coins.output, coins_study=study)


def nothing(study):
    return []


TARGETS["coins"] = nothing
RUNS["coins"] = coins_runs
CUBES["coins"] = nothing
COSTS["toss_coins"] = few_seconds
""",
    "workflow/rules/coins/rules.smk": """
rule toss_coins:
    \"\"\"Toss all coins of a study.\"\"\"
    output:
        json="results/{coins_study}/heads.json",
    log:
        "logs/{coins_study}/toss_coins.log",
    conda:
        "../../../envs/analysis.yaml"
    params:
        biases=lookup(dpath="studies/coins/{coins_study}/biases", within=config),
        tosses=lookup(dpath="studies/coins/{coins_study}/tosses", within=config),
        code=code_digest("toss_coins.py", "analysis.yaml"),
    script:
        "../../scripts/toss_coins.py"
""",
}
SNAKEFILE = "workflow/Snakefile"
CHECK = "workflow/scripts/netphase/config/check.py"
SCHEMA = "workflow/schemas/config.schema.yaml"
INCLUDES = """include: "rules/coins/inputs.smk"
include: "rules/coins/rules.smk"
"""
PROPERTY = """      coins:
        description: biased coins
        type: object
        additionalProperties: {$ref: "coins.schema.yaml#/$defs/study"}
        default: {}
"""


def insert_before(path: Path, mark: str, text: str) -> None:
    before, found, after = path.read_text().partition(mark)
    assert found, path
    path.write_text(f"{before}{text}{found}{after}")


def with_coins(clone, **changes):
    entry = {"biases": [0.0, 0.5, 1.0], "tosses": 100} | changes
    clone.add_study("coins", "fair", entry)
    return clone


def test_a_kind_of_study_touches_three_files(clone, touched):
    for path, text in NEW.items():
        (clone / path).parent.mkdir(exist_ok=True)
        (clone / path).write_text(text)
    insert_before(clone / SNAKEFILE, 'include: "rules/committed/inputs.smk"', INCLUDES)
    insert_before(clone / CHECK, "from netphase.errors", "from netphase.config import coins\n")
    insert_before(clone / CHECK, '    "spectral": ', '    "coins": coins.check_study,\n')
    insert_before(clone / SCHEMA, "      spectral:\n", PROPERTY)
    assert set(touched(clone)) - NEW.keys() == {SNAKEFILE, CHECK, SCHEMA}

    with_coins(clone).snakemake("fair")
    heads = json.loads((clone / "results/fair/heads.json").read_text())["heads"]
    assert (heads[0], heads[2]) == (0, 100) and 20 < heads[1] < 80
    assert clone.plan("fair") == {}
    assert with_coins(clone, tosses=200).plan("fair").keys() == {"toss_coins"}

    said = with_coins(clone, biases=[1.0, 0.5]).snakemake("--dry-run", succeeds=False).stdout
    assert "netphase: config key studies.coins.fair.biases: are not in ascending order" in said
