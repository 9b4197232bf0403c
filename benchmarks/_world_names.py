"""What people are called, about as often as they are: census ranks, a Zipf tail, several cultures and scripts.

Frequencies fall with the rank as in the US census of 2010 (the first surname has 0.8 % of all, the first hundred have
17 %); names past the lists are made of syllables, so that the tail is long and its names look like others. Nothing
here knows how names are compared.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from radrecon.model.names import NameGroup, PersonName


def _words(text: str) -> list[str]:
    return text.split()


FAMILIES = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson"
    " Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis"
    " Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera"
    " Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart"
    " Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim"
    " Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo"
    " Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler"
    " Henderson Barnes Fisher Vasquez Simmons Romero Jordan Patterson Alexander Hamilton Graham Reynolds Griffin"
    " Wallace Moreno West Cole Hayes Bryant Herrera Gibson Ellis Tran Medina Aguilar Stevens Murray Ford Castro"
    " Marshall Owens Harrison Fernandez McDonald Woods Washington Kennedy Wells Vargas Henry Chen Freeman Webb"
    " Tucker Guzman Burns Crawford Olson Simpson Porter Hunter Gordon Mendez Silva Shaw Snyder Mason Dixon Munoz"
    " Hunt Hicks Holmes Palmer Wagner Black Robertson Boyd Rose Stone Salazar Fox Warren Mills Meyer Rice Schmidt"
    " Garza Daniels Ferguson Nichols Stephens Soto Weaver Ryan Gardner Payne Grant Dunn Kelley Spencer Hawkins"
    " Arnold Pierce Hansen Peters Santos Hart Bradley Knight Elliott Cunningham Duncan Armstrong Hudson Carroll"
    " Lane Riley Andrews Alvarado Ray Delgado Berry Perkins Hoffman Johnston Matthews"
)
WOMEN = _words(
    "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret"
    " Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Dorothy Rebecca Sharon Laura"
    " Cynthia Amy Kathleen Angela Shirley Brenda Emma Anna Pamela Nicole Samantha Katherine Christine Helen Debra"
    " Rachel Carolyn Janet Maria Catherine Heather Diane Olivia Julie Joyce Victoria Ruth Virginia Lauren Kelly"
    " Christina Joan Evelyn Judith Andrea Hannah Megan Cheryl Jacqueline Martha Madison Teresa Gloria Sara Janice"
    " Ann Kathryn Abigail Sophia Frances Jean Alice Judy Isabella Julia Grace Amber Denise Danielle Marilyn"
    " Beverly Charlotte Natalie Theresa Diana Brittany Doris Kayla Alexis Lori Marie Anne Jane Jon Erica Kristen"
    " Carla Marta Rosa Ana Juana Lucia Carmen"
)
MEN = _words(
    "James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew Anthony"
    " Mark Donald Steven Andrew Paul Joshua Kenneth Kevin Brian Timothy Ronald George Jason Edward Jeffrey Ryan"
    " Jacob Nicholas Gary Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander"
    " Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry Zachary Douglas Peter Kyle Noah"
    " Ethan Jeremy Christian Walter Keith Austin Roger Terry Sean Gerald Carl Dylan Harold Jordan Jesse Bryan"
    " Lawrence Arthur Gabriel Bruce Logan Billy Joe Alan Juan Elijah Willie Albert Wayne Randy Mason Vincent Liam"
    " Roy Bobby Caleb Bradley Russell Lucas Luis Carlos Miguel Jon Marc Steve Mike Bob Jean Ann Chris Alex Dan"
)
# family names | women's | men's
CULTURES = {
    "german": (
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein"
        " Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier"
        " Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller"
        " Weiß Jung Hahn Schubert Vogel Mueller Schaefer Groß Böhm Jäger Günther Winkler Lorenz Schuster Kühn"
        " Müller-Lüdenscheidt Meyer-Landrut Schmidt-Rottluff",
        "Ursula Monika Renate Helga Sabine Petra Karin Ingrid Andrea Claudia Susanne Birgit Gisela Brigitte Käthe"
        " Anna-Lena Marie-Luise Bärbel Jörg Anja Katrin",
        "Peter Wolfgang Klaus Hans Jürgen Günter Werner Uwe Bernd Dieter Horst Manfred Jörg Björn Hans-Peter Karl-Heinz"
        " Götz Rüdiger Thomas Andreas Stefan Stephan",
    ),
    "particles": (
        "van der Berg|van den Heuvel|de Vries|von Braun|von der Leyen|de la Cruz|de los Santos|del Río|di Stefano"
        "|Le Blanc|O'Brien|O'Connor|D'Angelo|McDonald|MacDonald|ter Horst|El Sayed|al-Hassan|bin Rashid|St. John"
        "|da Silva|dos Santos|Vanderberg|Delacruz|Obrien",
        "Anna Maria Sophie Fatima Leila Siobhán Renée Zoë Chloé Ana-Maria",
        "Jan Pieter José Seán François Ahmed Omar Giovanni João René Jean-Luc",
    ),
    "hispanic": (
        "García López|Rodríguez Pérez|Hernández Cruz|Martínez|Núñez|Peña|Muñoz|Gómez Ruiz|Ibáñez|Ramírez Flores",
        "María José Guadalupe Ángela Inés Lucía María Sofía Concepción",
        "José Luis Ángel Jesús Andrés Óscar Iñigo Juan José",
    ),
    "slavic": (
        "Nowak Kowalski Kowalska Wiśniewski Wójcik Kamiński Novák Svobodová Dvořák Horvat Kovačević Ivanov Petrova",
        "Agnieszka Małgorzata Katarzyna Jana Olena Ludmila Žofia",
        "Piotr Krzysztof Łukasz Jiří Miloš Ivan Dmitri Paweł",
    ),
    "vietnamese": ("Nguyen Tran Le Pham Hoang Huynh Phan Vu Vo Dang", "Thi Lan Mai Hoa Linh", "Van Minh Duc Hung Long"),
}
# alphabetic family, given = ideographic = phonetic
EASTERN = (
    (("Yamada", "山田", "やまだ"), ("Sato", "佐藤", "さとう"), ("Suzuki", "鈴木", "すずき"),
     ("Tanaka", "田中", "たなか"),
     ("Ito", "伊藤", "いとう"), ("Ito", "伊東", "いとう"),
     ("Wang", "王", ""), ("Li", "李", ""), ("Zhang", "张", ""),
     ("Chen", "陈", ""), ("Kim", "金", "김"), ("Hong", "洪", "홍")),
    (("Tarou", "太郎", "たろう"), ("Hanako", "花子", "はなこ"), ("Kenji", "健二", "けんじ"),
     ("Kenji", "賢治", "けんじ"),
     ("Wei", "伟", ""), ("Wei", "薇", ""), ("Fang", "芳", ""), ("Gildong", "吉洞", "길동"), ("Xiaodong", "小东", ""),
     ("Min", "敏", "민"), ("Jun", "俊", "준")),
)  # fmt: skip
ONSETS = _words("b br c ch d dr f g gr h j k kl l m n p pr r s sch sh sl st t tr v w z")
VOWELS = _words("a e i o u ai ea ie ou oo")
CODAS = _words("ck ll man mann ner nn rd rt son ssen t th tz ton ley ski berg feld er en ing s x")
TAIL_FAMILIES, TAIL_GIVEN = 12_000, 1_500
FAMILY_HEAD, GIVEN_HEAD = 0.24, 0.72  # what share of people the listed names cover
SHARES = (("", 0.70), ("german", 0.08), ("particles", 0.06), ("hispanic", 0.06), ("slavic", 0.04), ("vietnamese", 0.03))


@dataclass(frozen=True)
class Pool:
    """Names with what they weigh, summed up."""

    names: Sequence[str]
    weights: Sequence[float]

    def draw(self, rng: random.Random) -> str:
        return rng.choices(self.names, cum_weights=self.weights)[0]


def made_up(number: int, syllables: int) -> str:
    """The same name for the same number in every world."""
    rng = random.Random(number * 7919 + syllables)
    parts = [rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(syllables)]
    return ("".join(parts) + rng.choice(CODAS)).capitalize()


def pool(listed: Sequence[str], head: float, tail: int, syllables: int) -> Pool:
    """The listed names share `head` by a law of Zipf–Mandelbrot, the made-up ones the rest."""
    mine = [1 / (rank + 8) ** 0.9 for rank in range(len(listed))]
    theirs = [1 / (rank + 300) ** 0.8 for rank in range(tail)]
    weights = [head * one / sum(mine) for one in mine] + [(1 - head) * one / sum(theirs) for one in theirs]
    names = [*listed, *(made_up(number, syllables) for number in range(tail))]
    return Pool(names, list(accumulate(weights)))


def listed(text: str) -> Pool:
    names = text.split("|") if "|" in text else text.split()
    return Pool(names, list(accumulate(1 / (rank + 3) for rank in range(len(names)))))


@dataclass(frozen=True)
class Names:
    """Every pool, made once per process."""

    families: Pool
    given: dict[str, Pool]
    cultures: dict[str, tuple[Pool, dict[str, Pool]]]

    @classmethod
    def load(cls) -> Names:
        given = {"F": pool(WOMEN, GIVEN_HEAD, TAIL_GIVEN, 2), "M": pool(MEN, GIVEN_HEAD, TAIL_GIVEN, 2)}
        cultures = {
            name: (listed(families), {"F": listed(women), "M": listed(men)})
            for name, (families, women, men) in CULTURES.items()
        }
        return cls(pool(FAMILIES, FAMILY_HEAD, TAIL_FAMILIES, 2), given, cultures)

    def draw(self, rng: random.Random, sex: str) -> PersonName:
        """A name with, now and then, a middle name or an initial."""
        at = rng.random()
        for culture, share in SHARES:
            if (at := at - share) < 0:
                families, given = self.cultures[culture] if culture else (self.families, self.given)
                return western(families.draw(rng), given[sex].draw(rng), self.middle(rng, given[sex]))
        return eastern(rng)

    def first(self, rng: random.Random, sex: str) -> str:
        return self.given[sex].draw(rng)

    @staticmethod
    def middle(rng: random.Random, given: Pool) -> str:
        at = rng.random()
        if at < 0.65:
            return ""
        return rng.choice("ABCDEFGHJKLMNPRSTW") if at < 0.85 else given.draw(rng)


def western(family: str, given: str, middle: str = "", suffix: str = "") -> PersonName:
    return PersonName(NameGroup(family, given, middle, "", suffix))


def eastern(rng: random.Random) -> PersonName:
    families, given = EASTERN
    one, other = rng.choice(families), rng.choice(given)
    phonetic = NameGroup(one[2], other[2]) if one[2] and other[2] else NameGroup()
    return PersonName(NameGroup(one[0], other[0]), NameGroup(one[1], other[1]), phonetic)
