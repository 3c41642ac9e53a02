"""A user's program, for `mypy --strict`; it is read, not run."""

import asyncio
from datetime import datetime, timezone
from pathlib import Path
from typing import List, Optional

import cardmint
from cardmint.types import CardView, Order, Receipt, Subject, TemplateDraft


def template() -> TemplateDraft:
    return {"id": "20-off", "currency": "CNY", "benefit": {"amount_off": {"minor": 2000}}}


def order() -> Order:
    return {
        "id": "A-1",
        "currency": "CNY",
        "lines": [{"id": "1", "product": "tea", "quantity": 1, "amount_minor": 12000}],
        "placed_at": datetime.now(timezone.utc).replace(microsecond=0),
    }


def story(folder: Path) -> Optional[str]:
    cardmint.create_keyring(folder / "keys.json")
    with cardmint.open(folder / "shop.db", keyring=lambda: "{}", now="2026-01-01T00:00:00Z") as engine:
        engine.set_now(datetime.now(timezone.utc))
        shop = engine.tenant("default", world="test")
        version: int = shop.save_template(meta="t1", template=template())["version"]
        shop.issue_batch(meta={"key": "b1", "reason": str(version)}, id="b", template="20-off", size=10, format={"symbols": 16})
        ann: Subject = {"kind": "customer", "value": "ann"}
        claimed = shop.claim(meta="c1", take={"batch": "b"}, holder=ann)
        view: CardView = claimed["card"]
        try:
            receipt: Receipt = shop.redeem(meta="r1", code=claimed["code"] or "", order=order(), holder=ann)
        except cardmint.Denied as no:
            return no.texts["en"]["shopper"] + str(no.facts) + view["id"]
        except (cardmint.Fault, cardmint.Invalid) as broken:
            return broken.code if broken.may_retry else None
        with shop.export_codes(meta="e", batch="b") as codes:
            texts: List[str] = [item["code"] for item in codes]
            print(codes.progress.done, texts)
        job = shop.count_batch(batch="b")
        for progress in job:
            print(progress.total)
        opened: List[Optional[str]] = shop.open_many(codes=texts)
        print(job.result()["spent"], opened, cardmint.instant(receipt["at"]).year)
        print(shop.call("look_up", "{}").upper())
        return receipt["redemption"]


async def evening() -> int:
    async with cardmint.aio.open("shop.db", keyring="keys.json", busy_timeout_ms=5) as engine:
        shop = engine.tenant()
        receipts: List[Receipt] = await asyncio.gather(*[shop.redeem(meta=c, code=c, order=order()) for c in "ab"])
        async for item in shop.export_codes(meta="e", batch="b"):
            print(item["serial"])
        found = await shop.batch(id="b")
        print(found["size"] if found is not None else receipts)
        figures = await shop.count_batch(batch="b")
        return figures["spent"]
