"""The reference of the configuration, config/README.md, from the schemas (`make docs`).

A row says key, type, unit and range, default and meaning of what a user can set. Everything that
has a name of the user's (a data set, a study, a model) has a section, and what holds under a
condition only a table of its own.
"""

import textwrap
from collections.abc import Iterator
from pathlib import Path

import yaml

HEAD = "| key | type | unit, range | default | meaning and source |\n|---|---|---|---|---|"
TYPES = {
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "string": "text",
    "object": "mapping",
    "null": "null",
}


def reference(folder: Path) -> str:
    """Markdown of all keys of the schemas in a folder, of which config.schema.yaml is the root."""
    defs, roots = {}, {}
    for path in sorted(folder.glob("*.schema.yaml")):
        # A reference within a file names no file.
        roots[path.name] = yaml.safe_load(path.read_text())
        defs[path.name] = roots[path.name].get("$defs", {})
    schemas = {
        f"{file}#/$defs/{name}": _qualified(schema, file)
        for file, parts in defs.items()
        for name, schema in parts.items()
    }
    root = _qualified(roots["config.schema.yaml"], "config.schema.yaml")
    note = "<!-- Made by `make docs` from workflow/schemas/; do not edit. -->"
    parts = [note, "# Configuration", root["description"].strip(), "## Top level"]
    parts += [_table(root, schemas), *_sections(root, schemas, "")]
    return "\n\n".join(parts) + "\n"


def _qualified(part, file: str):
    """The schema with all references naming their file."""
    if isinstance(part, dict):
        return {
            key: f"{file}{value}"
            if key == "$ref" and value.startswith("#")
            else _qualified(value, file)
            for key, value in part.items()
        }
    return [_qualified(value, file) for value in part] if isinstance(part, list) else part


def _resolved(schema: dict, schemas: dict) -> dict:
    """The schema that a reference names; what stands beside the reference takes precedence."""
    if "$ref" not in schema:
        return schema
    return _resolved(schemas[schema["$ref"]], schemas) | {
        key: value for key, value in schema.items() if key != "$ref"
    }


def _entry(schema: dict, schemas: dict) -> dict | None:
    """Schema of the entries of a mapping whose keys are the user's, where they have keys."""
    entry = schema.get("additionalProperties")
    if not isinstance(entry, dict):
        return None
    entry = _resolved(entry, schemas)
    return entry if "properties" in entry else None


def _sections(schema: dict, schemas: dict, prefix: str) -> Iterator[str]:
    """Heading, description and tables of every mapping with entries, in the schema's order."""
    for name, value in schema.get("properties", {}).items():
        value = _resolved(value, schemas)
        entry = _entry(value, schemas)
        if entry is None:
            yield from _sections(value, schemas, f"{prefix}{name}.")
            continue
        path = f"{prefix}{name}.NAME"
        yield f"## `{path}`"
        yield textwrap.fill(_sentence(entry["description"]), 100)
        yield _table(entry, schemas)
        for condition, branch in _branches(entry, schemas):
            yield f"### Where {condition}"
            if "description" in branch:
                yield textwrap.fill(branch["description"], 100)
            yield _table(branch, schemas)
        yield from _sections(entry, schemas, f"{path}.")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _branches(schema: dict, schemas: dict, above: str = "") -> Iterator[tuple[str, dict]]:
    """(condition in words, schema) of all that holds under a condition only."""
    for part in (schema, *schema.get("allOf", [])):
        for key, word in (("then", "is"), ("else", "is not")):
            if key in part:
                branch = _resolved(part[key], schemas)
                condition = above + _condition(part["if"], word)
                if branch.get("properties"):
                    yield condition, branch
                yield from _branches(branch, schemas, f"{condition}, and ")


def _condition(schema: dict, word: str) -> str:
    """What an `if` asks of the keys beside it."""
    if "properties" not in schema:
        return f"`{schema['required'][0]}` {word} given"
    tests = []
    for key, value in schema["properties"].items():
        if "pattern" in value:
            choices = [value["pattern"].removeprefix("^") + "…"]
        else:
            choices = value.get("enum", [value.get("const")])
        tests.append(f"`{key}` {word} " + " or ".join(f"`{choice}`" for choice in choices))
    return " and ".join(tests)


def _table(schema: dict, schemas: dict) -> str:
    """Rows of the keys of a schema and of the mappings within it."""
    return "\n".join([HEAD, *_rows(schema, schemas, "")])


def _rows(schema: dict, schemas: dict, prefix: str) -> Iterator[str]:
    for name, value in schema.get("properties", {}).items():
        value = _resolved(value, schemas)
        default = _yaml(value["default"]) if "default" in value else "–"
        cells = (
            f"`{prefix}{name}`",
            _type(value),
            ", ".join(_limits(value)),
            "required" if name in schema.get("required", []) else default,
            " ".join(value["description"].split()),
        )
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
        if _entry(value, schemas) is None:
            yield from _rows(value, schemas, f"{prefix}{name}.")


def _yaml(value) -> str:
    """A value as one writes it into config.yaml."""
    text = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def _type(schema: dict) -> str:
    """What the value is: choice, number, list of names, ..."""
    if "enum" in schema:
        return "choice"
    if schema["type"] == "array":
        kind = schema.get("format") or _type(schema["items"])
        return f"list of {kind if kind.endswith('s') else kind + 's'}"
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return schema.get("format") or " or ".join(TYPES[kind] for kind in kinds)


def _limits(schema: dict) -> Iterator[str]:
    """Unit, choices, range and least number of entries."""
    if "unit" in schema:
        yield schema["unit"]
    values = schema.get("items", schema)
    yield from (f"`{_yaml(value).strip('`')}`" for value in values.get("enum", []))
    if "propertyNames" in schema and isinstance(schema.get("additionalProperties"), dict):
        names, entries = (_range(schema[k]) for k in ("propertyNames", "additionalProperties"))
        if entries:
            yield f"{names} -> {entries}"
    else:
        yield from filter(None, [_range(values)])
    least, most = schema.get("minItems", schema.get("minProperties")), schema.get("maxItems")
    if least is not None and least == most:
        yield f"{least} of them"
    elif least is not None:
        yield f"at least {least}"
        yield from () if most is None else [f"at most {most}"]


def _range(schema: dict) -> str:
    """The interval of a number, and what it is a multiple of."""
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    above, below = ("<" if f"exclusive{end}" in schema else "≤" for end in ("Minimum", "Maximum"))
    if high is not None:
        closed = (above, below) == ("≤", "≤")
        text = f"{low} to {high}" if closed else f"{low} {above} x {below} {high}"
    elif low is not None:
        text = f"{'>' if above == '<' else '≥'} {low}"
    else:
        text = ""
    return text + (f", multiple of {schema['multipleOf']}" if "multipleOf" in schema else "")
