"""Which network addresses belong to the public network, whatever they are dressed up as."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

__all__ = ["is_public"]

_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""Addresses that a translator turns into the IPv4 address in their last four bytes (RFC 6052, RFC 8215)."""


def is_public(text: str) -> bool:
    """Whether an address, as a name service gives it, is one of the public network's.

    Loopback, private, link-local, shared, multicast, reserved and documentation ranges aren't, nor are IPv6 addresses
    that carry an IPv4 address of one of these: mapped, compatible, 6to4, Teredo or translated. What is no address isn't
    either.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    carried = [address, *(_carried(address) if isinstance(address, IPv6Address) else ())]
    return all(one.is_global and not one.is_multicast for one in carried)


def _carried(address: IPv6Address) -> list[IPv4Address]:
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _TRANSLATED) or int(address) >> 32 == 0:
        found.append(IPv4Address(int(address) & 0xFFFF_FFFF))
    return [one for one in found if one is not None]
