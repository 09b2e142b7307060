"""What a template and its values become, and that a value never becomes more than text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.reports import EventTime, Precision, ReportType
from bridge.wording import Language, Markdown, Wording, WordingError, templates_directory

NL, EN = Language.NL, Language.EN
WORDS = """
report_type: {overval: WORD}
yes_no: {"yes": Y, "no": N}
"""


class Templates:
    """A directory of templates made by a test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for language in Language:
            word = "overval" if language is NL else "robbery"
            self.write("words.yaml", WORDS.replace("WORD", word), language)

    def write(self, name: str, text: str, language: Language = NL) -> None:
        path = self.directory / language / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    @property
    def wording(self) -> Wording:
        return Wording(self.directory)


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    return Templates(tmp_path)


@pytest.fixture(scope="module")
def one_value(tmp_path_factory: pytest.TempPathFactory) -> Wording:
    """A template that puts one value everywhere a value can stand."""
    templates = Templates(tmp_path_factory.mktemp("templates"))
    templates.write(
        "one.md",
        "# {{ x }}\n\n{{ x }}\n\n- {{ x }}\n- **{{ x }}** _{{ x }}_ `{{ x }}`\n\n"
        "> {{ x }}\n\n1. a{{ x }}b\n\n```\n{{ x }}\n```\n\n    {{ x }}\n",
    )
    return templates.wording


class Markup(HTMLParser):
    """Collects the tags, with their attributes, and the text of an HTML body."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "br":
            self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = [
    "**bold** _it_ `code` ~~gone~~",
    "[click](https://evil.example)",
    "![x](mxc://evil.example/a)",
    "<b>bold</b><script>alert(1)</script>&amp;&#64;room",
    "<https://evil.example>",
    "https://evil.example/x www.evil.example evil.example mailto:a@evil.example",
    "[Anna](https://matrix.to/#/@anna:evil.example)",
    "matrix:u/anna:evil.example @anna:evil.example #room:evil.example @room",
    "# heading\n- list\n> quote\n    code\n```\nfence\n1. one\n***\n| a | b |\n|---|---|",
    "]: x\n[a]: https://evil.example",
    "\ue0000\ue001 {{ x }} {% raw %} \\",
]


class TestAValueIsText:
    @pytest.mark.parametrize("value", HOSTILE)
    def test_hostile_values_add_no_markup(self, one_value: Wording, value: str) -> None:
        assert Markup(one_value.render("one", NL, x=value).html).tags == (
            Markup(one_value.render("one", NL, x="harmless").html).tags
        )

    @settings(deadline=None)  # the first example pays for loading
    @given(st.text())
    def test_no_text_at_all_adds_markup(self, one_value: Wording, value: str) -> None:
        assert Markup(one_value.render("one", NL, x=value).html).tags == (
            Markup(one_value.render("one", NL, x="harmless").html).tags
        )

    @settings(deadline=None)  # the first example pays for loading
    @given(st.text(alphabet="ab.:/@#<>[]()*_`~!\\-+=1 \n&;|{}%\"'"))
    def test_no_punctuation_adds_markup(self, one_value: Wording, value: str) -> None:
        assert Markup(one_value.render("one", NL, x=value).html).tags == (
            Markup(one_value.render("one", NL, x="harmless").html).tags
        )

    @pytest.mark.parametrize("value", HOSTILE)
    def test_the_html_shows_what_was_typed(self, templates: Templates, value: str) -> None:
        templates.write("say.md", "{{ x }}")
        shown = Markup(templates.wording.render("say", NL, x=value).html).text
        assert shown.replace("\u2060", "") == value

    @pytest.mark.parametrize("value", HOSTILE)
    def test_the_plain_body_keeps_what_was_typed(self, templates: Templates, value: str) -> None:
        templates.write("say.md", "{{ x }}")
        assert templates.wording.render("say", NL, x=value).plain == value

    @pytest.mark.parametrize(
        "value",
        [
            *("https://evil.example", "HTTP://evil.example", "www.evil.example", "evil.example"),
            *("@anna:evil.example", "#room:evil.example", "@room", "a@evil.example"),
            *("mailto:a@b.nl", "matrix:u/anna:evil.example", "(https://evil.example)"),
        ],
    )
    def test_html_gives_a_client_nothing_to_link(self, templates: Templates, value: str) -> None:
        templates.write("say.md", "{{ x }}")
        html = templates.wording.render("say", NL, x=value).html
        linkable = r"\w+:(?=[\w/])|www\.\w|@\w|#\w+:\w|\w\.[a-z]"
        assert not re.search(linkable, html, re.IGNORECASE)

    def test_a_link_of_the_template_stays_a_link(self, templates: Templates) -> None:
        templates.write("say.md", "[112](https://politie.example/{% if x %}a{% endif %})")
        html = templates.wording.render("say", NL, x="y").html
        assert html == '<p><a href="https://politie.example/a">112</a></p>'

    def test_clock_times_and_numbers_are_left_alone(self, templates: Templates) -> None:
        templates.write("say.md", "{{ x }}")
        assert templates.wording.render("say", NL, x="#42 14:05 14.05").html == (
            "<p>#42 14:05 14.05</p>"
        )

    def test_newlines_in_a_value_are_breaks_within_its_block(self, templates: Templates) -> None:
        templates.write("say.md", "- {{ x }}\n- b\n")
        assert templates.wording.render("say", NL, x="1\n- 2").html == (
            "<ul>\n<li>1<br>\n- 2</li>\n<li>b</li>\n</ul>"
        )

    @pytest.mark.parametrize("unseen", ["\x00", "\x1b", "\u202e", "\u2066", "\x7f", "\ud800"])
    def test_characters_that_nobody_sees_are_dropped(
        self, templates: Templates, unseen: str
    ) -> None:
        templates.write("say.md", "{{ x }}")
        text = templates.wording.render("say", NL, x=f"a{unseen}b")
        assert (text.plain, text.html) == ("ab", "<p>ab</p>")

    def test_a_value_in_a_code_span_is_shown_as_it_is(self, templates: Templates) -> None:
        templates.write("say.md", "`!ok #{{ n }} {{ x }}`")
        text = templates.wording.render("say", NL, n=42, x="a_b*")
        assert text.html == "<p><code>!ok #42 a_b*</code></p>"

    def test_markdown_of_our_own_is_rendered(self, templates: Templates) -> None:
        templates.write("say.md", "{{ x }}")
        assert templates.wording.render("say", NL, x=Markdown("**a**")).html == (
            "<p><strong>a</strong></p>"
        )

    def test_a_value_in_the_address_of_a_link_is_refused(self, templates: Templates) -> None:
        templates.write("say.md", "[a](https://x.example/{{ x }})")
        with pytest.raises(WordingError, match="address of a link"):
            templates.wording.render("say", NL, x="y")

    def test_joined_values_are_text(self, templates: Templates) -> None:
        templates.write("say.md", "{{ x | join(', ') }} {{ '<b>' ~ x[0] }}")
        assert templates.wording.render("say", NL, x=["*a*", "<i>"]).plain == "*a*, <i> <b>*a*"


class TestThePlainBody:
    @pytest.mark.parametrize(
        ("markdown", "plain"),
        [
            ("**bold** and _so_", "bold and so"),
            ("one\nline\n\nanother", "one line\n\nanother"),
            ("one\\\ntwo", "one\ntwo"),
            ("# Title\n\ntext", "Title\n\ntext"),
            ("- a\n- b\n  - c\n\nend", "- a\n- b\n  - c\n\nend"),
            ("3. a\n4. b", "3. a\n4. b"),
            ("[police](https://politie.example)", "police (https://politie.example)"),
            ("<https://politie.example>", "https://politie.example"),
            ("> a\n>\n> b", "> a\n>\n> b"),
            ("```\na  b\n```\n\n`c`", "a  b\n\nc"),
        ],
    )
    def test_reads_as_text(self, templates: Templates, markdown: str, plain: str) -> None:
        templates.write("say.md", markdown)
        assert templates.wording.render("say", NL).plain == plain


class TestWhatIsMissing:
    def test_a_missing_value_is_named_with_its_template(self, templates: Templates) -> None:
        templates.write("report/say.md", "{{ reason }}")
        with pytest.raises(WordingError, match=r"nl/report/say\.md: 'reason' is undefined"):
            templates.wording.render("report/say", NL)

    def test_a_value_of_none_is_refused(self, templates: Templates) -> None:
        templates.write("say.md", "{{ x }}")
        with pytest.raises(WordingError, match="None"):
            templates.wording.render("say", NL, x=None)

    def test_a_missing_template_is_named(self, templates: Templates) -> None:
        with pytest.raises(WordingError, match=r"no template .*en/say\.md: write it"):
            templates.wording.render("say", EN)

    def test_a_broken_template_is_named_with_its_line(self, templates: Templates) -> None:
        templates.write("say.md", "a\n{% if %}\n")
        with pytest.raises(WordingError, match=r"say\.md:2: "):
            templates.wording.render("say", NL)

    def test_macros_are_refused_because_their_markdown_would_show(
        self, templates: Templates
    ) -> None:
        templates.write("say.md", "{% macro a() %}**x**{% endmacro %}{{ a() }}")
        with pytest.raises(WordingError, match="include"):
            templates.wording.render("say", NL)

    def test_a_missing_word_is_named(self, templates: Templates) -> None:
        with pytest.raises(WordingError, match="no 'heling' under 'report_type'"):
            templates.wording.word(NL, "report_type", "heling")

    def test_words_that_yaml_misreads_are_refused(self, templates: Templates) -> None:
        templates.write("words.yaml", "yes_no: {yes: ja}")
        with pytest.raises(WordingError, match="put quotes around"):
            _ = templates.wording


class TestWordsAndTimes:
    WHEN = datetime(2026, 3, 12, 13, 5, tzinfo=UTC)

    @pytest.mark.parametrize(("language", "word"), [(NL, "overval"), (EN, "robbery")])
    @pytest.mark.parametrize(
        "source", ["{{ x | word }}", "{{ x }}", "{{ word('report_type', 'overval') }}"]
    )
    def test_a_member_of_an_enum_is_shown_in_the_language(
        self, templates: Templates, language: Language, word: str, source: str
    ) -> None:
        templates.write("say.md", source, language)
        assert templates.wording.render("say", language, x=ReportType.ROBBERY).plain == word

    def test_yes_and_no_are_words(self, templates: Templates) -> None:
        templates.write("say.md", "{{ x }} {{ not x }}")
        assert templates.wording.render("say", NL, x=True).plain == "Y N"

    @pytest.mark.parametrize(
        ("language", "shown"), [(NL, "do 12 mrt 2026 14:05"), (EN, "Thu, 12 Mar 2026 14:05")]
    )
    def test_a_time_is_local_and_in_the_language(
        self, templates: Templates, language: Language, shown: str
    ) -> None:
        templates.write("say.md", "{{ when | local_time }}", language)
        assert templates.wording.render("say", language, when=self.WHEN).plain == shown

    @pytest.mark.parametrize(
        ("start", "end", "shown"),
        [
            ((12, 13, 5), (12, 13, 5), "do 12 mrt 2026 14:05"),
            ((12, 13, 5), (12, 13, 35), "do 12 mrt 2026 14:05–14:35"),
            ((11, 22, 30), (11, 23, 15), "wo 11 mrt 2026 23:30 – do 12 mrt 2026 00:15"),
            ((11, 17, 0), (11, 23, 0), "wo 11 mrt 2026 18:00–24:00"),
            ((10, 23, 0), (11, 23, 0), "wo 11 mrt 2026"),
        ],
    )
    def test_the_time_of_an_event(
        self,
        templates: Templates,
        start: tuple[int, int, int],
        end: tuple[int, int, int],
        shown: str,
    ) -> None:
        templates.write("say.md", "{{ when }}")
        moments = [datetime(2026, 3, *moment, tzinfo=UTC) for moment in (start, end)]
        when = EventTime(moments[0], moments[1], Precision.MINUTE)
        assert templates.wording.render("say", NL, when=when).plain == shown

    def test_a_time_without_a_zone_is_refused(self, templates: Templates) -> None:
        templates.write("say.md", "{{ when | local_time }}")
        with pytest.raises(WordingError, match="aware"):
            templates.wording.render("say", NL, when=self.WHEN.replace(tzinfo=None))


class TestBothLanguagesSayTheSame:
    def test_a_missing_twin_is_told(self, templates: Templates) -> None:
        templates.write("a.md", "x", EN)
        assert templates.wording.differences() == ("nl/a.md is missing: en has it",)

    def test_a_value_used_by_one_alone_is_told(self, templates: Templates) -> None:
        templates.write("a.md", "{{ x }}{{ y }}{{ word('a', 'b') }}", NL)
        templates.write("a.md", "{{ x }}", EN)
        assert templates.wording.differences() == ("a.md: only one of nl and en uses 'y'",)

    def test_a_word_that_one_lacks_is_told(self, templates: Templates) -> None:
        templates.write("words.yaml", WORDS + "new: {a: b}", NL)
        assert templates.wording.differences() == (
            "words.yaml: only one of nl and en has 'a' under 'new'",
        )

    def test_our_own_templates_have_no_differences(self) -> None:
        assert Wording(templates_directory()).differences() == ()

    def test_our_own_templates_parse(self) -> None:
        wording = Wording(templates_directory())
        for language in Language:
            for name in wording.template_names(language):
                wording.variables(name, language)


def test_an_enum_without_words_is_an_error_and_not_its_bare_value(templates: Templates) -> None:
    class Colour(StrEnum):
        RED = "rood"

    templates.write("say.md", "{{ x }}")
    with pytest.raises(WordingError, match="no 'rood' under 'colour'"):
        templates.wording.render("say", NL, x=Colour.RED)
