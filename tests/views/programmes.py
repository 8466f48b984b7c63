"""Views of programmes and evaluations: docs/spec/views/programmes.md."""

from fractions import Fraction

import calendar as days
import history
from history import attempt
from world import NotRecomputed, Refused, amount, is_id, is_unknown, item_name, money, said, share, unknown

LAID_OUT = 20_000
VALUATIONS = 1_000
CLASHES = 2_000
CHECKED = 64
KINDS = ("quantitative", "qualitative", "survey", "expert", "experience", "other", "unsaid")


def trimmed(value):
    return (value or "").strip()


def opened(doc):
    """What documents are sorted by."""
    return doc.time, doc.id


def fallen(doc):
    """The word for a document that no longer stands; None for one that does."""
    if doc.counting("withdraw"):
        return "withdrawn"
    if doc.counting("supersede"):
        return "superseded"
    status = doc.get("status")
    return status if status in ("withdrawn", "rejected", "obsolete") else None


def standing(doc):
    return fallen(doc) or "stands"


def holds(world, entry, role, docs):
    """Whether the author held a role (any, if it is None) when writing an entry, for these documents."""
    for tenure in world.tenures:
        if tenure.holder != entry.by or role not in (None, tenure.role):
            continue
        if tenure.scope is not None and tenure.scope not in docs:
            continue
        if tenure.until is None or (entry.not_after is not None and tenure.until >= entry.not_after):
            return True
    return False


def money_cell(value):
    """A money field as a cell."""
    given = amount(value)
    return None if given is None else money(*given)


# Proposals


def epochs(doc):
    """Items of `epochs` by number, then name."""
    return sorted(doc.items("epochs"), key=lambda item: (item.get("n") or 0, item.entry, item.n))


def is_programme(doc):
    if doc is None or doc.kind != "proposal":
        return False
    return doc.get("type") == "tpp" or bool(doc.items("emission") or doc.items("epochs"))


def planned_start(doc):
    start = doc.day_of("start")
    if start is not None:
        return start
    found = (item.day_of("start") for item in doc.items("epochs"))
    return min((day for day in found if day is not None), default=None)


def planned_end(doc):
    end = doc.day_of("end")
    if end is not None:
        return end
    found = (item.day_of("end") for item in doc.items("epochs"))
    return max((day for day in found if day is not None), default=None)


def decided(world, doc):
    return doc.get("status") == "accepted" or any(one.get("about") == doc.id for one in world.kind("decision"))


def evaluations_of(world, proposal):
    return [doc for doc in world.kind("evaluation") if doc.get("programme") == proposal.id]


class Mint:
    def __init__(self, day, item, value):
        self.day = min(day, days.LAST)
        self.item = item
        self.amount, self.currency = value


def repeats(item):
    given = item.get("repeat")
    return 1 if given is None else given


def mints(doc):
    """(those laid out, sums by currency, how many in all)."""
    found, sums = [], {}
    for item in doc.items("emission"):
        day, value = item.day_of("day"), amount(item.get("amount"))
        if day is None or value is None or not repeats(item):
            continue
        sums[value[1]] = sums.get(value[1], 0) + value[0] * repeats(item)
        every = item.get("every_days") or 0
        found.extend(Mint(day + every * n, item, value) for n in range(repeats(item)))
    found.sort(key=lambda mint: mint.day)
    return found[:LAID_OUT], sums, len(found)


class Payment:
    def __init__(self, act):
        self.act = act
        day = act.day_of("day")
        self.day = act.day if day is None else day
        self.amount, self.currency = amount(act.get("amount"))
        self.standing = "counted"


def payments(world, doc):
    holders = [doc, *(one for one in world.kind("decision") if one.get("about") == doc.id)]
    acts = [act for one in holders for act in one.counting("execute")]
    found = [Payment(act) for act in acts if amount(act.get("amount")) is not None]
    found.sort(key=lambda one: (one.day, one.act.time, one.act.id))
    before = set()
    for one in found:
        by = one.act.by
        if not (by in doc.owners or by in world.founders or holds(world, one.act, None, (doc.id,))):
            one.standing = "not a member"
            continue
        key = trimmed(one.act.get("reference")), one.amount, one.currency
        if key[0] and key in before:
            one.standing = "said before"
        before.add(key)
    return found


def counted(found, currency):
    return [one for one in found if one.standing == "counted" and one.currency == currency]


def decide_day(act):
    day = act.day_of("from")
    return act.day if day is None else day


def decides(world, doc):
    acts = [act for one in [doc, *evaluations_of(world, doc)] for act in one.counting("decide")]
    return sorted(acts, key=lambda act: (act.time, act.id))


def by_day(acts):
    return sorted(acts, key=lambda act: (decide_day(act), act.time, act.id))


class Ended:
    def __init__(self, day, word, act=None):
        self.day, self.word, self.act = day, word, act


def ended(world, doc):
    """The earliest end of a programme; None without one."""
    found = []
    stops = [act for act in decides(world, doc) if act.get("action") in ("stop", "kill")]
    stops = [act for act in stops if decide_day(act) <= world.today]
    if stops:
        first = min(stops, key=decide_day)
        found.append(Ended(decide_day(first), "stopped" if first.get("action") == "stop" else "killed", first))
    cap = amount(doc.get("cap"))
    if cap is not None:
        total = 0
        for one in counted(payments(world, doc), cap[1]):
            total += one.amount
            if total >= cap[0]:
                if one.day <= world.today:
                    found.append(Ended(one.day, "stopped at its cap", one.act))
                break
    end = planned_end(doc)
    if end is not None and end < world.today:
        found.append(Ended(end, "over"))
    return min(found, key=lambda one: one.day, default=None)


# proposals

ASKED = {
    "tpp": ("cap", "emission", "start", "end", "minter", "questions"),
    "zip": ("mechanism", "plan"),
    "gap": ("plan",),
    "bundle": ("bundle",),
    "sponsorship": ("cap", "minter", "end"),
    "mip": ("mechanism",),
    "other": ("mechanism",),
}


def in_time(doc, item):
    """Whether a question of a proposal was asked in time."""
    if item.writer == doc.id:
        return True
    before = doc.day_of("vote_from")
    if before is None:
        before = doc.day_of("start")
    return before is None or days.of(history.entry(doc, item.writer).time) < before


def there(doc, field):
    if field == "emission":
        return bool(doc.items("emission"))
    if field == "questions":
        return any(in_time(doc, item) for item in doc.items("questions"))
    value = doc.get(field)
    return value is not None and value != []


def in_force(registers):
    """The register in force among these."""
    none = -1

    def key(doc):
        day, block = doc.day_of("day"), doc.get("block")
        return (
            (day is not None, day or 0),
            none if block is None else block,
            doc.time,
            doc.id,
        )

    return max((doc for doc in registers if fallen(doc) is None), key=key, default=None)


def stands_for(world, holder, identity):
    """Whether a holder of a register is this identity, or one of its addresses."""
    if is_id(holder):
        return holder == identity
    return trimmed(holder).lower() in world.addresses(identity)


def vote_day(doc):
    """The first day of its vote."""
    first = doc.day_of("vote_from")
    return doc.day_of("vote_until") if first is None else first


def sponsor_rows(world, doc, register):
    vote = vote_day(doc)
    at = world.today if vote is None else min(vote, world.today)
    rows, taken = [], set()
    for act in doc.counting("sponsor"):
        until = act.day_of("until")
        own = set(world.addresses(act.by))
        if until is not None and until < at:
            word = "over"
        elif vote is not None and act.day >= vote:
            word = "after the vote began"
        elif own & taken:
            word = "same address"
        else:
            word = "counts"
            taken |= own
        listed = None
        if register is not None:
            held = (item for item in register.items("holders") if stands_for(world, item.get("holder"), act.by))
            listed = sum(item.get("weight") or 0 for item in held) // 10 ** (register.get("decimals") or 0)
        given = [one for one in (act.get("weight"), listed) if one is not None]
        rows.append(
            {
                "proposal": doc.id,
                "sponsor": act.by,
                "entry": act.id,
                "day": days.write(act.day),
                "until": days.write(until),
                "own": act.by in doc.owners,
                "claimed": act.get("weight"),
                "listed": listed,
                "counted": min(given, default=0) if word == "counts" else 0,
                "standing": word,
            }
        )
    return rows


def proposals(world):
    register = in_force(world.kind("register"))
    out = {"proposals": [], "rules": [], "sponsors": []}
    for doc in world.kind("proposal"):
        if world.only is not None and world.only.kind == "proposal" and doc is not world.only:
            continue
        kind = doc.get("type")
        rules = [(field, there(doc, field)) for field in ASKED.get(kind, ())]
        missing = [field for field, here in rules if not here]
        sponsors = sponsor_rows(world, doc, register)
        count = sum(row["standing"] == "counts" for row in sponsors)
        weight = sum(row["counted"] for row in sponsors)
        needed, weight_needed = world.parameter("sponsors_min", kind), world.parameter("sponsor_weight_min", kind)
        if fallen(doc):
            word = fallen(doc)
        elif doc.incomplete:
            word = "unknown"
        elif missing:
            word = "incomplete"
        else:
            word = "lacks sponsors" if count < needed or weight < weight_needed else "may be voted on"
        first, last = doc.day_of("vote_from"), doc.day_of("vote_until")
        ready = word == "may be voted on"
        if vote_day(doc) is None or fallen(doc):
            vote = "none"
        elif world.today < vote_day(doc):
            vote = "planned"
        elif last is not None and world.today > last:
            vote = "held" if ready else "held too early"
        else:
            vote = "open" if ready else "open too early"
        out["proposals"].append(
            {
                "proposal": doc.id,
                "type": kind,
                "by": doc.by,
                "opened": days.write(doc.day),
                "missing": missing,
                "sponsors": count,
                "sponsors_needed": needed,
                "weight": weight,
                "weight_needed": weight_needed,
                "standing": word,
                "vote_from": days.write(first),
                "vote_until": days.write(last),
                "vote": vote,
            }
        )
        out["rules"].extend({"proposal": doc.id, "field": field, "there": here} for field, here in rules)
        out["sponsors"].extend(sponsors)
    return out


# emission


def when(doc, day):
    start, end = planned_start(doc), planned_end(doc)
    if start is not None and day < start:
        return "before start"
    if end is not None and day > end:
        return "after end"
    return "unknown" if start is None and end is None else "within"


def needs(world, *kinds):
    if world.only is None or world.only.kind not in kinds:
        raise Refused("this view is of one %s" % " or ".join(kinds))
    return world.only


def emission(world):
    doc = needs(world, "proposal")
    laid_out, sums, many = mints(doc)
    paid = payments(world, doc)
    cap = amount(doc.get("cap"))
    start, end = planned_start(doc), planned_end(doc)
    rows, running, first_over = [], {}, {}
    for mint in laid_out:
        total = running[mint.currency] = running.get(mint.currency, 0) + mint.amount
        capped = cap is not None and mint.currency == cap[1]
        over = capped and total > cap[0]
        if over:
            first_over.setdefault(mint.currency, mint.day)
        rows.append(
            {
                "day": days.write(mint.day),
                "item": mint.item.name,
                "amount": money(mint.amount, mint.currency),
                "total": money(total, mint.currency),
                "left": money(cap[0] - total, mint.currency) if capped else None,
                "over": over,
                "when": when(doc, mint.day),
            }
        )

    errors = []

    def error(word, day=None, value=None):
        errors.append(
            {"error": word, "day": days.write(day), "amount": value, "says": unknown("a sentence for people")}
        )

    if cap is not None and sums.get(cap[1], 0) > cap[0]:
        error("over cap", first_over.get(cap[1]), money(sums[cap[1]] - cap[0], cap[1]))
    if cap is not None:
        total = 0
        for one in counted(paid, cap[1]):
            total += one.amount
            if total > cap[0]:
                error("paid over cap", one.day, money(total - cap[0], cap[1]))
                break
    for currency in sorted(sums):
        if cap is None:
            error("no cap", None, money(sums[currency], currency))
    for currency in sorted(sums):
        if cap is not None and currency != cap[1]:
            error("other currency", None, money(sums[currency], currency))
    if start is not None and end is not None and end < start:
        error("ends before it starts", end)
    early = [mint for mint in laid_out if start is not None and mint.day < start]
    if early:
        error("before start", early[0].day, money(early[0].amount, early[0].currency))
    late = [mint for mint in laid_out if end is not None and mint.day > end]
    if late:
        error("after end", late[0].day, money(late[0].amount, late[0].currency))
    if any(repeats(item) > 1 and not item.get("every_days") for item in doc.items("emission")):
        error("same day")
    if many > LAID_OUT:
        error("too many")
    if laid_out and doc.get("minter") is None:
        error("no minter")

    executed = {}
    for one in paid:
        if one.standing == "counted":
            executed[one.currency] = executed.get(one.currency, 0) + one.amount
    until_now = {}
    for mint in laid_out:
        if mint.day <= world.today:
            until_now[mint.currency] = until_now.get(mint.currency, 0) + mint.amount
    totals = []
    for currency in sorted({*sums, *executed} | ({cap[1]} if cap else set())):
        capped = cap is not None and currency == cap[1]
        totals.append(
            {
                "currency": currency,
                "scheduled": money(sums.get(currency, 0), currency),
                "until_now": money(until_now.get(currency, 0), currency),
                "executed": money(executed.get(currency, 0), currency),
                "cap": money(*cap) if capped else None,
                "left": money(cap[0] - sums.get(currency, 0), currency) if capped else None,
                "first_over": days.write(first_over.get(currency)),
            }
        )
    return {
        "errors": errors,
        "totals": totals,
        "mints": rows,
        "payments": [
            {
                "day": days.write(one.day),
                "amount": money(one.amount, one.currency),
                "doc": one.act.doc.id,
                "entry": one.act.id,
                "by": one.act.by,
                "reference": one.act.text("reference"),
                "standing": one.standing,
            }
            for one in paid
        ],
    }


# programmes


def parameters_of(items):
    found = {}
    for item in items:
        found.setdefault(trimmed(item.get("name")), trimmed(item.get("value")))
    return found


class Parameters:
    """The parameters of a proposal, now and at its entries."""

    def __init__(self, doc):
        self.doc = doc
        self.now = parameters_of(doc.items("parameters"))
        self.steady = history.untouched(doc, "parameters")

    def at(self, entry):
        """Those of `show PROPOSAL --at` an entry."""
        if self.steady:
            return self.now
        if any(one.change is None for one in history.touching(self.doc, "parameters")):
            raise NotRecomputed("the export does not say how the parameters of %s changed" % self.doc.id)
        seen = history.past(self.doc, entry)
        held = {}
        for one in history.touching(self.doc, "parameters"):
            if one.entry not in seen:
                continue
            for n, item in enumerate((one.change.get("add") or {}).get("parameters") or []):
                held[(one.entry, n)] = item
            for at, n, item in (one.change.get("replace") or {}).get("parameters") or []:
                held[(at, n)] = item
            for at, n in (one.change.get("remove") or {}).get("parameters") or []:
                held.pop((at, n), None)
        order = [self.doc.id, *(one.entry for one in history.versions(self.doc))]
        return parameters_of(held[name] for name in sorted(held, key=lambda name: (order.index(name[0]), name[1])))

    def by(self, time):
        """Those at the last entry whose times are not after a moment."""
        if self.steady:
            return self.now
        last = self.doc.id
        for line in self.doc.log:
            act = self.doc.act(line.id) or line
            if line.record and line.time <= time and (act.not_before is None or act.not_before <= time):
                last = line.id
        return self.at(last)


def differences(a, b):
    """What was decided, and what holds, by name."""
    found = []
    for name in sorted({*a, *b}, key=str.encode):
        if a.get(name) != b.get(name):
            found.append("%s: %s was decided, %s holds" % (name, a.get(name, "nothing"), b.get(name, "nothing")))
    return found


def condition_state(doc, condition):
    """(state, checked) of a condition of a pause."""
    same = trimmed(condition.get("text"))
    item = next((one for one in doc.items("conditions") if trimmed(one.get("text")) == same), None)
    if item is not None:
        return item.get("state") or condition.get("state") or "open", item.get("checked")
    return condition.get("state") or "open", None


class Course:
    """How a programme went: its state, and each decide with what it lacks."""

    def __init__(self, world, doc):
        self.world, self.doc = world, doc
        self.decides = decides(world, doc)
        self.ended = ended(world, doc)
        self.start, self.end = planned_start(doc), planned_end(doc)
        self._state()
        try:
            self._check()
        except NotRecomputed as why:
            self._not_checked(unknown(str(why)))

    def _state(self):
        self.since = self.decision = None
        today = self.world.today
        if fallen(self.doc):
            self.state = fallen(self.doc)
        elif self.ended is not None:
            self.state, self.since = self.ended.word, self.ended.day
            if self.ended.act is not None and self.ended.act.kind == "decide":
                self.decision = self.ended.act.id
        elif self.start is not None and self.start > today:
            self.state, self.since = "planned", self.start
        else:
            last = [act for act in by_day(self.decides) if decide_day(act) <= today]
            if last:
                self.state = "paused" if last[-1].get("action") == "pause" else "running"
                self.since, self.decision = decide_day(last[-1]), last[-1].id
            elif self.start is None:
                self.state = "undated"
            else:
                self.state, self.since = "running", self.start

    def _check(self):
        doc = self.doc
        self.rows, self.changed = [], []
        every = Parameters(doc)
        went_on = [act for act in self.decides if act.get("action") in ("continue", "iterate")]
        known = not doc.incomplete
        if known:
            begin = doc.time
            if self.start is not None and days.end(self.start) >= doc.time:
                begin = days.end(self.start)
            agreed = every.by(begin)
        else:
            agreed = {}
        last_check = None
        for act in self.decides:
            action = act.get("action")
            check, differs = None, []
            before = dict(agreed)
            outcome = dict(agreed)
            if action == "iterate":
                for change in act.get("changes") or []:
                    if change.get("value") is None:
                        outcome.pop(trimmed(change.get("name")), None)
                    else:
                        outcome[trimmed(change.get("name"))] = trimmed(change.get("value"))
            if act in went_on:
                place = went_on.index(act)
                if not known:
                    check = "unknown"
                elif place >= CHECKED:
                    check = "unchecked"
                else:
                    agreed = outcome
                    then = self._then(every, act)
                    after = self._then(every, went_on[place + 1]) if place + 1 < len(went_on) else every.now
                    if not (action == "iterate" and after == agreed):
                        differs = differences(agreed, then)
                    check = "different" if differs else "equal"
                last_check = check
            self.rows.append((act, check, differs, self._lacks(act, before, outcome)))
        if known and last_check in (None, "equal"):
            self.changed = differences(agreed, every.now)

    def _not_checked(self, why):
        self.rows, self.changed = [], why
        for act in self.decides:
            checked = act.get("action") in ("continue", "iterate")
            lacks = why if act.get("action") == "iterate" else self._lacks(act, {}, {})
            self.rows.append((act, why if checked else None, why if checked else [], lacks))

    def _then(self, every, act):
        return every.at(act.id) if act.doc is self.doc else every.by(act.time)

    def _lacks(self, act, before, outcome):
        action, found = act.get("action"), []
        if action == "iterate":
            changes = act.get("changes") or []
            if not changes:
                found.append("changes")
            held = dict(before)
            for change in changes:
                value = change.get("before")
                if (None if value is None else trimmed(value)) != held.get(trimmed(change.get("name"))):
                    found.append("the values that held before")
            if changes and outcome == before:
                found.append("a change of any value")
        if action == "kill":
            evidence = act.get("evidence") or []
            if not any(one.get("entry") or said(one.get("url")) or one.get("hash") for one in evidence):
                found.append("evidence that can be looked up")
            if not act.get("steps"):
                found.append("escalation log")
        if action == "pause" and not act.get("conditions"):
            found.append("conditions")
        if action in ("continue", "iterate"):
            own, epoch = self.doc.items("epochs"), act.get("epoch")
            if epoch is not None and own and all(item.get("n") != epoch for item in own):
                found.append("an epoch of that number")
        end = self.ended
        if end is not None and end.act is not None and end.act is not act and end.day <= decide_day(act):
            found.append("a programme that goes on")
        if action in ("continue", "iterate"):
            order = by_day(self.decides)
            place = order.index(act)
            last = order[place - 1] if place else None
            if last is not None and last.get("action") == "pause":
                if any(condition_state(self.doc, one)[0] != "met" for one in last.get("conditions") or []):
                    found.append("conditions that are met")
        return [word for n, word in enumerate(found) if n == 0 or found[n - 1] != word]


NEXT = {
    "planned": ["stop", "kill"],
    "running": ["stop", "kill", "pause", "continue", "iterate"],
    "undated": ["stop", "kill", "pause", "continue", "iterate"],
    "paused": ["stop", "kill", "continue", "iterate"],
    "over": ["continue", "iterate"],
}


def epoch_state(world, course, item, first, opened_by):
    start, end = item.day_of("start"), item.day_of("end")
    if start is None or end is None:
        return "undated"
    over = course.ended.day if course.ended is not None else None
    if over is not None and over < start:
        return "did not take place"
    if over is not None and over < end:
        return course.state
    if start > world.today:
        return "planned"
    if not first and opened_by is None:
        return "not opened"
    return "over" if end < world.today else course.state


def shown_programmes(world):
    only = world.only
    if only is not None and only.kind in ("proposal", "evaluation", "decision"):
        field = {"evaluation": "programme", "decision": "about"}.get(only.kind)
        found = only if field is None else world.doc(only.get(field), "proposal")
        return [] if found is None else [found]
    return [doc for doc in world.kind("proposal") if is_programme(doc) or decides(world, doc)]


def programmes(world):
    out = {"programmes": [], "epochs": [], "decisions": [], "conditions": []}
    for doc in shown_programmes(world):
        course = Course(world, doc)
        cap = amount(doc.get("cap"))
        paid = None
        if cap is not None:
            paid = money(sum(one.amount for one in counted(payments(world, doc), cap[1])), cap[1])
        out["programmes"].append(
            {
                "programme": doc.id,
                "state": course.state,
                "since": days.write(course.since),
                "decision": course.decision,
                "adopted": decided(world, doc),
                "start": days.write(course.start),
                "end": days.write(course.end),
                "paid": paid,
                "cap": money_cell(doc.get("cap")),
                "changed": course.changed,
                "next": NEXT.get(course.state, []),
            }
        )
        for n, item in enumerate(epochs(doc)):
            opens = [
                act.id
                for act in course.decides
                if act.get("action") in ("continue", "iterate") and act.get("epoch") == item.get("n")
            ]
            opened_by = opens[-1] if opens else None
            out["epochs"].append(
                {
                    "programme": doc.id,
                    "epoch": item.get("n"),
                    "start": days.write(item.day_of("start")),
                    "end": days.write(item.day_of("end")),
                    "state": epoch_state(world, course, item, n == 0, opened_by),
                    "opened_by": opened_by,
                }
            )
        for act, check, differs, lacks in course.rows:
            out["decisions"].append(
                {
                    "programme": doc.id,
                    "doc": act.doc.id,
                    "entry": act.id,
                    "by": act.by,
                    "action": act.get("action"),
                    "epoch": act.get("epoch"),
                    "from": days.write(decide_day(act)),
                    "check": check,
                    "differs": differs,
                    "lacks": lacks,
                }
            )
            if act.get("action") == "pause":
                for condition in act.get("conditions") or []:
                    state, checked = condition_state(doc, condition)
                    out["conditions"].append(
                        {
                            "programme": doc.id,
                            "entry": act.id,
                            "condition": condition.get("text"),
                            "source": said(condition.get("source")),
                            "state": state,
                            "checked": checked,
                        }
                    )
    return out


# windows


class Window:
    """The window of an evaluation."""

    def __init__(self, world, doc):
        self.world, self.doc = world, doc
        self.programme = world.doc(doc.get("programme"), "proposal")
        end = self._end()
        self.start, self.until = doc.day_of("from"), doc.day_of("until")
        if self.start is None and end is not None:
            self.start = min(end + 1, days.LAST)
        if self.until is not None:
            self.rule = "its own"
        elif end is None:
            self.rule = "none"
        else:
            given = self.programme.get("evaluation_days")
            self.rule = "the committee's" if given is None else "the programme's"
            self.until = min(end + (world.parameter("evaluation_days") if given is None else given), days.LAST)
        self.last = None if self.until is None else days.end(self.until)

    def _end(self):
        """The end of what is evaluated."""
        if self.programme is None:
            return None
        epoch = self.doc.get("epoch")
        end = planned_end(self.programme)
        if epoch is not None:
            found = [item for item in self.programme.items("epochs") if item.get("n") == epoch]
            if not found:
                return None
            end = found[0].day_of("end")
        over = ended(self.world, self.programme)
        return min((day for day in (end, over.day if over else None) if day is not None), default=None)

    @property
    def state(self):
        today = self.world.today
        if self.until is None:
            return "unknown"
        if self.start is not None and self.until < self.start:
            return "ends before it begins"
        if self.start is not None and today < self.start:
            return "not yet"
        return "over" if today > self.until else "open"

    def timely(self, entry):
        if self.last is None:
            return None
        before = entry.not_after is not None and entry.not_after <= self.last
        after = entry.not_before is not None and entry.not_before > self.last
        if before and not after:
            return "on time"
        if after and not before:
            return "late"
        return "late" if entry.time > self.last else "unproven"


class Input:
    """Research for an evaluation, held against its window."""

    def __init__(self, window, doc):
        self.window, self.doc = window, doc
        self.fallen = fallen(doc)
        self.opened_timely = window.timely(doc)
        self.timely = self.opened_timely
        if self.timely is not None:
            self.timely = attempt(self._worst)

    def _worst(self):
        entries = (moment(self.window.world, self.doc, id) for id in self._writers(self.doc))
        words = [self.opened_timely, *(self.window.timely(one) for one in entries)]
        return next(word for word in ("late", "unproven", "on time") if word in words)

    @staticmethod
    def _writers(doc):
        found = set()
        for field in ("method", "findings", "limits"):
            found.update(value["entry"] for value in doc.values(field))
        for field in ("questions", "data", "claims"):
            for item in doc.items(field):
                found.update(value["entry"] for value in item.values)
        return sorted(found - {doc.id})


def moment(world, doc, id):
    """An entry with its times. A line of a log tells no blocks: where the export has none at all, it has none."""
    found = history.entry(doc, id)
    if not hasattr(found, "not_before"):
        found.not_before = found.not_after = None
    raw = getattr(found, "raw", {})
    if doc.act(id) is None and id != doc.id and "not_after" not in raw:
        if any(act.kind == "anchor" and act.counts for act in world.committee.acts) or any(
            one.not_before or one.not_after for holder in world.everything for one in (holder, *holder.acts)
        ):
            raise NotRecomputed("the export does not say between which blocks %s was written" % id)
    return found


def inputs_of(world, window):
    return [Input(window, doc) for doc in world.kind("research") if doc.get("evaluation") == window.doc.id]


def windows(world):
    only = world.only
    found = world.kind("evaluation")
    if only is not None:
        field = {"research": "evaluation", "decision": "about"}.get(only.kind)
        if only.kind == "evaluation":
            found = [only]
        elif field is not None:
            found = [doc for doc in found if doc.id == only.get(field)]
        else:
            found = [doc for doc in found if doc.get("programme") == only.id]
    out = {"windows": [], "inputs": []}
    for doc in found:
        window = Window(world, doc)
        inputs = inputs_of(world, window)
        timely = [one.timely for one in inputs]
        vague = next((one for one in timely if is_unknown(one)), None)
        out["windows"].append(
            {
                "evaluation": doc.id,
                "programme": doc.get("programme"),
                "epoch": doc.get("epoch"),
                "from": days.write(window.start),
                "until": days.write(window.until),
                "rule": window.rule,
                "state": window.state,
                "inputs": len(inputs),
                "on_time": vague or timely.count("on time"),
                "late": vague or timely.count("late"),
                "unproven": vague or timely.count("unproven"),
            }
        )
        for one in inputs:
            out["inputs"].append(
                {
                    "evaluation": doc.id,
                    "research": one.doc.id,
                    "by": one.doc.by,
                    "opened": days.write(one.doc.day),
                    "not_before": one.doc.not_before,
                    "not_after": one.doc.not_after,
                    "opened_timely": one.opened_timely,
                    "timely": one.timely,
                    "early": window.start is not None and one.doc.day < window.start,
                    "standing": standing(one.doc),
                }
            )
    return out


# coverage


class Question:
    def __init__(self, doc, item):
        self.doc, self.item, self.name = doc, item, item.name
        self.text = item.get("text")

    def dealt(self, research):
        """How research answers it: `answered`, `named` or None."""
        how = None
        for item in research.items("questions"):
            named = item.get("question")
            if named is not None:
                fits = item_name(named) == self.name
            else:
                fits = trimmed(item.get("text")) == trimmed(self.text)
            if fits and said(item.get("answer")) is not None:
                return "answered"
            if fits:
                how = "named"
        return how


def questions_of(world, doc):
    """Questions of an evaluation or a proposal, in order."""
    if doc.kind == "evaluation":
        docs = [one for one in (world.doc(doc.get("programme"), "proposal"), doc) if one is not None]
    else:
        docs = [doc, *evaluations_of(world, doc)]
    return [Question(one, item) for one in docs for item in one.items("questions")]


def all_inputs(world, doc):
    found = [doc] if doc.kind == "evaluation" else evaluations_of(world, doc)
    return [one for evaluation in found for one in inputs_of(world, Window(world, evaluation))]


def coverage(world):
    doc = needs(world, "evaluation", "proposal")
    inputs = all_inputs(world, doc)
    out = {"questions": [], "cells": []}
    for question in questions_of(world, doc):
        dealt = [(one, question.dealt(one.doc)) for one in inputs]
        dealt = [(one, how) for one, how in dealt if how is not None]
        answered = [one for one, how in dealt if how == "answered" and not one.fallen]
        named = [one for one, how in dealt if how == "named" and not one.fallen]
        if question.doc.kind == "evaluation":
            asked = "with the evaluation"
        else:
            asked = "before the vote" if in_time(question.doc, question.item) else "after the vote began"
        if answered:
            vague = [one.timely for one in answered if is_unknown(one.timely)]
            if all(one.timely == "late" for one in answered):
                state = "late only"
            else:
                other = any(one.timely != "late" and not is_unknown(one.timely) for one in answered)
                state = vague[0] if vague and not other else "answered"
        else:
            state = "named only" if named else "unanswered"
        out["questions"].append(
            {
                "question": question.name,
                "text": question.text,
                "asked_by": question.doc.id,
                "asked": asked,
                "answered_by": [one.doc.id for one in answered],
                "named_by": [one.doc.id for one in named],
                "state": state,
            }
        )
        for one, how in dealt:
            out["cells"].append({"question": question.name, "research": one.doc.id, "how": how, "timely": one.timely})
    return out


# inputs


def evidence(doc):
    return doc.get("evidence_kind") or "unsaid"


def inputs(world):
    doc = needs(world, "evaluation", "proposal")
    found = all_inputs(world, doc)
    out = {"questions": [], "inputs": []}
    for question in questions_of(world, doc):
        answered = [one.doc for one in found if not one.fallen and question.dealt(one.doc) == "answered"]
        sorts = [evidence(one) for one in answered]
        row = {"question": question.name, "text": question.text}
        row |= {word: sorts.count(word) for word in KINDS}
        row["kinds"] = len(set(sorts) - {"unsaid"})
        row["authors"] = len({one.by for one in answered})
        out["questions"].append(row)
    for one in found:
        out["inputs"].append(
            {
                "research": one.doc.id,
                "evaluation": one.window.doc.id,
                "by": one.doc.by,
                "evidence": evidence(one.doc),
                "funding": one.doc.get("funding"),
                "interests": one.doc.get("interests"),
                "timely": one.timely,
                "standing": standing(one.doc),
            }
        )
    return out


# calendar


def notice_end(world, doc):
    """The day on which the working days of a notice are over, counted from the day after it began."""
    left = doc.get("notice_days")
    if left is None:
        left = world.parameter("notice_working_days")
    weekend = world.committee.get("weekend")
    weekend = {"saturday", "sunday"} if weekend is None else {trimmed(one).lower() for one in weekend}
    holidays = {item.day_of("day") for item in world.committee.items("holidays")}
    day = doc.day
    while left > 0:
        day += 1
        if day > days.LAST:
            return None
        if days.WEEKDAYS[days.weekday(day)] not in weekend and day not in holidays:
            left -= 1
    return day


class Span:
    """A window of the calendar."""

    def __init__(self, doc, kind, name, start, until, voters=None):
        self.doc, self.kind, self.uid = doc, kind, "%s-%s" % (doc.id, name)
        self.start = until if start is None else start
        self.until = start if until is None else until
        self.voters = trimmed(voters) or None
        self.asks = kind in ("vote", "poll", "evaluation")

    def clashes(self, other, gap):
        """(days, how) with a later one; None without a clash."""
        if not (self.asks and other.asks) or self.doc is other.doc:
            return None
        if self.voters is not None and other.voters is not None and self.voters != other.voters:
            return None
        both = min(self.until, other.until) - max(self.start, other.start) + 1
        if both > 0:
            return both, "overlap"
        return (both, "too near") if -both < gap else None


def spans(world):
    """All windows of the committee, in order."""
    found = []
    for doc in world.documents:
        if fallen(doc) or doc.state == "withdrawn":
            continue
        voters = doc.get("voters")
        found.append(Span(doc, "vote", "vote", doc.day_of("vote_from"), doc.day_of("vote_until"), voters))
        for act in doc.counting("poll"):
            found.append(
                Span(doc, "poll", "poll-" + act.id, act.day_of("from"), act.day_of("until"), act.get("class"))
            )
        if doc.kind == "evaluation":
            window = Window(world, doc)
            voters = window.programme.get("voters") if window.programme else None
            found.append(Span(doc, "evaluation", "evaluation", window.start, window.until, voters))
        if is_programme(doc):
            found.append(Span(doc, "programme", "programme", planned_start(doc), planned_end(doc)))
            for item in doc.items("epochs"):
                found.append(Span(doc, "epoch", "epoch-" + item.name, item.day_of("start"), item.day_of("end")))
        if doc.kind == "motion" and (
            doc.get("form") in ("offboard", "disband") or doc.get("notice_days") is not None
        ):
            found.append(Span(doc, "notice", "notice", doc.day, notice_end(world, doc)))
    found = [one for one in found if one.start is not None and one.start <= one.until]
    return sorted(found, key=lambda one: (one.start, one.until, one.kind, one.uid))


def state_of(world, start, until):
    return "planned" if world.today < start else "over" if world.today > until else "open"


def chain(world, doc):
    """(first, steps, whether it comes back)."""
    at, steps = doc, 0
    while steps < 100:
        before = world.doc(at.get("predecessor"), "proposal")
        if before is None:
            return at, steps, False
        at, steps = before, steps + 1
        if at is doc:
            return at, steps, True
    return at, steps, False


def calendar(world):
    only, gap = world.only, world.parameter("decision_gap_days")
    every = spans(world)
    own = [one for one in every if only is None or one.doc is only]
    pairs, clashing = [], set()
    for n, one in enumerate(every):
        for other in every[n + 1 :]:
            found = one.clashes(other, gap)
            if found is not None:
                clashing |= {one.uid, other.uid}
                pairs.append((one, other, *found))
    if only is not None:
        pairs = [
            (one, other, *rest) if one.doc is only else (other, one, *rest)
            for one, other, *rest in pairs
            if only in (one.doc, other.doc)
        ]
        place = {one.uid: n for n, one in enumerate(every)}
        pairs.sort(key=lambda pair: (place[pair[0].uid], place[pair[1].uid]))
    chains = []
    for doc in world.kind("proposal"):
        if doc.get("predecessor") is None:
            continue
        first, steps, back = chain(world, doc)
        before = world.doc(doc.get("predecessor"), "proposal")
        if only is not None and only not in (doc, before, first):
            continue
        start, end = planned_start(doc), planned_end(before) if before else None
        between = None if start is None or end is None else start - end - 1
        if back:
            word = "goes round in a circle"
        elif before is None:
            word = "not here"
        elif between is None:
            word = "undated"
        else:
            word = "begins before the end" if between < 0 else "in order"
        chains.append(
            {
                "programme": doc.id,
                "predecessor": doc.get("predecessor"),
                "first": first.id,
                "steps": steps,
                "gap": between,
                "standing": word,
            }
        )
    return {
        "windows": [
            {
                "uid": one.uid,
                "doc": one.doc.id,
                "kind": one.kind,
                "from": days.write(one.start),
                "until": days.write(one.until),
                "voters": one.voters,
                "state": state_of(world, one.start, one.until),
                "clash": one.uid in clashing,
            }
            for one in own
        ],
        "clashes": [
            {
                "first": one.doc.id,
                "first_kind": one.kind,
                "second": other.doc.id,
                "second_kind": other.kind,
                "from": days.write(max(one.start, other.start)),
                "until": days.write(min(one.until, other.until)),
                "days": count,
                "how": how,
            }
            for one, other, count, how in pairs[:CLASHES]
        ],
        "chains": chains,
    }


# schedule


def schedule(world):
    only = world.only
    if only is None:
        shown = [doc for doc in world.kind("proposal") if is_programme(doc)]
    else:
        found = world.doc(only.get("programme"), "proposal") if only.kind == "evaluation" else only
        shown = [found] if is_programme(found) else []
    rows = []
    for doc in shown:
        course = Course(world, doc)
        over = course.ended.day if course.ended is not None else None

        def row(kind, of, epoch, start, until, state, own):
            if start is None or until is None:
                return
            rows.append(
                {
                    "programme": doc.id,
                    "kind": kind,
                    "doc": of.id,
                    "epoch": epoch,
                    "from": days.write(start),
                    "until": days.write(until),
                    "ended": days.write(over) if own and over is not None and start <= over < until else None,
                    "state": state,
                }
            )

        row("programme", doc, None, course.start, course.end, course.state, True)
        for item in epochs(doc):
            start, end = item.day_of("start"), item.day_of("end")
            state = None
            if start is not None and end is not None:
                state = "planned" if world.today < start else "over" if world.today > end else course.state
            row("epoch", doc, item.get("n"), start, end, state, True)
        for evaluation in evaluations_of(world, doc):
            window = Window(world, evaluation)
            row("evaluation", evaluation, evaluation.get("epoch"), window.start, window.until, window.state, False)
    return {"spans": rows}


# workload


def workload(world):
    year, month, _ = days.parts(world.today)
    months = []
    for n in range(12):
        add, of_year = divmod(month - 1 + n, 12)
        months.append("%04d-%02d" % (year + add, of_year + 1))
    due = {}
    for one in spans(world):
        if (world.only is None or one.doc is world.only) and one.until >= world.today:
            if days.month(one.until) in months:
                due.setdefault((days.month(one.until), one.voters), []).append(one)
    classes = sorted({voters for _, voters in due if voters is not None}, key=str.encode)
    rows = []
    for name in months:
        for voters in [None, *classes]:
            here = due.get((name, voters), [])
            found = [one.doc for one in here if one.kind == "evaluation"]
            rows.append(
                {
                    "month": name,
                    "voters": voters,
                    "decisions": sum(one.kind in ("vote", "poll") for one in here),
                    "evaluations": len(found),
                    "questions": sum(len(questions_of(world, doc)) for doc in found),
                    "inputs": sum(len(inputs_of(world, Window(world, doc))) for doc in found),
                    "epochs": sum(one.kind == "epoch" for one in here),
                }
            )
    return {"months": rows}


# inflation


def inflation(world):
    found = {}
    for doc in world.kind("proposal"):
        if fallen(doc):
            continue
        over = ended(world, doc)
        for mint in mints(doc)[0]:
            if over is None or mint.day <= over.day:
                of = found.setdefault((days.year(mint.day), mint.currency), {})
                first, total = of.get(doc, (mint.day, 0))
                of[doc] = first, total + mint.amount
    out = {"years": [], "shares": []}
    for (year, currency), of in sorted(found.items(), key=lambda one: one[0]):
        supply = world.parameter("supply", currency.lower())
        bound = world.parameter("inflation_max_ppm", currency.lower())
        allowed = supply * bound // 1_000_000 if supply and bound else None
        every = sum(total for _, total in of.values())
        out["years"].append(
            {
                "year": year,
                "currency": currency,
                "mint": money(every, currency),
                "decided": money(sum(total for doc, (_, total) in of.items() if decided(world, doc)), currency),
                "allowed": None if allowed is None else money(allowed, currency),
                "ppm": share(every, supply),
                "allowed_ppm": bound or None,
                "over": allowed is not None and every > allowed,
            }
        )
        left = allowed
        for doc, (first, total) in sorted(of.items(), key=lambda one: (one[1][0], *opened(one[0]))):
            row = {
                "year": year,
                "currency": currency,
                "programme": doc.id,
                "first": days.write(first),
                "decided": decided(world, doc),
                "mint": money(total, currency),
                "left_before": None if left is None else money(left, currency),
                "ppm": None if left is None else share(total, left),
                "over": left is not None and total > left,
            }
            if left is not None:
                left = max(0, left - total)
            if world.only is None or doc is world.only:
                out["shares"].append(row)
    return out


# payouts

CLASSES = ("delegates", "delegate")


class Valuation:
    def __init__(self, world, evaluation, inputs, act):
        self.act = act
        self.points, self.left_out = {}, []
        for one in act.get("points") or []:
            research = inputs.get(one["research"])
            if research is None:
                self.left_out.append((one, "not an input"))
            elif act.by == research.by or act.by in research.owners:
                self.left_out.append((one, "own research"))
            else:
                self.points[research.id] = self.points.get(research.id, 0) + one["points"]
        self.sum = sum(self.points.values())
        self.weight = 1
        if not holds(world, act, "delegate", (evaluation.id, evaluation.get("programme"))):
            self.standing = "not a delegate"
        else:
            self.standing = "counted" if self.sum else "no points that count"

    @property
    def counted(self):
        return self.standing == "counted"


class Payouts:
    """How the reward of an evaluation is split."""

    def __init__(self, world, evaluation):
        self.inputs = sorted(inputs_of(world, Window(world, evaluation)), key=lambda one: one.doc.id)
        docs = {one.doc.id: one.doc for one in self.inputs}
        acts = evaluation.counting("value")[:VALUATIONS]
        self.valuations = [Valuation(world, evaluation, docs, act) for act in acts]
        self._weigh(world)
        shares = {id: Fraction(0) for id in docs}
        for one in self.valuations:
            if one.counted:
                for id, points in one.points.items():
                    shares[id] += Fraction(one.weight * points, one.sum)
        total = sum(shares.values())
        self.shares = {id: part / total if total else Fraction(0) for id, part in shares.items()}
        self.reward = amount(evaluation.get("reward"))
        self.amounts = None if self.reward is None else split(self.reward[0] if total else 0, self.shares)

    def _weigh(self, world):
        def listed(doc):
            return [item for item in doc.items("holders") if item.get("class") in CLASSES]

        register = in_force([doc for doc in world.kind("register") if listed(doc)])
        counted_ones = [one for one in self.valuations if one.counted]
        if register is None:
            return
        weights = []
        for one in counted_ones:
            held = (item for item in listed(register) if stands_for(world, item.get("holder"), one.act.by))
            weights.append(sum(item.get("weight") or 0 for item in held))
        if not any(weights):
            return
        for one, weight in zip(counted_ones, weights):
            one.weight = weight
            if not weight:
                one.standing = "not in the register"


def split(reward, shares):
    """Whole units by the largest remainder; of equal ones to the lesser id."""
    exact = {id: reward * part for id, part in shares.items()}
    found = {id: int(part) for id, part in exact.items()}
    left = reward - sum(found.values())
    order = sorted(found, key=lambda id: (found[id] - exact[id], id))
    for id in order[:left]:
        found[id] += 1
    return found


def payouts(world):
    evaluation = needs(world, "evaluation")
    found = Payouts(world, evaluation)
    out = {"payouts": [], "payload": [], "valuations": []}
    to = {}
    for one in found.inputs:
        doc = one.doc
        value = None if found.amounts is None else found.amounts[doc.id]
        out["payouts"].append(
            {
                "research": doc.id,
                "to": doc.by,
                "share": found.shares[doc.id].numerator * 1_000_000 // found.shares[doc.id].denominator,
                "amount": None if value is None else money(value, found.reward[1]),
                "appraisers": sorted(
                    {one.act.by for one in found.valuations if one.counted and one.points.get(doc.id)}
                ),
                "timely": one.timely,
                "standing": standing(doc),
            }
        )
        if value:
            to.setdefault(doc.by, []).append((doc.id, value))
    for who in sorted(to):
        out["payload"].append(
            {
                "to": who,
                "address": min(world.addresses(who), default=None),
                "amount": money(sum(value for _, value in to[who]), found.reward[1])["amount"],
                "currency": found.reward[1],
                "research": [id for id, _ in to[who]],
            }
        )
    for one in found.valuations:
        rows = [(id, points, one.standing) for id, points in sorted(one.points.items())]
        rows += [(given["research"], given["points"], why) for given, why in one.left_out]
        for research, points, word in rows:
            out["valuations"].append(
                {
                    "entry": one.act.id,
                    "appraiser": one.act.by,
                    "research": research,
                    "points": points,
                    "of": one.sum,
                    "weight": one.weight,
                    "standing": word,
                }
            )
    return out


# appraisers


class Held:
    """Which document holds an entry."""

    def __init__(self, docs):
        self.docs = docs
        self.of, self.sure = {}, True
        for doc in docs:
            here, whole = history.entries(doc)
            self.sure = self.sure and whole
            for id in here:
                self.of.setdefault(id, doc)

    def doc(self, id):
        found = self.of.get(id)
        if found is None and not self.sure:
            raise NotRecomputed("the export has no log in which %s could be" % id)
        return found


def cited_docs(held, decision):
    """The documents that hold what a decision rests on."""
    told = {one["entry"]: one.get("doc") for one in decision.raw.get("inputs") or [] if isinstance(one, dict)}
    found = {}
    for id in decision.get("inputs") or []:
        doc = told.get(id)
        if doc is None:
            here = held.doc(id)
            doc = here.id if here is not None else None
        found[id] = doc
    return found


def appraisers(world):
    only = world.only
    held = Held(world.everything)
    cites = [(doc.time, set(cited_docs(held, doc).values())) for doc in world.kind("decision")]
    rows, by = [], {}
    for evaluation in world.kind("evaluation"):
        if only is not None and only.kind == "evaluation" and evaluation is not only:
            continue
        found = Payouts(world, evaluation)
        for one in found.valuations:
            if not one.counted:
                continue
            own = {given["research"] for given, why in one.left_out if why == "own research"}
            taken = [given.doc.id for given in found.inputs if given.doc.id not in own]
            later = set().union(*(docs for time, docs in cites if time > one.act.time))
            cited = [id for id in taken if id in later]
            row = {
                "evaluation": evaluation.id,
                "entry": one.act.id,
                "appraiser": one.act.by,
                "cited": len(cited),
                "inputs": len(found.inputs),
                "given": None,
                "even": None,
                "outcome": "not yet",
            }
            if cited:
                row["given"] = share(sum(one.points.get(id, 0) for id in cited), one.sum)
                row["even"] = share(len(cited), len(taken))
                row["outcome"] = "known"
            rows.append(row)
            by.setdefault(one.act.by, []).append(row)
    people = []
    for who in sorted(by):
        settled = [row for row in by[who] if row["outcome"] == "known"]

        def mean(column):
            return sum(row[column] for row in settled) // len(settled) if settled else None

        people.append(
            {
                "appraiser": who,
                "valuations": len(by[who]),
                "settled": len(settled),
                "given": mean("given"),
                "even": mean("even"),
            }
        )
    return {"appraisers": people, "valuations": rows}


# provenance

READ = (
    "decision",
    "evaluation",
    "proposal",
    "research",
    "motion",
    "statement",
    "topic",
    "concern",
    "nomination",
    "domain",
    "register",
)
LAYERS = ("source", "input", "decision", "action")
USES = {"supports": "supports", "contradicts": "contradicts", "answers": "answers", "uses": "used by"}


def effect(doc, id):
    """(kind, effect) of an entry of a document."""
    if id == doc.id:
        return doc.kind, "effective" if doc.record else "unauthorised"
    found = doc.act(id)
    if found is not None:
        return found.kind, found.effect
    try:
        for line in doc.log:
            if line.id == id:
                return line.kind, line.effect
    except NotRecomputed:
        pass
    return "edit", "effective"


def provenance(world):
    only = world.only
    read = [doc for doc in world.documents if doc.kind in READ] + [world.committee]
    held = Held(read + [doc for doc in world.all if not doc.record and doc.kind in READ])
    layers, edges = {}, set()

    def thing(id, layer):
        layers[id] = max(layers.get(id, 0), LAYERS.index(layer))

    for decision in world.kind("decision"):
        about = decision.get("about")
        rests = decision.get("inputs") or []
        if only is not None and only is not decision:
            evaluation = world.doc(about, "evaluation")
            mine = about == only.id or (evaluation is not None and evaluation.get("programme") == only.id)
            if not mine and only.id not in cited_docs(held, decision).values():
                continue
        thing(decision.id, "decision")
        for id in rests:
            thing(id, "input")
            edges.add((id, decision.id, "rests on", decision.first("inputs")["entry"]))
        subject = world.doc(about)
        if subject is not None:
            thing(about, "input")
            edges.add((about, decision.id, "decided by", decision.id))
        acts = [act for doc in (decision, subject) if doc is not None for act in doc.counting("execute")]
        acts += [act for doc in read for act in doc.counted if act.get("decision") == decision.id]
        for act in acts:
            thing(act.id, "action")
            edges.add((decision.id, act.id, "carried out by", act.id))
    for doc in read:
        if doc.id not in layers:
            continue
        for act in doc.counting("cite"):
            if act.get("entry") is not None:
                edges.add((act.get("entry"), doc.id, USES.get(act.get("use"), "mentioned by"), act.id))
    for source, to, how, _ in list(edges):
        if how not in ("rests on", "decided by", "carried out by"):
            decides_it = world.doc(to, "decision") is not None
            thing(source, "input" if decides_it else "source")
    nodes = []
    for id, layer in sorted(layers.items(), key=lambda one: (one[1], one[0])):
        doc = held.doc(id)
        kind, word = (None, "not here") if doc is None else effect(doc, id)
        nodes.append(
            {
                "id": id,
                "doc": doc.id if doc else None,
                "kind": kind,
                "title": doc.title if doc else None,
                "layer": LAYERS[layer],
                "effect": word,
            }
        )
    return {
        "nodes": nodes,
        "edges": [{"from": a, "to": b, "how": how, "entry": entry} for a, b, how, entry in sorted(edges)],
    }


# uptake


def uptake(world):
    only = world.only
    held = Held(world.everything)
    out = {"uptake": [], "inputs": []}
    for decision in world.kind("decision"):
        about = decision.get("about")
        if only is not None and only.kind == "decision" and decision is not only:
            continue
        if only is not None and only.kind in ("proposal", "evaluation") and about != only.id:
            continue
        docs = cited_docs(held, decision)
        cited = {id for id in docs.values() if world.doc(id, "research")}
        others = sum(world.doc(id, "research") is None for id in docs.values())
        evaluations = {about}
        if world.doc(about, "proposal"):
            evaluations = {doc.id for doc in evaluations_of(world, world.doc(about))}
        handed_in = {
            doc.id
            for doc in world.kind("research")
            if about is not None and doc.get("evaluation") in evaluations and doc.time <= decision.time
        }
        available = sorted(cited | handed_in)
        for word in KINDS:
            of = [id for id in available if evidence(world.doc(id)) == word]
            if of:
                count = len(cited.intersection(of))
                out["uptake"].append(
                    {
                        "decision": decision.id,
                        "about": about,
                        "evidence": word,
                        "cited": count,
                        "available": len(of),
                        "share": share(count, len(of)),
                    }
                )
        if others:
            out["uptake"].append(
                {
                    "decision": decision.id,
                    "about": about,
                    "evidence": "not research",
                    "cited": others,
                    "available": None,
                    "share": None,
                }
            )
        for id in available:
            out["inputs"].append(
                {
                    "decision": decision.id,
                    "research": id,
                    "evidence": evidence(world.doc(id)),
                    "cited": id in cited,
                }
            )
    return out


VIEWS = {
    view.__name__: view
    for view in (
        proposals,
        emission,
        programmes,
        windows,
        coverage,
        inputs,
        calendar,
        schedule,
        workload,
        inflation,
        payouts,
        appraisers,
        provenance,
        uptake,
    )
}
