# How `sam build` makes the layer and the functions, included by the Makefile: for each resource SAM runs
# `make build-<LogicalId>` in this folder, with ARTIFACTS_DIR naming the folder to fill.
# What is built is for Lambda's Python on arm64, whatever this machine is; `make build-host` builds the same for
# this machine, so that tests can run it.

UV  ?= $(CURDIR)/.tools/bin/uv
SAM ?= $(CURDIR)/.tools/bin/sam

PY_VERSION  ?= 3.13
PY_PLATFORM ?= aarch64-manylinux_2_28

# A Python of the target version compiles the layer's bytecode; empty when this machine has none. uv only answers with
# an interpreter that runs. PYENV_VERSION lets pyenv's shims find a version that is installed but not selected.
TARGET_PYTHON ?= $(shell PYENV_VERSION=$(PY_VERSION) $(UV) python find --system --no-project --no-python-downloads $(PY_VERSION) 2>/dev/null)

# The Python that runs the tests, as far as its bytecode and binary packages are concerned.
HOST_PYTHON     ?= $(CURDIR)/.venv/bin/python
HOST_PY_VERSION  = $(shell $(HOST_PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')

BUILD_DIR      ?= .aws-sam/build
HOST_BUILD_DIR ?= .aws-sam/host

ARTIFACTS        = $(or $(ARTIFACTS_DIR),$(error ARTIFACTS_DIR is not set. It is SAM that builds single resources: run make build))
LAYER_PYTHON_DIR = $(ARTIFACTS)/python

export SAM_CLI_TELEMETRY = 0

.PHONY: build build-host build-TrainingFilesLayer

build: .tools/.done ## Build for deployment
	$(call quietly,$(SAM) build --build-dir "$(BUILD_DIR)")
	@test -n "$(TARGET_PYTHON)" || echo "No python$(PY_VERSION) found: the layer has no bytecode, so cold starts take longer."

# Without a platform, uv takes this machine's own.
build-host: export PY_VERSION = $(HOST_PY_VERSION)
build-host: export PY_PLATFORM =
build-host: export TARGET_PYTHON = $(HOST_PYTHON)
build-host: .venv/.done .tools/.done ## Build for this machine
	$(call quietly,$(SAM) build --build-dir "$(HOST_BUILD_DIR)")

build-TrainingFilesLayer:
	$(UV) pip install --quiet --target "$(LAYER_PYTHON_DIR)" --no-deps --only-binary :all: --require-hashes \
	  --python-version $(PY_VERSION) $(addprefix --python-platform ,$(PY_PLATFORM)) -r requirements/layer.txt
	cp -R layers/training_files/training_files "$(LAYER_PYTHON_DIR)/"
	$(remove_what_nobody_imports)
	$(compile_bytecode)

# build-ListTrainingFilesFunction is made from functions/list_training_files
build-%Function:
	cp "functions/$$(echo $* | sed 's/[A-Z]/_&/g; s/^_//' | tr '[:upper:]' '[:lower:]')/app.py" "$(ARTIFACTS)/"

define remove_what_nobody_imports
rm -rf "$(LAYER_PYTHON_DIR)/bin" "$(LAYER_PYTHON_DIR)/.lock"
find "$(LAYER_PYTHON_DIR)" -type d \( -name __pycache__ -o -name tests \) -prune -exec rm -rf {} +
find "$(LAYER_PYTHON_DIR)" -type f -name '_testcapi*' -exec rm -f {} +
endef

# Lambda mounts the layer at /opt, read-only: without bytecode every cold start would compile what it imports.
# Unchecked, because unpacking the layer changes the files' times. The hash seed keeps builds reproducible.
define compile_bytecode
if [ -n "$(TARGET_PYTHON)" ]; then cd "$(ARTIFACTS)" && PYTHONHASHSEED=0 "$(TARGET_PYTHON)" -m compileall -q \
  --invalidation-mode unchecked-hash -s python -p /opt/python python; fi
endef

# Shows what a command printed only if it fails.
define quietly
@log=$$(mktemp) && trap 'rm -f "$$log"' EXIT && { $(1) >"$$log" 2>&1 || { cat "$$log" >&2; exit 1; }; }
endef
