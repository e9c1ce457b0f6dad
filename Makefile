# The working day of mmresearch. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup report test test-all lab check docs bench calibrate lock clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

setup: $(READY) ## make the environment (.venv) from requirements.lock

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@sh tools/setup.sh $(PYTHON) $(VENV)
	@touch $@

report: $(READY) ## run the main job on data/demo and print where the reports are: the demo's, and what trials say
	@$(BIN)/mmresearch run data/demo
	@$(BIN)/mmresearch evidence > .make-evidence && tail -n 1 .make-evidence

test: $(READY) ## run the test suite (longer tests as a seeded sample)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not slow"

test-all: $(READY) ## run every test, the long ones whole
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

lab: $(READY) ## open JupyterLab on the notebooks
	@$(BIN)/mmresearch lab

check: $(READY) ## lint, and check that notebooks carry no outputs
	@$(BIN)/ruff check mmresearch tests bench tools
	@$(BIN)/python -m pytest tests/test_rooms.py tests/test_notebooks.py tests/test_environment.py

docs: $(READY) ## write the generated pages of docs/ again
	@$(BIN)/python tools/docs.py

bench: $(READY) ## measure speed as ratios, in one run
	@$(BIN)/python -m bench

calibrate: $(READY) ## simulate operating characteristics (docs/mmrm.md, docs/calibration.md; hours a core)
	@$(BIN)/python -m bench.calibrate
	@$(BIN)/python -m bench.family
	@$(BIN)/python -m bench.operating

lock: ## solve requirements.lock and environment.yml anew (for maintainers)
	@sh tools/lock.sh $(PYTHON)

clean: ## remove the environment and the reports
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache
	find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
