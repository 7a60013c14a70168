"""The command line: python -m backprop_sym audit [FILE ...] [--ledger CSV [--write]]

    audit FILE ...      judge every printed figure of worked examples from files
    audit               of all bundled examples, one line each
"""
import argparse
import difflib
import sys
from pathlib import Path


def main(arguments=None):
    """Run a command; returns the exit status: 0, 1 where the ledger has changed, 2 where a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m backprop_sym", description="Backpropagation, derived by machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    audit = commands.add_parser("audit", help="judge every printed figure of worked examples",
                                description="Judge every printed figure of worked examples: of files, or of all bundled ones.")
    audit.add_argument("files", nargs="*", type=Path, metavar="FILE", help="worked examples (.toml); default: all bundled ones")
    audit.add_argument("--ledger", type=Path, metavar="CSV", help="compare every verdict and cause with those in this file")
    audit.add_argument("--write", action="store_true", help="write that file anew")
    options = parser.parse_args(arguments)
    if options.write and options.ledger is None:
        parser.error("--write: say which file, --ledger CSV")
    try:
        return _audit(options)
    except (OSError, TypeError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def _audit(options):
    from .verify.audit import audits, corpus, ledger
    from .verify.toml import worked_example
    audited = {path.stem: worked_example(path).audit() for path in options.files} if options.files else audits()
    for name, found in audited.items() if options.files else ():
        print(f"{name}\n\n{found}\n")
    print(corpus(audited))
    if options.ledger is None:
        return 0
    text = ledger(audited).to_csv()
    if options.write:
        options.ledger.write_text(text, encoding="utf-8", newline="\n")
    committed = options.ledger.read_text(encoding="utf-8")
    changed = list(difflib.unified_diff(committed.splitlines(), text.splitlines(), n=0, lineterm=""))[2:]
    if changed:
        print("\nThe ledger has changed:", *changed, sep="\n")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
