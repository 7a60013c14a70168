"""What a distribution says of itself: README.md, whose relative links lead nowhere elsewhere.

Everything else is in pyproject.toml, which can name a file but not change it.
"""
import re
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent


def description(readme, repository=None):
    """README.md for a place where the repository's files are not: links lead to its address, pictures come from there.

    Without an address a link is its text alone, and a picture is left out.
    """
    def elsewhere(link):
        picture, text, path = link.groups()
        if repository:
            return f"{picture}[{text}]({repository}/{'raw' if picture else 'blob'}/main/{path})"
        return "" if picture else text
    return re.sub(r"(!?)\[([^\]]*)\]\((?!https?:)([^)\s]+)\)", elsewhere, readme)


if __name__ == "__main__":
    from setuptools import setup
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = description((HERE / "README.md").read_text(encoding="utf-8"), project.get("urls", {}).get("Repository"))
    setup(long_description=text, long_description_content_type="text/markdown")
