"""Who may associate: allow-lists of addresses and AE titles. Empty lists allow everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Access:
    """`echo_for_all`: an AE title that is not on the list is still answered a C-ECHO, and nothing else."""

    ae_titles: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    echo_for_all: bool = False

    def allows_address(self, address: str) -> bool:
        if not self.networks:
            return True
        try:
            found = ip_address(address.split("%")[0])
        except ValueError:
            return False
        mapped = getattr(found, "ipv4_mapped", None)
        return any((mapped or found) in network for network in self.networks)

    def allows(self, ae_title: str) -> bool:
        return not self.ae_titles or ae_title in self.ae_titles


def access(ae_titles: Sequence[str], addresses: Sequence[str], echo_for_all: bool = False) -> Access:
    """From what the configuration says; it has checked the addresses (CIDR, a bare one is itself)."""
    networks = tuple(ip_network(address, strict=False) for address in addresses)
    return Access(frozenset(title.strip() for title in ae_titles), networks, echo_for_all)
