"""What the system tells the running interface reaches the desk: sleep, and the network's return."""

from __future__ import annotations

from pathlib import Path

from logind import logind
from networkmanager import networkmanager
from ui.child import child
from waiting import until


def test_sleep_and_network_are_heard(display: str, session_bus: str, tmp_path: Path) -> None:
    with (
        logind(session_bus) as power,
        networkmanager(session_bus) as network,
        child(
            tmp_path,
            "3",
            "--minimized",
            DISPLAY=display,
            DBUS_SYSTEM_BUS_ADDRESS=session_bus,
            XDG_SESSION_ID="c1",
        ) as app,
    ):
        until(power.inhibitors, "the app")
        power.sleep()
        until(lambda: "slept True" in app.asked, "sleep")
        power.wake()
        until(lambda: "slept False" in app.asked, "the end of it")

        network.lose()
        network.find()

        until(lambda: "reconnected" in app.asked, "the network's return")
