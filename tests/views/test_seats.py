"""The trickier rules of docs/spec/views/seats.md."""

import unittest

from make import act, block, doc, eid, export, person, tenure
from recompute import compute
from world import NotRecomputed

DAI = "DAI"


def dai(amount):
    return {"amount": amount, "currency": DAI}


def nomination(name, when, who=None, state="open", acts=(), **fields):
    facts = {"name": state, "by": []}
    if who:
        facts["nominee"] = [eid(who)]
    return doc(name, "nomination", "nom", when, acts, state=facts, **fields)


def column(rows, name):
    return [row[name] for row in rows]


class Ballot(unittest.TestCase):
    def setUp(self):
        seats = [{"name": "lead", "count": 2, "term_days": 10}, {"name": "aide"}, {"name": "lead"}]
        self.domain = doc("dom", "domain", "ada", "2026-01-02", lists={"seats": seats}, name="Risk", code="R")

    def test_standing_and_term(self):
        self.domain["content"]["signalling_from"] = {"values": [{"value": "2026-02-01", "entry": eid("dom")}]}
        raw = export(
            "2026-02-15",
            self.domain,
            nomination("a", "2026-01-31", domain="Risk", seat="lead", nominee="Zed"),
            nomination("b", "2026-02-01", "bob", domain=eid("dom"), seat="lead"),
            nomination("c", "2026-02-02", "bob", state="accepted", domain="R", seat="Lead"),
        )
        rows = compute(raw, "ballot")["nominations"]
        self.assertEqual(column(rows, "standing"), ["silent past the term", "waiting", "on the ballot"])
        self.assertEqual(column(rows, "during"), ["before", "open", "open"])
        self.assertEqual(column(rows, "until"), [None, "2026-02-15", None])
        self.assertEqual(column(rows, "seat_known"), ["yes", "yes", "no such seat"])
        self.assertEqual(column(rows, "places"), [3, 3, None])
        self.assertEqual(column(rows, "nominee"), ["Zed", eid("bob"), eid("bob")])

    def test_two_domains_of_one_name_are_none(self):
        other = doc("oth", "domain", "ada", "2026-01-03", name="Risk")
        raw = export("2026-02-15", self.domain, other, nomination("a", "2026-02-01", domain="Risk"))
        self.assertEqual(compute(raw, "ballot")["nominations"][0]["seat_known"], "no such domain")
        self.assertEqual(compute(raw, "ballot")["nominations"][0]["domain"], "Risk")

    def test_who_sits_where(self):
        raw = export(
            "2026-03-01",
            self.domain,
            nomination("a", "2026-01-10", "bob", state="accepted", domain=eid("dom"), seat="lead"),
            nomination("b", "2026-01-12", "bob", state="accepted", domain=eid("dom"), seat="aide"),
            nomination("c", "2026-01-20", "bob", state="accepted", domain=eid("dom"), seat="lead"),
            tenures=[
                tenure("g", "facilitator", "bob", "2026-01-15", scope="dom"),
                tenure("h", "facilitator", "bob", "2026-01-25", scope="dom"),
                tenure("i", "facilitator", "bob", "2026-01-26", scope="dom"),
                tenure("j", "facilitator", "cy", "2026-01-26"),
                tenure("k", "facilitator", "cy", "2026-01-11", "2026-01-12", scope="dom"),
            ],
        )
        tables = compute(raw, "seats")
        self.assertEqual(column(tables["seats"], "seat"), ["lead", "aide"])
        self.assertEqual(column(tables["seats"], "holders"), [[eid("bob")], [eid("bob")]])
        self.assertEqual(column(tables["seats"], "free"), [2, 0])
        self.assertEqual(column(tables["tenures"], "seat"), ["aide", "lead", "lead", None])
        self.assertEqual(column(tables["tenures"], "standing"), ["holds", "past the term", "past the term", "ended"])
        self.assertEqual(tables["tenures"][1]["term_ends"], "2026-02-04")


class Platform(unittest.TestCase):
    def test_completeness(self):
        domain = doc(
            "dom", "domain", "ada", "2026-01-02", name="Risk",
            template_fields=[" goals.measure ", "", "nominee", "goals.none", "budget"],
        )
        goals = [{"text": "one", "measure": " ", "unmeasured": True}, {"text": "two", "measure": "m"}]
        raw = export(
            "2026-03-01",
            domain,
            nomination("a", "2026-02-01", domain=eid("dom"), nominee=" ", ),
            doc("b", "nomination", "nom", "2026-02-02", lists={"goals": goals}, domain=eid("dom"), nominee="Z"),
            nomination("c", "2026-02-03"),
        )
        raw["documents"][1]["content"]["budget"] = {"items": [], "incomplete": True}
        tables = compute(raw, "completeness")
        self.assertEqual(column(tables["fields"][:4], "state"), ["missing", "missing", "no such field", "not known"])
        self.assertEqual(column(tables["fields"][4:8], "state"), ["given", "given", "no such field", "missing"])
        self.assertEqual(column(tables["nominations"], "template"), ["of the domain", "of the domain", "built in"])
        self.assertEqual(column(tables["nominations"], "set_on"), ["2026-01-02", "2026-01-02", None])
        self.assertEqual(column(tables["goals"], "measurable"), ["no", "yes"])

    def test_an_edit_needs_the_log(self):
        domain = doc("dom", "domain", "ada", "2026-01-02", name="Risk", template_fields=["nominee"])
        domain["content"]["template_fields"]["values"][0]["entry"] = eid("edit")
        raw = export("2026-03-01", domain, nomination("a", "2026-02-01", domain=eid("dom")))
        with self.assertRaises(NotRecomputed):
            compute(raw, "completeness")
        domain["log"] = [act("edit", "edit", "ada", "2026-01-20")]
        self.assertEqual(compute(raw, "completeness")["nominations"][0]["set_on"], "2026-01-20")

    def test_whose_answer_counts(self):
        acts = [
            act("q1", "question", "cy", "2026-02-01", text="why", field="goals"),
            act("q2", "question", "cy", "2026-02-02", text="who", field="seat", not_before=block("2026-02-20")),
            act("q3", "question", "cy", "2026-02-03", text="him", to=[eid("dan")]),
            act("a1", "answer", "nom", "2026-02-04", text="so", reply_to=eid("q1")),
            act("a2", "answer", "nom", "2026-02-04", text="so", reply_to=eid("q2")),
            act("a3", "answer", "eve", "2026-02-04", text="so", reply_to=eid("q3")),
        ]
        owners = [{"identity": eid("nom"), "part": "case"}]
        raw = export(
            "2026-02-24", doc("n", "nomination", "nom", "2026-01-01", acts, owners=owners, nominee=eid("bob"))
        )
        tables = compute(raw, "unanswered")
        self.assertEqual(column(tables["questions"], "question"), [eid("q1"), eid("q3")])
        self.assertEqual(column(tables["questions"], "asked"), [[eid("bob")], [eid("dan")]])
        self.assertEqual(column(tables["questions"], "others_by"), [[eid("nom")], [eid("eve")]])
        self.assertEqual(column(tables["questions"], "late"), [True, True])
        del acts[4]
        raw = export("2026-02-24", doc("n", "nomination", "nom", "2026-01-01", acts, owners=owners))
        row = compute(raw, "unanswered")["questions"][-1]
        self.assertEqual((row["question"], row["since"], row["age"], row["late"]), (eid("q2"), "2026-02-20", 4, False))


class Money(unittest.TestCase):
    def test_counter_budgets(self):
        root = eid("n")
        lines = [
            {"line": {"entry": root, "n": 0}, "item": "first", "amount": dai(1)},
            {"line": {"entry": root, "n": 0}, "item": "again"},
            {"item": "new", "amount": {"amount": 5, "currency": "EUR"}},
            {"line": {"entry": root, "n": 9}, "item": "lost", "amount": dai(7)},
        ]
        budget = [{"item": "pay", "amount": dai(100), "period": "month"}, {"item": "desk", "amount": dai(20)}]
        raw = export(
            "2026-03-01",
            doc("n", "nomination", "nom", "2026-02-01",
                [act("c", "counter_budget", "cy", "2026-02-02", lines=lines)], lists={"budget": budget}),
        )
        tables = compute(raw, "budget", eid("n"))
        x = eid("c")[:32]
        self.assertEqual(column(tables["lines"], "amount_" + x), [
            dai(0), dai(20), {"amount": 5, "currency": "EUR"}, dai(7),
        ])
        self.assertEqual(column(tables["lines"], "difference_" + x)[:2], [dai(-100), dai(0)])
        self.assertEqual(
            column(tables["differences"], "state"), ["repeated", "replaces", "new", "unmatched", "kept"]
        )
        self.assertIsNone(tables["differences"][0]["difference"])
        totals = [(row["currency"], row["total"]["amount"]) for row in tables["totals"]]
        self.assertEqual(totals, [("DAI", 120), ("EUR", 0), ("DAI", 27), ("EUR", 5)])

    def test_pledges_and_claims(self):
        pledge = {"to": eid("bob"), "amount": dai(10), "reference": "0x1", "condition": "when done"}
        back = {"effect": "superseded", "retracted": eid("r"), "cause": {"rule": "retracted"}}
        acts = [
            act("p1", "pledge", "cy", "2026-02-01", **pledge),
            act("p2", "pledge", "cy", "2026-02-02", **pledge, **back),
            act("p3", "pledge", "cy", "2026-02-03", **{**pledge, "until": "2026-02-20"}),
        ]
        claims = [
            act("c1", "claim", "bob", "2026-02-04", form="reward", entry=eid("p1"), about=eid("bob"),
                amount=dai(11), evidence=[{"text": "look", "url": "u"}]),
            act("c2", "claim", "eve", "2026-02-05", form="slash", entry=eid("p2"), about=eid("bob"), evidence=[]),
            act("a", "post", "bob", "2026-02-06", text="mine", reply_to=eid("c1")),
        ]
        raw = export(
            "2026-03-01", doc("t", "topic", "ada", "2026-01-01", acts, title="t"),
            doc("u", "topic", "ada", "2026-01-02", claims, title="u"),
        )
        tables = compute(raw, "pledges", eid("t"))
        self.assertEqual(column(tables["pledges"], "state"), ["claimed", "taken back under a claim", "over"])
        tables = compute(raw, "pledges")
        self.assertEqual(column(tables["claims"], "fits"), ["more than was pledged", "about somebody else"])
        self.assertEqual(column(tables["claims"], "state"), ["replied to", "without evidence"])


class Duties(unittest.TestCase):
    def test_reports(self):
        domain = doc("dom", "domain", "ada", "2026-01-02", name="Risk", report_days=10)
        publish = act("p", "publish", "bob", "2026-02-01")
        raw = export(
            "2026-03-01",
            domain,
            doc("r", "statement", "bob", "2026-01-31", [publish], form="report", domain=eid("dom")),
            doc("s", "statement", "cy", "2026-01-31", [act("q", "publish", "cy", "2026-02-20")],
                form="report", domain=eid("dom")),
            doc("d", "statement", "bob", "2026-01-31", form="okr", domain=eid("dom")),
            doc("f", "statement", "bob", "2026-01-31", [act("x", "publish", "bob", "2026-04-01")],
                form="okr", domain=eid("dom")),
            tenures=[tenure("g", "facilitator", "bob", "2026-01-15", scope="dom")],
        )
        tables = compute(raw, "overdue")
        row = tables["domains"][0]
        self.assertEqual((row["last"], row["due"], row["late"], row["missed"], row["state"]),
                         (eid("r"), "2026-02-11", 18, 2, "overdue"))
        self.assertEqual(tables["holders"][0]["drafts"], [eid("d")])
        self.assertEqual(column(tables["statements"], "by_holder"), [True, False])

    def test_which_text_was_signed(self):
        acts = [
            act("g", "agreement", "ada", "2026-02-01", worker=eid("bob"), scope="old",
                amendments=[eid("m")], amended=eid("m")),
            act("e1", "endorse", "bob", "2026-02-02", entry=eid("g")),
            act("m", "amend", "ada", "2026-02-03", entry=eid("g"), text="new"),
        ]
        domain = doc("dom", "domain", "ada", "2026-01-02", acts, name="Risk")
        domain["log"] = [
            act("g", "agreement", "ada", "2026-02-01", after=[eid("dom")]),
            act("e1", "endorse", "bob", "2026-02-02", after=[eid("g")]),
            act("m", "amend", "ada", "2026-02-03", after=[eid("g")]),
            act("e2", "endorse", "bob", "2026-02-04", after=[eid("m"), eid("e1")]),
        ]
        row = compute(export("2026-03-01", domain), "agreements")["agreements"][0]
        self.assertEqual((row["scope"], row["state"], row["holds"]), ("new", "signed another text", False))
        domain["acts"].append(act("e2", "endorse", "bob", "2026-02-04", entry=eid("g")))
        row = compute(export("2026-03-01", domain), "agreements")["agreements"][0]
        self.assertEqual((row["signed"], row["state"]), (eid("e2"), "signed"))

    def test_weeks(self):
        raw = export(
            "2026-03-01",
            doc("a", "proposal", "ada", "2026-01-01", type="mip", title="a", vote_from="2026-02-02", voters="mkr"),
            doc("b", "motion", "ada", "2026-01-02", form="onboard", vote_until="2026-02-08"),
            doc("c", "motion", "ada", "2026-02-03", form="recommend"),
            doc("d", "decision", "ada", "2026-02-03", title="d", outcome="yes", about=eid("b")),
            doc("e", "decision", "ada", "2026-02-03", title="e", outcome="yes", about=eid("c")),
            parameters={"load_max_weekly": 2},
        )
        tables = compute(raw, "load")
        self.assertEqual([(row["week"], row["voters"], row["count"], row["over"]) for row in tables["weeks"]],
                         [("2026-W06", None, 2, False), ("2026-W06", "mkr", 3, True)])
        self.assertEqual(column(tables["decisions"], "by"), ["its first day", "its opening", "its last day"])
        raw["documents"][0]["content"]["class"] = raw["documents"][1]["content"]["form"]
        raw["parameters"]["load_max_weekly_onboard"] = 0
        rows = compute(raw, "load")["classes"]
        self.assertEqual([(row["class"], row["limit"], row["over"]) for row in rows],
                         [(None, None, False), ("onboard", 0, True)])
        self.assertEqual(rows[0]["documents"], [eid("e"), eid("b")])

    def test_functions(self):
        functions = [
            {"name": "legal", "provider": eid("bob")},
            {"name": "legal", "provider": eid("cy")},
            {"name": "legal", "provider": "Bob B"},
            {"name": "care", "provider": "x"},
            {"name": "care", "provider": "y"},
        ]
        people = [person("bob", ["0xAA"]), person("cy", ["0xaa "])]
        people[0]["name"] = "Bob B"
        raw = export("2026-03-01", doc("dom", "domain", "ada", "2026-01-02", lists={"functions": functions}, name="D"),
                     people=people)
        rows = compute(raw, "redundancy")["functions"]
        self.assertEqual([(row["function"], row["count"], row["short"]) for row in rows],
                         [("legal", 1, True), ("care", 2, False)])


class Others(unittest.TestCase):
    def test_contradictory_labels(self):
        topic = doc("t", "topic", "ada", "2026-01-01", title="t", label="binding")
        topic["content"]["label"]["values"].append({"value": "signal", "by": eid("bob"), "entry": eid("e")})
        row = compute(export("2026-03-01", topic), "threads", eid("t"))["threads"][0]
        self.assertEqual((row["standing"], row["because"], row["relabelled"]), ("signal", "a contradiction", True))

    def test_participation_needs_logs(self):
        committee = doc("committee", "committee", "ada", "2026-01-01", name="C")
        topic = doc("t", "topic", "bob", "2026-01-01", title="t")
        with self.assertRaises(NotRecomputed):
            compute(export("2026-03-01", topic, committee=committee), "participation")
        committee["log"] = [act("committee", "committee", "ada", "2026-01-01")]
        topic["log"] = [
            act("t", "topic", "bob", "2026-01-01"),
            act("x", "post", "bob", "2026-01-05"),
            act("y", "retract", "bob", "2026-01-06"),
            act("z", "post", "bob", "2026-01-07", effect="superseded"),
        ]
        tables = compute(export("2026-03-01", topic, committee=committee), "participation")
        self.assertEqual([(row["person"], row["entries"], row["documents"], row["post"], row["days"], row["weeks"])
                          for row in tables["people"]], [(eid("ada"), 1, 1, 0, 1, 1), (eid("bob"), 2, 1, 1, 2, 2)])

    def test_classes(self):
        holders = [
            {"holder": "0xAA", "class": "mkr", "weight": 5},
            {"holder": " 0xaa", "class": "mkr", "weight": 6},
            {"holder": eid("bob"), "class": "dai", "weight": 1},
            {"holder": "0xbb", "class": "dai", "weight": 2**64 - 1},
        ]
        raw = export(
            "2026-03-01",
            doc("r", "register", "ada", "2026-01-02", lists={"holders": holders}, title="r", source_text="s"),
            people=[person("bob", ["0xaa"]), person("cy", ["0xaa", "0xbb"])],
        )
        tables = compute(raw, "classes")
        self.assertEqual([(row["class"], row["holders"], row["known"], row["weight"]) for row in tables["classes"]],
                         [("dai", 2, 2, 2**64 - 1), ("mkr", 1, 1, 11)])
        self.assertEqual(column(tables["holders"], "twice"), [True, True, False, False])
        self.assertEqual(column(tables["holders"], "known_by"),
                         ["address of several", "address of several", "identity", "linked address"])
        self.assertEqual(column(tables["overlaps"], "reasons"),
                         [["several classes", "several entries"],
                          ["several classes", "several entries", "several addresses"]])
        self.assertEqual(tables["shared"], [{"address": "0xaa", "people": [eid("bob"), eid("cy")]}])


if __name__ == "__main__":
    unittest.main()
