"""The diffusion noise schedule: noise-to-signal ratio kappa of each diffusion step."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

CLEAN_STEP = -1
# Power p of a form x_t = alpha_bar^(p/2) x_0 + (1 - alpha_bar)^(p/2) epsilon.
POWERS = {"ddpm": 1, "literal_eq5": 2}


@dataclass(frozen=True)
class Level:
    """One noise level: x_t = signal * x_0 + noise * epsilon, kappa = noise / signal."""

    step: int
    alpha_bar: float
    kappa: float
    signal: float
    noise: float


def levels(
    steps: Sequence[int],
    *,
    beta_first: float,
    beta_last: float,
    n_steps: int,
    beta_grid: str = "formula",
    alpha_bar_inclusive: bool = True,
    form: str = "ddpm",
) -> list[Level]:
    """Noise levels of a linear DDPM schedule, correctly rounded to float64.

    beta_t = beta_first + (beta_last - beta_first) t / n_steps for t = 0 ... n_steps,
    alpha_bar_t = prod_{s=0..t} (1 - beta_s), signal = sqrt(alpha_bar_t),
    noise = sqrt(1 - alpha_bar_t), kappa_t = noise / signal. Every kappa of the project comes from
    here. Sources: Ho, Jain & Abbeel (2020), eq. 4; Seidler & Abel (2024), eqs. 1-5.

    Parameters
    ----------
    steps : diffusion steps; step -1 is the empty product, the clean image with kappa = 0
    beta_grid : "formula" as above, or "linspace": n_steps points that end at beta_last, so that the
        last step is n_steps - 1
    alpha_bar_inclusive : whether the product includes beta_t itself
    form : key of POWERS; "literal_eq5" has no square roots, signal = alpha_bar_t and
        noise = 1 - alpha_bar_t, as Seidler & Abel (2025) print their eq. 5

    Raises
    ------
    ValueError : a step outside the schedule
    """
    last = n_steps if beta_grid == "formula" else n_steps - 1
    outside = [t for t in steps if not CLEAN_STEP <= t <= last]
    if outside:
        raise ValueError(f"step {outside[0]} lies outside the schedule ({CLEAN_STEP} ... {last})")
    with localcontext() as context:
        # The parameters mean the decimal numbers that the user wrote; 50 digits leave every result
        # correctly rounded after thousands of factors.
        context.prec = 50
        first, final = Decimal(repr(beta_first)), Decimal(repr(beta_last))
        wanted = {t: t if alpha_bar_inclusive or t == CLEAN_STEP else t - 1 for t in steps}
        alpha_bar = {CLEAN_STEP: Decimal(1)}
        product = Decimal(1)
        for s in range(max(wanted.values(), default=CLEAN_STEP) + 1):
            product *= 1 - (first + (final - first) * s / last)
            alpha_bar[s] = product
        shaped = Decimal.sqrt if POWERS[form] == 1 else Decimal
        return [
            Level(
                step=t,
                alpha_bar=float(alpha_bar[s]),
                kappa=float(shaped((1 - alpha_bar[s]) / alpha_bar[s])),
                signal=float(shaped(alpha_bar[s])),
                noise=float(shaped(1 - alpha_bar[s])),
            )
            for t, s in wanted.items()
        ]
