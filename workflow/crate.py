"""RO-Crate metadata of an archive, by the Workflow RO-Crate profile."""

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

import netCDF4
import yaml
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".nc": "application/x-netcdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}
RESULTS = {
    "report.html": "Report: figures, fits and verdicts on one page that opens offline",
    "verdicts.json": "Claims of the source papers: their value, ours, interval and verdict",
    "runs.nc": "Every run: metrics by data set, model, size, noise level and realisation",
    "statistics.nc": "Metrics over the realisations: mean, deviation and extremes",
    "costs.nc": "CPU time of every run",
    "costs.csv": "CPU time of every run, as a table",
    "findings.json": "What the study found, and how far to trust it",
    "transition.nc": "Least-squares sigmoid of every size",
    "transition.csv": "Least-squares sigmoid of every size, as a table",
    "families.nc": "Likelihood fits of several shapes to every size",
    "families.csv": "Likelihood fits of several shapes to every size, as a table",
    "realisations.nc": "Likelihood fits of several shapes to every realisation",
    "scaling.nc": "Transition point and width by size, their laws, the largest size predicted",
    "scaling.csv": "Transition point and width by size, as a table",
    "widths.csv": "Width of every size under every choice",
    "sensitivity.csv": "Exponent of the width under every other choice",
    "collapse.nc": "Data collapse of the curves of all sizes",
    "crossings.nc": "Crossings of the curves of all pairs of sizes",
    "crossings.csv": "Crossings of the curves of all pairs of sizes, as a table",
    "limits.nc": "Networks and the information limit",
    "recommendation.nc": "Recommended sizes for every noise level",
    "recommendation.csv": "Recommended sizes for every noise level, as a table",
    "calibration.nc": "What the analysis finds of a system that is known exactly",
    "calibration.csv": "What the analysis finds of a system that is known exactly, as a table",
    "corners.nc": "Infinite lattices by corner transfer matrices",
    "inversions.nc": "Spectral densities by every method at every noise level",
    "recoverability.nc": "Noise at which spectral densities are lost, and errors of the methods",
    "recoverability.csv": "Noise at which spectral densities are lost, as a table",
    "disc.nc": "Spins and magnetisation of an open disc of a hyperbolic tiling",
    "tilings.csv": "Critical temperatures and exponents of hyperbolic tilings, as a table",
    "inputs.nc": "Principal components of the images, the inputs of binary networks",
    "models.csv": "Ising models of weights: how good they are, and what they say, as a table",
    "frozen_interior.nc": "Networks with and without frozen blocks of weights",
    "depth.nc": "Deep networks of all widths and shallow ones",
    "double_descent.nc": "Networks that grow beyond the number of their training samples",
    "signals.nc": "Gram spectra of random networks, critical weight variance, mean field",
    "cascade.nc": "How well images are reconstructed from the layers of random networks",
    "convolutions.nc": "Spectra of random networks of convolutions, and their decay lengths",
    "choice.nc": "Deep networks of a chosen weight variance and of usual initialisations",
}
FOLDERS = {
    ".snakemake/metadata/": "Snakemake's record of every result: what it was made from",
    "config/": "Configuration: studies, models, noise schedules",
    "docs/": "Documentation, with the pages of all studies",
    "envs/": "Pinned environments and the lock with the sha256 of every package",
    "workflow/": "Rules, scripts and numerics",
    "results/{study}/runs/": "Result of every training job",
    "results/{study}/costs/": "CPU times of every training job",
    "results/{study}/weights/": "Weights of every network trained clean and tested noisy",
    "results/{study}/training_costs/": "CPU times of every network trained clean and tested noisy",
    "results/{study}/transitions/": "Critical temperature and exponents of every tiling",
    "results/{study}/limits/": "Information limit of every data set",
    "results/{study}/networks/": "Weights of every binary network, as bits",
    "results/{study}/ensembles/": "Binary networks that are accurate and differ",
    "results/{study}/models/": "Ising models of the weights",
    "results/{study}/landscapes/": "Entropy at a distance from networks",
    "results/{study}/iso_energy/": "The same among configurations of one energy",
    "results/{study}/states/": "Solutions of the TAP equations, and relaxation of Markov chains",
    "results/{study}/entropies/": "Entropy of every model by thermodynamic integration",
    "results/{study}/field_sweeps/": "Distance from networks in a field, by Markov chains",
    "results/{study}/renaming/": "Entropies of networks and of copies with permuted hidden units",
    "results/{study}/triples/": "Correlations of three weights",
    "results/{study}/frozen_interior/": "Every run of networks with frozen blocks",
    "results/{study}/depth/": "Every width of deep networks",
    "results/{study}/double_descent/": "Every width of binary and real networks",
    "results/{study}/spectra/": "Gram spectra of every random network",
    "results/{study}/cascades/": "Reconstructions from the layers of every random network",
    "results/{study}/deep_networks/": "Accuracies of every depth of trained deep networks",
    "results/{study}/trainability/": "Depth to which networks of each weight variance are trained",
    "results/{study}/predictions/": "Predictions of that depth and their errors",
    "results/{study}/convolutions/": "Spectra of every random network of convolutions",
    "results/{study}/choice/": "Accuracies of every depth and initialisation",
}
# Every study has one of these files.
FIRST = ("runs.nc", "inputs.nc", "signals.nc")
# Those that allow anybody to pass the data on, by their SPDX names.
OPEN_LICENCES = (
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0",
    "CC-BY-SA-4.0", "CC0-1.0", "MIT", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0",
)  # fmt: skip


def attributes(path: Path) -> dict:
    """Global attributes of a NetCDF file."""
    with netCDF4.Dataset(path) as file:
        return {name: file.getncattr(name) for name in file.ncattrs()}


def open_licence(text: str) -> str | None:
    """SPDX name of a licence that allows to pass the data on; None for any other text."""
    spdx = {name.lower(): name for name in OPEN_LICENCES}
    return spdx.get(text.strip().lower().replace(" ", "-"))


def describe(folder: Path, study: str, datasets: Mapping[str, Path], commit: str, date: str) -> str:
    """The JSON-LD text for a folder that holds everything else of the archive.

    Parameters
    ----------
    folder : Path
        All files of the archive, under their names in it.
    study : str
        Its name in the config.
    datasets : mapping
        Name in the archive -> path of each data set, which the folder need not hold.
    commit, date : str
        Git commit of the code, and date of publication (ISO 8601).
    """
    citation = yaml.safe_load((folder / "CITATION.cff").read_text())
    crate = ROCrate(version="1.1")
    root = crate.root_dataset
    root["name"] = f"netphase study {study}"
    root["description"] = " ".join(citation["abstract"].split())
    root["datePublished"] = date
    root["license"] = _licence(crate, citation["license"])
    root["author"] = _one_or_all(_author(crate, author) for author in citation["authors"])
    sources = _sources(folder, study, citation)
    if sources:
        root["citation"] = _one_or_all(_paper(crate, paper) for paper in sources)
    _add_workflow(crate, folder, study, citation, commit)
    if datasets:
        root["mentions"] = _one_or_all(
            _add_dataset(crate, folder, name, path) for name, path in datasets.items()
        )
    _add_results(crate, folder, study)
    text = json.dumps(crate.metadata.generate(), indent=2, sort_keys=True, ensure_ascii=False)
    return f"{text}\n"


def _one_or_all(values: Iterable):
    """RO-Crate wants a list of one to be written as that one."""
    values = list(values)
    return values[0] if len(values) == 1 else values


def _entity(crate, identifier: str, kind: str, **properties) -> ContextEntity:
    return crate.add(ContextEntity(crate, identifier, {"@type": kind} | properties))


def _licence(crate, text: str):
    name = open_licence(text)
    if name is None:
        return text
    url = f"https://spdx.org/licenses/{name}"
    return _entity(
        crate, url, "CreativeWork", name=name, url=url, description=f"The licence {name}"
    )


def _author(crate, author: Mapping) -> ContextEntity:
    if "name" in author:
        return _entity(crate, _local(author["name"]), "Organization", name=author["name"])
    name = f"{author['given-names']} {author['family-names']}"
    return _entity(crate, author.get("orcid", _local(name)), "Person", name=name)


def _local(name: str) -> str:
    return "#" + name.lower().replace(" ", "-")


def _sources(folder: Path, study: str, citation: Mapping) -> list[Mapping]:
    """References of CITATION.cff whose claims the study judges."""
    path = folder / f"results/{study}/verdicts.json"
    verdicts = json.loads(path.read_text()) if path.exists() else {}
    sources = {claim["source"] for claims in verdicts.values() for claim in claims}
    return [
        reference
        for reference in citation["references"]
        if any(source.startswith(_short(reference)) for source in sources)
    ]


def _short(reference: Mapping) -> str:
    names = [author["family-names"] for author in reference["authors"]]
    return f"{' & '.join(filter(None, (', '.join(names[:-1]), names[-1])))} ({reference['year']})"


def _paper(crate, reference: Mapping) -> ContextEntity:
    return _entity(
        crate,
        reference["url"],
        "ScholarlyArticle",
        name=reference["title"],
        author=[_author(crate, author) for author in reference["authors"]],
        datePublished=str(reference["year"]),
        url=reference["url"],
    )


def _add_workflow(crate, folder: Path, study: str, citation: Mapping, commit: str) -> None:
    first = next(path for name in FIRST if (path := folder / f"results/{study}/{name}").exists())
    libraries = json.loads(attributes(first)["library_versions"])
    workflow = crate.add_workflow(
        dest_path="Snakefile",
        main=True,
        lang="snakemake",
        lang_version=version("snakemake"),
        properties={
            "name": citation["title"],
            "description": f"Workflow at git commit {commit}",
            "version": commit,
            "encodingFormat": "text/plain",
        },
    )
    workflow["license"] = crate.root_dataset["license"]
    workflow["author"] = crate.root_dataset["author"]
    workflow["softwareRequirements"] = [
        _entity(
            crate, f"#{name}-{number}", "SoftwareApplication", name=name, softwareVersion=number
        )
        for name, number in libraries.items()
    ]
    workflow["conformsTo"] = _entity(
        crate,
        "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE",
        "CreativeWork",
        name="ComputationalWorkflow",
        version="1.0-RELEASE",
    )
    readme = {"name": "README.md", "encodingFormat": "text/markdown", "about": {"@id": "./"}}
    crate.add_file(dest_path="README.md", properties=readme)
    for name in ("LICENSE", "CITATION.cff", "Makefile", "pyproject.toml"):
        crate.add_file(dest_path=name, properties={"name": name, "encodingFormat": "text/plain"})


def _add_dataset(crate, folder: Path, name: str, path: Path) -> ContextEntity:
    """Describe the data set as it was published, and our file of it if the archive holds it."""
    stated = attributes(path)
    upstream = _entity(
        crate,
        f"#{path.stem}",
        "CreativeWork",
        name=stated["title"],
        description=f"Source: {stated['source']}. sha256 of its files: {stated['raw_sha256']}",
        version=stated["version"],
        license=_licence(crate, stated["licence"]),
        citation=stated["citation"],
    )
    if (folder / name).exists():
        file = _add_file(crate, folder, name, f"{stated['title']}, as read by the workflow")
        file["isBasedOn"] = upstream
        file["license"] = upstream["license"]
    return upstream


def _add_results(crate, folder: Path, study: str) -> None:
    results = f"results/{study}"
    for path in sorted(path for path in (folder / results).iterdir() if path.is_file()):
        _add_file(crate, folder, f"{results}/{path.name}", RESULTS.get(path.name, path.name))
    for figure in sorted((folder / results / "figures").iterdir()):
        description = f"Figure: {figure.stem.replace('_', ' ')}"
        _add_file(crate, folder, f"{results}/figures/{figure.name}", description)
    for name, description in FOLDERS.items():
        place = name.format(study=study)
        if not (folder / place).exists():
            continue
        crate.add_dataset(dest_path=place, properties={"name": place, "description": description})


def _add_file(crate, folder: Path, name: str, description: str):
    path = folder / name
    properties = {
        "name": path.name,
        "description": description,
        "encodingFormat": FORMATS.get(path.suffix, "application/octet-stream"),
        "contentSize": str(path.stat().st_size),
    }
    return crate.add_file(dest_path=name, properties=properties)
