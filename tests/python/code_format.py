"""A second implementation of the code format, version 1, written from docs/code-format.md alone.

"Section N" below means that section of the document. Sealing texts (section 9) needs XChaCha20-Poly1305, which the
standard library does not have, so only the nonce and the associated data of a sealed text are computed here.

The module shows and checks the format. It is not a service: Python integers are not constant in time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WORLDS = ("live", "test")


# Section 1: joining parts


def mac(key: bytes, parts: Sequence[bytes]) -> bytes:
    """`MAC(key, parts)` of section 1: every part behind its length in bytes as 64 bits."""
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.digest(key, message, hashlib.sha256)


def first_bits(key: bytes, value: int, bits: int) -> int:
    """`R(key, value, bits)` of section 5: the first `bits` bits of the HMAC of `value` as 8 bytes."""
    digest = hmac.digest(key, value.to_bytes(8, "big"), hashlib.sha256)
    return int.from_bytes(digest, "big") >> (256 - bits)


# Section 2: keyring


class CodeKey(NamedTuple):
    """A code key and its state: `minting`, `opening` or `retired`."""

    state: str
    key: bytes


def _require_fields(value: Any, names: Iterable[str], optional: Iterable[str] = ()) -> Dict[str, Any]:
    required = set(names)
    if not isinstance(value, dict) or not required <= set(value) <= required | set(optional):
        raise ValueError("missing or unknown field")
    return value


def _require_int(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError("not a whole number from %d to %d" % (low, high))
    return value


def _require_key(value: Any) -> bytes:
    if not isinstance(value, str) or re.fullmatch("[0-9a-fA-F]{64}", value) is None:
        raise ValueError("a key has 64 hex digits")
    return bytes.fromhex(value)


def _without_repeats(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is there twice")
    return fields


@dataclass(frozen=True)
class Keyring:
    """The base secret and the code keys by slot (section 2)."""

    base: bytes
    keys: Mapping[int, CodeKey]

    @classmethod
    def from_json(cls, text: str) -> "Keyring":
        """Reads the JSON of section 2; unknown fields are refused."""
        ring = _require_fields(json.loads(text, object_pairs_hook=_without_repeats), ("version", "base", "keys"))
        _require_int(ring["version"], 1, 1)
        if not isinstance(ring["keys"], list):
            raise ValueError("`keys` is a list")
        keys: Dict[int, CodeKey] = {}
        for value in ring["keys"]:
            entry = _require_fields(value, ("slot", "state", "key"))
            slot = _require_int(entry["slot"], 0, 31)
            if slot in keys:
                raise ValueError("a slot is there twice")
            if entry["state"] not in ("minting", "opening", "retired"):
                raise ValueError("unknown state")
            keys[slot] = CodeKey(entry["state"], _require_key(entry["key"]))
        if [key.state for key in keys.values()].count("minting") != 1:
            raise ValueError("exactly one key is minting")
        return cls(_require_key(ring["base"]), keys)

    def base_key(self, purpose: str, tenant: str, world: str) -> bytes:
        """`K(purpose)` of section 2."""
        return mac(self.base, [b"cardmint/1/base/" + purpose.encode(), tenant.encode(), _world_bytes(world)])


def _world_bytes(world: str) -> bytes:
    if world not in WORLDS:
        raise ValueError("a world is `live` or `test`")
    return world.encode()


class RoundKeys(NamedTuple):
    """The four keys of a slot for one tenant, world and format (section 2)."""

    mac: bytes
    enc: bytes
    wrap: bytes
    hide: bytes


def round_keys(code_key: bytes, code_format: "Format", slot: int, tenant: str, world: str) -> RoundKeys:
    """`k_mac`, `k_enc`, `k_wrap` and `k_hide` of section 2."""
    rest = [
        bytes([code_format.symbols]),
        bytes([slot]),
        tenant.encode(),
        _world_bytes(world),
        code_format.effective_prefix(world).encode(),
    ]
    labels = (b"mac", b"enc", b"wrap", b"hide")
    return RoundKeys(*(mac(code_key, [b"cardmint/1/code/" + label] + rest) for label in labels))


# Section 3: formats


class Layout(NamedTuple):
    """The widths in bits of one row of the table in section 3."""

    slot: int
    batch_no: int
    serial: int
    issue_no: int
    tag: int

    @property
    def body(self) -> int:
        """The body is as wide as the payload."""
        return self.batch_no + self.serial + self.issue_no


LAYOUTS: Mapping[int, Layout] = {
    12: Layout(slot=3, batch_no=11, serial=18, issue_no=2, tag=26),
    16: Layout(slot=4, batch_no=16, serial=30, issue_no=3, tag=27),
    20: Layout(slot=4, batch_no=20, serial=30, issue_no=4, tag=42),
    24: Layout(slot=5, batch_no=24, serial=30, issue_no=6, tag=55),
}


@dataclass(frozen=True)
class Format:
    """A number of symbols and a prefix (section 3). Formats whose prefixes fold to the same are equal."""

    symbols: int
    prefix: str = field(default="", compare=False)
    folded_prefix: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.symbols not in LAYOUTS:
            raise ValueError("a format has 12, 16, 20 or 24 symbols")
        if re.fullmatch("[0-9A-TV-Za-tv-z]{0,8}", self.prefix) is None:
            raise ValueError("a prefix has 0 to 8 symbols of the alphabet")
        folded = fold(self.prefix)
        assert folded is not None
        if folded.isdigit():
            raise ValueError("a prefix is not digits alone")
        if folded.startswith("TEST"):
            raise ValueError("a prefix does not begin with TEST")
        object.__setattr__(self, "folded_prefix", folded)

    @classmethod
    def from_json(cls, value: Any) -> "Format":
        """Reads `{"symbols":16,"prefix":"VIP"}`."""
        fields = _require_fields(value, ("symbols",), ("prefix",))
        if type(fields["symbols"]) is not int or not isinstance(fields.get("prefix", ""), str):
            raise ValueError("`symbols` is a number and `prefix` a text")
        return cls(fields["symbols"], fields.get("prefix", ""))

    @property
    def layout(self) -> Layout:
        """The widths of this format."""
        return LAYOUTS[self.symbols]

    def effective_prefix(self, world: str) -> str:
        """`TEST` in the test world, and the folded prefix (section 2)."""
        return ("TEST" if world == "test" else "") + self.folded_prefix

    def __str__(self) -> str:
        return "%s+%d" % (self.prefix, self.symbols) if self.prefix else str(self.symbols)


def check_formats(formats: Sequence[Format]) -> None:
    """Refuses formats that length and prefix could not tell apart (section 3)."""
    for at, one in enumerate(formats):
        for other in formats[:at]:
            same_length = len(one.folded_prefix) + one.symbols == len(other.folded_prefix) + other.symbols
            one_begins = one.folded_prefix.startswith(other.folded_prefix)
            other_begins = other.folded_prefix.startswith(one.folded_prefix)
            if same_length and (one_begins or other_begins):
                raise ValueError("formats %s and %s cannot be told apart" % (one, other))


# Section 4: typed text

MAX_TEXT_BYTES = 256
MAX_SYMBOLS = 36


def _characters(*ranges: Tuple[int, int]) -> str:
    return "".join(chr(code_point) for first, last in ranges for code_point in range(first, last + 1))


# Unicode `White_Space`. `str.isspace` is wider: it takes U+001C to U+001F in.
WHITE_SPACE = _characters(
    (0x09, 0x0D), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
    (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
)  # fmt: skip
DASHES = _characters(
    (0x2D, 0x2D), (0xAD, 0xAD), (0x2010, 0x2015), (0x2043, 0x2043), (0x2212, 0x2212),
    (0xFE58, 0xFE58), (0xFE63, 0xFE63), (0xFF0D, 0xFF0D),
)  # fmt: skip
ZERO_WIDTH = _characters((0x200B, 0x200D), (0x2060, 0x2060), (0xFEFF, 0xFEFF))
SEPARATORS = frozenset(WHITE_SPACE + DASHES + ZERO_WIDTH)
READ_AS = {"O": "0", "I": "1", "L": "1"}


def _byte_length(text: str) -> Optional[int]:
    """The length in UTF-8, or None for what is not Unicode text (lone surrogates)."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return None


def fold(text: str) -> Optional[str]:
    """The symbols in a typed text, or None where the text is no code (table of section 4)."""
    length = _byte_length(text)
    if length is None or length > MAX_TEXT_BYTES:
        return None
    symbols = []
    for character in text:
        if character in SEPARATORS:
            continue
        if "\uff01" <= character <= "\uff5e":
            character = chr(ord(character) - 0xFEE0)
        if "a" <= character <= "z":
            character = character.upper()
        character = READ_AS.get(character, character)
        if character not in ALPHABET:
            return None
        symbols.append(character)
    return "".join(symbols) if len(symbols) <= MAX_SYMBOLS else None


def find_format(folded: str, world: str, formats: Iterable[Format]) -> Optional[Tuple[Format, str]]:
    """The one format that a folded text has the length and prefix of, and the symbols behind the prefix (section 4)."""
    found = None
    for code_format in formats:
        prefix = code_format.effective_prefix(world)
        if folded.startswith(prefix) and len(folded) == len(prefix) + code_format.symbols:
            if found is not None:
                return None
            found = (code_format, folded[len(prefix) :])
    return found


def decode_symbols(symbols: str) -> int:
    """The number that symbols stand for; the first one holds the highest five bits (section 4)."""
    value = 0
    for symbol in symbols:
        value = value << 5 | ALPHABET.index(symbol)
    return value


def encode_symbols(value: int, count: int) -> str:
    """`value` as `count` symbols (section 4)."""
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(count)))


# Section 5: sealing and opening

# The formats that a tenant starts with (section 3).
STARTING_FORMATS = tuple(Format(symbols) for symbols in LAYOUTS)


class Card(NamedTuple):
    """What a code seals."""

    batch_no: int
    serial: int
    issue_no: int


class Opened(NamedTuple):
    """What a genuine code opens to."""

    format: Format
    slot: int
    card: Card


class Rounds(NamedTuple):
    """The values between the rounds of section 5."""

    t0: int
    body0: int
    tag: int
    body: int


def pack_payload(layout: Layout, card: Card) -> int:
    """`batch_no ‖ serial ‖ issue_no` in the widths of section 3."""
    payload = 0
    for value, bits in zip(card, (layout.batch_no, layout.serial, layout.issue_no)):
        if not 0 <= value < 1 << bits:
            raise ValueError("%d does not fit %d bits" % (value, bits))
        payload = payload << bits | value
    return payload


def unpack_payload(layout: Layout, payload: int) -> Card:
    """The reverse of `pack_payload`."""
    serial_and_issue_no = layout.serial + layout.issue_no
    return Card(
        batch_no=payload >> serial_and_issue_no,
        serial=payload >> layout.issue_no & (1 << layout.serial) - 1,
        issue_no=payload & (1 << layout.issue_no) - 1,
    )


def seal_rounds(keys: RoundKeys, layout: Layout, payload: int) -> Rounds:
    """The four rounds that seal (section 5)."""
    t0 = first_bits(keys.mac, payload, layout.tag)
    body0 = payload ^ first_bits(keys.enc, t0, layout.body)
    tag = t0 ^ first_bits(keys.wrap, body0, layout.tag)
    body = body0 ^ first_bits(keys.hide, tag, layout.body)
    return Rounds(t0, body0, tag, body)


def open_rounds(keys: RoundKeys, layout: Layout, body: int, tag: int) -> Tuple[int, bool]:
    """The four rounds that open (section 5): the payload, and whether it is genuine."""
    body0 = body ^ first_bits(keys.hide, tag, layout.body)
    t0 = tag ^ first_bits(keys.wrap, body0, layout.tag)
    payload = body0 ^ first_bits(keys.enc, t0, layout.body)
    expected = first_bits(keys.mac, payload, layout.tag)
    return payload, hmac.compare_digest(t0.to_bytes(8, "big"), expected.to_bytes(8, "big"))


def join_whole(layout: Layout, slot: int, body: int, tag: int) -> int:
    """`key slot ‖ body ‖ tag` (section 5)."""
    return (slot << layout.body | body) << layout.tag | tag


def split_whole(layout: Layout, whole: int) -> Tuple[int, int, int]:
    """The reverse of `join_whole`: slot, body and tag."""
    slot = whole >> layout.body + layout.tag
    body = whole >> layout.tag & (1 << layout.body) - 1
    return slot, body, whole & (1 << layout.tag) - 1


def code_text(code_format: Format, world: str, symbols: str) -> str:
    """The text of a code: mark of the test world, prefix, groups of four symbols (section 5)."""
    groups = [symbols[at : at + 4] for at in range(0, len(symbols), 4)]
    front = ["TEST"] if world == "test" else []
    if code_format.prefix:
        front.append(code_format.prefix.upper())
    return "-".join(front + groups)


class Codes:
    """Seals and opens the codes of one tenant in one world.

    All keys are derived here, once, so that opening costs four HMACs whatever the input is.
    """

    def __init__(self, keyring: Keyring, tenant: str, world: str, formats: Sequence[Format] = STARTING_FORMATS) -> None:
        check_formats(formats)
        self.world = world
        self.formats = tuple(formats)
        self._keys: Dict[Tuple[Format, int], RoundKeys] = {}
        for code_format in self.formats:
            for slot, code_key in keyring.keys.items():
                if code_key.state != "retired" and slot < 1 << code_format.layout.slot:
                    keys = round_keys(code_key.key, code_format, slot, tenant, world)
                    self._keys[code_format, slot] = keys
        decoy = keyring.base_key("decoy", tenant, world)
        self._decoy_keys = RoundKeys(decoy, decoy, decoy, decoy)

    def seal(self, code_format: Format, slot: int, card: Card) -> str:
        """The text of a card's code (section 5). Refuses a slot that is retired, unknown or too high for the format."""
        keys = self._keys.get((code_format, slot))
        if keys is None:
            raise ValueError("no key to seal with in slot %d for format %s" % (slot, code_format))
        layout = code_format.layout
        rounds = seal_rounds(keys, layout, pack_payload(layout, card))
        whole = join_whole(layout, slot, rounds.body, rounds.tag)
        return code_text(code_format, self.world, encode_symbols(whole, code_format.symbols))

    def open(self, text: str) -> Optional[Opened]:
        """What a genuine code holds, and None for any other text, at the same four HMACs (section 5)."""
        folded = fold(text)
        found = None if folded is None else find_format(folded, self.world, self.formats)
        code_format, symbols = found or (STARTING_FORMATS[0], "")
        layout = code_format.layout
        slot, body, tag = split_whole(layout, decode_symbols(symbols))
        keys = None if found is None else self._keys.get((code_format, slot))
        payload, genuine = open_rounds(keys or self._decoy_keys, layout, body, tag)
        if keys is None or not genuine:
            return None
        return Opened(code_format, slot, unpack_payload(layout, payload))


@dataclass(frozen=True)
class Batch:
    """What a batch of one tenant and world is pinned to, and the cards whose issue number is not 0."""

    batch_no: int
    format: Format
    slot: int
    size: int
    issue_no_now: Mapping[int, int] = field(default_factory=dict)


def resolves(opened: Opened, batches: Iterable[Batch]) -> bool:
    """Whether a genuine code resolves among the batches of its tenant and world (end of section 5)."""
    for batch in batches:
        if batch.batch_no == opened.card.batch_no:
            return (
                batch.format == opened.format
                and batch.slot == opened.slot
                and opened.card.serial < batch.size
                and opened.card.issue_no == batch.issue_no_now.get(opened.card.serial, 0)
            )
    return False


# Section 6: odds

LEAST_BITS = {"coupon": 40, "stored value": 60}


def guess_bits(symbols: int, live: int) -> int:
    """One try opens one of `live` cards with a chance of at most 1 in 2^this (section 6)."""
    layout = LAYOUTS[symbols]
    ceil_log2 = (max(live, 1) - 1).bit_length()
    return min(layout.body + layout.tag - ceil_log2, 2 * layout.tag)


def most_live_log2(symbols: int, bits: int) -> Optional[int]:
    """The n of "most live 2^n" in the table of section 6: no more cards than batches and serials can number."""
    layout = LAYOUTS[symbols]
    if guess_bits(symbols, 1) < bits:
        return None
    return min(layout.body + layout.tag - bits, layout.batch_no + layout.serial)


# Section 7: card numbers

NUMBER_LIMIT = 10**16
HALF_BITS = 27
NUMBER_BASES = {12: 0, 16: 2**29, 20: 2**29 + 2**46, 24: 2**29 + 2**46 + 2**50}
MAX_NUMBERED_BATCH = {12: 2**11 - 1, 16: 2**16 - 1, 20: 2**20 - 1, 24: 8199112}


class NumberedCard(NamedTuple):
    """What a card number names."""

    symbols: int
    batch_no: int
    serial: int


def luhn_sum(digits: str) -> int:
    """Luhn's sum of a number with its check digit (section 7)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value // 10 + value % 10
    return total


def _number_keys(keyring: Keyring, tenant: str, world: str) -> List[bytes]:
    key = keyring.base_key("number", tenant, world)
    return [mac(key, [b"cardmint/1/number", bytes([i])]) for i in (1, 2, 3, 4)]


def _step(keys: Sequence[bytes], value: int) -> int:
    left, right = value >> HALF_BITS, value & (1 << HALF_BITS) - 1
    for key in keys:
        left, right = right, left ^ first_bits(key, right, HALF_BITS)
    return left << HALF_BITS | right


def _undo_step(keys: Sequence[bytes], value: int) -> int:
    left, right = value >> HALF_BITS, value & (1 << HALF_BITS) - 1
    for key in reversed(keys):
        left, right = right ^ first_bits(key, left, HALF_BITS), left
    return left << HALF_BITS | right


def card_number(keyring: Keyring, tenant: str, world: str, card: NumberedCard) -> str:
    """The 17 digits of a card's number (section 7)."""
    layout = LAYOUTS[card.symbols]
    if not 0 <= card.serial < 1 << layout.serial or not 0 <= card.batch_no <= MAX_NUMBERED_BATCH[card.symbols]:
        raise ValueError("no card number for this card")
    keys = _number_keys(keyring, tenant, world)
    value = _step(keys, NUMBER_BASES[card.symbols] + (card.batch_no << layout.serial) + card.serial)
    while value >= NUMBER_LIMIT:
        value = _step(keys, value)
    digits = "%016d" % value
    return digits + str(-luhn_sum(digits + "0") % 10)


def card_of_number(keyring: Keyring, tenant: str, world: str, text: str) -> Optional[NumberedCard]:
    """The card that a typed number names, or None (section 7)."""
    digits = fold(text)
    if digits is None or not has_number_shape(digits) or luhn_sum(digits) % 10 != 0:
        return None
    keys = _number_keys(keyring, tenant, world)
    index = _undo_step(keys, int(digits[:-1]))
    while index >= NUMBER_LIMIT:
        index = _undo_step(keys, index)
    symbols = max(count for count, base in NUMBER_BASES.items() if base <= index)
    batch_no, serial = divmod(index - NUMBER_BASES[symbols], 1 << LAYOUTS[symbols].serial)
    return NumberedCard(symbols, batch_no, serial) if batch_no <= MAX_NUMBERED_BATCH[symbols] else None


def has_number_shape(folded: str) -> bool:
    """Whether a folded text has the shape of a card number: 17 digits."""
    return re.fullmatch("[0-9]{17}", folded) is not None


# Section 8: words and the blind index

MAX_WORD_BYTES = 1024
MIN_WORD_CHARACTERS = 3
MAX_WORD_CHARACTERS = 40
MAX_PROFILE_ROUNDS = 5


def _word_round(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).upper()
    text = "".join(character for character in text if character not in SEPARATORS)
    return unicodedata.normalize("NFKC", text)


def _case_sensitive_round(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(WHITE_SPACE)


PROFILES = {"word": _word_round, "case_sensitive": _case_sensitive_round}


def normalise(text: str, profile: str) -> str:
    """A text under a profile, applied until nothing changes and at most five times (section 8)."""
    for _ in range(MAX_PROFILE_ROUNDS):
        before, text = text, PROFILES[profile](text)
        if text == before:
            break
    return text


def public_word(text: str, profile: str, world: str, formats: Sequence[Format]) -> Optional[str]:
    """The saved form of a public word, or None where it is refused (section 8)."""
    length = _byte_length(text)
    if length is None or length > MAX_WORD_BYTES:
        return None
    if any(unicodedata.category(character) == "Cc" for character in text):
        return None
    saved = normalise(text, profile)
    if len(normalise(text, "word")) < MIN_WORD_CHARACTERS or len(saved) > MAX_WORD_CHARACTERS:
        return None
    for form in (text, saved):
        folded = fold(form)
        if folded is not None and (has_number_shape(folded) or find_format(folded, world, formats)):
            return None
    return saved


def word_index(keyring: Keyring, tenant: str, world: str, text: str) -> bytes:
    """The blind index of a text, be it allowed as a public word or not (section 8)."""
    length = _byte_length(text)
    overlong = length is None or length > MAX_WORD_BYTES
    parts = [b"", b"overlong"] if overlong else [normalise(text, "word").encode()]
    return mac(keyring.base_key("word", tenant, world), parts)[:16]


# Section 9: sealed texts

SEALED_VERSION = b"\x01"
MAX_PLAINTEXT_BYTES = 65536
AEAD_TAG_BYTES = 16


def text_nonce(keyring: Keyring, tenant: str, world: str, item_id: bytes, purpose: bytes, plaintext: bytes) -> bytes:
    """The synthetic nonce of a sealed text (section 9)."""
    if len(plaintext) > MAX_PLAINTEXT_BYTES:
        raise ValueError("a plaintext has at most %d bytes" % MAX_PLAINTEXT_BYTES)
    return mac(keyring.base_key("text-nonce", tenant, world), [item_id, purpose, plaintext])[:24]


def text_aad(item_id: bytes, purpose: bytes) -> bytes:
    """The associated data of a sealed text (section 9)."""
    parts = [len(part).to_bytes(8, "big") + part for part in (item_id, purpose)]
    return SEALED_VERSION + b"".join(parts)
