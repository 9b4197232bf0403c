"""Latin letters that no decomposition of Unicode makes plain, as people type them where their keyboard lacks them."""

from __future__ import annotations

PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
LETTERS = str.maketrans(PLAIN)  # for casefolded text
