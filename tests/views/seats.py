"""Seats, platforms, duties and classes: docs/spec/views/seats.md, R1 to R20."""

import hashlib

import calendar as days
from world import U64, NotRecomputed, Refused, amount, is_id, item_name, money, said, unique

# Fields of a nomination and of the items of its lists, by kinds.md; all other fields than these of `platform` are of
# the part `case`.
COMMON = {
    "source": None,
    "source_hash": None,
    "preamble": None,
    "dates": ("what", "day", "text"),
    "files": ("hash", "length", "type", "name", "url"),
    "fork_of": None,
}
NOMINATION = {
    "title": None,
    "domain": None,
    "nominee": None,
    "handle": None,
    "seat": None,
    "reasons": None,
    "perspective": None,
    "goals": ("text", "measure", "unmeasured", "due"),
    "budget": ("item", "amount", "period", "note"),
    **COMMON,
}
PLATFORM = ("perspective", "goals", "budget")
BUILT_IN = ("perspective", "goals", "goals.measure", "budget", "budget.amount")


# What several views share.


def belongs(world, doc):
    """The domain that a document belongs to."""
    value = doc.get("domain")
    if is_id(value):
        return world.doc(value, "domain")
    if value is None:
        return None
    found = [one for one in world.kind("domain") if value in (one.get("name"), one.get("code"))]
    return found[0] if len(found) == 1 else None


def within(world, docs):
    """Those to which the view is narrowed: the document, or what belongs to the domain."""
    if world.only is None:
        return list(docs)
    return [doc for doc in docs if doc is world.only or belongs(world, doc) is world.only]


def domains(world):
    return within(world, world.kind("domain"))


def narrowed(world, docs):
    return [doc for doc in docs if world.only in (None, doc)]


def people(ids):
    """Sorted by id and each once."""
    return sorted(set(ids))


def standing_acts(docs, kind):
    """Acts of a kind that count and whose body is here."""
    return [act for doc in docs for act in doc.counting(kind) if act.here]


def listed(doc, kind):
    """Those that count, and those that their author took back if nothing else is against them."""
    return [act for act in doc.acts if act.kind == kind and act.here and (act.counts or taken_back(act))]


def taken_back(act):
    rule = act.cause.get("rule") if isinstance(act.cause, dict) else None
    return act.record and act.effect == "superseded" and bool(act.retracted) and rule in (None, "retracted")


def evidence(records):
    """Of each record the entry, else the url, else the text."""
    return [said(one.get("entry")) or said(one.get("url")) or said(one.get("text")) for one in records or []]


def age(world, day):
    return days.between(day, world.today)


class Seat:
    def __init__(self, name):
        self.name = name
        self.places = 0
        self.term = None
        self.functions = []
        self.holders = []


def seats_of(world, domain):
    """{ name: Seat } of a domain, in the order of first items, with their holders."""
    found = {}
    for item in domain.items("seats"):
        seat = found.setdefault(item.get("name"), Seat(item.get("name")))
        count = item.get("count")
        seat.places += 1 if count is None else count
        if seat.term is None:
            seat.term = item.get("term_days")
        if item.text("function") is not None:
            seat.functions.append(item.get("function"))
    for tenure in facilitators(world, domain):
        if tenure.until is None:
            seat = found.get(sits(world, domain, found, tenure))
            if seat is not None:
                seat.holders.append(tenure.holder)
    for seat in found.values():
        seat.holders = people(seat.holders)
    return found


def facilitators(world, domain):
    """Tenures of the role whose scope is exactly this domain, ended ones too."""
    return [one for one in world.tenures if one.role == "facilitator" and one.scope == domain.id]


def holders(world, domain):
    """Who holds the role now."""
    return people(one.holder for one in facilitators(world, domain) if one.until is None)


def sits(world, domain, seats, tenure):
    """The name of the seat in which a facilitator sits; None for none."""
    found = None
    for nomination in world.kind("nomination"):
        if (
            nomination.state == "accepted"
            and tenure.holder in (nomination.facts.get("nominee") or [])
            and nomination.time <= tenure.start
            and nomination.get("seat") in seats
            and belongs(world, nomination) is domain
        ):
            found = nomination.get("seat")
    if found is None and len(seats) == 1:
        found = next(iter(seats))
    return found


# R1, R2, R5


def nominee(nomination):
    known = nomination.facts.get("nominee") or []
    return known[0] if len(known) == 1 else nomination.get("nominee")


def until(world, nomination):
    return nomination.day + world.parameter("nomination_term_days")


def standing(world, nomination):
    if nomination.state == "accepted":
        return "on the ballot"
    if nomination.state in ("declined", "withdrawn"):
        return nomination.state
    if nomination.incomplete:
        return "unknown"
    return "silent past the term" if world.today > until(world, nomination) else "waiting"


def during(nomination, domain):
    first = domain and domain.day_of("signalling_from")
    last = domain and domain.day_of("signalling_until")
    if first is None and last is None:
        return "no thread"
    if first is not None and nomination.day < first:
        return "before"
    return "after" if last is not None and nomination.day > last else "open"


def seat_known(nomination, domain, seats):
    if domain is None:
        return "no such domain"
    if nomination.get("seat") is None:
        return "no seat named"
    return "yes" if nomination.get("seat") in seats else "no such seat"


def ballot(world):
    nominations = []
    for nomination in within(world, world.kind("nomination")):
        domain = belongs(world, nomination)
        seats = seats_of(world, domain) if domain else {}
        seat = seats.get(nomination.get("seat"))
        stands = standing(world, nomination)
        nominations.append({
            "domain": domain.id if domain else nomination.get("domain"),
            "seat": nomination.get("seat"),
            "nomination": nomination.id,
            "nominee": nominee(nomination),
            "by": nomination.by,
            "opened": days.write(nomination.day),
            "during": during(nomination, domain),
            "standing": stands,
            "until": days.write(until(world, nomination)) if stands == "waiting" else None,
            "seat_known": seat_known(nomination, domain, seats),
            "places": seat.places if seat else None,
            "holders": seat.holders if seat else None,
        })
    shown = domains(world)
    if world.only is not None and world.only.kind == "nomination":
        shown = [one for one in [belongs(world, world.only)] if one]
    seats = []
    for domain in shown:
        here = [one for one in world.kind("nomination") if belongs(world, one) is domain]
        for seat in seats_of(world, domain).values():
            mine = [(one.id, standing(world, one)) for one in here if one.get("seat") == seat.name]
            seats.append({
                "domain": domain.id,
                "seat": seat.name,
                "places": seat.places,
                "holders": seat.holders,
                "free": max(0, seat.places - len(seat.holders)),
                "standing": [id for id, stands in mine if stands == "on the ballot"],
                "waiting": [id for id, stands in mine if stands == "waiting"],
            })
    return {"nominations": nominations, "seats": seats}


# R11


def compare(world):
    if world.only is None or world.only.kind not in ("nomination", "domain"):
        raise Refused("about a nomination or a domain")
    if world.only.kind == "domain":
        chosen = [one for one in world.kind("nomination") if belongs(world, one) is world.only]
    else:
        domain = belongs(world, world.only)
        chosen = [
            one
            for one in world.kind("nomination")
            if one.get("seat") == world.only.get("seat")
            and (belongs(world, one) is domain if domain else one.get("domain") == world.only.get("domain"))
        ]
    chosen = [one for one in chosen if one.state not in ("declined", "withdrawn")]
    chosen.sort(key=lambda one: one.get("seat") or "")
    rows = []

    def row(aspect, of, cell):
        rows.append({"aspect": aspect, "of": of, **{one.id: cell(one) for one in chosen}})

    if not chosen:
        return {"candidates": []}
    row("seat", None, lambda one: one.get("seat"))
    row("nominee", None, nominee)
    row("nominated by", None, lambda one: one.by)
    row("standing", None, lambda one: standing(world, one))
    row("perspective", None, lambda one: one.get("perspective"))
    row("goals", None, lambda one: [item.get("text") for item in one.items("goals")])
    for aspect, word in (("measurable goals", "yes"), ("goals marked not measurable", "no")):
        row(aspect, None, lambda one: sum(measurable(item) == word for item in one.items("goals")))
    row("budget lines", None, lambda one: len(one.items("budget")))
    row("lines without amount", None, lambda one: sum(item.get("amount") is None for item in one.items("budget")))
    row("open questions", None, lambda one: len(waiting(world, [one])))
    sums = {one.id: total(item.get("amount") for item in one.items("budget")) for one in chosen}
    for currency in sorted({currency for each in sums.values() for currency in each}):
        row("budget", currency, lambda one: money(sums[one.id].get(currency, 0), currency))
    stances = {one.id: standing_acts([one], "stance") for one in chosen}
    classes = {act.text("class") for each in stances.values() for act in each}
    for name in sorted(classes, key=lambda name: (name is not None, name or "")):
        for aspect, position in (("supported by", "support"), ("opposed by", "oppose"), ("abstaining", "abstain")):
            row(aspect, "no class" if name is None else name, lambda one: people(
                act.by for act in stances[one.id] if act.text("class") == name and act.get("position") == position
            ))
    return {"candidates": rows}


def total(amounts):
    """{ currency: sum }."""
    sums = {}
    for value in amounts:
        pair = amount(value)
        if pair is not None:
            sums[pair[1]] = sums.get(pair[1], 0) + pair[0]
    return sums


# R3


def measurable(goal):
    measure, without = goal.text("measure") is not None, goal.get("unmeasured") is True
    if measure and without:
        return "both said"
    return "yes" if measure else "no" if without else "not said"


def template(domain):
    """(the domain's fields or the built-in ones, whether they are the domain's)."""
    lines = (domain.get("template_fields") if domain else None) or []
    lines = [line.strip() for line in lines if line.strip()]
    return (lines, True) if lines else (list(BUILT_IN), False)


def field_state(nomination, field):
    name, dot, inner = field.partition(".")
    if name not in NOMINATION or (dot and (NOMINATION[name] is None or inner not in NOMINATION[name])):
        return "no such field"
    if nomination.marked(name):
        return "not known"
    if NOMINATION[name] is None:
        return "missing" if nomination.get(name) is None else "given"
    items = nomination.items(name)

    def has(item):
        if inner == "measure" and item.get("unmeasured") is True:
            return True
        return item.text(inner) is not None

    return "given" if items and (not dot or all(has(item) for item in items)) else "missing"


def completeness(world):
    nominations, fields, goals = [], [], []
    for nomination in within(world, world.kind("nomination")):
        domain = belongs(world, nomination)
        asked, own = template(domain)
        states = [(field, field_state(nomination, field)) for field in asked]
        first = domain.first("template_fields") if own else None
        wrote = domain.wrote(first["entry"]) if first else None
        nominations.append({
            "nomination": nomination.id,
            "nominee": nominee(nomination),
            "standing": standing(world, nomination),
            "template": "of the domain" if own else "built in",
            "version": domain.get("template") if own else None,
            "set_by": first["entry"] if first else None,
            "set_on": days.write(wrote.day) if wrote else None,
            "missing": [field for field, state in states if state == "missing"],
            "complete": all(state in ("given", "no such field") for _, state in states),
        })
        fields += [{"nomination": nomination.id, "field": field, "state": state} for field, state in states]
        goals += [
            {
                "nomination": nomination.id,
                "goal": goal.name,
                "text": goal.get("text"),
                "measure": goal.text("measure"),
                "measurable": measurable(goal),
                "due": goal.get("due"),
            }
            for goal in nomination.items("goals")
        ]
    return {"nominations": nominations, "fields": fields, "goals": goals}


# R4


def word(doc, field):
    """Whose word a field is."""
    if doc.kind != "nomination":
        return people(doc.owners)

    def part(name):
        found = [identity for identity, own in doc.owned if own == name]
        if not found and name == "platform":
            values = [value["value"] for value in doc.values("nominee")]
            found = values if len(values) == 1 and is_id(values[0]) else []
        return found or [identity for identity, own in doc.owned if own is None]

    if field not in NOMINATION:
        return people(part("case") + part("platform"))
    return people(part("platform" if field in PLATFORM else "case"))


def waiting(world, docs):
    """Rows of questions that wait, each with the moment of *since* and those asked."""
    found = []
    term = world.parameter("question_days")
    for doc in docs:
        answers = standing_acts([doc], "answer")
        for question in standing_acts([doc], "question"):
            theirs = word(doc, question.text("field"))
            asked = people(question.get("to") or theirs)
            mine = [act for act in answers if act.get("reply_to") == question.id]
            if any(act.by in asked or act.by in theirs for act in mine):
                continue
            since = days.of(question.earliest)
            row = {
                "document": doc.id,
                "kind": doc.kind,
                "question": question.id,
                "text": question.words("text"),
                "by": question.by,
                "field": question.get("field"),
                "item": item_name(question.get("item")),
                "asked": asked,
                "since": days.write(since),
                "age": age(world, since),
                "due": days.write(since + term),
                "late": age(world, since) > term,
                "others": [act.id for act in mine],
                "others_by": people(act.by for act in mine),
            }
            found.append(((question.earliest, question.id), row))
    found.sort(key=lambda one: one[0])
    return [row for _, row in found]


def unanswered(world):
    questions = waiting(world, narrowed(world, world.everything))
    asked = people(person for row in questions for person in row["asked"])
    persons = []
    for person in asked:
        mine = [row for row in questions if person in row["asked"]]
        persons.append({
            "person": person,
            "open": len(mine),
            "late": sum(row["late"] for row in mine),
            "oldest": max(row["age"] for row in mine),
        })
    return {"questions": questions, "people": persons}


# R4: budgets. Amounts are (amount, currency) until they are shown.


def budget_lines(doc):
    """[(item name, name, period, amount)]"""
    lines = []
    if doc.kind == "nomination":
        for item in doc.items("budget"):
            lines.append((item.name, item.get("item"), item.get("period"), amount(item.get("amount"))))
    elif doc.kind == "statement":
        for item in doc.items("items"):
            if item.get("amount") is not None or doc.get("form") == "budget":
                lines.append((item.name, item.get("text"), None, amount(item.get("amount"))))
    else:
        for item in doc.items("emission"):
            value, repeat = amount(item.get("amount")), item.get("repeat")
            if value is not None:
                value = value[0] * (1 if repeat is None else repeat), value[1]
            lines.append((item.name, item.get("day"), None, value))
    return lines


def shown(value):
    return None if value is None else money(*value)


def less(theirs, own):
    """Theirs less the document's, in one currency."""
    if theirs is None or own is None or theirs[1] != own[1]:
        return None
    return money(theirs[0] - own[0], own[1])


def budget(world):
    doc = world.only
    if doc is None or doc.kind not in ("nomination", "statement", "proposal"):
        raise Refused("about a nomination, a statement or a proposal")
    own = budget_lines(doc)
    by_name = {line[0]: line for line in own}
    counters = []
    for act in standing_acts([doc], "counter_budget"):
        written = act.get("lines") or []
        named = [item_name(line.get("line")) for line in written]
        read = []
        for n, line in enumerate(written):
            value = amount(line.get("amount"))
            if named[n] is None:
                state = "new"
            elif named[n] not in by_name:
                state = "unmatched"
            elif named[n] in named[n + 1 :]:
                state = "repeated"
            else:
                state = "replaces"
                if value is None and by_name[named[n]][3] is not None:
                    value = 0, by_name[named[n]][3][1]
            read.append((named[n], line.get("item"), state, value))
        counters.append((act, read))

    rows = []
    for name, label, period, value in own:
        row = {"line": name, "item": label, "period": period, "amount": shown(value)}
        for act, read in counters:
            theirs = next((line[3] for line in read if line[0] == name and line[2] == "replaces"), None)
            kept = not any(line[0] == name and line[2] == "replaces" for line in read)
            theirs = value if kept else theirs
            row["amount_" + act.id[:32]] = shown(theirs)
            row["difference_" + act.id[:32]] = less(theirs, value)
        rows.append(row)
    for act, read in counters:
        for name, label, state, value in read:
            if state in ("new", "unmatched"):
                row = {"line": name, "item": label, "period": None, "amount": None}
                for other, _ in counters:
                    for column in ("amount_", "difference_"):
                        row[column + other.id[:32]] = shown(value) if other is act else None
                rows.append(row)

    differences = []
    for act, read in counters:
        def put(line, item, state, mine, theirs, difference):
            differences.append({
                "budget": act.id,
                "by": act.by,
                "line": line,
                "item": item,
                "state": state,
                "own": shown(mine),
                "theirs": shown(theirs),
                "difference": difference,
            })

        for name, label, state, value in read:
            if state in ("new", "unmatched"):
                put(name, label, state, None, value, shown(value))
            else:
                mine = by_name[name][3]
                put(name, label, state, mine, value, less(value, mine) if state == "replaces" else None)
        touched = {line[0] for line in read}
        for name, label, _, value in own:
            if name not in touched:
                put(name, label, "kept", value, value, less(value, value))

    def added(values):
        sums = {}
        for value in values:
            if value is not None:
                sums[value[1]] = sums.get(value[1], 0) + value[0]
        return sums

    base = added(line[3] for line in own)
    each = []
    for act, read in counters:
        touched = {line[0] for line in read}
        mine = [line[3] for line in read if line[2] != "repeated"]
        each.append((act, added(mine + [line[3] for line in own if line[0] not in touched])))
    currencies = sorted({currency for sums in [base, *(sums for _, sums in each)] for currency in sums})
    totals = []
    for act, sums in [(None, base), *each]:
        for currency in currencies:
            here = sums.get(currency, 0)
            totals.append({
                "budget": act.id if act else None,
                "by": act.by if act else None,
                "currency": currency,
                "total": money(here, currency),
                "difference": money(here - base.get(currency, 0), currency) if act else None,
            })
    return {"lines": rows, "differences": differences, "totals": totals}


# R5


def seats(world):
    rows, tenures = [], []
    for domain in domains(world):
        found = seats_of(world, domain)
        for seat in found.values():
            rows.append({
                "domain": domain.id,
                "seat": seat.name,
                "places": seat.places,
                "holders": seat.holders,
                "free": max(0, seat.places - len(seat.holders)),
                "over": max(0, len(seat.holders) - seat.places),
                "term_days": seat.term,
            })
        for tenure in facilitators(world, domain):
            seat = found.get(sits(world, domain, found, tenure))
            start = days.of(tenure.start)
            ends = start + seat.term if seat and seat.term is not None else None
            if tenure.until is not None:
                stands = "ended"
            else:
                stands = "past the term" if ends is not None and world.today > ends else "holds"
            tenures.append({
                "domain": domain.id,
                "seat": seat.name if seat else None,
                "holder": tenure.holder,
                "grant": tenure.grant,
                "from": days.write(start),
                "until": days.write(days.of(tenure.until)),
                "term_ends": days.write(ends),
                "standing": stands,
            })
    return {"seats": rows, "tenures": tenures}


# R6


def key(holder):
    """Small ASCII letters without blanks around."""
    text = holder.strip()
    return "".join(c.lower() if "A" <= c <= "Z" else c for c in text)


def linked(world):
    """{ address: identities that linked it, as people }"""
    found = {}
    for person in world.people:
        for address in person.addresses:
            found.setdefault(key(address), set()).add(person.id)
    return {address: people(ids) for address, ids in found.items()}


def groups(world, ids):
    """How many there are, where those connected by linked addresses are one."""
    parent = {}

    def top(one):
        while parent.setdefault(one, one) != one:
            one = parent[one]
        return one

    for address, identities in linked(world).items():
        for identity in identities:
            parent[top(identity)] = top("address " + address)
    return len({top(one) for one in ids})


def redundancy(world):
    rows = []
    needed = world.parameter("redundancy_min")
    for n, domain in enumerate(domains(world)):
        found = {}
        for item in domain.items("functions"):
            ids, names = found.setdefault(item.get("name"), (set(), set()))
            provider = item.text("provider")
            if provider is not None:
                (ids if is_id(provider) else names).add(provider)
        for seat in seats_of(world, domain).values():
            for function in seat.functions:
                found.setdefault(function, (set(), set()))[0].update(seat.holders)
        for function, (ids, names) in found.items():
            borne = {world.person[id].name for id in ids if id in world.person}
            names = sorted(names - borne)
            count = groups(world, ids) + len(names)
            rows.append(((count >= needed, n, function), {
                "domain": domain.id,
                "function": function,
                "providers": people(ids) + names,
                "count": count,
                "needed": needed,
                "short": count < needed,
                "names": len(names),
            }))
    rows.sort(key=lambda one: one[0])
    return {"functions": [row for _, row in rows]}


# R7

REPORTS = ("report", "status", "okr")
PUBLISHED = ("platform", "report", "status", "okr", "budget")


def published(world, statement):
    """The moment from which it is published; None for a draft, or if that is yet to come."""
    moments = [act.earliest for act in statement.counting("publish")]
    return min(moments) if moments and min(moments) <= world.now else None


def was_facilitator(world, identity, domain, moment):
    return any(one.holder == identity and one.at(moment) for one in facilitators(world, domain))


def due(world, every, reports, tenures):
    """The cells from `last` to `missed`, and `state`; reports as (moment, statement), in order."""
    last = reports[-1] if reports else None
    cells = {"last": None, "last_on": None, "due": None, "late": None, "missed": None}
    if every != 0 and not tenures:
        return cells, "nobody holds it"
    if last:
        cells.update(last=last[1].id, last_on=days.write(days.of(last[0])))
    if every == 0:
        return cells, "none asked"
    first = days.of(min(one.start for one in tenures))
    by = max(first, days.of(last[0]) if last else first) + every
    late = days.between(by, world.today)
    missed = 1 + (late - 1) // every if late else 0
    cells.update(due=days.write(by), late=late, missed=missed)
    return cells, "overdue" if late else "in time"


def overdue(world):
    rows, held_by, statements = [], [], []
    alone = world.only is not None and world.only.kind == "statement"
    for domain in world.kind("domain") if alone else domains(world):
        here = [one for one in world.kind("statement") if belongs(world, one) is domain]
        form = domain.get("report_form")
        forms = (form,) if form else REPORTS
        every = domain.get("report_days")
        every = world.parameter("report_days") if every is None else every
        out = []
        for statement in here:
            moment = published(world, statement)
            if moment is not None:
                out.append((moment, statement, was_facilitator(world, statement.by, domain, moment)))
        out.sort(key=lambda one: (one[0], one[1].id))
        for moment, statement, held in out:
            if statement.get("form") in PUBLISHED and world.only in (None, domain, statement):
                statements.append({
                    "domain": domain.id,
                    "statement": statement.id,
                    "form": statement.get("form"),
                    "by": statement.by,
                    "published": days.write(days.of(moment)),
                    "from": statement.get("start"),
                    "until": statement.get("end"),
                    "by_holder": held,
                })
        if alone:
            continue
        reports = [(moment, one) for moment, one, held in out if held and one.get("form") in forms]
        tenures = [one for one in facilitators(world, domain) if one.until is None]
        cells, state = due(world, every, reports, tenures)
        who = holders(world, domain)
        rows.append({
            "domain": domain.id, "every_days": every, "form": form, "holders": who, **cells, "state": state,
        })
        for holder in who:
            own = [one for one in tenures if one.holder == holder]
            cells, state = due(world, every, [one for one in reports if one[1].by == holder], own)
            drafts = [
                one.id
                for one in here
                if one.by == holder and one.get("form") in forms and not one.counting("publish")
            ]
            held_by.append({
                "domain": domain.id,
                "holder": holder,
                "since": days.write(days.of(min(one.start for one in own))),
                **cells,
                "drafts": drafts,
                "state": state,
            })
    return {"domains": rows, "holders": held_by, "statements": statements}


# R8


def past(doc, entry):
    """Ids of this document that stand before an entry by `after`; the root is before all."""
    after = {line.id: line.raw.get("after") or [] for line in doc.log}
    found, left = {doc.id}, [entry]
    while left:
        for name in after.get(left.pop(), ()):
            if name in after and name not in found:
                found.add(name)
                left.append(name)
    return found


def signs(domain, agreement, endorsement):
    """Whether an endorsement signs the text that the agreement has. What is the last amendment now was so wherever it
    had been seen."""
    if not agreement.raw.get("amendments"):
        return True
    return agreement.amended is not None and agreement.amended in past(domain, endorsement.id)


def agreements(world):
    rows = []
    for domain in domains(world):
        for act in standing_acts([domain], "agreement"):
            worker = act.get("worker")
            theirs = [one for one in domain.counting("endorse") if one.by == worker and one.get("entry") == act.id]
            signed = next((one for one in theirs if signs(domain, act, one)), None)
            ends = act.day_of("until")
            if not is_id(worker):
                state = "the worker has no key"
            elif not theirs:
                state = "waits for the worker"
            elif signed is None:
                state = "signed another text"
            else:
                state = "over" if ends is not None and ends < world.today else "signed"
            rows.append({
                "domain": domain.id,
                "agreement": act.id,
                "facilitator": act.by,
                "worker": worker,
                "scope": act.words("scope"),
                "pay": shown(amount(act.get("pay"))),
                "period": act.get("period"),
                "from": act.get("from"),
                "until": act.get("until"),
                "made": days.write(act.day),
                "signed": signed.id if signed else None,
                "signed_on": days.write(signed.day) if signed else None,
                "state": state,
                "holds": act.by in holders(world, domain),
            })
    return {"agreements": rows}


# R9


def rulesets(world):
    """Texts that do not stand now are only in `?at=`: without edits that may have set one, there are none."""
    versions, rows = [], []
    for domain in domains(world):
        values = {value["entry"]: value for value in domain.values("ruleset")}
        could = [line for line in domain.log if line.counts and (line.id == domain.id or line.kind == "edit")]
        unknown = [line for line in could if line.id not in values]
        if unknown and (len(could) > 1):
            raise NotRecomputed("the texts of earlier versions are not in the export")
        mine = [line for line in could if line.id in values]
        for n, line in enumerate(mine):
            text = values[line.id]["value"].encode()
            versions.append({
                "domain": domain.id,
                "version": n + 1,
                "entry": line.id,
                "by": line.by,
                "day": days.write(line.day),
                "bytes": len(text),
                "sha256": hashlib.sha256(text).hexdigest(),
                "current": True,
            })
        rows.append({
            "domain": domain.id,
            "versions": len(mine),
            "current": list(values),
            "since": days.write(mine[0].day) if len(values) == 1 and mine else None,
            "conflict": len(values) > 1,
        })
    return {"versions": versions, "domains": rows}


# R10


def load(world):
    def withdrawn(doc):
        return bool(doc.counting("withdraw"))

    asked = []
    for doc in world.documents:
        if doc.kind == "motion":
            if doc.get("form") not in ("recommend", "petition") and not withdrawn(doc):
                asked.append(doc)
        elif doc.kind == "proposal":
            if not withdrawn(doc) and doc.get("status") != "withdrawn":
                asked.append(doc)
        elif doc.kind == "evaluation":
            asked.append(doc)
    named = {doc.id for doc in asked}
    asked += [doc for doc in world.kind("decision") if doc.get("about") not in named]
    asked.sort(key=lambda doc: (doc.time, doc.id))

    spans = []
    for doc in within(world, asked):
        first, last = {"evaluation": ("from", "until"), "decision": ("day", "day")}.get(
            doc.kind, ("vote_from", "vote_until")
        )
        ends = doc.day_of(last)
        if doc.day_of(first) is not None:
            day, by = doc.day_of(first), "its first day"
        elif ends is not None:
            day, by = ends, "its last day"
        else:
            day, by = days.of(doc.earliest), "its opening"
        spans.append((day, doc, ends, by))
    spans.sort(key=lambda span: (span[0], span[1].id))
    limit = world.parameter("load_max_weekly")
    weeks, classes = [], []
    for monday in sorted({days.monday(day) for day, *_ in spans}):
        here = [doc for day, doc, *_ in spans if days.monday(day) == monday]
        everybody = sum(doc.get("voters") is None for doc in here)
        for voters in [None, *sorted({doc.get("voters") for doc in here} - {None})]:
            count = everybody + (sum(doc.get("voters") == voters for doc in here) if voters else 0)
            weeks.append({
                "week": days.week(monday),
                "from": days.write(monday),
                "voters": voters,
                "count": count,
                "limit": limit,
                "over": count > limit,
            })
        for name in sorted({doc.get("class") for doc in here}, key=lambda name: (name is not None, name or "")):
            mine = [doc.id for doc in here if doc.get("class") == name]
            most = world.given("load_max_weekly_" + name) if name else None
            classes.append({
                "week": days.week(monday),
                "class": name,
                "count": len(mine),
                "limit": most,
                "over": most is not None and len(mine) > most,
                "documents": mine,
            })
    decisions = [
        {
            "document": doc.id,
            "kind": doc.kind,
            "class": doc.get("class"),
            "voters": doc.get("voters"),
            "day": days.write(day),
            "until": days.write(ends),
            "week": days.week(day),
            "by": by,
        }
        for day, doc, ends, by in spans
    ]
    return {"weeks": weeks, "classes": classes, "decisions": decisions}


# R12


def threads(world):
    ranks = ("discussion", "signal", "binding")
    rows = []
    for doc in narrowed(world, world.everything):
        field = {"topic": "label", "motion": "form"}.get(doc.kind)
        values = doc.values(field) if field else []
        found = {"nomination": "signal", "decision": "binding", "motion": "binding"}.get(doc.kind, "discussion")
        because = "its kind" if field is None else "no " + field
        if values:
            words = [value["value"] for value in values]
            if doc.kind == "motion":
                words = ["signal" if one in ("recommend", "petition") else "binding" for one in words]
            found = min(words, key=ranks.index)
            because = "a contradiction" if len(values) > 1 else "its " + field
        wrote = doc.wrote(values[0]["entry"]) if values else None
        rows.append({
            "document": doc.id,
            "kind": doc.kind,
            "domain": doc.get("domain"),
            "standing": found,
            "because": because,
            "set_by": values[0]["by"] if values else None,
            "set_on": days.write(wrote.day) if wrote else None,
            "relabelled": any(value["entry"] != doc.id for value in values),
        })
    return {"threads": rows}


# R13, R14, R15


def pledges(world):
    def whole(act):
        return all(said(act.get(field)) is not None for field in ("to", "amount", "reference", "condition"))

    by_time = lambda act: (act.time, act.id)  # noqa: E731
    all_pledges = [act for doc in world.everything for act in listed(doc, "pledge") if whole(act)]
    all_claims = standing_acts(world.everything, "claim")
    known = {act.id: act for act in all_pledges}
    mine = lambda acts: sorted((a for a in acts if world.only in (None, a.doc)), key=by_time)  # noqa: E731
    rows, claims = [], []
    for act in mine(all_pledges):
        on = [claim.id for claim in all_claims if claim.get("entry") == act.id]
        ends = act.day_of("until")
        if not act.counts:
            state = "taken back under a claim" if on else "taken back"
        elif amount(act.get("amount"))[0] == 0:
            state = "of nothing"
        elif on:
            state = "claimed"
        else:
            state = "over" if ends is not None and ends < world.today else "stands"
        rows.append({
            "document": act.doc.id,
            "pledge": act.id,
            "by": act.by,
            "to": act.get("to"),
            "amount": shown(amount(act.get("amount"))),
            "reference": act.get("reference"),
            "condition": act.get("condition"),
            "until": act.get("until"),
            "made": days.write(act.day),
            "claims": on,
            "taken_back": act.retracted,
            "state": state,
        })
    for act in mine(all_claims):
        shows = evidence(act.get("evidence"))
        about = act.get("about")
        replies = [
            one.id
            for one in act.doc.counted
            if one.by == about
            and (
                (one.kind == "reply_right" and one.get("entry") == act.id)
                or (one.kind in ("answer", "post") and one.get("reply_to") == act.id)
            )
        ]
        if not shows:
            state = "without evidence"
        elif not is_id(about):
            state = "nobody can reply yet"
        else:
            state = "replied to" if replies else "waits for a reply"
        claims.append({
            "document": act.doc.id,
            "claim": act.id,
            "form": act.get("form"),
            "by": act.by,
            "about": about,
            "amount": shown(amount(act.get("amount"))),
            "text": act.words("text"),
            "evidence": shows,
            "pledge": act.get("entry"),
            "fits": fits(act, known),
            "made": days.write(act.day),
            "age": age(world, days.of(act.earliest)),
            "replies": replies,
            "state": state,
        })
    return {"pledges": rows, "claims": claims}


def fits(claim, known):
    if claim.get("entry") is None:
        return "names no pledge"
    pledge = known.get(claim.get("entry"))
    if pledge is None:
        return "no such pledge"
    if claim.get("about") != (pledge.by if claim.get("form") == "slash" else pledge.get("to")):
        return "about somebody else"
    asked, promised = amount(claim.get("amount")), amount(pledge.get("amount"))
    if asked is not None and asked[1] != promised[1]:
        return "another currency"
    return "more than was pledged" if asked is not None and asked[0] > promised[0] else "fits"


# R16


def credentials(world):
    rows = []
    for doc in narrowed(world, world.everything):
        for act in listed(doc, "credential"):
            ends = act.day_of("until")
            shows = evidence(act.get("evidence"))
            if not act.counts:
                state = "taken back"
            elif ends is not None and ends < world.today:
                state = "expired"
            else:
                state = "holds" if shows else "without evidence"
            rows.append({
                "document": doc.id,
                "credential": act.id,
                "to": act.get("to"),
                "what": act.get("what"),
                "by": act.by,
                "day": days.write(act.day),
                "until": act.get("until"),
                "evidence": shows,
                "state": state,
                "ended_by": act.retracted,
                "own": act.by == act.get("to"),
            })
    return {"credentials": rows}


# R17

COUNTED = ("edit", "post", "question", "answer", "objection", "stance")


def participation(world):
    entries = {}
    for doc in narrowed(world, world.everything):
        for line in doc.log:
            if line.counts and line.time <= world.now and line.kind != "retract":
                entries.setdefault(line.by, []).append((doc, line))
    persons, kinds = [], []
    for person, mine in sorted(entries.items(), key=lambda one: (min(line.time for _, line in one[1]), one[0])):
        roots = sum(line.id == doc.id for doc, line in mine)
        each = {}
        for _, line in mine:
            each[line.kind] = each.get(line.kind, 0) + 1
        on = sorted(line.day for _, line in mine)
        persons.append({
            "person": person,
            "formula": "v1",
            "entries": len(mine),
            "threads": len({doc.id for doc, _ in mine}),
            "documents": roots,
            **{kind: each.get(kind, 0) for kind in COUNTED},
            "other": len(mine) - roots - sum(each.get(kind, 0) for kind in COUNTED),
            "days": len(set(on)),
            "weeks": len({days.monday(day) for day in on}),
            "first": days.write(on[0]),
            "last": days.write(on[-1]),
        })
        kinds += [{"person": person, "kind": kind, "entries": each[kind]} for kind in sorted(each)]
    return {"people": persons, "kinds": kinds}


# R18, R19, R20


def classes(world):
    links = linked(world)

    def stands_for(holder):
        return [holder] if is_id(holder) else links.get(key(holder), [])

    registers = narrowed(world, world.kind("register"))
    rows, held, holdings = [], [], []
    spoken = {}
    for register in registers:
        items = register.items("holders")
        registrar = any(
            one.role == "registrar"
            and one.holder == register.by
            and one.scope in (None, register.id)
            and one.at(register.time)
            for one in world.tenures
        )
        for name in sorted({item.get("class") for item in items}):
            mine = [item for item in items if item.get("class") == name]
            keys = {key(item.get("holder")) for item in mine}
            rows.append({
                "register": register.id,
                "by": register.by,
                "registrar": registrar,
                "day": register.get("day"),
                "block": register.get("block"),
                "class": name,
                "holders": len(keys),
                "known": sum(bool(stands_for(one)) for one in keys),
                "weight": min(U64, sum(item.get("weight") for item in mine)),
                "unit": register.get("unit"),
                "decimals": register.get("decimals"),
            })
        places = [(key(item.get("holder")), item.get("class")) for item in items]
        for item, place in zip(items, places):
            who = stands_for(item.get("holder"))
            if is_id(item.get("holder")):
                known = "identity"
            else:
                known = ("nobody known", "linked address")[len(who)] if len(who) < 2 else "address of several"
            held.append({
                "register": register.id,
                "class": item.get("class"),
                "holder": item.get("holder"),
                "weight": item.get("weight"),
                "people": who,
                "known_by": known,
                "twice": places.count(place) > 1,
            })
            for one in who:
                spoken.setdefault(one, []).append(place)
        for act in standing_acts([register], "holding"):
            day = act.get("day") or days.write(act.day)
            name = act.text("class")
            order = register.id, key(act.get("holder")), name is not None, name or "", day, act.id
            holdings.append((order, {
                "register": register.id,
                "holder": act.get("holder"),
                "class": name,
                "day": day,
                "block": act.get("block"),
                "weight": act.get("weight"),
                "source": act.get("source"),
                "by": act.by,
                "attestation": act.id,
                "people": stands_for(act.get("holder")),
            }))
    overlaps = []
    for person in people([*spoken, *world.person]):
        mine = spoken.get(person, [])
        names = sorted({name for _, name in mine})
        keys = sorted({one for one, _ in mine})
        addresses = unique(key(one) for one in world.addresses(person))
        reasons = [
            reason
            for reason, many in (("several classes", names), ("several entries", keys), ("several addresses", addresses))
            if len(many) > 1
        ]
        if reasons:
            overlaps.append({
                "person": person,
                "reasons": reasons,
                "classes": names,
                "holders": keys,
                "addresses": addresses,
            })
    shared = [{"address": one, "people": who} for one, who in sorted(links.items()) if len(who) > 1]
    holdings.sort(key=lambda one: one[0])
    return {
        "classes": rows,
        "holders": held,
        "overlaps": overlaps,
        "shared": shared,
        "holdings": [row for _, row in holdings],
    }


VIEWS = {
    "ballot": ballot,
    "compare": compare,
    "completeness": completeness,
    "unanswered": unanswered,
    "budget": budget,
    "seats": seats,
    "redundancy": redundancy,
    "overdue": overdue,
    "agreements": agreements,
    "rulesets": rulesets,
    "load": load,
    "threads": threads,
    "pledges": pledges,
    "credentials": credentials,
    "participation": participation,
    "classes": classes,
}
