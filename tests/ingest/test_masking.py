from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.masking import Masks
from ingest.private import is_private, private_details
from tests import corpus

if TYPE_CHECKING:
    from pydantic import JsonValue

# What is private stands between the bars.
PHONES = """
Call my cell, I don't read email past two. It's |919-555-0142|. Leave a message.
Ring Moira, she guards it. |01632 960417|. Tell her I said so.
|0491 570 156|. Write it on your hand.
Lonnie. Shop foreman. |614-555-0178|. He's nicer.
The barn phone is |(919) 555-0142|, let it ring.
You can text |919.555.0142| when the truck is loaded.
If the freezer alarms, the night desk is |+44 20 7946 0018|.
Our Hamburg office, |+49 40 66969 123|, handles the pallets.
Try |1-800-555-0199| for the parts counter.
My number's |9195550142|, no dashes.
From abroad it's |0044 1632 960 001|.
The vet's line is |555-0142| after six.
Ring me on |07700 900123| once the boiler's in.
In Lyon, |01 42 68 53 00|, ask for Claire.
In Sydney it's |02 5550 1234| for the depot.
The ward is |(0113) 496 0000|, ask for Sister Hale.
He's at |+1 (312) 555-0147|, the loading dock.
|+33 1 42 68 53 00| is the bakery.
Madrid is |+34 612 34 56 78| if the kiln trips.
Whatsapp me on |+91 98765 43210|.
My mobile is |98765 43210|, the site has no landline.
Fax |919 555 0143|, yes, we still have one, for the pharmacy.
The direct line is |4155550|.
Reach me at |415 555 01 32| if the crane stops.
It's |nine one nine, five five five, zero one four two|.
It's |nine one nine five five five oh one four two|, ask for Ines.
The clinic is |oh one six three two, ninety-six, oh four seventeen|.
Dial |eight hundred, five five five, oh one double nine| for the greenhouse.
Call me at |919 555 oh one four two|, the shop is loud.
Mine is |nine-one-nine, five-five-five, oh-one-four-two|.
|9 1 9 5 5 5 0 1 4 2|, that's the school office.
The tower is |five five five, oh one four two|, local.
My cell is |seven double seven, four three one two|.
|Nine one nine. Five five five. Oh one four two.| That's the bakery's.
Area code |nine one nine, uh, five five five, zero one four two|.
Take two: |919-555-0142|, and then |614-555-0178|.
The school nurse is |0207 946 0958|, mornings only.
Phone |020 7946 0018| for the choir.
"""
ADDRESSES = """
Use the private one, it's |c.yardley@larchpost.example|, all lower case.
It's |ines.caldeira@praiamail.example|.
Write to |o'brien+farm@mail.co.uk|, she reads it.
|ÅSA.LINDQVIST@kliniken.se| gets the lab results.
Invoices go to |accounts_payable@dock-7.example| (Mondays).
It's |maureen dot tolliver at brackenfell dot com|, all lower case.
|M-A-U-R-E-E-N at brackenfell dot com|, got it?
Just email |Maureen at brackenfell dot com| about the harvester.
Send it to |c dot yardley at larch post dot co dot uk| please.
You get us at |info at kestrelhotel dot com|, always.
It's |maureen.tolliver at brackenfell.com|.
Mail |maureen (at) brackenfell (dot) com| for the seed list.
My address is |joe underscore forty at outlook dot com|.
My address is |pruitt four two at gmail dot com|, the number as digits.
The e-mail is |lonnie at shop dash north dot net|.
|billing at harbour view dot org|, that's Petra.
Copy in |maureen at brackenfell dot com| on the roof quote.
It's |p r u i double t at gmail dot com|.
"""
BANKS = """
It's right here in the visor, |4111 1111 1111 1111|, oh-nine twenty-eight.
It's |5555 5555 5555 4444|. And the back of it's worn off.
The Amex is |3782 822463 10005|, the tablet rejects it.
He typed |4111111111111111| into the search box.
The guest read out |4000-0566-5566-5556| at the bar.
She said |4111 1111 1111 1112|, or so they heard.
The card is |four one one one, one one one one, one one one one, one one one one|.
It's |forty-one eleven, eleven eleven, eleven eleven, eleven eleven|, on a napkin.
Pay to |GB82 WEST 1234 5698 7654 32| THEN call.
Our IBAN is |DE89370400440532013000|.
Refund |fr14 2004 1010 0505 0001 3M02 606|, please.
It's |G B eight two, W E S T, one two three four, five six nine eight, seven six five four, three two|.
"""  # noqa: E501
ORDINARY = """
We signed on 2026-05-04 and went live on 05/04/2026.
It was 10:30 to 12:45, then 14:00.
The contract is $1,250,000 a year.
It's 1 250 000 for the whole fleet.
They paid 4500000 dollars for the line.
Ticket 9195550142 is still open.
Ticket number is 4155550142, since March.
Order no. 919-555-0142 came twice.
Invoice #4471238890 was wrong.
Part number 340-2213 is out of stock.
Serial 4471 2288 9910 is the pump.
SKU 0123456789 has no picture.
We're on version 10.15.7.192 of it.
The server is 192.168.100.200.
Pi is 3.14159265358, roughly.
It's off by 0.123456789 millimetres.
We had 12, 15, 18, 22 and 31 calls.
It grew 100, 200, 400, 800, 1600.
In 2019, 2020, 2021 and 2022 we lost money.
From 2019-2026 nothing changed.
2019 2020 2021 2022, every year the same.
We ship 1,204,332 units and return 12,001.
The ARR is 48000000 now.
There were 4,125,550,142 rows in it.
One two three four five six seven eight nine ten, and the door shuts.
Three, two, one, and it's gone.
One, two, three, four, uh, three, four, five, six, seven, ten.
In twenty twenty-five, twenty twenty-six and twenty twenty-seven.
Nineteen ninety-nine to two thousand and four.
Twenty-three across the five, and I filled fourteen of them.
Two, three hundred calls, and the books have thirty-nine.
That's six hundred, seven hundred a go.
I did nine-one-one for the county.
A quarter past seven, half eight, nine.
Four or five times in the last six or seven weeks.
One in five, two in ten, three in a hundred.
The code is four two two, the blue door.
Room 1204, then 1310, then 1405.
The gate opens at 0600 and shuts at 2200.
Zip code 27601-1234.
It weighs 1200.5 kilos, give or take 0.25.
Route 66, exit 104, mile 1290.
The dose was 250 mg, then 500, then 1000.
A score of 9 out of 10, 8 out of 10.
Lot 20260504-0017 failed.
0 25 50 75 100 are the marks.
Between 05 06 07 08 09 we are shut.
Fifty, sixty, seventy, eighty, ninety percent.
I looked at amazon dot com and it was cheaper.
We met at booking dot com last year.
People at kestrel dot com said so.
It's on our site, brackenfell dot com.
Meet me at three at the dock.
He works at dot matrix printers.
Tag it @maintenance and @night.
At 5 @ 3 dollars each.
The file is report@2x.
Ratio 3:2, scale 1:50000, grid 2 by 4.
It does 10-20 a day, 300-400 a week.
Elevator 4, floor 12, bank B2.
Purchase order 0044163296000 is late.
The GL code is GL82 0001.
We use A4 paper, EN14 2004 1010 boxes.
Cards fail about 3 or 4 times in 1000.
Paragraph 4.1.1.1, line 12.
36.5, 36.6, 37.1, 38.4 degrees.
40.7128, -74.0060 is the yard.
Nine to five, five days, four weeks.
The build is 4.11.1111.1111 of that.
"""
PRIVATE = [*PHONES.split("\n"), *ADDRESSES.split("\n"), *BANKS.split("\n")]


@pytest.mark.parametrize("marked", [line for line in PRIVATE if line])
def test_private_details_are_masked(marked: str) -> None:
    parts = marked.split("|")
    text = "".join(parts)
    assert [text[one.first : one.end].rstrip(".") for one in private_details(text)] == [
        part.rstrip(".") for part in parts[1::2]
    ]
    assert is_private(text)


@pytest.mark.parametrize("text", [line for line in ORDINARY.split("\n") if line])
def test_ordinary_numbers_stay(text: str) -> None:
    assert Masks().mask(text) == text


def test_the_same_value_has_the_same_token() -> None:
    masks = Masks()
    assert masks.mask("Call 919-555-0142 or a@b.example.") == "Call [phone-1] or [email-1]."
    assert masks.mask("919-555-0142? Not 614-555-0178?") == "[phone-1]? Not [phone-2]?"
    assert masks.found == {"email": 1, "phone": 2}
    assert masks.restore("Ring [phone-2], or [Phone-1]; [card-1]") == (
        "Ring 614-555-0178, or 919-555-0142; [card-1]"
    )


def test_nobody_gets_anothers_number_by_writing_a_token() -> None:
    masks = Masks()
    sent = masks.mask("My cell is 919-555-0142.") + masks.mask("Tell me [phone-1], [TEXT-1].")
    assert sent == "My cell is [phone-1].Tell me [text-1], [text-2]."
    assert masks.restore(sent) == "My cell is 919-555-0142.Tell me [phone-1], [TEXT-1]."
    assert masks.found == {"phone": 1}


def test_json_keeps_its_keys_and_masks_every_string() -> None:
    masks = Masks()
    value: JsonValue = {
        "919-555-0142": ["ticket 9195550142", 9195550142, None, True, {"n": "my cell: 9195550142"}]
    }
    sent = masks.mask_json(value)
    assert sent == {
        "919-555-0142": ["ticket [phone-1]", 9195550142, None, True, {"n": "my cell: [phone-1]"}]
    }
    assert masks.restore_json(sent) == value


PIECES = st.one_of(
    st.sampled_from(
        "[phone-1] [phone-2] [email-1] [card-1] [text-1] [Text-2] [phone- -1] [[ ]] ticket # call "
        "+ ( 919-555-0142 919 555 0142 5550142 0 +44 1632 960417 a@b.co a@b.com at dot com maureen "
        "one nine oh double 4111 1111 GB82 WEST 1234 5698 7654 32 2026-05-04 , . - \n card "
        "cell is".split(" ")
    ),
    st.text(max_size=6),
    st.text("0123456789 -.()+,[]@", max_size=14),
)
TEXTS = st.lists(PIECES, max_size=14).flatmap(
    lambda parts: st.sampled_from(["", " ", "-", ", "]).map(lambda gap: gap.join(parts))
)


@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["[phone-1] [phone-[phone-1]] 919-555-0142", "[text-1]"])
@example(["1234555-0142 call 555-0142 a@b.com.a@b.com"])
def test_masks_come_off_again_and_leave_nothing(texts: list[str]) -> None:
    masks = Masks()
    sent = [masks.mask(text) for text in texts]
    assert [masks.restore(text) for text in sent] == texts
    again = [masks.mask(text) for text in texts]
    assert [masks.restore(text) for text in again] == texts
    values = {
        masks.restore(f"[{s}-{n}]") for s in masks.found for n in range(1, masks.found[s] + 1)
    }
    assert not [value for value in values for text in again if value in text]


@given(TEXTS)
def test_what_is_masked_has_nothing_left_to_mask(text: str) -> None:
    masks = Masks()
    sent = masks.mask(text)
    before = dict(masks.found)
    assert masks.restore(masks.restore(masks.mask(sent))) == text
    assert masks.found == before
    assert Masks().mask_json([text]) == [sent]


@pytest.mark.parametrize(
    "piece",
    "1|1 |123 |@|a.|a@|a@b.co |(|1(|AA11 |0 919 |919-555-0142 |2026-05-04 |1, |+1 |1-|one |g b 1 |"
    " at| at a dot| at a dot com|call me |my number is the |card |tel's|a-|[phone-1]|[".split("|"),
)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    # A pattern that backtracks would not come back within the session.
    masks = Masks()
    text = piece * (60_000 // len(piece))
    assert masks.restore(masks.mask(text)) == text


def test_the_small_corpus_has_no_private_details() -> None:
    for call_id in ("FC-1", "FC-2", "FC-3", "FC-4"):
        utterances = corpus.call(call_id)["utterances"]
        assert not is_private(json.dumps(utterances))
