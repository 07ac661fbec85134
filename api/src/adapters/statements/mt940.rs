//! MT940, as banks here write it: the frame and the tags are SWIFT's, texts are in Cyrillic, `:86:` is free or has names of fields.

use chrono::{Datelike, NaiveDate};
use domain::kernel::Money;
use domain::payments::{
    Counterparty, FileErrorCode, Statement, StatementFormat, StatementLine, WrongFile, sum,
};

use super::{iban, identification_in, purpose_code_in, told_by};

/// A tag with its text and the line it begins on.
struct Field<'a> {
    tag: &'a str,
    line: u32,
    lines: Vec<&'a str>,
}

pub fn read(text: &str) -> Result<Vec<Statement>, WrongFile> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut draft = Draft::default();
    for field in fields(text) {
        let wrong = |code| WrongFile::at(code, field.line, field.lines.first().copied().unwrap_or_default());
        match field.tag {
            "20" => draft = Draft::default(),
            "25" => draft.account = Some(iban(field.lines[0])),
            "60F" | "60M" => {
                let (day, sum) = balance(field.lines[0]).map_err(wrong)?;
                draft.opening = Some((day, sum));
                draft.goes_on = field.tag == "60M";
            }
            "61" => draft.lines.push(line(&field).map_err(wrong)?),
            "86" => {
                if let Some(line) = draft.lines.last_mut() {
                    describe(line, &field.lines);
                }
            }
            "62F" | "62M" => {
                let (day, closing) = balance(field.lines[0]).map_err(wrong)?;
                let done = std::mem::take(&mut draft);
                let goes_on = done.goes_on;
                let statement = done.finish(day, closing).ok_or_else(|| wrong(FileErrorCode::Unreadable))?;
                // A page of a statement whose end is the beginning of the next.
                match statements.last_mut() {
                    Some(last)
                        if goes_on
                            && last.account == statement.account
                            && last.closing == statement.opening =>
                    {
                        last.to = statement.to;
                        last.closing = statement.closing;
                        last.lines.extend(statement.lines);
                    }
                    _ => statements.push(statement),
                }
            }
            _ => {}
        }
    }
    if draft.opening.is_some() || !draft.lines.is_empty() || statements.is_empty() {
        // Cut off before its end, or something else altogether.
        return Err(WrongFile::new(FileErrorCode::Unreadable));
    }
    Ok(statements)
}

#[derive(Default)]
struct Draft {
    account: Option<String>,
    opening: Option<(NaiveDate, Money)>,
    goes_on: bool,
    lines: Vec<StatementLine>,
}

impl Draft {
    fn finish(self, to: NaiveDate, closing: Money) -> Option<Statement> {
        let (day, opening) = self.opening?;
        // The opening balance is that of the evening before; its day is said, not the first one of the statement.
        let from = self.lines.iter().map(|line| line.day).min().unwrap_or(to).max(day);
        Some(Statement {
            format: StatementFormat::Mt940,
            account: self.account?,
            from: from.min(to),
            to,
            opening,
            closing,
            lines: self.lines,
            said: None,
        })
    }
}

/// A tag begins a line; what follows until the next one is its own. Blocks of the frame are no tags.
fn fields(text: &str) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    for (at, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        let body = line.rsplit_once("{4:").map_or(line, |(_, rest)| rest);
        if let Some((tag, rest)) = tag(body) {
            fields.push(Field { tag, line: at, lines: vec![rest] });
        } else if body.starts_with('-') && matches!(body.trim_end_matches('}'), "-") {
            // The end of the block: what stands between messages belongs to none.
            fields.push(Field { tag: "", line: at, lines: vec![""] });
        } else if let Some(last) = fields.last_mut()
            && !body.is_empty()
        {
            last.lines.push(body);
        }
    }
    fields
}

fn tag(line: &str) -> Option<(&str, &str)> {
    let (tag, text) = line.strip_prefix(':')?.split_once(':')?;
    let known = (2..=3).contains(&tag.len())
        && tag.as_bytes()[..2].iter().all(u8::is_ascii_digit)
        && tag.bytes().skip(2).all(|letter| letter.is_ascii_uppercase());
    known.then_some((tag, text))
}

/// `C260325KZT1000,00`.
fn balance(text: &str) -> Result<(NaiveDate, Money), FileErrorCode> {
    let (side, rest) = text.split_at_checked(1).ok_or(FileErrorCode::Unreadable)?;
    let (date, rest) = rest.split_at_checked(6).ok_or(FileErrorCode::BadDate)?;
    let (currency, amount) = rest.split_at_checked(3).ok_or(FileErrorCode::BadSum)?;
    if currency != "KZT" {
        return Err(FileErrorCode::Currency);
    }
    let day = short_day(date).ok_or(FileErrorCode::BadDate)?;
    let amount = sum(amount).ok_or(FileErrorCode::BadSum)?;
    match side {
        "C" => Ok((day, amount)),
        "D" => Ok((day, -amount)),
        _ => Err(FileErrorCode::Unreadable),
    }
}

/// `260326` is a day of this century.
fn short_day(text: &str) -> Option<NaiveDate> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| text[from..from + 2].parse::<u32>().ok();
    NaiveDate::from_ymd_opt(2000 + part(0)? as i32, part(2)?, part(4)?)
}

/// `2603260326C6754,74NTRF95022//REF1`: value date, booking date, side, sum, kind, the payer's reference, the bank's.
fn line(field: &Field<'_>) -> Result<StatementLine, FileErrorCode> {
    let text = field.lines[0];
    let (value, mut rest) = text.split_at_checked(6).ok_or(FileErrorCode::BadDate)?;
    let mut day = short_day(value).ok_or(FileErrorCode::BadDate)?;
    if let Some((booked, after)) = rest.split_at_checked(4)
        && booked.bytes().all(|byte| byte.is_ascii_digit())
    {
        // It has no year: the one that is nearer to the value date.
        let of = |year: i32| {
            let month_day = short_day(&format!("{:02}{booked}", year.rem_euclid(100)))?;
            month_day.with_year(year)
        };
        let near = [day.year() - 1, day.year(), day.year() + 1].into_iter().filter_map(of);
        day = near.min_by_key(|on| (*on - day).num_days().abs()).ok_or(FileErrorCode::BadDate)?;
        rest = after;
    }
    // RC takes a credit back, so money goes out; RD the other way round.
    let (out, rest) = [("RC", true), ("RD", false), ("C", false), ("D", true)]
        .into_iter()
        .find_map(|(side, out)| rest.strip_prefix(side).map(|rest| (out, rest)))
        .ok_or(FileErrorCode::Unreadable)?;
    let rest = rest.strip_prefix(|letter: char| letter.is_ascii_uppercase()).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let amount = sum(&rest[..end]).filter(|sum| sum.is_positive()).ok_or(FileErrorCode::BadSum)?;
    // Four letters of the kind: NTRF, FMSC.
    let references = rest[end..].get(4..).unwrap_or_default();
    let (own, bank) = references.split_once("//").unwrap_or((references, ""));
    let meant = |text: &str| if text.trim() == "NONREF" { String::new() } else { text.trim().to_owned() };
    Ok(StatementLine {
        day,
        amount: if out { -amount } else { amount },
        reference: meant(bank),
        document: meant(own),
        counterparty: Counterparty::default(),
        purpose: field.lines[1..].join(" ").trim().to_owned(),
        purpose_code: None,
    })
}

/// `:86:` is a free text, or `/NAME/…/IDN/…/ACC/…/KNP/…/ASSIGN/…`, one after the other on one line or on several.
fn describe(line: &mut StatementLine, text: &[&str]) {
    let text = text.join(" ");
    let named = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        let end = NAMES.iter().filter_map(|other| rest.find(other)).min().unwrap_or(rest.len());
        Some(rest[..end].trim()).filter(|value| !value.is_empty())
    };
    let purpose = named("/ASSIGN/").or(named("/PURPOSE/"));
    line.purpose = purpose.unwrap_or(text.trim()).to_owned();
    line.purpose_code = named("/KNP/").map(str::to_owned).or_else(|| purpose_code_in(&text));
    let given = Counterparty {
        name: named("/NAME/").unwrap_or_default().to_owned(),
        identification: named("/IDN/").and_then(identification_in),
        iban: named("/ACC/").map(iban),
    };
    line.counterparty = told_by(&text, given);
}

const NAMES: [&str; 6] = ["/NAME/", "/IDN/", "/ACC/", "/KNP/", "/ASSIGN/", "/PURPOSE/"];

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(of: &str) -> Vec<String> {
        let text = format!(":20:1\n:25:KZ1\n:60F:C260101KZT0,00\n{of}\n:62F:C260131KZT0,00\n-");
        let statements = read(&text).unwrap();
        let said = |line: &StatementLine| {
            format!("{} {} [{}] [{}] {}", line.day, line.amount, line.document, line.reference, line.purpose)
        };
        statements[0].lines.iter().map(said).collect()
    }

    #[test]
    fn a_line_says_when_how_much_and_which_way() {
        assert_eq!(
            lines(":61:2601050105C700000,NTRFNONREF//R1\n:86:KNP 710 оплата\nза товары"),
            ["2026-01-05 700000.00 [] [R1] KNP 710 оплата за товары"]
        );
        assert_eq!(lines(":61:260105D5,5FCHG77"), ["2026-01-05 -5.50 [77] [] "]);
        assert_eq!(lines(":61:260105RCR5,50NTRFNONREF"), ["2026-01-05 -5.50 [] [] "], "a credit taken back");
        assert_eq!(lines(":61:2601011231C1,00NTRFX"), ["2025-12-31 1.00 [X] [] "], "booked the year before");
        for wrong in
            ["260230C1,00N", "2601050230C1,00N", "260105X1,00N", "260105C,N", "260105C0,00N", "", "260105"]
        {
            let text = format!(":20:1\n:25:KZ1\n:60F:C260101KZT0,00\n:61:{wrong}\n:62F:C260131KZT0,00");
            assert!(read(&text).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_are_one_statement_and_what_is_cut_off_is_none() {
        let first =
            ":20:1\n:25:KZ1\n:28C:1/1\n:60F:C260101KZT0,00\n:61:260105C10,00NTRFA\n:62M:C260105KZT10,00\n-\n";
        let next =
            ":20:1\n:25:KZ1\n:28C:1/2\n:60M:C260105KZT10,00\n:61:260106C5,00NTRFB\n:62F:C260106KZT15,00\n-}";
        let statements = read(&format!("{first}{next}")).unwrap();
        assert_eq!(statements.len(), 1);
        assert_eq!(statements[0].lines.len(), 2);
        assert_eq!(statements[0].closing.to_string(), "15.00");
        assert!(read(&first[..first.len() - 30]).is_err());
        assert!(read("account;amount\n1;2").is_err());
    }
}
