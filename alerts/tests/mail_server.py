#!/usr/bin/env python3
"""A real mail server for tests: loopback only, keeps what it takes as files, fails when told to.

    mail_server.py FOLDER [--tls starttls|implicit] [--certificate FILE] [--login NAME:PASSWORD]

Prints "port N" when it listens. Then reads commands, one a line, and answers each with "done":

    ok                  take everything
    fail STAGE CODE     answer CODE at STAGE (connect, sender, recipient, content)
    refuse TEXT CODE    answer CODE to recipients that contain TEXT
    once STAGE CODE     the same as fail, for one mail only
    vanish              take the next mail, keep it, and cut the connection without an answer
    down                stop listening and cut all connections
    up                  listen again on the same port

A mail taken becomes FOLDER/0001.eml, 0002.eml ...; end of input ends the server.
"""

import argparse
import asyncio
import logging
import pathlib
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult


class Mood:
    """What the server does now; commands change it."""

    def __init__(self, folder):
        self.folder = folder
        self.taken = 0
        self.calm()

    def calm(self):
        self.stage = self.code = self.refused = None
        self.once = self.vanish = False

    def answer(self, stage, recipient=""):
        """The reply to give instead of the usual one, or None."""
        refuses = stage == "recipient" and self.refused is not None and self.refused in recipient
        if self.stage != stage and not refuses:
            return None
        reply = f"{self.code} told to fail"
        if self.once:
            self.calm()
        return reply

    def keep(self, content):
        self.taken += 1
        unfinished = self.folder / f".{self.taken:04}.part"
        unfinished.write_bytes(content)
        unfinished.rename(self.folder / f"{self.taken:04}.eml")


class Handler:
    def __init__(self, mood):
        self.mood = mood

    async def handle_MAIL(self, server, session, envelope, address, options):
        reply = self.mood.answer("sender")
        if reply is None:
            envelope.mail_from = address
        return reply or "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.mood.answer("recipient", address)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = self.mood.answer("content")
        if reply is not None:
            return reply
        self.mood.keep(envelope.original_content)
        if self.mood.vanish:
            self.mood.calm()
            server.transport.abort()
        return "250 OK"


class Conversation(SMTP):
    mood = None
    open_now = set()

    def connection_made(self, transport):
        self.open_now.add(self)
        super().connection_made(transport)

    def connection_lost(self, error):
        self.open_now.discard(self)
        super().connection_lost(error)

    async def _handle_client(self):
        reply = self.mood.answer("connect")
        if reply is not None:
            self.transport.write(f"{reply}\r\n".encode())
            self.transport.close()
            return
        await super()._handle_client()


def conversation(arguments, mood):
    tls = None
    if arguments.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(arguments.certificate)
    options = {"hostname": "mail.test", "enable_SMTPUTF8": True}
    if arguments.tls == "starttls":
        options.update(tls_context=tls, require_starttls=True)
    if arguments.login:
        name, password = (part.encode() for part in arguments.login.split(":", 1))

        def check(server, session, envelope, mechanism, data):
            right = (data.login, data.password) == (name, password)
            # "Handled" would mean that we have answered ourselves.
            return AuthResult(success=right, handled=right)

        options.update(authenticator=check, auth_required=True, auth_require_tls=False)
    Conversation.mood = mood
    return (lambda: Conversation(Handler(mood), **options)), tls if arguments.tls == "implicit" else None


async def serve(arguments):
    mood = Mood(arguments.folder)
    factory, tls = conversation(arguments, mood)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    print(f"port {port}", flush=True)

    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while line := await commands.readline():
        word, *rest = line.decode().split()
        mood.calm()
        if word in ("fail", "once"):
            mood.stage, mood.code, mood.once = rest[0], rest[1], word == "once"
        elif word == "refuse":
            mood.refused, mood.code = rest
        elif word == "vanish":
            mood.vanish = True
        elif word == "down" and server is not None:
            server.close()
            server = None
            for open_conversation in list(Conversation.open_now):
                open_conversation.transport.abort()
        elif word == "up" and server is None:
            server = await loop.create_server(factory, "127.0.0.1", port, ssl=tls)
        print("done", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tls", choices=["starttls", "implicit"])
    parser.add_argument("--certificate")
    parser.add_argument("--login")
    # It warns that a login without TLS is unsafe: on loopback, with an invented password, it is not.
    warnings.simplefilter("ignore")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
