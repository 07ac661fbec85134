//! What the bills of open months come to before and after a batch, by the rule of the run.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::amendments::BillStage;
use domain::billing::{charge, onward};
use domain::kernel::*;
use domain::tariffs::TariffBook;
use entities::amendments::batch::Effect;
use entities::amendments::facts::{self, Whose};
use entities::billing::correction::Member;
use entities::billing::input::Facts;
use entities::billing::recalculate;
use entities::kernel::{Result, Tx};
use entities::tariffs;

use crate::billing::ops::Desk;

/// The months that a batch may reach: those that are open, up to the current one, each with how far its bills are.
pub struct Months {
    all: BTreeMap<(Sector, Period), BillStage>,
    books: HashMap<Period, TariffBook>,
    accounts: BTreeMap<Sector, Vec<AccountId>>,
    before: HashMap<(AccountId, Period), Money>,
}

impl Months {
    /// Looks at the accounts before anything of them is changed.
    pub async fn before(
        tx: &mut Tx,
        last: Period,
        accounts: &[Whose],
        known_at: DateTime<Utc>,
    ) -> Result<Self> {
        let mut all = BTreeMap::new();
        let mut books = HashMap::new();
        for month in facts::open_months(tx, last).await? {
            let (period, stage) = (Period::of(month.period), BillStage::from_code(&month.stage));
            if let (Some(sector), Some(stage)) = (Sector::from_code(&month.sector), stage) {
                all.insert((sector, period), stage);
            }
            if let std::collections::hash_map::Entry::Vacant(free) = books.entry(period) {
                free.insert(tariffs::book_of(tx, period, known_at).await?);
            }
        }
        let mut of_sector: BTreeMap<Sector, Vec<AccountId>> = BTreeMap::new();
        for one in accounts {
            if let Some(sector) = Sector::from_code(&one.sector) {
                of_sector.entry(sector).or_default().push(AccountId(one.account_id));
            }
        }
        let mut months = Self { all, books, accounts: of_sector, before: HashMap::new() };
        months.before = months.not_issued(tx, known_at, &HashMap::new()).await?;
        Ok(months)
    }

    /// What bills come to that are not issued; those that follow a month which a correction will change go on from it as changed.
    async fn not_issued(
        &self,
        tx: &mut Tx,
        known_at: DateTime<Utc>,
        handed: &HashMap<(AccountId, Period), Vec<(PointId, domain::billing::Carried)>>,
    ) -> Result<HashMap<(AccountId, Period), Money>> {
        let mut sums = HashMap::new();
        for (&(sector, period), &stage) in &self.all {
            let Some(accounts) = self.accounts.get(&sector).filter(|_| stage != BillStage::Issued) else {
                continue;
            };
            let ids: Vec<i64> = accounts.iter().map(|account| account.0).collect();
            let mut was: HashMap<AccountId, Vec<_>> = HashMap::new();
            if handed.keys().any(|(_, month)| *month == period.prev()) {
                for (account, _, point, carried) in
                    recalculate::chain(tx, &ids, period.prev(), period.prev()).await?
                {
                    was.entry(account).or_default().push((point, carried));
                }
            }
            for mut inputs in tx.inputs(false, period, sector, known_at, accounts).await? {
                let account = inputs.account;
                if let Some(now) = handed.get(&(account, period.prev())) {
                    onward(&mut inputs, was.get(&account).map_or(&[], Vec::as_slice), now);
                }
                // Where a price is missing there is no bill to compare: the run says so itself.
                if let Ok(charges) = charge(&inputs, &self.books[&period]) {
                    sums.insert((account, period), charges.gross());
                }
            }
        }
        Ok(sums)
    }

    /// What changed, and how many entries a correction of the issued ones will make.
    pub async fn after(&self, tx: &mut Tx, known_at: DateTime<Utc>) -> Result<(Vec<Effect>, i64)> {
        let (mut effects, mut entries) = (Vec::new(), 0);
        let mut handed: HashMap<(AccountId, Period), Vec<_>> = HashMap::new();
        for (sector, accounts) in &self.accounts {
            let issued =
                self.all.iter().filter(|((of, _), stage)| of == sector && **stage == BillStage::Issued);
            let issued: Vec<Period> = issued.map(|((_, period), _)| *period).collect();
            let (Some(&from), Some(&to)) = (issued.first(), issued.last()) else { continue };
            let desk = Desk::open(tx, (from, to), known_at).await?;
            let members: Vec<Member> = accounts
                .iter()
                .map(|account| Member {
                    account_id: account.0,
                    sector: sector.code().to_owned(),
                    stage: 0,
                    gross: 0,
                })
                .collect();
            for reckoned in desk.reckon(tx, &members).await? {
                let account = reckoned.found.account;
                entries += i64::from(reckoned.found.entries);
                for month in reckoned.months {
                    effects.push(Effect {
                        account,
                        period: month.inputs.period,
                        stage: Some(BillStage::Issued),
                        before: month.before,
                        after: month.after,
                    });
                }
                for (month, _, point, carried) in reckoned.handed {
                    handed.entry((account, month)).or_default().push((point, carried));
                }
            }
        }
        let after = self.not_issued(tx, known_at, &handed).await?;
        for (&(sector, period), &stage) in &self.all {
            for &account in
                self.accounts.get(&sector).filter(|_| stage != BillStage::Issued).into_iter().flatten()
            {
                let sum =
                    |sums: &HashMap<_, Money>| sums.get(&(account, period)).copied().unwrap_or(Money::ZERO);
                let (before, after) = (sum(&self.before), sum(&after));
                if before != after {
                    effects.push(Effect { account, period, stage: Some(stage), before, after });
                }
            }
        }
        effects.sort_by_key(|effect| (effect.account, effect.period));
        Ok((effects, entries))
    }

    /// Issued months of sectors, first and last of all.
    pub fn issued(&self) -> Option<(Period, Period)> {
        let issued = self.all.iter().filter(|(_, stage)| **stage == BillStage::Issued);
        let months = issued.map(|((_, period), _)| *period);
        months.clone().min().zip(months.max())
    }
}
