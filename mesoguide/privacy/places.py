"""Streets with a number, postcodes and post boxes; a town alone is not taken."""

from __future__ import annotations

import re

_SURE = r"(?:street|road|rd|avenue|ave|lane|ln|boulevard|blvd|crescent|cres|terrace)\b\.?"
_UNSURE = (
    r"(?:St|Dr|Drive|Close|Court|Ct|Way|Place|Pl|Square|Sq|Gardens|Grove|Hill|Row|Mews|Circle|"
    r"Parade|Parkway|Pkwy|Highway|Hwy|Cottage)\b\.?"
)
_WORD = r"(?!(?:the|a|an|in|on|of|down|this|my|our|and|or|to|for|from|at)\b)[\w'’.-]+"
_NUMBER = r"\b\d{1,5}[a-z]?,?"
STREET = re.compile(
    rf"(?i:(?:\b(?:flat|apt\.?|apartment|unit) ?\w{{1,4}},? )?{_NUMBER} (?:{_WORD} ){{1,3}}{_SURE})"
    rf"|{_NUMBER} (?:[A-Z0-9][\w'’.-]* ){{1,3}}{_UNSURE}"
    rf"|(?:\b[A-Z][\w'’-]+ )+(?:Street|Road|Lane|Avenue|Terrace|Crescent|Cottage)\b"
)
ABROAD = re.compile(
    r"\b\w+(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee) ?\d+ ?[a-z]?\b"
    r"|\b\d{1,4}(?: bis| ter)?,? (?:rue|avenue|av\.|boulevard|bd|chemin|impasse|quai)"
    r" (?:d[eu]s? |la |le |l['’])*[\w-]+"
    r"|\b(?:calle|c/|avenida|avda\.?|plaza|paseo) (?:[\w.]+,? ){1,4}\d+\b"
    r"|\b(?:\w+ ){1,2}(?:soka[kğ]ı?|sok\.|sk\.|cadde(?:si)?|cad\.|cd\.|mahallesi|mah\.|bulvarı)"
    r"(?: ?no:? ?\d+)?(?: daire:? ?\d+)?",
    re.IGNORECASE,
)
HOME = re.compile(
    r"\b(?:apt\.?|apartment|flat no\.?) ?\d+ ?[a-z]?\b|\bp\.? ?o\.? box \d+", re.IGNORECASE
)
FLAT = re.compile(r"\bFlat \d+[A-Za-z]?\b")
# UK; not what is written of a tumour's stage ("T1 2nd").
_AREA = (
    r"ab|al|b|ba|bb|bd|bh|bl|bn|br|bs|bt|ca|cb|cf|ch|cm|co|cr|ct|cv|cw|da|dd|de|dg|dh|dl|dn|dt|dy|"
    r"e|ec|en|eh|ex|fk|fy|g|gl|gu|ha|hd|hg|hp|hr|hs|hu|hx|ig|im|ip|iv|je|ka|kt|kw|ky|l|la|ld|le|"
    r"ll|ln|ls|lu|m|me|mk|ml|n|ne|ng|nn|np|nr|nw|ol|ox|pa|pe|ph|pl|po|pr|rg|rh|rm|s|sa|se|sg|sk|"
    r"sl|sm|sn|so|sp|sr|ss|st|sw|sy|ta|td|tf|tn|tq|tr|ts|tw|ub|w|wa|wc|wd|wf|wn|wr|ws|wv|yo|ze"
)
POSTCODE = re.compile(
    rf"\b(?:{_AREA})\d[\da-z]? ?\d(?!nd\b|st\b|rd\b|th\b)[a-z]{{2}}\b", re.IGNORECASE
)
_STATE = (
    r"A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY]|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|"
    r"Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|"
    r"Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|"
    r"New \w+|North \w+|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South \w+|Tennessee|Texas|"
    r"Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming"
)
ZIP = re.compile(rf"\b(?:{_STATE}),? \d{{5}}(?:-\d{{4}})?\b")
CODE = re.compile(
    r"\b((?:zip|post ?code|postal code|plz|code postal)(?: code)?(?: is|:)? ?)"
    r"(?=[\w ]{0,6}\d)\w{3,6}(?:[ -]\d\w{2,3})?\b",
    re.IGNORECASE,
)


def without_addresses(text: str) -> str:
    """The text with <address> instead."""
    text = STREET.sub("<address>", ABROAD.sub("<address>", text))
    if not any(character.isdecimal() for character in text):
        return text
    for pattern in (HOME, FLAT, POSTCODE, ZIP):
        text = pattern.sub("<address>", text)
    return CODE.sub(r"\1<address>", text)
