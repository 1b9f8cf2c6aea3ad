"""Streams arrive whole: at real receivers, over dropped answers, killed workers, dead destinations and pauses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

import factories
from safehold.foundation.audit import events as audit_events, flows as audit, selectors as log
from safehold.foundation.audit.selectors import Filters
from safehold.foundation.scope import clock
from safehold.foundation.scope.transaction import scoped
from safehold.foundation.streams import conf, flows, selectors, syslog as format_
from safehold.foundation.streams.forwarder import Forwarder
from safehold.kernel.errors import Denied, Invalid, NotFound
from safehold.kernel.ids import PLATFORM
from support.installations import eventually
from support.pages import faults
from support.receivers import receiving
from support.syslogs import listening
from support.visitors import Visitor

pytestmark = pytest.mark.usefixtures("installation")


def happen(scope, count=1):
    with scoped(scope):
        entries = [audit.Entry("", {"permission": "p", "route": f"GET /r{number}"}) for number in range(count)]
        return [str(one) for one in audit.record_many(scope, audit_events.DENIED, entries)]


def begin(scope, url, **more):
    with scoped(scope):
        return flows.create_stream(scope=scope, name="Our SIEM", url=url, **more)


def deliver(stream):
    return flows.deliver(log_id=stream.tenant_id, stream_id=stream.id)


def again(scope, stream):
    with scoped(scope):
        return selectors.stream(scope, stream.id)


def try_now(scope, stream):
    with scoped(scope):
        return flows.resume_stream(scope=scope, stream_id=stream.id)


def records(receiver):
    return [json.loads(line) for heard in receiver.heard for line in heard.body.decode().splitlines()]


def whole_log(scope):
    with scoped(scope):
        return [str(each.id) for each in log.sealed_since(scope=scope, index=0, limit=5000)]


def told(scope, kind):
    with scoped(scope):
        return log.activity(scope=scope, filters=Filters(type=kind)).events


def verified(key, heard):
    """As a receiver that knows the Standard Webhooks checks a message."""
    headers = {name.lower(): value for name, value in heard.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + heard.body
    made = hmac.new(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return headers["webhook-signature"] == "v1," + base64.b64encode(made).decode()


def test_a_webhook_gets_every_event_once_in_order_and_signed(scope, receiver, sealer, monkeypatch):
    monkeypatch.setattr(conf, "BATCH", 7)
    happen(scope, 20)
    stream, key = begin(scope, receiver.url + "/in?token=s3cret", from_start=True, authorization="Splunk abc")
    happen(scope, 5)
    sealer.catch_up()
    assert deliver(stream) == len(records(receiver))
    found = records(receiver)
    assert [each["metadata"]["uid"] for each in found] == whole_log(scope)
    assert [each["metadata"]["sequence"] for each in found] == list(range(len(found)))
    assert len(receiver.heard) > 3
    assert all(verified(key, heard) for heard in receiver.heard)
    assert not verified("whsec_" + base64.b64encode(bytes(32)).decode(), receiver.heard[0])
    assert {heard.path for heard in receiver.heard} == {"/hook/in?token=s3cret"}
    assert {heard.headers["Authorization"] for heard in receiver.heard} == {"Splunk abc"}
    assert deliver(stream) == 0


def test_syslog_gets_every_event_framed_over_a_checked_connection(scope, syslog, sealer):
    happen(scope, 30)
    stream, key = begin(scope, syslog.url, from_start=True)
    assert key == ""
    sealer.catch_up()
    count = deliver(stream)
    eventually(lambda: len(syslog.heard) == count)
    assert [json.loads(one.text)["metadata"]["uid"] for one in syslog.heard] == whole_log(scope)
    denied = next(one for one in syslog.heard if one.kind == "security.denied")
    assert (denied.priority, denied.program) == (13 * 8 + 4, "safehold")


def test_a_lost_answer_repeats_a_batch_under_the_same_id_and_loses_nothing(scope, receiver, sealer):
    happen(scope, 9)
    stream, _ = begin(scope, receiver.url, from_start=True)
    sealer.catch_up()
    receiver.reply = lambda _: (503, {}, b"")
    assert deliver(stream) == 0
    now = again(scope, stream)
    assert (now.next_index, now.failures, now.trouble) == (0, 1, "The receiver answered with 503.")
    assert now.due_at > clock.now()
    assert deliver(stream) == 0  # not before it is due
    assert len(receiver.heard) == 1
    receiver.reply = lambda _: (204, {}, b"")
    try_now(scope, stream)
    assert deliver(stream) == len(whole_log(scope))
    first, second = receiver.heard[0], receiver.heard[1]
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert len(told(scope, "stream.failing")) == len(told(scope, "stream.recovered")) == 1
    assert again(scope, stream).failures == 0


def test_a_redirect_is_not_followed_and_counts_as_a_failure(scope, receiver, sealer):
    happen(scope)
    stream, _ = begin(scope, receiver.url, from_start=True)
    sealer.catch_up()
    receiver.reply = lambda _: (302, {"Location": "https://elsewhere.example/"}, b"")
    assert deliver(stream) == 0
    assert again(scope, stream).failures == 1


def test_a_worker_killed_after_sending_is_replaced_and_nothing_is_left_out(scope, receiver, sealer, monkeypatch):
    """What it had sent but not noted is sent again: at least once, with ids to know it by."""
    happen(scope, 6)
    stream, _ = begin(scope, receiver.url, from_start=True)
    sealer.catch_up()

    class Killed(BaseException):
        pass

    from safehold.foundation.streams import sinks

    real = sinks.send

    def send_and_die(*arguments):
        real(*arguments)
        raise Killed

    monkeypatch.setattr(flows.sinks, "send", send_and_die)
    with pytest.raises(Killed):
        deliver(stream)
    monkeypatch.setattr(flows.sinks, "send", real)
    assert deliver(stream) == 0  # the dead one's claim still stands
    with scoped(scope):
        selectors.own(scope).filter(id=stream.id).update(claimed_until=clock.now() - timedelta(seconds=1))
    deliver(stream)
    ids = [each["metadata"]["uid"] for each in records(receiver)]
    assert list(dict.fromkeys(ids)) == whole_log(scope)
    assert len(ids) == 2 * len(set(ids))


def test_two_workers_never_have_one_stream(scope, receiver, sealer):
    happen(scope, 3)
    stream, _ = begin(scope, receiver.url, from_start=True)
    sealer.catch_up()
    first = flows._claim(factories.system(stream.tenant_id), stream.id)
    assert first is not None
    assert flows._claim(factories.system(stream.tenant_id), stream.id) is None


@pytest.mark.parametrize("kind", ["webhook", "syslog"])
def test_a_certificate_for_another_name_gets_nothing(scope, authority, allow, sealer, kind):
    happen(scope)
    opened = receiving if kind == "webhook" else listening
    with opened(authority, certified_for="other.example") as wrong:
        allow(f"localhost:{wrong.port}")
        stream, _ = begin(scope, wrong.url, from_start=True)
        sealer.catch_up()
        assert deliver(stream) == 0
        assert wrong.heard == []
    assert "could not be reached" in again(scope, stream).trouble


def test_a_connection_cut_half_way_counts_as_not_arrived(scope, syslog, sealer):
    happen(scope, 600)
    syslog.hang_up_after = 10_000
    stream, _ = begin(scope, syslog.url, from_start=True)
    sealer.catch_up()
    assert deliver(stream) == 0
    assert again(scope, stream).next_index == 0
    syslog.hang_up_after = 0
    syslog.heard.clear()
    try_now(scope, stream)
    count = deliver(stream)
    eventually(lambda: len(syslog.heard) == count)
    assert [json.loads(one.text)["metadata"]["uid"] for one in syslog.heard] == whole_log(scope)[:count]


def test_a_dead_destination_holds_up_no_other_stream(scope, receiver, allow, sealer, monkeypatch):
    """One destination takes connections and never answers; the other's events arrive meanwhile."""
    import socket

    from safehold.foundation.streams import forwarder

    monkeypatch.setattr(forwarder, "PAUSE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as dead:
        port = dead.getsockname()[1]
        allow(f"localhost:{port}")
        stuck, _ = begin(scope, f"https://localhost:{port}/", from_start=True)
        well, _ = begin(scope, receiver.url, from_start=True)
        happen(scope, 3)
        sealer.catch_up()
        wanted = whole_log(scope)
        working = Forwarder()
        working.keep_going(60)
        eventually(lambda: [each["metadata"]["uid"] for each in records(receiver)] == wanted)
        assert again(scope, stuck).next_index == 0
        eventually(lambda: again(scope, well).next_index == len(wanted))
        working.keep_going(0)
    working._thread.join()


def test_a_paused_stream_keeps_its_place_and_an_ended_one_is_over(scope, receiver, sealer):
    stream, _ = begin(scope, receiver.url)
    happen(scope, 2)
    sealer.catch_up()
    with scoped(scope):
        flows.pause_stream(scope=scope, stream_id=stream.id)
    assert deliver(stream) == 0
    place = again(scope, stream).next_index
    try_now(scope, stream)
    sealer.catch_up()
    assert deliver(stream) > 0
    sent = [each["metadata"]["sequence"] for each in records(receiver)]
    assert sent == list(range(place, place + len(sent)))
    before = bytes(again(scope, stream).sealed)
    with scoped(scope):
        flows.end_stream(scope=scope, stream_id=stream.id)
    happen(scope)
    sealer.catch_up()
    assert deliver(stream) == 0
    assert bytes(again(scope, stream).sealed) != before
    kinds = [told(scope, f"stream.{kind}") for kind in ("created", "paused", "resumed", "ended")]
    assert [len(found) for found in kinds] == [1, 1, 1, 1]
    assert len(told(scope, "egress.ended")) == 1


def test_the_platform_streams_its_own_log(receiver, sealer):
    from factories import PLATFORM_SCOPE

    with scoped(PLATFORM_SCOPE):
        audit.record(PLATFORM_SCOPE, audit_events.DENIED, fields={"permission": "p", "route": "GET /platform-route"})
        stream, _ = flows.create_stream(scope=PLATFORM_SCOPE, name="Ours", url=receiver.url, from_start=True)
    sealer.catch_up()
    try:
        with scoped(PLATFORM_SCOPE):
            assert (PLATFORM, stream.id) in selectors.due(PLATFORM_SCOPE)
        while deliver(stream):
            pass
        assert any(each["message"].endswith("platform-route") for each in records(receiver))
        assert {each["metadata"]["tenant_uid"] for each in records(receiver)} == {str(PLATFORM)}
    finally:
        with scoped(PLATFORM_SCOPE):
            flows.end_stream(scope=PLATFORM_SCOPE, stream_id=stream.id)


def test_keys_and_paths_lie_sealed_and_are_shown_once(scope, receiver, superuser):
    stream, key = begin(scope, receiver.url + "/in?token=s3cret", authorization="Splunk abc")
    (row,) = superuser.execute("select to_json(s)::text from streams_stream s where id = %s", [stream.id]).fetchone()
    for secret in (key, "s3cret", "Splunk abc", key.removeprefix("whsec_")):
        assert secret not in row
        assert secret.encode().hex() not in row
    for event in told(scope, "stream.created"):
        assert b"s3cret" not in event.body
    other = factories.scope_of(factories.make_tenant(), "owner")
    with scoped(other), pytest.raises(NotFound):
        selectors.stream(other, stream.id)


def test_who_may_and_what_may_be_set_up(scope, receiver):
    manager = factories.scope_of(scope.tenant, "manager")
    with pytest.raises(Denied):
        begin(manager, receiver.url)
    for url in ("http://localhost/", "ftp://x/", "localhost:6514", ""):
        with pytest.raises(Invalid):
            begin(scope, url)
    with pytest.raises(Invalid):
        begin(scope, "tls://localhost:6514", authorization="x")
    with pytest.raises(Invalid, match="can't be set up") as caught:
        begin(scope, "https://127.0.0.1:9/")
    assert "inside a network of its own" in str(caught.value.problems[0])


def test_the_page_sets_one_up_shows_its_key_once_and_says_how_it_fares(receiver, sealer):
    tenant = factories.make_tenant()
    owner, scope = Visitor(tenant, "owner"), factories.scope_of(tenant, "owner")
    empty = owner.get("streams/").content.decode()
    assert faults(empty) == []
    assert "No stream yet" in empty
    wrong = owner.post("streams/", {"name": "Inside", "url": "https://127.0.0.1:9/"})
    assert wrong.status_code == 422
    assert "inside a network of its own" in wrong.content.decode()
    made = owner.post("streams/", {"name": "Our SIEM", "url": receiver.url, "from_start": "on"})
    assert made.status_code == 200
    assert "whsec_" in made.content.decode()
    assert faults(made.content.decode()) == []
    assert "whsec_" not in owner.get("streams/").content.decode()
    sealer.catch_up()
    receiver.reply = lambda _: (500, {}, b"")
    with scoped(scope):
        (view,) = selectors.streams(scope)
    deliver(view.row)
    shown = owner.get("streams/").content.decode()
    assert "Failing" in shown
    assert "The receiver answered with 500." in shown
    assert faults(shown) == []
    receiver.reply = lambda _: (200, {}, b"")
    for step in ("resume", "pause", "resume", "end"):
        assert owner.post(f"streams/{view.row.id}/{step}/").status_code == 302
    assert "Ended" in owner.get("streams/").content.decode()


def test_the_command_line_sets_up_the_platforms(receiver):
    from click.testing import CliRunner

    from safehold.foundation.streams.cli import stream

    run = CliRunner().invoke
    made = run(stream, ["add", receiver.url, "--name", "Platform's"])
    assert made.exit_code == 0, made.output
    assert "whsec_" in made.output
    stream_id = made.output.split()[0]
    found = [row for row in json.loads(run(stream, ["list", "--json"]).output) if row["id"] == stream_id]
    assert [row["state"] for row in found] == ["active"]
    assert "is paused" in run(stream, ["pause", stream_id]).output
    assert "goes on" in run(stream, ["resume", stream_id]).output
    assert "has ended" in run(stream, ["end", stream_id]).output


def test_a_stream_never_goes_back(scope, receiver, sealer):
    stream, _ = begin(scope, receiver.url, from_start=True)
    sealer.catch_up()
    deliver(stream)
    with pytest.raises(DatabaseError, match="can't be changed like this"), scoped(scope):
        connection.cursor().execute("update streams_stream set next_index = 0 where id = %s", [stream.id])


def test_the_wait_grows_and_has_an_end():
    waits = [conf.back_off(failures) for failures in range(1, 40)]
    assert waits[:4] == [5, 10, 20, 40]
    assert waits == sorted(waits)
    assert waits[-1] == conf.LONGEST_BACK_OFF


def test_a_message_has_the_form_of_its_rfc():
    at = clock.now()
    made = format_.message(b'{"a":"\xc3\xb8"}', at=at, host="a b\nc", event_type="x.y", severity=4)
    assert made.startswith(b"<107>1 ")
    assert b" abc safehold - x.y - \xef\xbb\xbf{" in made
    framed = format_.frame(made)
    assert int(framed.partition(b" ")[0]) == len(made)
