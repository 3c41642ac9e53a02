"""Runs each errand of a file once and prints one line of JSON: the seconds that it took.

python redeem.py alone|threads|asyncio DB KEYRING ERRANDS
"""

import asyncio
import json
import sys
import threading
import time

import cardmint

# Calls outstanding at once where more than one is.
OUTSTANDING = 64


def request(errand):
    """The request of an errand: an order of two lines."""
    key, code, order, holder = errand
    return {
        "meta": key,
        "code": code,
        "holder": {"kind": "customer", "value": holder},
        "order": {
            "id": order,
            "currency": "CNY",
            "lines": [
                {"id": "1", "product": "tea", "quantity": 2, "amount_minor": 12_000},
                {"id": "2", "product": "tea", "quantity": 2, "amount_minor": 11_400},
            ],
        },
    }


def alone(db, keyring, errands):
    """One call after another on one thread."""
    with cardmint.open(db, keyring=keyring) as engine:
        shop = engine.tenant()
        began = time.perf_counter()
        for errand in errands:
            shop.redeem(**request(errand))
        return time.perf_counter() - began


def threads(db, keyring, errands):
    """As many threads as calls are outstanding, each with one call after another."""
    waiting = iter(errands)
    failures = []

    def till():
        try:
            # Taking the next of a list is one step of the interpreter.
            for errand in waiting:
                shop.redeem(**request(errand))
        except Exception as failure:
            failures.append(failure)

    with cardmint.open(db, keyring=keyring) as engine:
        shop = engine.tenant()
        tills = [threading.Thread(target=till) for _ in range(OUTSTANDING)]
        began = time.perf_counter()
        for one in tills:
            one.start()
        for one in tills:
            one.join()
        seconds = time.perf_counter() - began
    if failures:
        raise failures[0]
    return seconds


async def awaited(db, keyring, errands):
    """As many tasks as calls are outstanding on one loop."""
    waiting = iter(errands)

    async def till():
        for errand in waiting:
            await shop.redeem(**request(errand))

    async with cardmint.aio.open(db, keyring=keyring) as engine:
        shop = engine.tenant()
        began = time.perf_counter()
        await asyncio.gather(*(till() for _ in range(OUTSTANDING)))
        return time.perf_counter() - began


def main():
    mode, db, keyring, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        errands = [tuple(line.split()) for line in file]
    if mode == "asyncio":
        seconds = asyncio.run(awaited(db, keyring, errands))
    else:
        seconds = {"alone": alone, "threads": threads}[mode](db, keyring, errands)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
