"""OpenBao's bad days: tokens that end, servers away or sealed, roles that may too little; and hostile names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
import urllib3

from safehold.foundation.keys.baostore import BaoKeyStore
from safehold.foundation.keys.errors import KeysMissing
from safehold.foundation.keys.installed import SECRET_ID, store_of
from safehold.foundation.keys.openbao import BaoClient, BaoPlace, BaoRefused, BaoUnreachable, segment
from safehold.kernel.errors import Denied, Invalid, Unavailable
from support.openbao import Bao, policy_of, running_bao

KEYS = [(b"k" * 32, b"context")]


class Clock:
    """Monotonic seconds that stand still until moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bao]:
    with running_bao(tmp_path_factory.mktemp("bao")) as made:
        yield made


def counted(client: BaoClient, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that it asks for from now on."""
    asked: list[str] = []
    send = client._send

    def note(method, path, body, token):
        asked.append(path)
        return send(method, path, body, token)

    monkeypatch.setattr(client, "_send", note)
    return asked


def tokens_of(bao: Bao) -> list[str]:
    return bao.admin("LIST", "auth/token/accessors").get("data", {}).get("keys", [])


def test_it_logs_in_once_and_renews_at_two_thirds(bao, monkeypatch):
    clock = Clock()
    client = bao.client(monotonic=clock)
    asked = counted(client, monkeypatch)
    for _ in range(3):
        client.ask("LIST", "transit/keys")
    assert asked.count("auth/approle/login") == 1
    clock.now = 2399
    client.ask("LIST", "transit/keys")
    assert "auth/token/renew-self" not in asked
    clock.now = 2401
    client.ask("LIST", "transit/keys")
    assert asked.count("auth/token/renew-self") == 1
    clock.now = 2401 + 3601
    client.ask("LIST", "transit/keys")
    assert asked.count("auth/approle/login") == 2


def test_a_token_that_is_revoked_costs_one_retry(bao, monkeypatch):
    tenant, client = uuid4(), bao.client()
    store = BaoKeyStore(client, "test")
    store.create(tenant)
    asked = counted(client, monkeypatch)
    for accessor in tokens_of(bao):
        if "safehold" in str(
            bao.admin("POST", "auth/token/lookup-accessor", {"accessor": accessor})["data"]["policies"]
        ):
            bao.admin("POST", "auth/token/revoke-accessor", {"accessor": accessor})
    assert store.wrap(tenant, KEYS)
    assert [path.partition("/")[0] for path in asked] == ["transit", "auth", "transit"]


def test_a_server_that_is_away_and_comes_back(tmp_path):
    tenant = uuid4()
    with running_bao(tmp_path / "bao") as bao:
        store = BaoKeyStore(bao.client(), "test")
        store.create(tenant)
        wrapped = store.wrap(tenant, KEYS)
        bao.stop()
        for use in (lambda: store.wrap(tenant, KEYS), lambda: store.create(uuid4()), store.tenants):
            with pytest.raises(BaoUnreachable) as caught:
                use()
            assert caught.value.status == 503
            assert "unsealed" in caught.value.hint
        bao.start()
        assert store.unwrap(tenant, [(wrapped[0], b"context")]) == [b"k" * 32]
        bao.admin("PUT", "sys/seal")
        with pytest.raises(BaoUnreachable):
            store.wrap(tenant, KEYS)
        bao.unseal()
        assert store.wrap(tenant, KEYS)


def test_a_secret_that_is_no_good_is_said_and_never_shown(bao):
    secret = "-".join(("s3cret", "of", "nobody"))
    client = BaoClient(replace(bao.place(), secret_id=lambda: secret))
    with pytest.raises(BaoUnreachable) as caught:
        client.ask("LIST", "transit/keys")
    assert "SecretID" in caught.value.hint
    assert secret not in repr(caught.value) + repr(client) + repr(caught.getrepr(style="long", showlocals=False))
    assert bao.secret_id not in repr(bao.place())


def test_a_certificate_of_somebody_else_is_not_believed(bao, tmp_path):
    from support.receivers import Authority

    client = BaoClient(replace(bao.place(), authority=Authority(tmp_path).file))
    with pytest.raises(BaoUnreachable):
        client.ask("LIST", "transit/keys")


@pytest.mark.parametrize("url", ["http://localhost:8200", "localhost:8200", "https://a:b@host", "https://host/v1", ""])
def test_only_an_address_over_tls_is_taken(url):
    with pytest.raises(Invalid) as caught:
        BaoPlace(url, "role", lambda: "secret")
    assert caught.value.problems[0].place == "openbao_url"


def test_one_environments_role_reaches_nothing_of_anothers(bao):
    tenant = uuid4()
    store = BaoKeyStore(bao.client(), "test")
    store.create(tenant)
    wrapped = store.wrap(tenant, KEYS)
    role, secret = bao.role_id, bao.secret_id
    try:
        bao.add_role("test-two")
        theirs = bao.secret_id
        strange = BaoClient(replace(bao.place(), secret_id=lambda: theirs))
    finally:
        bao.role_id, bao.secret_id = role, secret
    for environment in ("test", "test-two"):
        other = BaoKeyStore(strange, environment)
        with pytest.raises((KeysMissing, Unavailable, BaoRefused)):
            other.unwrap(tenant, [(wrapped[0], b"context")])
    assert BaoKeyStore(strange, "test-two").tenants() == []
    with pytest.raises(BaoRefused) as caught:
        strange.ask("GET", f"transit/keys/test.{tenant}")
    assert caught.value.status == 403


def test_the_role_can_neither_export_a_key_nor_make_one_by_wrapping(bao):
    tenant, client = uuid4(), bao.client()
    BaoKeyStore(client, "test").create(tenant)
    for path in (
        f"transit/export/encryption-key/test.{tenant}",
        f"transit/backup/test.{tenant}",
        "sys/policies/acl/safehold-test",
        "auth/approle/role/safehold-test/role-id",
        "kv/data/production/platform-data-keys",
    ):
        with pytest.raises(BaoRefused) as caught:
            client.ask("GET", path)
        assert caught.value.status == 403
    with pytest.raises(BaoRefused):
        client.ask("POST", f"transit/encrypt/test.{uuid4()}", {"plaintext": "eA=="})
    said = bao.admin("GET", f"transit/keys/test.{tenant}")["data"]
    assert (said["exportable"], said["allow_plaintext_backup"], said["deletion_allowed"]) == (False, False, False)


@pytest.mark.parametrize("name", ["+", "*", "/", "../kv", "a/b", "%2e%2e", "ä ö", "x" * 300, "?list=true", "#"])
def test_a_hostile_name_is_one_part_of_a_path(bao, name):
    """Whatever it is, it asks for nothing but itself."""
    client = bao.client()
    assert "/" not in segment(name)
    asked: list[object] = []
    try:
        asked.append(client.ask("GET", f"kv/data/test/{segment(name)}"))
    except BaoRefused as refused:
        asked.append(refused.status)
    assert asked in ([None], [400], [403])


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_what_would_be_no_part_of_a_path_is_refused(name):
    with pytest.raises(Invalid):
        segment(name)


def test_the_policy_of_the_docs_is_for_one_environment():
    assert "production" not in policy_of("test")
    assert policy_of("test").count('path "') == 5


# The settings' way to it


@pytest.fixture
def settled(bao, installation, monkeypatch, tmp_path):
    """The installation of the tests, as if its settings named this server; its own files stay as they are."""
    from django.conf import settings

    home = tmp_path / "home"
    (home / "secrets").mkdir(parents=True)
    made = replace(
        installation, home=home, openbao_url=bao.url, openbao_role_id=bao.role_id, openbao_ca=bao.authority.file
    )
    monkeypatch.setattr(settings, "SAFEHOLD", made)
    return made


def asked_for(typed: str, *options: str):
    from click.testing import CliRunner

    from safehold.foundation.keys.cli import keys

    return CliRunner().invoke(keys, ["openbao", *options], input=f"{typed}\n")


def test_a_secret_is_taken_once_it_works_and_kept_for_the_owner_alone(bao, settled):
    with pytest.raises(BaoUnreachable) as caught:
        store_of(settled).tenants()
    assert "safehold keys openbao" in caught.value.hint
    wrong = asked_for("00000000-not-a-secret")
    assert isinstance(wrong.exception, BaoUnreachable)
    assert not (settled.secrets / SECRET_ID).exists()
    done = asked_for(bao.secret_id)
    assert done.exit_code == 0, done.output
    assert bao.secret_id not in done.output
    kept = settled.secrets / SECRET_ID
    assert kept.stat().st_mode & 0o777 == 0o600
    tenant, store = uuid4(), store_of(settled)
    assert isinstance(store, BaoKeyStore)
    store.create(tenant)
    assert tenant in store.tenants()


def test_a_wrapping_token_opens_once(bao, settled):
    path = "auth/approle/role/safehold-test/secret-id"
    with urllib3.PoolManager(ca_certs=str(bao.authority.file)) as pool:
        headers = {"X-Vault-Token": bao.root, "X-Vault-Wrap-TTL": "60s"}
        answer = pool.request("POST", f"{bao.url}/v1/{path}", body="{}", headers=headers).json()
    token = answer["wrap_info"]["token"]
    done = asked_for(token, "--wrapped")
    assert done.exit_code == 0, done.output
    assert store_of(settled).tenants() is not None
    again = asked_for(token, "--wrapped")
    assert isinstance(again.exception, Denied)
    assert "somebody opened it before you" in again.exception.message
    assert token not in again.output + str(again.exception)


def test_keys_in_the_folder_keep_it_from_starting_with_openbao(settled):
    from safehold.foundation.keys.checks import key_ring_is_ours

    assert key_ring_is_ours() == []
    folder = settled.keys / settled.environment
    folder.mkdir(parents=True)
    (folder / f"{uuid4()}.json").write_text("{}")
    (found,) = key_ring_is_ours()
    assert found.id == "keys.E003"
