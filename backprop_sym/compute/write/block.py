"""The writer of plans: statements as lines, functions as text; each language says how it differs.

    written(language, functions, texts)     the source, complete in itself
    Language                    lines and blocks as Python writes them
    Braces                      the same as C and its descendants write them
    Module                      what the functions of one source share
"""
from ...describe.activation import ActivationSlope
from ...describe.functions import softmax
from ...describe.matrices import ArrayFunction
from ...describe.printer import ATOM
from ..plan.functions import helper
from ..plan.loop import NUMBERS
from ..plan.statements import Accumulate, Assign, Element, For, Keep, Operation, Return, Shares, When
from .expression import Code
from .identifiers import Identifiers, spelled


def written(language, functions, texts=None):
    """The source of some functions in a language; ``texts`` are the names of symbols, where they are not their own."""
    module = Module(language, functions, texts or {})
    main = [module.lines(function, True) for function in functions]
    definitions = {}
    while todo := [call for call in module.helpers if call not in definitions]:
        for call in todo:
            name, example = module.helpers[call]
            definitions[call] = module.lines(helper(example, name, language.tuples))
    header = language.header(module.imported)
    blocks = ["\n".join(lines) for lines in (*reversed(definitions.values()), *main)]
    return header + "\n\n"*bool(header) + "\n\n\n".join(blocks) + "\n"


class Module:
    """The functions that are called, and what must be imported, collected while a source is written."""

    def __init__(self, language, functions, texts):
        self.language, self.imported, self.helpers = language, {}, {}
        self.reserved = {*language.reserved, *(function.name for function in functions)}
        self.names = {function.name: spelled(function, texts, self.reserved, language.first) for function in functions}
        self.functions = Identifiers(self.reserved.union(language.functions_reserved,
                                                         *(names.values() for names in self.names.values())), language.first)

    def lines(self, function, exported=False):
        """The lines of a function; ``exported``: whether it is what the source is for."""
        called = {name for name, _ in self.helpers.values()}
        names = self.names[function.name] if exported else spelled(function, {}, self.reserved | called, self.language.first)
        return self.language(self, function.rank, names, self.language.pointed(function)).function(function, exported)

    def used(self, name):
        """The name of something that may have to be imported."""
        if name in self.language.imports:
            self.imported |= dict.fromkeys((name, *self.language.needs.get(name, ())))
        return name

    def helper(self, e):
        """The name of the function that computes an activation, its slope, or the shares of a layer."""
        name = "softmax" if isinstance(e, Shares) else type(e).__name__
        if isinstance(e, ArrayFunction):
            name = e.rows.partition("(")[0]                    # as a reader writes it
        elif not isinstance(e, ActivationSlope) and (isinstance(e, Shares | softmax) or len(e.args) > 1):
            name += f"_{len(e.args) - isinstance(e, softmax)}"
            name += f"_{e.args[0]}"*(isinstance(e, softmax) and not self.language.tuples)
        if name not in self.helpers:
            self.helpers[name] = self.functions.new(name), e
        return self.helpers[name][0]


class Language(Code):
    """A language: Python's lines and blocks, unless it says otherwise."""

    loops = NUMBERS             # what a training loop and a grid are made of: see plan.loop
    reserved = frozenset()      # words that no name of a program may be
    functions_reserved = frozenset()        # others that no function of it may be
    first = ""                  # what no name may begin with an underscore without
    package = ""                # where what is called comes from
    imports = {}                # {name that may have to be imported: the line that does it, or "": from the package}
    needs = {}                  # {name: others that its line needs}

    @classmethod
    def pointed(cls, function):
        """Whether the numbers of a function are written with a point."""
        return False

    @classmethod
    def header(cls, names):
        """The lines that import what the code uses."""
        plain = [name for name, line in cls.imports.items() if name in names and not line]
        lines = [f"from {cls.package} import {', '.join(plain)}"]*bool(plain)
        return "".join(f"{line}\n" for line in (*lines, *(line for name, line in cls.imports.items() if name in names and line)))

    def lines(self, statements):
        """The lines of some statements."""
        return [line for statement in statements for line in WRITERS[type(statement)](self, statement)]

    def inside(self, statements):
        """The lines of a block, one level further in."""
        return ["    " + line for line in self.lines(statements)]

    def function(self, function, exported):
        """The lines of a function."""
        *body, last = function.body
        if isinstance(last, Return):
            results = [self.result(value) for value in last.values]
            end = [f"    return {', '.join(results)}" + ","*(len(results) == 1 and function.out is not None)]
        else:
            body, end = function.body, []
        return [f"def {function.name}({', '.join(self.names[s] for s in function.symbols)}):", *self.inside(body), *end]

    def result(self, value):
        """What a function returns: an expression, or a tuple of them."""
        return f"({', '.join(map(self.result, value))},)" if isinstance(value, tuple) else self(value)

    # ---- one statement

    def assign(self, statement):
        """The line that gives a value its name; none for what is written where it is used."""
        target, value = statement.target, statement.value
        if statement.once:
            self.inlined[target] = self.write(value)
            return []
        if isinstance(target, tuple):
            return self.unpack(target, value)
        text = (self.whole if target.is_integer else self)(value)
        if isinstance(value, Operation) and value.out is not None and self.names[value.out] == self.names[target]:
            return [text]
        return [self.store(self(target), text) if isinstance(target, Element) else self.put(target, text)]

    def put(self, symbol, text):
        return f"{self.names[symbol]} = {text}"

    def store(self, place, text):
        return f"{place} = {text}"

    def unpack(self, symbols, value):
        """The line that gives several results of a call their names; None stands for one that is not wanted."""
        return [f"{', '.join(self.names[s] if s else '_' for s in symbols)}{','*(len(symbols) == 1)} = {self(value)}"]

    def accumulate(self, statement):
        return [f"{self(statement.target)} += {self(statement.value)}"]

    def loop(self, statement):
        start, stop, step = map(self.whole, (statement.start, statement.stop, statement.step))
        bounds = stop if (start, step) == ("0", "1") else f"{start}, {stop}" + f", {step}"*(step != "1")
        return [f"for {self.names[statement.index]} in range({bounds}):", *self.inside(statement.body)]

    def when(self, statement):
        return [f"if {self.whole(statement.condition)}:", *self.inside(statement.body)]

    def keep(self, statement):
        return [f"keep(({', '.join(map(self, statement.values))}))"]


WRITERS = {Assign: lambda write, s: write.assign(s), Accumulate: lambda write, s: write.accumulate(s),
           For: lambda write, s: write.loop(s), When: lambda write, s: write.when(s), Keep: lambda write, s: write.keep(s)}


class Braces(Language):
    """Blocks in braces, and names that are declared where they first stand."""

    raising = "pow"             # the function that raises to a power

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.declared = set()

    def kind(self, symbol):
        """The word that declares a symbol."""
        raise NotImplementedError

    def power(self, e):
        return super().power(e) if e.exp == 2 and e.base.is_Symbol else self.call(self.raising, (e.base, e.exp))

    def choice(self, condition, value, otherwise):
        return f"({condition} ? {value} : {otherwise})", ATOM

    def inside(self, statements):
        declared = set(self.declared)                          # what a block declares is known in it alone
        lines = super().inside(statements)
        self.declared = declared
        return lines

    def put(self, symbol, text):
        name = self.names[symbol]
        declaration = "" if name in self.declared else self.kind(symbol) + " "
        self.declared.add(name)
        return f"{declaration}{name} = {text};"

    def store(self, place, text):
        return f"{place} = {text};"

    def accumulate(self, statement):
        return [line + ";" for line in super().accumulate(statement)]

    def loop(self, statement):
        start, stop, step = map(self.whole, (statement.start, statement.stop, statement.step))
        name = self.names[statement.index]
        return [f"for ({self.kind(statement.index)} {name} = {start}; {name} < {stop}; {name} += {step}) {{",
                *self.inside(statement.body), "}"]

    def when(self, statement):
        return [f"if ({self.whole(statement.condition)}) {{", *self.inside(statement.body), "}"]
