# The daily commands. Each sets up what it needs by itself (virtual environment, CPU torch, system libraries for
# drawing without a screen); once that is done it costs nothing.

PYTHON ?= python3
ENVIRONMENT ?= .venv
RUN := $(ENVIRONMENT)/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup wheels demo walk test attack test-slow test-pure test-host lint bench bench-annotation slicer-tree \
        slicer-test lock validate-orbit validate-ivgc validate-measurements validate-lesions measurement-pictures \
        anatomy-pictures architecture-picture \
        readme-picture annotation-picture tao-picture response-picture neuro-picture follow-up-picture train-default \
        train-autocorrection reproduce-orbit reproduce-tao reproduce-ivgc reproduce-neuro \
        cmake-lists clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## set up the environment (FORCE=1: go through all steps again; WHEELS=folder: without the Internet)
	@$(PYTHON) -m Testing.Setup --environment $(ENVIRONMENT) $(if $(FORCE),--force) $(if $(WHEELS),--wheels "$(WHEELS)")

wheels: setup ## collect all packages for a machine without the Internet: make wheels INTO=folder
	@test -n "$(INTO)" || { echo "Say where to: make wheels INTO=folder"; exit 2; }
	@$(RUN) -m Testing.Setup.wheels "$(INTO)"

demo: setup ## phantom patient and real scans through the module; pictures and report in out/demo (SCAN=path: your scan)
	@$(RUN) -m Testing.Demo.run $(if $(SCAN),--scan "$(SCAN)")

walk: setup ## what a user sees in the first hour, in all modules, step by step: pictures in out/walk
	@$(RUN) -m Testing.Demo.walk
	@$(RUN) -m Testing.Demo.walk_modules

test: setup ## all fast tests and lints, then the tests in the host of Slicer's modules
	@$(RUN) -m Testing.run_tests all $(ARGUMENTS)

test-pure: setup ## only the tests and lints that need no host
	@$(RUN) -m Testing.run_tests pure $(ARGUMENTS)

test-host: setup ## only the tests in the host of Slicer's modules
	@$(RUN) -m Testing.run_tests host $(ARGUMENTS)

test-slow: setup ## the tests that take long
	@$(RUN) -m Testing.run_tests all --slow $(ARGUMENTS)

lint: setup ## style and architecture; says what to do about each finding
	@$(RUN) -m ruff check .
	@$(RUN) -m pytest Testing/Lint -q

validate-lesions: setup ## white-matter lesions found in real and drawn scans, as docs/results/lesions.md (goes on where it stopped)
	@$(RUN) -m Testing.Experiments.validation.lesions.run --page docs/results/lesions.md $(ARGUMENTS)

validate-ivgc: setup ## models of the response on 400 new synthetic patients: docs/results/ivgc_fresh.md (hours; goes on where it stopped)
	@$(RUN) -m Testing.Experiments.validation.response.run --page docs/results/ivgc_fresh.md $(ARGUMENTS)

validate-orbit: setup ## an orbit model on phantoms, real scans, label maps and changed copies: one table (goes on where it stopped)
	@$(RUN) -m Testing.Experiments.validation.orbit.run --json out/validation/orbit.json $(ARGUMENTS)

validate-measurements: setup ## errors of diameters, lengths, areas and volumes on phantoms and annotated scans (goes on where it stopped)
	@$(RUN) -m Testing.Experiments.validation.measurements.run --json out/validation/measurements.json --docs docs/measurements.md $(ARGUMENTS)

measurement-pictures: setup ## draw docs/pictures/measure_*.png: where each measure is taken
	@$(RUN) -m Testing.Demo.draw_measurements

anatomy-pictures: setup ## draw docs/pictures/anatomy_*.png: where each structure begins and ends
	@$(RUN) -m Testing.Demo.draw_anatomy

attack: setup ## hundreds of damaged and hostile files: read right, refused or read wrong (half an hour at most)
	@$(RUN) -m Testing.Attack.run $(ARGUMENTS)

bench: setup ## time and memory of the main operations, as out/bench.json
	@$(RUN) -m Testing.Experiments.benchmarks.run --json out/bench.json

bench-annotation: setup ## clicks and strokes of simulated annotators to label muscles, nerve and globe (goes on where it stopped)
	@$(RUN) -m Testing.Experiments.annotation.run $(ARGUMENTS)

slicer-tree: setup ## the modules as they are installed, linked in build/slicer: add this folder in Slicer's module settings
	@$(RUN) -m Testing.Setup.slicer_tree build/slicer

slicer-test: slicer-tree ## the modules' self-tests in the real application: make slicer-test SLICER=/path/to/Slicer
	@test -x "$(SLICER)" || { echo "Say where Slicer is: make slicer-test SLICER=/path/to/Slicer"; exit 2; }
	@for module in OrbitSegmentation TAOActivity IVGCResponse NeuroDifferential \
	    $(notdir $(wildcard OrbitSegmentation/SegmentEditor*)); do \
	  "$(SLICER)" --no-splash --testing --additional-module-paths "$(CURDIR)/build/slicer" --python-code \
	    "import slicer.testing; slicer.testing.runUnitTest(['$(CURDIR)/build/slicer'], '$$module')" || exit 1; \
	done

architecture-picture: setup ## draw docs/pictures/architecture.png
	@$(RUN) -m Testing.Demo.draw_architecture

readme-picture: setup ## draw docs/pictures/orbit_segmentation.png: the module with a phantom patient
	@$(RUN) -m Testing.Demo.run --readme-picture

annotation-picture: setup ## draw docs/pictures/annotation_page.png: the page for annotation with a phantom patient
	@$(RUN) -m Testing.Demo.annotation_picture

tao-picture: setup ## draw docs/pictures/tao_activity.png: the activity of a phantom patient, explained
	@$(RUN) -m Testing.Demo.tao_picture

response-picture: setup ## draw docs/pictures/ivgc_response.png: the response of a phantom patient, explained
	@$(RUN) -m Testing.Demo.response_picture $(ARGUMENTS)

neuro-picture: setup ## draw docs/pictures/neuro_differential.png: the lesions of a phantom patient, placed and judged
	@$(RUN) -m Testing.Demo.neuro_picture

follow-up-picture: setup ## draw docs/pictures/follow_up.png: what changed in a synthetic patient between two dates
	@$(RUN) -m Testing.Demo.follow_up_picture

train-default: setup ## train the default model anew (hours)
	@$(RUN) -m OrbitSegmentationLib.any_contrast.training.train $(ARGUMENTS)

train-autocorrection: setup ## train AutoCorrection's network from nothing and make its package (half an hour)
	@$(RUN) -m OrbitSegmentationLib.refinement.correction.train --package Resources/Models/orbit-autocorrection \
	  $(ARGUMENTS)
	@$(RUN) -m NeuroOrbitLib.models

reproduce-orbit: setup ## SV-Net, SEQ-UNET and the default model side by side (hours; goes on where it was stopped; ARGUMENTS='--scale quick')
	@$(RUN) -m Testing.Experiments.reproduction.orbit $(ARGUMENTS)

reproduce-tao: setup ## Lin et al. 2021 on synthetic cohorts of its size (some hours; goes on where it was stopped; ARGUMENTS='--scale quick')
	@$(RUN) -m Testing.Experiments.reproduction.tao $(ARGUMENTS)

reproduce-ivgc: setup ## Zhang et al. 2026 (RDINet) on a synthetic cohort of its size (some hours; goes on where it was stopped; ARGUMENTS='--scale quick', or '--parts packages' to print anew only what changed)
	@$(RUN) -m Testing.Experiments.reproduction.ivgc $(ARGUMENTS)

reproduce-neuro: setup ## NMOSD or MS on a synthetic cohort of the paper's size (some hours; goes on where it was stopped; ARGUMENTS='--scale quick')
	@$(RUN) -m Testing.Experiments.reproduction.neuro $(ARGUMENTS)

lock: setup ## lock the packages of the environment with hashes, for this Python and system (after make test with newer ones)
	@$(RUN) -m Testing.Setup.lock

cmake-lists: setup ## list every file of the modules in the CMakeLists.txt files and pyproject.toml
	@$(RUN) -m Testing.Lint.file_lists --write

clean: ## remove what was made, but keep the environment
	rm -rf out build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path "./$(ENVIRONMENT)/*" -prune -exec rm -rf {} +
