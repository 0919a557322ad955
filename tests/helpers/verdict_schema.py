"""The schema that every verdicts.json obeys."""

from pathlib import Path

import jsonschema
import yaml

SCHEMA = Path(__file__).parents[2] / "workflow/schemas/verdicts.schema.yaml"


def check(verdicts):
    """Raise unless these are the contents of a verdicts.json."""
    schema = yaml.safe_load(SCHEMA.read_text())
    jsonschema.validate(verdicts, schema, jsonschema.Draft202012Validator)
