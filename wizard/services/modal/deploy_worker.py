"""Deploys one app file: `python -m wizard.services.modal.deploy_worker FILE APP ENVIRONMENT TAG`.

Standard output carries the build lines as Modal prints them, and last one line with the outcome as JSON, behind the
mark that the parent chose. Public API of modal only. SIGINT cancels.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

from wizard.services.modal.deploy import outcome_mark


def deploy(file: Path, app_name: str, environment: str, tag: str) -> dict[str, str]:
    """Load the file as a module and deploy its `app`; returns the fields of a DeployOutcome."""
    try:
        import modal

        spec = importlib.util.spec_from_file_location(file.stem, file)
        if spec is None or spec.loader is None:
            return {"error": "ImportError", "message": f"{file} cannot be loaded"}
        sys.dont_write_bytecode = True  # the person's folder gets the app file and nothing beside it
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module
        spec.loader.exec_module(module)
        with modal.enable_output():
            app = module.app.deploy(name=app_name, environment_name=environment or None, tag=tag)
    except KeyboardInterrupt:
        return {"error": "KeyboardInterrupt", "message": "cancelled"}
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent explains it
        return {"error": f"{type(error).__module__}.{type(error).__name__}", "message": str(error)}
    return {"app_id": app.app_id or "", "url": app.get_dashboard_url()}


def main() -> int:
    """Deploy what the arguments name; 0 when it went well."""
    mark = outcome_mark()
    file, app_name, environment, tag = sys.argv[1:5]
    outcome = deploy(Path(file).resolve(), app_name, environment, tag)
    sys.stdout.flush()
    sys.stdout.write(f"{mark}{json.dumps(outcome)}\n")
    sys.stdout.flush()
    return 1 if outcome.get("error") else 0


if __name__ == "__main__":
    sys.exit(main())
