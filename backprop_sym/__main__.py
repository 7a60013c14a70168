"""The command line: python -m backprop_sym audit | worksheet | exercises | grade

    audit FILE ...      judge every printed figure of worked examples from files
    audit               of all bundled examples, one line each
    worksheet TOPIC -o FOLDER           pages with blanks, one variant a student, and a key
    worksheet TOPIC --nbgrader FOLDER   the same as an assignment for nbgrader; --otter FOLDER: for Otter-Grader
    exercises 4 --nbgrader FOLDER       exercises of the book as such an assignment
    grade KEY.toml ANSWERS.csv -o REPORT.csv    grade a class; the summary is printed, the histogram stands beside the report
"""
import argparse
import difflib
import os
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
    _worksheet_options(commands)
    _exercises_options(commands)
    _grade_options(commands)
    options = parser.parse_args(arguments)
    if options.command == "audit" and options.write and options.ledger is None:
        parser.error("--write: say which file, --ledger CSV")
    if hasattr(options, "nbgrader") and not (options.nbgrader or options.otter or getattr(options, "output", None)):
        parser.error(f"{options.command}: say where to write, such as --nbgrader FOLDER")
    try:
        return {"audit": _audit, "worksheet": _worksheet, "exercises": _exercises, "grade": _grade}[options.command](options)
    except (ImportError, OSError, TypeError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


def _worksheet_options(commands):
    made = commands.add_parser("worksheet", help="make pages with blanks, one variant a student, and a key",
                               description="Make a worksheet: pages with blanks, KEY.toml, key.md and ANSWERS.csv.")
    made.add_argument("topic", metavar="TOPIC", help="such as 'hidden layer'; an unknown one is answered with a list")
    made.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where pages, key and a table for answers are written")
    _tool_options(made)
    made.add_argument("--seed", default="0", help="another one makes other numbers (default: 0)")
    made.add_argument("--level", type=int, default=2, help="1 to 3, by the size of the network (default: 2)")
    made.add_argument("--students", type=Path, metavar="FILE", help="a text with a name on each line")
    made.add_argument("--formats", default="md", help="of md, ipynb, html, tex, pdf, with commas between them (default: md)")


def _exercises_options(commands):
    made = commands.add_parser("exercises", help="make an assignment of exercises of the book",
                               description="Make an assignment of exercises of the book, for nbgrader or Otter-Grader.")
    made.add_argument("which", nargs="+", metavar="WHICH", help="chapters or single exercises, such as 4 or 04.2")
    _tool_options(made)


def _tool_options(made):
    made.add_argument("--nbgrader", type=Path, metavar="FOLDER", help="write an assignment for nbgrader: the folder of a course")
    made.add_argument("--otter", type=Path, metavar="FOLDER", help="write an assignment for Otter-Grader")


def _grade_options(commands):
    graded = commands.add_parser("grade", help="grade the answers of a class",
                                 description="Grade a class: a mark for each answer, and the mistakes by name.")
    graded.add_argument("key", type=Path, metavar="KEY.toml", help="the key of a worksheet")
    graded.add_argument("answers", type=Path, metavar="ANSWERS.csv", help="a column 'student', and one for each quantity")
    graded.add_argument("-o", "--output", type=Path, required=True, metavar="REPORT.csv", help="the report; its histogram: .png")


def _worksheet(options):
    from .teach.assignment import of_sheet
    from .teach.students import students_of
    from .teach.worksheet import worksheet
    names = students_of(options.students) if options.students else None
    sheet = worksheet(options.topic, seed=options.seed, level=options.level, students=names)
    made = of_sheet(sheet) if options.nbgrader or options.otter else None
    if options.output:
        paths = sheet.save(options.output, [name.strip() for name in options.formats.split(",")])
        print(f"{len(paths)} files in {options.output}: {len(sheet.columns)} answers, {len(sheet.variants)} variants")
    return _assigned(options, made)


def _exercises(options):
    from .teach.assignment import of_exercises
    from .teach.files import exercises
    ids = [id for text in options.which for id in (text.isdecimal() and exercises(int(text)) or [text])]
    return _assigned(options, of_exercises(ids))


def _assigned(options, made):
    """Write an assignment for each tool that is wanted, and say how it goes on there."""
    from .teach.assignment import NEXT, save
    for tool, then in NEXT.items():
        if folder := getattr(options, tool):
            save(made, tool, folder)
            print(f"{len(made.tasks)} tasks in {folder}; go on there: {then.format(name=made.name)}")
    return 0


def _grade(options):
    from .data.file import replaced
    from .teach.grade import grade
    histogram = options.output.with_suffix(".png")
    _writable([options.output, histogram], [options.key, options.answers])
    found = grade(options.key, options.answers)
    for path, content in ((options.output, found.to_csv().encode("utf-8-sig")), (histogram, found.histogram().png())):
        with replaced(path) as file:
            file.write(content)
    print(found.summary())
    return 0


def _writable(paths, read):
    """Raise before any work where a path cannot be written, is written twice, or is one of the files that are read."""
    for i, path in enumerate(paths):
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise OSError(f"{path}: expected a file to write, in a folder that is there, got "
                          + ("a folder" if path.is_dir() else f"the folder {str(path.parent)!r}, where nothing can be written"))
        if path in paths[:i]:
            raise ValueError(f"{path}: expected another name for the report: its histogram would take its place")
        if any(path.exists() and one.exists() and path.samefile(one) for one in read):
            raise ValueError(f"{path}: expected the name of a file to write, got one that is read, which would be lost")


def _audit(options):
    from .verify.audit import audits, corpus, ledger
    from .verify.toml import worked_example
    if options.write:
        _writable([options.ledger], options.files)
    audited = {} if options.files else audits()
    for path in options.files:                              # what comes before a file that is refused is shown
        audited[path.stem] = worked_example(path).audit()
        print(f"{path.stem}\n\n{audited[path.stem]}\n")
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
