"""Say what a run would do, cost and store before it is started (`make plan TARGET=study`).

The jobs are Snakemake's own; nothing is computed and no file is written. What training costs is
read off the nearest earlier runs under results/, whatever their study. Without such, minibatches
and floating-point operations are counted, at the speed of other earlier runs or of the benchmarks.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import netCDF4
import numpy as np
import yaml
from snakemake.api import SnakemakeApi
from snakemake.exceptions import RuleException, WorkflowError
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import DAGSettings, OutputSettings, ResourceSettings

PROFILE = Path("profiles/default/config.yaml")
BENCHMARKS = Path("benchmarks/summary.json")
DATASET = "resources/datasets/{}.nc"
# Realisations differ less than noise levels do.
FILES_PER_LEVEL = 3

# CPU seconds in which any job starts Snakemake and imports the scientific stack.
JOB_SECONDS = 3.0
# CPU seconds of a minibatch beside its products, from the digits, where they are half of its cost.
MINIBATCH_SECONDS = 3e-4
# The information limit of networks trained once: noised images, and the values of them all.
PROBES, PROBE_VALUES = 2000, 1 << 26
# Exponentials and discriminants take about as long as the products of noised with clean images.
LIMIT_SHARE = 2
# CPU seconds for each weight of a binary network and each sample that it is trained or scored on.
BINARY_SECONDS = 6e-10
# Of binary networks; their cost goes with convergence, the mixing of chains, or widths.
UNESTIMATED = {
    "infer_model",
    "explore_landscape",
    "find_states",
    "integrate_entropy",
    "trace_iso_energy",
    "sweep_field",
    "rename_units",
    "compare_triples",
    "train_frozen_interior",
    "train_depth",
    "train_double_descent",
    "train_deep_networks",
    "train_choice",
    "train_decoders",
    "propagate_signals",
    "reconstruct_cascade",
    "propagate_convolutions",
    "simulate_surfaces",
    "simulate_disc",
    "simulate_universes",
    "grow_corners",
    "invert_by_entropy",
    "invert_by_network",
}
# Run file and cost file of a job without its learning curves.
JOB_BYTES = 50_000


class Shape(NamedTuple):
    """Images to train on, all images, values of an image and classes of a data set."""

    train: int
    total: int
    n_features: int
    n_classes: int

    @property
    def values(self) -> int:
        return self.total * self.n_features


DIGITS = Shape(1797, 1797, 64, 10)
PUBLISHED = {
    "mnist": Shape(60_000, 70_000, 784, 10),
    "fashion_mnist": Shape(60_000, 70_000, 784, 10),
    "emnist/balanced": Shape(112_800, 131_600, 784, 47),
    "cifar100": Shape(50_000, 60_000, 3072, 100),
}
# What the benchmark ladder_epoch_of_emnist trains.
BENCHMARK, BENCHMARK_HIDDEN, BENCHMARK_BATCH = PUBLISHED["emnist/balanced"], 254, 200


class Unknown(Exception):
    """What keeps a job from being estimated, and the remedy."""


class Estimate(NamedTuple):
    """CPU seconds of a job (least, expected, most), whence they come, bytes kept and temporary."""

    seconds: np.ndarray
    source: str = ""
    kept: float = 0
    temporary: float = 0


class Earlier(NamedTuple):
    """A finished job: of each realisation CPU seconds, their ratio to `work`, share of max_iter.

    Ratio and share are empty where the run file is lost, and of learners other than perceptrons.
    """

    dataset: str
    model: Mapping[str, Any]
    level: Mapping[str, Any]
    seconds: np.ndarray
    slowness: np.ndarray
    epochs: np.ndarray


class EarlierNetwork(NamedTuple):
    """A finished job of a network trained once: CPU seconds of an epoch, or of a noise level."""

    rule: str
    dataset: str
    name: str
    parameters: Mapping[str, Any]
    seconds: float


@dataclass
class Sum:
    """What several jobs come to; the seconds and bytes are those of the jobs that are known."""

    jobs: int = 0
    seconds: np.ndarray = field(default_factory=lambda: np.zeros(3))
    longest: np.ndarray = field(default_factory=lambda: np.zeros(3))
    kept: float = 0
    largest_cube: float = 0
    unknown: int = 0
    remarks: Counter = field(default_factory=Counter)

    def add(self, estimate: Estimate) -> None:
        self.jobs += 1
        self.seconds = self.seconds + estimate.seconds
        self.longest = np.maximum(self.longest, estimate.seconds)
        self.kept += estimate.kept
        self.largest_cube = max(self.largest_cube, estimate.temporary)
        self.remarks[estimate.source] += 1

    def add_unknown(self, reason: Unknown) -> None:
        self.jobs += 1
        self.unknown += 1
        self.remarks[f"unknown, {reason}"] += 1

    def known(self, text: str) -> str:
        """The text, which counts the known jobs only, as a bound where there are others."""
        return f"at least {text}" if self.unknown else text


def pending_jobs(targets: Sequence[str]) -> tuple[list, Collection[str], Mapping[str, Any]]:
    """Jobs that a run would do, rules that never go to a cluster, and the configuration.

    Raises
    ------
    RuleException, WorkflowError : a target that nothing makes
    """
    profile = yaml.safe_load(PROFILE.read_text())
    settings = DAGSettings(
        targets=frozenset(targets),
        rerun_triggers=RerunTrigger.parse_choices_set(profile["rerun-triggers"]),
        force_incomplete=profile["rerun-incomplete"],
    )
    quiet = OutputSettings(quiet={Quietness.ALL}, enable_file_logging=False)
    with SnakemakeApi(quiet) as api:
        whole = api.workflow(ResourceSettings(cores=1), snakefile=Path("Snakefile"))
        whole.dag(settings)
        # No public call hands out the graph, and to print it takes longer than to make it.
        workflow = whole._workflow
        workflow._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=True)
        workflow._build_dag()
        jobs = [job for job in workflow.dag.needrun_jobs() if not job.rule.norun]
        return jobs, workflow._localrules, workflow.globals["config"]


def work(shape: Shape, hidden: Sequence[int], batch_size: int, epochs: np.ndarray) -> np.ndarray:
    """CPU seconds in which the machine of the benchmarks trains a ladder.

    An epoch of a size h takes 4 D h + 6 h C floating-point operations an image, and the minibatches
    of the ladder take MINIBATCH_SECONDS each.

    Parameters
    ----------
    epochs : (sizes, ...) epochs of each size

    Returns
    -------
    ndarray (...)
    """
    minibatches = np.ceil(shape.train / batch_size) * np.max(epochs, axis=0)
    products = np.tensordot(operations(shape, np.asarray(hidden)), epochs, 1) * operation_seconds()
    return minibatches * MINIBATCH_SECONDS + products


def operations(shape: Shape, hidden):
    """Floating-point operations of one epoch."""
    return shape.train * hidden * (4 * shape.n_features + 6 * shape.n_classes)


@cache
def operation_seconds() -> float:
    """CPU seconds of one floating-point operation in the benchmark."""
    overhead = BENCHMARK.train / BENCHMARK_BATCH * MINIBATCH_SECONDS
    epoch = benchmark("ladder_epoch_of_emnist") - overhead
    return epoch / operations(BENCHMARK, BENCHMARK_HIDDEN)


@cache
def benchmark(name: str) -> float:
    """Value of one entry of the benchmarks."""
    return json.loads(BENCHMARKS.read_text())[name]["value"]


def earlier_jobs() -> Iterator[Earlier]:
    """A few finished jobs of each study, data set, model and noise level."""
    for level in sorted({path.parent for path in Path("results").glob("*/costs/*/*/*/*.nc")}):
        yield from map(read_earlier, sorted(level.glob("*.nc"))[:FILES_PER_LEVEL])


def read_earlier(path: Path) -> Earlier:
    """The job that wrote a cost file, and its run file, in the same place under runs/."""
    with netCDF4.Dataset(path) as cost:
        parameters = json.loads(cost.parameters)
        model, level = parameters["model"], parameters["level"]
        dataset = str(cost["dataset"][0])
        seconds = np.asarray(cost["cpu_seconds"][0, 0, :, 0]).sum(axis=0)
    run = Path(str(path).replace("/costs/", "/runs/"))
    if not run.exists() or "hidden" not in model:
        return Earlier(dataset, model, level, seconds, np.empty(0), np.empty(0))
    with netCDF4.Dataset(run) as scores:
        epochs = np.asarray(scores["epochs"][0, 0, :, 0])
        train, test = map(int, scores["n_samples"][0])
        h, classes = model["hidden"][0], int(scores["n_classes"][0])
        inputs = (int(scores["n_parameters"][0, 0, 0]) - classes * (h + 1)) // h - 1
    shape = Shape(train, train + test, inputs, classes)
    slowness = seconds / work(shape, model["hidden"], model["batch_size"], epochs)
    return Earlier(dataset, model, level, seconds, slowness, epochs.mean(0) / model["max_iter"])


def earlier_networks() -> Iterator[EarlierNetwork]:
    """Finished trainings and evaluations of networks that are trained once."""
    for rule, folder, measured in (
        ("train_efficientnet", "training_costs", "training_seconds"),
        ("evaluate_efficientnet", "costs", "cpu_seconds"),
    ):
        for path in sorted(Path("results").glob(f"*/{folder}/*/*/seed*.nc")):
            with netCDF4.Dataset(path) as cost:
                parameters = json.loads(cost.parameters)
                seconds = np.asarray(cost[measured]).sum() / portions(parameters)
                place = (str(cost[name][0]) for name in ("dataset", "model"))
                yield EarlierNetwork(rule, *place, decisive(parameters), float(seconds))


def portions(parameters: Mapping) -> int:
    """Epochs of a training, or noise levels of an evaluation."""
    if "model" in parameters:
        return parameters["model"]["epochs"]
    return len(parameters["noising"]["steps"])


def decisive(parameters: Mapping) -> dict[str, Any]:
    """What the cost of an epoch or of a level depends on."""
    if "model" in parameters:
        return {key: value for key, value in parameters["model"].items() if key != "epochs"}
    return dict(parameters["settings"])


def shape_of(name: str, spec: Mapping[str, Any]) -> Shape | None:
    """Shape of a data set that is stored or published."""
    stored = Path(DATASET.format(name))
    if stored.exists():
        with netCDF4.Dataset(stored) as data:
            train = int(np.count_nonzero(data["split"][:] == 0))
            total, *image = data["image"].shape
            return Shape(train, total, int(np.prod(image)), data["label"].flag_values.size)
    if spec["source"] == "digits":
        return DIGITS._replace(train=DIGITS.total - spec["test_samples"])
    return PUBLISHED.get(spec.get("builder"))


class Estimator:
    """Estimates jobs from earlier ones, the shapes of the data sets and the benchmarks."""

    def __init__(
        self,
        earlier: Iterable[Earlier],
        networks: Iterable[EarlierNetwork],
        config: Mapping[str, Mapping],
    ) -> None:
        self.earlier, self.networks = list(earlier), list(networks)
        self.shapes = {name: shape_of(name, spec) for name, spec in config["datasets"].items()}
        self.weight_studies = config["weight_studies"]

    def estimate(self, job) -> Estimate:
        """CPU seconds and bytes of a job.

        Raises
        ------
        Unknown : they depend on the shape of the data set, and that is not known
        """
        start = Estimate(np.full(3, JOB_SECONDS))
        if job.rule.name in ("train_efficientnet", "evaluate_efficientnet"):
            return self.network(job)
        if job.rule.name == "bound_information":
            return start._replace(seconds=start.seconds + self.limit(job))
        if job.rule.name == "train_binary_networks":
            return start._replace(seconds=start.seconds + self.binary_networks(job))
        if job.rule.name in UNESTIMATED:
            raise Unknown("and not estimated beforehand")
        if job.rule.name == "train_learner":
            model, realisations = job.params.model, len(job.params.realisations)
            seconds, source = self.training(job.wildcards.dataset, model, job.params.level)
            curves = 8 * len(model.get("hidden", ())) * model.get("max_iter", 0) * realisations
            return Estimate(JOB_SECONDS + realisations * seconds, source, JOB_BYTES + curves)
        if hasattr(job.output, "cube"):
            values = self.shape(job.wildcards.dataset).values * len(job.params.realisations)
            seconds = values * benchmark("cube_cpu") / BENCHMARK.values
            stored = values * benchmark("cube_bytes_per_image") / BENCHMARK.n_features
            return start._replace(seconds=start.seconds + seconds, temporary=stored)
        if job.rule.name == "download_dataset":
            return start._replace(kept=self.shape(job.wildcards.dataset).values)
        return start

    def network(self, job) -> Estimate:
        """A training or evaluation from earlier ones of the same network.

        Raises
        ------
        Unknown : there is none
        """
        rule, parameters = job.rule.name, dict(job.params.items())
        wanted = decisive(parameters)
        seconds = [
            one.seconds
            for one in self.networks
            if (one.rule, one.dataset, one.parameters) == (rule, job.wildcards.dataset, wanted)
            and (rule == "train_efficientnet" or one.name == job.wildcards.model)
        ]
        if not seconds:
            raise Unknown(f"{job.wildcards.model} was never run on {job.wildcards.dataset}")
        spent = JOB_SECONDS + portions(parameters) * spread([np.array(seconds)])
        return Estimate(spent, "earlier runs of the same network", JOB_BYTES)

    def binary_networks(self, job) -> float:
        """CPU seconds of the training of a chunk, and of the choice among its draws."""
        settings, shape = job.params.settings, self.shape(job.params.dataset)
        components = self.weight_studies[job.wildcards.weight_study]["components"]
        layers = (components, *settings["hidden"], shape.n_classes)
        n_weights = sum(a * b for a, b in zip(layers, layers[1:], strict=False))
        samples = settings["steps"] * settings["batch_size"] + shape.total - shape.train
        samples += settings["draws"] * settings["scored"]
        return len(job.params.trials) * n_weights * samples * BINARY_SECONDS

    def limit(self, job) -> float:
        """CPU seconds of the posteriors: every noised image meets every clean one at each level."""
        shape = self.shape(job.wildcards.dataset)
        noised = shape.total - shape.train
        if job.params.trained_once:
            noised = min(noised, PROBES, PROBE_VALUES // shape.n_features)
        else:
            noised *= job.params.realisations
        products = 2 * noised * shape.values * len(job.params.steps)
        return LIMIT_SHARE * products * operation_seconds()

    def shape(self, dataset: str) -> Shape:
        if self.shapes[dataset] is None:
            raise Unknown(f"{dataset} is not stored yet; make {DATASET.format(dataset)} first")
        return self.shapes[dataset]

    def training(self, dataset: str, model: Mapping, level: Mapping) -> tuple[np.ndarray, str]:
        """CPU seconds of one realisation (least, expected, most), and whence they come."""
        same = [job for job in self.earlier if (job.dataset, job.model) == (dataset, model)]
        here = [job for job in same if job.level == level]
        if same:
            place = "the same noise level" if here else "other noise levels"
            return spread(job.seconds for job in here or same), f"earlier runs at {place}"

        if "hidden" not in model:
            raise Unknown(f"{model['learner']} was never trained on {dataset} with these options")
        epochs = np.full(len(model["hidden"]), model["max_iter"])
        most = work(self.shape(dataset), model["hidden"], model["batch_size"], epochs)
        kin = [job for job in self.earlier if job.epochs.size and alike(job.model, model)]
        if kin:
            share = np.append(spread(job.epochs for job in kin)[:2], 1)
            seconds = most * share * spread(job.slowness for job in kin)
            names = ", ".join(sorted({job.dataset for job in kin}))
            return seconds, f"operations, at the speed of earlier runs on {names}"

        if model["learner"] == "sklearn_perceptron":
            most *= benchmark(f"ladder_speed_over_sklearn_{model['dtype']}")
        fewest = min(1, (model["n_iter_no_change"] + 2) / model["max_iter"])
        source = f"operations of all max_iter epochs, at the speed of {BENCHMARKS}"
        return most * np.array([fewest, 1, 1]), source


def alike(one: Mapping, other: Mapping) -> bool:
    """Whether two models are trained by the same code in the same precision."""
    return all(one.get(key) == other[key] for key in ("learner", "dtype"))


def spread(parts: Iterable[np.ndarray]) -> np.ndarray:
    """Least, mean and greatest value."""
    values = np.concatenate(list(parts))
    return np.array([values.min(), values.mean(), values.max()])


def sums(jobs: Iterable, estimator: Estimator) -> tuple[dict[str, Sum], Sum]:
    """What the jobs of each rule and all jobs come to."""
    rules: dict[str, Sum] = {}
    total = Sum()
    for job in jobs:
        rule = rules.setdefault(job.rule.name, Sum())
        try:
            estimate = estimator.estimate(job)
        except Unknown as reason:
            rule.add_unknown(reason)
            total.add_unknown(reason)
        else:
            rule.add(estimate)
            total.add(estimate)
    return rules, total


def describe(
    name: str, rules: Mapping[str, Sum], total: Sum, local: Collection[str], cores: int
) -> Iterator[str]:
    """The plan, line by line."""
    if not rules:
        yield f"{name}: nothing to do"
        return
    submitted = sum(rule.jobs for key, rule in rules.items() if key not in local)
    yield f"{name}: jobs to do {total.jobs}, submissions to a cluster {submitted}"
    yield ""
    yield row("rule", "jobs", "CPU time")
    for key, rule in sorted(rules.items(), key=lambda item: -item[1].seconds[1]):
        yield row(key, rule.jobs, rule.known(times(rule.seconds)))
        yield from (f"    {n}: {remark}" for remark, n in rule.remarks.items() if remark)
    yield row("total", total.jobs, total.known(times(total.seconds)))
    yield ""
    wall = np.maximum(total.seconds / cores, total.longest)
    yield f"wall time on {cores} free cores: {total.known(times(wall))}"
    cubes = min(cores, total.jobs) * total.largest_cube
    yield f"disk, kept: {total.known(size(total.kept))}"
    yield f"disk, noise cubes on the way: {total.known(size(cubes))}"


def row(*cells) -> str:
    return "{:18} {:>6}  {}".format(*cells)


def times(seconds: np.ndarray) -> str:
    """Expected duration with its range, as 1.3 h (0.9 h to 2 h)."""
    least, expected, most = map(duration, seconds)
    return expected if least == most else f"{expected} ({least} to {most})"


def duration(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.2g} {unit}"
    return f"{seconds:.0f} s"


def size(n_bytes: float) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if n_bytes >= length:
            return f"{n_bytes / length:.2g} {unit}"
    return f"{n_bytes / 1e3:.0f} kB"


def main() -> None:
    """Print the plan of the targets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", help="studies or files; without, the default studies")
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    name = " ".join(arguments.targets) or "default studies"
    try:
        jobs, local, config = pending_jobs(arguments.targets)
        rules, total = sums(jobs, Estimator(earlier_jobs(), earlier_networks(), config))
    except (RuleException, WorkflowError) as error:
        sys.exit(f"netphase: {name}: {str(error).splitlines()[0]}")
    except FileNotFoundError as error:
        sys.exit(f"netphase: {error.filename} is missing; measure it: make bench")
    except OSError as error:
        sys.exit(f"netphase: {error.filename}: {error.strerror}; delete it and run again")
    print(*describe(name, rules, total, local, arguments.cores), sep="\n")


if __name__ == "__main__":
    main()
