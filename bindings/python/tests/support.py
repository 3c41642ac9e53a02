"""What the tests share: a shop in a folder of its own."""

import os
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

import cardmint

ROOT = Path(__file__).resolve().parents[3]
ANN = {"kind": "customer", "value": "ann"}
QUICK = os.environ.get("CARDMINT_QUICK") == "1"
TWENTY_OFF = {
    "id": "20-off",
    "currency": "CNY",
    "redeem_from": "claimed",
    "benefit": {"amount_off": {"minor": 2000}},
    "conditions": [{"min_spend": {"minor": 10000}}],
}
# A program that holds a database until it is told to end.
HOLDER = """
import sqlite3
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
BEARER = {"id": "bearer", "currency": "CNY", "benefit": {"amount_off": {"minor": 2000}}}


def order(amount_minor=12000, id="A-1"):
    line = {"id": "1", "product": "tea", "quantity": 2, "amount_minor": amount_minor}
    return {"id": id, "currency": "CNY", "lines": [line]}


def stocked(shop, size=1000):
    """Puts a batch of personal cards and one of bearer cards into a shop."""
    shop.save_template(meta="t1", template=TWENTY_OFF)
    shop.save_template(meta="t2", template=BEARER)
    shop.issue_batch(meta="b1", id="autumn", template="20-off", size=size, format={"symbols": 16})
    shop.issue_batch(meta="b2", id="flyer", template="bearer", size=size, format={"symbols": 16})


def codes_of(shop, batch="flyer", key="export"):
    return [item["code"] for item in shop.export_codes(meta={"key": key, "reason": "print"}, batch=batch)]


class InShop(unittest.TestCase):
    """A stocked shop on a file; `self.shop` is its tenant."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.db, self.keyring = self.folder / "shop.db", self.folder / "keys.json"
        cardmint.create_keyring(self.keyring)
        self.engine = cardmint.open(self.db, keyring=self.keyring)
        self.addCleanup(self.engine.close)
        self.shop = self.engine.tenant()
        stocked(self.shop)


def child(program, *args, **more):
    """A Python of its own that runs a program with the installed package."""
    source = "import cardmint, sys\n" + textwrap.dedent(program)
    return subprocess.Popen(
        [sys.executable, "-B", "-c", source, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(cardmint.__file__).parents[1])},
        **more,
    )
