#!/usr/bin/env python3
"""Computes a view again: `recompute.py EXPORT.json VIEW [--doc ID] [--at YYYY-MM-DD]`.

EXPORT.json is what `althing export json --committee ID` writes. Prints `{ "tables": { name: [{column: value}] } }`, as
`althing view VIEW --json` does. Written from docs/spec/views/*.md alone.
"""

import argparse
import importlib
import json
import sys

from world import NotRecomputed, Refused, World

MODULES = ("seats", "motions", "units", "programmes")


def views():
    """Each module has VIEWS: { name: function of a World that gives { table: [row] } }."""
    found = {}
    for name in MODULES:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name != name:
                raise
            continue
        found.update(module.VIEWS)
    return found


def compute(export, view, doc=None, at=None):
    """The tables of a view; NotRecomputed if that cannot be done from the export."""
    known = views()
    if view not in known:
        raise NotRecomputed("%s is not written here" % view)
    return known[view](World(export, doc, at))


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export")
    parser.add_argument("view")
    parser.add_argument("--doc")
    parser.add_argument("--at")
    given = parser.parse_args()
    try:
        tables = compute(load(given.export), given.view, given.doc, given.at)
    except (NotRecomputed, Refused) as why:
        print("%s: %s" % (given.view, why), file=sys.stderr)
        return 2
    json.dump({"tables": tables}, sys.stdout, ensure_ascii=False, indent=2)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
