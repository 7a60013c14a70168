r"""How equations and chains are set: LaTeX, as the source sets it.

    program_latex(program)      the aligned equations
    worked_latex(net.at(values))    the equations with their numbers put in
    chain_latex(chain)          the product of partials, each factor differentiated, the closed form, the numbers
    values_latex(values)        name = number, aligned
    name_latex("w5")            a symbol: w_{5}, \hat{y}_{1}, w_{5(new)}

Everything fits between $$ and $$, with short lines: GitHub, nbviewer, Colab and JupyterLab set it alike.
"""
import sympy as sp

from ..derive.chain import ABOVE
from ..describe.activation import Activation
from ..describe.arguments import expect
from ..describe.digits import AMONG_OTHERS, SHOWN, entries_of, is_large, shape_of_lists
from ..describe.nearest import said
from ..describe.printer import PRODUCT
from ..describe.shapes import of_symbol, sizes
from .arrays import ArrayLatex, ArrayNumbers, array_latex, shape_latex
from .lines import filled
from .paper import Latex, Numbers, name_latex, number_latex

__all__ = ["Latex", "Numbers", "chain_latex", "name_latex", "number_latex", "program_latex", "values_latex", "worked_latex"]


def _printer_of(program):
    """The printer of a program's expressions."""
    return ArrayLatex(program.rank, lambda s: of_symbol(s, program.shape)) if program.shapes else Latex(program.rank)


def aligned(lines):
    r"""Lines with & and without \\, as one aligned block."""
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _numbers_of(program, quantities, digits):
    """The same with numbers put in."""
    if not program.shapes:
        return Numbers(program.rank, quantities, digits)
    known = {s: quantities[s] for s in (*program.given, *program.defined)}
    letters = sizes(program, {s: shape_of_lists(entries_of(value)) for s, value in known.items()})
    return ArrayNumbers(program.rank, lambda s: of_symbol(s, program.shape), {**known, **letters}, digits)


def program_latex(program):
    r"""The equations, aligned at =; an activation is also written out, as the source does, where it is of a number."""
    expect(program=program)
    write = _printer_of(program)
    lines = []
    for e in program.equations:
        line = rf"{write(e.lhs)} &= {write(e.rhs)}"
        if isinstance(e.rhs, Activation) and e.rhs.definition != e.rhs.args[0] and not program.shape.get(e.lhs):
            line += rf" = {write(e.rhs.definition)}"
        lines.append(line)
    return aligned(lines)


def worked_latex(worked):
    """The equations with the numbers put in and the results, as one works them out by hand.

    Where an array is too large to be written, its equation alone, and the size of the result.
    """
    expect(worked=worked)
    program, quantities, digits = worked.program, worked.quantities, worked.shown
    write, number = _printer_of(program), _numbers_of(program, quantities, digits)
    lines = []
    for e in program.equations:
        rhs = e.rhs.definition if isinstance(e.rhs, Activation) and not program.shape.get(e.lhs) else e.rhs
        lines.append(f"{write(e.lhs)} &= {write(e.rhs)}" + (f" = {write(rhs)}" if rhs not in (e.rhs, *e.rhs.args) else ""))
        if any(_large(quantities[s]) for s in (e.lhs, *e.uses)):
            lines.append(_found(quantities[e.lhs], digits))
        else:
            (_, first), *rest = number.addends(rhs)
            terms = [first, *(("- " if minus else "+ ") + text for minus, text in rest)]
            *whole, last = filled(terms, "&= ", r"&\quad ", " ")
            lines += [*whole, *filled([last, f"= {array_latex(quantities[e.lhs], digits)}"], "", "&", " ")]
    return aligned(lines)


def _large(value):
    return is_large(entries_of(value))


def _found(value, digits):
    """= a number or a matrix; of a large one in which space it lies."""
    return rf"&\in {array_latex(value, digits)}" if _large(value) else f"&= {array_latex(value, digits)}"


def values_latex(values, digits=SHOWN):
    """name = number for each value, aligned; the numbers of an array have five digits."""
    expect(values=values, digits=digits)
    symbols = {text: s for s, text in getattr(values, "spelled", {}).items()}
    try:
        return aligned([name_latex(symbols.get(name, name)) + " "
                        + _found(value, AMONG_OTHERS if isinstance(entries_of(value), list) else digits)
                        for name, value in values.items()])
    except TypeError:
        raise TypeError(f"values: expected a mapping of names to numbers, or arrays of them, got {said(values)}") from None


def chain_latex(chain):
    """The expansion of a chain: the partials, each factor differentiated, the closed form; with values the numbers."""
    expect(chain=chain)
    write = _printer_of(chain.program)

    def product(form, join):
        return _sum([[form(factor) for factor in path.factors] for path in chain.paths], join)

    lines = product(lambda f: write(f.partial), " ")
    lines += _of_arrays(chain) if chain.program.shapes else [
        *product(lambda f: _operator(f, chain, write), " "),
        *product(lambda f: write.wrap(f.expression, PRODUCT), r" \cdot ")]
    if chain.quantities is not None:
        if not chain.program.shapes:
            number = Numbers(chain.program.rank, chain.quantities, chain.shown)
            lines += product(lambda f: number.wrap(f.expression, PRODUCT), r" \cdot ")
        if len(chain.paths) > 1 and not _large(chain.value):
            lines += ["&= " + _signed([array_latex(path.contribution, chain.shown) for path in chain.paths])]
        lines += [_found(chain.value, chain.shown)]
    return aligned([write(chain.partial) + " " + (lines[0] if lines else "&= 0"), *lines[1:]])


def _of_arrays(chain):
    """The lines of what each factor hands on, its shape below it; and of the factors one in another."""
    shape = chain.program.shape

    def writer(placed, factor):
        return ArrayLatex(chain.rank, {**shape, ABOVE: shape[factor.partial.of]}.__getitem__, placed)

    def handed_on(factor):
        return rf"\underbrace{{{writer({}, factor)(factor.expression)}}}_{{{shape_latex(factor.shape)}}}"

    pieces = [[handed_on(factor) for factor in path.factors] for path in chain.paths]
    return [*_sum(pieces, r" \;\to\; ", r"&:\quad "), *_sum([[chain.nested(path, writer)[0]] for path in chain.paths], "")]


def _operator(factor, chain, write):
    """d/dv [ u ]: the equation's right-hand side still to be differentiated; of the loss, the terms that hold v."""
    of, wrt = factor.partial.of, factor.partial.wrt
    rhs = chain.program[of].rhs
    if of == chain.program.loss and rhs.is_Add:
        rhs = sp.Add(*(term for term in rhs.args if wrt in term.free_symbols))
    if isinstance(rhs, Activation):
        rhs = rhs.definition
    return rf"\frac{{\partial}}{{\partial {write(wrt)}}} \left[{write(rhs)}\right]"


def _sum(paths, join, equals="&= "):
    """The lines of a sum over paths, each a product; a long product goes on in a line of its own."""
    return [line for i, factors in enumerate(paths)
            for line in filled(factors or ["1"], r"&\quad + " if i else equals, r"&\qquad ", join)]


def _signed(numbers):
    text = numbers[0]
    for number in numbers[1:]:
        text += f" - {number[1:]}" if number.startswith("-") else f" + {number}"
    return text
