"""Diagrams for a page: where Python's layout puts circles and arrows, as numbers.

    diagram(program, graph)             width, height, nodes and edges
    computation(program)                the same for the graph of the computation, a circle for every quantity
    edge_names(graph)                   {key of an edge or tag: the name that it has there}
"""
from ...describe.dataflow import users
from ...show.columns import columns
from ...show.latex import name_latex
from ...show.layout import Layout


def edge_names(graph):
    """A name for each edge and tag of a graph."""
    keys = (*graph.edges, *graph.tags)
    return {key: f"edge{k}" for k, key in enumerate(keys)}


def diagram(program, graph):
    """The network diagram: what ``show.diagram`` draws, as a page draws it. In inches, upwards."""
    layout, names = Layout(program, graph, {}, 1), edge_names(graph)
    nodes = [{"id": f"node{k}", "x": float(layout.at[node][0]), "y": float(layout.at[node][1]),
              "r": float(layout.radius[node]), "tex": [name_latex(s) for s in node]} for k, node in enumerate(layout.at)]
    places = dict(zip(graph.edges, layout.places([(key, layout.carried(key), 0.35) for key in graph.edges]), strict=True))
    edges = [{"id": names[key], "points": _points(layout.curve[key]),
              "tex": ", ".join(map(name_latex, carried)), "at": [float(v) for v in places[key]]}
             for key, carried in graph.edges.items()]
    for key, (_, place, _) in layout.tag.items():
        edges.append({"id": names[key], "points": _points(layout.curve[key]), "tex": name_latex(key[0]),
                      "at": [float(v) for v in place]})
    return {"width": float(layout.width), "height": float(layout.height), "nodes": nodes, "edges": edges}


def _points(curve):
    """A curve in few points, its end among them."""
    return [*curve[:-1:6].round(4).tolist(), curve[-1].round(4).tolist()]


COLUMN, ROW, RADIUS = 1.8, 1.0, 0.45       # inches


def computation(program):
    """The graph of the computation: a circle for each quantity, given or defined, an arrow for each use, as ``figures.graph``."""
    found, uses = columns(program), users(program)
    most = max(map(len, found))
    at = {s: (0.55 + c*COLUMN, round(0.55 + ((most + len(column))/2 - 1 - k)*ROW, 4))
          for c, column in enumerate(found) for k, s in enumerate(column)}
    nodes = [{"id": program.spelled[s], "x": x, "y": y, "r": RADIUS, "tex": [name_latex(s)]} for s, (x, y) in at.items()]
    edges = [{"id": f"{program.spelled[s]} > {program.spelled[user]}", "points": _straight(at[s], at[user])}
             for s in at for user in uses.get(s, ())]
    return {"width": 1.1 + (len(found) - 1)*COLUMN, "height": 1.1 + (most - 1)*ROW, "nodes": nodes, "edges": edges}


def _straight(a, b):
    """From the rim of one circle to the rim of another."""
    (x, y), (u, v) = a, b
    share = RADIUS/((u - x)**2 + (v - y)**2)**0.5
    return [[round(x + (u - x)*t, 4), round(y + (v - y)*t, 4)] for t in (share, 1 - share)]
