"""Parameters of a data set."""


wildcard_constraints:
    pretrained=one_of(config["pretrained"]),


def dataset_source(wildcards):
    """Parameters of the stored data set; the rest of its entry concerns jobs."""
    later = {"seeds_per_job", "materialise"}
    entry = config["datasets"][wildcards.dataset]
    return {key: value for key, value in entry.items() if key not in later}
