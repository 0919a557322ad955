.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Importing the scientific stack takes six times as long where no bytecode may be kept.
unexport PYTHONDONTWRITEBYTECODE
# Snakemake starts its jobs by an unquoted path to Python.
$(if $(word 2,$(CURDIR)),$(error $(CURDIR): move netphase to a path without blanks))

PYTHON ?= python3
CORES ?= $(shell nproc)
TARGET ?=
STUDIES ?=
STUDY ?= mlp_digits
ARCHIVE ?= archives/$(STUDY).zip
ACCURACY ?=
KAPPA ?=
# The study that `make analyse` makes from committed runs.
ANALYSE ?=
PYTEST_ARGS ?=

LOCK := envs/lock/requirements.txt
# cpu, or cuda where there is a GPU (`make clean` before changing it).
TORCH ?= cpu
# PyPI has no torch for processors alone: it lies in a folder of wheels or in PyTorch's own index.
WHEELS := $${PIP_FIND_LINKS:+--find-links} $${PIP_FIND_LINKS:---torch-backend=cpu}
NO_WHEEL := netphase: if no torch for processors alone was found, make setup TORCH=cuda takes PyPI's, \
	which brings 3 GB of CUDA
INSTALL := .venv/bin/uv pip sync --require-hashes
# Jobs and tests that call a program by name find the locked one first. Here modules are run, not
# console scripts, because those break when the repository is moved.
VENV := PATH="$(CURDIR)/.venv/bin:$$PATH"
SNAKEMAKE := $(VENV) python -m snakemake
# A single study has its own report, so that it never passes for the report of all of them.
REPORT := results/$(addsuffix /,$(TARGET))report.html
FIGURES := $(wildcard $(addprefix results/$(or $(TARGET),*)/,figures/* *.json))

.PHONY: help setup plan run analyse keep report recommend archive verify restore track
.PHONY: test test-fast test-cluster test-conda crosscheck bench docs lint lock clean new-interpreter

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.stamp ## Install the locked packages into .venv, if the lock has changed (PYTHON=python3.12)

plan: setup ## Say what a run would do and cost (TARGET=study CORES=n)
	@$(VENV) python workflow/plan.py --cores $(CORES) $(TARGET)

run: setup ## Compute what is missing, to figures and report (TARGET=study CORES=n)
	$(SNAKEMAKE) --cores $(CORES) $(TARGET)
	@$(MAKE) --no-print-directory $(REPORT)

analyse: setup ## Make figures, findings and report from committed runs (STUDY=study CORES=n)
	$(SNAKEMAKE) --cores $(CORES) $(STUDY) --config analyse=$(STUDY)
	@$(MAKE) --no-print-directory report TARGET=$(STUDY) ANALYSE=$(STUDY)

keep: setup ## Pack the runs of a finished study into docs/results, to be committed (STUDY=study)
	@$(VENV) python workflow/keep.py $(STUDY)

report: setup ## Bring the HTML report up to date with the figures (TARGET=study)
	@$(MAKE) --no-print-directory $(REPORT)

recommend: setup ## Say which size suits which noise (STUDY=mlp_digits ACCURACY=0.8 KAPPA=2)
	@$(VENV) python workflow/recommend.py $(STUDY) $(if $(ACCURACY),--accuracy=$(ACCURACY)) $(if $(KAPPA),--kappa=$(KAPPA))

archive: setup ## Pack a finished study for publication (STUDY=mlp_digits)
	@$(MAKE) --no-print-directory report TARGET=$(STUDY)
	$(VENV) python workflow/archive.py create $(STUDY)

verify: setup ## Check every byte of an archive (ARCHIVE=file)
	$(VENV) python workflow/archive.py verify $(ARCHIVE)

restore: setup ## Bring the results of an archive into this clone (ARCHIVE=file)
	$(VENV) python workflow/archive.py restore $(ARCHIVE)

track: .venv-tracking/.stamp ## Show the networks of a finished study to MLflow (STUDY=study)
	.venv-tracking/bin/python workflow/track.py $(STUDY)

test: setup ## Run the test suite (PYTEST_ARGS="-k noise" CORES=n)
	$(VENV) python -m pytest --numprocesses=$(CORES) --dist=loadfile $(PYTEST_ARGS)

test-fast: setup ## Run what tells most in three minutes, while working
	$(VENV) python -m pytest --numprocesses=$(CORES) --dist=loadfile -m "not slow" \
		tests/unit tests/workflow/test_rules.py tests/workflow/test_config.py tests/workflow/test_docs.py

test-cluster: setup ## Run studies and inject faults on a real Slurm, started for it as root
	$(VENV) python -m pytest tests/cluster $(PYTEST_ARGS)

test-conda: setup ## Run a study under --sdm conda, in environments of a local channel
	$(VENV) python -m pytest tests/conda $(PYTEST_ARGS)

crosscheck: setup $(foreach kind,crosscheck crate maxent networks tracking,.venv-$(kind)/.stamp) ## Compare with tensorflow-datasets, other EfficientNets, another MaxEnt, MLflow and an RO-Crate validator
	.venv-crosscheck/bin/python -m pytest tests/crosscheck
	.venv-networks/bin/python -m pytest tests/networks
	.venv-maxent/bin/python -m pytest tests/maxent
	.venv-tracking/bin/python -m pytest tests/tracking
	$(VENV) python -m pytest tests/workflow/test_archive.py -k crate

bench: setup .venv-networks/.stamp .venv-ising/.stamp ## Measure the performance claims
	$(VENV) PYTHONPATH=workflow/scripts python benchmarks/run.py
	PYTHONPATH=workflow/scripts .venv-networks/bin/python benchmarks/networks.py
	PYTHONPATH=workflow/scripts .venv-ising/bin/python benchmarks/ising_models.py

docs: setup ## Make the reference of the config and the pages of finished studies (STUDIES="a b")
	$(VENV) python docs/build.py $(STUDIES)

lint: setup ## Check style and workflow
	$(VENV) python -m ruff check
	$(VENV) python -m ruff format --check
	$(VENV) python -m snakefmt --check Snakefile workflow
	$(SNAKEMAKE) --lint

lock: .venv/bin/uv ## Resolve envs/*.in into the lock and the conda environments
	.venv/bin/python envs/pin.py

clean: ## Remove the installed packages and the caches; data and results stay
	rm -rf .venv .venv-* .pytest_cache .ruff_cache .hypothesis
	find tests workflow -name __pycache__ -prune -exec rm -rf {} +

# Made by `make report` once the figures are there: FIGURES is read anew by that second make.
$(REPORT): $(FIGURES) $(wildcard workflow/report/* workflow/report/*/*)
	$(SNAKEMAKE) --report $@ --report-stylesheet workflow/report/report.css $(TARGET) \
		$(if $(ANALYSE),--config analyse=$(ANALYSE))

# .venv serves only the Python that made it. It is made anew where that one has gone or has become
# another, for which uv is not installed, and where PYTHON names another.
OWN := $(shell .venv/bin/python -m uv --version >/dev/null 2>&1 && \
	.venv/bin/python envs/interpreter.py 2>/dev/null)
NAMED := $(if $(filter file,$(origin PYTHON)),$(OWN),$(shell { $(PYTHON) envs/interpreter.py || true; } 2>&1))
ifneq ($(if $(OWN),$(NAMED),none),$(OWN))
.venv/bin/uv: new-interpreter
endif

# Debian's Python has no ensurepip, so the pip outside installs into .venv. It takes one entry of
# the lock, from the line of its name to the first line that is not continued.
REFUSAL = $(shell { $(PYTHON) envs/interpreter.py >/dev/null || true; } 2>&1)
.venv/bin/uv:
	$(if $(REFUSAL),$(error $(REFUSAL)))
	$(PYTHON) -m venv --clear --without-pip .venv
	sed -n '/^uv==/,/[^\\]$$/p' $(LOCK) | $(PYTHON) -m pip --python .venv/bin/python \
		install --quiet --require-hashes --requirement /dev/stdin

.venv/.stamp: $(LOCK) envs/lock/torch-$(TORCH).txt .venv/bin/uv
	$(INSTALL) $(if $(filter cpu,$(TORCH)),$(WHEELS)) --python .venv/bin/python $(filter %.txt,$^) \
		$(if $(filter cpu,$(TORCH)),|| { echo "$(NO_WHEEL)" >&2; exit 1; })
	@touch $@

# Optional programs stand beside .venv, each in a folder of its own.
.venv-%/.stamp: envs/lock/%.txt .venv/bin/uv | .venv/.stamp
	.venv/bin/uv venv --quiet --clear --python .venv/bin/python $(@D)
	$(INSTALL) $(WHEELS) --python $(@D)/bin/python $(filter %.txt,$^)
	@touch $@

# Others' torch runs on processors, whatever the networks are trained on.
.venv-networks/.stamp .venv-ising/.stamp: envs/lock/torch-cpu.txt

# ana-cont comes as source: its build requirements are checked by hashes, too.
.venv-maxent/.stamp: private INSTALL += --build-constraints envs/lock/maxent.txt --require-build-hashes
