"""Exact values of the square-lattice Ising model that the analysis is judged by, J = k_B = 1.

T_c = 2 / ln(1 + sqrt 2) and nu = 1 (Onsager 1944, Phys. Rev. 65, 117).
"""

import math

T_C = 2 / math.log(1 + math.sqrt(2))
EXACT = {"t_c": T_C, "nu": 1.0}
TOLERANCE = {"t_c": 0.003, "nu": 0.05}
"""Largest deviations from the exact values that are accepted of a calibrated analysis."""
