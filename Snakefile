# The workflow itself, as other workflows find it.
include: "workflow/Snakefile"


# What an included file calls its default target does not count.
workflow.default_target = "all"
