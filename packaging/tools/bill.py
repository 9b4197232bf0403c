"""The bill of materials (CycloneDX 1.6) of what is in the package."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from licences import Component


def bill(version: str, frozen: Path, parts: list[Component], moment: datetime) -> dict[str, Any]:
    """A CycloneDX document; the same build gives the same serial number."""
    entries = [_entry(frozen, one) for one in parts]
    refs = [entry["bom-ref"] for entry in entries]
    own = f"radrecon@{version}"
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, entries], sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": moment.astimezone(UTC).isoformat(),
            "component": {"type": "application", "bom-ref": own, "name": "radrecon", "version": version},
        },
        "components": entries,
        "dependencies": [{"ref": own, "dependsOn": refs}, *({"ref": ref} for ref in refs)],
    }


def _entry(frozen: Path, one: Component) -> dict[str, Any]:
    purl = f"pkg:{one.kind}/{one.name}" + (f"@{one.version}" if one.version else "")
    entry: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": one.name, "purl": purl}
    if one.version:
        entry["version"] = one.version
    if one.licence:
        entry["licenses"] = [{"license": {"name": one.licence}}]
    if one.files or one.inside:
        entry["components"] = [_file(frozen, path) for path in one.files] + [_part(purl, each) for each in one.inside]
    return entry


def _part(whole: str, each: dict[str, Any]) -> dict[str, Any]:
    """Of a wheel's own bill: who and which, under a reference that is unique in ours."""
    kept = {key: each[key] for key in ("type", "name", "version", "purl", "licenses", "hashes") if each.get(key)}
    return {"bom-ref": f"{whole}#{each['name']}@{each.get('version', '')}", **kept}


def _file(frozen: Path, path: Path) -> dict[str, Any]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = str(path.relative_to(frozen))
    return {"type": "file", "bom-ref": name, "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def check_bill(text: str) -> None:
    """Against CycloneDX' own schema. Raises SystemExit with what is wrong."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"the bill of materials is not valid: {wrong}")
