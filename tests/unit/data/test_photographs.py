"""Photographs are cut out at their middle, and each gets the label that its line gives it."""

import io
import json

import numpy as np
import pytest
from image_sets import check_cf, refusal
from mirror import mirror_with
from PIL import Image

from netphase.data import datasets
from netphase.data.formats import decode_photograph
from netphase.errors import InputError
from netphase.streams import stream

MIRROR = mirror_with("nips17")
SIZE = 8
SPEC = {
    "source": "photographs",
    "folder": "photos",
    "labels": "labels.tsv",
    "size": SIZE,
    "crop": 1,
}
WNIDS = {
    "n01440764": 0, "n02102040": 217, "n02979186": 482, "n03000684": 491, "n03028079": 497,
    "n03394916": 566, "n03417042": 569, "n03425413": 571, "n03445777": 574, "n03888257": 701,
}  # fmt: skip


def encoded(image, kind="PNG"):
    raw = io.BytesIO()
    image.save(raw, kind)
    return raw.getvalue()


def pixels(*shape):
    return stream("photograph of this test").integers(0, 256, shape, dtype=np.uint8)


def decode(array, size, crop):
    return decode_photograph(encoded(Image.fromarray(array)), size, crop, "photo")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_photograph_of_the_size_is_kept(kind):
    array = pixels(12, 12, 3)
    raw = encoded(Image.fromarray(array), kind)
    assert np.array_equal(decode_photograph(raw, 12, 1, "photo"), array)


@pytest.mark.parametrize(
    ("shape", "crop", "place"),
    [
        ((8, 13), 1, (slice(0, 8), slice(2, 10))),
        ((16, 16), 0.5, (slice(4, 12), slice(4, 12))),
        ((21, 16), 0.5, (slice(6, 14), slice(4, 12))),
        ((10, 300), 0.8, (slice(1, 9), slice(146, 154))),
    ],
)
def test_middle_is_cut_out(shape, crop, place):
    array = pixels(*shape, 3)
    assert np.array_equal(decode(array, SIZE, crop), array[place])


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("size", "crop"), [(30, 0.5), (60, 1), (52, 0.8125), (90, 0.75)])
def test_gradient_is_scaled_with_its_photograph(size, crop, axis):
    """Pixel i of the square shows what lies at (first + i + 1/2) / factor in the photograph."""
    shape = (120, 160) if axis else (160, 120)
    places = np.arange(160, dtype=np.uint8)
    array = np.broadcast_to(places if axis else places[:, None], shape)
    found = decode(np.ascontiguousarray(array), size, crop)
    factor = size / crop / 120
    first = (round(160 * factor) - size) // 2
    expected = (first + np.arange(size) + 0.5) / factor - 0.5
    inside = slice(3, -3)
    shown = found[inside, inside].astype(float)
    along = expected[inside] if axis else expected[inside, None]
    assert np.abs(shown - along[..., None]).max() < 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (50, 3), (7, 8), (500, 333)])
@pytest.mark.parametrize("crop", [0.3, 0.875, 1])
def test_any_photograph_gives_a_square(shape, crop):
    found = decode(np.full((*shape, 3), (10, 20, 30), np.uint8), 9, crop)
    assert found.shape == (9, 9, 3) and found.dtype == np.uint8
    assert (found == (10, 20, 30)).all()


def test_other_modes_become_rgb():
    array = pixels(SIZE, SIZE, 4)
    grey, rgba = Image.fromarray(array[..., 0]), Image.fromarray(array)
    for image, expected in (
        (grey, array[..., :1]),
        (rgba, array[..., :3]),
        (grey.convert("LA"), array[..., :1]),
        (rgba.convert("RGB").quantize(256), array[..., :3]),
    ):
        found = decode_photograph(encoded(image), SIZE, 1, "photo")
        assert np.array_equal(found, np.broadcast_to(expected, (SIZE, SIZE, 3)))
    for inks, colour in (((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 0), (255, 255, 255))):
        for kind in ("JPEG", "TIFF"):
            raw = encoded(Image.new("CMYK", (SIZE, SIZE), inks), kind)
            found = decode_photograph(raw, SIZE, 1, "photo").astype(int)
            assert np.abs(found - colour).max() <= 2


@pytest.mark.parametrize(("mode", "kind"), [("I;16", "PNG"), ("I", "TIFF"), ("F", "TIFF")])
def test_photographs_of_more_than_8_bits_are_refused(mode, kind):
    raw = encoded(Image.new(mode, (SIZE, SIZE), 1000), kind)
    with pytest.raises(InputError, match="^photo .*mode"):
        decode_photograph(raw, SIZE, 1, "photo")


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-30], lambda raw: b"", lambda raw: b"no image"])
def test_damaged_photograph_is_refused(spoil):
    raw = spoil(encoded(Image.fromarray(pixels(SIZE, SIZE, 3))))
    with pytest.raises(InputError, match="^photo does not decode as an image; replace it$"):
        decode_photograph(raw, SIZE, 1, "photo")


@pytest.fixture
def folder(tmp_path):
    """Photographs, the first grey value of which tells them apart, in sub-folders."""
    for value, place in {1: "a/1.png", 2: "b/2.png", 3: "3.png", 4: "b/c/unlisted.png"}.items():
        path = tmp_path / "photos" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (SIZE, SIZE), (value, 0, 0)).save(path)
    return tmp_path


def read(folder, table):
    (folder / "labels.tsv").write_bytes(table.encode())
    return datasets.read("mine", SPEC, [folder / "elsewhere", folder], folder / "downloads")


def refused(folder, table):
    (folder / "labels.tsv").write_bytes(table.encode())
    return refusal(SPEC, folder)


def shown(data):
    """Labels by the grey values of the photographs."""
    return dict(
        zip(data.image[:, 0, 0, 0].values.tolist(), data.label.values.tolist(), strict=True)
    )


def test_table_gives_labels_and_names(folder):
    table = (
        "license\tfile\tclass\tlabel\n"
        "x\tb/2.png\tsea lion\t900\n"
        "y\t1.png\tvase\t0\n"
        "z\tphotos/3.png\tsea lion\t900\n"
    )
    data = read(folder, table)
    check_cf(data)
    assert dict(data.sizes) == {"sample": 3, "y": SIZE, "x": SIZE, "channel": 3}
    assert shown(data) == {2: 900, 1: 0, 3: 900}
    assert data.label.attrs["flag_values"].tolist() == [0, 900]
    assert data.label.attrs["flag_meanings"] == "vase sea_lion"
    assert (data.split == 1).all()
    assert read(folder, table.replace("\n", "\r\n")).drop_attrs().identical(data.drop_attrs())


def test_labels_serve_where_the_table_names_no_classes(folder):
    data = read(folder, "file\tlabel\n1.png\t5\n2.png\t12\n")
    assert data.label.attrs["flag_meanings"] == "5 12"


def test_digests_follow_table_and_photographs(folder):
    table = "file\tlabel\n1.png\t5\n2.png\t12\n"
    first = json.loads(read(folder, table).raw_sha256)
    assert first.keys() == {"labels.tsv", "photos"}
    Image.new("RGB", (SIZE, SIZE), (9, 0, 0)).save(folder / "photos" / "b" / "2.png")
    second = json.loads(read(folder, table).raw_sha256)
    assert [key for key in first if first[key] != second[key]] == ["photos"]
    third = json.loads(read(folder, table.replace("12", "13")).raw_sha256)
    assert [key for key in first if second[key] != third[key]] == ["labels.tsv"]


HEAD = "file\tlabel\tclass\n1.png\t5\tdog\n"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "labels.tsv has no rows below a line that names the columns file and label"),
        ("file\tlabel\n", "labels.tsv has no rows"),
        ("1.png\t5\n2.png\t6\n", "labels.tsv has no rows below a line that names the columns"),
        ("file,label\n1.png,5\n", "labels.tsv has no rows below a line that names the columns"),
        (HEAD + "absent.png\t6\tcat\n", "labels.tsv, line 3: absent.png is missing below "),
        (HEAD + "\t6\tcat\n", "labels.tsv, line 3: "),
        (HEAD + "2.png\tcat\tcat\n", "labels.tsv, line 3: the label cat is no class number"),
        (HEAD + "2.png\t-1\tcat\n", "labels.tsv, line 3: the label -1 is no class number"),
        (HEAD + "2.png\t1.5\tcat\n", "labels.tsv, line 3: the label 1.5 is no class number"),
        (HEAD + "2.png\n", "labels.tsv, line 3: the label None is no class number"),
        (HEAD + "2.png\t5\tcat\n", "labels.tsv, line 3: class 5 was dog"),
    ],
)
def test_unsound_table_is_refused_by_line(folder, table, words):
    assert refused(folder, table).startswith(f"datasets.mine.labels: {words}")


def test_other_unsound_data_are_refused_by_name(folder):
    (folder / "labels.tsv").write_bytes(b"file\tlabel\n\xff.png\t5\n")
    assert refusal(SPEC, folder) == "datasets.mine.labels: labels.tsv is not UTF-8 text"
    bad = folder / "photos" / "a" / "1.png"
    bad.write_bytes(bad.read_bytes()[:-30])
    assert refused(folder, HEAD).startswith(f"datasets.mine: {bad} does not decode")
    assert refused(folder, "file\tlabel\n2.png\t40000\n").startswith("datasets.mine (photos): lab")
    names = "file\tlabel\tclass\n2.png\t5\tcrane\n3.png\t6\tcrane\n"
    assert refused(folder, names).startswith("datasets.mine: class names repeat")
    for key in ("folder", "labels"):
        message = refusal(SPEC | {key: "absent"}, folder)
        assert message.startswith(f"datasets.mine.{key}: absent is missing; put it at one of ")


def test_quotation_marks_are_letters(folder):
    table = 'file\tlabel\tclass\n1.png\t5\t"dog\n2.png\t6\tthe "cat"\n3.png\t5\t"dog\n'
    assert shown(read(folder, table)) == {1: 5, 2: 6, 3: 5}


def test_photographs_of_the_same_name_are_told_apart(folder):
    Image.new("RGB", (SIZE, SIZE), (7, 0, 0)).save(folder / "photos" / "b" / "1.png")
    data = read(folder, "file\tlabel\na/1.png\t5\nb/1.png\t6\n")
    assert shown(data) == {1: 5, 7: 6}
    message = refused(folder, "file\tlabel\n1.png\t5\n")
    assert message.startswith("datasets.mine.labels: labels.tsv, line 2: 1.png")


def test_line_without_a_file_is_refused(folder):
    message = refused(folder, "label\tfile\n5\n")
    assert message.startswith("datasets.mine.labels: labels.tsv, line 2: ")


def test_empty_lines_count_in_refusals(folder):
    message = refused(folder, "file\tlabel\n1.png\t5\n\n2.png\tcat\n")
    assert message.startswith("datasets.mine.labels: labels.tsv, line 4: ")


@pytest.mark.skipif(MIRROR is None, reason="NETPHASE_MIRROR holds no nips17")
def test_real_nips17(tmp_path):
    spec = SPEC | {"folder": "nips17/val", "labels": "nips17/labels.tsv", "size": 299}
    data = datasets.read("nips17", spec, [MIRROR], tmp_path)
    check_cf(data)
    assert dict(data.sizes) == {"sample": 1000, "y": 299, "x": 299, "channel": 3}
    labels = data.label.values
    assert len(np.unique(labels)) == 430 and labels.min() == 1 and labels.max() == 995
    lines = (MIRROR / "nips17/labels.tsv").read_text().splitlines()
    columns = lines[0].split("\t")
    rows = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]
    assert [int(row["label"]) for row in rows] == labels.tolist()
    labels_of = {(row["wnid"], int(row["label"])) for row in rows}
    assert len(labels_of) == len(dict(labels_of)) == 430
    known = [(wnid, label) for wnid, label in labels_of if wnid in WNIDS]
    assert known and all(WNIDS[wnid] == label for wnid, label in known)
    # ImageNet numbers its classes in the order of their wnids.
    assert sorted(labels_of) == sorted(labels_of, key=lambda pair: pair[1])
    # The photographs have this size already.
    for i in (0, 499, 999):
        (place,) = (MIRROR / "nips17/val").rglob(rows[i]["file"])
        with Image.open(place) as image:
            assert image.size == (299, 299)
            assert np.array_equal(data.image[i], np.asarray(image.convert("RGB")))
