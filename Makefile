# All tasks of cjsim. Needs Python 3.11 or later and make; everything else is installed in .venv.
#
#   make demo    installs, runs one experiment in a minute or two, prints the path of the results
#   make test    installs, runs every check and the fast tests
#   make help    lists the other targets

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/installed
DEV_STAMP := $(VENV)/installed-dev
PYTHONS ?= python3.11 python3 python3.12 python3.13 python3.14 python
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip --quiet --quiet

EXPERIMENT := experiments/prosecute_not_process.toml
DEMO_REPLICATIONS ?= 2
GALLERY_REPLICATIONS ?= 6
WORKERS ?= 2
CODE := cjsim native tests docs notebooks
# Tests start many processes: what Python has compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE
FILES := $(wildcard models/*) $(wildcard experiments/*.toml)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- setting up -----------------------------------------------------------------------------------

# Two stamps: what a run needs, and what a developer needs beside it. Each is newer than the lock that it
# was installed from. Every file is held against the hashes of the lock.
$(STAMP): requirements.lock pyproject.toml
	@chosen=; for python in $(PYTHONS); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        chosen=$$python; break; fi; done; \
	if [ -z "$$chosen" ]; then \
	    echo "cjsim needs Python 3.11 or later, and none was found here as python3.11 or python3."; \
	    echo "Install it (on Debian or Ubuntu: apt-get install python3 python3-venv) and try again."; \
	    exit 1; fi; \
	echo "Setting up .venv with $$($$chosen --version): a minute the first time."; \
	$$chosen -m venv --clear "$(VENV)" || { \
	    echo "$$chosen could not make a virtual environment in .venv."; \
	    echo "On Debian or Ubuntu: apt-get install python3-venv, then try again."; \
	    exit 1; }
	@$(PIP) install --no-deps --only-binary :all: --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch "$@"

$(DEV_STAMP): $(STAMP) requirements-dev.lock
	@echo "Installing the tools for tests and documentation: another minute the first time."
	@$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@touch "$@"

.PHONY: setup
setup: $(DEV_STAMP) ## create .venv with the exact versions of both lock files

# The native engine makes runs faster and changes no result; where it cannot be compiled, a line says so.
.PHONY: native
native: $(STAMP) ## compile the native engine, where there is a C++ compiler
	@"$(PY)" native/build.py

.PHONY: fuzz-engines
fuzz-engines: $(DEV_STAMP) native ## compare both engines on many random models: MODELS=1000
	@FUZZ_MODELS=$(MODELS) "$(PY)" -m pytest tests/native/test_whole_runs.py -k random_model
MODELS ?= 1000

# --- the first two commands -----------------------------------------------------------------------

.PHONY: demo
demo: $(STAMP) native ## run "Prosecute Not Process" with few replications and draw its charts
	@echo "Running $(EXPERIMENT) with $(DEMO_REPLICATIONS) replications, fewer than the file requests:"
	@echo "enough for a demonstration. The intervals are wider than those of a full run."
	@"$(BIN)/cjsim" run $(EXPERIMENT) --replications $(DEMO_REPLICATIONS) --workers $(WORKERS) \
	    > "$(VENV)/demo.txt"; code=$$?; cat "$(VENV)/demo.txt"; exit $$code
	@results=$$(sed -n 's/^Results: //p' "$(VENV)/demo.txt"); \
	"$(BIN)/cjsim" report "$$results" >/dev/null && \
	echo "Charts:  $$results/charts" && \
	echo "Board:   $$results/board.html (open it in a browser)"

.PHONY: test
test: native lint check ## run every check and the fast tests
	@"$(PY)" -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow"

# --- the rest -------------------------------------------------------------------------------------

.PHONY: test-slow
test-slow: $(DEV_STAMP) ## run the slow tests
	@"$(PY)" -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m slow

.PHONY: lint
lint: $(DEV_STAMP) ## check style, types and layers
	@"$(BIN)/ruff" check --quiet $(CODE)
	@"$(BIN)/ruff" format --quiet --check $(CODE)
	@"$(BIN)/mypy" --no-error-summary
	@"$(BIN)/lint-imports" --no-logo >/dev/null || { "$(BIN)/lint-imports"; exit 1; }
	@echo "Style, types and layers: no errors."

.PHONY: check
check: $(STAMP) ## validate every model and experiment
	@"$(BIN)/cjsim" check $(FILES)

.PHONY: format
format: $(DEV_STAMP) ## format the code
	@"$(BIN)/ruff" check --quiet --fix $(CODE)
	@"$(BIN)/ruff" format --quiet $(CODE)

.PHONY: docs
docs: $(DEV_STAMP) ## build the guide in docs/_build/html; a warning is an error
	@"$(PY)" -m sphinx --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html
	@echo "Guide: docs/_build/html/index.html"

# The pictures and cases that the guide shows are of the model as it is: after a change of its numbers
# they are made anew, all together. A sensitivity study that lies beside the run is drawn as well.
.PHONY: gallery
gallery: $(DEV_STAMP) ## redraw the gallery, the chart of the README and the case files
	@mkdir -p build; "$(BIN)/cjsim" run $(EXPERIMENT) --replications $(GALLERY_REPLICATIONS) \
	    --workers $(WORKERS) > build/gallery.txt || { cat build/gallery.txt; exit 1; }
	@results=$$(sed -n 's/^Results: //p' build/gallery.txt); \
	"$(BIN)/cjsim" report "$$results" --gallery docs/gallery.md --force && \
	cp "$$results/charts/early_guilty_pleas.png" docs/images/early_guilty_pleas.png && \
	echo "README's chart: docs/images/early_guilty_pleas.png"
	@REWRITE_CASE_FILES=1 "$(PY)" -m pytest tests/golden/test_case_files.py
	@echo "Case files: docs/case_files.md"

# A bundle of a run, made again by an environment of its own that has nothing but what the bundle's lock
# names; without a lock in it, by .venv. The exit code is 0 if every file came out the same.
REPRODUCED := build/reproduce

.PHONY: reproduce
reproduce: $(STAMP) ## bundle RESULTS=folder and reproduce it in a new environment
	@test -n "$(RESULTS)" || { echo "Give the results folder: make reproduce RESULTS=results/first_question"; exit 2; }
	@rm -rf $(REPRODUCED) && mkdir -p $(REPRODUCED)
	@"$(BIN)/cjsim" bundle "$(RESULTS)" --out $(REPRODUCED)/bundle.zip
	@"$(PY)" -m zipfile -e $(REPRODUCED)/bundle.zip $(REPRODUCED)/unpacked
	@python="$(PY)"; lock=$(REPRODUCED)/unpacked/requirements.lock; if [ -f $$lock ]; then \
	    echo "Setting up a fresh environment from the bundle's lock."; \
	    "$(PY)" -m venv $(REPRODUCED)/venv && python=$(REPRODUCED)/venv/bin/python && \
	    export PIP_DISABLE_PIP_VERSION_CHECK=1 && \
	    $$python -m pip --quiet --quiet install --no-deps --only-binary :all: --require-hashes \
	        --requirement $$lock && \
	    $$python -m pip --quiet --quiet install --no-deps --no-build-isolation . || exit 1; fi; \
	$$python -I -m cjsim.cli.main reproduce $(REPRODUCED)/bundle.zip --workers $(WORKERS)

.PHONY: notebooks
notebooks: $(DEV_STAMP) ## run every notebook on the toy area, to build/notebooks
	@mkdir -p build/notebooks; for notebook in notebooks/*.py; do \
	    "$(BIN)/jupytext" --quiet --to ipynb --set-kernel python3 --execute --run-path notebooks \
	        --output "build/notebooks/$$(basename "$$notebook" .py).ipynb" "$$notebook" || exit 1; \
	    echo "Notebook: build/notebooks/$$(basename "$$notebook" .py).ipynb"; done

.PHONY: bench
bench: $(DEV_STAMP) ## measure speed and memory, compared with a textbook version
	@"$(PY)" -m tests.speed.bench
	@"$(PY)" -m tests.speed.scale --chart docs/images/scale.svg
	@"$(PY)" -m pytest tests/speed tests/browser --benchmark-enable --benchmark-only --benchmark-sort=name \
	    --benchmark-columns=median,rounds --benchmark-max-time=0.5

.PHONY: areas
areas: $(STAMP) ## run the 43 areas of England and Wales (about twenty minutes) and write their page
	@mkdir -p build
	@"$(BIN)/cjsim" run experiments/england_wales_43_areas.toml --workers $(WORKERS) >build/areas.txt
	@{ printf '# England and Wales, area by area\n\nWritten by `make areas`, from one replication. %s\n\n' \
	    'Method and limits: [Run several areas](areas.md).'; \
	    printf '```text\n'; sed '/^Results: /d;/^Note: /d' build/areas.txt | cat -s; printf '```\n'; \
	} >docs/areas_england_wales.md

.PHONY: mutants
mutants: $(DEV_STAMP) ## mutation testing of the statistics
	@mkdir -p build && rm -rf build/mutants && mkdir build/mutants
	@cp -r cjsim tests models experiments calibration pyproject.toml README.md build/mutants/
	@cd build/mutants && "$(BIN)/mutmut" run --max-children $(WORKERS) >mutmut.txt || { \
	    tail -n 20 mutmut.txt; exit 1; }
	@cd build/mutants && "$(PY)" -m tests.mutants docs/mutants.md && cp docs/mutants.md "$(CURDIR)/docs/"

.PHONY: scoreboard
scoreboard: $(STAMP) ## write the validation report to docs/scoreboard.md
	@"$(BIN)/cjsim" validate models/staffordshire_2013 --workers $(WORKERS) --write docs/scoreboard.md --force

.PHONY: browser
browser: ## install Chromium (Debian, Ubuntu) for the tests of the Board page and for --pdf
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	    apt-get -qq update && apt-get -qq install --yes chromium >/dev/null; } || { \
	    echo "Chromium could not be installed: as root, try apt-get install chromium."; exit 1; }

# Both locks are solved for the lowest Python that is claimed, for every system, with the hash of each
# file. The versions that stand in them are kept unless LOCK is set: `make lock LOCK=--upgrade`.
LOCK ?=
SOLVE = "$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes $(LOCK) \
	--custom-compile-command "make lock" --group build pyproject.toml

.PHONY: lock
lock: $(DEV_STAMP) ## solve both lock files again; LOCK=--upgrade takes the newest versions
	@$(SOLVE) --output-file requirements.lock
	@$(SOLVE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock

# The ranges of pyproject.toml are promises. Each end is tried in an environment of its own: the lowest
# versions that are claimed, and the newest that there are.
RESOLUTION_lowest := lowest-direct
RESOLUTION_newest := highest
define bounds
	@rm -rf build/$(1); mkdir -p build/$(1)
	@"$(BIN)/uv" pip compile --quiet --resolution $(RESOLUTION_$(1)) --python-version 3.11 \
	    --extra scale --extra calibration --extra export pyproject.toml --output-file build/$(1)/library.txt
	@"$(BIN)/uv" pip compile --quiet --python-version 3.11 --constraint build/$(1)/library.txt \
	    --group build --extra test pyproject.toml --output-file build/$(1)/all.txt
	@"$(BIN)/uv" venv --quiet --python "$(PY)" build/$(1)/venv
	@"$(BIN)/uv" pip install --quiet --python build/$(1)/venv --requirement build/$(1)/all.txt
	@"$(BIN)/uv" pip install --quiet --python build/$(1)/venv --no-deps --no-build-isolation --editable .
	@grep -E '^(simpy|numpy|scipy|matplotlib|click|pyarrow|pydantic|duckdb|holidays)==' build/$(1)/all.txt
	@build/$(1)/venv/bin/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "$(BOUNDS_MARK)" $(BOUNDS_TESTS)
endef
BOUNDS_MARK ?= not slow
BOUNDS_TESTS ?= tests --ignore tests/browser --ignore tests/conventions

.PHONY: test-lowest
test-lowest: $(DEV_STAMP) ## run the fast tests with the lowest versions that pyproject.toml allows
	$(call bounds,lowest)

.PHONY: test-newest
test-newest: $(DEV_STAMP) ## run the fast tests with the newest versions
	$(call bounds,newest)

.PHONY: sbom
sbom: $(DEV_STAMP) ## write the software bill of materials to build/sbom.json (CycloneDX)
	@mkdir -p build
	@"$(BIN)/uv" tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.lock \
	    --pyproject pyproject.toml --output-reproducible --output-format JSON --output-file build/sbom.json
	@echo "Bill of materials: build/sbom.json"

.PHONY: changelog
changelog: $(DEV_STAMP) ## assemble changelog.d into CHANGELOG.md: VERSION=0.2.0
	@"$(BIN)/towncrier" build --yes --version "$(VERSION)"

.PHONY: clean
clean: ## remove .venv, results and caches
	@rm -rf "$(VENV)" results build dist docs/_build docs/reference \
	    .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	    .import_linter_cache .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
