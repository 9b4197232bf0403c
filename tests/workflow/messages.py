"""HL7 as a HIS and a RIS send it, field by field; only what a test says differs from a plain CT of one woman."""

from __future__ import annotations

from itertools import count

ANNA = "FISCHER^ANNA"
_numbers = count(1)


def msh(
    kind: str,
    *,
    control: str = "",
    sender: str = "RIS",
    facility: str = "HOSP",
    version: str = "2.5.1",
    written: str = "20261122140000",
) -> str:
    control = control or f"M{next(_numbers)}"
    return f"MSH|^~\\&|{sender}|{facility}|RADRECON||{written}||{kind}|{control}|P|{version}"


def pid(mrn: str = "1000001", name: str = ANNA, born: str = "19600517", sex: str = "F", issuer: str = "HOSP") -> str:
    return f"PID|1||{mrn}^^^{issuer}||{name}||{born}|{sex}"


def message(*segments: str) -> bytes:
    return ("\r".join(segments) + "\r").encode("utf-8")


def adt(
    event: str, mrn: str = "1000001", name: str = ANNA, born: str = "19600517", sex: str = "F", **more: str
) -> bytes:
    """ADT^`event`; `sender`, `control` and `issuer` by name."""
    issuer = more.pop("issuer", "HOSP")
    head = msh(f"ADT^{event}", **({"sender": "HIS"} | more))  # type: ignore[arg-type]
    return message(head, f"EVN|{event}|20261122140000", pid(mrn, name, born, sex, issuer), "PV1|1|O|CT")


def merge(survivor: str, loser: str, name: str = ANNA, **more: str) -> bytes:
    """ADT^A40 of two numbers of the hospital's own authority."""
    born, sex = more.pop("born", "19600517"), more.pop("sex", "F")
    head = msh("ADT^A40", **({"sender": "HIS"} | more))  # type: ignore[arg-type]
    return message(head, "EVN|A40|20261122140000", pid(survivor, name, born, sex), f"MRG|{loser}^^^HOSP||||||{name}")


def obr(
    accession: str = "A100", *, number: int = 1, sps: str = "", placer: str = "", filler: str = "", **more: str
) -> str:
    placer, filler = placer or f"P-{accession}", filler or f"F-{accession}"
    fields = [""] * 45
    fields[1], fields[2], fields[3] = str(number), placer, filler
    text = more.get("text", "")
    fields[4] = f"CT1^{text}" if text else "CTCHEST^CT chest with contrast^L^CTCHEST^CT chest^L"
    fields[13] = more.get("alerts", "")
    fields[18], fields[19], fields[20] = accession, f"RP-{accession}", sps or f"S-{accession}-{number}"
    fields[24] = more.get("modality", "CT")
    fields[27] = f"^^^{more.get('start', '20261122143000')}^^R"
    return "|".join(["OBR", *fields[1:]]).rstrip("|")


def orc(accession: str = "A100", control: str = "NW", status: str = "", placer: str = "", filler: str = "") -> str:
    return f"ORC|{control}|{placer or f'P-{accession}'}|{filler or f'F-{accession}'}||{status}"


def order(accession: str = "A100", patient: str = "", *, control: str = "NW", status: str = "", **more: str) -> bytes:
    """ORM^O01 with one OBR. `patient` is a PID; `uid` a ZDS; `steps` how many OBR."""
    numbers = {name: more.pop(name) for name in ("placer", "filler") if name in more}
    uid, steps = more.pop("uid", ""), int(more.pop("steps", "1"))
    head = {name: more.pop(name) for name in ("sender", "control_id", "facility", "written") if name in more}
    if "control_id" in head:
        head["control"] = head.pop("control_id")
    visit = more.pop("visit", "PV1|1|O|CT")
    requests = [obr(accession, number=at + 1, **numbers, **more) for at in range(steps)]  # type: ignore[arg-type]
    zds = [f"ZDS|{uid}^RIS^Application^DICOM"] if uid else []
    opening = msh("ORM^O01", **head)  # type: ignore[arg-type]
    return message(opening, patient or pid(), visit, orc(accession, control, status, **numbers), *requests, *zds)


def cancel(accession: str = "A100", *, control: str = "CA", status: str = "CA", patient: str = "") -> bytes:
    """An order's end as many senders write it: no timing, no OBR."""
    return message(msh("ORM^O01"), patient or "PID|1||1000001^^^HOSP", orc(accession, control, status))


def imaging_order(
    accession: str = "A100", uid: str = "1.2.3", patient: str = "", start: str = "20261122143000"
) -> bytes:
    """OMI^O23 with its IPC: at station CT1."""
    return message(
        msh("OMI^O23^OMI_O23"),
        patient or pid(),
        "PV1|1|O|CT",
        orc(accession),
        f"TQ1|1||||||{start}||R",
        f"OBR|1|P-{accession}|F-{accession}|CTCHEST^CT chest^L",
        f"IPC|{accession}^RIS|RP-{accession}|{uid}|S-{accession}|CT|CTCHEST^CT chest^L|CT one||CT1",
    )


def report(accession: str = "A100", status: str = "F", patient: str = "", text: str = "No finding.") -> bytes:
    """ORU^R01."""
    request = f"OBR|1|P-{accession}|F-{accession}|CTCHEST^CT chest^L" + "|" * 14 + accession + "|" * 7 + status
    return message(msh("ORU^R01"), patient or pid(), request, f"OBX|1|TX|REPORT||{text}||||||{status}")
