"""Given names that are one name: short forms and the same name in another language.

Only what registration desks confuse daily. A name may stand in several groups (Alex, Chris): two names are one where
they share a group.
"""

from __future__ import annotations

from radrecon.recon.normalise import fold

_GROUPS = """
abigail abby abbie gail
abraham abe avraham ibrahim
agnes agnieszka inez
albert al bert bertie albrecht alberto
alexander alex alec sandy sasha sascha lex aleksander alejandro
alexandra alex sandra sandy sasha lexi aleksandra alejandra
alfred alf fred freddie alfredo
alice ali alicia
andrew andy drew andreas andrzej andre andres anders
ann anna anne annie nancy hannah nan anja ana
anthony tony anton antonio
arthur art artie arturo
barbara barb babs barbie basia
benjamin ben benny benji
bernard bernie bernhard
bridget biddy bridie brigitte
catherine katherine kathryn cathy kathy kate katie kay kitty kat katharina katarzyna catalina
charles charlie chuck chas karl carl carlos
charlotte lottie charlie lotte
christina christine chris tina christa kirsten krystyna
christopher chris kit topher christoph krzysztof cristobal
clara klara claire
constance connie
cynthia cindy
daniel dan danny
david dave davy dawid
deborah debra deb debbie
dennis denny
donald don donnie
dorothy dot dottie dolly dorothea
edward ed eddie ted teddy ned edek eduard eduardo
eleanor ellie nell nora elinor leonora
elizabeth elisabeth liz lizzie beth betty betsy bess eliza elisa lisa liesel elzbieta isabel
emily em emmy emilia emilie
emma em emmy
eugene gene eugen
evelyn eve evie
florence flo flossie florrie
frances fran frannie franny francesca franziska
francis frank fran francisco franz francois
frederick fred freddie fritz friedrich federico
gabriel gabe
gabriele gabi gaby gabriela gabrielle
george georg jorge jerzy georges
gerald gerry jerry gerhard
gertrude gert trudy gertrud
gregory greg gregor
harold harry hal harald
helen helena nell nellie lena elena helene
henry harry hank hal heinrich enrique henri heinz
herbert bert herb
hubert bert hugh
isabella bella isabel izzy
jacob jake jakob jakub
james jim jimmy jamie jaime
jane janie janet joan jean johanna jana
jeffrey jeff geoffrey geoff
jennifer jen jenny jenn
jeremiah jerry jeremy
jessica jess jessie
john johnny jack jon johann johannes hans juan jan giovanni ivan jean ian
jonathan jon jonny nathan
joseph joe joey josef jose jozef giuseppe
josephine jo josie josefa
joshua josh
judith judy jutta
julia julie juliet julka
karen caren karin
kenneth ken kenny
kimberly kim
lawrence laurence larry lorenz
leonard leo len lenny leonardo
leslie les
lillian lily lil lilian
louis lou louie ludwig luis lewis
louise lou luise louisa
lucille lucy lucia
madeline maddie magdalena
magdalene magdalena lena magda madeleine
margaret maggie meg peggy peg marge margie greta rita daisy margarete margarita malgorzata gretchen margarethe
maria mary marie mia mamie molly polly mitzi
martha marty marta
martin marty marcin
matilda tilly mathilda
matthew matt matthias mateusz mateo
maximilian max
michael mike mick micky mickey mitch michal miguel michel
mildred millie
nathaniel nathan nate nat
nicholas nick nicky nico niklas klaus nikolaus nicolas mikolaj
oliver ollie
pamela pam
patricia pat patty tricia trish patsy
patrick pat paddy
paul paulus pablo pawel
peter pete piotr pedro pierre
philip phil pip phillip philipp filip felipe
priscilla cilla
rachel rae raquel
raymond ray raimund ramon
rebecca becky becca rebekka
richard rick ricky dick rich richie ryszard ricardo
robert rob bob bobby robbie bert roberto
roger rodge rodger ruediger
ronald ron ronnie
rosemary rose rosie rosemarie
rudolf rudi rudy rolf
samantha sam sammy
samuel sam sammy
sarah sara sally sadie
sebastian seb bastian
sigrid siegrid
sophia sophie sofia sofie zofia
stanley stan stanislaus stanislaw
stephanie steph steffi stefanie
stephen steven steve stefan esteban stephan szczepan
susan sue susie suzie suzanne susanne susanna zuzanna
theodore ted teddy theo theodor
theresa teresa terry tess tessa therese resi
thomas tom tommy tomas tomasz
timothy tim timmy
ulrich uli ulli
ursula uschi ulla
valerie val
veronica ronnie vera veronika
victor vic viktor
victoria vicky vic tori viktoria
vincent vince vinny vincenz
virginia ginny ginger
walter walt wally
wilhelmina mina willa wilma
william will bill billy willie liam wilhelm willi guillermo guillaume
winifred winnie
yvonne ivonne
zachary zach zack
"""


def _table() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for place, line in enumerate(_GROUPS.strip().splitlines()):
        for name in line.split():
            found.setdefault(name, set()).add(place)
    return {name: frozenset(groups) for name, groups in found.items()}


_GROUPS_OF = _table()


def one_name(mine: str, theirs: str) -> bool:
    """Whether two given names are forms of one name; equal names that are in no group are not looked at here."""
    return bool(_GROUPS_OF.get(fold(mine), frozenset()) & _GROUPS_OF.get(fold(theirs), frozenset()))
