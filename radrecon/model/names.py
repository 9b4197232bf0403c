"""Person names as one value for DICOM PN (PS3.5 6.2.1) and HL7 XPN (chapter 2A).

The canonical text is DICOM's: up to three groups parted by `=`, each `family^given^middle^prefix^suffix`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from radrecon.model.altering import Compared


@dataclass(frozen=True, eq=False)
class NameGroup(Compared):
    """One component group, components in PN order."""

    family: str = ""
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def parse(cls, text: str) -> NameGroup:
        """`DOE^JOHN^Q` → a group; components past the fifth are appended to the suffix, so that nothing is lost."""
        parts = [part.strip() for part in text.split("^")]
        head, rest = parts[:5], [part for part in parts[5:] if part]
        head += [""] * (5 - len(head))
        head[4] = " ".join([part for part in (head[4], *rest) if part])
        return cls(*head)

    def __str__(self) -> str:
        return "^".join((self.family, self.given, self.middle, self.prefix, self.suffix)).rstrip("^")

    def __bool__(self) -> bool:
        return bool(self.family or self.given or self.middle or self.prefix or self.suffix)


@dataclass(frozen=True, eq=False)
class PersonName(Compared):
    """A person's name in its alphabetic, ideographic and phonetic groups."""

    alphabetic: NameGroup = NameGroup()
    ideographic: NameGroup = NameGroup()
    phonetic: NameGroup = NameGroup()

    @classmethod
    def parse(cls, text: str) -> PersonName:
        """PN text → value. Never raises: groups past the third are dropped into the phonetic one's suffix."""
        return _parsed(text or "")

    def __str__(self) -> str:
        if not (self.ideographic or self.phonetic):
            return str(self.alphabetic)
        return "=".join(str(group) for group in (self.alphabetic, self.ideographic, self.phonetic)).rstrip("=")

    def __bool__(self) -> bool:
        return bool(self.alphabetic or self.ideographic or self.phonetic)

    @property
    def family(self) -> str:
        return self.alphabetic.family

    @property
    def given(self) -> str:
        return self.alphabetic.given


@lru_cache(maxsize=4096)
def _parsed(text: str) -> PersonName:
    """The same few names come again and again: of a patient's orders, of the physicians of a house."""
    groups = text.split("=", 2)
    groups += [""] * (3 - len(groups))
    return PersonName(*(NameGroup.parse(group.replace("=", " ")) for group in groups))
