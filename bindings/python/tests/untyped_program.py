"""A program whose mistakes a checker has to find; it is read, not run."""

import cardmint

shop = cardmint.open("shop.db", keyring="keys.json").tenant()

shop.redeem(meta="m", code="c")  # wrong
shop.redeem("m", "c", {})  # wrong
shop.look_up(card={"kode": "c"})  # wrong
shop.wallet(holder="ann")  # wrong
shop.save_settings(meta="m", zone=8)  # wrong
shop.save_settings(meta="m", zone="UTC", rounding="up")  # wrong
shop.grow_batch(meta="m", batch="b", size="10")  # wrong
print(shop.count_batch(batch="b").result()["gone"])  # wrong
print(shop.batch(id="b")["size"])  # wrong
cardmint.open("shop.db", colour="red")  # wrong
cardmint.none  # wrong
