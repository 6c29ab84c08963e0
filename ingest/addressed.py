"""Recognises what is said *to* the software that listens, and not to the people in the call.

Such words are an attempt to write the report oneself, in jest or in earnest: they are no evidence
and no quote that counts. A sort is a *form* of speaking to a machine (an address, an order to
forget, a part to play, a tag out of a chat's format, something that is no speech at all), and so
none needs to know what is being ordered. Names and titles are tried the same way. People who speak
*about* their machines, robots and assistants are not meant.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Final, Literal

Addressed = Literal[
    "called", "overheard", "override", "role", "dictated", "tag", "structure", "encoded", "hidden"
]

# What writes the record of a call; whatever else is called a machine may be anybody's equipment.
_SCRIBE: Final = (
    r"(?:ai|a\.i\.|llm|(?:large )?language model|chat ?bot|bot|transcriber|note[- ]?tak(?:er|ing "
    r"(?:app|tool|ai|software))|summari[sz](?:er|ing (?:bot|software|tool|ai))|"
    r"(?:transcript(?:ion)?|"
    r"meeting|recording|analysis|summary|note) (?:bot|software|tool|engine|assistant|ai|system))s?"
)
_MACHINE: Final = rf"(?:{_SCRIBE}|robot|machine|assistant|computer|algorithm)"
_NAMED: Final = (
    r"(?:otter(?:\.?ai| ai)?|co-?pilot|gemini|fireflies(?:\.ai)?|chat ?gpt|gpt|claude|fathom|gong|"
    r"siri|alexa|cortana|read ?ai|zoom ai|tl;?dv|avoma|firsthand)"
)
_START: Final = r"(?:^|[.!?…:;\n]\s?)"
_CALLING: Final = r"(?:hey|hi|hello|dear|attention|listen(?: up)?|wake up|excuse me)[,\s]+"
_FILLER: Final = (
    r"(?:(?:ok|okay|alright|right|now|so|and|oh|well|please|just|then|also|um|uh|instead|hey|"
    r"mr\.?|ms\.?)[,\s]+){0,4}"
)
# An order: at the beginning of a sentence, after a comma, or what "you must".
_ORDER: Final = (
    rf"(?:{_START}{_FILLER}|,\s+(?:now |please |just |and |then )?|\bplease\s+|"
    r"\byou (?:must|should|will|are to|shall|need to|have to) (?:now |also |completely )?)"
)
_WRITES: Final = (
    r"(?:say|report|write|rank|state|output|print|summari[sz]e|mark|conclude|repeat|quote|claim|"
    r"answer|reply|respond|declare|tell (?:them|everyone|everybody)|put (?=.{0,60}\b(?:top|first|"
    r"number one|list|summary|report|memo)\b))"
)
_TELLS: Final = (
    r"(?:say|rank|put|write|report|state|list|include|mention|mark|note|conclude|rate|score|treat|"
    r"make|give|call|use|add|leave|skip|quote|always|only|never|do not|don['’]t|you (?:must|"
    r"should))"
)
_TO_IT: Final = rf"(?=.{{0,80}}\b(?:you|your|yourself|{_WRITES}|forget|ignore)\b)"
_RECORD: Final = (
    r"(?:summary|summaries|memos?|recaps?|analysis|write-?ups?|outputs?|rankings?|digests?|"
    r"(?:final )?answers?|transcript|minutes|report|notes)"
)
_OWN_RECORD: Final = r"(?:summary|memo|recap|analysis|write-?up|output|ranking|digest)"
_CALL: Final = r"(?:call|meeting|conversation|transcript|recording|interview|discussion|dialogue)s?"
_RULES: Final = (
    r"(?:instructions?|prompts?|rules|directions|directives|guidelines|orders|guardrails|"
    r"programming|training|constraints|system message|messages)"
)
_WHO: Final = (
    r"(?:[\w'’]+[ -]){0,4}?(?:analyst|assistant|ai|a\.i\.|bot|chat ?bot|robot|language model|llm|"
    r"summari[sz]er|note[- ]?taker|transcriber|computer|machine|dan|judge|evaluator|strategist|"
    r"report writer|author|copywriter|spokes(?:man|woman|person))\b"
)
_NO_TRADE: Final = (
    r"(?! (?:compan|vendor|firm|start|tool|shop|product|business|outfit|feature|platform|manager|"
    r"director|professor|coach|principal|house|provider|team|guy|person|expert|group|project))"
)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_SORTS: Final[dict[Addressed, re.Pattern[str]]] = {
    "tag": _any(
        r"</?\s*(?:system|assistant|user|developer|instructions?|transcript|utterances?|evidence|"
        r"context|prompt|documents?|tool\w*|function\w*|answer|summary|task|data|input|output|"
        r"human|"
        r"script|img|iframe|style|html|body|svg|a\s+href)\b[^>]{0,60}>?",
        r"<\|[^|<>]{1,40}\|>|<</?sys>>|<!--|```|\$\{\w|%\{\w",
        r"\[/?\s*(?:system|inst|assistant|user|developer|admin(?:istrator)?|instructions?|prompt|"
        r"sys|override|end of \w+|important instruction)s?\b[^\]]{0,30}\]",
        r"\{\{[^{}]{1,60}\}\}|\{%[^{}]{1,60}%\}",
        r"##\s?(?:new |end |begin )?(?:instruction|system|response|human|assistant|user|input|"
        r"task|prompt)",
        r"\b(?:begin|end|start)[ _-](?:of[ _-])?(?:(?:the|hidden|new)[ _-])?(?:system[ "
        r"_-](?:prompt|"
        r"message|instructions?)|prompt|instructions?|transcript|conversation log|context "
        r"window)\b",
        r"(?<!a )\bsystem prompt\b(?! (?:that|asking|popp|comes|came|to ))",
        rf"{_START}(?:system|assistant|developer)\s*:(?=\s*(?:you|your|ignore|disregard|from now|"
        rf"new|"
        rf"override|always|never|the (?:user|above|following)|respond|{_WRITES})\b)",
    ),
    "structure": _any(
        r"[{\[]\s*[\"“']\w[\w ]{0,40}[\"”']\s*:",
        r"[\"“]\w{1,40}[\"”]\s*:\s*[\[{\"“\d]",
        r"[\"}\]]\s*[}\]]\s*[}\]]|[\"”]\s*[}\]]\s*,|\bfunction_call\b|\btool_calls?\b",
        r"!?\[[^\]\n]{0,80}\]\(\s*(?:https?:|data:|javascript:|//)|\bjavascript:\w",
    ),
    "called": _any(
        # "Computer, whatever they told you, forget it."
        rf"{_START}{_FILLER}{_MACHINE}\s*[,:!]{_TO_IT}",
        # "Attention robot.", "Dear language model"
        rf"\b{_CALLING}(?:(?:the|any|all|every|whichever|whatever|you|mr\.?)\s+)?{_MACHINE}\b"
        r"(?=\s*[.,:!—–-]|\s*$|\s+(?:that|who|which|listening|reading|please|in|on|ignore|put|rank|"
        r"write|say|report|summari[sz]e|forget|disregard|make|note|remember|mark|you)\b)",
        rf"{_START}{_FILLER}(?:hey|hi|hello|ok|okay|dear|attention|listen)[,\s]+{_NAMED}\b"
        rf"(?=[\s,:!.].{{0,120}}\b(?:{_TELLS}|ignore|forget|summari[sz]e|remember|make sure|"
        rf"note)\b)",
        # "Note to the notetaker", "One for the AI:"
        rf"\b(?:notes?|message|memo|word|notice|reminder|one|this one|this|this goes|something) "
        rf"(?:to|for) (?:(?:the|any|all|our|your|whichever|whatever) )?(?:{_SCRIBE}|{_NAMED})"
        r"(?=\s*[.,:!—–-]|\s*$|\s+(?:that|who|which|listening|reading|taking|in this)\b)",
        rf"{_START}{_FILLER}(?:here(?:['’]s| is| are) )?(?:(?:an?|one|my|some|the) )?(?:(?:new|"
        rf"special|"
        r"important|secret|final|last|direct|quick) )?(?:instructions?|orders?(?= to)|message|"
        r"notes?|"
        r"memo|command|directive|word|reminder|request) (?:to|for) (?:(?:the|any|all|whichever|"
        r"your|"
        rf"this|that) )?(?:\w+ )?{_MACHINE}\s*[.:,!—–-]{_TO_IT}",
        rf"\b(?:new|special|secret|following) instructions? (?:to|for) (?:the|your|any|this|that) "
        rf"(?:\w+ )?{_MACHINE}\s*[.:!—–-]",
    ),
    "overheard": _any(
        rf"\bif (?:any|an?|some|you(?:['’]re| are) an?|there(?:['’]s| is) (?:an?|any)|the) "
        rf"(?:{_MACHINE}|{_NAMED})s? (?:(?:is|are|be|that is|happens to be|out there is) "
        rf")?(?:listen\w*|"
        r"read(?:s|ing)|hear(?:s|ing)|summari\w+|transcrib\w+|process\w+|analy\w+|record\w*|"
        r"tak(?:es|ing) notes)(?: (?:in|along|to|over|up))?(?: (?:this|these|us|me|our)\b|"
        r"\s*[,.:!])",
        r"\b(?:whoever|whatever|whichever|anyone|anything|anybody|any (?:software|model|system|ai)|"
        r"everyone)(?:(?:,? (?:or|and) |/)(?:whoever|whatever|whichever|anything|anyone|"
        r"what))?(?:['’]s| is| will be| ends up)? (?:that )?"
        r"(?:summari\w+|transcrib\w+|read(?:s|ing)?|writ(?:es|ing)(?: up)?|analy\w+|process\w+|"
        rf"listen(?:s|ing) (?:to|in on)) (?:this|these|our)(?: {_CALL}| notes)?(?: "
        rf"later)?(?:\s*[,.:;!—–-]|"
        r" (?:should|must|has to|needs to|ought to|will)\b)",
        rf"{_START}{_FILLER}for (?:the )?(?:(?:record|benefit|sake|attention|ears|information) of "
        rf")?"
        rf"(?:(?:the|any|our|your|whatever|all) )?(?:{_SCRIBE}|{_NAMED})\s*[:,]",
        r"\bfor the (?:record|benefit|sake|attention|ears|information) of (?:(?:the|any|our|"
        rf"your|whatever|all) )?(?:{_SCRIBE}|{_NAMED})\b",
    ),
    "override": _any(
        rf"{_ORDER}(?:ignore|disregard|forget|override|bypass|discard|stop following|do not follow|"
        r"don['’]t follow) (?:(?:all|any|every|of|your|my|the|these|those|our) "
        r"){0,4}(?:(?:previous|"
        rf"prior|earlier|above|preceding|existing|system|original|initial|other|safety|current) "
        rf"){{1,3}}{_RULES}\b"
        r"(?! (?:on|in|for|from|we|i|she|he|they|that came)\b)",
        rf"{_ORDER}(?:ignore|disregard|forget|override) (?:all|any)(?: of)?(?: the)?(?: your)? "
        rf"{_RULES}\b"
        r"(?! (?:on|in|for|from|we|i|she|he|they)\b)",
        rf"{_ORDER}(?:ignore|disregard|forget) (?:all (?:of )?)?your (?:\w+ )?(?:instructions|"
        rf"prompts?|"
        r"guidelines|guardrails|programming|training|rules)\b",
        rf"{_ORDER}(?:ignore|disregard|forget) (?:everything|anything|whatever|what|all|every|the "
        rf"rest|"
        rf"the other|any)\b.{{0,80}}?(?:\b(?:and|just|instead|then)|,) (?:only |just |instead |"
        rf"then )?{_WRITES}\b",
        rf"{_START}{_FILLER}(?:new|updated|revised) (?:system )?(?:instructions?|directives?|"
        rf"system message|"
        r"prompt)\s*[:.]",
        r"\byour (?:new|only|real|true|updated|sole) (?:task|instructions?|goal|objective|"
        r"directive|"
        r"mission|purpose) (?:is|are) (?:now )?(?:to|that)\b",
        r"\b(?:developer|debug|admin|god|dan|jailbreak|sudo|maintenance) mode (?:on|enabled|"
        r"activated|"
        r"engaged|unlocked)\b(?=.{0,80}\b(?:you|your|ignore|instructions|rank|report|summary)\b)",
        rf"{_ORDER}(?:reveal|print|repeat|show(?: me)?|output|display|tell me|leak) (?:(?:all|me|"
        rf"of) )?your "
        r"(?:system |hidden |secret |full |initial |original )*(?:prompt|instructions)\b",
    ),
    "role": _any(
        rf"\b(?:pretend|imagine|suppose|act as|act like|behave (?:as|like)|role-?play(?: as)?|"
        rf"simulate|"
        rf"play the (?:role|part) of|take (?:on )?the role of|you are|you['’]re)\b(?: that)?"
        rf"(?: you(?: are|['’]re| were))?(?: now)?(?: as)?(?: if you were)? (?:(?:an?|the|my|our) "
        rf")?{_WHO}{_NO_TRADE}"
        r"(?=.{0,160}\b(?:your (?:\w+ )?(?:task|job|goal|role|mission|purpose|objective)|"
        rf"{_WRITES}|without (?:any )?(?:rules|limits|restrictions)|no (?:rules|limits|"
        rf"restrictions)|who (?:must|"
        r"always|only|ranks|writes|says)|that (?:must|always|only|ranks|writes|says))\b)",
        rf"\bpretend (?:that )?(?:you are|you['’]re|to be|this is|we are)\b.{{0,80}}\b(?:and|then|"
        rf"so),? "
        rf"(?:you )?(?:must |should |only |always )?{_WRITES} (?:that|every|all|nothing|"
        rf"everything|only|as if|us|"
        r"this|our)\b",
        r"\byou are (?:now )?(?:an? )?(?:(?:unrestricted|uncensored|helpful|expert|advanced|new|"
        r"different|"
        rf"evil|large) )*(?:ai|a\.i\.|assistant|language model|chat ?bot|llm)\b{_NO_TRADE}(?!\?)",
        r"\byou are now (?:dan|free|unrestricted|in \w+ mode|my (?:ai|assistant|"
        r"bot))\b(?=.{0,80}\b(?:rules|"
        r"say|anything|answer|restrict|ignore|ai|assistant|bot)\b)",
        rf"\bfrom (?:now|here|this point) on(?:wards?)?,? (?:(?:you|please|i want you "
        rf"to)(?:['’]ll| will| must|"
        r" shall| should|['’]re to| are to)? )?(?:always |only )?(?:act (?:as|like)(?! (?:our|my|"
        r"the (?:main|"
        r"single|only))\b)|behave (?:as|like)|pretend|summari[sz]e|say that|state that|report "
        r"that|rank|"
        r"(?:answer|respond|reply|speak) (?:only|with|as|in the|every|all)|(?:are|['’]re) (?:now )?"
        rf"(?:(?:an?|the|my|our) )?{_WHO})",
        r"\blet(?:['’]s| us) play a (?:\w+ )?game,? (?:where|in which|and) (?:you|your)\b",
        r"\bi want you to (?:act|behave|respond|answer|pretend|role-?play) (?:as|like|only|to "
        r"be)\b",
    ),
    "dictated": _any(
        # An order to those who write: what they are to put down, and how.
        rf"{_START}{_FILLER}write down that\b",
        r"\bmark (?:it|this|that|everything) (?:down )?as (?:agreed|approved|decided|accepted) "
        r"by\b",
        r"\byou must (?:now )?(?:report|mark|list|record) (?:it|this|that|us|everything) as\b",
        rf"(?:{_START}{_FILLER}|, and |\bplease )put (?:it )?in (?:the|your) (?:report|summary|"
        rf"memo|minutes) that\b",
        rf"{_ORDER}(?:quote|cite) (?:exactly )?(?:this|the following|these|the next|my next|my "
        rf"last|only this)"
        r" (?:exact |whole )?(?:sentence|line|words|statement|paragraph|phrase|passage|text)s?\b",
        rf"{_ORDER}(?:include|insert|copy|repeat|reproduce|put|use|add|write|feature|append|paste|"
        rf"place) "
        r"(?:exactly )?(?:this|the following|these|the next|my next|my last|what i say)\b.{0,60}"
        rf"\b(?:in|into|to|of|at|as) (?:your|the|every|each|any|all)(?: \w+){{0,2}} {_OWN_RECORD}",
        rf"{_ORDER}(?:include|insert|copy|repeat|reproduce|put|use|quote|add|write|say|append|"
        rf"paste)\b.{{0,60}}"
        r"\b(?:verbatim|word for word)\b.{0,40}"
        rf"\b(?:in|into|to|of|as) (?:your|the|every|each|any)(?: \w+){{0,2}} {_RECORD}",
        rf"\b(?:when|once|whenever|if|after|as|before|while) you (?:(?:come to|start to|later|go "
        rf"to|have to|get to|"
        rf"finally) )?(?:summari[sz]e|transcribe|analy[sz]e|process|write up|index) (?:this|these|"
        rf"our|the|all|today['’]s)"
        rf"(?: \w+)? ?(?:{_CALL})?\b.{{0,40}}?[,:; ] ?(?:please |also |and |then )?{_TELLS}\b",
        rf"(?:{_START}{_FILLER}|, and |\bplease )(?:in|at the (?:top|start|beginning|end) of) "
        rf"(?:your|any|every)"
        rf" (?:\w+ )?(?:{_OWN_RECORD}|answers?)(?: of (?:this|the) {_CALL})?,? (?:please |you "
        rf"(?:must|should) |"
        rf"always |only |just )?(?:say|put|write|rank|state|list|include|mention|call|conclude|"
        rf"claim|report)\b",
        r"\bthe (?:only |correct |right |true )*answer to (?:every|any|all|each|whatever)(?: "
        r"of)?(?: the| your| "
        r"these)?(?: \w+)? questions?(?: \w+){0,4}? (?:is|must be|should be|will be|shall be)\b",
        rf"{_ORDER}(?:do not|don['’]t|never) (?:mention|include|report|quote|list|cite|"
        rf"reveal)\b.{{0,60}}"
        rf"\b(?:in|to) (?:your|the|any) (?:\w+ )?{_OWN_RECORD}\b",
        rf"{_START}{_FILLER}rank (?:this|us|our|it|my|me|the)\b.{{0,60}}\b(?:first|top|number one|"
        rf"highest|above)\b",
        rf"{_START}{_FILLER}(?:respond|reply|answer) (?:only )?(?:with|in) (?:json|yaml|xml|the "
        rf"following|exactly|"
        r"only|the word)\b",
    ),
    "encoded": _any(
        r"(?:\\x[0-9a-f]{2}){4}|(?:\\u[0-9a-f]{4}){3}|(?:%[0-9a-f]{2}){6}|"
        r"(?:&#x?[0-9a-f]{1,6};){3}",
        r"\b[01]{8}(?: ?[01]{8}){3}\b",
        r"(?<![\w+/=-])(?=[0-9a-f]{0,24}?[a-f])(?=[0-9a-f]{0,24}?[0-9])[0-9a-f]{24,}(?!\w)",
        r"(?<!\w)(?:[0-9a-f]{2}[ :]){5,16}(?:[a-f][0-9a-f]|[0-9][a-f])(?:[ :][0-9a-f]{2}){5}(?!\w)",
    ),
}
# Signs that turn the writing round or are not seen: nobody says them.
_HIDDEN: Final = re.compile(
    "[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]|[A-Za-z][\u200b\u2060\ufeff]+[A-Za-z]"
)
_BLOB: Final = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{24,}={0,2}(?![\w+/=])")
_LINK: Final = re.compile(r"\bhttps?://\S+")
# Letters of other scripts that pass for Latin ones.
_LOOKALIKES: Final = str.maketrans("асеорхуіѕјһԁԛԝАВЕКМНОРСТХІЅЈ", "aceopxyisjhdqwABEKMHOPCTXISJ")


def addressed(text: str) -> Addressed | None:
    """The sort of speaking to a machine that ``text`` is or contains; ``None`` for ordinary speech.

    Serves for utterances, and for names of speakers and accounts and titles of calls.
    """
    if _HIDDEN.search(text):
        return "hidden"
    plain = _plain(text)
    if any(_is_blob(m.group()) for m in _BLOB.finditer(_LINK.sub(" ", plain))):
        return "encoded"
    return next((sort for sort, form in _SORTS.items() if form.search(plain)), None)


def _plain(text: str) -> str:
    """``text`` as one reads it: compatibility forms resolved, unseen signs out, single blanks."""
    seen = text
    if not text.isascii():  # in ASCII nothing is to be resolved, and every sign is seen
        seen = "".join(
            c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"
        )
        if not seen.isascii() and re.search(r"[A-Za-z]", seen):
            seen = seen.translate(_LOOKALIKES)
    return re.sub(r"\s+", lambda m: "\n" if "\n" in m.group() else " ", seen)


def _is_blob(token: str) -> bool:
    """Whether a long token is no word: cases and digits change in it without a reason."""
    if "/" in token and token.count("/") > len(token) // 12 and not token.endswith("="):
        return False  # a path
    kinds = ["u" if c.isupper() else "l" if c.islower() else "d" for c in token if c.isalnum()]
    turns = sum(a != b for a, b in pairwise(kinds))
    return len(set(kinds)) > 1 and turns * 4 > len(kinds) and "u" in kinds and "l" in kinds
