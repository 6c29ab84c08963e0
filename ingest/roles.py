"""Settles who of a call is the customer and who the vendor, surest evidence first.

Quotes count only when a customer said them, so every role carries the chance that it is wrong,
and what was known is never overruled by a guess: the guess only fills the gaps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from ingest.introductions import suggest_names
from ingest.manner import decide, exchanges, log_odds, traits
from ingest.models import Participant, Role, RoleBasis, Speaker, Utterance

# The chance that a role is wrong by what it rests on.
_DOUBT_FILE, _DOUBT_DOMAIN, _DOUBT_COMPANY, _DOUBT_NAMESAKE = 0.01, 0.02, 0.03, 0.05
_DOUBT_OTHER = 0.1  # the other company of a call: perhaps a partner of the customer's
_DOUBT_REST = 0.05  # the one of two whose role is not known
_DOUBT_ALONE = 0.3
_CERTAIN = 30.0  # log odds
_UNNAMED = re.compile(
    r"(?:s|spk|speaker|unknown(?: speaker)?|participant|person|voice|channel)[ _-]?\d*", re.I
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Where anybody gets an address: it tells nothing of whom they work for.
FREE_MAIL = _words(
    """aol.com gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com hotmail.co.uk icloud.com
    live.com mac.com mail.com me.com msn.com outlook.com pm.me proton.me protonmail.com web.de
    yahoo.com yahoo.co.uk ymail.com zoho.com"""
)
# Words of firms' names that tell nothing apart.
_FIRM = _words(
    """a ab ag and bv co company corp corporation gmbh group holding holdings inc incorporated
    international limited llc llp ltd nv of oy partners plc pty sa service services sl solutions
    spa srl the"""
)

_Settled = tuple[Role, RoleBasis, float]


def settle(
    utterances: Sequence[Utterance],
    participants: Sequence[Participant] = (),
    *,
    internal_domains: Collection[str] = (),
    account_name: str | None = None,
    internal_people: Mapping[str, Role] | None = None,
    channels_apart: bool = False,
) -> tuple[Speaker, ...]:
    """Everybody who speaks in ``utterances``, in the order in which they begin.

    In this order: the role that the file gives; the e-mail address against ``internal_domains``;
    the company against ``account_name`` and the domains; ``internal_people`` (names or addresses
    with their roles, from earlier calls); the e-mail address against ``account_name``; the way of
    speaking (:mod:`ingest.manner`), joint with what is known of the others. ``channels_apart``
    says that two labels are the two channels of a recording, one side each. A call with one voice
    is the customer's, with a doubt of 0.3. Labels such as ``S1`` get a name from the talk where
    it is safe, else "Speaker 1".
    """
    labels = list(dict.fromkeys(u.speaker for u in utterances))
    people = {label: _participant(label, participants) for label in labels}
    domains = {domain.lower().lstrip("@") for domain in internal_domains if domain.strip("@ ")}
    known: dict[str, _Settled] = {}
    for label, person in people.items():
        found = (
            _from_file(person)
            or _from_domain(person, domains)
            or _from_company(person, account_name, domains)
            or _from_earlier(person, internal_people or {})
        )
        if found is not None:
            known[label] = found
    _from_account(people, account_name, known)
    settled = known | _from_speech(utterances, people, known, channels_apart=channels_apart)
    suggested = suggest_names(utterances) if any(map(_unnamed, labels)) else {}
    return tuple(
        Speaker(
            label=label,
            name=_name(label, n, suggested),
            role=settled[label][0],
            basis=settled[label][1],
            doubt=settled[label][2],
            title=people[label].title,
            email=people[label].email,
        )
        for n, label in enumerate(labels, start=1)
    )


def _from_file(person: Participant) -> _Settled | None:
    return None if person.role is None else (person.role, "file", _DOUBT_FILE)


def _from_domain(person: Participant, domains: Collection[str]) -> _Settled | None:
    domain = _domain(person)
    if domain is None or not domains:
        return None
    inside = any(domain == known or domain.endswith("." + known) for known in domains)
    return ("internal" if inside else "customer"), "domain", _DOUBT_DOMAIN


def _from_company(
    person: Participant, account_name: str | None, domains: Collection[str]
) -> _Settled | None:
    if person.company is None:
        return None
    if account_name is not None and _same_firm(person.company, account_name):
        return "customer", "file", _DOUBT_COMPANY
    if any(_same_firm(person.company, _stem(domain)) for domain in domains):
        return "internal", "file", _DOUBT_COMPANY
    return None


def _from_earlier(person: Participant, earlier: Mapping[str, Role]) -> _Settled | None:
    """By address or full name; a given name alone could be anybody's."""
    roles = {key.casefold(): role for key, role in earlier.items()}
    if person.email is not None and person.email.casefold() in roles:
        return roles[person.email.casefold()], "file", _DOUBT_DOMAIN
    if len(person.name.split()) > 1 and not _unnamed(person.name):
        role = roles.get(person.name.casefold())
        if role is not None:
            return role, "file", _DOUBT_NAMESAKE
    return None


def _from_account(
    people: Mapping[str, Participant], account_name: str | None, known: dict[str, _Settled]
) -> None:
    """Adds to ``known`` what the account's name tells of domains and of the other company."""
    if account_name is None:
        return
    for label, person in people.items():
        domain = _domain(person)
        if label in known or domain is None or domain in FREE_MAIL:
            continue
        if _same_firm(_stem(domain), account_name):
            known[label] = ("customer", "domain", _DOUBT_COMPANY)
    firms = {label: _firm(person) for label, person in people.items()}
    customers = {firms[label] for label in known if known[label][0] == "customer"} - {None}
    others = {firm for firm in firms.values() if firm is not None} - customers
    if not customers or len(others) != 1:
        return
    for label, firm in firms.items():
        if label not in known and firm is not None:
            role: Role = "internal" if firm in others else "customer"
            known[label] = (role, "file", _DOUBT_OTHER)


def _from_speech(
    utterances: Sequence[Utterance],
    people: Mapping[str, Participant],
    known: Mapping[str, _Settled],
    *,
    channels_apart: bool,
) -> dict[str, _Settled]:
    """Roles of those who are not ``known``, by how they speak and by who else is there."""
    if len(people) == len(known):
        return {}
    if len(people) == 1:
        return dict.fromkeys(people, ("customer", "speech", _DOUBT_ALONE))
    if len(people) == 2 and len(known) == 1:
        ((role, basis, doubt),) = known.values()
        other: Role = "customer" if role == "internal" else "internal"
        return {label: (other, basis, max(doubt, _DOUBT_REST)) for label in people.keys() - known}
    evidence = {label: log_odds(of) for label, of in traits(utterances).items()}
    basis = "speech"
    if channels_apart and len(people) == 2:
        basis = "channel"
        one, two = evidence
        apart = evidence[one] - evidence[two]
        evidence = {one: apart, two: -apart}
    for label, (role, _, _) in known.items():
        evidence[label] = _CERTAIN if role == "internal" else -_CERTAIN
    together = {label: firm for label in people if (firm := _firm(people[label])) is not None}
    decided = decide(evidence, exchanges(utterances), together)
    return {
        label: (role, basis, doubt)
        for label, (role, doubt) in decided.items()
        if label not in known
    }


def _participant(label: str, participants: Sequence[Participant]) -> Participant:
    """Who the file says ``label`` is: by name, by address, or by the only such given name."""
    wanted = label.casefold()
    for person in participants:
        if wanted in (person.name.casefold(), (person.email or "").casefold()):
            return person
    if not _unnamed(label) and " " not in wanted:
        named = [p for p in participants if p.name.casefold().split()[:1] == [wanted]]
        if len(named) == 1:
            return named[0]
    return Participant(name=label, email=label if re.fullmatch(r"\S+@\S+\.\S+", label) else None)


def _unnamed(label: str) -> bool:
    return _UNNAMED.fullmatch(label.strip()) is not None


def _name(label: str, n: int, suggested: Mapping[str, str]) -> str:
    return suggested.get(label, f"Speaker {n}") if _unnamed(label) else label


def _domain(person: Participant) -> str | None:
    name, at, domain = (person.email or "").strip().lower().rpartition("@")
    return domain if name and at and "." in domain else None


def _firm(person: Participant) -> str | None:
    """What people of one firm share: the company that the file names, else the domain."""
    if person.company is not None:
        return " ".join(_telling(person.company)) or None
    domain = _domain(person)
    return None if domain is None or domain in FREE_MAIL else _stem(domain)


def _stem(domain: str) -> str:
    """``mail.larkspur.co.uk`` → ``larkspur``: the longest part before the ending."""
    parts = domain.split(".")[:-1]
    return max(parts, key=len, default=domain)


def _same_firm(one: str, other: str) -> bool:
    """Whether the words that tell firms apart agree: "Cobbleway" and "Cobbleway Garage Doors"."""
    a, b = _telling(one), _telling(other)
    if not a or not b:
        return False
    if a[0] == b[0] or "".join(a) == "".join(b):
        return True
    short, long = sorted(("".join(a), "".join(b)), key=len)
    return len(short) >= 5 and long.startswith(short)


def _telling(firm: str) -> list[str]:
    words = re.findall(r"\w+", firm.casefold())
    return [word for word in words if word not in _FIRM]


def is_free_mail(domain: str) -> bool:
    """Whether anybody may have an address there, so that it tells no firm."""
    return domain in FREE_MAIL


def is_domain_of(domain: str, account_name: str) -> bool:
    """Whether the domain is called as the account is: ``mail.larkspur.co.uk``, "Larkspur Inc."."""
    return not is_free_mail(domain) and _same_firm(_stem(domain), account_name)
