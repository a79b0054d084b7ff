//! Passwords: argon2id, so slow and so large that guessing does not pay. One check takes 19 MiB and some
//! milliseconds of a processor, so few run at once and few more wait.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use crawler::words::Words;
use tokio::sync::Semaphore;

/// Memory of one check in KiB, passes over it, threads.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// Checks that run at once.
const AT_ONCE: usize = 2;
/// Checks that run or wait; who comes then is asked to come again.
const WAITING: usize = 24;
/// The fewest characters: a password is all that is asked for.
const SHORTEST: usize = 12;
/// The most bytes: more would be work for nothing.
const LONGEST: usize = 256;

/// What is kept of a password.
///
/// # Errors
/// A password that is too easy to guess or too long; a machine without random numbers or memory.
pub(crate) fn hashed(password: &str, name: &str) -> Result<String, Words> {
    let characters = password.chars().count();
    if characters < SHORTEST || password.len() > LONGEST {
        return Err(Words::new(
            format!("密码要 {SHORTEST} 个字符以上，不超过 {LONGEST} 字节；可以用几个不相干的词"),
            format!(
                "a password has {SHORTEST} characters or more and at most {LONGEST} bytes; some unrelated words do"
            ),
        ));
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 5 || (!name.is_empty() && password.replace(name, "").chars().count() < SHORTEST / 2)
    {
        return Err(Words::new(
            "这个密码太容易猜到，换一个",
            "that password is too easy to guess: choose another",
        ));
    }
    let hash: Result<PasswordHash, _> = hasher().and_then(|hasher| hasher.hash_password(password.as_bytes()));
    hash.map(|hash| hash.to_string()).map_err(|error| {
        Words::new(format!("密码处理不了：{error}"), format!("the password cannot be hashed: {error}"))
    })
}

fn hasher() -> Result<Argon2<'static>, argon2::password_hash::Error> {
    let (memory, passes, threads) = COST;
    let params = Params::new(memory, passes, threads, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Checks passwords, away from the threads that answer.
pub(super) struct Checker {
    running: Semaphore,
    waiting: Semaphore,
    /// What a password is held against when there is no such account: the same work for nothing.
    nobody: String,
}

/// Too many want to be checked.
pub(super) struct Busy;

impl Checker {
    pub(super) fn new() -> Checker {
        let nobody: Result<PasswordHash, _> =
            hasher().and_then(|hasher| hasher.hash_password(b"nobody has this password"));
        // Without random numbers there are no sessions either, so nobody gets in.
        let nobody = nobody.map(|hash| hash.to_string()).unwrap_or_default();
        Checker { running: Semaphore::new(AT_ONCE), waiting: Semaphore::new(WAITING), nobody }
    }

    /// Whether that is the password; with no account the answer is no, after the same work.
    pub(super) async fn is_right(&self, password: String, kept: Option<String>) -> Result<bool, Busy> {
        let _waits = self.waiting.try_acquire().map_err(|_| Busy)?;
        let _runs = self.running.acquire().await.map_err(|_| Busy)?;
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.clone());
        // Cut, not refused: a refusal would be quicker than a check.
        let bytes: Vec<u8> = password.into_bytes().into_iter().take(LONGEST + 1).collect();
        let check = move || Argon2::default().verify_password(&bytes, kept.as_str()).is_ok();
        Ok(tokio::task::spawn_blocking(check).await.unwrap_or(false) && known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_known_again() {
        let kept = hashed("正确的马电池订书钉好长", "值班室");
        assert!(kept.is_err(), "eleven characters");
        let kept = hashed("正确的马电池订书钉好长啊", "值班室").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(kept, hashed("正确的马电池订书钉好长啊", "值班室").unwrap(), "salted");
        let checker = Checker::new();
        let right = "正确的马电池订书钉好长啊".to_owned();
        assert!(checker.is_right(right.clone(), Some(kept.clone())).await.is_ok_and(|right| right));
        for (password, kept) in [
            (right.clone(), None),
            (format!("{right} "), Some(kept.clone())),
            (String::new(), Some(kept)),
            (right, Some("plain".to_owned())),
            ("nobody has this password".to_owned(), None),
        ] {
            assert!(checker.is_right(password, kept).await.is_ok_and(|right| !right));
        }
    }

    #[test]
    fn what_is_easy_to_guess_is_refused() {
        for weak in
            ["", "short", "aaaaaaaaaaaaaaaa", "121212121212", "值班室值班室值班室值班室", &"长".repeat(100)]
        {
            assert!(hashed(weak, "值班室").is_err(), "{weak}");
        }
    }
}
