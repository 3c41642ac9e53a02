"""One real year of a grocery chain's coupons, replayed from Python: the story of `cargo xtask demo`, by asyncio.

    python examples/python/complete_journey.py [--data DIR] [--db PATH]

The last line on stdout is one JSON object: the totals of the demo's last line, and the same that examples/node prints. The engine
is told orders and codes only, never what came of them in that year.
"""

import argparse
import asyncio
import csv
import gzip
import json
import sys
import tempfile
from collections import defaultdict
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import cardmint

DATA = Path(__file__).resolve().parents[1] / "data/complete-journey"
# The publisher names no zone; the stores are in the United States.
ZONE = "America/New_York"
FORMAT = {"symbols": 16}
# Most subjects of one call.
AUDIENCE = 1_000


def rows(folder, name):
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def moment(local):
    """A local time as an aware datetime: the first of two, and one that summer time swallows as if it had not."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE)).astimezone(timezone.utc)


class Journey:
    """The year, as the files tell it."""

    def __init__(self, folder):
        self.campaigns = {row["campaign_id"]: row for row in rows(folder, "campaigns")}
        self.mailed = defaultdict(list)
        for row in rows(folder, "mailings"):
            self.mailed[row["campaign_id"]].append(row["household_id"])
        self.products = defaultdict(list)
        for row in rows(folder, "coupon_products"):
            products = self.products[row["campaign_id"], row["coupon_upc"]]
            if row["product_id"] not in products:
                products.append(row["product_id"])
        self.redemptions = list(enumerate(rows(folder, "redemptions"), 1))
        self.lines_dropped = 0
        self.baskets = defaultdict(lambda: defaultdict(list))
        for row in rows(folder, "basket_lines"):
            if row["quantity"] == "0":
                self.lines_dropped += 1  # no order can hold it
                continue
            day = row["household_id"], row["at"][:10]
            self.baskets[day][row["at"], int(row["basket_id"]), row["store_id"]].append(row)


async def together(calls):
    """Calls that are handed in together become durable together."""
    return await asyncio.gather(*calls)


def customer(household):
    return {"kind": "customer", "value": household}


def coupon_name(campaign, upc):
    return f"c{campaign}-{upc}"


def template(name, products):
    """1.00 USD off the coupon's products, on an order that holds one of them."""
    lines = {"product_set": name}
    return {
        "id": name,
        "currency": "USD",
        "benefit": {"amount_off": {"minor": 100, "over": {"lines": lines}}},
        "conditions": [{"has_line": {"lines": lines}}],
        "redeem_from": "claimed",
        "display": {
            "en": {"title": "$1.00 off", "scope": f"any of {products} products"},
            "zh-CN": {"title": "立减1美元", "scope": f"{products} 种商品任选"},
        },
    }


async def set_up(shop, journey):
    """What a merchant does before the year begins. Every request has a key of its own: a second run changes nothing."""
    await shop.save_settings(meta="settings", zone=ZONE)
    await together(
        shop.save_campaign(
            meta=f"campaign-{id}",
            id=id,
            title=f"Campaign {id} ({row['campaign_type']})",
            start=row["start_date"],
            end=row["end_date"],
            audience="listed",
        )
        for id, row in journey.campaigns.items()
    )
    await together(
        shop.add_audience(
            meta=f"audience-{id}-{place}",
            campaign=id,
            subjects=[customer(household) for household in mailed[place : place + AUDIENCE]],
        )
        for id, mailed in journey.mailed.items()
        for place in range(0, len(mailed), AUDIENCE)
    )
    coupons = {coupon_name(*coupon): products for coupon, products in journey.products.items()}
    await together(
        shop.save_product_set(meta=f"products-{name}", name=name, products=products) for name, products in coupons.items()
    )
    await together(
        shop.save_template(meta=f"template-{name}", template=template(name, len(products)))
        for name, products in coupons.items()
    )
    recorded = defaultdict(int)
    for _, row in journey.redemptions:
        recorded[row["campaign_id"], row["coupon_upc"]] += 1
    await together(
        shop.issue_batch(
            meta=f"batch-{coupon_name(campaign, upc)}",
            id=coupon_name(campaign, upc),
            template=coupon_name(campaign, upc),
            size=max(len(journey.mailed[campaign]), recorded[campaign, upc], 1),
            format=FORMAT,
            campaign=campaign,
        )
        for campaign, upc in journey.products
    )


def order_of(basket, lines):
    at, number, store = basket
    return {
        "id": str(number),
        "currency": "USD",
        "store": store,
        "placed_at": moment(at),
        "lines": [
            {
                "id": str(place),
                "product": line["product_id"],
                "categories": [line["product_category"]] if line["product_category"] else [],
                "quantity": int(line["quantity"]),
                "amount_minor": int(line["sales_cents"]),
            }
            for place, line in enumerate(lines, 1)
        ],
    }


async def hand_in(shop, coupon, household, order):
    """What came of one coupon on one basket, and what came off."""
    row, code = coupon
    try:
        receipt = await shop.redeem(meta=f"redeem-{row}-{order['id']}", code=code, holder=customer(household), order=order)
        return "redeemed", receipt["pricing"]["discount_minor"]
    except cardmint.Denied as no:
        if no.code not in ("condition_failed", "no_effect"):
            raise
        return no.code, 0


async def play_day(engine, shop, journey, household, day, redemptions):
    """A household claims what it hands in that day, then tries each coupon on its baskets until one takes it."""
    baskets = sorted(journey.baskets.get((household, day), {}).items(), key=lambda basket: basket[0][:2])
    engine.set_now(moment(baskets[0][0][0] if baskets else f"{day}T12:00:00"))
    claimed = await together(
        shop.claim(
            meta=f"claim-{number}",
            take={"batch": coupon_name(row["campaign_id"], row["coupon_upc"])},
            holder=customer(household),
        )
        for number, row in redemptions
    )
    coupons = [(number, card["code"]) for (number, _), card in zip(redemptions, claimed)]
    answers = {coupon: set() for coupon in coupons}
    discounts = defaultdict(int)
    for basket, lines in baskets:
        engine.set_now(moment(basket[0]))
        order = order_of(basket, lines)
        left = [coupon for coupon in coupons if "redeemed" not in answers[coupon]]
        tried = await together(hand_in(shop, coupon, household, order) for coupon in left)
        for coupon, (answer, discount_minor) in zip(left, tried):
            answers[coupon].add(answer)
            discounts[coupon] += discount_minor
    for coupon, said in answers.items():
        verdict = "redeemed" if "redeemed" in said else "no_effect" if "no_effect" in said else "no_matching_product"
        yield verdict, discounts[coupon]


async def play(journey, db, keyring):
    async with cardmint.aio.open(db, keyring=keyring, now="2016-01-01T00:00:00Z") as engine:
        shop = engine.tenant("complete-journey")
        await set_up(shop, journey)
        verdicts, discount_minor = [], 0
        by_day = groupby(journey.redemptions, key=lambda row: (row[1]["household_id"], row[1]["day"]))
        for (household, day), redemptions in by_day:
            async for verdict, off_minor in play_day(engine, shop, journey, household, day, list(redemptions)):
                verdicts.append(verdict)
                discount_minor += off_minor
            print(f"\r{len(verdicts)} of {len(journey.redemptions)} coupons handed in", end="", file=sys.stderr)
        print(file=sys.stderr)
    return {
        "mailed": sum(map(len, journey.mailed.values())),
        "claimed": len(verdicts),
        "tried": len(verdicts),
        "redeemed": verdicts.count("redeemed"),
        "denied_no_matching_product": verdicts.count("no_matching_product"),
        "denied_no_effect": verdicts.count("no_effect"),
        "lines_dropped": journey.lines_dropped,
        "discount_minor": discount_minor,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--db", type=Path, help="a new database, with its keyring beside it; by default one that is forgotten")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        db = args.db or Path(folder, "journey.db")
        keyring = db.with_suffix(".keys.json")
        if not keyring.exists():
            cardmint.create_keyring(keyring)
        totals = asyncio.run(play(Journey(args.data), db, keyring))
    print(json.dumps(totals))


if __name__ == "__main__":
    main()
