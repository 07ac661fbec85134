//! The act itself: which rows go through, the facts put away, what bills come to before and after. A preview gives its transaction
//! up; saving keeps it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::amendments::{
    AmendmentAct as Act, AmendmentFact as Fact, AmendmentOutcome as Became, AmendmentRefusal as Why,
    BillStage, InstallationFact, PaymentFact, ReadingFact, Said, installation_stays, payment_stays,
    reading_stays,
};
use domain::kernel::*;
use domain::ledger::PeriodStatus;
use domain::readings::{Channel, Verdict};
use domain::{MetersEvent, PaymentsEvent, PremisesEvent, ReadingsEvent, SubscribersEvent};
use entities::amendments::batch::{self, Batch, Effect, Row, Sums};
use entities::amendments::facts::{self, PointOn, Register, Version};
use entities::kernel::{Tx, bitemporal};
use entities::payments::payment::{self, Payment};
use entities::readings;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::months::Months;
use crate::payments::ops::{Stays, take_back};
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::readings::ops::{Incoming, Intake};
use crate::{allow, refuse};

/// What a batch did, inside of a transaction that may still be given up.
pub struct Performed {
    pub rows: Vec<Row>,
    pub effects: Vec<Effect>,
    pub sums: Sums,
    /// The moment of its recordings.
    pub at: DateTime<Utc>,
    /// Accounts whose issued bills want a correction, and of which months.
    pub issued: Vec<AccountId>,
    pub months: Option<(Period, Period)>,
}

/// Rows at work.
struct Desk<'a> {
    found: &'a Batch,
    rows: Vec<Row>,
}

impl Desk<'_> {
    fn refuse(&mut self, at: usize, why: Why) {
        let row = &mut self.rows[at];
        (row.outcome, row.refusal) = (Became::Refused, Some(why.code().to_owned()));
    }

    /// Rows that still go through, by what they do.
    fn going(&self, act: Act, fact: Fact) -> Vec<usize> {
        let going = |row: &Row| (row.act, row.fact, row.outcome) == (act, fact, Became::Ready);
        (0..self.rows.len()).filter(|at| going(&self.rows[*at])).collect()
    }

    fn ids(&self, rows: &[usize]) -> Vec<i64> {
        rows.iter().filter_map(|at| self.rows[*at].fact_id).collect()
    }

    fn accounts(&self, rows: impl IntoIterator<Item = usize>) -> Vec<i64> {
        let all: BTreeSet<i64> = rows.into_iter().filter_map(|at| self.rows[at].account_id).collect();
        all.into_iter().collect()
    }

    /// The same thing twice goes once; an account's count of residents is touched once by a batch.
    fn once(&mut self) {
        let mut seen = HashSet::new();
        for at in 0..self.rows.len() {
            let row = &self.rows[at];
            if row.outcome != Became::Ready {
                continue;
            }
            let key = match (row.act, row.fact) {
                (_, Fact::Residents) => (Act::Change, row.fact, row.account_id, None, None),
                (Act::Remove, _) => (row.act, row.fact, None, row.fact_id, None),
                (Act::Change, Fact::Reading) => (row.act, row.fact, row.account_id, row.point_id, row.day),
                (Act::Change, _) => (row.act, row.fact, row.account_id, None, None),
            };
            if !seen.insert(key) {
                self.refuse(at, Why::Twice);
            }
        }
    }
}

pub async fn perform(tx: &mut Tx, clock: &Clock, found: &Batch) -> Outcome<Performed> {
    let today = clock.today();
    let mut rows = batch::rows(tx, found.amendment_id()).await?;
    for row in &mut rows {
        (row.outcome, row.refusal) = (Became::Ready, None);
    }
    let mut desk = Desk { found, rows };
    let payments = allow!(look_at_removed(tx, &mut desk).await?);
    let points = look_at_changes(tx, &mut desk).await?;
    desk.once();

    let touched = desk.accounts((0..desk.rows.len()).filter(|at| desk.rows[*at].outcome == Became::Ready));
    facts::lock_accounts(tx, &touched).await?;
    let locked: Vec<PointId> = desk.rows.iter().filter_map(|row| row.point_id).map(PointId).collect();
    let locked: BTreeSet<PointId> = locked.into_iter().collect();
    readings::lock_points(tx, &locked.into_iter().collect::<Vec<_>>()).await?;
    let whose = facts::whose(tx, touched, today).await?;
    let before = bitemporal::moment(tx).await?;
    let months = Months::before(tx, Period::of(today), &whose, before).await?;

    let at = bitemporal::moment(tx).await?;
    put_away_readings(tx, &mut desk).await?;
    allow!(change_readings(tx, &mut desk, today).await?);
    put_away_registers(tx, &mut desk, &points, at).await?;
    let reversals = allow!(put_away_payments(tx, &mut desk, payments, today).await?);
    tell(tx, &desk);

    let known_at = bitemporal::moment(tx).await?;
    let (mut effects, corrections) = months.after(tx, known_at).await?;
    let issued: BTreeSet<AccountId> = effects
        .iter()
        .filter(|effect| effect.stage == Some(BillStage::Issued))
        .map(|effect| effect.account)
        .collect();
    let paid = paid_back(&desk);
    let paid_sum = paid.iter().map(Effect::owed).sum();
    effects.extend(paid);

    let mut sums = add_up(&desk, &effects);
    sums.paid_back = paid_sum;
    sums.entries = corrections + facts::entries_of(tx, "payment_reversal", reversals).await?;
    let accounts: BTreeSet<i64> = effects.iter().map(|effect| effect.account.0).collect();
    sums.messages = facts::messages_of(tx, accounts.iter().copied().collect()).await?;
    sums.staff = whose.iter().filter(|one| one.staff && accounts.contains(&one.account_id)).count() as i64;
    Ok(Ok(Performed {
        rows: desk.rows,
        effects,
        sums,
        at,
        issued: issued.into_iter().collect(),
        months: months.issued(),
    }))
}

/// Finds what is to be removed and says what stays; the payments that go.
async fn look_at_removed(tx: &mut Tx, desk: &mut Desk<'_>) -> Outcome<HashMap<i64, Payment>> {
    let going = desk.going(Act::Remove, Fact::Reading);
    let known: HashMap<i64, facts::Reading> =
        facts::readings(tx, desk.ids(&going)).await?.into_iter().map(|row| (row.id, row)).collect();
    for at in going {
        let Some(reading) = desk.rows[at].fact_id.and_then(|id| known.get(&id)) else {
            desk.refuse(at, Why::NotFound);
            continue;
        };
        let row = &mut desk.rows[at];
        (row.account_id, row.point_id) = (Some(reading.account_id), Some(reading.point_id));
        (row.day, row.was) = (Some(reading.taken_on), Some(reading.liters.to_string()));
        row.before = Some(json!({ "verdict": reading.verdict }));
        let fact = ReadingFact { verdict: reading.verdict, act: reading.act, closed: reading.closed };
        if let Some(why) = reading_stays(fact) {
            desk.refuse(at, why);
        }
    }

    let going = desk.going(Act::Remove, Fact::Payment);
    let ids = desk.ids(&going);
    let payments: HashMap<i64, Payment> = match ids.is_empty() {
        true => HashMap::new(),
        false => payment::lock_visible(tx, ids).await?.into_iter().map(|row| (row.id, row)).collect(),
    };
    let statuses = readings::period_statuses(tx).await?;
    for at in going {
        let Some(payment) = desk.rows[at].fact_id.and_then(|id| payments.get(&id)) else {
            desk.refuse(at, Why::NotFound);
            continue;
        };
        let month = Sector::from_code(&payment.sector).map(|sector| (sector, Period::of(payment.period)));
        let row = &mut desk.rows[at];
        (row.account_id, row.day) = (Some(payment.account_id), Some(payment.paid_on));
        row.was = Some(Money::from_tiyn(payment.amount).to_string());
        let fact = PaymentFact {
            reversed: payment.reversed,
            is_reversal: payment.reverses.is_some(),
            closed: month.and_then(|month| statuses.get(&month)) == Some(&PeriodStatus::Closed),
        };
        if let Some(why) = payment_stays(fact) {
            desk.refuse(at, why);
        }
    }

    for (fact, register) in
        [(Fact::Residents, Register::Residents), (Fact::Verification, Register::Verifications)]
    {
        let going = desk.going(Act::Remove, fact);
        let ids = desk.ids(&going);
        let known = match register {
            _ if ids.is_empty() => Vec::new(),
            Register::Verifications => facts::verifications(tx, ids).await?,
            _ => facts::residencies(tx, ids).await?,
        };
        let known: HashMap<i64, facts::Said> = known.into_iter().map(|row| (row.id, row)).collect();
        for at in going {
            let Some(said) = desk.rows[at].fact_id.and_then(|id| known.get(&id)) else {
                desk.refuse(at, Why::NotFound);
                continue;
            };
            let row = &mut desk.rows[at];
            (row.account_id, row.was) = (Some(said.account_id), Some(said.was.clone()));
            row.before = Some(json!({ "key": said.key, "row": said.row_id }));
            if !said.known {
                desk.refuse(at, Why::NotStanding);
            } else if said.closed {
                desk.refuse(at, Why::Closed);
            }
        }
    }
    look_at_installations(tx, desk).await?;
    Ok(Ok(payments))
}

/// Says which installations stay; the readings that stand on the others go with them.
async fn look_at_installations(tx: &Tx, desk: &mut Desk<'_>) -> Result<(), entities::kernel::Broken> {
    let going = desk.going(Act::Remove, Fact::Installation);
    if going.is_empty() {
        return Ok(());
    }
    let stays = facts::installations(tx, desk.ids(&going)).await?;
    let stays: HashMap<i64, facts::Stay> = stays.into_iter().map(|row| (row.meter_id, row)).collect();
    for at in going {
        let Some(stay) = desk.rows[at].fact_id.and_then(|id| stays.get(&id)) else {
            desk.refuse(at, Why::NotFound);
            continue;
        };
        let row = &mut desk.rows[at];
        (row.account_id, row.point_id) = (stay.account_id, Some(stay.point_id));
        (row.day, row.was) = (Some(stay.day), Some(stay.was.clone()));
        row.before = Some(json!({ "key": stay.meter_id, "row": stay.row_id, "readings": stay.readings }));
        let fact = InstallationFact { stands: stay.stands, closed: stay.closed, reckoned: stay.reckoned };
        if let Some(why) = installation_stays(fact) {
            desk.refuse(at, why);
        }
    }
    Ok(())
}

/// Says which changes can't be made; the points of those that can, by their rows.
async fn look_at_changes(
    tx: &Tx,
    desk: &mut Desk<'_>,
) -> Result<HashMap<i32, Vec<PointOn>>, entities::kernel::Broken> {
    let all: Vec<usize> = (0..desk.rows.len()).filter(|at| desk.rows[*at].act == Act::Change).collect();
    let mut asked = Vec::new();
    for &at in &all {
        match (desk.rows[at].account_id, desk.rows[at].day) {
            (Some(account), Some(day)) => asked.push((desk.rows[at].n, account, day)),
            _ => desk.refuse(at, Why::NotFound),
        }
    }
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let subjects: HashMap<i32, facts::Subject> =
        facts::subjects(tx, &asked).await?.into_iter().map(|row| (row.n, row)).collect();
    let mut points: HashMap<i32, Vec<PointOn>> = HashMap::new();
    for point in facts::points(tx, &asked).await? {
        points.entry(point.n).or_default().push(point);
    }
    for at in all {
        let row = &desk.rows[at];
        let (Some(subject), Some(value)) = (subjects.get(&row.n), row.value.clone()) else { continue };
        if subject.gone || subject.closed {
            desk.refuse(at, if subject.closed { Why::Closed } else { Why::AccountClosed });
            continue;
        }
        let own = points.get(&row.n).map_or(&[][..], Vec::as_slice);
        match Said::read(row.fact, &value) {
            Some(Said::Residents(count)) => {
                let was = subject.residents;
                desk.rows[at].was = was.map(|count| count.to_string());
                if was == Some(i32::from(count)) {
                    desk.refuse(at, Why::Same);
                }
            }
            Some(Said::Amenity(amenity)) => {
                let known: BTreeSet<&str> = own.iter().filter_map(|point| point.amenity.as_deref()).collect();
                let was = known.iter().copied().collect::<Vec<_>>().join(", ");
                desk.rows[at].was = Some(was.clone());
                if was.is_empty() {
                    desk.refuse(at, Why::NotFound);
                } else if was == amenity.code() {
                    desk.refuse(at, Why::Same);
                }
            }
            Some(Said::Reading(value)) => {
                let named = |point: &&PointOn| match (&row.serial, &point.serial) {
                    (Some(wanted), Some(serial)) => wanted == serial,
                    (None, serial) => serial.is_some(),
                    _ => false,
                };
                let metered: Vec<&PointOn> = own.iter().filter(named).collect();
                let [point] = metered[..] else {
                    desk.refuse(at, Why::MeterUnclear);
                    continue;
                };
                let (same, standing) = (point.standing == Some(value), point.standing_id);
                let row = &mut desk.rows[at];
                (row.point_id, row.fact_id) = (Some(point.point_id), standing);
                row.was = point.standing.map(|value| value.to_string());
                row.before = point.standing_verdict.as_ref().map(|verdict| json!({ "verdict": verdict }));
                if same {
                    desk.refuse(at, Why::Same);
                }
            }
            None => desk.refuse(at, Why::NotFound),
        }
    }
    Ok(points)
}

async fn put_away_readings(tx: &Tx, desk: &mut Desk<'_>) -> Result<(), entities::kernel::Broken> {
    let going = desk.going(Act::Remove, Fact::Reading);
    if going.is_empty() {
        return Ok(());
    }
    let (id, why) = (desk.found.amendment_id(), desk.found.reason.clone());
    let again = facts::remove_readings(tx, id, desk.ids(&going), &why, true).await?;
    for (point, reading) in again {
        // It is put back behind one of those that went from its point.
        let gone = going.iter().find(|at| desk.rows[**at].point_id == Some(point));
        if let Some(before) = gone.and_then(|at| desk.rows[*at].before.as_mut()) {
            before["restored"] = json!(reading);
        }
    }
    Ok(())
}

/// The reading of the day goes, the new one passes the intake; on a document a doubtful one counts.
async fn change_readings(tx: &mut Tx, desk: &mut Desk<'_>, today: NaiveDate) -> Outcome<()> {
    let going = desk.going(Act::Change, Fact::Reading);
    if going.is_empty() {
        return Ok(Ok(()));
    }
    let (id, why) = (desk.found.amendment_id(), desk.found.reason.clone());
    facts::remove_readings(tx, id, desk.ids(&going), &why, false).await?;
    let incoming: Vec<Incoming> = going
        .iter()
        .filter_map(|at| {
            let row = &desk.rows[*at];
            let Some(Said::Reading(value)) = Said::read(row.fact, row.value.as_deref()?) else { return None };
            let point = PointId(row.point_id?);
            Some(Incoming {
                point,
                day: row.day?,
                value,
                channel: Channel::Operator,
                client_ref: None,
                import: None,
                closing: false,
            })
        })
        .collect();
    let ids = readings::next_ids(tx, incoming.len()).await?;
    let mut intake = Intake::open(tx, today).await?;
    let judged = match intake.judge(tx, &incoming, &ids).await? {
        Ok(judged) => judged,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.0)),
    };
    let (mut new, mut back) = (Vec::new(), Vec::new());
    for (((at, judged), incoming), id) in going.into_iter().zip(judged).zip(&incoming).zip(ids) {
        match judged.filter(|one| one.judgement.verdict != Verdict::Rejected) {
            Some(judged) => {
                let row = judged.row(id, incoming);
                desk.rows[at].made_id = Some(id.0);
                new.push(readings::NewReading { verdict: Verdict::Accepted, ..row });
            }
            None => {
                let row = &desk.rows[at];
                let verdict = row.before.as_ref().and_then(|before| before["verdict"].as_str());
                back.extend(row.fact_id.zip(verdict).map(|(id, verdict)| (id, verdict.to_owned(), None)));
                desk.refuse(at, Why::Rejected);
            }
        }
    }
    facts::readings_back(tx, &back).await?;
    if !new.is_empty() {
        readings::insert(tx, &new).await?;
        readings::supersede(tx, &new).await?;
    }
    Ok(Ok(()))
}

/// The readings that stand on a removed installation, each with what it was.
pub(super) fn readings_of(row: &Row) -> Vec<(i64, String)> {
    let kept = row.before.as_ref().map(|before| &before["readings"]).and_then(|list| list.as_array());
    kept.into_iter()
        .flatten()
        .filter_map(|one| Some((one["id"].as_i64()?, one["verdict"].as_str()?.to_owned())))
        .collect()
}

async fn put_away_registers(
    tx: &Tx,
    desk: &mut Desk<'_>,
    points: &HashMap<i32, Vec<PointOn>>,
    at: DateTime<Utc>,
) -> Result<(), entities::kernel::Broken> {
    for (fact, register) in [
        (Fact::Residents, Register::Residents),
        (Fact::Verification, Register::Verifications),
        (Fact::Installation, Register::Installations),
    ] {
        let going = desk.going(Act::Remove, fact);
        let rows = going.iter().filter_map(|at| desk.rows[*at].before.as_ref()?["row"].as_i64()).collect();
        if !going.is_empty() {
            facts::remove(tx, register, rows, at).await?;
        }
    }
    let (id, why) = (desk.found.amendment_id(), desk.found.reason.clone());
    let stood: Vec<i64> = desk
        .going(Act::Remove, Fact::Installation)
        .into_iter()
        .flat_map(|at| readings_of(&desk.rows[at]))
        .map(|(reading, _)| reading)
        .collect();
    if !stood.is_empty() {
        facts::remove_readings(tx, id, stood, &why, false).await?;
    }
    let document = DocumentId(desk.found.document_id);
    for (fact, register) in [(Fact::Residents, Register::Residents), (Fact::Amenity, Register::Amenities)] {
        let going = desk.going(Act::Change, fact);
        let mut versions = Vec::new();
        for row in going {
            let row = &mut desk.rows[row];
            let (Some(since), Some(value), Some(account)) = (row.day, row.value.clone(), row.account_id)
            else {
                continue;
            };
            let keys: Vec<i64> = match register {
                Register::Residents => vec![account],
                _ => points.get(&row.n).into_iter().flatten().map(|point| point.point_id).collect(),
            };
            row.before = Some(json!({ "keys": keys }));
            versions.extend(keys.into_iter().map(|key| Version { key, since, value: value.clone() }));
        }
        if !versions.is_empty() {
            facts::change(tx, register, &versions, document, at).await?;
        }
    }
    Ok(())
}

async fn put_away_payments(
    tx: &mut Tx,
    desk: &mut Desk<'_>,
    known: HashMap<i64, Payment>,
    today: NaiveDate,
) -> Outcome<Vec<i64>> {
    let going = desk.going(Act::Remove, Fact::Payment);
    let payments: Vec<Payment> = desk.ids(&going).iter().filter_map(|id| known.get(id)).cloned().collect();
    if payments.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let document = Some(DocumentId(desk.found.document_id));
    let done = allow!(take_back(tx, &payments, document, today).await?);
    let mut made = Vec::new();
    for (at, done) in going.into_iter().zip(done) {
        match done {
            Ok(id) => {
                desk.rows[at].made_id = Some(id.0);
                made.push(id.0);
            }
            Err(Stays::AdvanceUsed) => desk.refuse(at, Why::AdvanceUsed),
            Err(Stays::Reallocated(_) | Stays::Moved(_)) => desk.refuse(at, Why::Reallocated),
            Err(Stays::OfDesk) => desk.refuse(at, Why::OfDesk),
            Err(Stays::Refunded(_)) => desk.refuse(at, Why::Refunded),
        }
    }
    Ok(Ok(made))
}

/// Watchers and pictures hear of each subsystem once.
fn tell(tx: &mut Tx, desk: &Desk<'_>) {
    let mut counts: BTreeMap<Fact, i64> = BTreeMap::new();
    for row in desk.rows.iter().filter(|row| row.outcome == Became::Ready) {
        *counts.entry(row.fact).or_default() += 1;
    }
    for (fact, rows) in counts {
        match fact {
            Fact::Reading => tx.emit(ReadingsEvent::Loaded { rows }),
            Fact::Payment => tx.emit(PaymentsEvent::Loaded { rows }),
            Fact::Residents => tx.emit(SubscribersEvent::Loaded { rows }),
            Fact::Verification | Fact::Installation => tx.emit(MetersEvent::Loaded { rows }),
            Fact::Amenity => tx.emit(PremisesEvent::Loaded { rows }),
        }
    }
}

/// Payments that went, by account and the payer's month.
fn paid_back(desk: &Desk<'_>) -> Vec<Effect> {
    let mut sums: BTreeMap<(i64, Period), Money> = BTreeMap::new();
    for at in desk.going(Act::Remove, Fact::Payment) {
        let row = &desk.rows[at];
        let sum = row.was.as_deref().and_then(|was| was.parse::<Money>().ok());
        if let (Some(account), Some(day), Some(sum)) = (row.account_id, row.day, sum) {
            *sums.entry((account, Period::of(day))).or_default() += sum;
        }
    }
    let effect = |((account, period), before)| Effect {
        account: AccountId(account),
        period,
        stage: None,
        before,
        after: Money::ZERO,
    };
    sums.into_iter().map(effect).collect()
}

fn add_up(desk: &Desk<'_>, effects: &[Effect]) -> Sums {
    let count = |outcome| desk.rows.iter().filter(|row| row.outcome == outcome).count() as i64;
    let bills = |stage| effects.iter().filter(|effect| effect.stage == Some(stage)).count() as i64;
    let mut of_account: BTreeMap<AccountId, Money> = BTreeMap::new();
    for effect in effects {
        *of_account.entry(effect.account).or_default() += effect.owed();
    }
    let mut hash = Sha256::new();
    for row in &desk.rows {
        let said = (row.n, row.outcome, &row.refusal, &row.was, row.account_id, row.day);
        hash.update(format!("{said:?}\n"));
    }
    for effect in effects {
        hash.update(format!("{effect:?}\n"));
    }
    Sums {
        ready: count(Became::Ready),
        refused: count(Became::Refused),
        accounts: of_account.len() as i64,
        issued: bills(BillStage::Issued),
        in_run: bills(BillStage::InRun),
        ahead: bills(BillStage::Ahead),
        owed_more: of_account.values().filter(|sum| sum.is_positive()).copied().sum(),
        owed_less: -of_account.values().filter(|sum| sum.is_negative()).copied().sum::<Money>(),
        hash: hex::encode(hash.finalize()),
        ..Sums::default()
    }
}
