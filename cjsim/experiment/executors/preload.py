"""What the fork server imports once, so that every worker that it forks begins with it.

The identity is taken here as well: source that is changed on the disk later is not what these
workers run.
"""

from __future__ import annotations

from cjsim.experiment.shared_prefix import run_shared_group
from cjsim.identity import identity

__all__ = ["run_shared_group"]

identity()
