"""What a printed figure follows from.

    origins(passes, ..., j)     the numbers of the printed figures that the figure number j was computed from
    needed_for(passes, figures) every quantity that some figures hang on
"""


def origins(passes, rows, figures, j):
    """The numbers of the figures whose printed values stand between the start of the training and figure j, nearest ones only."""
    placed = {}
    for i, f in enumerate(figures):
        if i != j and (place := rows.place(f)):
            placed.setdefault((place[0], f.after), []).append((place[1], i))
    rhs, back = passes.rhs, passes.state
    totals = {new: s for s, new in passes.totals.items()}
    figure, found, seen = figures[j], set(), set()
    todo = [(s, figure.after, figure.sample, True) for s in figure.expression.free_symbols]
    while todo:
        s, t, sample, own = todo.pop()
        if (s, t, sample, own) in seen:
            continue
        seen.add((s, t, sample, own))
        here = [i for k, i in placed.get((s, t), ()) if k is None or sample is None or k == sample]
        if here and (not own or figure.sample is None and passes.count > 1):      # of all samples: that of each
            found.update(here)
            continue
        if s in totals:
            todo.append((totals[s], t, None if passes.count > 1 else sample, False))
        elif s in rhs:
            todo += [(a, t, sample, False) for a in rhs[s].free_symbols]
        elif s in back and t > 0:
            todo.append((back[s], t - 1, sample, False))
    return sorted(found)


def needed_for(passes, figures):
    """The quantities that some figures hang on: a slip elsewhere cannot be seen in them."""
    totals, back = {new: s for s, new in passes.totals.items()}, {**passes.state, **dict(passes.training.carry)}
    todo, found = [(s, f.after > 0) for f in figures for s in f.expression.free_symbols], set()
    while todo:
        s, later = todo.pop()
        if (s, later) in found:
            continue
        found.add((s, later))
        todo += [(a, later) for a in ([totals[s]] if s in totals else passes.rhs[s].free_symbols if s in passes.rhs else ())]
        if later and s in back:
            todo.append((back[s], later))
    return frozenset(s for s, _ in found)
