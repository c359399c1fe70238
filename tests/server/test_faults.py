"""When the disk is full or the code is wrong, the answer says so, and nothing is half-written."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest
from backend import Site
from device import webp
from doubles import NINE
from sqlalchemy import text
from starlette.testclient import TestClient


@pytest.mark.expects_log("No space left on device")
def test_a_full_disk_refuses_a_picture_for_now(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = site.device().work(NINE, webp())
    ((sha256, data),) = sealed.pictures.items()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer = site.put_picture(sealed.contract, sha256, data)
    assert problem(answer) == (503, "storage-failed")
    assert answer.headers["Retry-After"] == "60"
    assert site.deliver(sealed).status_code == 201


@pytest.mark.expects_log("no such table")
def test_a_database_that_fails_refuses_a_segment_for_now(site: Site) -> None:
    sealed = site.device().work()
    rename(site, "picture", "away")
    rename(site, "chain", "gone")
    assert problem(site.deliver(sealed)) == (503, "storage-failed")
    rename(site, "gone", "chain")
    assert site.parts.store.sealed(sealed.contract, sealed.id) is None
    assert site.deliver(sealed).status_code == 201


def test_a_mistake_of_the_server_tells_nothing_of_its_inside(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(_account: str) -> None:
        raise ZeroDivisionError("the inside")

    monkeypatch.setattr(type(site.parts.store), "contracts", lambda _store, account: wrong(account))
    client = TestClient(site.client.app, raise_server_exceptions=False)
    answer = client.get("/api/v1/contracts", headers={"Authorization": f"Bearer {site.token}"})
    assert problem(answer) == (500, "internal-error")
    assert "inside" not in answer.text


def full(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def rename(site: Site, table: str, name: str) -> None:
    site.parts.database.write(
        lambda connection: connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))
    )


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]
