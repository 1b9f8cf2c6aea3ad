from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test import RequestFactory

import safehold.ui
from safehold.ui import charts, looks, samples, times
from support.pages import faults

ELEMENTS = sorted(path.stem for path in (Path(safehold.ui.__file__).parent / "templates/ui/elements").glob("*.html"))
STATIC = Path(safehold.ui.__file__).parent / "static/ui"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def draw(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.fixture
def gallery() -> str:
    return render_to_string("ui/gallery/page.html", samples.context(), RequestFactory().get("/ui/?sort=-role&q=x"))


@pytest.mark.parametrize("name", ELEMENTS)
def test_the_gallery_shows_every_element(name: str):
    folder = Path(safehold.ui.__file__).parent / "templates/ui"
    used = "".join(path.read_text() for path in folder.rglob("*.html"))
    assert f"{{% element {name} " in used or f"{{% element {name} %}}" in used


def test_the_gallery_is_a_good_page(gallery: str):
    assert faults(gallery) == []


def test_an_element_sees_what_it_is_given_and_nothing_else():
    drawn = draw(
        "{% element card note='said' %}{% slot footer %}{{ secret }}!{% endslot %}body{% endelement %}", secret="s"
    )
    assert "body" in drawn
    assert "<footer>s!</footer>" in drawn
    assert "Leaked" not in draw("{% element card %}x{% endelement %}", title="Leaked")


@pytest.mark.parametrize(
    ("given", "shown"), [("value=0 %}", "0"), ("%}not yet", "not yet"), ("value=7 %}eight", "eight")]
)
def test_a_number_may_be_a_value_nought_or_words(given: str, shown: str):
    assert f"<dd>{shown}</dd>" in draw(f"{{% element stat label='Checked' {given}{{% endelement %}}")


def test_what_is_given_is_escaped():
    drawn = draw("{% element fact label=evil %}{{ evil }}{% endelement %}", evil="<script>")
    assert "<script>" not in drawn
    assert drawn.count("&lt;script&gt;") == 2


@pytest.mark.parametrize(
    "source",
    [
        "{% element %}{% endelement %}",
        "{% element card 'x' %}{% endelement %}",
        "{% slot a %}{% endslot %}",
        "{% icon 'no-such' %}",
    ],
)
def test_mistakes_in_templates_are_told(source: str):
    with pytest.raises(TemplateSyntaxError):
        draw(source)


def test_a_sorted_column_says_so_and_turns_round():
    request = RequestFactory().get("/x?sort=name&country=France&after=abc")
    drawn = draw("{% element th sort='name' %}Name{% endelement %}", request=request)
    assert 'aria-sort="ascending"' in drawn
    assert 'href="?country=France&amp;sort=-name"' in drawn


def test_errors_stand_next_to_their_field():
    form = samples.SampleForm({"name": "", "email": "x", "role": "viewer"})
    drawn = draw("{% element field field=form.email %}{% endelement %}", form=form)
    assert 'id="id_email_error"' in drawn
    assert "id_email_error" in drawn.split('aria-describedby="')[1].split('"')[0]


@pytest.mark.parametrize("state", sorted(looks.LOOKS))
def test_no_state_speaks_by_colour_alone(state: str):
    drawn = draw("{% element badge state=state %}{% endelement %}", state=state)
    assert "<svg" in drawn
    assert looks.LOOKS[state].text in drawn


def test_an_unknown_state_is_shown_by_its_word():
    assert looks.look_of("half_way").text == "Half way"


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (3, "just now"), (50, "1 min ago"), (300, "5 min ago"), (3600, "1 hour ago"), (90000, "1 day ago"),
        (86400 * 3, "3 days ago"), (86400 * 15, "2 weeks ago"), (86400 * 400, "1 year ago"), (-7200, "in 2 hours"),
    ],
)  # fmt: skip
def test_times_are_relative(ago: int, text: str):
    assert times.relative(NOW - timedelta(seconds=ago), NOW) == text


def test_times_carry_the_exact_moment():
    drawn = draw("{% when moment %}", moment=NOW)
    assert 'datetime="2026-11-22T09:30:00+00:00"' in drawn
    assert 'title="2026-11-22 09:30:00 UTC"' in drawn
    assert "never" in draw("{% when None %}")


@pytest.mark.parametrize(("seconds", "text"), [(0.42, "0.4 s"), (42, "42 s"), (125, "2 min 5 s"), (7800, "2 h 10 min")])
def test_spans(seconds: float, text: str):
    assert times.duration(seconds) == text


def test_charts_fit_their_frame():
    drawn = charts.bars([("a", 0), ("b", 4), ("c", 8)], 90, 30)
    assert [bar.height for bar in drawn] == [0.5, 15, 30]
    assert charts.bars([], 90, 30) == []
    assert charts.polyline([1, 3], 12, 12) == "1.0,11.0 11.0,1.0"
    assert charts.polyline([], 12, 12) == ""


def test_the_stylesheet_and_the_script_stay_small():
    assert (STATIC / "safehold.css").stat().st_size <= 40_000
    assert (STATIC / "safehold.js").stat().st_size <= 8_000
