"""A throw-away PostgreSQL cluster on a socket of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def fresh(url: str, name: str) -> str:
    """Make an empty database in a cluster and return its URL."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


@contextmanager
def running() -> Iterator[str]:
    """Run a cluster; yield the URL of its empty database."""
    assert PROGRAMS is not None
    programs = PROGRAMS
    # a socket's path is short, and the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    user = account.get("user") or pwd.getpwuid(os.geteuid()).pw_name
    if account:
        shutil.chown(folder, **account)

    def run(program: str, *arguments: str) -> None:
        command = [programs / program, "-D", folder / "data", *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account)

    run("initdb", "--auth=trust", "--no-sync", f"--username={user}")
    run("pg_ctl", "start", "--wait", f"--log={folder / 'log'}", "-o", f"-c listen_addresses= -k {folder}")
    try:
        yield f"postgresql+psycopg://{user}@/postgres?host={folder}"
    finally:
        run("pg_ctl", "stop", "--mode=immediate", "--wait")
        shutil.rmtree(folder)
