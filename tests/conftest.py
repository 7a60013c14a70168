"""In continuous integration hypothesis draws the same examples every time; elsewhere it goes on looking for new ones."""
import os

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
