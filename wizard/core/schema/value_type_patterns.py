"""What numbers, dates, addresses and the like look like as text: regular expressions that every backend takes.

They say `(…|)` where others say `(…)?`: xgrammar 0.2.8 lets `(a[0-9]{1,6})?` begin without its `a`. November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

_LEAP = r"([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"  # years with a 29th of February
_YEAR = r"([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"  # Python's calendar has no year 0
_DATE = (
    rf"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    rf"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_BYTE = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
# ISO 3166-1 alpha-2, officially assigned, 2026.
_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
# What each Python type, and each of Outlines' own that can be enforced everywhere, looks like as text. Bounded, so
# that a model cannot run away, free of leading zeros, and by the calendar.
TYPES: Mapping[str, str] = {
    "int": r"-?(0|[1-9][0-9]{0,17})",
    "float": r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}",
    "bool": r"(true|false)",
    "date": _DATE,
    "time": _TIME,
    "datetime": rf"{_DATE}T{_TIME}Z",
    "email": r"[a-z0-9_-]{1,20}(\.[a-z0-9_-]{1,20}|)@[a-z0-9]([a-z0-9-]{0,38}[a-z0-9]|)(\.[a-z]{2,10}){1,2}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "ipv4": rf"{_BYTE}(\.{_BYTE}){{3}}",
    "digit": r"[0-9]",
    "hex": r"(0x)?[0-9a-fA-F]{1,32}",
    "country": "(" + "|".join(_COUNTRIES.split()) + ")",
    "sentence": r"[A-Z][a-zA-Z0-9 ,;:'-]{1,200}[.!?]",
    "paragraph": r"[A-Z][a-zA-Z0-9 ,;:'-]{1,200}[.!?]( [A-Z][a-zA-Z0-9 ,;:'-]{1,200}[.!?]){0,7}",
}
# Formats that the structured-output backends take more loosely than the standard, or not at all: a leap second at any
# minute, a 31st of February, a time without its zone (battery of 2026-11-22). They get a pattern in their place.
FORMAT_PATTERNS: Mapping[str, str] = {
    "date": _DATE,
    "time": rf"{_TIME}(\.[0-9]{{1,6}}|)(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])",
    "date-time": rf"{_DATE}T{_TIME}(\.[0-9]{{1,6}}|)(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])",
    "ipv4": TYPES["ipv4"],
}
