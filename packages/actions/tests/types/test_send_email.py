"""Mail, sent to a mail server on loopback."""

import email
import email.policy
import socket
from email.message import EmailMessage

import pytest
from msgspec.structs import replace

from ichor_actions import (
    ConfigError,
    MailSettings,
    RefusedError,
    Registry,
    Resources,
    TransientError,
)
from ichor_actions.builtin import builtin_actions
from ichor_actions.testing import run_action
from ichor_actions.types.email import SendEmail

CONFIG = {"to": "Jane <jane@example.com>", "subject": "Order {{no}}", "text": "Dear {{name}},"}
TRIGGER = {"no": 7, "name": "Jäne"}


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


async def test_a_mail_is_sent(run, mail_sink):
    config = {
        **CONFIG,
        "to": ["Doe, Jane <jane@example.com>", "{{more}}"],
        "cc": "cc@example.com",
        "bcc": ["hidden@example.com", "jane@example.com"],
        "reply_to": "Shop <shop@example.com>",
        "html": "<p>Dear {{name}}</p>",
    }
    result = await run("send_email", config, {**TRIGGER, "more": "b@example.com"})
    everyone = ["jane@example.com", "b@example.com", "cc@example.com", "hidden@example.com"]
    assert (result["accepted"], result["refused"]) == (everyone, [])
    (mail,) = mail_sink.mails
    assert (mail.sender, mail.recipients) == ("ichor@example.com", everyone)
    message = read(mail.data)
    assert [(one.display_name, one.addr_spec) for one in message["To"].addresses] == [
        ("Doe, Jane", "jane@example.com"),
        ("", "b@example.com"),
    ]
    assert message["From"] == "Ichor <ichor@example.com>"
    assert message["Cc"] == "cc@example.com"
    assert message["Reply-To"] == "Shop <shop@example.com>"
    assert message["Subject"] == "Order 7"
    assert message["Message-ID"] == result["message_id"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None
    assert "hidden" not in mail.data.decode()
    text, html = message.iter_parts()
    assert text.get_content().strip() == "Dear Jäne,"
    assert html.get_content().strip() == "<p>Dear Jäne</p>"
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")


async def test_html_alone_and_a_long_subject(run, mail_sink):
    config = {"to": ["a@example.com"], "subject": "{{s}}", "html": "<b>{{s}}</b>"}
    subject = "Größe 👩‍💻 " * 30 + "end"
    await run("send_email", config, {"s": subject})
    message = read(mail_sink.mails[0].data)
    assert message["Subject"] == subject
    assert message.get_content_type() == "text/html"
    assert message.get_content().strip() == f"<b>{subject}</b>"


async def test_every_attempt_carries_the_same_message_id(run, mail_sink):
    first = await run("send_email", CONFIG, TRIGGER)
    second = await run("send_email", CONFIG, TRIGGER, attempt=2)
    other = await run("send_email", CONFIG, TRIGGER, visit=1)
    assert first["message_id"] == second["message_id"] != other["message_id"]
    assert first["message_id"].endswith("@example.com>")
    ids = [read(mail.data)["Message-ID"] for mail in mail_sink.mails]
    assert ids == [first["message_id"], second["message_id"], other["message_id"]]


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\0", "\u2028", "\x0b", "\x85", "\x1b"])
@pytest.mark.parametrize("place", ["subject", "to", "cc", "bcc", "reply_to"])
async def test_data_cannot_add_headers(run_in, resources, mail_sink, breaks, place):
    registry = Registry(builtin_actions(resources))
    value = f"a@example.com{breaks}Bcc: victim@example.com"
    with pytest.raises(
        ConfigError, match=rf"\$\.{place}: a mail header must not contain line breaks"
    ):
        await run_in(registry, "send_email", {**CONFIG, place: "{{v}}"}, {**TRIGGER, "v": value})
    assert mail_sink.mails == []


async def test_a_dot_and_commands_in_the_text_stay_text(run, mail_sink):
    text = "first\r\n.\r\nMAIL FROM:<evil@example.com>\r\n.hidden\nlast"
    await run("send_email", {**CONFIG, "text": "{{t}}"}, {**TRIGGER, "t": text})
    assert len(mail_sink.mails) == 1
    data = mail_sink.mails[0].data.replace(b"\r\n..", b"\r\n.").removesuffix(b".\r\n")
    assert read(data).get_content().split() == text.split()


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "jane",
        "@example.com",
        "jane@",
        "a b@example.com",
        "a@b@example.com",
        "a@example.com, b@example.com",
        "a@example.com;b@example.com",
        "<a@example.com",
        "a@example.com>",
        "A <a@example.com> <b@example.com>x",
        "jäne@example.com",
        "jane@ex\u2024ämple.com",
        "jane@-ä.com",
        "jane@ä" + "a" * 70 + ".com",
        "a..b@example.com",
        ".a@example.com",
        "a@example..com",
        '"a b"@example.com',
        "a" * 250 + "@example.com",
    ],
)
async def test_what_is_no_address_is_refused(run, mail_sink, address):
    with pytest.raises(ConfigError, match=r"\$\.cc\[1\]: .* is not a mail address"):
        await run("send_email", {**CONFIG, "cc": ["ok@example.com", address]}, TRIGGER)
    assert mail_sink.mails == []


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"to": "a@b.c", "subject": "s"}, r"\$: give text, html or both"),
        ({"to": [], "subject": "s", "text": "t"}, r"\$: give at least one address"),
        ({"to": "a@b.c", "text": "t"}, "missing required field `subject`"),
        ({"to": 5, "subject": "s", "text": "t"}, r"\$\.to: expected text or a list"),
        ({"to": "a@b.c", "subject": "s", "text": "t", "from": "x"}, "unknown field `from`"),
    ],
)
async def test_a_wrong_config_fails_with_its_place(run, config, message):
    with pytest.raises(ConfigError, match=message):
        await run("send_email", config)


async def test_without_a_mail_server_it_is_refused(run_in):
    registry = Registry(builtin_actions(Resources()))
    with pytest.raises(RefusedError, match="mail is not configured: set SMTP_HOST and"):
        await run_in(registry, "send_email", CONFIG, TRIGGER)


async def test_some_recipients_may_be_refused(run, mail_sink):
    mail_sink.answers["RCPT TO:<gone@"] = "550 no such user"
    result = await run("send_email", {**CONFIG, "cc": "gone@example.com"}, TRIGGER)
    assert result["accepted"] == ["jane@example.com"]
    assert result["refused"] == [
        {"address": "gone@example.com", "code": 550, "message": "no such user", "attempts": 1}
    ]
    assert mail_sink.mails[0].recipients == ["jane@example.com"]


@pytest.mark.parametrize(
    ("command", "answer", "error", "said"),
    [
        ("connect", "554 go away", RefusedError, "answered 554 go away"),
        ("connect", "421 busy", TransientError, "answered 421 busy"),
        ("connect", "", TransientError, "answered -1"),
        ("EHLO", "", TransientError, "cannot be reached"),
        ("MAIL", "550 not you", RefusedError, "answered 550 not you"),
        ("MAIL", "451 later", TransientError, "answered 451 later"),
        ("RCPT", "550 nobody", RefusedError, "every recipient: jane@example.com: 550 nobody"),
        ("RCPT", "450 greylisted", TransientError, "450 greylisted"),
        ("DATA", "554 spam", RefusedError, "answered 554 spam"),
        ("message", "552 too long", RefusedError, "answered 552 too long"),
        ("message", "452 disk full", TransientError, "answered 452 disk full"),
        ("message", "", TransientError, "cannot be reached"),
    ],
)
async def test_answers_of_the_server(run, mail_sink, command, answer, error, said):  # noqa: PLR0917
    mail_sink.answers[command] = answer
    with pytest.raises(error, match=said) as caught:
        await run("send_email", CONFIG, TRIGGER)
    assert caught.value.retryable == (error is TransientError)


async def test_one_of_the_refused_may_be_taken_later(run, mail_sink):
    mail_sink.answers = {"RCPT TO:<jane@": "550 nobody", "RCPT TO:<b@": "450 later"}
    for attempt, seconds in ((1, 60), (2, 300), (3, 300)):
        with pytest.raises(TransientError, match="refused every recipient") as caught:
            await run("send_email", {**CONFIG, "cc": "b@example.com"}, TRIGGER, attempt=attempt)
        assert caught.value.retry_after == seconds
    assert mail_sink.mails == []


class Waits:
    """Waits for nothing, and changes the answers of the server by what comes next."""

    def __init__(self, mail_sink, *answers: dict[str, str]) -> None:
        self.seconds: list[float] = []
        self._mail_sink = mail_sink
        self._answers = iter(answers)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._mail_sink.answers = next(self._answers, self._mail_sink.answers)


THREE = {**CONFIG, "cc": ["b@example.com", "c@example.com"]}


async def _send(resources, sleep) -> dict:
    return await run_action(SendEmail(resources, sleep=sleep), THREE, TRIGGER)


async def test_those_refused_for_now_are_asked_for_again_and_nobody_gets_it_twice(
    resources, mail_sink
):
    mail_sink.answers = {"RCPT TO:<b@": "451 greylisted", "RCPT TO:<c@": "550 nobody"}
    sleep = Waits(mail_sink, mail_sink.answers, {"connect": "421 busy"}, {})
    result = await _send(resources, sleep)
    assert sleep.seconds == [30, 90, 300]
    assert result["accepted"] == ["jane@example.com", "b@example.com"]
    assert result["refused"] == [
        {"address": "c@example.com", "code": 550, "message": "nobody", "attempts": 1}
    ]
    assert [mail.recipients for mail in mail_sink.mails] == [
        ["jane@example.com"],
        ["b@example.com"],
    ]
    first, second = (read(mail.data) for mail in mail_sink.mails)
    assert first["Message-ID"] == second["Message-ID"] == result["message_id"]
    assert second["To"] == first["To"]


@pytest.mark.parametrize(
    "later", [{}, {"connect": ""}, {"MAIL": "550 no"}, {"message": "452 full"}]
)
async def test_who_is_never_taken_is_said(resources, mail_sink, later):
    mail_sink.answers = {"RCPT TO:<c@": "451 greylisted"}
    result = await _send(resources, Waits(mail_sink, {**mail_sink.answers, **later}))
    assert result["accepted"] == ["jane@example.com", "b@example.com"]
    assert result["refused"] == [
        {"address": "c@example.com", "code": 451, "message": "greylisted", "attempts": 4}
    ]


async def test_what_is_refused_for_good_later_is_not_asked_for_again(resources, mail_sink):
    mail_sink.answers = {"RCPT TO:<c@": "451 greylisted"}
    sleep = Waits(mail_sink, {"RCPT TO:<c@": "550 nobody"})
    (refused,) = (await _send(resources, sleep))["refused"]
    assert (refused["code"], refused["attempts"], sleep.seconds) == (550, 2, [30])


async def test_too_many_recipients_at_once_are_sent_in_several_mails(resources, mail_sink):
    mail_sink.most_recipients = 1
    sleep = Waits(mail_sink)
    result = await _send(resources, sleep)
    everyone = ["jane@example.com", "b@example.com", "c@example.com"]
    assert (result["accepted"], result["refused"], sleep.seconds) == (everyone, [], [])
    assert [mail.recipients for mail in mail_sink.mails] == [[one] for one in everyone]


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("jane@exämple.com", "jane@xn--exmple-cua.com"),
        ("Jäne <jane@STRAßE.de>", "jane@xn--strae-oqa.de"),
        ("<jane@例え.jp>", "jane@xn--r8jz45g.jp"),
    ],
)
async def test_a_domain_in_other_letters_is_sent_in_ascii(run, mail_sink, address, sent):
    result = await run("send_email", {**CONFIG, "to": "{{a}}"}, {**TRIGGER, "a": address})
    assert result["accepted"] == mail_sink.mails[0].recipients == [sent]
    assert [one.addr_spec for one in read(mail_sink.mails[0].data)["To"].addresses] == [sent]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("a@x.com, b@y.com", "several addresses are a list, with a text for each"),
        ("A <a@x.com>; B <b@y.com>", "several addresses are a list, with a text for each"),
        ("a@x.com, B <b@y.com>", "several addresses are a list, with a text for each"),
        ("jäne@x.com", "only ASCII is possible before the @"),
    ],
)
async def test_what_is_no_address_is_explained(run, address, reason):
    with pytest.raises(ConfigError, match=f"is not a mail address: {reason}"):
        await run("send_email", {**CONFIG, "to": "{{a}}"}, {**TRIGGER, "a": address})


async def test_a_mail_that_was_taken_is_sent_whatever_follows(run, mail_sink):
    mail_sink.answers["QUIT"] = ""
    assert (await run("send_email", CONFIG, TRIGGER))["accepted"] == ["jane@example.com"]


async def _with(run_in, resources: Resources, **settings) -> dict:
    assert resources.mail is not None
    changed = replace(resources, mail=replace(resources.mail, **settings))
    return await run_in(Registry(builtin_actions(changed)), "send_email", CONFIG, TRIGGER)


async def test_nobody_there(run_in, resources):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(TransientError, match="cannot be reached"):
            await _with(run_in, resources, port=unused.getsockname()[1])


async def test_a_server_that_says_nothing(run_in, resources):
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(TransientError, match="cannot be reached: Timed out"),
    ):
        await _with(run_in, resources, port=silent.getsockname()[1], timeout=0.05)


async def test_nothing_is_sent_in_the_clear_where_encryption_is_asked_for(
    run_in, resources, mail_sink
):
    with pytest.raises(RefusedError, match="STARTTLS"):
        await _with(run_in, resources, tls="starttls", username="u", password="secret")
    with pytest.raises(TransientError, match="cannot be reached"):
        await _with(run_in, resources, tls="tls")
    assert mail_sink.mails == []


async def test_a_login_is_refused(run_in, resources, mail_sink):
    mail_sink.extensions.append("AUTH PLAIN")
    mail_sink.answers["AUTH"] = "535 wrong"
    with pytest.raises(RefusedError, match="535 wrong"):
        await _with(run_in, resources, username="u", password="secret")
    mail_sink.answers["AUTH"] = "235 welcome"
    assert (await _with(run_in, resources, username="u", password="secret"))["accepted"]


def test_the_password_is_not_shown():
    settings = MailSettings(host="h", sender="a@b.c", password="secret")
    assert "secret" not in repr(Resources(mail=settings))
    assert "h" in repr(settings)


HIDDEN = "=?utf-8?q?7=0D=0AFrom:_boss=40example.com=0D=0A=0D=0A<h1>pay</h1>?="


async def test_encoded_words_in_data_arrive_as_they_stand(run, mail_sink):
    config = {**CONFIG, "to": "{{who}} <jane@example.com>", "subject": "Your order {{no}}"}
    await run("send_email", config, {"who": HIDDEN, "no": HIDDEN, "name": "Jane"})
    message = read(mail_sink.mails[0].data)
    assert message["Subject"] == f"Your order {HIDDEN}"
    assert message["From"] == "Ichor <ichor@example.com>"
    assert [one.addr_spec for one in message["To"].addresses] == ["jane@example.com"]
    assert "pay" not in message.get_content()


async def test_an_address_that_could_be_decoded_is_none(run, mail_sink):
    with pytest.raises(ConfigError, match=r"\$\.cc: .* is not a mail address"):
        await run("send_email", {**CONFIG, "cc": "=?utf-8?q?a?=@example.com"}, TRIGGER)
    assert mail_sink.mails == []
