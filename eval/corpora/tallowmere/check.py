#!/usr/bin/env python3
"""Validate corpus B from its final files only. Exit 1 on any error."""
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
    return len(re.findall(r"[A-Za-zÀ-ÿ0-9$%][\w'’.,$%-]*", re.sub(r'\[[^\]]*\]', ' ', t)))


# ---- accounts
rows = list(csv.DictReader(open(R / 'accounts.csv')))
COLS = ['account_id', 'name', 'arr_usd', 'tier', 'segment', 'region', 'renewal_date', 'health', 'owner']
need(list(rows[0]) == COLS, f'accounts.csv columns {list(rows[0])}')
need(len(rows) == 24, 'accounts: want 24')
acc = {}
for r in rows:
    r['arr_usd'] = int(r['arr_usd'])
    need(re.fullmatch(r'ACC-\d{4}', r['account_id']), r['account_id'])
    need(r['tier'] in ('enterprise', 'mid', 'smb'), f'tier {r}')
    need(r['health'] in ('green', 'yellow', 'red'), f'health {r}')
    date.fromisoformat(r['renewal_date'])
    acc[r['account_id']] = r
need(len(acc) == 24 and len({r['name'] for r in rows}) == 24, 'duplicate account')
order = sorted(rows, key=lambda r: -r['arr_usd'])
need(len({r['arr_usd'] for r in rows}) == 24, 'ARR ties')
TOP20 = [r['account_id'] for r in order[:20]]
tr = lambda t: [r['arr_usd'] for r in rows if r['tier'] == t]
need(max(tr('smb')) < min(tr('mid')) <= max(tr('mid')) < min(tr('enterprise')), 'tier not ordered by ARR')
need(TOP20 != sorted(TOP20), 'ids leak ARR rank')

# ---- calls
calls, stats = {}, []
for p in sorted((R / 'calls').glob('*.json')):
    d = json.loads(p.read_text())
    cid = d['call_id']
    need(p.stem == cid, f'{p.name} name')
    need(list(d) == ['call_id', 'title', 'date', 'account_id', 'source', 'participants', 'utterances'], f'{cid} keys')
    need('2026-04-06' <= d['date'] <= '2026-05-01' and date.fromisoformat(d['date']).weekday() < 5, f'{cid} date')
    need(d['account_id'] in acc, f'{cid} account')
    need(d['source'] in ('zoom', 'phone', 'onsite'), f'{cid} source')
    people = {}
    for q in d['participants']:
        need(set(q) == {'name', 'role', 'title', 'email'} and q['role'] in ('customer', 'internal'), f'{cid} participant {q}')
        need(q['email'].endswith('.example') and (q['role'] == 'internal') == q['email'].endswith('@tallowmere.example'), f'{cid} email {q["email"]}')
        people[q['name']] = q['role']
    n = Counter(people.values())
    need(1 <= n['customer'] <= 2 and 1 <= n['internal'] <= 2, f'{cid} people {n}')
    need(40 <= len(d['utterances']) <= 60, f'{cid} {len(d["utterances"])} utterances')
    prev_s = prev_e = -1
    for k, u in enumerate(d['utterances']):
        need(list(u) == ['i', 'speaker', 'start_s', 'end_s', 'text'] and u['i'] == k, f'{cid} utt {k} schema')
        need(u['speaker'] in people, f'{cid} {k} unknown speaker')
        need(u['start_s'] > prev_s and u['end_s'] > u['start_s'], f'{cid} {k} timestamps')
        need(u['start_s'] > prev_e - 0.5, f'{cid} {k} overlap too long')
        prev_s, prev_e = u['start_s'], u['end_s']
        need(u['text'].strip() == u['text'] and u['text'] and '[[' not in u['text'] and '|' not in u['text'], f'{cid} {k} text')
    need({u['speaker'] for u in d['utterances']} == set(people), f'{cid} silent participant')
    w = sum(words(u['text']) for u in d['utterances'])
    mins = (d['utterances'][-1]['end_s'] - d['utterances'][0]['start_s']) / 60
    need(140 <= w / mins <= 160, f'{cid} wpm {w / mins:.0f}')
    cust = sum(words(u['text']) for u in d['utterances'] if people[u['speaker']] == 'customer') / w
    stats.append((cid, w, mins, w / mins, len(d['utterances']), cust))
    calls[cid] = d
need(len(calls) == 16, 'want 16 calls')
role = lambda c, i: {p['name']: p['role'] for p in calls[c]['participants']}[calls[c]['utterances'][i]['speaker']]
text = lambda c, i: calls[c]['utterances'][i]['text']
A = {c: d['account_id'] for c, d in calls.items()}
heard = set(A.values())
need(len(heard) == 14 and sorted(Counter(A.values()).values())[-2:] == [2, 2], 'want 14 accounts, two with two calls')
missing = [a for a in TOP20 if a not in heard]
texts = [u['text'] for d in calls.values() for u in d['utterances']]
need(len(texts) == len(set(t for t in texts)) or all(len(t.split()) < 4 for t, k in Counter(texts).items() if k > 1), 'repeated utterances')


def inrange(c, us, where):
    ok = need(c in calls, f'{where}: call {c}') and need(len(us) > 0, f'{where}: {c} empty')
    for i in us:
        ok = need(0 <= i < len(calls[c]['utterances']), f'{where}: {c}#{i} out of range') and ok
    need(list(us) == sorted(set(us)), f'{where}: {c} unsorted/dup')
    return ok


# ---- truth
T = json.loads((R / 'truth.json').read_text())
TH = {t['id']: t for t in T['themes']}
need(list(TH) == [f'N{i}' for i in range(1, 10)], 'themes N1..N9')
need([x['account_id'] for x in T['top20']] == TOP20 and [x['rank'] for x in T['top20']] == list(range(1, 21)), 'top20 list')
for x in T['top20']:
    need(x['interviewed'] == (x['account_id'] in heard) and x['arr_usd'] == acc[x['account_id']]['arr_usd'] and x['name'] == acc[x['account_id']]['name'] and x['tier'] == acc[x['account_id']]['tier'], f'top20 row {x}')
need(T['date_range'] == [min(d['date'] for d in calls.values()), max(d['date'] for d in calls.values())], 'date range')
acc_of = {}
for tid, t in TH.items():
    seen = set()
    for e in t['evidence']:
        if inrange(e['call_id'], e['utterances'], f'{tid} evidence'):
            for i in e['utterances']:
                need(role(e['call_id'], i) == 'customer', f'{tid} evidence {e["call_id"]}#{i} not a customer')
            seen.add(A[e['call_id']])
    for key in ('contradicting', 'acceptable_evidence'):
        for e in t[key]:
            if inrange(e['call_id'], e['utterances'], f'{tid} {key}'):
                need(key != 'contradicting' or e['account_id'] == A[e['call_id']], f'{tid} contradicting account')
                for i in e['utterances']:
                    need(role(e['call_id'], i) == 'customer', f'{tid} {key} {e["call_id"]}#{i} not a customer')
                    for f in t['evidence']:
                        need(not (f['call_id'] == e['call_id'] and i in f['utterances']), f'{tid} {key} overlaps evidence {e["call_id"]}#{i}')
    listed = {x['account_id'] for x in t['accounts']}
    need(listed == seen, f'{tid} accounts {listed ^ seen}')
    for x in t['accounts']:
        a = acc[x['account_id']]
        need(x['arr_usd'] == a['arr_usd'] and x['name'] == a['name'] and x['tier'] == a['tier'] and x['intensity'] in (1, 2, 3) and x['top20'] == (x['account_id'] in TOP20), f'{tid} account row {x}')
    need(t['arr_sum_usd'] == sum(acc[a]['arr_usd'] for a in listed), f'{tid} ARR sum')
    need(t['arr_sum_top20_usd'] == sum(acc[a]['arr_usd'] for a in listed if a in TOP20), f'{tid} Top-20 ARR sum')
    need(t['n_accounts'] == len(listed) and t['n_top20_accounts'] == sum(a in TOP20 for a in listed), f'{tid} counts')
    need(t['n_evidence_utterances'] == sum(len(e['utterances']) for e in t['evidence']), f'{tid} mention count')
    need(t['intensity_weighted_arr_usd'] == sum(x['arr_usd'] * x['intensity'] for x in t['accounts']), f'{tid} weighted')
    need(len(t['statement']) > 30 and len(t['true_problem']) > 30, f'{tid} text')
    acc_of[tid] = listed
    if tid in ('N1', 'N2', 'N3', 'N4', 'N5', 'N6'):
        need(2 <= len(listed) <= 6, f'{tid} account count')

NEEDS = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'N9']
rk = lambda key: sorted(NEEDS, key=lambda n: (-TH[n][key], -TH[n]['arr_sum_usd']))
K = T['rankings']
for nm, key in [('by_accounts_all', 'n_accounts'), ('by_mentions', 'n_evidence_utterances'), ('by_arr_all', 'arr_sum_usd'),
                ('by_top20_accounts', 'n_top20_accounts'), ('by_top20_arr', 'arr_sum_top20_usd'), ('by_intensity_weighted_arr', 'intensity_weighted_arr_usd')]:
    need(K[nm] == rk(key), f'ranking {nm} {K[nm]} vs {rk(key)}')
four = [tuple(K[n]) for n in ('by_accounts_all', 'by_arr_all', 'by_top20_accounts', 'by_mentions')]
need(len(set(four)) == 4 and len({t[0] for t in four}) == 4, 'the four rankings must have four different leaders')
for k in ('by_accounts_all', 'by_arr_all', 'by_top20_accounts', 'by_mentions', 'by_top20_arr'):   # no tie for first place
    key = dict(by_accounts_all='n_accounts', by_arr_all='arr_sum_usd', by_top20_accounts='n_top20_accounts', by_mentions='n_evidence_utterances', by_top20_arr='arr_sum_top20_usd')[k]
    need(TH[K[k][0]][key] > TH[K[k][1]][key], f'{k}: tie at the top')
need(all(acc[a]['tier'] == 'smb' for a in acc_of['N3']), 'N3 only small')
for n in ('N2', 'N5'):
    need(len({c['account_id'] for c in TH[n]['contradicting']}) >= 2, f'{n} contradiction')

# ---- traps
trap = next(x for x in T['internal_traps'] if x.get('theme') == 'N9')
pushes = waves = 0
for e in trap['pushed_by_staff']:
    inrange(e['call_id'], e['utterances'], 'trap')
    need(e['account_id'] == A[e['call_id']], 'trap account')
    for i in e['utterances']:
        pushes += 1
        need(role(e['call_id'], i) == 'internal', f'trap {e["call_id"]}#{i} not internal')
for e in trap['waved_away_by_customers'] + trap['mild_interest']:
    inrange(e['call_id'], e['utterances'], 'wave')
    for i in e['utterances']:
        waves += 1
        need(role(e['call_id'], i) == 'customer', f'wave {e["call_id"]}#{i} not customer')
pc = {e['call_id'] for e in trap['pushed_by_staff']}
need(pc == {e['call_id'] for e in trap['waved_away_by_customers']}, 'every push is waved away')
need(pc == {c for c, d in calls.items() if any('glowworm' in u['text'].lower() or 'five faces' in u['text'].lower() for u in d['utterances'])}, 'push calls')
for d in calls.values():
    for u in d['utterances']:
        if 'glowworm' in u['text'].lower():
            need(role(d['call_id'], u['i']) == 'internal', f'Glowworm said by customer {d["call_id"]}#{u["i"]}')
for x in T['internal_traps']:
    for e in x.get('utterances', []):
        inrange(e['call_id'], e['utterances'], x['id'])
        for i in e['utterances']:
            need(role(e['call_id'], i) == 'internal', f'{x["id"]} {e["call_id"]}#{i} not internal')
    need('utterances' not in x or x['utterances'], f'{x["id"]} empty')
need(len(T['third_hand_claims']) == 3, '3 third-hand claims')
for x in T['third_hand_claims']:
    for e in x['evidence']:
        inrange(e['call_id'], e['utterances'], x['id'])
        for i in e['utterances']:
            need(calls[e['call_id']]['utterances'][i]['speaker'] == x['speaker'], f'{x["id"]} speaker')
            for t in TH.values():
                need(not any(f['call_id'] == e['call_id'] and i in f['utterances'] for f in t['evidence']), f'{x["id"]} is theme evidence')
need(len({x['call_id'] for x in T['prompt_injections']}) == 2, '2 injections')
for x in T['prompt_injections']:
    u = calls[x['call_id']]['utterances'][x['utterance']]
    need(u['speaker'] == x['speaker'] and re.search(r'(forget it|ignore all|instruction)', u['text'], re.I), 'injection')
need(len(T['pii']) == 5, '5 PII')
for x in T['pii']:
    u = calls[x['call_id']]['utterances'][x['utterance']]
    need(x['value'] in u['text'] and u['speaker'] == x['speaker'], f'pii {x}')
kinds = Counter(x['kind'] for x in T['pii'])
need(kinds == {'phone': 3, 'email': 1, 'card': 1}, f'pii kinds {kinds}')
pat = re.compile(r'\b\d{3}-\d{3}-\d{4}\b|\b0\d{4} \d{6}\b|\b04\d\d \d{3} \d{3}\b|\b(?:\d{4} ){3}\d{4}\b|[\w.]+@[\w.]+\w')
found = {(c, u['i'], m) for c, d in calls.items() for u in d['utterances'] for m in pat.findall(u['text'])}
need(found == {(x['call_id'], x['utterance'], x['value']) for x in T['pii']}, f'pii recorded vs found: {found}')
for x in T['pii']:   # reserved ranges only
    v = x['value']
    need(re.fullmatch(r'0491 570 (006|156|157|158|159|110|313|737)|\d{3}-555-01\d\d|01632 960\d{3}|5555 5555 5555 4444|\S+\.example', v), f'pii not a reserved value {v}')
for x in T['symptom_requests'] + T['crm_health_vs_calls'] + T['minor_themes'] + T['minor_asks'] + [n for n in T['near_misses'] if 'evidence' in n]:
    need(x['evidence'], f'empty {x}')
    for e in x['evidence']:
        if inrange(e['call_id'], e['utterances'], 'symptom/crm/minor/near') and 'account_id' in x:
            need(A[e['call_id']] == x['account_id'], f'wrong account {x}')
        for i in e['utterances']:
            need(role(e['call_id'], i) == 'customer', f'{e["call_id"]}#{i} not a customer ({str(x)[:60]})')
for x in T['crm_health_vs_calls']:
    need(x['crm_health'] == acc[x['account_id']]['health'], f'crm {x["account_id"]}')
for who, cs in T['personas'].items():
    for c in cs:
        need(c in calls, f'persona {who}')
bw = {A[c] for c, d in calls.items() for u in d['utterances'] if 'brindlework' in u['text'].lower() and role(c, u['i']) == 'customer'}
need(bw == acc_of['N7'], f'Brindlework named by customers {bw ^ acc_of["N7"]}')

# ---- questions
Q = json.loads((R / 'questions.json').read_text())
need(len(Q) == 40 and [q['id'] for q in Q] == [f'Q{i:02d}' for i in range(1, 41)], '40 questions')
kq = Counter(q['kind'] for q in Q)
need(kq == {'lookup': 16, 'aggregate': 12, 'comparative': 4, 'unanswerable': 8}, f'question kinds {kq}')
kb = Counter(q['expected_behaviour'] for q in Q)
need(kb == {'answer': 31, 'answer_from_account_data': 1, 'abstain': 5, 'abstain_hearsay_may_be_flagged': 1, 'internal_only': 2}, f'behaviours {kb}')
QK = ['id', 'question', 'kind', 'answerable', 'expected_behaviour', 'filters', 'gold_evidence', 'gold_points', 'must_not', 'related_evidence']
FK = ['accounts', 'tier', 'segment', 'region', 'top20', 'date_from', 'date_to', 'speaker_role']
tok = lambda t: re.findall(r"[a-z0-9']+", t.lower())
for q in Q:
    need(list(q) == QK and list(q['filters']) == FK, f'{q["id"]} keys')
    f = q['filters']
    for a in f['accounts'] or []:
        need(a in acc, f'{q["id"]} account filter')
    for e in q['gold_evidence']:
        if inrange(e['call_id'], e['utterances'], q['id']):
            a = A[e['call_id']]
            need(not f['accounts'] or a in f['accounts'], f'{q["id"]} evidence outside account filter {e["call_id"]}')
            need(not f['tier'] or acc[a]['tier'] == f['tier'], f'{q["id"]} tier filter {e["call_id"]}')
            need(not f['segment'] or acc[a]['segment'] == f['segment'], f'{q["id"]} segment filter')
            need(not f['top20'] or a in TOP20, f'{q["id"]} top20 filter')
            need(not f['date_from'] or f['date_from'] <= calls[e['call_id']]['date'] <= f['date_to'], f'{q["id"]} date filter')
            for i in e['utterances']:
                want = 'internal' if q['expected_behaviour'] == 'internal_only' else 'customer'
                need(role(e['call_id'], i) == want, f'{q["id"]} {e["call_id"]}#{i} spoken by {role(e["call_id"], i)}')
                if q['kind'] == 'lookup':   # paraphrase: no run of five words in common with the gold utterance
                    g = tok(text(e['call_id'], i))
                    grams = {tuple(g[k:k + 4]) for k in range(len(g) - 3)}
                    w = tok(q['question'])
                    need(not any(tuple(w[k:k + 4]) in grams for k in range(len(w) - 3)), f'{q["id"]} copies the utterance')
    for e in q['related_evidence']:
        inrange(e['call_id'], e['utterances'], q['id'] + ' related')
    need(q['gold_points'] and q['must_not'], f'{q["id"]} points')
    if q['kind'] == 'lookup':
        need(1 <= sum(len(e['utterances']) for e in q['gold_evidence']) <= 2, f'{q["id"]} lookup evidence size')
    if q['kind'] == 'unanswerable':
        need(not q['answerable'] and (not q['gold_evidence'] or q['expected_behaviour'] == 'internal_only'), f'{q["id"]} unanswerable')
    else:
        need(q['answerable'], f'{q["id"]} answerable')

# each value of a lookup answer, as spoken, is in its gold utterances
SPOKEN = dict(Q01=['forty-four', 'thirty-nine at Cedar Bank', 'Eighty-three'], Q02=['six hundred and forty', 'Nineteen'], Q03=['Bethan AND Yusuf AND little Katie', 'twenty-one hours for seven hours'],
    Q04=['Forty-nine thousand', "so it's fifty-three"], Q05=['twenty-three across the five', 'filled fourteen', 'The nine'], Q06=['six hundred and twenty changes', 'Forty-one'],
    Q07=['no-show at the Exchange', 'the Old Dye Works'], Q08=['Two years, price held flat', 'fifty pounds'], Q09=['"Other, sixty-two pounds"', 'Christmas night, three months late'],
    Q10=['one hundred and thirty-one', 'Twelve'], Q11=['Forty-one thousand euros, for the one hotel'], Q12=['twenty-fourth of June', 'Their board'], Q13=['First year free', 'Under twenty staff', 'Brindlework'],
    Q14=['two hours forty', 'Joy with twenty-six residents'], Q15=['down one at the harbour', 'forty covers'], Q16=['ninety-two thousand', 'thumb readers', 'a witness'])
for q in Q[:16]:
    t = ' '.join(text(e['call_id'], i) for e in q['gold_evidence'] for i in e['utterances'])
    for s in SPOKEN[q['id']]:
        need(s in t, f'{q["id"]} gold utterances do not say "{s}"')

# counts and sums written in gold points agree with the labels
by = {q['id']: q for q in Q}
money = lambda n: f'${n:,}'
for qid, tid, keys in [('Q20', 'N2', ('arr_sum_usd',)), ('Q21', 'N3', ('arr_sum_usd',)), ('Q24', 'N4', ('arr_sum_usd',)), ('Q28', 'N1', ('arr_sum_usd',)), ('Q31', 'N3', ('arr_sum_usd',))]:
    p = ' '.join(by[qid]['gold_points'])
    need(all(money(TH[tid][k]) in p for k in keys), f'{qid} sum')
for qid, tid in [('Q20', 'N2'), ('Q24', 'N4'), ('Q27', 'N8'), ('Q28', 'N1')]:
    p = ' '.join(by[qid]['gold_points'])
    need(f"{TH[tid]['n_accounts']} accounts" in p and all(x['name'] in p for x in TH[tid]['accounts']), f'{qid} accounts')
p = ' '.join(by['Q17']['gold_points'])
need([money(TH[n]['arr_sum_top20_usd']) for n in K['by_top20_arr'][:4]] == re.findall(r'\$[\d,]+\d', p), 'Q17 order and sums')
p = ' '.join(by['Q26']['gold_points'])
need(all(acc[a]['name'] in p for a in missing) and money(sum(acc[a]['arr_usd'] for a in missing)) in p, 'Q26')

# double-quoted strings in the truth files occur in the calls to the letter
M = json.loads((R / 'memo_truth.json').read_text())
allt = ' '.join(texts).lower()


def strings(x):
    if isinstance(x, str):
        yield x
    elif isinstance(x, dict):
        for k, v in x.items():
            if k != 'note' or 'theme' in x or 'account_id' in x:
                yield from strings(v)
    elif isinstance(x, list):
        for v in x:
            yield from strings(v)


for s in list(strings(T)) + list(strings(Q)) + list(strings(M)):
    for m in re.findall(r'"([^"]+)"', s):
        if m != 'what do top customers need':
            need(m.lower() in allt, f'quote not spoken: "{m}"')

# unanswerable topics really absent from customers' words
cust_text = ' '.join(u['text'] for d in calls.values() for u in d['utterances'] if role(d['call_id'], u['i']) == 'customer').lower()
for w in ('ostermoor', 'vessily', 'sablewick', 'nine larders', 'hollin', 'brackwater', 'saltern', 'earned wage', 'certificate', 'auto-enrol', 'fast lane', 'fast-lane'):
    need(not re.search(r'\b' + re.escape(w) + r'\b', cust_text), f'supposedly absent term said by a customer: {w}')
need(len(re.findall(r'\bpension', cust_text)) == 1 and 'pension day' in cust_text, 'pension only as pension day')
need({c for c, d in calls.items() for u in d['utterances'] if 'fennimore' in u['text'].lower()} == {'TM-004'}, 'Fennimore only as hearsay')

# ---- memo
MK = ['as_of', 'author', 'coverage', 'ordering_rule', 'top_needs', 'secondary', 'protect', 'at_risk', 'watch', 'health_corrections', 'do_not', 'open_questions']
need(list(M) == MK, 'memo keys')
cv = M['coverage']
need(cv['calls'] == 16 and cv['accounts_total'] == 24 and cv['accounts_interviewed'] == len(heard) and cv['top20_interviewed'] == 20 - len(missing), 'memo coverage')
need([x['account_id'] for x in cv['top20_not_interviewed']] == missing, 'memo gaps')
for x in cv['top20_not_interviewed']:
    a = acc[x['account_id']]
    need((x['name'], x['arr_usd'], x['health'], x['renewal_date']) == (a['name'], a['arr_usd'], a['health'], a['renewal_date']), 'memo gap row')
need(set(cv['not_interviewed_outside_top20']) == {r['name'] for r in order[20:] if r['account_id'] not in heard}, 'outside')
need(cv['arr_interviewed_usd'] == sum(acc[a]['arr_usd'] for a in heard) and cv['arr_total_usd'] == sum(a['arr_usd'] for a in acc.values()) and cv['arr_interviewed_share'] == round(cv['arr_interviewed_usd'] / cv['arr_total_usd'], 3), 'memo ARR')
ds = sorted({d['date'] for d in calls.values()})
need((cv['first_call'], cv['last_call'], cv['distinct_call_days']) == (ds[0], ds[-1], len(ds)) and cv['window_days'] == (date.fromisoformat(ds[-1]) - date.fromisoformat(ds[0])).days + 1, 'memo dates')
need(cv['customer_people'] == len({q['email'] for d in calls.values() for q in d['participants'] if q['role'] == 'customer'}), 'memo people')
need({acc[a]['name'] for a, k in Counter(A.values()).items() if k == 2} == set(cv['accounts_with_two_calls']), 'memo two calls')
need([n['theme'] for n in M['top_needs']] == [n for n in K['by_top20_arr'] if n != 'N9'][:4], 'memo order')
for n in M['top_needs']:
    t = TH[n['theme']]
    need(n['arr_top20_usd'] == sum(x['arr_usd'] for x in n['top20_accounts']) == t['arr_sum_top20_usd'] and n['n_top20_accounts'] == len(n['top20_accounts']) == t['n_top20_accounts'], f'memo {n["theme"]} ARR')
    for e in n['evidence'] + n['contradicting']:
        inrange(e['call_id'], e['utterances'], f'memo {n["theme"]}')
for s in M['secondary']:
    need(s['arr_top20_usd'] == TH[s['theme']]['arr_sum_top20_usd'], 'memo secondary')
need(M['protect'][0]['accounts'] == [x['name'] for x in TH['N8']['accounts']], 'memo protect')
for x in M['at_risk']:
    a = acc[x['account_id']]
    need((x['arr_usd'], x['renewal'], x['crm_health']) == (a['arr_usd'], a['renewal_date'], a['health']), f'at_risk {x["account_id"]}')
    need(x['evidence'], 'at_risk empty')
    for e in x['evidence']:
        if inrange(e['call_id'], e['utterances'], 'at_risk'):
            need(A[e['call_id']] == x['account_id'], 'at_risk wrong account')
            for i in e['utterances']:
                need(role(e['call_id'], i) == 'customer', 'at_risk speaker')
for x in M['watch']:
    need(x['account_id'] in acc, 'watch')
need(M['health_corrections'] == T['crm_health_vs_calls'], 'health corrections')
for x in M['do_not']:
    if 'n_accounts' in x:
        need(x['n_accounts'] == TH[x['theme']]['n_accounts'] and x['arr_usd'] == TH[x['theme']]['arr_sum_usd'], 'do_not')

# ---- summary
print('call     words  min  wpm  utt  customer%  account (tier)')
for c, w, m, r, n, cu in stats:
    a = acc[A[c]]
    print(f'{c}  {w:5d} {m:4.1f}  {r:3.0f}  {n:3d}  {cu*100:5.0f}      {a["name"]} ({a["tier"]}{", Top 20" if A[c] in TOP20 else ""})')
print(f'\n{len(calls)} calls, {sum(s[1] for s in stats)} words, {sum(s[4] for s in stats)} utterances, {sum(s[2] for s in stats):.0f} min; '
      f'{len(heard)}/24 accounts, {20-len(missing)}/20 of Top 20, ARR heard {cv["arr_interviewed_usd"]:,} of {cv["arr_total_usd"]:,} ({cv["arr_interviewed_share"]:.0%})')
print('\ntheme kind        accts top20     ARR  Top20 ARR  utts  accept contra')
for t in TH.values():
    print(f'{t["id"]}    {t["kind"]:11s} {t["n_accounts"]:4d} {t["n_top20_accounts"]:5d} {t["arr_sum_usd"]:9,d} {t["arr_sum_top20_usd"]:9,d} {t["n_evidence_utterances"]:5d} {sum(len(e["utterances"]) for e in t["acceptable_evidence"]):6d} {sum(len(e["utterances"]) for e in t["contradicting"]):5d}')
for k, v in K.items():
    if k != 'note':
        print(f'{k:27s}', ' > '.join(v))
print(f'\nGlowworm: {pushes} staff pushes in {len(pc)} calls, {waves} customer replies; injections {len(T["prompt_injections"])}; third-hand {len(T["third_hand_claims"])}; pii {dict(kinds)}')
print('questions', dict(kq))
for e in errs:
    print('ERROR', e)
print('PASS' if not errs else f'FAIL ({len(errs)} errors)')
sys.exit(bool(errs))
