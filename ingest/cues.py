"""How English speakers sound when something matters to them: the word lists behind the evidence.

These are cues of everyday conversation, not of any trade: failure, feeling, cost, work-arounds,
wishes, leaving, liking. A cue family says *what sort* of sign a sentence carries; nothing here
decides what it is about. Some families give an item its kind, the others only add weight.
"""

from __future__ import annotations

import re
from typing import Final

_NUMBER = (
    r"(?:\d[\d,.]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|half|"
    r"several|couple of)"
)
_NOT = r"(?:n't|n’t|not|never|no longer)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")(?!\w)", re.IGNORECASE)


FAILURE: Final = _any(
    r"los(?:t|e|es|ing)(?! weight)",
    r"miss(?:ed|es|ing)",
    r"vanish\w*|disappear\w*",
    r"(?:is|are|was|were|it's|they're|all|just|be) gone",
    r"br(?:eak|eaks|oke|oken|eaking) ?(?:down)?",
    r"fail(?:s|ed|ing|ure|ures)?",
    r"crash\w*|fr(?:eezes|oze|ozen|eezing)|glitch\w*|bug(?:s|gy)",
    r"stuck|stall\w*|bounce[sd]?|reject(?:s|ed)|drop(?:s|ped) (?:out|off)|time[sd] out",
    r"false(?:ly)?|wrong(?:ly)?|mistake\w*|error\w*|incorrect\w*|duplicate\w*",
    r"(?:(?:does|did|do|would|wo|is|are|was|were|has|have|had|ca|could)n['’]t|(?:does|did|do|would|"
    r"will|is|are|was|were|has|have|had|could) not) "
    r"(?:\w+ )?(?:work|show|come|get|go|know|tell|let|say|see|save|load|find|match|arrive|sync|"
    r"send|stay|stick|open|talk|there|happen|update|bill|count|appear|do|make|handle|take|"
    r"trust|rely|reach|print|prove|keep|finish|leave|allow|explain|fit|help|bring|pass|hold)",
    r"can ?not|can['’]t|couldn['’]t|unable to|no way (?:to|of)|impossible",
    r"nobody (?:knew|knows|told|tells|noticed|noticed|can|could|answers|sees)",
    r"never (?:\w+ )?(?:came|comes|come|works?|worked|arrive[sd]?|shows?|got|gets|heard|knows?)",
    r"nothing (?:happens|happened|came|comes|there|shows|changes|changed)",
    r"down (?:again|for|all|every)|outages?|slow(?:er|ly)?|takes (?:forever|ages)|too long|late",
    r"forgot(?:ten)?|overwr\w+|wiped?|blank|empty|out of date|expired|no idea",
)
FEELING: Final = _any(
    r"hat(?:e|es|ed)|annoy\w*|frustrat\w*|infuriat\w*|irritat\w*",
    r"(?:mad|crazy|nuts|insane|bonkers|absurd|ridiculous|stupid|silly|daft|useless|rubbish|crap)",
    r"nightmare\w*|painful|pain|awful|terrible|horrible|horrendous|dreadful|brutal|miserable",
    r"sick of|fed up|tired of|had enough|last straw|had it with",
    r"embarrass\w*|asham\w*|angry|furious|livid|upset|screaming|shouting|yell\w*|swear\w*",
    r"scare[sd]?|scary|afraid|terrif\w+|worr(?:y|ies|ied|ying)|stress\w*|panic\w*|dread\w*",
    r"mess(?:y|ed)?|disaster\w*|joke|shambles|chaos|a killer|kills (?:me|us)|hell",
    r"bugs (?:me|us)|bother\w*|complain\w*|unhappy|disappoint\w*|let (?:me|us) down",
    r"unacceptable|not acceptable|not good enough|problem\w*|issue[s]?|headache\w*",
    r"hard(?:est)? part",
    r"dangerous|unsafe|illegal|against the law|liab(?:le|ility)|trust (?:it|that|this|them)",
)
COST: Final = _any(
    r"[$€£]\s?\d[\d,.]*",
    _NUMBER + r"[\w\s-]{0,14}? (?:bucks|dollars?|pounds?|quid|euros?|grand|percent|per cent|k)",
    _NUMBER + r"(?:[\s-]\w+)? (?:days?|weeks?|months?|hours?|minutes?|times|nights?|mornings?)",
    r"(?:hundred|thousand|million)s?",
    r"cost(?:s|ing)? (?:me|us|them)|cost of|paying for|we pay|i pay|pay(?:s|ing)? \w+ for",
    r"wast(?:e|es|ed|ing)|overtime|refund\w*|credit(?:ed)? (?:back|note)|write[- ]?off|written off",
    r"fin(?:e|ed|es) (?:us|of|for)|penalt\w+|lawsuit|sued|audit\w*|inspect(?:or|ors|ion)|regulator",
    r"money|revenue|cash ?flow|out of pocket|expensive|charge[sd]?|invoic\w+ (?:late|twice)",
)
WORKAROUND: Final = _any(
    r"by hand|manual(?:ly)?|on paper|paper|spreadsheets?|excel|notebook|whiteboard|sticky notes?",
    r"re-?typ\w+|re-?key\w*|re-?enter\w*|re-?do(?:ne|ing)?|typ(?:e|es|ing) (?:it|them|that|in)",
    r"cop(?:y|ies|ying) (?:and past\w+|it|them|from|over)|screenshots?|photos? of",
    r"work-? ?arounds?|double[- ]entry|two systems|twice|all over again|from memory|from scratch",
    r"chas(?:e|es|ing)|call(?:ing|s)? (?:around|round|everybody|everyone|them|each)",
    r"phon(?:e|es|ing) (?:around|round|them|him|her)|go(?:es|ing)? back (?:and|to|out)|drive back",
    r"(?:we|i|she|he|they) end(?:s|ed)? up|(?:have|has|had|having|got|gotta) (?:to )?(?:go|call|"
    r"ring|check|match|write|keep|fix|sit|print|ask|remember|guess|explain|apologi[sz]e)",
    r"(?:my|our) own (?:list|sheet|log|file|system|record)|keep(?:s|ing)? (?:a|my|our|her|his) "
    r"(?:own )?(?:list|sheet|log|file|book)|one by one|every single one|stay(?:s|ing)? late",
)
EXTREME: Final = _any(
    r"every (?:single|time|day|week|month|morning|night|one|damn|bloody)",
    r"always|constantly|all the time|over and over|again and again|keeps? (?:on )?\w+ing|never",
    r"nobody|no one|not one|nothing|none of|everybody|everyone|all of (?:it|them|us)",
    r"(?:the|our|my) (?:biggest|worst|main|number one|only|one) (?:thing|problem|issue|gripe|ask)?",
    r"really|honestly|literally|seriously|the point is|the truth is|the thing is|here's the thing",
    r"matter(?:s|ed)? (?:most|more|to)|important|critical|can['’]t (?:live|run|work|do)",
)
WISH: Final = _any(
    r"(?:all|everyone|everybody|people) (?:really )?(?:wants?|needs?|ask(?:s|ing)? for)",
    r"(?:i|we|they|she|he) (?:really |just |do |would |only |still )?(?:wish|need|want)s?",
    r"(?:i|we|they|she|he)['’]d (?:really |just )?(?:love|like|want|kill|give|pay|rather have)",
    r"would (?:really )?(?:love|like) (?:it|to|a|if|for|you)|would pay|happily pay|pay extra",
    r"if (?:it|you|there|that|i|we|somebody|somehow) (?:just |only |actually )?"
    r"(?:could|would|was|were|had|knew|told|said|did)",
    r"what (?:i|we)(?:['’]d| would)? (?:really )?(?:want|need|like|love)|"
    r"all (?:i['’]m|we['’]re|i|we) (?:ask|asking|want|need)",
    r"(?:it|you|they|there|that|this) (?:should|ought to|needs? to|has to|have to|must)",
    r"should(?:n['’]t)? (?:be|have|just|tell|show|let|know|say|ask|stop|come|go)",
    r"(?:just|please|simply|then) (?:show|tell|let|give|make|put|fix|add|stop|hold|keep|warn)",
    r"(?:show|give|warn|stop|ask) (?:me|us|him|her|them)(?! that)",
    r"let (?:me|us|him|her|them) (?:pick|choose|set|hold|lock|turn|keep|move|know|edit|change|add)",
    r"why (?:can['’]t|doesn['’]t|won['’]t|isn['’]t|not|is there no)",
    r"can you (?:add|make|fix|get|build|give|stop)",
    r"would be (?:nice|great|good|lovely|huge) (?:if|to)",
    r"would (?:fix|solve|help|save|change)|magic wand|no more than that|that['’]s all|i['’]d ask",
)
LEAVING: Final = _any(
    r"renewal|renew(?:ing)?|(?:contract|agreement|subscription|licen[sc]e)(?:['’]s| is)? "
    r"(?:up|ends?|expires?|out|runs out)|notice period|give (?:you )?notice",
    r"cancel(?:l?ed|l?ing|lation)? (?:it|you|the (?:contract|subscription|account)|our|my|us|this)",
    r"(?:i['’]m|we['’]re|i am|we are|might|may|could|will|would|going to|gonna) "
    r"(?:be )?(?:leav(?:e|ing)(?! (?:it|the|him|her|a|my))|done with you|out of here|off|gone)",
    r"leav(?:e|ing) you|walk(?:ing)? away|move(?:d|ing)? (?:off|away from|over to)",
    r"switch(?:ed|ing)?(?: over)? (?:to|away|from|vendors?|suppliers?|systems?)|chang(?:e|ing) "
    r"(?:vendors?|suppliers?|systems?|providers?)",
    r"look(?:ing|ed)? (?:around|elsewhere|at (?:other|another|alternatives?|some other|what else))",
    r"alternatives?|other options|somebody else['’]s|someone else['’]s|shop(?:ping)? around",
    r"short ?list\w*|tender\w*|rfp|procurement|bids?|pitch(?:ed|ing)?",
    r"platform review|vendor review",
    r"up for grabs|pull(?:ing)? the plug|ditch\w*|drop(?:ping)? (?:you|it|this|them)",
    r"last chance|out the door|rethink\w*|reconsider\w*|justify (?:it|this|you|the)",
    r"budget cut\w*",
    r"trial(?:l?ed|l?ing)|on trial|a demo|a quote from|quoted us|half the price|cheaper",
    r"competitors?|your rivals?|incumbent",
)
_UNSAID = r"(?<!not )(?<!n't )(?<!n’t )(?<!never )(?<!no )(?<!not so )(?<!not very )(?<!less )"
LIKING: Final = _any(
    _UNSAID + r"(?<!would )(?<!'d )(?<!’d )(?<!for the )(?<!, )love[sd]?",
    _UNSAID + r"(?:brilliant|fantastic|excellent|amazing|wonderful|superb|lovely|perfect|godsend|"
    r"magic|genius)",
    r"(?:take|took|taking) (?:it|that|this|them|those|the \w+|that \w+|my \w+|our \w+) "
    r"(?:away|off (?:me|us|them))|over my dead body|fight (?:you )?(?:for|to keep)|"
    r"(?:would|['’]d) (?:never|not) (?:swap|trade|give (?:it|that|this) up|go (?:back|without))|"
    r"(?:would|['’]d) (?:quit|leave|resign|walk) (?:before|if)|nothing else (?:like|comes close)",
    r"best (?:thing|decision|part|bit|money|tool|purchase|software)|favou?rite",
    r"don['’]t (?:you )?(?:dare |ever )?(?:touch|change|take|mess)|never (?:take|change|lose)",
    r"work(?:s|ed|ing) (?:great|well|fine|perfectly|beautifully|every time|a treat)|just works",
    r"(?:could|can|would)n['’]t (?:live|do|run|work|manage|cope) without|go(?:ing)? back to",
    r"saves? (?:me|us)|saved (?:me|us|my|our)|"
    + _UNSAID
    + r"(?:happy|pleased|delighted|impressed|glad|grateful)",
    r"(?:i['’]m|i am|we['’]re|big|huge) (?:a |an )?(?:fan|nine|ten)",
    r"game[- ]changer|life[- ]?saver",
    _UNSAID + r"(?:easy to|so easy|simple to|reliab\w+|rock solid|solid|smooth\w*|quick(?:er)?|"
    r"faster|clearer)",
    r"tell (?:everybody|everyone|people)|recommend\w*|swear by|spot on|stands? out|proud",
    r"thank (?:god|goodness|heavens)|credit where|do that (?:well|right)|got that right|"
    + _UNSAID
    + r"great",
)
# How one says that something is no trouble, or that it should stay as it is.
CONTENT: Final = _any(
    r"(?:not|isn['’]t|wasn['’]t|never|hardly) (?:really )?(?:the|a|an|my|our|much of a) "
    r"(?:\w+ )?(?:problem|issue|trouble|worry|concern)",
    r"no (?:complaints?|problems?|issues?|trouble|grumbling)|(?:can|could)n['’]t complain|"
    r"(?:don['’]t|never) hear (?:any )?(?:complaints|grumbling|moaning)",
    r"(?:don['’]t|do not|wouldn['’]t|would not|didn['’]t|never) (?:really |even )?"
    r"(?:want|need|mind|miss|use) (?:it|that|this|them|those|one|any|another|anything)",
    r"(?:please,? )?(?:do not|don['’]t|never) (?:you )?(?:ever |dare |even )?"
    r"(?:make|do|change|touch|turn|give|add|build|take|start|bring) "
    r"(?:it|that|this|them|those|one|us|me|any|the)|not for us|please (?:don['’]t|do not|leave)",
    r"i don['’]t think (?:so|we (?:need|want|would))|no (?:need|appetite|use) for|"
    r"leave (?:it|that|us) (?:be|alone)|(?:we|i)(?:['’]re| are|['’]m| am) "
    r"(?:quite |perfectly |very )?(?:happy|fine) (?:with|without|as)",
    r"(?:i|we)['’]d (?:actually |rather )?(?:like|want|have|keep|take) more of|the opposite|"
    r"other way (?:round|around)|my worry (?:is|with)|against (?:it|that|this)|leave (?:it|that) "
    r"(?:alone|as it is|be)|keep it (?:as it is|that way|on)",
    r"(?:works?|working|does|doing|is|are|it['’]s|that['’]s|they['’]re) (?:just |perfectly |all |"
    r"absolutely )?(?:fine|all right|alright|spot on|golden)|never had (?:a|any|that|one)",
)
NO: Final = re.compile(
    r"\W*(?:(?:oh|um|uh|er|well|i mean|look|honestly),? )*(?:no|nope|nah|not (?:really|for us|here|"
    r"ours|at all|that i)|never)\b(?! (?:idea|one|signal|way|wonder|doubt))",
    re.IGNORECASE,
)
NEGATION: Final = re.compile(r"\b(?:no|not|never|nothing|nobody|without|none)\b|n['’]t\b", re.I)
# A name in capitals where another product is weighed against this one. Once a call has named it
# so, every mention of that name in the call counts.
_NAME = r"\b(?P<name>[A-Z][a-z]{1,30}(?:[A-Z][a-z]{0,30}){0,3})\b"
RIVALS: Final = (
    re.compile(
        r"\b(?i:firm|company|outfit|vendor|supplier|product|app|tool|system|crowd|software|platform|"
        r"start-?up|thing)(?i:,? (?:it['’]s )?(?:called|named)),? " + _NAME
    ),
    re.compile(
        r"\b(?i:switch(?:ed|ing)? (?:over )?to|mov(?:e|ed|ing) over to|"
        r"go(?:ing|ne)? with|trial(?:l?ed|l?ing)?|pilot(?:ed|ing)|evaluat(?:e|ed|ing)|"
        r"look(?:ed|ing)? at|"
        r"(?:demo|quote|proposal|bid|pitch|offer|e-?mail|people|folks|rep)s? (?:of|from)|"
        r"compar(?:e|ed|ing) (?:you |it |this )?(?:to|with)|versus|vs\.?|instead of|left you for|"
        r"against)(?i: the| a| this| that)? " + _NAME
    ),
    re.compile(
        _NAME + r" (?i:(?:were|was|have been|came) in\b|(?:showed|offered|promised|quoted|pitched|"
        r"demoed|approached|wooed|called|rang|emailed) us\b|undercuts?\b|is (?:cheaper|half)|"
        r"(?:do|does|did|has|have) (?:it|this|that) (?:better|already|too|for (?:less|half)))"
    ),
    # "Acme. They were here on Thursday."
    re.compile(r"(?:^|[.!?] )" + _NAME + r"\. (?:They|They['’](?:ve|re|d))\b"),
    re.compile(
        _NAME
        + r"['’]s? (?i:app|system|version|screen|rep|people|price|pricing|salesman|sales|pitch|"
        r"demo|product|software|platform|tool|proposal|offer)\b"
    ),
)
# How the vendor's people say whom they work for.
EMPLOYER: Final = re.compile(
    r"\b(?i:from|at|with|behalf of|i['’]m|we['’]re|here at|calling from) " + _NAME
)
ELSEWHERE: Final = _any(
    r"(?:other|all your|all the other|lots? of your|some of your|your other|most of your) "
    r"(?:customers?|clients?|users?|accounts?|compan(?:y|ies)|firms?|shops?|contractors?|"
    r"businesses|outfits|people)(?! (?:of|are) (?:mine|ours))",
    r"every(?:body|one)(?: else| on there| there| i (?:talk|speak) to| i (?:know|meet)| in the "
    r"(?:industry|trade|business))?(?:['’]s| is| are)? (?:all )?(?:say(?:s|ing)|ask(?:s|ing)|"
    r"complain\w*|want(?:s|ing)|moan\w*)",
    r"(?:people|folks)(?:['’]re| are| were)? (?:all |also )?(?:say(?:ing)?|complain\w*|moan\w*|"
    r"ask(?:ing)? for)(?! (?:me|us|him|her))",
    r"i(?:['’]ve| have)? (?:also )?(?:heard|read) (?:that|from|of|about|other|people|you)|"
    r"(?:what )?i['’]m hearing|saw (?:a|the|this|on) (?:\w+ )?(?:thread|post|review|forum|group)",
    r"other \w+ (?:that )?(?:i|we) (?:talk|speak|know|meet|met|spoke|talked)|i heard(?=[,.])",
    r"rumou?rs?|word is|word on the street|apparently|supposedly|so i['’]m told",
    r"(?:friend|mate|buddy|pal|cousin|(?:brother|sister|mother|father|son|daughter)(?:-in-law)?|niece|"
    r"nephew|aunt|uncle|neighbou?r|husband|wife|guy i know|somebody i know)(?: of mine)?"
    r"(?:['’]s \w+)?(?:,? \w+,?)? (?:at (?:a|an|the|another)|over at|he['’]s (?:over )?at|"
    r"she['’]s (?:over )?at|(?:who |she |he )?works? (?:at|for))",
    r"some(?:body|one) (?:told|tells|was telling) (?:me|him|her|us|them)",
    r"every(?:body|one) (?:there|(?:in|at|on) the \w+) (?:was|were|is|are) (?:all )?\w+ing",
    r"(?:at|on|in|from) (?:a|an|the|some|that) (?:\w+['’]?s?['’]? )?(?:forum|conference|meet-?up|"
    r"trade (?:show|fair)|user group|facebook group|networking \w+|convention|round ?table)",
    r"(?:he|she|they) (?:says?|said|reckons?|told me|tells me),?(?: that)? (?:he|she|they)"
    r"(?:['’]re|['’]s| are| is| were| was) (?:\w+ )?(?:leaving|dropping|ripping|ditching|switching|"
    r"moving (?:off|away)|done with|getting rid)",
)
# What a vendor says when it floats an idea of its own; the reply is about the idea.
PROPOSAL: Final = _any(
    r"would (?:you|that|it|this|something like that) (?:\w+ ){0,6}"
    r"(?:use(?:ful)?|help(?:ful)?|interest\w*|like|want|buy|pay|appeal\w*|work for|excit\w+)",
    r"what if (?:you|we|it|there|your)|imagine|suppose (?:you|we|it)|picture this",
    r"we(?:['’]re| are|['’]ve)? (?:been )?(?:also )?(?:thinking|exploring|considering|building|"
    r"working on|planning|toying|launching|prototyping|looking at|developing)",
    r"(?:product|team|we)(?:['’]s|['’]ve| has| have)? (?:got|had|have) (?:this|an|a) "
    r"(?:\w+ )?(?:idea|concept|thing|prototype|project|feature)",
    r"(?:one|another|last|quick) thing i(?:['’]m| am|['’]d)? (?:meant|supposed|asked|want|like)",
    r"new (?:feature|concept|product|idea|thing)|road ?map|early access|beta|sneak peek|pilot",
    r"it['’]s called|how would you feel|get your (?:take|reaction|thoughts)",
    r"float (?:an|this|something)",
)
# The ones among them that name something of the vendor's own making.
IDEA: Final = _any(
    r"(?:this|an|a|our|the) (?:\w+ )?(?:idea|concept|prototype|beta|pilot)",
    r"we(?:['’]re| are|['’]ve been| have been) (?:also )?(?:thinking|exploring|considering|"
    r"building|working on|planning|toying|launching|prototyping|developing)",
    r"(?:product|engineering|the team|they)(?:['’]s|['’]re| is| are) (?:\w+ )?"
    r"(?:working on|building|excited about|keen on)",
    r"what if (?:you|it|there|your)|imagine (?:if|you|your|being|that)|picture this|it['’]s called",
    r"new (?:feature|concept|product|idea)",
)
AGREEMENT: Final = re.compile(
    r"\b(?:sure|sounds (?:good|great|neat|cool|nice|interesting|fun|fine)|neat|cool|interesting|"
    r"why not|i guess|i suppose|send me (?:something|it|a|the|info)|put me down|could be|"
    r"nice idea|maybe|not for (?:us|me)|don['’]t see|wouldn['’]t use)\b",
    re.IGNORECASE,
)
# How one comes to something else, or to the end.
MOVES_ON: Final = _any(
    r"(?:anything|something|what) else|moving on|(?:last|next|one more|different|another) "
    r"(?:thing|question|topic)|switch(?:ing)? gears|change (?:of )?(?:the )?subject|while (?:i|we)"
    r"(?:['’]ve| have) got you|before (?:we|i|you) (?:go|wrap|finish|let)|on (?:a|an)?other note|"
    r"and what about|how about|separately|let me ask (?:you )?about|going back to",
    r"thank(?:s| you) (?:so much|for your time|again|all|both)|talk (?:to you )?soon|bye|take care",
)
# Questions that invite one kind of answer.
ASKS_GOOD: Final = _any(
    r"(?:what|anything|something)(?:['’]s| is| that['’]s| that)? .{0,30}?"
    r"(?:good|works?|working|like|love|great|best|golden|well)",
    r"not want (?:us )?to (?:break|touch|change|lose)|keep the same|leave alone|fan of|favou?rite",
)
ASKS_BAD: Final = _any(
    r"hard(?:est)?|difficult|worst|worse|bugs? you|bother\w*|annoy\w*|frustrat\w*",
    r"gets? in the way|struggl\w*|problem\w*|trouble|wrong|slow\w*|go(?:es)? badly|pain\w*",
    r"what happen(?:s|ed)|costs? you|instead|how often|how many|what do(?:es)? .{0,30}? do about",
    r"(?:walk|take) me through",
)
