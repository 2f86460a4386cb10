# `make demo`: train a DCGAN on digits and show where the pictures are.
# `make test`: the suite on every backend, and once without TensorFlow. `make test-all`: all of its tests
# on all backends. `make lint`: style and types. `make docs`: the documentation site, in build/site;
# `make linkcheck`: its links to the web. All of them make their virtual environments in .venvs/.
# docs/testing.md describes the tests and the site.

PYTHON ?= python3
BACKENDS ?= jax tensorflow torch
# Suites that run side by side, one process each; `PYTEST_ARGS="-q -n 4"` gives each of them more.
JOBS ?= 2
PYTEST_ARGS ?= -q
VENVS := .venvs
# Bytecode is compiled only for modules that are imported, and kept for the next process.
PIP_INSTALL := pip install -q --no-compile
export PYTHONDONTWRITEBYTECODE :=
# The suites share the results of tests/parity.
export PARITY_FOLDER := $(shell mktemp -d)
SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

SUITES := $(BACKENDS:%=test-%) test-without-tensorflow
PARTS_WITHOUT_TENSORFLOW := tests/test_imports.py tests/contract/test_saving.py tests/cli tests/data

.PHONY: demo test test-all environments lint docs linkcheck $(SUITES)

demo: $(VENVS)/demo/done
	$(VENVS)/demo/bin/keras-gan-zoo train DCGAN --data digits --epochs 10 --out runs/demo --overwrite

test: environments
	@echo "== $(SUITES): $(JOBS) at a time; each prints its results at its end"
	@$(MAKE) --no-print-directory -j$(JOBS) $(SYNC) $(SUITES)

test-all:
	@$(MAKE) --no-print-directory test PYTEST_ARGS="$(PYTEST_ARGS) --full-matrix"

$(BACKENDS:%=test-%): test-%: $(VENVS)/test/done
	@echo "== $*"
	KERAS_BACKEND=$* $(VENVS)/test/bin/python -m pytest $(PYTEST_ARGS) $(IGNORED)

test-torch: IGNORED := --ignore=tests/test_imports.py  # in the suite without TensorFlow

test-without-tensorflow: $(VENVS)/no-tensorflow/done
	@echo "== torch and jax, without TensorFlow, tensorflow-datasets and importlib_resources"
	for package in tensorflow tensorflow_datasets importlib_resources; do \
		! $(VENVS)/no-tensorflow/bin/python -c "import $$package" 2>/dev/null || exit 1; \
	done
	KERAS_BACKEND=torch $(VENVS)/no-tensorflow/bin/python -m pytest $(PYTEST_ARGS) $(PARTS_WITHOUT_TENSORFLOW)

lint: $(VENVS)/test/done
	$(VENVS)/test/bin/ruff check .
	$(VENVS)/test/bin/ruff format --check .
	$(VENVS)/test/bin/mypy

SPHINX = KERAS_BACKEND=jax JAX_PLATFORMS=cpu $(VENVS)/docs/bin/python -m sphinx -c docs -W --keep-going

docs: $(VENVS)/docs/done
	$(SPHINX) -a -q -b html . build/site
	@echo "The site begins at build/site/index.html."

linkcheck: $(VENVS)/docs/done
	$(SPHINX) -b linkcheck . build/linkcheck

environments:
	@$(MAKE) --no-print-directory -j$(JOBS) $(VENVS)/test/done $(VENVS)/no-tensorflow/done

$(VENVS)/demo/done: pyproject.toml
	@echo "Installing keras-gan-zoo with Keras and TensorFlow into $(VENVS)/demo: about 2.5 GB on disk,"
	@echo "which takes a few minutes. The training after it takes one to three minutes on a CPU."
	$(PYTHON) -m venv $(VENVS)/demo
	$(VENVS)/demo/bin/$(PIP_INSTALL) -e .
	touch $@

# torch goes first: packages that depend on it later are satisfied with this version.
$(VENVS)/test/done: pyproject.toml
	$(PYTHON) -m venv $(VENVS)/test
	$(VENVS)/test/bin/$(PIP_INSTALL) torch==2.13.0
	$(VENVS)/test/bin/$(PIP_INSTALL) -e ".[jax,plots,tests]"
	touch $@

# The README's commands for JAX and for PyTorch, and what runs the tests.
$(VENVS)/no-tensorflow/done: pyproject.toml
	$(PYTHON) -m venv $(VENVS)/no-tensorflow
	$(VENVS)/no-tensorflow/bin/$(PIP_INSTALL) --no-deps -e .
	$(VENVS)/no-tensorflow/bin/$(PIP_INSTALL) torch==2.13.0
	$(VENVS)/no-tensorflow/bin/$(PIP_INSTALL) "keras>=3.15,<4" numpy pillow "jax>=0.10" pytest pytest-xdist
	touch $@

# The package on JAX, without TensorFlow, and the extra `docs`.
$(VENVS)/docs/done: pyproject.toml
	$(PYTHON) -m venv $(VENVS)/docs
	$(VENVS)/docs/bin/$(PIP_INSTALL) --no-deps -e .
	$(VENVS)/docs/bin/$(PIP_INSTALL) "keras>=3.15,<4" numpy pillow "jax>=0.10" $$($(PYTHON) -c \
		'import tomllib; print(*tomllib.load(open("$<", "rb"))["project"]["optional-dependencies"]["docs"])')
	touch $@
