"""Views of units and of what is open: docs/spec/views/units.md."""

import hashlib
import re

import calendar as days
import history
from history import attempt
from world import NotRecomputed, amount, blank, is_id, is_unknown, money, unique, unknown

CODE = re.compile(r"[A-Z]+-[0-9]{3}")
CAPITALS = re.compile(r"[A-Z]{2,}")
WORD = re.compile(r"[A-Za-z0-9-]+")
PARTS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def text(value):
    """A text that says something; None for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def name_of(value):
    """A field's text that is no id."""
    return None if is_id(value) else text(value)


def number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def title(doc):
    """As `show` has it; without one its kind and the beginning of its id."""
    return doc.title or "%s %s" % (doc.kind, doc.id[:8])


def narrowed(world, docs):
    """Only rows about the document asked for."""
    return [doc for doc in docs if world.only is None or doc is world.only]


def tail(item):
    return {"entry": item.entry, "n": item.n}


def written(entry):
    """The claimed time; not less than `not_before`; then not more than `not_after`."""
    time = entry.time
    if entry.not_before is not None:
        time = max(time, entry.not_before)
    if entry.not_after is not None:
        time = min(time, entry.not_after)
    return time


def published(doc):
    """In milliseconds; None for a draft."""
    times = [written(act) for act in doc.counting("publish")]
    if text(doc.get("source")):
        times.append(written(doc))
    return min(times, default=None)


def superseded_by(doc):
    acts = doc.counting("supersede")
    return acts[-1].get("doc") if acts else None


# Units


def fold(value):
    value = value.strip().translate(UPPER)
    return value[3:] if value.startswith("CU-") else value


def code_in(value):
    for word in WORD.findall(value or ""):
        if CODE.fullmatch(fold(word)):
            return fold(word)
    return None


def words(value):
    return [word for word in PARTS.split((value or "").translate(LOWER)) if word]


def within(few, many):
    return any(many[n : n + len(few)] == few for n in range(len(many) - len(few) + 1))


class Unit:
    def __init__(self, doc, name):
        self.doc = doc
        self.name = name

    @property
    def columns(self):
        return {"unit": self.name, "domain": self.doc.id if self.doc else None}


class Units:
    """The units of a committee, and which documents are whose."""

    FROM = ("nomination", "motion", "statement", "proposal")

    def __init__(self, world):
        self.world = world
        found = world.kind("domain")
        self.domains = sorted(found, key=lambda doc: not world.member_at(doc.by, doc.time))
        self.of_doc = {doc.id: Unit(doc, text(doc.get("code")) or title(doc)) for doc in self.domains}
        self.folded = {}
        self.names, self.short = [], {}
        for doc in self.domains:
            code = fold(text(doc.get("code")) or "")
            if CODE.fullmatch(code):
                self.short.setdefault(code.rpartition("-")[0], self.of_doc[doc.id])
            for field in ("code", "name"):
                if text(doc.get(field)):
                    self.folded.setdefault(fold(doc.get(field)), self.of_doc[doc.id])
            if words(doc.get("name")):
                self.names.append((words(doc.get("name")), self.of_doc[doc.id]))
        self.names.sort(key=lambda one: -len(one[0]))
        self.without = {}
        self._found = {}
        for doc in world.kind(*self.FROM):
            self.of(doc)

    def listed(self):
        """Domains in order, then units without a document by name."""
        without = sorted(self.without.values(), key=lambda unit: unit.name.encode())
        return [self.of_doc[doc.id] for doc in self.domains] + without

    def of(self, doc):
        """The unit of a document; None without one."""
        if doc.kind == "domain":
            return self.of_doc.get(doc.id)
        if doc.id not in self._found:
            self._found[doc.id] = self._find(doc)
        return self._found[doc.id]

    def _named(self, name):
        unit = self.folded.get(name)
        if unit is None:
            unit = self.without.setdefault(name, Unit(None, name))
        return unit

    def _find(self, doc):
        domain, subject = doc.get("domain"), doc.get("subject")
        by_id = domain if is_id(domain) else subject if is_id(subject) else None
        if by_id in self.of_doc:
            return self.of_doc[by_id]
        if name_of(domain):
            return self._named(fold(domain))
        if name_of(subject) and fold(subject) in self.folded:
            return self.folded[fold(subject)]
        for given in (name_of(subject), title(doc)):
            if code_in(given):
                return self._named(code_in(given))
        for word in re.findall("[A-Za-z0-9]+", title(doc)):
            if CAPITALS.fullmatch(word) and word in self.short:
                return self.short[word]
        many = words(title(doc))
        return next((unit for few, unit in self.names if within(few, many)), None)

    def speaks(self, unit, identity, time):
        if unit.doc is None:
            return self.world.member_at(identity, time)
        return identity in unit.doc.owners or self.world.held(identity, "facilitator", time, (None, unit.doc.id))


# Status

STATUS = {word: word for word in ("conception", "rfc", "submitted", "accepted", "rejected", "obsolete", "withdrawn")}
STATUS |= {
    "request for comments": "rfc",
    "request for comments (rfc)": "rfc",
    "draft": "rfc",
    "formal submission": "submitted",
}
STATES = {
    "onboarded": "accepted",
    "removed": "accepted",
    "resigned": "accepted",
    "carried": "accepted",
    "rejected": "rejected",
    "retained": "rejected",
    "lapsed": "obsolete",
    "withdrawn": "withdrawn",
    "declined": "withdrawn",
}
LEGAL = {
    "conception": ("rfc", "withdrawn"),
    "rfc": ("submitted", "obsolete", "withdrawn"),
    "submitted": ("accepted", "rejected", "obsolete", "withdrawn"),
    "accepted": ("obsolete",),
}
FALLEN = ("rejected", "obsolete", "withdrawn")


def status_word(value):
    return STATUS.get(value.strip().lower(), "unknown")


def says(field, value):
    """What a value of a status field says, as written; None if it says nothing."""
    if text(value) is None:
        return None
    if field != "preamble":
        return value
    for line in value.split("\n"):
        before, colon, after = line.partition(":")
        if colon and before.strip().lower() == "status" and after.strip():
            return after.strip()
    return None


class Status:
    """Where a document stands by its own words and acts."""

    def __init__(self, world, doc):
        self.world = world
        self.doc = doc
        audit = doc.kind == "statement" and doc.get("form") == "audit"
        fields = ("status", "preamble") if audit else ("status", "level", "preamble")
        self.field = next((name for name in fields if says(name, doc.get(name))), None)
        self.ending = self._ending()
        text_of = says(self.field, doc.get(self.field)) if self.field else None
        if self.ending:
            _, self.word, self.said = self.ending
        else:
            self.word, self.said = status_word(text_of) if text_of else None, text_of

    def _ending(self):
        """(entry, word, what is said); None without one."""
        doc = self.doc
        if doc.state is not None:
            if doc.state in STATES and doc.state_by:
                return doc.state_by[0], STATES[doc.state], doc.state
            return None
        acts = doc.counting("withdraw")
        return (acts[0].id, "withdrawn", "withdrawn") if acts else None

    def imported_by_member(self):
        if not text(self.doc.get("source")) or self.field is None:
            return False
        first = self.doc.first(self.field)
        return self.world.member_at(first["by"], history.entry(self.doc, first["entry"]).time)

    def steps(self):
        """Rows without `paper`."""
        found = []
        for version in history.touching(self.doc, self.field) if self.field else []:
            what = says(self.field, version.sets(self.field))
            if what is not None:
                found.append((version, version.entry, status_word(what)))
        if self.ending:
            entry, word, _ = self.ending
            found.append((history.entry(self.doc, entry), entry, word))
        rows = []
        before = None
        for one, entry, word in found:
            if word == before:
                continue
            if before is None:
                legal = bool(text(self.doc.get("source"))) or word in ("conception", "rfc")
            else:
                legal = word in LEGAL.get(before, ())
            rows.append(
                {"entry": entry, "by": one.by, "time": one.time, "before": before, "status": word, "legal": legal}
            )
            before = word
        return rows


class Fates:
    """What became of documents."""

    def __init__(self, world):
        self.world = world
        self.ratified = []
        for decision in world.kind("decision"):
            if world.member_at(decision.by, decision.time):
                self.ratified.extend((id, decision) for id in decision.get("ratifies") or [])
        self._of = {}

    def of(self, doc):
        """(fate, rests, decision)."""
        if doc.id not in self._of:
            self._of[doc.id] = self._find(doc)
        return self._of[doc.id]

    def _find(self, doc):
        status = Status(self.world, doc)
        if status.word in FALLEN:
            rests = "act" if status.ending else "source" if status.imported_by_member() else "owner"
            return status.word, rests, None
        here, _ = history.entries(doc)
        decision = next((decision for id, decision in self.ratified if id in here), None)
        if decision is not None:
            return "accepted", "decision", decision.id
        if status.word == "accepted":
            if status.ending:
                return "accepted", "act", None
            if status.imported_by_member():
                return "accepted", "source", None
            return "claimed", "owner", None
        return "open", None, None


# units

ROLES = ("mandate", "budget", "onboarding", "offboarding")


def role(doc):
    form = doc.get("form")
    if doc.kind == "nomination":
        return "onboarding"
    if doc.kind == "motion":
        return {"onboard": "onboarding", "offboard": "offboarding", "disband": "offboarding"}.get(form)
    if doc.kind == "statement":
        return form if form in ("mandate", "budget") else None
    if doc.kind == "proposal" and doc.get("type") in ("mip", "bundle"):
        return "other"
    return None


def units(world):
    every, fates, only = Units(world), Fates(world), world.only
    papers = {}
    for doc in world.documents:
        unit = every.of(doc) if role(doc) else None
        if unit is not None:
            papers.setdefault(unit, []).append(doc)
    wide = only is None or only.kind == "decision"
    own = None if wide else every.of(only)
    out = {"units": [], "papers": [], "steps": []}
    for unit in every.listed():
        if not wide and unit is not own:
            continue
        row = unit.columns
        for one in ROLES:
            row[one] = [doc.id for doc in papers.get(unit, ()) if role(doc) == one]
        accepted = {role(doc) for doc in papers.get(unit, ()) if fates.of(doc)[0] == "accepted"}
        row["ended"] = any(
            doc.kind == "motion" and doc.get("form") == "disband" and fates.of(doc)[0] == "accepted"
            for doc in papers.get(unit, ())
        )
        row["missing"] = [one for one in ("mandate", "budget", "onboarding") if one not in accepted]
        out["units"].append(row)
        for doc in papers.get(unit, ()):
            if not (wide or only.kind == "domain" or doc is only):
                continue
            status, (fate, rests, decision) = Status(world, doc), fates.of(doc)
            steps = status.steps()
            out["papers"].append(
                {
                    "unit": unit.name,
                    "paper": doc.id,
                    "role": role(doc),
                    "status": status.word or "unstated",
                    "said": status.said,
                    "decision": decision,
                    "rests": rests if fate in ("accepted", "claimed") else None,
                    "imported": bool(text(doc.get("source"))),
                    "changes": len(steps),
                    "jumps": sum(not step["legal"] for step in steps),
                }
            )
            out["steps"].extend({"paper": doc.id} | step for step in steps)
    return out


# mandates


def lines(statements):
    """Statements joined along what supersedes them."""
    here = {doc.id: doc for doc in statements}
    followed = {superseded_by(doc) for doc in statements}
    begin = [doc for doc in statements if doc.id not in followed]
    found, done = [], set()
    for doc in begin + statements:
        line = []
        while doc is not None and doc.id not in done:
            done.add(doc.id)
            line.append(doc)
            doc = here.get(superseded_by(doc))
        if line:
            found.append(line)
    return found


def fields_of(versions):
    """The fields that versions touch, as a cell."""
    if any(version.fields is None for version in versions):
        return unknown("the export does not say which fields were touched")
    return sorted({field for version in versions for field in version.fields})


def mandates(world):
    every, only = Units(world), world.only
    statements = {}
    for doc in world.kind("statement"):
        if doc.get("form") == "mandate" and every.of(doc) is not None:
            statements.setdefault(every.of(doc), []).append(doc)
    rows = []
    for unit in every.listed():
        if only is not None and only.kind == "domain" and every.of(only) is not unit:
            continue
        all_lines = lines(statements.get(unit, []))
        for line in ([[unit.doc]] if unit.doc else []) + all_lines:
            if only is not None and only.kind != "domain" and only not in line:
                continue
            own = []
            for doc in line:
                domain = doc.kind == "domain"
                for version in history.touching(doc, "mandate") if domain else history.versions(doc):
                    root = "opened" if doc is line[0] else "superseding"
                    own.append(
                        {
                            "unit": unit.name,
                            "mandate": line[0].id,
                            "version": len(own) + 1,
                            "document": doc.id,
                            "entry": version.entry,
                            "by": version.by,
                            "time": version.time,
                            "speaks": every.speaks(unit, version.by, version.time),
                            "from": root if version.entry == doc.id else "edit",
                            "fields": fields_of([version]),
                            "newest": False,
                            "superseded": superseded_by(doc),
                        }
                    )
            if own:
                own[-1]["newest"] = True
            rows.extend(own)
    return {"versions": rows}


# backlog


def backlog(world):
    found = []
    for doc in narrowed(world, world.kind("domain")):
        for item in doc.items("backlog"):
            state = text(item.get("state")) or "open"
            if state in ("open", "taken"):
                score = (item.get("need") or 0) * (item.get("impact") or 0)
                key = (-score, -(item.get("need") or 0), (item.get("text") or "").encode(), item.entry, item.n)
                found.append((key, doc, item, score, state))
    found.sort(key=lambda one: one[0])
    return {
        "items": [
            {
                "rank": rank,
                "domain": doc.id,
                "text": item.get("text"),
                "sort": item.get("sort"),
                "need": item.get("need"),
                "impact": item.get("impact"),
                "score": score,
                "state": state,
                "by": item.by,
                "since": attempt(lambda: days.write(days.of(history.entry(doc, item.entry).time))),
            }
            | tail(item)
            for rank, (_, doc, item, score, state) in enumerate(found, 1)
        ]
    }


# okrs


def share(item):
    target = number(item.get("target"))
    return min(1_000_000, (item.get("reached") or 0) * 1_000_000 // target) if target else None


def okrs(world):
    every, only = Units(world), world.only
    out = {"objectives": [], "results": []}
    found = {}
    for doc in world.kind("statement"):
        if doc.get("form") == "okr" and superseded_by(doc) is None and every.of(doc) is not None:
            found.setdefault(every.of(doc), []).append(doc)
    for unit in every.listed():
        for doc in found.get(unit, []):
            if only is not None and not (only is doc or (only.kind == "domain" and every.of(only) is unit)):
                continue
            items, at = doc.items("items"), published(doc)
            for group in unique(text(item.get("group")) for item in items):
                of_group = [item for item in items if text(item.get("group")) == group]
                measured = [item for item in of_group if share(item) is not None]
                shown = [item for item in of_group if text(item.get("evidence"))]
                both = [share(item) for item in measured if item in shown]
                out["objectives"].append(
                    {
                        "unit": unit.name,
                        "statement": doc.id,
                        "published": published(doc) is not None,
                        "speaks": every.speaks(unit, doc.by, written(doc) if at is None else at),
                        "objective": group,
                        "results": len(of_group),
                        "measured": len(measured),
                        "shown": len(shown),
                        "ppm": sum(map(share, measured)) // len(measured) if measured else None,
                        "shown_ppm": sum(both) // len(measured) if measured else None,
                    }
                )
            for item in items:
                claimed = (item.get("reached") or 0) > 0 or text(item.get("result"))
                due = item.day_of("due")
                out["results"].append(
                    {
                        "unit": unit.name,
                        "statement": doc.id,
                        "objective": text(item.get("group")),
                        "result": item.get("text"),
                        "target": item.get("target"),
                        "reached": item.get("reached"),
                        "ppm": share(item),
                        "evidence": text(item.get("evidence")),
                        "shown": "evidence"
                        if text(item.get("evidence"))
                        else "no evidence"
                        if claimed
                        else "nothing said",
                        "due": days.write(due),
                        "late": due is not None and due < world.today and share(item) != 1_000_000,
                    }
                    | tail(item)
                )
    return out


# gaps


class Report:
    """A statement of a unit as a report."""

    def __init__(self, every, unit, doc):
        world = every.world
        self.doc = doc
        at = published(doc)
        self.day = days.of(written(doc) if at is None else at)
        if at is None:
            self.counts = "draft"
        elif at > world.now:
            self.counts = "not yet"
        elif not every.speaks(unit, doc.by, at):
            self.counts = "no speaker"
        else:
            self.counts = "yes"
        start, end = doc.day_of("start"), doc.day_of("end")
        until = end if end is not None else start if start is not None else self.day
        self.until = min(until, self.day)
        self.start = start if start is not None and start <= self.until else self.until
        self.distance = 0


class Archive:
    """The reports of a unit, and the distances between them."""

    def __init__(self, every, unit, statements):
        world = every.world
        form = text(unit.doc.get("report_form")) if unit.doc else None
        forms = (form,) if form else ("report", "status", "okr")
        self.reports = [Report(every, unit, doc) for doc in statements if doc.get("form") in forms]
        counted = [report for report in self.reports if report.counts == "yes"]
        self.counted = sorted(counted, key=lambda report: (report.start, report.until, report.doc.id))
        self.gap = world.parameter("status_gap_days")
        self.until = None
        for report in self.counted:
            if self.until is not None:
                report.distance = days.between(self.until, report.start)
            self.until = report.until if self.until is None else max(self.until, report.until)
        self.silent = None if self.until is None else days.between(self.until, world.today)
        self.longest = max([report.distance for report in self.counted] + [self.silent or 0])


def statements_by_unit(world, every):
    found = {}
    for doc in world.kind("statement"):
        if every.of(doc) is not None:
            found.setdefault(every.of(doc), []).append(doc)
    return found


def gaps(world):
    every, only = Units(world), world.only
    found = statements_by_unit(world, every)
    out = {"units": [], "reports": []}
    for unit in every.listed():
        archive = Archive(every, unit, found.get(unit, []))
        if unit.doc is None and not archive.reports:
            continue
        if only is not None and only.kind == "domain":
            if every.of(only) is not unit:
                continue
        elif only is not None and all(report.doc is not only for report in archive.reports):
            continue
        counted, silent = archive.counted, archive.silent
        out["units"].append(
            unit.columns
            | {
                "reports": len(counted),
                "from": days.write(counted[0].start) if counted else None,
                "until": days.write(archive.until),
                "gaps": sum(report.distance > archive.gap for report in counted),
                "longest": archive.longest,
                "silent": silent,
                "due": days.write(archive.until + archive.gap) if counted else None,
                "state": "never reported" if not counted else "overdue" if silent > archive.gap else "current",
            }
        )
        others = [report for report in archive.reports if report.counts != "yes"]
        for report in counted + others:
            out["reports"].append(
                {
                    "unit": unit.name,
                    "report": report.doc.id,
                    "form": report.doc.get("form"),
                    "by": report.doc.by,
                    "published": days.write(report.day),
                    "from": days.write(report.start),
                    "until": days.write(report.until),
                    "distance": report.distance,
                    "gap": report.distance > archive.gap,
                    "counts": report.counts,
                }
            )
    return out


# templates

UNIT = ("a unit", "domain")
FIRST = ("a first day", "start")
LAST = ("a last day", "end")
TEXT = ("text", "text")
ITEMS = ("items", "items")
ABOUT = ("what it is about", "about")
TEMPLATES = {
    "report": (UNIT, FIRST, LAST, TEXT, ITEMS),
    "status": (UNIT, FIRST, LAST, TEXT),
    "okr": (
        UNIT,
        FIRST,
        LAST,
        ITEMS,
        ("an objective of each item", "items.group"),
        ("a target of each item", "items.target"),
    ),
    "budget": (UNIT, FIRST, LAST, ITEMS, ("an amount of each item", "items.amount")),
    "mandate": (UNIT, TEXT),
    "position": (UNIT, TEXT),
    "platform": (UNIT, TEXT, ITEMS, ("a measure of each item", "items.measure")),
    "audit": (ABOUT, ("a finding", "level"), TEXT),
    "off_record": (ITEMS, ("with whom", "items.who"), ("a day of each talk", "items.day"), TEXT),
    "influence": (ABOUT, TEXT),
}


def lacks(doc):
    """What a statement lacks of what its form asks for."""
    found = []
    for word, field in TEMPLATES.get(doc.get("form"), ()):
        whole, _, part = field.partition(".")
        if part:
            there = all(not blank(item.get(part)) for item in doc.items(whole))
        elif field == "items":
            there = bool(doc.items("items"))
        else:
            there = doc.get(field) is not None
        if not there:
            found.append(word)
    return found


def templates(world):
    every, only = Units(world), world.only
    rows = []
    for doc in world.kind("statement"):
        if only is not None and doc is not only:
            if only.kind != "domain" or every.of(doc) is not every.of(only):
                continue
        asked, lacking = len(TEMPLATES.get(doc.get("form"), ())), lacks(doc)
        rows.append(
            {
                "statement": doc.id,
                "form": doc.get("form"),
                "by": doc.by,
                "published": published(doc) is not None,
                "asked": asked,
                "met": asked - len(lacking),
                "lacks": lacking,
                "template": 1,
            }
        )
    return {"statements": rows}


# practices


def find_item(doc, named):
    return next((item for item in history.lists(doc) if (item.entry, item.n) == (named["entry"], named["n"])), None)


def audit_counts(every, act):
    doc = act.doc
    if act.by in doc.owners or act.by == doc.by:
        return "own"
    if doc.kind == "domain" and every.speaks(every.of(doc), act.by, act.time):
        return "own"
    entry = act.get("entry")
    if entry is not None and entry in history.entries(doc)[0] and history.entry(doc, entry).by == act.by:
        return "own"
    if act.get("item") is None:
        return "yes"
    item = find_item(doc, act.get("item"))
    if item is None:
        return "item gone"
    if item.by == act.by:
        return "own"
    return "older text" if history.stands_after(doc, item.writer, act.id) else "yes"


def audits_of(every, doc, item):
    """The audits of a practice that count."""
    for act in doc.counting("audit"):
        named = act.get("item")
        if named is not None and (named["entry"], named["n"]) == (item.entry, item.n):
            if audit_counts(every, act) == "yes":
                yield act


def practices(world):
    every = Units(world)
    out = {"practices": [], "audits": []}
    for doc in narrowed(world, [world.committee, *world.kind("domain")]):
        for item in doc.items("practices"):
            counted = attempt(lambda: list(audits_of(every, doc, item)))
            told = not is_unknown(counted)
            out["practices"].append(
                {
                    "holder": doc.id,
                    "text": item.get("text"),
                    "since": days.write(item.day_of("since")),
                    "by": item.by,
                    "audits": len(counted) if told else counted,
                    "found": (counted[-1].get("result") if counted else None) if told else counted,
                    "on": (days.write(counted[-1].day) if counted else None) if told else counted,
                }
                | tail(item)
            )
    for doc in narrowed(world, world.everything):
        for act in doc.counting("audit"):
            named = act.get("item") or {}
            out["audits"].append(
                {
                    "document": doc.id,
                    "audit": act.id,
                    "by": act.by,
                    "day": days.write(act.day),
                    "result": act.get("result"),
                    "of": act.get("entry"),
                    "item": named.get("entry"),
                    "n": named.get("n"),
                    "counts": attempt(lambda: audit_counts(every, act)),
                }
            )
    return out


# incubation

STAGES = ("idea", "incubation", "probation", "active", "ended")


def incubation(world):
    out = {"domains": [], "changes": []}
    for doc in narrowed(world, world.kind("domain")):
        changes, before = [], None
        for version in history.touching(doc, "stage"):
            stage = version.sets("stage")
            if stage is None or stage == before:
                continue
            if before is None:
                step = "first"
            elif stage == "ended":
                step = "end"
            else:
                far = STAGES.index(stage) - STAGES.index(before)
                step = "back" if far < 0 else "skip" if far > 1 else "next"
            changes.append(
                {
                    "domain": doc.id,
                    "entry": version.entry,
                    "by": version.by,
                    "time": version.time,
                    "before": before,
                    "stage": stage,
                    "step": step,
                }
            )
            before = stage
        stage = doc.get("stage")
        since = [days.of(change["time"]) for change in changes if change["stage"] == stage]
        out["changes"].extend(changes)
        out["domains"].append(
            {
                "domain": doc.id,
                "form": doc.get("form"),
                "stage": stage or "unstated",
                "since": days.write(since[-1]) if since else None,
                "days": world.today - since[-1] if since else None,
                "changes": len(changes),
                "marked": sum(change["step"] in ("skip", "back") for change in changes),
            }
        )
    return out


# sponsorships

CLASSES = ("incubation", "scholarship", "micro", "development")


def sponsorships(world):
    fates, only = Fates(world), world.only
    out = {"sponsored": [], "sponsors": []}
    for doc in world.kind("proposal", "domain"):
        acts = doc.counting("sponsor")
        if doc.kind == "proposal" and doc.get("type") != "sponsorship" or doc.kind == "domain" and not acts:
            continue
        if only is not None and only.kind != "decision" and doc is not only:
            continue
        standing = []
        for act in acts:
            until = act.day_of("until")
            word = (
                "own" if act.by in doc.owners else "over" if until is not None and until < world.today else "stands"
            )
            if word == "stands":
                standing.append(act.by)
            out["sponsors"].append(
                {
                    "document": doc.id,
                    "sponsor": act.by,
                    "entry": act.id,
                    "since": days.write(act.day),
                    "until": days.write(until),
                    "weight": act.get("weight"),
                    "standing": word,
                }
            )
        given = text(doc.get("class"))
        if doc.kind == "domain":
            given = "domain"
        elif given is not None:
            given = given.strip().lower()
            given = given if given in CLASSES else "other"
        end = doc.day_of("end")
        over = end is not None and end < world.today
        out["sponsored"].append(
            {
                "document": doc.id,
                "class": given,
                "fate": fates.of(doc)[0],
                "cap": money(*amount(doc.get("cap"))) if amount(doc.get("cap")) else None,
                "start": days.write(doc.day_of("start")),
                "end": days.write(end),
                "sponsors": sorted(set(standing)),
                "state": "over" if over else "sponsored" if standing else "waits for a sponsor",
            }
        )
    return out


# commitments


def reveal_check(doc, act):
    commit = next((one for one in doc.counting("commit") if one.id == act.get("entry")), None)
    if commit is None:
        return "no such commitment"
    if commit.by != act.by:
        return "another author"
    salt = act.get("salt") or ""
    if len(salt) != 64:
        return "salt of another length"
    found = hashlib.sha256(bytes.fromhex(salt) + (act.get("text") or "").encode()).hexdigest()
    return "matches" if found == commit.get("commitment") else "does not match"


def commitments(world):
    first = {}
    for doc in world.everything:
        for act in doc.counting("commit"):
            key = (act.time, act.id, act.by)
            given = act.get("commitment")
            if given is not None and (given not in first or key < first[given]):
                first[given] = key
    out = {"commitments": [], "reveals": []}
    for doc in narrowed(world, world.everything):
        checked = [(act, reveal_check(doc, act)) for act in doc.counting("reveal")]
        for act, check in checked:
            out["reveals"].append(
                {
                    "document": doc.id,
                    "reveal": act.id,
                    "by": act.by,
                    "time": act.time,
                    "commit": act.get("entry"),
                    "check": check,
                }
            )
        for act in doc.counting("commit"):
            until = act.day_of("until")
            if until is None:
                until = doc.day_of("revealed_by")
            reveal = next((one for one, check in checked if check == "matches" and one.get("entry") == act.id), None)
            timely = None
            if reveal is not None:
                state = "revealed late" if until is not None and reveal.day > until else "revealed"
                if until is not None:
                    midnight = days.start(until + 1)
                    if reveal.not_after is not None and reveal.not_after < midnight:
                        timely = "in time"
                    elif reveal.not_before is not None and reveal.not_before >= midnight:
                        timely = "late"
                    else:
                        timely = "unproven"
            else:
                state = "overdue" if until is not None and world.today > until else "open"
            earliest = first.get(act.get("commitment"))
            out["commitments"].append(
                {
                    "document": doc.id,
                    "commit": act.id,
                    "by": act.by,
                    "about": text(act.get("about")),
                    "made": act.time,
                    "until": days.write(until),
                    "reveal": reveal.id if reveal else None,
                    "revealed": reveal.time if reveal else None,
                    "state": state,
                    "timely": timely,
                    "copy_of": earliest[1] if earliest and earliest[2] != act.by else None,
                }
            )
    return out


# bundles

MEMBERS = ("proposal", "statement", "nomination", "motion", "domain", "decision")


def bundles(world):
    fates, only = Fates(world), world.only
    out = {"bundles": [], "members": []}
    for doc in world.kind("proposal"):
        listed = doc.get("bundle") or []
        if not listed:
            continue
        members = [doc.id, *(id for id in listed if id != doc.id)]
        if only is not None and only.kind in ("proposal", "statement", "nomination", "motion"):
            if only.id not in members:
                continue
        found = {"accepted": 0, "fallen": 0, "open": 0, "unknown": 0}
        rows = []
        for id in members:
            member = world.doc(id, *MEMBERS)
            fate, rests, decision = fates.of(member) if member else ("not here", None, None)
            kind = (
                "fallen" if fate in FALLEN else "accepted" if fate == "accepted" else "open" if member else "unknown"
            )
            found[kind] += 1
            agreed = id == doc.id
            if member and not agreed:
                named = [item.get("bundle") for item in member.items("items")] + list(member.get("bundle") or [])
                agreed = doc.id in named
            rows.append(
                {
                    "bundle": doc.id,
                    "member": id,
                    "kind": member.kind if member else None,
                    "fate": fate,
                    "rests": rests,
                    "decision": decision,
                    "agreed": agreed,
                }
            )
        state = "falls" if found["fallen"] else "stands" if found["accepted"] == len(members) else "open"
        out["bundles"].append({"bundle": doc.id, "members": len(members)} | found | {"state": state})
        out["members"].extend(rows)
    return out


# ratified


def in_record(doc, id):
    if id == doc.id:
        return True
    act = doc.act(id)
    if act is not None:
        return act.record
    known = history.writers
    if any(id in known(doc, field) for field in doc.content):
        return True
    return any(line.id == id and line.record for line in doc.log)


CHANGED = ("newest", "state", "edits", "fields")


def since_ratified(doc, id):
    """What became of a document since an entry of it was ratified."""
    versions = history.versions(doc)
    row = {"newest": versions[-1].entry, "state": "not in the record", "edits": [], "fields": []}
    if in_record(doc, id):
        # With one version, everything else is after it.
        seen = {doc.id} if len(versions) == 1 else history.past(doc, id)
        unseen = [version for version in versions if version.entry not in seen]
        row["state"] = "changed since" if unseen else "same"
        row["edits"] = [version.entry for version in unseen]
        row["fields"] = fields_of(unseen)
    return row


def ratified(world):
    only = world.only
    rows = []
    for decision in world.kind("decision"):
        for id in decision.get("ratifies") or []:
            doc, sure = None, True
            for one in world.everything:
                here, whole = history.entries(one)
                if id in here:
                    doc = one
                    break
                sure = sure and whole
            if doc is None and not sure:
                raise NotRecomputed("the export has no log in which %s could be" % id)
            if only is not None and only is not (decision if only.kind == "decision" else doc):
                continue
            day = decision.day_of("day")
            row = {
                "decision": decision.id,
                "day": days.write(decision.day if day is None else day),
                "by": decision.by,
                "member": world.member_at(decision.by, decision.time),
                "document": doc.id if doc else None,
                "ratified": id,
                "newest": None,
                "state": "not here",
                "edits": [],
                "fields": [],
            }
            if doc is not None:
                told = attempt(lambda: since_ratified(doc, id))
                row |= {column: told for column in CHANGED} if is_unknown(told) else told
            rows.append(row)
    return {"versions": rows}


# scorecard


def scorecard(world):
    every, only = Units(world), world.only
    found = statements_by_unit(world, every)
    gap = world.parameter("status_gap_days")
    out = {"units": [], "points": []}
    for unit in every.listed():
        if unit.doc is None or (only is not None and every.of(only) is not unit):
            continue
        statements = [
            doc
            for doc in found.get(unit, [])
            if superseded_by(doc) is None and Report(every, unit, doc).counts == "yes"
        ]
        archive = Archive(every, unit, found.get(unit, []))
        allowed = unit.doc.get("report_days") or world.parameter("report_days")
        silent, longest = archive.silent, archive.longest
        results = [item for doc in statements if doc.get("form") == "okr" for item in doc.items("items")]
        measured = [item for item in results if share(item) is not None]
        claimed = [item for item in results if (item.get("reached") or 0) > 0 or text(item.get("result"))]
        evident = [item for item in claimed if text(item.get("evidence"))]
        full = [doc for doc in statements if not lacks(doc)]
        own = unit.doc.items("practices")
        held = []
        for item in own:
            audits = list(audits_of(every, unit.doc, item))
            if audits and audits[-1].get("result") == "holds":
                held.append(item)
        never = "never reported"
        rows = [
            (
                "report",
                silent is not None and silent <= allowed,
                never if silent is None else "%d days since the last day reported on, %d allowed" % (silent, allowed),
            ),
            (
                "results",
                bool(results) and len(measured) == len(results),
                "%d of %d key results have a target" % (len(measured), len(results)),
            ),
            (
                "evidence",
                bool(claimed) and len(evident) == len(claimed),
                "%d of %d results that are said to be reached have evidence" % (len(evident), len(claimed)),
            ),
            (
                "archive",
                silent is not None and longest <= gap,
                never if silent is None else "longest distance %d days, %d allowed" % (longest, gap),
            ),
            (
                "templates",
                bool(statements) and len(full) == len(statements),
                "%d of %d statements lack nothing" % (len(full), len(statements)),
            ),
            ("practices", bool(own), "%d practices" % len(own)),
            (
                "audited",
                bool(own) and len(held) == len(own),
                "%d of %d practices were last found to hold by somebody else" % (len(held), len(own)),
            ),
        ]
        out["units"].append(unit.columns | {"points": sum(met for _, met, _ in rows), "of": 7, "formula": "v1"})
        for point, met, reason in rows:
            out["points"].append(unit.columns | {"point": point, "met": met, "reason": reason})
    return out


# discarded


def taken_out(doc):
    """(version, last words) of each item of the backlog that was removed and is not held now."""
    if doc.raw.get("versions") is None:
        if not history.untouched(doc, "backlog"):
            raise NotRecomputed("the export has no versions of %s" % doc.id)
        return
    now = {(item.entry, item.n) for item in doc.items("backlog")}
    last, first = {}, {}
    for version in history.versions(doc):
        if version.fields is not None and "backlog" not in version.fields:
            continue
        if version.change is None:
            raise NotRecomputed("the export does not say what %s changed" % version.entry)
        for n, item in enumerate((version.change.get("add") or {}).get("backlog") or []):
            last[(version.entry, n)] = item
        for entry, n, item in (version.change.get("replace") or {}).get("backlog") or []:
            last[(entry, n)] = item
        for entry, n in (version.change.get("remove") or {}).get("backlog") or []:
            first.setdefault((entry, n), version)
    for name, version in first.items():
        if name not in now and name in last and last[name].get("state") != "done":
            yield version, last[name]


def discarded(world):
    only = world.only
    rows = []

    def row(time, what, doc, entry, by, words, outcome, reason):
        if only is None or only.kind == "decision" or only is doc:
            rows.append(
                {
                    "day": days.write(days.of(time)),
                    "what": what,
                    "document": doc.id,
                    "entry": entry,
                    "by": by,
                    "text": words,
                    "outcome": outcome,
                    "reason": text(reason),
                }
            )

    for doc in world.documents:
        if only is not None and only.kind != "decision" and only is not doc:
            continue
        if doc.kind == "domain":
            for item in doc.items("backlog"):
                if item.get("state") == "discarded":
                    time = history.entry(doc, item.writer).time
                    row(
                        time,
                        "backlog item",
                        doc,
                        item.writer,
                        item.by,
                        item.get("text"),
                        "discarded",
                        item.get("reason"),
                    )
            for version, last in taken_out(doc):
                words, reason = last.get("text"), last.get("reason")
                row(version.time, "backlog item", doc, version.entry, version.by, words, "taken out", reason)
        elif doc.kind == "motion" and doc.state in ("rejected", "retained", "lapsed", "withdrawn") and doc.state_by:
            act = doc.act(doc.state_by[0])
            row(act.time, "motion", doc, act.id, act.by, title(doc), doc.state, act.get("reason"))
        elif doc.kind == "proposal":
            status = Status(world, doc)
            if status.word not in FALLEN:
                continue
            step = [step for step in status.steps() if step["status"] == status.word][-1]
            act = doc.act(step["entry"])
            if act is not None and act.kind == "withdraw":
                reason = act.get("reason")
            else:
                decisions = (
                    one.get("reason")
                    for one in world.kind("decision")
                    if one.get("about") == doc.id and text(one.get("reason")) and world.member_at(one.by, one.time)
                )
                reason = next(decisions, None)
            row(step["time"], "proposal", doc, step["entry"], step["by"], title(doc), status.word, reason)
    rows.sort(key=lambda one: (one["day"], one["document"], one["entry"]))
    return {"ideas": rows}


# reruns


def same_item(named, item):
    return named is not None and (named["entry"], named["n"]) == (item.entry, item.n)


def rerun_counts(act):
    doc, named = act.doc, act.get("claim")
    if named is None:
        return "names no claim"
    if act.by in doc.owners or act.by == doc.by:
        return "own"
    item = history.item([doc], named, "claims")
    if item is None:
        return "claim gone"
    return "older text" if history.stands_after(doc, item.writer, act.id) else "yes"


def reruns(world):
    out = {"claims": [], "runs": []}
    for doc in narrowed(world, world.kind("research")):
        runs = [(act, attempt(lambda act=act: rerun_counts(act))) for act in doc.counting("rerun")]
        files = {item.get("hash") for item in doc.items("data")}
        for item in doc.items("claims"):
            last = {
                act.by: act.get("result")
                for act, counts in runs
                if counts == "yes" and same_item(act.get("claim"), item)
            }
            results = list(last.values())
            found = {word: results.count(word) for word in ("same", "partly", "different", "failed")}
            data, method = item.get("data"), text(item.get("method"))
            if results:
                state = (
                    "confirmed"
                    if found["same"] == len(results)
                    else "contested"
                    if found["same"]
                    else "not confirmed"
                )
            else:
                state = "no data" if data is None else "no method" if method is None else "never tried"
            vague = [counts for act, counts in runs if is_unknown(counts) and same_item(act.get("claim"), item)]
            if vague:
                found = dict.fromkeys(found, vague[0])
                state = vague[0]
            out["claims"].append(
                {
                    "research": doc.id,
                    "claim": item.get("text"),
                    "data": data,
                    "listed": data is not None and data in files,
                    "method": method is not None,
                }
                | found
                | {"state": state}
                | tail(item)
            )
        for act, counts in runs:
            named = act.get("claim") or {}
            out["runs"].append(
                {
                    "research": doc.id,
                    "run": act.id,
                    "by": act.by,
                    "day": days.write(act.day),
                    "claim": named.get("entry"),
                    "n": named.get("n"),
                    "result": act.get("result"),
                    "data": [file["hash"] for file in act.get("data") or []],
                    "counts": counts,
                }
            )
    return out


# threats


def threats(world):
    only = world.only
    proposals = world.kind("proposal")
    found = []
    for doc in world.kind("proposal", "domain"):
        for act in doc.counting("incident"):
            day = act.day_of("day")
            found.append((act.day if day is None else day, act.time, act.id, act))
    found.sort(key=lambda one: one[:3])
    out = {"threats": [], "incidents": []}
    for doc in narrowed(world, proposals):
        for item in doc.items("threats"):
            out["threats"].append(
                {
                    "document": doc.id,
                    "threat": item.get("text"),
                    "likely": item.get("likely"),
                    "answer": text(item.get("answer")),
                    "since": attempt(lambda: days.write(days.of(history.entry(doc, item.entry).time))),
                    "incidents": [act.id for *_, act in found if same_item(act.get("threat"), item)],
                }
                | tail(item)
            )
    for day, _, _, act in found:
        doc = act.doc
        if only is not None and doc is not only:
            continue
        settled = None
        for one in doc.counting("resolve"):
            if one.get("entry") == act.id:
                if one.by == act.by or one.by in doc.owners or world.member_at(one.by, one.time):
                    settled = one
                    break
        named, threat = act.get("threat"), None
        if named is None:
            foreseen = "no"
        else:
            holder = next((one for one in proposals if history.item([one], named, "threats")), None)
            threat = history.item([holder], named, "threats") if holder else None
            if threat is None:
                foreseen = "threat gone"
            else:
                noted = attempt(lambda: days.of(history.entry(holder, threat.entry).time))
                foreseen = noted if is_unknown(noted) else "noted later" if noted > day else "yes"
        said_so = act.get("state")
        out["incidents"].append(
            {
                "day": days.write(day),
                "document": doc.id,
                "incident": act.id,
                "by": act.by,
                "severity": act.get("severity"),
                "text": act.words("text"),
                "state": "over"
                if settled or said_so == "over"
                else "contained"
                if said_so == "contained"
                else "open",
                "over": days.write(settled.day) if settled else None,
                "resolved": settled.by if settled else None,
                "foreseen": foreseen,
                "threat": threat.get("text") if threat else None,
            }
        )
    return out


# kpis


def measure_counts(world, act):
    doc = act.doc
    if act.by not in doc.owners and not world.member_at(act.by, act.time):
        return "no member"
    day = act.day_of("day")
    if day is not None and (day > days.of(written(act)) or day > world.today):
        return "ahead of its day"
    named = act.get("kpi")
    if named is None or history.item([doc], named, "kpis") is None:
        return "indicator gone"
    return "yes"


def kpis(world):
    out = {"kpis": [], "measures": []}
    for doc in narrowed(world, world.kind("proposal")):
        measures = [(act, measure_counts(world, act)) for act in doc.counting("measure")]
        for item in doc.items("kpis"):
            by_day = {}
            for act, counts in measures:
                if counts == "yes" and same_item(act.get("kpi"), item) and act.get("value") is not None:
                    by_day.setdefault(act.day_of("day"), []).append(act.get("value"))
            at_most, target = item.get("compare") == "at_most", item.get("target")
            order = sorted(by_day)
            since = None
            for day in reversed(order):
                low, high = min(by_day[day]), max(by_day[day])
                if target is None or (high > target if at_most else low < target):
                    break
                since = day
            last = order[-1] if order else None
            held = None if since is None else days.between(since, last)
            hold = item.get("hold_days") or 0
            if target is None:
                state = "no target"
            elif last is None:
                state = "not measured"
            elif since is None:
                state = "missed"
            else:
                state = "reached" if held >= hold else "holds"
            pairs = zip(order, order[1:])
            out["kpis"].append(
                {
                    "proposal": doc.id,
                    "name": item.get("name"),
                    "compare": "at_most" if at_most else "at_least",
                    "target": target,
                    "unit": text(item.get("unit")),
                    "hold_days": hold,
                    "measured": len(order),
                    "last": days.write(last),
                    "value": None if last is None else (max if at_most else min)(by_day[last]),
                    "since": days.write(since),
                    "held_days": held,
                    "reached": state == "reached",
                    "gap": max((days.between(a, b) for a, b in pairs), default=0),
                    "silent": None if last is None else days.between(last, world.today),
                    "state": state,
                }
                | tail(item)
            )
        for act, counts in measures:
            named = act.get("kpi") or {}
            out["measures"].append(
                {
                    "proposal": doc.id,
                    "measure": act.id,
                    "by": act.by,
                    "kpi": named.get("entry"),
                    "n": named.get("n"),
                    "day": days.write(act.day_of("day")),
                    "value": act.get("value"),
                    "reference": text(act.get("reference")),
                    "counts": counts,
                }
            )
    return out


# offforum


def offforum(world):
    rows = []
    for doc in narrowed(world, world.kind("topic")):
        origin, source, posts = text(doc.get("origin")), text(doc.get("source")), doc.items("posts")
        if not (origin or source or posts):
            continue
        consent = text(doc.get("consent"))
        names = {post.get("author") for post in posts if post.get("author") is not None}
        rows.append(
            {
                "topic": doc.id,
                "origin": origin,
                "source": source,
                "by": doc.by,
                "day": days.write(doc.day),
                "posts": len(posts),
                "authors": sorted(names, key=str.encode),
                "consent": consent,
                "endorsed": sorted({act.by for act in doc.counting("endorse")} - {doc.by}),
                "objections": len(doc.counting("objection")),
                "state": "no consent" if not consent else "consent as said" if origin else "no origin",
            }
        )
    return {"topics": rows}


# panels


def draw(seed, pool, count):
    """Whom a seed draws from a pool: hexadecimal ids, place by place."""
    left = sorted({bytes.fromhex(id) for id in pool})
    drawn = []
    for i in range(count):
        if not left:
            break
        n = len(left)
        bound = 2**64 // n * n
        for c in range(65):
            given = bytes.fromhex(seed) + i.to_bytes(8, "big") + c.to_bytes(8, "big")
            x = int.from_bytes(hashlib.sha256(given).digest()[:8], "big")
            if x < bound:
                break
        drawn.append(left.pop(x % n).hex())
    return drawn


def panels(world):
    found = []
    for doc in world.everything:
        acts = [act for act in doc.acts if act.kind == "draw" and act.record]
        found.append((doc, [act for act in acts if act.effect == "effective" or act.retracted is not None]))
    seeds = [act.get("seed") for _, acts in found for act in acts]
    out = {"draws": [], "panels": []}
    for doc, acts in found:
        if world.only is not None and doc is not world.only:
            continue
        for n, act in enumerate(acts):
            pool, seed, count = act.get("pool") or [], act.get("seed"), act.get("count") or 0
            drawn = draw(seed, pool, count) if seed else []
            purpose = text(act.get("purpose"))
            before = sum(text(one.get("purpose")) == purpose for one in acts[:n])
            if act.retracted is not None:
                state = "taken back"
            elif before:
                state = "drawn again"
            else:
                state = "pool too small" if count > len(pool) else "drawn"
            out["draws"].append(
                {
                    "document": doc.id,
                    "draw": act.id,
                    "by": act.by,
                    "day": days.write(act.day),
                    "purpose": purpose,
                    "seed": seed,
                    "source": text(act.get("source")),
                    "pool": len(pool),
                    "count": act.get("count"),
                    "drawn": len(drawn),
                    "earlier": before,
                    "same_seed": seeds.count(seed) - 1,
                    "state": state,
                }
            )
            for place, person in enumerate(drawn, 1):
                out["panels"].append({"draw": act.id, "place": place, "person": person})
    return out


# sunsets


def put_off(doc):
    """How often a later day was set than by the version before."""
    found = [days.read(version.sets("sunset")) for version in history.touching(doc, "sunset")]
    found = [day for day in found if day is not None]
    return sum(b > a for a, b in zip(found, found[1:]))


def sunsets(world):
    rows = []
    for doc in narrowed(world, world.kind("domain")):
        sunset = doc.day_of("sunset")
        if doc.get("form") != "working_group" and sunset is None:
            continue
        asked = doc.day + world.parameter("sunset_days") if sunset is None else None
        left = None if sunset is None else sunset - world.today
        if doc.get("stage") == "ended":
            state = "ended"
        elif sunset is None:
            state = "missing and asked for" if world.today >= asked else "missing"
        elif left < 0:
            state = "over"
        else:
            state = "near" if left <= world.parameter("term_reminder_days") else "set"
        rows.append(
            {
                "domain": doc.id,
                "form": doc.get("form"),
                "opened": days.write(doc.day),
                "sunset": days.write(sunset),
                "days": left,
                "moved": attempt(lambda: put_off(doc)),
                "asked": days.write(asked),
                "state": state,
            }
        )
    return {"groups": rows}


# maturity


def level(item):
    given = item.get("level")
    return 1 if given is None else max(1, given)


def maturity(world):
    out = {"documents": [], "checklist": []}
    for doc in narrowed(world, world.kind("proposal", "domain")):
        points = doc.items("maturity")
        if not points:
            continue
        levels = {level(item) for item in points}
        unmet = [item for item in points if item.get("met") is not True]
        after = min((level(item) for item in unmet), default=None)
        met = [item for item in points if item.get("met") is True]
        out["documents"].append(
            {
                "document": doc.id,
                "kind": doc.kind,
                "level": max((one for one in levels if after is None or one < after), default=0),
                "of": max(levels),
                "points": len(points),
                "met": len(met),
                "shown": sum(text(item.get("evidence")) is not None for item in met),
                "next": [item.get("text") for item in unmet if level(item) == after],
            }
        )
        for item in sorted(points, key=level):
            out["checklist"].append(
                {
                    "document": doc.id,
                    "level": level(item),
                    "text": item.get("text"),
                    "met": item.get("met") is True,
                    "evidence": text(item.get("evidence")),
                    "by": item.by,
                }
                | tail(item)
            )
    return out


# questions


def answered_items(world):
    """The questions that research answers: items named, and (document, text) where only the words say which."""
    named, worded = set(), set()
    for doc in world.kind("research"):
        for item in doc.items("questions"):
            if not (text(item.get("answer")) or text(doc.get("findings"))):
                continue
            if item.get("question") is not None:
                named.add((item.get("question")["entry"], item.get("question")["n"]))
                continue
            about = doc.id_of("evaluation")
            evaluation = world.doc(about, "evaluation")
            words_of = (item.get("text") or "").strip()
            for id in (about, evaluation.get("programme") if evaluation else None):
                if id is not None:
                    worded.add((id, words_of))
    return named, worded


def line_since(doc, line):
    """The first version of the last unbroken run of versions that all set `questions` with this line."""
    since = None
    for version in history.touching(doc, "questions"):
        if line in (version.sets("questions") or []):
            since = since or version
        else:
            since = None
    return since


def answered(act):
    doc = act.doc
    asked = act.get("to") or doc.owners
    alone = all(one == act.by for one in asked)
    return any(
        one.get("reply_to") == act.id and one.by in asked and (one.by != act.by or alone)
        for one in doc.counting("answer")
    )


def questions(world):
    named, worded = answered_items(world)
    rows = []
    for doc in narrowed(world, world.everything):

        def row(time, source, entry, n, by, words_of):
            since = days.of(time)
            rows.append(
                {
                    "since": days.write(since),
                    "age": world.today - since,
                    "from": source,
                    "document": doc.id,
                    "entry": entry,
                    "n": n,
                    "by": by,
                    "text": words_of,
                }
            )

        if doc.kind == "domain":
            for n, line in enumerate(doc.get("questions") or []):
                first = line_since(doc, line)
                if first is None:
                    row(doc.time, "domain", doc.id, n, doc.by, line)
                else:
                    row(first.time, "domain", first.entry, n, first.by, line)
        if doc.kind in ("proposal", "evaluation"):
            source = "programme" if doc.kind == "proposal" else "evaluation"
            for item in doc.items("questions"):
                words_of = (item.get("text") or "").strip()
                if (item.entry, item.n) in named or (doc.id, words_of) in worded:
                    continue
                row(history.entry(doc, item.entry).time, source, item.entry, item.n, item.by, item.get("text"))
        for act in doc.counting("question"):
            if not answered(act):
                row(act.time, "asked", act.id, 0, act.by, act.words("text"))
    rows.sort(key=lambda one: (one["since"], one["document"], one["entry"], one["n"]))
    return {"questions": rows}


VIEWS = {
    view.__name__: view
    for view in (
        units,
        mandates,
        backlog,
        okrs,
        gaps,
        templates,
        practices,
        incubation,
        sponsorships,
        commitments,
        bundles,
        ratified,
        scorecard,
        discarded,
        reruns,
        threats,
        kpis,
        offforum,
        panels,
        sunsets,
        maturity,
        questions,
    )
}
