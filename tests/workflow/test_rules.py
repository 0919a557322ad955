"""The form of the rules: documented, logged, pinned, and one short script each."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "workflow" / "scripts"
SMK = [ROOT / "workflow/Snakefile", *sorted((ROOT / "workflow").rglob("*.smk"))]
RULE = re.compile(r"^(?:rule|checkpoint) (\w+):\n((?:(?: {4}.*)?\n)*)", re.M)
RULES = {name: body for path in SMK for name, body in RULE.findall(path.read_text())}
TARGETS = {"all"}
JOBS = sorted(RULES.keys() - TARGETS)
TIMED = [rule for rule in JOBS if rule.startswith(("train_", "evaluate_"))]
COSTS = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*/costs.smk"))
ESTIMATED = re.findall(r"(?<=[\[ ]\")(\w+)\"\]?(?:: | = )cost_of_", COSTS)


def value(rule, directive):
    """What follows a directive of a rule, without layout."""
    found = re.search(rf"^    {directive}:(.*\n(?:     .*\n|\n)*)", RULES[rule], re.M)
    assert found, f"rule {rule} has no {directive}"
    return " ".join(found[1].split())


def wildcards(text):
    return set(re.findall(r"{(\w+)}", text))


def test_rules_are_found():
    assert {"all", "download_dataset", "noise_dataset", "train_learner"} < RULES.keys()
    written = sum(
        len(re.findall(r"^\s*(?:rule|checkpoint)(?: \w+)?:", p.read_text(), re.M)) for p in SMK
    )
    studies = 1  # the loop in the Snakefile, a target for each study
    assert len(RULES) + studies == written


@pytest.mark.parametrize("path", SMK, ids=lambda path: path.name)
def test_no_code_inside_rules(path):
    assert not re.search(r"^\s*run:|\blambda\b|^\s*shell:", path.read_text(), re.M)


@pytest.mark.parametrize("rule", JOBS)
def test_docstring_is_one_sentence(rule):
    assert re.match(r'    """[A-Z][^"]*[^."]\."""\n', RULES[rule])


@pytest.mark.parametrize("rule", JOBS)
def test_name_is_verb_and_noun(rule):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", rule)


@pytest.mark.parametrize("rule", JOBS)
def test_log_is_named_after_study_and_rule(rule):
    log = value(rule, "log").strip('",')
    (study,) = {name for name in wildcards(log) if name.endswith("study")} or {""}
    folder = f"logs/{{{study}}}/" if study else "logs/"
    assert log.startswith(f"{folder}{rule}/") or log == f"{folder}{rule}.log"
    assert wildcards(log) == wildcards(value(rule, "output"))


def script_of(rule):
    """The script of a rule has its name; one draws all figures that only take saved tables."""
    return "plot_tables" if "figure=imported(" in RULES[rule] else rule


@pytest.mark.parametrize("rule", JOBS)
def test_digest_covers_the_rule_s_own_script_and_environment(rule):
    environment = value(rule, "conda").strip('"').removeprefix("../../../envs/")
    assert (ROOT / "envs" / environment).is_file()
    assert f'code=code_digest("{script_of(rule)}.py", "{environment}")' in value(rule, "params")


@pytest.mark.parametrize("rule", JOBS)
def test_memory_and_time_are_stated_and_one_thread_is_taken(rule):
    assert "threads:" not in RULES[rule]
    asked = r"mem_mb=growing\(\d+\), runtime=growing\(\d+\),"
    assert re.fullmatch(asked, value(rule, "resources"))


@pytest.mark.parametrize("rule", TIMED)
def test_training_is_timed(rule):
    assert wildcards(value(rule, "benchmark")) == wildcards(value(rule, "output"))


def test_every_rule_declares_its_cost_in_its_kind():
    for folder in {path.parent for path in SMK} - {ROOT / "workflow", ROOT / "workflow/rules"}:
        names = {
            name for path in folder.glob("*.smk") for name, _ in RULE.findall(path.read_text())
        }
        tree = ast.parse((folder / "costs.smk").read_text())
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and node.value in names
        ]
        assert sorted(texts) == sorted(names), folder.name


@pytest.mark.parametrize("rule", ESTIMATED)
def test_what_is_estimated_is_measured(rule):
    """By a cost file or by Snakemake; what jobs did cost corrects what is declared."""
    measured = re.search(r"^    benchmark:|^        costs?=", RULES[rule], re.M)
    # Cubes are temporary, and their cost is exact; downloads are a matter of the network.
    assert measured or rule in ("noise_dataset", "download_dataset")


@pytest.mark.parametrize("rule", JOBS)
def test_script_only_reads_calls_and_writes(rule):
    assert value(rule, "script") == f'"../../scripts/{script_of(rule)}.py"'
    text = (SCRIPTS / f"{script_of(rule)}.py").read_text()
    assert len(text.splitlines()) <= 30
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, definitions)]


ANALYSIS = (
    "findings", "figures", "information", "runs/aggregation", "runs/cost_tables", "runs/ladders",
    "runs/statistics", "scaling", "statistics", "transitions",
)  # fmt: skip


def imported_files(path):
    """The files of the package that a file imports, directly or through others."""
    found, pending = set(), [path]
    while pending:
        for node in ast.walk(ast.parse(pending.pop().read_text())):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("netphase"):
                folder = SCRIPTS.joinpath(*node.module.split("."))
                files = {folder / f"{alias.name}.py" for alias in node.names}
                files = {file for file in files if file.is_file()} or {folder.with_suffix(".py")}
                pending += files - found
                found |= files
    return {str(file.relative_to(SCRIPTS / "netphase")) for file in found}


@pytest.mark.parametrize(
    "script",
    [
        *("scripts/train_learner", "scripts/train_efficientnet", "scripts/evaluate_efficientnet"),
        *("scripts/netphase/learners/perceptrons", "scripts/netphase/learners/sklearn_perceptrons"),
    ],
)
def test_training_never_imports_analysis(script):
    """Or every edit of an analysis would train all networks again."""
    files = imported_files(ROOT / "workflow" / f"{script}.py")
    assert any(file.startswith("learners/") for file in files)
    assert [file for file in sorted(files) if file.startswith(ANALYSIS)] == []


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_random_streams_name_their_coordinates(path):
    """Handed all wildcards, a stream would change its draws where one of them is renamed."""
    assert "**snakemake.wildcards" not in path.read_text()
    assert "dict(snakemake.wildcards" not in path.read_text()


def test_snakemake_finds_nothing_to_improve(workflow):
    assert "Congratulations" in workflow.snakemake("--lint").stdout
