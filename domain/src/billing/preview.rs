//! What a month of a whole sector would come to: the charges of every account added up as they are reckoned, in memory that
//! does not grow with the city.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use chrono::NaiveDate;

use super::{ChargeError, ChargeLine, Charges, line_hash};
use crate::consumption::Basis;
use crate::kernel::*;

codes! {
    /// Where a preview of a run stands (состояние предварительного расчёта).
    RunPreviewStatus {
        /// Waits for a worker (в очереди).
        Queued = "queued",
        /// Accounts are being reckoned (выполняется).
        Running = "running",
        /// The result is there (готов).
        Done = "done",
        /// It stands still because of an error (ошибка).
        Failed = "failed",
        /// Somebody stopped it (остановлен).
        Cancelled = "cancelled",
    }
}

codes! {
    /// What stands out in a preview (особенность предварительного расчёта).
    RunPreviewExceptionKind {
        /// A run would not start (не даст начать расчёт).
        BlocksRun = "blocks_run",
        /// The registers do not let these accounts be charged: the run could not be issued (не рассчитаны).
        NotCharged = "not_charged",
        /// Accounts without a charge for a reason (без начисления по причине).
        Excused = "excused",
        /// Accounts whose bill comes to nothing: more was billed before than the meter shows (начислено раньше больше, чем показал
        /// прибор).
        ChargedBefore = "charged_before",
        /// Accounts with a point that nothing measures and for which nothing was agreed: its lines are of nothing (объём не определён).
        NoVolume = "no_volume",
        /// Accounts with a doubtful reading that nobody decided: the run would pass over it (показание не решено).
        Undecided = "undecided",
    }
}

codes! {
    /// Why an account's charge differs from the month before (причина изменения начисления).
    ChangeCause {
        /// It was not billed in the month before (не начислялось в прошлом месяце).
        NotBilledBefore = "not_billed_before",
        /// It is not billed any more (больше не начисляется).
        NotBilledNow = "not_billed_now",
        /// The volume rests on something else: meter, norm, average… (изменилось основание объёма).
        Basis = "basis",
        /// Another number of people was counted (изменилось число проживающих).
        Residents = "residents",
        /// Another volume (изменился объём).
        Volume = "volume",
        /// Another price or coefficient of a band (изменилась цена).
        Price = "price",
        /// Another rate of VAT (изменилась ставка НДС).
        Vat = "vat",
    }
}

/// So many accounts with the largest changes are kept.
const CHANGES: usize = 20;
/// So many accounts are named beside each reason.
const SAMPLE: usize = 20;
/// So many different reasons are told apart; the rest goes by its code alone.
const REASONS: usize = 50;

/// A sum over lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Accounts with at least one such line.
    pub accounts: i64,
    pub lines: i64,
    pub volume: Volume,
    pub net: Money,
    pub vat: Money,
    pub gross: Money,
}

/// Why accounts have no lines: what it is, its code, and what exactly is missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub kind: RunPreviewExceptionKind,
    pub code: &'static str,
    pub detail: Option<String>,
}

/// The accounts of a reason, the first of them by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Without {
    pub accounts: i64,
    pub sample: Vec<AccountId>,
}

/// An account's sum beside that of the month before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub account: AccountId,
    pub gross: Money,
    pub previous: Money,
    pub lines: Vec<ChargeLine>,
}

/// The month of a sector, account by account.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    pub accounts: i64,
    /// Accounts with lines.
    pub billed: i64,
    pub excused: i64,
    pub failures: i64,
    pub all: Sum,
    pub by_service: BTreeMap<Service, Sum>,
    pub by_basis: BTreeMap<Basis, Sum>,
    pub reasons: BTreeMap<Reason, Without>,
    /// The fingerprint that the run would have.
    pub hash: u128,
    /// The smallest of the largest first, so that it can give way.
    changes: BinaryHeap<Reverse<Ranked>>,
}

impl Preview {
    /// Adds an account; `previous` is what it was charged in the month before, absent where that month was not run at all.
    pub fn add(
        &mut self,
        account: AccountId,
        charges: Result<Charges, ChargeError>,
        previous: Option<Money>,
    ) {
        self.accounts += 1;
        let charges = match charges {
            Ok(charges) => charges,
            Err(missing) => {
                self.failures += 1;
                let kind = RunPreviewExceptionKind::NotCharged;
                self.without(
                    account,
                    Reason { kind, code: missing.code(), detail: Some(missing.to_string()) },
                );
                return;
            }
        };
        match charges.excuse {
            None => {
                self.billed += 1;
                // A bill of nothing looks like an oversight; why it is none is said, and how many there are.
                let unsettled = charges.lines.iter().any(|line| line.basis == Basis::Unsettled);
                if unsettled && charges.gross() == Money::ZERO {
                    let kind = RunPreviewExceptionKind::ChargedBefore;
                    self.without(account, Reason { kind, code: "CHARGED_BEFORE", detail: None });
                }
                // Among lines that come to something nobody would see it.
                if charges.lines.iter().any(|line| line.basis == Basis::Zero && line.norm.is_none()) {
                    let kind = RunPreviewExceptionKind::NoVolume;
                    self.without(account, Reason { kind, code: "NO_VOLUME", detail: None });
                }
            }
            Some(excuse) => {
                self.excused += 1;
                let kind = RunPreviewExceptionKind::Excused;
                self.without(account, Reason { kind, code: excuse.code(), detail: None });
            }
        }
        let (mut services, mut bases) = (BTreeSet::new(), BTreeSet::new());
        for line in &charges.lines {
            self.all.add(line, false);
            self.by_service.entry(line.service).or_default().add(line, services.insert(line.service));
            self.by_basis.entry(line.basis).or_default().add(line, bases.insert(line.basis));
        }
        self.all.accounts += i64::from(!charges.lines.is_empty());
        self.hash = self.hash.wrapping_add(line_hash(account, &charges.lines));
        if let Some(previous) = previous {
            self.offer(Change { account, gross: charges.gross(), previous, lines: charges.lines });
        }
    }

    /// Keeps a change if it is among the largest; accounts that left the month are offered from outside.
    pub fn offer(&mut self, change: Change) {
        let ranked = Ranked::of(change);
        if ranked.size == 0
            || (self.changes.len() == CHANGES && self.changes.peek().is_some_and(|least| ranked < least.0))
        {
            return;
        }
        self.changes.push(Reverse(ranked));
        if self.changes.len() > CHANGES {
            self.changes.pop();
        }
    }

    /// The largest changes, the largest first; of equal ones the lowest account.
    pub fn changes(self) -> Vec<Change> {
        self.changes.into_sorted_vec().into_iter().map(|ranked| ranked.0.change).collect()
    }

    fn without(&mut self, account: AccountId, mut reason: Reason) {
        if self.reasons.len() >= REASONS && !self.reasons.contains_key(&reason) {
            reason.detail = None;
        }
        let without = self.reasons.entry(reason).or_default();
        without.accounts += 1;
        if without.sample.len() < SAMPLE {
            without.sample.push(account);
        }
    }
}

impl Sum {
    /// Lines of one account.
    pub(super) fn of<'a>(lines: impl IntoIterator<Item = &'a ChargeLine>) -> Self {
        let mut sum = Self::default();
        lines.into_iter().for_each(|line| sum.add(line, false));
        sum.accounts = i64::from(sum.lines > 0);
        sum
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.lines += other.lines;
        self.volume += other.volume;
        self.net += other.net;
        self.vat += other.vat;
        self.gross += other.gross;
    }

    fn add(&mut self, line: &ChargeLine, first_of_account: bool) {
        self.accounts += i64::from(first_of_account);
        self.lines += 1;
        self.volume += line.volume;
        self.net += line.net;
        self.vat += line.vat_amount;
        self.gross += line.gross;
    }
}

/// A change by its size.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ranked {
    size: u64,
    change: Change,
}

impl Ranked {
    fn of(change: Change) -> Self {
        Self { size: (change.gross - change.previous).tiyn().unsigned_abs(), change }
    }

    fn key(&self) -> (u64, Reverse<AccountId>) {
        (self.size, Reverse(self.change.account))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// What is different between an account's lines of two months, in the order in which a clerk would ask.
pub fn causes(previous: &[ChargeLine], now: &[ChargeLine]) -> Vec<ChangeCause> {
    match (previous.is_empty(), now.is_empty()) {
        (true, true) => return Vec::new(),
        (true, false) => return vec![ChangeCause::NotBilledBefore],
        (false, true) => return vec![ChangeCause::NotBilledNow],
        (false, false) => {}
    }
    fn differ<T: Ord>(a: &[ChargeLine], b: &[ChargeLine], of: impl Fn(&ChargeLine) -> T) -> bool {
        let set = |lines: &[ChargeLine]| lines.iter().map(&of).collect::<BTreeSet<T>>();
        set(a) != set(b)
    }
    let volume = |lines: &[ChargeLine]| {
        let mut by_service: BTreeMap<Service, Volume> = BTreeMap::new();
        lines.iter().for_each(|line| *by_service.entry(line.service).or_default() += line.volume);
        by_service
    };
    // By norm in one month and by meter in the other is another basis, not another number of people.
    let people = |lines: &[ChargeLine]| -> BTreeSet<Option<u32>> {
        lines.iter().filter(|line| line.norm.is_some()).map(|line| line.residents).collect()
    };
    let (people_before, people_now) = (people(previous), people(now));
    // A true-up cites the prices of the months that it goes back over: what a service costs is what its last days cost.
    fn at_the_end<T: Ord>(
        lines: &[ChargeLine],
        of: impl Fn(&ChargeLine) -> T,
    ) -> BTreeMap<Service, BTreeSet<T>> {
        let mut last: BTreeMap<Service, NaiveDate> = BTreeMap::new();
        for line in lines {
            let day = last.entry(line.service).or_insert(line.to);
            *day = line.to.max(*day);
        }
        let mut found: BTreeMap<Service, BTreeSet<T>> = BTreeMap::new();
        for line in lines.iter().filter(|line| last.get(&line.service) == Some(&line.to)) {
            found.entry(line.service).or_default().insert(of(line));
        }
        found
    }
    fn changed<T: Ord>(a: &[ChargeLine], b: &[ChargeLine], of: impl Fn(&ChargeLine) -> T) -> bool {
        let (before, now) = (at_the_end(a, &of), at_the_end(b, &of));
        before.iter().any(|(service, old)| now.get(service).is_some_and(|new| new != old))
    }
    let told = [
        (ChangeCause::Basis, differ(previous, now, |l| (l.point, l.service, l.basis))),
        (
            ChangeCause::Residents,
            !people_before.is_empty() && !people_now.is_empty() && people_before != people_now,
        ),
        (ChangeCause::Volume, volume(previous) != volume(now)),
        (ChangeCause::Price, changed(previous, now, |l| (l.price * l.coefficient).normalize())),
        (ChangeCause::Vat, changed(previous, now, |l| l.vat_rate.normalize())),
    ];
    let told: Vec<_> = told.into_iter().filter(|(_, differs)| *differs).map(|(cause, _)| cause).collect();
    if !told.is_empty() {
        return told;
    }
    // A price or a rate that changed within one of the months is the last thing to ask about.
    let rest = [
        (ChangeCause::Price, differ(previous, now, |l| (l.service, (l.price * l.coefficient).normalize()))),
        (ChangeCause::Vat, differ(previous, now, |l| l.vat_rate.normalize())),
    ];
    rest.into_iter().filter(|(_, differs)| *differs).map(|(cause, _)| cause).collect()
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn change(account: i64, gross: i64, previous: i64) -> Change {
        Change {
            account: AccountId(account),
            gross: Money::from_tiyn(gross),
            previous: Money::from_tiyn(previous),
            lines: Vec::new(),
        }
    }

    #[test]
    fn the_largest_changes_stay_whatever_their_order_and_sign() {
        let mut offers: Vec<Change> = (1..=200).map(|n| change(n, n * n % 101 * 7, n * 31 % 500)).collect();
        let mut wanted = offers.clone();
        wanted.sort_by_key(|c| (Reverse((c.gross - c.previous).tiyn().abs()), c.account));
        wanted.truncate(CHANGES);
        for _ in 0..2 {
            let mut preview = Preview::default();
            offers.iter().cloned().for_each(|offer| preview.offer(offer));
            assert_eq!(preview.changes(), wanted);
            offers.reverse();
        }
    }

    #[test]
    fn what_did_not_change_is_not_told() {
        let mut preview = Preview::default();
        preview.offer(change(1, 100, 100));
        assert_eq!(preview.changes(), []);
    }

    fn line(basis: Basis, from: &str, to: &str, liters: i64, price: i64) -> ChargeLine {
        let counted = matches!(basis, Basis::Norm | Basis::ExpiredNorm);
        ChargeLine {
            point: PointId(1),
            service: Service::Water,
            component: Component::Charge,
            basis,
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            volume: Volume::from_liters(liters),
            price: price.into(),
            coefficient: 1.into(),
            tariff: TariffId(1),
            vat: TariffId(2),
            vat_rate: Decimal::new(16, 2),
            band: None,
            special: None,
            limit: None,
            building: None,
            norm: counted.then_some(TariffId(3)),
            residency: None,
            residents: counted.then_some(3),
            meter: None,
            reading_prev: None,
            reading_last: None,
            net: Money::from_tiyn(liters * price / 10),
            vat_amount: Money::ZERO,
            gross: Money::from_tiyn(liters * price / 10),
        }
    }

    #[test]
    fn another_basis_is_no_other_number_of_people_and_a_true_up_no_other_price() {
        let norm = [line(Basis::Norm, "2026-02-01", "2026-03-01", 15_000, 300)];
        let true_up = [
            line(Basis::Metered, "2025-12-10", "2026-01-01", 4_000, 270),
            line(Basis::Metered, "2026-01-01", "2026-03-25", 9_000, 300),
        ];
        assert_eq!(causes(&norm, &true_up), [ChangeCause::Basis, ChangeCause::Volume]);
        let mut more = norm.clone();
        more[0].residents = Some(4);
        assert_eq!(causes(&norm, &more), [ChangeCause::Residents]);
        let dearer = [line(Basis::Norm, "2026-03-01", "2026-04-01", 15_000, 330)];
        assert_eq!(causes(&norm, &dearer), [ChangeCause::Price]);
        // Within the month before: nothing else tells the difference.
        let within = [
            line(Basis::Norm, "2026-02-01", "2026-02-15", 7_500, 270),
            line(Basis::Norm, "2026-02-15", "2026-03-01", 7_500, 300),
        ];
        assert_eq!(causes(&within, &norm), [ChangeCause::Price]);
    }

    #[test]
    fn a_bill_of_nothing_is_counted_and_named() {
        let mut preview = Preview::default();
        let nothing = line(Basis::Unsettled, "2026-03-01", "2026-04-01", 0, 300);
        preview.add(AccountId(7), Ok(Charges { lines: vec![nothing], excuse: None }), None);
        let paid = line(Basis::Metered, "2026-03-01", "2026-04-01", 5_000, 300);
        preview.add(AccountId(8), Ok(Charges { lines: vec![paid], excuse: None }), None);
        let (reason, without) = preview.reasons.first_key_value().expect("one reason");
        assert_eq!((reason.kind, without.accounts), (RunPreviewExceptionKind::ChargedBefore, 1));
        assert_eq!((preview.billed, without.sample.as_slice()), (2, [AccountId(7)].as_slice()));
    }
}
