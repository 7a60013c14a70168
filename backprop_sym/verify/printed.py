"""What a file says was printed: figures, tables of figures, closed forms, each checked.

    Printed(file, data)         .figures(entry, where, training, samples), .formula(entry, where); .for_example(example)
"""
from ..describe.array_parser import ArrayReader
from ..describe.decimals import number
from .checked import Tables
from .example import PrintedFigure, PrintedFormula, Training
from .inarrays import bracketed, each, named, shapes_of
from .quantity import quantity

MAX_UPDATES = 1_000_000
ENTRY = {"section": str, "note": str, "where": str}


class Printed(Tables):
    """Reads what was printed; ``known`` are the names of the example, ``shapes`` those of its ``arrays``."""

    @classmethod
    def for_example(cls, example):
        """One that checks what is asked of an example that was loaded before."""
        loader = cls(example.name, {})
        loader.known, loader.shapes, loader.arrays = named(example.forward), shapes_of(example.arrays), example.arrays
        return loader

    def figures(self, data, where, training, samples):
        """The figures of an entry: one, those of an array, or a table of them."""
        printed = data.get("printed") if isinstance(data, dict) else None
        if isinstance(printed, dict):
            self.table(data, where, {"printed": dict}, {"after": int, "sample": int, **ENTRY})
            return [figure for name, text in printed.items()
                    for figure in self.figures({**data, "quantity": name, "printed": text}, where, training, samples)]
        if isinstance(printed, list):
            self.table(data, where, {"quantity": str, "printed": list}, {"after": int, "sample": int, **ENTRY})
            try:
                pairs = list(each(data["quantity"], printed, self.shapes))
            except ValueError as error:
                self.fail(where, f"printed: {error}")
            return [self.figure({**data, "quantity": name, "printed": text}, where, training, samples) for name, text in pairs]
        return [self.figure(data, where, training, samples)]

    def figure(self, data, where, training, samples):
        self.table(data, where, {"quantity": str, "printed": str}, {"after": int, "sample": int, **ENTRY})
        try:
            figure = PrintedFigure(**data, expression=quantity(data["quantity"], self.known, training))
        except ValueError as error:
            self.fail(where, f"quantity: {error}")
        try:
            number(figure.printed)
        except ValueError as error:
            self.fail(where, f"printed: {error}")
        if not 0 <= figure.after <= MAX_UPDATES:
            self.fail(where, f"after: expected 0 to {MAX_UPDATES:,} updates, got {figure.after}")
        if figure.after and training.optimizer is None and not training.carry:
            self.fail(where, "after: the file has no [training] with an optimizer, so nothing is updated")
        if figure.sample is not None and not 1 <= figure.sample <= samples:
            self.fail(where, f"sample: expected 1 to {samples}, got {figure.sample}")
        return figure

    def formula(self, data, where):
        self.table(data, where, {"quantity": str, "printed": str}, {"note": str, "where": str})
        arrays = {s.name: s for s in (*self.arrays.given, *self.arrays.defined)} if self.shapes else {}
        text, known = bracketed(data["printed"], {**self.known, **arrays})
        try:
            meaning = quantity(data["quantity"], {**self.known, **arrays}, Training())
            if not (meaning.is_Symbol or (-meaning).is_Symbol):
                raise ValueError(f"expected a name, or a derivative such as d(E)/d(w1), got {data['quantity']!r}")
        except ValueError as error:
            self.fail(where, f"quantity: {error}")
        expression = self.expression(text, known, f"{where}: printed", ArrayReader if arrays else None)
        return PrintedFormula(**data, expression=expression, meaning=meaning)
