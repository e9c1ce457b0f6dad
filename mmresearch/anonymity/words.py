"""What words are known: the clinic's and everyday ones (words.txt), and the names that faker lists for 86 locales."""

import pkgutil
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources

from mmresearch.anonymity.spelling import folded

EVERYDAY = (
    "de_DE",
    "fr_FR",
    "es_ES",
    "it_IT",
    "pl_PL",
    "nl_NL",
)  # languages besides English whose common words faker lists
# common first syllables of Korean, and characters of Chinese and Japanese, family names
KOREAN = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함"
    "변염여추도석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
CHINESE = frozenset(
    "王李张劉刘陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖田董"
    "袁潘于蒋蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟譚谭陆陸汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷"
    "侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤佐鈴高田伊渡山中小加吉松井木斎清"
)


@dataclass(frozen=True)
class Vocabulary:
    """Folded words: `common` mean something else than a person, `eponyms` also name methods and illnesses."""

    common: frozenset = field(repr=False)
    eponyms: frozenset = field(repr=False)


@dataclass(frozen=True)
class Gazetteer:
    """Folded first and last names."""

    first: frozenset = field(repr=False)
    last: frozenset = field(repr=False)


@cache
def vocabulary():
    """Return the Vocabulary: words.txt, and everyday words of seven languages."""
    parts = {"eponyms": set(), "common": set()}
    here = parts["common"]
    for line in (resources.files("mmresearch.anonymity") / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            here = parts["eponyms" if "eponyms" in line else "common"]
        else:
            here.update(line.split())
    everyday = {folded(word) for locale in EVERYDAY for word in _listed(f"faker.providers.lorem.{locale}", "word_list")}
    everyday -= gazetteer().first | gazetteer().last  # lists made of newspapers hold names: Maria, Garcia
    everyday |= {folded(word) for word in _listed("faker.providers.lorem.en_US", "word_list")}
    jobs = {
        folded(word)
        for title in _listed("faker.providers.job", "jobs")
        for word in title.replace(",", " ").replace("/", " ").split()
    }
    return Vocabulary(frozenset(parts["common"] | everyday | jobs), frozenset(parts["eponyms"]))


@cache
def gazetteer():
    """Return the Gazetteer of every locale whose names faker lists (about 33,000 first and 34,000 last names)."""
    import faker.providers.person as person

    first, last = set(), set()
    for locale in pkgutil.iter_modules(person.__path__):
        provider = import_module(f"faker.providers.person.{locale.name}").Provider
        for key in (key for key in dir(provider) if "name" in key and "format" not in key):
            names = getattr(provider, key)
            if isinstance(names, (tuple, list, dict)):
                (last if "last" in key or "surname" in key else first).update(_parts(names))
    return Gazetteer(frozenset(first), frozenset(last))


def _parts(names):
    return {folded(part) for name in names if isinstance(name, str) for part in name.split() if len(part) > 1}


def _listed(module, key):
    return getattr(import_module(module).Provider, key)
