"""Versions of a document: its root and the edits that count.

An export tells the content as it is now. A field that shows nothing but what the root set was set once. An item that
was removed leaves no trace in a list, so that of a list only the log tells whether it was edited; where there is no
log, a list counts as edited if an item of the root is missing between others, or was written by anybody else.

The log tells which versions there are, and not what they changed: for that, `versions` has to be beside the document: a
list of `{ entry, by, time, fields }` in canonical order, and in each of them `change`, `{ set, add, replace, remove }`
as in a body, where what it wrote counts.
"""

from world import Item, NotRecomputed, _identity, unknown


def attempt(work):
    """What it gives; a cell that says why, if the export does not hold what it needs."""
    try:
        return work()
    except NotRecomputed as why:
        return unknown(str(why))


class Version:
    """One version. `fields`, those that it touches, and `change` are None if they are not known."""

    def __init__(self, doc, raw):
        self.doc = doc
        self.entry = raw["entry"] if "entry" in raw else raw["id"]
        self.by = _identity(raw.get("by"))
        self.time = raw.get("time") or 0
        self.fields = None if raw.get("fields") is None else sorted(raw["fields"])
        self.change = raw.get("change")

    def sets(self, field):
        """The value to which it set a field."""
        for value in self.doc.values(field):
            if value.get("entry") == self.entry:
                return value["value"]
        if self.change is None:
            raise NotRecomputed("the export does not say what %s set" % self.entry)
        return (self.change.get("set") or {}).get(field)


def writers(doc, field):
    """The entries whose values, items or removals a field or list shows."""
    held = doc.content.get(field) or {}
    found = {value.get("entry") for value in held.get("values") or []}
    for item in held.get("items") or []:
        found.add(item["entry"])
        found.update(value.get("entry") for value in item.get("values") or [])
        found.update(one.get("entry") for one in item.get("removed") or [])
    return found


# Lists whose versions are asked for: one that is not there may have held items.
LISTS = ("backlog", "parameters")


def quiet(doc):
    """Whether the root is the only version."""
    try:
        lines = doc.log
    except NotRecomputed:
        lines = None
    if lines is not None:
        return not any(line.kind == "edit" and line.counts for line in lines)
    if any(not writers(doc, field) <= {doc.id} for field in doc.content):
        return False
    places = ([item["n"] for item in held.get("items") or []] for held in doc.content.values())
    return all(found == list(range(len(found))) for found in places)


def untouched(doc, field=None):
    """Whether the root alone wrote what stood there."""
    if quiet(doc):
        return True
    if field is None or field in LISTS or "items" in (doc.content.get(field) or {}):
        return False
    return writers(doc, field) <= {doc.id}


def _root(doc):
    fields = [field for field in doc.content if writers(doc, field)]
    return Version(doc, {"entry": doc.id, "by": doc.by, "time": doc.time, "fields": fields})


def versions(doc):
    """All of them, in canonical order."""
    given = doc.raw.get("versions")
    if given is not None:
        found = [Version(doc, raw) for raw in given]
        return [one for one in found if doc._until is None or one.time <= doc._until]
    if untouched(doc):
        return [_root(doc)]
    try:
        lines = doc.log
    except NotRecomputed:
        raise NotRecomputed("the export has no versions of %s" % doc.id) from None
    lines = [line for line in lines if line.id == doc.id or (line.kind == "edit" and line.counts)]
    return [Version(doc, line.raw | {"fields": None}) for line in lines]


def touching(doc, field):
    """The versions that touch a field."""
    if doc.raw.get("versions") is None and untouched(doc, field):
        return [_root(doc)] if writers(doc, field) else []
    found = versions(doc)
    if any(one.fields is None for one in found):
        raise NotRecomputed("the export does not say which versions of %s touch %s" % (doc.id, field))
    return [one for one in found if field in one.fields]


def entry(doc, id):
    """What is known of an entry of a document: by and time."""
    found = doc.entry(id)
    if found is None:
        for raw in doc.raw.get("versions") or []:
            if Version(doc, raw).entry == id:
                return Version(doc, raw)
        raise NotRecomputed("the export does not say when %s was written" % id)
    return found


def entries(doc):
    """The ids of its entries, as far as the export has them; and whether these are all."""
    found = {doc.id, *(act.id for act in doc.acts)}
    for field in doc.content:
        found |= writers(doc, field)
    found.update(Version(doc, raw).entry for raw in doc.raw.get("versions") or [])
    try:
        found.update(line.id for line in doc.log)
    except NotRecomputed:
        return found, untouched(doc)
    return found, True


def place(doc, id):
    """Where an entry stands in canonical order."""
    if id == doc.id:
        return -1
    for n, line in enumerate(doc.log):
        if line.id == id:
            return n
    raise NotRecomputed("%s is not in the log of %s" % (id, doc.id))


def stands_after(doc, a, b):
    """Whether an entry stands after another one in canonical order."""
    if a == doc.id or a == b:
        return False
    return b == doc.id or place(doc, a) > place(doc, b)


def past(doc, id):
    """The entries of this document that an entry is after, and itself."""
    if id == doc.id:
        return {id}
    after = {line.id: line.raw.get("after") or [] for line in doc.log}
    found, todo = {doc.id}, [id]
    while todo:
        one = todo.pop()
        if one in after and one not in found:
            found.add(one)
            todo.extend(after[one])
    return found


def item(docs, named, field):
    """The item of that list that `{entry, n}` names, in any of these documents; None without one."""
    for doc in docs:
        for one in doc.items(field):
            if one.entry == named["entry"] and one.n == named["n"]:
                return one
    return None


def lists(doc):
    """All items of all lists that have a value."""
    for held in doc.content.values():
        for raw in held.get("items") or []:
            if raw.get("values"):
                yield Item(raw)
