"""The commands, their options and what they print."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from tracker import __version__
from tracker.capture.optin import BACK, MEANS
from tracker.cli import account, away, evidence, hiding, manual, outbox, output, report, revising
from tracker.cli.calling import Call, show, show_status, titles
from tracker.cli.door import call, call_app
from tracker.daybook import day_named, zone
from tracker.errors import BadValue, Offline, TrackerError

if TYPE_CHECKING:
    from tracker.paths import Home

app = typer.Typer(
    name="hourproof",
    help="Track your hours, and show them. Every command takes --json and --home DIR.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
contract_app = typer.Typer(help="Add a contract.", no_args_is_help=True)
settings_app = typer.Typer(help="Read or change a setting.", no_args_is_help=True)
app.add_typer(contract_app, name="contract")
app.add_typer(settings_app, name="settings")

Contract = Annotated[
    str, typer.Argument(help="Its id, its title, or an unambiguous part of title or client.")
]
Memo = Annotated[str | None, typer.Option(help="What you do, up to 500 characters.", show_default=False)]


class Usage(BadValue):
    """The command line is not understood."""

    advice = "Run the command with --help to see what it takes."


def run(home: Home, arguments: list[str]) -> int:
    """Carry out one command; return 0 done, 1 not done, 2 misused or a bad value."""
    json = "--json" in arguments
    rest = [word for word in arguments if word != "--json"]
    try:
        return app(rest, prog_name="hourproof", obj=Call(home, json), standalone_mode=False) or 0
    except TrackerError as error:
        output.show_error(error, json=json)
        return error.exit_code
    except TyperException as error:
        output.show_error(Usage(error.format_message()), json=json)
        return error.exit_code
    except typer.Abort:
        return 1


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Track your hours, and show them."""
    if version:
        output.show(f"hourproof {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.BadParameter("Name a command, or none at all for the tray app.")


@app.command(name="run")
def run_app(minimized: Annotated[bool, typer.Option(help="Begin in the tray.")] = False) -> None:
    """Start the tray app (also without any command); a second start raises the first."""


@app.command()
def contracts(context: typer.Context) -> None:
    """List your contracts."""
    show(context, call(context.obj.home, "contracts"), report.contracts)


@contract_app.command("add")
def contract_add(
    context: typer.Context,
    title: Annotated[str, typer.Option(help="What the work is called.")],
    client: Annotated[str, typer.Option(help="Who hires and pays.")],
    rate: Annotated[str, typer.Option(help="Per hour, such as 40 or 62.50.")],
    currency: Annotated[str, typer.Option(help="Three letters, such as USD.")],
    weekly_limit: Annotated[str | None, typer.Option(help="Hours a week; none is no limit.")] = None,
    manual: Annotated[bool, typer.Option("--manual", help="Allow time entered by hand.")] = False,
) -> None:
    """Add a contract.

    Example: hourproof contract add --title "Checkout rebuild" --client Northbeam --rate 65 --currency USD
    """
    made = call(
        context.obj.home,
        "contract_add",
        title=title,
        client=client,
        rate=rate,
        currency=currency,
        weekly_limit=weekly_limit,
        manual=manual,
    )
    show(context, made, lambda one: report.contracts([one]))


@app.command()
def start(context: typer.Context, contract: Contract, memo: Memo = None) -> None:
    """Track a contract; starts the app if needed, switches from another contract.

    Example: hourproof start Northbeam --memo "Checkout: error copy"
    """
    show_status(context, call_app(context.obj.home, "start", contract=contract, memo=memo))


@app.command()
def switch(context: typer.Context, contract: Contract, memo: Memo = None) -> None:
    """Go on with another contract, at the same millisecond."""
    show_status(context, call(context.obj.home, "switch", contract=contract, memo=memo))


@app.command()
def memo(context: typer.Context, memo: Annotated[str, typer.Argument(help="What you do.")]) -> None:
    """Say what you do."""
    show_status(context, call(context.obj.home, "memo", memo=memo))


@app.command()
def stop(context: typer.Context) -> None:
    """Stop tracking."""
    show_status(context, call(context.obj.home, "stop"))


@app.command()
def status(context: typer.Context) -> None:
    """Tell what is tracked right now, and whether it is protected."""
    now = call(context.obj.home, "status")
    show_status(context, now)
    if not context.obj.json:
        report.week_closes(call(context.obj.home, "week_closes"))


@app.command()
def sync(
    context: typer.Context,
    timeout: Annotated[int, typer.Option(min=0, help="Seconds to deliver in.")] = 60,
) -> None:
    """Deliver now what waits; 0 when nothing waits any more."""
    done = call(context.obj.home, "sync", timeout=timeout)
    show(context, done, report.delivery)
    if done["waiting"]:
        if not context.obj.json:
            report.waiting(call(context.obj.home, "outbox_entries"))
        raise typer.Exit(1)


app.command()(account.sign_in)
app.command()(account.sign_out)
app.command()(away.away)
app.command()(away.call)
app.command()(manual.manual)
app.command()(revising.segment)
app.command()(hiding.shot)
app.command()(evidence.export)
app.command()(evidence.verify)

app.add_typer(outbox.app, name="outbox")
app.add_typer(hiding.app, name="rules")


@app.command()
def diary(
    context: typer.Context,
    date: Annotated[str | None, typer.Option(help="YYYY-MM-DD; default today.")] = None,
    tz: Annotated[
        str | None, typer.Option(help="Time zone such as Europe/Vienna; default this machine's.")
    ] = None,
    contract: Annotated[str | None, typer.Option(help="Of this contract only.")] = None,
    opened: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Show a day of your Work Diary.

    Example: hourproof diary --date 2026-11-19 --tz UTC
    """
    home = context.obj.home
    if date is not None:
        day_named(date)
    if opened:
        _open(context, call(home, "diary_link", date=date))
        return
    day = call(home, "diary", date=date, tz=zone(tz)[0], contract=contract)
    show(context, day, lambda shown: report.diary(shown, titles(home), away.asked_of(home, shown, contract)))


def _open(context: typer.Context, url: str) -> None:
    if not context.obj.json and not webbrowser.open(url):
        raise Offline("No browser could be opened.", advice=f"Open this address, once: {url}")
    show(context, {"url": url}, lambda _: output.show("The diary opens in your browser."))


@app.command()
def doctor(context: typer.Context) -> None:
    """Tell what works here, what does not, and what to do."""
    show(context, call(context.obj.home, "doctor"), report.findings)


@settings_app.command("get")
def settings_get(context: typer.Context) -> None:
    """Print every setting."""
    show(context, call(context.obj.home, "settings_get"), report.settings)


@settings_app.command("set")
def settings_set(context: typer.Context, name: str, value: str) -> None:
    """Change a setting, at once.

    Example: hourproof settings set notice 30
    """
    if name == "ca" and value:  # the app, which reads it, works in another folder
        value = str(Path(value).expanduser().absolute())
    show(context, call(context.obj.home, "settings_set", name=name, value=value), report.settings)
    if (name, value, context.obj.json) == ("input", "evdev", False):
        output.show(f"Counted so from the next start. {MEANS} {BACK}")


@app.command()
def serve() -> None:
    """Run the backend by itself: hourproof serve --data DIR --port N."""


@app.command()
def backup() -> None:
    """Copy what the backend keeps into a folder, while it serves: hourproof backup DIR --data DATA."""


@app.command()
def restore() -> None:
    """Bring a backup back: hourproof restore DIR --data DATA."""


@app.command(name="quit")
def quit_app(context: typer.Context) -> None:
    """End the app; the open segment is closed first."""
    show(context, call(context.obj.home, "quit"), lambda _: output.show("Hourproof has ended."))
