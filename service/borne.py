"""Whether a sentence that a model wrote follows from the quotes it names.

Code decides, by rules that can be read: every number and every name of the sentence is in the
quotes, what they deny is not affirmed and what they affirm is not denied, "might" has not become
"will", and it is about the same matter. What only code may say (how many customers, which need is
the greatest) no sentence says. Paraphrase is free: a rule speaks only where words are shared.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from ingest import cues, gate, keywords
from ingest.addressed import addressed
from ingest.library import Library
from ingest.private import is_private, private_details
from ingest.store import list_accounts
from ingest.tables import calls, speakers, utterances
from service import amounts, clauses
from service.clauses import Read
from service.offtopic import offtopic
from service.quotes import Spoken
from service.said import idle_stems
from service.shapes import Quote

MOST_WORDS = 60
_FEWEST_WORDS = 3  # of a sentence
_MOST_CHARS = 700
_BANK = 0.96  # of the bank of other topics, that a sentence has to be farther from
_QUOTED = 70  # words of an utterance to quote for a sentence

_LETTERS = re.compile(r"[^\W\d_]+")
Near = Callable[[str, Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known in a home: ``names`` of accounts by id, ``people`` who spoke in any call, and
    the ``vocabulary``, lower-case words said by anybody.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    vocabulary: frozenset[str] = frozenset()


def known_in(connection: sa.Connection) -> Known:
    """What a home knows, read anew: keep it for as long as its calls do not change."""
    texts = connection.scalars(
        sa.select(utterances.c.text)
        .join(calls, calls.c.call_id == utterances.c.call_id)
        .where(calls.c.state == "ready")
    )
    return Known(
        names={account.account_id: account.name for account in list_accounts(connection)},
        people=frozenset(connection.scalars(sa.select(speakers.c.name).distinct())),
        vocabulary=frozenset(
            word for text in texts for word in _LETTERS.findall(text) if word.islower()
        ),
    )


def borne(
    sentence: str,
    quotes: Sequence[Quote],
    known: Known,
    near: Near | None = None,
    *,
    wish: bool = False,
) -> str | None:
    """``None`` when the quotes bear the sentence; else why not, in a few words.

    A ``wish`` says what should be, where the quotes say what is not ("it does not save": "work has
    to be saved"): what is denied may then be asked for.
    """
    text = plain(sentence)
    first_hand = [q for q in quotes if q.hand == "first"]
    if not first_hand:
        return "only hearsay stands behind it" if quotes else "no quote stands behind it"
    said = [plain(q.text) for q in first_hand]
    bare = _nameless(text, first_hand, known)
    return (
        _form(text)
        or _counted(bare, said)
        or _ranked(text, said)
        or _numbers(bare, said)
        or _quoted(text, said)
        or _names(text, first_hand, said, known)
        or (None if wish else _clauses(text, said))
        or _bears(text, said, first_hand, known, near)
    )


def fits(label: str, quotes: Sequence[Quote], known: Known, near: Near | None = None) -> str | None:
    """As ``borne``, for the name of a theme: a few words, also "Fieldmoss" or "Pay on the spot"."""
    text = plain(label)
    first_hand = [q for q in quotes if q.hand == "first"]
    if not first_hand:
        return "no quote stands behind it"
    said = [plain(q.text) for q in first_hand]
    bare = _nameless(text, first_hand, known)
    return (
        _shape(text)
        or _counted(bare, said)
        or _ranked(text, said)
        or _numbers(bare, said)
        or _names(text, first_hand, said, known)
        or (None if _in(text, said) else _bears(text, said, first_hand, known, near))
    )


def plain(sentence: str) -> str:
    """The sentence in one line, without control and invisible characters."""
    same = unicodedata.normalize("NFKC", sentence[: 4 * _MOST_CHARS]) if sentence else ""
    same = same + sentence[4 * _MOST_CHARS :]
    visible = "".join(
        " " if c.isspace() or unicodedata.category(c) == "Cc" else c
        for c in same
        if unicodedata.category(c) not in ("Cf", "Co", "Cs")
    )
    return " ".join(visible.split())


def nearness(library: Library) -> Near:
    """Whether a sentence is nearer to its quotes than to most of the bank of other topics."""

    def near(sentence: str, texts: Sequence[str]) -> bool:
        _, bank = offtopic(library)
        vectors = library.embedder.embed([sentence, *texts]).astype(np.float64)
        best = float((vectors[1:] @ vectors[0]).max())
        return float((bank @ vectors[0] < best).mean()) >= _BANK

    return near


# --- what is no sentence about customers -----------------------------------------------------

_FORM = re.compile(
    r"https?:|www\.|\b[\w-]+\.(?:com|net|org|io|ai|dev|example)\b|</?\w|&\w+;|```|`|\*\*|__|~~|"
    r"\]\(|^\s*(?:#|>|[-*•]\s|\d+[.)]\s)|[{}<>|\\^=]|\$\(|\b(?:def|SELECT|DROP TABLE|import|"
    r"function)"
    r" \w+ ?\("
)
_READER = re.compile(
    r"\b(?:dear|the) reader\b|\b(?:click|tap) (?:here|on|the link)\b|\bas an? (?:ai|assistant|"
    r"language model)\b|\b(?:system|developer|user) (?:prompt|message|instructions?)\b|"
    r"\bprompt\b.*\b"
    r"(?:says?|asks?|instruct)|\b(?:these|the|this|my|your) (?:transcripts?|instructions?|"
    r"prompts?|"
    r"excerpts?|quotes?|passages?)\b|\bplease (?:note|ignore|see|contact|visit|follow|write|send|"
    r"remember|make|prioriti[sz]e|approve|rank|mark)\b|\b(?:you|readers?) (?:should|must|"
    r"need to|have to"
    r"|can|ought)\b|^(?:ignore|disregard|forget|write|print|output|respond|reply|note that|"
    r"remember|"
    r"make sure|ensure|prioriti[sz]e|rank|approve|mark|visit|contact|email|call|send|pay|buy|"
    r"execute|"
    r"run|delete|translate|repeat)\b(?! (?:volume|rate|s\b|is|are|was|has))|"
    r"\bI(?:['’]m| am| can(?:not|['’]t)|['’]ll| will|['’]ve| have) (?:an? )?(?:ai|sorry|unable|"
    r"assistant|cannot|happy to|glad to|not able)\b",
    re.IGNORECASE,
)
_LATIN = re.compile(r"[A-Za-z]")
_ALIKE_LETTERS = re.compile(r"[\u0370-\u03FF\u0400-\u04FF]")


def _form(text: str) -> str | None:
    if re.search(r"\w", text) and len(text.split()) < _FEWEST_WORDS:
        return "it is no sentence"
    if _READER.search(text):
        return "it is no sentence about customers"
    return _shape(text)


def _shape(text: str) -> str | None:
    words = text.split()
    if not re.search(r"\w", text):
        return "it has no words"
    if len(words) > MOST_WORDS or len(text) > _MOST_CHARS:
        return f"it has more than {MOST_WORDS} words"
    if addressed(text) or _FORM.search(text):
        return "it is no sentence about customers"
    if any(_LATIN.search(w) and _ALIKE_LETTERS.search(w) for w in words):
        return "it mixes alphabets within a word"
    if is_private(text):
        return "it holds a telephone number or an address"
    return None


# --- what only code may say ------------------------------------------------------------------

_COUNT = (
    r"(?:\d[\d,.]*%?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens|hundreds|"
    r"thousands|half|both|all|most|many|several|some|few|fewer|every|each|no|none|multiple|"
    r"numerous|"
    r"various|nearly all|almost all|virtually all|lots|plenty|a (?:few|couple|handful|number|"
    r"majority|"
    r"minority|third|quarter|lot|range)|the (?:majority|rest|bulk)|other|another|certain|more|"
    r"a single|"
    r"only one|two thirds|countless)"
)
_CUSTOMERS = (
    r"(?:customers?|accounts?|clients?|compan(?:y|ies)|organi[sz]ations?|buyers?|subscribers?|"
    r"respondents?|interviewees?|participants?|callers?|prospects?)"
)
_PEOPLE = r"(?:users?|people|firms|businesses|speakers?|interviews?|calls)"
_SAYS = (
    r"(?:say|said|want|complain|report|are|were|have|had|need|describe|mention|ask|asked|told|"
    r"like|love|"
    r"hate|find|feel|agree|think|expect|face|struggle|raise|cite|voice|share|use|would|will|do|"
    r"did)s?"
)
_COUNTS = (
    re.compile(
        rf"\b{_COUNT}(?: of)?(?: (?:the|our|their|its|these|those|"
        rf"your))?(?: [\w-]+)? {_CUSTOMERS}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:both|all|most|many|several|some|few|every|each|multiple|numerous|various|"
        r"nearly all|"
        r"a (?:few|handful|majority|lot) of|the majority of|lots of|dozens of|other)"
        rf"(?: of)?(?: (?:the|our|these|those))? {_PEOPLE}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:^|[,;:—] |\b(?:and|but|that) )(?:both|several|many|most|few|some|all|others|"
        r"multiple|two|"
        rf"three|four|five|six|seven|eight|nine|ten|half) (?:of (?:them|these|those) )?{_SAYS}\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bthe majority\b|\bunanimous\w*|\bconsensus\b|\bwidespread\b|\bcommon(?:ly)? "
        r"(?:complaint|request|theme|need|problem|issue|reported|raised|mentioned)\w*|"
        r"\bacross (?:the )?"
        r"(?:\w+ )?(?:accounts|customers|calls|customer base|base|board|portfolio)\b|"
        r"\buniversal(?:ly)?\b|"
        r"\b(?:recurring|frequent(?:ly)?) (?:theme|complaint|request|raised|mentioned|cited)\b",
        re.IGNORECASE,
    ),
)
_PRONOMINAL = re.compile(
    r"\b(both|all|most|many|several|some|half|none|each|few) of (?:them|these|those)\b|"
    r"\b(everyone|everybody)\b",
    re.IGNORECASE,
)
_EVERY = re.compile(
    r"\b(?:every\w*|all of (?:us|them|you)|all hands|each of|(?:we|they|us|them)(?:['’]re)? all)\b",
    re.IGNORECASE,
)
_RANKS = re.compile(
    r"\b(?:most (?:\w+ )?(?:important|urgent|pressing|critical|common|requested|frequent|"
    r"valuable|wanted|"
    r"needed|serious|significant|severe|painful|damaging|costly|voiced|mentioned|cited|popular)|"
    r"(?:top|first|highest|number[- ]one|no\.? ?1|main|key|biggest|greatest|chief|primary|"
    r"overriding|"
    r"leading|foremost) (?:\w+ )?(?:priorit(?:y|ies)|needs?|requests?|problems?|issues?|concerns?|"
    r"complaints?|pains?|reasons?|asks?|demands?|themes?|drivers?|risks?|causes?|frustrations?|"
    r"challenges?|opportunit(?:y|ies)|threats?|worr(?:y|ies)|gaps?|barriers?|obstacles?|"
    r"wish(?:es)?)|"
    r"number[- ]one|no\.? ?1|priorit(?:y|ies) (?:number )?(?:one|1)|top[- ](?:priority|"
    r"of the list|"
    r"ranked)|above (?:all|everything|everybody|everyone)|biggest|greatest|single (?:biggest|"
    r"most)|"
    r"root cause|main reason|more than anything|outweighs?|ranks? (?:first|highest|above)|"
    r"far more important|most of all|foremost|paramount|the top (?:need|ask|request)|"
    r"drives? churn|highest[- ](?:priority|value|impact)|matters? (?:the )?most)\b",
    re.IGNORECASE,
)


def _nameless(text: str, quotes: Sequence[Quote], known: Known) -> str:
    """The sentence without the names it may use, for "Two Otters" are no number."""
    names = {known.names.get(q.account_id or "", "") for q in quotes} | {q.speaker for q in quotes}
    for name in sorted(names, key=len, reverse=True):
        parts = name.split()
        for size in range(len(parts), 1, -1):
            text = text.replace(" ".join(parts[:size]), "they")
    return text


def _counted(text: str, said: Sequence[str]) -> str | None:
    for pattern in _COUNTS:
        for found in pattern.finditer(text):
            phrase = found.group().strip(" ,;:—")
            phrase = re.sub(r"^(?:and|but|that) ", "", phrase, flags=re.IGNORECASE)
            if not _in(phrase, said):
                return f"counts are computed, not written (“{phrase}”)"
    for found in _PRONOMINAL.finditer(text):
        word = (found[1] or found[2]).casefold()
        if not any(
            _EVERY.search(one) if word.startswith("every") else _in(word, [one]) for one in said
        ):
            return f"counts are computed, not written (“{found.group()}”)"
    return None


def _ranked(text: str, said: Sequence[str]) -> str | None:
    for found in _RANKS.finditer(text):
        if not _in(found.group(), said):
            return f"what comes first is computed, not written (“{found.group()}”)"
    return None


def _in(phrase: str, said: Sequence[str]) -> bool:
    return any(gate.find_exactly(phrase, one) is not None for one in said)


# --- numbers, quoted words, names ------------------------------------------------------------


def _numbers(text: str, said: Sequence[str]) -> str | None:
    missing = amounts.unborne(text, said)
    return None if missing is None else f"the quotes have no “{missing}”"


_QUOTATION = re.compile(r"[“\"]([^“”\"]{1,400})[”\"]")


def _quoted(text: str, said: Sequence[str]) -> str | None:
    for found in _QUOTATION.finditer(text):
        if re.search(r"\w", found[1]) and not _in(found[1], said):
            return f"nobody said “{found[1]}”"
    return None


_WORD = re.compile(r"[^\W_]+(?:[.&'’-][^\W_]+)*\.?")
_OPENS = frozenset('.!?:“"')
_PLAIN_CAPITALS = frozenset("i i'm i've i'd i'll ok okay am pm".split())
_FORM_WORDS = (
    keywords.STOP
    | keywords.FRAME
    | frozenset(
        """they it there when without because although though despite even still instead after
        before customer customers client clients account accounts user users staff team teams
        people
        nobody nothing someone somebody everyone everything one another both either neither
        according
        asked using given once since unless until whenever wherever whatever having being getting
        losing waiting working missing paying sometimes often usually currently today now never
        always yes no not also finding keeping making switching leaving sending retyping typing
        manual manually managers manager support pricing price prices billing reports reporting
        scheduling invoices technicians engineers operators workers crews drivers dispatchers
        office their employees company owner owners data work jobs job time money cost costs
        errors delays problems trouble fixing changing adding removing entering roughly beyond
        approximately nearly besides despite regarding overall based rather whereas thanks due
        whether should would could getting alongside amid among throughout within toward towards
        unlike via per plus even still meanwhile however therefore thus hence later earlier
        afterwards previously recently ideally reportedly apparently frustrated unhappy happy
        annoyed worried pleased unable unwilling willing keen reluctant
        knowledge access accuracy automation clarity communication compliance confidence control
        coverage evidence feedback flexibility frustration growth information integration lack
        leaving maintenance mistakes morale onboarding overtime ownership paperwork payment payments
        payroll performance planning privacy problem process productivity quality records renewal
        reliability responsibility risk safety security service speed stress tickets tools training
        transparency trust turnover usage value visibility visits workflow younger older new old
        good bad better worse small large long short late early hard easy slow fast""".split()
    )
)


def _names(text: str, quotes: Sequence[Quote], said: Sequence[str], known: Known) -> str | None:
    mine = {q.account_id for q in quotes if q.account_id is not None}
    own = " ".join(known.names.get(a, "") for a in mine)
    speakers = " ".join(q.speaker for q in quotes)
    spoken = _lower_words(" ".join(said))
    allowed = spoken | _lower_words(own) | _lower_words(speakers)
    have = _lower_words(text)
    # An account is named only over its own words.
    owned = _lower_words(own) | _lower_words(speakers)
    for account, name in known.names.items():
        if account in mine:
            continue
        telling = _telling(name, known) - owned
        if telling & have or (len(name.split()) > 1 and _in(name, [text]) and not _in(name, [own])):
            return f"{name} is named, and no quote is theirs"
    for person in known.people:
        if person in speakers or not _telling(person, known) & have:
            continue
        for part in sorted(_telling(person, known) & have):
            if part not in allowed:
                return f"{part.capitalize()} is named, and is not in the quotes"
    capitals = [m for m in _WORD.finditer(text) if m.group()[0].isupper()]
    titled = 2 * len(capitals) > len(text.split())
    for found in _WORD.finditer(text):
        word = found.group().rstrip(".")
        if not _named(word):
            continue
        before = text[: found.start()].rstrip("'‘( ")
        opens = not before or before[-1] in _OPENS
        ordinary = opens or (titled and word[1:].islower())
        if _allowed(word, allowed) or (ordinary and _ordinary(word, allowed, known)):
            continue
        return f"“{word}” is not in the quotes"
    return None


def _named(word: str) -> bool:
    """Whether a word is written like a name: a capital, or letters with digits."""
    if word.lower().replace("’", "'") in _PLAIN_CAPITALS:
        return False
    if any(c.isupper() for c in word):
        return not amounts.amounts(word) or (
            bool(re.search(r"[A-Z]\w*\d", word)) and word[0] != "Q"
        )
    letters = any(c.isalpha() for c in word)
    return letters and any(c.isdigit() for c in word) and not amounts.amounts(word)


def _allowed(word: str, allowed: Collection[str]) -> bool:
    low = _possessed(word.lower())
    if low in allowed or low.replace(".", "") in allowed:
        return True
    if low.endswith("s") and low[:-1] in allowed:
        return True
    if low + "s" in allowed:
        return True
    parts = [_possessed(p) for p in re.split(r"[-&'’.]", low) if p]
    return len(parts) > 1 and all(p in allowed or p in _FORM_WORDS or len(p) < 2 for p in parts)


def _ordinary(word: str, allowed: Collection[str], known: Known) -> bool:
    """Whether a word that opens a sentence is an ordinary one, as far as anybody can tell."""
    if any(c.isupper() for c in word[1:]):
        return False
    forms = _forms(_possessed(word.lower()))
    return any(f in _FORM_WORDS or f in known.vocabulary or f in allowed for f in forms)


def _forms(word: str) -> set[str]:
    """The word and what it may be a form of: "dispatchers", "dispatcher", "dispatch"."""
    forms = {word}
    for part in word.split("-"):
        forms |= {part} if len(word.split("-")) > 1 else set()
    for ending in (
        "s",
        "es",
        "ed",
        "d",
        "ing",
        "er",
        "ers",
        "ly",
        "r",
        "rs",
        "ment",
        "ions",
        "ion",
    ):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            root = word[: -len(ending)]
            forms |= {root, root + "e", root + "s", root + "ing", root + "ed"}
            if len(root) > 3 and root[-1] == root[-2]:
                forms.add(root[:-1])
    if word.endswith("ies"):
        forms.add(word[:-3] + "y")
    return forms | {word + "s", word + "d", word + "ed", word + "ing"}


def _possessed(word: str) -> str:
    for tail in ("'s", "’s", "'d", "’d", "'ll", "’ll", "'re", "’re", "'ve", "’ve", "'", "’"):
        word = word.removesuffix(tail)
    return word


def _lower_words(text: str) -> set[str]:
    found = {_possessed(w.lower().rstrip(".")) for w in _WORD.findall(text)}
    return found | {p for w in found for p in re.split(r"[-&'’.]", w) if p}


def _telling(name: str, known: Known) -> set[str]:
    """The words of a name that are nothing but a name."""
    return {
        w
        for w in _lower_words(name)
        if len(w) > 2 and w not in known.vocabulary and w not in _FORM_WORDS
    }


# --- negation, supposition -------------------------------------------------------------------

_COMMITS = frozenset(
    """decide decides decided promise promises promised agree agrees agreed commit commits
    committed
    guarantee guarantees guaranteed confirm confirms confirmed approve approves approved""".split()
)
_LEAVES = frozenset(
    """leave leaves leaving left cancel cancels cancelled canceled cancelling switch switches
    switched
    switching churn churns churned churning quit quits terminate terminates terminated terminating
    ditch ditching ditched replace replaces replaced replacing defect defects""".split()
)
_LEAVES_FOR_SURE = re.compile(
    r"\b(?:churn\w*|cancel\w*|quits?|quitting|terminat\w+|(?:have|has) (?:already )?left|"
    r"(?:will|are|is|['’]ll|plan(?:s|ning)? to|going to) (?:\w+ )?(?:leave|leaving|switch|"
    r"switching|"
    r"mov(?:e|ing) (?:away|off|to)|replac(?:e|ing)|walk(?:ing)? away)|"
    r"leav(?:e|es|ing) (?:us|the vendor|for good)|gave notice|given notice)\b",
    re.IGNORECASE,
)
_BUYS = frozenset(
    """renew renews renewed renewing upgrade upgrades upgraded upgrading expand expands expanded
    purchase purchases purchased sign signs signed signing extend extends extended""".split()
)
_WILL = re.compile(r"\b(?:will|shall|definitely|certainly|surely)\b|['’]ll\b", re.IGNORECASE)
_WILLS = re.compile(
    r"\b(?:will|shall|won['’]t|going to|gonna|plan(?:s|ned|ning)? (?:to|on)|intends?|about to|"
    r"definitely|"
    r"certain(?:ly)?|am|['’]m|are|['’]re|is) ?\b(?:\w+ing\b)?|['’]ll\b",
    re.IGNORECASE,
)
_PRIVATIVE = ("un", "in", "dis", "non", "im", "ir")


def _clauses(text: str, said: Sequence[str]) -> str | None:
    parts = [one[a:b] for one in said for a, b in gate.whole_sentences(one)]
    mine, *others = clauses.read([text, *parts])
    theirs = [word for words in others for word in words]
    return (
        _denies(mine, theirs, said)
        or _affirms(mine, theirs)
        or _overlooks(mine, others)
        or _contradicts(mine, theirs)
        or _supposes(mine, theirs, text, said)
    )


def _denies(mine: Sequence[Read], theirs: Sequence[Read], said: Sequence[str]) -> str | None:
    """A "not" in the sentence that is not in the quotes."""
    negative: bool | None = None
    for word in mine:
        if not word.head or word.declined:
            continue
        same = [t for t in theirs if t.group == word.group]
        if same:
            sparing = any(t.word in clauses.SPARING for t in theirs)
            if not sparing and not any(t.denied or _deprived(t.word) for t in same):
                return f"the quotes do not deny “{word.word}”"
            continue
        if negative is None:
            negative = any(t.denied for t in theirs) or any(
                family.search(one)
                for one in said
                for family in (cues.FAILURE, cues.FEELING, cues.CONTENT, cues.NEGATION)
            )
        if not negative and not any(_deprived(t.word) for t in theirs):
            return f"the quotes deny nothing (“not … {word.word}”)"
    return None


def _affirms(mine: Sequence[Read], theirs: Sequence[Read]) -> str | None:
    """A "not" of the quotes that is not in the sentence."""
    denied = {t.group for t in theirs if t.head}
    declined = {t.group for t in theirs if t.declined}
    affirmed = {t.group for t in theirs if t.denied < 3}
    only = denied - affirmed
    for word in mine:
        if word.denied > 1 or word.idle or word.group not in only:
            continue
        if word.asked or (word.wished and word.group not in declined):
            continue
        return f"the quotes say “{word.word}” only with a “not”"
    return None


def _overlooks(mine: Sequence[Read], others: Sequence[Sequence[Read]]) -> str | None:
    """A sentence that denies nothing, of the words that a sentence of the quotes denies."""
    if any(w.denied > 1 or w.word in clauses.SPARING or _deprived(w.word) for w in mine):
        return None
    wanted = {w.group for w in mine if not w.idle}
    wished = {w.group for w in mine if w.wished}
    affirmed = {w.group for words in others for w in words if w.denied < 3}
    for words in others:
        shared = {w.group for w in words if not w.idle} & wanted
        denied = ({w.group for w in words if w.denied == 3} & shared) - affirmed
        if not any(w.declined for w in words):
            denied -= wished  # "There is no export": one can wish for it
        if len(shared) >= 2 and 2 * len(denied) >= len(shared):
            return f"the quotes say “{' … '.join(sorted(denied))}” with a “not”"
    return None


def _contradicts(mine: Sequence[Read], theirs: Sequence[Read]) -> str | None:
    """The opposite of a word of the quotes, which they do not have."""
    have = {t.word for t in theirs if t.denied < 3}
    groups = {t.group for t in theirs}
    for word in mine:
        if word.denied == 3 or word.wished or word.hedged or word.group in groups:
            continue
        opposed = clauses.opposites(word.word) & have
        deprived = {p + word.word for p in _PRIVATIVE} & have
        if opposed or deprived:
            return f"the quotes say “{min(opposed | deprived)}”, not “{word.word}”"
    return None


def _supposes(
    mine: Sequence[Read], theirs: Sequence[Read], text: str, said: Sequence[str]
) -> str | None:
    """What is certain in the sentence and only supposed in the quotes."""
    supposed = {t.group for t in theirs if t.supposed} - {
        t.group for t in theirs if not t.supposed and not t.hedged
    }
    for word in mine:
        if word.hedged or word.wished or word.denied == 3:
            continue
        for family, demanded in ((_COMMITS, True), (_LEAVES, False), (_BUYS, False)):
            if word.word not in family:
                continue
            same = [t for t in theirs if t.word in family]
            if same and all(t.hedged for t in same):
                return f"the quotes only suppose “{word.word}”"
            if not same and demanded:
                return f"nobody said “{word.word}”"
        if word.group in supposed and not word.idle:
            return f"the quotes only suppose “{word.word}”"
    hedged = any(w.hedged for w in mine)
    if not hedged and _LEAVES_FOR_SURE.search(text):
        leaving = [m for one in said for m in _sentences_with(cues.LEAVING, one)]
        sure = any(_LEAVES_FOR_SURE.search(one) for one in said)
        if not leaving and not sure:
            return "nobody speaks of leaving"
        if not sure and all(any(w.hedged for w in clauses.read([one])[0]) for one in leaving):
            return "the quotes only suppose that they leave"
    if not hedged and _WILL.search(text) and not any(_WILLS.search(one) for one in said):
        return "nobody said that it will be so"
    return None


def _sentences_with(pattern: re.Pattern[str], text: str) -> list[str]:
    return [text[a:b] for a, b in gate.whole_sentences(text) if pattern.search(text[a:b])]


def _deprived(word: str) -> bool:
    return word.startswith(("un", "dis", "non", "im", "ir")) and len(word) > 5


# --- whether it bears at all -----------------------------------------------------------------


def _bears(
    text: str, said: Sequence[str], quotes: Sequence[Quote], known: Known, near: Near | None
) -> str | None:
    names = " ".join([*(q.speaker for q in quotes), *known.names.values()])
    mine, named, *theirs = (_content(s) for s in keywords.stems([text, names, *said]))
    wanted = mine - named
    if any(wanted & stems for stems in theirs):
        return None
    if near is not None and near(text, said):
        return None
    return "it has nothing to do with the quotes"


def _content(stems: Sequence[str]) -> set[str]:
    return {s for s in stems if len(s) > 2 and not s.isdigit() and s not in idle_stems()}


# --- what to quote for a sentence ------------------------------------------------------------


def cut_for(
    sentence: str, spoken: Spoken, first: int = 0, end: int | None = None
) -> tuple[int, int] | None:
    """Which part of an utterance to quote for a sentence; ``None`` when none may be shown.

    The shortest run of whole sentences within ``first`` to ``end`` that has every number and name
    of the sentence that stands there, and most of its words of meaning. Sentences with a telephone
    number or an address are left out.
    """
    text = spoken.text
    stop = len(text) if end is None else min(end, len(text))
    spans = [(a, b) for a, b in gate.whole_sentences(text) if a < stop and first < b]
    if not spans:
        return None
    parts = [text[a:b] for a, b in spans]
    shown = _shown(text, spans)
    wanted = plain(sentence)
    sets = [_content(s) for s in keywords.stems([wanted, *parts])]
    facts = [_facts(part) for part in parts]
    mine = _facts(wanted)
    held = [(f & mine, s & sets[0]) for f, s in zip(facts, sets[1:], strict=True)]
    words = [len(part.split()) for part in parts]
    best: tuple[tuple[int, int, int, int], int, int] | None = None
    for low in range(len(spans)):
        has_facts: set[object] = set()
        has_stems: set[str] = set()
        size = 0
        for high in range(low, len(spans)):
            if not shown[high]:
                break
            size += words[high]
            if size > _QUOTED and high > low and not held[high][0] - has_facts:
                break
            if size > 4 * _QUOTED and high > low:
                break
            has_facts |= held[high][0]
            has_stems |= held[high][1]
            score = (len(has_facts), len(has_stems), -size, -low)
            if best is None or score > best[0]:
                best = (score, low, high)
    if best is None:
        return None
    _, low, high = best
    # "Did it work? No." and "It works. Not for us." are one.
    while (
        high + 1 < len(spans)
        and shown[high + 1]
        and (parts[high].rstrip("\"'”’)").endswith("?") or cues.NO.match(parts[high + 1]))
        and sum(words[low : high + 2]) <= _QUOTED
    ):
        high += 1
    return spans[low][0], spans[high][1]


def _shown(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """As ``gate.showable`` of each span, the text being searched once."""
    private = [(one.first, one.end) for one in private_details(text)]
    starts = [first for first, _ in private]
    shown = []
    for a, b in spans:
        n = bisect_left(starts, b)
        reaches = n > 0 and private[n - 1][1] > a
        shown.append(not reaches and not is_private(text[a:b]))
    return shown


def _facts(text: str) -> set[object]:
    """A text's numbers by value and its names in lower case."""
    found: set[object] = set(amounts.values(amounts.amounts(text)))
    for match in _WORD.finditer(text):
        word = match.group().rstrip(".")
        before = text[: match.start()].rstrip("'‘( ")
        if _named(word) and before and before[-1] not in _OPENS:
            found.add(_possessed(word.lower()))
    return found
