# `make help` lists what can be done. Every target sets up what it needs, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# uv installs quicker, where there is one. torch is pip's: its configuration may know a CPU build.
# What only pip's configuration knows where to find, uv can't install: then pip does.
UV := $(shell command -v uv 2>/dev/null)
UV_PIP := $(UV) pip install --quiet --python $(BIN)/python -c constraints.txt
install = $(if $(UV),$(UV_PIP) $(1) || { echo "uv can't: pip installs."; $(PIP) $(1); },$(PIP) $(1))
PYTEST := $(BIN)/pytest -n logical --dist loadgroup
# WEEK=week_3 is week 3.
override WEEK := $(patsubst week_%,%,$(WEEK))

DEMO = $(or $(WEEK),$(shell ls examples/ben | sed s/week_// | sort -n))

# What is installed knows this folder by its path: after a move, or in a copy, it is made anew.
MOVED := $(shell test -f $(VENV)/.place && test "$$(cat $(VENV)/.place)" != "$$(pwd -P)" \
  && rm -rf $(VENV) && echo moved)
$(if $(MOVED),$(info This folder was moved or copied: $(VENV) is made anew.))

# A checkout with solutions is an instructor's: torch and the sandbox are set up for it.
ROLE := $(if $(wildcard solutions),instructor,student)

# A student's `given` and `week_N` import wherever .venv's Python runs: in a notebook, with `python -c`,
# by an editor's button. The path is relative, so that the folder can be moved.
IMPORTABLE := import os, site; place = site.getsitepackages()[0]; \
  open(os.path.join(place, "assignments.pth"), "w").write(os.path.relpath("assignments", place) + "\n")
# A notebook, wherever it is opened, sees what was saved in a module without a new start.
AUTORELOAD := c.InteractiveShellApp.extensions = ["autoreload"]; \
  c.InteractiveShellApp.exec_lines = ["%autoreload 2"]

.DEFAULT_GOAL := help
.PHONY: explain-score leave-one-out help setup setup-instructor setup-dev sandbox demo grade watch debug notebook update release answer \
        verify mutants test secrets check bench kills clean need-week need-solutions

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} "$(ROLE)" == "student" && /^# ---- for instructors/ {exit} \
	  /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile
	@echo "  Options: WEEK=3  ONLY=ReLU  SUBMISSION=DIR  NOTEBOOK=1"

# ---- set-up --------------------------------------------------------------------------------

$(VENV)/.student: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@pwd -P > $(VENV)/.place
	@$(call install,-e .)
	@test $(ROLE) = instructor || $(BIN)/python -c '$(IMPORTABLE)'
	@touch $@

$(VENV)/.instructor: $(VENV)/.student
	@echo "Installing torch and the sandbox's parts ..."
	@$(PIP) torch
	@$(call install,-e ".[instructor]")
	@touch $@

$(VENV)/.dev: $(VENV)/.instructor
	@$(call install,-e ".[dev]")
	@touch $@

$(VENV)/.watch: $(VENV)/.student
	@$(call install,-e ".[watch]")
	@touch $@

$(VENV)/.notebooks: $(VENV)/.student
	@echo "Installing JupyterLab, matplotlib and torch ..."
	@$(PIP) torch
	@$(call install,-e ".[notebooks]")
	@mkdir -p $(VENV)/etc/ipython
	@echo '$(AUTORELOAD)' > $(VENV)/etc/ipython/ipython_config.py
	@touch $@

setup: $(VENV)/.$(ROLE) ## Install what this checkout needs into .venv

setup-instructor: need-solutions $(VENV)/.instructor sandbox

setup-dev: need-solutions $(VENV)/.dev sandbox

need-solutions:
	@test -d solutions || { echo "Only the instructor's repository, with solutions/, has this."; exit 2; }

sandbox: ## Install bubblewrap where that is possible, otherwise say how
	@command -v bwrap >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing bubblewrap ..."; \
	    apt-get update -qq && apt-get install -y -qq bubblewrap libseccomp2 >/dev/null; \
	  else \
	    echo "Other people's code is graded in a sandbox. Install it once with:"; \
	    echo "  sudo apt-get install bubblewrap libseccomp2"; \
	  fi; }

# ---- for students --------------------------------------------------------------------------

grade: need-week $(if $(filter instructor,$(ROLE)),setup-instructor,setup $(if $(NOTEBOOK),$(VENV)/.notebooks)) ## Grade a week: WEEK=1 (ONLY=ReLU for a class, module or check)
	@$(BIN)/autograder grade $(WEEK) --html reports/week_$(WEEK)/report.html \
	  $(if $(ONLY),--only "$(ONLY)") \
	  $(if $(SUBMISSION),--submission "$(SUBMISSION)") $(if $(NOTEBOOK),--notebook)

watch: need-week $(if $(filter instructor,$(ROLE)),setup-instructor) $(VENV)/.watch ## Grade on every save, until Ctrl-C: WEEK=1
	@$(BIN)/autograder watch $(WEEK) $(if $(SUBMISSION),--submission "$(SUBMISSION)")

debug: setup ## Stop where a check goes wrong, in pdb: CHECK="ReLU: output"
	@test -n "$(CHECK)" || { echo 'Say which check: make debug CHECK="Linear: gradient of the input"'; exit 2; }
	@$(BIN)/autograder debug "$(CHECK)" $(if $(WEEK),--week $(WEEK))

notebook: need-week $(VENV)/.notebooks ## Open a week's exercise notebook in JupyterLab: WEEK=3
	@cd assignments/week_$(WEEK) && \
	  PYTHONPATH="$(CURDIR)/assignments" "$(CURDIR)/$(BIN)/jupyter" lab exercise.ipynb \
	  $(if $(filter 0,$(shell id -u)),--allow-root)

update: setup ## Get the newest week, and keep what you wrote (WEEK=2 for one)
	@$(BIN)/autograder update $(WEEK)

need-week:
	@case "$(WEEK)" in \
	  "") echo "Say which week: make $(MAKECMDGOALS) WEEK=1"; exit 2;; \
	  *[!0-9]*) echo "WEEK=$(WEEK): one week, by its number: make $(MAKECMDGOALS) WEEK=1"; exit 2;; \
	esac

# ---- for instructors -----------------------------------------------------------------------

demo: setup-instructor ## Grade the sample class in examples/ and report on it (WEEK=7 for one)
	@for week in $(DEMO); do \
	  class=build/demo/week_$$week; rm -rf $$class; mkdir -p $$class; \
	  for student in $$(cd examples && ls -d */week_$$week 2>/dev/null); do \
	    mkdir -p $$class/$${student%/*} && cp -R examples/$$student $$class/$${student%/*}/; \
	  done; \
	  $(BIN)/autograder grade-all $$week $$class \
	    --results results/demo/week_$$week --reports reports/demo/week_$$week || exit $$?; \
	done

release: need-week setup-instructor ## Build a week for students and publish its branch
	@$(BIN)/release build $(WEEK) && $(BIN)/release publish $(WEEK)

answer: need-week setup-instructor ## Reveal a week's solutions on a branch; asks before: WEEK=1
	@$(BIN)/release answer $(WEEK) $(if $(YES),--yes)

# ---- for authors ---------------------------------------------------------------------------

verify: $(if $(WEEK),setup-instructor,setup-dev) ## Prove the course: skeletons, leaks, drift, checks, mistakes
	@$(BIN)/release build all --check
	@$(BIN)/release verify all
	@$(BIN)/autograder verify $(WEEK)
	@$(if $(WEEK),,$(PYTEST) -m proof)

mutants: need-week setup-instructor ## Changes of a solution that no check notices: WEEK=1
	@$(BIN)/autograder mutants $(WEEK) $(ARGS)

# ---- for developers ------------------------------------------------------------------------

test: setup-dev ## Run the tests on all cores: ARGS="tests/course -k week" for some
	@$(BIN)/python -m compileall -q autograder course release  # not in each process that a test starts
	@$(PYTEST) -m "not proof" $(ARGS)

secrets: setup-dev ## Reference with 50 secrets, not 2 as in `test`, mistakes with 10: for every night
	@$(PYTEST) tests/grader/test_grader_measures.py --secrets 50
	@$(BIN)/autograder verify --secrets 10

explain-score: setup-dev ## How many of the wrong submissions in tests/wild a report explains: ARGS="1 2", weeks
	@$(BIN)/python tests/wild/score.py $(ARGS)

leave-one-out: setup-dev ## How many listed mistakes are explained without their own entry: ARGS="1 2 --read 20"
	@$(BIN)/python tests/wild/leave_one_out.py $(ARGS)

check: setup-dev ## Lint, types, who imports what, and what checks touch: the trust boundary
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -q tests/rooms/test_face.py tests/rooms/test_touches.py

bench: setup-dev ## Measure, as ratios within one run
	@$(BIN)/python -m bench

kills: setup-dev ## Kill 50 runs over a class of 40 at random moments: nothing may be left
	@folder=$$(mktemp -d) && $(BIN)/python tests/grader/grader_kills.py $$folder/run 50 40; \
	  code=$$?; echo; rm -rf $$folder; exit $$code

clean: ## Remove .venv, caches, results and reports (not the course secret)
	rm -rf $(VENV) .cache results reports build *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
