"""Redeems each code of a file once and prints one line of JSON: seconds, and how many were redeemed.

python redeem.py --db PATH --keyring PATH --codes FILE --mode alone|threads|asyncio --key-prefix P
"""

import argparse
import asyncio
import json
import threading
import time

import cardmint

# Calls outstanding at once where more than one may be.
AT_ONCE = 64
ORDER = {
    "id": "o",
    "currency": "CNY",
    "lines": [{"id": "1", "product": "p", "quantity": 1, "amount_minor": 10_000}],
}


def alone(args, codes):
    """One call after another on one thread."""
    with cardmint.open(args.db, keyring=args.keyring) as engine:
        shop = engine.tenant()
        began = time.perf_counter()
        for code in codes:
            shop.redeem(meta=args.key_prefix + code, code=code, order=ORDER)
        return time.perf_counter() - began


def threads(args, codes):
    """As many threads as calls may be outstanding, each with one call after another."""
    waiting = iter(codes)
    lock = threading.Lock()
    failures = []

    def till():
        try:
            while True:
                with lock:
                    code = next(waiting, None)
                if code is None:
                    return
                shop.redeem(meta=args.key_prefix + code, code=code, order=ORDER)
        except Exception as failure:
            failures.append(failure)

    with cardmint.open(args.db, keyring=args.keyring) as engine:
        shop = engine.tenant()
        tills = [threading.Thread(target=till) for _ in range(AT_ONCE)]
        began = time.perf_counter()
        for one in tills:
            one.start()
        for one in tills:
            one.join()
        seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return seconds


async def awaited(args, codes):
    """As many tasks as calls may be outstanding on one loop."""
    waiting = iter(codes)

    async def till():
        for code in waiting:
            await shop.redeem(meta=args.key_prefix + code, code=code, order=ORDER)

    async with cardmint.aio.open(args.db, keyring=args.keyring) as engine:
        shop = engine.tenant()
        began = time.perf_counter()
        await asyncio.gather(*(till() for _ in range(AT_ONCE)))
        return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser()
    for name in ("--db", "--keyring", "--codes", "--key-prefix"):
        parser.add_argument(name, required=True)
    parser.add_argument("--mode", required=True, choices=("alone", "threads", "asyncio"))
    args = parser.parse_args()
    with open(args.codes, encoding="utf-8") as file:
        codes = file.read().split()
    if args.mode == "asyncio":
        seconds = asyncio.run(awaited(args, codes))
    else:
        seconds = {"alone": alone, "threads": threads}[args.mode](args, codes)
    # A call that failed would have been raised.
    print(json.dumps({"seconds": seconds, "redeemed": len(codes)}))


if __name__ == "__main__":
    main()
