from __future__ import annotations

from radrecon.recon.nicknames import one_name


def test_forms_of_one_name() -> None:
    assert one_name("robert", "bob")
    assert one_name("PEGGY", "Margaret")
    assert one_name("alex", "alexandra")
    assert not one_name("alexander", "alexandra")
    assert not one_name("anna", "berta")
    assert not one_name("", "")
