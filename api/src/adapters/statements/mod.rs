//! Statements of banks: MT940, camt.053 and the text that 1C exchanges with banks. What a file is, its content says.
//!
//! Readers of our own, for a reason each. `mt940` is kept, but strict SWIFT: banks here write purposes in Cyrillic, which it refuses,
//! and a day like 30 February makes it panic. `camt053` knows the guideline of one country and brings every compression there is.
//! For 1C there is nothing. XML is read by `quick-xml`, encodings by `encoding_rs`.

mod camt;
mod mt940;
mod one_c;

use domain::kernel::Identification;
use domain::payments::{Counterparty, FileErrorCode, Statement, WrongFile};

use super::text::decode;

/// Lines that one file may have.
pub const MOST_LINES: usize = 500_000;

/// Reads a file of whatever format; a statement that does not add up refuses the whole file.
pub fn read(bytes: &[u8]) -> Result<Vec<Statement>, WrongFile> {
    let text = decode(bytes);
    let head = text.trim_start();
    let mut statements = if head.is_empty() {
        return Err(WrongFile::new(FileErrorCode::Empty));
    } else if head.starts_with("1CClientBankExchange") {
        one_c::read(head)?
    } else if head.starts_with('<') {
        camt::read(head)?
    } else {
        mt940::read(head)?
    };
    if statements.is_empty() {
        return Err(WrongFile::new(FileErrorCode::Empty));
    }
    if statements.iter().map(|one| one.lines.len()).sum::<usize>() > MOST_LINES {
        return Err(WrongFile::new(FileErrorCode::TooLong));
    }
    for statement in &mut statements {
        // A line of nothing, as a part of a batch may be, moves nothing.
        statement.lines.retain(|line| !line.amount.is_zero());
        statement.check()?;
    }
    Ok(statements)
}

/// An account of a bank as it is compared: without blanks, large letters.
fn iban(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).take(34).collect()
}

/// An account inside of a text: KZ and eighteen letters or digits.
fn iban_in(text: &str) -> Option<String> {
    words(text)
        .find(|word| {
            word.len() == 20 && word.starts_with("KZ") && word[2..4].bytes().all(|b| b.is_ascii_digit())
        })
        .map(str::to_owned)
}

/// An ИИН or БИН inside of a text: twelve digits with a right control digit.
fn identification_in(text: &str) -> Option<String> {
    words(text)
        .filter(|word| word.len() == 12)
        .find_map(|word| Identification::parse(word).ok().map(|found| found.as_str().to_owned()))
}

/// КНП inside of a text: three digits after the word.
fn purpose_code_in(text: &str) -> Option<String> {
    let mut words = words(text);
    while let Some(word) = words.next() {
        if matches!(word, "KNP" | "КНП" | "Кнп" | "knp" | "кнп")
            && let Some(code) = words.next()
            && code.len() == 3
            && code.bytes().all(|byte| byte.is_ascii_digit())
        {
            return Some(code.to_owned());
        }
    }
    None
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Fills in what only the purpose says.
fn told_by(purpose: &str, mut other: Counterparty) -> Counterparty {
    other.identification = other.identification.or_else(|| identification_in(purpose));
    other.iban = other.iban.or_else(|| iban_in(purpose));
    other
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::payments::StatementLine;
    use proptest::prelude::*;

    pub fn sample(name: &str) -> Vec<u8> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samples/statements/");
        std::fs::read(format!("{path}{name}")).unwrap()
    }

    fn said(line: &StatementLine) -> String {
        let StatementLine { day, amount, document, counterparty, purpose, purpose_code, .. } = line;
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let (id, iban) = (or(&counterparty.identification), or(&counterparty.iban));
        let (name, code) = (&counterparty.name, or(purpose_code));
        format!("{day} {amount} №{document} [{name}] {id} {iban} {code} | {purpose}")
    }

    /// One day of one account in all three formats comes to the same.
    #[test]
    fn a_day_is_the_same_in_every_format() {
        let expected = [
            "2026-03-26 6765.84 №95022 [АО KASPI BANK] 971240001315 KZ81722S000001159377 190 | \
             Принятые платежи за 25.03.2026 ком. 54.56 Общая сумма платежей 6820.40",
            "2026-03-26 250000.00 №17 [ТОО Ромашка] 180540021233 KZ75125KZT1001300335 859 | \
             За воду л/с 1000002 по счету 3 от 05.03.2026",
            "2026-03-26 -1200.50 №881 [Абонент] - KZ869260001000123456 390 | Возврат по заявлению",
        ];
        for name in ["march_26.sta", "march_26.xml", "march_26_1c.txt"] {
            let statements = read(&sample(name)).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
            let [statement] = &statements[..] else { panic!("{name}: {} statements", statements.len()) };
            assert_eq!(statement.account, "KZ549261802102000003", "{name}");
            assert_eq!(
                (statement.from.to_string(), statement.to.to_string()),
                ("2026-03-26".into(), "2026-03-26".into()),
                "{name}"
            );
            assert_eq!(statement.opening.to_string(), "1000.00", "{name}");
            assert_eq!(statement.closing.to_string(), "256565.34", "{name}");
            let lines: Vec<String> = statement.lines.iter().map(said).collect();
            assert_eq!(lines, expected, "{name}");
        }
    }

    #[test]
    fn what_does_not_add_up_is_refused_whole() {
        for (name, right, wrong) in [
            ("march_26.sta", "KZT256565,34", "KZT256565,35"),
            ("march_26.xml", "256565.34", "256565.35"),
            ("march_26_1c.txt", "КонечныйОстаток=256565.34", "КонечныйОстаток=256565.35"),
        ] {
            let text = decode(&sample(name));
            assert!(text.contains(right), "{name}");
            let refused = read(text.replace(right, wrong).as_bytes()).unwrap_err();
            assert_eq!(refused.code, FileErrorCode::BalanceDiffers, "{name}: {refused}");
        }
        let text = decode(&sample("march_26_1c.txt"));
        let refused = read(text.replace("ВсегоПоступило=256765.84", "ВсегоПоступило=256765.83").as_bytes());
        assert_eq!(refused.unwrap_err().code, FileErrorCode::TotalsDiffer);
    }

    #[test]
    fn a_part_of_nothing_is_no_line() {
        let text = decode(&sample("batch_08.xml"));
        let part = "<c:TxDtls><c:Amt Ccy=\"KZT\">0.00</c:Amt></c:TxDtls><c:TxDtls>";
        let with = text.replacen("<c:TxDtls>", part, 1);
        assert_ne!(with, text);
        let sums = |text: &str| -> Vec<String> {
            read(text.as_bytes()).unwrap()[0].lines.iter().map(|line| line.amount.to_string()).collect()
        };
        assert_eq!(sums(&with), ["700.00", "300.00", "-50.00"]);
        assert_eq!(sums(&with), sums(&text));
    }

    #[test]
    fn dollars_are_not_tenge() {
        for name in ["march_26.sta", "march_26.xml", "march_26_1c.txt"] {
            let text = decode(&sample(name)).replace("KZT2", "USD2").replace("\"KZT\"", "\"USD\"");
            let text = text.replace("Валюта=KZT", "Валюта=USD").replace("KZT1000,", "USD1000,");
            assert_eq!(read(text.as_bytes()).unwrap_err().code, FileErrorCode::Currency, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes);
        }

        /// A right file with a piece cut out, doubled or overwritten.
        #[test]
        fn a_damaged_file_is_judged_without_a_panic(
            which in 0..3_usize,
            from in any::<prop::sample::Index>(),
            length in 0..40_usize,
            with in prop::collection::vec(any::<u8>(), 0..12),
        ) {
            let mut bytes = sample(["march_26.sta", "march_26.xml", "march_26_1c.txt"][which]);
            let from = from.index(bytes.len());
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, with);
            if let Ok(statements) = read(&bytes) {
                for statement in statements {
                    prop_assert!(statement.check().is_ok());
                    prop_assert_eq!(statement.keys().len(), statement.lines.len());
                }
            }
        }
    }
}
