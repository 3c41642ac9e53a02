"""The operation from Python: blocking and awaited."""

import asyncio

import cardmint

cardmint.create_keyring("keys-py.json")


def broken(error):
    assert error.code == "panic" and isinstance(error, cardmint.Fault), error
    assert "茶" not in str(error) + repr(error.facts), error


with cardmint.open(":memory:", keyring="keys-py.json") as engine:
    shop = engine.tenant()
    assert shop.echo(word="茶") == "茶"
    try:
        shop.echo(word="茶", breaks=True)
        raise SystemExit("nothing was raised")
    except cardmint.Error as error:
        broken(error)
    assert shop.echo(word="茶") == "茶"


async def main():
    async with cardmint.aio.open(":memory:", keyring="keys-py.json") as engine:
        shop = engine.tenant()
        assert await shop.echo(word="茶") == "茶"
        [error] = await asyncio.gather(shop.echo(word="茶", breaks=True), return_exceptions=True)
        broken(error)
        assert await shop.echo(word="茶") == "茶"


asyncio.run(main())
