"""The code digest: kept by moves, renamed modules and documentation, changed by all else."""

from pathlib import Path

import pytest

from netphase.jobs.code_digest import code_digest

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
FLAT = {
    "script.py": '"""Doc."""\n\nfrom netphase import noise\nfrom netphase.fits import fit as best\n'
    "\nbest(noise.draw(1))\n",
    "netphase/noise.py": "from netphase.streams import stream\n\n\ndef draw(n):\n"
    '    """Doc."""\n    return stream(n)\n',
    "netphase/fits.py": "def fit(x):\n    return x\n\n\ndef other(x):\n    return -x\n",
    "netphase/streams.py": "def stream(n):\n    return [n]\n",
    "env.yaml": "pins\n",
}
MOVED = {
    "script.py": "from netphase.laws.curves import fit as best\n"
    "from netphase.images import fields\n"
    "\n# A comment.\nbest(fields.draw(1))\n",
    "netphase/images/__init__.py": '"""Images."""\n',
    "netphase/images/fields.py": "from netphase.base.rng import stream\n\n\ndef draw(n):\n"
    "    return stream(\n        n\n    )\n",
    "netphase/laws/__init__.py": '"""Laws."""\n',
    "netphase/laws/curves.py": FLAT["netphase/fits.py"],
    "netphase/base/__init__.py": '"""Base."""\n',
    "netphase/base/rng.py": FLAT["netphase/streams.py"],
    "env.yaml": "pins\n",
}


@pytest.fixture
def digest(tmp_path):
    """The digest of script.py in a new folder of these files."""

    def make(files):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return code_digest(folder / "script.py", folder / "env.yaml")

    return make


def edited(name, old, new):
    assert old in FLAT[name]
    return FLAT | {name: FLAT[name].replace(old, new)}


def test_modules_that_are_moved_and_renamed_change_nothing(digest):
    assert digest(FLAT) == digest(MOVED)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("netphase/noise.py", "Doc.", "Other words."),
        ("netphase/noise.py", "def draw", "# A remark\ndef draw"),
        ("netphase/fits.py", "fit(x):\n    return", "fit(x):\n\n    return"),
        ("script.py", "fit as best\n\nbest", "fit as better\n\nbetter"),
    ],
)
def test_words_and_layout_change_nothing(digest, name, old, new):
    assert digest(edited(name, old, new)) == digest(FLAT)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("script.py", "draw(1)", "draw(2)"),
        ("script.py", "import fit as", "import other as"),
        ("netphase/streams.py", "[n]", "[n, n]"),
        ("netphase/fits.py", "-x", "x"),
        ("netphase/noise.py", "def draw(n)", "def draw(n=1)"),
        ("netphase/noise.py", "stream(n)", "stream('n')"),
        ("env.yaml", "pins", "other pins"),
    ],
)
def test_every_other_edit_counts(digest, name, old, new):
    assert digest(edited(name, old, new)) != digest(FLAT)


def test_imports_inside_functions_are_followed(digest):
    inside = "def draw(n):\n    from netphase.streams import stream\n\n    return stream(n)\n"
    files = FLAT | {"netphase/noise.py": inside}
    assert digest(files) != digest(files | {"netphase/streams.py": "stream = 1\n"})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("netphase/streams.py", "from netphase import noise\n", "noise -> streams -> noise"),
        ("script.py", "import netphase.noise\n", r"line 1: import by"),
        ("script.py", "from netphase.noise import *\n", r"line 1: import by"),
        ("netphase/noise.py", "from .streams import stream\n", r"noise.py, line 1: import by"),
        ("script.py", "from netphase import nothing\n", r"script.py: there is no netphase.nothing"),
    ],
)
def test_what_has_no_digest_is_refused(digest, name, text, said):
    with pytest.raises(ValueError, match=said):
        digest(FLAT | {name: text})


def test_packages_hold_no_code_that_a_digest_would_miss():
    for path in SCRIPTS.rglob("__init__.py"):
        assert len(path.read_text().splitlines()) == 1 and path.read_text().startswith('"""'), path


def test_every_python_makes_the_same_digest(digest):
    text = "def f(a, /, *b, c: int = 1, **d):\n    return f'{a!r:>{c}}' + str(sum(b))\n"
    text += "match f(1):\n    case [*_]:\n        pass\n"
    made = digest({"script.py": text, "env.yaml": "pins\n"})
    assert made == "8dc894c90112779d2eb579d68d7544367d0f51e6edda902f8de8d76b51bc490b"
