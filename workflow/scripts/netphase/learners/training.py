"""One training job: a ladder of learners on some realisations of one noise level."""

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from netphase.errors import InputError
from netphase.jobs.costs import cpu_model
from netphase.learners.contract import STOP_REASONS, Ladder, Streams
from netphase.learners.scores import METRICS, confusion, scores
from netphase.runs import run_files

log = logging.getLogger(__name__)


def train_ladder(
    cube: xr.Dataset,
    *,
    dataset: str,
    name: str,
    model: Mapping,
    make: Callable[..., Ladder],
    size_name: str,
    realisations: Sequence[int],
) -> tuple[xr.Dataset, xr.Dataset]:
    """Train and score one ladder on each realisation of a cube.

    In one piece: the loop over the realisations and the files of its result.

    Parameters
    ----------
    cube : as netphase.noise.cubes.build returns it, not decoded; of the CF flags of its variable
        split, the first one marks the rows to train on
    dataset, name : names of the data set and of the model in the configuration
    model : its entry there, the name of its learner and the options of that
    make : the factory of the learner (`netphase.learners.contract`)
    size_name : what a size counts

    Returns
    -------
    run : scores of every (size, split), with learning curves, epochs and stop reasons of learners
        that have them
    cost : process CPU seconds of every size; apart, since no two runs cost the same to the bit

    Raises
    ------
    InputError
        A learner predicts a value that is no label of its data.
    """
    options = {key: value for key, value in model.items() if key != "learner"}
    n_classes = int(cube["label"].max()) + 1
    step = int(cube["diffusion_step"])
    ladders, measured = [], []
    for realisation in realisations:
        ladder = make(n_classes, **options)
        key = {"dataset": dataset, "step": step, "realisation": int(realisation)}
        image = cube["image"].sel(realisation=realisation)
        measured.append(_fit_and_score(ladder, image, cube, Streams(**key), name))
        ladders.append(ladder)
        accuracy = measured[-1]["accuracy"][:, 1]
        log.info("realisation %d: test accuracy %s", realisation, accuracy)
    axes = run_files.Axes(
        dataset,
        name,
        np.asarray(ladders[0].sizes, np.int32),
        size_name,
        np.asarray(realisations, np.int32),
        [step],
        [float(cube["kappa"])],
        [float(cube["alpha_bar"])],
    )
    run = _run(axes, ladders, measured, cube["split"], n_classes, _plain(model))
    cost = run_files.cost_file(
        axes,
        _stacked([ladder.cpu_seconds_ for ladder in ladders]),
        of="training",
        title=f"cost of {name} on {dataset} at diffusion step {step}",
        cpu_model=cpu_model(),
    )
    return run, cost


def _fit_and_score(ladder, image, cube, rng, name):
    """Train on the first split: metric -> (sizes, splits) of all splits."""
    label, split = cube["label"].values.astype(np.int64), cube["split"]
    parts = [np.flatnonzero(split == code) for code in split.attrs["flag_values"]]
    scale = image.attrs.get("scale_factor", np.float32(1))
    stored = image.values
    packed = {"scale": scale} if ladder.reads_packed else {}
    X = [stored[rows] if packed else _decoded(stored[rows], scale, ladder.dtype) for rows in parts]
    n_classes = int(label.max()) + 1
    ladder.fit(X[0], label[parts[0]], rng, **packed)
    found = {metric: np.zeros((len(ladder.sizes), len(parts))) for metric in METRICS}
    for s, rows in enumerate(parts):
        for k, predicted in enumerate(_predicted(ladder, X[s], n_classes, name)):
            for metric, value in scores(confusion(label[rows], predicted, n_classes)).items():
                found[metric][k, s] = value
    return found


def _decoded(stored, scale, dtype):
    return stored.astype(dtype) * dtype.type(scale)


def _predicted(ladder, X, n_classes, name):
    predicted = np.asarray(ladder.predict(X))
    if predicted.shape != (len(ladder.sizes), len(X)) or predicted.dtype.kind != "i":
        raise InputError(
            f"{name}: its learner predicts {predicted.dtype} of shape {predicted.shape}, not an "
            f"integer for each of {len(ladder.sizes)} sizes and {len(X)} samples"
        )
    if predicted.min() < 0 or predicted.max() >= n_classes:
        raise InputError(f"{name}: its learner predicts labels outside 0 ... {n_classes - 1}")
    return predicted


def _stacked(parts):
    """(sizes, 1 level, realisations, ...) of one array (sizes, ...) for each realisation."""
    return np.stack(parts, axis=1)[:, np.newaxis]


def _plain(model):
    """The entries of a model that an attribute of a file can hold."""
    return {key: value for key, value in model.items() if type(value) in (int, float, str)}


def _run(axes, ladders, measured, split, n_classes, attributes):
    """The run file of the ladders of some realisations."""
    flags = zip(split.attrs["flag_meanings"].split(), split.attrs["flag_values"], strict=True)
    title = f"{axes.model} on {axes.dataset} at diffusion step {axes.steps[0]}"
    run = run_files.run_file(
        axes,
        {metric: _stacked([part[metric] for part in measured]) for metric in METRICS},
        METRICS,
        protocol=run_files.TRAINED_AT_EACH_LEVEL,
        n_samples={meaning: np.count_nonzero(split == code) for meaning, code in flags},
        n_classes=n_classes,
        n_parameters=ladders[0].n_parameters,
        attributes={"title": title} | attributes,
    )
    return _with_history(run, ladders)


def _with_history(run, ladders):
    if all(hasattr(ladder, "loss_curve_") for ladder in ladders):
        sizes = range(len(ladders[0].sizes))
        curves = np.full((len(sizes), 1, len(ladders), ladders[0].max_iter), np.nan)
        epochs = np.zeros(curves.shape[:-1], np.int32)
        for r, ladder in enumerate(ladders):
            for k in sizes:
                epochs[k, 0, r] = len(ladder.loss_curve_[k])
                curves[k, 0, r, : epochs[k, 0, r]] = ladder.loss_curve_[k]
        run = run_files.with_learning_curves(run, curves, epochs)
    if all(hasattr(ladder, "stop_reason_") for ladder in ladders):
        reasons = _stacked([np.array(ladder.stop_reason_) for ladder in ladders])
        run = run_files.with_stop_reasons(run, reasons, STOP_REASONS)
    return run
