# The commands of the book. Nothing but make and Python 3.11 or newer is needed: everything else goes into .venv.

PYTHON ?= python3
LAB_ARGS ?=

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(BIN)/python
# What the book is compared with is large, and has an environment of its own.
PEERS := .venv-peers
# What makes the book's pages, and looks at them in a browser, has one as well.
WEB := .venv-book
WEB_BIN := $(WEB)/$(notdir $(BIN))
# Tools of teachers bring half a hundred packages.
GRADERS := .venv-graders
PORT ?= 8000
# loadscope: the cells of one notebook share a kernel, so they must stay on one worker.
WORKERS := --numprocesses=2 --dist=loadscope
# Of strings' hashes, on which the order of a set hangs.
SEEDS ?= 0 1
# JupyterLab refuses to run as root unless told that this is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help lab test audit oracle bench slips fuzz mutants rounding seeds dist-check graders notebooks notebooks-check clean \
	book book-serve book-epub gettext browser-test figures figures-check
.DELETE_ON_ERROR:

help:
	@echo "make lab              read the book: install it into .venv, open it in JupyterLab"
	@echo "                      (options for JupyterLab: make lab LAB_ARGS=\"--no-browser --port 9999\")"
	@echo "make test             every check: ruff, import-linter, unit tests, doctests, the notebooks and their outputs"
	@echo "make audit            judge every printed figure of the bundled examples; fail where a verdict changes"
	@echo "make oracle           install PyTorch and JAX into .venv-peers and compare every gradient and optimizer with theirs,"
	@echo "                      and what chapter 16 shows of them"
	@echo "make bench            measure everything side by side with C, JAX, PyTorch and others; benchmarks/results.json"
	@echo "make slips            plant mistakes in texts that nobody has seen; print how many the audit finds"
	@echo "make fuzz             load and audit 13,000 examples gone wrong; fail where one is met without a clear error"
	@echo "make mutants          plant mistakes in the package one by one; fail where the tests miss one"
	@echo "make rounding         run the book with a math library that rounds otherwise; fail where an output hangs on it"
	@echo "make seeds            run the suite under two hash seeds; fail where something shown hangs on the order of a set"
	@echo "make dist-check       build what would be published; install it in clean environments, and run its tests there"
	@echo "make graders          make assignments with nbgrader and Otter-Grader, and let both grade them"
	@echo "make book             make the book's pages from the committed chapters, in build/book/html (needs Node.js, for npm)"
	@echo "make book-serve       the same, and show them at http://127.0.0.1:8000 (make book-serve PORT=9000)"
	@echo "make book-epub        the whole book as one file: build/book/epub"
	@echo "make figures          bundle the figures that answer into the package (needs Node.js, for npm)"
	@echo "make figures-check    the same; fail where the committed bundle is stale"
	@echo "make gettext          what a translator translates: build/book/gettext"
	@echo "make browser-test     look at every page, and run every chapter, in a real browser (needs Chromium)"
	@echo "make notebooks        execute every notebook and write it with its outputs"
	@echo "make notebooks-check  execute every notebook, write nothing, fail where a committed one is stale"
	@echo "make clean            remove .venv and everything that the checks leave behind"
	@echo "Another Python:       make lab PYTHON=python3.12"

lab: $(VENV)/lab.stamp
	"$(RUN)" -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
		$(AS_ROOT) $(LAB_ARGS)

test: $(VENV)/test.stamp
	"$(RUN)" -m ruff check .
	"$(BIN)/lint-imports"
	"$(RUN)" -m pytest $(WORKERS) --ignore=tests/browser

audit: $(VENV)/test.stamp
	"$(RUN)" -m backprop_sym audit --ledger tests/verify/ledger.csv

oracle: $(PEERS)/stamp
	"$(PEERS)/$(notdir $(BIN))/python" -m pytest $(WORKERS) tests/compute/test_oracle_pytorch.py tests/compute/test_oracle_jax.py \
		tests/compute/test_oracle_matrices.py tests/derive/test_oracle_layers.py tests/compute/test_selections.py \
		tests/compute/test_maxima.py tests/compute/test_engines.py tests/compute/test_grids.py tests/compute/test_plan.py tests/adapters \
		notebooks/16_a_library_in_sixty_lines.ipynb

bench: $(PEERS)/stamp
	cd benchmarks && "../$(PEERS)/$(notdir $(BIN))/python" run.py
	"$(PEERS)/$(notdir $(BIN))/python" -m pytest -q benchmarks/test_parts.py --benchmark-columns=median,rounds

slips: $(VENV)/test.stamp
	"$(RUN)" benchmarks/slips.py

fuzz: $(VENV)/test.stamp
	PYTHONPATH=. "$(RUN)" -W error tests/fuzz.py 13000

mutants: $(VENV)/test.stamp
	"$(RUN)" tests/mutants.py

# NumPy without the wide instructions of newer processors rounds otherwise as well.
rounding: $(VENV)/test.stamp
	PYTHONPATH=tests/rounding NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4" "$(RUN)" -m pytest $(WORKERS) notebooks

seeds: $(VENV)/test.stamp
	failed=0; for seed in $(SEEDS); do PYTHONHASHSEED=$$seed "$(RUN)" -m pytest $(WORKERS) || failed=1; done; exit $$failed

dist-check: $(VENV)/dist.stamp
	"$(RUN)" tests/distributions.py

graders: $(GRADERS)/stamp
	"$(GRADERS)/$(notdir $(BIN))/python" -m pytest $(WORKERS) tests/teach/test_assignment.py

book: $(WEB)/stamp book/node_modules/.package-lock.json
	"$(WEB_BIN)/python" book/build.py

book-serve: book
	"$(WEB_BIN)/python" book/build.py serve --port $(PORT)

book-epub: $(WEB)/stamp book/node_modules/.package-lock.json
	"$(WEB_BIN)/python" book/build.py epub

gettext: $(WEB)/stamp
	"$(WEB_BIN)/python" book/build.py gettext

figures: book/explore/node_modules/.package-lock.json
	@npm run --prefix book/explore --silent build

figures-check: figures
	git diff --exit-code --stat -- backprop_sym/teach/static

browser-test: book figures
	"$(WEB_BIN)/python" -m pytest tests/browser

notebooks: $(VENV)/test.stamp
	"$(RUN)" notebooks/build.py

notebooks-check: $(VENV)/test.stamp
	"$(RUN)" notebooks/build.py --check

clean:
	rm -rf $(VENV) $(PEERS) $(WEB) $(GRADERS) book/node_modules book/explore/node_modules build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	find backprop_sym benchmarks notebooks tests \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune \
		-exec rm -rf {} + 2>/dev/null || true

# Readers get the newest versions in the ranges; whatever compares or makes outputs gets those they are made with.
# A stamp is older than the files that say what to install exactly when there is something to install.
$(VENV)/lab.stamp: $(VENV)/pyvenv.cfg pyproject.toml requirements.txt
	@echo "Installing into $(VENV): a minute or two, once"
	@"$(RUN)" -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing into $(VENV): a minute or two, once"
	@"$(RUN)" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[book,test]"
	@touch $@

$(VENV)/dist.stamp: $(VENV)/test.stamp
	@"$(RUN)" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dist]"
	@touch $@

$(PEERS)/stamp: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing what the book is compared with into $(PEERS): a few minutes, once"
	@"$(RUN)" -m venv $(PEERS)
	@"$(PEERS)/$(notdir $(BIN))/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test,peers]"
	@touch $@

$(GRADERS)/stamp: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing what grades assignments into $(GRADERS): a few minutes, once"
	@"$(RUN)" -m venv $(GRADERS)
	@"$(GRADERS)/$(notdir $(BIN))/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test,graders]"
	@touch $@

# The wheels that the site carries beside the package's own: what it needs of pure Python, and what its live figures need.
$(WEB)/stamp: $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@echo "Installing what makes the book's pages into $(WEB): a minute or two, once"
	@"$(RUN)" -m venv $(WEB)
	@"$(WEB_BIN)/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[book,test,web]"
	@rm -rf $(WEB)/wheels
	@"$(WEB_BIN)/python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --platform any \
		--implementation py -c constraints.txt -d $(WEB)/wheels \
		anywidget comm ipywidgets jupyterlab-widgets mpmath psygnal sympy tqdm typing-extensions
	@touch $@

book/explore/node_modules/.package-lock.json: book/explore/package.json book/explore/package-lock.json
	@npm ci --prefix book/explore --silent --no-audit --no-fund
	@touch $@

book/node_modules/.package-lock.json: book/package.json book/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed once, for MathJax: install Node.js"; exit 1; }
	@npm ci --prefix book --silent --no-audit --no-fund
	@touch $@

$(VENV)/pyvenv.cfg:
	@command -v "$(PYTHON)" >/dev/null || \
		{ echo "There is no '$(PYTHON)'. Install Python 3.11 or newer, or name yours: make PYTHON=python3.12"; exit 1; }
	@"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed (make PYTHON=python3.12); '$(PYTHON)' answers:"; "$(PYTHON)" --version; exit 1; }
	@"$(PYTHON)" -c "import ensurepip, venv" 2>/dev/null || \
		{ echo "'$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
