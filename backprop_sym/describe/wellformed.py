"""What makes equations a program: each symbol defined once, from what is known before, and every one accounted for.

    ROLES                       what a symbol from outside may be
    open_symbols(program)       those that its equations use and do not define; ValueError where they are no program
"""
from collections import Counter

from .names import by_name
from .nearest import unknown

ROLES = ("inputs", "targets", "parameters", "hyperparameters")


def open_symbols(program):
    """Validate, and return the open symbols in the order of the roles, then of their first use."""
    roles = sum((getattr(program, role) for role in ROLES), ())
    if twice := sorted(s.name for s, count in Counter(roles).items() if count > 1):
        raise ValueError(f"{twice[0]!r} has more than one role: {', '.join(ROLES)} must be distinct")
    declared = dict.fromkeys(roles + program.given)
    later = {e.lhs for e in program.equations}
    defined, used = {}, {}
    for e in program.equations:
        for s in sorted((s for s in e.uses if s not in defined and s not in used), key=by_name):
            if s in later:
                raise ValueError(f"{s.name!r} is used in the equation for {e.lhs.name!r} before it is defined")
            if roles and s not in declared:
                raise ValueError(f"the equation for {e.lhs.name!r} uses an undefined symbol: "
                                 + unknown("symbol", s.name, [*defined, *declared]))
            used[s] = None
        if e.lhs in defined or e.lhs in declared:
            raise ValueError(f"{e.lhs.name!r} is defined twice" + _given(e.lhs, program)*(e.lhs in declared))
        defined[e.lhs] = None
    if program.loss is not None and program.equations and program.loss not in {**defined, **declared}:
        raise ValueError(unknown("loss", program.loss.name, defined))
    for name in program.frozen:
        if name not in declared:
            raise ValueError(unknown("frozen parameter", name.name, program.parameters))
    return tuple(s for s in declared if s in used) + tuple(s for s in used if s not in declared)


def _given(s, program):
    """What a symbol that an equation defines is as well."""
    role = next((role for role in ROLES if s in getattr(program, role)), None)
    return f": it is {f'among the {role} that are ' if role else ''}given from outside, and an equation defines it as well"
