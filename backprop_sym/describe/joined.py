"""Programs from programs: one after another, and under other names.

    joined(first, second)       the equations of one after those of the other
    renamed(program, names)     the same program under other names
"""
from .matrices import written
from .names import Fields, Name, Partial
from .wellformed import ROLES


def joined(first, second):
    """The equations of one Program after those of another; what the first defines, the second may use.

    Raises ValueError where the second defines what the first has used, or defines something again, or where it is given by its
    text alone what the first defines: H_time3 is a name of the first program's own, which tells of a time; and where the first
    makes an array of another shape than the second is given.
    """
    own = {first.spelled[s]: s for s in first.defined if isinstance(s, Name)}
    if odd := [s.name for s in second.given if not isinstance(s, Fields) and s.name in own]:
        raise ValueError(f"{odd[0]!r} is given to the second program, and what the first defines under that name is another: "
                         f"expected that, as in rename({{...: first.symbol({odd[0]!r})}})")
    before, after, parameters = set(first.defined), set(second.defined), set(first.parameters)
    if twice := [first.text(s) for s in first.defined if s in after]:
        raise ValueError(f"{twice[0]!r} is defined twice, in both programs: give one of them other names, as with rename, or "
                         "with the mark of a layer")
    _fitting(first, second, before)
    if late := [s.name for s in first.given if s in after and s not in parameters]:
        raise ValueError(f"{late[0]!r} is used in the first program before the second defines it")

    def both(role):
        return tuple(s for s in dict.fromkeys(getattr(first, role) + getattr(second, role)) if s not in before)

    whole = dict(equations=first.equations + second.equations, **{role: both(role) for role in (*ROLES, "frozen")},
                 loss=first.loss or second.loss, given=both("given"),
                 updates={**first.updates, **second.updates}, shapes={**second.shapes, **first.shapes},
                 domains=(*first.domains, *second.domains))
    program = type(first)
    if before & after or not _accounted(whole, before | after):
        return program(**whole)                    # which says what is wrong, or puts the open symbols in order
    made = object.__new__(program)                 # both are checked already
    for name, value in whole.items():
        object.__setattr__(made, name, value)
    return made


def _fitting(first, second, before):
    """Raise ValueError where an array that the first program makes is of another shape than the second expects."""
    for s in second.given:
        if s in before and s in second.shapes and not _alike(first.shape[s], second.shapes[s]):
            user = next(e for e in second if s in e.uses)
            raise ValueError(f"{first.text(s)!r}: {user.layer or 'the second program'} expected an array of shape "
                             f"{written(second.shapes[s])}, for {second.text(user.lhs)} = {second.text(user.rhs)}; "
                             f"{first[s].layer or 'the first'} makes one of shape {written(first.shape[s])}")


def _alike(made, expected):
    """Whether shapes have as many sizes, and no two numbers among these differ."""
    return len(made) == len(expected) and all(m == n or not (m.is_Integer and n.is_Integer) for m, n in zip(
        made, expected, strict=True))


def _accounted(whole, defined):
    """Whether the roles are distinct, none of them is defined as well, and all of ``given`` has a role or all is open."""
    roles, given = [s for role in ROLES for s in whole[role]], set(whole["given"])
    return (len(set(roles)) == len(roles) and defined.isdisjoint(roles)
            and whole["given"] == tuple(s for s in roles if s in given))


def renamed(program, new):
    """The Program under other names, {old symbol: new symbol}; a derivative is renamed with what it is the derivative of."""
    new = dict(new)
    for s in (*program.defined, *program.given):
        if isinstance(s, Partial):
            new.setdefault(s, _partial(s, new))

    def role(name):
        return tuple(new.get(s, s) for s in getattr(program, name))

    return type(program)(tuple(e.renamed(new) for e in program),
                         **{name: role(name) for name in (*ROLES, "given", "frozen")}, loss=new.get(program.loss, program.loss),
                         updates={new.get(a, a): new.get(b, b) for a, b in program.updates.items()},
                         shapes={new.get(s, s): shape for s, shape in program.shapes.items()},
                         domains=tuple((expression.xreplace(new), allowed) for expression, allowed in program.domains))


def _partial(s, new):
    return Partial(*(_partial(part, new) if isinstance(part, Partial) else new.get(part, part) for part in (s.of, s.wrt)))
