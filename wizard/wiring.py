"""Builds services and hands them to a face; the only file that imports every layer, each when it is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from wizard.cli.main import main
from wizard.cli.session import Rehearse, ServeOptions, SessionOptions

if TYPE_CHECKING:
    from wizard.core.doctor.ignored_variable import IgnoredVariable
    from wizard.flow.ports.machine import MachinePort, ScriptPort
    from wizard.flow.ports.services import Ports
    from wizard.rehearsal.stand_ins import StandIns
    from wizard.tui.app import WizardApp

BANNER = "DEMO: runs on this computer, no account. Nothing leaves it, nothing is billed."
BANNER_MODAL = "DEMO: Modal runs on this computer, nothing is billed. The Hub is the real one."


def run(arguments: Sequence[str]) -> int:
    """The whole program; returns its exit code."""
    import os

    from wizard.services.local.variables import repair_variables

    return main(arguments, ProgramWiring(repair_variables(os.environ)))


class ProgramWiring:
    """The Wiring of the real program. `ignored_variables` are those that were left out of the environment."""

    def __init__(self, ignored_variables: tuple[IgnoredVariable, ...] = ()) -> None:
        self._ignored_variables = ignored_variables

    @asynccontextmanager
    async def session(self, options: SessionOptions) -> AsyncIterator[Ports]:
        """Services for one command: the real ones, or the same ones pointed at stand-ins."""
        if options.rehearse is None:
            async with _services(options, notes=tuple(map(str, self._ignored_variables))) as ports:
                yield ports
            return
        _require_local()
        from wizard.demo_servers import demo_servers, point_process_at

        async with demo_servers(options) as (env, lasting):
            point_process_at(env, options.rehearse)
            note = BANNER if options.rehearse == "all" else BANNER_MODAL
            missing = _missing_engines()
            more: dict[str, Any] = {"notes": (note,), "lasting": lasting, "missing_engines": missing}
            async with _services(options, rehearsal=True, **more) as ports:
                yield ports

    @asynccontextmanager
    async def serving(self, options: ServeOptions) -> AsyncIterator[StandIns]:
        """The stand-ins, in this process."""
        _require_local()
        from wizard.core.problem import usage
        from wizard.rehearsal.announcement import announce, withdraw
        from wizard.rehearsal.scenarios import find_scenario
        from wizard.rehearsal.stand_ins import StandIns, StandInSettings, read_served

        settings = StandInSettings(
            scenario=find_scenario(options.scenario),
            state=options.state,
            hub=options.hub,
            passes_hub_on=options.hub or _is_trusted_hub(options.trust),
            serve=tuple(read_served(text) for text in options.serve),
            hub_port=options.hub_port,
            modal_port=options.modal_port,
        )
        async with AsyncExitStack() as closing:
            try:
                stand_ins = await closing.enter_async_context(StandIns(settings))
                closing.callback(withdraw, stand_ins.control.url)
                if options.announce:
                    announce(stand_ins.control.url, stand_ins.control.proof)
            except OSError as error:
                raise usage("rehearsal_not_served", f"The demo cannot be served: {error.strerror or error}.") from error
            yield stand_ins

    async def schema_of_class(self, reference: str) -> str:
        """The JSON Schema of a Pydantic class."""
        from wizard.services.lint.class_schema import ask_class

        return await ask_class(reference)

    def screen(self, options: SessionOptions) -> int:
        """The full-screen wizard. Services are opened after its first question.

        Until then nothing is collected: what is imported is no garbage, and looking it through takes a tenth of the
        start.
        """
        import gc

        gc.disable()
        try:
            return self._show(options)
        finally:
            gc.enable()

    def _show(self, options: SessionOptions) -> int:
        import asyncio
        import sys

        if options.rehearse:
            _require_local()
        app = self.wizard_app(options)

        async def show() -> None:
            try:
                await app.run_async()
            finally:
                await app.services_closed()

        asyncio.run(show())
        for line in app.exit_messages:
            sys.stdout.write(line + "\n")
        return self.start_demo() if app.wants_demo else app.return_code or 0

    def check_demo(self) -> None:
        """Raise Problem (exit code 2) where what runs the demo's containers is not installed."""
        _require_local()

    def start_demo(self, *, plain: bool = False) -> int:
        """The demo in a process of its own: the SDKs of this one have read the person's own variables."""
        import os
        import subprocess
        import sys

        sys.stdout.flush()
        command = [sys.executable, "-P", "-m", "wizard", "--rehearse", *(["--plain"] if plain else [])]
        if os.name == "posix":  # in place of this process: nothing of it is needed any more
            os.execv(command[0], command)
        return subprocess.call(command)

    def wizard_app(self, options: SessionOptions) -> WizardApp:
        """The full-screen wizard with what the user config decides. Raises Problem for what it does not understand."""
        import gc
        from dataclasses import replace

        from wizard.core.plan.draft import Draft
        from wizard.flow.configuration.first_time import is_first_time
        from wizard.flow.configuration.merge import configure
        from wizard.tui.app import WizardApp

        rehearsal = options.rehearse is not None
        configuration = configure(Draft(), environment=options.environment, rehearsal=rehearsal)

        def open_services() -> AbstractAsyncContextManager[Ports]:
            gc.freeze()
            gc.enable()
            return self.session(replace(options, environment=configuration.environment))

        return WizardApp(
            open_services,
            draft=configuration.draft,
            rehearsal=rehearsal,
            suggested=self.suggested_model(options),
            first_time=not rehearsal and is_first_time(),
            check_demo=None if rehearsal else _require_local,
        )

    def suggested_model(self, options: SessionOptions) -> str | None:
        """The model of the demo's situation; elsewhere one that suits most."""
        from wizard.core.models.known_models import SUGGESTED

        return self.default_model(options.rehearse, options.scenario or "ready") or SUGGESTED

    def scenarios(self) -> list[tuple[str, str, str]]:
        """Every scenario: name, what it is about, the code that it ends with."""
        from wizard.rehearsal.scenarios import SCENARIOS

        return [(scenario.name, scenario.description, scenario.expected_code) for scenario in SCENARIOS]

    def machine(self) -> MachinePort:
        """This machine."""
        from wizard.services.local.machine import Machine

        return Machine(self._ignored_variables)

    def scripts(self) -> ScriptPort:
        """Scripts on disk; they are read, never run."""
        from wizard.services.scripts.source import ScriptSource

        return ScriptSource()

    def live_models(self, rehearse: Rehearse | None) -> tuple[str, str]:
        """The open and the gated model of a live check that names none: the smallest that are known, or the demo's."""
        if rehearse == "all":
            from wizard.rehearsal.scenarios import MODEL, OPEN_MODEL

            return OPEN_MODEL, MODEL
        from wizard.core.live.scope import SMALL_GATED_MODEL, SMALL_MODEL

        return SMALL_MODEL, SMALL_GATED_MODEL

    def default_model(self, rehearse: Rehearse | None, scenario: str = "ready") -> str | None:
        """The model of the scenario where the Hub is a stand-in; elsewhere a model has to be named."""
        if rehearse != "all":
            return None
        from wizard.rehearsal.scenarios import find_scenario

        return find_scenario(scenario).model


def _missing_engines() -> tuple[str, ...]:
    """The inference engines, beside the usual one, that are not installed here, where a demo runs its functions."""
    from importlib.util import find_spec

    from wizard.core.inference.engine_registry import engines

    return tuple(each.name for each in engines()[1:] if find_spec(each.name) is None)


@asynccontextmanager
async def _services(options: SessionOptions, **more: Any) -> AsyncIterator[Ports]:
    """Services while the context is open. Importing SDKs takes a while, which is not the event loop's time."""
    from wizard.core.concurrency.daemon_thread import on_daemon_thread

    ports = await on_daemon_thread(lambda: _make_ports(options, **more))
    try:
        yield ports
    finally:
        ports.lint.close()
        ports.cache.close()
        await ports.hub.close()
        await ports.modal.close()


def _make_ports(options: SessionOptions, **more: Any) -> Ports:
    from platformdirs import user_cache_path

    from wizard.flow.configuration.trusted_endpoints import endpoint_trust
    from wizard.flow.ports.services import Ports
    from wizard.services.credentials.active_token import Tokens
    from wizard.services.credentials.os_keyring import Keychain
    from wizard.services.hub.client import Hub
    from wizard.services.lint.service import Linter
    from wizard.services.local.file_cache import FileCache
    from wizard.services.local.files import LocalFiles
    from wizard.services.local.model_folder import ModelFolders
    from wizard.services.modal.service import ModalService
    from wizard.services.validation.validator import Validator

    cache = FileCache(None if options.rehearse == "all" else user_cache_path("outlines-wizard") / "tokenizers")
    keyring, modal = Keychain(enabled=options.rehearse != "all"), ModalService(options.environment)
    hub = Hub(endpoint_trust(options.trust, rehearsal=options.rehearse == "all"))
    tokens = Tokens(keyring, lambda: hub.account_hub.endpoint, options.ask_secret)
    return Ports(hub, tokens, keyring, modal, Linter(), cache, Validator(), LocalFiles(), ModelFolders(), **more)


def _is_trusted_hub(flags: tuple[str, ...]) -> bool:
    """Whether containers that hold an access token may ask the Hub that this machine asks."""
    import os

    from wizard.core.access.endpoint import read_endpoint
    from wizard.flow.configuration.trusted_endpoints import endpoint_trust

    return endpoint_trust(flags).covers(read_endpoint(os.environ.get("HF_ENDPOINT")).address)


def _require_local() -> None:
    """Raise Problem (exit code 2) when what runs the rehearsal's containers is not installed."""
    import importlib.util

    from wizard.core.problem import usage

    missing = [name for name in ("torch", "transformers", "outlines") if importlib.util.find_spec(name) is None]
    if missing:
        raise usage(
            "rehearsal_not_installed",
            f"The demo runs the model on this computer and needs {', '.join(missing)}.",
            "Install the extra: pip install 'outlines-wizard[local]'.",
        )
