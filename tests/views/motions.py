"""Motions, committees and confidence: docs/spec/views/motions.md, R21 to R49."""

import calendar as days
from world import U64, NotRecomputed, Refused, is_id, plain, same, share, unique

AGAINST = ("offboard", "disband", "split", "oversight", "second")
FORMS = ("onboard", *AGAINST, "recommend", "petition", "other")
POSITIONS = ("support", "oppose", "abstain")
MILLION = 1_000_000

# Main texts of acts, where they are not `text`.
MAIN = {
    "stance": "reason",
    "join": "reason",
    "conclude": "reason",
    "dispose": "reason",
    "delegate": "reason",
    "fork": "reason",
    "escalate": "reason",
    "withdraw": "reason",
}


# What all of them share.


def words(act):
    return act.words(MAIN.get(act.kind, "text"))


def day(moment):
    return days.write(days.of(moment))


def till(world, number):
    """Days from a day to today."""
    return days.between(number, world.today)


def is_name(value):
    return value is not None and not is_id(value)


def made(world, act):
    return act.day <= world.today


def all_acts(world, *kinds):
    """Acts that count, in the order of all documents, then of acts."""
    return [act for doc in world.everything for act in doc.counting(*kinds)]


def by_time(acts):
    return sorted(acts, key=lambda act: act.time)


def narrowed(world, docs):
    return [doc for doc in docs if world.only in (None, doc)]


def capacity(world, act, author):
    """Of an act about something by `author`."""
    if act.by == author:
        return "its author"
    if act.by in act.doc.owners:
        return "an owner"
    return "a member" if world.member_at(act.by, act.time) else "somebody else"


def title(doc):
    return doc.title


def setter(doc, field):
    """The entry that set the value of a field."""
    first = doc.first(field)
    return doc.wrote(first["entry"]) if first else None


def ids(doc, field):
    return doc.get(field) or []


# How far a motion has come.


def workdays(world):
    """Whether a day is a working day of the committee."""
    weekend = world.committee.get("weekend")
    weekend = {"saturday", "sunday"} if weekend is None else {plain(line) for line in weekend}
    holidays = {item.day_of("day") for item in world.committee.items("holidays")}
    return lambda number: days.WEEKDAYS[days.weekday(number)] not in weekend and number not in holidays


FAR = 7320


class Progress:
    def __init__(self, world, motion):
        self.motion = motion
        self.subjects = motion.facts.get("subject") or []
        form = motion.get("form")
        self.notice = motion.get("subject") is not None or form in AGAINST
        self.begins = self.days = self.last = None
        if self.notice:
            entries = [motion, setter(motion, "subject"), setter(motion, "form")]
            self.begins = days.of(max(entry.earliest for entry in entries if entry is not None))
            self.days = max(motion.get("notice_days") or 0, world.parameter("notice_working_days"))
            works, left, at = workdays(world), self.days, self.begins
            while left > 0 and at - self.begins < FAR:
                at += 1
                left -= works(at)
            self.last = at if left == 0 else None

        def spoke(who):
            entries = [motion] if motion.by == who else []
            entries += [act for act in said_of(motion, "reply_right", "join") if act.by == who]
            return min((entry.earliest for entry in entries), default=None)

        each = [spoke(who) for who in self.subjects]
        self.spoken = max(each) if each and None not in each else None
        if not self.notice:
            self.free = 0
        else:
            ends = None if self.last is None else days.start(self.last + 1)
            self.free = min((one for one in (self.spoken, ends) if one is not None), default=None)
        self.is_free = self.free is not None and world.now >= self.free
        self.conclusions = [act for act in motion.counting("conclude") if made(world, act)]
        self.sound = [act for act in self.conclusions if not self.premature(act)]
        if self.sound:
            self.outcome = self.sound[-1].get("outcome")
        else:
            self.outcome = "withdrawn" if motion.counting("withdraw") else None
        self.reply = self._reply()
        self.waits_for = self._waits_for(world)

    def premature(self, act):
        return self.free is None or act.latest < self.free

    @property
    def any_premature(self):
        return len(self.sound) < len(self.conclusions)

    def _reply(self):
        if not self.notice:
            return "not needed"
        if not self.subjects:
            return "nobody can reply"
        replied = {act.by for act in said_of(self.motion, "reply_right")}
        if replied.issuperset(self.subjects):
            return "given"
        if self.spoken is not None:
            return "signed it"
        return "silent" if self.is_free else "waiting"

    def _waits_for(self, world):
        if self.outcome is not None:
            return "nothing"
        if not self.is_free:
            return "the reply or the end of the notice" if self.subjects else "the end of the notice"
        if self.motion.get("form") == "petition" and self.motion.state != "reached":
            return "signatures"
        first, last = self.motion.day_of("vote_from"), self.motion.day_of("vote_until")
        if first is not None and world.today < first:
            return "its vote"
        if last is not None and world.today <= last:
            return "the end of its vote"
        return "a conclusion"


def said_of(doc, *kinds):
    """Acts that count, and those that were taken back or replaced: what was said was said."""
    def was(act):
        rule = act.cause.get("rule") if isinstance(act.cause, dict) else None
        return act.counts or (act.record and act.effect == "superseded" and rule in ("retracted", "later"))

    return [act for act in doc.acts if act.kind in kinds and was(act)]


# R23, R25, R26


def timeline(world):
    motion = world.only
    if motion is None or motion.kind != "motion":
        raise Refused("of one motion")
    progress = Progress(world, motion)
    works = workdays(world)
    replies = [
        {"by": act.by, "day": day(act.time), "text": words(act), "entry": act.id}
        for act in motion.counting("reply_right")
    ]
    left = None
    if progress.last is not None:
        after = max(world.today, progress.begins)
        left = sum(works(one) for one in range(after + 1, progress.last + 1))
    now = {
        "motion": motion.id,
        "subject": motion.get("subject"),
        "notice_from": days.write(progress.begins),
        "notice_days": progress.days,
        "notice_until": days.write(progress.last),
        "notice_left": left,
        "reply": progress.reply,
        "outcome": progress.outcome,
        "waits_for": progress.waits_for,
        "free_from": day(progress.free) if progress.notice else None,
        "premature": progress.any_premature,
    }
    notice, n = [], 0
    if progress.last is not None:
        for one in range(progress.begins + 1, progress.last + 1):
            n += works(one)
            notice.append({
                "day": days.write(one),
                "weekday": days.WEEKDAYS[days.weekday(one)],
                "works": works(one),
                "n": n,
                "past": one < world.today,
            })
    return {"replies": replies, "now": [now], "events": events(world, motion, progress), "notice": notice}


def events(world, motion, progress):
    found = []

    def put(rank, what, on, entry=None, by=None, note=None):
        if on is not None:
            found.append(((on, rank, entry or ""), {
                "day": days.write(on),
                "what": what,
                "entry": entry,
                "by": by,
                "note": note,
                "past": on <= world.today,
            }))

    def acts(rank, what, kind, note=None):
        for act in motion.counting(kind):
            put(rank, what, act.day, act.id, act.by, act.get(note) if note else None)

    subject = motion.get("subject")
    for concern in world.kind("concern"):
        if same(concern.get("about"), subject):
            put(0, "concern", concern.day, concern.id, concern.by, title(concern))
    for statement in world.kind("statement"):
        if statement.get("form") != "off_record":
            continue
        about = same(statement.get("about"), subject)
        items = statement.items("items")
        fallback = statement.day_of("start")
        fallback = statement.day if fallback is None else fallback
        for item in items:
            if about or same(item.text("who"), subject):
                on = item.day_of("day")
                on = fallback if on is None else on
                put(1, "talk off the record", on, statement.id, statement.by, item.text("text"))
        if about and not items:
            put(1, "talk off the record", fallback, statement.id, statement.by, statement.get("text"))
    put(2, "opened", motion.day, motion.id, motion.by)
    for field in ("subject", "form"):
        entry = setter(motion, field)
        if entry is not None and entry.id != motion.id:
            put(2, field + " changed", days.of(entry.earliest), entry.id, entry.by)
    acts(3, "reply", "reply_right")
    acts(3, "signed", "join")
    put(4, "vote opens", motion.day_of("vote_from"))
    acts(5, "poll linked", "poll", "url")
    put(6, "notice ends", progress.last)
    put(7, "vote closes", motion.day_of("vote_until"))
    acts(8, "handover", "handover")
    acts(8, "withdrawn", "withdraw")
    for act in progress.conclusions:
        what = "premature conclusion" if progress.premature(act) else "concluded"
        put(8, what, act.day, act.id, act.by, act.get("outcome"))
    acts(9, "carried out", "execute", "reference")
    found.sort(key=lambda one: one[0])
    return [row for _, row in found]


# R21, R22, R23, R24, R26, R27, R28, R29, R33, R34, R36


def motions(world):
    only = world.only
    shown = []
    for motion in world.kind("motion"):
        if (
            only in (None, motion)
            or only.id in (motion.get("domain"), motion.get("subject"), motion.get("replacement"))
            or (
                only.kind == "concern"
                and (same(motion.get("subject"), only.get("about")) or only.id in ids(motion, "concerns"))
            )
        ):
            shown.append(motion)
    rows, alternatives = [], []
    for motion in shown:
        rows.append(motion_row(world, motion))
        for other_id in ids(motion, "alternatives"):
            other = world.doc(other_id, "motion")
            if other is None:
                linked = "not a motion here"
            else:
                linked = "by both" if motion.id in ids(other, "alternatives") else "by this one"
            alternatives.append({
                "motion": motion.id,
                "alternative": other_id,
                "form": form_of(other) if other else None,
                "outcome": Progress(world, other).outcome if other else None,
                "linked": linked,
            })
    return {"motions": rows, "alternatives": alternatives}


def form_of(motion):
    return motion.get("form") if motion.get("form") in FORMS else "other"


def raised(world, motion):
    """Concerns before a motion about the same subject."""
    subject = motion.get("subject")
    found = []
    for concern in world.kind("concern"):
        about = concern.get("about")
        listed = concern.id in ids(motion, "concerns") and (is_name(about) or is_name(subject))
        if concern.earliest < motion.time and (same(about, subject) or listed):
            found.append(concern.id)
    return sorted(found)


def replacement_word(world, motion):
    who = motion.get("replacement")
    if who is None:
        return None
    if not is_id(who):
        return "a name without a nomination"
    if motion.by == who or any(act.by == who for act in motion.counting("join")):
        return "has signed this motion"
    found = [one for one in world.kind("nomination") if who in (one.id, one.get("nominee"))]
    if not found:
        return "not nominated"
    last = found[-1]
    if last.state in ("accepted", "declined", "withdrawn"):
        return "stands" if last.state == "accepted" else last.state
    nominee = last.id_of("nominee")
    if nominee is not None and nominee in writers(last):
        return "has not accepted yet"
    return "nominated by someone else has not spoken yet"


def writers(doc):
    """Authors of its entries in the record, whatever their effect."""
    found = {doc.by} | {act.by for act in doc.acts if act.record}
    try:
        return found | {line.by for line in doc.log if line.record}
    except NotRecomputed:
        # Without a log: an edit that nothing is left of is not known.
        for field in doc.content.values():
            for one in [field, *(field.get("items") or [])]:
                found |= {value.get("by") for value in one.get("values") or []}
        return found


def motion_row(world, motion):
    progress = Progress(world, motion)
    form = form_of(motion)
    against = form in AGAINST
    voluntary = motion.facts.get("voluntary")
    reasons = motion.get("reasons") is not None and plain(motion.get("reasons")) != plain(motion.get("thanks"))
    concerns = raised(world, motion)
    if not against or voluntary == "yes":
        concern = "not needed"
    else:
        concern = "raised before" if concerns else "no earlier concern"
    replacement = replacement_word(world, motion)
    options = motion.get("options")
    options = 2 if options is None else len(options)
    most = world.parameter("options_max", form)
    subject = motion.get("subject")
    vote = motion.day_of("vote_from")
    early = vote is not None and progress.free is not None and vote < days.of(progress.free)
    flags = [
        (against and subject is None, "names nobody"),
        (against and is_name(subject), "names somebody without an identity"),
        (any(len(motion.values(field)) > 1 for field in ("subject", "form")), "contradicts itself"),
        (voluntary == "not signed by the subject", "voluntary but not signed by the subject"),
        (form in ("offboard", "disband") and voluntary != "yes" and not reasons, "no reasons"),
        (concern == "no earlier concern", "no earlier concern"),
        (replacement == NOT_SPOKEN, NOT_SPOKEN),
        (options > most, "too many options"),
        (options < 2, "no choice"),
        (early, "vote before the reply or the end of notice"),
        (progress.any_premature, "premature conclusion"),
        (
            voluntary != "yes" and any(act.get("outcome") == "resigned" for act in progress.conclusions),
            "resigned without the signature of the subject",
        ),
    ]
    return {
        "motion": motion.id,
        "form": form,
        "subject": subject,
        "by": motion.by,
        "member": world.member_at(motion.by, motion.time),
        "opened": day(motion.time),
        "voluntary": voluntary,
        "reasons": reasons,
        "notice_until": days.write(progress.last),
        "reply": progress.reply,
        "outcome": progress.outcome,
        "waits_for": progress.waits_for,
        "concerns": concerns,
        "concern": concern,
        "replacement": motion.get("replacement"),
        "replacement_word": replacement,
        "options": options,
        "options_max": most,
        "effects": "none" if motion.get("form") == "recommend" else "as concluded",
        "flags": [flag for holds, flag in flags if holds],
    }


NOT_SPOKEN = "nominated by someone else has not spoken yet"


# R30


def handover(world):
    items, interim = [], []
    for doc in world.kind("domain", "motion"):
        if world.only is not None and world.only is not doc and doc.get("domain") != world.only.id:
            continue
        acts = doc.counting("handover")
        first = [act for act in acts if act.by in doc.owners or world.member_at(act.by, act.time)]
        named = {act.get(field) for act in first for field in ("from", "to")}
        says = {act.id for act in acts if act in first or act.by in named}
        found = {}
        for act in acts:
            if act.id in says:
                for item in act.get("items") or []:
                    found.setdefault(plain(item.get("text")), []).append((act, item))
        for named_in in found.values():
            act, item = named_in[-1]
            until = next((one["until"] for _, one in reversed(named_in) if one.get("until") is not None), None)
            if item.get("done") is True:
                standing = "passed"
            else:
                standing = "late" if until is not None and world.today > days.read(until) else "open"
            items.append({
                "doc": doc.id,
                "item": item.get("text"),
                "until": until,
                "standing": standing,
                "by": act.by,
                "day": day(act.time),
                "entry": act.id,
            })
        for act in acts:
            interim.append({
                "doc": doc.id,
                "from": act.text("from"),
                "to": act.text("to"),
                "interim": act.text("interim"),
                "by": act.by,
                "counts": act.id in says,
                "day": day(act.time),
                "text": words(act),
                "entry": act.id,
            })
    return {"items": items, "interim": interim}


# R31, R32, R35


def underlined(text):
    """Plain, with blanks and hyphens as `_`."""
    text = plain(text)
    return None if text is None else "".join("_" if c == "-" or c.isspace() else c for c in text)


def seat_of(world, tenure):
    """The item of a seat that somebody holds; None for none."""
    domain = world.doc(tenure.scope, "domain")
    if domain is None:
        return None
    seats = domain.items("seats")
    for item in seats:
        if underlined(item.get("name")) == underlined(tenure.role):
            return item
    if tenure.role != "facilitator":
        return None
    nominations = [
        one
        for one in world.kind("nomination")
        if one.get("domain") == tenure.scope and one.get("nominee") == tenure.holder and one.state == "accepted"
    ]
    name = nominations[-1].get("seat") if nominations else None
    for item in seats:
        if name is not None and item.get("name") == name:
            return item
    return seats[0] if len(seats) == 1 else None


def tenures_shown(world):
    """By `from`, then grant; (tenure, its end as of now)."""
    found = [
        (one, one.until if one.until is not None and one.until <= world.now else None)
        for one in world.tenures
        if one.start <= world.now and (world.only is None or one.scope == world.only.id)
    ]
    return sorted(found, key=lambda one: (one[0].start, one[0].grant))


def term_end(tenure, seat):
    if seat is None or seat.get("term_days") is None:
        return None
    return days.of(tenure.start) + seat.get("term_days")


def how_ended(world, tenure, until, progress):
    """(word, motion)"""
    ends = term_end(tenure, seat_of(world, tenure))
    if until is None:
        return "holds it past the term" if ends is not None and world.today > ends else "holds it", None
    found = []
    for one in progress:
        motion = one.motion
        where = motion.get("domain")
        if motion.get("subject") != tenure.holder:
            continue
        if tenure.scope is not None and is_id(where) and where != tenure.scope:
            continue
        if one.sound:
            last = one.sound[-1]
            if days.of(tenure.start) <= last.day <= days.of(until) and last.get("outcome") in ("removed", "resigned"):
                found.append((last.day, motion.id, last.get("outcome"), motion.facts.get("voluntary")))
    if found:
        _, motion, outcome, voluntary = max(found, key=lambda one: one[:2])
        if outcome == "resigned" and voluntary != "yes":
            outcome = "revoked"
        return outcome, motion
    return "term ended" if ends is not None and ends <= days.of(until) else "revoked", None


def roles(world):
    progress = [Progress(world, motion) for motion in world.kind("motion")]
    disclosed = [act.by for act in all_acts(world, "disclose")]
    now, history = [], []
    for tenure, until in tenures_shown(world):
        start = days.of(tenure.start)
        seat = seat_of(world, tenure)
        if until is None:
            now.append({
                "role": tenure.role,
                "scope": tenure.scope,
                "holder": tenure.holder,
                "since": days.write(start),
                "seat": seat.get("name") if seat else None,
                "disclosures": disclosed.count(tenure.holder),
            })
        ended, motion = how_ended(world, tenure, until, progress)
        history.append({
            "holder": tenure.holder,
            "role": tenure.role,
            "scope": tenure.scope,
            "from": days.write(start),
            "until": day(until),
            "days": days.between(start, world.today if until is None else days.of(until)),
            "ended": ended,
            "motion": motion,
            "grant": tenure.grant,
        })
    tables = {"holders": now, "history": history}
    if world.only is None:
        tables["charter"] = []
        for field in ("name", "purpose", "charter", "calendar"):
            text = world.committee.get(field)
            entry = setter(world.committee, field)
            tables["charter"].append({
                "field": field,
                "said": text is not None,
                "text": text,
                "by": entry.by if entry else None,
                "day": day(entry.time) if entry else None,
            })
    return tables


def turnover(world):
    found = {}
    for tenure, until in tenures_shown(world):
        start = days.of(tenure.start)
        found.setdefault((days.year(start), tenure.role), [0, []])[0] += 1
        if until is not None:
            end = days.of(until)
            found.setdefault((days.year(end), tenure.role), [0, []])[1].append(days.between(start, end))
    rows = []
    for (year, role), (starts, spans) in sorted(found.items()):
        spans.sort()
        n = len(spans)
        rows.append({
            "year": year,
            "role": role,
            "starts": starts,
            "ends": n,
            "median_days": (spans[(n - 1) // 2] + spans[n // 2]) // 2 if n else None,
        })
    return {"turnover": rows}


def terms(world):
    remind = world.parameter("term_reminder_days")
    rows = []
    for tenure, until in tenures_shown(world):
        seat = seat_of(world, tenure)
        if until is not None or seat is None:
            continue
        ends = term_end(tenure, seat)
        left = None if ends is None else ends - world.today
        if left is None:
            standing = "without end"
        elif left < 0:
            standing = "over"
        else:
            standing = "runs" if left > remind else "ends soon"
        rows.append(((ends is None, ends or 0, tenure.start, tenure.grant), {
            "holder": tenure.holder,
            "role": tenure.role,
            "domain": tenure.scope,
            "seat": seat.get("name"),
            "from": day(tenure.start),
            "term_days": seat.get("term_days"),
            "ends": days.write(ends),
            "left_days": left,
            "standing": standing,
        }))
    rows.sort(key=lambda one: one[0])
    return {"terms": [row for _, row in rows]}


# R36


def concerns(world):
    only = world.only
    rows = []
    for concern in world.kind("concern"):
        about = concern.get("about")
        if only is not None and only is not concern:
            if only.kind != "motion":
                continue
            if concern.id not in ids(only, "concerns") and not same(about, only.get("subject")):
                continue
        put_right = None
        for act in concern.counting("resolve"):
            if act.body == "here" and act.get("entry") in (None, concern.id) and act.by != about:
                if capacity(world, act, concern.by) != "somebody else":
                    put_right = act
        replies = [act.day for act in concern.counting("reply_right")]
        if concern.state == "escalated":
            standing = "escalated"
        elif put_right is not None:
            standing = "put right"
        elif concern.counting("withdraw"):
            standing = "withdrawn"
        else:
            standing = "answered" if replies else "open"
        settled = put_right.day if standing == "put right" else None
        led = {motion.id for motion in world.kind("motion") if concern.id in ids(motion, "concerns")}
        led |= {act.get("doc") for act in concern.counting("escalate")} - {None}
        rows.append({
            "concern": concern.id,
            "about": about,
            "form": concern.get("form"),
            "by": concern.by,
            "opened": day(concern.time),
            "settled_by": capacity(world, put_right, concern.by) if put_right else None,
            "standing": standing,
            "answered": days.write(min(replies)) if replies else None,
            "answer_days": days.between(concern.day, min(replies)) if replies else None,
            "settled": days.write(settled),
            "days": days.between(concern.day, world.today if settled is None else settled),
            "evidence": len(concern.items("evidence")),
            "motions": sorted(led),
        })
    return {"concerns": rows}


# Weights


def registers(world):
    """{ class: the register that gives its weights }"""
    found = {}
    for register in world.kind("register"):
        scopes = (None, register.id)
        if register.by not in world.founders and not world.held(register.by, "registrar", register.time, scopes):
            continue
        on = register.day_of("day")
        on = register.day if on is None else on
        if on > world.today:
            continue
        rank = on, register.get("block") or 0, register.time, register.id
        for name in {plain(item.get("class")) for item in register.items("holders")} - {None}:
            if name not in found or found[name][0] < rank:
                found[name] = rank, register
    return {name: register for name, (_, register) in found.items()}


def weights(world, register, name, order):
    """{ person: weight } where each item belongs to the first in the order who claims it."""
    found = dict.fromkeys(order, 0)
    if register is None or name is None:
        return found
    own = [(one, {plain(address) for address in world.addresses(one)}) for one in found]
    for item in register.items("holders"):
        if plain(item.get("class")) != name:
            continue
        holder = item.get("holder")
        for one, addresses in own:
            if one == holder if is_id(holder) else plain(holder) in addresses:
                found[one] += item.get("weight")
                break
    return {one: min(U64, weight) for one, weight in found.items()}


class Group:
    """The stances of one class in one document, by time."""

    def __init__(self, world, name, register, acts):
        self.name = name
        self.register = register
        self.acts = acts
        # The last who claims an item has it.
        self.weight = weights(world, register, name, unique(act.by for act in reversed(acts)))

    def of(self, position):
        return [act for act in self.acts if act.get("position") == position]

    def sum(self, position):
        return min(U64, sum(self.weight[act.by] for act in self.of(position)))

    def columns(self):
        return {
            "class": self.name,
            **{position: len(self.of(position)) for position in POSITIONS},
            **{position + "_weight": self.sum(position) for position in POSITIONS},
        }

    @property
    def all(self):
        return min(U64, sum(self.sum(position) for position in POSITIONS))

    @property
    def unverified(self):
        return sum(self.weight[act.by] == 0 for act in self.acts)

    def source(self):
        return {
            "register": self.register.id if self.register else None,
            "block": self.register.get("block") if self.register else None,
        }


def stances(world, doc, known):
    found = {}
    for act in doc.counting("stance"):
        if act.get("position") in POSITIONS:
            found.setdefault(plain(act.get("class")), []).append(act)
    names = sorted(found, key=lambda name: (name is not None, name or ""))
    each = ((name, sorted(found[name], key=lambda act: (act.time, act.id))) for name in names)
    return [Group(world, name, known.get(name), acts) for name, acts in each]


def tally(world):
    doc = world.only or world.committee
    rows, each = [], []
    for group in stances(world, doc, registers(world)):
        listed = None
        if group.register is not None:
            items = group.register.items("holders")
            listed = min(U64, sum(item.get("weight") for item in items if plain(item.get("class")) == group.name))
        rows.append({
            **group.columns(),
            "unverified": group.unverified,
            "listed_weight": listed,
            "spoken": None if listed is None else share(group.all, listed),
            **group.source(),
        })
        for act in group.acts:
            weight = group.weight[act.by]
            each.append({
                "class": group.name,
                "by": act.by,
                "position": act.get("position"),
                "confidence": act.get("confidence"),
                "weight": weight,
                "verified": weight > 0,
                "day": day(act.time),
                "reason": words(act),
                "entry": act.id,
            })
    return {"tally": rows, "stances": each}


def confidence(world):
    docs = [world.only] if world.only else world.kind("nomination", "statement", "domain", "motion")
    known = registers(world)
    rows, conditions = [], []
    for doc in docs:
        for group in stances(world, doc, known):
            sure = {}
            for position in ("support", "oppose"):
                given = [
                    (act.get("confidence"), group.weight[act.by])
                    for act in group.of(position)
                    if act.get("confidence") is not None
                ]
                whole = sum(weight for _, weight in given)
                sure[position + "_sure"] = sum(s * 10_000 * w for s, w in given) // whole if whole else None
            rows.append({
                "doc": doc.id,
                **group.columns(),
                **sure,
                "unverified": group.unverified,
                **group.source(),
            })
            for act in group.acts:
                if act.text("conditions") is not None:
                    would = {"support": "lose it", "oppose": "win it", "abstain": "decide it"}
                    conditions.append({
                        "doc": doc.id,
                        "class": group.name,
                        "by": act.by,
                        "position": act.get("position"),
                        "would": would[act.get("position")],
                        "conditions": act.get("conditions"),
                        "weight": group.weight[act.by],
                        "day": day(act.time),
                        "entry": act.id,
                    })
    return {"confidence": rows, "conditions": conditions}


# R42


def polls(world):
    known = registers(world)
    rows, results = [], []
    for doc in narrowed(world, world.everything):
        groups = None
        for act in doc.counting("poll"):
            given = act.get("results") or []
            ends = act.day_of("until")
            if not given:
                word = "none"
            else:
                word = "final" if ends is None or world.today > ends else "so far"
            rows.append({
                "doc": doc.id,
                "poll": act.id,
                "url": act.get("url"),
                "chain": act.get("chain"),
                "reference": act.text("reference"),
                "block": act.get("block"),
                "class": act.text("class"),
                "from": act.get("from"),
                "until": act.get("until"),
                "by": act.by,
                "member": world.member_at(act.by, act.time),
                "results": word,
            })
            if groups is None:
                groups = {group.name: group for group in stances(world, doc, known)}
            options = {}
            for one in given:
                options.setdefault(plain(one.get("option")), []).append(one)
            sums = {option: min(U64, sum(one["weight"] for one in each)) for option, each in options.items()}
            whole = sum(sums.values())
            group = groups.get(plain(act.get("class")))
            for option, each in options.items():
                part = share(sums[option], whole)
                own = group.sum(option) if group and option in POSITIONS else None
                own_share = None if own is None else share(own, group.all)
                voters = [one.get("voters") for one in each]
                results.append({
                    "doc": doc.id,
                    "poll": act.id,
                    "option": option,
                    "weight": sums[option],
                    "voters": None if None in voters else sum(voters),
                    "share": part,
                    "stance_weight": own,
                    "stance_share": own_share,
                    "difference": None if part is None or own_share is None else part - own_share,
                })
    return {"polls": rows, "results": results}


# R39

CHAIN = 32


class Circle:
    """What stands of one document and scope: who lends to whom, and which share."""

    def __init__(self, doc, scope):
        self.doc = doc
        self.scope = scope
        self.to = {}
        self.acts = []

    def add(self, act):
        lent = act.get("share")
        self.to[act.by] = act.get("to"), MILLION if lent is None else lent
        self.acts.append(act)

    def close(self):
        """Finds the rings, each from its lowest id on."""
        self.rings, seen = [], set()
        for start in self.to:
            path, at = [], start
            while at in self.to and at not in seen:
                seen.add(at)
                path.append(at)
                at = self.to[at][0]
            if at in path:
                ring = path[path.index(at) :]
                low = ring.index(min(ring))
                self.rings.append(ring[low:] + ring[:low])
        self.rings.sort()
        self.ringed = {one for ring in self.rings for one in ring}

    def lends(self, person):
        """Which share they pass on."""
        return self.to[person][1] if person in self.to and person not in self.ringed else 0

    def voices(self):
        """(delegate, person, share, via), by delegate, then person."""
        found = []
        for person in self.to:
            carried, at, via = MILLION, person, []
            for _ in range(CHAIN):
                carried = carried * self.lends(at) // MILLION
                if carried == 0:
                    break
                at = self.to[at][0]
                found.append([at, person, carried, list(via)])
                via.append(at)
                # What the next one passes on does not stay.
                if len(via) < CHAIN:
                    found[-1][2] -= carried * self.lends(at) // MILLION
        return sorted((one for one in found if one[2] > 0), key=lambda one: one[:2])


def circles(world, docs):
    """(circles in order, { act: standing }, acts of the log)"""
    standing, log, found = {}, [], []
    for doc in docs:
        acts = [
            act
            for act in doc.acts
            if act.kind == "delegate"
            and act.record
            and act.effect in ("effective", "superseded", "conflict")
            and made(world, act)
        ]
        last = {act.by: act for act in acts}
        mine = {}
        for act in acts:
            first, ends = act.day_of("from"), act.day_of("until")
            first = act.day if first is None else first
            if act.effect == "conflict" and last[act.by].effect == "conflict":
                word = "contradicted"
            elif last[act.by] is not act:
                word = "replaced"
            elif not act.here:
                word = "unknown"
            elif act.get("to") is None:
                word = "taken back"
            elif world.today < first:
                word = "not yet"
            elif ends is not None and world.today > ends:
                word = "over"
            else:
                word = "standing"
                scope = plain(act.get("scope"))
                mine.setdefault(scope, Circle(doc, scope)).add(act)
            standing[act.id] = word
        for circle in mine.values():
            circle.close()
            for act in circle.acts:
                if act.by in circle.ringed:
                    standing[act.id] = "in a ring"
        found += mine.values()
        log += acts
    return found, standing, log


def delegations(world):
    found, standing, log = circles(world, narrowed(world, world.everything))
    known = registers(world)
    voices, rows, cycles = [], [], []
    for circle in found:
        where = {"doc": circle.doc.id, "scope": circle.scope}
        each = circle.voices()
        voices += [
            {**where, "delegate": delegate, "person": person, "share": part, "via": via}
            for delegate, person, part, via in each
        ]
        people = sorted({*circle.to, *(to for to, _ in circle.to.values())})
        for name in sorted(known):
            weight = weights(world, known[name], name, people)
            for delegate in people:
                own = weight[delegate] * (MILLION - circle.lends(delegate)) // MILLION
                lent = sum(weight[person] * part // MILLION for to, person, part, _ in each if to == delegate)
                if own or lent:
                    rows.append({
                        **where,
                        "class": name,
                        "delegate": delegate,
                        "own": own,
                        "lent": min(U64, lent),
                        "register": known[name].id,
                    })
        cycles += [{**where, "people": ring} for ring in circle.rings]
    lines = [
        {
            "doc": act.doc.id,
            "by": act.by,
            "to": act.get("to"),
            "scope": act.text("scope"),
            "share": act.get("share"),
            "from": act.get("from"),
            "until": act.get("until"),
            "day": day(act.time),
            "standing": standing[act.id],
            "reason": words(act),
            "entry": act.id,
        }
        for act in sorted(log, key=lambda act: (act.time, act.id))
    ]
    return {"voices": voices, "weights": rows, "cycles": cycles, "log": lines}


# R38


def instructions(world):
    _, standing, log = circles(world, world.everything)
    lent = {(act.by, act.get("to")) for act in log if standing[act.id] in ("standing", "in a ring")}
    rows = []
    for act in by_time(act for doc in narrowed(world, world.everything) for act in doc.counting("instruct")):
        to = act.get("to")
        if to is None:
            continue
        last = [one for one in act.doc.counting("stance") if one.by == to][-1:]
        if not last:
            acted = "nothing yet"
        elif act.get("position") is None:
            acted = "has a stance"
        else:
            acted = "as asked" if last[0].get("position") == act.get("position") else "otherwise"
        rows.append({
            "doc": act.doc.id,
            "by": act.by,
            "to": to,
            "lends": (act.by, to) in lent,
            "position": act.get("position"),
            "text": words(act),
            "day": day(act.time),
            "acted": acted,
            "entry": act.id,
        })
    return {"instructions": rows}


# R25, R40


def influence(world):
    only = world.only
    rows = []
    for statement in world.kind("statement"):
        if statement.get("form") not in ("off_record", "influence"):
            continue
        about = statement.get("about")
        for item in statement.items("items") or [None]:
            who = item.text("who") if item else None
            if only is not None and only is not statement and about != only.id:
                subject = only.get("subject")
                if not same(about, subject) and not same(who, subject):
                    continue
            on = item.day_of("day") if item else None
            on = statement.day_of("start") if on is None else on
            summary = (item.text("text") if item else None) or statement.get("text")
            missing = [
                (who is None and (item is not None or about is None), "who"),
                (on is None, "when"),
                (summary is None, "what"),
            ]
            rows.append({
                "statement": statement.id,
                "form": statement.get("form"),
                "by": statement.by,
                "who": who,
                "about": about,
                "day": days.write(on),
                "summary": summary,
                "missing": [word for holds, word in missing if holds],
                "disclosed": day(statement.time),
                "days": None if on is None else statement.day - on,
                "motions": [
                    motion.id
                    for motion in world.kind("motion")
                    if same(motion.get("subject"), who) or same(motion.get("subject"), about) or about == motion.id
                ],
            })
    return {"influence": rows}


# R35, R41


def conflicts(world):
    only = world.only
    disclosures, allegations = [], []
    disclosed = all_acts(world, "disclose")
    for act in by_time(disclosed):
        if only is not None and act.doc is not only and act.get("about") != only.id:
            continue
        first, last = act.day_of("since"), act.day_of("until")
        holds = (first is None or first <= world.today) and (last is None or world.today <= last)
        disclosures.append({
            "doc": act.doc.id,
            "by": act.by,
            "about": act.text("about"),
            "text": words(act),
            "since": act.get("since"),
            "until": act.get("until"),
            "holds": holds,
            "day": day(act.time),
            "entry": act.id,
        })
    for concern in world.kind("concern"):
        about = concern.get("about")
        if concern.get("form") != "conflict":
            continue
        if only is not None and only is not concern and not same(about, only.get("subject")):
            continue
        items = concern.items("evidence")
        if not items:
            evidence = "without evidence"
        else:
            shows = any(item.text(field) is not None for item in items for field in ("entry", "url", "hash"))
            evidence = "with evidence" if shows else "words only"
        replies = [act.day for act in concern.counting("reply_right")]
        allegations.append({
            "concern": concern.id,
            "about": about,
            "by": concern.by,
            "opened": day(concern.time),
            "items": len(items),
            "evidence": evidence,
            "reply": "given" if replies else "waiting" if is_id(about) else "nobody can reply",
            "replied": days.write(min(replies)) if replies else None,
            "disclosed": sum(is_id(about) and act.by == about and act.time <= concern.time for act in disclosed),
        })
    return {"disclosures": disclosures, "allegations": allegations}


# R43


def labels(world):
    rows, used = [], {}
    for act in by_time(act for doc in narrowed(world, world.everything) for act in doc.counting("label")):
        name = plain(act.get("label"))
        entry = act.doc.wrote(act.get("entry")) if act.get("entry") else None
        used[name] = used.get(name, 0) + 1
        rows.append({
            "doc": act.doc.id,
            "entry": act.get("entry"),
            "kind": entry.kind if entry else None,
            "author": entry.by if entry else None,
            "label": name,
            "reason": act.get("reason"),
            "by": act.by,
            "day": day(act.time),
            "act": act.id,
        })
    counts = [{"label": name, "entries": used[name]} for name in sorted(used, key=lambda name: name or "")]
    return {"labels": rows, "words": counts}


# R44


def people(world):
    rows = []
    for person in sorted(world.people, key=lambda one: (one.first is None, one.first or 0, one.id)):
        known = person.known_by
        name = plain(person.name)
        rows.append({
            "person": person.id,
            "name": person.name,
            "first": day(person.first),
            "age_days": None if person.first is None else till(world, days.of(person.first)),
            "known_by": day(known),
            "proven_days": None if known is None else till(world, days.of(known)),
            "vouched_by": person.vouched_by,
            "founder": person.founder,
            "roles": sorted({one.role for one in world.tenures if one.holder == person.id and one.until is None}),
            "addresses": len(person.addresses),
            "namesakes": sum(
                other is not person and name is not None and plain(other.name) == name for other in world.people
            ),
        })
    return {"people": rows}


# R45


def holder(world, entry):
    """The document that holds an entry in the record."""
    if entry is None:
        return None
    for doc in world.everything:
        found = doc.entry(entry)
        if found is not None and found.record:
            return doc
        written = (value.get("entry") for field in doc.content.values() for value in field.get("values") or [])
        if found is None and entry in written:
            return doc
    return None


def forks(world):
    rows, said_there = [], set()
    for act in all_acts(world, "fork"):
        fork = world.doc(act.get("doc"))
        said_there.add((act.doc.id, act.get("doc")))
        if fork is not None and fork.get("fork_of") is not None and holder(world, fork.get("fork_of")) is act.doc:
            word = "both"
        else:
            word = "the origin only" + ("" if fork is not None else " and the other is not here")
        rows.append((act.doc, fork, {
            "origin": act.doc.id,
            "entry": act.get("entry"),
            "fork": act.get("doc"),
            "said": word,
            "by": act.by,
            "day": day(act.time),
            "reason": words(act),
        }))
    for doc in world.everything:
        entry = doc.get("fork_of")
        if entry is None:
            continue
        origin = holder(world, entry)
        if origin is not None and (origin.id, doc.id) in said_there:
            continue
        rows.append((origin, doc, {
            "origin": origin.id if origin else None,
            "entry": entry,
            "fork": doc.id,
            "said": "the fork only" + ("" if origin else " and the other is not here"),
            "by": doc.by,
            "day": day(doc.time),
            "reason": None,
        }))
    return {"forks": [row for origin, fork, row in rows if world.only is None or world.only in (origin, fork)]}


# R46, R47


def about(world, doc, kind, entry):
    """(the last act of a kind about an entry by somebody who has a say, how many by others)"""
    last, ignored = None, 0
    for act in doc.counting(kind):
        if act.get("entry") == entry.id:
            if capacity(world, act, entry.by) == "somebody else":
                ignored += 1
            else:
                last = act
    return last, ignored


def objections(world):
    rows = []
    allowed = world.parameter("objection_days")
    for act in by_time(act for doc in narrowed(world, world.everything) for act in doc.counting("objection")):
        last, ignored = about(world, act.doc, "dispose", act)
        outcome = last.get("outcome") if last else "open"
        until = last.day_of("until") if outcome == "deferred" else None
        if until is not None and world.today > until:
            outcome = "deferral is over"
        again = outcome in ("open", "deferral is over")
        due = None
        if again:
            due = act.day + allowed if until is None else until
        rows.append((outcome != "open", {
            "doc": act.doc.id,
            "objection": act.id,
            "by": act.by,
            "day": day(act.time),
            "text": words(act),
            "field": act.text("field"),
            "outcome": outcome,
            "disposed_by": last.by if last else None,
            "capacity": capacity(world, last, act.by) if last else None,
            "reason": words(last) if last else None,
            "until": days.write(until),
            "due": days.write(due),
            "age_days": days.between(act.day, world.today if again else last.day),
            "late": due is not None and due < world.today,
            "ignored": ignored,
        }))
    rows.sort(key=lambda one: one[0])
    return {"objections": [row for _, row in rows]}


def promises(world):
    rows = []
    for act in by_time(act for doc in narrowed(world, world.everything) for act in doc.counting("promise")):
        last, ignored = about(world, act.doc, "resolve", act)
        ends = act.day_of("until")
        if last is not None:
            standing = last.get("outcome") or "settled"
        else:
            standing = "overdue" if ends is not None and world.today > ends else "open"
        rows.append({
            "doc": act.doc.id,
            "promise": act.id,
            "by": act.by,
            "day": day(act.time),
            "text": words(act),
            "condition": act.get("condition"),
            "until": act.get("until"),
            "vision": act.text("vision"),
            "standing": standing,
            "said_by": last.by if last else None,
            "capacity": capacity(world, last, act.by) if last else None,
            "said": words(last) if last else None,
            "ignored": ignored,
        })
    return {"promises": rows}


# R48


def visions(world):
    found = []
    for doc in world.everything:
        if world.only is not None and doc is not world.only and doc.get("domain") != world.only.id:
            continue
        if doc.kind == "statement" and doc.get("form") == "position":
            found.append((plain(doc.get("vision")), "position", doc, doc, title(doc)))
        for act in doc.counting("promise"):
            if act.text("vision") is not None:
                found.append((plain(act.get("vision")), "promise", doc, act, words(act)))
    found.sort(key=lambda one: (one[0] is None, one[0] or "", one[3].time))
    rows = []
    for name in unique(one[0] for one in found):
        mine = [one for one in found if one[0] == name]
        rows.append({
            "vision": name,
            "positions": sum(one[1] == "position" for one in mine),
            "promises": sum(one[1] == "promise" for one in mine),
            "authors": sorted({one[3].by for one in mine}),
        })
    positions = [
        {
            "vision": name,
            "sort": sort,
            "doc": doc.id,
            "entry": entry.id,
            "by": entry.by,
            "day": day(entry.time),
            "text": text,
        }
        for name, sort, doc, entry, text in found
    ]
    return {"visions": rows, "positions": positions}


# R49

SIGNED = ("form", "subject", "title", "text", "options", "threshold")


def has_seen(act, fields):
    """Whether an act had seen the values that these fields have now."""
    doc = act.doc
    if any(doc.marked(field) for field in fields):
        return False
    wrote = {value["entry"] for field in fields for value in doc.values(field)} - {doc.id} - set(act.saw)
    if not wrote:
        return True
    if not set(act.saw) - {doc.id}:
        return False
    after = {line.id: line.raw.get("after") or [] for line in doc.log}
    found, left = set(), [act.id]
    while left:
        for name in after.get(left.pop(), ()):
            if name not in found:
                found.add(name)
                left.append(name)
    return wrote <= found


def petitions(world):
    rows, signatures = [], []
    for motion in narrowed(world, world.kind("motion")):
        if motion.get("form") != "petition":
            continue
        joins = [act for act in motion.counting("join") if has_seen(act, SIGNED)]
        joins.sort(key=lambda act: (act.time, act.id))
        first = {}
        for act in joins:
            first.setdefault(act.by, act)
        count = motion.facts.get("signatures") or 0
        needed = motion.get("threshold") or None
        on = [act.day for act in first.values()]
        if count > len(first):
            on = sorted([motion.day, *on])
        reached = needed is not None and count >= needed
        rows.append({
            "petition": motion.id,
            "opened": day(motion.time),
            "signatures": count,
            "earlier": motion.facts.get("signatures_earlier"),
            "threshold": needed,
            "missing": None if needed is None else max(0, needed - count),
            "reached": reached,
            "reached_on": days.write(on[needed - 1]) if reached and needed <= len(on) else None,
            "state": motion.state,
        })
        signatures += [
            {"petition": motion.id, "by": act.by, "day": day(act.time), "entry": act.id} for act in first.values()
        ]
    return {"petitions": rows, "signatures": signatures}


VIEWS = {
    "timeline": timeline,
    "motions": motions,
    "handover": handover,
    "roles": roles,
    "turnover": turnover,
    "terms": terms,
    "concerns": concerns,
    "tally": tally,
    "confidence": confidence,
    "polls": polls,
    "delegations": delegations,
    "instructions": instructions,
    "influence": influence,
    "conflicts": conflicts,
    "labels": labels,
    "people": people,
    "forks": forks,
    "objections": objections,
    "promises": promises,
    "visions": visions,
    "petitions": petitions,
}
