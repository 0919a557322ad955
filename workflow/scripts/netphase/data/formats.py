"""File formats of labelled images: IDX, CIFAR binary, and what Pillow reads."""

import gzip
import io
import math
import zlib

import numpy as np
from PIL import Image

from netphase.errors import InputError

IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
CIFAR_PLANES = (3, 32, 32)


def decode_idx(raw: bytes, where: str) -> np.ndarray:
    """Array of an IDX file, gzipped or not, in native byte order.

    IDX: two zero bytes, a type byte, the number of dimensions, every size as big-endian uint32,
    then the values, big-endian, last dimension fastest (LeCun, Cortes, Burges: MNIST database).

    Parameters
    ----------
    raw : bytes
        The whole file.
    where : str
        Name of the file in a refusal.

    Raises
    ------
    InputError
        Damaged gzip, not IDX, or more or fewer bytes than the header promises.
    """
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.decompress(raw)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(f"{where} is a damaged gzip file ({error}); replace it") from error
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in IDX_TYPES or raw[3] == 0:
        raise InputError(f"{where} is not IDX: it begins with {raw[:4].hex(' ') or 'nothing'}")
    dtype, n_dimensions = np.dtype(IDX_TYPES[raw[2]]), raw[3]
    start = 4 + 4 * n_dimensions
    if len(raw) < start:
        raise InputError(f"{where} is truncated: it ends within its header; replace it")
    shape = np.frombuffer(raw, ">u4", n_dimensions, offset=4).tolist()
    promised, found = math.prod(shape) * dtype.itemsize, len(raw) - start
    if found != promised:
        raise InputError(
            f"{where} is {'truncated' if found < promised else 'too long'}: its header promises "
            f"{' x '.join(map(str, shape))} values in {promised} bytes, {found} follow; replace it"
        )
    values = np.frombuffer(raw, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="), copy=False)


def decode_cifar(raw: bytes, n_labels: int, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (sample, 32, 32, 3) and labels (sample,) of a CIFAR binary file.

    A record is `n_labels` bytes, the last of which counts (CIFAR-10: 1; CIFAR-100: 2, coarse and
    fine), then three planes, red, green, blue, of 32 x 32 bytes (Krizhevsky 2009).

    Raises
    ------
    InputError
        The file is not a whole number of records.
    """
    length = n_labels + math.prod(CIFAR_PLANES)
    if len(raw) % length:
        raise InputError(
            f"{where}: {len(raw)} bytes are not a whole number of records of {length} bytes (label "
            f"bytes {n_labels}, pixels {length - n_labels}); replace it or correct the key labels"
        )
    records = np.frombuffer(raw, np.uint8).reshape(-1, length)
    planes = records[:, n_labels:].reshape(-1, *CIFAR_PLANES)
    return np.moveaxis(planes, 1, -1), records[:, n_labels - 1]


def decode_image(raw: bytes, where: str) -> np.ndarray:
    """Image (y, x) or (y, x, 3), uint8, of a PNG, JPEG or other file that Pillow reads.

    Raises
    ------
    InputError
        The file does not decode, or is neither 8-bit grey nor RGB.
    """
    image = _open(raw, where)
    if image.mode not in ("L", "RGB"):
        raise InputError(f"{where} has the mode {image.mode}; convert it to 8-bit grey or RGB")
    return np.asarray(image)


def decode_photograph(raw: bytes, size: int, crop: float, where: str) -> np.ndarray:
    """Centre of a photograph, (size, size, 3), uint8.

    The shorter side is resized to size / crop by bicubic interpolation, and the middle is kept.

    Raises
    ------
    InputError
        The file does not decode, or has more than 8 bits a channel.
    """
    image = _open(raw, where)
    if image.mode[0] in "IF":
        raise InputError(f"{where} has the mode {image.mode}; convert it to 8 bits a channel")
    image = image.convert("RGB")
    factor = size / crop / min(image.size)
    if factor != 1:
        sides = [max(size, round(factor * side)) for side in image.size]
        image = image.resize(sides, Image.Resampling.BICUBIC)
    left, top = ((side - size) // 2 for side in image.size)
    return np.asarray(image.crop((left, top, left + size, top + size)))


def _open(raw, where):
    try:
        image = Image.open(io.BytesIO(raw))
        image.load()
    except Exception as error:  # Pillow raises whatever a damaged file makes it stumble over
        raise InputError(f"{where} does not decode as an image; replace it") from error
    return image
