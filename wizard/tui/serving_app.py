"""Services of a full-screen session: opened in the background once the first question is there, closed at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from wizard.tui.step_view import StepView
from wizard.tui.terminal_app import TerminalApp

if TYPE_CHECKING:  # the first frame is on screen before any of these is imported
    from wizard.core.problem import Problem
    from wizard.flow.ports.services import Ports
    from wizard.tui.messages import ServicesFailed, ServicesOpened

OpenServices = Callable[[], AbstractAsyncContextManager["Ports"]]


class ServingApp(TerminalApp):
    """Keeps services open. Screens are told when they are, or why they are not."""

    def __init__(self, open_services: OpenServices) -> None:
        super().__init__()
        self._open_services = open_services
        self._over = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self.ports: Ports | None = None
        self.service_error: Problem | None = None  # why services are not open, also for screens that are shown later

    def services_opened(self, ports: Ports) -> None:
        """Services are there; screens are told next."""

    def open_services(self) -> None:
        """Open services in the background; the task outlives every screen, since it also closes them."""
        self._serving = asyncio.create_task(self._serve(), name="services")

    async def _serve(self) -> None:
        """Keep services open from the first question until the end."""
        from wizard.core.problem import Problem
        from wizard.tui.background import bug
        from wizard.tui.messages import ServicesOpened

        try:
            async with self._open_services() as ports:
                self.ports = ports
                self.services_opened(ports)
                self._tell(ServicesOpened())
                await self._over.wait()
        except Problem as problem:
            self._fail(problem)
        except Exception as error:
            self._fail(bug(error))
            raise

    def _fail(self, problem: Problem) -> None:
        """Keep why there are no services, and say it."""
        from wizard.tui.messages import ServicesFailed

        self.ports, self.service_error = None, problem
        self._tell(ServicesFailed(problem))

    def _tell(self, message: ServicesOpened | ServicesFailed) -> None:
        for screen in self.screen_stack:
            screen.post_message(message)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key for trying again is there once services have failed to open."""
        return self.service_error is not None if action == "reopen" else True

    def action_reopen(self) -> None:
        """Try once more to open services that failed to open."""
        if self.service_error is None or (self._serving is not None and not self._serving.done()):
            return
        self.service_error = None
        self.open_services()
        if isinstance(self.screen, StepView):
            self.screen.on_screen_resume()

    def leave(self, code: int) -> None:
        """Close services and end."""
        self._over.set()
        self.exit(return_code=code)

    def on_unmount(self) -> None:
        self._over.set()

    async def services_closed(self) -> None:
        """Wait until what was opened is closed again; the terminal is the person's own by then."""
        self._over.set()
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)
