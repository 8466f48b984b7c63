#!/usr/bin/env python3
"""Compares what a node said with what is computed here: `compare.py EXPORT.json VIEWS.json`.

VIEWS.json is a list of `{ view, doc, at, tables }`. One line for each difference; then how much was compared. Ends with
1 if anything differs, or nothing was compared.
"""

import argparse
import json
import sys

from recompute import compute, load
from world import NotRecomputed, is_unknown

MISSING = object()


def shown(value):
    return "(missing)" if value is MISSING else json.dumps(value, ensure_ascii=False, sort_keys=True)


def differences(theirs, ours):
    """(table, row, column, node's value, ours) of two sets of tables; rows count from 1."""
    for table in [*theirs, *(name for name in ours if name not in theirs)]:
        if table not in theirs or table not in ours:
            sides = (MISSING if table not in side else "%d rows" % len(side[table]) for side in (theirs, ours))
            yield (table, "-", "-", *sides)
            continue
        a, b = theirs[table], ours[table]
        if len(a) != len(b):
            yield table, "-", "rows", len(a), len(b)
        for n in range(max(len(a), len(b))):
            if n >= len(a) or n >= len(b):
                yield (table, n + 1, "-", *(side[n] if n < len(side) else MISSING for side in (a, b)))
                continue
            for column in [*a[n], *(name for name in b[n] if name not in a[n])]:
                one, other = a[n].get(column, MISSING), b[n].get(column, MISSING)
                if not is_unknown(other) and shown(one) != shown(other):
                    yield table, n + 1, column, one, other


def compare(export, said, out=print):
    """Prints the differences; gives whether there are none, and something was compared."""
    tables = rows = cells = found = 0
    left_out = {}
    for one in said:
        view, doc, at = one["view"], one.get("doc"), one.get("at")
        where = view + (" of %s" % doc[:8] if doc else "") + (" as of %s" % at if at else "")
        try:
            ours = compute(export, view, doc, at)
        except NotRecomputed as why:
            left_out.setdefault(view, str(why))
            continue
        except Exception as broken:  # a bug here must not hide what else differs
            found += 1
            out("%s: not computed: %s: %s" % (where, type(broken).__name__, broken))
            continue
        # As the command prints it: text keys, arrays, no tuples.
        ours = json.loads(json.dumps(ours))
        for table, row, column, theirs, mine in differences(one["tables"], ours):
            found += 1
            out("%s: %s, row %s, %s: the node %s, here %s" % (where, table, row, column, shown(theirs), shown(mine)))
        tables += len(one["tables"])
        rows += sum(len(table) for table in one["tables"].values())
        cells += sum(is_unknown(cell) for table in ours.values() for row in table for cell in row.values())
    for view, why in left_out.items():
        out("not recomputed: %s: %s" % (view, why))
    out(
        "%d differences; compared %d tables, %d rows; %d cells and %d views not recomputed"
        % (found, tables, rows, cells, len(left_out))
    )
    if not rows:
        out("nothing was compared")
    return rows > 0 and not found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export")
    parser.add_argument("views")
    given = parser.parse_args()
    return 0 if compare(load(given.export), load(given.views)) else 1


if __name__ == "__main__":
    sys.exit(main())
