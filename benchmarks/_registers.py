"""What people are called elsewhere: few surnames, two surnames, none, other letters, and spellings that clerks choose.

Orders of magnitude of how names are spread, nobody's list. Each has what a name comparison made for one country gets
wrong: in Korea and Vietnam a handful of surnames names most people; two given syllables are written as one word, as
two, or with a hyphen; in Spain a person has two surnames and half the women a María; an Arabic name has several
spellings in Latin letters, a Punjabi one the same surname for every woman, and some people have one name only.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmarks._world_names import Names, Pool, western
from radrecon.model.names import PersonName

MIDDLE = 0.8  # where a country has middle names, so many have theirs on record


@dataclass(frozen=True)
class Country(Names):
    """The names of one country. `middle`: by sex, "" for none; a family name of "" is a person of one name."""

    middles: dict[str, Sequence[str]]

    def draw(self, rng: random.Random, sex: str) -> PersonName:
        family, given = self.families.draw(rng), self.given[sex].draw(rng)
        if not family:
            return western(given, "")
        between = self.middles.get(sex) if rng.random() < MIDDLE else None
        return western(family, given, rng.choice(between) if between else "")


def spread(names: Sequence[str], steep: float = 0.9, flat: float = 3) -> Pool:
    """By rank: the steeper, the more of all people the first ones name."""
    return Pool(names, list(accumulate(1 / (rank + flat) ** steep for rank in range(len(names)))))


def pairs(syllables: str, ways: Callable[[str, str], Sequence[str]], seed: int = 4) -> list[str]:
    """Two syllables, each pair of them written in one of the ways."""
    rng, each = random.Random(seed), syllables.split()
    made = [rng.choice(ways(one, other)) for one in each for other in each if one != other]
    rng.shuffle(made)
    return made


def listed(text: str) -> list[str]:
    return text.split("|") if "|" in text else text.split()


def country(
    families: Pool, women: Pool, men: Pool, middle: Sequence[str] = (), middle_of_men: Sequence[str] = ()
) -> Country:
    middles = {"F": middle, "M": middle_of_men or middle} if middle else {}
    return Country(families, {"F": women, "M": men}, {}, middles)


KOREAN = pairs(
    "Min Jun Seo Ji Hyun Woo Young Hee Sun Eun Kyung Soo Jin Ho Sung Jae Hye Mi Na Ye Ha Yoon Do In Kyu Tae Won Chul"
    " Dong Sang Ju Yeon Bo Ra Seung Hwan Ki Myung Ok Ja Suk",
    lambda one, other: (f"{one} {other}", f"{one}{other.lower()}", f"{one}-{other}", f"{one}-{other.lower()}"),
)
SYLLABLES = (
    "Wei Fang Na Min Jing Li Qiang Lei Jun Yang Yong Yan Jie Juan Tao Ming Chao Xia Ping Gang Xiu Ying Hua Mei Ting Xin"
    " Yu Hao Bo Rui Chen Jia Yi Zi Han Xuan Lin Hong Dan Xue Qing Fei Peng Bin Kun Shan Long Feng Guo Zhi"
)
CHINESE = [*SYLLABLES.split(), *pairs(SYLLABLES, lambda one, other: (one + other.lower(), f"{one} {other}"))]
VIETNAMESE = listed(
    "Anh Hùng Dũng Minh Hương Hoa Lan Mai Linh Thảo Phương Hà Thu Nga Tuấn Đức Long Nam Sơn Hải Thắng Cường Bình Trang"
    " Ngọc Yến Tâm Thanh Quang Vinh Phúc Khánh Hiếu Trung Kiên"
)
SPANISH = listed(
    "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Moreno"
    " Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina"
    " Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín Sanz Núñez"
)
ARABIC_MIDDLES = ("Mohammed", "Ahmed", "Ali", "Hassan", "")

COUNTRIES = {
    "Korea": country(
        spread(
            listed(
                "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Yoo Hong Jeon Ko"
                " Moon Yang Son Bae Baek Huh Nam Sim Noh Ha Kwak Sung Cha Joo Woo Koo Min Ryu Na Jin Ji Um Chae Won"
            ),
            steep=1.2,
            flat=1.5,
        ),
        spread(KOREAN, 0.8, 20),
        spread(KOREAN[::-1], 0.8, 20),
    ),
    "Vietnam": country(
        spread(listed("Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý"), 1.3, 1.2),
        spread(VIETNAMESE),
        spread(VIETNAMESE[::-1]),
        ("Thị", "Thị Thu", "Thị Ngọc", "Thị Thanh"),
        ("Văn", "Đức", "Hữu", "Minh", "Quang"),
    ),
    "China": country(
        spread(
            listed(
                "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Gao Lin Luo Zheng Liang Xie"
                " Song Tang Han Feng Deng Cao Peng Zeng Xiao Tian Dong Yuan Pan Yu Jiang Cai"
            ),
            steep=1.0,
        ),
        spread(CHINESE, 0.8, 10),
        spread(CHINESE[::-1], 0.8, 10),
    ),
    "Spain": country(
        spread([f"{one} {other}" for one in SPANISH for other in SPANISH], 0.5, 5),
        spread(
            listed(
                "María|María Carmen|María del Carmen|Carmen|Josefa|Ana María|María Pilar|María Dolores|Isabel|Laura"
                "|Cristina|María Teresa|Ana|Francisca|Marta|María Ángeles|Dolores|María José|Antonia|Lucía"
                "|Mª Carmen|M. Carmen|Mercedes|Rosa|Pilar"
            )
        ),
        spread(
            listed(
                "Antonio|Manuel|José|Francisco|David|Juan|José Antonio|Javier|Daniel|José Luis|Francisco Javier"
                "|Carlos|Jesús|Alejandro|Miguel|José Manuel|Rafael|Miguel Ángel|Pedro|Pablo|Ángel|Sergio|Juan José"
                "|J. Luis|Juan Carlos"
            )
        ),
    ),
    "Arab countries": country(
        spread(
            listed(
                "Mohammed|Mohamed|Muhammad|Ahmed|Ahmad|Ali|Hassan|Hasan|Hussein|Husain|Ibrahim|Abdullah|Abdallah"
                "|Al-Sayed|El Sayed|Al Harbi|Al-Harbi|Alharbi|Al-Ghamdi|Al Qahtani|Al-Otaibi|Mahmoud|Mahmud|Khalil"
                "|Saleh|Salih|Omar|Umar|Yousef|Yusuf|Youssef|Abdel Rahman|Abdulrahman|Abd El Rahman|Mustafa|Moustafa"
                "|Saeed|Said|Nasser|Khan"
            ),
            steep=0.8,
        ),
        spread(
            listed(
                "Fatima|Fatma|Fatimah|Aisha|Aysha|Maryam|Mariam|Zainab|Zeinab|Noura|Nora|Sara|Sarah|Layla|Leila"
                "|Huda|Amina|Khadija|Salma|Hanan|Umm Kulthum|Rania"
            )
        ),
        spread(
            listed(
                "Mohammed|Mohamed|Muhammad|Ahmed|Ali|Abdullah|Omar|Khalid|Hassan|Hussein|Ibrahim|Yousef|Mahmoud"
                "|Mustafa|Saleh|Abdulaziz|Abdul Rahman|Abdelrahman|Fahad|Sultan|Mohammed Ali|Ahmed Mohamed"
            )
        ),
        ("Mohammed", "Ahmed", "Ali", "Hassan", ""),
    ),
    "India": country(
        spread(
            listed(
                "Singh|Kaur|Kumar|Kumari|Devi|Sharma|Patel|Khan|Das|Ram|Lal|Begum|Bibi|Reddy|Rao|Nair|Gupta|Yadav"
                "|Prasad|Murugan|"
            ),
            0.8,
            2,
        ),
        spread(
            listed(
                "Sunita Anita Kavita Savita Geeta Gita Sita Seeta Lakshmi Laxmi Rekha Usha Asha Harpreet Gurpreet"
                " Manpreet Jaspreet Baby Santosh Kamla Pushpa Pooja Puja"
            )
        ),
        spread(
            listed(
                "Rajesh Ramesh Suresh Mahesh Mukesh Rakesh Sanjay Vijay Ajay Amit Anil Sunil Manoj Vinod Raju"
                " Harpreet Gurpreet Manpreet Jaspreet Babu Santosh Krishna"
            )
        ),
        ("Singh", "Kaur", "Devi", "", "", ""),
        ("Singh", "Kumar", "Lal", "", "", ""),
    ),
    "Russia": country(
        spread(
            listed(
                "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев"
                " Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев"
            )
        ),
        spread(listed("Елена Ольга Наталья Татьяна Ирина Светлана Анна Мария Людмила Галина Наталия Валентина")),
        spread(listed("Александр Сергей Владимир Андрей Алексей Николай Иван Дмитрий Михаил Евгений Виктор Юрий")),
        ("Ивановна", "Петровна", "Александровна", ""),
        ("Иванович", "Петрович", "Александрович", ""),
    ),
}
