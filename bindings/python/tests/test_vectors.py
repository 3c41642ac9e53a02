"""Golden vectors of the wire, the same files for every language: tests/vectors/wire.json, checkout.json and
refunds.json, replayed with equal bytes."""

import json
import unittest

import cardmint
from cardmint import _native
from support import ROOT

FOLDER = ROOT / "tests/vectors"


@unittest.skipUnless(FOLDER.exists(), "tests/vectors is not there")
class Vectors(unittest.TestCase):
    def test_every_case_gives_equal_bytes(self):
        self.replay("wire.json")

    def test_every_worked_case_gives_equal_bytes(self):
        self.replay("checkout.json")

    def test_every_worked_case_of_returns_gives_equal_bytes(self):
        self.replay("refunds.json")

    def replay(self, name):
        vectors = json.loads((FOLDER / name).read_text("utf-8"))
        kinds = dict(cardmint.operations())
        engine = _native.open(vectors["options"].encode())
        tenant = engine.tenant("default", "live")
        self.assertTrue(vectors["cases"])
        for case in vectors["cases"]:
            with self.subTest(case["op"], request=case["request"]):
                if "now" in case:
                    engine.set_now(case["now"])
                said = self.asked(tenant, case["op"], case["request"].encode(), kinds)
                self.assertEqual(said, (case.get("reply"), case.get("failure")))

    def asked(self, tenant, operation, request, kinds):
        try:
            if kinds.get(operation) not in ("stream", "job"):
                return tenant.call(operation, request), None
            cursor = tenant.begin(operation, request)
            while not (reply := cursor.next(100_000)):
                self.assertIsNotNone(reply)
            return reply, None
        except cardmint.Error as error:
            return None, json.dumps(error.args[0], ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    unittest.main()
