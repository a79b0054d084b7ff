//! Real keys (openssl) and a real verifier (dkimpy, from Debian).

use std::io::Write;
use std::process::{Command, Stdio};

use super::*;
use crate::mime::seal;
use crate::outbox::Outgoing;

const VERIFY: &str = "
import base64, subprocess, sys, dkim
key, kind = sys.argv[1], sys.argv[2]
public = subprocess.run(['openssl', 'pkey', '-in', key, '-pubout', '-outform', 'DER'],
                        capture_output=True, check=True).stdout
# RFC 8463: the bare 32 bytes of an Ed25519 key.
public = base64.b64encode(public[-32:] if kind == 'ed25519' else public)
asked = []
def dns(name, timeout=5):
    asked.append(name)
    return b'v=DKIM1; k=' + kind.encode() + b'; p=' + public
mail = sys.stdin.buffer.read()
print(dkim.verify(mail, dnsfunc=dns), asked[0].decode())
";

fn key(folder: &std::path::Path, name: &str, options: &[&str]) -> std::path::PathBuf {
    let path = folder.join(name);
    let (command, options) = options.split_first().unwrap();
    let made = Command::new("openssl").arg(command).arg("-out").arg(&path).args(options).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    path
}

fn verified(key: &std::path::Path, kind: &str, mail: &[u8]) -> String {
    python(VERIFY, &[key.to_str().unwrap(), kind], mail)
}

/// What a script of Python's says of some input.
pub(crate) fn python(script: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut python = Command::new("/usr/bin/python3")
        .args(["-c", script])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(input).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn mail() -> Vec<u8> {
    let mut room = crate::desk::tests::Room::new();
    room.next(Some(analyzer::level::Level::Orange));
    let outgoing: Outgoing = room.desk.next_due(crate::outbox::Road::Mail, room.now).unwrap().unwrap();
    let from = "青岚网络关切值守 <guanlan@qinglan.example>";
    seal(&outgoing, from, "qinglan.example").unwrap().bytes
}

#[test]
fn an_independent_verifier_accepts_the_signature_and_no_changed_mail() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [
        (
            "rsa",
            key(
                folder.path(),
                "rsa.pem",
                &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            ),
        ),
        ("rsa", key(folder.path(), "pkcs1.pem", &["genrsa", "-traditional", "2048"])),
        ("ed25519", key(folder.path(), "ed.pem", &["genpkey", "-algorithm", "ed25519"])),
    ];
    let at = "2026-11-24T06:00:00Z".parse().unwrap();
    for (kind, path) in keys {
        let signer = Signer::new("Qinglan.example", "guanlan", &std::fs::read(&path).unwrap()).unwrap();
        let signed = signer.signed(&mail(), at);
        assert_eq!(verified(&path, kind, &signed), "True guanlan._domainkey.qinglan.example.", "{kind}");
        assert_eq!(signer.signed(&mail(), at), signed, "the same mail has the same signature");
        assert!(signed.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
        let subject = String::from_utf8(signed.clone()).unwrap().replacen("\r\nTo: ", "\r\nTo: x", 1);
        assert!(verified(&path, kind, subject.as_bytes()).starts_with("False"), "{kind}: another recipient");
        let mut body = signed;
        body.extend_from_slice(b"more\r\n");
        assert!(verified(&path, kind, &body).starts_with("False"), "{kind}: more text");
    }
}

#[test]
fn a_key_that_cannot_be_used_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Signer::new("a.example", "s", b"no key"), Err(KeyError::NotPem)));
    let short = key(folder.path(), "short.pem", &["genrsa", "1024"]);
    let curve = key(
        folder.path(),
        "curve.pem",
        &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    );
    for path in [short, curve] {
        let error = Signer::new("a.example", "s", &std::fs::read(path).unwrap()).unwrap_err();
        assert!(error.to_string().contains("RSA keys of 2048 to 4096 bits"), "{error}");
    }
}

#[test]
fn a_body_is_relaxed_as_the_standard_says() {
    // RFC 6376, 3.4.5.
    assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
    assert_eq!(relaxed_body(b"\r\n\r\n"), b"");
    assert_eq!(relaxed_body(b"a\r\n\r\nb"), b"a\r\n\r\nb\r\n");
    let mut header = Vec::new();
    relaxed_header("b", b" Y\t\r\n\tZ  \r\n", &mut header);
    assert_eq!(header, b"b:Y Z");
}
