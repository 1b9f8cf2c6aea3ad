"""Each request is one scoped transaction: everything inside, kept or undone as a whole."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connections, transaction
from django.db.utils import OperationalError, ProgrammingError
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.template import Context, Template
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory

from factories import system
from safehold.foundation.scope.clock import new_id
from safehold.foundation.scope.errors import LazyResponse
from safehold.foundation.scope.middleware import ScopeMiddleware, reads_nothing
from safehold.foundation.scope.scope import Kind
from safehold.foundation.scope.transaction import current_scope, rebind, scoped

pytestmark = pytest.mark.usefixtures("installation")


def ask(view):
    """The answer to a request that only the middleware and this view see."""
    return ScopeMiddleware(view)(RequestFactory().get("/", REMOTE_ADDR="192.0.2.7"))


def add(tenant, name: str) -> None:
    from safehold.foundation.tenancy.models import Department

    Department.objects.create(tenant_id=tenant.id, number=int(new_id().hex[-7:], 16), name=name)


def names(tenant) -> set[str]:
    from safehold.foundation.tenancy.models import Department

    with scoped(system(tenant)):
        return set(Department.objects.values_list("name", flat=True))


def unscoped() -> None:
    from safehold.foundation.tenancy.models import Department

    with pytest.raises(ProgrammingError, match="no scope"):
        Department.objects.count()


def test_a_request_begins_in_the_sign_in_kind_and_ends_unscoped():
    def view(request):
        assert request.scope == current_scope()
        assert (request.scope.kind, request.scope.address) == (Kind.SIGN_IN, "192.0.2.7")
        return HttpResponse("here")

    assert ask(view).content == b"here"
    unscoped()


def test_a_good_answer_is_kept(pair):
    def view(request):
        rebind(system(pair[0]))
        add(pair[0], "kept by a request")
        return HttpResponse(status=404)  # not found is an answer too

    ask(view)
    assert "kept by a request" in names(pair[0])


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_undoes_everything(pair, status):
    def view(request):
        rebind(system(pair[0]))
        add(pair[0], f"undone by {status}")
        return HttpResponse(status=status)

    ask(view)
    assert f"undone by {status}" not in names(pair[0])
    unscoped()


def test_an_exception_undoes_everything(pair):
    def view(request):
        rebind(system(pair[0]))
        add(pair[0], "undone by an exception")
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        ask(view)
    assert "undone by an exception" not in names(pair[0])
    unscoped()


def test_what_an_error_handler_flags_is_undone(pair):
    def view(request):
        rebind(system(pair[0]))
        add(pair[0], "undone by a flag")
        transaction.set_rollback(True)
        return HttpResponse(status=403)

    assert ask(view).status_code == 403
    assert "undone by a flag" not in names(pair[0])


def test_a_swallowed_database_error_is_no_success(pair):
    def view(request):
        rebind(system(pair[0]))
        add(pair[0], "undone by a swallowed error")
        try:
            connections["default"].cursor().execute("select 1/0")
        except DatabaseError:
            return HttpResponse("all is well")

    with pytest.raises(OperationalError, match="nothing of it could be kept"):
        ask(view)
    assert "undone by a swallowed error" not in names(pair[0])


def test_templates_are_rendered_inside(pair):
    from safehold.foundation.tenancy.models import Department

    def view(request):
        rebind(system(pair[0]))
        rows = Department.objects.order_by("number")[:1]  # asked when the template is rendered
        return HttpResponse(Template("{% for row in rows %}{{ row.name }}{% endfor %}").render(Context({"rows": rows})))

    assert ask(view).content == b"General"


@pytest.mark.parametrize(
    "late",
    [
        lambda: StreamingHttpResponse(iter(["a"])),
        lambda: FileResponse(iter([b"a"])),
    ],
)
def test_a_stream_is_refused(late):
    with pytest.raises(LazyResponse):
        ask(lambda _: late())


def test_a_stream_that_reads_no_rows_may_be_marked():
    answer = ask(lambda _: reads_nothing(StreamingHttpResponse(iter(["a", "b"]))))
    assert b"".join(answer) == b"ab"


def test_a_template_answer_that_nobody_rendered_is_loud():
    answer = ask(lambda _: SimpleTemplateResponse("ui/none.html"))
    with pytest.raises(Exception, match="must be rendered"):
        _ = answer.content


@pytest.mark.usefixtures("pool_of_one")
def test_requests_on_one_connection_carry_nothing_over(pair):
    from safehold.foundation.tenancy.models import Department

    def view_of(tenant, *, fails):
        def view(request):
            with pytest.raises(ProgrammingError, match="scope of a tenant"), transaction.atomic():
                connections["default"].cursor().execute("select safehold.scope_tenant()")
            rebind(system(tenant))
            seen = set(Department.objects.values_list("tenant_id", flat=True))
            assert seen == {tenant.id}
            if fails:
                raise RuntimeError("on purpose")
            return HttpResponse()

        return view

    for turn in range(60):
        try:
            ask(view_of(pair[turn % 2], fails=turn % 3 == 0))
        except RuntimeError:
            assert turn % 3 == 0
        connections["default"].close()
