"""Scaffold of a new notification channel: `python -m tools.receiver_scaffold NAME`.

Writes the setting, the credential, the channel, its template, the stand-in and the expectations that prove it, rows of
the documentation and tests. Gaps, which only a person can fill, are marked TODO; tests/routing/test_receivers.py lists
every gap that is left.
"""

import builtins
import keyword
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from catalogue.scaffold import GAP, gap_count
from common.problems import CatalogueError, Problem
from common.project import PROJECT
from common.whole_files import write_all
from local.demo import fake_receivers
from routing import receivers
from settings import credentials
from settings.notifications import NotificationsSettings
from tools.delivery import completeness

LONGEST_NAME: Final = 30
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")

_CREDENTIAL: Final = """\
{const}_WEBHOOK_URL: Final = Credential(
    key="{key}WebhookUrl",
    file="{name}-webhook-url",
    format=_WEBHOOK_URL,
    is_required=lambda notifications: notifications.get("{key}") is True,
)
"""
_CHANNEL: Final = '''\
"""{title}: one webhook."""

from typing import Any, Final

from routing.channels.base import Receiver, credential_file, from_template
from settings.credentials import {const}_WEBHOOK_URL
from settings.notifications import NotificationsSettings

# The receivers of routing/receivers.py that also send here.
_AUDIENCES: Final = ("TODO",)


def {ident}(notifications: NotificationsSettings, receiver: Receiver) -> dict[str, Any]:
    """Send the alerts of these audiences."""
    if not notifications.{ident} or receiver.audience not in _AUDIENCES:
        return {{}}
    # The keys of each integration: prometheus.io/docs/alerting/latest/configuration
    message = {{
        "TODO_file": credential_file(notifications, {const}_WEBHOOK_URL),
        "send_resolved": True,
        "title": from_template("bais.{name}.title"),
        "text": from_template("bais.{name}.text"),
    }}
    return {{"TODO_configs": [message]}}
'''
_TEMPLATE: Final = """\
{{- /* TODO escape what the channel reads as markup, cut what is longer than it takes; slack.tmpl has an example. */ -}}
{{ define "bais.NAME.title" }}{{ template "bais.title" . }}{{ end }}

{{ define "bais.NAME.text" -}}
Environment {{ .CommonLabels.environment }}, cluster {{ .CommonLabels.cluster }}
{{ range $number, $alert := .Alerts }}{{ if lt $number 5 }}
{{ template "bais.plain" (dict "text" .Annotations.summary "most" 200) }}
{{ template "bais.plain" (dict "text" .Annotations.description "most" 500) }}
Severity {{ .Labels.severity }}, {{ template "bais.time" . }}
{{ with .Annotations.impact }}Impact: {{ template "bais.plain" (dict "text" . "most" 500) }}
{{ end }}{{ with .Annotations.action }}First action: {{ template "bais.plain" (dict "text" . "most" 500) }}
{{ end }}{{ end }}{{ end -}}
{{ if gt (len .Alerts) 5 }}Showing the first 5 of {{ len .Alerts }} alerts.
{{ end -}}
{{ with (index .Alerts 0).Annotations.runbook_url }}Runbook: {{ template "bais.plain" (dict "text" . "most" 1000) }}
{{ end }}{{ with (index .Alerts 0).Annotations.dashboard_url -}}
Dashboard: {{ template "bais.plain" (dict "text" . "most" 1000) }}
{{ end }}{{ template "bais.alertmanager" . }}{{ end }}
"""
_STAND_IN: Final = """\
def _{ident}(post: _Post) -> _Response:
    # The documentation of the service lists its errors: raise _RefusedError with status and text.
    subject, text = post.payload["TODO"], post.payload["TODO"]
    post.accept({const}, resolved=subject.startswith("[RESOLVED]"), parts={{"subject": subject, "text": text}})
    return 200, "TODO"


"""
_PLACES: Final = """\
def _in_{ident}(message: Mapping[str, Any]) -> dict[str, str]:
    facts = "name summary value since environment severity impact action runbook dashboard"
    # A resolved alert needs no silence.
    silence = [] if message["subject"].startswith("[RESOLVED]") else ["silence"]
    return dict.fromkeys([*facts.split(), *silence], f"{{message['subject']}} {{message['text']}}")


"""
_ROUTING_TEST: Final = '''\
"""Receivers that send to {title}, and the file from which its webhook is read."""

from typing import Any

from routing.routes import alertmanager_configuration
from settings.notifications import NotificationsSettings
from settings.links import LinksSettings

AUDIENCES = {{"TODO"}}
INTEGRATION = "TODO_configs"


def receivers(*, enabled: bool) -> dict[str, dict[str, Any]]:
    notifications = NotificationsSettings.model_validate({{"slack": {{}}, "pagerduty": True, "{key}": enabled}})
    links = LinksSettings(runbooks="https://runbooks.example", grafana="https://grafana.example")
    return {{receiver["name"]: receiver for receiver in alertmanager_configuration(notifications, links)["receivers"]}}


def test_{ident}_gets_the_alerts_of_its_audiences_and_reads_its_webhook_from_a_file() -> None:
    found = {{name: each[INTEGRATION] for name, each in receivers(enabled=True).items() if INTEGRATION in each}}
    assert set(found) == AUDIENCES
    for (config,) in found.values():
        (key,) = (key for key, value in config.items() if str(value).endswith("/{name}-webhook-url"))
        assert key.endswith("_file")


def test_a_stack_without_{ident}_has_no_trace_of_it() -> None:
    assert "{name}-webhook-url" not in repr(receivers(enabled=False))
'''
_DELIVERY_TEST: Final = '''\
"""{title}, with a stand-in behind a real Alertmanager: each alert arrives where it must, and complete."""

from pathlib import Path
from typing import Final

from local.demo.fake_receivers import {const}
from tools.delivery.alertmanager import wait_until
from tools.delivery.completeness import missing
from tools.delivery.expectations import expected
from tools.delivery.stacks import delivering, stack

DELIVERED_WITHIN: Final = 20
ALERTS: Final = ("NodeDown", "NodeCpuHigh", "PaymentFailureRateHigh", "BruteForceSuspected")


def test_{ident}_gets_complete_messages_of_its_alerts_and_no_others(tmp_path: Path) -> None:
    sent = stack("prod", {key}=True)
    alerts = {{name: sent.alert(name) for name in ALERTS}}
    wanted = {{name: sorted(expected("prod", each["labels"], enabled=["{name}"])) for name, each in alerts.items()}}
    assert any({const} in addresses for addresses in wanted.values())
    with delivering(sent, tmp_path) as (alertmanager, inbox):
        started = alertmanager.post(list(alerts.values()))
        wait_until(lambda: inbox.received() == wanted, DELIVERED_WITHIN)
        alertmanager.post(list(alerts.values()), resolved=True)
        wait_until(lambda: inbox.received(resolved=True) == wanted, DELIVERED_WITHIN)
        assert (inbox.received(), inbox.received(resolved=True)) == (wanted, wanted)
        for message in inbox.messages:
            for mark in message.marks if message.address == {const} else ():
                assert missing(message, alerts[mark], started) == set(), mark
'''


@dataclass(frozen=True)
class Insertion:
    """A text that goes into a file right before, or right after, a text that is in it once."""

    file: str
    text: str
    before: str = ""
    after: str = ""

    def applied(self, content: str) -> str:
        """Return the content with the text in it; ValueError unless the place is found once."""
        place = self.before or self.after
        if content.count(place) != 1:
            raise ValueError(place)
        return content.replace(place, self.text + place if self.before else place + self.text)


_INSERTIONS: Final = (
    Insertion("settings/credentials.py", _CREDENTIAL, before="DEAD_MANS_SWITCH_URL: Final"),
    Insertion("settings/credentials.py", "    {const}_WEBHOOK_URL,\n", before=")\nGRAFANA_OAUTH_CLIENT_SECRET: Final"),
    Insertion("settings/notifications.py", "    {ident}: Flag = False\n", before="    group_wait: GroupWait ="),
    Insertion(
        "routing/receivers.py",
        "from routing.channels.{ident} import {ident}\n",
        before="from settings.notifications import",
    ),
    Insertion("routing/receivers.py", "    {ident},\n", before=")\n\n\ndef receivers("),
    Insertion("local/demo/fake_receivers.py", '{const}: Final = "{title}"\n', before="SWITCH: Final"),
    Insertion("local/demo/fake_receivers.py", _STAND_IN, before="def _dead_mans_switch("),
    Insertion("local/demo/fake_receivers.py", '    "/{name}": _{ident},\n', before='    "/switch": '),
    Insertion(
        "local/demo/fake_receivers.py",
        '        "{name}-webhook-url": f"{{services}}/{name}",\n',
        before='        "dead-mans-switch-url": ',
    ),
    Insertion(
        "tools/delivery/expectations.py",
        "from local.demo.fake_receivers import {const}\n",
        before="from local.demo.fake_receivers import",
    ),
    Insertion(
        "tools/delivery/expectations.py",
        '\n    {const}: [("TODO", "*")],',
        after="ADDITIONAL: Final[Mapping[str, Collection[tuple[str, str]]]] = {{",
    ),
    Insertion("tools/delivery/expectations.py", '    {const}: "{name}",\n', before="    SWITCH: "),
    Insertion(
        "tools/delivery/expectations.py", '    "TODO_configs": lambda _: {const},\n', before='    "webhook_configs": '
    ),
    Insertion("tools/delivery/completeness.py", _PLACES, before="def _in_email("),
    Insertion("tools/delivery/completeness.py", '    "{name}": _in_{ident},\n', before='    "slack": _in_slack,\n'),
    Insertion(
        "settings.md",
        "| `notifications.{key}` | flag | `false` | TODO which alerts {title} gets. |\n",
        before="| `notifications.deadMansSwitch` |",
    ),
    Insertion(
        "secrets.md",
        "| `{key}WebhookUrl` | `{name}-webhook-url` | `notifications.{key}` is `true` | TODO where it is created. |\n",
        before="| `grafanaOauthClientSecret` |",
    ),
)
_CREATED: Final = {
    "routing/channels/{ident}.py": _CHANNEL,
    "routing/templates/{name}.tmpl": _TEMPLATE,
    "tests/routing/test_{ident}.py": _ROUTING_TEST,
    "tests/delivery/test_{ident}.py": _DELIVERY_TEST,
}


def gaps(project: Path = PROJECT) -> list[str]:
    """Return every line with a gap that is left of a new channel, as `file:line: text`."""
    edited = [_path(insertion.file, project) for insertion in _INSERTIONS]
    created = [path for name in _CREATED for path in project.glob(re.sub(r"\{.*?\}", "*", name))]
    return [
        f"{path.relative_to(project)}:{number}: {line.strip()}"
        for path in sorted({*edited, *created})
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if GAP in line
    ]


def texts(name: str, project: Path = PROJECT) -> dict[Path, str]:
    """Return the files of a new channel, created or edited, as they should be.

    Raises:
        CatalogueError: with every problem of the name, and every file in which a place was not found.
    """
    problems = list(_name_problems(name, project))
    values = {
        "name": name,
        "ident": name.replace("-", "_"),
        "const": name.replace("-", "_").upper(),
        "key": re.sub(r"-(.)", lambda found: found[1].upper(), name),
        "title": name.replace("-", " ").capitalize(),
    }
    found: dict[Path, str] = {}
    for insertion in _INSERTIONS:
        path = _path(insertion.file, project)
        filled = Insertion(*(part.format(**values) for part in vars(insertion).values()))
        try:
            found[path] = filled.applied(found.get(path) or path.read_text(encoding="utf-8"))
        except ValueError as error:
            problems.append(Problem(insertion.file, "another structure", f"one with the text {str(error)!r} once"))
    if problems:
        raise CatalogueError(problems)
    for file, template in _CREATED.items():
        text = template.replace("NAME", name) if template is _TEMPLATE else template.format(**values)
        found[project / file.format(**values)] = text
    return {path: _formatted(path, text) if path.suffix == ".py" else text for path, text in found.items()}


def _name_problems(name: str, project: Path) -> Iterator[Problem]:
    ident, const = name.replace("-", "_"), name.replace("-", "_").upper()
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        allowed = f"lowercase letters, digits and -, at most {LONGEST_NAME} characters, such as teams or google-chat"
        yield Problem("NAME", repr(name), allowed)
        return
    used: dict[str, tuple[Iterable[str], str]] = {
        "a name of Python": ([*dir(builtins), *keyword.kwlist], ident),
        "the mark of a gap": ([GAP.lower()], ident),
        "a setting of notifications": ([*NotificationsSettings.model_fields, *dir(NotificationsSettings)], ident),
        "a name in settings/credentials.py": (dir(credentials), f"{const}_WEBHOOK_URL"),
        "a name in routing/receivers.py": (dir(receivers), ident),
        "an address in local/demo/fake_receivers.py": (dir(fake_receivers), const),
        "a service in local/demo/fake_receivers.py": (dir(fake_receivers), f"_{ident}"),
        "a channel in tools/delivery/completeness.py": (dir(completeness), f"_in_{ident}"),
    }
    for what, (names, wanted) in used.items():
        if wanted in names:
            yield Problem("NAME", f"{name}, {what}", "a name that is not in use")
    for file in _CREATED:
        path = file.format(ident=ident, name=name)
        if (project / path).exists():
            yield Problem("NAME", f"{path}, which exists", "a name without files")


def _path(file: str, project: Path) -> Path:
    """Return the path of an edited file; a page of the documentation is found wherever it is."""
    if not file.endswith(".md"):
        return project / file
    (page,) = (project / "docs").rglob(file)
    return page


def _formatted(path: Path, text: str) -> str:
    """Return Python with its imports merged and sorted, and formatted, as `make check` requires."""
    for command in (("check", "--select=I", "--fix-only", "--quiet"), ("format", "--quiet")):
        ruff = [sys.executable, "-m", "ruff", *command, f"--stdin-filename={path}", "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True, cwd=PROJECT).stdout
    return text


@click.command()
@click.argument("name")
def main(name: str) -> None:
    """Write all parts of a new notification channel, with its gaps marked."""
    try:
        written = texts(name)
    except (CatalogueError, LookupError, OSError, SyntaxError, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    write_all(written)
    for path, text in written.items():
        click.echo(f"{path.relative_to(PROJECT)}: {gap_count(text)}")
    click.echo(
        f"Fill each {GAP}, then: .venv/bin/python -m pytest tests/routing tests/settings tests/components "
        "tests/manifests tests/policy tests/test_documentation.py, make check, make delivery"
    )


if __name__ == "__main__":
    main()
