"""A time authority: `openssl ts` with a certificate of its own, answering requests of RFC 3161."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

__all__ = ["TimeAuthority"]

PROGRAM = shutil.which("openssl")

CONFIG = """\
[ tsa ]
default_tsa = here
[ here ]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ req ]
distinguished_name = name
prompt = no
[ name ]
CN = Test time authority
[ root ]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[ stamps ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class TimeAuthority:
    """Stamps what it is asked to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        new = ("req", "-newkey", "rsa:2048", "-nodes")
        as_root = ("-x509", "-days", "2", "-extensions", "root", "-subj", "/CN=Test root")
        self._run(*new, *as_root, "-keyout", "root.key", "-out", "root.pem")
        self._run(*new, "-new", "-keyout", "tsa.key", "-out", "tsa.csr")
        signed = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2", "-extfile", "config")
        self._run("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", *signed, "-extensions", "stamps", config=False)

    @property
    def root(self) -> str:
        """The certificate that its stamps lead to."""
        return (self.folder / "root.pem").read_text()

    def answer(self, request: bytes) -> bytes:
        """A response to one request, both in DER."""
        (self.folder / "request").write_bytes(request)
        self._run("ts", "-reply", "-queryfile", "request", "-out", "response", "-section", "here")
        return (self.folder / "response").read_bytes()

    def holds(self, data: bytes, response: bytes) -> bool:
        """What openssl itself says of a stamp."""
        (self.folder / "data").write_bytes(data)
        (self.folder / "held").write_bytes(response)
        done = self._run(
            "ts", "-verify", "-data", "data", "-in", "held", "-CAfile", "root.pem", config=False, check=False
        )
        return done == 0

    def _run(self, *arguments: str, config: bool = True, check: bool = True) -> int:
        more = ["-config", "config"] if config else []
        done = subprocess.run(
            [str(PROGRAM), *arguments, *more], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr
        return done.returncode
