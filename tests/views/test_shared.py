"""Days, documents and the comparison."""

import datetime
import unittest

import calendar as days
from compare import compare, differences
from make import act, block, doc, eid, export, tenure
from world import World, money, same, unknown


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


class Comparison(unittest.TestCase):
    def test_each_difference(self):
        found = list(differences({"t": [{"a": 1, "b": None}]}, {"t": [{"a": True, "b": None}], "u": []}))
        self.assertEqual([one[:3] for one in found], [("t", 1, "a"), ("u", "-", "-")])

    def test_unknown_cells_are_passed_by(self):
        self.assertEqual(list(differences({"t": [{"a": 1}]}, {"t": [{"a": unknown("no parameter")}]})), [])

    def test_unknown_views_are_counted(self):
        lines = []
        self.assertEqual(compare(export("2026-03-01"), [{"view": "no such", "tables": {}}], lines.append), 0)
        self.assertIn("0 cells and 1 views not recomputed", lines[-1])


if __name__ == "__main__":
    unittest.main()
