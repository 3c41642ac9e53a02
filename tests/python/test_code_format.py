"""Tests of the second implementation against ../vectors/codes.json and the tables of docs/code-format.md.

Run with `python3 -m unittest discover -s tests/python -v`.
"""

from __future__ import annotations

import json
import random
import unittest
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple
from unittest import mock

import code_format as cf

VECTORS: Dict[str, Any] = json.loads(
    (Path(__file__).resolve().parent.parent / "vectors" / "codes.json").read_text(encoding="utf-8")
)
KEYRING = cf.Keyring.from_json(json.dumps(VECTORS["keyring"]))
FORMATS = tuple(cf.Format.from_json(value) for value in VECTORS["formats"])


def codes_for(case: Dict[str, Any]) -> cf.Codes:
    """The codes of a case's tenant and world."""
    return cf.Codes(KEYRING, case["tenant"], case["world"], FORMATS)


def batches_for(case: Dict[str, Any]) -> List[cf.Batch]:
    """The batches of a case's tenant and world."""
    return [
        cf.Batch(
            batch_no=batch["batch_no"],
            format=cf.Format.from_json(batch["format"]),
            slot=batch["slot"],
            size=batch["size"],
            issue_no_now={card["serial"]: card["issue_no"] for card in batch["issue_no_now"]},
        )
        for batch in VECTORS["batches"]
        if batch["tenant"] == case["tenant"] and case["world"] in batch["worlds"]
    ]


def opened_of(case: Dict[str, Any]) -> cf.Opened:
    """What a case says that its code opens to."""
    opens = case["opens"]
    card = cf.Card(opens["batch_no"], opens["serial"], opens["issue_no"])
    return cf.Opened(cf.Format.from_json(opens["format"]), opens["slot"], card)


GENUINE = [case for case in VECTORS["cases"] if case["opens"] is not None]
RESOLVING = [case for case in GENUINE if case["resolves"]]
NOT_RESOLVING = [case for case in GENUINE if not case["resolves"]]
NOT_OPENING = [case for case in VECTORS["cases"] if case["opens"] is None]

# Cases whose text is as it was minted, by how `why` begins; the other genuine cases are typed in other ways.
AS_MINTED = ("good, ", "genuine, ", "issue 1 of ")


class CaseVectors(unittest.TestCase):
    """The list `cases`: section 4 and 5."""

    def test_codes_that_open_and_resolve(self) -> None:
        self.assertTrue(RESOLVING)
        for case in RESOLVING:
            with self.subTest(case["why"], text=case["text"]):
                opened = codes_for(case).open(case["text"])
                self.assertEqual(opened, opened_of(case))
                self.assertTrue(cf.resolves(opened_of(case), batches_for(case)))

    def test_codes_that_open_and_do_not_resolve(self) -> None:
        self.assertTrue(NOT_RESOLVING)
        for case in NOT_RESOLVING:
            with self.subTest(case["why"], text=case["text"]):
                opened = codes_for(case).open(case["text"])
                self.assertEqual(opened, opened_of(case))
                self.assertFalse(cf.resolves(opened_of(case), batches_for(case)))

    def test_texts_that_do_not_open(self) -> None:
        self.assertTrue(NOT_OPENING)
        for case in NOT_OPENING:
            with self.subTest(case["why"], text=case["text"]):
                self.assertIsNone(codes_for(case).open(case["text"]))
                self.assertFalse(case["resolves"])

    def test_genuine_codes_are_minted_to_the_same_text(self) -> None:
        as_minted = [case for case in GENUINE if case["why"].startswith(AS_MINTED)]
        self.assertTrue(as_minted)
        for case in as_minted:
            with self.subTest(case["why"], text=case["text"]):
                opened = opened_of(case)
                self.assertEqual(codes_for(case).seal(opened.format, opened.slot, opened.card), case["text"])

    def test_codes_typed_in_other_ways_fold_to_the_minted_text(self) -> None:
        typed = [case for case in GENUINE if not case["why"].startswith(AS_MINTED)]
        self.assertTrue(typed)
        for case in typed:
            with self.subTest(case["why"], text=case["text"]):
                opened = opened_of(case)
                minted = codes_for(case).seal(opened.format, opened.slot, opened.card)
                self.assertNotEqual(minted, case["text"])
                self.assertEqual(cf.fold(minted), cf.fold(case["text"]))

    def test_opening_costs_four_hmacs_whatever_the_text(self) -> None:
        for case in VECTORS["cases"]:
            with self.subTest(case["why"], text=case["text"]):
                codes = codes_for(case)
                with mock.patch.object(cf.hmac, "digest", wraps=cf.hmac.digest) as digest:
                    codes.open(case["text"])
                self.assertEqual(digest.call_count, 4)


class CardNumberVectors(unittest.TestCase):
    """The list `card_numbers`: section 7."""

    def test_numbers_name_their_cards(self) -> None:
        for case in VECTORS["card_numbers"]:
            with self.subTest(case["why"], text=case["text"]):
                expected = None if case["card"] is None else cf.NumberedCard(**case["card"])
                found = cf.card_of_number(KEYRING, case["tenant"], case["world"], case["text"])
                self.assertEqual(found, expected)

    def test_cards_have_their_numbers(self) -> None:
        for case in VECTORS["card_numbers"]:
            if case["card"] is None:
                continue
            with self.subTest(case["why"], text=case["text"]):
                card = cf.NumberedCard(**case["card"])
                number = cf.card_number(KEYRING, case["tenant"], case["world"], card)
                self.assertEqual(number, cf.fold(case["text"]))

    def test_numbers_do_not_open(self) -> None:
        for case in VECTORS["card_numbers"]:
            with self.subTest(case["why"], text=case["text"]):
                self.assertIsNone(codes_for(case).open(case["text"]))


class WordVectors(unittest.TestCase):
    """The list `words`: section 8."""

    def test_saved_form_under_each_profile(self) -> None:
        for case in VECTORS["words"]:
            for profile in cf.PROFILES:
                with self.subTest(profile, text=case["text"]):
                    saved = cf.public_word(case["text"], profile, case["world"], FORMATS)
                    self.assertEqual(saved, case[profile])

    def test_index_of_the_typed_text(self) -> None:
        for case in VECTORS["words"]:
            with self.subTest(text=case["text"]):
                index = cf.word_index(KEYRING, case["tenant"], case["world"], case["text"])
                self.assertEqual(index.hex(), case["index"])

    def test_index_of_the_saved_forms(self) -> None:
        for case in VECTORS["words"]:
            for profile in cf.PROFILES:
                if case[profile] is None:
                    continue
                with self.subTest(profile, text=case["text"]):
                    index = cf.word_index(KEYRING, case["tenant"], case["world"], case[profile])
                    self.assertEqual(index.hex(), case["index"])


class TextVectors(unittest.TestCase):
    """The list `texts`: what section 9 says besides the AEAD."""

    def test_version_nonce_and_length_of_sealed_texts(self) -> None:
        for case in VECTORS["texts"]:
            with self.subTest(item_id=case["item_id"], plaintext=case["plaintext"]):
                sealed = bytes.fromhex(case["sealed"])
                item_id, purpose = bytes.fromhex(case["item_id"]), case["purpose"].encode()
                plaintext = case["plaintext"].encode()
                nonce = cf.text_nonce(KEYRING, case["tenant"], case["world"], item_id, purpose, plaintext)
                self.assertEqual(sealed[:1], cf.SEALED_VERSION)
                self.assertEqual(sealed[1:25], nonce)
                self.assertEqual(len(sealed), 25 + len(plaintext) + cf.AEAD_TAG_BYTES)

    def test_associated_data(self) -> None:
        expected = "01" "0000000000000006" "6974656d2d31" "0000000000000005" "73746f636b"
        self.assertEqual(cf.text_aad(b"item-1", b"stock").hex(), expected)


class WorkedExamples(unittest.TestCase):
    """Section 10."""

    FORMAT = cf.Format(16, "VIP")
    CARD = cf.Card(batch_no=7, serial=123456, issue_no=1)

    def setUp(self) -> None:
        self.keys = cf.round_keys(KEYRING.keys[2].key, self.FORMAT, 2, "default", "live")

    def test_round_keys(self) -> None:
        expected = {
            "mac": "63fc80c56e6641a7898991193852514b62d4aea74ef5364c7ac7a87c7748b9a5",
            "enc": "32a4f206ad51016597b463d253aad98f8e8503319f853f87df9c1de6cf8f8e5e",
            "wrap": "bd6bd82acd84d7d75ca34b1be19eb55e614265f5ff4ae7720dbe5a1380f18f6f",
            "hide": "3b6d96ca94ff317a86cd5b005f38f59b25baccef8c2651fdf62b1001059422e0",
        }
        for label, value in expected.items():
            with self.subTest(label):
                self.assertEqual(getattr(self.keys, label).hex(), value)

    def test_values_between_the_rounds(self) -> None:
        layout = self.FORMAT.layout
        payload = cf.pack_payload(layout, self.CARD)
        rounds = cf.seal_rounds(self.keys, layout, payload)
        whole = cf.join_whole(layout, 2, rounds.body, rounds.tag)
        found = {"payload": payload, "whole": whole, **rounds._asdict()}
        expected = {
            "payload": 0xE000F1201,
            "t0": 0x27586B,
            "body0": 0x1343783D1F948,
            "tag": 0x7DE6219,
            "body": 0xCFA37638008C,
            "whole": 0x267D1BB1C00467DE6219,
        }
        self.assertEqual(set(found), set(expected))
        for name, value in expected.items():
            with self.subTest(name):
                self.assertEqual(found[name], value)
        self.assertEqual(cf.encode_symbols(whole, 16), "4SYHQCE00HKXWRGS")
        self.assertEqual(cf.decode_symbols("4SYHQCE00HKXWRGS"), whole)
        self.assertEqual(cf.open_rounds(self.keys, layout, rounds.body, rounds.tag), (payload, True))

    def test_code(self) -> None:
        codes = cf.Codes(KEYRING, "default", "live", FORMATS)
        self.assertEqual(codes.seal(self.FORMAT, 2, self.CARD), "VIP-4SYH-QCE0-0HKX-WRGS")
        self.assertEqual(codes.open("VIP-4SYH-QCE0-0HKX-WRGS"), cf.Opened(self.FORMAT, 2, self.CARD))

    def test_card_number(self) -> None:
        card = cf.NumberedCard(symbols=16, batch_no=7, serial=123456)
        self.assertEqual(cf.card_number(KEYRING, "default", "live", card), "78268038043477515")
        self.assertEqual(cf.card_of_number(KEYRING, "default", "live", "78268038043477515"), card)

    def test_word_index(self) -> None:
        index = cf.word_index(KEYRING, "default", "live", "Summer 20")
        self.assertEqual(index.hex(), "d1b070069cf1278c5b917970fdbc6c46")

    def test_nonce_of_the_sealed_text(self) -> None:
        nonce = cf.text_nonce(KEYRING, "default", "live", b"item-1", b"stock", b"ABC-123")
        self.assertEqual(nonce.hex(), "445bdc455f3b16adda3e55fec44ce7cad7a8532166c58b01")


class SealingAndOpening(unittest.TestCase):
    """Properties of section 5 that no list of vectors can show."""

    def random_cards(self, seed: int, each: int) -> Iterator[Tuple[cf.Codes, cf.Format, int, cf.Card]]:
        """Random cards for both worlds, all formats and the slots that seal, the same in every run."""
        source = random.Random(seed)
        for world in cf.WORLDS:
            codes = cf.Codes(KEYRING, "default", world, FORMATS)
            for code_format in FORMATS:
                for slot in (1, 2):
                    for _ in range(each):
                        payload = source.getrandbits(code_format.layout.body)
                        yield codes, code_format, slot, cf.unpack_payload(code_format.layout, payload)

    def test_round_trip_of_random_cards(self) -> None:
        for codes, code_format, slot, card in self.random_cards(seed=1, each=100):
            with self.subTest(world=codes.world, format=str(code_format), slot=slot, card=card):
                text = codes.seal(code_format, slot, card)
                self.assertEqual(codes.open(text), cf.Opened(code_format, slot, card))

    def test_changing_any_one_symbol_never_opens(self) -> None:
        for codes, code_format, slot, card in self.random_cards(seed=2, each=2):
            text = codes.seal(code_format, slot, card)
            for at, symbol in enumerate(text):
                if symbol == "-":
                    continue
                with self.subTest(text=text, at=at):
                    for other in cf.ALPHABET:
                        if other == cf.fold(symbol):
                            continue
                        self.assertIsNone(codes.open(text[:at] + other + text[at + 1 :]), other)

    def test_leaving_out_or_doubling_any_one_symbol_never_opens(self) -> None:
        for codes, code_format, slot, card in self.random_cards(seed=3, each=2):
            text = codes.seal(code_format, slot, card)
            for at, symbol in enumerate(text):
                if symbol == "-":
                    continue
                with self.subTest(text=text, at=at):
                    self.assertIsNone(codes.open(text[:at] + text[at + 1 :]))
                    self.assertIsNone(codes.open(text[:at] + symbol + text[at:]))

    def test_a_text_sealed_under_the_decoy_key_never_opens(self) -> None:
        codes = cf.Codes(KEYRING, "default", "live", FORMATS)
        decoy = KEYRING.base_key("decoy", "default", "live")
        for code_format in FORMATS:
            layout = code_format.layout
            rounds = cf.seal_rounds(cf.RoundKeys(decoy, decoy, decoy, decoy), layout, 0)
            for slot in range(1 << layout.slot):
                with self.subTest(format=str(code_format), slot=slot):
                    whole = cf.join_whole(layout, slot, rounds.body, rounds.tag)
                    text = cf.code_text(code_format, "live", cf.encode_symbols(whole, code_format.symbols))
                    self.assertIsNone(codes.open(text))

    def test_least_and_greatest_cards(self) -> None:
        codes = cf.Codes(KEYRING, "default", "live", FORMATS)
        for code_format in FORMATS:
            layout = code_format.layout
            for payload in (0, (1 << layout.body) - 1):
                with self.subTest(format=str(code_format), payload=payload):
                    card = cf.unpack_payload(layout, payload)
                    self.assertEqual(cf.pack_payload(layout, card), payload)
                    text = codes.seal(code_format, 2, card)
                    self.assertEqual(codes.open(text), cf.Opened(code_format, 2, card))

    def test_numbers_too_wide_for_the_format_are_refused(self) -> None:
        codes = cf.Codes(KEYRING, "default", "live", FORMATS)
        for code_format in FORMATS:
            layout = code_format.layout
            for card in (
                cf.Card(1 << layout.batch_no, 0, 0),
                cf.Card(0, 1 << layout.serial, 0),
                cf.Card(0, 0, 1 << layout.issue_no),
                cf.Card(0, -1, 0),
            ):
                with self.subTest(format=str(code_format), card=card):
                    with self.assertRaises(ValueError):
                        codes.seal(code_format, 2, card)

    def test_only_minting_and_opening_slots_seal(self) -> None:
        codes = cf.Codes(KEYRING, "default", "live", FORMATS)
        for slot, allowed in ((0, False), (1, True), (2, True), (3, False)):
            with self.subTest(slot=slot):
                if allowed:
                    codes.seal(cf.Format(16), slot, cf.Card(0, 0, 0))
                else:
                    with self.assertRaises(ValueError):
                        codes.seal(cf.Format(16), slot, cf.Card(0, 0, 0))

    def test_a_slot_too_high_for_the_format_does_not_seal(self) -> None:
        ring = cf.Keyring(KEYRING.base, {9: cf.CodeKey("minting", KEYRING.keys[2].key)})
        codes = cf.Codes(ring, "default", "live")
        with self.assertRaises(ValueError):
            codes.seal(cf.Format(12), 9, cf.Card(0, 0, 0))
        self.assertIsNotNone(codes.open(codes.seal(cf.Format(16), 9, cf.Card(0, 0, 0))))


class Keyrings(unittest.TestCase):
    """Section 2."""

    def test_a_keyring_with_a_fault_is_refused(self) -> None:
        ring = VECTORS["keyring"]
        retired, opening, minting = ring["keys"]
        faults = {
            "unknown field": {**ring, "note": "x"},
            "unknown field of a key": {**ring, "keys": [{**minting, "note": "x"}]},
            "missing field": {"version": 1, "keys": ring["keys"]},
            "other version": {**ring, "version": 2},
            "short base secret": {**ring, "base": "00"},
            "no minting key": {**ring, "keys": [retired, opening]},
            "two minting keys": {**ring, "keys": [minting, {**opening, "state": "minting"}]},
            "a slot twice": {**ring, "keys": [minting, {**opening, "slot": 2}]},
            "slot 32": {**ring, "keys": [{**minting, "slot": 32}]},
            "unknown state": {**ring, "keys": [minting, {**opening, "state": "lost"}]},
        }
        for why, value in faults.items():
            with self.subTest(why):
                with self.assertRaises(ValueError):
                    cf.Keyring.from_json(json.dumps(value))


class Formats(unittest.TestCase):
    """Section 3."""

    def test_layout_table(self) -> None:
        rows = (
            (12, 60, 3, 11, 18, 2, 26, 31),
            (16, 80, 4, 16, 30, 3, 27, 49),
            (20, 100, 4, 20, 30, 4, 42, 54),
            (24, 120, 5, 24, 30, 6, 55, 60),
        )
        self.assertEqual([row[0] for row in rows], list(cf.LAYOUTS))
        for symbols, bits, *widths in rows:
            with self.subTest(symbols=symbols):
                layout = cf.LAYOUTS[symbols]
                self.assertEqual([*layout, layout.body], widths)
                self.assertEqual(layout.slot + layout.body + layout.tag, bits)
                self.assertEqual(5 * symbols, bits)

    def test_prefixes_that_are_refused(self) -> None:
        for prefix in ("ABCDEFGHJ", "SUN", "A-B", "A B", "123", "OIL", "TEST", "test1", "\uff21", "\u00c4"):
            with self.subTest(prefix):
                with self.assertRaises(ValueError):
                    cf.Format(16, prefix)

    def test_prefixes_that_fold_to_the_same_are_the_same(self) -> None:
        for prefix in ("VIP", "vip", "V1P", "vLp"):
            with self.subTest(prefix):
                self.assertEqual(cf.Format(16, prefix), cf.Format(16, "VIP"))

    def test_formats_that_cannot_be_told_apart_are_refused(self) -> None:
        cases = (
            (cf.Format(16), cf.Format(12, "ABCD"), False),
            (cf.Format(16, "AB"), cf.Format(12, "ABCDEF"), False),
            (cf.Format(16, "AB"), cf.Format(12, "ACDEFG"), True),
            (cf.Format(16), cf.Format(12, "ABC"), True),
            (cf.Format(16, "VIP"), cf.Format(16, "V1P"), False),
        )
        for one, other, allowed in cases:
            for pair in ((one, other), (other, one)):
                with self.subTest(formats="%s and %s" % pair):
                    if allowed:
                        cf.check_formats(pair)
                    else:
                        with self.assertRaises(ValueError):
                            cf.check_formats(pair)


class TypedText(unittest.TestCase):
    """Section 4."""

    def test_every_ascii_character(self) -> None:
        for code_point in range(0x80):
            character = chr(code_point)
            upper = character.upper()
            with self.subTest(code_point=code_point):
                if character in "\t\n\x0b\x0c\r -":
                    expected = ""
                elif upper in "OIL":
                    expected = {"O": "0", "I": "1", "L": "1"}[upper]
                else:
                    expected = upper if upper in cf.ALPHABET else None
                self.assertEqual(cf.fold(character), expected)
                if "!" <= character <= "~":
                    self.assertEqual(cf.fold(chr(code_point + 0xFEE0)), expected)

    def test_other_characters(self) -> None:
        separators = "\x85\xa0\xad\u1680\u2000\u200a\u200b\u200d\u2010\u2015\u2028\u2029\u202f\u2043\u205f\u2060\u2212"
        separators += "\u3000\ufe58\ufe63\ufeff\uff0d"
        for character in separators:
            with self.subTest(separator=hex(ord(character))):
                self.assertEqual(cf.fold(character), "")
        for character in "\u200e\u2016\u2061\u180e\u2044\uff00\uff5f\u0661\u017f\u0131\U0001d7d8\x00\x1c":
            with self.subTest(refused=hex(ord(character))):
                self.assertIsNone(cf.fold(character))

    def test_lengths(self) -> None:
        cases = (("A" * 36, "A" * 36), ("A" * 37, None), (" " * 256, ""), (" " * 257, None), ("\u3000" * 86, None))
        for text, expected in cases:
            with self.subTest(bytes=len(text.encode())):
                self.assertEqual(cf.fold(text), expected)


class Odds(unittest.TestCase):
    """Section 6."""

    # symbols, bits at 2^16, 2^20 and 2^30 live, log2 of the most live at 40 and at 60 bits
    TABLE = (
        (12, 41, 37, None, 17, None),
        (16, 54, 54, 46, 36, None),
        (20, 80, 76, 66, 50, 36),
        (24, 99, 95, 85, 54, 54),
    )

    def test_guess_bits_of_the_table(self) -> None:
        for symbols, *row in self.TABLE:
            layout = cf.LAYOUTS[symbols]
            for log2, expected in zip((16, 20, 30), row):
                with self.subTest(symbols=symbols, log2=log2):
                    if expected is None:
                        self.assertGreater(log2, layout.batch_no + layout.serial)
                    else:
                        self.assertEqual(cf.guess_bits(symbols, 2**log2), expected)

    def test_most_live_of_the_table(self) -> None:
        for symbols, *row in self.TABLE:
            layout = cf.LAYOUTS[symbols]
            for bits, expected in zip((cf.LEAST_BITS["coupon"], cf.LEAST_BITS["stored value"]), row[3:]):
                with self.subTest(symbols=symbols, bits=bits):
                    most = cf.most_live_log2(symbols, bits)
                    self.assertEqual(most, expected)
                    if most is not None:
                        self.assertGreaterEqual(cf.guess_bits(symbols, 2**most), bits)
                        if most < layout.batch_no + layout.serial:
                            self.assertLess(cf.guess_bits(symbols, 2**most + 1), bits)

    def test_logarithm_is_rounded_up(self) -> None:
        for live, expected in ((0, 52), (1, 52), (32, 52), (33, 51), (64, 51), (65, 50)):
            with self.subTest(live=live):
                self.assertEqual(cf.guess_bits(12, live), expected)


class CardNumbers(unittest.TestCase):
    """Properties of section 7 that no list of vectors can show."""

    def test_round_trip_of_random_cards(self) -> None:
        source = random.Random(4)
        for symbols, layout in cf.LAYOUTS.items():
            for _ in range(200):
                batch_no = source.randint(0, cf.MAX_NUMBERED_BATCH[symbols])
                card = cf.NumberedCard(symbols, batch_no, source.getrandbits(layout.serial))
                with self.subTest(card=card):
                    number = cf.card_number(KEYRING, "default", "live", card)
                    self.assertRegex(number, "^[0-9]{17}$")
                    self.assertEqual(cf.card_of_number(KEYRING, "default", "live", number), card)

    def test_ranges_of_the_index_follow_each_other(self) -> None:
        for symbols, following in ((12, 16), (16, 20), (20, 24)):
            with self.subTest(symbols=symbols):
                layout = cf.LAYOUTS[symbols]
                end = cf.NUMBER_BASES[symbols] + (1 << layout.batch_no + layout.serial)
                self.assertEqual(end, cf.NUMBER_BASES[following])
        end = cf.NUMBER_BASES[24] + (cf.MAX_NUMBERED_BATCH[24] + 1 << 30)
        self.assertLessEqual(end, cf.NUMBER_LIMIT)
        self.assertGreater(end + 2**30, cf.NUMBER_LIMIT)

    def test_batches_beyond_the_last_have_no_number(self) -> None:
        for symbols, last in cf.MAX_NUMBERED_BATCH.items():
            with self.subTest(symbols=symbols):
                with self.assertRaises(ValueError):
                    cf.card_number(KEYRING, "default", "live", cf.NumberedCard(symbols, last + 1, 0))

    def test_numbers_behind_the_last_batch_name_no_card(self) -> None:
        with mock.patch.dict(cf.MAX_NUMBERED_BATCH, {24: cf.MAX_NUMBERED_BATCH[24] + 1}):
            number = cf.card_number(KEYRING, "default", "live", cf.NumberedCard(24, 8199113, 0))
            self.assertIsNotNone(cf.card_of_number(KEYRING, "default", "live", number))
        self.assertIsNone(cf.card_of_number(KEYRING, "default", "live", number))

    def test_letters_read_as_digits(self) -> None:
        card = cf.NumberedCard(16, 7, 123456)
        for text in ("7826803804347751S", "7826803804347751A"):
            with self.subTest(text):
                self.assertIsNone(cf.card_of_number(KEYRING, "default", "live", text))
        for text in ("78268O38O43477515", "7826803804347751\uff15", "782680380434775I5", "782680380434775l5"):
            with self.subTest(text):
                self.assertEqual(cf.card_of_number(KEYRING, "default", "live", text), card)

    def test_changing_any_one_digit_is_noticed(self) -> None:
        number = cf.card_number(KEYRING, "default", "live", cf.NumberedCard(16, 7, 123456))
        for at, digit in enumerate(number):
            with self.subTest(at=at):
                for other in set("0123456789") - {digit}:
                    changed = number[:at] + other + number[at + 1 :]
                    self.assertIsNone(cf.card_of_number(KEYRING, "default", "live", changed))


class Words(unittest.TestCase):
    """Section 8 where it has no vectors."""

    def test_words_that_are_refused(self) -> None:
        cases = {
            "more than 1,024 bytes": "A" * 1025,
            "a control character": "SUM\x07MER",
            "two characters under `word`": "a - b",
            "41 characters": "U" * 41,
            "shape of a registered format": "9V24-22P5-73TX",
            "shape of a format with a prefix": "vip 0000 0000 0000",
            "shape of a card number": "95087412693618236",
            "shape of a format once normalised": "\u2460" * 12,
            "shape of a card number once normalised": "\u2460" * 17,
        }
        for profile in cf.PROFILES:
            for why, text in cases.items():
                with self.subTest(why, profile=profile):
                    self.assertIsNone(cf.public_word(text, profile, "live", FORMATS))

    def test_words_at_the_limits(self) -> None:
        for text in ("abu", "U" * 40, "\U0001f381" * 3):
            for profile in cf.PROFILES:
                with self.subTest(profile, text=text):
                    self.assertIsNotNone(cf.public_word(text, profile, "live", FORMATS))

    def test_profiles(self) -> None:
        cases = (
            ("word", "\u3000Stra\u00dfe\u200b 1\u00ad2 ", "STRASSE12"),
            ("word", "\u0149", "\u02bcN"),
            ("case_sensitive", "\u3000\u2003Stra\u00dfe 1-2\u00a0", "Stra\u00dfe 1-2"),
            ("case_sensitive", "\u200babc\u001c", "\u200babc\u001c"),
        )
        for profile, text, expected in cases:
            with self.subTest(profile, text=text):
                self.assertEqual(cf.normalise(text, profile), expected)

    def test_all_overlong_texts_have_one_index(self) -> None:
        indices = {cf.word_index(KEYRING, "default", "live", text) for text in ("A" * 1025, "\u00e9" * 513, "B" * 9999)}
        self.assertEqual(indices, {cf.mac(KEYRING.base_key("word", "default", "live"), [b"", b"overlong"])[:16]})
        self.assertNotIn(cf.word_index(KEYRING, "default", "live", "A" * 1024), indices)


if __name__ == "__main__":
    unittest.main()
