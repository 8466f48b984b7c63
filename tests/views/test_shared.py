"""Days, documents and the comparison."""

import datetime
import pathlib
import re
import unittest

import calendar as days
from compare import compare, differences
from make import act, block, doc, eid, export, person, tenure
from recompute import compute
from world import DEFAULTS, World, money, same, unknown


class Days(unittest.TestCase):
    def test_as_the_library_has_them(self):
        for n in range(-200_000, 200_000, 97):
            day = datetime.date(1970, 1, 1) + datetime.timedelta(n)
            self.assertEqual(days.write(n), day.isoformat())
            self.assertEqual(days.read(day.isoformat()), n)
            self.assertEqual(days.week(n), "%04d-W%02d" % day.isocalendar()[:2])
            self.assertEqual(days.weekday(n), day.weekday())

    def test_what_is_no_day(self):
        for text in ("2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-00-10", None, 7):
            self.assertIsNone(days.read(text))


class Shared(unittest.TestCase):
    def test_an_id_and_a_text_are_never_the_same(self):
        self.assertTrue(same(" Ada", "ada "))
        self.assertFalse(same(eid("z"), eid("z").upper()))
        self.assertFalse(same(" ", " "))

    def test_money_beyond(self):
        self.assertEqual(money(2**63 - 1, "DAI")["amount"], 2**63 - 1)
        self.assertEqual(money(2**63, "DAI")["amount"], str(2**63))

    def test_order_and_as_of(self):
        off = doc("z", "topic", "ada", "2026-01-02", title="floor")
        off["record"] = False
        raw = export(
            "2026-03-01",
            doc("b", "topic", "ada", "2026-02-01", title="two"),
            doc("a", "topic", "ada", "2026-02-01", [act("p", "post", "bob", "2026-02-20")], title="one"),
            off,
            tenures=[tenure("g", "voice", "bob", "2026-01-05", "2026-02-25")],
        )
        world = World(raw)
        self.assertEqual([d.id for d in world.documents], [eid("a"), eid("b")])
        self.assertTrue(world.member_at(eid("ada"), 0))
        self.assertIsNotNone(world.tenures[0].until)
        world = World(raw, at="2026-02-10")
        self.assertEqual(world.documents[0].acts, [])
        self.assertIsNone(world.tenures[0].until)
        self.assertEqual(world.now, days.end(days.read("2026-02-10")))

    def test_moments(self):
        one = act("p", "post", "bob", "2026-02-20", not_before=block("2026-02-22"))
        world = World(export("2026-03-01", doc("a", "topic", "ada", "2026-02-01", [one], title="t")))
        self.assertEqual(days.write(days.of(world.documents[0].acts[0].earliest)), "2026-02-22")
        self.assertEqual(world.documents[0].acts[0].latest, one["time"])


class Parameters(unittest.TestCase):
    def test_defaults_are_those_of_the_table(self):
        path = pathlib.Path(__file__).parents[2] / "docs/spec/views/parameters.md"
        rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", path.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual({name: int(value) for name, value in rows}, DEFAULTS)

    def test_a_word_then_all_then_the_default(self):
        world = World(export("2026-03-01", parameters={"sponsors_min": 5, "sponsors_min_mip": 0}))
        found = [world.parameter("sponsors_min", word) for word in ("mip", "tpp", None)]
        self.assertEqual(found, [0, 5, 5])
        self.assertEqual(world.parameter("supply", "dai"), 0)


class Comparison(unittest.TestCase):
    def test_each_difference(self):
        found = list(differences({"t": [{"a": 1, "b": None}]}, {"t": [{"a": True, "b": None}], "u": []}))
        self.assertEqual([one[:3] for one in found], [("t", 1, "a"), ("u", "-", "-")])

    def test_unknown_cells_are_passed_by(self):
        self.assertEqual(list(differences({"t": [{"a": 1}]}, {"t": [{"a": unknown("no parameter")}]})), [])

    def test_unknown_views_are_counted(self):
        lines = []
        self.assertFalse(compare(export("2026-03-01"), [{"view": "no such", "tables": {}}], lines.append))
        self.assertIn("0 cells and 1 views not recomputed", lines[-2])

    def test_nothing_compared_is_no_agreement(self):
        raw, quiet = export("2026-03-01", people=[person("bob")]), lambda line: None
        self.assertFalse(compare(raw, [], quiet))
        self.assertFalse(compare(raw, [{"view": "units", "tables": compute(raw, "units")}], quiet))
        said = [{"view": "people", "tables": compute(raw, "people")}]
        self.assertTrue(said[0]["tables"]["people"])
        self.assertTrue(compare(raw, said, quiet))
        said[0]["tables"]["people"][0]["namesakes"] = 7
        self.assertFalse(compare(raw, said, quiet))


if __name__ == "__main__":
    unittest.main()
