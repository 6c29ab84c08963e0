"""The contract's JSON as JSON Schemas, written from the contract and not from our models.

A field may be added, never renamed or dropped: so ``required`` is everything the contract names,
and additional properties are allowed.
"""

from __future__ import annotations

from jsonschema import Draft202012Validator

Schema = dict[str, object]


def obj(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def arr(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


STR: Schema = {"type": "string"}
INT: Schema = {"type": "integer"}
NUM: Schema = {"type": "number"}
BOOL: Schema = {"type": "boolean"}
DATE: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
ROLE: Schema = {"enum": ["customer", "internal"]}
HAND: Schema = {"enum": ["first", "third"]}
KIND: Schema = {"enum": ["pain", "request", "praise", "risk", "competitor"]}

FILTERS = obj(
    top=nullable(INT),
    tier=nullable(STR),
    segment=nullable(STR),
    region=nullable(STR),
    accounts=nullable(arr(STR)),
    since=nullable(DATE),
    until=nullable(DATE),
)
_COVERAGE: dict[str, Schema] = {
    "accounts_in_scope": INT,
    "accounts_heard": INT,
    "accounts_silent": arr(STR),
    "calls_read": INT,
    "arr_in_scope_usd": NUM,
    "arr_heard_usd": NUM,
}
COVERAGE = obj(**_COVERAGE)


def quote(role: Schema = ROLE) -> Schema:
    # Calls imported without times or without an account have none to give.
    return obj(
        call_id=STR,
        utterance=INT,
        text={"type": "string", "minLength": 1},
        speaker=STR,
        role=role,
        account_id=nullable(STR),
        start_s=nullable(NUM),
        end_s=nullable(NUM),
        hand=HAND,
    )


def statement(role: Schema = ROLE) -> Schema:
    return obj(
        text=STR, accounts=arr(STR), accounts_n=INT, arr_usd=NUM, quotes=arr(quote(role), least=1)
    )


CUSTOMER: Schema = {"const": "customer"}
PROVENANCE = obj(
    mode={"enum": ["extractive", "llm"]},
    model=nullable(STR),
    prompts={"type": "object"},
    dropped_quotes=INT,
)
ANSWER = obj(
    question=STR,
    kind={"enum": ["lookup", "aggregate", "compare", "count"]},
    filters=FILTERS,
    coverage=COVERAGE,
    abstained=BOOL,
    reason=nullable(STR),
    statements=arr(statement(CUSTOMER)),
    counter=arr(statement(CUSTOMER)),
    internal=arr(statement({"const": "internal"})),
    provenance=PROVENANCE,
)
ANSWER_LINE = obj(id=STR, question=STR, asked=FILTERS, asked_at=STR, statements_n=INT)
KEPT_ANSWER = obj(
    id=STR, asked=FILTERS, asked_at=STR, answer=ANSWER, withdrawn=INT, calls_since=INT
)
PICK = obj(
    id=STR,
    question=STR,
    answer_id=nullable(STR),
    statement=statement(CUSTOMER),
    picked_at=STR,
)
SUGGESTION = obj(question=STR, why=STR, filters=FILTERS)
THEME = obj(
    id=STR,
    label=STR,
    statement=STR,
    kind=KIND,
    rank=INT,
    accounts=arr(obj(account_id=STR, arr_usd=nullable(NUM), intensity=INT)),
    accounts_n=INT,
    top_accounts_n=INT,
    arr_usd=NUM,
    evidence=arr(quote(CUSTOMER), least=1),
    counter=arr(quote(CUSTOMER)),
    first_heard=nullable(DATE),
    last_heard=nullable(DATE),
)
HEARD = arr(obj(date=DATE, mentions_n=INT, accounts_n=INT))
STEP: Schema = {"enum": ["day", "week", "month"]}
ONE_THEME = obj(
    theme=THEME,
    words=arr(
        obj(
            account_id=nullable(STR),
            arr_usd=nullable(NUM),
            mentions_n=INT,
            first_heard=nullable(DATE),
            last_heard=nullable(DATE),
            quotes=arr(quote(CUSTOMER)),
        ),
        least=1,
    ),
    against=arr(quote(CUSTOMER)),
    against_n=INT,
    first=nullable(DATE),
    last=nullable(DATE),
    step=STEP,
    heard=HEARD,
    calls=arr(obj(call_id=STR, title=STR, date=nullable(DATE), has_audio=BOOL)),
)
HEATMAP = obj(
    accounts=arr(obj(account_id=STR, name=STR, arr_usd=nullable(NUM), heard=BOOL)),
    accounts_left_out=INT,
    themes=arr(
        obj(
            theme_id=STR,
            label=STR,
            kind=KIND,
            status={"enum": ["candidate", "confirmed"]},
            by={"enum": ["person", "model", "likeness"]},
            rank=INT,
            arr_usd=NUM,
            accounts_n=INT,
            mentions_n=INT,
            cells=arr(obj(account_id=STR, mentions_n=INT, intensity=INT)),
        )
    ),
)
TIMELINE = obj(
    first=nullable(DATE),
    last=nullable(DATE),
    step=STEP,
    calls=arr(obj(date=DATE, calls_n=INT)),
    themes=arr(
        obj(
            theme_id=STR,
            label=STR,
            status={"enum": ["candidate", "confirmed"]},
            rank=INT,
            first_heard=nullable(DATE),
            last_heard=nullable(DATE),
            mentions_n=INT,
            undated_n=INT,
            heard=HEARD,
        )
    ),
)
TOGETHER = obj(
    ids=arr(STR), accounts_n=INT, shared_n=INT, top_accounts_n=INT, arr_usd=NUM, mentions_n=INT
)
VERSION = obj(memo_id=STR, n=INT, created_at=STR, note=STR)
VERSION_TEXT = obj(memo_id=STR, n=INT, created_at=STR, note=STR, text=STR)
FINDINGS = obj(
    sentences=arr(
        obj(
            line=INT,
            start=INT,
            end=INT,
            status={
                "enum": ["cited", "unevidenced", "not found", "withdrawn", "changed", "not borne"]
            },
            why=nullable(STR),
            failing=BOOL,
            quotes=arr(quote()),
        )
    ),
    checked=INT,
    failing=INT,
)
DOCUMENT = obj(
    memo_id=STR,
    version=INT,
    newest=INT,
    note=STR,
    created_at=STR,
    as_of=DATE,
    title=STR,
    subtitle=STR,
    facts=arr(arr(STR, 2)),
    sections=arr(
        obj(
            title=STR,
            blocks=arr(obj(kind={"enum": ["heading", "prose", "said", "table", "chart"]})),
        )
    ),
    notes=arr(obj(number=INT, quote=quote(), where=STR, doubt=STR)),
    failing=INT,
)
DIFFERENCE = arr(
    obj(
        op={"enum": ["same", "added", "removed", "changed"]},
        heading=STR,
        parts=arr(obj(op={"enum": ["same", "added", "removed"]}, text=STR)),
    )
)
MEMO = obj(
    id=STR,
    title=STR,
    as_of=DATE,
    day=INT,
    filters=FILTERS,
    summary=arr(statement(CUSTOMER)),
    coverage=COVERAGE,
    needs=arr(THEME),
    strengths=arr(THEME),
    at_risk=arr(
        obj(
            account_id=STR,
            arr_usd=nullable(NUM),
            renewal_date=nullable(DATE),
            statements=arr(statement(CUSTOMER)),
        )
    ),
    dissent=arr(statement(CUSTOMER)),
    not_now=arr(obj(text=STR, why=STR, theme_id=nullable(STR))),
    internal_ideas=arr(statement({"const": "internal"})),
    plan=arr(obj(week=INT, actions=arr(obj(text=STR, theme_id=nullable(STR), accounts=arr(STR))))),
    horizons=arr(obj(months=INT, bets=arr({"type": "object"}))),
    open_questions=arr(STR),
    next_calls=arr(obj(account_id=STR, why=STR)),
    provenance=PROVENANCE,
)
ACCOUNT = obj(
    account_id=STR,
    name=STR,
    arr_usd=nullable(NUM),
    tier=nullable(STR),
    segment=nullable(STR),
    region=nullable(STR),
    renewal_date=nullable(DATE),
    health=nullable(STR),
    owner=nullable(STR),
    rank=nullable(INT),
    top=BOOL,
    calls_n=INT,
    heard=BOOL,
    last_heard=nullable(DATE),
)
IMPORT_PREVIEW = obj(
    added=arr(obj(account_id=STR, name=STR, arr_usd=nullable(NUM))),
    changed=arr(
        obj(account_id=STR, name=STR, fields=arr(obj(field=STR, before={}, after={}), least=1))
    ),
    same=INT,
    untouched=INT,
    emptied=INT,
    missing=arr(STR),
    faults=arr(STR),
)
CRM_PREVIEW = obj(
    kind={"enum": ["accounts", "deals"]},
    rows_n=INT,
    columns=arr(
        obj(
            column=STR,
            field=nullable(STR),
            basis={"enum": ["remembered", "name", "values", "chosen", None]},
            samples=arr(STR),
            why=STR,
        ),
        least=2,
    ),
    remembered=BOOL,
    questions=arr(
        obj(
            about={
                "enum": ["mapping", "dates", "decimal", "rate", "stages", "match", "twice"],
            },
            text=STR,
            line=nullable(INT),
            name=STR,
            candidates=arr(obj(account_id=STR, name=STR, why=STR)),
            may_be_new=BOOL,
            currency=STR,
            stages=arr(obj(stage=STR, deals_n=INT)),
        )
    ),
    faults=arr(obj(line=INT, text=STR)),
    notes=arr(STR),
    skipped=INT,
    difference=IMPORT_PREVIEW,
    seen=STR,
)
CRM_APPLIED = obj(import_id=nullable(INT), added=INT, changed=INT, same=INT, remembered=INT)
CRM_UNDONE = obj(import_id=INT, file_name=STR, removed=INT, put_back=INT)
CRM_MAPPING = obj(
    id=STR,
    kind={"enum": ["accounts", "deals"]},
    columns={"type": "object", "additionalProperties": nullable(STR)},
    used_at=STR,
)
CRM_CALL = obj(call_id=STR, title=STR, date=nullable(DATE), account_id=STR, name=STR, why=STR)
ACCOUNT_PAGE: Schema = {
    "allOf": [
        ACCOUNT,
        obj(
            aliases=arr(STR),
            domains=arr(STR),
            crm_ids=arr(STR),
            customer_minutes=NUM,
            estimated_minutes=NUM,
            calls=arr(
                obj(
                    call_id=STR,
                    title=STR,
                    date=nullable(DATE),
                    state=STR,
                    has_audio=BOOL,
                    duration_s=nullable(NUM),
                    customer_minutes=NUM,
                    estimated_minutes=NUM,
                    evidence_n=INT,
                )
            ),
            people=arr(
                obj(
                    name=STR,
                    role=ROLE,
                    title=nullable(STR),
                    calls=arr(STR, least=1),
                    utterances_n=INT,
                    minutes=NUM,
                    role_doubt=NUM,
                )
            ),
            themes=arr(
                obj(
                    id=STR,
                    label=STR,
                    kind=KIND,
                    status={"enum": ["confirmed", "candidate"]},
                    by=STR,
                    rank=INT,
                    accounts_n=INT,
                    arr_usd=NUM,
                    intensity=INT,
                    mentions_n=INT,
                    first_heard=nullable(DATE),
                    last_heard=nullable(DATE),
                    quotes=arr(quote(CUSTOMER), least=1),
                )
            ),
            also=arr(quote(CUSTOMER)),
            at_risk=nullable({"type": "object"}),
            health_check=nullable({"type": "object"}),
            timeline=arr(
                obj(
                    call_id=STR,
                    date=nullable(DATE),
                    kind=KIND,
                    n=INT,
                    quotes=arr(quote(CUSTOMER), least=1),
                )
            ),
            missing=arr(STR),
        ),
    ]
}
BOARD_ROW = obj(
    rank=INT,
    account_id=STR,
    name=STR,
    arr_usd=nullable(NUM),
    heard=BOOL,
    booked=nullable(DATE),
    booked_by=nullable(STR),
    overdue=nullable(DATE),
)
WEEK = obj(week=INT, first=DATE, last=DATE, calls=INT, hours=NUM, estimated=BOOL)
HOME = obj(
    today=DATE,
    days=INT,
    ends=nullable(DATE),
    coverage=obj(**_COVERAGE, board=arr(BOARD_ROW), accounts_booked=arr(STR), arr_booked_usd=NUM),
    silent_n=INT,
    silent_usd=NUM,
    this_week=nullable(WEEK),
    weeks=arr(WEEK),
    accounts=arr(obj(account_id=STR, name=STR)),
    calls_n=INT,
    accounts_n=INT,
    jobs=arr(obj(job_id=STR, state=STR)),
    jobs_failed=INT,
)
VOICED = obj(
    needs=arr(THEME),
    at_risk=arr(obj(account_id=STR, statements=arr(statement(CUSTOMER)))),
    at_risk_n=INT,
    at_risk_usd=NUM,
    accounts=arr(obj(account_id=STR, name=STR)),
    calls=arr(obj(call_id=STR, title=STR, date=nullable(DATE), has_audio=BOOL)),
)
SETTINGS = obj(
    start=nullable(DATE),
    start_remembered=nullable(DATE),
    goal_hours=NUM,
    top=INT,
    internal_domains=arr(STR),
    keep_days=nullable(INT),
    ask_consent=BOOL,
    mask=BOOL,
    mask_names=arr(STR),
    not_customers=arr(STR),
    digest=nullable(STR),
    digest_to=arr(STR),
)
_HOURS: dict[str, Schema] = {
    "hours": NUM,
    "heard_hours": NUM,
    "calendar_hours": NUM,
    "booked_hours": NUM,
    "unplaced_hours": NUM,
    "estimated": BOOL,
    "calls": arr(STR),
    "meetings_n": INT,
    "booked_n": INT,
    "accounts": arr(STR),
    "accounts_booked": arr(STR),
    "domains": arr(STR),
}
GOAL_WEEK = obj(
    week=STR,
    first=DATE,
    last=DATE,
    people=arr(
        obj(
            **_HOURS,
            person=STR,
            goal_hours=NUM,
            own_goal=BOOL,
            gap_hours=NUM,
            goal_met=nullable(BOOL),
            calendar=BOOL,
        )
    ),
    team=obj(**_HOURS),
    people_met=INT,
)
GOALS = obj(goal_hours=NUM, weeks=arr(GOAL_WEEK), calls_without_date=INT, names={"type": "object"})
CALENDAR = obj(
    person=STR,
    meetings=INT,
    added=INT,
    changed=INT,
    removed=INT,
    same=INT,
    older=INT,
    left_out={"type": "object"},
    unplaced={"type": "object"},
    since=DATE,
    until=DATE,
    heard=BOOL,
)
DIGEST = obj(
    title=STR,
    hours=GOAL_WEEK,
    accounts_in_scope=INT,
    accounts_heard=INT,
    silent=arr(obj(account_id=STR, name=STR, arr_usd=nullable(NUM), booked=nullable(DATE))),
    next_calls=arr(obj(account_id=STR, name=STR, why=STR)),
    calls_n=INT,
    came_n=INT,
    needs=arr(
        obj(
            theme_id=STR,
            label=STR,
            kind=STR,
            gained=arr(STR),
            accounts_n=INT,
            arr_usd=NUM,
            quotes=arr(quote(CUSTOMER)),
        )
    ),
    names={"type": "object"},
    url=STR,
)
MAY: Schema = {"enum": ["viewer", "editor", "admin"]}
USER = obj(
    id=STR,
    name=STR,
    sso=BOOL,
    disabled=BOOL,
    created_at=STR,
    memberships=arr(obj(workspace=STR, role=MAY)),
)
SESSION = obj(
    id=STR,
    workspace=STR,
    created_at=STR,
    seen_at=STR,
    expires_at=STR,
    address=STR,
    agent=STR,
)
_TOKEN: dict[str, Schema] = {
    "id": STR,
    "name": STR,
    "user": STR,
    "workspace": STR,
    "role": MAY,
    "created_at": STR,
    "expires_at": STR,
    "revoked_at": nullable(STR),
    "seen_at": nullable(STR),
}
TOKEN = obj(**_TOKEN)
NEW_TOKEN = obj(**_TOKEN, token=STR)
ACCEPTED = obj(job_id=nullable(STR), call_id=STR)
PROBLEM = obj(type=STR, title=STR, status=INT, detail=STR)


def check(document: object, schema: Schema) -> None:
    """Raise ``jsonschema.ValidationError`` where the document is not as the contract says."""
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
