//! Reckons billed months anew: the same facts and the same rule as a run, by what is known now, month after month; kept nowhere.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::billing::{
    Carried, ChargeLine, CorrectionOutcome, CorrectionSkip, Inputs, Pairs, Side, carried_hash, causes,
    charge, differences, hands_over_the_same, line_hash, onward, pairs, postable, standing,
};
use domain::kernel::*;
use domain::tariffs::TariffBook;
use entities::billing::bill::{Bill, LineRow};
use entities::billing::correction::{self, Found, Member};
use entities::billing::input::Facts;
use entities::billing::{bill, recalculate};
use entities::kernel::{Db, Result};
use entities::tariffs;
use sea_orm::ConnectionTrait;

/// What all accounts of a batch are reckoned by.
pub struct Desk {
    from: Period,
    to: Period,
    known_at: DateTime<Utc>,
    runs: HashMap<(Sector, Period), RunId>,
    /// Of final bills: they stand where the run of the sector left the account out.
    finals: HashMap<(AccountId, Period), RunId>,
    books: HashMap<Period, TariffBook>,
}

/// A month that changes.
pub struct Month {
    pub inputs: Inputs,
    pub pairs: Pairs,
    pub causes: Vec<String>,
    pub before: Money,
    pub after: Money,
}

/// What became of an account.
pub struct Reckoned {
    pub found: Found,
    /// Those that change.
    pub months: Vec<Month>,
    /// What each changed month hands on, where that is something else than before.
    pub handed: Vec<(Period, RunId, PointId, Carried)>,
}

impl Desk {
    /// For the months from..=to, by what is known at a moment.
    pub async fn open(
        db: &impl ConnectionTrait,
        (from, to): (Period, Period),
        known_at: DateTime<Utc>,
    ) -> Result<Self> {
        let issued = recalculate::issued(db, from, to).await?;
        let (finals, issued): (Vec<_>, Vec<_>) = issued.into_iter().partition(|run| run.account_id.is_some());
        let finals = finals
            .into_iter()
            .filter_map(|run| Some(((AccountId(run.account_id?), Period::of(run.period)), RunId(run.id))));
        let runs = issued.into_iter().filter_map(|run| {
            Some(((Sector::from_code(&run.sector)?, Period::of(run.period)), RunId(run.id)))
        });
        let mut books = HashMap::new();
        let mut month = from;
        while month <= to {
            books.insert(month, tariffs::book_of(db, month, known_at).await?);
            month = month.next();
        }
        Ok(Self { from, to, known_at, runs: runs.collect(), finals: finals.collect(), books })
    }

    /// The run that billed a month of an account.
    fn run_of(&self, account: AccountId, month: Period, run: RunId) -> RunId {
        self.finals.get(&(account, month)).copied().unwrap_or(run)
    }

    /// The months that are reckoned for a sector, each with its run.
    fn months(&self, sector: Sector) -> Vec<(Period, RunId)> {
        let mut found: Vec<(Period, RunId)> = self
            .runs
            .iter()
            .filter(|((of, month), _)| *of == sector && (self.from..=self.to).contains(month))
            .map(|((_, month), run)| (*month, *run))
            .collect();
        found.sort_unstable();
        found
    }

    /// Reckons accounts, sector by sector: a number of statements that grows with the months only.
    pub async fn reckon(&self, facts: &mut impl Facts, members: &[Member]) -> Result<Vec<Reckoned>> {
        let mut all = Vec::with_capacity(members.len());
        let sectors: BTreeSet<Sector> = members.iter().map(Member::sector).collect();
        for sector in sectors {
            let accounts: Vec<AccountId> = members
                .iter()
                .filter(|member| member.sector() == sector)
                .map(|member| AccountId(member.account_id))
                .collect();
            all.extend(self.of_sector(facts, sector, &accounts).await?);
        }
        Ok(all)
    }

    async fn of_sector(
        &self,
        facts: &mut impl Facts,
        sector: Sector,
        accounts: &[AccountId],
    ) -> Result<Vec<Reckoned>> {
        let months = self.months(sector);
        if months.is_empty() {
            let skip = |account: &AccountId| left_out(*account, CorrectionSkip::NotIssued, None);
            return Ok(accounts.iter().map(skip).collect());
        }
        let was = Was::read(&*facts, self, &months, accounts).await?;
        let mut reckoned: HashMap<AccountId, Account> =
            accounts.iter().map(|account| (*account, Account::default())).collect();
        for &(month, run) in &months {
            let inputs = self.inputs(facts, sector, month, accounts, &was).await?;
            let seen: HashSet<AccountId> = inputs.iter().map(|inputs| inputs.account).collect();
            for inputs in inputs {
                let Some(account) = reckoned.get_mut(&inputs.account) else { continue };
                let run = self.run_of(inputs.account, month, run);
                account.month(inputs, run, &was, &self.books[&month]);
            }
            for account in accounts.iter().filter(|account| !seen.contains(account)) {
                if let Some(known) = reckoned.get_mut(account) {
                    known.absent(*account, sector, month, &was);
                }
            }
        }
        let goes_on = self.runs.contains_key(&(sector, self.to.next()));
        Ok(accounts
            .iter()
            .map(|account| {
                let done = reckoned.remove(account).unwrap_or_default();
                done.into_reckoned(*account, goes_on.then_some(self.to), &was)
            })
            .collect())
    }

    /// The facts of a month as known now, where they hold for the month as it was.
    async fn inputs(
        &self,
        facts: &mut impl Facts,
        sector: Sector,
        month: Period,
        accounts: &[AccountId],
        was: &Was,
    ) -> Result<Vec<Inputs>> {
        let mut all = facts.inputs(true, month, sector, self.known_at, accounts).await?;
        for inputs in &mut all {
            if let Some(group) = was.groups.get(&(inputs.account, month)) {
                inputs.undated_group(*group);
            }
        }
        Ok(all)
    }
}

/// How the months stand: billed, corrected, handed on.
struct Was {
    lines: HashMap<(AccountId, Period), Vec<ChargeLine>>,
    groups: HashMap<(AccountId, Period), ConsumerGroup>,
    handed: HashMap<(AccountId, Period), Vec<(PointId, Carried)>>,
}

impl Was {
    async fn read(
        db: &impl ConnectionTrait,
        desk: &Desk,
        months: &[(Period, RunId)],
        accounts: &[AccountId],
    ) -> Result<Self> {
        let ids: Vec<i64> = accounts.iter().map(|account| account.0).collect();
        let (from, to) = (months[0].0, desk.to);
        let keys: Vec<(AccountId, Period, RunId)> = accounts
            .iter()
            .flat_map(|account| {
                months.iter().map(|(month, run)| (*account, *month, desk.run_of(*account, *month, *run)))
            })
            .collect();
        let billed = by_month(bill::lines(db, &keys).await?)?;
        let lines = corrected(db, &ids, from, to, billed, None).await?;

        let keys: Vec<_> =
            keys.iter().map(|(account, month, run)| (account.0, month.first_day(), run.0)).collect();
        let groups = recalculate::groups(db, &keys).await?.into_iter().filter_map(|row| {
            let group = ConsumerGroup::from_code(&row.consumer_group)?;
            Some(((AccountId(row.account_id), Period::of(row.period)), group))
        });
        let groups = groups.collect();
        let mut handed: HashMap<_, Vec<_>> = HashMap::new();
        for (account, month, point, carried) in recalculate::chain(db, &ids, from.prev(), to).await? {
            handed.entry((account, month)).or_default().push((point, carried));
        }
        Ok(Self { lines, groups, handed })
    }

    fn handed(&self, account: AccountId, month: Period) -> &[(PointId, Carried)] {
        self.handed.get(&(account, month)).map_or(&[], Vec::as_slice)
    }
}

type ByMonth = HashMap<(AccountId, Period), Vec<ChargeLine>>;

fn by_month(rows: Vec<LineRow>) -> Result<ByMonth> {
    let mut found: ByMonth = HashMap::new();
    for row in rows {
        let key = (AccountId(row.account_id), Period::of(row.period));
        found.entry(key).or_default().push(row.to_line()?);
    }
    Ok(found)
}

/// The lines of a bill with the corrections that stood at a moment, or stand now.
pub async fn standing_lines(db: &Db, bill: &Bill, as_of: Option<DateTime<Utc>>) -> Result<Vec<ChargeLine>> {
    let (account, month) = (AccountId(bill.account_id), bill.period());
    let billed = by_month(bill::lines(db, &[(account, month, RunId(bill.run_id))]).await?)?;
    let mut lines = corrected(db, &[account.0], month, month, billed, as_of).await?;
    Ok(lines.remove(&(account, month)).unwrap_or_default())
}

/// Billed lines with the corrections that stood at a moment; those that stand now where none is given.
async fn corrected(
    db: &impl ConnectionTrait,
    accounts: &[i64],
    from: Period,
    to: Period,
    billed: ByMonth,
    as_of: Option<DateTime<Utc>>,
) -> Result<ByMonth> {
    let mut minus = by_month(correction::standing(db, accounts, from, to, Side::Minus, as_of).await?)?;
    let plus = by_month(correction::standing(db, accounts, from, to, Side::Plus, as_of).await?)?;
    let mut lines = billed;
    for (key, plus) in plus {
        let minus = minus.remove(&key).unwrap_or_default();
        let billed = lines.remove(&key).unwrap_or_default();
        lines.insert(key, standing(billed, Pairs { minus, plus }));
    }
    for (key, minus) in minus {
        let billed = lines.remove(&key).unwrap_or_default();
        lines.insert(key, standing(billed, Pairs { minus, plus: Vec::new() }));
    }
    Ok(lines)
}

/// What the points of an account hand on to the next month.
type HandedOn = Vec<(PointId, Carried)>;

/// An account on its way through the months.
#[derive(Default)]
struct Account {
    months: Vec<Month>,
    /// The last month that was reckoned, and what it hands on now.
    last: Option<(Period, RunId, HandedOn)>,
    handed: Vec<(Period, RunId, PointId, Carried)>,
    missing: Option<String>,
}

impl Account {
    fn month(&mut self, mut inputs: Inputs, run: RunId, was: &Was, book: &TariffBook) {
        if self.missing.is_some() {
            return;
        }
        let (account, month) = (inputs.account, inputs.period);
        if let Some((before, _, now)) = &self.last
            && before.next() == month
        {
            onward(&mut inputs, was.handed(account, *before), now);
        }
        let lines = match charge(&inputs, book) {
            Ok(charges) => charges.lines,
            Err(missing) => {
                self.missing = Some(missing.to_string());
                return;
            }
        };
        let now: Vec<(PointId, Carried)> = inputs.carry(&lines).collect();
        for (point, carried) in &now {
            let before = was.handed(account, month).iter().find(|(id, _)| id == point);
            if before.is_none_or(|(_, before)| before != carried) {
                self.handed.push((month, run, *point, carried.clone()));
            }
        }
        self.last = Some((month, run, now));
        self.compare(inputs, lines, was);
    }

    /// The account was not active in the month as it is known now.
    fn absent(&mut self, account: AccountId, sector: Sector, month: Period, was: &Was) {
        if was.lines.get(&(account, month)).is_none_or(Vec::is_empty) {
            return;
        }
        let group = was.groups.get(&(account, month)).copied().unwrap_or(ConsumerGroup::Population);
        let (day, none) = (month.first_day(), Vec::new());
        let inputs = Inputs {
            account,
            period: month,
            sector,
            group,
            groups: Vec::new(),
            residents: none,
            points: Vec::new(),
            shares: Vec::new(),
            billed_in_bulk: false,
            active_from: day,
            active_to: Some(day),
        };
        self.compare(inputs, Vec::new(), was);
    }

    fn compare(&mut self, inputs: Inputs, lines: Vec<ChargeLine>, was: &Was) {
        let empty = Vec::new();
        let before = was.lines.get(&(inputs.account, inputs.period)).unwrap_or(&empty);
        let pairs = pairs(before, &lines);
        if pairs.is_empty() {
            return;
        }
        let sum = |lines: &[ChargeLine]| lines.iter().map(|line| line.gross).sum();
        let causes = causes(before, &lines).iter().map(|cause| cause.code().to_owned()).collect();
        let (before, after) = (sum(before), sum(&lines));
        self.months.push(Month { inputs, pairs, causes, before, after });
    }

    fn into_reckoned(self, account: AccountId, goes_on: Option<Period>, was: &Was) -> Reckoned {
        if let Some(detail) = self.missing {
            return left_out(account, CorrectionSkip::Missing, Some(detail));
        }
        if let Some((last, _, now)) = &self.last
            && goes_on == Some(*last)
        {
            let same = |(point, carried): &(PointId, Carried)| {
                let before = was.handed(account, *last).iter().find(|(id, _)| id == point);
                before.is_some_and(|(_, before)| hands_over_the_same(before, carried))
            };
            if !now.iter().all(same) {
                return left_out(account, CorrectionSkip::GoesOn, None);
            }
        }
        let (mut net, mut vat, mut entries, mut hash) = (Money::ZERO, Money::ZERO, 0, 0_u128);
        for month in &self.months {
            for sum in differences(&month.pairs) {
                net += sum.net;
                vat += sum.vat;
                for (net, vat) in postable(sum.net, sum.vat) {
                    entries += i32::from(!net.is_zero()) + i32::from(!vat.is_zero());
                }
            }
            let sides = line_hash(account, &month.pairs.minus).rotate_left(1);
            hash = hash.rotate_left(7) ^ sides.wrapping_add(line_hash(account, &month.pairs.plus));
        }
        for (month, _, point, carried) in &self.handed {
            hash = hash.rotate_left(7) ^ carried_hash(*month, *point, carried);
        }
        let causes: BTreeSet<String> = self.months.iter().flat_map(|month| month.causes.clone()).collect();
        // What hands on something else changes months to come, though no sum of these.
        let same = self.months.is_empty() && self.handed.is_empty();
        let outcome = if same { CorrectionOutcome::Unchanged } else { CorrectionOutcome::Changed };
        let found = Found {
            account,
            outcome,
            skip: None,
            detail: None,
            bills: self.months.len() as i32,
            before: self.months.iter().map(|month| month.before).sum(),
            after: self.months.iter().map(|month| month.after).sum(),
            net,
            vat,
            entries,
            causes: causes.into_iter().collect(),
            hash,
        };
        Reckoned { found, months: self.months, handed: self.handed }
    }
}

fn left_out(account: AccountId, skip: CorrectionSkip, detail: Option<String>) -> Reckoned {
    let found = Found {
        account,
        outcome: CorrectionOutcome::Skipped,
        skip: Some(skip.code().to_owned()),
        detail,
        bills: 0,
        before: Money::ZERO,
        after: Money::ZERO,
        net: Money::ZERO,
        vat: Money::ZERO,
        entries: 0,
        causes: Vec::new(),
        hash: 0,
    };
    Reckoned { found, months: Vec::new(), handed: Vec::new() }
}
