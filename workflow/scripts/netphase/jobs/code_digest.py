"""Digest of a script's code, independent of the names and places of its modules.

It is a Merkle tree over syntax trees. Comments, layout and docstrings do not count, nor do the
names and places of modules: a name that an import of netphase binds is replaced by the digest of
the module that it comes from. So a file may be moved or renamed, and no result is computed again;
any other edit changes the digest of every script that imports it, directly or not.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "netphase"
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# The modules whose digests are being made, each imported by the one before.
_importers: list[Path] = []


def code_digest(script: Path, environment: Path) -> str:
    """sha256 of an environment file and of the module digest of a script, in hexadecimal.

    Parameters
    ----------
    script : beside the folder of the package netphase
    environment : conda environment file, of which every byte counts

    Raises
    ------
    ValueError
        An import by which no digest can be had (see `module_digest`).
    """
    digest = hashlib.sha256(environment.read_bytes())
    digest.update(module_digest(script, script.parent).encode())
    return digest.hexdigest()


@cache
def module_digest(path: Path, root: Path) -> str:
    """sha256 of a module's syntax and of the digests of what it imports from netphase.

    A file is read once in the life of the process.

    Parameters
    ----------
    root : folder of the package netphase

    Raises
    ------
    ValueError
        Modules that import each other in a circle, a module that does not exist, or an import of
        netphase in another form than `from netphase... import name`.
    """
    if path in _importers:
        names = [module.stem for module in (*_importers, path)]
        raise ValueError(f"{path}: modules import each other: {' -> '.join(names)}")
    tree = ast.parse(path.read_text(), path)
    bound, imported = {}, set()
    _importers.append(path)
    try:
        for statement in _imports(tree, path):
            for alias in statement.names:
                module, attribute = _source(statement.module, alias.name, root, path)
                digest = module_digest(module, root)
                bound[alias.asname or alias.name] = digest + attribute
                imported.add(digest)
    finally:
        _importers.pop()
    text = "".join(_serialised(tree, bound))
    return hashlib.sha256("\n".join([text, *sorted(imported)]).encode()).hexdigest()


def _of_package(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE


def _imports(tree: ast.Module, path: Path) -> Iterator[ast.ImportFrom]:
    """The statements of a module that import from netphase."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            refused = any(alias.name.split(".")[0] == PACKAGE for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            refused = node.level > 0 or (_of_package(node) and node.names[0].name == "*")
        else:
            continue
        if refused:
            raise ValueError(
                f"{path}, line {node.lineno}: import by `from {PACKAGE}... import name`, which is "
                "what the code digest follows"
            )
        if _of_package(node):
            yield node


def _source(module: str, name: str, root: Path, importer: Path) -> tuple[Path, str]:
    """The file that an import reads, and the part it takes from it: "" for all, or .name."""
    folder = root.joinpath(*module.split("."))
    for file, attribute in ((folder / f"{name}.py", ""), (folder.with_suffix(".py"), f".{name}")):
        if file.is_file():
            return file, attribute
    raise ValueError(f"{importer}: there is no {module}.{name}")


def _serialised(node, bound: dict[str, str]) -> Iterator[str]:
    """A syntax tree as text, the same by every version of Python, which that of ast.dump() is not.

    Left out are empty fields and the empty texts that some versions put into format strings.
    """
    if isinstance(node, list):
        yield "["
        for element in node:
            yield from _serialised(element, bound)
        yield "]"
    elif _of_package(node):
        return
    elif isinstance(node, ast.Name) and node.id in bound:
        yield f"<{bound[node.id]}>"
    elif isinstance(node, ast.AST):
        yield f"({type(node).__name__}"
        documented = isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None
        for name, value in ast.iter_fields(node):
            if documented and name == "body":
                value = value[1:]
            if isinstance(node, ast.JoinedStr):
                value = [v for v in value if not (isinstance(v, ast.Constant) and v.value == "")]
            if value is None or value == []:
                continue
            yield f" {name}="
            yield from _serialised(value, bound)
        yield ")"
    else:
        yield repr(node)
