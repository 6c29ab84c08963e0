#!/usr/bin/env python3
"""Validate corpus C from its final files only. Exit 1 on any error."""
import csv, json, re, sys
from collections import Counter
from datetime import date
from pathlib import Path

R = Path(__file__).resolve().parent
errs = []


def need(ok, msg):
    if not ok:
        errs.append(msg)
    return ok


def words(t):
    return len(re.findall(r"[A-Za-z0-9$%][\w'’.,$%-]*", re.sub(r'\[[^\]]*\]', ' ', t)))


# ---- accounts
rows = list(csv.DictReader(open(R / 'accounts.csv')))
COLS = ['account_id', 'name', 'arr_usd', 'tier', 'segment', 'region', 'renewal_date', 'health', 'owner']
need(list(rows[0]) == COLS, f'accounts.csv columns {list(rows[0])}')
need(len(rows) == 25, 'accounts: want 25')
acc = {}
for r in rows:
    r['arr_usd'] = int(r['arr_usd'])
    need(re.fullmatch(r'ACC-\d{4}', r['account_id']), r['account_id'])
    need(r['tier'] in ('enterprise', 'mid', 'smb'), f'tier {r}')
    need(r['health'] in ('green', 'yellow', 'red'), f'health {r}')
    need(r['segment'] in ('University Library', 'City Library', 'Museum', 'Hospital Archive'), f'segment {r}')
    need(all(r[c] != '' for c in COLS), f'empty field {r}')
    date.fromisoformat(r['renewal_date'])
    acc[r['account_id']] = r
need(len(acc) == 25 and len({r['name'] for r in rows}) == 25, 'duplicate account')
order = sorted(rows, key=lambda r: -r['arr_usd'])
need(len({r['arr_usd'] for r in rows}) == 25, 'ARR ties')
TOP20 = [r['account_id'] for r in order[:20]]
need(max(r['arr_usd'] for r in rows if r['tier'] == 'smb') < min(r['arr_usd'] for r in rows if r['tier'] == 'mid') <
     max(r['arr_usd'] for r in rows if r['tier'] == 'mid') < min(r['arr_usd'] for r in rows if r['tier'] == 'enterprise'), 'tier not ordered by ARR')
need(TOP20 != sorted(TOP20), 'ids leak ARR rank')

# ---- calls
calls, stats = {}, []
for p in sorted((R / 'calls').glob('*.json')):
    d = json.loads(p.read_text())
    cid = d['call_id']
    need(p.stem == cid, f'{p.name} name')
    need(set(d) == {'call_id', 'title', 'date', 'account_id', 'source', 'participants', 'utterances'}, f'{cid} keys')
    need('2026-09-07' <= d['date'] <= '2026-10-02' and date.fromisoformat(d['date']).weekday() < 5, f'{cid} date')
    need(d['account_id'] in acc, f'{cid} account')
    need(d['source'] in ('zoom', 'phone', 'onsite'), f'{cid} source')
    people = {}
    for q in d['participants']:
        need(set(q) == {'name', 'role', 'title', 'email'} and q['role'] in ('customer', 'internal'), f'{cid} participant {q}')
        need(q['email'].endswith('.example') and (q['role'] == 'internal') == q['email'].endswith('@pennywhistle.example'), f'{cid} email {q["email"]}')
        people[q['name']] = q['role']
    n = Counter(people.values())
    need(n['customer'] in (1, 2) and n['internal'] in (1, 2), f'{cid} people {n}')
    prev_s = prev_e = -1
    for k, u in enumerate(d['utterances']):
        need(set(u) == {'i', 'speaker', 'start_s', 'end_s', 'text'} and u['i'] == k, f'{cid} utt {k} schema')
        need(u['speaker'] in people, f'{cid} {k} unknown speaker')
        need(u['start_s'] > prev_s and u['end_s'] > u['start_s'], f'{cid} {k} timestamps')
        need(u['start_s'] > prev_e - 0.5, f'{cid} {k} overlap too long')
        prev_s, prev_e = u['start_s'], u['end_s']
        need(u['text'].strip() == u['text'] and u['text'] and not re.search(r'##|<<|>>', u['text']), f'{cid} {k} text')
    need({u['speaker'] for u in d['utterances']} == set(people), f'{cid} silent participant')
    need(40 <= len(d['utterances']) <= 60, f'{cid} utterances {len(d["utterances"])}')
    w = sum(words(u['text']) for u in d['utterances'])
    mins = (d['utterances'][-1]['end_s'] - d['utterances'][0]['start_s']) / 60
    wpm = w / mins
    need(140 <= wpm <= 160, f'{cid} wpm {wpm:.0f}')
    cust = sum(words(u['text']) for u in d['utterances'] if people[u['speaker']] == 'customer') / w
    stats.append((cid, w, mins, wpm, len(d['utterances']), cust))
    calls[cid] = d
need(len(calls) == 16, 'want 16 calls')
role = lambda c, i: {p['name']: p['role'] for p in calls[c]['participants']}[calls[c]['utterances'][i]['speaker']]
A = {c: d['account_id'] for c, d in calls.items()}
heard = set(A.values())
missing = [a for a in TOP20 if a not in heard]
need(len(heard) == 14 and sum(v == 2 for v in Counter(A.values()).values()) == 2, 'want 14 accounts, two with two calls')
need(len(missing) == 8, f'Top-20 uninterviewed {len(missing)}')


def inrange(c, us, where):
    ok = need(c in calls, f'{where}: call {c}') and need(len(us) > 0, f'{where}: {c} empty')
    for i in us:
        ok = need(0 <= i < len(calls[c]['utterances']), f'{where}: {c}#{i} out of range') and ok
    need(list(us) == sorted(set(us)), f'{where}: {c} unsorted/dup')
    return ok


def spoken(es, want, where, nonempty=True):
    need(es or not nonempty, f'{where}: no evidence')
    for e in es:
        if inrange(e['call_id'], e['utterances'], where):
            for i in e['utterances']:
                need(role(e['call_id'], i) == want, f'{where} {e["call_id"]}#{i} not {want}')
            if 'account_id' in e:
                need(e['account_id'] == A[e['call_id']], f'{where} {e["call_id"]} account')


# ---- truth
T = json.loads((R / 'truth.json').read_text())
need(set(T) == {'corpus', 'date_range', 'top20', 'themes', 'rankings', 'internal_traps', 'third_hand_claims', 'prompt_injections', 'pii', 'personas',
                'symptom_requests', 'minor_themes', 'minor_asks', 'crm_health_vs_calls', 'near_misses'}, 'truth keys')
TH = {t['id']: t for t in T['themes']}
need(list(TH) == [f'N{i}' for i in range(1, 10)], 'themes N1..N9')
need({t['kind'] for t in TH.values()} == {'pain', 'request', 'praise', 'risk', 'competitor'}, 'kinds')
need([(x['account_id'], x['rank'], x['arr_usd'], x['tier'], x['interviewed']) for x in T['top20']] ==
     [(a, n + 1, acc[a]['arr_usd'], acc[a]['tier'], a in heard) for n, a in enumerate(TOP20)], 'top20 list')
acc_of = {}
for tid, t in TH.items():
    need(set(t) == {'id', 'kind', 'status', 'label', 'statement', 'true_problem', 'evidence', 'acceptable_evidence', 'contradicting', 'accounts', 'n_accounts',
                    'n_top20_accounts', 'arr_sum_usd', 'arr_sum_top20_usd', 'intensity_weighted_arr_usd', 'n_evidence_utterances'}, f'{tid} keys')
    spoken(t['evidence'], 'customer', f'{tid} evidence')
    seen = {A[e['call_id']] for e in t['evidence']}
    main = {(e['call_id'], i) for e in t['evidence'] for i in e['utterances']}
    alts = []
    for key in ('contradicting', 'acceptable_evidence'):
        spoken(t[key], 'customer', f'{tid} {key}', nonempty=False)
        alts.append({(e['call_id'], i) for e in t[key] for i in e['utterances']})
        need(not main & alts[-1], f'{tid} {key} overlaps evidence {main & alts[-1]}')
    need(not alts[0] & alts[1], f'{tid} contradicting overlaps acceptable')
    need({A[c] for c, _ in alts[1]} <= seen or tid == 'N8', f'{tid} acceptable evidence from an account outside the theme')
    listed = {x['account_id'] for x in t['accounts']}
    need(listed == seen, f'{tid} accounts {listed ^ seen}')
    for x in t['accounts']:
        a = acc[x['account_id']]
        need(x['name'] == a['name'] and x['tier'] == a['tier'] and x['arr_usd'] == a['arr_usd'] and x['intensity'] in (1, 2, 3) and x['top20'] == (x['account_id'] in TOP20), f'{tid} account row {x}')
    need(t['arr_sum_usd'] == sum(acc[a]['arr_usd'] for a in listed), f'{tid} ARR sum')
    need(t['arr_sum_top20_usd'] == sum(acc[a]['arr_usd'] for a in listed if a in TOP20), f'{tid} Top-20 ARR sum')
    need(t['n_accounts'] == len(listed) and t['n_top20_accounts'] == sum(a in TOP20 for a in listed), f'{tid} counts')
    need(t['n_evidence_utterances'] == len(main), f'{tid} mention count')
    need(t['intensity_weighted_arr_usd'] == sum(x['arr_usd'] * x['intensity'] for x in t['accounts']), f'{tid} weighted')
    need(len(t['statement']) > 30 and len(t['true_problem']) > 30, f'{tid} text')
    if tid in ('N1', 'N2', 'N3', 'N4', 'N5', 'N6'):
        need(2 <= len(listed) <= 6, f'{tid} account number')
    acc_of[tid] = listed

NEEDS = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'N9']
rk = lambda key: sorted(NEEDS, key=lambda n: (-TH[n][key], -TH[n]['arr_sum_usd']))
K = T['rankings']
KEYS = [('by_accounts_all', 'n_accounts'), ('by_mentions', 'n_evidence_utterances'), ('by_arr_all', 'arr_sum_usd'),
        ('by_top20_accounts', 'n_top20_accounts'), ('by_top20_arr', 'arr_sum_top20_usd'), ('by_intensity_weighted_arr', 'intensity_weighted_arr_usd')]
for name, key in KEYS:
    need(K[name] == rk(key), f'ranking {name} {K[name]} vs {rk(key)}')
    v = [TH[n][key] for n in K[name]]
    need(v[0] > v[1], f'ranking {name}: leader is tied')
four = [tuple(K[n]) for n in ('by_accounts_all', 'by_arr_all', 'by_top20_accounts', 'by_mentions')]
need(len(set(four)) == 4 and len({t[0] for t in four}) == 4, 'the four rankings must differ and have different leaders')
need(K['by_intensity_weighted_arr'] != K['by_arr_all'], 'weighted order should differ')
need(set(K['by_accounts_all'][:3]) != set(K['by_top20_arr'][:3]), 'top three must differ')
need(sum(bool(TH[n]['contradicting']) for n in NEEDS) >= 3, 'contradicted needs')
need(len({c['account_id'] for c in TH['N3']['contradicting']}) >= 2, 'N3 contradiction by two accounts')

# ---- traps
trap = next(x for x in T['internal_traps'] if x.get('theme') == 'N9')
spoken(trap['pushed_by_staff'], 'internal', 'push')
spoken(trap['waved_away_by_customers'], 'customer', 'wave')
spoken(trap['mild_interest'], 'customer', 'mild')
pushes = sum(len(e['utterances']) for e in trap['pushed_by_staff'])
waves = sum(len(e['utterances']) for e in trap['waved_away_by_customers'])
need(pushes > 3 * TH['N9']['n_evidence_utterances'], 'N9 must be mostly internal')
need({e['call_id'] for e in trap['pushed_by_staff']} == {e['call_id'] for e in trap['waved_away_by_customers']}, 'each push is waved away in its call')
cust_text = internal_text = ''
for d in calls.values():
    for u in d['utterances']:
        c = role(d['call_id'], u['i']) == 'customer'
        cust_text += ' ' + u['text'].lower() if c else ''
        if 'rosette' in u['text'].lower():
            need(not c, f'Rosette said by customer {d["call_id"]}#{u["i"]}')
            need(any(e['call_id'] == d['call_id'] and u['i'] in e['utterances'] for e in trap['pushed_by_staff']), f'Rosette push unlabelled {d["call_id"]}#{u["i"]}')
for x in T['internal_traps']:
    spoken(x.get('utterances', []), 'internal', x['id'], nonempty='utterances' in x)
ALL = {(tid, e['call_id'], i) for tid, t in TH.items() for key in ('evidence', 'acceptable_evidence') for e in t[key] for i in e['utterances']}
need(len(T['third_hand_claims']) == 3, '3 third-hand claims')
for x in T['third_hand_claims']:
    spoken(x['evidence'], 'customer', x['id'])
    for e in x['evidence']:
        for i in e['utterances']:
            need(calls[e['call_id']]['utterances'][i]['speaker'] == x['speaker'], f'{x["id"]} speaker')
            need(not any(c == e['call_id'] and j == i for _, c, j in ALL), f'{x["id"]} is theme evidence')
need(len(T['prompt_injections']) == 2 and len({x['call_id'] for x in T['prompt_injections']}) == 2, '2 injections')
for x in T['prompt_injections']:
    u = calls[x['call_id']]['utterances'][x['utterance']]
    need(re.search(r'(ignore|disregard)', u['text'], re.I) and u['speaker'] == x['speaker'], 'injection text')
for x in T['pii']:
    u = calls[x['call_id']]['utterances'][x['utterance']]
    need(x['value'] in u['text'] and u['speaker'] == x['speaker'], f'pii {x}')
    if x['kind'] == 'phone':
        need(re.fullmatch(r'\d{3}-555-01\d\d|01632 96\d{4}', x['value']), f'phone not in a reserved range {x["value"]}')
    if x['kind'] == 'email':
        need(x['value'].endswith('.example'), 'email domain')
    if x['kind'] == 'card':
        need(x['value'] in ('4242 4242 4242 4242', '4111 1111 1111 1111', '5555 5555 5555 4444'), 'card not a test number')
kinds = Counter(x['kind'] for x in T['pii'])
need(sum(kinds.values()) == 5 and kinds['phone'] == 3 and kinds['email'] == 1 and kinds['card'] == 1, f'pii kinds {kinds}')
pat = re.compile(r'\b\d{3}-\d{3}-\d{4}\b|\b0\d{4} \d{6}\b|\b(?:\d{4} ){3}\d{4}\b|[\w.]+@[\w.]+\w')
found = {(c, u['i'], m) for c, d in calls.items() for u in d['utterances'] for m in pat.findall(u['text'])}
need(found == {(x['call_id'], x['utterance'], x['value']) for x in T['pii']}, f'pii recorded vs found: {found}')
for x in T['symptom_requests'] + T['crm_health_vs_calls'] + T['minor_asks']:
    spoken(x['evidence'], 'customer', 'symptom/crm/ask')
    need(all(A[e['call_id']] == x['account_id'] for e in x['evidence']), f'wrong account {x}')
for x in T['minor_themes'] + [n for n in T['near_misses'] if 'evidence' in n]:
    spoken(x['evidence'], 'customer', 'minor/near')
for x in T['symptom_requests']:
    need(x['account_id'] in acc_of[x['true_need']], 'symptom account not in its need')
need(sorted(x['crm_health'] for x in T['crm_health_vs_calls']) == ['green', 'red'], 'crm mismatches')
for x in T['crm_health_vs_calls']:
    need(x['crm_health'] == acc[x['account_id']]['health'], 'crm health')
need(set(T['personas']) == {'angry_yeller', 'happy', 'terse', 'price_only_buyer_not_user', 'praises_then_reveals_churn_risk',
                            'asks_for_feature_that_is_a_symptom', 'frontline_staff', 'two_customers_disagree', 'second_language_speaker'}, 'personas')
for who, cs in T['personas'].items():
    for c in cs:
        need(c in calls, f'persona {who}')
fm = {A[c] for c, d in calls.items() for u in d['utterances'] if re.search(r'alder ?quill', u['text'], re.I) and role(c, u['i']) == 'customer'}
need(fm == acc_of['N7'], f'Alderquill named by customers {fm ^ acc_of["N7"]}')

# ---- questions
Q = json.loads((R / 'questions.json').read_text())
need(len(Q) == 40 and [q['id'] for q in Q] == [f'Q{i:02d}' for i in range(1, 41)], '40 questions')
kq = Counter(q['kind'] for q in Q)
need(kq == {'lookup': 16, 'aggregate': 12, 'comparative': 4, 'unanswerable': 8}, f'question kinds {kq}')
QK = {'id', 'question', 'kind', 'answerable', 'expected_behaviour', 'filters', 'gold_evidence', 'gold_points', 'must_not', 'related_evidence'}
FK = {'accounts', 'tier', 'segment', 'region', 'top20', 'date_from', 'date_to', 'speaker_role'}
for q in Q:
    f = q['filters']
    need(set(q) == QK and set(f) == FK, f'{q["id"]} keys')
    need(all(a in acc for a in f['accounts'] or []), f'{q["id"]} filter account')
    want = 'internal' if q['expected_behaviour'] == 'internal_only' else 'customer'
    spoken(q['gold_evidence'], want, q['id'], nonempty=q['answerable'] and q['expected_behaviour'] == 'answer')
    for e in q['gold_evidence']:
        a = A[e['call_id']]
        need(not f['accounts'] or a in f['accounts'], f'{q["id"]} evidence outside account filter {e["call_id"]}')
        need(not f['tier'] or acc[a]['tier'] == f['tier'], f'{q["id"]} tier filter {e["call_id"]}')
        need(not f['segment'] or acc[a]['segment'] == f['segment'], f'{q["id"]} segment filter')
        need(not f['top20'] or a in TOP20, f'{q["id"]} top20 filter')
        need(not f['date_from'] or f['date_from'] <= calls[e['call_id']]['date'] <= f['date_to'], f'{q["id"]} date filter')
    for e in q['related_evidence']:
        inrange(e['call_id'], e['utterances'], q['id'] + ' related')
    need(q['gold_points'] and q['must_not'], f'{q["id"]} points')
    need(q['answerable'] == (q['kind'] != 'unanswerable'), f'{q["id"]} answerable')
    if q['kind'] == 'lookup':
        need(1 <= sum(len(e['utterances']) for e in q['gold_evidence']) <= 2 and f['accounts'] and len(f['accounts']) == 1, f'{q["id"]} lookup')
    if q['kind'] == 'unanswerable':
        need(not q['gold_evidence'] or q['expected_behaviour'] == 'internal_only', f'{q["id"]} unanswerable')
beh = Counter(q['expected_behaviour'] for q in Q)
need(beh == {'answer': 31, 'answer_from_account_data': 1, 'abstain': 5, 'abstain_hearsay_may_be_flagged': 1, 'internal_only': 2}, f'behaviours {beh}')
# no question borrows a run of five words from what was said
ng = lambda t, n: {tuple(w[i:i + n]) for w in [re.findall(r"[a-z0-9']+", t.lower())] for i in range(len(w) - n + 1)}
said = set().union(*(ng(u['text'], 5) for d in calls.values() for u in d['utterances']))
for q in Q:
    need(not ng(q['question'], 5) & said, f'{q["id"]} copies spoken words {ng(q["question"], 5) & said}')

# values in the gold points of lookup questions: each number must be in the gold utterances (digits or words)
ONES = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split()
TENS = dict(zip('twenty thirty forty fifty sixty seventy eighty ninety'.split(), range(20, 100, 10)))


def numbers(t):
    """All numbers in spoken text, words combined the usual ways."""
    w = re.findall(r"[a-z]+|\d[\d,]*", t.lower().replace('-', ' '))
    out, i = set(), 0
    for m in re.findall(r'\d[\d,]*', t):
        out.add(int(m.replace(',', '')))
    ordn = {'fifteenth': 15, 'twentieth': 20, 'thirteenth': 13}
    while i < len(w):
        total = cur = 0
        j = i
        while j < len(w):
            x = w[j]
            if x in ONES: cur += ONES.index(x)
            elif x in TENS: cur += TENS[x]
            elif x == 'hundred': cur = (cur or 1) * 100
            elif x == 'thousand': total += (cur or 1) * 1000; cur = 0
            elif x == 'and' and j > i and cur % 100 == 0 and j + 1 < len(w) and (w[j + 1] in ONES or w[j + 1] in TENS or 'hundred' in w[j + 1:j + 3]): pass
            else: break
            j += 1
            out.add(total + cur)
        if w[i] in ordn: out.add(ordn[w[i]])
        i = max(j, i + 1)
    return out


for q in Q:
    if q['kind'] == 'lookup':
        t = ' '.join(calls[e['call_id']]['utterances'][i]['text'] for e in q['gold_evidence'] for i in e['utterances'])
        have = numbers(t)
        extra = {2024} if re.search(r'twenty twenty-four', t, re.I) else set()
        if re.search(r'four dollars and ten cents', t): extra |= {4, 10}
        for m in re.findall(r'\d[\d,]*', ' '.join(q['gold_points']).replace('$4.10', '')):
            v = int(m.replace(',', ''))
            need(v in have | extra, f'{q["id"]} value {v} not in gold utterances {sorted(have)}')

# unanswerable topics really absent from customers' words
for w in ('two-factor', 'two factor', '2fa', 'authenticator', 'authentication', 'screen reader', 'screen-reader', 'blind', 'braille', 'accessibility', 'e-book', 'ebook', 'e-books',
          'licence', 'license', 'licences', 'licenses', 'sensor', 'sensors', 'humidity', 'temperature', 'ostermark', 'quandong', 'tarnbeck', 'saltmarsh', 'obermoor',
          'lower marlin', 'gannet rock', 'first quarter', 'eleven percent'):
    need(not re.search(r'\b' + re.escape(w) + r'\b', cust_text), f'supposedly absent term said by a customer: {w}')

# ---- memo
M = json.loads((R / 'memo_truth.json').read_text())
need(set(M) == {'as_of', 'author', 'coverage', 'ordering_rule', 'top_needs', 'secondary', 'protect', 'at_risk', 'watch', 'health_corrections', 'do_not', 'open_questions'}, 'memo keys')
cv = M['coverage']
need(cv['calls'] == len(calls) and cv['accounts_total'] == 25 and cv['accounts_interviewed'] == len(heard) and cv['top20_interviewed'] == 20 - len(missing), 'memo coverage')
need([x['account_id'] for x in cv['top20_not_interviewed']] == missing, 'memo gaps')
for x in cv['top20_not_interviewed']:
    a = acc[x['account_id']]
    need((x['name'], x['arr_usd'], x['health'], x['renewal_date']) == (a['name'], a['arr_usd'], a['health'], a['renewal_date']), 'memo gap row')
need(set(cv['not_interviewed_outside_top20']) == {acc[a]['name'] for a in acc if a not in TOP20 and a not in heard}, 'memo outside')
need(cv['arr_interviewed_usd'] == sum(acc[a]['arr_usd'] for a in heard) and cv['arr_total_usd'] == sum(a['arr_usd'] for a in acc.values()), 'memo ARR')
need(cv['arr_interviewed_share'] == round(cv['arr_interviewed_usd'] / cv['arr_total_usd'], 3), 'memo share')
dates = [d['date'] for d in calls.values()]
need((cv['first_call'], cv['last_call'], cv['distinct_call_days']) == (min(dates), max(dates), len(set(dates))), 'memo dates')
need(cv['customer_people'] == len({p['name'] for d in calls.values() for p in d['participants'] if p['role'] == 'customer'}), 'memo people')
need(set(cv['accounts_with_two_calls']) == {acc[a]['name'] for a, n in Counter(A.values()).items() if n == 2}, 'memo two calls')
need([n['theme'] for n in M['top_needs']] == [n for n in K['by_top20_arr'] if n != 'N9'][:4], 'memo order')
for n in M['top_needs']:
    t = TH[n['theme']]
    need(n['arr_top20_usd'] == sum(x['arr_usd'] for x in n['top20_accounts']) == t['arr_sum_top20_usd'] and n['n_top20_accounts'] == t['n_top20_accounts'], f'memo {n["theme"]} ARR')
    need(n['evidence'] == t['evidence'] and n['contradicting'] == [{k: e[k] for k in ('call_id', 'utterances')} for e in t['contradicting']], f'memo {n["theme"]} evidence')
for x in M['secondary']:
    need(x['arr_top20_usd'] == TH[x['theme']]['arr_sum_top20_usd'], 'memo secondary')
for x in M['protect']:
    need(set(x['accounts']) == {acc[a]['name'] for a in acc_of[x['theme']]}, 'memo protect')
for x in M['at_risk']:
    need(x['arr_usd'] == acc[x['account_id']]['arr_usd'] and x['renewal'] == acc[x['account_id']]['renewal_date'] and x['crm_health'] == acc[x['account_id']]['health'], f'at_risk {x["account_id"]}')
    spoken(x['evidence'], 'customer', 'at_risk')
    need(all(A[e['call_id']] == x['account_id'] for e in x['evidence']), 'at_risk wrong account')
need(M['health_corrections'] == T['crm_health_vs_calls'], 'memo health')
for x in M['do_not']:
    if 'arr_usd' in x:
        need(x['arr_usd'] == TH[x['theme']]['arr_sum_usd'] and x['n_accounts'] == TH[x['theme']]['n_accounts'], 'memo do_not')
for x in M['watch']:
    need(x['account_id'] in acc, 'memo watch')

# quoted values and dollar figures in the free text of the truth files
for blob, label in ((json.dumps(Q), 'questions'), (json.dumps(M), 'memo')):
    ok = {t[k] for t in TH.values() for k in ('arr_sum_usd', 'arr_sum_top20_usd')} | {a['arr_usd'] for a in acc.values()}
    ok |= {sum(acc[a]['arr_usd'] for a in missing), sum(acc[a]['arr_usd'] for a in acc_of['N4'] if acc[a]['tier'] == 'smb'), 90000, 4}
    for m in re.findall(r'\$(\d[\d,]*)', blob):
        need(int(m.replace(',', '')) in ok, f'{label}: dollar figure {m} not derivable')
all_text = ' '.join(u['text'] for d in calls.values() for u in d['utterances'])
for q in Q:
    for g in q['gold_points'] + q['must_not']:
        for m in re.findall(r'"([^"]+)"', g):
            need(m in all_text, f'{q["id"]} quote not spoken: {m}')

# ---- summary
print('call     words  min  wpm  utt  customer%')
for c, w, m, r, n, cu in stats:
    print(f'{c}  {w:5d} {m:4.1f}  {r:3.0f}  {n:3d}  {cu*100:5.0f}')
print(f'\n{len(calls)} calls, {sum(s[1] for s in stats)} words, {sum(s[4] for s in stats)} utterances, {sum(s[2] for s in stats):.0f} min; '
      f'{len(heard)}/25 accounts, {20-len(missing)}/20 of Top 20, ARR heard {cv["arr_interviewed_usd"]:,} of {cv["arr_total_usd"]:,} ({cv["arr_interviewed_share"]:.0%})')
print('\ntheme kind        accts top20     ARR  Top20 ARR  utts  accept contra')
for t in TH.values():
    z = lambda k: sum(len(e['utterances']) for e in t[k])
    print(f'{t["id"]}    {t["kind"]:11s} {t["n_accounts"]:4d} {t["n_top20_accounts"]:5d} {t["arr_sum_usd"]:9,d} {t["arr_sum_top20_usd"]:9,d} {t["n_evidence_utterances"]:5d} {z("acceptable_evidence"):5d} {z("contradicting"):5d}')
for k, v in K.items():
    if k != 'note':
        print(f'{k:27s}', ' > '.join(v))
print(f'\npet idea: {pushes} staff pushes, {waves} customer wave-aways; injections {len(T["prompt_injections"])}; third-hand {len(T["third_hand_claims"])}; pii {dict(kinds)}')
print('questions', dict(kq), dict(beh))
for e in errs:
    print('ERROR', e)
print('PASS' if not errs else f'FAIL ({len(errs)} errors)')
sys.exit(bool(errs))
