"""The trickier rules of docs/spec/views/programmes.md."""

import unittest

import programmes
from make import act, block, doc, eid, export, ms, person, tenure
from world import NotRecomputed, World, is_unknown


def dai(amount):
    return {"amount": amount, "currency": "DAI"}


def view(name, raw, only=None):
    return programmes.VIEWS[name](World(raw, only and eid(only)))


def column(rows, name):
    return [row[name] for row in rows]


def proposal(name, when="2026-01-01", acts=(), /, **fields):
    return doc(name, "proposal", "ada", when, acts, **({"type": "tpp", "title": name} | fields))


def evaluation(name, of, acts=(), /, when="2026-01-02", **fields):
    return doc(name, "evaluation", "ada", when, acts, programme=eid(of), **fields)


def research(name, of, by="bob", when="2026-02-01", /, **fields):
    return doc(name, "research", by, when, evaluation=eid(of), **fields)


def item(of, n=0):
    return {"entry": eid(of), "n": n}


class Proposals(unittest.TestCase):
    def test_what_a_type_asks_for(self):
        raw = export(
            "2026-03-01",
            proposal("a", cap=dai(1), minter=" ", end="2026-05-01", lists={"emission": []}),
            proposal("b", type="bundle", bundle=[]),
        )
        tables = view("proposals", raw)
        self.assertEqual(tables["proposals"][0]["missing"], ["emission", "start", "minter", "questions"])
        self.assertEqual(tables["proposals"][1]["missing"], ["bundle"])
        self.assertEqual(len(tables["rules"]), 7)

    def test_questions_are_asked_before_the_vote(self):
        late = act("e", "edit", "ada", "2026-02-10")
        one = proposal("a", vote_from="2026-02-10", lists={"questions": [{"text": "why"}]})
        one["content"]["questions"]["items"][0]["values"][0]["entry"] = eid("e")
        one["log"] = [act("a", "proposal", "ada", "2026-01-01"), late]
        tables = view("coverage", export("2026-03-01", one), "a")
        self.assertEqual(tables["questions"][0]["asked"], "after the vote began")
        del one["log"]
        with self.assertRaises(NotRecomputed):
            view("coverage", export("2026-03-01", one), "a")

    def test_sponsors_and_their_weight(self):
        acts = [
            act("s1", "sponsor", "ada", "2026-02-01", weight=9),
            act("s2", "sponsor", "bob", "2026-02-01", weight=1),
            act("s3", "sponsor", "cyn", "2026-02-01"),
            act("s4", "sponsor", "dan", "2026-02-01", weight=5, until="2026-02-19"),
            act("s5", "sponsor", "eve", "2026-02-20", weight=5),
            act("s6", "sponsor", "fay", "2026-02-19", weight=5, until="2026-02-20"),
        ]
        holders = [
            {"holder": eid("ada"), "class": "x", "weight": 259},
            {"holder": " 0xAA ", "class": "y", "weight": 199},
        ]
        fields = {"type": "mip", "mechanism": "m", "vote_from": "2026-02-20", "vote_until": "2026-03-01"}
        raw = export(
            "2026-03-01",
            proposal("a", "2026-01-01", acts, **fields),
            doc(
                "r",
                "register",
                "ada",
                "2026-01-01",
                title="t",
                day="2026-01-01",
                decimals=2,
                lists={"holders": holders},
            ),
            doc("q", "register", "ada", "2026-01-02", title="t", lists={"holders": []}),
            people=[person("bob", ["0xaa", "0xbb"]), person("cyn", ["0xbb"])],
            parameters={"sponsors_min": 5, "sponsors_min_mip": 2, "sponsor_weight_min": 4},
        )
        tables = view("proposals", raw)
        self.assertEqual(column(tables["sponsors"], "standing"), ["counts", "counts", "same address", "over", "after the vote began", "counts"])
        self.assertEqual(column(tables["sponsors"], "listed"), [2, 1, 0, 0, 0, 0])
        self.assertEqual(column(tables["sponsors"], "counted"), [2, 1, 0, 0, 0, 0])
        row = tables["proposals"][0]
        self.assertEqual((row["sponsors"], row["sponsors_needed"], row["weight"]), (3, 2, 3))
        self.assertEqual((row["standing"], row["vote"]), ("lacks sponsors", "open too early"))
        raw["documents"][0]["acts"].append(act("w", "withdraw", "ada", "2026-02-21"))
        row = view("proposals", raw)["proposals"][0]
        self.assertEqual((row["standing"], row["vote"]), ("withdrawn", "none"))


class Emission(unittest.TestCase):
    def test_mints(self):
        items = [
            {"day": "2026-03-01", "amount": dai(10), "repeat": 3, "every_days": 10},
            {"day": "2026-03-01", "amount": {"amount": 7, "currency": "MKR"}},
            {"day": "2026-03-11", "amount": dai(5)},
            {"day": "2026-01-11", "amount": dai(5), "repeat": 0},
        ]
        raw = export("2026-03-11", proposal("a", cap=dai(24), end="2026-03-15", lists={"emission": items}))
        tables = view("emission", raw, "a")
        self.assertEqual(column(tables["mints"], "day"), ["2026-03-01"] * 2 + ["2026-03-11"] * 2 + ["2026-03-21"])
        self.assertEqual([row["total"]["amount"] for row in tables["mints"]], [10, 7, 20, 25, 35])
        self.assertEqual(column(tables["mints"], "over"), [False, False, False, True, True])
        self.assertEqual(column(tables["mints"], "when"), ["within"] * 4 + ["after end"])
        errors = [(row["error"], row["day"], row["amount"] and row["amount"]["amount"]) for row in tables["errors"]]
        self.assertEqual(
            errors,
            [
                ("over cap", "2026-03-11", 11),
                ("other currency", None, 7),
                ("after end", "2026-03-21", 10),
                ("no minter", None, None),
            ],
        )
        row = tables["totals"][0]
        self.assertEqual(
            (row["until_now"]["amount"], row["left"]["amount"], row["first_over"]), (25, -11, "2026-03-11")
        )
        self.assertIsNone(tables["totals"][1]["left"])

    def test_many_and_far(self):
        items = [{"day": "9999-12-30", "amount": dai(2**60), "repeat": 3660, "every_days": 1} for _ in range(6)]
        tables = view("emission", export("2026-03-11", proposal("a", lists={"emission": items})), "a")
        self.assertEqual(len(tables["mints"]), 20_000)
        self.assertEqual(tables["mints"][-1]["day"], "9999-12-31")
        self.assertEqual(tables["totals"][0]["scheduled"]["amount"], str(2**60 * 3660 * 6))
        self.assertEqual(column(tables["errors"], "error"), ["no cap", "too many", "no minter"])

    def test_who_pays(self):
        def paid(name, by, when, **more):
            return act(name, "execute", by, when, **({"amount": dai(5), "reference": " tx "} | more))

        acts = [
            paid("a", "ada", "2026-02-01"),
            paid("b", "ada", "2026-02-02", reference="tx"),
            paid("c", "eve", "2026-02-03"),
            paid("e", "bob", "2026-02-04", reference=None),
            paid("f", "bob", "2026-02-05", reference=None, not_after=block("2026-02-06")),
        ]
        raw = export(
            "2026-03-01",
            proposal("p", "2026-01-01", acts, cap=dai(10)),
            tenures=[tenure("g", "voice", "bob", "2026-01-01", "2026-02-10")],
        )
        tables = view("emission", raw, "p")
        words = ["counted", "said before", "not a member", "not a member", "counted"]
        self.assertEqual(column(tables["payments"], "standing"), words)
        row = view("programmes", raw)["programmes"][0]
        self.assertEqual((row["state"], row["since"], row["decision"]), ("stopped at its cap", "2026-02-05", None))
        # Nobody has reached the cap before the day of the payment.
        early = dict(raw, now=ms("2026-02-04"))
        self.assertEqual(view("programmes", early)["programmes"][0]["state"], "undated")


class Programmes(unittest.TestCase):
    EPOCHS = [
        {"n": 2, "start": "2026-03-01", "end": "2026-03-31"},
        {"n": 1, "start": "2026-02-01", "end": "2026-02-28"},
    ]

    def decide(self, name, action, when, by="ada", **more):
        return act(name, "decide", by, when, action=action, **more)

    def test_epochs(self):
        one = proposal("p", lists={"epochs": self.EPOCHS})
        rows = view("programmes", export("2026-03-10", one))["epochs"]
        self.assertEqual([(row["epoch"], row["state"]) for row in rows], [(1, "over"), (2, "not opened")])
        one["acts"] = [self.decide("c", "continue", "2026-02-20", epoch=2)]
        rows = view("programmes", export("2026-03-10", one))["epochs"]
        self.assertEqual([(row["state"], row["opened_by"]) for row in rows], [("over", None), ("running", eid("c"))])
        one["acts"] = [self.decide("k", "kill", "2026-02-20", **{"from": "2026-02-10"})]
        tables = view("programmes", export("2026-03-10", one))
        self.assertEqual(column(tables["epochs"], "state"), ["killed", "did not take place"])
        self.assertEqual(tables["decisions"][0]["lacks"], ["evidence that can be looked up", "escalation log"])
        self.assertEqual(tables["programmes"][0]["since"], "2026-02-10")

    def test_states(self):
        one = proposal(
            "p",
            "2026-01-01",
            [self.decide("s", "pause", "2026-02-10", conditions=[{"text": " ok "}])],
            lists={"epochs": self.EPOCHS},
        )
        found = [
            view("programmes", export(day, one))["programmes"][0]
            for day in ("2026-01-31", "2026-02-05", "2026-02-10", "2026-04-01")
        ]
        self.assertEqual(column(found, "state"), ["planned", "running", "paused", "over"])
        self.assertEqual(column(found, "since"), ["2026-02-01", "2026-02-01", "2026-02-10", "2026-03-31"])
        self.assertEqual(found[3]["next"], ["continue", "iterate"])

    def test_what_was_decided(self):
        conditions = [{"text": " ok ", "source": "x"}]
        acts = [
            self.decide("c", "continue", "2026-02-10"),
            self.decide("i", "iterate", "2026-02-11", changes=[{"name": "rate", "before": "2", "value": "3"}]),
            self.decide("s", "pause", "2026-02-12", conditions=conditions),
            self.decide("d", "continue", "2026-02-13"),
        ]
        lists = {
            "parameters": [{"name": " rate ", "value": "1"}, {"name": "rate", "value": "9"}],
            "conditions": [{"text": "ok", "state": "failed", "checked": "2026-02-12"}],
        }
        tables = view("programmes", export("2026-03-10", proposal("p", "2026-01-01", acts, lists=lists)))
        rows = tables["decisions"]
        self.assertEqual(column(rows, "check"), ["equal", "different", None, "different"])
        self.assertEqual(rows[1]["differs"], ["rate: 3 was decided, 1 holds"])
        self.assertEqual(rows[1]["lacks"], ["the values that held before"])
        self.assertEqual(rows[3]["lacks"], ["conditions that are met"])
        self.assertEqual(tables["programmes"][0]["changed"], [])
        self.assertEqual(
            (tables["conditions"][0]["state"], tables["conditions"][0]["checked"]), ("failed", "2026-02-12")
        )

    def test_parameters_that_changed(self):
        root, one = (
            eid("p"),
            self.decide("i", "iterate", "2026-02-11", changes=[{"name": "rate", "before": "1", "value": "3"}]),
        )
        p = proposal("p", "2026-01-01", [one], lists={"parameters": [{"name": "rate", "value": "1"}]})
        p["content"]["parameters"]["items"][0]["values"] = [
            {"value": {"name": "rate", "value": "3"}, "by": eid("ada"), "entry": eid("e")}
        ]
        raw = export("2026-03-10", p)
        vague = view("programmes", raw)
        self.assertTrue(all(is_unknown(vague["decisions"][0][name]) for name in ("check", "differs", "lacks")))
        self.assertTrue(is_unknown(vague["programmes"][0]["changed"]))
        self.assertEqual(vague["programmes"][0]["state"], "running")
        p["versions"] = [
            {
                "entry": root,
                "by": eid("ada"),
                "time": ms("2026-01-01"),
                "fields": ["parameters"],
                "change": {"add": {"parameters": [{"name": "rate", "value": "1"}]}},
            },
            {
                "entry": eid("e"),
                "by": eid("ada"),
                "time": ms("2026-02-12"),
                "fields": ["parameters"],
                "change": {"replace": {"parameters": [[root, 0, {"name": "rate", "value": "3"}]]}},
            },
        ]
        p["log"] = [
            act("p", "proposal", "ada", "2026-01-01"),
            act("i", "decide", "ada", "2026-02-11", after=[root]),
            act("e", "edit", "ada", "2026-02-12", after=[eid("i")]),
        ]
        row = view("programmes", raw)["decisions"][0]
        self.assertEqual((row["check"], row["lacks"]), ("equal", []))


class Windows(unittest.TestCase):
    def test_a_window_follows_from_the_end(self):
        raw = export(
            "2026-06-10",
            proposal(
                "p",
                start="2026-01-01",
                end="2026-06-01",
                evaluation_days=10,
                lists={"epochs": [{"n": 1, "start": "2026-01-01", "end": "2026-02-01"}]},
            ),
            proposal("q", start="2026-01-01", end="2026-06-01"),
            evaluation("a", "p"),
            evaluation("b", "p", epoch=1),
            evaluation("c", "p", epoch=7),
            evaluation("d", "q", until="2026-06-30"),
            evaluation("e", "q", **{"from": "2026-06-20"}),
        )
        rows = view("windows", raw)["windows"]
        self.assertEqual(
            [(row["from"], row["until"], row["rule"], row["state"]) for row in rows],
            [
                ("2026-06-02", "2026-06-11", "the programme's", "open"),
                ("2026-02-02", "2026-02-11", "the programme's", "over"),
                (None, None, "none", "unknown"),
                ("2026-06-02", "2026-06-30", "its own", "open"),
                ("2026-06-20", "2026-06-15", "the committee's", "ends before it begins"),
            ],
        )

    def test_claims_prove_nothing(self):
        def one(name, when, **times):
            found = research(name, "e", "bob", when)
            found.update(times)
            return found

        raw = export(
            "2026-04-01",
            proposal("p"),
            evaluation("e", "p", **{"from": "2026-02-01", "until": "2026-02-10"}),
            one("a", "2026-02-10"),
            one("b", "2026-02-11"),
            one("c", "2026-02-12", not_after=block("2026-02-10")),
            one("d", "2026-02-01", not_before=block("2026-02-11")),
            one("f", "2026-01-31", not_before=block("2026-02-11"), not_after=block("2026-02-09")),
        )
        tables = view("windows", raw, "e")
        rows = {row["research"]: row for row in tables["inputs"]}
        words = [rows[eid(name)]["timely"] for name in "abcdf"]
        self.assertEqual(words, ["unproven", "late", "on time", "late", "unproven"])
        self.assertTrue(rows[eid("f")]["early"])
        row = tables["windows"][0]
        self.assertEqual((row["inputs"], row["on_time"], row["late"], row["unproven"]), (5, 1, 2, 2))

    def test_written_later_is_late(self):
        one = research("a", "e", "bob", "2026-02-01", findings="x")
        one["not_after"] = block("2026-02-02")
        one["content"]["findings"]["values"][0]["entry"] = eid("f")
        one["log"] = [
            act("a", "research", "bob", "2026-02-01"),
            act("f", "edit", "bob", "2026-02-20"),
        ]
        raw = export("2026-04-01", proposal("p"), evaluation("e", "p", until="2026-02-10"), one)
        row = view("windows", raw)["inputs"][0]
        self.assertEqual((row["opened_timely"], row["timely"]), ("on time", "late"))
        # A line of the log without blocks does not do where the committee has some.
        for word in ("not_before", "not_after"):
            del one["log"][1][word]
        tables = view("windows", raw)
        self.assertTrue(is_unknown(tables["inputs"][0]["timely"]))
        self.assertEqual(tables["inputs"][0]["opened_timely"], "on time")
        self.assertTrue(is_unknown(tables["windows"][0]["late"]))


class Coverage(unittest.TestCase):
    def setUp(self):
        def answers(*items):
            return {"lists": {"questions": list(items)}}

        self.raw = export(
            "2026-02-05",
            proposal("p", lists={"questions": [{"text": "one"}, {"text": "two"}, {"text": "three"}]}),
            evaluation("e", "p", until="2026-02-10", lists={"questions": [{"text": "four"}]}),
            research(
                "a",
                "e",
                "bob",
                "2026-02-01",
                evidence_kind="survey",
                **answers({"text": "x", "question": item("p"), "answer": "1"}, {"text": "two"}),
            ),
            research(
                "b",
                "e",
                "cyn",
                "2026-02-11",
                **answers({"text": " one ", "answer": "1"}, {"text": "four", "answer": "4"}),
            ),
            # Names another question than its words say.
            research(
                "c", "e", "cyn", "2026-02-01", **answers({"text": "three", "question": item("p", 1), "answer": " "})
            ),
        )

    def test_every_gap_is_shown(self):
        rows = view("coverage", self.raw, "e")["questions"]
        self.assertEqual(column(rows, "state"), ["answered", "named only", "unanswered", "late only"])
        self.assertEqual(rows[0]["answered_by"], [eid("a"), eid("b")])
        self.assertEqual(rows[1]["named_by"], [eid("a"), eid("c")])
        self.assertEqual(column(rows, "asked"), ["before the vote"] * 3 + ["with the evaluation"])
        self.assertEqual(len(view("coverage", self.raw, "p")["cells"]), 5)

    def test_fallen_inputs_answer_nothing(self):
        self.raw["documents"][2]["acts"] = [act("s", "supersede", "bob", "2026-02-02", doc=eid("c"))]
        tables = view("coverage", self.raw, "e")
        self.assertEqual(tables["questions"][0]["state"], "late only")
        self.assertEqual(len(tables["cells"]), 5)

    def test_sorts_of_evidence(self):
        row = view("inputs", self.raw, "e")["questions"][0]
        self.assertEqual((row["survey"], row["unsaid"], row["kinds"], row["authors"]), (1, 1, 1, 2))


class Calendar(unittest.TestCase):
    def asked(self, name, start, until, voters=None):
        more = {} if voters is None else {"voters": voters}
        return proposal(name, type="mip", vote_from=start, vote_until=until, **more)

    def test_clashes(self):
        raw = export(
            "2026-03-01",
            self.asked("a", "2026-03-01", "2026-03-10", "mkr"),
            self.asked("b", "2026-03-10", "2026-03-12", " mkr "),
            self.asked("c", "2026-03-10", "2026-03-12", "other"),
            self.asked("d", "2026-03-15", "2026-03-20"),
            parameters={"decision_gap_days": 3},
        )
        tables = view("calendar", raw)
        found = [(row["days"], row["how"], row["from"], row["until"]) for row in tables["clashes"]]
        self.assertEqual(
            found,
            [
                (1, "overlap", "2026-03-10", "2026-03-10"),
                (-2, "too near", "2026-03-15", "2026-03-12"),
                (-2, "too near", "2026-03-15", "2026-03-12"),
            ],
        )
        self.assertEqual(column(tables["windows"], "clash"), [True] * 4)
        self.assertEqual(column(tables["windows"], "state"), ["open", "planned", "planned", "planned"])
        own = view("calendar", raw, "d")
        self.assertEqual(column(own["clashes"], "first"), [eid("d")] * 2)
        self.assertEqual(column(own["clashes"], "first_kind"), ["vote"] * 2)
        self.assertEqual(column(own["clashes"], "second"), [eid("b"), eid("c")])

    def test_one_day_and_no_day(self):
        raw = export(
            "2026-03-01",
            self.asked("a", "2026-03-04", None),
            self.asked("b", "2026-03-04", "2026-03-03"),
            proposal("c", "2026-01-01", [act("w", "withdraw", "ada", "2026-01-02")], start="2026-01-01"),
        )
        for one in raw["documents"][:1]:
            del one["content"]["vote_until"]
        rows = view("calendar", raw)["windows"]
        self.assertEqual([(row["from"], row["until"]) for row in rows], [("2026-03-04", "2026-03-04")])

    def test_a_notice_counts_working_days(self):
        # 2026-03-06 is a Friday.
        committee = doc(
            "committee", "committee", "ada", "2026-01-01", name="C", lists={"holidays": [{"day": "2026-03-09"}]}
        )
        raw = export(
            "2026-03-06", doc("m", "motion", "ada", "2026-03-06", form="offboard", notice_days=2), committee=committee
        )
        row = view("calendar", raw)["windows"][0]
        self.assertEqual((row["kind"], row["from"], row["until"]), ("notice", "2026-03-06", "2026-03-11"))

    def test_chains(self):
        raw = export(
            "2026-03-01",
            proposal("a", start="2026-01-01", end="2026-01-31"),
            proposal("b", start="2026-02-01", end="2026-02-28", predecessor=eid("a")),
            proposal("c", start="2026-02-28", predecessor=eid("b")),
            proposal("d", predecessor=eid("e")),
            proposal("e", predecessor=eid("d")),
            proposal("f", predecessor=eid("z")),
        )
        rows = view("calendar", raw)["chains"]
        self.assertEqual(column(rows, "gap"), [0, -1, None, None, None])
        self.assertEqual(column(rows, "steps"), [1, 2, 2, 2, 0])
        circle = "goes round in a circle"
        self.assertEqual(column(rows, "standing"), ["in order", "begins before the end", circle, circle, "not here"])
        self.assertEqual(len(view("calendar", raw, "a")["chains"]), 2)

    def test_spans(self):
        acts = [act("s", "decide", "ada", "2026-02-10", action="stop")]
        raw = export(
            "2026-03-01",
            proposal(
                "p",
                "2026-01-01",
                acts,
                start="2026-01-01",
                end="2026-02-28",
                lists={"epochs": [{"n": 1, "start": "2026-02-10", "end": "2026-02-10"}]},
            ),
            evaluation("e", "p"),
        )
        rows = view("schedule", raw)["spans"]
        self.assertEqual(column(rows, "ended"), ["2026-02-10", None, None])
        self.assertEqual((rows[2]["from"], rows[2]["until"]), ("2026-02-11", "2026-02-24"))

    def test_workload(self):
        raw = export(
            "2026-11-20",
            self.asked("a", "2026-11-25", "2026-12-02", "mkr"),
            self.asked("b", "2026-11-01", "2026-11-19"),
            self.asked("c", "2026-11-30", "2026-11-30"),
        )
        rows = view("workload", raw)["months"]
        self.assertEqual(len(rows), 24)
        self.assertEqual(
            [(row["month"], row["voters"]) for row in rows if row["decisions"]],
            [("2026-11", None), ("2026-12", "mkr")],
        )


class Inflation(unittest.TestCase):
    def test_the_bound(self):
        def mint(name, day, amount, **more):
            return proposal(name, lists={"emission": [{"day": day, "amount": dai(amount)}]}, **more)

        raw = export(
            "2026-06-01",
            mint("a", "2026-05-01", 60),
            mint("b", "2026-04-01", 70, status="accepted"),
            mint("c", "2026-04-01", 70, status="rejected"),
            mint("d", "2027-04-01", 5),
            parameters={"supply": 7, "supply_dai": 100_000, "inflation_max_ppm": 1_009},
        )
        tables = view("inflation", raw)
        row = tables["years"][0]
        self.assertEqual((row["year"], row["mint"]["amount"], row["decided"]["amount"]), (2026, 130, 70))
        self.assertEqual((row["allowed"]["amount"], row["ppm"], row["over"]), (100, 1300, True))
        self.assertEqual(column(tables["shares"], "programme"), [eid("b"), eid("a"), eid("d")])
        self.assertEqual([one["left_before"]["amount"] for one in tables["shares"]], [100, 30, 100])
        self.assertEqual(column(tables["shares"], "ppm"), [700_000, 2_000_000, 50_000])
        self.assertEqual(column(tables["shares"], "over"), [False, True, False])


class Payouts(unittest.TestCase):
    def value(self, name, by, points, **more):
        points = [{"research": eid(one), "points": n} for one, n in points]
        return act(name, "value", by, "2026-02-10", points=points, **more)

    def export(self, reward, *acts, documents=(), delegates=("dan", "eve", "fay")):
        given = {} if reward is None else {"reward": dai(reward)}
        return export(
            "2026-03-01",
            proposal("p"),
            evaluation("v", "p", acts, **given),
            *(research(name, "v", by) for name, by in (("a", "bob"), ("b", "cyn"), ("c", "bob"))),
            *documents,
            tenures=[tenure("g" + who, "delegate", who, "2026-01-01", scope="p") for who in delegates],
            people=[person("bob", ["0xbb", "0xaa"]), person("dan", ["0xdd"])],
        )

    def amounts(self, raw):
        return [row["amount"]["amount"] for row in view("payouts", raw, "v")["payouts"]]

    def test_the_largest_remainder(self):
        self.assertEqual(
            programmes.split(
                10, {"a": programmes.Fraction(1, 3), "b": programmes.Fraction(1, 3), "c": programmes.Fraction(1, 3)}
            ),
            {"a": 4, "b": 3, "c": 3},
        )
        # 100 by 2/7, 2/7, 3/7: 28.57, 28.57, 42.86: the largest fraction first, then the lesser id.
        self.assertEqual(
            self.amounts(self.export(100, self.value("x", "dan", [("c", 3), ("b", 2), ("a", 2)]))), [29, 28, 43]
        )

    def test_nobody_counts_more_by_giving_more_points(self):
        raw = self.export(100, self.value("x", "dan", [("a", 1)]), self.value("y", "eve", [("b", 999_999)]))
        self.assertEqual(self.amounts(raw), [50, 50, 0])
        tables = view("payouts", raw, "v")
        self.assertEqual(column(tables["payouts"], "share"), [500_000, 500_000, 0])
        self.assertEqual(tables["payload"][0]["address"], "0xaa")

    def test_who_may_value_what(self):
        raw = self.export(
            100,
            self.value("x", "bob", [("a", 5), ("b", 1), ("z", 1), ("b", 2)]),
            self.value("y", "gus", [("b", 1)]),
            self.value("z", "dan", [("b", 0)]),
            delegates=("bob", "dan"),
        )
        tables = view("payouts", raw, "v")
        rows = [(row["research"], row["points"], row["of"], row["standing"]) for row in tables["valuations"]]
        self.assertEqual(
            rows,
            [
                (eid("b"), 3, 3, "counted"),
                (eid("a"), 5, 3, "own research"),
                (eid("z"), 1, 3, "not an input"),
                (eid("b"), 1, 1, "not a delegate"),
                (eid("b"), 0, 0, "no points that count"),
            ],
        )
        self.assertEqual(self.amounts(raw), [0, 100, 0])
        self.assertEqual(len(tables["payload"]), 1)

    def test_weights(self):
        acts = [
            self.value("x", "dan", [("a", 1)]),
            self.value("y", "eve", [("b", 1)]),
            self.value("z", "fay", [("c", 1)]),
        ]
        holders = [
            {"holder": "0xDD", "class": "delegates", "weight": 2},
            {"holder": eid("eve"), "class": "delegate", "weight": 1},
            {"holder": eid("fay"), "class": "miners", "weight": 9},
        ]
        register = doc("r", "register", "ada", "2026-01-01", title="t", lists={"holders": holders})
        other = doc("s", "register", "ada", "2026-01-09", title="t", lists={"holders": holders[2:]})
        raw = self.export(100, *acts, documents=[register, other])
        self.assertEqual(self.amounts(raw), [67, 33, 0])
        self.assertEqual(
            column(view("payouts", raw, "v")["valuations"], "standing"), ["counted", "counted", "not in the register"]
        )
        register["content"]["holders"]["items"] = register["content"]["holders"]["items"][2:]
        self.assertEqual(self.amounts(raw), [34, 33, 33])

    def test_nobody_valued(self):
        self.assertEqual(self.amounts(self.export(100)), [0, 0, 0])
        self.assertIsNone(view("payouts", self.export(None), "v")["payouts"][0]["amount"])

    def test_a_role_that_ended(self):
        for more, word in (({}, "not a delegate"), ({"not_after": block("2026-02-12")}, "counted")):
            raw = self.export(100, self.value("x", "dan", [("a", 1)], **more))
            raw["tenures"][0]["until"] = ms("2026-02-15")
            self.assertEqual(view("payouts", raw, "v")["valuations"][0]["standing"], word)

    def test_appraisers(self):
        late = doc("k", "decision", "ada", "2026-02-20", title="t", outcome="o", inputs=[eid("b")], about=eid("p"))
        early = doc("l", "decision", "ada", "2026-02-02", title="t", outcome="o", inputs=[eid("a")], about=eid("p"))
        raw = self.export(
            100,
            self.value("x", "dan", [("a", 2), ("b", 1)]),
            self.value("y", "bob", [("a", 1), ("b", 1)]),
            documents=[late, early],
            delegates=("dan", "bob"),
        )
        tables = view("appraisers", raw)
        self.assertEqual(
            [(row["given"], row["even"], row["cited"]) for row in tables["valuations"]],
            [(333_333, 333_333, 1), (1_000_000, 500_000, 1)],
        )
        self.assertEqual(column(tables["appraisers"], "appraiser"), sorted([eid("bob"), eid("dan")]))
        rows = view("uptake", raw)["uptake"]
        self.assertEqual(
            [(row["decision"], row["cited"], row["available"], row["share"]) for row in rows],
            [(eid("l"), 1, 3, 333_333), (eid("k"), 1, 3, 333_333)],
        )

    def test_provenance(self):
        cite = [act("q", "cite", "bob", "2026-02-03", entry=eid("nowhere"), use="uses")]
        done = [act("x", "execute", "ada", "2026-02-22", text="done")]
        raw = export(
            "2026-03-01",
            proposal("p", "2026-01-01", [act("d", "decide", "ada", "2026-02-23", action="stop", decision=eid("k"))]),
            doc("a", "research", "bob", "2026-02-01", cite, title="r"),
            doc(
                "k", "decision", "ada", "2026-02-20", done, title="t", outcome="o", inputs=[eid("a")], about=eid("p")
            ),
        )
        tables = view("provenance", raw)
        self.assertEqual(
            [(row["id"], row["layer"], row["effect"]) for row in tables["nodes"]],
            [
                (eid("nowhere"), "source", "not here"),
                (eid("a"), "input", "effective"),
                (eid("p"), "input", "effective"),
                (eid("k"), "decision", "effective"),
                (eid("d"), "action", "effective"),
                (eid("x"), "action", "effective"),
            ],
        )
        found = {(row["from"], row["to"], row["how"]) for row in tables["edges"]}
        self.assertEqual(len(found), 5)
        self.assertIn((eid("nowhere"), eid("a"), "used by"), found)
        self.assertEqual(view("provenance", raw, "a"), tables)


if __name__ == "__main__":
    unittest.main()
