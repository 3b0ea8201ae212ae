"""Whatever a text holds, it arrives as that text, in the header that it was meant for."""

import email
import email.policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ichor_actions import RefusedError
from ichor_actions.types.letter import Letter, Mailbox
from ichor_actions.types.mail_headers import check_block

HIDDEN = "=?utf-8?q?7=0D=0AFrom:_boss=40example.com=0D=0A=0D=0A<h1>pay</h1>?="
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
OF_THE_BODY = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]

SYNTAX = '=? ?= =?utf-8?q? =?utf-8?b? =0D=0A DQpGcm9tOiB4 _ " \\ , < > @ : ; ( ) ä \u0301 Bcc:'
pieces = st.sampled_from([*SYNTAX.split(), " ", "  ", "\u00a0", "👩‍💻", HIDDEN, "a" * 80])
text = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300)
hostile = st.one_of(text, st.lists(pieces, max_size=20).map("".join))


def written(subject: str, display: str) -> bytes:
    return Letter(
        message_id="<1@example.com>",
        sender=Mailbox("Ichor", "ichor", "example.com"),
        to=[Mailbox(display, "jane", "example.com"), Mailbox(display, "b", "example.com")],
        reply_to=Mailbox(display, "r", "example.com"),
        subject=subject,
        text="the text",
    ).write()


def shown(value: str) -> str:
    # `email.policy` puts blanks between the encoded words of a name; RFC 2047 does not.
    return str(make_header(decode_header(value.replace("\r\n", ""))))


@given(subject=hostile, display=hostile)
@example(subject=HIDDEN, display=HIDDEN)
@example(subject=" ", display=" ")
@example(subject="", display="")
@example(subject="a " * 450, display="a " * 450)
@example(subject="=?utf-8?q?a?= =?utf-8?q?b?=", display='"=?utf-8?q?a?="')
def test_a_text_is_data(subject, display):
    data = written(subject, display)
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    assert list(message) == [*HEADERS, *OF_THE_BODY]
    assert shown(message["Subject"]) == subject
    assert message["From"] == "Ichor <ichor@example.com>"
    recipients = getaddresses([message["To"].replace("\r\n", "")])
    assert [(shown(name), address) for name, address in recipients] == [
        (display, "jane@example.com"),
        (display, "b@example.com"),
    ]
    assert message.get_payload() == "the text\r\n"
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 100
    assert not set(head.replace(b"\r\n", b"")) & set(b"\r\n")


def test_plain_texts_stay_readable():
    data = written('Order 7, "paid"', "Doe, Jane")
    assert b'\r\nSubject: Order 7, "paid"\r\n' in data
    assert b'\r\nTo: "Doe, Jane" <jane@example.com>,\r\n "Doe, Jane" <b@example.com>\r\n' in data
    assert b"\r\nTo: Jane <jane@" in written("s", "Jane")


@pytest.mark.parametrize(
    "block",
    [
        b"Subject: a\r\nBcc: x@example.com\r\n",
        b"Subject: a\r\n\r\n<h1>\r\n",
        b"Subject: a\nBcc: x\r\n",
        b"Subject: a\rBcc: x\r\n",
        b"Subject: a\0\r\n",
        b"Subject: \xc3\xa4\r\n",
        b"Subject: a\r\n \r\n",
        b"Subject: a\r\nSubject: b\r\n",
        b"Subject: a",
        b"Subject: a\r\nrest",
        b" Subject: a\r\n",
        b"Subject: " + b"a" * 1000 + b"\r\n",
        b"",
    ],
)
def test_a_block_with_anything_else_is_refused(block):
    with pytest.raises(RefusedError, match="the mail cannot be written"):
        check_block(block, ["Subject"])
    check_block(b"Subject: a\r\n b\r\n", ["Subject"])
