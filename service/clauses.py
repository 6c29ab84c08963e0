"""What a text affirms, what it denies and what it only supposes, word by word.

A small reading of English clauses: a negation reaches a few words to the right and no further than
its clause; its *head* is the first word of meaning after it ("did not *sync*"). Words of meaning
are compared by their stems, and a few closed groups of synonyms count as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest import keywords
from service import amounts

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[,;:.!?…—–()\"“”]|\s-\s")
_STOPS = frozenset(".!?;…")
_SCOPE = 8  # words
_NEAR = 4  # words, on either side of what undoes them

_NOT = frozenset(
    "not no never nobody nothing none neither nor without cannot hardly barely scarcely rarely "
    "seldom nowhere aint".split()
)
# "Fails to sync", "no way to export": what follows is not so.
_NOT_TO = frozenset("fail fails failed failing unable refuse refuses refused".split())
_NOT_ING = frozenset("stop stops stopped avoid avoids avoided quit".split())
_NO_NEGATION_BEFORE = frozenset(
    "only just doubt wonder matter mention mind least necessarily to".split()
)
# Words near which a thing is not as it should be, on either side of them.
_UNDONE = frozenset(
    """away apart
    lost lose loses losing lacks lack lacking missing miss misses missed absent fail fails
    failed failing failure failures broke broken breaks break dead drop drops dropped dropping
    stopped stops stop refuse refuses refused unable impossible avoid avoids avoided blank
    empty incorrect incorrectly false falsely unclear doubt doubts skip skips skipped forget
    forgets forgot reject rejects rejected decline declines declined unchanged""".split()
)
# And near which it may or may not be.
_TROUBLED = frozenset(
    """gone down bad poor weak worse worst difficult hard trouble struggle struggles rather
    offline waste wasted wasting delay delayed delays late slow slowly blind manually error
    errors against complain complains problem problems wrong only guess guesses guessing
    unsure unaware""".split()
)
# Words by which a quote may deny without a negation ("keep it as it is").
SPARING = frozenset(
    "too only little few unless until before leave alone keep keeps instead just hard stay".split()
)
_WISHES = frozenset(
    """want wants wanted wanting wish wishes wished wishing need needs needed needing ask asks
    asked
    asking request requests requested requesting require requires required hope hopes hoped hoping
    prefer prefers preferred demand demands expect expects expected should must ought desire
    desires lack lacks lacking missing suggest suggests suggested propose proposes recommend
    seek seeks willing""".split()
)
_HEDGES = frozenset(
    """if unless might may maybe could would perhaps probably possibly consider considers
    considering
    considered thinking wondering wonders tempted whether likely potentially potential risk risks
    threaten threatens threatened threatening warn warns warned hint hints fear fears worry worries
    explore explores exploring explored evaluate evaluates evaluating weigh weighs weighing weighed
    hopes hoping hope open ready willing could've suppose guess imagine depends ask asks asked
    toying mulling contemplating contemplates debating question questions otherwise without
    before until intends""".split()
) - frozenset("before until without intends guess".split())
# After these the very next word of meaning is only supposed.
_SUPPOSES = frozenset(
    "might may could maybe perhaps possibly would considering consider tempted wondering".split()
)
_PASSED_OVER = frozenset(
    """be been being am is are was were 's 're have has had having do does did doing done get
        gets got getting can could will would shall should may might must to a an the this that
        these
        those it its they them he she him her i you we us my our your their his me really even
        actually just always ever any anything anyone anybody very so too quite much many all
        honestly particularly yet still more most enough exactly one go going gonna uh um er well
        think thinks thought believe believes suppose reckon seem seems seemed appear appears as at
        in on of for with by from about into and or than then there here what which who how if
        whether when where why some such own same other every each both either longer once now time
        times thing things way ways day days lot bit kind sort point people like because until
        while be able let make makes made making take takes took taken able ll ve re d m s t
        up out off over down back through again only also that's it's there's single least
        completely entirely fully properly simply quite necessarily currently anymore
        need""".split()
) - frozenset("like need".split())
_SYNONYMS = {
    form: group
    for group, forms in {
        "(content)": "happy happily satisfied satisfying satisfaction pleased content delighted "
        "glad",
        "(like)": "like likes liked liking love loves loved loving enjoy enjoys enjoyed adore",
        "(trust)": "trust trusts trusted rely relies relied relying reliable reliably confident "
        "confidence dependable",
        "(work)": "work works worked working function functions functioning operate operates",
        "(angry)": "angry furious annoyed upset mad frustrated frustrating frustrates frustration "
        "livid irritated annoying",
        "(complain)": "complain complains complained complaining complaint complaints gripe",
        "(change)": "change changes changed changing alter alters altered modify modifies",
        "(remember)": "remember remembers remembered recall recalls",
        "(arrive)": "arrive arrives arrived arriving",
        "(simple)": "easy easily simple simply straightforward",
        "(want)": "want wants wanted wanting",
    }.items()
    for form in forms.split()
}
_OPPOSITES = {
    a: b
    for one, other in (
        ("fast faster quick quickly quicker", "slow slowly slower"),
        ("easy easily simple simpler easier", "hard harder difficult complicated"),
        ("cheap cheaper inexpensive", "expensive costly dear"),
        ("better best improved improves improving", "worse worst worsened worsening"),
        ("increase increases increased increasing", "decrease decreases decreased decreasing"),
        ("love loves loved like likes liked enjoy enjoys", "hate hates hated loathe loathes"),
        ("happy pleased satisfied", "unhappy dissatisfied angry furious"),
        ("accept accepts accepted", "reject rejects rejected"),
    )
    for mine, theirs in ((one, other), (other, one))
    for a in mine.split()
    for b in (frozenset(theirs.split()),)
}
_FILLER = frozenset("uh um er honestly well you know i mean actually really frankly like".split())


@dataclass(frozen=True, slots=True)
class Read:
    """A word of meaning or of form, with how it stands in its clause.

    ``denied`` is 3 in the reach of a negation, 2 near a word such as "lost", 1 near one such as
    "late", else 0. ``head``
    marks the first word of meaning after a negation; ``declined`` one that is not *wanted*.
    ``wished`` stands after "want", ``asked`` after "whether", ``hedged`` in a sentence with "if"
    or "might", and ``supposed`` is what a "might" is about.
    """

    word: str
    stem: str
    group: str
    denied: int
    head: bool
    declined: bool
    wished: bool
    hedged: bool
    supposed: bool
    asked: bool
    idle: bool


def read(texts: Sequence[str]) -> list[list[Read]]:
    """The words of each text in order."""
    split = [[_plain(t) for t in _TOKEN.findall(text)] for text in texts]
    known = sorted({w for tokens in split for w in tokens if w[0].isalnum()})
    stemmed = keywords.stems(known)
    stem = {w: (s[0] if s else w) for w, s in zip(known, stemmed, strict=True)}
    return [_read(tokens, stem) for tokens in split]


def opposites(word: str) -> frozenset[str]:
    """The words that say the contrary, from a closed list."""
    return _OPPOSITES.get(word, frozenset())


def _read(tokens: Sequence[str], stem: dict[str, str]) -> list[Read]:
    size = len(tokens)
    denied, heads, declined = [0] * size, set[int](), set[int]()
    wished, supposed = [False] * size, set[int]()
    for n, word in enumerate(tokens):
        if word in _UNDONE or word in _TROUBLED:
            _undo(tokens, denied, n, 2 if word in _UNDONE else 1)
        if _negates(tokens, n):
            _deny(tokens, n, denied, heads, declined)
        if word in _WISHES:
            for k in range(n + 1, min(size, n + 31)):
                if tokens[k] in _STOPS:
                    break
                wished[k] = True
        if _supposes(tokens, n):
            found = _next(tokens, n + 1, cross=False)
            if found is not None and tokens[found] not in _SAYING | _WISHES:
                supposed.add(found)
    hedged, asked = _hedged(tokens), _open(tokens)
    return [
        Read(
            word=word,
            stem=stem[word],
            group=_SYNONYMS.get(word, stem[word]),
            denied=denied[n],
            head=n in heads,
            declined=n in declined,
            wished=wished[n],
            hedged=hedged[n],
            supposed=n in supposed,
            asked=asked[n],
            idle=word in _PASSED_OVER,
        )
        for n, word in enumerate(tokens)
        if word[0].isalnum()
    ]


def _at(tokens: Sequence[str], n: int) -> str:
    return tokens[n] if 0 <= n < len(tokens) else ""


def _supposes(tokens: Sequence[str], n: int) -> bool:
    word, behind = tokens[n], _at(tokens, n + 1)
    if word.endswith("'d") and word[:-2] in _PRONOUNS:
        had = behind in _PARTICIPLES or behind.endswith(("ed", "en"))  # "I'd told him"
        return not had and behind != "better"
    return word in _SUPPOSES or (word in ("thinking", "thought") and behind in ("about", "of"))


def _negates(tokens: Sequence[str], n: int) -> bool:
    word, behind = tokens[n], _at(tokens, n + 1)
    if behind == "suppose":
        return False  # "I don't suppose you could": asks for it
    if word.endswith("n't") or word == "cannot":
        # "…, isn't it?" asks for assent.
        tag = _at(tokens, n + 2) in ("?", ".", ",") and behind in _PRONOUNS and _tag(tokens, n)
        return not tag
    if word in _NOT_TO:
        return behind == "to" or word == "unable"
    if word in _NOT_ING:
        return behind.endswith("ing")
    word = word.removesuffix("'s").removesuffix("'d").removesuffix("'ll")  # "nobody's told"
    if word not in _NOT:
        return False
    if word == "no" and (
        not (behind and behind[0].isalnum())
        or _at(tokens, n - 1) in ("a", "the", "that", "or", "if")
    ):
        return False  # an answer
    if word == "no" and behind in ("no", "yeah", "i", "we", "it", "that's", "they"):
        return False
    if word == "not" and behind in ("only", "just", "to") and _at(tokens, n + 2) != "be":
        return behind == "to" and _at(tokens, n + 2) != "mention"
    if word in ("no", "never", "not") and behind in _NO_NEGATION_BEFORE - {"to", "just"}:
        return False
    # "Could not live without": both together affirm.
    return not (
        word == "without"
        and any(_bare_not(tokens[k]) for k in range(max(0, n - 2), n))
        and not any(t in _STOPS or t == "," for t in tokens[max(0, n - 2) : n])
    )


_SAYING = frozenset("say said tell told guess imagine argue call called ask asked".split())
_PARTICIPLES = frozenset(
    "gone been had got done said told left lost made known heard found thought brought bought kept "
    "sent paid meant grown begun caught felt held met sat sold spent stood taught won".split()
)
_ASKED = frozenset("how what which why who where when whether".split())
_IFS = frozenset(
    "if whether unless wonder wonders doubt doubts question questions risk risks fear fears".split()
)
_NAUGHT = frozenset(("nothing", "none", "nobody", "no", "neither"))
_PRONOUNS = frozenset("it he she they we you i".split())


def _bare_not(word: str) -> bool:
    return word in ("not", "never", "cannot") or word.endswith("n't")


def _tag(tokens: Sequence[str], n: int) -> bool:
    return _at(tokens, n - 1) in (",", "") and _at(tokens, n + 2) == "?"


def _deny(
    tokens: Sequence[str], n: int, denied: list[int], heads: set[int], declined: set[int]
) -> None:
    if "without" in (_at(tokens, n + 1), _at(tokens, n + 2)) and _bare_not(tokens[n]):
        return
    reach = 0
    for k in range(n + 1, len(tokens)):
        if tokens[k] in _STOPS or tokens[k] in ("but", "because", "although", "—"):
            break
        if reach and tokens[k] in _ASKED:
            break  # "I couldn't tell you how they managed"
        if tokens[k] == "," and not _beside_filler(tokens, k):
            break
        if not tokens[k][0].isalnum():
            continue
        reach += 1
        if reach > _SCOPE:
            break
        denied[k] = 3
    cut = _at(tokens, n + 1) == "," and _at(tokens, n + 2) not in _FILLER
    found = None if cut else _next(tokens, n + 1, cross=True)
    if tokens[n] in _NAUGHT and _at(tokens, n - 1)[:1].isalnum():
        # "Wants nothing", "gets nothing".
        denied[n - 1] = 3
    if found is None:
        # "If he's on a beach, don't." "First month, nothing."
        for k in range(n - 1, max(-1, n - 1 - 2 * _SCOPE), -1):
            if tokens[k] in _STOPS:
                break
            denied[k] = max(denied[k], 2)
        return
    heads.add(found)
    denied[found] = 3
    if tokens[found] in _WISHES:
        beyond = _next(tokens, found + 1, cross=False)
        if beyond is not None:
            heads.add(beyond)
            declined.add(beyond)


def _next(tokens: Sequence[str], n: int, *, cross: bool) -> int | None:
    """The first word of meaning from ``n`` on; ``cross`` passes over "…, honestly, …"."""
    for k in range(n, min(len(tokens), n + 9)):
        word = tokens[k]
        if word in _STOPS or word in ("but", "because", "—", "–", " - "):
            return None
        if word == "," and not (cross and _beside_filler(tokens, k)):
            return None
        if word == "and" and cross:
            return None
        if not word[0].isalnum():
            continue
        if word == "like" and _at(tokens, k + 1) == ",":
            continue
        aside = _at(tokens, k - 1) in ("you", "i") and _at(tokens, k + 1) == ","
        if word in ("know", "mean") and not aside:
            return k
        if word in _PASSED_OVER or word in _FILLER - {"like"} or amounts.is_number(word):
            continue
        return k
    return None


def _beside_filler(tokens: Sequence[str], comma: int) -> bool:
    return _at(tokens, comma + 1) in _FILLER or _at(tokens, comma - 1) in _FILLER


def _undo(tokens: Sequence[str], denied: list[int], n: int, how: int) -> None:
    for step in (1, -1):
        k = n
        for _ in range(_NEAR + 2):
            if not 0 <= k < len(tokens) or tokens[k] in _STOPS:
                break
            denied[k] = max(denied[k], how)
            k += step


def _hedged(tokens: Sequence[str]) -> list[bool]:
    """By sentences: whether each word stands in one with an "if" or a "might"."""
    out: list[bool] = []
    start = 0
    for n in range(len(tokens) + 1):
        if n == len(tokens) or tokens[n] in _STOPS:
            part = tokens[start : n + 1]
            asks = n < len(tokens) and tokens[n] == "?"
            hedge = asks or any(w in _HEDGES or w.endswith("'d") for w in part)
            out += [hedge] * len(part)
            start = n + 1
    return out[: len(tokens)]


def _open(tokens: Sequence[str]) -> list[bool]:
    """Whether each word follows an "if" or a "whether" in its clause."""
    out, now = [], False
    for word in tokens:
        now = word in _IFS or (now and word not in _STOPS and word != ",")
        out.append(now)
    return out


def _plain(token: str) -> str:
    return token.lower().replace("’", "'").replace("ain't", "isn't")
