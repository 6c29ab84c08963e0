"""The closed classes of English words by which a clause denies, wishes, asks and supposes."""

from __future__ import annotations

NOT = frozenset(
    "not no never nobody nothing none neither nor without cannot hardly barely scarcely rarely "
    "seldom nowhere aint".split()
)
# "Fails to sync", "no way to export": what follows is not so.
NOT_TO = frozenset("fail fails failed failing unable refuse refuses refused".split())
NOT_ING = frozenset("stop stops stopped avoid avoids avoided quit".split())
NO_NEGATION_BEFORE = frozenset(
    "only just doubt wonder matter mention mind least necessarily to".split()
)
# Words near which a thing is not as it should be, on either side of them.
UNDONE = frozenset(
    """away apart
    lost lose loses losing lacks lack lacking missing miss misses missed absent fail fails
    failed failing failure failures broke broken breaks break dead drop drops dropped dropping
    stopped stops stop refuse refuses refused unable impossible avoid avoids avoided blank
    empty incorrect incorrectly false falsely unclear doubt doubts skip skips skipped forget
    forgets forgot reject rejects rejected decline declines declined unchanged""".split()
)
# Those among them, and a few more, that say that a thing is not there or does not happen.
ABSENT = frozenset(
    """lost lose loses losing lacks lack lacking missing absent fail fails failed failing failure
    failures broke broken breaks dead drop drops dropped dropping stopped stops stop refuse refuses
    refused unable impossible blank empty skip skips skipped forget forgets forgot forgotten reject
    rejects rejected decline declines declined vanish vanishes vanished disappear disappears
    disappeared gone""".split()
)
# And near which it may or may not be.
TROUBLED = frozenset(
    """gone down bad poor weak worse worst difficult hard trouble struggle struggles rather
    offline waste wasted wasting delay delayed delays late slow slowly blind manually error
    errors against complain complains problem problems wrong only guess guesses guessing
    unsure unaware""".split()
)
# Words by which a quote may deny without a negation ("keep it as it is").
SPARING = frozenset(
    "too only little few unless until before leave alone keep keeps instead just hard stay".split()
)
# Those by which it surely does.
SPARES = frozenset("too only little few unless until leave keep keeps stay".split())
WISHES = frozenset(
    """want wants wanted wanting wish wishes wished wishing need needs needed needing ask asks
    asked
    asking request requests requested requesting require requires required hope hopes hoped hoping
    prefer prefers preferred demand demands expect expects expected should must ought desire
    desires lack lacks lacking missing suggest suggests suggested propose proposes recommend
    seek seeks willing""".split()
)
HEDGES = frozenset(
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
SUPPOSES = frozenset(
    "might may could maybe perhaps possibly would considering consider tempted wondering".split()
)
PASSED_OVER = frozenset(
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
SYNONYMS = {
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
_PAIRS = (
    ("fast faster quick quickly quicker", "slow slowly slower"),
    ("easy easily simple simpler easier", "hard harder difficult complicated"),
    ("cheap cheaper inexpensive", "expensive costly dear"),
    ("better best improved improves improving", "worse worst worsened worsening"),
    ("increase increases increased increasing", "decrease decreases decreased decreasing"),
    ("love loves loved like likes liked enjoy enjoys", "hate hates hated loathe loathes"),
    ("happy pleased satisfied", "unhappy dissatisfied angry furious"),
    ("accept accepts accepted", "reject rejects rejected"),
    ("open opens opened", "close closes closed shut shuts"),
    ("keep keeps kept save saves saved", "lose loses lost"),
    ("safe safely", "dangerous risky hazardous"),
    ("quiet silent", "loud noisy"),
    ("full", "empty blank"),
    ("early", "late"),
    ("trust trusts trusted", "doubt doubts doubted distrust distrusts"),
    ("succeed succeeds succeeded work works worked", "fail fails failed crash crashes crashed"),
    ("allow allows allowed", "forbid forbids forbidden ban bans banned"),
    ("clear", "confusing unclear"),
    ("calm", "angry furious upset"),
    ("reliable reliably", "flaky patchy"),
    ("praise praises praised", "criticise criticises criticised complain complains complained"),
    ("clean", "dirty messy"),
    ("right correct correctly", "wrong wrongly incorrect incorrectly"),
    ("remember remembers remembered", "forget forgets forgot forgotten"),
    ("win wins won gain gains gained", "lose loses lost"),
    ("rise rises rose", "fall falls fell"),
)
_BOTH = [(a.split(), b.split()) for one, other in _PAIRS for a, b in ((one, other), (other, one))]
OPPOSITES = {
    word: frozenset(w for a, b in _BOTH if word in a for w in b) for a, _ in _BOTH for word in a
}
FILLER = frozenset("uh um er honestly well you know i mean actually really frankly like".split())
SAYING = frozenset("say said tell told guess imagine argue call called ask asked".split())
PARTICIPLES = frozenset(
    "gone been had got done said told left lost made known heard found thought brought bought kept "
    "sent paid meant grown begun caught felt held met sat sold spent stood taught won".split()
)
ASKED = frozenset("how what which why who where when whether".split())
IFS = frozenset(
    "if whether unless wonder wonders doubt doubts question questions risk risks fear fears".split()
)
NAUGHT = frozenset(("nothing", "none", "nobody", "no", "neither"))
PRONOUNS = frozenset("it he she they we you i".split())
