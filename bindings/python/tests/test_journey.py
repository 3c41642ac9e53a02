"""The example on real data, and the scripts of the benches, run as a user would."""

import json
import os
import subprocess
import sys
import unittest
from pathlib import Path

import cardmint
from support import ROOT, InShop, codes_of


def last_line(*args):
    """What a program of the repository says last, as data."""
    environment = {**os.environ, "PYTHONPATH": str(Path(cardmint.__file__).parents[1])}
    program = [sys.executable, "-B", *map(str, args)]
    ran = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300)
    if ran.returncode != 0:
        raise AssertionError(ran.stderr[-2000:])
    return json.loads(ran.stdout.splitlines()[-1])


class Programs(InShop):
    def test_the_year_gives_the_totals_of_the_demo(self):
        said = last_line(ROOT / "examples/python/complete_journey.py")
        self.assertEqual(
            said,
            {
                "mailed": 6589,
                "claimed": 2102,
                "tried": 2102,
                "redeemed": 1592,
                "denied_no_matching_product": 508,
                "denied_no_effect": 2,
                "lines_dropped": 924,
                "discount_minor": 157493,
            },
        )

    def test_the_bench_scripts_do_what_they_time(self):
        codes = codes_of(self.shop)
        options = ["--db", self.db, "--keyring", self.keyring, "--codes", self.folder / "codes.txt"]
        for place, mode in enumerate(["alone", "threads", "asyncio"]):
            (self.folder / "codes.txt").write_text("\n".join(codes[place * 100 : place * 100 + 100]))
            said = last_line(ROOT / "benches/bindings/redeem.py", *options, "--mode", mode, "--key-prefix", mode)
            self.assertEqual(said["redeemed"], 100)
            self.assertGreater(said["seconds"], 0)
        self.assertEqual(self.shop.count_batch(batch="flyer").result()["spent"], 300)
        said = last_line(ROOT / "benches/bindings/open_many.py", *options)
        self.assertEqual(set(said), {"ours", "native"})


if __name__ == "__main__":
    unittest.main()
