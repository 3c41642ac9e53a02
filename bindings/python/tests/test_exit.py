"""However a process ends while calls are outstanding: it ends, with the exit code that it should have."""

import os
import signal
import subprocess
import time
import unittest

import cardmint
from support import HOLDER, InShop, child, codes_of, order

# Sixty-four redemptions outstanding on a database that another process holds.
WAITING = """
import asyncio, os, signal
db, keyring, codes = sys.argv[1:]
codes = codes.split()
order = {"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "p", "quantity": 1, "amount_minor": 10000}]}

async def main():
    engine = cardmint.aio.open(db, keyring=keyring, busy_timeout_ms=20000)
    shop = engine.tenant()
    tasks = [asyncio.create_task(shop.redeem(meta=code, code=code, order=order)) for code in codes]
    await asyncio.sleep(0.1)
    print(len(codes), "wait", flush=True)
    %s

asyncio.run(main())
"""


class Exit(InShop):
    def setUp(self):
        super().setUp()
        self.codes = codes_of(self.shop)[:64]

    def held(self):
        """Another process holds the database until it is told to end."""
        holder = child(HOLDER, self.db, stdin=subprocess.PIPE)
        self.addCleanup(holder.communicate)
        self.assertEqual(holder.stdout.readline(), "held\n")

    def ended(self, program, seconds=15):
        began = time.monotonic()
        try:
            out, err = program.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            program.kill()
            self.fail(f"hangs; {program.communicate()[1][-500:]}")
        self.assertNotIn("panicked", err)
        self.assertNotIn("Fatal Python error", err)
        return program.returncode, err, time.monotonic() - began

    def waiting(self, then):
        self.held()
        program = child(WAITING % then, self.db, self.keyring, " ".join(self.codes))
        self.assertEqual(program.stdout.readline(), "64 wait\n")
        return program

    def unharmed(self):
        self.assertEqual(self.shop.count_batch(batch="flyer").result()["size"], 1000)

    def test_sys_exit_with_calls_outstanding(self):
        code, err, seconds = self.ended(self.waiting("sys.exit(7)"))
        self.assertEqual((code, err), (7, ""))
        self.assertLess(seconds, 5)
        self.unharmed()

    def test_os_exit_with_calls_outstanding(self):
        self.assertEqual(self.ended(self.waiting("os._exit(8)"))[:2], (8, ""))
        self.unharmed()

    def test_an_exception_with_calls_outstanding(self):
        code, err, _ = self.ended(self.waiting("raise LookupError('gone')"))
        self.assertEqual(code, 1)
        self.assertIn("LookupError: gone", err)

    def test_a_loop_that_just_ends(self):
        self.assertEqual(self.ended(self.waiting("return"))[:2], (0, ""))

    def test_a_loop_that_is_abandoned(self):
        self.held()
        program = WAITING.replace("asyncio.run(main())", "loop = asyncio.new_event_loop(); loop.run_until_complete(main())")
        code, err, _ = self.ended(child(program % "globals().update(engine=engine, tasks=tasks)", self.db, self.keyring, " ".join(self.codes)))
        self.assertEqual(code, 0, err)
        self.assertNotIn("Traceback (most recent call last):\n  File \"<string>\"", err)

    def test_sigint_while_redemptions_are_awaited(self):
        program = self.waiting("await asyncio.gather(*tasks)")
        program.send_signal(signal.SIGINT)
        code, err, seconds = self.ended(program)
        self.assertIn("KeyboardInterrupt", err)
        self.assertEqual(code, -signal.SIGINT)
        self.assertLess(seconds, 5)
        self.unharmed()

    def test_sigint_while_a_redemption_blocks(self):
        self.held()
        program = child(
            """
            db, keyring, code = sys.argv[1:]
            order = {"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "p", "quantity": 1, "amount_minor": 10000}]}
            shop = cardmint.open(db, keyring=keyring, busy_timeout_ms=1000).tenant()
            print("waits", flush=True)
            shop.redeem(meta="A-1", code=code, order=order)
            """,
            self.db,
            self.keyring,
            self.codes[0],
        )
        self.assertEqual(program.stdout.readline(), "waits\n")
        time.sleep(0.2)
        program.send_signal(signal.SIGINT)
        code, err, _ = self.ended(program)
        self.assertIn("KeyboardInterrupt", err)
        self.assertEqual(code, -signal.SIGINT)

    def test_sigint_during_an_export(self):
        self.shop.issue_batch(meta="b9", id="huge", template="bearer", size=5_000_000, format={"symbols": 20})
        program = child(
            """
            shop = cardmint.open(sys.argv[1], keyring=sys.argv[2]).tenant()
            for item in shop.export_codes(meta={"key": "x", "reason": "print"}, batch="huge"):
                if item["serial"] == 0:
                    print("streams", flush=True)
            """,
            self.db,
            self.keyring,
        )
        self.assertEqual(program.stdout.readline(), "streams\n")
        program.send_signal(signal.SIGINT)
        code, err, seconds = self.ended(program)
        self.assertIn("KeyboardInterrupt", err)
        self.assertEqual(code, -signal.SIGINT)
        self.assertLess(seconds, 5)

    def test_threads_in_calls_when_the_interpreter_ends(self):
        program = child(
            """
            import threading
            db, keyring, codes = sys.argv[1:]
            codes = codes.split()
            order = {"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "p", "quantity": 1, "amount_minor": 10000}]}
            shop = cardmint.open(db, keyring=keyring).tenant()

            def till(code):
                for n in range(1_000_000):
                    try:
                        shop.redeem(meta=f"{code}-{n}", code=code, order=order)
                    except cardmint.Denied:
                        pass

            for code in codes[:8]:
                threading.Thread(target=till, args=(code,), daemon=True).start()
            while shop.count_batch(batch="flyer").result()["spent"] < 8:
                pass
            sys.exit(3)
            """,
            self.db,
            self.keyring,
            " ".join(self.codes),
        )
        self.assertEqual(self.ended(program)[:2], (3, ""))
        self.assertEqual(self.shop.count_batch(batch="flyer").result()["spent"], 8)

    @unittest.skipUnless(hasattr(os, "fork"), "no fork on this platform")
    def test_a_forked_child_gets_a_fault_and_harms_nothing(self):
        program = child(
            """
            import os
            db, keyring, code = sys.argv[1:]
            order = {"id": "o", "currency": "CNY", "lines": [{"id": "1", "product": "p", "quantity": 1, "amount_minor": 10000}]}
            engine = cardmint.open(db, keyring=keyring)
            shop = engine.tenant()
            stream = shop.export_codes(meta={"key": "x", "reason": "print"}, batch="flyer")
            child = os.fork()
            if child == 0:
                for call in [lambda: shop.look_up(card={"id": "16-1-0"}), engine.tenant, engine.close, lambda: next(stream)]:
                    try:
                        call()
                        os._exit(1)
                    except cardmint.Fault as fault:
                        assert fault.code == "forked", fault
                again = engine.reopen()
                del engine, shop, stream
                with again as mine:
                    mine.tenant().look_up(card={"id": "16-1-0"})
                sys.exit(0)
            _, status = os.waitpid(child, 0)
            assert status == 0, status
            shop.redeem(meta="A-1", code=code, order=order)
            sys.exit(5)
            """,
            self.db,
            self.keyring,
            self.codes[0],
        )
        self.assertEqual(self.ended(program)[:2], (5, ""))
        self.assertEqual(self.shop.redemption(id="A-1")["order"], "o")


if __name__ == "__main__":
    unittest.main()
