"""Prices carts of 5 lines with 1, 10 and 100 automatic promotions, percentages and sums by turns, each off what the one before left.

Usage: python3 pricing.py CARDMINT_FOLDER PEER_FOLDER ROUNDS

Prints {"5xPROMOTIONS": {"ours": [µs for a cart], "theirs": [µs]}}. Ours is `quote_orders` over a sample: the carts lie ready in the library, as theirs do; promotions are
sent, checked and compiled with each call, spread over the lines, and what each takes off comes back. `listed` sends the carts along and gets all shares back. Theirs is `apply` of
stateset-embedded on its store in memory, where the promotions were saved; it rounds each promotion, too, and does not spread. Both come to the
same total within a cent for each promotion, or it fails.
"""

import json
import os
import sys
import tempfile
import time

CARDMINT, PEER, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path[:0] = [CARDMINT, PEER]

import cardmint  # noqa: E402
import stateset_embedded as stateset  # noqa: E402

CARTS, LINES = 64, 5


def off_bp(at):
    return 50 + at * 3


def minor(at):
    return 10 + at


def amounts(cart):
    return [(cart * 7_919 + place * 104_729) % 50_000 + 100 for place in range(LINES)]


def order(cart):
    lines = [{"id": f"l{place:03}", "product": f"p{place}", "quantity": 1, "amount_minor": amount} for place, amount in enumerate(amounts(cart))]
    return {"id": f"o{cart}", "currency": "USD", "lines": lines}


def offer(at):
    benefit = {"amount_off": {"minor": minor(at)}} if at % 2 else {"percent_off": {"off_bp": off_bp(at)}}
    return {"id": f"t{at:03}", "template": {"id": f"t{at:03}", "currency": "USD", "benefit": benefit}}


def theirs_of(count):
    api = stateset.Commerce(":memory:").promotions
    for at in range(count):
        what = (
            {"promotion_type": "fixed_amount_off", "fixed_amount_off": minor(at) / 100}
            if at % 2
            else {"promotion_type": "percentage_off", "percentage_off": off_bp(at) / 10_000}
        )
        saved = api.create(f"t{at:03}", trigger="automatic", stacking="stackable", currency="USD", priority=at, **what)
        api.activate(saved.id)

    def given(cart):
        items = [
            stateset.PromotionLineItemInput(id=f"l{place:03}", quantity=1, unit_price=amount / 100, line_total=amount / 100)
            for place, amount in enumerate(amounts(cart))
        ]
        return sum(amounts(cart)) / 100, items

    carts = [given(cart) for cart in range(CARTS)]

    def price(cart):
        subtotal, items = carts[cart % CARTS]
        return api.apply(subtotal, line_items=items, currency="USD")

    return price


def timed(work, carts):
    began, times = time.perf_counter(), 0
    while True:
        work(times)
        times += 1
        spent = time.perf_counter() - began
        if spent > 0.06:
            return spent * 1e6 / (times * carts)


def beside(shop, count, listed=False):
    orders, offers = [order(cart) for cart in range(CARTS)], [offer(at) for at in range(count)]
    price = theirs_of(count)

    sample = f"carts-{count}"
    if not listed:
        shop.sample_orders(sample=sample, orders=orders)

    def ours(_):
        if listed:
            return shop.quote_orders(orders=orders, offers=offers)
        return shop.quote_orders(orders=sample, offers=offers, detail="by_offer")

    for cart, quoted in enumerate(ours(0)["orders"][:8]):
        total = float(price(cart).total_discount_exact) * 100
        if abs(total - quoted["discount_minor"]) > count:
            raise SystemExit(f"{quoted['discount_minor']} off by ours, {total} by theirs")
    timed(ours, CARTS), timed(price, 1)
    told = {"ours": [], "theirs": []}
    for turn in range(ROUNDS):
        sides = [("ours", ours, CARTS), ("theirs", price, 1)]
        for name, work, carts in reversed(sides) if turn % 2 else sides:
            told[name].append(timed(work, carts))
    return told


with tempfile.TemporaryDirectory() as folder:
    keyring = os.path.join(folder, "keys.json")
    cardmint.create_keyring(keyring)
    with cardmint.open(":memory:", keyring=keyring) as engine:
        shop = engine.tenant()
        told = {f"{LINES}x{count}": beside(shop, count) for count in (1, 10, 100)}
        told[f"{LINES}x100/listed"] = beside(shop, 100, listed=True)
        print(json.dumps(told))
