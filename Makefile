# Everything is set up by the commands themselves, inside this folder: Python environments (.venv to run and test, .tools
# for uv and the SAM CLI, .trainers for what fine-tunes, .browser for what opens pages, .client for what makes a client
# of the API) and the packages of the local Supabase. Python 3.11 or newer and make are all it takes.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN    := .venv/bin

export PYTHONPATH := $(CURDIR)/layers/training_files:$(CURDIR)
export SAM_CLI_TELEMETRY := 0
# A company's proxy has its certificate in the system's store. A variable of the environment wins.
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1

include build.mk

.PHONY: help demo dev serve test test-slow test-trainers test-tokenizers test-browser test-client check format migrate verify bench deploy lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: .venv/.done ## Choose conversations, build, mend, tag and export a training file on a local Supabase, then stop
	@$(BIN)/python -m infra.demo

dev: .venv/.done ## Local Supabase and API with sample conversations and a demo user, until Ctrl-C
	@$(BIN)/python -m infra.dev

serve: .venv/.done ## Only the API, against the SUPABASE_* of the environment, until Ctrl-C
	@$(BIN)/python -m infra.serve

# Each worker has a local Supabase and an API of its own.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count(), 8))')

test: .venv/.done .tools/.done ## Run the test suite, but for what takes long
	@$(BIN)/python -m infra.local_supabase install
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(TESTS)

test-slow: .venv/.done .tools/.done ## Run the tests that take long
	@$(BIN)/python -m infra.local_supabase install
	$(BIN)/python -m pytest -m slow $(TESTS)

test-trainers: .trainers/.done ## Fine-tune tiny models on exports, with real trainers (sets up about 1.2 GB)
	.trainers/bin/python -m pytest -c tests/trainers/pytest.ini tests/trainers

test-tokenizers: .tokenizers/.done ## Compare estimated tokens with those of real tokenizers
	.tokenizers/bin/python -m pytest -c tests/tokenizers/pytest.ini tests/tokenizers

test-browser: .browser/.done ## Open the report and the API's page in Chromium ($CHROMIUM, or the one on the PATH)
	.browser/bin/python -m pytest -c tests/browser/pytest.ini tests/browser

test-client: .client/.done .venv/.done ## Make a Python client of the API's description, and use it on the local stack
	.client/bin/python -m pytest -c tests/client/pytest.ini tests/client

check: .venv/.done .tools/.done ## Formatter, linter, types, template
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	.tools/bin/sam validate --lint --region us-east-1

format: .venv/.done ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

migrate: .venv/.done ## Apply sql/ to SUPABASE_DB_URL
	@$(BIN)/python -m infra.migrate

verify: .venv/.done ## Check schema, RLS, bucket, policies and a round trip on SUPABASE_DB_URL and SUPABASE_URL
	@$(BIN)/python -m infra.verify

bench: .venv/.done .tools/.done build-host ## Measure builds and changes up to 10,000 conversations beside a naive way, and the cold import
	@$(BIN)/python -m tests.benchmarks

# What is missing or does not fit is told before anything is built.
deploy: .venv/.done .tools/.done ## Build and deploy with what is set in the environment
	@$(BIN)/python -m infra.deploy --check
	@$(MAKE) --no-print-directory build
	@$(BIN)/python -m infra.deploy

LOCKED := --universal --python-version 3.11 --generate-hashes --no-header --quiet \
          --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: .tools/uv.done ## Renew the lock files after a change of pyproject.toml
	.tools/bin/uv pip compile pyproject.toml $(LOCKED) -o requirements/layer.txt
	.tools/bin/uv pip compile pyproject.toml --group dev -c requirements/layer.txt $(LOCKED) -o requirements/dev.txt
	.tools/bin/uv pip compile pyproject.toml --group browser -c requirements/layer.txt $(LOCKED) \
	  -o requirements/browser.txt
	.tools/bin/uv pip compile --group client -c requirements/layer.txt $(LOCKED) -o requirements/client.txt
	.tools/bin/uv pip compile --group tools $(LOCKED) -o requirements/tools.txt
	.tools/bin/uv pip compile --group trainers -c requirements/layer.txt $(LOCKED) $(WITHOUT_PYTORCH) \
	  -o requirements/trainers.txt
	.tools/bin/uv pip compile --group trainers-alone --no-deps $(LOCKED) -o requirements/trainers-alone.txt
	.tools/bin/uv pip compile --group tokenizers $(LOCKED) -o requirements/tokenizers.txt
	.tools/bin/uv pip compile --group tokenizers-alone --no-deps $(LOCKED) -o requirements/tokenizers-alone.txt

# PyTorch is pinned by its version alone, and what only its builds for GPUs need is not pinned at all: a machine without
# a GPU may hold a build that needs none of it and is a tenth of the size, where only pip looks. Elsewhere pip takes
# the registry's.
PYTORCH         = $(shell sed -n 's/^ *"\(torch==[^"]*\)",/\1/p' pyproject.toml)
OF_PYTORCH     := torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti \
                  nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand \
                  nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink \
                  nvidia-nvshmem-cu13 nvidia-nvtx
WITHOUT_PYTORCH = $(addprefix --no-emit-package ,$(OF_PYTORCH))

clean: ## Remove everything that the commands made
	rm -rf .venv .tools .trainers .tokenizers .browser .client .local .aws-sam .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis infra/local_supabase/node_modules

# uv itself comes from the lock of the tools, by the pip that every Python brings. What an earlier try left half done,
# or made with a Python that is too old, is made anew.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

OR_ADVICE = || { echo "Setting up failed. Behind a proxy with a certificate of its own, set PIP_CERT to a file with" \
  "it; without a home to write to, set PIP_CACHE_DIR, UV_CACHE_DIR and npm_config_cache to folders." >&2; exit 1; }

# Editors and debuggers find the package, infra and tests without PYTHONPATH.
KNOW_THE_PACKAGE = import pathlib, sysconfig; \
  pathlib.Path(sysconfig.get_path("purelib"), "training-files.pth").write_text("$(subst :,\n,$(PYTHONPATH))\n")

.tools/uv.done: requirements/tools.txt
	@$(PYTHON) -c '$(NEW_ENOUGH)' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is none. Name one: make PYTHON=python3.13 …" >&2; exit 1; }
	@echo "Setting up .tools (uv)…"
	@.tools/bin/python -c 'import pip; $(NEW_ENOUGH)' 2>/dev/null || \
	  { rm -rf .tools .venv && $(PYTHON) -m venv .tools; } || \
	  { rm -rf .tools; echo "$(PYTHON) -m venv failed; on Debian and Ubuntu, install python3-venv." >&2; exit 1; }
	@grep -A 30 '^uv==' requirements/tools.txt | sed '1!{/^[a-z]/,$$d}' > .tools/uv.txt
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .tools/uv.txt $(OR_ADVICE)
	@touch $@

.venv/.done: .tools/uv.done requirements/dev.txt
	@echo "Setting up .venv…"
	@.venv/bin/python -c '$(NEW_ENOUGH)' 2>/dev/null || \
	  .tools/bin/uv venv --quiet --clear --python .tools/bin/python .venv
	@.tools/bin/uv pip sync --quiet --python .venv --require-hashes requirements/dev.txt $(OR_ADVICE)
	@.venv/bin/python -c '$(KNOW_THE_PACKAGE)'
	@touch $@

.tools/.done: .tools/uv.done
	@echo "Setting up .tools (AWS SAM CLI)…"
	@.tools/bin/uv pip install --quiet --python .tools --require-hashes -r requirements/tools.txt $(OR_ADVICE)
	@touch $@

.browser/.done: .tools/uv.done requirements/browser.txt
	@echo "Setting up .browser…"
	@.tools/bin/uv venv --quiet --clear --python .tools/bin/python .browser
	@.tools/bin/uv pip sync --quiet --python .browser --require-hashes requirements/browser.txt
	@touch $@

.client/.done: .tools/uv.done requirements/client.txt
	@echo "Setting up .client…"
	@.tools/bin/uv venv --quiet --clear --python .tools/bin/python .client
	@.tools/bin/uv pip sync --quiet --python .client --require-hashes requirements/client.txt
	@touch $@

.tokenizers/.done: .tools/uv.done requirements/tokenizers.txt requirements/tokenizers-alone.txt
	@echo "Setting up .tokenizers…"
	@.tools/bin/uv venv --quiet --clear --python .tools/bin/python .tokenizers
	@.tools/bin/uv pip sync --quiet --python .tokenizers --require-hashes requirements/tokenizers.txt
	@.tools/bin/uv pip install --quiet --python .tokenizers --no-deps --require-hashes -r requirements/tokenizers-alone.txt
	@touch $@

# Some come last and without their own requirements, about which pip would complain.
.trainers/.done: .tools/uv.done requirements/trainers.txt requirements/trainers-alone.txt
	@echo "Setting up .trainers (PyTorch and trainers)…"
	@.tools/bin/uv venv --quiet --clear --seed --python .tools/bin/python .trainers
	@.tools/bin/uv pip install --quiet --python .trainers --no-deps --require-hashes -r requirements/trainers.txt
	@.trainers/bin/python -m pip install --quiet --disable-pip-version-check $(PYTORCH)
	@.tools/bin/uv pip install --quiet --python .trainers --no-deps --require-hashes -r requirements/trainers-alone.txt
	@touch $@
