"""How hard the laws are tried: the profile named by HYPOTHESIS_PROFILE.

`dev` is quick and random, `ci` is the same every time, `soak` looks for what the others miss, and `mutants` is
for a mutation tester: the same every time, and content with the first counterexample.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

# No law fails because a machine is slow.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("dev", _PATIENT, max_examples=30)
settings.register_profile("ci", _PATIENT, max_examples=100, derandomize=True, database=None)
settings.register_profile("soak", _PATIENT, max_examples=5000, print_blob=True)
settings.register_profile(
    "mutants",
    _PATIENT,
    max_examples=100,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
