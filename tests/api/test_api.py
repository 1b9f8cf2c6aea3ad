"""The API: who may call it, how it refuses, and that every answer has the form that OpenAPI describes."""

from __future__ import annotations

import json

import pytest

from factories import make_tenant, system
from safehold.foundation.scope.transaction import scoped
from support.callers import Caller

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("installation")]


@pytest.fixture
def tenant():
    return make_tenant(departments=["Second"])


@pytest.fixture
def owner(tenant):
    return Caller(tenant, "owner")


def events(tenant, kind: str) -> list[dict[str, object]]:
    from safehold.foundation.audit import selectors
    from safehold.foundation.audit.selectors import Filters

    with scoped(system(tenant)) as scope:
        return [dict(found.fields) for found in selectors.activity(scope=scope, filters=Filters(type=kind)).events]


class TestRefusals:
    @pytest.mark.parametrize(
        "header", [{}, {"HTTP_AUTHORIZATION": "Bearer sfh_nonsense"}, {"HTTP_AUTHORIZATION": "Basic eDp5"}]
    )
    def test_without_a_good_token_nobody_is_signed_in(self, header):
        from django.test import Client

        response = Client(HTTP_HOST="localhost").get("/api/v1/members", secure=True, **header)
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert "nonsense" not in response.content.decode()

    def test_no_address_signs_anybody_in(self):
        from django.test import Client

        for address in ("127.0.0.1", "::1", "10.0.0.1"):
            assert (
                Client(REMOTE_ADDR=address, HTTP_HOST="localhost").get("/api/v1/members", secure=True).status_code
                == 401
            )

    def test_plain_http_is_sent_to_https(self):
        from django.test import Client

        assert Client(HTTP_HOST="localhost").get("/api/v1/members").status_code == 301

    def test_a_denial_says_who_can_and_leaves_its_event(self, tenant):
        accountant = Caller(tenant, "accountant")
        response = accountant.call("get", "members")
        assert response.status_code == 403
        assert response.data["code"] == "denied"
        assert "owner, admin" in response.data["hint"]
        assert events(tenant, "security.denied") == [
            {"permission": "tenancy:members:read", "route": "GET /api/v1/members"}
        ]

    def test_another_tenants_member_is_as_absent_as_nobody(self, owner):
        stranger = Caller(make_tenant(), "owner")
        theirs = owner.call("get", f"members/{stranger.member_id}")
        nobody = owner.call("get", "members/018f0000-0000-7000-8000-000000000000")
        assert theirs.status_code == nobody.status_code == 404
        theirs.data.pop("instance"), nobody.data.pop("instance")
        assert theirs.data == nobody.data

    def test_a_body_of_the_wrong_form_names_the_place(self, owner):
        response = owner.call("post", "members", {"email": "x@example.com"})
        assert response.status_code == 422
        assert any("role" in problem["place"] for problem in response.data["problems"])

    def test_bad_values_name_what_was_expected_and_store_nothing(self, owner):
        before = len(owner.call("get", "members").data["items"])
        response = owner.call("post", "members", {"email": "nobody", "role": "king"})
        assert response.status_code == 422
        assert {problem["place"] for problem in response.data["problems"]} == {"email", "role"}
        assert len(owner.call("get", "members").data["items"]) == before

    def test_a_removed_member_is_out_at_once(self, tenant, owner):
        manager = Caller(tenant, "manager")
        assert manager.call("get", "workspace").status_code == 200
        assert owner.call("delete", f"members/{manager.member_id}").status_code == 204
        assert manager.call("get", "workspace").status_code == 401


class TestMembersAndDepartments:
    def test_the_workspace(self, tenant, owner):
        assert owner.call("get", "workspace").data["slug"] == tenant.slug

    def test_departments_come_and_go(self, owner):
        made = owner.call("post", "departments", {"name": "Warehouse"})
        assert made.status_code == 201
        number = made.data["number"]
        assert owner.call("patch", f"departments/{number}", {"name": "Store"}).data["name"] == "Store"
        assert owner.call("delete", f"departments/{number}").status_code == 204
        assert number not in {row["number"] for row in owner.call("get", "departments").data}

    def test_a_member_is_invited_changed_and_read(self, tenant, owner):
        made = owner.call("post", "members", {"email": "New@Example.com", "role": "viewer", "departments": [1]})
        assert (made.status_code, made.data["email"]) == (201, "new@example.com")
        changed = owner.call("patch", f"members/{made.data['id']}", {"role": "hr"})
        assert (changed.data["role"], changed.data["departments"]) == ("hr", [1])
        assert owner.call("get", f"members/{made.data['id']}").data == changed.data
        assert events(tenant, "member.invited")[0]["role"] == "viewer"

    def test_pages_of_members_hold_everybody_once(self, owner):
        for number in range(5):
            owner.call("post", "members", {"email": f"p{number}@example.com", "role": "viewer"})
        seen, after = [], ""
        while after is not None:
            page = owner.call("get", f"members?limit=2{f'&after={after}' if after else ''}").data
            seen += [row["id"] for row in page["items"]]
            after = page["next"]
        assert len(seen) == len(set(seen)) == 6


class TestEvents:
    def test_events_can_be_listed_filtered_and_read(self, owner):
        owner.call("post", "departments", {"name": "Warehouse"})
        page = owner.call("get", "events?type=department.created&limit=1").data
        assert page["items"][0]["fields"]["number"] == 2
        assert owner.call("get", f"events/{page['items'][0]['id']}").data["id"] == page["items"][0]["id"]
        assert owner.call("get", f"events?type=department.created&limit=1&cursor={page['next']}").data["items"]

    def test_a_bad_cursor_is_a_problem_not_a_crash(self, owner):
        assert owner.call("get", "events?cursor=rubbish").status_code == 422

    def test_nothing_sealed_yet_says_so(self, owner):
        assert owner.call("get", "events/sealed").data["items"] == []
        assert owner.call("get", "events/checkpoint").status_code == 503


class TestOpenApi:
    def test_every_operation_is_described_and_declares_its_permission(self):
        from django.test import Client

        response = Client(HTTP_HOST="localhost").get("/api/v1/openapi.json", secure=True)
        schema = json.loads(response.content)
        assert schema["openapi"].startswith("3.1")
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                assert operation.get("description"), f"{method} {path}"

    def test_no_operation_goes_without_a_permission(self):
        from safehold.api.assembly import api

        bare = [
            f"{path}:{operation.view_func.__name__}"
            for _, router in api._routers
            for path, view in router.path_operations.items()
            for operation in view.operations
            if not hasattr(operation.view_func, "permission")
        ]
        assert bare == []
