"""A pytest plugin, ``-p notebooks.startup``: each process that checks the book starts a second sooner.

nbval loads nbformat, which loads jsonschema, which builds the grammar of RFC 3987 for a format, "iri", that no notebook has.
Where a module cannot be imported, jsonschema leaves its format out; what notebooks must be like is checked as before.
"""
import sys

sys.modules.setdefault("rfc3987_syntax", None)      # None: importing it is refused
