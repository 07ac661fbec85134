//! Reckons the houses of a month: a hundred houses at a time in memory, everything in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ImbalanceEvent;
use domain::access::Actor;
use domain::imbalance::{Flat, House, Own, Policy, Share, distribute};
use domain::kernel::*;
use domain::tariffs::{MissingSetting, TariffBook};
use entities::billing::input;
use entities::imbalance::facts::{self, Elsewhere, Resident};
use entities::imbalance::house::Batch;
use entities::imbalance::reckoning::{self, Reckoning};
use entities::kernel::{Broken, Change, Db, Result, Tx};
use entities::tariffs;
use serde_json::json;

use crate::app::App;

/// Houses whose accounts are in memory at the same time.
const TOGETHER: usize = 100;

/// What a reckoning is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// From the facts that the run has kept.
    Run(RunId),
    /// From the facts that a run would take.
    Preview(RunPreviewId),
    Scenario(i64),
    /// The office's own between runs: one a month, made anew each time; it keeps no shares.
    Look,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Preview(_) => "preview",
            Self::Scenario(_) => "scenario",
            Self::Look => "look",
        }
    }

    fn id(self, month: Period) -> i64 {
        match self {
            Self::Run(id) => id.0,
            Self::Preview(id) => id.0,
            Self::Scenario(id) => id,
            Self::Look => i64::from(month.year()) * 100 + i64::from(month.month()),
        }
    }
}

/// Reckons every house of flats that has a meter of its own. `on_progress` hears (houses done, houses). Done once for a purpose:
/// a repeat gives what is there, a killed one starts anew.
pub async fn reckon_houses(
    app: &App,
    purpose: Purpose,
    month: Period,
    known_at: DateTime<Utc>,
    on_progress: &(dyn Fn(i64, i64) + Sync),
) -> Result<Reckoning> {
    let tx = Tx::begin(&app.db, Actor::system("imbalance")).await?;
    let started = reckoning::begin(&tx, month, purpose.word(), purpose.id(month), known_at).await?;
    if started.done_at.is_some() {
        if purpose != Purpose::Look {
            tx.rollback().await?;
            return Ok(started);
        }
        reckoning::empty(&tx, started.id, known_at).await?;
    }
    let facts = Facts::new(&app.db, month, known_at, purpose).await?;
    write(app, tx, &started, facts, on_progress).await
}

/// The houses of a month under a book of a scenario, from the facts that its run kept or that a run would take now; with a day
/// (`upto`) as if no reading had come that was taken later, of a flat or of a house. Made anew each time.
pub async fn reckon_under(
    app: &App,
    scenario: ScenarioId,
    month: Period,
    known_at: DateTime<Utc>,
    run: Option<RunId>,
    book: TariffBook,
    upto: Option<NaiveDate>,
) -> Result<Reckoning> {
    let purpose = Purpose::Scenario(scenario.0);
    let tx = Tx::begin(&app.db, Actor::system("imbalance")).await?;
    let started = reckoning::begin(&tx, month, purpose.word(), purpose.id(month), known_at).await?;
    reckoning::empty(&tx, started.id, known_at).await?;
    let facts = Facts::under(&app.db, month, known_at, run.map_or(purpose, Purpose::Run), book, upto).await?;
    write(app, tx, &started, facts, &|_, _| {}).await
}

/// What one account would bear of its house under a book; kept nowhere.
pub async fn shares_under(
    db: &Db,
    month: Period,
    known_at: DateTime<Utc>,
    run: Option<RunId>,
    book: TariffBook,
    upto: Option<NaiveDate>,
    (building, account): (BuildingId, AccountId),
) -> Result<Vec<Share>> {
    let purpose = run.map_or(Purpose::Scenario(0), Purpose::Run);
    let facts = Facts::under(db, month, known_at, purpose, book, upto).await?;
    let found = facts::houses(db, month, known_at, Some(vec![building.0])).await?;
    let mut shares = Vec::new();
    for (row, house) in facts.of(&found).await? {
        let distribution = distribute(&house, &facts.rules.policy(row));
        let all = house.shares(row.building_id, &distribution);
        shares.extend(all.into_iter().filter(|(of, _)| *of == account).map(|(_, share)| share));
    }
    Ok(shares)
}

/// Every house of the facts into a reckoning that was begun, and the end of its transaction.
async fn write(
    app: &App,
    mut tx: Tx,
    started: &Reckoning,
    facts: Facts<'_>,
    on_progress: &(dyn Fn(i64, i64) + Sync),
) -> Result<Reckoning> {
    let (month, known_at) = (started.period(), facts.known_at);
    let houses = facts::houses(&app.db, month, known_at, None).await?;
    let (mut done, total) = (0, houses.len() as i64);
    on_progress(done, total);
    let mut states: HashMap<&'static str, i64> = HashMap::new();
    for some in houses.chunks(TOGETHER) {
        let mut batch = Batch::new(started);
        for (row, house) in facts.of(some).await? {
            let distribution = distribute(&house, &facts.rules.policy(row));
            *states.entry(distribution.state.code()).or_default() += 1;
            batch.house(row, &house, &facts.rules.settings, &distribution);
            if started.purpose != Purpose::Look.word() {
                for (account, share) in house.shares(row.building_id, &distribution) {
                    batch.share(account, &share);
                }
            }
        }
        batch.write(&mut tx).await?;
        done += some.len() as i64;
        on_progress(done, total);
    }
    let finished = reckoning::finish(&tx, started.id).await?;
    tx.audit(
        Change::new("imbalance_reckoning", finished.id, "reckon")
            .after(json!({ "period": month, "purpose": started.purpose, "houses": total, "states": states })),
    );
    tx.emit(ImbalanceEvent::Reckoned { reckoning: ReckoningId(finished.id) });
    tx.commit().await?;
    Ok(finished)
}

/// The settings of a month that decide what becomes of a difference.
#[derive(Debug, Clone)]
pub struct Rules {
    plain: Policy,
    /// Their versions.
    pub settings: Vec<SettingId>,
}

impl Rules {
    pub fn of(book: &TariffBook, month: Period) -> std::result::Result<Self, MissingSetting> {
        let (day, methods) = (month.first_day(), &book.methods);
        let method = methods.imbalance_method(day)?;
        let hold = methods.imbalance_hold_percent(day)?;
        let negative = methods.imbalance_negative(day)?;
        let (cap, average) = (methods.imbalance_cap(day), methods.imbalance_average_days(day));
        let optional = cap.map(|cap| cap.id).into_iter().chain(average.map(|average| average.id));
        let settings = [method.id, hold.id, negative.id].into_iter().chain(optional).collect();
        let plain = Policy {
            method: method.value,
            hold_above_percent: hold.value,
            negative: negative.value,
            cap: cap.map(|cap| cap.value),
            average_days: average.map_or(0, |average| average.value),
            decision: None,
        };
        Ok(Self { plain, settings })
    }

    /// With what was decided about a house.
    pub fn policy(&self, row: &facts::House) -> Policy {
        Policy { decision: row.decision(), ..self.plain }
    }
}

/// The source of the facts of houses: the same for a reckoning and for a look at one house of it.
pub(super) struct Facts<'a> {
    db: &'a Db,
    month: Period,
    known_at: DateTime<Utc>,
    purpose: Purpose,
    /// Shops and the like that count in the house where they stand, not in that of their account.
    elsewhere: Vec<Elsewhere>,
    pub book: TariffBook,
    pub rules: Rules,
    /// Of a scenario: readings taken after it do not count.
    upto: Option<NaiveDate>,
}

impl<'a> Facts<'a> {
    pub async fn new(db: &'a Db, month: Period, known_at: DateTime<Utc>, purpose: Purpose) -> Result<Self> {
        let book = tariffs::book_of(db, month, known_at).await?;
        Self::under(db, month, known_at, purpose, book, None).await
    }

    async fn under(
        db: &'a Db,
        month: Period,
        known_at: DateTime<Utc>,
        purpose: Purpose,
        book: TariffBook,
        upto: Option<NaiveDate>,
    ) -> Result<Self> {
        let rules = Rules::of(&book, month).map_err(|missing| Broken::Custom(missing.to_string()))?;
        let elsewhere = facts::elsewhere(db, month, known_at).await?;
        Ok(Self { db, month, known_at, purpose, elsewhere, book, rules, upto })
    }

    /// Houses with everything that their differences are made of; the statements do not grow with their number or their flats.
    pub async fn of<'h>(&self, some: &'h [facts::House]) -> Result<Vec<(&'h facts::House, House)>> {
        // Where one account pays for the whole house nothing is compared, so nobody's volume is asked for.
        let compared = some.iter().filter(|row| !row.in_bulk);
        let ids: Vec<i64> = compared.map(|row| row.building_id.0).collect();
        let heats: HashMap<BuildingId, bool> = some.iter().map(|row| (row.building_id, row.heats)).collect();
        let residents = facts::residents(self.db, self.month, self.known_at, ids.clone()).await?;
        let mut houses: HashMap<BuildingId, House> =
            some.iter().map(|row| (row.building_id, empty(self.month, row))).collect();
        for (building, inlet) in facts::inlets(self.db, self.month, self.known_at, ids, self.upto).await? {
            if let Some(house) = houses.get_mut(&building) {
                house.inlets.push(inlet);
            }
        }
        let since: HashMap<BuildingId, NaiveDate> =
            houses.iter().filter_map(|(id, house)| Some((*id, house.compared_since()?))).collect();
        let guests = self.guests(&heats);
        let mut visits: HashMap<AccountId, Vec<BuildingId>> = HashMap::new();
        for one in &guests {
            visits.entry(one.account_id).or_default().push(one.building_id);
        }
        let places: HashMap<PointId, BuildingId> =
            self.elsewhere.iter().map(|one| (one.point_id, one.building_id)).collect();
        let mut owns: HashMap<(BuildingId, AccountId), Option<Own>> = HashMap::new();
        for sector in [Sector::Multi, Sector::Legal] {
            let own: HashMap<AccountId, BuildingId> = residents
                .iter()
                .filter(|one| one.sector == sector)
                .map(|one| (one.account_id, one.building_id))
                .collect();
            let mut accounts: Vec<AccountId> = own.keys().copied().collect();
            if sector == Sector::Legal {
                accounts.extend(visits.keys().filter(|account| !own.contains_key(*account)));
            }
            accounts.sort_unstable();
            let earlier = match self.upto {
                Some(day) => input::earlier(self.db, self.month, self.known_at, day, &accounts).await?,
                None => HashMap::new(),
            };
            let mut take = |mut inputs: domain::billing::Inputs| {
                let account = inputs.account;
                let home = own.get(&account);
                if let Some(day) = self.upto {
                    inputs.up_to(day, earlier.get(&account).map_or(&[][..], Vec::as_slice));
                }
                for building in home.into_iter().chain(visits.get(&account).into_iter().flatten()) {
                    let heated = heats.get(building).copied().unwrap_or_default();
                    let since = since.get(building).copied();
                    let here = |point: PointId| {
                        places.get(&point).map_or(home == Some(building), |place| place == building)
                    };
                    let volume = inputs.own_volume(&self.book, heated, since, &here).ok();
                    owns.insert((*building, account), volume);
                }
                Ok(())
            };
            let run = match self.purpose {
                Purpose::Run(run) => Some(run),
                _ => None,
            };
            match (sector, self.purpose) {
                // Legal entities have runs of their own, and months before a look may not have been run.
                (Sector::Legal, _) | (_, Purpose::Look) => {
                    let (month, known_at) = (self.month, self.known_at);
                    let all = input::preview_with(true, self.db, month, sector, known_at, &accounts).await?;
                    all.into_iter().try_for_each(take)?;
                }
                _ => {
                    let (month, known_at) = (self.month, self.known_at);
                    input::of_accounts(self.db, sector, month, known_at, run, &accounts, &mut take).await?;
                }
            }
        }
        for one in residents.into_iter().chain(guests) {
            if let Some(house) = houses.get_mut(&one.building_id) {
                place(house, &one, owns.remove(&(one.building_id, one.account_id)));
            }
        }
        Ok(some.iter().filter_map(|row| Some((row, houses.remove(&row.building_id)?))).collect())
    }

    /// Legal entities of other houses with points in these: what they use is taken out first, and they bear nothing here.
    fn guests(&self, houses: &HashMap<BuildingId, bool>) -> Vec<Resident> {
        let here = self.elsewhere.iter().filter(|one| houses.contains_key(&one.building_id));
        let mut pairs: Vec<_> = here.map(|one| (one.building_id, one.account_id)).collect();
        pairs.dedup();
        let guest = |(building_id, account_id)| Resident {
            building_id,
            account_id,
            sector: Sector::Legal,
            area_dm2: None,
            excluded: true,
            member: false,
        };
        pairs.into_iter().map(guest).collect()
    }
}

fn empty(period: Period, row: &facts::House) -> House {
    House {
        period,
        inlets: Vec::new(),
        flats: Vec::new(),
        non_residential: Vec::new(),
        unreckoned: Vec::new(),
        carried_in: row.carried_in,
        corrected: row.corrected(),
        begins: row.begins,
        usual: row.usual(),
        in_bulk: row.in_bulk,
    }
}

/// An account that the facts do not know is billed nothing; one that they do not let be reckoned is said to be such.
fn place(house: &mut House, one: &Resident, own: Option<Option<Own>>) {
    let account = one.account_id;
    match (one.sector, own) {
        (_, None) => {}
        (_, Some(None)) => house.unreckoned.push(account),
        (sector, Some(Some(own))) => {
            let flat = |excluded| Flat {
                account,
                own,
                area_dm2: one.area_dm2.and_then(|area| u32::try_from(area).ok()),
                excluded,
            };
            match sector {
                Sector::Multi => house.flats.push(flat(one.excluded)),
                _ => house.non_residential.push(flat(one.excluded || !one.member)),
            }
        }
    }
}
