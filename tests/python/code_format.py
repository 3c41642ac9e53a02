"""The code format of cardmint a second time, written from docs/code-format.md with the standard library alone.

Section numbers are those of that page. Sealed texts (section 9) need XChaCha20-Poly1305, which the standard library does not
have; only their nonce is computed here.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Iterable, Optional

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def mac(key: bytes, parts: Iterable[bytes]) -> bytes:
    """Section 1: HMAC-SHA-256 over every part behind its length."""
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(key, message, hashlib.sha256).digest()


def front_bits(key: bytes, number: int, bits: int) -> int:
    """Section 5, R: the first bits of the HMAC of a number in 8 bytes."""
    digest = hmac.new(key, number.to_bytes(8, "big"), hashlib.sha256).digest()
    return int.from_bytes(digest, "big") >> (256 - bits)


@dataclass(frozen=True)
class Layout:
    """Section 3: widths in bits."""

    slot: int
    batch_no: int
    serial: int
    issue_no: int
    tag: int

    @property
    def body(self) -> int:
        return self.batch_no + self.serial + self.issue_no


LAYOUTS = {
    12: Layout(3, 11, 18, 2, 26),
    16: Layout(4, 16, 30, 3, 27),
    20: Layout(4, 20, 30, 4, 42),
    24: Layout(5, 24, 30, 6, 55),
}


@dataclass(frozen=True)
class Format:
    """Section 3: how many symbols, and the prefix as declared."""

    symbols: int
    prefix: str = ""

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.symbols]

    def effective_prefix(self, world: str) -> str:
        """Section 2: what stands before the symbols, folded."""
        folded = fold(self.prefix)
        assert folded is not None
        return ("TEST" if world == "test" else "") + folded

    def guess_bits(self, live: int) -> int:
        """Section 6."""
        layout = self.layout
        return min(layout.body + layout.tag - (max(live, 1) - 1).bit_length(), 2 * layout.tag)


@dataclass(frozen=True)
class Card:
    batch_no: int
    serial: int
    issue_no: int


@dataclass(frozen=True)
class Opened:
    format: Format
    slot: int
    card: Card


# Section 4. Unicode's White_Space, which Python's str.isspace does not follow to the letter.
WHITE_SPACE = {0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, *range(0x09, 0x0E), *range(0x2000, 0x200B)}
DASHES = {0x2D, 0xAD, *range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D}
ZERO_WIDTH = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF}
SEPARATORS = WHITE_SPACE | DASHES | ZERO_WIDTH


def fold(text: str) -> Optional[str]:
    """Section 4: the symbols of a typed text, or None for a text that is no code."""
    if len(text.encode("utf-8")) > 256:
        return None
    symbols = []
    for character in text:
        point = ord(character)
        if point in SEPARATORS:
            continue
        if 0xFF01 <= point <= 0xFF5E:
            point -= 0xFEE0
        if point > 0x7F:
            return None
        symbol = chr(point).upper()
        symbol = {"O": "0", "I": "1", "L": "1"}.get(symbol, symbol)
        if symbol not in ALPHABET:
            return None
        symbols.append(symbol)
    return "".join(symbols) if len(symbols) <= 36 else None


class Keyring:
    """Section 2."""

    def __init__(self, json: dict) -> None:
        if json["version"] != 1:
            raise ValueError("version 1 is the only one")
        self.base = bytes.fromhex(json["base"])
        self.keys = {key["slot"]: bytes.fromhex(key["key"]) for key in json["keys"] if key["state"] != "retired"}

    def derived(self, purpose: str, tenant: str, world: str) -> bytes:
        return mac(self.base, [f"cardmint/1/base/{purpose}".encode(), tenant.encode(), world.encode()])

    def round_key(self, name: str, form: Format, slot: int, tenant: str, world: str) -> bytes:
        context = [
            f"cardmint/1/code/{name}".encode(),
            bytes([form.symbols]),
            bytes([slot]),
            tenant.encode(),
            world.encode(),
            form.effective_prefix(world).encode(),
        ]
        return mac(self.keys[slot], context)


class CodeBook:
    """Seals and opens for one tenant in one world."""

    def __init__(self, keyring: Keyring, tenant: str, world: str, formats: Iterable[Format]) -> None:
        self.keyring, self.tenant, self.world, self.formats = keyring, tenant, world, list(formats)

    def _rounds(self, form: Format, slot: int) -> dict[str, bytes]:
        names = ("mac", "enc", "wrap", "hide")
        return {name: self.keyring.round_key(name, form, slot, self.tenant, self.world) for name in names}

    def trace(self, form: Format, slot: int, card: Card) -> dict[str, int]:
        """Section 5: every number on the way to a code."""
        layout, keys = form.layout, self._rounds(form, slot)
        payload = ((card.batch_no << layout.serial) | card.serial) << layout.issue_no | card.issue_no
        t0 = front_bits(keys["mac"], payload, layout.tag)
        body0 = payload ^ front_bits(keys["enc"], t0, layout.body)
        tag = t0 ^ front_bits(keys["wrap"], body0, layout.tag)
        body = body0 ^ front_bits(keys["hide"], tag, layout.body)
        whole = ((slot << layout.body) | body) << layout.tag | tag
        return {"payload": payload, "t0": t0, "body0": body0, "tag": tag, "body": body, "whole": whole}

    def seal(self, form: Format, slot: int, card: Card) -> str:
        whole = self.trace(form, slot, card)["whole"]
        symbols = "".join(ALPHABET[(whole >> (5 * place)) & 31] for place in reversed(range(form.symbols)))
        groups = [symbols[at : at + 4] for at in range(0, form.symbols, 4)]
        lead = (["TEST"] if self.world == "test" else []) + ([form.prefix.upper()] if form.prefix else [])
        return "-".join(lead + groups)

    def shape(self, text: str) -> Optional[tuple[Format, str]]:
        """Section 4: the format that length and prefix decide, and the symbols behind the prefix."""
        symbols = fold(text)
        if symbols is None:
            return None
        for form in self.formats:
            prefix = form.effective_prefix(self.world)
            if symbols.startswith(prefix) and len(symbols) == len(prefix) + form.symbols:
                return form, symbols[len(prefix) :]
        return None

    def open(self, text: str) -> Optional[Opened]:
        shape = self.shape(text)
        if shape is None:
            return self._nothing()
        form, symbols = shape
        layout = form.layout
        whole = 0
        for symbol in symbols:
            whole = whole << 5 | ALPHABET.index(symbol)
        tag = whole & ((1 << layout.tag) - 1)
        body = (whole >> layout.tag) & ((1 << layout.body) - 1)
        slot = whole >> (layout.tag + layout.body)
        if slot not in self.keyring.keys:
            return self._nothing()
        payload, genuine = self._back(self._rounds(form, slot), layout, body, tag)
        if not genuine:
            return None
        issue_no = payload & ((1 << layout.issue_no) - 1)
        serial = (payload >> layout.issue_no) & ((1 << layout.serial) - 1)
        batch_no = payload >> (layout.issue_no + layout.serial)
        return Opened(form, slot, Card(batch_no, serial, issue_no))

    @staticmethod
    def _back(keys: dict[str, bytes], layout: Layout, body: int, tag: int) -> tuple[int, bool]:
        body0 = body ^ front_bits(keys["hide"], tag, layout.body)
        t0 = tag ^ front_bits(keys["wrap"], body0, layout.tag)
        payload = body0 ^ front_bits(keys["enc"], t0, layout.body)
        expected = front_bits(keys["mac"], payload, layout.tag)
        return payload, hmac.compare_digest(t0.to_bytes(8, "big"), expected.to_bytes(8, "big"))

    def _nothing(self) -> None:
        """No code: the same four HMACs, under the decoy key."""
        decoy = self.keyring.derived("decoy", self.tenant, self.world)
        self._back({name: decoy for name in ("mac", "enc", "wrap", "hide")}, LAYOUTS[16], 0, 0)

    # Section 7.

    OFFSETS = {12: 0, 16: 1 << 29, 20: (1 << 29) + (1 << 46), 24: (1 << 29) + (1 << 46) + (1 << 50)}
    NUMBERS = 10**16
    HALF = (1 << 27) - 1

    def _number_keys(self) -> list[bytes]:
        key = self.keyring.derived("number", self.tenant, self.world)
        return [mac(key, [b"cardmint/1/number", bytes([i])]) for i in range(1, 5)]

    def card_number(self, symbols: int, batch_no: int, serial: int) -> str:
        number = self.OFFSETS[symbols] + (batch_no << LAYOUTS[symbols].serial) + serial
        if number >= self.NUMBERS:
            raise ValueError("batch_no is beyond what a card number can say")
        keys = self._number_keys()
        while True:
            left, right = number >> 27, number & self.HALF
            for key in keys:
                left, right = right, left ^ front_bits(key, right, 27)
            number = left << 27 | right
            if number < self.NUMBERS:
                break
        digits = f"{number:016d}"
        return digits + str(-luhn_sum(digits + "0") % 10)

    def card_of_number(self, text: str) -> Optional[tuple[int, int, int]]:
        digits = fold(text)
        if digits is None or len(digits) != 17 or not digits.isdigit() or luhn_sum(digits) % 10:
            return None
        number, keys = int(digits[:16]), self._number_keys()
        while True:
            left, right = number >> 27, number & self.HALF
            for key in reversed(keys):
                left, right = right ^ front_bits(key, left, 27), left
            number = left << 27 | right
            if number < self.NUMBERS:
                break
        symbols = max(symbols for symbols, offset in self.OFFSETS.items() if offset <= number)
        batch_no, serial = divmod(number - self.OFFSETS[symbols], 1 << LAYOUTS[symbols].serial)
        return symbols, batch_no, serial

    # Section 8.

    def word_index(self, text: str) -> bytes:
        key = self.keyring.derived("word", self.tenant, self.world)
        if len(text.encode("utf-8")) > 1024:
            return mac(key, [b"", b"overlong"])[:16]
        return mac(key, [normalise(text, "word").encode()])[:16]

    def public_word(self, text: str, profile: str) -> Optional[str]:
        """A word as it is saved, or None where it is refused."""
        if len(text.encode("utf-8")) > 1024 or any(unicodedata.category(c) == "Cc" for c in text):
            return None
        normal = normalise(text, profile)
        if len(normalise(text, "word")) < 3 or len(normal) > 40:
            return None
        for form in (text, normal):
            if self.shape(form) is not None:
                return None
            folded = fold(form)
            if folded is not None and len(folded) == 17 and folded.isdigit() and luhn_sum(folded) % 10 == 0:
                return None
        return normal

    # Section 9.

    def text_nonce(self, item_id: bytes, purpose: str, plaintext: bytes) -> bytes:
        key = self.keyring.derived("text-nonce", self.tenant, self.world)
        return mac(key, [item_id, purpose.encode(), plaintext])[:24]


def luhn_sum(digits: str) -> int:
    """From the right, every second digit is doubled and the digits of the product added."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total


def normalise(text: str, profile: str) -> str:
    for _ in range(5):
        once = _normalise_once(text, profile)
        if once == text:
            break
        text = once
    return text


def _normalise_once(text: str, profile: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    if profile == "word":
        kept = "".join(character for character in text.upper() if ord(character) not in SEPARATORS)
        return unicodedata.normalize("NFKC", kept)
    return text.strip("".join(map(chr, WHITE_SPACE)))


def resolves(opened: Optional[Opened], batch: Optional[dict], issue_no_now: int) -> bool:
    """Section 5: whether a genuine code means the card that batch and card say there is now."""
    return (
        opened is not None
        and batch is not None
        and opened.format == batch["format"]
        and opened.slot == batch["slot"]
        and opened.card.batch_no == batch["batch_no"]
        and opened.card.serial < batch["size"]
        and opened.card.issue_no == issue_no_now
    )
