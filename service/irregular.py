"""Forms of English words that no stemmer brings together: "paid" is "pay", "written" is "write".

A closed class, as grammars list it (verbs that change their vowel or their end, and the few plurals
and comparisons like them). Where one form belongs to two words ("left", "found", "saw"), it stands
with the commoner verb.
"""

from __future__ import annotations

import re

_VERBS = """
arise arose arisen|awake awoke awoken|bear bore borne|beat beaten|become became|begin began begun|
bend bent|bind bound|bite bit bitten|bleed bled|blow blew blown|break broke broken|breed bred|
bring brought|build built|burn burnt|buy bought|catch caught|choose chose chosen|cling clung|
come came|creep crept|deal dealt|dig dug|do did done does|draw drew drawn|dream dreamt|
drink drank drunk|drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|
fight fought|find found|flee fled|fly flew flown|forbid forbade forbidden|forget forgot forgotten|
forgive forgave forgiven|freeze froze frozen|get got gotten|give gave given|go went gone goes|
grind ground|grow grew grown|hang hung|have had has|hear heard|hide hid hidden|hold held|keep kept|
kneel knelt|know knew known|lay laid|lead led|lean leant|leap leapt|learn learnt|leave left|
lend lent|light lit|lose lost|make made|mean meant|meet met|overhear overheard|oversee oversaw|
pay paid|prove proven|ride rode ridden|ring rang rung|rise rose risen|run ran|say said|
see saw seen|seek sought|sell sold|send sent|shake shook shaken|shine shone|shoot shot|
show shown|shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|slide slid|
smell smelt|speak spoke spoken|speed sped|spell spelt|spend spent|spill spilt|spin spun|
spoil spoilt|spring sprang sprung|stand stood|steal stole stolen|stick stuck|sting stung|
strike struck stricken|string strung|swear swore sworn|sweep swept|swell swollen|swim swam swum|
swing swung|take took taken|teach taught|tear tore torn|tell told|think thought|throw threw thrown|
tread trod trodden|understand understood|undo undid undone|wake woke woken|wear wore worn|
weave wove woven|weep wept|win won|wind wound|withdraw withdrew withdrawn|wring wrung|
write wrote written|rewrite rewrote rewritten|overwrite overwrote overwritten|resend resent|
retell retold|redo redid redone|redraw redrew redrawn|repay repaid|rebuild rebuilt|resell resold|
retake retook retaken|mistake mistook mistaken|misread|mishear misheard|misunderstand misunderstood|
overpay overpaid|underpay underpaid|oversell oversold|undersell undersold|outgrow outgrew outgrown|
foresee foresaw foreseen|withhold withheld|uphold upheld|offset|upset|undercut|
child children|man men|woman women|person people|foot feet|tooth teeth|mouse mice|life lives|
half halves|shelf shelves|knife knives|leaf leaves|thief thieves|wife wives|loss losses|
good better best|bad worse worst|far further furthest|little less least|many more most
"""
# Forms that are more often another word, or that code means to tell apart.
_APART = frozenset(
    "leaves lives less least more most better best worse worst resent ground wound bore bound rose "
    "lead bear people".split()
)

BASE = {
    form: words.split()[0]
    for words in _VERBS.replace("\n", "").split("|")
    for form in words.split()
    if form not in _APART
}


def base(word: str) -> str:
    """The form under which a lower-case word is looked for."""
    return BASE.get(word, word)


# What the Porter stemmer leaves of words that are made of others: "payment", "recovery".
_MADE = re.compile(r"(?:ment|eri|anc|enc|ist|ship|ful)$")


def root(stem: str) -> str:
    """The stem without the endings by which nouns are made of verbs and adjectives of nouns."""
    short = _MADE.sub("", stem)
    return short if len(short) > 2 else stem
