"""The same shop, awaited."""

import asyncio
import gc
import json
import threading
import unittest
import weakref

import cardmint
from support import ANN, HOLDER, TWENTY_OFF, InShop, child, codes_of, order


class Aio(InShop):
    def run_in_shop(self, story, **options):
        async def main():
            async with cardmint.aio.open(self.db, keyring=self.keyring, **options) as engine:
                return await asyncio.wait_for(story(engine.tenant()), 60)

        return asyncio.run(main())

    def test_from_claim_to_refund(self):
        async def story(shop):
            claimed = await shop.claim(meta="c1", take={"batch": "autumn"}, holder=ANN)
            redeem = {"meta": "A-1", "code": claimed["code"], "order": order(), "holder": ANN}
            receipt = await shop.redeem(**redeem)
            self.assertEqual(receipt["pricing"]["payable_minor"], 10_000)
            self.assertEqual(await shop.redeem(**redeem), receipt)
            self.assertEqual((await shop.look_up(card={"id": receipt["card"]}))["state"], "spent")
            self.assertEqual((await shop.refund(meta="r", redemption="A-1"))["uses_left"], 1)
            self.assertEqual(json.loads(await shop.call("wallet", json.dumps({"holder": ANN})))["items"][0]["state"], "claimed")
            self.assertIn("tenant 'default' live", repr(shop))

        self.run_in_shop(story)

    def test_sixty_four_at_once_meet_in_groups(self):
        codes = codes_of(self.shop)[:512]
        groups = []

        async def story(shop):
            ticks = 0

            async def tick():
                nonlocal ticks
                while True:
                    await asyncio.sleep(0)
                    ticks += 1

            ticking = asyncio.create_task(tick())
            at_once = asyncio.Semaphore(64)

            async def redeem(code):
                async with at_once:
                    return await shop.redeem(meta=f"r{code}", code=code, order=order())

            receipts = await asyncio.gather(*map(redeem, codes))
            ticking.cancel()
            groups.append(ticks)
            return receipts

        # Threads are counted while 64 calls wait: no call has one of its own.
        before = threading.active_count()
        receipts = self.run_in_shop(story)
        self.assertEqual(len({receipt["card"] for receipt in receipts}), 512)
        self.assertGreater(groups[0], 0, "the loop went on turning")
        self.assertLessEqual(threading.active_count(), before)
        # Calls that became durable together carry one moment: groups are fewer than calls.
        self.assertLess(len({receipt["at"] for receipt in receipts}), 512)

    def test_one_card_is_redeemed_once_however_many_ask(self):
        code = codes_of(self.shop)[0]

        async def story(shop):
            asked = [shop.redeem(meta=f"r{n}", code=code, order=order()) for n in range(64)]
            return await asyncio.gather(*asked, return_exceptions=True)

        answers = self.run_in_shop(story)
        won = [answer for answer in answers if isinstance(answer, dict)]
        lost = [answer.code for answer in answers if isinstance(answer, cardmint.Denied)]
        self.assertEqual((len(won), lost), (1, ["limit_reached"] * 63))

    def test_failures_are_raised(self):
        async def story(shop):
            with self.assertRaises(cardmint.Denied) as caught:
                await shop.redeem(meta="A-1", code="0000-0000-0000-0000", order=order())
            self.assertEqual(caught.exception.code, "not_found_or_invalid")
            self.assertIn("en", caught.exception.texts)
            for wrong in [1.0, 2**53, True, "1"]:
                with self.assertRaises(cardmint.Invalid) as refused:
                    await shop.redeem(meta="A-1", code="x", order=order(wrong))
                self.assertEqual(refused.exception.facts["field"], "order.lines[0].amount_minor")
            with self.assertRaises(cardmint.Invalid):
                await shop.look_up(card={"id": "x"})
            with self.assertRaises(cardmint.Denied):
                await shop.count_batch(batch="none")
            with self.assertRaises(cardmint.Denied):
                async for _ in shop.export_codes(meta={"key": "e", "reason": "r"}, batch="none"):
                    pass
            with self.assertRaises(cardmint.Invalid):
                await shop.call("none", "{}")

        self.run_in_shop(story)

    def test_streams_and_jobs(self):
        async def story(shop):
            export = {"meta": {"key": "e", "reason": "print"}, "batch": "flyer"}
            async with shop.export_codes(**export) as codes:
                self.assertEqual(codes.progress, (0, 0))
                items = [item async for item in codes]
                self.assertEqual(codes.progress, (1000, 1000))
            self.assertEqual([item["serial"] for item in items], list(range(1000)))
            self.assertEqual([item async for item in codes], [], "closed")
            job = shop.count_batch(batch="flyer")
            steps = [progress async for progress in job]
            self.assertEqual(steps[-1].done, steps[-1].total)
            self.assertEqual((await job)["minted"] + (await job)["issued"], 1000)
            self.assertEqual(await shop.count_batch(batch="flyer"), await job)
            async with shop.count_batch(batch="flyer") as closed:
                pass
            with self.assertRaises(RuntimeError):
                await closed

        self.run_in_shop(story)

    def test_no_page_of_a_stream_is_lost_or_given_twice(self):
        async def story(shop):
            def export(key):
                return shop.export_codes(meta={"key": key, "reason": "print"}, batch="flyer")

            codes = export("cancelled")
            first = asyncio.ensure_future(codes.__aiter__().__anext__())
            await asyncio.sleep(0)
            first.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await first
            self.assertEqual([item["serial"] async for item in codes], list(range(1000)))

            codes = export("shared")

            async def walk():
                return [item["serial"] async for item in codes]

            walks = await asyncio.gather(walk(), walk(), walk())
            self.assertEqual(sorted(sum(walks, [])), list(range(1000)))

            codes = export("closed at once")
            first = asyncio.ensure_future(codes._step())
            await asyncio.sleep(0)
            await codes.close()
            await first
            self.assertIsNone(await codes._step())
            self.assertTrue(codes._cursor is None or codes._cursor.next(1) is None, "it goes on")

        self.run_in_shop(story)

    def test_a_cancelled_await_withdraws_what_is_not_decided(self):
        codes = codes_of(self.shop)[:64]

        async def story(shop):
            tasks = [asyncio.create_task(shop.redeem(meta=f"r{code}", code=code, order=order())) for code in codes]
            await asyncio.sleep(0)
            for task in tasks[1::2]:
                task.cancel()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            self.assertTrue(all(isinstance(answer, dict) for answer in answers[::2]))
            self.assertTrue(all(isinstance(answer, asyncio.CancelledError) for answer in answers[1::2]))
            # Whatever became of one that was cancelled: its key tells, and the card is used once.
            for code in codes:
                receipt = await shop.redeem(meta=f"r{code}", code=code, order=order())
                self.assertEqual((await shop.look_up(card={"id": receipt["card"]}))["uses_left"], 0)
            return cardmint.aio._calls()

        calls = self.run_in_shop(story)
        self.assertEqual((calls._waiting, calls._native.outstanding()), ({}, 0), "nothing is left behind")

    def test_timeouts_leave_nothing_behind(self):
        holder = child(HOLDER, self.db, stdin=-1)
        self.addCleanup(holder.communicate)
        self.assertEqual(holder.stdout.readline(), "held\n")

        async def story(shop):
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(shop.save_template(meta="t9", template=TWENTY_OFF), 0.05)
            with self.assertRaises(cardmint.Fault) as caught:
                await shop.save_template(meta="t9", template=TWENTY_OFF)
            return caught.exception

        busy = self.run_in_shop(story, busy_timeout_ms=200)
        self.assertEqual((busy.code, busy.may_retry), ("store_busy", True))

    def test_closing_answers_what_waits(self):
        async def story(shop):
            codes = codes_of(self.shop)
            tasks = [asyncio.create_task(shop.redeem(meta=f"r{code}", code=code, order=order())) for code in codes]
            await asyncio.sleep(0)
            await engine.close()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            done = [answer for answer in answers if isinstance(answer, dict)]
            closed = [answer.code for answer in answers if isinstance(answer, cardmint.Fault)]
            self.assertEqual(len(done) + len(closed), len(codes))
            self.assertEqual(set(closed) - {"closed"}, set())
            spent = self.shop.count_batch(batch="flyer").result()["spent"]
            self.assertEqual(spent, len(done), "what was answered is what is durable")

        async def main():
            nonlocal engine
            engine = cardmint.aio.open(self.db, keyring=self.keyring)
            await asyncio.wait_for(story(engine.tenant()), 60)

        engine = None
        asyncio.run(main())

    def test_loops_of_several_threads_share_an_engine(self):
        codes = codes_of(self.shop)
        engine = cardmint.aio.open(self.db, keyring=self.keyring)
        shop, cards = engine.tenant(), []

        def till(mine):
            async def main():
                asked = [shop.redeem(meta=f"r{code}", code=code, order=order()) for code in mine]
                cards.extend(receipt["card"] for receipt in await asyncio.gather(*asked))

            asyncio.run(main())

        threads = [threading.Thread(target=till, args=(codes[n * 32 : n * 32 + 32],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(cards)), 128)
        asyncio.run(engine.close())

    def test_a_loop_that_is_given_up_with_calls_outstanding_is_let_go(self):
        codes = codes_of(self.shop)[:8]
        holder = child(HOLDER, self.db, stdin=-1)
        self.addCleanup(holder.communicate)
        self.assertEqual(holder.stdout.readline(), "held\n")
        engine = cardmint.aio.open(self.db, keyring=self.keyring, busy_timeout_ms=200)

        async def story():
            shop = engine.tenant()
            for code in codes:
                asyncio.ensure_future(shop.redeem(meta=code, code=code, order=order()))
            await asyncio.sleep(0)
            self.assertEqual(cardmint.aio._calls()._native.outstanding(), 8)

        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda loop, context: None)  # it tells of tasks that were destroyed
        loop.run_until_complete(story())
        loop.close()
        gone = weakref.ref(loop)
        del loop
        gc.collect()
        self.assertIsNone(gone())

    def test_many_loops_one_after_another_leave_no_descriptor(self):
        import os

        async def story(shop):
            await shop.observe(meta="o", subject=ANN, kind="visit", at="2026-01-01T00:00:00Z")

        self.run_in_shop(story)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(20):
            self.run_in_shop(story)
        self.assertLess(len(os.listdir("/proc/self/fd")), before + 10)


if __name__ == "__main__":
    unittest.main()
