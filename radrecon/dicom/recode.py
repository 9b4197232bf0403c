"""Room for new text: Specific Character Set (0008,0005), changed only where it must be (PS3.3 C.12.1.1.2).

Text that a dataset already holds keeps every letter: what is re-encoded is decoded strictly first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydicom import config
from pydicom.charset import TEXT_VR_DELIMS, convert_encodings, decode_bytes, encode_string, python_encoding
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR

from radrecon.dicom.charset import decode
from radrecon.dicom.elements import usual_vr
from radrecon.dicom.identity import astray, text
from radrecon.model.errors import Trouble

LATIN_1, UTF_8 = "ISO_IR 100", "ISO_IR 192"
# pydicom reads these as Latin-1; only ASCII is theirs to write
ASCII = {"", "ISO_IR 6", "ISO 2022 IR 6"}
UNREADABLE = "\ufffd"
ORIGINAL_ATTRIBUTES = "OriginalAttributesSequence"


def make_room(dataset: Dataset, texts: Iterable[str]) -> None:
    """See to it that the character set holds `texts`: as it is, else Latin-1 where none was declared, else UTF-8."""
    wanted = [one for one in texts if not one.isascii()]
    declared = charset_of(dataset)
    if fits(wanted, declared):
        return
    # an undeclared set is read as Latin-1, so that declaring it changes no byte
    recode(dataset, LATIN_1 if not any(declared) and fits(wanted, [LATIN_1]) else UTF_8)


def recode(dataset: Dataset, charset: str | list[str]) -> None:
    """Change the character set and all text with it. Raises Trouble where present text cannot be read."""
    _read_all(dataset)
    if any(UNREADABLE in one for one in texts_of(dataset)):
        raise Trouble("the image holds text that its character set cannot read; it is left as it is")
    if charset:
        dataset.SpecificCharacterSet = charset
    elif "SpecificCharacterSet" in dataset:
        del dataset.SpecificCharacterSet


def mend(dataset: Dataset, tags: Iterable[int]) -> set[int]:
    """Text that its character set cannot read becomes what it is, before the library drops letters; which tags."""
    return {tag for tag in tags if _mend(dataset, tag)}


def _mend(dataset: Dataset, tag: int) -> bool:
    element = dataset.get_item(tag)
    if element is None:
        return False
    vr = element.VR or usual_vr(tag)
    if vr == "SQ":
        mended = [mend(item, map(int, list(item.keys()))) for item in dataset[tag].value or ()]
        return any(mended)
    raw = astray(dataset, tag)
    if not raw or not _loses(raw, dataset.original_character_set):
        return False
    dataset[tag] = DataElement(tag, vr, decode(raw, ()).rstrip(" \0"), validation_mode=config.IGNORE)
    return True


def _loses(raw: bytes, codecs: str | list[str]) -> bool:
    """Whether the library's reading drops letters. Latin-1, which it takes for no set at all, drops none."""
    return UNREADABLE in raw.decode(codecs if isinstance(codecs, str) else codecs[0], "replace")


def return_to(dataset: Dataset, charset: list[str]) -> None:
    """Go back to a former character set if all text fits; kept prior values that do not fit get a set of their own."""
    if charset == charset_of(dataset):
        return
    kept = dataset.get(ORIGINAL_ATTRIBUTES) or []
    if not fits((one for one in texts_of(dataset, leave_out=ORIGINAL_ATTRIBUTES)), charset or [LATIN_1]):
        return
    for item in kept:
        if "SpecificCharacterSet" not in item and not fits(texts_of(item), charset):
            _read_all(item)
            item.SpecificCharacterSet = UTF_8
    recode(dataset, charset[0] if len(charset) == 1 else charset)


def _read_all(dataset: Dataset) -> None:
    """Turn bytes into text by the present set. A PersonName that remembers its bytes would be written with them."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                if "SpecificCharacterSet" not in item:
                    _read_all(item)
        elif element.VR == "PN" and not element.is_empty:
            names = [str(one) for one in (element.value if element.VM > 1 else [element.value])]
            fresh = DataElement(element.tag, "PN", names if len(names) > 1 else names[0], validation_mode=config.IGNORE)
            dataset[element.tag] = fresh


def charset_of(dataset: Dataset) -> list[str]:
    """The declared terms; [] where there is none."""
    declared = text(dataset, "SpecificCharacterSet")
    return declared.split("\\") if declared else []


def fits(texts: Iterable[str], charset: list[str]) -> bool:
    """Whether every text comes back from these terms as it went in; no terms, or none that is known, means ASCII."""
    if any(term not in python_encoding for term in charset):
        return all(one.isascii() for one in texts)
    terms = charset or [""]
    codecs = list(convert_encodings(list(terms)))
    strict = ["ascii" if term in ASCII else codec for term, codec in zip(terms, codecs, strict=False)]
    return all(one.isascii() or (_holds_all(strict, one) and _round_trips(codecs, one)) for one in texts)


def texts_of(dataset: Dataset, leave_out: str = "") -> Iterator[str]:
    """All text whose bytes depend on the character set, items with a set of their own left out."""
    for element in dataset:
        if element.VR == "SQ" and element.keyword != leave_out:
            for item in element.value:
                yield from () if "SpecificCharacterSet" in item else texts_of(item)
        elif element.VR in CUSTOMIZABLE_CHARSET_VR:
            yield from texts_in(element)


def texts_in(element: DataElement) -> Iterator[str]:
    values = element.value if element.VM > 1 else [element.value]
    yield from (str(one) for one in values if one)


def _round_trips(codecs: list[str], value: str) -> bool:
    return bool(decode_bytes(encode_string(value, codecs), codecs, TEXT_VR_DELIMS) == value)


def _holds_all(codecs: list[str], value: str) -> bool:
    return all(any(_holds(codec, letter) for codec in codecs) for letter in value)


def _holds(codec: str, letter: str) -> bool:
    try:
        letter.encode(codec)
    except (UnicodeError, LookupError):
        return False
    return True
