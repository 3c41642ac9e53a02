"""What cannot be meant is refused by the path of its field, and the handle goes on working."""

import decimal
import enum
import json
import unittest
from datetime import date, datetime, timedelta, timezone

import cardmint
from support import ANN, InShop, codes_of, order

BIGGEST = 2**53 - 1


class Colour(enum.IntEnum):
    RED = 12000


class Kind(str, enum.Enum):
    CUSTOMER = "customer"


class Input(InShop):
    def setUp(self):
        super().setUp()
        self.code = codes_of(self.shop)[0]

    def quote(self, amount_minor=12000, **more):
        quoted = self.shop.quote(card={"code": self.code}, order={**order(amount_minor), **more})
        return quoted["outcome"]

    def refused(self, field, call, *args, **more):
        with self.assertRaises(cardmint.Invalid) as caught:
            call(*args, **more)
        self.assertEqual(caught.exception.facts["field"], field, caught.exception)
        self.assertEqual(self.quote()["applies"]["payable_minor"], 10_000, "the handle goes on working")
        return caught.exception

    def test_amounts_are_integers_up_to_their_limit(self):
        self.assertEqual(self.quote(BIGGEST)["applies"]["payable_minor"], BIGGEST - 2000)
        self.assertEqual(self.quote(Colour.RED)["applies"]["payable_minor"], 10_000)
        for wrong in [2**53, 2**63, 2**64, 10**400, -1, 1.0, 12000.0, 1e300, float("nan"), float("inf"), "1", True]:
            with self.subTest(repr(wrong)[:20]):
                self.refused("order.lines[0].amount_minor", self.quote, wrong)
        for wrong in [-0.0, decimal.Decimal(1), 1 + 0j, b"1", {1}, object()]:
            with self.subTest(repr(wrong)[:20]):
                self.refused("order.lines[0].amount_minor", self.quote, wrong)

    def test_minus_nothing_is_no_integer_on_the_wire(self):
        line = '{"id":"1","product":"tea","quantity":1,"amount_minor":%s}'
        quote = '{"card":{"code":"%s"},"order":{"id":"o","currency":"CNY","lines":[%s]}}' % (self.code, line)
        self.assertIn("applies", self.shop.call("quote", quote % 12000))
        for wrong in ["-0", "-0.0", "1.0", "1e300", "1e2", "NaN", "true", '"1"', "9007199254740992", "00"]:
            with self.subTest(wrong), self.assertRaises(cardmint.Invalid):
                self.shop.call("quote", quote % wrong)

    def test_instants_are_aware_and_in_whole_milliseconds(self):
        at = datetime(2026, 11, 11, 8, 0, 0, 123000, tzinfo=timezone(timedelta(hours=8)))
        self.assertIn("applies", self.quote(placed_at=at))
        self.assertIn("applies", self.quote(placed_at="2026-11-11T00:00:00.123Z"))
        receipt = self.shop.redeem(meta="A-1", code=self.code, order={**order(), "placed_at": at})
        redemption = self.shop.redemption(id=receipt["redemption"])
        placed_at = redemption["ordered_at"]
        self.assertEqual((placed_at, cardmint.instant(placed_at)), ("2026-11-11T00:00:00.123Z", at))
        for text in ["2026-11-11", "now", "2026-11-11T00:00:00"]:
            with self.subTest(text), self.assertRaises(cardmint.Invalid):
                self.quote(placed_at=text)

    def test_other_instants_are_refused_by_their_path(self):
        utc = timezone.utc
        latest, earliest = datetime.max.replace(microsecond=0), datetime.min
        wrong = [
            datetime(2026, 11, 11),
            datetime(2026, 11, 11, 0, 0, 0, 1, tzinfo=utc),
            datetime(2026, 11, 11, 0, 0, 0, 999999, tzinfo=utc),
            latest.replace(tzinfo=timezone(timedelta(hours=-1))),
            earliest.replace(tzinfo=timezone(timedelta(hours=1))),
            date(2026, 11, 11),
        ]
        for placed_at in wrong:
            with self.subTest(repr(placed_at)):
                self.refused("order.placed_at", self.quote, placed_at=placed_at)

    def test_instant_reads_what_replies_hold(self):
        for text, microsecond in [("", 0), (".5", 500_000), (".72", 720_000), (".001", 1_000)]:
            read = cardmint.instant(f"2026-11-11T00:00:00{text}Z")
            self.assertEqual(read, datetime(2026, 11, 11, 0, 0, 0, microsecond, tzinfo=timezone.utc))
        self.assertEqual(cardmint.instant("2026-11-11T00:00:00.000Z").tzinfo, timezone.utc)
        for wrong in ["", "soon", "Z", "2026-11-11", "2026-11-11T00:00:00", "2026-13-11T00:00:00Z"]:
            with self.assertRaises(cardmint.Invalid):
                cardmint.instant(wrong)

    def test_only_plain_data_is_a_request(self):
        circle = []
        circle.append(circle)
        deep = []
        for _ in range(5000):
            deep = [deep]
        look_up, quote = self.shop.look_up, self.quote
        self.refused("card", look_up, card={1: "x"})
        self.refused("card", look_up, card={None: "x"})
        self.refused("card.id", look_up, card={"id": 1.5})
        self.refused("order.segments[1]", quote, segments=["a", 0.5])
        self.refused("order.segments[0]", quote, segments=["\ud800"])
        self.refused("order", quote, **{"\udfff": 1})
        self.refused("order.segments", quote, segments={"a", "b"})
        self.refused("order.segments", quote, segments=(word for word in "ab"))
        for endless in [circle, deep]:
            with self.assertRaises(cardmint.Invalid):
                quote(segments=endless)
        self.assertIn("applies", quote(segments=("a", "b")))
        self.assertIn("applies", self.shop.quote(card={"code": self.code}, order=order(), holder={**ANN, "kind": Kind.CUSTOMER})["outcome"])
        title = "城西 🍵 \u2028 \x00 \\ \""
        self.assertEqual(self.shop.save_campaign(meta="c", id="tea", title="城西 🍵")["title"], "城西 🍵")
        self.refused("title", self.shop.save_campaign, meta="c2", id="tea", title=title)

    def test_plain_data_is_written_as_json_has_it(self):
        encode = cardmint._native.encode
        texts = ["", "城西 🍵 \u2028", "\x00\x1f\x7f\\\"/\n", "\U0010ffff"]
        plain = {
            "numbers": [0, -1, BIGGEST, -(2**63), 2**63 - 1],
            "others": (True, False, None, {}, [], ()),
            "texts": texts,
            **{text: {"in": [text]} for text in texts},
        }
        for value in [plain, [], {}, 7, "x", None, True]:
            written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            self.assertEqual(json.loads(encode(value)), json.loads(written))
            if value is not plain:  # JSON has two ways to write some characters
                self.assertEqual(encode(value).decode(), written)
        deep = "bottom"
        for _ in range(100):
            deep = [deep]
        self.assertIsNotNone(encode(deep))
        at = datetime(2026, 11, 11, tzinfo=timezone.utc)
        for odd in [Colour.RED, Kind.CUSTOMER, at, 2**63, -(2**63) - 1, 1.0, b"x", "\ud800", {1: "x"}, {Kind.CUSTOMER: 1}, [deep]]:
            self.assertIsNone(encode(odd), odd)
            self.assertIsNone(encode({"in": [odd]}), odd)

    def test_the_engine_refuses_by_path_too(self):
        said = self.refused("order.lines[0]", self.shop.quote, card={"id": "16-0-0"}, order={**order(), "lines": [{}]})
        self.assertEqual((said.code, said.status, said.kind, said.may_retry), ("invalid", 103, "invalid", False))
        self.assertIsInstance(said, ValueError)
        self.refused("order.colour", self.quote, colour="red")
        self.refused("order.lines", self.shop.quote, card={"id": "16-0-0"}, order={**order(), "lines": []})

    def test_what_is_no_request_at_all(self):
        for text in ["", "{", "null", "[]", '{"card":{"id":"16-0-0"}} {}', '{"card":{"id":"a"},"card":{"id":"b"}}', "\0", "[" * 100_000]:
            with self.subTest(text[:20]), self.assertRaises(cardmint.Invalid):
                self.shop.call("look_up", text)
        with self.assertRaises(cardmint.Invalid) as caught:
            self.shop.call("look_up", "\ud800")
        self.assertEqual(caught.exception.code, "not_utf8")
        with self.assertRaises(cardmint.Invalid) as caught:
            self.shop.call("look_up", '{"card":{"code":"' + "x" * 10_000_000 + '"}}')
        self.assertEqual(caught.exception.code, "too_large")
        with self.assertRaises(cardmint.Invalid) as caught:
            self.shop.look_up(card={"code": "x" * 10_000_000})
        self.assertEqual(caught.exception.code, "too_large")
        for operation in ["", "none", "export_codes", "count_batch", "\0", "x" * 1_000_000]:
            with self.subTest(operation[:20]), self.assertRaises(cardmint.Invalid) as caught:
                self.shop.call(operation, "{}")
            self.assertEqual(caught.exception.code, "unknown_operation")
        self.assertEqual(self.quote()["applies"]["payable_minor"], 10_000)

    def test_arguments_of_the_wrong_kind(self):
        for wrong in [
            lambda: self.shop.look_up({"id": "16-0-0"}),
            lambda: self.shop.look_up(),
            lambda: self.shop.look_up(card={"id": "16-0-0"}, colour="red"),
            lambda: self.engine.tenant(1),
            lambda: cardmint.open(None),
            lambda: cardmint.create_keyring(None),
            lambda: cardmint.retire_key(self.keyring, "0"),
        ]:
            with self.assertRaises(TypeError):
                wrong()
        with self.assertRaises(cardmint.Invalid):
            self.shop.look_up(card=None)
        with self.assertRaises(OverflowError):
            cardmint.retire_key(self.keyring, 256)

    def test_secrets_in_the_wrong_place_are_not_repeated(self):
        for card in [{"id": "SECRET00SECRET00"}, {"SECRET00SECRET00": 1}, {"id": {"SECRET00SECRET00": 1.5}}, "SECRET00SECRET00"]:
            with self.assertRaises(cardmint.Error) as caught:
                self.shop.look_up(card=card)
            said = repr(caught.exception) + str(caught.exception) + repr(caught.exception.facts)
            self.assertNotIn("SECRET00", said)


if __name__ == "__main__":
    unittest.main()
