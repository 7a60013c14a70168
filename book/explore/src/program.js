// Programs: the JavaScript that lambdify wrote, made into functions from names to numbers.
//
//     load(card)              f({name: number}) -> {name: number}; names that are left out have the values of the card
//     iterate(f, start, n)    n updates: the values of the parameters before each of them and after the last

export async function load(card) {
    const address = URL.createObjectURL(new Blob([card.source], { type: "text/javascript" }));
    let module;
    try {
        module = await import(/* webpackIgnore: true */ address);
    } finally {
        URL.revokeObjectURL(address);
    }
    const asGiven = (value) => Array.isArray(value) ? Float64Array.from(value.flat(Infinity)) : value;
    const values = Object.fromEntries(Object.entries(card.values).map(([name, value]) => [name, asGiven(value)]));
    const f = (changed = {}) => {
        const known = { ...values, ...changed };
        const found = module.program(...card.given.map((name) => known[name]));
        return { ...known, ...Object.fromEntries(card.results.map((name, i) => [name, found[i]])) };
    };
    f.values = values;
    f.updates = card.updates;
    f.tex = card.tex;
    return f;
}

export function* iterate(f, start, epochs) {
    let state = { ...start };
    for (let epoch = 0; epoch <= epochs; epoch += 1) {
        const found = f(state);
        yield found;
        state = updated(f, state, found);
    }
}

export function updated(f, state, found) {
    return { ...state, ...Object.fromEntries(Object.entries(f.updates).map(([name, after]) => [name, found[after]])) };
}
