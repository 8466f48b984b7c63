"""A committee as `althing export json` writes it: what every view is computed from.

Documents are those whose root is in the record, by time, then id; the committee's own is beside them. Days are numbers
(`calendar.py`), ids and texts are as in the file. Nothing here decides anything: rules are in the modules of the views.
"""

import calendar as days

HEX = frozenset("0123456789abcdef")
U63 = 2**63 - 1
U64 = 2**64 - 1

# docs/spec/views/parameters.md; a test holds both equal.
DEFAULTS = {
    "nomination_term_days": 14,
    "notice_working_days": 10,
    "options_max": 2,
    "redundancy_min": 2,
    "report_days": 90,
    "load_max_weekly": 5,
    "term_reminder_days": 30,
    "objection_days": 14,
    "question_days": 7,
    "sponsors_min": 1,
    "sponsor_weight_min": 0,
    "evaluation_days": 14,
    "decision_gap_days": 0,
    "status_gap_days": 35,
    "inflation_max_ppm": 0,
    "supply": 0,
    "sunset_days": 365,
}


class NotRecomputed(Exception):
    """The export does not hold what a view needs."""


def unknown(why):
    """A cell that cannot be computed from the export: the comparison counts it and passes it by."""
    return {"not recomputed": why}


def is_unknown(cell):
    return isinstance(cell, dict) and "not recomputed" in cell


class Refused(Exception):
    """The view cannot be asked for so."""


def is_id(value):
    """Whether a field of the type `named` holds an id: 64 small hexadecimal digits."""
    return isinstance(value, str) and len(value) == 64 and HEX.issuperset(value)


def an_id(value):
    """The value if it is an id, else None."""
    return value if is_id(value) else None


def blank(value):
    """Whether a value says nothing: missing, or a text of blanks alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def said(value):
    """The value; None if it is blank."""
    return None if blank(value) else value


def plain(text):
    """A text without outer blanks, in small letters; None for anything else or a blank one."""
    return None if not isinstance(text, str) or blank(text) else text.strip().lower()


def same(a, b):
    """Whether two fields name the same: equal ids, or texts that are plainly equal."""
    if a is None or b is None or is_id(a) != is_id(b):
        return False
    return a == b if is_id(a) else plain(a) is not None and plain(a) == plain(b)


def money(amount, currency):
    """An amount as a cell: text beyond 2^63 - 1."""
    return {"amount": amount if -U63 - 1 <= amount <= U63 else str(amount), "currency": currency}


def amount(value):
    """(amount, currency) of a money field; None for none. An amount may be text."""
    if not isinstance(value, dict) or "amount" not in value:
        return None
    return int(value["amount"]), value["currency"]


def item_name(item):
    """`ENTRY:n` of an item, or of what an act's field names."""
    if item is None:
        return None
    if isinstance(item, dict):
        return "%s:%d" % (item["entry"], item["n"])
    return "%s:%d" % (item.entry, item.n)


def share(part, whole):
    """Parts per million, rounded down; None of nothing."""
    return None if whole == 0 else part * 1_000_000 // whole


def unique(values):
    """Each once, in the order of the first."""
    return list(dict.fromkeys(values))


def block_time(fact):
    """The time of a block in milliseconds; None if it is not known."""
    if not isinstance(fact, dict) or fact.get("time") is None:
        return None
    return fact["time"] * 1000


def _identity(by):
    return by.get("identity") if isinstance(by, dict) else by


class Entry:
    """What the root and acts have in common: id, by, time, not_before, not_after (milliseconds)."""

    def __init__(self, raw):
        self.raw = raw
        self.id = raw["id"]
        self.kind = raw["kind"]
        self.by = _identity(raw.get("by"))
        self.time = raw.get("time") or 0
        self.not_before = block_time(raw.get("not_before"))
        self.not_after = block_time(raw.get("not_after"))

    @property
    def day(self):
        """The day of its claimed time."""
        return days.of(self.time)

    @property
    def earliest(self):
        """The later of `time` and `not_before`."""
        return self.time if self.not_before is None else max(self.time, self.not_before)

    @property
    def latest(self):
        """The earlier of `time` and `not_after`."""
        return self.time if self.not_after is None else min(self.time, self.not_after)


class Act(Entry):
    """An entry of `acts`."""

    def __init__(self, raw, doc):
        super().__init__(raw)
        self.doc = doc
        self.effect = raw.get("effect")
        self.record = raw.get("record") is True
        self.body = raw.get("body")
        self.saw = raw.get("saw") or []
        self.amended = raw.get("amended")
        self.retracted = raw.get("retracted")
        self.cause = raw.get("cause")

    @property
    def counts(self):
        return self.record and self.effect == "effective"

    @property
    def here(self):
        """Whether its body is here, or it needs none."""
        return self.body in ("here", "none")

    def get(self, field):
        """A field as written; None if it is missing."""
        return self.raw.get(field)

    def text(self, field):
        """A field; None if it is missing or blank."""
        return said(self.raw.get(field))

    def day_of(self, field):
        """A field of a day, as a number."""
        return days.read(self.raw.get(field))

    def words(self, field):
        """The text of the amendment in `amended`, else the act's own."""
        other = self.doc.act(self.amended) if self.amended else None
        if other is not None and other.get("text") is not None:
            return other.get("text")
        return self.raw.get(field)


class Item:
    """An item of a document's list, by the first of its values."""

    def __init__(self, raw):
        self.raw = raw
        self.entry = raw["entry"]
        self.n = raw["n"]
        self.values = raw.get("values") or []
        first = self.values[0] if self.values else {}
        self.value = first.get("value") or {}
        self.by = _identity(first.get("by"))
        self.writer = first.get("entry")

    @property
    def name(self):
        return item_name(self)

    def get(self, field):
        return self.value.get(field)

    def text(self, field):
        return said(self.value.get(field))

    def day_of(self, field):
        return days.read(self.value.get(field))


class Doc(Entry):
    """A document as `show` prints it."""

    def __init__(self, raw, until=None):
        super().__init__(raw)
        self.title = raw.get("title")
        self.record = raw.get("record") is True
        self.body = raw.get("body")
        self.incomplete = raw.get("incomplete") is True
        self.content = raw.get("content") or {}
        self.facts = raw.get("state") or {}
        self.owned = [(_identity(owner), owner.get("part")) for owner in raw.get("owners") or []]
        self.owners = unique(owner for owner, _ in self.owned)
        acts = (Act(act, self) for act in raw.get("acts") or [])
        self.acts = [act for act in acts if until is None or act.time <= until]
        self.counted = [act for act in self.acts if act.counts]
        self._acts = {act.id: act for act in self.acts}
        self._log = raw.get("log")
        if isinstance(self._log, dict):
            self._log = self._log.get("items")
        self._until = until

    def __repr__(self):
        return "%s %s" % (self.kind, self.id[:8])

    @property
    def state(self):
        """The name of its state; None for kinds without one."""
        return self.facts.get("name")

    @property
    def state_by(self):
        return self.facts.get("by") or []

    def act(self, entry):
        return self._acts.get(entry)

    def counting(self, *kinds):
        """Acts that count, in canonical order."""
        return [act for act in self.counted if act.kind in kinds]

    def values(self, field):
        """All values of a field: { value, by, entry }."""
        return (self.content.get(field) or {}).get("values") or []

    def first(self, field):
        """The first value of a field as { value, by, entry }; None without one. It may be blank."""
        values = self.values(field)
        return values[0] if values else None

    def get(self, field):
        """The first value of a field; None if it is missing, or a text of blanks."""
        first = self.first(field)
        return None if first is None else said(first.get("value"))

    text = get

    def id_of(self, field):
        """The id that a field holds; None for a name."""
        return an_id(self.get(field))

    def day_of(self, field):
        return days.read(self.get(field))

    def items(self, field):
        """Items that have a value, in the order of `items`."""
        items = (self.content.get(field) or {}).get("items") or []
        return [Item(item) for item in items if item.get("values")]

    def marked(self, field, mark="incomplete"):
        """Whether a field or list is marked so."""
        return (self.content.get(field) or {}).get(mark) is True

    @property
    def log(self):
        """All entries in canonical order, as Act without fields; the root is the first."""
        if self._log is None:
            raise NotRecomputed("the export has no log of %s" % self.id)
        lines = (Act(line, self) for line in self._log)
        return [line for line in lines if self._until is None or line.time <= self._until]

    def wrote(self, entry):
        """The entry that wrote a value: the root or an edit, by the log, which says no block of it."""
        found = self.entry(entry)
        if found is None and self._log is None:
            raise NotRecomputed("the export has no log of %s" % self.id)
        return found

    def entry(self, entry):
        """The root, an act, or else a line of the log, if the export has one; None if it is not here."""
        if entry == self.id:
            return self
        found = self.act(entry)
        if found is None and self._log is not None:
            found = next((line for line in self.log if line.id == entry), None)
        return found


class Tenure:
    """A grant that was in force. `until` is None as long as it is not ended."""

    def __init__(self, raw):
        self.raw = raw
        self.grant = raw["grant"]
        self.role = raw["role"]
        self.holder = _identity(raw["holder"])
        self.scope = raw.get("scope")
        self.start = raw["from"]
        self.until = raw.get("until")
        self.ended_by = raw.get("ended_by")

    def at(self, time):
        """Whether it was held then."""
        return self.start <= time and (self.until is None or self.until > time)


class Person:
    """`first` in milliseconds or None, `addresses` as given."""

    def __init__(self, raw):
        self.raw = raw
        self.id = _identity(raw)
        self.name = raw.get("name")
        self.first = raw.get("first")
        self.known_by = raw.get("known_by")
        self.vouched_by = raw.get("vouched_by") or []
        self.founder = raw.get("founder") is True
        given = raw.get("addresses") or []
        self.addresses = [one.get("address") if isinstance(one, dict) else one for one in given]


class World:
    """All of it, as of `now` (milliseconds) and for the document `only`, if one was asked for."""

    def __init__(self, export, only=None, at=None):
        self.raw = export
        until = None
        self.now = export["now"]
        if at is not None:
            day = days.read(at)
            if day is None:
                raise Refused("%s is no day" % at)
            self.now = until = days.end(day)
        self.today = days.of(self.now)
        self.parameters = export.get("parameters") or {}
        self.committee = Doc(export["committee"], until)
        found = (Doc(raw, until) for raw in export.get("documents") or [])
        self.all = [doc for doc in found if doc.id != self.committee.id and (until is None or doc.time <= until)]
        self.documents = sorted((doc for doc in self.all if doc.record), key=lambda doc: (doc.time, doc.id))
        self.everything = [self.committee, *self.documents]
        self.by_id = {doc.id: doc for doc in self.everything}
        self.tenures = [Tenure(raw) for raw in export.get("tenures") or []]
        if until is not None:
            self.tenures = [tenure for tenure in self.tenures if tenure.start <= until]
            for tenure in self.tenures:
                if tenure.until is not None and tenure.until > until:
                    tenure.until = None
        self.people = [Person(raw) for raw in export.get("people") or []]
        self.person = {person.id: person for person in self.people}
        self.founders = set(self.committee.owners) | {one.id for one in self.people if one.founder}
        self.only_id = only
        self.only = None
        if only is not None:
            self.only = self.by_id.get(only)
            if self.only is None:
                raise Refused("no document %s in the record" % only)

    def kind(self, *kinds):
        """Documents of these kinds, in order."""
        return [doc for doc in self.documents if doc.kind in kinds]

    def doc(self, id, *kinds):
        """The document with this id; None if it is not here, or of no such kind."""
        found = self.by_id.get(id) if isinstance(id, str) else None
        return found if found is not None and (not kinds or found.kind in kinds) else None

    def given(self, name):
        """A parameter that the committee set; None if it did not."""
        value = self.parameters.get(name)
        return None if value is None else int(value)

    def parameter(self, name, word=None):
        """As the committee set it for the word alone, else for all, else the default."""
        found = None if word is None else self.given("%s_%s" % (name, word))
        if found is None:
            found = self.given(name)
        return DEFAULTS[name] if found is None else found

    def member_at(self, identity, time):
        """A founder, or the holder of any role then."""
        if identity in self.founders:
            return True
        return any(tenure.holder == identity and tenure.at(time) for tenure in self.tenures)

    def held(self, identity, role, time, scopes=None):
        """Whether they held the role then; `scopes`: ids, with None for a role of the whole committee."""
        return any(
            tenure.holder == identity
            and tenure.role == role
            and tenure.at(time)
            and (scopes is None or tenure.scope in scopes)
            for tenure in self.tenures
        )

    def addresses(self, identity):
        """The addresses that they linked, as given."""
        person = self.person.get(identity)
        return [] if person is None else person.addresses
