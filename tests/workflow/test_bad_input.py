"""Bad input ends with one line that names the key or the file, and leaves nothing half-written."""

import re
import struct
import subprocess

import numpy as np
import pytest

# Behind a proxy that nobody serves there is no network.
NO_NETWORK = ("env", "https_proxy=http://127.0.0.1:9", "http_proxy=http://127.0.0.1:9")
NO_NETWORK += ("no_proxy=", "NO_PROXY=")


def refusals(run):
    """What was refused; Snakemake repeats a line of a job when it shows the job's log."""
    lines = (line for line in run.stdout.splitlines() if line.startswith("netphase: "))
    return list(dict.fromkeys(lines))


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("realisation", 3, r"studies\.noise\.tiny: .*'realisation'"),
        ("models.mlp.hidden", [2, -4], r"studies\.noise\.tiny\.models\.mlp\.hidden\.1: -4"),
        ("steps", [0, 3001], r"studies\.noise\.tiny\.steps: step 3001"),
        ("datasets", ["imagenet"], r"studies\.noise\.tiny\.datasets: .*'imagenet'"),
    ],
)
def test_unsound_config_is_refused_in_one_line(workflow, path, value, named):
    config = workflow.config
    *parents, key = path.split(".")
    place = config["studies"]["noise"]["tiny"]
    for parent in parents:
        place = place[parent]
    place[key] = value
    workflow.config = config
    run = workflow.snakemake(succeeds=False)
    (line,) = refusals(run)
    assert [said for said in run.stdout.splitlines() if not said.startswith("Using ")] == [line]
    assert re.match(rf"netphase: config key {named}", line)
    assert workflow.computed_files() == set()


def idx(values):
    code, letter = {"u1": (0x08, "B"), "f4": (0x0D, "f")}[values.dtype.str[1:]]
    return struct.pack(
        f">HBB{values.ndim}I{values.size}{letter}",
        *(0, code, values.ndim, *values.shape, *values.ravel().tolist()),
    )


def spoil(case, images, labels):
    """Content of the files of training images and labels, with one fault."""
    match case:
        case "truncated":
            return idx(images)[:-1], idx(labels)
        case "lengths":
            return idx(images), idx(labels[1:])
        case "nan":
            images = images.astype("f4")
            images[5, 0, 0] = np.nan
        case "one_class":
            labels = np.zeros_like(labels)
        case "flat":
            images = np.full_like(images, 7)
    return idx(images), idx(labels)


# Data set -> what its refusal says after "datasets."; no refusal: a sound one among them.
FAULTS = {
    "sound": None,
    "missing": r"missing\.train\.images: missing/none\.idx is missing; put it at .*mirror/missing",
    "checksum": r"checksum\.sha256: checksum/images\.idx has sha256 [0-9a-f]{64}, not 0{64}",
    "truncated": r"truncated\.train\.images: truncated/images\.idx is truncated",
    "lengths": r"lengths\.train .*images\.idx.*: 30 images but 29 labels",
    "nan": r"nan\.train .*images\.idx.*: NaN .* image 5 ",
    "one_class": r"one_class\.train .*labels\.idx.*: a single class",
    "flat": r"flat\.train .*images\.idx.*: zero variance",
    "published": r"published: mirror/published/t.*ubyte\.gz has sha256 [0-9a-f]{64}, but ",
    "no_network": r"no_network: t.*ubyte\.gz is not in mirror, .* cannot be .* \(ProxyError\)",
}


@pytest.fixture(scope="module")
def datasets_run(new_workflow):
    """One attempt to fetch a sound data set and all the unsound ones."""
    workflow = new_workflow("datasets")
    config = workflow.config | {"mirror": ["mirror"]}
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (30, 4, 4), "u1"), np.arange(30, dtype="u1") % 3
    test = {"images": "sound/images.idx", "labels": "sound/labels.idx"}
    for case in FAULTS:
        (workflow / "mirror" / case).mkdir(parents=True)
        parts = zip(("images", "labels"), spoil(case, images, labels), strict=True)
        for part, content in parts:
            (workflow / "mirror" / case / f"{part}.idx").write_bytes(content)
        train = {part: f"{case}/{part}.idx" for part in ("images", "labels")}
        config["datasets"][case] = {"source": "idx", "train": train, "test": test}
    config["datasets"]["missing"]["train"]["images"] = "missing/none.idx"
    config["datasets"]["checksum"]["sha256"] = {"checksum/images.idx": "0" * 64}
    for case in ("published", "no_network"):
        config["datasets"][case] = {"source": "tfds", "builder": "mnist"}
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (workflow / "mirror" / "published" / f"{name}-ubyte.gz").write_bytes(b"something else")
    workflow.config = config
    targets = [f"resources/datasets/{case}.nc" for case in FAULTS]
    options = ("--cores", "2", "--keep-going", "--")
    return workflow, workflow.snakemake(*options, *targets, succeeds=False, within=NO_NETWORK)


@pytest.mark.parametrize("case", [case for case, fault in FAULTS.items() if fault])
def test_unsound_data_set_is_refused_in_one_line(datasets_run, case):
    _, run = datasets_run
    (line,) = (line for line in refusals(run) if re.match(rf"netphase: datasets\.{case}\b", line))
    assert re.match(rf"netphase: datasets\.{FAULTS[case]}", line)


def test_only_the_sound_data_set_is_stored(datasets_run):
    workflow, run = datasets_run
    assert len(refusals(run)) == len(FAULTS) - 1
    assert workflow.computed_files() == {"resources/datasets/sound.nc"}


@pytest.fixture(scope="module")
def mounted():
    """Make a command that has a mount of its own, and lists what netphase left there."""
    script = '{} || exit 3; "$@"; code=$?; find {} -type f -printf "left: %p\\n"; exit $code'

    def within(folder, mount):
        return (*namespace, "bash", "-c", script.format(mount, folder), "bash")

    for user in (("--user", "--map-root-user"), ()):
        namespace = ("unshare", *user, "--mount")
        attempt = within("/mnt", "mount -t tmpfs none /mnt")
        if subprocess.run([*attempt, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            return within
    pytest.skip("mounting is not permitted here")


@pytest.mark.parametrize(
    ("folder", "size", "target"),
    [
        ("resources", "64k", "resources/datasets/digits.nc"),
        ("results", "64k", "results/tiny/cubes/digits/mlp/step0/seed2.nc"),
        ("results/tiny/runs", "8k", "results/tiny/runs/digits/mlp/step0/seed2.nc"),
        ("results/tiny/figures", "4k", "results/tiny/figures/digits_example.svg"),
    ],
)
def test_full_disk(finished, mounted, folder, size, target):
    within = mounted(folder, f"mount -t tmpfs -o size={size} none {folder}")
    run = finished.snakemake("--", target, succeeds=False, within=within)
    (line,) = refusals(run)
    assert folder in line and ("are free there" in line or "No space left" in line)
    assert "left: " not in run.stdout


def test_read_only_results(workflow, mounted):
    (workflow / "results").mkdir()
    within = mounted("results", "mount --bind -o ro results results")
    run = workflow.snakemake(succeeds=False, within=within)
    (line,) = refusals(run)
    assert line.startswith("netphase: results is read-only") and "Traceback" not in run.stdout
    assert workflow.computed_files() == set()
