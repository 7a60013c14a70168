"""Files gone wrong: every bundled example, mutated. Each is refused by an error that names it, or loaded and audited.

    mutated(seed)           (name of the example, its bytes after some mutations)
    trouble(folder, seed)   what is wrong with how one is met, in words; None where nothing is
    python tests/fuzz.py 13000      that many; `make fuzz`
"""
import datetime
import json
import random
import sys
import tempfile
import time
import tomllib
import traceback
from dataclasses import replace
from pathlib import Path

import backprop_sym as bp
from backprop_sym.verify.toml import BUNDLED

USUAL = b'0123456789"=[]{}()*/+-.,\nwxE'
LIMIT = 10.0            # seconds for one file, on a machine that does other things as well
LONGEST = 100           # updates that are carried out: what a file asks for may take as long as it likes
OTHER = [0, -1, 10**30, 1.5, float("nan"), float("inf"), True, "", "x", "1e999", "0/0", "9"*400, "E", "d(E)/d(w)",
         "w +", "log(0)", "1/0", "log(-1)", [], [1], ["y"], [["y"]], [{}], {}, {"a": 1}, {"w": "1"}, {"printed": {}},
         datetime.date(2020, 1, 1)]


def toml(value):
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, float) else json.dumps(value)


def places(data):
    """(table or list, key) of everything in it, however deep."""
    for key, part in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(part, dict | list):
            yield from places(part)


# ---- mutations: bytes and a source of chance to bytes

def flipped(data, chance):
    data = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = chance.choice(range(256) if chance.random() < 0.3 else USUAL)
    return bytes(data)


def another_digit(data, chance):
    data = bytearray(data)
    data[chance.choice([i for i, byte in enumerate(data) if chr(byte).isdigit()])] = chance.choice(b"0123456789")
    return bytes(data)


def deleted(data, chance):
    lines = data.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def doubled(data, chance):
    lines = data.splitlines(keepends=True)
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return b"".join(lines)


def swapped(data, chance):
    """Two values in each other's place."""
    lines = data.splitlines()
    able = [i for i, line in enumerate(lines) if b" = " in line]
    i, j = chance.choice(able), chance.choice(able)
    (a, x), (b, y) = (lines[k].split(b" = ", 1) for k in (i, j))
    lines[i], lines[j] = a + b" = " + y, (b if i != j else a) + b" = " + x
    return b"\n".join(lines)


def retyped(data, chance):
    """A value of another kind, or none, or an additional one."""
    tables = tomllib.loads(data.decode("utf-8"))
    where, key = chance.choice(list(places(tables)))
    what = chance.random()
    if what < 0.15:
        del where[key]
    elif what < 0.25 and isinstance(where, dict):
        where["more"] = chance.choice(OTHER)
    else:
        where[key] = chance.choice(OTHER)
    return "".join(f"{json.dumps(key)} = {toml(part)}\n" for key, part in tables.items()).encode()


MUTATIONS = (flipped, another_digit, another_digit, another_digit, deleted, doubled, swapped, retyped, retyped)


def mutated(seed):
    """(name of the example, its bytes after one to three mutations)."""
    chance = random.Random(seed)
    name = chance.choice(bp.examples())
    data = (BUNDLED/f"{name}.toml").read_bytes()
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        try:
            data = chance.choice(MUTATIONS)(data, chance)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, IndexError):
            pass                                       # no TOML any more: nothing of another kind can be put into it
    return name, data


def trouble(folder, seed):
    """What is wrong with how a mutated file is met, in words; None where nothing is."""
    name, data = mutated(seed)
    path = Path(folder)/f"fuzz_{seed}.toml"
    path.write_bytes(data)
    before, stage = time.process_time(), "load"
    try:
        example = bp.worked_example(path)
        stage = "audit"
        replace(example, figures=tuple(f for f in example.figures if f.after <= LONGEST)).audit()
    except (TypeError, ValueError, OSError) as error:
        if path.stem not in str(error) or len(str(error)) > 600:
            return f"{seed} ({name}): {stage}: {type(error).__name__}, file not named: {error!s:.300}"
    except Exception:
        return f"{seed} ({name}): {stage}: {traceback.format_exc(limit=-3)}"
    finally:
        path.unlink()
    took = time.process_time() - before
    return f"{seed} ({name}): {took:.1f} s" if took > LIMIT else None


def main(count):
    """So many files; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        found = [said for seed in range(count) if (said := trouble(folder, seed))]
    print(*found, f"{count:,} files, {len(found)} of them in trouble", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
