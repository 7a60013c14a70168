"""In continuous integration hypothesis draws the same examples every time; elsewhere it goes on looking for new ones.

Where a mistake is planted it is enough that one example fails: none is looked for that is smaller.
"""
import os

from hypothesis import Phase, settings

settings.register_profile("ci", derandomize=True)
settings.register_profile("mutants", derandomize=True, phases=[Phase.explicit, Phase.generate], report_multiple_bugs=False)
if os.environ.get("CI"):
    settings.load_profile("ci")
if os.environ.get("MUTANTS"):
    settings.load_profile("mutants")
