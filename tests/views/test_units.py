"""The trickier rules of docs/spec/views/units.md."""

import hashlib
import unittest

import history
import units
from make import act, block, doc, eid, export, ms, tenure
from world import NotRecomputed, World, is_unknown

PARAMETERS = {"status_gap_days": 30, "report_days": 90, "sunset_days": 100, "term_reminder_days": 14}


def view(name, raw, only=None):
    return units.VIEWS[name](World(raw, only and eid(only)))


def made(today, *documents, **more):
    return export(today, *documents, parameters=PARAMETERS, **more)


def column(rows, name):
    return [row[name] for row in rows]


def versions(of, *given):
    """Versions beside a document: (name, by, day, change)."""
    of["versions"] = [
        {
            "entry": eid(name),
            "by": eid(by),
            "time": ms(when),
            "fields": sorted({field for word in change.values() for field in word}),
            "change": change,
        }
        for name, by, when, change in given
    ]
    return of


def edited(of, field, value, name, by="ada"):
    """The value that a field has now, by an edit."""
    of["content"][field] = {"values": [{"value": value, "by": eid(by), "entry": eid(name)}]}
    return of


class Names(unittest.TestCase):
    def test_codes(self):
        self.assertEqual(units.fold("  cu-risk-001 "), "RISK-001")
        self.assertEqual(units.code_in("about CU-Risk-001: the budget"), "RISK-001")
        self.assertEqual(units.code_in("see (risk-001)"), "RISK-001")
        self.assertIsNone(units.code_in("RISK-01, RISK-0001, A-B-001, R1SK-001"))

    def test_how_papers_find_their_unit(self):
        raw = made(
            "2026-03-01",
            doc("d", "domain", "ada", "2026-01-02", name="Risk Team", code="RISK-001"),
            doc("e", "domain", "ada", "2026-01-03", name="Risk"),
            doc("a", "statement", "bob", "2026-02-01", form="mandate", domain=eid("d")),
            doc("b", "statement", "bob", "2026-02-02", form="mandate", domain="cu-risk-001"),
            doc("c", "statement", "bob", "2026-02-03", form="mandate", title="Mandate of the risk TEAM, again"),
            doc("f", "motion", "bob", "2026-02-04", form="onboard", subject="nobody", title="Onboard DATA-007"),
            doc("g", "statement", "bob", "2026-02-05", form="mandate", title="risky teams"),
            doc("h", "motion", "bob", "2026-02-06", form="onboard", subject="risk"),
        )
        every = units.Units(World(raw))
        found = {one.id: every.of(one) for one in every.world.documents}
        for name in "abc":
            self.assertEqual(found[eid(name)].name, "RISK-001")
        self.assertEqual(found[eid("f")].columns, {"unit": "DATA-007", "domain": None})
        self.assertIsNone(found[eid("g")])
        self.assertEqual(found[eid("h")].doc.id, eid("e"))
        self.assertEqual([unit.name for unit in every.listed()], ["RISK-001", "Risk", "DATA-007"])

    def test_a_title_names_a_unit_by_what_its_code_begins_with(self):
        raw = made(
            "2026-03-01",
            doc("d", "domain", "ada", "2026-01-02", name="Risk", code="cu-RISK-001"),
            doc("e", "domain", "ada", "2026-01-03", code="GOV-009"),
            doc("f", "domain", "ada", "2026-01-04"),
            doc("a", "statement", "bob", "2026-02-01", form="mandate", title="MIP of the é-GOVé unit, not of RISK"),
            doc("b", "statement", "bob", "2026-02-02", form="mandate", title="GOV9 and risk"),
            doc("c", "statement", "bob", "2026-02-03", form="mandate", title="Gov"),
        )
        every = units.Units(World(raw))
        found = [every.of(every.world.doc(eid(name))) for name in "abc"]
        self.assertEqual([unit and unit.name for unit in found], ["GOV-009", "cu-RISK-001", None])
        self.assertEqual(every.listed()[2].name, "domain " + eid("f")[:8])

    def test_a_unit_ends_by_a_motion_that_was_accepted(self):
        def motion(name, form, state):
            state = {"name": state, "by": [eid("k" + name)]}
            acts = [act("k" + name, "conclude", "ada", "2026-01-05")]
            return doc(name, "motion", "eve", "2026-01-02", acts, form=form, subject="X-001", state=state)

        raw = made("2026-03-01", motion("a", "offboard", "removed"), motion("b", "disband", "rejected"))
        self.assertEqual(column(view("units", raw)["units"], "ended"), [False])
        raw = made("2026-03-01", motion("b", "disband", "carried"))
        self.assertEqual(column(view("units", raw)["units"], "ended"), [True])

    def test_a_stranger_takes_no_name_over(self):
        raw = made(
            "2026-03-01",
            doc("x", "domain", "eve", "2026-01-01", name="Other", code="RISK-001"),
            doc("d", "domain", "ada", "2026-01-02", name="Risk", code="RISK-001"),
            doc("a", "statement", "bob", "2026-02-01", form="mandate", domain="RISK-001"),
        )
        tables = view("units", raw)
        self.assertEqual(column(tables["units"], "domain"), [eid("d"), eid("x")])
        self.assertEqual(tables["units"][0]["mandate"], [eid("a")])


class Status(unittest.TestCase):
    def test_preamble(self):
        self.assertEqual(
            units.says("preamble", "Title: x\n STATUS : Formal Submission \nStatus: rfc"), "Formal Submission"
        )
        self.assertIsNone(units.says("preamble", "Status:  \nrfc"))

    def test_steps_and_jumps(self):
        paper = doc("p", "proposal", "ada", "2026-01-02", type="mip", title="A RISK-001", status="rfc")
        edited(paper, "status", "rejected", "v3")
        versions(
            paper,
            ("p", "ada", "2026-01-02", {"set": {"status": "rfc", "title": "A RISK-001"}}),
            ("v1", "ada", "2026-01-03", {"set": {"status": "rfc"}}),
            ("v2", "ada", "2026-01-04", {"set": {"status": "accepted"}}),
            ("v3", "ada", "2026-01-05", {"set": {"status": "rejected"}}),
        )
        tables = view("units", made("2026-03-01", paper))
        self.assertEqual(column(tables["steps"], "status"), ["rfc", "accepted", "rejected"])
        self.assertEqual(column(tables["steps"], "legal"), [True, False, False])
        self.assertEqual((tables["papers"][0]["changes"], tables["papers"][0]["jumps"]), (3, 2))
        del paper["versions"]
        with self.assertRaises(NotRecomputed):
            view("units", made("2026-03-01", paper))

    def test_what_a_fate_rests_on(self):
        raw = made(
            "2026-03-01",
            doc("a", "proposal", "ada", "2026-01-02", type="mip", title="t", status="accepted", source="x"),
            doc("b", "proposal", "eve", "2026-01-02", type="mip", title="t", status="accepted", source="x"),
            doc(
                "c",
                "proposal",
                "eve",
                "2026-01-02",
                [act("w", "withdraw", "eve", "2026-01-03")],
                type="mip",
                title="t",
            ),
            doc("d", "proposal", "eve", "2026-01-02", [act("q", "post", "eve", "2026-01-03")], type="mip", title="t"),
            doc("x", "decision", "eve", "2026-01-03", title="t", outcome="o", ratifies=[eid("b")]),
            doc("y", "decision", "ada", "2026-01-04", title="t", outcome="o", ratifies=[eid("q")]),
            doc(
                "m",
                "motion",
                "eve",
                "2026-01-02",
                [act("k", "conclude", "ada", "2026-01-05")],
                form="onboard",
                state={"name": "onboarded", "by": [eid("k")]},
            ),
        )
        fates = units.Fates(World(raw))
        found = [fates.of(fates.world.doc(eid(name))) for name in "abcdm"]
        self.assertEqual(
            found,
            [
                ("accepted", "source", None),
                ("claimed", "owner", None),
                ("withdrawn", "act", None),
                ("accepted", "decision", eid("y")),
                ("accepted", "act", None),
            ],
        )

    def test_mandates_go_on(self):
        first = act("s", "supersede", "ada", "2026-01-09", doc=eid("b"))
        raw = made(
            "2026-03-01",
            doc("d", "domain", "ada", "2026-01-01", name="Risk", mandate="To watch."),
            doc("a", "statement", "ada", "2026-01-02", [first], form="mandate", domain="risk", text="one"),
            doc("b", "statement", "ada", "2026-01-08", form="mandate", domain="risk", text="two"),
        )
        rows = view("mandates", raw)["versions"]
        self.assertEqual(column(rows, "mandate"), [eid("d"), eid("a"), eid("a")])
        self.assertEqual(column(rows, "version"), [1, 1, 2])
        self.assertEqual(column(rows, "from"), ["opened", "opened", "superseding"])
        self.assertEqual(column(rows, "newest"), [True, False, True])
        self.assertEqual(column(rows, "speaks"), [True, True, True])
        raw["documents"][2]["by"] = {"identity": eid("eve"), "name": "eve"}
        self.assertEqual(column(view("mandates", raw)["versions"], "speaks"), [True, True, False])
        self.assertEqual(rows[1]["superseded"], eid("b"))
        self.assertEqual(len(view("mandates", raw, "b")["versions"]), 2)

    def test_mandates_in_a_circle(self):
        def one(name, other, when):
            acts = [act("s" + name, "supersede", "ada", "2026-01-09", doc=eid(other))]
            return doc(name, "statement", "ada", when, acts, form="mandate", domain="risk")

        rows = view("mandates", made("2026-03-01", one("b", "a", "2026-01-02"), one("a", "b", "2026-01-03")))[
            "versions"
        ]
        self.assertEqual(column(rows, "document"), [eid("b"), eid("a")])


class Reports(unittest.TestCase):
    def test_okrs(self):
        items = [
            {"text": "x", "group": "G", "target": 10, "reached": 4, "evidence": "here"},
            {"text": "y", "group": "G", "target": 3, "reached": 9},
            {"text": "z", "reached": 1, "due": "2026-02-28"},
        ]
        raw = made(
            "2026-03-01",
            doc("a", "statement", "ada", "2026-01-02", form="okr", domain="risk", lists={"items": items}),
        )
        tables = view("okrs", raw)
        self.assertEqual(
            [tuple(row.values())[3:] for row in tables["objectives"]],
            [(True, "G", 2, 2, 1, 700000, 200000), (True, None, 1, 0, 0, None, None)],
        )
        self.assertEqual(column(tables["results"], "shown"), ["evidence", "no evidence", "no evidence"])
        self.assertEqual(column(tables["results"], "late"), [False, False, True])

    def test_gaps(self):
        def report(name, by, start, end, opened, *acts):
            return doc(name, "statement", by, opened, acts, form="status", domain="RISK-001", start=start, end=end)

        def publish(name, when, **more):
            return act(name, "publish", "ada", when, **more)

        raw = made(
            "2026-06-01",
            doc("d", "domain", "ada", "2026-01-01", name="Risk", code="RISK-001"),
            report("a", "ada", "2026-01-01", "2026-01-31", "2026-02-02", publish("p", "2026-02-02")),
            # Says that it covers days to come: only as far as the day on which it was published.
            report("b", "ada", "2026-03-15", "2026-12-31", "2026-04-01", publish("q", "2026-04-01")),
            report("c", "ada", "2026-02-01", "2026-02-28", "2026-03-01"),
            report("e", "eve", "2026-02-01", "2026-02-28", "2026-03-01", publish("r", "2026-03-01")),
        )
        tables = view("gaps", raw)
        self.assertEqual(column(tables["reports"], "counts"), ["yes", "yes", "draft", "no speaker"])
        self.assertEqual(column(tables["reports"], "distance"), [0, 43, 0, 0])
        row = tables["units"][0]
        self.assertEqual((row["until"], row["gaps"], row["longest"], row["silent"]), ("2026-04-01", 1, 61, 61))
        self.assertEqual((row["due"], row["state"]), ("2026-05-01", "overdue"))
        points = {one["point"]: one for one in view("scorecard", raw)["points"]}
        self.assertEqual(points["report"]["reason"], "61 days since the last day reported on, 90 allowed")
        self.assertTrue(points["report"]["met"])
        self.assertEqual(points["archive"]["reason"], "longest distance 61 days, 30 allowed")
        self.assertEqual(points["templates"]["reason"], "0 of 2 statements lack nothing")

    def test_a_facilitator_speaks_while_they_hold_the_role(self):
        raw = made(
            "2026-06-01",
            doc("d", "domain", "ada", "2026-01-01", name="Risk"),
            doc("e", "domain", "ada", "2026-01-01", name="Data"),
            tenures=[tenure("g", "facilitator", "bob", "2026-01-10", "2026-02-10", scope="d")],
        )
        every = units.Units(World(raw))
        risk, data = every.listed()
        self.assertTrue(every.speaks(risk, eid("bob"), ms("2026-02-01")))
        self.assertFalse(every.speaks(data, eid("bob"), ms("2026-02-01")))
        self.assertFalse(every.speaks(risk, eid("bob"), ms("2026-02-10")))

    def test_templates(self):
        items = [{"text": "x", "group": "G", "target": 1}, {"text": "y", "group": " "}]
        raw = made(
            "2026-03-01",
            doc("a", "statement", "ada", "2026-01-02", form="okr", domain="risk", lists={"items": items}),
            doc("b", "statement", "ada", "2026-01-03", form="budget", text=" "),
        )
        rows = view("templates", raw)["statements"]
        self.assertEqual(
            rows[0]["lacks"], ["a first day", "a last day", "an objective of each item", "a target of each item"]
        )
        # Without items, nothing is lacking of each.
        self.assertEqual(rows[1]["lacks"], ["a unit", "a first day", "a last day", "items"])
        self.assertEqual((rows[1]["asked"], rows[1]["met"]), (5, 1))

    def test_nobody_audits_their_own(self):
        item = {"entry": eid("d"), "n": 0}

        def audit(name, by, **more):
            return act(name, "audit", by, "2026-02-01", **({"item": item, "result": "holds"} | more))

        acts = [
            audit("a", "ada"),
            audit("b", "bob"),
            audit("c", "cyn"),
            audit("e", "cyn", item={"entry": eid("d"), "n": 7}),
            audit("f", "cyn", result="fails"),
            audit("h", "cyn", item=None, entry=eid("c")),
        ]
        raw = made(
            "2026-03-01",
            doc("d", "domain", "ada", "2026-01-02", acts, name="Risk", lists={"practices": [{"text": "minutes"}]}),
            tenures=[tenure("g", "facilitator", "bob", "2026-01-10")],
        )
        tables = view("practices", raw)
        self.assertEqual(column(tables["audits"], "counts"), ["own", "own", "yes", "item gone", "yes", "own"])
        self.assertEqual((tables["practices"][0]["audits"], tables["practices"][0]["found"]), (2, "fails"))


class Changes(unittest.TestCase):
    def test_stages(self):
        one = edited(doc("d", "domain", "ada", "2026-01-01", name="Risk"), "stage", "idea", "v3")
        versions(
            one,
            ("d", "ada", "2026-01-01", {"set": {"name": "Risk"}}),
            ("v1", "ada", "2026-01-02", {"set": {"stage": "idea"}}),
            ("v2", "ada", "2026-01-05", {"set": {"stage": "probation"}}),
            ("v3", "ada", "2026-01-09", {"set": {"stage": "idea"}}),
        )
        tables = view("incubation", made("2026-01-19", one))
        self.assertEqual(column(tables["changes"], "step"), ["first", "skip", "back"])
        self.assertEqual((tables["domains"][0]["days"], tables["domains"][0]["marked"]), (10, 2))

    def test_sunsets(self):
        one = edited(
            doc("d", "domain", "ada", "2026-01-01", name="Risk", form="working_group"), "sunset", "2026-03-10", "v2"
        )
        versions(
            one,
            ("d", "ada", "2026-01-01", {"set": {"sunset": "2026-02-01"}}),
            ("v1", "ada", "2026-01-02", {"set": {"sunset": "2026-01-15"}}),
            ("v2", "ada", "2026-01-05", {"set": {"sunset": "2026-03-10"}}),
        )
        other = doc("e", "domain", "ada", "2026-01-01", name="Data", form="working_group")
        rows = view("sunsets", made("2026-03-01", one, other))["groups"]
        self.assertEqual((rows[0]["moved"], rows[0]["days"], rows[0]["state"]), (1, 9, "near"))
        self.assertEqual((rows[1]["asked"], rows[1]["state"]), ("2026-04-11", "missing"))

    def test_what_was_taken_out(self):
        one = doc(
            "d",
            "domain",
            "ada",
            "2026-01-01",
            name="Risk",
            lists={"backlog": [{"text": "a"}, {"text": "b"}, {"text": "c"}]},
        )
        del one["content"]["backlog"]["items"][:2]
        raw = made("2026-03-01", one)
        with self.assertRaises(NotRecomputed):
            view("discarded", raw)
        root = eid("d")
        versions(
            one,
            ("d", "ada", "2026-01-01", {"add": {"backlog": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}}),
            (
                "v1",
                "bob",
                "2026-01-02",
                {"replace": {"backlog": [[root, 0, {"text": "a", "state": "done"}], [root, 1, {"text": "B"}]]}},
            ),
            ("v2", "ada", "2026-01-03", {"remove": {"backlog": [[root, 0], [root, 1]]}}),
        )
        rows = view("discarded", raw)["ideas"]
        self.assertEqual(
            [(row["text"], row["outcome"], row["day"]) for row in rows], [("B", "taken out", "2026-01-03")]
        )

    def test_ratified(self):
        one = edited(doc("p", "proposal", "ada", "2026-01-01", type="mip", title="t"), "plan", "new", "v2")
        versions(
            one,
            ("p", "ada", "2026-01-01", {"set": {"title": "t"}}),
            ("v1", "ada", "2026-01-02", {"set": {"plan": "old"}}),
            ("v2", "ada", "2026-01-05", {"set": {"plan": "new"}}),
        )
        one["log"] = [
            act("p", "proposal", "ada", "2026-01-01"),
            act("v1", "edit", "ada", "2026-01-02", after=[eid("p")]),
            act("v2", "edit", "ada", "2026-01-05", after=[eid("v1")]),
        ]
        decision = doc(
            "x", "decision", "ada", "2026-01-03", title="t", outcome="o", ratifies=[eid("v1"), eid("v2"), eid("z")]
        )
        rows = view("ratified", made("2026-03-01", one, decision))["versions"]
        self.assertEqual(column(rows, "state"), ["changed since", "same", "not here"])
        raw = made("2026-03-01", doc("x", "decision", "ada", "2026-01-03", title="t", ratifies=[eid("committee")]))
        row = view("ratified", raw)["versions"][0]
        self.assertEqual((row["document"], row["state"]), (eid("committee"), "same"))
        self.assertEqual((rows[0]["edits"], rows[0]["fields"], rows[0]["newest"]), ([eid("v2")], ["plan"], eid("v2")))

    def test_what_the_export_cannot_tell(self):
        one = edited(doc("d", "domain", "ada", "2026-01-01", name="Risk"), "sunset", "2026-03-10", "v2")
        decision = doc("x", "decision", "ada", "2026-01-03", title="t", outcome="o", ratifies=[eid("d")])
        row = view("sunsets", made("2026-03-01", one, decision))["groups"][0]
        self.assertTrue(is_unknown(row["moved"]))
        self.assertEqual((row["days"], row["state"]), (9, "near"))
        row = view("ratified", made("2026-03-01", one, decision))["versions"][0]
        self.assertTrue(is_unknown(row["state"]))
        self.assertEqual(row["document"], eid("d"))

    def test_a_line_of_questions_is_as_old_as_its_last_run(self):
        one = edited(doc("d", "domain", "ada", "2026-01-01", name="Risk"), "questions", ["why", "when"], "v3")
        versions(
            one,
            ("d", "ada", "2026-01-01", {"set": {"questions": ["why"]}}),
            ("v1", "ada", "2026-01-02", {"set": {"questions": []}}),
            ("v2", "ada", "2026-01-05", {"set": {"questions": ["why"]}}),
            ("v3", "ada", "2026-01-09", {"set": {"questions": ["why", "when"]}}),
        )
        rows = view("questions", made("2026-03-01", one))["questions"]
        self.assertEqual(
            [(row["text"], row["since"], row["entry"]) for row in rows],
            [("why", "2026-01-05", eid("v2")), ("when", "2026-01-09", eid("v3"))],
        )

    def test_only_the_root_wrote_it(self):
        one = doc("d", "domain", "ada", "2026-01-01", name="Risk", lists={"backlog": [{"text": "a"}]})
        raw = export("2026-03-01", one)
        self.assertEqual(history.versions(World(raw).documents[0])[0].fields, ["backlog", "name"])
        # An item that was removed is seen in the log only.
        one["log"] = [act("d", "domain", "ada", "2026-01-01"), act("e", "edit", "ada", "2026-01-02")]
        found = World(raw).documents[0]
        self.assertFalse(history.untouched(found, "backlog"))
        self.assertTrue(history.untouched(found, "name"))
        self.assertEqual([one.fields for one in history.versions(found)], [None, None])
        with self.assertRaises(NotRecomputed):
            history.touching(found, "backlog")
        one["log"][1]["effect"] = "void"
        self.assertEqual(len(history.versions(World(raw).documents[0])), 1)


class Open(unittest.TestCase):
    def test_backlog(self):
        items = [
            {"text": "b", "need": 2, "impact": 3},
            {"text": "a", "need": 3, "impact": 2},
            {"text": "c", "need": 10},
            {"text": "d", "need": 9, "impact": 9, "state": "done"},
            {"text": "a", "need": 2, "impact": 3, "state": "taken"},
        ]
        rows = view(
            "backlog", made("2026-03-01", doc("d", "domain", "ada", "2026-01-01", name="R", lists={"backlog": items}))
        )["items"]
        self.assertEqual(column(rows, "n"), [1, 4, 0, 2])
        self.assertEqual(column(rows, "state"), ["open", "taken", "open", "open"])
        self.assertEqual(rows[3]["score"], 0)

    def test_questions(self):
        def asked(name, by, *answers, to=None):
            more = {} if to is None else {"to": to}
            return [act(name, "question", by, "2026-02-01", text=name, **more)] + [
                act(name + who, "answer", who, "2026-02-02", reply_to=eid(name), text="x") for who in answers
            ]

        acts = [
            *asked("a", "bob", "eve"),
            *asked("b", "bob", "ada"),
            *asked("c", "ada", "ada"),
            *asked("e", "bob", "ada", to=[eid("cyn")]),
            *asked("f", "ada", "ada", to=[eid("ada"), eid("cyn")]),
        ]
        research = doc(
            "r",
            "research",
            "bob",
            "2026-02-01",
            evaluation=eid("v"),
            lists={"questions": [{"text": " one ", "answer": "1"}, {"text": "two"}]},
        )
        raw = made(
            "2026-03-01",
            doc(
                "p",
                "proposal",
                "ada",
                "2026-01-01",
                acts,
                type="tpp",
                title="t",
                lists={"questions": [{"text": "one"}, {"text": "two"}]},
            ),
            doc("v", "evaluation", "ada", "2026-01-02", programme=eid("p"), lists={"questions": [{"text": "three"}]}),
            research,
        )
        rows = view("questions", raw)["questions"]
        self.assertEqual(
            [(row["from"], row["text"]) for row in rows],
            [("programme", "two"), ("evaluation", "three"), ("asked", "a"), ("asked", "e"), ("asked", "f")],
        )

    def test_sponsors(self):
        acts = [
            act("a", "sponsor", "ada", "2026-02-01"),
            act("b", "sponsor", "bob", "2026-02-01", until="2026-02-28"),
            act("c", "sponsor", "cyn", "2026-02-01", until="2026-03-01"),
        ]
        raw = made(
            "2026-03-01",
            doc("p", "proposal", "ada", "2026-01-01", acts, type="sponsorship", title="t", **{"class": " Micro "}),
        )
        tables = view("sponsorships", raw)
        self.assertEqual(column(tables["sponsors"], "standing"), ["own", "over", "stands"])
        self.assertEqual(
            (tables["sponsored"][0]["class"], tables["sponsored"][0]["sponsors"]), ("micro", [eid("cyn")])
        )

    def test_bundles(self):
        raw = made(
            "2026-03-01",
            doc(
                "b", "proposal", "ada", "2026-01-01", type="bundle", title="t", bundle=[eid("p"), eid("b"), eid("z")]
            ),
            doc("p", "proposal", "ada", "2026-01-01", type="mip", title="t", bundle=[eid("b")], status="rejected"),
        )
        tables = view("bundles", raw)
        first = tables["bundles"][0]
        self.assertEqual(
            (first["members"], first["open"], first["fallen"], first["unknown"], first["state"]),
            (3, 1, 1, 1, "falls"),
        )
        self.assertEqual(column(tables["members"], "member")[:3], [eid("b"), eid("p"), eid("z")])
        self.assertEqual(column(tables["members"], "agreed")[:3], [True, True, False])

    def test_maturity(self):
        points = [
            {"text": "a", "met": True},
            {"text": "b", "level": 0, "met": True, "evidence": "x"},
            {"text": "c", "level": 3},
            {"text": "d", "level": 5, "met": True},
            {"text": "e", "level": 3},
        ]
        row = view(
            "maturity",
            made("2026-03-01", doc("d", "domain", "ada", "2026-01-01", name="R", lists={"maturity": points})),
        )["documents"][0]
        self.assertEqual((row["level"], row["of"], row["met"], row["shown"], row["next"]), (1, 5, 3, 1, ["c", "e"]))


class Revealed(unittest.TestCase):
    def setUp(self):
        self.salt = bytes(range(32)).hex()
        self.commitment = hashlib.sha256(bytes.fromhex(self.salt) + "ü\n".encode()).hexdigest()

    def commit(self, name, by, when, **more):
        return act(name, "commit", by, when, **({"commitment": self.commitment, "until": "2026-02-10"} | more))

    def reveal(self, name, by, when, of, **more):
        return act(name, "reveal", by, when, **({"entry": eid(of), "salt": self.salt, "text": "ü\n"} | more))

    def test_checks(self):
        acts = [
            self.commit("c", "ada", "2026-02-01"),
            self.reveal("a", "ada", "2026-02-11", "z"),
            self.reveal("b", "bob", "2026-02-11", "c"),
            self.reveal("d", "ada", "2026-02-11", "c", salt="00"),
            self.reveal("e", "ada", "2026-02-11", "c", text="ü"),
            self.reveal("f", "ada", "2026-02-12", "c"),
            self.reveal("g", "ada", "2026-02-13", "c"),
        ]
        tables = view("commitments", made("2026-03-01", doc("t", "topic", "ada", "2026-01-01", acts, title="t")))
        self.assertEqual(
            column(tables["reveals"], "check"),
            [
                "no such commitment",
                "another author",
                "salt of another length",
                "does not match",
                "matches",
                "matches",
            ],
        )
        row = tables["commitments"][0]
        self.assertEqual((row["reveal"], row["state"], row["timely"]), (eid("f"), "revealed late", "unproven"))

    def test_timely(self):
        for more, word in (
            ({"not_after": block("2026-02-10")}, "in time"),
            ({"not_after": block("2026-02-11")}, "unproven"),
            ({"not_before": block("2026-02-11")}, "late"),
            ({"not_before": block("2026-02-10")}, "unproven"),
        ):
            acts = [self.commit("c", "ada", "2026-02-01"), self.reveal("f", "ada", "2026-02-09", "c", **more)]
            tables = view("commitments", made("2026-03-01", doc("t", "topic", "ada", "2026-01-01", acts, title="t")))
            self.assertEqual(tables["commitments"][0]["timely"], word)
            self.assertEqual(tables["commitments"][0]["state"], "revealed")

    def test_copies(self):
        raw = made(
            "2026-03-01",
            doc("s", "topic", "ada", "2026-01-01", [self.commit("c", "bob", "2026-02-02", until=None)], title="t"),
            doc("t", "topic", "ada", "2026-01-02", [self.commit("d", "ada", "2026-02-01")], title="t"),
        )
        rows = view("commitments", raw)["commitments"]
        self.assertEqual(column(rows, "copy_of"), [eid("d"), None])
        self.assertEqual(column(rows, "state"), ["open", "overdue"])
        self.assertEqual(len(view("commitments", raw, "s")["commitments"]), 1)


class Lots(unittest.TestCase):
    SEED = bytes(range(32)).hex()
    POOL = [digit * 64 for digit in "41523"]

    def test_the_example_of_the_spec(self):
        self.assertEqual(units.draw(self.SEED, self.POOL, 3), ["4" * 64, "2" * 64, "5" * 64])
        for i, x in enumerate(("efb030fb5f0f1981", "5c7112b7f8b220f9", "25c94bb4b3bcec40")):
            given = bytes(range(32)) + i.to_bytes(8, "big") + bytes(8)
            self.assertEqual(hashlib.sha256(given).digest()[:8].hex(), x)

    def test_small_pools(self):
        self.assertEqual(units.draw(self.SEED, [], 3), [])
        self.assertEqual(sorted(units.draw(self.SEED, self.POOL + self.POOL, 9)), sorted(self.POOL))

    def test_draws(self):
        def draw(name, when, **more):
            return act(
                name,
                "draw",
                "ada",
                when,
                **({"pool": self.POOL, "seed": self.SEED, "source": "x", "count": 3} | more),
            )

        acts = [
            draw("a", "2026-02-01", effect="superseded", retracted=eid("r")),
            draw("b", "2026-02-02"),
            draw("c", "2026-02-03", purpose="jury", count=9),
            draw("e", "2026-02-03", effect="superseded"),
        ]
        tables = view("panels", made("2026-03-01", doc("d", "domain", "ada", "2026-01-01", acts, name="R")))
        self.assertEqual(column(tables["draws"], "state"), ["taken back", "drawn again", "pool too small"])
        self.assertEqual(column(tables["draws"], "drawn"), [3, 3, 5])
        self.assertEqual(column(tables["draws"], "same_seed"), [2, 2, 2])
        self.assertEqual(column(tables["panels"], "place"), [1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5])


class Measured(unittest.TestCase):
    def test_reruns(self):
        claim = {"entry": eid("r"), "n": 0}

        def run(name, by, result, **more):
            return act(name, "rerun", by, "2026-02-01", **({"claim": claim, "result": result, "data": []} | more))

        acts = [
            run("a", "ada", "same"),
            run("b", "bob", "different"),
            run("c", "bob", "same"),
            run("e", "cyn", "partly", claim=None),
            run("f", "cyn", "failed", claim={"entry": eid("r"), "n": 5}),
        ]
        claims = [{"text": "x", "data": "0" * 64, "method": "m"}, {"text": "y", "data": "0" * 64}, {"text": "z"}]
        files = [{"hash": "0" * 64, "length": 1, "type": "text/plain"}]
        tables = view(
            "reruns",
            made(
                "2026-03-01",
                doc("r", "research", "ada", "2026-01-01", acts, title="t", lists={"claims": claims, "data": files}),
            ),
        )
        self.assertEqual(column(tables["claims"], "state"), ["confirmed", "no method", "no data"])
        self.assertEqual(column(tables["runs"], "counts"), ["own", "yes", "yes", "names no claim", "claim gone"])
        self.assertTrue(tables["claims"][0]["listed"])

    def kpi(self, item, *measures, today="2026-03-01"):
        acts = [
            act("m%d" % n, "measure", who, when, kpi={"entry": eid("p"), "n": 0}, day=day, value=value)
            for n, (who, when, day, value) in enumerate(measures)
        ]
        raw = made(
            today,
            doc(
                "p",
                "proposal",
                "ada",
                "2026-01-01",
                acts,
                type="tpp",
                title="t",
                lists={"kpis": [{"name": "k"} | item]},
            ),
        )
        tables = view("kpis", raw)
        return tables["kpis"][0], column(tables["measures"], "counts")

    def test_a_target_holds_as_long_as_it_was_measured(self):
        row, counts = self.kpi(
            {"target": 5, "hold_days": 10},
            ("ada", "2026-02-01", "2026-02-01", 4),
            ("ada", "2026-02-02", "2026-02-02", 6),
            ("eve", "2026-02-03", "2026-02-03", 1),
            ("ada", "2026-02-04", "2026-02-20", 9),
            ("ada", "2026-02-12", "2026-02-12", 5),
            ("ada", "2026-02-12", "2026-02-12", 8),
        )
        self.assertEqual(counts, ["yes", "yes", "no member", "ahead of its day", "yes", "yes"])
        self.assertEqual(
            (row["since"], row["held_days"], row["gap"], row["silent"], row["state"]),
            ("2026-02-02", 10, 10, 17, "reached"),
        )
        self.assertEqual(row["value"], 5)

    def test_not_to_be_exceeded(self):
        row, _ = self.kpi(
            {"target": 5, "compare": "at_most"},
            ("ada", "2026-02-02", "2026-02-02", 5),
            ("ada", "2026-02-02", "2026-02-02", 6),
        )
        self.assertEqual((row["value"], row["state"], row["since"]), (6, "missed", None))
        row, _ = self.kpi({}, ("ada", "2026-02-02", "2026-02-02", 5))
        self.assertEqual(row["state"], "no target")

    def test_threats(self):
        threat = {"entry": eid("p"), "n": 0}
        acts = [
            act("a", "incident", "bob", "2026-02-02", text="x", threat=threat, day="2025-12-31"),
            act("b", "incident", "bob", "2026-02-02", text="x", threat=threat, state="contained"),
            act("c", "resolve", "eve", "2026-02-03", entry=eid("b"), text="x"),
            act("e", "resolve", "bob", "2026-02-04", entry=eid("b"), text="x"),
        ]
        tables = view(
            "threats",
            made(
                "2026-03-01",
                doc(
                    "p",
                    "proposal",
                    "ada",
                    "2026-01-01",
                    acts,
                    type="tpp",
                    title="t",
                    lists={"threats": [{"text": "flood"}]},
                ),
            ),
        )
        self.assertEqual(column(tables["incidents"], "foreseen"), ["noted later", "yes"])
        self.assertEqual(column(tables["incidents"], "state"), ["open", "over"])
        self.assertEqual(column(tables["incidents"], "over"), [None, "2026-02-04"])
        self.assertEqual(tables["threats"][0]["incidents"], [eid("a"), eid("b")])

    def test_offforum(self):
        acts = [act("e", "endorse", "ada", "2026-02-02"), act("f", "endorse", "bob", "2026-02-02")]
        posts = [{"number": 1, "author": "zoe", "text": "x"}, {"number": 2, "author": "Bo", "text": "x"}]
        raw = made(
            "2026-03-01",
            doc("t", "topic", "ada", "2026-01-01", acts, title="t", consent="all", lists={"posts": posts}),
            doc("u", "topic", "ada", "2026-01-01", title="t"),
        )
        rows = view("offforum", raw)["topics"]
        self.assertEqual(len(rows), 1)
        self.assertEqual(
            (rows[0]["authors"], rows[0]["endorsed"], rows[0]["state"]), (["Bo", "zoe"], [eid("bob")], "no origin")
        )


if __name__ == "__main__":
    unittest.main()
