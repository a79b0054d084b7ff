//! DKIM (RFC 6376, RFC 8463): signs a whole mail with the domain's own key, relaxed/relaxed.
//!
//! Written here because lettre's own signing brings the crate rsa, whose timing leaks keys
//! (RUSTSEC-2023-0071); ring, which our TLS stands on, signs in constant time. Knows no files.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{self, Ed25519KeyPair, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

/// Headers that are signed where a mail has them.
const SIGNED: [&str; 12] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "list-id",
    "auto-submitted",
    "x-guanlan-alert",
];

/// Signs mails for one domain.
pub struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// Why a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Not PEM, or no private key in it.
    #[error("it holds no private key in PEM form (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY)")]
    NotPem,
    /// A key that DKIM does not know, or one that is too short.
    #[error("its key cannot be used: DKIM takes RSA keys of 2048 to 4096 bits and Ed25519 keys ({0})")]
    Unusable(String),
}

impl Signer {
    /// Reads a private key (PEM) with which mails of `domain` are signed under `selector`.
    ///
    /// # Errors
    /// No PEM, or a key that DKIM cannot use.
    pub fn new(domain: &str, selector: &str, pem: &[u8]) -> Result<Signer, KeyError> {
        let unusable = |error: ring::error::KeyRejected| KeyError::Unusable(error.to_string());
        let key = match PrivateKeyDer::from_pem_slice(pem).map_err(|_| KeyError::NotPem)? {
            PrivateKeyDer::Pkcs1(der) => {
                Key::Rsa(Box::new(RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(unusable)?))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                match RsaKeyPair::from_pkcs8(der) {
                    Ok(key) => Key::Rsa(Box::new(key)),
                    Err(rsa) => Key::Ed25519(Box::new(
                        Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| unusable(rsa))?,
                    )),
                }
            }
            _ => return Err(KeyError::Unusable("an elliptic curve other than Ed25519".to_owned())),
        };
        Ok(Signer { domain: domain.to_ascii_lowercase(), selector: selector.to_owned(), key })
    }

    /// The mail with its signature on top; lines end in CRLF, as mails do. A mail without a body, which
    /// none of ours is, stays unsigned.
    pub fn signed(&self, mail: &[u8], at: Timestamp) -> Vec<u8> {
        let Some(end) = mail.windows(4).position(|window| window == b"\r\n\r\n") else {
            return mail.to_owned();
        };
        let (head, body) = (mail.get(..end + 2).unwrap_or_default(), mail.get(end + 4..).unwrap_or_default());
        let headers = headers(head);
        let named = |name: &str| headers.iter().find(|(known, _)| known == name);
        let signed: Vec<&(String, Vec<u8>)> = SIGNED.iter().filter_map(|name| named(name)).collect();
        let names: Vec<&str> = signed.iter().map(|(name, _)| name.as_str()).collect();
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let body_hash = STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let value = format!(
            "v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};\r\n t={}; h={};\r\n bh={body_hash};\r\n b=",
            self.domain,
            self.selector,
            at.as_second(),
            names.join(":"),
        );
        let mut to_sign = Vec::new();
        for (name, value) in &signed {
            relaxed_header(name, value, &mut to_sign);
            to_sign.extend_from_slice(b"\r\n");
        }
        relaxed_header("dkim-signature", value.as_bytes(), &mut to_sign);
        let Some(signature) = self.sign(&to_sign) else { return mail.to_owned() };
        let mut whole =
            format!("DKIM-Signature: {value}{}\r\n", folded(&STANDARD.encode(signature))).into_bytes();
        whole.extend_from_slice(mail);
        whole
    }

    /// The record to publish is asked of this name.
    pub fn record_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let random = SystemRandom::new();
                key.sign(&signature::RSA_PKCS1_SHA256, &random, text, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463: the hash is what is signed.
            Key::Ed25519(key) => Some(key.sign(&Sha256::digest(text)).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.record_name())
    }
}

/// Name in lower case and value, folded lines still in it.
fn headers(head: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let is_folded = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        if let (true, Some((_, value))) = (is_folded, headers.last_mut()) {
            value.extend_from_slice(line);
        } else if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            let (name, value) = line.split_at(colon);
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            headers.push((name, value.get(1..).unwrap_or_default().to_vec()));
        }
    }
    headers
}

/// One header without folds, blanks made single, none around (RFC 6376, 3.4.2).
fn relaxed_header(name: &str, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    let words =
        value.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word);
    }
}

/// The body with blanks made single, none at ends of lines, no empty lines at its end (RFC 6376, 3.4.4).
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(body.len());
    let mut empty = 0_usize;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut text = Vec::with_capacity(line.len());
        for byte in line {
            match byte {
                b' ' | b'\t' if text.last() == Some(&b' ') => {}
                b' ' | b'\t' => text.push(b' '),
                other => text.push(*other),
            }
        }
        if text.last() == Some(&b' ') {
            text.pop();
        }
        if text.is_empty() {
            empty += 1;
            continue;
        }
        (0..empty).for_each(|_| whole.extend_from_slice(b"\r\n"));
        empty = 0;
        whole.extend_from_slice(&text);
        whole.extend_from_slice(b"\r\n");
    }
    whole
}

/// Base64 in lines that mail servers take.
fn folded(base64: &str) -> String {
    let lines: Vec<&str> =
        base64.as_bytes().chunks(72).filter_map(|chunk| std::str::from_utf8(chunk).ok()).collect();
    lines.join("\r\n ")
}

#[cfg(test)]
pub(crate) mod tests;
