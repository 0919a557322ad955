"""CPU cost of data sets, and their shapes, on which the cost of most other jobs depends."""


def shape_or_reason(name):
    """Shape of a data set, or the reason why it is not known before the data set is stored."""
    # No job needs these, and every job reads this file.
    from netphase.data import mirrors, shapes

    (stored,) = expand(rules.download_dataset.output.netcdf, dataset=name)
    if Path(stored).exists():
        return shapes.stored_shape(Path(stored))
    try:
        entry = config["datasets"][name]
        return shapes.shape_before(name, entry, mirrors.folders(config["mirror"]))
    except (InputError, OSError) as error:
        return f"{name} is not stored and cannot be sized: {error}"


def cost_of_dataset(wildcards, parameters, known):
    """A byte is kept of each value, or less; files are compressed."""
    return few_seconds(wildcards, parameters, known)._replace(
        kept=known.shape(wildcards["dataset"]).values
    )


COSTS["download_dataset"] = cost_of_dataset
COSTS["convert_pretrained"] = few_seconds
