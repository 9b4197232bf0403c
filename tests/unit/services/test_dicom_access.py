"""Allow-lists."""

from __future__ import annotations

from radrecon.services.dicom_access import Access, access


def test_without_lists_everybody_may() -> None:
    assert Access().allows_address("10.1.2.3")
    assert Access().allows("ANY")


def test_addresses_are_held_against_networks() -> None:
    one = access((), ["10.1.0.0/16", "192.168.7.9", "fe80::/10"])
    assert one.allows_address("10.1.2.3")
    assert one.allows_address("::ffff:10.1.2.3")
    assert one.allows_address("192.168.7.9")
    assert one.allows_address("fe80::1%eth0")
    for other in ("10.2.0.1", "192.168.7.10", "::1", "", "x"):
        assert not one.allows_address(other)


def test_ae_titles_are_held_exactly() -> None:
    one = access(["CT1 "], ())
    assert one.allows("CT1")
    assert not one.allows("ct1")
