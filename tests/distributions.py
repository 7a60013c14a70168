"""What would be published, in clean hands: ``make dist-check`` builds it, looks at it, and uses it where nothing else is.

The source distribution holds every file of the repository. The wheel holds the package and nothing else, and says of itself
what can be shown. Each is installed in a new environment, with no more than it declares: there every module is imported,
every bundled example audited and a figure drawn; and the tests of the source distribution are run, with its own pins.
"""
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Run by a new environment, in a folder that holds nothing.
USE = """
import importlib, pkgutil
import backprop_sym as bp

OPTIONAL = {"numba", "jax", "torch"}
for module in pkgutil.walk_packages(bp.__path__, "backprop_sym."):
    if module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        if error.name not in OPTIONAL:
            raise
audits = {name: bp.worked_example(name).audit() for name in bp.examples()}
history = bp.fit(bp.worked_example("source").forward, bp.worked_example("source").values, epochs=3)
history.plot()._repr_mimebundle_()
print(f"{sum(map(len, audits.values()))} figures in {len(audits)} examples audited, and one drawn")
"""


def run(*command, cwd):
    """Run it; what it prints is seen, and where it fails this ends."""
    if status := subprocess.run(list(map(str, command)), cwd=cwd).returncode:
        sys.exit(status)


def install(python, *what, cwd):
    """Install it into the environment of this Python."""
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what, cwd=cwd)


def what_is_missing(sdist):
    """The files of the repository that a source distribution lacks; those of its services (.github, .ci) are not meant."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    return [name for name in tracked if not name.startswith(".") and name not in held]


def environment(folder):
    """The Python of a new virtual environment in this folder."""
    venv.create(folder, with_pip=True)
    return folder/("Scripts" if sys.platform == "win32" else "bin")/"python"


def main():
    """Build, look, install, use; the exit status."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        nowhere = place/"nowhere"
        nowhere.mkdir()
        run(sys.executable, "-m", "build", "--outdir", place/"dist", ROOT, cwd=ROOT)
        wheel, = place.glob("dist/*.whl")
        sdist, = place.glob("dist/*.tar.gz")
        if missing := what_is_missing(sdist):
            print(f"{sdist.name} lacks these files; MANIFEST.in says what it holds:", *missing, sep="\n    ")
            return 1
        run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist, cwd=ROOT)
        run(sys.executable, "-m", "check_wheel_contents", wheel, cwd=ROOT)
        for made in (wheel, sdist):
            python = environment(place/f"with-{made.name}")
            install(python, made, cwd=nowhere)
            run(python, "-m", "pip", "check", cwd=nowhere)
            run(python, "-c", USE, cwd=nowhere)
        with tarfile.open(sdist) as archive:
            archive.extractall(place, filter="data")
        source = place/sdist.name.removesuffix(".tar.gz")
        install(python, "-c", "constraints.txt", ".[test]", cwd=source)
        run(python, "-m", "pytest", "-q", "--numprocesses=2", "--dist=loadscope", cwd=source)
    return 0


if __name__ == "__main__":
    sys.exit(main())
