"""Requests to bytes and replies to data."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Callable

from . import _native
from ._errors import Invalid, invalid

_LEAVES = frozenset((str, int, bool, type(None), datetime))


def _text_of(value: object) -> str:
    """The text on the wire of what JSON has no word for."""
    if isinstance(value, datetime):
        return instant_text("", value)
    raise TypeError


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_text_of).encode
_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def encode(request: object) -> bytes:
    """The bytes of a request. Anything that is not plain data is refused by the path of its field."""
    # Nearly every request: the native half walks over it once and takes it as it is.
    plain = _native.encode(request)
    if plain is not None:
        return plain
    try:
        if _is_plain(request):
            return _dump(request).encode()
    except (ValueError, RecursionError):  # a datetime, a lone surrogate, a circle
        pass
    raise _refusal(request)


def decode(text: str) -> Any:
    """The data of a reply."""
    return _scan(text, 0)[0]


def instant(text: str) -> datetime:
    """An instant of a reply, such as `2026-11-11T00:00:00.5Z`, as an aware datetime in UTC."""
    whole, _, fraction = text[:-1].partition(".")
    try:
        if text.endswith("Z"):
            # Before 3.11 `fromisoformat` knows neither Z nor a fraction of other than three or six digits.
            return datetime.fromisoformat(f"{whole}.{fraction:0<6}+00:00")
    except ValueError:
        pass
    raise invalid("instant", "another text", "RFC 3339 with Z, as replies have it")


def instant_text(field: str, value: datetime | str) -> str:
    """An aware datetime as the wire has it. A text is the engine's to judge."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise invalid(field, "a datetime without a zone", "an aware datetime")
    if value.microsecond % 1000:
        raise invalid(field, "a datetime with microseconds", "whole milliseconds")
    try:
        utc = value.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        raise invalid(field, "a datetime out of range", "a year from 1 to 9999") from None
    return utc.isoformat(timespec="milliseconds") + "Z"


def _is_plain(value: Any) -> bool:
    """Whether the JSON of it says the same; paths are followed only for those who want to know."""
    if type(value) in _LEAVES:
        return True
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str or not (type(item) in _LEAVES or _is_plain(item)):
                return False
        return True
    if isinstance(value, (list, tuple)):
        for item in value:
            if not (type(item) in _LEAVES or _is_plain(item)):
                return False
        return True
    return isinstance(value, (str, int, datetime))


def _refusal(request: Any) -> Invalid:
    """Why something is no request: a walk that knows where it is."""
    todo: list[tuple[str, Any, int]] = [("", request, 0)]
    while todo:
        path, value, depth = todo.pop()
        field = path or "request"
        if depth > 100:
            return invalid(field, "data within itself, or nested too deeply", "plain data")
        if isinstance(value, dict):
            for key, item in value.items():
                if type(key) is not str or not _is_unicode(key):
                    return invalid(field, f"a key of type {type(key).__name__}", "texts as keys")
                # What does not look like a field's name may be a code in the wrong place.
                name = key if key.isidentifier() and key.islower() and key.isascii() else "?"
                todo.append((f"{path}.{name}" if path else name, item, depth + 1))
        elif isinstance(value, (list, tuple)):
            todo.extend((f"{path}[{place}]", item, depth + 1) for place, item in enumerate(value))
        elif isinstance(value, datetime):
            try:
                instant_text(field, value)
            except Invalid as refusal:
                return refusal
        elif isinstance(value, str):
            if not _is_unicode(value):
                return invalid(field, "half a surrogate pair", "Unicode text")
        elif value is not None and not isinstance(value, int):
            allowed = "a whole number" if isinstance(value, float) else "plain data"
            return invalid(field, f"a value of type {type(value).__name__}", allowed)
    return invalid("request", "data that JSON cannot say", "plain data")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
