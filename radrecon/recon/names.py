"""How common a name is: that two records agree on Smith, John says less than that they agree on a rare name.

Counted from the site's own register where there is one, else taken from a table of the commonest names of several
countries. Family and given name are not independent (both follow from where a family comes from), so the sum is
bounded at both ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from types import MappingProxyType

from radrecon.model.names import NameGroup, PersonName
from radrecon.model.rule import SMALLEST_REGISTER
from radrecon.recon.normalise import NameKey, name_key

LEAST, MOST = 8.0, 20.0  # bits of a name pair
INDEPENDENT = 0.75  # of the bits of two independent words: families that share a name share given names too
RARE_FAMILY, RARE_GIVEN = 0.02, 0.15  # per thousand: a name that is in no table
KEPT = 3000  # of each: the others count as rare
AS_PERSONS = 2000.0  # how many persons the built-in table weighs against the site's own

# per thousand persons
FAMILIES = """
smith 8|johnson 6.5|williams 5.5|brown 4.9|jones 4.8|garcia 4|miller 4|davis 3.8|rodriguez 3.7|martinez 3.6
hernandez 3.5|lopez 3|gonzalez 2.9|wilson 2.7|anderson 2.7|thomas 2.6|taylor 2.6|moore 2.5|jackson 2.4|martin 2.4
lee 3|perez 2.3|thompson 2.2|white 2.2|harris 2.1|sanchez 2.1|clark 1.9|ramirez 1.9|lewis 1.8|robinson 1.8
walker 1.8|young 1.6|allen 1.6|king 1.6|wright 1.6|scott 1.5|torres 1.5|nguyen 4|hill 1.5|flores 1.4|green 1.5
adams 1.4|nelson 1.4|baker 1.4|hall 1.4|rivera 1.3|campbell 1.3|mitchell 1.3|carter 1.3|roberts 1.3|muller 9
mueller 9|schmidt 7|schneider 4|fischer 3.5|weber 3|meyer 3.3|maier 1.5|wagner 2.8|becker 2.6|schulz 2.5
hoffmann 2.3|schafer 2|schaefer 2|koch 2|bauer 1.9|richter 1.8|klein 1.8|wolf 1.7|schroder 1.7|schroeder 1.7
neumann 1.6|schwarz 1.5|zimmermann 1.5|braun 1.4|kruger 1.4|hofmann 1.4|fernandez 3|gomez 2.8|diaz 2.4|alvarez 2
romero 1.8|silva 5|santos 4|oliveira 3.5|souza 3|pereira 3|costa 2.5|ferreira 2.5|rossi 3|russo 2|ferrari 1.8
esposito 1.5|bernard 1.5|dubois 1.3|petit 1.3|durand 1.2|leroy 1.2|moreau 1.1|jansen 2|devries 2|vandenberg 1.5
bakker 1.5|kim 10|park 5|wang 8|li 8|zhang 8|liu 6|chen 6|yang 4|huang 3|singh 5|kumar 4|patel 3|khan 4|ali 4
ahmed 3|hussain 3|sharma 3|yilmaz 3|kaya 2|demir 2|nowak 2|kowalski 1.5|ivanov 2|novak 1.5|tanaka 3|sato 4|suzuki 4
murphy 2|kelly 2|obrien 1.5|andersson 3|johansson 3|hansen 4|nielsen 3|larsen 2|jensen 4|tran 2|pham 1.5|le 2
"""
GIVENS = """
james 16|john 16|robert 15|michael 14|william 12|mary 13|david 11|richard 9|patricia 6|linda 6|thomas 8|charles 7
joseph 7|christopher 6|daniel 7|jennifer 7|elizabeth 6|barbara 5|susan 5|jessica 5|sarah 5|karen 4|nancy 4|lisa 4
matthew 6|anthony 5|mark 5|donald 4|paul 5|steven 4|andrew 5|kenneth 3|george 4|joshua 4|kevin 4|brian 4|edward 4
ronald 3|timothy 3|margaret 4|betty 3|sandra 3|ashley 3|dorothy 3|kimberly 3|emily 4|donna 3|michelle 3|carol 3
amanda 3|helen 3|maria 16|anna 9|peter 8|hans 5|klaus 4|wolfgang 4|jurgen 3|juergen 3|ursula 4|monika 4|petra 4
sabine 4|elisabeth 4|renate 3|helga 3|karin 3|andreas 6|stefan 5|thorsten 2|christian 5|martin 5|werner 3|gerhard 3
horst 3|heinz 3|walter 4|gisela 2|ingrid 3|brigitte 3|jose 12|juan 8|luis 6|carlos 6|antonio 7|francisco 5|manuel 4
jesus 4|miguel 4|pedro 4|ana 7|carmen 5|rosa 4|isabel 3|laura 4|joao 5|paulo 4|marco 4|giuseppe 6|giovanni 5
francesco 5|jean 8|pierre 4|michel 4|philippe 3|marie 9|nathalie 2|isabelle 2|mohammed 10|muhammad 8|ahmed 6|ali 6
fatima 4|mehmet 3|mustafa 3|jan 5|johannes 3|lars 2|anders 2|wei 4|yan 3|min 3|hui 3
"""


@dataclass(frozen=True, eq=False)
class NameFrequencies:
    """Shares of persons by folded family and first given name; one that is in neither is rare."""

    family: Mapping[str, float]
    given: Mapping[str, float]

    def bits(self, key: NameKey) -> float:
        """What agreeing on this pair is worth: between 8 (very common) and 20 (rare)."""
        return _pair_bits(self, key.family, key.given)


@lru_cache(1 << 14)
def _pair_bits(frequencies: NameFrequencies, family: str, given: str) -> float:
    share = frequencies.family.get(family, RARE_FAMILY / 1000)
    share *= frequencies.given.get(given, RARE_GIVEN / 1000) if given else 0.01
    return max(LEAST, min(MOST, -INDEPENDENT * log2(share)))


def _listed(text: str) -> Mapping[str, float]:
    pairs = (entry.split() for entry in text.replace("\n", "|").split("|") if entry)
    return MappingProxyType({name: float(share) / 1000 for name, share in pairs})


COMMON = NameFrequencies(_listed(FAMILIES), _listed(GIVENS))


def counted(names: Iterable[PersonName]) -> NameFrequencies:
    """Frequencies from a register; one that is small is mostly the built-in table."""
    families: Counter[str] = Counter()
    givens: Counter[str] = Counter()
    total = 0
    for name in names:
        if key := name_key(name.alphabetic or name.ideographic or name.phonetic):
            total += 1
            families[key.family] += 1
            givens[key.given] += 1
    return NameFrequencies(_shares(families, total, COMMON.family), _shares(givens, total, COMMON.given))


def from_counts(families: Mapping[str, int], givens: Mapping[str, int], persons: int) -> NameFrequencies:
    """Frequencies from names as they are written and how many have them; the built-in table for a small register."""
    if persons < SMALLEST_REGISTER:
        return COMMON
    family, given = Counter[str](), Counter[str]()
    for text, number in families.items():
        family[name_key(NameGroup(family=text)).family] += number
    for text, number in givens.items():
        given[name_key(NameGroup(given=text)).given] += number
    return NameFrequencies(_shares(family, persons, COMMON.family), _shares(given, persons, COMMON.given))


def _shares(found: Counter[str], total: int, common: Mapping[str, float]) -> Mapping[str, float]:
    """The site's counts with the table beside them as so many persons more."""
    kept = dict(found.most_common(KEPT))
    everybody = total + AS_PERSONS
    blended = {name: (kept.get(name, 0) + AS_PERSONS * common.get(name, 0.0)) / everybody for name in {*kept, *common}}
    return MappingProxyType({name: share for name, share in blended.items() if name})
