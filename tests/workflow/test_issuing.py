from __future__ import annotations

from radrecon.config import ModalityConfig
from radrecon.model.study import Study
from radrecon.workflow.issuing import issued, stations
from tests.builders import demographics, series, study
from tests.workflow.hospital import CONFIG, Hospital
from tests.workflow.messages import order, pid

MADE_BY = CONFIG.model_copy(
    update={"modality": [ModalityConfig(ae_title="CT9", image_stations=["SOMATOM9"], patient_id_issuer="SOUTH")]}
)


def test_a_station_is_known_by_each_of_its_names() -> None:
    assert stations(MADE_BY) == {"ct9": "SOUTH", "somatom9": "SOUTH"}


def test_a_number_is_of_that_issuer_only_where_the_index_knows_it_so(hospital: Hospital) -> None:
    hospital.hears(order("B200", pid(issuer="SOUTH")))
    with hospital.store.reading() as conn:
        for number, expected in (("1000001", "SOUTH"), ("2", "")):
            facts = study(patient=demographics(number, issuer=""), series=(series("1.2.3", station_name="CT9"),))
            assert issued(conn, Study(facts), stations(MADE_BY), "").inferred_issuer == expected
