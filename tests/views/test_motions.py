"""The trickier rules of docs/spec/views/motions.md."""

import unittest

from make import act, block, doc, eid, export, person, tenure
from recompute import compute

MILLION = 1_000_000


def column(rows, name):
    return [row[name] for row in rows]


def motion(name, when, acts=(), /, by="ada", subject="bob", facts=None, **fields):
    fields.setdefault("form", "offboard")
    state = {"name": "open", "by": [], **(facts or {})}
    if subject:
        fields["subject"] = eid(subject)
        state["subject"] = [eid(subject)]
    return doc(name, "motion", by, when, acts, state=state, **fields)


def committee(**fields):
    holidays = [{"day": "2026-02-09", "name": "a holiday"}]
    return doc("committee", "committee", "ada", "2026-01-01", lists={"holidays": holidays}, name="C", **fields)


class Notice(unittest.TestCase):
    def now(self, today, one, **given):
        return compute(export(today, one, parameters={"notice_working_days": 3}, **given), "timeline", one["id"])

    def test_working_days(self):
        # From Thursday: Friday, (Saturday, Sunday, a holiday), Tuesday, Wednesday.
        tables = self.now("2026-02-10", motion("m", "2026-02-05"), committee=committee())
        row = tables["now"][0]
        self.assertEqual((row["notice_from"], row["notice_until"], row["notice_left"]), ("2026-02-05", "2026-02-11", 1))
        self.assertEqual((row["reply"], row["waits_for"], row["free_from"]),
                         ("waiting", "the reply or the end of the notice", "2026-02-12"))
        self.assertEqual(column(tables["notice"], "n"), [1, 1, 1, 1, 2, 3])
        row = self.now("2026-02-12", motion("m", "2026-02-05"), committee=committee(weekend=[" Friday"]))["now"][0]
        self.assertEqual((row["notice_until"], row["reply"], row["waits_for"]), ("2026-02-10", "silent", "a conclusion"))

    def test_a_motion_does_not_shorten_it(self):
        one = motion("m", "2026-02-02", notice_days=1)
        self.assertEqual(self.now("2026-02-02", one)["now"][0]["notice_days"], 3)
        one = motion("m", "2026-02-02", notice_days=5)
        self.assertEqual(self.now("2026-02-02", one)["now"][0]["notice_until"], "2026-02-09")

    def test_without_an_end(self):
        everything = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        row = self.now("2026-02-02", motion("m", "2026-02-02"), committee=committee(weekend=everything))["now"][0]
        self.assertEqual((row["notice_until"], row["free_from"], row["reply"]), (None, None, "waiting"))

    def test_a_reply_that_was_taken_back_frees(self):
        reply = act("r", "reply_right", "bob", "2026-02-03", text="no", effect="superseded",
                    cause={"rule": "retracted"}, not_before=block("2026-02-04"))
        early = act("c", "conclude", "ada", "2026-02-03", outcome="removed", reason="x")
        late = act("d", "conclude", "ada", "2026-02-05", outcome="retained", reason="x")
        backdated = act("e", "conclude", "ada", "2026-02-05", outcome="removed", reason="x",
                        not_after=block("2026-02-04") | {"time": 0})
        ahead = act("f", "conclude", "ada", "2026-02-09", outcome="lapsed", reason="x")
        one = motion("m", "2026-02-02", [reply, early, late, backdated, ahead])
        tables = self.now("2026-02-06", one)
        row = tables["now"][0]
        self.assertEqual((row["reply"], row["outcome"], row["premature"], row["free_from"]),
                         ("given", "retained", True, "2026-02-04"))
        said = [(event["what"], event["entry"]) for event in tables["events"] if "conclu" in event["what"]]
        self.assertEqual(said, [("premature conclusion", eid("c")), ("concluded", eid("d")),
                                ("premature conclusion", eid("e"))])

    def test_no_subject(self):
        row = self.now("2026-02-03", motion("m", "2026-02-02", subject=None))["now"][0]
        self.assertEqual((row["reply"], row["waits_for"]), ("nobody can reply", "the end of the notice"))
        row = self.now("2026-02-03", motion("m", "2026-02-02", subject=None, form="other"))["now"][0]
        self.assertEqual((row["reply"], row["notice_from"], row["free_from"]), ("not needed", None, None))


class Motions(unittest.TestCase):
    def row(self, one, *docs, **given):
        given.setdefault("parameters", {"options_max_offboard": 2})
        return compute(export("2026-03-20", one, *docs, **given), "motions", one["id"])["motions"][0]

    def test_flags(self):
        one = motion("m", "2026-03-02", reasons=" Thanks ", thanks="thanks", vote_from="2026-03-05",
                     facts={"voluntary": "unknown"}, options=["a", "b", "c"])
        row = self.row(one)
        self.assertEqual(row["flags"], ["no reasons", "no earlier concern", "too many options",
                                        "vote before the reply or the end of notice"])
        concern = doc("c", "concern", "cy", "2026-03-01", about=eid("bob"), text="t")
        self.assertEqual(self.row(one, concern)["concerns"], [eid("c")])
        late = doc("c", "concern", "cy", "2026-03-01", about=eid("bob"), text="t", not_before=None)
        late["not_before"] = block("2026-03-03")
        self.assertEqual(self.row(one, late)["concern"], "no earlier concern")

    def test_replacement(self):
        one = motion("m", "2026-03-02", replacement=eid("dan"))
        self.assertEqual(self.row(one)["replacement_word"], "not nominated")
        silent = doc("n", "nomination", "ada", "2026-03-03", state={"name": "open", "by": []}, nominee=eid("dan"))
        self.assertEqual(self.row(one, silent)["replacement_word"], "nominated by someone else has not spoken yet")
        silent["acts"] = [act("p", "post", "dan", "2026-03-04", text="hm", effect="void")]
        self.assertEqual(self.row(one, silent)["replacement_word"], "has not accepted yet")
        one["acts"] = [act("j", "join", "dan", "2026-03-04")]
        self.assertEqual(self.row(one, silent)["replacement_word"], "has signed this motion")


class Roles(unittest.TestCase):
    def test_how_it_ended(self):
        seats = [{"name": "Vote Keeper", "term_days": 10}, {"name": "other"}]
        conclude = act("c", "conclude", "ada", "2026-02-20", outcome="resigned", reason="x")
        reply = act("r", "reply_right", "bob", "2026-02-10", text="yes")
        raw = export(
            "2026-03-20",
            doc("d", "domain", "ada", "2026-01-01", lists={"seats": seats}, name="D"),
            motion("m", "2026-02-09", [reply, conclude], facts={"voluntary": "unknown"}, domain=eid("d")),
            tenures=[
                tenure("g", "vote_keeper", "bob", "2026-02-01", "2026-02-21", scope="d"),
                tenure("h", "vote_keeper", "cy", "2026-02-01", "2026-02-11", scope="d"),
                tenure("i", "vote_keeper", "cy", "2026-02-12", "2026-02-13", scope="d"),
                tenure("j", "vote_keeper", "cy", "2026-02-14", scope="d"),
                tenure("k", "voice", "dan", "2026-04-14"),
            ],
            parameters={"notice_working_days": 3, "term_reminder_days": 30},
        )
        tables = compute(raw, "roles")
        self.assertEqual(column(tables["history"], "ended"),
                         ["revoked", "term ended", "revoked", "holds it past the term"])
        self.assertEqual(column(tables["history"], "motion"), [eid("m"), None, None, None])
        self.assertEqual(column(tables["holders"], "seat"), ["Vote Keeper"])
        self.assertEqual(compute(raw, "terms")["terms"][0]["left_days"], -24)
        self.assertEqual(compute(raw, "turnover")["turnover"], [
            {"year": 2026, "role": "vote_keeper", "starts": 4, "ends": 3, "median_days": 10},
        ])
        self.assertNotIn("charter", compute(raw, "roles", eid("d")))

    def test_handover(self):
        acts = [
            act("a", "handover", "ada", "2026-02-01", to=eid("bob"), items=[{"text": "Keys", "until": "2026-02-05"}]),
            act("b", "handover", "bob", "2026-02-02", items=[{"text": " keys "}, {"text": "safe", "done": True}]),
            act("c", "handover", "eve", "2026-02-03", items=[{"text": "keys", "done": True}]),
        ]
        tables = compute(export("2026-03-01", doc("d", "domain", "ada", "2026-01-01", acts, name="D")), "handover")
        self.assertEqual([(row["item"], row["until"], row["standing"]) for row in tables["items"]],
                         [(" keys ", "2026-02-05", "late"), ("safe", None, "passed")])
        self.assertEqual(column(tables["interim"], "counts"), [True, True, False])


class Weights(unittest.TestCase):
    def test_an_item_belongs_to_one(self):
        old = doc("q", "register", "ada", "2026-01-02", lists={"holders": [
            {"holder": "0xAA", "class": "MKR", "weight": 1}, {"holder": eid("bob"), "class": "dai", "weight": 4},
        ]}, title="q", source_text="s", day="2026-01-05")
        new = doc("r", "register", "reg", "2026-01-03", lists={"holders": [
            {"holder": "0xAA ", "class": "mkr ", "weight": 10}, {"holder": eid("cy"), "class": "mkr", "weight": 3},
        ]}, title="r", source_text="s", day="2026-01-06")
        stranger = doc("s", "register", "eve", "2026-01-03", lists={"holders": [
            {"holder": eid("eve"), "class": "mkr", "weight": 99},
        ]}, title="s", source_text="s", day="2026-01-07")
        acts = [
            act("1", "stance", "bob", "2026-02-01", position="support", **{"class": "Mkr"}, confidence=50),
            act("2", "stance", "cy", "2026-02-02", position="support", **{"class": "mkr"}, confidence=100),
            act("3", "stance", "bob", "2026-02-03", position="oppose", **{"class": "dai"}),
            act("4", "stance", "eve", "2026-02-03", position="abstain"),
        ]
        raw = export("2026-03-01", doc("n", "nomination", "ada", "2026-01-10", acts), old, new, stranger,
                     tenures=[tenure("g", "registrar", "reg", "2026-01-02", "2026-01-05", scope="r")],
                     people=[person("bob", ["0xaa"]), person("cy", ["0xaa"])])
        tables = compute(raw, "tally", eid("n"))
        self.assertEqual(column(tables["tally"], "class"), [None, "dai", "mkr"])
        self.assertEqual(column(tables["tally"], "support_weight"), [0, 0, 13])
        self.assertEqual(column(tables["tally"], "unverified"), [1, 0, 1])
        self.assertEqual(column(tables["tally"], "register"), [None, eid("q"), eid("r")])
        raw["tenures"][0]["scope"] = eid("q")
        self.assertEqual(column(compute(raw, "tally", eid("n"))["tally"], "register")[2], eid("q"))
        self.assertEqual(column(tables["tally"], "spoken"), [None, MILLION, MILLION])
        row = compute(raw, "confidence")["confidence"][2]
        self.assertEqual((row["support_sure"], row["oppose_sure"]), (1_000_000, None))


class Delegations(unittest.TestCase):
    def test_namesakes_are_counted(self):
        people = [person("bob"), person("cy"), person("dan"), person("eve")]
        for one, name in zip(people, ("Bob", " bob", None, " ")):
            one["name"] = name
        rows = compute(export("2026-03-01", people=people), "people")["people"]
        self.assertEqual({row["name"]: row["namesakes"] for row in rows}, {"Bob": 1, " bob": 1, None: 0, " ": 0})

    def lend(self, *lines):
        acts = [
            act("%02d" % n, "delegate", who, "2026-02-01", to=eid(to), share=part)
            for n, (who, to, part) in enumerate(lines)
        ]
        return compute(export("2026-03-01", committee=doc("committee", "committee", "ada", "2026-01-01", acts,
                                                          name="C")), "delegations")

    def voices(self, *lines):
        return [(row["delegate"], row["person"], row["share"], len(row["via"])) for row in self.lend(*lines)["voices"]]

    def test_chains(self):
        a, b, c = eid("a"), eid("b"), eid("c")
        self.assertEqual(self.voices(("a", "b", 500_000), ("b", "c", 100_000)),
                         [(b, a, 450_000, 0), (c, a, 50_000, 1), (c, b, 100_000, 0)])
        self.assertEqual(self.voices(("a", "b", None)), [(b, a, MILLION, 0)])

    def test_rings(self):
        tables = self.lend(("a", "b", None), ("b", "c", None), ("c", "b", None))
        self.assertEqual(column(tables["voices"], "delegate"), [eid("b")])
        self.assertEqual(tables["cycles"][0]["people"], [eid("b"), eid("c")])
        self.assertEqual(column(tables["log"], "standing"), ["standing", "in a ring", "in a ring"])
        self.assertEqual(self.lend(("a", "a", None))["cycles"][0]["people"], [eid("a")])

    def test_no_further_than_32(self):
        lines = [("p%02d" % n, "p%02d" % (n + 1), None) for n in range(40)]
        found = [row for row in self.voices(*lines) if row[1] == eid("p00")]
        self.assertEqual(found, [(eid("p32"), eid("p00"), MILLION, 31)])

    def test_weights(self):
        acts = [act("1", "delegate", "a", "2026-02-01", to=eid("b"), share=300_000)]
        register = doc("r", "register", "ada", "2026-01-02", lists={"holders": [
            {"holder": "0x1", "class": "mkr", "weight": 11}, {"holder": eid("b"), "class": "mkr", "weight": 2},
        ]}, title="r", source_text="s")
        raw = export("2026-03-01", register, people=[person("a", ["0x1"]), person("b", ["0x1"])],
                     committee=doc("committee", "committee", "ada", "2026-01-01", acts, name="C"))
        rows = compute(raw, "delegations")["weights"]
        self.assertEqual([(row["delegate"], row["own"], row["lent"]) for row in rows],
                         [(eid("a"), 7, 0), (eid("b"), 2, 3)])

    def test_log(self):
        acts = [
            act("1", "delegate", "a", "2026-02-01", to=eid("b"), effect="superseded"),
            act("2", "delegate", "a", "2026-02-02"),
            act("3", "delegate", "c", "2026-02-02", to=eid("b"), effect="conflict"),
            act("4", "delegate", "c", "2026-02-02", to=eid("d"), effect="conflict"),
            act("5", "delegate", "e", "2026-02-02", effect="effective", body="absent"),
            act("6", "delegate", "f", "2026-02-02", to=eid("b"), until="2026-02-20"),
            act("7", "delegate", "g", "2026-02-02", to=eid("b"), **{"from": "2026-03-02"}),
            act("8", "delegate", "h", "2026-03-02", to=eid("b")),
        ]
        raw = export("2026-03-01", committee=doc("committee", "committee", "ada", "2026-01-01", acts, name="C"))
        self.assertEqual(column(compute(raw, "delegations")["log"], "standing"), [
            "replaced", "taken back", "contradicted", "contradicted", "unknown", "over", "not yet",
        ])


class Others(unittest.TestCase):
    def test_a_deferral_that_is_over(self):
        acts = [
            act("o", "objection", "cy", "2026-02-01", text="no"),
            act("p", "objection", "cy", "2026-02-02", text="no"),
            act("d", "dispose", "ada", "2026-02-03", entry=eid("o"), outcome="deferred", reason="r", until="2026-02-10"),
            act("e", "dispose", "eve", "2026-02-04", entry=eid("p"), outcome="declined", reason="r"),
        ]
        raw = export("2026-03-01", doc("t", "topic", "ada", "2026-01-01", acts, title="t"),
                     parameters={"objection_days": 30})
        rows = compute(raw, "objections")["objections"]
        self.assertEqual([(r["outcome"], r["due"], r["late"], r["capacity"], r["ignored"]) for r in rows], [
            ("open", "2026-03-04", False, None, 1), ("deferral is over", "2026-02-10", True, "an owner", 0),
        ])

    def test_who_put_a_concern_right(self):
        acts = [
            act("r", "resolve", "bob", "2026-02-02", text="done"),
            act("s", "resolve", "eve", "2026-02-03", text="done"),
        ]
        concern = doc("c", "concern", "cy", "2026-02-01", acts, state={"name": "open", "by": []}, about=eid("bob"),
                      text="t")
        self.assertEqual(compute(export("2026-03-01", concern), "concerns")["concerns"][0]["standing"], "open")
        members = [tenure("g", "voice", "eve", "2026-01-01"), tenure("h", "voice", "bob", "2026-01-01")]
        row = compute(export("2026-03-01", concern, tenures=members), "concerns")["concerns"][0]
        self.assertEqual((row["standing"], row["settled_by"], row["days"]), ("put right", "a member", 2))

    def test_a_changed_petition(self):
        one = motion("m", "2026-02-01", [
            act("1", "join", "bob", "2026-02-02"),
            act("2", "join", "cy", "2026-02-05", saw=[eid("edit")]),
        ], subject=None, form="petition", threshold=2, facts={"signatures": 2, "signatures_earlier": 1})
        one["content"]["text"] = {"values": [{"value": "new", "by": eid("ada"), "entry": eid("edit")}]}
        tables = compute(export("2026-03-01", one), "petitions")
        self.assertEqual(column(tables["signatures"], "by"), [eid("cy")])
        self.assertEqual(tables["petitions"][0]["reached_on"], "2026-02-05")

    def test_forks(self):
        origin = doc("t", "topic", "ada", "2026-01-01", [
            act("p", "post", "bob", "2026-01-02", text="x"),
            act("f", "fork", "bob", "2026-01-03", doc=eid("u"), entry=eid("p")),
            act("g", "fork", "bob", "2026-01-03", doc=eid("x")),
        ], title="t")
        raw = export("2026-03-01", origin, doc("u", "topic", "ada", "2026-01-02", title="u", fork_of=eid("p")),
                     doc("v", "topic", "ada", "2026-01-02", title="v", fork_of=eid("t")),
                     doc("w", "topic", "ada", "2026-01-02", title="w", fork_of=eid("y")))
        self.assertEqual(column(compute(raw, "forks")["forks"], "said"), [
            "both", "the origin only and the other is not here", "the fork only",
            "the fork only and the other is not here",
        ])
        self.assertEqual(len(compute(raw, "forks", eid("t"))["forks"]), 3)


if __name__ == "__main__":
    unittest.main()
