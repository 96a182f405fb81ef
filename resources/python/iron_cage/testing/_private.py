"""Private data in texts: the rules of the control room for email addresses, American phone numbers and tax numbers.

The room knows more: disguises, phone numbers of the world, cards, accounts, keys. What is found here, it finds as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from iron_cage.testing._nearby import GROUPED_PHONE_WORDS, PHONE_WORDS, TAX_WORDS, hint_before

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any


@dataclass(frozen=True)
class PrivateType:
    marker: str
    severity: str
    risk: str
    called: str


PRIVATE_TYPES = {
    "email": PrivateType("[EMAIL_REDACTED]", "CRITICAL", "HIGH", "an email address"),
    "phone": PrivateType("[PHONE_REDACTED]", "WARN", "MEDIUM", "a phone number"),
    "ssn": PrivateType("[SSN_REDACTED]", "CRITICAL", "HIGH", "a social security number"),
    "itin": PrivateType("[ITIN_REDACTED]", "CRITICAL", "HIGH", "a taxpayer number"),
}


@dataclass(frozen=True)
class Found:
    """Something private in a text; `value` is it without decoration: `ceo@acme.com`, `+14155550132`, `078051120`."""

    type: str
    start: int
    end: int
    value: str


def find_private(text: str) -> list[Found]:
    """What is private in the text, in order; no two overlap."""
    chosen: list[Found] = []
    for found in (*_emails(text), *_tax_numbers(text), *_phones(text)):
        if not any(found.start < other.end and other.start < found.end for other in chosen):
            chosen.append(found)
    return sorted(chosen, key=lambda one: one.start)


def redact(text: str) -> str:
    """The text with markers in place of what is private."""
    return _marked(text, find_private(text))


def _marked(text: str, found: list[Found]) -> str:
    pieces, done = [], 0
    for one in found:
        pieces += [text[done : one.start], PRIVATE_TYPES[one.type].marker]
        done = one.end
    return "".join((*pieces, text[done:]))


def replace_strings(value: Any, place: str, change: Callable[[str, str], str]) -> Any:
    """JSON with each text in it as `change(text, place)` gives it."""
    if isinstance(value, str):
        return change(value, place)
    if isinstance(value, list | tuple):
        return [replace_strings(one, f"{place}[{number}]", change) for number, one in enumerate(value)]
    if isinstance(value, dict):
        return {name: replace_strings(one, f"{place}.{name}", change) for name, one in value.items()}
    return value


# Email addresses

_COMMON_ENDINGS_TEXT = (
    "com org net edu gov mil int info biz name pro io co ai app dev me tv cc us uk ca au nz ie de fr es it nl be lu ch at se no dk fi is "
    "pl pt cz sk hu ro bg gr ee lv lt eu ru ua tr in pk jp cn kr tw hk sg my th vn id ph br mx ar cl pe za ng ke eg il ae sa ir online "
    "site tech cloud xyz shop store example test invalid"
)
_COMMON_ENDINGS = frozenset(_COMMON_ENDINGS_TEXT.split())
_FILE_ENDINGS_TEXT = (
    "png jpg jpeg gif webp svg ico bmp avif heic tif tiff psd pdf txt csv tsv log html htm xhtml css scss sass less js mjs cjs jsx ts "
    "mts cts tsx vue json jsonl yaml yml toml xml lock map wasm woff otf ttf eot mp3 wav ogg mkv webm avi exe dll dylib jar war tar gz "
    "tgz bz2 rar deb rpm dmg iso doc docx xls xlsx ppt pptx odt rtf tex java kt cpp hpp rb php swift sql bak tmp orig patch diff conf "
    "cfg ini env"
)
_FILE_ENDINGS = frozenset(_FILE_ENDINGS_TEXT.split())
_EMAIL = re.compile(r"(?P<local>\"[\w.'%+-]{1,62}\"|[\w.'%+-]{1,64})@(?P<domain>[a-z0-9_-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE | re.ASCII)
_ENDING = re.compile(r"(?:xn--[a-z0-9-]{2,59}|[a-z]{2,24})\Z", re.IGNORECASE)


def _emails(text: str) -> Iterator[Found]:
    for hit in _EMAIL.finditer(text):
        start, local = hit.start(), hit["local"]
        while local and not (local[0].isalnum() or local[0] in '_"'):
            start, local = start + 1, local[1:]
        end = _domain_end(hit["domain"], hit.start("domain"))
        if not local or local == "git" or end is None:
            continue
        yield Found("email", start, end, f"{local.strip(chr(34))}@{text[hit.start('domain') : end]}".lower())


def _domain_end(domain: str, start: int) -> int | None:
    labels = domain.split(".")
    if re.fullmatch(r"v?\d+", labels[0], re.IGNORECASE) and labels[1][0].isdigit():
        return None
    end = start + len(domain)
    last = labels[-1]
    if _ENDING.match(last) and last.lower() not in _FILE_ENDINGS:
        if len(labels) > 2 and labels[-2].lower() in _COMMON_ENDINGS and last.istitle():
            end -= len(last) + 1
        return None if labels[0] in ("self", "this") and last.lower() not in _COMMON_ENDINGS else end
    for label in reversed(labels[1:]):
        if label.lower() in _COMMON_ENDINGS and re.fullmatch(r"\d+x", labels[0], re.IGNORECASE) is None:
            return end
        end -= len(label) + 1
    return None


# Numbers


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_") or "\u00c0" <= character <= "\u024f"


def _is_glued_before(text: str, at: int) -> bool:
    """Whether what begins here is a piece of something longer: a word, an id, a fraction, a price."""
    if at == 0:
        return False
    before = text[at - 1]
    return before in "$€£¥" or _is_word_before(text, at) or (before in "-.+" and _is_word_before(text, at - 1))


def _is_word_before(text: str, at: int) -> bool:
    if at == 0 or not _is_word(text[at - 1]):
        return False
    if text[at - 1] == "_":
        return at > 1 and _is_word(text[at - 2])
    return not (text[at - 1] in "nrt" and at > 1 and text[at - 2] == "\\")


def _is_glued_after(text: str, at: int) -> bool:
    after = text[at : at + 3]
    if not after:
        return False
    if _is_word(after[0]):
        is_new_word = re.match(r"[A-Z][a-z][a-z]", after) is not None
        return not is_new_word and (after[0] != "_" or (len(after) > 1 and _is_word(after[1])))
    if after[0] == "-":
        return len(after) > 1 and _is_word(after[1])
    return after[0] == "." and len(after) > 1 and after[1] in "0123456789"


def _has_number_beside(text: str, start: int, end: int) -> bool:
    return re.search(r"[0-9] \Z", text[max(0, start - 2) : start]) is not None or re.match(r" [0-9]", text[end : end + 2]) is not None


# Tax numbers

_GROUPED_TAX = re.compile(r"(?<![0-9])([0-9]{3})(-|\.| - | )([0-9]{2})\2([0-9]{4})(?![0-9])")
_BARE_TAX = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")
_GLUED_WORD = re.compile(r"(?:^|[^A-Za-z])(?:ssn|itin|tin)[-.]\Z", re.IGNORECASE)
# Printed in leaflets and adverts, and so typed in demos.
_SAMPLES = ("078051120", "219099999", "457555462", "123456789", "111111111")


def _tax_type(digits: str) -> str | None:
    if digits[:3] in ("000", "666") or digits[3:5] == "00" or digits[5:] == "0000":
        return None
    return "itin" if digits[:3] >= "900" else "ssn"


def _is_issued_itin(digits: str) -> bool:
    group = int(digits[3:5])
    return 50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or group >= 94


def _tax_numbers(text: str) -> Iterator[Found]:
    for hit in _GROUPED_TAX.finditer(text):
        start, end, separator = hit.start(), hit.end(), hit[2]
        digits = hit[1] + hit[3] + hit[4]
        kind = _tax_type(digits)
        if kind is None or _is_piece(text, start, end) or (separator == " " and _has_number_beside(text, start, end)):
            continue
        hint = hint_before(text, start, TAX_WORDS)
        is_plain = separator == "-" or (separator in " ." and (kind == "ssn" or _is_issued_itin(digits)))
        if (is_plain if hint is None else hint or (is_plain and separator != "." and digits in _SAMPLES)) is True:
            yield Found(kind, start, end, digits)
    for hit in _BARE_TAX.finditer(text):
        kind = _tax_type(hit[0])
        if kind is not None and not _is_piece(text, hit.start(), hit.end()) and hint_before(text, hit.start(), TAX_WORDS):
            yield Found(kind, hit.start(), hit.end(), hit[0])


def _is_piece(text: str, start: int, end: int) -> bool:
    is_named = _GLUED_WORD.search(text[max(0, start - 6) : start]) is not None
    return (_is_glued_before(text, start) and not is_named) or _is_glued_after(text, end)


# American phone numbers

# The second and third digits of the areas, by their first.
_AREAS = {
    "2": "01020304050607080910121314151617181920232425262728293134353639404849505152535456576062636769707273747679818389",
    "3": "010203040506070809101213141516171819202123242526272930313234363739414346475051525354606163646567686980828586",
    "4": "01020304050607080910121314151617181923242528303132343537384042434547485058636468697072747578798084",
    "5": "000102030405060708091012131415161718192021222526272829303132333439404144485155575961626364666770717273747577798081828485868788",
    "6": "000102030405060708091012131415161718192022232628293031333639404145464750515657585960616267697278808182838689",
    "7": "0102030405060708091213141516171819202425262728303132343738404243474853545760626365697071727374757879808182858687",
    "8": "000102030405060708091012131415161718192021252628293031323335383940434445474849505455565758596062636465666770727377787988",
    "9": "00010203040506070809101213141516171819202528293031343637383940414243454748495152545659707172737578798084858689",
}
_AREA_CODES = frozenset(first + rest[at : at + 2] for first, rest in _AREAS.items() for at in range(0, len(rest), 2))

_SEPARATOR = r"(?:[ \n]?[-./] ?|[ \n] ?)"
_PHONE = re.compile(
    rf"(?<![0-9])(?P<plus>\+)?(?:(?P<country>1)(?!\. |\.[0-9]{{4}})(?:{_SEPARATOR})?(?=\(?[0-9]))?"
    rf"(?:(?P<open>\()?(?P<area>[0-9]{{3}})(?(open)\))(?P<first>(?(open)(?:{_SEPARATOR})?|{_SEPARATOR}))"
    rf"(?P<exchange>[0-9]{{3}})(?P<second>{_SEPARATOR})(?P<line>[0-9]{{4}})|(?P<bare>[0-9]{{10}})"
    rf"|(?P<pair>[0-9]{{3}})(?P<hyphen>-)(?P<seven>[0-9]{{7}}))(?![0-9])"
    r"(?P<extension>[ ,;]{0,2}(?:extension|extn|ext|x)[ .:=#]{0,3}[0-9]{1,6}(?![A-Za-z0-9_]))?",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:^|[\s,;|(])[tpmchwof]:\s?\Z|\b(?:my|your|his|her|their|our)\s"
    r"(?:(?:new|old|direct|work|home|private|personal|main|office)\s)?number\b[^\n\d]{0,20}\Z",
    re.IGNORECASE,
)
# Counting, and where 32 bits end.
_NO_PHONES = ("1234567890", "2147483647", "2147483648")


def _phones(text: str) -> Iterator[Found]:
    for hit in _PHONE.finditer(text):
        national = (hit["area"] or "") + (hit["exchange"] or "") + (hit["line"] or "") or hit["bare"] or hit["pair"] + hit["seven"]
        if _is_phone(text, hit, national):
            yield Found("phone", hit.start(), hit.end(), f"+1{national}")


def _is_phone(text: str, hit: re.Match[str], national: str) -> bool:
    start, end = hit.start(), hit.end()
    is_international = hit["plus"] is not None
    if is_international and hit["country"] is None:
        return False
    is_piece = _is_word_before(text, start) if text[start] == "(" else _is_glued_before(text, start)
    if is_piece or (hit["extension"] is None and (_is_glued_after(text, end) or re.match(r" ?=", text[end : end + 2]) is not None)):
        return False
    has_shape = national[0] >= "2" and national[3] >= "2"
    is_plausible = national.startswith("555") or national == "1234567890"
    is_plausible = is_plausible or (has_shape and (national[3:6] == "555" or national[:3] in _AREA_CODES))
    if not is_plausible and not has_shape:
        return False
    is_grouped = hit["area"] is not None
    is_strong = is_international or hit["open"] is not None or (hit["extension"] is not None and is_grouped)
    if is_plausible and is_strong:
        return True
    hint = hint_before(text, start, GROUPED_PHONE_WORDS if is_grouped else PHONE_WORDS)
    if hint or _LABEL.search(text[max(0, start - 48) : start]):
        return True
    return is_plausible and hint is None and _is_plainly_written(text, hit, national)


def _is_plainly_written(text: str, hit: re.Match[str], national: str) -> bool:
    start, end = hit.start(), hit.end()
    if hit["bare"]:
        around = text[:start] + text[end:]
        return national not in _NO_PHONES and start <= 8 and len(text) - end < 8 and not around.strip(" \t\r\n\"'")
    if hit["pair"]:
        return True
    first, second = hit["first"], hit["second"]
    if len(first) > 2 or len(second) > 1 or second == "/" or "\n" in first:
        return False
    return first != " " or second != " " or not _has_number_beside(text, start, end)
