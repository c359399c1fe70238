"""The embedded server as a process: started while needed, found when it runs, told when it does not start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from starting import starter

from tracker.desktop import embedded as module
from tracker.desktop.embedded import Embedded
from tracker.errors import Offline
from tracker.sync.backend import Backend


def _instead(code: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Embedded:
    """An embedded server that is this Python program."""
    monkeypatch.setattr(module, "program", lambda: [sys.executable, "-c", code])
    return Embedded(folder, origin="embedded:home", test=False)


def test_a_started_server_answers_and_its_secret_is_in_no_command_line(tmp_path: Path) -> None:
    with starter(tmp_path) as start:
        started = start()
        backend = Backend(started.url)
        info = backend.info()
        backend.close()

        assert info.origin == "embedded:home"
        assert started.secret
        assert started.secret not in repr(started)
        assert started.secret not in " ".join(started.process.args)
        assert not started.asleep


def test_a_second_start_finds_the_running_server_and_leaves_it_alone(tmp_path: Path) -> None:
    with starter(tmp_path) as start:
        first, second = start(), start()

        assert (second.url, second.secret, second.process) == (first.url, None, None)
        assert not first.asleep


def test_it_outlives_the_terminal(tmp_path: Path) -> None:
    with starter(tmp_path) as start:
        pid = start().process.pid

        assert os.getsid(pid) == pid


def test_a_server_that_ended_is_asleep_and_starts_again(tmp_path: Path) -> None:
    with starter(tmp_path) as start:
        first = start()
        first.process.kill()
        first.process.wait()
        assert first.asleep

        second = start()

        assert second.secret not in {None, first.secret}
        assert not second.asleep


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "server").write_text("not a folder")

    with starter(tmp_path / "server") as start, pytest.raises(Offline, match="does not start"):
        start()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; sys.exit('no space left')", "no space left"),
        ("raise SystemExit(7)", "it ended with 7"),
        ("print('{}')", "it ended with"),
        ("print('welcome to the server', flush=True); import time; time.sleep(60)", "it ended with"),
    ],
)
def test_last_words_are_the_reason(
    code: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(Offline, match=told):
        _instead(code, monkeypatch, tmp_path).start()


def test_a_server_that_hangs_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_READY_WITHIN", 0.2)

    with pytest.raises(Offline, match="ended with -9"):
        _instead("import time; time.sleep(60)", monkeypatch, tmp_path).start()


def test_a_program_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "program", lambda: [str(tmp_path / "gone")])

    with pytest.raises(Offline, match="does not start"):
        Embedded(tmp_path, origin="embedded:home", test=False).start()


def test_test_mode_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = (
        "import json, os, sys; "
        "print(json.dumps({'url': sys.argv[-1] + os.environ['HOURPROOF_TEST'], 'secret': None}))"
    )
    monkeypatch.setenv("HOURPROOF_TEST", "speed=60")
    monkeypatch.setattr(module, "program", lambda: [sys.executable, "-c", said])

    started = Embedded(tmp_path, origin="embedded:home", test=True).start()

    assert started.url == "--accept-testspeed=60"
