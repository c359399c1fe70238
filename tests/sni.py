"""A panel of a desktop with StatusNotifierItems: it takes tray icons over D-Bus and uses their menus."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from dbus_fast import BusType, Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from waiting import until

NAME = "org.kde.StatusNotifierWatcher"
_ITEM = "org.kde.StatusNotifierItem"
_MENU = "com.canonical.dbusmenu"
_TIMEOUT = 10  # seconds for an answer

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """A line of a menu as the application describes it."""

    id: int
    label: str
    enabled: bool
    visible: bool
    checked: bool
    entries: "tuple[Entry, ...]"


class _Watcher(ServiceInterface):
    """Where applications announce their icons."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.items: list[str] = []

    @dbus_method("RegisterStatusNotifierItem")
    def register_item(self, service: DBusStr) -> None:
        self.items.append(service)
        self.item_registered(service)

    @dbus_method("RegisterStatusNotifierHost")
    def register_host(self, service: DBusStr) -> None:
        """There is one host, this one."""

    @dbus_property(access=PropertyAccess.READ, name="RegisteredStatusNotifierItems")
    def registered(self) -> Annotated[list[str], DBusSignature("as")]:
        return self.items

    @dbus_property(access=PropertyAccess.READ, name="IsStatusNotifierHostRegistered")
    def hosted(self) -> DBusBool:
        return True

    @dbus_property(access=PropertyAccess.READ, name="ProtocolVersion")
    def version(self) -> DBusInt32:
        return 0

    @dbus_signal("StatusNotifierItemRegistered")
    def item_registered(self, service: str) -> DBusStr:
        return service


class Panel:
    """Speaks for the panel from an ordinary thread: looks at the newest icon, opens and uses its menu."""

    def __init__(self, bus: MessageBus, loop: asyncio.AbstractEventLoop, watcher: _Watcher) -> None:
        self._bus = bus
        self._loop = loop
        self._watcher = watcher

    def icons(self) -> int:
        """Return how many icons were announced so far."""
        return len(self._watcher.items)

    def told(self, name: str) -> Any:
        """Return what the icon says of itself: Status, Title, ToolTip, IconPixmap …"""
        owner = until(lambda: self._watcher.items, "an icon over D-Bus")[-1]
        answer = self._call(
            owner, "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", "ss", _ITEM, name
        )
        return answer[0].value

    def tip(self) -> str:
        """Return the icon's tool tip."""
        _icon, _pixmaps, title, text = self.told("ToolTip")
        return f"{title}{text}"

    def click(self) -> None:
        """Click the icon itself."""
        self._call(self._watcher.items[-1], "/StatusNotifierItem", _ITEM, "Activate", "ii", 5, 5)

    def menu(self) -> tuple[Entry, ...]:
        """Open the menu and return what it shows."""
        self._menu_call("AboutToShow", "i", 0)
        _revision, root = self._menu_call("GetLayout", "iias", 0, -1, [])
        return _entry(root).entries

    def entry(self, label: str) -> Entry:
        """Return the first visible line with this label, wherever in the menu; mnemonics do not count."""
        found = [one for one in _all(self.menu()) if one.visible and one.label == label]
        assert found, f"no {label!r} in {[one.label for one in _all(self.menu())]}"
        return found[0]

    def choose(self, label: str) -> None:
        """Choose a line of the menu."""
        chosen = self.entry(label)
        assert chosen.enabled, f"{label!r} cannot be chosen"
        self._menu_call("Event", "isvu", chosen.id, "clicked", Variant("s", ""), 0)

    def _menu_call(self, member: str, signature: str, *body: Any) -> Any:
        return self._call(self._watcher.items[-1], self.told("Menu"), _MENU, member, signature, *body)

    def _call(self, to: str, path: str, interface: str, member: str, signature: str, *body: Any) -> Any:
        message = Message(
            destination=to,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        answer = _wait(self._loop, self._bus.call(message))
        assert answer is not None
        assert answer.message_type is MessageType.METHOD_RETURN, f"{member}: {answer.body}"
        return answer.body


@contextmanager
def panel(bus: str) -> Iterator[Panel]:
    """Run a panel on the bus at this address; when this ends it has left the bus."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="panel", daemon=True)
    thread.start()
    watcher = _Watcher()

    async def join() -> MessageBus:
        connection = await MessageBus(bus_address=bus, bus_type=BusType.SESSION).connect()
        connection.export("/StatusNotifierWatcher", watcher)
        await connection.request_name(NAME)
        return connection

    async def leave(connection: MessageBus) -> None:
        connection.disconnect()
        await connection.wait_for_disconnect()

    connection = _wait(loop, join())
    try:
        yield Panel(connection, loop, watcher)
    finally:
        _wait(loop, leave(connection))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _wait(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result(_TIMEOUT)


def _entry(node: Any) -> Entry:
    number, properties, children = node

    def said(name: str, default: Any) -> Any:
        return properties[name].value if name in properties else default

    return Entry(
        id=number,
        label=said("label", "").replace("__", "\0").replace("_", "").replace("\0", "_"),
        enabled=said("enabled", default=True),
        visible=said("visible", default=True),
        checked=said("toggle-state", 0) == 1,
        entries=tuple(_entry(child.value) for child in children),
    )


def _all(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for one in entries:
        yield one
        yield from _all(one.entries)
