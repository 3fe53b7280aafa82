"""Put the compiled modules into a wheel: asked for by SIM_ACCELERATE=1, left out where they cannot be compiled.

Hatchling loads this for each wheel (pyproject.toml). The build needs what constraints/dev.txt installs, so it goes
without isolation: ``SIM_ACCELERATE=1 pip wheel --no-build-isolation --no-deps .``
"""

import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASKED = "SIM_ACCELERATE"


class AcceleratorHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own is generic in its configuration
    """Adds build/accelerator as sim/_compiled, and names the wheel after its interpreter and machine."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before the wheel is put together."""
        if version == "editable" or os.environ.get(ASKED, "0") in ("", "0"):
            return
        sys.path.insert(0, self.root)
        from sim import accelerator
        from tools import build_accelerator

        if not accelerator.is_built():
            build_accelerator.main()
        if not accelerator.is_built():
            self.app.display_warning("the wheel is pure Python")
            return
        build_data["force_include"][str(accelerator.PLACES[0])] = "sim/_compiled"
        build_data["pure_python"], build_data["infer_tag"] = False, True
