# The whole of cjsim from one place. Needs Python 3.11 or later and make; everything else goes to .venv.
#
#   make demo    sets up, runs one experiment in a minute or two, shows where the results lie
#   make test    sets up, runs every check and the fast tests
#   make help    all the rest

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/installed
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip --quiet --quiet

EXPERIMENT := experiments/prosecute_not_process.toml
DEMO_REPLICATIONS ?= 2
GALLERY_REPLICATIONS ?= 4
WORKERS ?= 2
CODE := cjsim tests docs notebooks
FILES := $(wildcard models/*) $(wildcard experiments/*.toml)

.PHONY: help
help: ## these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- setting up -----------------------------------------------------------------------------------

# The stamp is newer than the lock and the project file: then all that they ask for is installed.
$(STAMP): requirements.lock pyproject.toml
	@found=; for python in python3.11 python3 python3.12 python3.13 python3.14 python; do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then \
	    echo "cjsim needs Python 3.11 or later, and none was found here as python3.11 or python3."; \
	    echo "Install it (on Debian or Ubuntu: apt-get install python3 python3-venv) and try again."; \
	    exit 1; fi; \
	echo "Setting up .venv with $$found: a minute the first time."; \
	$$found -m venv --clear "$(VENV)" || { \
	    echo "$$found could not make a virtual environment in .venv."; \
	    echo "On Debian or Ubuntu: apt-get install python3-venv, then try again."; \
	    exit 1; }
	@$(PIP) install --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch "$@"

.PHONY: setup
setup: $(STAMP) ## make .venv with the exact versions of requirements.lock

# --- the first two commands -----------------------------------------------------------------------

.PHONY: demo
demo: $(STAMP) ## run "Prosecute Not Process" with few replications and draw its charts
	@echo "Running $(EXPERIMENT) with $(DEMO_REPLICATIONS) replications, fewer than the file asks for:"
	@echo "enough to see how it works; the intervals are wider than those of a full run."
	@"$(BIN)/cjsim" run $(EXPERIMENT) --replications $(DEMO_REPLICATIONS) --workers $(WORKERS) \
	    > "$(VENV)/demo.txt"; code=$$?; cat "$(VENV)/demo.txt"; exit $$code
	@results=$$(sed -n 's/^Results: //p' "$(VENV)/demo.txt"); \
	"$(BIN)/cjsim" report "$$results" >/dev/null && \
	echo "Charts:  $$results/charts" && \
	echo "Board:   $$results/board.html (open it in a browser)"

.PHONY: test
test: lint check ## every check and the fast tests
	@"$(PY)" -m pytest -n $(WORKERS) --dist loadfile -m "not slow"

# --- the rest -------------------------------------------------------------------------------------

.PHONY: test-slow
test-slow: $(STAMP) ## the tests that take long
	@"$(PY)" -m pytest -m slow

# The proof is pieced together: the fast tests, each file of slow ones, each benchmark. A part that is
# there and newer than what it was made from is not made again, so that `make proof` goes on where it
# stopped; `make build/proof/slow/laws/test_survival.xml` makes one of them. A test that fails is a part
# as well, and the page says so; anything else that goes wrong leaves no part.
PROOF := build/proof
PROVED = $(shell find cjsim tests models experiments calibration -type f ! -name '*.pyc')
SLOW = $(patsubst tests/%.py,$(PROOF)/slow/%.xml,$(shell grep -rl 'mark\.slow' tests --include='test_*.py'))
tested = @mkdir -p $(@D); "$(PY)" -m pytest $(1) --junitxml=$@.part || [ $$? -eq 1 ] && mv $@.part $@
written = @mkdir -p $(@D); "$(PY)" -m $(1) >$@.part && mv $@.part $@

.PHONY: proof
proof: $(PROOF)/fast.xml $(SLOW) $(PROOF)/1_bench.txt $(PROOF)/2_scale.txt ## run the tests and benchmarks that have no result yet, write docs/proof.md
	@"$(PY)" -m tests.proof $(PROOF) docs/proof.md

$(PROOF)/fast.xml: $(STAMP) $(PROVED)
	$(call tested,-n $(WORKERS) --dist loadfile -m "not slow")

$(PROOF)/slow/%.xml: tests/%.py $(STAMP) $(PROVED)
	$(call tested,-m slow $<)

$(PROOF)/1_bench.txt: $(STAMP) $(PROVED)
	$(call written,tests.speed.bench)

$(PROOF)/2_scale.txt: $(STAMP) $(PROVED)
	$(call written,tests.speed.scale --chart docs/images/scale.svg)

.PHONY: lint
lint: $(STAMP) ## style, types and floors
	@"$(BIN)/ruff" check --quiet $(CODE)
	@"$(BIN)/ruff" format --quiet --check $(CODE)
	@"$(BIN)/mypy" --no-error-summary
	@"$(BIN)/lint-imports" --no-logo >/dev/null || { "$(BIN)/lint-imports"; exit 1; }
	@echo "Style, types and floors are in order."

.PHONY: check
check: $(STAMP) ## every model and experiment file
	@"$(BIN)/cjsim" check $(FILES)

.PHONY: format
format: $(STAMP) ## lay out the code as `make lint` wants it
	@"$(BIN)/ruff" check --quiet --fix $(CODE)
	@"$(BIN)/ruff" format --quiet $(CODE)

.PHONY: docs
docs: $(STAMP) ## the guide as web pages in docs/_build/html; a warning is an error
	@"$(PY)" -m sphinx --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html
	@echo "Guide: docs/_build/html/index.html"

# The pictures and cases that the guide shows are of the model as it is: after a change of its numbers
# they are made anew, all together. A sensitivity study that lies beside the run is drawn as well.
.PHONY: gallery
gallery: $(STAMP) ## run "Prosecute Not Process" for the guide's gallery, the README's chart, the case files
	@mkdir -p build; "$(BIN)/cjsim" run $(EXPERIMENT) --replications $(GALLERY_REPLICATIONS) \
	    --workers $(WORKERS) > build/gallery.txt || { cat build/gallery.txt; exit 1; }
	@results=$$(sed -n 's/^Results: //p' build/gallery.txt); \
	"$(BIN)/cjsim" report "$$results" --gallery docs/gallery.md && \
	cp "$$results/charts/early_guilty_pleas.png" docs/images/early_guilty_pleas.png && \
	echo "README's chart: docs/images/early_guilty_pleas.png"
	@REWRITE_CASE_FILES=1 "$(PY)" -m pytest tests/golden/test_case_files.py
	@echo "Case files: docs/case_files.md"

.PHONY: notebooks
notebooks: $(STAMP) ## run every notebook on the toy model, to build/notebooks
	@mkdir -p build/notebooks; for notebook in notebooks/*.py; do \
	    "$(BIN)/jupytext" --quiet --to ipynb --set-kernel python3 --execute --run-path notebooks \
	        --output "build/notebooks/$$(basename "$$notebook" .py).ipynb" "$$notebook" || exit 1; \
	    echo "Notebook: build/notebooks/$$(basename "$$notebook" .py).ipynb"; done

.PHONY: bench
bench: $(STAMP) ## speed and memory, beside a textbook version of the same road
	@"$(PY)" -m tests.speed.bench
	@"$(PY)" -m tests.speed.scale --chart docs/images/scale.svg
	@"$(PY)" -m pytest tests/speed tests/browser --benchmark-enable --benchmark-only --benchmark-sort=name \
	    --benchmark-columns=median,rounds --benchmark-max-time=0.5

.PHONY: areas
areas: $(STAMP) ## run the 43 areas of England and Wales (some twenty minutes) and write their page
	@mkdir -p build
	@"$(BIN)/cjsim" run experiments/england_wales_43_areas.toml --workers $(WORKERS) >build/areas.txt
	@{ printf '# England and Wales, area by area\n\nWritten by `make areas`, from one replication. %s\n\n' \
	    'What it is, and what it is not: [Several areas side by side](areas.md).'; \
	    printf '```text\n'; sed '/^Results: /d;/^Note: /d' build/areas.txt | cat -s; printf '```\n'; \
	} >docs/areas_england_wales.md

.PHONY: mutants
mutants: $(STAMP) ## change the statistics here and there: how many changes do their tests notice?
	@mkdir -p build && rm -rf build/mutants && mkdir build/mutants
	@cp -r cjsim tests models experiments calibration pyproject.toml README.md build/mutants/
	@cd build/mutants && "$(BIN)/mutmut" run --max-children $(WORKERS) >mutmut.txt || { \
	    tail -n 20 mutmut.txt; exit 1; }
	@cd build/mutants && "$(PY)" -m tests.mutants docs/mutants.md && cp docs/mutants.md "$(CURDIR)/docs/"

.PHONY: scoreboard
scoreboard: $(STAMP) ## every published figure beside the model's, to docs/scoreboard.md
	@"$(BIN)/cjsim" validate models/staffordshire_2013 --workers $(WORKERS) --write docs/scoreboard.md

.PHONY: browser
browser: ## install Chromium (Debian, Ubuntu) for the tests of the Board's page and for --pdf
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	    apt-get -qq update && apt-get -qq install --yes chromium >/dev/null; } || { \
	    echo "Chromium could not be installed: as root, try apt-get install chromium."; exit 1; }

.PHONY: lock
lock: $(STAMP) ## choose the exact versions in requirements.lock anew
	@$(PY) -m venv --clear "$(CURDIR)/.venv/lock"
	@PIP_DISABLE_PIP_VERSION_CHECK=1 "$(VENV)/lock/bin/python" -m pip --quiet --quiet install pip-tools
	@CUSTOM_COMPILE_COMMAND="make lock" "$(VENV)/lock/bin/pip-compile" --quiet --upgrade --extra dev \
	    --extra docs --extra notebooks --build-deps-for editable \
	    --strip-extras --no-emit-index-url --no-emit-find-links \
	    --no-emit-trusted-host --no-emit-options --output-file requirements.lock pyproject.toml
	@rm -rf "$(VENV)/lock"

.PHONY: clean
clean: ## remove .venv, results and caches
	@rm -rf "$(VENV)" results build dist docs/_build docs/reference \
	    .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	    .import_linter_cache .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
