//! `1CClientBankExchange`, versions 1.x and the one of Kazakhstan (2.0): keys and values in sections. Names of keys come in any case.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::kernel::Money;
use domain::payments::{
    Counterparty, FileErrorCode, Statement, StatementFormat, StatementLine, WrongFile, day, sum,
};

use super::{iban, told_by};

/// The keys of a section, in large letters, and the line it begins on.
struct Section {
    line: u32,
    values: HashMap<String, String>,
}

impl Section {
    fn new(line: u32) -> Self {
        Self { line, values: HashMap::new() }
    }

    /// The first of the names that has a value.
    fn any(&self, names: &[&str]) -> Option<&str> {
        names
            .iter()
            .find_map(|name| self.values.get(*name))
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    fn wrong(&self, code: FileErrorCode, what: &str) -> WrongFile {
        WrongFile::at(code, self.line, what)
    }

    fn sum(&self, names: &[&str]) -> Result<Option<Money>, WrongFile> {
        let Some(text) = self.any(names) else { return Ok(None) };
        let (text, back) = text.strip_prefix('-').map_or((text, false), |text| (text, true));
        let sum = sum(text).ok_or_else(|| self.wrong(FileErrorCode::BadSum, text))?;
        Ok(Some(if back { -sum } else { sum }))
    }

    fn day(&self, names: &[&str]) -> Result<Option<NaiveDate>, WrongFile> {
        let Some(text) = self.any(names) else { return Ok(None) };
        day(text).map(Some).ok_or_else(|| self.wrong(FileErrorCode::BadDate, text))
    }
}

const ACCOUNT: &[&str] = &["РАСЧСЧЕТ"];
const FROM: &[&str] = &["ДАТАНАЧАЛА"];
const TO: &[&str] = &["ДАТАКОНЦА"];

pub fn read(text: &str) -> Result<Vec<Statement>, WrongFile> {
    let (mut head, mut balances, mut documents) = (Section::new(1), Vec::new(), Vec::new());
    let mut open: Option<(Section, bool)> = None;
    for (at, line) in (1..).zip(text.lines()) {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let key = key.trim().to_uppercase();
        match (key.as_str(), open.take()) {
            ("СЕКЦИЯРАСЧСЧЕТ", None) => open = Some((Section::new(at), false)),
            ("СЕКЦИЯДОКУМЕНТ", None) => open = Some((Section::new(at), true)),
            ("КОНЕЦРАСЧСЧЕТ", Some((section, false))) => balances.push(section),
            ("КОНЕЦДОКУМЕНТА", Some((section, true))) => documents.push(section),
            ("КОНЕЦФАЙЛА", None) => break,
            ("СЕКЦИЯРАСЧСЧЕТ" | "СЕКЦИЯДОКУМЕНТ" | "КОНЕЦРАСЧСЧЕТ" | "КОНЕЦДОКУМЕНТА" | "КОНЕЦФАЙЛА", _) =>
            {
                return Err(WrongFile::at(FileErrorCode::Unreadable, at, &key));
            }
            (_, Some((mut section, document))) => {
                section.values.insert(key, value.trim().to_owned());
                open = Some((section, document));
            }
            (_, None) => drop(head.values.insert(key, value.trim().to_owned())),
        }
    }
    if let Some((section, _)) = open {
        // Cut off in the middle.
        return Err(section.wrong(FileErrorCode::Unreadable, ""));
    }
    accounts(&head, &balances)?
        .into_iter()
        .map(|account| statement(account, &head, &balances, &documents))
        .collect()
}

/// The accounts that the file is about, each once.
fn accounts(head: &Section, balances: &[Section]) -> Result<Vec<String>, WrongFile> {
    let mut accounts: Vec<String> = Vec::new();
    for section in balances {
        let account = section.any(ACCOUNT).or(head.any(ACCOUNT));
        let account = iban(account.ok_or_else(|| section.wrong(FileErrorCode::Unreadable, ""))?);
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    }
    // Without balances nothing shows that the file is whole.
    if accounts.is_empty() { Err(head.wrong(FileErrorCode::NoTotals, "")) } else { Ok(accounts) }
}

/// Balances come once for all days, or once a day.
fn statement(
    account: String,
    head: &Section,
    balances: &[Section],
    documents: &[Section],
) -> Result<Statement, WrongFile> {
    let own: Vec<&Section> = balances
        .iter()
        .filter(|section| section.any(ACCOUNT).or(head.any(ACCOUNT)).map(iban).as_deref() == Some(&account))
        .collect();
    let (Some(first), Some(last)) = (own.first(), own.last()) else {
        return Err(WrongFile::new(FileErrorCode::NoTotals));
    };
    let need = |value: Option<Money>, section: &Section| {
        value.ok_or_else(|| section.wrong(FileErrorCode::NoTotals, ""))
    };
    let opening = need(first.sum(&["НАЧАЛЬНЫЙОСТАТОК"])?, first)?;
    let closing = need(last.sum(&["КОНЕЧНЫЙОСТАТОК"])?, last)?;
    let mut said = Some((Money::ZERO, Money::ZERO));
    for section in &own {
        let turnover = section.sum(&["ВСЕГОПОСТУПИЛО"])?.zip(section.sum(&["ВСЕГОСПИСАНО"])?);
        said = said.zip(turnover).map(|((came, went), (more, less))| (came + more, went + less));
    }
    let mut lines = Vec::new();
    for document in documents {
        lines.extend(line(document, &account)?);
    }
    let from = first.day(FROM)?.or(head.day(FROM)?).or(lines.iter().map(|line| line.day).min());
    let to = last.day(TO)?.or(head.day(TO)?).or(lines.iter().map(|line| line.day).max());
    let (from, to) = from.zip(to).ok_or_else(|| first.wrong(FileErrorCode::BadDate, ""))?;
    let format = StatementFormat::OneC;
    Ok(Statement { format, account, from, to: to.max(from), opening, closing, lines, said })
}

/// A document as a movement of the account; none where it moves another account or nothing.
fn line(document: &Section, account: &str) -> Result<Option<StatementLine>, WrongFile> {
    if let Some(currency) = document.any(&["ВАЛЮТА", "КОДВАЛЮТЫ"])
        && !matches!(currency.to_uppercase().as_str(), "KZT" | "398" | "ТЕНГЕ")
    {
        return Err(document.wrong(FileErrorCode::Currency, currency));
    }
    let party = |who: &str, what: &[&str]| {
        let names: Vec<String> = what.iter().map(|what| format!("{who}{what}")).collect();
        document.any(&names.iter().map(String::as_str).collect::<Vec<_>>()).map(str::to_owned)
    };
    const IBAN: &[&str] = &["ИИК", "ИК", "РАСЧСЧЕТ", "СЧЕТ"];
    let [payer, payee] = ["ПЛАТЕЛЬЩИК", "ПОЛУЧАТЕЛЬ"].map(|who| party(who, IBAN).map(|text| iban(&text)));
    let (came, went) = (document.sum(&["СУММАПРИХОД", "СУММАДОХОД"])?, document.sum(&["СУММАРАСХОД"])?);
    let all = document.sum(&["СУММА"])?;
    let amount = match (came, went) {
        (Some(came), _) if came.is_positive() => came,
        (_, Some(went)) if went.is_positive() => -went,
        _ => match all {
            Some(sum) if payee.as_deref() == Some(account) => sum,
            Some(sum) if payer.as_deref() == Some(account) => -sum,
            Some(_) => return Ok(None),
            None => return Err(document.wrong(FileErrorCode::BadSum, "")),
        },
    };
    // A file of several accounts: a document of another one.
    let own = if amount.is_negative() { &payer } else { &payee };
    if own.as_deref().is_some_and(|own| own != account) || amount.is_zero() {
        return Ok(None);
    }
    let booked: &[&str] = if amount.is_negative() {
        &["ДАТАОПЕРАЦИИ", "ДАТАСПИСАНО", "ДАТАДОКУМЕНТА", "ДАТА"]
    } else {
        &["ДАТАОПЕРАЦИИ", "ДАТАПОСТУПИЛО", "ДАТАДОКУМЕНТА", "ДАТА"]
    };
    let day = document.day(booked)?.ok_or_else(|| document.wrong(FileErrorCode::BadDate, ""))?;
    let other = if amount.is_negative() { "ПОЛУЧАТЕЛЬ" } else { "ПЛАТЕЛЬЩИК" };
    let purpose = document.any(&["НАЗНАЧЕНИЕПЛАТЕЖА"]).unwrap_or_default().to_owned();
    let given = Counterparty {
        name: party(other, &["НАИМЕНОВАНИЕ", "", "1"]).unwrap_or_default(),
        identification: party(other, &["БИН_ИИН", "БИН", "ИИН", "ИНН"]),
        iban: if amount.is_negative() { payee } else { payer },
    };
    let text = |names: &[&str]| document.any(names).unwrap_or_default().to_owned();
    Ok(Some(StatementLine {
        day,
        amount,
        reference: text(&["РЕФЕРЕНС", "УНИКАЛЬНЫЙНОМЕР"]),
        document: text(&["НОМЕРДОКУМЕНТА", "НОМЕР"]),
        counterparty: told_by(&purpose, given),
        purpose,
        purpose_code: document.any(&["КОДНАЗНАЧЕНИЯПЛАТЕЖА", "КНП"]).map(str::to_owned),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "1CClientBankExchange\nВерсияФормата=1.03\nРасчСчет=KZ1\n";

    fn file(documents: &str, came: &str, went: &str, closing: &str) -> String {
        format!(
            "{HEAD}СекцияРасчСчет\nДатаНачала=01.03.2026\nДатаКонца=31.03.2026\nРасчСчет=KZ1\nНачальныйОстаток=0\n\
             ВсегоПоступило={came}\nВсегоСписано={went}\nКонечныйОстаток={closing}\nКонецРасчСчет\n{documents}КонецФайла\n"
        )
    }

    #[test]
    fn the_older_version_tells_the_side_by_the_accounts() {
        let documents = "СекцияДокумент=Платежное поручение\nНомер=42\nДата=11.03.2026\nСумма=10,50\nПлательщикСчет=KZ2\n\
             Плательщик1=ТОО А\nПолучательСчет=KZ1\nНазначениеПлатежа=а=б\nКонецДокумента\n\
             СЕКЦИЯДОКУМЕНТ=Платежное поручение\nНОМЕР=43\nДАТА=12.03.2026\nСУММА=3\nПЛАТЕЛЬЩИКСЧЕТ=KZ1\nПОЛУЧАТЕЛЬ=Б\n\
             ПОЛУЧАТЕЛЬСЧЕТ=KZ3\nКОНЕЦДОКУМЕНТА\n";
        let statements = read(&file(documents, "10.50", "3", "7.50")).unwrap();
        let lines = &statements[0].lines;
        assert_eq!(lines[0].amount.to_string(), "10.50");
        assert_eq!((lines[0].counterparty.name.as_str(), lines[0].purpose.as_str()), ("ТОО А", "а=б"));
        assert_eq!(lines[1].amount.to_string(), "-3.00");
        assert_eq!(lines[1].counterparty.iban.as_deref(), Some("KZ3"));
        assert_eq!(statements[0].check(), Ok(()));
    }

    #[test]
    fn a_file_that_is_cut_off_or_has_no_balance_is_refused() {
        let code = |text: &str| read(text).unwrap_err().code;
        let whole =
            file("СекцияДокумент=Выписка\nСуммаПриход=1\nДата=01.03.2026\nКонецДокумента\n", "1", "0", "1");
        assert!(read(&whole).is_ok());
        assert_eq!(code(&whole.replace("КонецДокумента\n", "")), FileErrorCode::Unreadable);
        assert_eq!(code(HEAD), FileErrorCode::NoTotals);
        assert_eq!(code(&whole.replace("КонечныйОстаток=1\n", "")), FileErrorCode::NoTotals);
        assert_eq!(code(&whole.replace("Дата=01.03.2026", "Дата=31.02.2026")), FileErrorCode::BadDate);
        assert_eq!(code(&whole.replace("СуммаПриход=1", "СуммаПриход=много")), FileErrorCode::BadSum);
    }
}
