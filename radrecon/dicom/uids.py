"""What is a UID, and which ones name something that is stored (PS3.5 9.1, PS3.4 B.5, PS3.6 annex A).

Peers write anything where a UID belongs (`../../x`, 70 characters, a NUL): nothing is named, looked up or stored by
what has not passed `is_uid`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pydicom.uid import UID
from pynetdicom.sop_class import uid_to_service_class

_UID = re.compile(r"[0-9]+(?:\.[0-9]+)*")
LONGEST = 64
STANDARD = "1.2.840.10008."
STORAGE = ("1.2.840.10008.5.1.4.1.1.", "1.2.840.10008.5.1.1.29", "1.2.840.10008.5.1.1.30")
"""Image storage and the retired hardcopy images; further ones are in pynetdicom's table."""


def is_uid(text: str) -> bool:
    """At most 64 characters of digits and single dots. A leading zero in a component breaks the standard as well, but
    devices in use write it, and it does no harm."""
    return len(text) <= LONGEST and _UID.fullmatch(text) is not None


@lru_cache(maxsize=1024)
def is_storage(uid: str, private: bool = True) -> bool:
    """Whether a SOP class is one of storage; `private`: also what no standard names, which nothing else can be."""
    if not is_uid(uid):
        return False
    if not uid.startswith(STANDARD):
        return private
    return uid.startswith(STORAGE) or uid_to_service_class(uid).__name__ == "StorageServiceClass"


def name_of(uid: str) -> str:
    """The registered name, else the UID itself."""
    return str(UID(uid).name)
