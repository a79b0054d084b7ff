//! `guanlan cert`: a self-signed certificate for the pages, where there is no authority to ask for one.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::ToSpan;
use jiff::civil::Date;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;

/// Browsers refuse certificates that are good for longer (825 days of their own authorities, 398 of public ones).
const DAYS: i64 = 397;

#[derive(Args, Debug)]
pub(super) struct Options {
    names: Vec<String>,
    #[arg(long, default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    #[arg(long)]
    force: bool,
}

/// Writes `web.crt` and `web.key`, and says what to put into the configuration.
pub(super) fn cert(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    let names = if options.names.is_empty() { own_names(&config) } else { options.names.clone() };
    let today = config.site.zone.to_datetime(now()).date();
    let (cert, key) =
        made(&names, today).map_err(|error| Failure::Usage(format!("{}: {error}", names.join(" "))))?;
    std::fs::create_dir_all(&options.dir).map_err(Failure::outside)?;
    let paths = [options.dir.join("web.crt"), options.dir.join("web.key")];
    if let Some(path) = paths.iter().find(|path| path.exists() && !options.force) {
        let there = context.say("已经有了；要换掉它加 --force", "exists already: --force replaces it");
        return Err(Failure::Usage(format!("{} {there}", path.display())));
    }
    // The key first: a certificate without its key would be taken for a change.
    let [cert_path, key_path] = &paths;
    write(key_path, &key, 0o600)?;
    write(cert_path, &cert, 0o644)?;
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    println!(
        "[web]\ncert = \"{}\"\nkey = \"{}\"",
        absolute(cert_path).display(),
        absolute(key_path).display()
    );
    if context.global.quiet == 0 {
        eprintln!(
            "  {} {}\n  {}",
            context.say("写给", "for"),
            names.join(" "),
            context.say(
                "把上面三行写进 guanlan.toml；[web] public_url 改成 https://。浏览器第一次会提示不受信任：把 web.crt 导入各机器，或请单位的证书机构签发",
                "put the three lines into guanlan.toml, and https:// into [web] public_url. Browsers do not trust it at first: install web.crt on the machines, or let your authority sign one",
            )
        );
    }
    Ok(Done::Yes)
}

/// Under which names and addresses the pages are opened.
fn own_names(config: &config::Config) -> Vec<String> {
    let public = config.web.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
    let public = public.and_then(|url| url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()));
    let listen = config.web.listen.ip();
    let listen = (!listen.is_unspecified()).then(|| listen.to_string());
    let mut names: Vec<String> = public.into_iter().chain(listen).collect();
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned()]);
    names.dedup();
    names
}

/// Certificate and key, as PEM.
fn made(names: &[String], today: Date) -> Result<(String, String), rcgen::Error> {
    let mut params = rcgen::CertificateParams::new(names.to_vec())?;
    let day = |date: Date| {
        let number = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), number(date.month()), number(date.day()))
    };
    // A day before, for clocks that are late.
    params.not_before = day(today.saturating_sub(1.days()));
    params.not_after = day(today.saturating_add(DAYS.days()));
    params.distinguished_name = rcgen::DistinguishedName::new();
    let name = names.first().map_or("guanlan", String::as_str);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = rcgen::KeyPair::generate()?;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// Writes a file anew; nobody reads the key who may not, not even for a moment.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let named = |error: std::io::Error| Failure::Outside(format!("{}: {error}", path.display()));
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = folder.join(format!(".{name}.new"));
    // What an earlier run left there may be readable for all.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(named(error)),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside).map_err(named)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(named)?;
    std::fs::rename(&beside, path).map_err(named)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_pair_is_one_that_we_serve_with_and_its_key_is_nobody_elses() {
        let dir = tempfile::tempdir().unwrap();
        let names = ["guanlan.example.cn".to_owned(), "10.20.0.8".to_owned()];
        let (cert, key) = made(&names, jiff::civil::date(2026, 11, 26)).unwrap();
        let paths = (dir.path().join("web.crt"), dir.path().join("web.key"));
        write(&paths.0, &cert, 0o644).unwrap();
        write(&paths.1, &key, 0o600).unwrap();
        write(&paths.1, &key, 0o600).unwrap();
        assert_eq!(std::fs::metadata(&paths.1).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(crate::web::Certificate::read((&paths.0, &paths.1)).is_ok());
        let (from, to) = crate::web::validity(&paths.0).unwrap();
        let (early, late): (Timestamp, Timestamp) =
            ("2026-11-25T00:00:00Z".parse().unwrap(), "2027-12-28T00:00:00Z".parse().unwrap());
        assert_eq!((from, to), (early, late));
    }
}
