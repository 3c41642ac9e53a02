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
        path = self.folder / "errands"
        files = [self.db, self.keyring, path]
        for place, mode in enumerate(["alone", "threads", "asyncio"]):
            some = codes[place * 100 : place * 100 + 100]
            path.write_text("".join(f"{mode}{n} {code} o{n} {n % 7}\n" for n, code in enumerate(some)))
            self.assertGreater(last_line(ROOT / "benches/bindings/redeem.py", mode, *files)["seconds"], 0)
        self.assertEqual(self.shop.count_batch(batch="flyer").result()["spent"], 300)
        self.assertEqual(set(last_line(ROOT / "benches/bindings/open_many.py", *files)), {"ours", "native"})


if __name__ == "__main__":
    unittest.main()
