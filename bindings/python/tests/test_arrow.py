"""Streams as Arrow, read by polars."""

import os
import sys
import typing
import unittest
from datetime import datetime, timezone

import cardmint
import cardmint.types
from cardmint._engine import COLUMNS
from support import InShop

POLARS = os.environ.get("CARDMINT_POLARS")
NO_SKIP = os.environ.get("CARDMINT_NO_SKIP", "0") not in ("", "0")
if POLARS:
    sys.path.append(POLARS)

# What a field of an item is as a column.
KINDS = {
    int: "integer",
    str: "text",
    cardmint.types.Instant: "text",
    typing.List[typing.Optional[int]]: "integers",
}
OFFERS = [
    {"id": "ten", "template": {"id": "t", "currency": "CNY", "benefit": {"amount_off": {"minor": 1000}},
                               "conditions": [{"min_spend": {"minor": 5000}}]}},
    {"id": "tenth", "template": {"id": "u", "benefit": {"percent_off": {"off_bp": 1000}}}},
]


def orders(count):
    for at in range(count):
        order = {"id": f"o{at}", "currency": "CNY",
                 "lines": [{"id": "1", "product": "p", "quantity": 1, "amount_minor": at * 100 % 9000}]}
        if at % 3:
            order["store"] = f"s{at % 3}"
            order["placed_at"] = datetime(2026, 10, 1 + at % 28, 8, 30, 0, 5000, timezone.utc)
        yield order


class Columns(unittest.TestCase):
    def test_every_stream_has_its_columns_as_its_items_are(self):
        streams = {name for name, kind in cardmint.operations() if kind == "stream"}
        self.assertEqual(set(COLUMNS), streams)
        items = {"backtest_orders": cardmint.types.BacktestedOrder, "export_codes": cardmint.types.ExportedCode}
        for name, item in items.items():
            fields = typing.get_type_hints(item)
            self.assertEqual({name for name, _ in COLUMNS[name]}, set(fields))
            for column, kind in COLUMNS[name]:
                of = fields[column]
                args = [one for one in typing.get_args(of) if one is not type(None)]
                bare = args[0] if typing.get_origin(of) is typing.Union and len(args) == 1 else of
                self.assertEqual("text" if kind == "instant" else kind, KINDS[bare], column)


@unittest.skipUnless(POLARS or NO_SKIP, "polars was not found")
class Arrow(InShop):
    def frame(self, stream):
        import polars

        return polars.DataFrame(stream)

    def test_a_back_test_is_a_table(self):
        self.shop.sample_orders(sample="october", orders=list(orders(2_500)))
        rows = list(self.shop.backtest_orders(sample="october", offers=OFFERS))
        stream = self.shop.backtest_orders(sample="october", offers=OFFERS)
        frame = self.frame(stream.arrow(rows=700))
        self.assertEqual(frame.columns, [name for name, _ in COLUMNS["backtest_orders"]])
        self.assertEqual(len(rows), 2_500)
        for told, row in zip(frame.iter_rows(named=True), rows):
            placed = told.pop("placed_at")
            self.assertEqual(placed, cardmint.instant(row["placed_at"]) if "placed_at" in row else None)
            row.pop("placed_at", None)
            self.assertEqual(told, {name: row.get(name) for name in told})
        applied = frame["offers_minor"].list.get(0)
        self.assertEqual(applied.null_count(), sum(row["offers_minor"][0] is None for row in rows))
        self.assertGreater(applied.null_count(), 0)
        report = self.shop.backtest(sample="october", offers=OFFERS).result()
        self.assertEqual(frame["discount_minor"].sum(), report["discount_minor"])

    def test_it_is_read_once_and_takes_the_rest_of_its_stream(self):
        self.shop.sample_orders(sample="few", orders=list(orders(5)))
        stream = self.shop.backtest_orders(sample="few", offers=OFFERS)
        table = stream.arrow()
        self.assertEqual(list(stream), [])
        with self.assertRaises(cardmint.Fault):
            stream.arrow()
        self.assertEqual(len(self.frame(table)), 5)
        with self.assertRaises(cardmint.Fault):
            table.__arrow_c_stream__()

    def test_a_fault_on_the_way_is_told(self):
        self.shop.sample_orders(sample="few", orders=list(orders(5)))
        times = {"id": "t", "kind": "times_card", "benefit": {"entitlement": {}}, "limits": {"uses_per_card": 3}}
        stream = self.shop.backtest_orders(sample="few", offers=[{"id": "a", "template": times, "units": 7}])
        with self.assertRaisesRegex(Exception, "invalid"):
            self.frame(stream.arrow())

    def test_codes_are_a_table(self):
        meta = {"key": "x", "reason": "print"}
        frame = self.frame(self.shop.export_codes(meta=meta, batch="flyer").arrow(rows=300))
        told = list(self.shop.export_codes(meta=meta, batch="flyer"))
        self.assertEqual(frame.to_dicts(), told)
        self.assertEqual(len(told), 1_000)


if __name__ == "__main__":
    unittest.main()
