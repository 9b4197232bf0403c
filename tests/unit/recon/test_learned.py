from __future__ import annotations

from radrecon.recon.learned import UNTAUGHT


def test_an_untaught_site_uses_the_tables() -> None:
    assert UNTAUGHT.calibration.probability(0.9) == 0.9
    assert UNTAUGHT.names.family
