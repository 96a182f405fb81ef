"""What the words before a number say about it."""

from __future__ import annotations

import re

_LOOK_BACK = 64
_MOST_NAMES = 2
# Behind these a word no longer speaks against a number: another line, number, clause or sentence.
_CUT = re.compile(
    r"[\n\d!?;,]|(?<!\bref)(?<!\bno)(?<!\bnr)(?<!\binv)(?<!\bart)(?<!\bord)(?<!\btkt)(?<!\bver)(?<!\bvers)\.\s", re.IGNORECASE
)
_WORD = re.compile(r"#|[A-Z]?[a-z]+|[A-Z]+")
_VERB = re.compile(r"\bto\s$", re.IGNORECASE)

# What may stand between a word and the number it speaks of.
_LINKS_TEXT = (
    "number numbers no nr num nos code id ids is was are be as of the a an my your his her our their its this that for has with equals "
    "value and or at on to me us him them now today back please via directly direct line office work home new old free toll support help "
    "details info information u by package parcel string nbr em it up first instead still under anytime named address # security sec "
    "identification ident full complete"
)
_LINKS = frozenset(_LINKS_TEXT.split())


class Vocabulary:
    __slots__ = ("asks", "denies", "names")

    def __init__(self, names: str, asks: str, denies: str) -> None:
        #: They make a number what is looked for, wherever they stand.
        self.names = frozenset(names.split())
        #: They do so where only small words and names stand between.
        self.asks = frozenset(asks.split())
        #: They make it something else, where only small words stand between.
        self.denies = frozenset(denies.split())


TAX_WORDS = Vocabulary(
    "ssn ssns itin itins taxpayer soc",
    "ss social socials tin tax",
    "sku part parts isbn catalog version build model tracking phone tel fax mobile ticket order invoice serial lot batch routing account "
    "acct zip ein fein duns po patent aba passport release",
)

PHONE_WORDS = Vocabulary(
    "phone phones phoned telephone tel telefon mobile mobil mob cell cellphone cellular landline fax telefax pager sms mms whatsapp viber "
    "imessage voicemail hotline helpline callback ph msisdn switchboard caller dial dialed dialled dialing",
    "call calls calling called ring rang text texted texting contact reach reached reachable telegram signal",
    "# order orders invoice invoices id ids uid guid uuid ref reference ticket tickets tracking sku skus isbn issn ean upc gtin asin "
    "timestamp timestamps epoch unix case claim serial part parts model po confirmation transaction txn build version commit account acct "
    "routing customer member policy zip lot batch license licence badge patent shipment receipt booking user reservation item product "
    "barcode hash checksum seed nonce npi ein duns row rows bytes offset ip oid pid port price total amount coordinates lat lon lng "
    "latitude longitude revision release imei meid vin docket folio doi pmid catalog catalogue bib voucher coupon asset ssn tin equation "
    "formula range ratio score count sum quantity qty inventory sn mrn ndc dea",
)

#: In groups of three, three and four a number beside whom it is about is a phone's all the same.
GROUPED_PHONE_WORDS = Vocabulary("", "", "")
GROUPED_PHONE_WORDS.names, GROUPED_PHONE_WORDS.asks = PHONE_WORDS.names, PHONE_WORDS.asks
GROUPED_PHONE_WORDS.denies = PHONE_WORDS.denies - {"user", "customer", "member"}


def hint_before(text: str, start: int, vocabulary: Vocabulary) -> bool | None:
    """Whether they make it what is looked for; None where they say nothing. The nearest one counts."""
    earliest = max(0, start - _LOOK_BACK)
    names, is_linked = 0, True
    for found in reversed(list(_WORD.finditer(text, earliest, start))):
        written = found.group()
        word = written.lower()
        if word in vocabulary.names:
            return True
        if not is_linked:
            continue
        if names <= _MOST_NAMES and word in vocabulary.asks:
            return True
        if names == 0 and word in vocabulary.denies:
            is_verb = _VERB.search(text[max(earliest, found.start() - 4) : found.start()]) is not None
            if not is_verb and _CUT.search(text[found.start() : start]) is None:
                return False
        if word in _LINKS:
            continue
        if len(written) > 1 and written[0].isupper() and written[1].islower():
            names += 1
        else:
            is_linked = False
    return None
