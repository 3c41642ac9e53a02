"""What a promotion would have cost on 20,000 past orders of five lines: 20.00 off from 150.00 (满150减20), told in all and by store.

Usage: python3 backtest.py CARDMINT_FOLDER PEER_FOLDER ROUNDS

Prints {NAME: {"ours": [orders a second], "theirs": [orders a second]}}. Ours is `backtest` over a sample; theirs is written by hand for this one promotion: in
polars over a frame of lines, and as a loop over plain numbers of Python. Orders lie ready on all sides. All come to the same amounts, or it fails.
"""

import json
import os
import sys
import tempfile
import time

CARDMINT, PEER, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path[:0] = [CARDMINT, PEER]

import cardmint  # noqa: E402
import polars  # noqa: E402

ORDERS, LINES, STORES = 20_000, 5, 8
LEAST, OFF = 15_000, 2_000


def amounts(order):
    return [(order * 7_919 + place * 104_729) % 6_000 + 100 for place in range(LINES)]


def store(order):
    return f"s{order % STORES}"


def order(at):
    lines = [{"id": str(place), "product": f"p{place}", "quantity": 1, "amount_minor": amount} for place, amount in enumerate(amounts(at))]
    return {"id": f"o{at}", "currency": "CNY", "store": store(at), "lines": lines}


OFFER = {
    "id": "autumn",
    "template": {
        "id": "autumn",
        "currency": "CNY",
        "benefit": {"amount_off": {"minor": OFF}},
        "conditions": [{"min_spend": {"minor": LEAST}}],
    },
}


def ours(shop):
    def trial():
        report = shop.backtest(sample="past", offers=[OFFER], segments=[{"fact": "store.id"}]).result()
        return {one["value"]: (one["touched"], one["discount_minor"]) for one in report["segments"][0]["each"]}

    return trial


def by_polars():
    rows = [(at, store(at), amount) for at in range(ORDERS) for amount in amounts(at)]
    frame = polars.DataFrame(rows, schema=["order", "store", "minor"], orient="row")

    def trial():
        orders = frame.group_by("order").agg(polars.col("store").first(), polars.col("minor").sum())
        touched = orders.filter(polars.col("minor") >= LEAST)
        each = touched.group_by("store").agg(polars.len().alias("touched"))
        return {name: (count, count * OFF) for name, count in each.iter_rows()}

    return trial


def by_loop():
    past = [(store(at), amounts(at)) for at in range(ORDERS)]

    def trial():
        each = {}
        for of, minors in past:
            if sum(minors) >= LEAST:
                touched, off = each.get(of, (0, 0))
                each[of] = (touched + 1, off + OFF)
        return each

    return trial


def rate(trial):
    began, times = time.perf_counter(), 0
    while True:
        trial()
        times += 1
        spent = time.perf_counter() - began
        if spent > 0.2:
            return times * ORDERS / spent


def beside(one, other):
    if one() != other():
        raise SystemExit("the amounts differ")
    told = {"ours": [], "theirs": []}
    for turn in range(ROUNDS):
        sides = [("ours", one), ("theirs", other)]
        for name, trial in reversed(sides) if turn % 2 else sides:
            told[name].append(rate(trial))
    return told


with tempfile.TemporaryDirectory() as folder:
    keyring = os.path.join(folder, "keys.json")
    cardmint.create_keyring(keyring)
    with cardmint.open(":memory:", keyring=keyring) as engine:
        shop = engine.tenant()
        for first in range(0, ORDERS, 10_000):
            shop.sample_orders(sample="past", orders=[order(at) for at in range(first, first + 10_000)])
        print(json.dumps({"polars": beside(ours(shop), by_polars()), "loop": beside(ours(shop), by_loop())}))
