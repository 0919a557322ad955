from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/inputs/lattices.smk"
include: "workflow/inputs/weights.smk"
include: "workflow/inputs/tilings.smk"
include: "workflow/inputs/spectral.smk"
include: "workflow/inputs/signals.smk"
include: "workflow/inputs/trainability.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/noise.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/analyse.smk"
include: "workflow/rules/plot.smk"
include: "workflow/rules/networks.smk"
include: "workflow/rules/lattice.smk"
include: "workflow/rules/liquid.smk"
include: "workflow/rules/small_networks.smk"
include: "workflow/rules/signals.smk"
include: "workflow/rules/trainability.smk"
include: "workflow/rules/tilings.smk"
include: "workflow/rules/spectral.smk"


rule all:
    default_target: True
    input:
        [targets(study) for study in config["default_studies"]],


for study in config["found"]:

    rule:
        name:
            study
        input:
            targets(study),
