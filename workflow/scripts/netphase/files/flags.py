"""CF flags: small integers with a meaning each."""

from collections.abc import Collection

import numpy as np


def flags(meanings: Collection[str]) -> dict:
    """Attributes of a variable that counts through the meanings from 0 on (CF conventions, 3.5).

    Parameters
    ----------
    meanings : names without blanks, in the order of their values
    """
    return {
        "flag_values": np.arange(len(meanings), dtype=np.int8),
        "flag_meanings": " ".join(meanings),
    }
