//! What a password of the staff must be: long enough, and not what everybody tries first. No rule about kinds of characters:
//! they make passwords harder to remember and no harder to guess.

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// Fewer than [`SHORTEST`] characters.
    Short,
    /// More than [`LONGEST`] characters: hashing it would cost more than signing in should.
    Long,
    /// The login stands inside.
    LikeLogin,
    /// Digits alone, a row of keys, few different characters, a word that everybody tries.
    Simple,
}

pub const SHORTEST: usize = 10;
pub const LONGEST: usize = 128;
/// Different characters that a password has at least.
const DIFFERENT: usize = 5;

/// Keys in the order of fingers and of the alphabet, read forwards and backwards.
const ROWS: &[&str] = &[
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "йцукенгшщзхъфывапролджэячсмитьбю",
];

/// Words that stay simple whatever digits and signs stand around them.
const WORDS: &[&str] = &[
    "password",
    "passw0rd",
    "parol",
    "qwerty",
    "qwertyuiop",
    "asdfgh",
    "zxcvbn",
    "admin",
    "administrator",
    "welcome",
    "letmein",
    "iloveyou",
    "kazakhstan",
    "almaty",
    "vodokanal",
    "aiscra",
    "пароль",
    "құпиясөз",
    "йцукен",
    "админ",
    "казахстан",
    "қазақстан",
    "алматы",
    "водоканал",
    "аисцра",
];

/// Whether somebody with this login may have this password.
pub fn check_password(password: &str, login: &str) -> Result<(), PasswordFault> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(PasswordFault::Short);
    }
    if length > LONGEST {
        return Err(PasswordFault::Long);
    }
    let folded = password.to_lowercase();
    if !login.is_empty() && folded.contains(&login.to_lowercase()) {
        return Err(PasswordFault::LikeLogin);
    }
    if is_simple(&folded) { Err(PasswordFault::Simple) } else { Ok(()) }
}

fn is_simple(folded: &str) -> bool {
    let different: std::collections::BTreeSet<char> = folded.chars().collect();
    if different.len() < DIFFERENT || folded.chars().all(|c| c.is_numeric() || !c.is_alphanumeric()) {
        return true;
    }
    // Around the ends of a row fingers go on at its beginning.
    let in_row = |row: &str| {
        let there = row.repeat(2);
        let back: String = there.chars().rev().collect();
        there.contains(folded) || back.contains(folded)
    };
    let core = folded.trim_matches(|c: char| !c.is_alphabetic());
    ROWS.iter().any(|row| in_row(row)) || WORDS.contains(&core)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn the_table_of_passwords() {
        for_each_row(include_str!("vectors/passwords.txt"), |row| {
            let verdict = match check_password(row.text("password"), row.text("login")) {
                Ok(()) => "good",
                Err(PasswordFault::Short) => "short",
                Err(PasswordFault::Long) => "long",
                Err(PasswordFault::LikeLogin) => "like_login",
                Err(PasswordFault::Simple) => "simple",
            };
            assert_eq!(verdict, row.text("verdict"), "{}", row.text("password"));
        });
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(check_password(&"ж".repeat(9), "x"), Err(PasswordFault::Short));
        assert_eq!(check_password(&"жарық ".repeat(30), "x"), Err(PasswordFault::Long));
        assert_eq!(check_password("сірә бір жерде", "x"), Ok(()), "a phrase with blanks");
    }
}
