# `make demo`: train a DCGAN on digits and show where the pictures are.
# `make test`: the suite on every backend, and once without TensorFlow.
# `make lint`: the style checks. All of them make their own virtual environments in .venvs/.

PYTHON ?= python3
BACKENDS ?= tensorflow jax torch
VENVS := .venvs
PYTEST_ARGS ?= -q -n auto --dist loadfile
# Where the suites share what they compare backends by.
export PARITY_FOLDER := $(shell mktemp -d)

.PHONY: demo test test-backends test-without-tensorflow lint

demo: $(VENVS)/demo/done
	$(VENVS)/demo/bin/keras-gan-zoo train DCGAN --data digits --set width=32 --ema 0.99 \
		--epochs 15 --out runs/demo --overwrite

test: test-backends test-without-tensorflow

test-backends: $(VENVS)/test/done
	set -e; for backend in $(BACKENDS); do \
		echo "== $$backend"; KERAS_BACKEND=$$backend $(VENVS)/test/bin/python -m pytest $(PYTEST_ARGS); \
	done

test-without-tensorflow: $(VENVS)/no-tensorflow/done
	! $(VENVS)/no-tensorflow/bin/python -c "import tensorflow" 2>/dev/null
	@echo "== torch, with no TensorFlow installed"
	KERAS_BACKEND=torch $(VENVS)/no-tensorflow/bin/python -m pytest $(PYTEST_ARGS)

lint: $(VENVS)/test/done
	$(VENVS)/test/bin/ruff check .
	$(VENVS)/test/bin/ruff format --check .

$(VENVS)/demo/done: pyproject.toml
	@echo "Installing keras-gan-zoo with Keras and TensorFlow into $(VENVS)/demo: about 2.5 GB on disk,"
	@echo "which takes a few minutes. The training after it takes one to three minutes on a CPU."
	$(PYTHON) -m venv $(VENVS)/demo
	$(VENVS)/demo/bin/pip install -q -e .
	touch $@

# torch goes first: whatever asks for it later is content with this one.
$(VENVS)/test/done: pyproject.toml
	$(PYTHON) -m venv $(VENVS)/test
	$(VENVS)/test/bin/pip install -q torch==2.13.0
	$(VENVS)/test/bin/pip install -q -e ".[jax,plots,tests]"
	touch $@

$(VENVS)/no-tensorflow/done: pyproject.toml
	$(PYTHON) -m venv $(VENVS)/no-tensorflow
	$(VENVS)/no-tensorflow/bin/pip install -q torch==2.13.0
	$(VENVS)/no-tensorflow/bin/pip install -q "keras>=3.15,<4" "jax>=0.10" numpy pillow pytest pytest-xdist
	$(VENVS)/no-tensorflow/bin/pip install -q --no-deps -e .
	touch $@
