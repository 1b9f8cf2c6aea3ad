"""Which addresses are the public network's."""

from __future__ import annotations

import pytest

from safehold.kernel.netaddress import is_public

INSIDE = (
    *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3"),
    *("192.0.2.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
    # IPv4 addresses of these in other clothes.
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::1"),
    *("64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2001:0:7f00:1::"),
    # No addresses at all.
    *("", "localhost", "0x7f.1", "2130706433", "127.1", "8.8.8.8.8"),
)
OUTSIDE = (
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "64:ff9b::808:808",
)


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_passes(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_public_network_does(address):
    assert is_public(address)
