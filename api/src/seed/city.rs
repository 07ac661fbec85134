//! The registers of the demo city, building by building. Everything about a building follows from the seed and its number, so
//! that an interrupted city goes on where it stopped and comes out the same.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::contracts::ContractKind;
use domain::kernel::{ConsumerGroup, Period, Sector};
use domain::premises::{BuildingKind, PremiseKind};
use domain::subscribers::{AccountStatus, PartyKind, ResidencySource};
use domain::tariffs::Amenity;
use entities::kernel::crypto::Vault;
use entities::seed::{Sheets, Table};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::metering::Metered;
use super::people::{self, Who};
use super::words::Words;

/// The telephone code of the city; any other number makes another city.
const SEED: u64 = 727;
pub(super) const BY: &str = "seed";
/// Prime, so that steps of any size walk through all numbers of a street.
const HOUSES_OF_A_STREET: u32 = 241;
const FIRST_ACCOUNT_NUMBER: i64 = 1_000_000;
/// Shares of the legal and the private sector; the rest lives in flats.
const LEGAL_SHARE: f64 = 0.04;
const PRIVATE_SHARE: f64 = 0.18;

/// How far the city is built; kept in the database with every transaction of rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    pub building: u64,
    /// Accounts of the legal, private and multi-apartment sector.
    pub accounts: [u64; 3],
    /// The next id of every table.
    pub ids: Vec<i64>,
    /// Houses that stand in each street.
    pub houses: Vec<u32>,
}

/// What the database knew before the first building.
pub struct Ground {
    pub words: Words,
    /// By the place of the street in the list.
    pub streets: Vec<i64>,
    /// By the place of the street in the list.
    pub districts: Vec<i64>,
    /// Of flats and houses, then of whole buildings.
    pub models: Vec<i64>,
    /// The first month with readings.
    pub first: Period,
    /// The month that is being lived in.
    pub last: Period,
    pub accounts: u64,
    /// Nothing was received after this moment, whatever the months say.
    pub now: DateTime<Utc>,
}

pub struct City<'a> {
    pub ground: &'a Ground,
    vault: &'a Vault,
    pub progress: Progress,
    pub sheets: Sheets,
    apartment_streets: Vec<usize>,
    private_streets: Vec<usize>,
    targets: [u64; 3],
}

/// A building that is being filled.
#[derive(Clone, Copy)]
struct House {
    id: i64,
    district: i64,
    /// Another company brings hot water.
    hot: bool,
    amenity: Amenity,
}

/// An account that is being opened.
struct Opening<'a> {
    house: House,
    premise: i64,
    points: &'a [Point],
    sector: Sector,
    group: ConsumerGroup,
    opened: NaiveDate,
    closed: Option<NaiveDate>,
}

/// A point of supply that is being laid.
#[derive(Clone, Copy)]
struct Point {
    id: i64,
    hot: bool,
}

impl<'a> City<'a> {
    pub fn new(ground: &'a Ground, vault: &'a Vault, progress: Progress) -> Self {
        let streets = |kind: fn(&super::words::Street) -> bool| {
            (0..ground.words.streets.len()).filter(|&i| kind(&ground.words.streets[i])).collect()
        };
        let share = |share: f64| (ground.accounts as f64 * share).round() as u64;
        let (legal, private) = (share(LEGAL_SHARE), share(PRIVATE_SHARE));
        Self {
            apartment_streets: streets(|s| s.apartments),
            private_streets: streets(|s| s.private),
            targets: [legal, private, ground.accounts - legal - private],
            sheets: Sheets::default(),
            ground,
            vault,
            progress,
        }
    }

    pub fn done(&self) -> u64 {
        self.progress.accounts.iter().sum()
    }

    /// Builds the next building of the sector that is furthest from its share; false when the city is complete.
    pub fn build(&mut self) -> bool {
        let missing = |i: usize| self.targets[i].saturating_sub(self.progress.accounts[i]);
        let filled = |i: usize| self.progress.accounts[i] as f64 / self.targets[i].max(1) as f64;
        let next = (0..3).filter(|&i| missing(i) > 0).min_by(|&a, &b| filled(a).total_cmp(&filled(b)));
        let Some(next) = next else { return false };
        let left = missing(next);
        let mut rng = ChaCha8Rng::seed_from_u64(SEED << 32 | self.progress.building);
        match Sector::ALL[next] {
            Sector::Legal => self.public_building(&mut rng),
            Sector::Private => self.private_house(&mut rng),
            Sector::Multi => self.apartment_building(&mut rng, left),
        }
        self.progress.building += 1;
        true
    }

    pub(super) fn id(&mut self, table: Table) -> i64 {
        let id = &mut self.progress.ids[table as usize];
        *id += 1;
        *id - 1
    }

    /// 20–200 flats; every second or third building has a shop on its ground floor.
    fn apartment_building(&mut self, rng: &mut ChaCha8Rng, left: u64) {
        let dilapidated = rng.random_bool(0.03);
        let amenity = if dilapidated { Amenity::Dilapidated } else { Amenity::Household };
        let hot = !dilapidated && rng.random_bool(0.85);
        let house = self.house(rng, BuildingKind::Apartment, hot, amenity);
        let flats = rng.random_range(20..=200).min(left);
        let (mut neighbour, mut litres) = (None, 0);
        for number in 1..=flats {
            let (party, used) = self.flat(rng, house, number, neighbour);
            neighbour = Some(party);
            litres += used;
        }
        if rng.random_bool(0.6) {
            let point = self.point(house, None, false, true, true);
            self.building_meter(rng, house.id, point.id, litres);
        }
        let legal_left = self.targets[0].saturating_sub(self.progress.accounts[0]);
        if flats >= 40 && legal_left > 0 && rng.random_bool(0.4) {
            self.object(rng, house, "1-НП", false);
        }
    }

    /// One flat with its account; answers the party, who may own the next flat too, and the cold water that a usual month is billed.
    fn flat(
        &mut self,
        rng: &mut ChaCha8Rng,
        house: House,
        number: u64,
        neighbour: Option<i64>,
    ) -> (i64, i64) {
        let area = rng.random_range(28..=105) * 100;
        let premise = self.premise(house, &number.to_string(), PremiseKind::Flat, area);
        let mut points = vec![self.point(house, Some(premise), false, true, true)];
        if house.hot {
            points.push(self.point(house, Some(premise), true, false, true));
        }
        let party = match neighbour.filter(|_| rng.random_bool(0.02)) {
            Some(party) => party,
            None => {
                let who = people::person(rng, &self.ground.words);
                self.party(rng, &who)
            }
        };
        let (opened, closed) = self.life(rng);
        let opening = Opening {
            house,
            premise,
            points: &points,
            sector: Sector::Multi,
            group: ConsumerGroup::Population,
            opened,
            closed,
        };
        let account = self.household(rng, &opening, party);
        let litres = litres_per_person(rng) * account.people;
        let mut billed = norm(house.amenity) * account.people;
        if rng.random_bool(0.65) {
            let with_hot = house.hot && rng.random_bool(0.6);
            let hot = if with_hot { Some(points[1].id) } else { None };
            let verified_until = self.metered(rng, &opening, &account, litres, hot);
            // An expired meter is billed by the norm, and who hardly ever reads his falls back to it.
            if verified_until > self.ground.last.first_day() && account.discipline > 50 {
                billed = litres;
            }
        }
        (party, if closed.is_some() { 0 } else { billed })
    }

    fn private_house(&mut self, rng: &mut ChaCha8Rng) {
        let standpipe = rng.random_bool(0.03);
        let amenity = if standpipe { Amenity::Standpipe } else { Amenity::Household };
        let house = self.house(rng, BuildingKind::Private, false, amenity);
        let area = rng.random_range(45..=260) * 100;
        let premise = self.premise(house, "", PremiseKind::House, area);
        let sewerage = !standpipe && rng.random_bool(0.55);
        let points = [self.point(house, Some(premise), false, true, sewerage)];
        let who = people::person(rng, &self.ground.words);
        let party = self.party(rng, &who);
        let (opened, closed) = self.life(rng);
        let opening = Opening {
            house,
            premise,
            points: &points,
            sector: Sector::Private,
            group: ConsumerGroup::Population,
            opened,
            closed,
        };
        let account = self.household(rng, &opening, party);
        if !standpipe && rng.random_bool(0.7) {
            let litres = litres_per_person(rng) * account.people * 5 / 4;
            self.metered(rng, &opening, &account, litres, None);
        }
    }

    /// A shop, office, school or clinic in a building of its own.
    fn public_building(&mut self, rng: &mut ChaCha8Rng) {
        let hot = rng.random_bool(0.3);
        let house = self.house(rng, BuildingKind::NonResidential, hot, Amenity::Household);
        let budget = rng.random_bool(0.3);
        self.object(rng, house, "", budget);
    }

    /// A legal entity's object: by meter, else by the volume agreed in its contract.
    fn object(&mut self, rng: &mut ChaCha8Rng, house: House, number: &str, budget: bool) {
        let area = rng.random_range(30..=3_000) * 100;
        let premise = self.premise(house, number, PremiseKind::NonResidential, area);
        let sewerage = rng.random_bool(0.92);
        let mut points = vec![self.point(house, Some(premise), false, true, sewerage)];
        if house.hot && sewerage {
            points.push(self.point(house, Some(premise), true, false, true));
        }
        let words = &self.ground.words;
        let who = if budget { people::budget(rng, words) } else { people::firm(rng, words) };
        let party = self.party(rng, &who);
        let opened = day(2009, 1, 1) + Days::new(rng.random_range(0..5_400));
        let group = if budget { ConsumerGroup::Budget } else { ConsumerGroup::Other };
        let opening =
            Opening { house, premise, points: &points, sector: Sector::Legal, group, opened, closed: None };
        let account = self.account(&opening);
        self.holder(account, party, opened, None);
        let contract = self.contract(account, party, ContractKind::Individual, opened, None);
        let litres = match rng.random_range(0..100) {
            0..60 => rng.random_range(3_000..25_000),
            60..92 => rng.random_range(25_000..140_000),
            _ => rng.random_range(140_000..900_000),
        };
        if rng.random_bool(0.85) {
            let hot = points.get(1).map(|p| p.id);
            let household = Household { id: account, people: 1, discipline: 98 };
            self.metered(rng, &opening, &household, litres, hot);
        } else {
            for point in &points {
                let id = self.id(Table::PointVolume);
                let agreed = if point.hot { litres / 3 } else { litres } / 1_000 * 1_000;
                let row = self.sheets.row(Table::PointVolume).i64(id).i64(contract).i64(point.id);
                row.i64(agreed).daterange(opened, None).text(BY);
            }
        }
    }

    /// Account, holder, contract and residents of a flat or house.
    fn household(&mut self, rng: &mut ChaCha8Rng, opening: &Opening<'_>, party: i64) -> Household {
        let account = self.account(opening);
        let Opening { opened, closed, .. } = *opening;
        let sold =
            (closed.is_none() && rng.random_bool(0.02)).then(|| self.day_of_history(rng, opened)).flatten();
        self.holder(account, party, opened, sold.or(closed));
        self.contract(account, party, ContractKind::Public, opened, sold.or(closed));
        if let Some(sold) = sold {
            let who = people::person(rng, &self.ground.words);
            let party = self.party(rng, &who);
            self.holder(account, party, sold, None);
            self.contract(account, party, ContractKind::Public, sold, None);
        }

        let registered = match rng.random_range(0..100) {
            0..3 => 0,
            3..23 => 1,
            23..48 => 2,
            48..70 => 3,
            70..87 => 4,
            87..95 => 5,
            _ => rng.random_range(6..=8),
        };
        let changed =
            (closed.is_none() && rng.random_bool(0.08)).then(|| self.day_of_history(rng, opened)).flatten();
        let source = if rng.random_bool(0.6) { ResidencySource::Egov } else { ResidencySource::Import };
        self.residency(account, registered, source, opened, changed.or(closed));
        if let Some(changed) = changed {
            let now = if registered > 0 && rng.random_bool(0.4) { registered - 1 } else { registered + 1 };
            let source = if rng.random_bool(0.7) { ResidencySource::Egov } else { ResidencySource::Document };
            self.residency(account, now, source, changed, None);
        }
        let discipline = match rng.random_range(0..100) {
            0..90 => 98,
            90..98 => 75,
            _ => 20,
        };
        Household { id: account, people: i64::from(registered.max(1)), discipline }
    }

    /// Cold water by meter, hot water too where it has one. The day on which the cold one's verification ends.
    fn metered(
        &mut self,
        rng: &mut ChaCha8Rng,
        opening: &Opening<'_>,
        account: &Household,
        litres: i64,
        hot: Option<i64>,
    ) -> NaiveDate {
        let cold = Metered {
            account: account.id,
            point: opening.points[0].id,
            hot: false,
            litres,
            garden: opening.sector == Sector::Private,
            discipline: account.discipline,
            opened: opening.opened,
            closed: opening.closed,
        };
        let verified_until = self.metering(rng, &cold);
        if let Some(point) = hot {
            let share = rng.random_range(30..=60);
            self.metering(rng, &Metered { point, hot: true, litres: litres * share / 100, ..cold });
        }
        verified_until
    }

    /// When the account was opened, and when it was closed: few within the year of history.
    fn life(&mut self, rng: &mut ChaCha8Rng) -> (NaiveDate, Option<NaiveDate>) {
        let old = day(2006, 1, 1) + Days::new(rng.random_range(0..6_500));
        match rng.random_range(0..1_000) {
            0..10 => (self.day_of_history(rng, old).unwrap_or(old), None),
            10..18 => (old, self.day_of_history(rng, old)),
            _ => (old, None),
        }
    }

    /// A day before the cut-off of one of the history's months, none without a history.
    pub(super) fn day_of_history(&self, rng: &mut ChaCha8Rng, after: NaiveDate) -> Option<NaiveDate> {
        let months = months_between(self.ground.first, self.ground.last);
        if months == 0 {
            return None;
        }
        let month = self.ground.last.minus(rng.random_range(1..=months));
        let day = month.first_day() + Days::new(rng.random_range(1..14));
        (day > after).then_some(day)
    }

    fn house(&mut self, rng: &mut ChaCha8Rng, kind: BuildingKind, hot: bool, amenity: Amenity) -> House {
        let streets =
            if kind == BuildingKind::Private { &self.private_streets } else { &self.apartment_streets };
        let street = *streets.choose(rng).expect("the list of streets is not empty");
        let taken = self.progress.houses[street];
        self.progress.houses[street] += 1;
        let step = 3 + 2 * (street as u32 % 40);
        let number = (taken * step + street as u32 * 7) % HOUSES_OF_A_STREET + 1;
        let house = match taken / HOUSES_OF_A_STREET {
            0 => number.to_string(),
            layer => format!("{number}/{layer}"),
        };
        let (id, district) = (self.id(Table::Building), self.ground.districts[street]);
        let row = self.sheets.row(Table::Building).i64(id).i64(district);
        row.i64(self.ground.streets[street]).text(&house).text(kind.code());
        House { id, district, hot, amenity }
    }

    fn premise(&mut self, house: House, number: &str, kind: PremiseKind, area: i32) -> i64 {
        let id = self.id(Table::Premise);
        self.sheets.row(Table::Premise).i64(id).i64(house.id).text(number).text(kind.code()).i32(area);
        id
    }

    fn point(&mut self, house: House, premise: Option<i64>, hot: bool, water: bool, sewerage: bool) -> Point {
        let (id, service) = (self.id(Table::Point), self.id(Table::PointService));
        self.sheets.row(Table::Point).i64(id).i64(house.id).i64_or_null(premise).bool(hot);
        let row = self.sheets.row(Table::PointService).i64(service).i64(id).bool(water).bool(sewerage);
        row.text(house.amenity.code()).daterange(day(2000, 1, 1), None).text(BY);
        Point { id, hot }
    }

    fn party(&mut self, rng: &mut ChaCha8Rng, who: &Who) -> i64 {
        let id = self.id(Table::Party);
        let kind = if who.person { PartyKind::Person } else { PartyKind::Organisation };
        let phone = format!("+7700{:07}", id % 10_000_000);
        let email = rng.random_bool(0.25).then(|| format!("subscriber{id}@example.com"));
        let staff = who.person && rng.random_bool(0.003);
        let vault = self.vault;
        let seal = |row: &mut entities::kernel::copy::Rows, value: Option<&str>| match value {
            Some(value) => {
                row.bytes(&vault.seal(value)).bytes(&vault.blind(value));
            }
            None => {
                row.null().null();
            }
        };
        let row = self.sheets.row(Table::Party).i64(id).text(kind.code()).text(&who.name);
        seal(row, Some(who.identification.as_str()));
        seal(row, Some(&phone));
        seal(row, email.as_deref());
        row.text(who.language).bool(staff);
        id
    }

    fn account(&mut self, opening: &Opening<'_>) -> i64 {
        let id = self.id(Table::Account);
        let Opening { house, premise, sector, group, opened, closed, .. } = *opening;
        let status = if closed.is_some() { AccountStatus::Closed } else { AccountStatus::Active };
        let row = self.sheets.row(Table::Account).i64(id).text(&(FIRST_ACCOUNT_NUMBER + id).to_string());
        row.text(sector.code()).text(group.code()).i64(house.district).i64(house.id).i64(premise);
        row.text(status.code()).date(opened).date_or_null(closed);
        for point in opening.points {
            let link = self.id(Table::AccountPoint);
            let row = self.sheets.row(Table::AccountPoint).i64(link).i64(id).i64(point.id);
            row.daterange(opened, closed).text(BY);
        }
        let sector = Sector::ALL.iter().position(|s| *s == sector).expect("every sector is in the list");
        self.progress.accounts[sector] += 1;
        id
    }

    fn holder(&mut self, account: i64, party: i64, from: NaiveDate, to: Option<NaiveDate>) {
        let id = self.id(Table::Holder);
        self.sheets.row(Table::Holder).i64(id).i64(account).i64(party).daterange(from, to).text(BY);
    }

    fn residency(
        &mut self,
        account: i64,
        residents: i32,
        source: ResidencySource,
        from: NaiveDate,
        to: Option<NaiveDate>,
    ) {
        let id = self.id(Table::Residency);
        let row = self.sheets.row(Table::Residency).i64(id).i64(account).i32(residents);
        row.text(source.code()).daterange(from, to).text(BY);
    }

    fn contract(
        &mut self,
        account: i64,
        party: i64,
        kind: ContractKind,
        from: NaiveDate,
        to: Option<NaiveDate>,
    ) -> i64 {
        let id = self.id(Table::Contract);
        let number = format!("{}/{id}", from.format("%y"));
        let row = self.sheets.row(Table::Contract).i64(id).text(&number).text(kind.code()).i64(account);
        row.i64(party).date(from).daterange(from, to).text(BY);
        id
    }
}

/// An account of people, as its meters see it.
struct Household {
    id: i64,
    people: i64,
    /// Readings that come, of a hundred due.
    discipline: u32,
}

/// Litres of cold water per person and month: half of the people need no more than three m³.
fn litres_per_person(rng: &mut ChaCha8Rng) -> i64 {
    match rng.random_range(0..100) {
        0..49 => rng.random_range(1_200..3_000),
        49..69 => rng.random_range(3_000..5_000),
        69..91 => rng.random_range(5_000..8_500),
        _ => rng.random_range(8_500..14_000),
    }
}

/// Litres that a person without a meter is billed a month.
const fn norm(amenity: Amenity) -> i64 {
    match amenity {
        Amenity::Dilapidated => 5_370,
        _ => 15_000,
    }
}

pub(super) fn months_between(first: Period, last: Period) -> u32 {
    let months = |p: Period| p.year() * 12 + p.month() as i32;
    u32::try_from(months(last) - months(first)).unwrap_or(0)
}

pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::seed::TABLES;

    /// A city of 2,000 accounts without a database.
    fn built(months: u32, accounts: u64) -> (Progress, Vec<u64>) {
        let words = Words::load();
        let last = Period::new(2026, 3).unwrap();
        let (streets, districts) = (words.streets.len(), words.streets.iter().map(|s| s.district).collect());
        let ground = Ground {
            streets: (1..=streets as i64).collect(),
            districts,
            models: (1..=8).collect(),
            first: last.minus(months),
            last,
            accounts,
            words,
            now: DateTime::UNIX_EPOCH,
        };
        let vault = Vault::new(b"a secret of the test");
        let begin =
            Progress { building: 0, accounts: [0; 3], ids: vec![1; TABLES.len()], houses: vec![0; streets] };
        let mut city = City::new(&ground, &vault, begin);
        while city.build() {}
        let counts = [Table::Account, Table::Meter, Table::Reading].map(|table| city.sheets.count(table));
        (city.progress, counts.to_vec())
    }

    #[test]
    fn the_city_has_exactly_the_accounts_that_were_asked_for_in_plausible_shares() {
        let (progress, counts) = built(12, 2_000);
        assert_eq!(counts[0], 2_000);
        assert_eq!(progress.accounts, [80, 360, 1_560]);
        assert!(counts[1] > 1_600 && counts[1] < 2_200, "{} meters", counts[1]);
        assert!(counts[2] > counts[1] * 11, "{} readings of a year", counts[2]);
    }

    #[test]
    fn the_same_wish_makes_the_same_city() {
        let (one, other) = (built(3, 500), built(3, 500));
        assert_eq!(one.1, other.1);
        assert_eq!((one.0.ids, one.0.houses), (other.0.ids, other.0.houses));
    }
}
