import socket

import pytest

from inkwise.errors import UsageError
from inkwise.studio.address import Address, is_loopback, listen


def test_it_listens_on_this_machine_alone_and_without_a_token() -> None:
    address, listening = listen(port=0)
    with listening:
        assert listening.getsockname() == ("127.0.0.1", address.port)
        assert address.token is None
        assert address.url == f"http://127.0.0.1:{address.port}/"


def test_a_port_that_is_taken_gives_the_next_free_one() -> None:
    first, one = listen(port=0)
    with one:
        second, other = listen(port=first.port)
        with other:
            assert first.port < second.port <= first.port + 50


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "printer.local"])  # noqa: S104
def test_an_address_that_others_reach_must_be_meant(host: str) -> None:
    with pytest.raises(UsageError, match=f"--host {host} lets other machines .* add --open-to-others if that is meant"):
        listen(host, 0)


def test_an_address_that_others_reach_has_a_token_in_it_that_is_new_each_time() -> None:
    tokens = set()
    for _ in range(2):
        address, listening = listen("0.0.0.0", 0, open_to_others=True)  # noqa: S104
        listening.close()
        assert address.token is not None
        assert address.url == f"http://{socket.gethostname()}:{address.port}/?token={address.token}"
        tokens.add(address.token)
    assert len(tokens) == 2
    assert all(len(token) >= 32 for token in tokens)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(UsageError, match=rf"--port is {port}; give one from 0, for any that is free, to 65535\."):
        listen(port=port)


def test_a_host_that_is_not_this_machine_is_refused() -> None:
    with pytest.raises(UsageError, match=r"cannot listen at 192\.0\.2\.7 .*; --host takes an address of this machine"):
        listen("192.0.2.7", 0, open_to_others=True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("a.b", False)],  # noqa: S104
)
def test_which_hosts_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("header", "alone", "shared"),
    [
        ("127.0.0.1:8628", True, True),
        ("localhost", True, True),
        ("LOCALHOST:9000", True, True),
        ("[::1]:8628", True, True),
        ("192.168.1.5:8628", False, True),
        ("[fe80::1]:8628", False, True),
        ("evil.example:8628", False, False),
        ("127.0.0.1.evil.example", False, False),
        ("", False, False),
    ],
)
def test_names_that_someone_may_have_pointed_here_are_not_accepted(header: str, alone: bool, shared: bool) -> None:
    assert Address("127.0.0.1", 8628).accepts(header) is alone
    assert Address("0.0.0.0", 8628, "secret").accepts(header) is shared  # noqa: S104


def test_an_address_with_colons_is_written_in_brackets() -> None:
    assert Address("::1", 8628).url == "http://[::1]:8628/"
