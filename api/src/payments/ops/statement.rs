//! Bank statements: taken in, each line told what it is, decided on by a person. An operator's payment rests on a line.

use domain::PaymentsEvent;
use domain::access::Actor;
use domain::kernel::*;
use domain::ledger::post_remittance;
use domain::payments::{
    Gap, LineState, RowDecision, Statement as Said, StatementLine, StatementState, SuspenseReason, remittance,
};
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Change, Tx, jobs};
use entities::ledger::period;
use entities::payments::statement::{self, Line, Means, NewLine, NewStatement, Statement};
use entities::payments::write::{self, Posting};
use entities::payments::{registry, terms};
use entities::subscribers::account;
use entities::tariffs;
use serde::{Deserialize, Serialize};

use super::deciding::{CHUNK, Deciding, Step, Which};
use super::record::record_many;
use super::refund::pay_refund_by_bank;
use super::registry::{all_taken, open_accounts};
use super::suspense::{NOBODY, Unknown, suspend};
use super::{NewPayment, Recorded};
use crate::app::App;
use crate::payments::jobs::{MATCH_STATEMENT, StatementArgs};
use crate::platform::clock::Clock;
use crate::platform::jobs::Behalf;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is personal of a line, sealed as one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Details {
    pub identification: Option<String>,
    pub iban: Option<String>,
    /// As it was written.
    pub purpose: String,
}

/// A file that was read and believed: the statements of it.
#[derive(Debug, Clone)]
pub struct TakingStatement {
    pub filename: String,
    pub sha256: Vec<u8>,
    pub said: Vec<Said>,
}

/// Keeps the statements of a file and queues a look at their lines. The same file again is the same statements.
pub async fn take_statement(
    tx: &mut Tx,
    vault: &Vault,
    taking: TakingStatement,
    clock: &Clock,
) -> Outcome<Vec<StatementId>> {
    let known = statement::same(tx, &taking.sha256).await?;
    if !known.is_empty() {
        tx.nothing_new("the same file again");
        return Ok(Ok(known));
    }
    let mut ids = Vec::new();
    for (part, said) in (1..).zip(&taking.said) {
        if said.to > clock.today() {
            refuse!(Refusal::new("FUTURE_DAY").at("file"));
        }
        let among = statement::neighbours(tx, &said.account, said.from, said.to).await?;
        if let Err(Gap { closing, opening }) = said.follows(&among) {
            refuse!(Refusal::new("STATEMENT_GAP").with("closing", closing).with("opening", opening));
        }
        let (came, went) = said.turnover();
        let new = NewStatement {
            format: said.format,
            account: said.account.clone(),
            from: said.from,
            to: said.to,
            opening: said.opening,
            closing: said.closing,
            came,
            went,
            lines: said.lines.len(),
            filename: taking.filename.clone(),
            sha256: taking.sha256.clone(),
            part,
        };
        let id = statement::insert(tx, &new).await?;
        let keyed = said.lines.iter().zip(said.keys());
        let lines: Vec<NewLine> =
            (1..).zip(keyed).map(|(n, (line, key))| new_line(vault, n, key, line)).collect();
        statement::put(tx, id, &lines).await?;
        let args = StatementArgs { statement: id, behalf: Behalf::of(tx.actor()), deciding: None };
        let job = jobs::enqueue(tx, MATCH_STATEMENT, &args, Some(&id.to_string())).await?;
        statement::set_job(tx, id, job).await?;
        tx.audit(Change::new("statement", id, "taken").after(serde_json::json!({
            "account": new.account, "from": new.from, "to": new.to, "opening": new.opening, "closing": new.closing,
            "lines": new.lines, "file": new.filename,
        })));
        tx.emit(PaymentsEvent::StatementTaken { statement: id });
        ids.push(id);
    }
    Ok(Ok(ids))
}

/// What is personal goes sealed; what finds the account stays.
fn new_line(vault: &Vault, n: i32, key: String, line: &StatementLine) -> NewLine {
    let named = remittance(&line.purpose);
    let details = Details {
        identification: line.counterparty.identification.clone(),
        iban: line.counterparty.iban.clone(),
        purpose: line.purpose.clone(),
    };
    let sealed = serde_json::to_string(&details).map(|text| vault.seal(&text)).ok();
    NewLine {
        n,
        key,
        day: line.day,
        amount: line.amount,
        document: cut(&line.document, 40),
        reference: cut(&line.reference, 60),
        payer: cut(&masked(&line.counterparty.name), 200),
        purpose: cut(&masked(&line.purpose), 500),
        purpose_code: line.purpose_code.as_deref().map(|code| cut(code, 10)),
        details: sealed,
        subject: line.counterparty.identification.as_deref().map(|id| vault.blind(id)),
        numbers: if line.amount.is_negative() { ordered(&line.purpose) } else { numbers(&line.purpose) },
        named: named.map(|found| found.business),
        fee: named.and_then(|found| found.fee),
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Twelve digits in a row may be somebody's number: of an ИИН or БИН the last four stay.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if digits.len() == 12 && Identification::parse(&digits).is_ok() {
            out.push_str("••••••••");
            out.push_str(&digits[8..]);
        } else {
            out.push_str(&digits);
        }
        digits.clear();
        out.push(c);
    }
    out.pop();
    out
}

/// What people write before the number of an account.
const STRONG: [&str; 5] = ["л/с", "лс", "л/сч", "жш", "ж/ш"];

/// What may be the number of an account: what stands after «л/с» or «ЖШ» and their like, else every number of five digits and more.
fn numbers(purpose: &str) -> Vec<String> {
    let words: Vec<&str> =
        purpose.split(|c: char| !(c.is_alphanumeric() || c == '/')).filter(|word| !word.is_empty()).collect();
    let number =
        |word: &str| (5..=20).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let personal = lower.iter().any(|word| matches!(word.as_str(), "лицевой" | "жеке"));
    let labels = |word: &str| {
        STRONG.contains(&word) || personal && matches!(word, "счёт" | "счет" | "счета" | "шот" | "n" | "no")
    };
    let labelled = words
        .iter()
        .skip(1)
        .zip(&lower)
        .filter(|(word, before)| number(word) && labels(before))
        .map(|(word, _)| (*word).to_owned());
    // «л/с1000001» is one word.
    let glued = words.iter().filter_map(|word| {
        let rest = word.trim_start_matches(|c: char| !c.is_ascii_digit());
        let label = word[..word.len() - rest.len()].to_lowercase();
        (STRONG.contains(&label.as_str()) && number(rest)).then(|| rest.to_owned())
    });
    let mut found: Vec<String> = labelled.chain(glued).collect();
    if found.is_empty() {
        found = words.iter().filter(|word| number(word)).map(|word| (*word).to_owned()).collect();
    }
    found.sort();
    found.dedup();
    found.truncate(20);
    found
}

/// What may be the number of a refund that our order names: whole words of digits, however short. A day is none.
fn ordered(purpose: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let number =
        |word: &String| (1..=18).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let mut found: Vec<String> = purpose.split_whitespace().map(bare).filter(number).collect();
    found.sort();
    found.dedup();
    found.truncate(20);
    found
}

/// The look at the lines, as background work.
pub async fn run_match_statement(app: &App, actor: Actor, id: StatementId) -> Result<(), Broken> {
    let mut tx = Tx::begin(&app.db, actor).await?;
    let Some(found) = statement::lock(&tx, id).await? else { return Ok(()) };
    if found.state != StatementState::Matching {
        return Ok(());
    }
    let agents: Vec<(i64, Vec<u8>)> =
        statement::agents(&tx).await?.into_iter().map(|(id, bin)| (id, app.vault.blind(&bin))).collect();
    statement::match_lines(&tx, id, &agents).await?;
    tx.emit(PaymentsEvent::StatementMatched { statement: id });
    tx.commit().await
}

/// Queues a decision on all lines of a kind.
pub async fn decide_all_lines(
    tx: &mut Tx,
    id: StatementId,
    deciding: Deciding<LineState>,
) -> Outcome<Statement> {
    allow!(deciding.check());
    let Some(of) = statement::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if of.state != StatementState::Matched {
        refuse!("REGISTRY_STATE");
    }
    let Which::All(state) = deciding.which else { refuse!("ROW_DECIDED") };
    let key = format!("{id} {} {}", state.code(), deciding.decision.code());
    let behalf = Behalf::of(tx.actor());
    let args = StatementArgs { statement: id, behalf, deciding: Some(deciding) };
    let job = jobs::enqueue(tx, MATCH_STATEMENT, &args, Some(&key)).await?;
    statement::note_job(tx, id, job).await?;
    statement::find(tx, id).await?.ok_or(Broken::RecordNotUpdated).map(Ok)
}

/// Says what a line is, where the look said otherwise; also of one that it took for a repetition and is none.
pub async fn mean_line(tx: &mut Tx, id: StatementId, n: i32, means: Means) -> Outcome<Statement> {
    let Some(of) = statement::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if of.state != StatementState::Matched {
        refuse!("REGISTRY_STATE");
    }
    let Some(line) = statement::lock_lines(tx, id, Some(vec![n]), None, i32::MIN, 1).await?.pop() else {
        refuse!("ROW_DECIDED")
    };
    if line.amount < 0 {
        refuse!(Refusal::new("ROW_STATE").with("line", n));
    }
    match means {
        Means::Payment(of) => {
            let scope = tx.scope().clone();
            if account::find(tx, &scope, of).await?.is_none() {
                refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"));
            }
        }
        Means::Remittance(channel, _) => {
            if terms::find(tx, channel).await?.is_none() {
                refuse!(Refusal::new("NO_REGISTRY_TERMS").at("channelId"));
            }
        }
    }
    statement::set_meaning(tx, id, n, means).await?;
    tx.audit(
        Change::new("statement", id, "said")
            .before(serde_json::json!({ "state": line.state, "key": line.key }))
            .after(serde_json::json!({ "line": n, "means": format!("{means:?}") })),
    );
    tx.emit(PaymentsEvent::StatementDecided { statement: id, rows: 1 });
    Ok(Ok(of))
}

/// Decides on lines of a statement, so many at most, after a number.
pub async fn decide_lines(
    tx: &mut Tx,
    id: StatementId,
    deciding: &Deciding<LineState>,
    after: i32,
    clock: &Clock,
) -> Outcome<Step> {
    allow!(deciding.check());
    let note = deciding.note();
    let Some(of) = statement::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if of.state != StatementState::Matched {
        refuse!("REGISTRY_STATE");
    }
    let (named, state) = deciding.asked();
    let lines = statement::lock_lines(tx, id, named.clone(), state, after, CHUNK).await?;
    if lines.is_empty() {
        if named.is_some() {
            refuse!("ROW_DECIDED");
        }
        return Ok(Ok(Step::default()));
    }
    let last = lines.last().map(|line| line.n).filter(|_| lines.len() as i64 == CHUNK);
    let looked = lines.len();
    allow!(deciding.refuse(lines.iter().map(|line| (line.n, line.state))));
    let decided: Vec<(i32, Option<i64>)> = match deciding.decision {
        RowDecision::Explained => lines.iter().map(|line| (line.n, None)).collect(),
        RowDecision::Posted => allow!(post_lines(tx, lines, named.is_some(), clock).await?),
        RowDecision::Suspended => allow!(suspend_lines(tx, id, lines, clock).await?),
    };
    statement::decide(tx, id, deciding.decision, note, &decided).await?;
    tx.audit(
        Change::new("statement", id, deciding.decision.code())
            .after(serde_json::json!({ "lines": decided.len(), "note": note })),
    );
    tx.emit(PaymentsEvent::StatementDecided { statement: id, rows: decided.len() as i64 });
    Ok(Ok(Step { decided: decided.len(), left: looked - decided.len(), last }))
}

/// Payments as a set; what agents hand on and refunds one by one, for there are few of them.
async fn post_lines(
    tx: &mut Tx,
    lines: Vec<Line>,
    named: bool,
    clock: &Clock,
) -> Outcome<Vec<(i32, Option<i64>)>> {
    let accounts = open_accounts(tx, lines.iter().filter_map(|line| line.account_id).collect()).await?;
    let open = |line: &Line| line.account_id.and_then(|id| accounts.get(&id)).copied().flatten();
    let (mut done, mut numbers, mut payments) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        match line.state {
            LineState::Remittance => {
                allow!(post_line_remittance(tx, &line, clock).await?);
                // At once: of the day's fee so much less is left for the next line.
                let id = StatementId(line.statement_id);
                statement::decide(tx, id, RowDecision::Posted, None, &[(line.n, None)]).await?;
                done.push((line.n, None));
            }
            LineState::Refund => {
                let Some(refund) = line.refund_id else { continue };
                allow!(pay_refund_by_bank(tx, RefundId(refund), line.day, &line.document).await?);
                // At once: a second line of the same file is no second payment of it.
                let id = StatementId(line.statement_id);
                statement::decide(tx, id, RowDecision::Posted, None, &[(line.n, None)]).await?;
                done.push((line.n, None));
            }
            _ => match open(&line) {
                None if named => {
                    refuse!(Refusal::new("ROW_NO_ACCOUNT").with("line", line.n).with("account", ""))
                }
                None => {}
                Some((account, sector)) => {
                    numbers.push(line.n);
                    payments.push(NewPayment {
                        account,
                        sector,
                        channel: "bank".to_owned(),
                        amount: line.amount(),
                        external_id: line.key,
                        paid_on: line.day,
                        paid_at: None,
                        import_batch: None,
                        target: None,
                    });
                }
            },
        }
    }
    let recorded = allow!(record_many(tx, &payments, clock.now()).await?);
    if named {
        allow!(all_taken(&recorded));
    }
    done.extend(numbers.into_iter().zip(recorded).filter_map(|(n, recorded)| match recorded {
        Recorded::New(id) | Recorded::Replayed(id) => Some((n, Some(id.0))),
        Recorded::TakenBack(_) | Recorded::KeyConflict(_) | Recorded::Gone | Recorded::Held => None,
    }));
    Ok(Ok(done))
}

/// The bank has what an agent took on a day, less what he kept: by sector, as his payments of the day are.
async fn post_line_remittance(tx: &mut Tx, line: &Line, clock: &Clock) -> Outcome<()> {
    let (Some(channel), Some(business)) = (line.channel_id.map(ChannelId), line.business_date) else {
        refuse!(Refusal::new("ROW_STATE").with("line", line.n))
    };
    let Some(terms) = terms::find(tx, channel).await? else { refuse!("NO_REGISTRY_TERMS") };
    let days = registry::days(tx, business, business, Some(channel)).await?;
    let day = days.first().map(registry::DayRow::day).unwrap_or_default();
    // What is left of the day's fee: the bank may pay a day in parts.
    let before = registry::fee_posted(tx, channel, business).await?;
    let fee = match line.fee {
        Some(said) => Money::from_tiyn(said),
        None => (day.fee(&terms.terms()) - before).max(Money::ZERO),
    };
    let today = clock.today();
    let book = tariffs::book_of(tx, Period::of(today), clock.now()).await?;
    let nobodys = match book.methods.suspense_sector(today) {
        Ok(setting) => setting.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let mut shares = registry::sectors_of_day(tx, channel, business).await?;
    if shares.is_empty() {
        shares.push((nobodys, Money::from_tiyn(1)));
    }
    let weights: Vec<u64> = shares.iter().map(|(_, sum)| sum.tiyn().unsigned_abs()).collect();
    let received = largest_remainder(line.amount, &weights);
    let fees = largest_remainder(fee.tiyn(), &weights);
    let mut entries = Vec::new();
    for (((sector, _), received), fee) in shares.into_iter().zip(received).zip(fees) {
        let Some(open) = period::posting_period(tx, line.day, sector).await? else {
            refuse!("NO_OPEN_PERIOD")
        };
        let at = Posting {
            period: open.period,
            sector,
            account: NOBODY,
            posted_on: line.day,
            source: "remittance",
            source_id: line.statement_id,
        };
        let agent = AgentId(terms.agent_id);
        let posted = post_remittance(agent, Money::from_tiyn(received), Money::from_tiyn(fee));
        entries.extend(posted.into_iter().map(|entry| (at, entry)));
    }
    write::entries(tx, &entries).await?;
    statement::set_fee(tx, StatementId(line.statement_id), line.n, fee).await?;
    Ok(Ok(()))
}

async fn suspend_lines(
    tx: &mut Tx,
    id: StatementId,
    lines: Vec<Line>,
    clock: &Clock,
) -> Outcome<Vec<(i32, Option<i64>)>> {
    let decided = lines.iter().map(|line| (line.n, None)).collect();
    let unknown = |line: Line| Unknown {
        channel: "bank".to_owned(),
        agent: None,
        amount: line.amount(),
        external_id: line.key,
        paid_at: None,
        paid_on: line.day,
        reason: match line.state {
            LineState::Ambiguous => SuspenseReason::Ambiguous,
            LineState::Payment => SuspenseReason::ClosedAccount,
            _ => SuspenseReason::NotNamed,
        },
        account_raw: None,
        payer: Some(line.payer).filter(|payer| !payer.is_empty()),
        purpose: Some(line.purpose),
        details: line.details,
        subject: line.subject,
        target: None,
        registry: None,
        statement: Some(id),
        line: line.n,
    };
    allow!(suspend(tx, lines.into_iter().map(unknown).collect(), clock).await?);
    Ok(Ok(decided))
}

/// The day of Almaty that a moment of the wall clock belongs to.
pub fn wall(clock: &Clock) -> chrono::NaiveDateTime {
    let now = clock.now().with_timezone(&chrono_tz::Asia::Almaty).time();
    clock.today().and_time(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_an_account_is_found_in_what_people_write() {
        for (purpose, expected) in [
            ("За воду л/с 1000002 по счету 3 от 05.03.2026", vec!["1000002"]),
            ("ЖШ 1000002, су үшін, тел 87011234567", vec!["1000002"]),
            ("оплата лс1000002 дог. 1234567", vec!["1000002"]),
            ("лицевой счёт № 1000002", vec!["1000002"]),
            ("1000001 1000002 1000001", vec!["1000001", "1000002"]),
            ("вода 25.03.2026 дом 10", vec![]),
        ] {
            assert_eq!(numbers(purpose), expected, "{purpose}");
        }
    }

    #[test]
    fn the_number_of_a_refund_is_found_in_our_own_order() {
        assert_eq!(ordered("Возврат № 30 по заявлению №7/2026 от 26.03.2026, (30)"), ["30"]);
        assert_eq!(ordered("Возврат №12, №5"), ["12", "5"]);
        assert!(ordered("Возврат по заявлению").is_empty());
    }

    #[test]
    fn a_number_of_a_person_is_masked_and_no_other() {
        assert_eq!(masked("ИИН 971240001315, л/с 1000002"), "ИИН ••••••••1315, л/с 1000002");
        assert_eq!(masked("971240001315"), "••••••••1315");
        assert_eq!(masked("123456789012 1234567890123"), "123456789012 1234567890123");
        assert_eq!(masked(""), "");
    }
}
