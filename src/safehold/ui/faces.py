"""Small steps every HTML face takes: problems onto a form, the status to answer with, addresses of a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from django.db import transaction
from django.forms import Form
from django.http import HttpRequest

from safehold.kernel.errors import Conflict, Invalid, Problem

__all__ = ["address_with", "address_without", "attempt", "show_problems", "status_of"]


@contextmanager
def attempt(form: Form) -> Iterator[None]:
    """Try a flow. What it refuses is taken back, and said on the form; the caller sees that in `form.errors`."""
    try:
        with transaction.atomic():
            yield
    except (Invalid, Conflict) as error:
        show_problems(form, error)


def show_problems(form: Form, error: Invalid | Conflict) -> None:
    """Each problem at the field it names; what names none, above the form."""
    problems = error.problems if isinstance(error, Invalid) else ()
    if not problems:
        form.add_error(None, f"{error.message} {error.hint}".strip())
    for problem in problems:
        known = problem.place in form.fields
        form.add_error(problem.place if known else None, _sentence(problem) if known else str(problem))


def _sentence(problem: Problem) -> str:
    found = f", found “{problem.found}”" if problem.found else ""
    return f"Expected {problem.expected}{found}."


def status_of(form: Form) -> int:
    """200 for a form to fill in, 422 for one that comes back with problems."""
    return 422 if form.is_bound and form.errors else 200


def address_with(request: HttpRequest, path: str = "", /, **changes: str | None) -> str:
    """This page's address with some of its query changed; None takes a name out. `path` makes it another page's."""
    pairs = [(name, value) for name, values in request.GET.lists() for value in values if name not in changes]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    return path + ("?" + urlencode(pairs) if pairs else ("" if path else request.path))


def address_without(request: HttpRequest, *names: str) -> str:
    """This page's address with some names taken out of its query."""
    out: dict[str, str | None] = dict.fromkeys(names)
    return address_with(request, "", **out)
