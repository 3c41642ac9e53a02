"""Replays tests/vectors/codes.json and the worked examples through the second implementation."""

import json
import pathlib
import random
import re
import unittest

from code_format import ALPHABET, Card, CodeBook, Format, Keyring, LAYOUTS, Opened, fold, resolves

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = json.loads((HERE.parent / "vectors" / "codes.json").read_text(encoding="utf-8"))
DOCUMENT = (HERE.parent.parent / "docs" / "code-format.md").read_text(encoding="utf-8")


def format_of(fields: dict) -> Format:
    return Format(fields["symbols"], fields.get("prefix", ""))


FORMATS = [format_of(fields) for fields in VECTORS["formats"]]
KEYRING = Keyring(VECTORS["keyring"])


def book(fields: dict) -> CodeBook:
    return CodeBook(KEYRING, fields["tenant"], fields["world"], FORMATS)


def same_format(ours: Format, theirs: Format) -> bool:
    return ours.symbols == theirs.symbols and fold(ours.prefix) == fold(theirs.prefix)


class Vectors(unittest.TestCase):
    def opened_of(self, case: dict):
        fields = case["opens"]
        if fields is None:
            return None
        form = next(form for form in FORMATS if same_format(form, format_of(fields["format"])))
        return Opened(form, fields["slot"], Card(fields["batch_no"], fields["serial"], fields["issue_no"]))

    def test_every_case_opens_as_the_vectors_say(self):
        for case in VECTORS["cases"]:
            with self.subTest(case["why"]):
                self.assertEqual(book(case).open(case["text"]), self.opened_of(case))

    def test_every_case_resolves_as_the_vectors_say(self):
        for case in VECTORS["cases"]:
            with self.subTest(case["why"]):
                opened = book(case).open(case["text"])
                self.assertEqual(resolves(opened, *self.batch_of(case, opened)), case["resolves"])

    def batch_of(self, case: dict, opened):
        """The batch of that tenant, world and number in codes of that width, and the card's issue number."""
        for batch in VECTORS["batches"]:
            form = format_of(batch["format"])
            here = batch["tenant"] == case["tenant"] and case["world"] in batch["worlds"]
            if opened and here and batch["batch_no"] == opened.card.batch_no:
                numbers = {card["serial"]: card["issue_no"] for card in batch["issue_no_now"]}
                return {**batch, "format": form}, numbers.get(opened.card.serial, 0)
        return None, 0

    def test_codes_that_open_are_minted_again(self):
        minted = 0
        for case in VECTORS["cases"]:
            opened = self.opened_of(case)
            if opened is not None:
                with self.subTest(case["why"]):
                    text = book(case).seal(opened.format, opened.slot, opened.card)
                    self.assertEqual(fold(text), fold(case["text"]))
                    minted += 1
        self.assertGreater(minted, 20)

    def test_card_numbers(self):
        for case in VECTORS["card_numbers"]:
            with self.subTest(case["why"]):
                card = case["card"]
                found = card and (card["symbols"], card["batch_no"], card["serial"])
                self.assertEqual(book(case).card_of_number(case["text"]), found)
                if card:
                    self.assertEqual(book(case).card_number(*found), fold(case["text"]))

    def test_words(self):
        for case in VECTORS["words"]:
            with self.subTest(case["text"]):
                self.assertEqual(book(case).word_index(case["text"]).hex(), case["index"])
                for profile in ("word", "case_sensitive"):
                    self.assertEqual(book(case).public_word(case["text"], profile), case[profile])

    def test_nonces_of_sealed_texts(self):
        for case in VECTORS["texts"]:
            item_id, plaintext = bytes.fromhex(case["item_id"]), case["plaintext"].encode()
            nonce = book(case).text_nonce(item_id, case["purpose"], plaintext)
            self.assertEqual(case["sealed"][2:50], nonce.hex())


class Document(unittest.TestCase):
    def example(self, name: str) -> str:
        return re.search(rf"^{name} +(\S+)$", DOCUMENT, re.MULTILINE).group(1)

    def ring(self) -> CodeBook:
        json_text = {
            "version": 1,
            "base": bytes(range(32)).hex(),
            "keys": [{"slot": 2, "state": "minting", "key": bytes(range(0x60, 0x80)).hex()}],
        }
        return CodeBook(Keyring(json_text), "default", "live", [Format(16, "VIP")])

    def test_the_worked_example_comes_out_number_by_number(self):
        ring, form, card = self.ring(), Format(16, "VIP"), Card(7, 123456, 1)
        for name in ("mac", "enc", "wrap", "hide"):
            key = ring.keyring.round_key(name, form, 2, "default", "live")
            self.assertEqual(key.hex(), self.example(f"k_{name}"))
        for name, number in ring.trace(form, 2, card).items():
            self.assertEqual(number, int(self.example(name), 16), name)
        self.assertEqual(ring.seal(form, 2, card), self.example("code"))
        self.assertEqual(ring.card_number(16, 7, 123456), self.example("number"))
        self.assertEqual(ring.word_index("Summer 20").hex(), self.example("index"))

    def test_the_table_of_odds(self):
        rows = re.findall(r"^\| (12|16|20|24) \| (\d+) \| (\d+) \| (\d+|–) \| 2\^\d+ \|", DOCUMENT, re.MULTILINE)
        self.assertEqual(len(rows), 4)
        for symbols, *bits in rows:
            for live, stated in zip((16, 20, 30), bits):
                if stated != "–":
                    self.assertEqual(Format(int(symbols)).guess_bits(1 << live), int(stated))


class Properties(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(7)
        self.book = CodeBook(KEYRING, "default", "live", FORMATS)
        self.slot = max(KEYRING.keys)

    def card(self, symbols: int) -> Card:
        layout = LAYOUTS[symbols]
        widths = (layout.batch_no, layout.serial, layout.issue_no)
        return Card(*(self.random.getrandbits(bits) for bits in widths))

    def test_sealed_codes_open_again(self):
        for form in FORMATS:
            for _ in range(50):
                card = self.card(form.symbols)
                opened = self.book.open(self.book.seal(form, self.slot, card))
                self.assertEqual((opened.format, opened.slot, opened.card), (form, self.slot, card))

    def test_a_changed_symbol_never_opens(self):
        for symbols in LAYOUTS:
            code = self.book.seal(Format(symbols), self.slot, self.card(symbols)).replace("-", "")
            for place, symbol in enumerate(code):
                for other in self.random.sample(ALPHABET.replace(symbol, ""), 5):
                    self.assertIsNone(self.book.open(code[:place] + other + code[place + 1 :]))


if __name__ == "__main__":
    unittest.main()
