"""Regions of the body, as codes (Body Part Examined, PS3.16 L) and words of descriptions name them.

Only for telling apart: two texts contradict each other where both name regions and none of the one is near any of the
other. A word that is not known says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from radrecon.model.order import Order
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import Level
from radrecon.recon.normalise import fold

WORDS = {
    "head": "head brain skull cranium cranial cerebral kopf schadel hirn crane cerveau cabeza neurocranium stroke cct",
    "face": "face facial sinus sinuses orbit orbits orbita mandible jaw maxilla nnh gesicht zahn dental tmj nasal iac",
    "neck": "neck hals carotid carotids larynx pharynx thyroid schilddruse cou cuello",
    "cspine": "cspine hws cervical zervikal",
    "tspine": "tspine bws thoracicspine dorsalspine",
    "lspine": "lspine lws lumbar lumbal lumbosacral sacrum sscoccyx",
    "spine": "spine wirbelsaule rachis columna myelo",
    "chest": "chest thorax thoracic lung lungs lunge pulmonary tho cxr torax poumon mediastinum pe ctpa sternum",
    "ribs": "rib ribs rippen rippe hemithorax",
    "heart": "heart cardiac coronary coronaries cor herz kardio coeur corazon",
    "breast": "breast mamma mammo mammogram mammography tomosynthesis mammographie",
    "abdomen": "abdomen abdominal abd liver leber kidney kidneys niere renal pancreas spleen bowel colon bauch kub"
    " urogram oberbauch upperabdomen gallbladder biliary mrcp aorta enterography",
    "esophagus": "esophagus oesophagus osophagus esophagram oesophagram swallow",
    "pelvis": "pelvis pelvic pel becken prostate prostata bladder uterus ovary unterbauch",
    "hip": "hip hips hufte huft cadera hanche",
    "shoulder": "shoulder schulter scapula clavicle klavikula acj hombro epaule",
    "upperarm": "humerus upperarm oberarm",
    "elbow": "elbow ellbogen ellenbogen coude codo",
    "forearm": "forearm unterarm radius ulna",
    "wrist": "wrist handgelenk scaphoid poignet carpal",
    "hand": "hand hands finger fingers thumb daumen mano",
    "thigh": "femur thigh oberschenkel femoral",
    "knee": "knee knees knie patella genou rodilla",
    "leg": "leg tibia fibula tibfib unterschenkel lowerleg calf",
    "ankle": "ankle sprunggelenk osg cheville",
    "foot": "foot feet fuss toe toes calcaneus heel zehe pied pie",
    "wholebody": "wholebody ganzkorper polytrauma trauma skeletal wb bone petct",
}  # fmt: skip
NEAR = (
    frozenset(("esophagus", "chest")),
    frozenset(("esophagus", "neck")),
    frozenset(("esophagus", "abdomen")),
    frozenset(("head", "face")), frozenset(("face", "neck")), frozenset(("neck", "cspine")),
    frozenset(("chest", "ribs")), frozenset(("chest", "heart")), frozenset(("chest", "tspine")),
    frozenset(("ribs", "tspine")), frozenset(("abdomen", "pelvis")), frozenset(("abdomen", "lspine")),
    frozenset(("pelvis", "hip")), frozenset(("pelvis", "lspine")), frozenset(("shoulder", "upperarm")),
    frozenset(("elbow", "forearm")), frozenset(("elbow", "upperarm")), frozenset(("forearm", "wrist")),
    frozenset(("wrist", "hand")), frozenset(("thigh", "hip")), frozenset(("thigh", "knee")), frozenset(("knee", "leg")),
    frozenset(("leg", "ankle")), frozenset(("ankle", "foot")), frozenset(("spine", "cspine")),
    frozenset(("spine", "tspine")), frozenset(("spine", "lspine")),
)  # fmt: skip
PHRASES = (
    ("cervical spine", "cspine"), ("c spine", "cspine"), ("thoracic spine", "tspine"), ("t spine", "tspine"),
    ("dorsal spine", "tspine"), ("lumbar spine", "lspine"), ("l spine", "lspine"), ("whole body", "wholebody"),
    ("upper arm", "upperarm"), ("lower leg", "leg"), ("tib fib", "leg"), ("upper abdomen", "abdomen"),
    ("abdomen pelvis", "abdomen pelvis"), ("head neck", "head neck"),
)  # fmt: skip
_REGION = {word: region for region, words in WORDS.items() for word in (region, *words.split())}


@lru_cache(1 << 14)
def regions(text: str) -> frozenset[str]:
    """The regions that a text names."""
    folded = f" {fold(text)} "
    for phrase, name in PHRASES:
        folded = folded.replace(f" {phrase} ", f" {name} ")
    return frozenset(_REGION[word] for word in folded.split() if word in _REGION)


def regions_of_images(facts: StudyFacts) -> frozenset[str]:
    """What the series say; the study's description, which is mostly the worklist's, only where they say nothing."""
    series = _all(text for one in facts.series for text in (one.body_part, one.description))
    return series or regions(facts.description)


def regions_of_order(order: Order) -> frozenset[str]:
    return _all((order.requested_procedure_description, *(step.description for step in order.steps)))


def _all(texts: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*map(regions, texts))


def compare_regions(one: frozenset[str], other: frozenset[str]) -> Level:
    """EQUAL where they share one, PART where one lies near another, DIFFERENT where both name some and none does."""
    if not one or not other:
        return Level.MISSING
    if one & other or "wholebody" in one | other:
        return Level.EQUAL
    near = any(frozenset((mine, theirs)) in NEAR for mine in one for theirs in other)
    return Level.PART if near else Level.DIFFERENT
