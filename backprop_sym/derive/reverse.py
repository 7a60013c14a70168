"""The backward pass: reverse accumulation, a map from Program to Program.

    reverse(program)            one equation for each adjoint d(loss)/d(v), from the last quantity to the first
"""
import sympy as sp

from ..describe.arguments import expect
from ..describe.dataflow import moving
from ..describe.matrices import written
from ..describe.names import Partial
from ..describe.nearest import unknown
from ..describe.program import Equation, Program
from .adjoints import contributions, fitted, shape_in


def reverse(program, of=None, wrt=None):
    r"""The Program of the derivatives of ``of`` (the loss) with respect to ``wrt`` (every trainable parameter).

    Each quantity v that lies between the two gets one equation, its adjoint

    .. math:: \frac{\partial E}{\partial v} = \sum_u \frac{\partial E}{\partial u} \frac{\partial u}{\partial v},

    the sum over the equations u that use v: where paths fork, their contributions add. Each is computed once, so the
    cost grows with the number of edges, not of paths. What the adjoints need of the forward pass is in ``.given``.
    Applied to a program that holds a backward pass, it gives second derivatives. Raises ValueError for names that the
    program does not have.

    >>> net = Program.parse(["z = w*x", "a = sigmoid(z)", "E = (y - a)**2/2"],
    ...                     inputs="x", targets="y", parameters="w", loss="E")
    >>> reverse(net)
    d(E)/d(a) = a - y
    d(E)/d(z) = d(E)/d(a)*a*(1 - a)
    d(E)/d(w) = d(E)/d(z)*x
    """
    expect(program=program, of=of, wrt=wrt)
    known = {*program.defined, *program.given, *program.parameters, *program.inputs}
    of = checked(program, _known(program, program.loss if of is None else of, "quantity", known))
    wanted = dict.fromkeys(program.trainable if wrt is None else program.symbols(wrt))
    targets = dict.fromkeys(_known(program, s, "parameter or quantity", known) for s in wanted)
    between = moving(program, targets) | {s for s in targets if s in program}
    terms = {of: [sp.Integer(1)]}
    adjoints, adjoint_of = [], {}
    for e in reversed(program.equations):
        if e.lhs not in terms or not (e.lhs in between or e.lhs in targets):
            continue                                    # `of` does not depend on it, or no target lies behind it
        adjoint = _sum(terms[e.lhs], program, e.lhs)
        if e.lhs in targets or not adjoint.is_Number:       # a number, such as dE/dE = 1, needs no equation
            adjoint_of[e.lhs] = Partial(of, e.lhs)
            adjoints.append(Equation(adjoint_of[e.lhs], adjoint))
        for parent, term in contributions(program, e, adjoint_of.get(e.lhs, adjoint)):
            if parent in between or parent in targets:
                terms.setdefault(parent, []).append(term)
    gradient = [Equation(Partial(of, s), _sum(terms.get(s, [sp.S.Zero]), program, s)) for s in targets if s not in adjoint_of]
    return Program((*adjoints, *gradient), inputs=program.inputs, targets=program.targets,
                   parameters=program.parameters, hyperparameters=program.hyperparameters, frozen=program.frozen,
                   given=program.given + program.defined, shapes=program.shape)


def _sum(terms, program, s):
    """The sum of the contributions to the adjoint of a symbol, in its shape."""
    found = terms[0] if len(terms) == 1 else sp.Add(*terms)
    return fitted(found, shape_in(program, s), lambda s: shape_in(program, s)) if program.shapes else found


def checked(program, of):
    """The quantity whose derivative is wanted; ValueError where it is an array."""
    if found := shape_in(program, of):
        raise ValueError(f"the derivative is that of a number, and {program.spelled.get(of, of)!r} is an array of shape "
                         f"{written(found)}: take a number made of it, such as sum({program.spelled.get(of, of)})")
    return of


def _known(program, name, what, known):
    if name is None:
        raise ValueError("the program has no loss: say of which quantity the derivative is wanted, of=...")
    s = program.symbol(name)
    if s not in known:
        raise ValueError(unknown(what, name, map(program.spelled.get, program.given + program.defined)))
    return s
