"""Checkpoints: a run on disk, from which it goes on to the same bits.

    save(history, path)         written whole or not at all
    resume(path, epochs)        the History that was saved, after so many epochs more

A checkpoint is an npz file: arrays of numbers, and a header of JSON in which the program stands as text. It holds nothing that
would be executed: arrays are read without pickles, the program is parsed.
"""
import json
import random
from dataclasses import asdict, is_dataclass

import numpy as np

from ..data.file import replaced
from ..derive.optimizers import OPTIMIZERS, step
from ..derive.schedules import SCHEDULES
from ..describe.arguments import expect
from ..describe.nearest import lookup, said
from .asdata import data_of, program_of
from .epochs import Run
from .history import History
from .run.backends import backend
from .trainer import REDUCE, Trainer
from .watch import Watch

FORMAT, VERSION = "backprop_sym checkpoint", 1
PLAIN = ("learning_rate", "batch", "every", "backend", "reduce", "dtype")


def save(history, path):
    """Write a run to a file: first beside it, then in its place, so that at any moment the last good one is there.

    Raises ValueError for a run that did not come from ``fit``, or whose program, rates or backend cannot be written as text.
    """
    expect(path=path)
    if history.settings is None:
        raise ValueError("save: expected the History of a run by fit, got one that was put together otherwise")
    header, arrays = _header(history), _arrays(history)
    with replaced(path) as file:
        np.savez(file, header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8), **arrays)


def _header(history):
    s = history.settings
    program = data_of(s["program"])
    plain = {name: s[name] if name != "learning_rate" else _number(s[name]) for name in PLAIN}
    if s["backend"] is not None and not isinstance(s["backend"], str):
        raise ValueError(f"save: expected a backend by its name, got {s['backend']!r}")
    return {"format": FORMAT, "version": VERSION, "program": program, **plain,
            "optimizer": _by_name(s["optimizer"], OPTIMIZERS, "optimizer"),
            "schedule": _by_name(s["schedule"], SCHEDULES, "schedule"),
            "random": None if s["random"] is None else s["random"].getstate(),
            "names": list(history.values), "constants": list(history.constants), "sampled": list(_columns(s["samples"]))}


def _arrays(history):
    validation = np.array([np.nan if x is None else x for x in (*history.validation, *history.accuracy)])
    return {"epochs": np.asarray(history.epochs), "loss": np.asarray(history.loss), "validation": validation,
            **{f"value{i}": np.asarray(v) for i, v in enumerate(history.values.values())},
            **{f"constant{i}": np.asarray(v) for i, v in enumerate(history.constants.values())},
            **{f"sample{i}": v for i, v in enumerate(_columns(history.settings["samples"]).values())}}


def _columns(samples):
    """{name: array} of samples in any form."""
    if samples is None:
        return {}
    if not hasattr(samples, "items"):
        samples = {name: [sample[name] for sample in samples] for name in samples[0]}
    return {str(name): np.asarray([float(v) for v in column] if np.ndim(column) == 1 else column, dtype=float)
            for name, column in samples.items()}


def _number(value):
    """A rate as text or as a float."""
    return value if isinstance(value, str) else float(value)


def _by_name(thing, table, what):
    """[name, fields] of an optimizer or a schedule; None for none."""
    if thing is None:
        return None
    name = next((name for name, cls in table.items() if cls is type(thing)), None)
    if name is None or not is_dataclass(thing):
        raise ValueError(f"save: expected an {what} of the package, got {thing!r}")
    return [name, {key: value if isinstance(value, str | int) else str(value) for key, value in asdict(thing).items()}]


def resume(path, epochs=0, samples=None, validation=None, patience=None, callback=None, progress=None):
    """The History of a saved run; with ``epochs`` the run goes on for so many more, to the same bits as one that never stopped.

    ``samples``: only where others than the saved ones are to be used. The rest is as for ``fit``; the epochs before count for
    ``patience``, with the losses that they had on the validation samples of then. Raises OSError for a file
    that cannot be read, and ValueError, which names the file, for one that is no checkpoint, is damaged, or was written by a
    newer version.
    """
    expect(path=path, epochs=epochs, samples=samples, validation=validation, patience=patience, callback=callback,
           progress=progress)
    try:
        header, arrays = _read(path)
        _check(header, arrays["epochs"])
        program = program_of(header["program"])
        settings = {**{name: header[name] for name in PLAIN}, "program": program, "samples": samples,
                    "optimizer": _made(header["optimizer"], OPTIMIZERS), "schedule": _made(header["schedule"], SCHEDULES),
                    "random": _random(header["random"])}
        if samples is None and header["sampled"]:
            settings["samples"] = {name: arrays[f"sample{i}"] for i, name in enumerate(header["sampled"])}
        values = {name: arrays[f"value{i}"] for i, name in enumerate(header["names"])}
        constants = {name: _scalar(arrays[f"constant{i}"]) for i, name in enumerate(header["constants"])}
        half = len(arrays["validation"])//2
        watched = arrays["validation"][:half].tolist(), [None if x != x else x for x in arrays["validation"][half:].tolist()]
        whole = step(program, settings["optimizer"], schedule=settings["schedule"])
        if missing := {whole.spelled[s] for s in whole.updates} ^ set(values):
            raise ValueError("expected the values of all that an update changes, and no others; it is otherwise with "
                             f"{sorted(missing)[0]!r}")
        history = History(whole, arrays["epochs"], arrays["loss"], values, constants, *watched, settings=settings)
    except OSError:
        raise
    except Exception as error:                         # what a damaged archive makes zipfile raise is not said anywhere
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"{path}: no checkpoint that can be read: {reason}") from None
    return _further(history, epochs, validation, patience, callback, progress) if epochs else history


def _read(path):
    """(header, arrays) of a file."""
    with open(path, "rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError(f"expected an npz file that was written by History.save (version {VERSION})")
        file.seek(0)
        with np.load(file, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    header = json.loads(bytes(arrays.pop("header")))
    if header.get("format") != FORMAT:
        raise ValueError(f"expected the format {FORMAT!r}, got {header.get('format')!r}")
    if header["version"] != VERSION:
        raise ValueError(f"expected version {VERSION} of the format, got {header['version']!r}, of another version of "
                         "backprop_sym")
    return header, arrays


def _check(header, epochs):
    """Raise ValueError or TypeError for settings, or epochs, that no run has."""
    expect(**{name: header[name] for name in ("learning_rate", "batch", "every", "dtype")})
    lookup(REDUCE, "reduction", header["reduce"])
    if header["backend"] is not None:
        backend(header["backend"])
    if epochs.dtype.kind not in "iu" or epochs.ndim != 1 or (epochs < 0).any() or (np.diff(epochs) <= 0).any():
        raise ValueError(f"epochs: expected whole numbers, each larger than the one before, got {said(epochs.tolist())}")


def _made(description, table):
    if description is None:
        return None
    name, fields = description
    return table[name](**fields)


def _random(state):
    if state is None:
        return None
    numbers = random.Random()
    version, words, gauss = state
    numbers.setstate((version, tuple(words), gauss))
    return numbers


def _scalar(array):
    return float(array) if array.ndim == 0 else array


def _further(history, epochs, validation, patience, callback, progress):
    """The run of a History, gone on with."""
    s, first = history.settings, int(history.epochs[-1])
    last = {name: _scalar(np.asarray(column[-1])) for name, column in history.values.items()}
    values = {**history.constants, **last}

    def trainer_of(samples, batch):
        return Trainer(history.program, values, samples, s["backend"], s["reduce"], batch, s["dtype"])

    trainer = trainer_of(s["samples"], s["batch"])
    other = None if validation is None else trainer_of(validation, None)
    keep = np.array([e != first and (e % s["every"] == 0) for e in history.epochs], dtype=bool)
    earlier = np.asarray(history.validation)[keep] if len(history.validation) == len(keep) else ()
    run = Run(trainer, s, Watch(trainer, other, patience, callback, earlier), first)
    try:
        run.go(first + epochs, progress)
    except FloatingPointError as error:
        error.history = _joined(history, error.history, keep) if len(error.history.epochs) else history
        raise
    return _joined(history, run.history(), keep)


def _joined(before, after, keep):
    """One History of two, the second of which starts where the first ends; of the first what is to be kept."""
    values = {name: np.concatenate([np.asarray(column)[keep], after.values[name]]) for name, column in before.values.items()}
    watched = [[x for x, kept in zip(a, keep, strict=True) if kept] + list(b) if len(a) == len(keep) else list(b)
               for a, b in ((before.validation, after.validation), (before.accuracy, after.accuracy))]
    return History(after.program, np.concatenate([before.epochs[keep], after.epochs]),
                   np.concatenate([np.asarray(before.loss)[keep], after.loss]), values, after.constants, *watched,
                   settings=after.settings)
