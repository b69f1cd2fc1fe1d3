# SPDX-License-Identifier: Apache-2.0
"""CycloneDX's own schema over a bill of materials."""
import json
import os
import pathlib

DATA = pathlib.Path(os.environ.get("VEDETTE_DATA") or pathlib.Path(__file__).resolve().parents[3] / "shared/data")
SCHEMA = DATA / "schemas/cyclonedx-1.6.schema.json"
PARTS = (("spdx.schema.json", "spdx-licenses.schema.json"), ("jsf-0.82.schema.json", "jsf-0.82.schema.json"))


def validator(test):
    """Of jsonschema; the test is skipped where that or the schemas are missing."""
    try:
        import jsonschema
        import referencing
    except ImportError:
        test.skipTest("python3-jsonschema is not installed")
    if not SCHEMA.is_file():
        test.skipTest("the schemas of VEDETTE_DATA are not there")
    resources = [(f"http://cyclonedx.org/schema/{name}",
                  referencing.Resource.from_contents(json.loads((DATA / "schemas" / file).read_text())))
                 for name, file in PARTS]
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()),
                                      registry=referencing.Registry().with_resources(resources))
