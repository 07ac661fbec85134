//! camt.053 (ISO 20022), versions .02 and .08 and what lies between: only what a statement needs, by the local names of elements.

use chrono::NaiveDate;
use domain::kernel::Money;
use domain::payments::{
    Counterparty, FileErrorCode, Statement, StatementFormat, StatementLine, WrongFile, day, sum,
};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::{iban, purpose_code_in, told_by};

/// Elements inside of one another.
const DEEPEST: usize = 40;

/// An element with what is in it.
#[derive(Debug, Default)]
struct Node {
    name: String,
    currency: Option<String>,
    text: String,
    inside: Vec<Node>,
}

impl Node {
    fn find(&self, path: &str) -> Option<&Node> {
        path.split('/').try_fold(self, |node, name| node.inside.iter().find(|inner| inner.name == name))
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.inside.iter().filter(move |inner| inner.name == name)
    }

    /// The text at the first of the paths that has one.
    fn text(&self, paths: &[&str]) -> Option<&str> {
        paths
            .iter()
            .find_map(|path| self.find(path))
            .map(|node| node.text.trim())
            .filter(|text| !text.is_empty())
    }

    /// The first of the name, however deep.
    fn deep(&self, name: &str) -> Option<&Node> {
        self.inside.iter().find_map(|inner| if inner.name == name { Some(inner) } else { inner.deep(name) })
    }
}

pub fn read(text: &str) -> Result<Vec<Statement>, WrongFile> {
    let mut reader = Reader::from_str(text);
    let mut statements = Vec::new();
    let mut draft: Option<Draft> = None;
    loop {
        let at = reader.buffer_position();
        let unreadable = |what: &str| WrongFile::at(FileErrorCode::Unreadable, line_of(text, at), what);
        match reader.read_event().map_err(|error| unreadable(&error.to_string()))? {
            Event::Start(start) => match start.local_name().into_inner() {
                "Stmt" => draft = Some(Draft::default()),
                name if draft.is_some()
                    && matches!(name, "Acct" | "FrToDt" | "Bal" | "TxsSummry" | "Ntry") =>
                {
                    let node = element(&mut reader, &start, DEEPEST).map_err(|what| unreadable(&what))?;
                    let taken = draft.as_mut().map_or(Ok(()), |draft| draft.take(&node));
                    taken.map_err(|code| WrongFile::at(code, line_of(text, at), &node.name))?;
                }
                _ => {}
            },
            Event::End(end) if end.local_name().into_inner() == "Stmt" => {
                let done = draft.take().and_then(Draft::finish);
                statements.push(done.ok_or_else(|| unreadable("Stmt"))?);
            }
            Event::DocType(_) => return Err(unreadable("DOCTYPE")),
            Event::Eof if draft.is_some() => return Err(unreadable("Stmt")),
            Event::Eof => return Ok(statements),
            _ => {}
        }
    }
}

/// Counted only when something is wrong there.
fn line_of(text: &str, at: u64) -> u32 {
    let upto = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let ends = text.as_bytes()[..upto].iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(ends + 1).unwrap_or(u32::MAX)
}

/// An element to its end.
fn element(reader: &mut Reader<&[u8]>, start: &BytesStart<'_>, depth: usize) -> Result<Node, String> {
    let mut node = opened(start);
    if depth == 0 {
        return Err("too deep".into());
    }
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(inner) => node.inside.push(element(reader, &inner, depth - 1)?),
            Event::Empty(inner) => node.inside.push(opened(&inner)),
            Event::Text(text) => node.text.push_str(&text.xml10_content()),
            Event::CData(text) => node.text.push_str(&text.xml10_content()),
            Event::GeneralRef(name) => match name.resolve_char_ref().map_err(|error| error.to_string())? {
                Some(letter) => node.text.push(letter),
                None => node.text.push_str(resolve_predefined_entity(&name).ok_or("an unknown entity")?),
            },
            Event::End(_) => return Ok(node),
            Event::Eof => return Err("cut off".into()),
            _ => {}
        }
    }
}

fn opened(start: &BytesStart<'_>) -> Node {
    let currency = start
        .attributes()
        .flatten()
        .find(|one| one.key.local_name().into_inner() == "Ccy")
        .map(|one| one.value.into_owned());
    let name = start.local_name().into_inner().to_owned();
    Node { name, currency, ..Node::default() }
}

#[derive(Default)]
struct Draft {
    account: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    opening: Option<(NaiveDate, Money)>,
    closing: Option<(NaiveDate, Money)>,
    said: Option<(Money, Money)>,
    lines: Vec<StatementLine>,
}

impl Draft {
    fn take(&mut self, node: &Node) -> Result<(), FileErrorCode> {
        match node.name.as_str() {
            "Acct" => {
                if node.text(&["Ccy"]).is_some_and(|currency| currency != "KZT") {
                    return Err(FileErrorCode::Currency);
                }
                self.account = node.text(&["Id/IBAN", "Id/Othr/Id"]).map(iban);
            }
            "FrToDt" => {
                self.from = node.text(&["FrDtTm", "FrDt"]).and_then(first_ten);
                self.to = node.text(&["ToDtTm", "ToDt"]).and_then(first_ten);
            }
            "Bal" => {
                let kind = node.text(&["Tp/CdOrPrtry/Cd"]).unwrap_or_default();
                let on = day_of(node, "Dt").ok_or(FileErrorCode::BadDate);
                match kind {
                    "OPBD" | "PRCD" => self.opening = Some((on?, signed(node)?)),
                    "CLBD" => self.closing = Some((on?, signed(node)?)),
                    _ => {}
                }
            }
            "TxsSummry" => {
                let side = |path: &str| node.text(&[path]).and_then(sum);
                self.said = side("TtlCdtNtries/Sum").zip(side("TtlDbtNtries/Sum"));
            }
            _ => self.entry(node)?,
        }
        Ok(())
    }

    /// A batch of payments booked as one sum is told apart where its parts say their own sums.
    fn entry(&mut self, node: &Node) -> Result<(), FileErrorCode> {
        let status = node.text(&["Sts/Cd", "Sts"]).unwrap_or("BOOK");
        if status != "BOOK" {
            return Ok(());
        }
        let on = day_of(node, "BookgDt").or_else(|| day_of(node, "ValDt"));
        let on = on.ok_or(FileErrorCode::BadDate)?;
        // The sum of an entry has its sign; one that takes another back says so beside and needs no second look at it.
        let whole = signed(node)?;
        if whole.is_zero() {
            return Ok(());
        }
        let details: Vec<&Node> = node.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
        let own: Option<Vec<Money>> =
            details.iter().map(|one| one.text(&["Amt", "AmtDtls/TxAmt/Amt"]).and_then(sum)).collect();
        let parts =
            own.filter(|parts| details.len() > 1 && parts.iter().copied().sum::<Money>() == whole.abs());
        let reference = node.text(&["AcctSvcrRef", "NtryRef"]).unwrap_or_default();
        match parts {
            Some(parts) => {
                for (n, (one, amount)) in (1..).zip(details.into_iter().zip(parts)) {
                    let amount = if whole.is_negative() { -amount } else { amount };
                    let known = one.text(&["Refs/AcctSvcrRef", "Refs/TxId"]);
                    let reference = known.map_or_else(|| format!("{reference}/{n}"), str::to_owned);
                    self.lines.push(line(on, amount, reference, node, one));
                }
            }
            None => {
                let nothing = Node::default();
                let one = details.first().copied().unwrap_or(&nothing);
                let reference = if reference.is_empty() {
                    one.text(&["Refs/AcctSvcrRef", "Refs/TxId"]).unwrap_or_default()
                } else {
                    reference
                };
                self.lines.push(line(on, whole, reference.to_owned(), node, one));
            }
        }
        Ok(())
    }

    fn finish(self) -> Option<Statement> {
        let ((opened, opening), (closed, closing)) = self.opening.zip(self.closing)?;
        let from = self.from.or(self.lines.iter().map(|line| line.day).min()).unwrap_or(opened);
        let to = self.to.unwrap_or(closed).max(from);
        Some(Statement {
            format: StatementFormat::Camt,
            account: self.account?,
            from,
            to,
            opening,
            closing,
            lines: self.lines,
            said: self.said,
        })
    }
}

fn line(on: NaiveDate, amount: Money, reference: String, entry: &Node, details: &Node) -> StatementLine {
    let other = if amount.is_negative() { "Cdtr" } else { "Dbtr" };
    let party = details
        .find("RltdPties")
        .and_then(|parties| Some((parties.find(other), parties.find(&format!("{other}Acct"))?)));
    let (who, account) = match (party, details.find("RltdPties")) {
        (Some((who, account)), _) => (who, Some(account)),
        (None, Some(parties)) => (parties.find(other), None),
        (None, None) => (None, None),
    };
    let purpose: Vec<&str> = details
        .find("RmtInf")
        .map(|info| info.all("Ustrd").map(|text| text.text.trim()).filter(|text| !text.is_empty()).collect())
        .unwrap_or_default();
    let purpose = if purpose.is_empty() {
        details.text(&["AddtlTxInf"]).or(entry.text(&["AddtlNtryInf"])).unwrap_or_default().to_owned()
    } else {
        purpose.join(" ")
    };
    let given = Counterparty {
        name: who.and_then(|who| who.text(&["Nm", "Pty/Nm"])).unwrap_or_default().to_owned(),
        identification: who
            .and_then(|who| who.deep("Othr"))
            .and_then(|other| other.text(&["Id"]))
            .map(str::to_owned),
        iban: account.and_then(|account| account.text(&["Id/IBAN", "Id/Othr/Id"])).map(iban),
    };
    let document = details.text(&["Refs/EndToEndId", "Refs/InstrId"]).unwrap_or_default();
    StatementLine {
        day: on,
        amount,
        reference,
        document: if document == "NOTPROVIDED" { String::new() } else { document.to_owned() },
        counterparty: told_by(&purpose, given),
        purpose_code: details
            .text(&["Purp/Prtry", "Purp/Cd"])
            .map(str::to_owned)
            .or_else(|| purpose_code_in(&purpose)),
        purpose,
    }
}

/// The sum of a balance or an entry with its sign.
fn signed(node: &Node) -> Result<Money, FileErrorCode> {
    let amount = node.find("Amt").ok_or(FileErrorCode::BadSum)?;
    if amount.currency.as_deref().is_some_and(|currency| currency != "KZT") {
        return Err(FileErrorCode::Currency);
    }
    let sum = sum(&amount.text).ok_or(FileErrorCode::BadSum)?;
    match node.text(&["CdtDbtInd"]) {
        Some("CRDT") => Ok(sum),
        Some("DBIT") => Ok(-sum),
        _ => Err(FileErrorCode::Unreadable),
    }
}

/// `Dt/Dt` or `Dt/DtTm`, and what the day of it is.
fn day_of(node: &Node, name: &str) -> Option<NaiveDate> {
    node.find(name)?.text(&["Dt", "DtTm"]).and_then(first_ten)
}

/// The day of a moment: as the bank wrote it, whatever its zone.
fn first_ten(text: &str) -> Option<NaiveDate> {
    day(text.get(..10)?)
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn a_batch_is_told_apart_and_what_is_pending_is_not_money() {
        let text = String::from_utf8(sample("batch_08.xml")).unwrap();
        let statements = read(&text).unwrap();
        let said: Vec<String> = statements[0]
            .lines
            .iter()
            .map(|line| format!("{} {} {}", line.amount, line.reference, line.counterparty.name))
            .collect();
        assert_eq!(said, ["700.00 B1/1 Иванов & сын", "300.00 B1/2 ", "-50.00 F1 "]);
        assert_eq!(statements[0].check(), Ok(()));
    }

    #[test]
    fn what_is_no_camt_is_refused() {
        let code = |text: &str| read(text).map(|all| all.len());
        assert_eq!(code("<html><body/></html>"), Ok(0));
        for wrong in [
            "<Document><Stmt>",
            "<!DOCTYPE a><Document/>",
            "<Document><Stmt></Stmt></Document>",
            "<a",
            "<Stmt><Ntry>&x;</Ntry></Stmt>",
        ] {
            assert_eq!(code(wrong).unwrap_err().code, FileErrorCode::Unreadable, "{wrong}");
        }
        let deep = format!("<Stmt><Ntry>{}", "<a>".repeat(200));
        assert_eq!(code(&deep).unwrap_err().code, FileErrorCode::Unreadable);
    }
}
