"""Exercises from files: data/exercises/NN.toml, one a chapter.

    exercise("04.2")            one of them
    exercises(), exercises(4)   the ids of all, or of a chapter

A file is only read: its sizes are bounded, its expressions go through the parser's whitelist, nothing runs. Errors name the
file, the exercise and the key.
"""
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..describe.arguments import expect
from ..describe.names import symbol
from ..describe.nearest import said, unknown
from ..verify.checked import Tables
from ..verify.file import tables
from ..verify.toml import Loader, examples, worked_example
from .exercise import Exercise, Mistake
from .form import FORMS
from .kinds import KINDS
from .worth import with_numbers

FOLDER = Path(__file__).parent.parent / "data" / "exercises"
TEXTS = (list, str)
# What a file, an exercise and a mistake may hold.
TOP = {"networks": dict, "exercise": (list, dict)}
ENTRY = {"id": str, "kind": str, "question": str, "settled": str, "hints": TEXTS, "why": str}
MORE = {"network": str, "values": dict, "quantity": str, "after": int, "sample": int, "digits": int, "options": dict,
        "right": str, "compared": dict, "lines": TEXTS, "uses": TEXTS, "arguments": TEXTS, "tests": (list, dict), "code": str,
        "shows": TEXTS, "form": str, "mistakes": (list, dict)}
MISTAKE = {"says": str}
WRONG = {"instead": str, "after": int, "answer": str}
HINTS = 3
ELSEWHERE = re.compile(r"(\d\d_\w+): (.*)")       # a heading of another chapter than the file's


def exercises(chapter=None):
    """The ids of all exercises, or of those of one chapter.

    >>> exercises(4)[:3]
    ['04.1', '04.2', '04.3']
    """
    expect(chapter=chapter)
    paths = sorted(FOLDER.glob("[0-9][0-9].toml"))
    return [id for path in paths if chapter in (None, int(path.stem)) for id in _of_file(path)]


def exercise(id):
    """The exercise of that id, an Exercise: in a notebook it shows the question, with a field for the answer.

    Raises ValueError for an id that there is not, with the nearest ones.

    >>> exercise("04.2").kind
    'number'
    """
    expect(id=id)
    path = FOLDER / f"{id[:2]}.toml"
    found = _of_file(path) if id[:2].isascii() and id[:2].isdigit() and path.exists() else {}
    if id not in found:
        raise ValueError(unknown("exercise", id, found or exercises()))
    return found[id]


@cache
def _of_file(path):
    """{id: Exercise} of one file, in its order."""
    return loaded(path)


def loaded(path):
    """{id: Exercise} of a file of exercises.

    Raises OSError where it cannot be read, ValueError for a file that holds no exercises.
    """
    return Entries(path.name, tables(path)).all()


class Entries(Tables):
    """Reads the tables of one file of exercises; every complaint says where."""

    def all(self):
        """{id: Exercise}, in the order of the file."""
        top = self.table(self.data, "the file", {"chapter": str}, TOP)
        self.chapter = top["chapter"]
        self.networks = {name: Loader(self.file, data).example(name) for name, data in top.get("networks", {}).items()
                         if self.table(data, f"networks: {name}", {}, dict.fromkeys(data, object))}
        found = {}
        for i, data in enumerate(top.get("exercise", []), 1):
            one = self.entry(data, f"[[exercise]] {data.get('id', i)}")
            if one.id in found:
                self.fail(one.id, "this id stands twice")
            found[one.id] = one
        return found

    def entry(self, data, where):
        """One exercise, its keys and their meanings checked."""
        self.table(data, where, ENTRY, MORE)
        if data["kind"] not in KINDS:
            self.fail(where, unknown("kind", data["kind"], KINDS))
        kind = KINDS[data["kind"]]
        for key in kind.needs:
            if key not in data:
                self.fail(where, f"an exercise of the kind {data['kind']!r} needs the key {key!r}")
        if data.get("form", "") not in {"", *FORMS}:
            self.fail(where, unknown("form", data["form"], FORMS))
        if len(set(data["hints"])) != HINTS:
            self.fail(where, f"hints: expected {HINTS} that differ, got {len(set(data['hints']))}")
        elsewhere = ELSEWHERE.fullmatch(data["settled"])
        example = self.network(data, where)
        loader = Loader.for_example(example) if example else None
        figure = loader and "quantity" in data and self.figure(
            loader, example, {key: data[key] for key in ("quantity", "after", "sample") if key in data}, where)
        found = Exercise(
            data["id"], data["kind"], data["question"].strip(),
            elsewhere.groups() if elsewhere else (self.chapter, data["settled"]), tuple(data["hints"]), data["why"].strip(),
            example, figure or None, data.get("digits", 4), options=data.get("options", {}),
            right=data.get("right", ""), lines=tuple(data.get("lines", ())), uses=tuple(data.get("uses", ())),
            arguments=tuple(data.get("arguments", ())), code=data.get("code", "").strip(), form=data.get("form", ""),
            compared={key: self.figure(loader, example, {"quantity": text}, where)
                      for key, text in data.get("compared", {}).items()},
            tests=tuple(self.numbers(t, f"{where}: tests") for t in data.get("tests", [])),
            mistakes=tuple(self.mistake(m, loader, example, f"{where}: mistakes") for m in data.get("mistakes", [])))
        form = f"; {FORMS[found.form].wanted}" if found.form else ""
        found = replace(found, options=kind.options(found), takes=kind.takes.format(e=found) + form,
                        shows=tuple(data.get("shows", kind.shows if example else ())))
        return self.consistent(found, where)

    def network(self, data, where):
        """The example that an exercise is about: of this file, or a bundled one; with the exercise's own numbers."""
        if "network" not in data:
            return None
        name = data["network"]
        if name not in self.networks and name not in examples():
            self.fail(where, "network: " + unknown("network", name, [*self.networks, *examples()]))
        example = self.networks.get(name) or worked_example(name)
        numbers = self.numbers(data.get("values", {}), f"{where}: values")
        for odd in set(numbers) - {*example.parameters, *example.samples[0]}:
            self.fail(where, "values: " + unknown("quantity", odd, [*example.parameters, *example.samples[0]]))
        return with_numbers(example, numbers)

    def figure(self, loader, example, data, where):
        """A quantity that is asked for, compared, or computed instead."""
        try:
            return loader.figure({**data, "printed": "0"}, "", example.training, len(example.samples))
        except ValueError as error:
            self.fail(where, str(error))

    def mistake(self, data, loader, example, where):
        """One expected mistake."""
        self.table(data, where, MISTAKE, WRONG)
        if ("instead" in data) == ("answer" in data):
            self.fail(where, f"expected what was computed instead, or the answer that was chosen, got {said(data)}")
        if "answer" in data:
            return Mistake(data["says"], answer=data["answer"])
        return Mistake(data["says"], self.figure(
            loader, example, {"quantity": data["instead"], "after": data.get("after", 0)}, where))

    def consistent(self, found, where):
        """The exercise, unless its options and its mistakes do not belong together."""
        answers = [found.right] if found.right else []
        for answer in [*answers, *(m.answer for m in found.mistakes if m.answer)]:
            if answer not in found.options:
                self.fail(where, unknown("option", answer, found.options))
        known = [symbol(name).name for name in found.arguments]
        if len(set(known)) != len(known):
            self.fail(where, "arguments: one stands twice")
        return found
