"""What a call raises instead of a reply."""

from __future__ import annotations

import json
from typing import Any


class Error(Exception):
    """Every failure of cardmint. `code` is stable; `message` is for developers, `texts` are for people."""

    def __init__(self, failure: dict[str, Any]) -> None:
        super().__init__(failure)
        self.kind: str = failure["kind"]
        self.code: str = failure["code"]
        self.status: int = failure["status"]
        self.message: str = failure["message"]
        self.may_retry: bool = failure["may_retry"]
        self.facts: dict[str, Any] = failure["facts"]
        self.texts: dict[str, dict[str, str]] = failure.get("texts") or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Denied(Error):
    """A lawful *no*: nothing was written, and `facts` and `texts` say why."""


class Invalid(Error, ValueError):
    """The request cannot be meant; `facts` name the `field`, what was `given` and what is `allowed`."""


class Fault(Error):
    """Something is broken or not there. `may_retry` tells whether the same call may go better later."""


_KINDS: dict[str, type[Error]] = {"denied": Denied, "invalid": Invalid, "fault": Fault}


def error_of(text: str) -> Error:
    """The exception of a failure as it comes over the wire. The native half calls this, too."""
    failure = json.loads(text)
    return _KINDS.get(failure["kind"], Fault)(failure)


def invalid(field: str, given: str, allowed: str) -> Invalid:
    """A refusal of this side, in the shape of the engine's own."""
    facts = {"field": field, "given": given, "allowed": allowed}
    message = f"{field}: {given} given, allowed is {allowed}"
    return Invalid(
        {"kind": "invalid", "code": "invalid", "status": 103, "message": message, "may_retry": False, "facts": facts}
    )
