"""E-mail addresses, names on social networks, and links; those of police and help lines pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bridge.gate.dictionary import resembles_a_word
from bridge.gate.finding import Mark, Personal, certain, doubtful
from bridge.gate.lexicon import fold, is_no_person, is_ordinary, is_word
from bridge.gate.reading import Reading

_SNAIL: Final = r"(?:at|apestaart\w*|apenstaart\w*)"
_AT: Final = rf"(?:[ ]?@[ ]?|[ ]?[(\[{{<][ ]?{_SNAIL}[ ]?[)\]}}>][ ]?|[ ]{_SNAIL}[ ])"
_DOT = (
    r"(?:\.|[ ]\.[ ]?(?=[a-z]{2,6}\b)|[ ]?[(\[{<][ ]?(?:dot|punt|\.)[ ]?[)\]}>][ ]?"
    r"|[ ](?:dot|punt)[ ])"
)
_EMAIL = re.compile(
    rf"(?<![^\W_])[A-Za-z0-9._%+\-]{{1,64}}{_AT}(?:[A-Za-z0-9\-]{{1,40}}{_DOT}){{1,4}}"
    r"[A-Za-z]{2,12}(?![^\W_])",
    re.IGNORECASE,
)
_SIMPLE_EMAIL = re.compile(r"(?<![^\W_])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9.\-]{2,80}")

_MAYBE_EMAIL = re.compile(rf"@|(?<![^\W_]){_SNAIL}(?![^\W_])", re.IGNORECASE)
_SPELT_OUT = re.compile(r"[(\[{<]|apen|apest| (?:dot|punt) |\.[a-z]{2,4}$", re.IGNORECASE)
"""What in an address without "@" shows that it is one: "at" is a word, too."""

_HANDLE = re.compile(
    r"(?<![\w@./])u/[A-Za-z0-9_-]{3,30}"
    r"|(?<![\w.])@[ ]?[a-z][a-z0-9]{1,20}"
    r"(?:(?:[ ][._][ ]|[._])[a-z0-9]{2,20}){1,3}"
    r"|(?<![\w@.])@[A-Za-z0-9_][A-Za-z0-9_.\-]{1,60}(?::[a-z0-9.\-]+)?"
)
_NETWORKS: Final = (
    r"insta(?:gram)?|snap(?:chat)?|tik ?tok|telegram|tele|facebook|fb|twitter|discord|signal"
    r"|whats ?app|wickr|threema|linkedin|youtube|twitch|marktplaats|vinted|onlyfans|reddit|threads"
    r"|bluesky|wechat|viber|skype|ig|sc|ebay|catawiki|chrono24|2dehands|tweedehands|depop|grindr"
    r"|tinder|steam|xbox|psn|kik|tg|insta-?account|x-account"
)
_ACCOUNT: Final = (
    r"(?:[ -]?(?:account(?:naam)?|profiel(?:naam)?|profile|naam|name|user(?:name)?|handle|id|tag"
    r"|nick"
    r"|gebruikers?(?:naam)?|verkoper|seller|adverteerder|konto|compte|hesab\w*|pagina|page))"
)
_ON_NETWORK = re.compile(
    rf"\b(?:{_NETWORKS})(?P<account>{_ACCOUNT})?(?P<sign>[ ]?[:=,][ ]?|[ ]+)"
    r"(?P<linking>(?:is|was|heet|als|onder|de naam|naam|genaamd|account|name|as|under|van|hij|ie|ze"
    r"|zij|hem|haar|zich|he|she|his|her|him|called|noemt|user|met|the|te vinden|vindbaar"
    r"|te bereiken|zit|staat|actief|goes by|by|profiel|by the name)[ :]+){0,4}"
    r"[\"']?(?P<handle>[A-Za-z0-9][A-Za-z0-9_.\-#]{2,40}[A-Za-z0-9_])",
    re.IGNORECASE,
)
_OF_SOMEBODY = re.compile(
    rf"\b(?:{_NETWORKS})[^\n.;:=]{{0,40}}?(?:[ ](?:is|was|heet|als|onder|called|ist)[ :]{{1,2}}"
    rf"|[:=][ ]?)"
    r"[\"'@]?(?P<handle>[A-Za-z][A-Za-z0-9_.\-#]{2,40}[A-Za-z0-9_])(?![^\W_])",
    re.IGNORECASE,
)
"""With words between: "snap van die jongen is xx_zuid"; only what no word looks like."""
_BEFORE_NETWORK = re.compile(
    r"\b(?:account|user(?:name)?|gebruiker|profiel|profile|verkoper|seller|nick|handle|vanaf|onder"
    r"|from|van|met|as|als|under|naam|name) (?P<handle>[A-Za-z0-9][\w.\-]{2,40})"
    rf" (?:op|on|via|bij|auf|sur) (?:{_NETWORKS})\b",
    re.IGNORECASE,
)
_ACCOUNT_OF = re.compile(
    r"\b(?:account|user(?:name)?|gebruiker|profiel|profile|verkoper|seller)[ ]"
    r"(?P<handle>[A-Za-z][A-Za-z0-9]*(?:[_.]?[A-Za-z0-9]+)*)",
    re.IGNORECASE,
)
_ON_ANY = re.compile(rf"\b(?:{_NETWORKS})(?:'?[dt][ae])?\b", re.IGNORECASE)
_SCORED = re.compile(
    r"(?<![\w@./-])(?:(?=[\w.]{0,40}[a-z])[A-Za-z0-9.]{0,30}[A-Za-z0-9]_[\w.]{0,30}\w"
    r"|[a-z]{3,20}\d{2,5}|[a-z]{2,20}(?:\.[a-z0-9]{2,20}){1,3})(?![\w/@-])"
)
"""So no word is written: where a text speaks of a network, it is somebody's there."""
_NEAR: Final = 70
_TAGGED = re.compile(r"(?<![^\W_])[A-Za-z0-9_.]{2,32}#\d{4}(?!\d)")
_USERNAME = re.compile(
    r"\b(?:username|user name|gebruikersnaam|nickname|accountnaam|account name|inlognaam|gebruiker"
    r"|nick|handle|schermnaam|profielnaam)"
    r"(?:[ ]?[:=][ ]?|[ ]+(?:is|was)?[ ]?)[\"']?(?P<handle>[A-Za-z0-9_.\-]{3,40})",
    re.IGNORECASE,
)

_TLD: Final = (
    r"nl|com|be|org|eu|info|online|shop|app|site|store|biz|uk|fr|pl|ro|ru|tv|gg|io|xyz|live|link"
    r"|page|club|vip|frl|amsterdam|co|net|tk|me|de|es|it|at|ch|dk|se|eu|cc|to|ws|im|pro|world|gold"
    r"|market|media|cloud|website|web|ly|lt|bg|tr|com\.tr|co\.uk|ma|cz|hu|gle|dev|deals|sale"
)
_LINK_DOT: Final = r"(?:\.|[(\[{][ ]?(?:\.|dot|punt)[ ]?[)\]}])"
_LINK = re.compile(
    r"(?<![\w@])(?:h(?:tt|xx|\*\*)ps?[ ]?:?[ ]?//[^\s]+|www[ ]?\.[ ]?[^\s]+"
    r"|www[ ][a-z0-9-]+[ ](?:nl|com|be|de|net|org|eu)\b"
    rf"|(?:[A-Za-z0-9\-]{{2,40}}{_LINK_DOT}){{1,3}}(?:{_TLD})(?:/[^\s]*)?(?![\w@-])"
    r"|(?:t|wa|fb|m|youtu|bit|discord|linktr|goo|instagram|facebook|tiktok|snapchat|telegram)"
    r"(?:[ ]|[ ]?[.,-]?[ ]?|[ ]?[(\[{]?(?:punt|dot|\.)[)\]}]?[ ]?)(?:me|be|ly|gg|ee|gl|com|org)"
    r"[ ]?(?:/|slash[ ])[ ]?[\w+.@-]{2,}[^\s]*"
    r"|(?<![\w/])(?:joinchat|add/contact|invite)/[\w+-]{4,}"
    r"|(?:t\.me|wa\.me|fb\.me|m\.me|youtu\.be|bit\.ly|discord\.gg|linktr\.ee|goo\.gl|maps\.app)"
    r"/[^\s]+"
    rf"|(?:[A-Za-z0-9\-]{{3,40}}[ ](?:punt|dot)[ ]){{1,3}}(?:nl|com|be|org|eu|info|net|de|shop)"
    r"(?:[ ]?(?:/|slash)[ ]?[^\s]+)?(?![^\W_])"
    r"|(?<![^\W_])[a-z0-9\-]{1,40}[ ](?:punt|dot)[ ][a-z]{2,6}[ ](?:slash|/)[ ][^\s]+"
    r"|[A-Za-z0-9\-]{3,40}[ ]\.(?:nl|com|be|org|eu|net|shop)\b"
    r"|[A-Za-z0-9\-]{2,40}\.[a-z]{2,6}/[^\s]+)",
    re.IGNORECASE,
)
_SHOPS_ONLINE = re.compile(
    r"(?:www\.)?(?:bol|coolblue|amazon|zalando|wehkamp|booking|postnl|chrono24|marktplaats|catawiki"
    r"|thuisbezorgd|ebay|funda|2dehands|vinted|temu|aliexpress|bijenkorf|kruidvat|ing|rabobank"
    r"|abnamro|google|apple)\.(?:com|nl|be|de|eu)[.,;)]?",
    re.IGNORECASE,
)
"""Without what stands behind a stroke they are a shop's name: "bol.com"."""
_WORDY = re.compile(
    r"^(?!www)[^/]*\.(?:de|it|at|es|me|to|im|is|pro|gold|deals|sale)\W*$", re.IGNORECASE
)
"""A link that may be two sentences without a space: "weg.de", where the site is not named one."""
_SITE = re.compile(
    r"\b(?:site|web\w*|shop|link|url|page|pagina|domein|zie|see)\b[^.\n]{0,20}$", re.IGNORECASE
)
_ALLOWED = re.compile(
    r"(?:https?://)?(?:www\.)?(?:[a-z0-9\-]+\.)?(?:politie\.nl|meldmisdaadanoniem\.nl"
    r"|slachtofferhulp\.nl|schadefonds\.nl|stopheling\.nl|burgernet\.nl|fgz\.nl|kiyoh\.nl"
    r"|federatiegoudenzilver\.nl|rijksoverheid\.nl|hetccv\.nl|openstreetmap\.org|om\.nl"
    r"|veiligondernemen\.nl|gebouwnl\.nl|juwelierweb\.nl)(?![a-z0-9.\-]*[a-z])(?:/[^\s]*)?[.,;)]?",
    re.IGNORECASE,
)
"""Where an alert may point: the authorities, help, and the map."""


def find(reading: Reading) -> Iterator[Mark]:
    """Return addresses, handles and links."""
    text = reading.text
    yield from _addresses(text)
    yield from _handles(text)
    yield from _scored(text)
    for found in _LINK.finditer(text):
        if _SHOPS_ONLINE.fullmatch(found[0]) and text[found.end() : found.end() + 1] != "/":
            continue
        if _ALLOWED.fullmatch(found[0]) or _sentence_end(found[0]):
            continue
        if _WORDY.search(found[0]) is None or _SITE.search(
            text[max(0, found.start() - 40) : found.start()]
        ):
            yield certain(Personal.LINK, *found.span())
        elif not is_word(re.split(r"[.]", found[0])[-2]):
            yield doubtful(Personal.LINK, *found.span())


def _addresses(text: str) -> Iterator[Mark]:
    if not _MAYBE_EMAIL.search(text):
        return
    for found in _EMAIL.finditer(text):
        if "@" in found[0] or _SPELT_OUT.search(found[0]):
            yield certain(Personal.EMAIL, *found.span())
    for found in _SIMPLE_EMAIL.finditer(text):
        yield certain(Personal.EMAIL, *found.span())


def _handles(text: str) -> Iterator[Mark]:
    for found in (*_HANDLE.finditer(text), *_TAGGED.finditer(text)):
        yield certain(Personal.HANDLE, *found.span())
    for found in _ON_NETWORK.finditer(text):
        if _is_handle(found):
            yield certain(Personal.HANDLE, *found.span("handle"))
    for found in _OF_SOMEBODY.finditer(text):
        if _is_handle_alone(found["handle"]) and not is_no_person(found["handle"].lower()):
            yield certain(Personal.HANDLE, *found.span("handle"))
    for found in _BEFORE_NETWORK.finditer(text):
        if _is_nobodys_word(found["handle"]):
            yield certain(Personal.HANDLE, *found.span("handle"))
    for found in _ACCOUNT_OF.finditer(text):
        if re.search(r"\d|_|[a-z]\.[a-z]", found["handle"]) and len(found["handle"]) > 4:
            yield certain(Personal.HANDLE, *found.span("handle"))
    for found in _USERNAME.finditer(text):
        if not is_word(found["handle"]):
            yield certain(Personal.HANDLE, *found.span("handle"))


def _scored(text: str) -> Iterator[Mark]:
    for network in _ON_ANY.finditer(text):
        begin, end = max(0, network.start() - _NEAR), network.end() + _NEAR
        for found in _SCORED.finditer(text, begin, end):
            stem = re.split(r"[._\d]", found[0], maxsplit=1)[0]
            site = re.search(rf"\.(?:{_TLD})$", found[0])
            if "_" in found[0] or not (is_no_person(stem) or site or found[0] in _NETWORKS):
                yield certain(Personal.HANDLE, *found.span())


def _marked(handle: str) -> bool:
    """Whether no word looks so: a digit, "_", or a dot between letters."""
    return re.search(r"[\d_#]|[a-z]\.[a-z0-9]", handle) is not None


def _is_handle_alone(handle: str) -> bool:
    return _marked(handle) and re.fullmatch(r"v\d[\d.]*", handle) is None


def _is_nobodys_word(handle: str) -> bool:
    """Whether this is neither a word nor a brand: it is what somebody is called there."""
    if is_no_person(handle.lower()):
        return False
    return _marked(handle) or not (is_word(handle) or is_ordinary(fold(handle)))


_PARTICIPLE = re.compile(r"(?:ge|ver|be)[a-z]+(?:t|d|en)")


def _is_handle(found: re.Match[str]) -> bool:
    handle = found["handle"]
    marked = _marked(handle)
    if is_no_person(handle.lower()) or re.fullmatch(r"v?[\d.:\-]+", handle):
        return False
    if _PARTICIPLE.fullmatch(handle) and is_ordinary(handle):
        return False  # "insta is gehackt"
    pointed = (
        found["account"] is not None
        or found["linking"] is not None
        or found["sign"].strip() in (":", "=")
    )
    if marked:
        return True
    named = (found["account"] or found["linking"]) is not None and handle[0].isupper()
    if pointed and (named or not is_word(handle)):
        return True
    return len(handle) > 5 and _is_nobodys_word(handle) and not resembles_a_word(fold(handle))


def _sentence_end(found: str) -> bool:
    """Whether this is two sentences with no space between them: "deur.De"."""
    last = found.rpartition(".")[2]
    return "/" not in found and last[:1].isupper() and not found.isupper()
