"""`{% load ui %}`: pages are written in named elements.

    {% element card title="Members" %}
      {% slot actions %}{% element button href=url %}Invite{% endelement %}{% endslot %}
      What stands in the card.
    {% endelement %}

An element is a template `ui/elements/<name>.html`. It sees only what it is given: each argument by its name, what
stands between the tags as `content`, each slot as `slots.<name>`, and the request; nothing else of the page leaks in.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template.base import FilterExpression, NodeList, Parser, Token, kwarg_re
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

from safehold.ui import charts, looks, navigation, times, toasts

register = template.Library()

_SLOTS = "_ui_slots"
_THEMES = ("light", "dark")
_ACRONYMS = frozenset({"hr", "api", "id"})


@register.tag
def element(parser: Parser, token: Token) -> ElementNode:
    """`{% element name key=value … %}…{% endelement %}`: draw the element with its arguments, content and slots."""
    name, arguments = _arguments(parser, token)
    body = parser.parse(("endelement",))
    parser.delete_first_token()
    return ElementNode(name, arguments, body)


@register.tag
def slot(parser: Parser, token: Token) -> SlotNode:
    """`{% slot name %}…{% endslot %}` inside an element: what stands here is the element's `slots.name`."""
    name, _ = _arguments(parser, token)
    body = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(name, body)


def _arguments(parser: Parser, token: Token) -> tuple[str, dict[str, FilterExpression]]:
    tag, *bits = token.split_contents()
    if not bits or "=" in bits[0]:
        raise template.TemplateSyntaxError(f"{{% {tag} %}} needs a name first")
    arguments = {}
    for bit in bits[1:]:
        match = kwarg_re.match(bit)
        if not match or not match.group(1):
            raise template.TemplateSyntaxError(f"{{% {tag} {bits[0]} %}}: {bit!r} is not of the form name=value")
        arguments[match.group(1)] = parser.compile_filter(match.group(2))
    return bits[0].strip("\"'"), arguments


class ElementNode(template.Node):
    """Renders the body, which fills the slots, and then the element's own template, apart from the page's names."""

    def __init__(self, name: str, arguments: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.name, self.arguments, self.nodelist = name, arguments, nodelist

    def render(self, context: Context) -> SafeString:
        """The element as HTML."""
        slots: dict[str, SafeString] = {}
        given = {key: value.resolve(context) for key, value in self.arguments.items()}
        with context.push(**{_SLOTS: slots}):
            content = self.nodelist.render(context)
        engine = context.template.engine  # type: ignore[union-attr]  # always there while rendering
        drawn = engine.get_template(f"ui/elements/{self.name}.html")
        shared = {key: context.get(key) for key in ("request", "csrf_token")}
        return drawn.render(context.new({**shared, **given, "content": SafeString(content.strip()), "slots": slots}))


class SlotNode(template.Node):
    """Hands what it holds to the nearest element around it, and leaves nothing in its own place."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: Context) -> str:
        """Nothing; the content goes to the element."""
        slots = context.get(_SLOTS)
        if slots is None:
            raise template.TemplateSyntaxError(f"{{% slot {self.name} %}} stands outside any element")
        slots[self.name] = slots.get(self.name, SafeString("")) + SafeString(self.nodelist.render(context).strip())
        return ""


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """An icon that says nothing by itself: the words beside it do, so screen readers pass over it."""
    return _icon(str(name), int(size))


@lru_cache(maxsize=256)
def _icon(name: str, size: int) -> SafeString:
    try:
        drawn = lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"})
    except IconDoesNotExist as error:
        raise template.TemplateSyntaxError(f"there is no icon named {name!r}") from error
    return SafeString(" ".join(drawn.split()).replace("> <", "><"))


@register.simple_tag
def when(moment: datetime | None, *, focus: bool = True) -> SafeString:
    """A moment: relative in the text, absolute on hover and focus. `focus=False` where a link stands around it."""
    if moment is None:
        return mark_safe('<span class="faint">never</span>')
    exact = times.absolute(moment)
    stamp = moment.astimezone(UTC).isoformat(timespec="seconds")
    words = times.relative(moment, timezone.now())
    tab = mark_safe(' tabindex="0"') if focus else ""
    return format_html('<time datetime="{}" title="{}" data-exact="{}"{}>{}</time>', stamp, exact, exact, tab, words)


@register.filter
def exact(moment: datetime | None) -> str:
    """A moment to the second, in UTC."""
    return times.absolute(moment) if moment else "never"


@register.filter
def look(state: object) -> looks.Look:
    """The kind, icon and word that stand for a state."""
    return looks.look_of(state)


@register.filter
def word(value: object) -> str:
    """A stored word as people read it: "hr" is "HR", "owner" is "Owner"."""
    text = str(value or "").replace("_", " ").replace("-", " ")
    return text.upper() if text in _ACRONYMS else text[:1].upper() + text[1:]


@register.filter
def initials(name: object) -> str:
    """Two letters for a person: the first of the first and of the last word."""
    words = str(name or "?").replace("@", " ").replace(".", " ").split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def hue(name: object) -> int:
    """One of six tints, always the same for the same name."""
    return sum(map(ord, str(name))) % 6 + 1


@register.filter
def shorten(value: object, size: int = 12) -> str:
    """The beginning of a long digest or id, with an ellipsis for the rest."""
    text = str(value)
    return text if len(text) <= size + 1 else text[:size] + "…"


@register.filter
def duration(seconds: float | None) -> str:
    """A span of seconds in words."""
    return times.duration(seconds) if seconds is not None else ""


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The visitor's stored choice of light or dark; empty where the system decides."""
    request = context.get("request")
    choice = request.COOKIES.get("safehold_theme", "") if isinstance(request, HttpRequest) else ""
    return choice if choice in _THEMES else ""


@register.simple_tag(takes_context=True)
def navigation_entries(context: Context, place: str) -> list[navigation.Shown]:
    """What this visitor may be offered in the navigation of a place."""
    request = context.get("request")
    return navigation.shown(request, place) if isinstance(request, HttpRequest) else []


@register.simple_tag(takes_context=True)
def sort_state(context: Context, key: str) -> dict[str, str]:
    """For a sortable column: `aria` (its aria-sort value) and `href` (this page's address, sorted the other way)."""
    request = context.get("request")
    query = request.GET.copy() if isinstance(request, HttpRequest) else None
    now = query.get("sort", "") if query is not None else ""
    following = f"-{key}" if now == key else key
    kept = [(name, value) for name, values in query.lists() for value in values] if query is not None else []
    kept = [(name, value) for name, value in kept if name not in ("sort", "page", "after", "before")]
    aria = {key: "ascending", f"-{key}": "descending"}.get(now or "", "none")
    return {"aria": aria, "href": "?" + urlencode([*kept, ("sort", following)])}


@register.simple_tag
def bar_chart(points: Sequence[tuple[str, float]], width: int = 480, height: int = 96) -> list[charts.Bar]:
    """The bars for `{% element chart %}`."""
    return charts.bars(points, width, height)


@register.simple_tag
def line_chart(points: Sequence[tuple[str, float]], width: int = 120, height: int = 28) -> str:
    """The polyline for `{% element sparkline %}`."""
    return charts.polyline([value for _, value in points], width, height)


@register.filter
def undo_url(message: object) -> str:
    """Where a toast's Undo posts to, if it has one."""
    return toasts.undo_url(getattr(message, "extra_tags", ""))
