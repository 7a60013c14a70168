"""Ways through a network and down a valley.

    paths(program, values)              from the loss down to a parameter
    backward(program, values)           one equation of the backward pass after another
    valley(program, values, optimizers) from the place that is clicked
"""
import numpy as np
import sympy as sp

from ...compute.fit import fit
from ...compute.landscape import landscape
from ...derive.chain import chain
from ...derive.optimizers import step
from ...derive.reverse import reverse
from ...describe.activation import shown
from ...describe.arguments import bounded, expect
from ...describe.names import Owned, Partial
from ...describe.program import Equation, Program
from ...describe.values import by_symbol
from ...show import figures
from ...show.graph import Graph
from ...show.latex import Latex, chain_latex, name_latex, number_latex
from ..explorable import Explorable, card
from .checked import drawable, parameter
from .diagrams import computation, diagram, edge_names


def paths(program, values, name=None):
    r"""A parameter to choose: its paths in the diagram, the factors of each with their numbers, and what each path adds.

    .. math:: \frac{\partial E}{\partial w} = \sum_{\text{paths}}\ \prod_{u \to v} \frac{\partial u}{\partial v}

    ``name`` is the parameter that is chosen first: the first one unless given. Raises ValueError for what is no parameter, and
    for more than 300 paths.

    >>> from backprop_sym import dense
    >>> net = dense([1, 1, 2])
    >>> [len(told["paths"]) for told in paths(net, dict.fromkeys(net.given, 0.5)).data["chains"].values()]
    [2, 1, 1, 2, 1, 1]
    """
    expect("paths", program=program, values=values, name=name)
    drawable(program)
    parameters = program.trainable
    if not parameters:
        raise ValueError("program: expected one with parameters, which the paths lead to, got none")
    first = parameters[0] if name is None else parameter(program, name)
    chains = {p: chain(program, p) for p in parameters}
    bounded("paths of a figure", sum(len(c.paths) for c in chains.values()), 300, "use chain(program, name)")
    graph = Graph.of(program)
    equations, told = {}, {}
    for p, c in chains.items():
        found = []
        for k, path in enumerate(c.paths, 1):
            factors = [Owned("factor", str(f.partial)) for f in path.factors]
            equations |= {s: f.local for s, f in zip(factors, path.factors, strict=True)}
            adds = Owned("path", f"{program.spelled[p]}_path{k}")
            equations[adds] = sp.Mul(*factors)
            found.append((path, factors, adds))
        whole = Owned("total", f"d({program.loss})/d({p})")
        equations[whole] = sp.Add(*(adds for _, _, adds in found))
        told[p] = (c, whole, found)
    both = program + Program([Equation(s, e) for s, e in equations.items()])
    data, spelled = card(both, values), both.spelled
    edges = edge_names(graph)
    for p, (_, whole, _) in told.items():
        data["tex"][spelled[whole]] = name_latex(Partial(program.loss, p))
    return Explorable("paths", {
        "title": "Choose a parameter: which ways lead to it, and what does each add?", "program": data,
        "diagram": diagram(program, graph), "start": program.spelled[first], "low": -2.0, "high": 2.0,
        "chains": {program.spelled[p]: {
            "tex": chain_latex(c), "total": spelled[whole],
            "paths": [{"lit": [edges[key] for key in graph.route(path)], "name": spelled[adds],
                       "factors": [{"tex": name_latex(f.partial), "name": spelled[s]}
                                   for f, s in zip(path.factors, factors, strict=True)]} for path, factors, adds in found]}
            for p, (c, whole, found) in told.items()},
    }, figures.network(program, chains[first].paths, values, title=_adds(chains[first].at(values))))


def _adds(chain):
    """What the paths of a chain with numbers come to, as a title."""
    count = len(chain.paths)
    return (f"{count} path{'s'*(count != 1)} to ${name_latex(chain.wrt)}$: "
            f"the derivative is ${number_latex(chain.value, 3)}$")


def backward(program, values):
    """The backward pass, one equation a step: values forward, then adjoints from the loss down, and the equation of each.

    >>> from backprop_sym import dense
    >>> made = backward(dense([1, 1]), {"x1": 1, "y1": 1, "w1": 0.5, "b1": 0})
    >>> [step["name"] for step in made.data["steps"]][:4]
    ['z1', 'yhat1', 'E_total', 'd(E_total)/d(yhat1)']
    """
    expect(program=program, values=values)
    drawable(program, 30)
    back = reverse(program)
    both = program + back
    spelled, latex = both.spelled, Latex(both.rank)
    steps = [{"name": spelled[e.lhs], "node": spelled[e.lhs], "kind": "value",
              "edges": [f"{spelled[s]} > {spelled[e.lhs]}" for s in e.rhs.free_symbols]} for e in program]
    for e in back:
        below = spelled[e.lhs.wrt]
        steps.append({"name": spelled[e.lhs], "node": below, "kind": "adjoint", "edges": [
            f"{below} > {spelled[user.lhs]}" for user in program if e.lhs.wrt in user.rhs.free_symbols]})
    for step_, e in zip(steps, both, strict=True):
        step_["edges"].sort()
        step_["tex"] = f"{latex(e.lhs)} = {latex(shown(e.rhs))}"
    return Explorable("backward", {
        "title": "Step through it: forward to the loss, and back.", "program": card(both, values),
        "diagram": computation(program), "steps": steps}, figures.graph(program, values))


def valley(program, values, optimizers, names=None, x=(-2, 2), y=(-2, 2), rates=None, steps=60):
    """A start to click in the landscape of a loss over two parameters; every optimizer goes its way from there.

    ``optimizers`` maps what they are called to optimizers (four at most), ``rates`` the same names to the rates that they
    begin with; ``names`` are the two parameters, ``x`` and ``y`` their ranges. Raises ValueError for other than two parameters,
    and for more optimizers, steps or equations than can be seen.
    """
    expect("valley", program=program, values=values, optimizers=optimizers, names=names, x=x, y=y, rates=rates,
           steps=steps)
    drawable(program)
    bounded("optimizers", len(optimizers), 4, "show them in turn")
    bounded("steps", steps, 500, "use fit")
    axes = program.symbols(names) if names is not None else program.trainable
    if len(axes) != 2:
        raise ValueError(f"names: expected two parameters, got {len(axes)}; name them: names=['w1', 'b1']")
    x, y = ((float(min(r)), float(max(r))) for r in (x, y))
    runs, rates, ways = [], rates or {}, {}
    for title, optimizer in optimizers.items():
        update = step(program, optimizer)
        drawable(update, 600)
        known = {**{s: 0 for s in update.given if getattr(s, "parameter", None) is not None}, **optimizer.coefficients,
                 **by_symbol(program, values)}
        start = float(rates.get(title, 0.05))
        known |= {s: 0 for s in update.updates if s not in known}
        runs.append({"name": str(title), "program": card(update, {**known, optimizer.eta: start}),
                     "rate": update.spelled[optimizer.eta], "low": start/30, "high": start*10, "start": start})
        ways[str(title)] = _way(program, values, optimizer, start, steps, axes)
    u, v = axes
    xs, ys = np.linspace(*x, 81), np.linspace(*y, 81)
    spelled = program.spelled
    losses = landscape(program, values, {spelled[u]: xs, spelled[v]: ys}).T
    floor = max(losses.max(), 1e-9)*1e-4
    ends = "; ".join(f"{title} ends at {spelled[u]} = {a[-1]:.3g}, {spelled[v]} = {b[-1]:.3g}" for title, (a, b) in ways.items())
    return Explorable("valley", {
        "title": "Click a start: where does each optimizer go?", "program": card(program, values), "loss": spelled[program.loss],
        "parameters": [spelled[u], spelled[v]], "x": x, "y": y, "runs": runs, "steps": steps,
    }, figures.landscape(xs, ys, np.log10(losses - losses.min() + floor), f"${name_latex(u)}$", f"${name_latex(v)}$", ways,
                         title=f"{steps} steps of each, from the circle to the star",
                         alt=f"Contours of the loss over {spelled[u]} and {spelled[v]}; after {steps} steps {ends}.",
                         zlabel="logarithm of the loss above its least (base 10)"))


def _way(program, values, optimizer, rate, steps, axes):
    """The two parameters over a run, as far as it stays among the floats."""
    try:
        run = fit(program, values, optimizer=optimizer, learning_rate=rate, epochs=steps, progress=False)
    except FloatingPointError as error:
        run = error.history
    return tuple(run.values[program.spelled[s]] for s in axes)
