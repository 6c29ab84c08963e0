"""The words that numbers, dates and units are made of, each a closed class."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"[$€£¥%]|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\s\w]"
)
ONES = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen".split()
    )
}
TENS = {
    word: 10 * n
    for n, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "dozen": 12}
SUFFIXES = {"k": 1_000, "mm": 10**6, "mn": 10**6, "bn": 10**9}
ORDINALS = {
    word: n
    for n, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=3,
    )
} | {"first": 1, "second": 2, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "hundredth": 100}
MONTHS = {
    name[:size]: n
    for n, name in enumerate(
        "january february march april may june july august september october november "
        "december".split(),
        start=1,
    )
    for size in {3, len(name)}
} | {"sept": 9}
DOUBTFUL_MONTHS = frozenset("may march mar dec jan jun".split())  # in lower case other words
WEEKDAYS = {
    name: n
    for n, name in enumerate(
        "monday tuesday wednesday thursday friday saturday sunday".split(), start=1
    )
}
TIMES = {"twice": 2.0, "thrice": 3.0} | {
    form: n
    for n, forms in {
        2.0: "double doubled doubles doubling twofold",
        3.0: "triple tripled triples tripling threefold",
        4.0: "quadruple quadrupled fourfold",
        0.5: "halve halved halves halving",
    }.items()
    for form in forms.split()
}
VAGUE = {
    "tens": (10, 99),
    "dozens": (24, 99),
    "hundreds": (100, 999),
    "thousands": (1_000, 999_999),
    "millions": (10**6, 10**9),
    "billions": (10**9, 10**12),
}
UNITS = {
    form: unit
    for unit, forms in {
        "second": "seconds secs sec",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs",
        "day": "day days",
        "night": "night nights",
        "morning": "morning mornings",
        "week": "week weeks wk wks",
        "month": "month months",
        "year": "year years yr yrs",
        "percent": "% percent percentage pct",
        "point": "points",
        "$": "$ dollar dollars buck bucks usd",
        "£": "£ pound pounds quid gbp",
        "€": "€ euro euros eur",
        "¥": "¥ yen",
        "cent": "cent cents pence",
        "times": "times x",
        "mile": "mile miles",
        "kilometre": "km kilometre kilometres kilometer kilometers",
        "metre": "metre metres meter meters",
        "kilo": "kilo kilos kg kilogram kilograms",
        "degree": "° degree degrees",
        "people": "people persons person folks",
    }.items()
    for form in forms.split()
}
ADVERBS = {
    "hourly": "hour",
    "daily": "day",
    "nightly": "night",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
}
MONEY = frozenset("$£€¥")
NO_NOUN = frozenset(
    """a an the and or but nor so of in on at to for from with by as than then that this these those
    it its they them we us i you he she him her his my our your their is are was were be been has
    have had do does did will would can could should may might must not no when while if because
    who which what where how all each every per into onto over under about after before since until
    till out up down off more less other others already just only even now again ago later earlier
    still there here s t last next past""".split()
)
PAIRED = frozenset(("to", "or", "-", "–", ",", "and"))
PARTS = {
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fifth": 5,
    "fifths": 5,
    "tenths": 10,
}
PERIOD_WORDS = {
    "annual": "year",
    "annually": "year",
    "overnight": "night",
    "tonight": "night",
    "today": "day",
    "everyday": "day",
    "weekend": "week",
    "weekends": "week",
}
PERIODS = frozenset(("minute", "hour", "day", "week", "month", "year", "night", "morning"))
CLOCK = frozenset(("o'clock", "am", "pm"))
SPELT = frozenset((*ONES, *TENS, *SCALES))
