"""The story of a shop, by calls that block."""

import json
import threading
import unittest
from datetime import datetime, timedelta, timezone

import cardmint
from support import ANN, TWENTY_OFF, InShop, codes_of, order, stocked


class Story(InShop):
    def test_from_claim_to_refund(self):
        shop = self.shop
        claimed = shop.claim(meta="c1", take={"batch": "autumn"}, holder=ANN)
        self.assertEqual(claimed["card"]["state"], "claimed")
        quoted = shop.quote(card={"code": claimed["code"]}, order=order(), holder=ANN)
        self.assertEqual(quoted["outcome"]["applies"]["payable_minor"], 10_000)
        receipt = shop.redeem(meta="A-1", code=claimed["code"].lower(), order=order(), holder=ANN)
        self.assertEqual(receipt["pricing"]["payable_minor"], 10_000)
        again = shop.redeem(meta="A-1", code=claimed["code"].lower(), order=order(), holder=ANN)
        self.assertEqual(again, receipt, "the same key again: the same receipt")
        self.assertEqual(shop.look_up(card={"id": receipt["card"]})["state"], "spent")
        given_back = shop.refund(meta={"key": "r1", "reason": "returned"}, redemption="A-1")
        self.assertEqual((given_back["amount_minor"], given_back["uses_left"]), (2_000, 1))
        kinds = [entry["kind"] for entry in shop.history(card={"id": receipt["card"]})]
        self.assertEqual(len(kinds), 3, kinds)
        self.assertEqual(shop.redemption(id="A-1")["order"], "A-1")
        self.assertEqual(shop.wallet(holder=ANN)["items"][0]["id"], receipt["card"])
        self.assertIsNone(shop.batch(id="none"))

    def test_a_denial_is_no_fault_and_has_texts(self):
        code = self.shop.claim(meta="c1", take={"batch": "autumn"}, holder=ANN)["code"]
        with self.assertRaises(cardmint.Denied) as caught:
            self.shop.redeem(meta="A-1", code=code, order=order(8100), holder=ANN)
        no = caught.exception
        self.assertIsInstance(no, cardmint.Error)
        self.assertNotIsInstance(no, (cardmint.Fault, cardmint.Invalid, ValueError))
        self.assertEqual((no.kind, no.code, no.status, no.may_retry), ("denied", "condition_failed", 217, False))
        self.assertTrue(str(no).startswith("condition_failed: "), str(no))
        self.assertEqual(no.facts["short"], {"minor": 1900, "currency": "CNY"})
        self.assertIn("19.00", no.texts["en"]["shopper"])
        self.assertIn("19.00", no.texts["zh-CN"]["shopper"])
        self.assertTrue(no.texts["en"]["staff"] and no.texts["zh-CN"]["staff"])
        # Nothing was written under the key: it may be tried again.
        self.shop.redeem(meta="A-1", code=code, order=order(), holder=ANN)

    def test_export_is_a_stream(self):
        export = {"meta": {"key": "e1", "reason": "print"}, "batch": "flyer"}
        with self.shop.export_codes(**export) as codes:
            self.assertEqual(codes.progress, cardmint.Progress(0, 1000))
            first = next(codes)
            self.assertEqual(first["serial"], 0)
            rest = list(codes)
        self.assertEqual([item["serial"] for item in rest], list(range(1, 1000)))
        opened = self.shop.open_many(codes=[first["code"], "0000-0000-0000-0000", rest[-1]["code"]])
        self.assertEqual(opened[1], None)
        self.assertEqual([opened[0], opened[2]], ["16-1-0", "16-1-999"])
        closed = self.shop.export_codes(**export)
        closed.close()
        self.assertEqual((list(closed), closed.progress), ([], (0, 0)))
        with self.assertRaises(cardmint.Denied):
            self.shop.export_codes(meta={"key": "e2", "reason": "print"}, batch="none")

    def test_a_job_tells_its_progress_and_result(self):
        self.shop.claim(meta="c1", take={"batch": "autumn"}, holder=ANN)
        job = self.shop.count_batch(batch="autumn")
        steps = list(job)
        self.assertEqual(steps[-1].done, steps[-1].total)
        self.assertEqual(job.result(), self.shop.count_batch(batch="autumn").result())
        self.assertEqual((job.result()["claimed"], job.result()["minted"]), (1, 999))
        with self.shop.count_batch(batch="autumn") as closed:
            pass
        with self.assertRaises(RuntimeError):
            closed.result()

    def test_raw_wire_is_text_for_text(self):
        reply = self.shop.call("look_up", '{"card":{"id":"16-0-0"}}')
        self.assertEqual(json.loads(reply), self.shop.look_up(card={"id": "16-0-0"}))
        self.assertNotIn(" ", reply)

    def test_threads_share_a_tenant(self):
        codes = iter(codes_of(self.shop)[:64])
        redeemed, refused, lock = [], [], threading.Lock()

        def till(place):
            while True:
                with lock:
                    code = next(codes, None)
                if code is None:
                    return
                redeemed.append(self.shop.redeem(meta=f"r{code}", code=code, order=order())["card"])
                try:
                    self.shop.redeem(meta=f"again{code}", code=code, order=order())
                except cardmint.Denied as no:
                    refused.append(no.code)

        threads = [threading.Thread(target=till, args=(place,)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(redeemed)), 64)
        self.assertEqual(refused, ["limit_reached"] * 64)

    def test_tenants_and_worlds_are_apart(self):
        self.assertIsNone(self.engine.tenant("other").batch(id="autumn"))
        self.assertIsNone(self.engine.tenant(world="test").batch(id="autumn"))
        for name, world in [("", "live"), ("default", "prod")]:
            with self.assertRaises(cardmint.Invalid):
                self.engine.tenant(name, world)


class Opening(InShop):
    def test_without_keys_it_only_reads(self):
        receipt = self.shop.redeem(meta="A-1", code=codes_of(self.shop)[0], order=order())
        with cardmint.open(self.db) as engine:
            self.assertTrue(engine.keyless)
            shop = engine.tenant()
            self.assertEqual(shop.redemption(id="A-1")["card"], receipt["card"])
            self.assertEqual(shop.count_batch(batch="flyer").result()["spent"], 1)
            for refused in [
                lambda: shop.open(code="0000-0000-0000-0000"),
                lambda: shop.redeem(meta="x", code="0000-0000-0000-0000", order=order()),
                lambda: shop.export_codes(meta={"key": "x", "reason": "y"}, batch="flyer"),
            ]:
                with self.assertRaises(cardmint.Error) as caught:
                    refused()
                self.assertEqual((caught.exception.code, caught.exception.status), ("no_keys", 105))
        with self.assertRaises(cardmint.Fault):
            cardmint.open(self.folder / "none.db")

    def test_keys_come_from_a_provider(self):
        text = self.keyring.read_text()
        code = codes_of(self.shop)[0]
        with cardmint.open(str(self.db), keyring=lambda: text) as engine:
            self.assertEqual(engine.tenant().open(code=code), "16-1-0")
        with self.assertRaises(cardmint.Fault) as caught:
            cardmint.open(self.db, keyring=lambda: '{"no": "keyring"}')
        self.assertEqual(caught.exception.code, "keyring")
        with self.assertRaises(ZeroDivisionError):
            cardmint.open(self.db, keyring=lambda: 1 // 0)

    def test_nothing_shows_a_key(self):
        text = self.keyring.read_text()
        secrets = [word for word in text.replace('"', " ").split() if len(word) >= 32]
        self.assertTrue(secrets, "a keyring holds keys")
        with cardmint.open(self.db, keyring=lambda: text) as engine:
            shown = [engine, engine.tenant(), vars(engine), vars(engine.tenant())]
            try:
                cardmint.open(self.db, keyring=lambda: text, durability="none")
            except cardmint.Error as error:
                shown += [error, error.args, error.facts]
            shown = "".join(map(repr, shown)) + str(engine)
        for secret in secrets:
            self.assertNotIn(secret, shown)
        self.assertIn("shop.db", shown)

    def test_a_clock_moved_by_hand(self):
        eight = datetime(2026, 11, 11, 8, tzinfo=timezone(timedelta(hours=8)))
        with cardmint.open(":memory:", keyring=self.keyring, now=eight) as engine:
            shop = engine.tenant()
            stocked(shop)
            batch = shop.batch(id="autumn")
            self.assertEqual(batch["created_at"], "2026-11-11T00:00:00Z")
            self.assertEqual(cardmint.instant(batch["created_at"]), eight)
            engine.set_now(eight + timedelta(milliseconds=1))
            saved = shop.observe(meta="o", subject=ANN, kind="visit", at=eight)
            self.assertIsNotNone(saved)
            shop.claim(meta="c", take={"batch": "autumn"}, holder=ANN)
            self.assertEqual(shop.look_up(card={"id": "16-0-0"})["claimed_at"], "2026-11-11T00:00:00.001Z")
            for wrong in [datetime(2026, 1, 1), "soon", eight + timedelta(microseconds=1)]:
                with self.assertRaises(cardmint.Invalid):
                    engine.set_now(wrong)
        with self.assertRaises(cardmint.Invalid):
            self.engine.set_now(eight)

    def test_options_are_checked(self):
        with cardmint.open(self.db, keyring=self.keyring, durability="normal", busy_timeout_ms=100, group_max=8) as engine:
            self.assertFalse(engine.keyless)
        with self.assertRaises(cardmint.Invalid) as caught:
            cardmint.open(self.db, keyring=self.keyring, durability="none")
        self.assertEqual(caught.exception.facts["field"], "durability")
        with self.assertRaises(TypeError):
            cardmint.open(self.db, keyring=self.keyring, colour="red")
        with self.assertRaises(cardmint.Fault):
            cardmint.open(self.folder / "new.db", keyring=self.keyring, create=False)
        with self.assertRaises(cardmint.Invalid):
            cardmint.open("", keyring=self.keyring)

    def test_closed_engines_take_no_changes(self):
        self.engine.close()
        self.engine.close()
        with self.assertRaises(cardmint.Fault) as caught:
            self.shop.save_template(meta="t3", template=TWENTY_OFF)
        self.assertEqual(caught.exception.code, "closed")
        self.assertEqual(self.shop.batch(id="autumn")["size"], 1000)

    def test_keyrings_rotate(self):
        with self.assertRaises(cardmint.Fault):
            cardmint.create_keyring(self.keyring)
        old = codes_of(self.shop)[0]
        slot = cardmint.rotate_keyring(self.keyring)
        with cardmint.open(self.db, keyring=self.keyring) as engine:
            self.assertEqual(engine.tenant().open(code=old), "16-1-0")
            self.assertEqual(engine.tenant().rekey_batch(meta="k", batch="flyer")["slot"], slot)
        cardmint.retire_key(self.keyring, 0)
        with cardmint.open(self.db, keyring=self.keyring) as engine:
            self.assertIsNone(engine.tenant().open(code=old))
        cardmint.forget_key(self.keyring, 0)
        with self.assertRaises(cardmint.Fault):
            cardmint.forget_key(self.keyring, slot)


if __name__ == "__main__":
    unittest.main()
