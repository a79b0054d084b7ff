#!/usr/bin/env python3
"""Hostile HTTP test server (stdlib only, asyncio, loopback only).

  python3 hostile.py [--port 8099] [--log requests.jsonl] [--ttl 3600]

  /                 JSON index of every case: name, url, kind, what is expected of a crawler, limits
                    (each case has a loopback address of its own, 127.1.x.y, so that manners per host apply per case)
  /case/NAME[...]   the case
  /log?since=N      JSON list of requests seen (seq, t, port, path, headers of interest, concurrent, bytes, secs, end)
  /stats            per case: hits, bytes sent, aborted by the client, longest connection, greatest concurrency
  /ctl?k=v          set state (e.g. /ctl?version=2, /ctl?flap=up|down|auto, /ctl?extra=5)   /reset  forget log and state

Ports (all 127.0.0.1): PORT main; PORT-1 "internal" service that nobody may reach through us (every hit is an SSRF failure);
PORT+10.. one origin per robots.txt behaviour; PORT+50.. TLS origins when the `cryptography` package is there; PORT+60 blackhole.
The product under test must allow exactly ADDRESS:PORT of each case (and the robots/TLS ports) and keep blocking 127.0.0.1:PORT-1.
"""
import argparse, asyncio, contextvars, datetime as dt, email.utils, gzip, html, io, json, os, random, socket, ssl, struct, sys, tempfile, time, urllib.parse, zlib

CASES = {}
STATE = {}
LOG = []
STATS = {}
ARGS = None
START = time.time()
TITLE = "舆情监测：某市化工厂爆炸，囧𠮷㐂等生僻字"
BODY = "记者从应急管理部获悉，截至今日十八时，现场明火已经扑灭，未造成人员伤亡。" * 3


def case(kind, expect, limits="", path=""):
    def deco(fn):
        CASES[fn.__name__] = {"fn": fn, "kind": kind, "expect": expect, "limits": limits, "path": path}
        return fn
    return deco


class Conn:
    def __init__(self, r, w, port):
        self.r, self.w, self.port = r, w, port
        self.sent = 0
        self.keep = True
        self.status = 0

    async def raw(self, b, drain=True):
        if ARGS.max_bytes and self.sent + len(b) > ARGS.max_bytes:
            raise ConnectionAbortedError("server byte cap")
        self.w.write(b)
        self.sent += len(b)
        if drain:
            await self.w.drain()
            # The other cases get their turn, however fast this one sends.
            await asyncio.sleep(0)

    async def head(self, status="200 OK", ctype="text/html; charset=utf-8", length=None, chunked=False, extra=()):
        self.status = int(status.split()[0]) if status.split()[0].isdigit() else 0
        h = [f"HTTP/1.1 {status}", "Date: " + email.utils.formatdate(usegmt=True)]
        if ctype is not None:
            h.append("Content-Type: " + ctype)
        if length is not None:
            h.append(f"Content-Length: {length}")
        elif chunked:
            h.append("Transfer-Encoding: chunked")
        else:
            h.append("Connection: close")
            self.keep = False
        h += list(extra)
        await self.raw(("\r\n".join(h) + "\r\n\r\n").encode("latin-1"))

    async def reply(self, body, status="200 OK", ctype="text/html; charset=utf-8", extra=()):
        if isinstance(body, str):
            body = body.encode()
        await self.head(status, ctype, len(body), extra=extra)
        if self.method != "HEAD":
            await self.raw(body)

    async def chunk(self, b):
        await self.raw(b"%x\r\n" % len(b) + b + b"\r\n")

    async def end_chunks(self):
        await self.raw(b"0\r\n\r\n")

    def reset(self):
        s = self.w.get_extra_info("socket")
        try:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self.w.transport.abort()
        self.keep = False


HOST = contextvars.ContextVar("address the client asked", default="127.0.0.1")


def address(case_number):
    """The loopback address of a case."""
    return f"127.1.{case_number // 200}.{case_number % 200 + 1}"


def url(path="", port=None):
    # Other ports are other servers, which exist once.
    host = "127.0.0.1" if port else HOST.get()
    return f"http://{host}:{port or ARGS.port}{path}"


def page(title=TITLE, body=BODY, head="", links=""):
    return f"<!DOCTYPE html><html><head>{head}<title>{title}</title></head><body><article><h1>{title}</h1><p>{body}</p></article>{links}</body></html>"


def rss(items, prolog='<?xml version="1.0" encoding="utf-8"?>', title="测试源", extra=""):
    return f'{prolog}<rss version="2.0"><channel><title>{title}</title><link>{url("/")}</link><description>d</description>{extra}{"".join(items)}</channel></rss>'


def item(n, title=None, link=None, guid="", date="", desc=None, raw=""):
    t = title if title is not None else f"{TITLE} 第{n}号"
    l = link if link is not None else url(f"/post/{n}")
    return (f"<item><title>{html.escape(t)}</title>" + (f"<link>{html.escape(l)}</link>" if l else "") + (f"<guid isPermaLink=\"false\">{guid}</guid>" if guid else "")
            + (f"<pubDate>{date}</pubDate>" if date else "") + f"<description>{html.escape(desc or BODY)}</description>{raw}</item>")


def now(delta=0):
    return email.utils.formatdate(time.time() + delta, usegmt=True)


FEED = "application/rss+xml; charset=utf-8"

# ------------------------------------------------------------------ transfer
@case("transfer", "give up within the header deadline; other sources go on", "abort <= 30 s")
async def slow_headers(c, q):
    c.keep = False
    for b in b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Slow: " + b"a" * 600:
        await c.raw(bytes([b]))
        await asyncio.sleep(1)

@case("transfer", "give up on the whole-request deadline, not only the idle one", "abort <= 60 s")
async def slow_body(c, q):
    await c.head(length=1000000)
    for _ in range(600):
        await c.raw(b"a")
        await asyncio.sleep(1)

@case("transfer", "idle timeout, retry later, nothing stored", "abort <= 30 s")
async def stall_body(c, q):
    await c.head(length=1000)
    await c.raw(b"<html><title>half")
    await asyncio.sleep(600)

@case("transfer", "timeout", "abort <= 30 s")
async def no_response(c, q):
    c.keep = False
    await asyncio.sleep(600)

@case("transfer", "stop at the body limit; a clear 'too large' error in the source's status", "<= body limit (10 MiB) + 1 MiB read; RSS growth <= 64 MiB")
async def endless_body(c, q):
    await c.head(chunked=True)
    blk = ("<p>" + "舆情" * 5000 + "</p>\n").encode()
    while True:
        await c.chunk(blk)

@case("transfer", "stop at the header limit", "<= 256 KiB of headers read")
async def endless_header(c, q):
    c.keep = False
    await c.raw(b"HTTP/1.1 200 OK\r\n")
    i = 0
    while True:
        await c.raw(b"X-H-%d: " % i + b"a" * 1000 + b"\r\n")
        i += 1

@case("transfer", "error, no crash")
async def huge_header(c, q):
    await c.head(length=2, extra=("X-Huge: " + "a" * (1 << 20),))
    await c.raw(b"ok")

@case("transfer", "error or page, no crash")
async def many_headers(c, q):
    await c.head(length=2, extra=[f"X-{i}: {i}" for i in range(10000)])
    await c.raw(b"ok")

_GZ = {}


def gz_bomb(total):
    """yields a gzip stream of `total` bytes, ~1000:1, from one fully flushed 16 MiB block sent again and again (the final CRC is wrong; nobody should get there)"""
    if not _GZ:
        co = zlib.compressobj(9, zlib.DEFLATED, 31)
        _GZ["head"] = co.compress(b"<html><title>bomb</title>") + co.flush(zlib.Z_FULL_FLUSH)
        _GZ["block"] = co.compress((b"<p>" + b"a" * ((1 << 20) - 3)) * 16) + co.flush(zlib.Z_FULL_FLUSH)
        _GZ["tail"] = co.flush()
    yield _GZ["head"]
    for _ in range(total >> 24):
        yield _GZ["block"]
    yield _GZ["tail"]


@case("decompression", "stop at the limit on DECOMPRESSED bytes", "10 GiB from ~10 MiB; RSS growth <= 64 MiB; <= 2 s CPU")
async def gzip_bomb(c, q):
    await c.head(chunked=True, extra=("Content-Encoding: gzip",))
    for d in gz_bomb(10 << 30):
        await c.chunk(d)
    await c.end_chunks()

@case("decompression", "as gzip_bomb")
async def deflate_bomb(c, q):
    await c.head(chunked=True, extra=("Content-Encoding: deflate",))
    co = zlib.compressobj(9)
    for _ in range(4096):
        d = co.compress(b"\0" * (1 << 20))
        if d:
            await c.chunk(d)
    await c.chunk(co.flush())
    await c.end_chunks()

@case("decompression", "refuse or cap: stacked encodings")
async def gzip_twice_bomb(c, q):
    inner = b"".join(gz_bomb(1 << 30))
    b = gzip.compress(inner)
    await c.reply(b, extra=("Content-Encoding: gzip, gzip",))

@case("decompression", "a 1 GiB sitemap.xml.gz: cap", path="/sitemap.xml.gz")
async def sitemap_gz_bomb(c, q):
    await c.head(ctype="application/gzip", chunked=True)
    for d in gz_bomb(1 << 30):
        await c.chunk(d)
    await c.end_chunks()

@case("decompression", "error for this page, no panic")
async def gzip_truncated(c, q):
    b = gzip.compress(page().encode())[:-20]
    await c.reply(b, extra=("Content-Encoding: gzip",))

@case("decompression", "error (or the plain text), no panic")
async def gzip_lie(c, q):
    await c.reply(page(), extra=("Content-Encoding: gzip",))

@case("decompression", "error: unknown coding")
async def unknown_encoding(c, q):
    await c.reply(page(), extra=("Content-Encoding: x-evil",))

@case("transfer", "incomplete: error + retry, nothing stored as complete")
async def content_length_short(c, q):
    b = rss([item(i, guid=f"cls{i}") for i in range(50)]).encode()
    await c.head(ctype=FEED, length=len(b))
    await c.raw(b[: len(b) // 2])
    c.keep = False

@case("transfer", "read Content-Length bytes only; surplus is not taken as the next response")
async def content_length_long(c, q):
    await c.head(length=20)
    await c.raw(b"<title>ok</title>aaa" + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nSMUGL")
    c.keep = False

@case("transfer", "incomplete: error + retry, no half feed marked as read")
async def truncated_chunked(c, q):
    b = rss([item(i, guid=f"tc{i}") for i in range(50)]).encode()
    await c.head(ctype=FEED, chunked=True)
    await c.chunk(b[: len(b) // 2])
    await c.raw(b"400\r\nabc")
    c.keep = False

@case("transfer", "error, no panic, no giant allocation")
async def bad_chunk_size(c, q):
    await c.head(chunked=True)
    await c.raw(b"FFFFFFFFFFFFFFF0\r\nabc\r\n")
    c.keep = False

@case("transfer", "error, no panic")
async def bad_chunk_garbage(c, q):
    await c.head(chunked=True)
    await c.raw(b"zz\r\nabc\r\n")
    c.keep = False

@case("transfer", "error + retry with back-off")
async def rst_midbody(c, q):
    await c.head(length=100000)
    await c.raw(b"a" * 1000)
    await asyncio.sleep(0.05)
    c.reset()

@case("transfer", "error + retry with back-off")
async def rst_at_once(c, q):
    c.reset()

@case("transfer", "empty: zero posts, a warning after N times, never a crash")
async def empty_200(c, q):
    await c.reply(b"")

@case("transfer", "no new posts")
async def status_204(c, q):
    await c.raw(b"HTTP/1.1 204 No Content\r\n\r\n")

@case("transfer", "error, no panic")
async def http09(c, q):
    c.keep = False
    await c.raw(b"<html><title>no headers at all</title></html>")

@case("transfer", "error, no panic")
async def bad_status_line(c, q):
    c.keep = False
    await c.raw(b"HTTP/9.9 -200 \xff\xfe\r\n\r\nabc")

@case("transfer", "read one response only")
async def cl_and_te(c, q):
    c.keep = False
    await c.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")

@case("transfer", "give up: interim responses are bounded", "abort <= 30 s")
async def flood_1xx(c, q):
    c.keep = False
    for i in range(1000000):
        await c.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")
        if i % 1000 == 999:
            await asyncio.sleep(0.01)

@case("transfer", "ignored or skipped: not text", "not indexed as text")
async def binary_as_html(c, q):
    random.seed(1)
    await c.reply(random.randbytes(200000))

@case("transfer", "refuse by content type without reading it all", "<= body limit")
async def video_stream(c, q):
    await c.head(ctype="video/mp4", chunked=True)
    while True:
        await c.chunk(b"\0" * 65536)

# ------------------------------------------------------------------ status codes
def _status(name, line, expect, extra=(), body="x"):
    async def fn(c, q):
        await c.reply(page(title=name), line, extra=extra)
    fn.__name__ = name
    case("status", expect)(fn)

_status("status_401", "401 Unauthorized", "error, long back-off, shown in the source's status", ("WWW-Authenticate: Basic realm=x",))
_status("status_403", "403 Forbidden", "error, long back-off; no hammering, no evasion")
_status("status_404", "404 Not Found", "error, back-off; page body is not indexed")
_status("status_410", "410 Gone", "stop polling this feed; tell the operator")
_status("status_451", "451 Unavailable For Legal Reasons", "error; not indexed")
_status("status_999", "999 Denied", "error, no panic on odd codes")
_status("status_500", "500 Internal Server Error", "retry with exponential back-off and jitter")
_status("status_206_unasked", "206 Partial Content", "treated as an error or as a whole page, not as complete", ("Content-Range: bytes 0-99/5000",))
_status("status_304_unasked", "304 Not Modified", "no change; no panic; no stored body")
_status("retry_after_seconds", "429 Too Many Requests", "no request to this host for >= 20 s", ("Retry-After: 20",))
_status("retry_after_none", "429 Too Many Requests", "back off >= 60 s by default")
_status("retry_after_huge", "429 Too Many Requests", "capped (e.g. 24 h), no overflow", ("Retry-After: 99999999999999999999",))
_status("retry_after_negative", "503 Service Unavailable", "taken as none", ("Retry-After: -5",))

@case("status", "no request to this host before the date")
async def retry_after_date(c, q):
    await c.reply("busy", "503 Service Unavailable", extra=("Retry-After: " + now(20),))

@case("status", "every second request fails: all posts arrive in the end, none twice", path="/feed.xml")
async def flap_503(c, q):
    n = STATE["flap_n"] = STATE.get("flap_n", 0) + 1
    mode = STATE.get("flap", "auto")
    if mode == "down" or (mode == "auto" and n % 2):
        await c.reply("down", "503 Service Unavailable", extra=("Retry-After: 1",))
    else:
        await c.reply(rss([item(i, guid=f"flap{i}", date=now(-60 * i)) for i in range(20)]), ctype=FEED)

# ------------------------------------------------------------------ redirects / SSRF
@case("redirect", "stop after <= 10 hops; error")
async def redirect_loop(c, q):
    await c.reply("", "302 Found", extra=("Location: " + url("/case/redirect_loop"),))

@case("redirect", "stop after <= 10 hops; error", path="?n=0")
async def redirect_chain(c, q):
    n = int(q.get("n", ["0"])[0])
    if n >= 50:
        await c.reply(page())
    else:
        await c.reply("", "302 Found", extra=("Location: " + url(f"/case/redirect_chain?n={n + 1}"),))

def _redir(name, loc, expect="blocked: no connection to the target, clear error"):
    async def fn(c, q):
        l = loc() if callable(loc) else loc
        await c.reply("", "302 Found", extra=("Location: " + l,))
    fn.__name__ = name
    case("ssrf", expect)(fn)

_redir("redirect_internal", lambda: f"http://127.0.0.1:{ARGS.port - 1}/secret")
_redir("redirect_internal_localhost", lambda: f"http://localhost:{ARGS.port - 1}/secret")
_redir("redirect_internal_decimal", lambda: f"http://2130706433:{ARGS.port - 1}/secret")
_redir("redirect_internal_v6mapped", lambda: f"http://[::ffff:127.0.0.1]:{ARGS.port - 1}/secret")
_redir("redirect_internal_userinfo", lambda: f"http://127.0.0.1:{ARGS.port}@127.0.0.1:{ARGS.port - 1}/secret")
_redir("redirect_metadata", "http://169.254.169.254/latest/meta-data/")
_redir("redirect_aliyun_metadata", "http://100.100.100.200/latest/meta-data/")
_redir("redirect_rfc1918", "http://10.0.0.1/")
_redir("redirect_file", "file:///etc/passwd")
_redir("redirect_ftp", "ftp://127.0.0.1/x")
_redir("redirect_gopher", "gopher://127.0.0.1:25/_HELO")
_redir("redirect_javascript", "javascript:alert(1)")
_redir("redirect_data", "data:text/html,<title>x</title>")
_redir("redirect_no_scheme", lambda: f"//127.0.0.1:{ARGS.port - 1}/secret")
_redir("redirect_dotdot", "../../../../etc/passwd", "resolved as a URL on the same host (404), nothing from disk")
_redir("redirect_empty", "", "error or same page once, no loop")
_redir("redirect_huge", lambda: url("/x?" + "a" * 70000), "error: URL too long")
_redir("redirect_blackhole", lambda: url("/", ARGS.port + 60), "connect timeout <= 10 s")

@case("ssrf", "error, no panic")
async def redirect_no_location(c, q):
    await c.reply("", "302 Found")

@case("redirect", "decoded sensibly or error; no panic")
async def redirect_gbk_location(c, q):
    b = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /post/".encode() + "舆情".encode("gbk") + b"\r\n\r\n"
    await c.raw(b)

@case("redirect", "followed at most as a normal link, within the same limits")
async def meta_refresh_loop(c, q):
    await c.reply(page(head=f'<meta http-equiv="refresh" content="0;url={url("/case/meta_refresh_loop")}">'))

@case("redirect", "the new address is stored (301) and used next time; /log shows it", path="/feed.xml")
async def moved_permanently(c, q):
    await c.reply("", "301 Moved Permanently", extra=("Location: " + url("/case/etag_feed/feed.xml"),))

@case("ssrf", "no Authorization or Cookie header is sent on to another origin (see /log)")
async def redirect_cross_origin(c, q):
    await c.reply("", "302 Found", extra=("Set-Cookie: s=1", "Location: " + url("/echo", ARGS.port + 10)))

@case("ssrf", "linked pages/images/feeds on internal hosts are not fetched", path="/feed.xml")
async def feed_links_internal(c, q):
    its = [item(i, link=u, guid=f"fi{i}") for i, u in enumerate([url("/secret", ARGS.port - 1), "http://169.254.169.254/", "file:///etc/passwd", "http://localhost:22/", "http://0/", "http://[::1]/"])]
    await c.reply(rss(its, extra=f'<image><url>{url("/secret.png", ARGS.port - 1)}</url></image>'), ctype=FEED)

# ------------------------------------------------------------------ charsets
def _cs(name, body, ctype, expect):
    async def fn(c, q):
        b = body() if callable(body) else body
        await c.reply(b, ctype=ctype)
    fn.__name__ = name
    case("charset", expect)(fn)

T = "title shown as " + TITLE
_cs("gbk_no_charset", lambda: page().encode("gb18030"), "text/html", T)
_cs("gbk_meta", lambda: page(head='<meta charset="gb2312">').encode("gb18030"), "text/html", T)
_cs("gbk_header_lies_utf8", lambda: page().encode("gb18030"), "text/html; charset=utf-8", T + " (lenient)")
_cs("utf8_header_lies_gbk", lambda: page(head='<meta charset="utf-8">').encode(), "text/html; charset=gbk", T + " (lenient; at least no crash)")
_cs("utf8_header_latin1", lambda: page(head='<meta charset="utf-8">').encode(), "text/html; charset=ISO-8859-1", T + " (lenient)")
_cs("gbk_rss", lambda: rss([item(1, guid="g1")], '<?xml version="1.0" encoding="gb2312"?>').encode("gb18030"), "text/xml", T)
_cs("gbk_rss_utf8_prolog", lambda: rss([item(1, guid="g1")]).encode("gb18030"), "application/rss+xml", T + " (lenient)")
_cs("utf16_no_bom", lambda: page().encode("utf-16-le"), "text/html; charset=utf-16le", T)
_cs("invalid_utf8", lambda: page().encode().replace(b"</p>", b"\xff\xc3\x28\xed\xa0\x80\xf8</p>"), "text/html; charset=utf-8", T + "; bad bytes become U+FFFD")
_cs("nul_bytes", lambda: page(body=BODY + "\0\0\0" + BODY).encode(), "text/html; charset=utf-8", T + "; NULs dropped")
_cs("control_chars_xml", lambda: rss([item(1, title="控\x08制\x0b字\x1f符", guid="cc")]).encode(), FEED, "the feed still parses (lenient) or a clear error")
_cs("json_lone_surrogate", b'{"data":[{"title":"\\ud800\\u70ed\\u641c","url":"http://x.test/1"}]}', "application/json", "row kept with U+FFFD, or skipped; the others kept")
_cs("json_bom", b'\xef\xbb\xbf{"data":[{"title":"\xe7\x83\xad\xe6\x90\x9c","url":"http://x.test/1"}]}', "application/json", "parsed")
_cs("json_gbk", lambda: json.dumps({"data": [{"title": "热搜榜第一", "url": "http://x.test/1"}]}, ensure_ascii=False).encode("gbk"), "application/json; charset=gbk", "parsed")
_cs("charset_unknown", lambda: page().encode(), "text/html; charset=klingon", T)
_cs("content_type_missing", lambda: page().encode(), None, T)
_cs("utf7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "text/html; charset=utf-7", "not decoded as UTF-7")

# ------------------------------------------------------------------ XML
@case("xml", "error or text without expansion", "< 1 s, RSS growth <= 32 MiB")
async def billion_laughs(c, q):
    ents = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{i} "{("&l%d;" % (i - 1)) * 10}">' for i in range(1, 11))
    await c.reply(f'<?xml version="1.0"?><!DOCTYPE rss [{ents}]><rss version="2.0"><channel><title>&l10;</title>{item(1, guid="bl")}</channel></rss>', ctype=FEED)

@case("xml", "error or no expansion", "< 1 s, RSS growth <= 32 MiB")
async def quadratic_blowup(c, q):
    await c.reply(f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "{"a" * 100000}">]><rss version="2.0"><channel><title>{"&a;" * 100000}</title></channel></rss>', ctype=FEED)

@case("xml", "no file content anywhere (search for root:)")
async def xxe_file(c, q):
    await c.reply('<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>&x;</title><item><title>XXE &x;</title><guid>xxe</guid></item></channel></rss>', ctype=FEED)

@case("xml", "no request to the internal port (see /log)")
async def xxe_http(c, q):
    u = url("/secret", ARGS.port - 1)
    await c.reply(f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{u}" [<!ENTITY % p SYSTEM "{u}">%p;<!ENTITY x SYSTEM "{u}">]><rss version="2.0"><channel><title>&x;</title></channel></rss>', ctype=FEED)

@case("xml", "error, no stack overflow", "< 2 s")
async def deep_xml(c, q):
    n = 1000000
    await c.reply(b'<?xml version="1.0"?><rss version="2.0"><channel>' + b"<a>" * n + b"</a>" * n + b"</channel></rss>", ctype=FEED)

@case("xml", "no quadratic time", "< 2 s")
async def xml_many_attrs(c, q):
    await c.reply(b'<?xml version="1.0"?><rss version="2.0"><channel ' + b" ".join(b'a%d="x"' % i for i in range(100000)) + b"></channel></rss>", ctype=FEED)

@case("xml", "error, no quadratic time", "< 2 s")
async def xml_unclosed(c, q):
    await c.reply(b'<?xml version="1.0"?><rss version="2.0"><channel>' + b"<item><title>" * 200000, ctype=FEED)

@case("xml", "capped to the item limit or refused by size; process lives; newest items kept", "20-40 MiB; RSS growth <= 300 MiB; < 30 s")
async def feed_100k(c, q):
    await c.head(ctype=FEED, chunked=True)
    await c.chunk('<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>十万条</title>'.encode())
    for a in range(0, 100000, 1000):
        await c.chunk("".join(item(i, guid=f"big{i}", date=now(-i), desc="短文" + str(i)) for i in range(a, a + 1000)).encode())
    await c.chunk(b"</channel></rss>")
    await c.end_chunks()

@case("xml", "the item is cut to the text limit, the others are kept")
async def feed_huge_item(c, q):
    await c.reply(rss([item(1, guid="huge", desc="长" * 3000000), item(2, guid="small")]), ctype=FEED)

@case("xml", "the items before the break may be kept; never a crash; retried")
async def feed_truncated(c, q):
    b = rss([item(i, guid=f"tr{i}") for i in range(30)]).encode()
    await c.reply(b[: len(b) * 2 // 3], ctype=FEED)

@case("xml", "not taken as a feed: clear error 'HTML instead of a feed'")
async def html_instead_of_feed(c, q):
    await c.reply(page(title="请登录"), ctype="text/html")

# ------------------------------------------------------------------ HTML / JSON
@case("html", "page skipped or cut at a depth limit; no stack overflow", "< 5 s, RSS growth <= 600 MiB")
async def deep_html(c, q):
    await c.reply(b"<html><title>deep</title><body>" + b"<div>" * 1000000 + "深处".encode())

@case("html", "as deep_html; misnested formatting elements (adoption agency)", "< 5 s")
async def html_formatting_bomb(c, q):
    await c.reply(b"<title>x</title>" + b"<b><i><a>" * 30000 + b"</b></i></a>" * 100)

@case("html", "no quadratic time", "< 5 s")
async def html_many_attrs(c, q):
    await c.reply(b"<title>x</title><p " + b" ".join(b"a%d=1" % i for i in range(200000)) + b">x")

@case("html", "no regex blow-up", "< 2 s")
async def redos_text(c, q):
    s = " " * 50000 + "2020" + "年" * 50000 + "a" * 100000 + "!" + "<" * 50000 + "&" * 50000 + "(" * 20000 + "@" * 20000
    await c.reply(page(title="a" * 100000 + "!", body=s))

@case("html", "title cut to a limit")
async def huge_title(c, q):
    await c.reply(page(title="标题" * 500000))

@case("html", "links per page capped", "<= 5000 links queued")
async def many_links(c, q):
    await c.reply(page(links="".join(f'<a href="/post/{i}?x={i}">帖子{i}</a>' for i in range(100000))))

@case("trap", "crawl stops at the depth / pages-per-host limit", "<= 500 pages", path="?y=2024&m=1")
async def calendar(c, q):
    y, m = int(q.get("y", ["2024"])[0]), int(q.get("m", ["1"])[0])
    ny, nm = (y + 1, 1) if m == 12 else (y, m + 1)
    py, pm = (y - 1, 12) if m == 1 else (y, m - 1)
    await c.reply(page(title=f"{y}年{m}月 日历", body="无活动", links=f'<a href="/case/calendar?y={ny}&m={nm}">下月</a> <a href="/case/calendar?y={py}&m={pm}">上月</a>' + "".join(f'<a href="/case/calendar?y={y}&m={m}&d={d}">{d}</a>' for d in range(1, 29))))

@case("trap", "same page under ever new session ids: stops at the limit; 1 post", "<= 100 pages", path="/p;jsessionid=0")
async def session_trap(c, q):
    s = "%032x" % random.getrandbits(128)
    await c.reply(page(title="会话陷阱", links="".join(f'<a href="/case/session_trap/p{i};jsessionid={s}?sid={s}">x</a>' for i in range(20))))

@case("trap", "ever deeper relative path: stops at the URL depth/length limit", "<= 100 pages", path="/a/")
async def path_trap(c, q):
    await c.reply(page(title="路径陷阱", links='<a href="a/">a</a><a href="./b/a/">b</a>'))

@case("dedup", "50 URLs, one text: one post (or one group), 50 sightings", path="?id=1")
async def duplicates(c, q):
    await c.reply(page(links="".join(f'<a href="/case/duplicates?id={i}&utm_source=s{i}">x</a>' for i in range(50))))

@case("html", "not indexed (noindex), links not followed")
async def noindex(c, q):
    await c.reply(page(head='<meta name="robots" content="noindex,nofollow">', links='<a href="/post/noindex-child">x</a>'), extra=("X-Robots-Tag: noindex",))

@case("html", "relative links are taken from <base>, and the internal base is blocked")
async def base_internal(c, q):
    await c.reply(page(head=f'<base href="{url("/", ARGS.port - 1)}">', links='<a href="secret">x</a>'))

@case("xss", "shown as text everywhere: dashboard, search results, API, mail, CSV", path="/feed.xml")
async def xss_feed(c, q):
    p = ["<script>window.__xss=1</script>", '"><img src=x onerror=window.__xss=1>', "<svg/onload=window.__xss=1>", "</title><script>window.__xss=1</script>", "=cmd|'/C calc'!A0", "标题\r\nBcc: evil@evil.test", "{{7*7}}", "<style>*{display:none}</style>", "\u202e反转"]
    its = [item(i, title="爆炸 " + x, link=url(f"/post/xss{i}"), guid=f"xss{i}", desc="爆炸 " + x, date=now(-i)) for i, x in enumerate(p)]
    its += [item(100 + i, title="爆炸 链接", link=l, guid=f"xssl{i}") for i, l in enumerate(["javascript:window.__xss=1", "data:text/html,<script>1</script>", url("/post/x") + '"onmouseover="window.__xss=1'])]
    await c.reply(rss(its), ctype=FEED)

@case("json", "error, no stack overflow", "< 1 s")
async def deep_json(c, q):
    await c.reply(b"[" * 1000000 + b"]" * 1000000, ctype="application/json")

@case("json", "error by size or streamed; RSS growth <= 64 MiB over the body limit")
async def huge_json(c, q):
    await c.head(ctype="application/json", chunked=True)
    await c.chunk(b'{"data":[')
    for i in range(400000):
        await c.raw(b"%x\r\n" % (len(s := b'{"title":"%d","url":"http://x.test/%d","hot":1},' % (i, i)))+ s + b"\r\n", drain=i % 500 == 0)
    await c.chunk(b'{}]}')
    await c.end_chunks()

@case("json", "error 'not JSON' for this source; others go on")
async def json_is_login_page(c, q):
    await c.reply(page(title="登录"), ctype="application/json")

@case("json", "rows with odd types are skipped one by one, good rows kept (2 good)")
async def json_odd_types(c, q):
    await c.reply(json.dumps({"data": [{"title": "好一", "url": "http://x.test/1", "hot": 123}, {"title": None, "url": 5}, {"title": ["x"], "url": "http://x.test/2"}, 7, None, {"url": "http://x.test/3"}, {"title": "好二", "url": "http://x.test/4", "hot": "1.2万"}, {"title": "大数", "url": "javascript:1", "hot": 1e400 if False else 10 ** 40}]}, ensure_ascii=False), ctype="application/json")

@case("json", "a 200 with an error code inside ({\"code\":-412}): shown as an error, not as zero posts")
async def json_error_200(c, q):
    await c.reply('{"code":-412,"message":"request was banned"}', ctype="application/json")

@case("json", "rank list that changes order: the same item is one post; rank history may change", path="/list.json")
async def hotlist(c, q):
    n = STATE["hot_n"] = STATE.get("hot_n", 0) + 1
    rows = [{"title": f"热搜词{i}", "url": url(f"/post/hot{i}"), "hot": 1000 - i} for i in range(50)]
    random.seed(n)
    random.shuffle(rows)
    await c.reply(json.dumps({"data": rows}, ensure_ascii=False), ctype="application/json")

# ------------------------------------------------------------------ feed semantics
@case("feed", "second fetch sends If-None-Match; a 304 costs no parsing and no new posts; /ctl?version=2 adds items", path="/feed.xml")
async def etag_feed(c, q):
    v = int(STATE.get("version", 1))
    et = f'"v{v}"'
    if c.headers.get("if-none-match", "").replace("W/", "") == et:
        await c.raw(f"HTTP/1.1 304 Not Modified\r\nETag: {et}\r\n\r\n".encode())
        c.status = 304
        return
    await c.reply(rss([item(i, guid=f"etag{i}", date=now(-3600 * i)) for i in range(10 * v)]), ctype=FEED, extra=(f"ETag: {et}",))

@case("feed", "second fetch sends If-Modified-Since with the server's own string", path="/feed.xml")
async def lastmod_feed(c, q):
    lm = "Mon, 20 May 2024 07:30:00 GMT"
    if c.headers.get("if-modified-since") == lm:
        await c.raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        c.status = 304
        return
    await c.reply(rss([item(i, guid=f"lm{i}") for i in range(10)]), ctype=FEED, extra=("Last-Modified: " + lm,))

@case("feed", "always 304 although items change: a full fetch once in a while (e.g. daily)", path="/feed.xml")
async def etag_liar(c, q):
    if c.headers.get("if-none-match"):
        await c.raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        c.status = 304
        return
    await c.reply(rss([item(1, guid="liar")]), ctype=FEED, extra=('ETag: "same"',))

@case("feed", "one post per guid; the changed text replaces or adds a revision; no second alert for the same post", path="/feed.xml")
async def guid_changed_content(c, q):
    n = STATE["gcc"] = STATE.get("gcc", 0) + 1
    await c.reply(rss([item(i, title=f"突发：爆炸 第{n}版", guid=f"gcc{i}", desc=f"版本{n} " + BODY) for i in range(5)]), ctype=FEED)

@case("feed", "new guid each poll, same link and text: still 5 posts after 10 polls", path="/feed.xml")
async def guid_changes_each_poll(c, q):
    n = STATE["gch"] = STATE.get("gch", 0) + 1
    await c.reply(rss([item(i, guid=f"gch-{n}-{i}") for i in range(5)]), ctype=FEED)

@case("feed", "one guid for different items: all 5 kept (link/text tell them apart) or the fact is reported", path="/feed.xml")
async def guid_shared(c, q):
    await c.reply(rss([item(i, title=f"不同的帖子{i}", guid="SAME", desc=f"内容{i}" * 30) for i in range(5)]), ctype=FEED)

@case("feed", "kept, with fetch time as the date and marked so; order stable; not 're-published' at each poll", path="/feed.xml")
async def dates_missing(c, q):
    await c.reply(rss([item(i, guid=f"nd{i}") for i in range(5)]), ctype=FEED)

@case("feed", "future dates are clamped to fetch time; do not sit on top for ever; windows are not upset", path="/feed.xml")
async def dates_future(c, q):
    d = ["Fri, 01 Jan 2099 00:00:00 GMT", now(86400), now(600), "Fri, 31 Dec 9999 23:59:59 -9999"]
    await c.reply(rss([item(i, guid=f"fd{i}", date=x) for i, x in enumerate(d)]), ctype=FEED)

@case("feed", "unparsable dates = missing; never 1970", path="/feed.xml")
async def dates_invalid(c, q):
    d = ["昨天", "0000-00-00", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 2024 99:99:99 XYZ", "2024-13-45T25:61:61Z", "1716190000", "2024-05-20 15:30:00", "Mon, 20 May 2024 15:30:00 CST", "-1", "NaN"]
    await c.reply(rss([item(i, guid=f"id{i}", date=x) for i, x in enumerate(d)]), ctype=FEED)

@case("feed", "old items (2009) are stored or skipped by policy but do not raise alerts", path="/feed.xml")
async def dates_old(c, q):
    await c.reply(rss([item(i, title="爆炸 旧闻", guid=f"od{i}", date="Thu, 01 Jan 2009 00:00:00 GMT") for i in range(100)]), ctype=FEED)

@case("feed", "items without link or title are kept with what there is, or skipped one by one", path="/feed.xml")
async def items_poor(c, q):
    await c.reply(rss(["<item></item>", "<item><title>只有标题</title></item>", "<item><description>只有正文只有正文</description></item>", f"<item><link>{url('/post/onlylink')}</link></item>", "<item><title></title><link>   </link></item>", item(9, link="/post/rel", guid="rel")]), ctype=FEED)

@case("feed", "one new item a poll: each found exactly once", path="/feed.xml")
async def growing_feed(c, q):
    n = STATE["grow"] = STATE.get("grow", 0) + 1
    await c.reply(rss([item(i, guid=f"grow{i}", date=now()) for i in range(max(0, n - 20), n)]), ctype=FEED)

@case("feed", "/ctl?extra=N adds N posts of one event at once: all indexed; the alert is grouped, not N mails", path="/feed.xml")
async def event_burst(c, q):
    n = int(STATE.get("extra", 0))
    base = int(STATE.get("base", 0))
    await c.reply(rss([item(f"ev{base}-{i}", title=f"某市化工厂爆炸 网友目击 {i}", guid=f"ev{base}-{i}", date=now(-i % 600), desc=f"爆炸 现场 目击{i} " + BODY) for i in range(n)] + [item(i, title=f"日常新闻{i}", guid=f"bg{i}", date=now(-3600 * i)) for i in range(20)]), ctype=FEED)

@case("feed", "steady stream for crash tests: /case/stream/feed.xml?rate=R gives ids floor(t*R) .. ; ids are known, so loss and doubles can be counted", path="/feed.xml?rate=5&window=400")
async def stream(c, q):
    r = float(q.get("rate", ["5"])[0])
    w = int(q.get("window", ["400"])[0])
    src = q.get("src", ["s"])[0]
    n = int((time.time() - START) * r)
    STATE["stream_n_" + src] = n
    await c.reply(rss([item(f"{src}-{i}", title=f"流水{src}-{i} 普通帖子", guid=f"stream-{src}-{i}", date=email.utils.formatdate(START + i / r, usegmt=True), desc=f"编号 {src}-{i} " + BODY) for i in range(max(0, n - w), n)]), ctype=FEED)

@case("feed", "pagination that loops or never ends: stop at the page limit", path="/feed.json?p=1")
async def paged_api(c, q):
    p = int(q.get("p", ["1"])[0])
    await c.reply(json.dumps({"items": [{"title": f"页{p}条{i}", "url": url(f"/post/pg{p}-{i}")} for i in range(10)], "next_url": url(f"/case/paged_api/feed.json?p={p + 1 if p < 1000000 else 1}")}, ensure_ascii=False), ctype="application/feed+json")

@case("sitemap", "sitemap index pointing at itself and at 10 000 children: bounded", path="/sitemap.xml")
async def sitemap_loop(c, q):
    await c.reply('<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + f"<sitemap><loc>{url('/case/sitemap_loop/sitemap.xml')}</loc></sitemap>" + "".join(f"<sitemap><loc>{url('/case/sitemap_loop/s%d.xml' % i)}</loc></sitemap>" for i in range(10000)) + "</sitemapindex>", ctype="application/xml")

@case("sitemap", "foreign-host URLs in a sitemap are dropped; 50 000 URLs bounded", path="/sitemap.xml")
async def sitemap_foreign(c, q):
    await c.reply('<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + f"<url><loc>{url('/secret', ARGS.port - 1)}</loc></url>" + "".join(f"<url><loc>{url('/post/sm%d' % i)}</loc><lastmod>2024-05-20</lastmod></url>" for i in range(50000)) + "</urlset>", ctype="application/xml")

# ------------------------------------------------------------------ cookies
@case("cookie", "bounded jar", "<= 300 cookies / 64 KiB kept")
async def cookie_flood(c, q):
    await c.head(length=2, extra=[f"Set-Cookie: c{i}={'v' * 1000}; Path=/" for i in range(200)])
    await c.raw(b"ok")

@case("cookie", "cookies are off or a per-source jar; stops after <= 10 hops either way")
async def cookie_wall(c, q):
    if "seen=1" in c.headers.get("cookie", ""):
        await c.reply(page())
    else:
        await c.reply("", "302 Found", extra=("Set-Cookie: seen=1; Path=/", "Location: " + url("/case/cookie_wall")))

@case("cookie", "rejected: foreign domain")
async def cookie_foreign(c, q):
    await c.reply(page(), extra=("Set-Cookie: x=1; Domain=example.com", "Set-Cookie: y=1; Domain=1"))

# ------------------------------------------------------------------ politeness
@case("polite", "20 pages on one host: <= 1 request at a time and >= the configured delay between starts (see /log concurrent,t)", path="/0")
async def polite(c, q):
    await asyncio.sleep(0.3)
    await c.reply(page(title="礼貌" + c.path, links="".join(f'<a href="/case/polite/{i}">{i}</a>' for i in range(20))))

# ------------------------------------------------------------------ robots origins (one port each)
def _r(status="200 OK", body="", ctype="text/plain", extra=()):
    async def fn(c, q):
        await c.reply(body() if callable(body) else body, status, ctype, extra)
    return fn

async def _r_slow(c, q):
    await asyncio.sleep(600)

async def _r_endless(c, q):
    await c.head(ctype="text/plain", chunked=True)
    while True:
        await c.chunk(b"Disallow: /x\n" * 5000)

async def _r_redirect(c, q):
    n = int(q.get("n", ["0"])[0])
    if n >= 4:
        await c.reply("User-agent: *\nDisallow: /private/\n", ctype="text/plain")
    else:
        await c.reply("", "302 Found", extra=(f"Location: /robots.txt?n={n + 1}",))

async def _r_rst(c, q):
    c.reset()

ROBOTS = [
    ("open", "no robots.txt (404): everything allowed; also /echo", _r("404 Not Found", "nope")),
    ("disallow_all", "nothing but /robots.txt is ever requested", _r(body="User-agent: *\nDisallow: /\n")),
    ("disallow_private", "/private/ never requested, /feed.xml is", _r(body="User-agent: *\nDisallow: /private/\nAllow: /private/ok\nSitemap: /sitemap.xml\n")),
    ("status_500", "5xx: assume complete disallow (RFC 9309 2.3.1.4), retried later", _r("500 Internal Server Error")),
    ("status_503", "5xx: as status_500", _r("503 Service Unavailable", extra=("Retry-After: 5",))),
    ("status_403", "4xx: unavailable -> may crawl (RFC 9309 2.3.1.3)", _r("403 Forbidden")),
    ("status_429", "429: treated as 5xx/slow down", _r("429 Too Many Requests", extra=("Retry-After: 5",))),
    ("slow", "robots timeout = unreachable -> disallow; other hosts go on", _r_slow),
    ("endless", "read at most a fixed amount (RFC: at least 500 KiB), no memory growth", _r_endless),
    ("huge", "rule placed within the first 500 KiB holds: /private/ not requested", _r(body=lambda: "User-agent: *\nDisallow: /private/\n" + "# pad\n" * 1000000)),
    ("redirect5", "follow at least five hops, then obey (/private/ not requested)", _r_redirect),
    ("redirect_loop", "> 5 hops: unavailable -> may crawl", _r("302 Found", extra=("Location: /robots.txt",))),
    ("html", "an HTML page as robots.txt: no rules", _r(body=page(), ctype="text/html")),
    ("bom_crlf", "BOM and CR line ends: obeyed", _r(body=b"\xef\xbb\xbfUser-agent: *\rDisallow: /private/\r\n")),
    ("gbk_comments", "GBK comments: obeyed", _r(body="# 爬虫须知\nUser-agent: *\nDisallow: /private/ # 私有\n".encode("gbk"))),
    ("crawl_delay", "Crawl-delay: 5 -> >= 5 s between requests to this host", _r(body="User-agent: *\nCrawl-delay: 5\nDisallow: /private/\n")),
    ("crawl_delay_huge", "Crawl-delay: 1e9 -> capped, host shown as practically closed; no overflow", _r(body="User-agent: *\nCrawl-delay: 1000000000\n")),
    ("named_bot", "our product token is refused, * is allowed: nothing requested", _r(body=lambda: "User-agent: *\nAllow: /\n\nUser-agent: " + ARGS.bot + "\nDisallow: /\n")),
    ("rst", "connection reset = unreachable -> disallow", _r_rst),
    ("regex_bomb", "many wildcards: matching stays fast (< 10 ms a URL)", _r(body="User-agent: *\nDisallow: /" + "*a" * 500 + "$\nDisallow: /private/\n")),
]

# ------------------------------------------------------------------ server
async def origin_page(c, q):
    """What every robots/TLS origin serves besides robots.txt."""
    if c.path.endswith("feed.xml"):
        return await c.reply(rss([item(i, link=url(f"/private/{i}" if i % 2 else f"/public/{i}", c.port), guid=f"{c.port}-{i}", date=now(-i)) for i in range(6)]), ctype=FEED)
    if c.path == "/echo":
        return await c.reply(json.dumps(c.headers), ctype="application/json")
    await c.reply(page(title=f"{c.port}{c.path}", links='<a href="/private/1">p</a><a href="/private/ok">ok</a><a href="/public/1">q</a>'))


ACTIVE = {}


async def until_gone(answer, r):
    """Answers until the client hangs up: whoever only waits would not notice, and the log would blame the client."""
    async def gone():
        while not r.at_eof():
            await asyncio.sleep(0.1)
    answer, gone = asyncio.ensure_future(answer), asyncio.ensure_future(gone())
    await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if not answer.done():
        answer.cancel()
        await asyncio.wait({answer})
        raise ConnectionResetError("the client hung up")
    answer.result()


def mk_handler(port, robots=None, internal=False):
    async def handle(r, w):
        HOST.set(w.get_extra_info("sockname")[0])
        active = ACTIVE.setdefault((HOST.get(), port), {"n": 0})
        try:
            while True:
                try:
                    hdr = await asyncio.wait_for(r.readuntil(b"\r\n\r\n"), 120)
                except (asyncio.IncompleteReadError, asyncio.TimeoutError, asyncio.LimitOverrunError, ConnectionError, ssl.SSLError):
                    return
                lines = hdr.decode("latin-1").split("\r\n")
                try:
                    method, target, _ = lines[0].split(" ", 2)
                except ValueError:
                    return
                c = Conn(r, w, port)
                c.method = method
                c.headers = {k.strip().lower(): v.strip() for k, _, v in (l.partition(":") for l in lines[1:] if ":" in l)}
                n = int(c.headers.get("content-length") or 0)
                if n:
                    await r.readexactly(min(n, 1 << 20))
                u = urllib.parse.urlsplit(target)
                c.path = u.path
                q = urllib.parse.parse_qs(u.query, keep_blank_values=True)
                active["n"] += 1
                quiet = c.path in ("/", "/log", "/stats", "/ctl", "/reset") and not robots and not internal
                e = {"seq": len(LOG), "t": round(time.time(), 4), "host": HOST.get(), "port": port, "method": method, "path": target[:300], "ua": c.headers.get("user-agent", ""), "inm": c.headers.get("if-none-match"), "ims": c.headers.get("if-modified-since"), "cookie": c.headers.get("cookie", "")[:100] or None, "auth": bool(c.headers.get("authorization")), "ae": c.headers.get("accept-encoding"), "concurrent": active["n"]}
                if not quiet and len(LOG) < 500000:
                    LOG.append(e)
                t0 = time.time()
                end = "ok"
                try:
                    await until_gone(route(c, q, port, robots, internal), r)
                except (ConnectionError, ssl.SSLError, asyncio.CancelledError, RuntimeError) as x:
                    end = "client-closed" if not isinstance(x, ConnectionAbortedError) else "server-cap"
                    c.keep = False
                finally:
                    active["n"] -= 1
                    e.update(bytes=c.sent, secs=round(time.time() - t0, 3), end=end, status=c.status)
                    if not quiet:
                        name = c.path.split("/")[2] if c.path.startswith("/case/") and len(c.path.split("/")) > 2 else f"port{port}{c.path[:40]}"
                        s = STATS.setdefault(name, {"hits": 0, "bytes": 0, "client_closed": 0, "max_secs": 0, "max_bytes": 0, "max_concurrent": 0})
                        s["hits"] += 1
                        s["bytes"] += c.sent
                        s["client_closed"] += end == "client-closed"
                        s["max_secs"] = max(s["max_secs"], e["secs"])
                        s["max_bytes"] = max(s["max_bytes"], c.sent)
                        s["max_concurrent"] = max(s["max_concurrent"], e["concurrent"])
                        if ARGS.log:
                            with open(ARGS.log, "a") as f:
                                f.write(json.dumps(e) + "\n")
                if not c.keep or c.headers.get("connection", "").lower() == "close":
                    return
        finally:
            try:
                w.close()
            except Exception:
                pass
    return handle


async def route(c, q, port, robots, internal):
    if internal:
        STATE["internal_hits"] = STATE.get("internal_hits", 0) + 1
        return await c.reply("SECRET-INTERNAL-CONTENT " + TITLE, ctype="text/plain")
    if robots is not None:
        if c.path == "/robots.txt":
            return await robots(c, q)
        return await origin_page(c, q)
    if c.path == "/":
        return await c.reply(json.dumps(index(), ensure_ascii=False, indent=1), ctype="application/json; charset=utf-8")
    if c.path == "/robots.txt":
        return await c.reply("User-agent: *\nAllow: /\nDisallow: /never/\n", ctype="text/plain")
    if c.path == "/log":
        since = int(q.get("since", ["0"])[0])
        return await c.reply(json.dumps({"internal_hits": STATE.get("internal_hits", 0), "log": LOG[since:since + 20000]}), ctype="application/json")
    if c.path == "/stats":
        return await c.reply(json.dumps({"internal_hits": STATE.get("internal_hits", 0), "state": STATE, "cases": STATS}), ctype="application/json")
    if c.path == "/ctl":
        for k, v in q.items():
            STATE[k] = v[0]
        return await c.reply(json.dumps(STATE), ctype="application/json")
    if c.path == "/reset":
        LOG.clear(); STATS.clear(); STATE.clear()
        return await c.reply("{}", ctype="application/json")
    if c.path.startswith("/case/"):
        name = c.path.split("/")[2]
        if name in CASES:
            async with asyncio.timeout(ARGS.case_secs):
                return await CASES[name]["fn"](c, q)
    if c.path.startswith("/post/"):
        return await c.reply(page(title=TITLE + " " + html.escape(c.path[6:])))
    await c.reply("not found", "404 Not Found")


def index():
    L = [{"name": k, "kind": v["kind"], "url": f"http://{address(i)}:{ARGS.port}/case/{k}{v['path']}", "expect": v["expect"], "limits": v["limits"]} for i, (k, v) in enumerate(CASES.items())]
    L += [{"name": "robots_" + n, "kind": "robots", "url": url("/feed.xml", ARGS.port + 10 + i), "site": url("/", ARGS.port + 10 + i), "expect": e, "limits": ""} for i, (n, e, _) in enumerate(ROBOTS)]
    L += [{"name": "tls_" + n, "kind": "tls", "url": f"https://127.0.0.1:{ARGS.port + 50 + i}/feed.xml", "expect": e, "limits": ""} for i, (n, e) in enumerate(TLS_UP)]
    L += [{"name": "blackhole", "kind": "transfer", "url": url("/", ARGS.port + 60), "expect": "connect timeout <= 10 s", "limits": "abort <= 10 s"}]
    return {"internal": url("/secret", ARGS.port - 1), "count": len(L), "cases": L}


TLS_UP = []


def tls_contexts():
    try:
        from cryptography import x509
        from cryptography.x509.oid import NameOID
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        import ipaddress
    except ImportError:
        return []
    d = tempfile.mkdtemp(prefix="hostile-tls")
    utc = dt.datetime.now(dt.timezone.utc)

    def mk(name, san, start, end, issuer=None, ikey=None, ca=False):
        k = ec.generate_private_key(ec.SECP256R1())
        n = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        b = x509.CertificateBuilder().subject_name(n).issuer_name(issuer or n).public_key(k.public_key()).serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end).add_extension(x509.BasicConstraints(ca, None), True)
        if san:
            b = b.add_extension(x509.SubjectAlternativeName(san), False)
        return b.sign(ikey or k, hashes.SHA256()), k, n

    day = dt.timedelta(days=1)
    ca, cak, can = mk("Hostile Test CA", None, utc - day, utc + 365 * day, ca=True)
    open(os.path.join(d, "ca.pem"), "wb").write(ca.public_bytes(serialization.Encoding.PEM))
    lo = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    defs = [("good", "works when the client trusts " + os.path.join(d, "ca.pem"), lo, utc - day, utc + 30 * day, True),
            ("self_signed", "refused: unknown issuer", lo, utc - day, utc + 30 * day, False),
            ("expired", "refused: expired", lo, utc - 60 * day, utc - 30 * day, True),
            ("not_yet", "refused: not yet valid", lo, utc + 30 * day, utc + 60 * day, True),
            ("wrong_host", "refused: name mismatch", [x509.DNSName("other.test")], utc - day, utc + 30 * day, True)]
    out = []
    for name, e, san, a, z, signed in defs:
        ct, k, _ = mk(name, san, a, z, can if signed else None, cak if signed else None)
        p = os.path.join(d, name + ".pem")
        with open(p, "wb") as f:
            f.write(k.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) + ct.public_bytes(serialization.Encoding.PEM))
        cx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cx.load_cert_chain(p)
        out.append((name, e, cx))
    out.append(("plain_http", "refused: not TLS", None))
    return out


async def serve(ready=None):
    servers = [await asyncio.start_server(mk_handler(ARGS.port), ["127.0.0.1"] + [address(i) for i in range(len(CASES))], ARGS.port, limit=1 << 20),
               await asyncio.start_server(mk_handler(ARGS.port - 1, internal=True), "127.0.0.1", ARGS.port - 1)]
    for i, (n, e, fn) in enumerate(ROBOTS):
        servers.append(await asyncio.start_server(mk_handler(ARGS.port + 10 + i, robots=fn), "127.0.0.1", ARGS.port + 10 + i))
    for i, (n, e, cx) in enumerate(tls_contexts()):
        servers.append(await asyncio.start_server(mk_handler(ARGS.port + 50 + i, robots=_r("404 Not Found")), "127.0.0.1", ARGS.port + 50 + i, ssl=cx))
        TLS_UP.append((n, e))
    # blackhole: a listening socket whose backlog is full, so that further SYNs are dropped
    bh = socket.socket()
    bh.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bh.bind(("127.0.0.1", ARGS.port + 60))
    bh.listen(0)
    fill = []
    for _ in range(3):
        s = socket.socket()
        s.setblocking(False)
        try:
            s.connect(("127.0.0.1", ARGS.port + 60))
        except BlockingIOError:
            pass
        fill.append(s)
    print(json.dumps({"listening": url("/"), "cases": len(index()["cases"]), "pid": os.getpid(), "ttl": ARGS.ttl}), flush=True)
    if ready:
        ready.set()
    await asyncio.sleep(ARGS.ttl)
    for s in servers:
        s.close()


def main():
    global ARGS
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--port", type=int, default=8099)
    p.add_argument("--log")
    p.add_argument("--ttl", type=float, default=3600, help="the server ends by itself after this many seconds")
    p.add_argument("--max-bytes", type=int, default=2 << 30, help="most bytes one response may send")
    p.add_argument("--case-secs", type=float, default=600)
    p.add_argument("--bot", default="Guanlan", help="the product token of the crawler under test (robots case named_bot)")
    p.add_argument("--list", action="store_true")
    ARGS = p.parse_args()
    if ARGS.list:
        print(json.dumps(index(), ensure_ascii=False, indent=1))
        return
    try:
        asyncio.run(serve())
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
