"""The simulated mail server closes its connections."""

import contextlib
import gc
import smtplib
import socket
import ssl
import warnings
from pathlib import Path

import pytest

from local.demo.fake_receivers import Inbox, mail_receiver
from local.processes import free_ports
from tools.delivery.stacks import certificate_of


@pytest.mark.parametrize("tls", [True, False], ids=["encrypted", "plain"])
def test_a_stopped_mail_server_leaves_no_connection_open(tls: bool, tmp_path: Path) -> None:
    certificate, key = certificate_of(tmp_path)
    (port,) = free_ports(1)
    with contextlib.ExitStack() as clients, warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", ResourceWarning)
        with mail_receiver(Inbox(), port, certificate, key, tls=tls):
            for _ in range(5):
                client = clients.enter_context(contextlib.closing(smtplib.SMTP("127.0.0.1", port)))
                if tls:
                    client.starttls(context=ssl.create_default_context(cafile=str(certificate)))
                    greeting = clients.enter_context(contextlib.closing(smtplib.SMTP("127.0.0.1", port)))
                    greeting.ehlo()
                    greeting.docmd("STARTTLS")  # and then it sends nothing
            for _ in range(50):
                clients.enter_context(socket.create_connection(("127.0.0.1", port)))
        gc.collect()
        assert [str(each.message) for each in found] == []
