"""cardmint: an embeddable engine for digital cards.

    with cardmint.open("shop.db", keyring="keys.json") as engine:
        shop = engine.tenant()
        receipt = shop.redeem(meta="A-1", code=code, order=order)

Amounts are integers of minor units. Failures are `Denied` (a lawful no), `Invalid` (a request that cannot be meant) and
`Fault`; all are `Error`. `cardmint.aio` is the same for asyncio, `cardmint.types` has the types of requests and replies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._engine import Engine, Job, Progress, Stream, Tenant
from ._errors import Denied, Error, Fault, Invalid
from ._native import __version__, create_keyring, forget_key, operations, retire_key, rotate_keyring
from ._wire import instant

if TYPE_CHECKING:
    from . import aio, types

__all__ = [
    "Denied",
    "Engine",
    "Error",
    "Fault",
    "Invalid",
    "Job",
    "Progress",
    "Stream",
    "Tenant",
    "__version__",
    "aio",
    "create_keyring",
    "forget_key",
    "instant",
    "open",
    "operations",
    "retire_key",
    "rotate_keyring",
    "types",
]

open = Engine

if not TYPE_CHECKING:  # a checker knows both, and nothing else

    def __getattr__(name: str) -> Any:
        # asyncio and the types take longer to import than all the rest: only for those who use them.
        if name in ("aio", "types"):
            from importlib import import_module

            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
