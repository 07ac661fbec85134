#![doc = include_str!("README.md")]

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::consumption::{Basis, PointInputs, Residency};
use crate::imbalance::Share;
use crate::kernel::*;
use crate::tariffs::Missing;

mod bands;
mod carry;
mod charge;
mod explain;
mod hash;
mod inlets;
mod limit;
mod one_off;
mod own;
mod preview;
mod recalculate;
mod scenario;
#[cfg(test)]
mod tests;

pub use carry::Carried;
pub use charge::charge;
pub use explain::{ExplainKind, ExplainNode, Explanation, Refs, Unit, explain};
pub use hash::{carried_hash, line_hash};
pub use one_off::{OneOffState, OneOffSum, PaidServiceState, one_off};
pub use preview::{
    Change, ChangeCause, Preview, Reason, RunPreviewExceptionKind, RunPreviewStatus, Sum, Without, causes,
};
pub use recalculate::{
    LineDifference, Pairs, SecondPersonReason, Side, differences, hands_over_the_same, onward, pairs,
    postable, second_person, staged, standing,
};
pub use scenario::{
    Compared, Comparison, Difference, LARGE_HOUSEHOLD, MOST_CHANGES, SCENARIO_SETTINGS, SIZES, ScenarioBook,
    ScenarioBy, ScenarioChange, ScenarioKey, ScenarioStatus, WrongChange, apply, size_class,
};

codes! {
    /// Why an active account has no charge lines (причина отсутствия начисления).
    Excuse {
        /// The account was not active on any day of the month.
        NotActive = "not_active",
        /// The account has no point of supply.
        NoPoints = "no_points",
        /// Neither water nor sewerage is ours at any of its points.
        NothingSupplied = "nothing_supplied",
        /// No meter and nobody registered.
        NoResidentsNoMeter = "no_residents_no_meter",
        /// Everybody registered was away, on a document.
        EverybodyAway = "everybody_away",
        /// The service was not supplied on any day, on a document.
        NoService = "no_service",
        /// The house is billed as one contract with its condominium (дом оплачивает ОСИ).
        BilledInBulk = "billed_in_bulk",
        /// A legal entity without a reading and without an agreed volume.
        NoContractVolume = "no_contract_volume",
    }
}

codes! {
    /// What changed after a run had looked (что изменилось после расчёта).
    NewerFactKind {
        /// A reading was accepted, replaced or taken back (показание).
        Reading = "reading",
        /// The account was opened or closed (лицевой счёт).
        Account = "account",
        /// Residents (проживающие).
        Residents = "residents",
        /// The group of consumers (группа потребителей).
        Group = "group",
        /// A point of supply or what it is supplied with (точка подключения).
        Point = "point",
        /// A special case, a watered plot, bulk billing of the house (особые случаи).
        Special = "special",
        /// What the imbalance of the house is made of: its own heating, who bears a share, a decision, a reading of its meter (дом).
        House = "house",
        /// An agreed volume or a limit (договорный объём, лимит).
        Volume = "volume",
        /// A meter was installed, removed or verified (прибор учёта).
        Meter = "meter",
        /// What the month before hands on was corrected (перенос прошлого месяца).
        Chain = "chain",
        /// A price, a norm, VAT, bands or a method of charging (тарифы и методика).
        Tariff = "tariff",
    }
}

codes! {
    /// State of a billing run (состояние расчёта).
    RunState {
        /// Facts are being taken (снимок данных).
        Snapshot = "snapshot",
        /// Accounts are being charged and posted (выполняется).
        Running = "running",
        /// All accounts are charged and posted, nothing is shown yet (рассчитан).
        Posted = "posted",
        /// Bills are shown to subscribers; only corrections from now on (выставлен).
        Issued = "issued",
        /// Taken back as a whole before it was issued (сторнирован).
        Reversed = "reversed",
        /// Given up before it came to its end; everything that it wrote was taken back (прекращён).
        Failed = "failed",
    }
}

codes! {
    /// State of a correction (состояние исправления).
    CorrectionState {
        /// Being reckoned, nothing is posted (рассчитывается).
        Reckoning = "reckoning",
        /// What it would change can be looked at (готово к проверке).
        Previewed = "previewed",
        /// A second person decides (ждёт второго сотрудника).
        Waiting = "waiting",
        /// Compared once more with what is known now, then posted (проводится).
        Posting = "posting",
        /// In the books (проведено).
        Posted = "posted",
        /// Being taken back (сторнируется).
        Reversing = "reversing",
        /// Taken back as a whole (сторнировано).
        Reversed = "reversed",
        /// Facts changed after the preview: reckon it anew (данные изменились).
        Stale = "stale",
        /// Given up before it was posted (отозвано).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// State of a division of accounts (состояние раздела или объединения).
    DivisionState {
        /// A second person decides (ждёт второго сотрудника).
        Waiting = "waiting",
        /// Done as a whole (выполнено).
        Done = "done",
        /// Declined (отклонено).
        Declined = "declined",
        /// To be taken back: a second person decides (отмена ждёт второго сотрудника).
        Returning = "returning",
        /// Taken back as a whole (отменено).
        Returned = "returned",
    }
}

codes! {
    /// What became of an account in a correction (итог по лицевому счёту).
    CorrectionOutcome {
        /// Not reckoned yet (ожидает).
        Queued = "queued",
        /// Its sums change (меняется).
        Changed = "changed",
        /// Nothing changes (без изменений).
        Unchanged = "unchanged",
        /// Left out, with a reason (пропущен).
        Skipped = "skipped",
        /// In the books (проведено).
        Posted = "posted",
        /// Taken back (сторнировано).
        Reversed = "reversed",
    }
}

codes! {
    /// Why an account was left out of a correction (причина пропуска).
    CorrectionSkip {
        /// None of the months was issued for its sector (счета не выставлены).
        NotIssued = "not_issued",
        /// The next month stands on what would change: take it in too (следующий месяц уже выставлен).
        GoesOn = "goes_on",
        /// A price, norm or setting is missing (нет тарифа или настройки).
        Missing = "missing",
    }
}

/// Everything that a month's charge of an account is made of, besides the tariff book. Stored with the bill as its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    pub account: AccountId,
    pub period: Period,
    pub sector: Sector,
    /// On the first day of the month; where none is dated, on all days.
    pub group: ConsumerGroup,
    /// Of an account whose group was ever changed on a document: all of them, in the order of their days. Empty else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupDays>,
    pub residents: Vec<Residency>,
    pub points: Vec<PointInputs>,
    /// What the account bears of the difference of its house.
    #[serde(default)]
    pub shares: Vec<Share>,
    /// The house is billed as one contract with its condominium: its flats are not.
    #[serde(default)]
    pub billed_in_bulk: bool,
    /// Only days of activity inside the month count.
    pub active_from: NaiveDate,
    /// First day without it.
    pub active_to: Option<NaiveDate>,
}

/// The group of consumers on some days (группа потребителей).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupDays {
    pub group: ConsumerGroup,
    /// Nothing where no document says since when: the group that the account had before the first dated change.
    pub from: Option<NaiveDate>,
    /// First day it no longer holds.
    pub to: Option<NaiveDate>,
}

impl GroupDays {
    /// Whether it holds on a day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

impl Inputs {
    /// The group whose price a day has.
    pub fn group_on(&self, day: NaiveDate) -> ConsumerGroup {
        self.groups.iter().find(|days| days.covers(day)).map_or(self.group, |days| days.group)
    }

    /// A month that is billed has the group of its bill on the days that no document dates.
    pub fn undated_group(&mut self, billed: ConsumerGroup) {
        if self.groups.is_empty() {
            self.group = billed;
        }
        for days in self.groups.iter_mut().filter(|days| days.from.is_none()) {
            days.group = billed;
        }
        self.group = self.group_on(self.period.first_day());
    }
}

/// One line of a bill: one point, one service, one version of everything, rounded once; the two sides of a limit together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeLine {
    pub point: PointId,
    pub service: Service,
    pub component: Component,
    pub basis: Basis,
    pub from: NaiveDate,
    /// Exclusive.
    pub to: NaiveDate,
    pub volume: Volume,
    /// Net tenge per m³, before the coefficient.
    pub price: Decimal,
    /// Of the band; 1 without bands.
    pub coefficient: Decimal,
    /// Version of the price.
    pub tariff: TariffId,
    /// Version of the VAT rate.
    pub vat: TariffId,
    /// 0.16 stands for 16 %.
    pub vat_rate: Decimal,
    /// Version of the bands.
    pub band: Option<TariffId>,
    /// Version of the norm.
    pub norm: Option<TariffId>,
    /// The special case behind the volume.
    pub special: Option<SpecialId>,
    /// The limit of the contract that the volume counts for; what lies above it has the basis `over_limit`.
    pub limit: Option<LimitId>,
    /// The house whose difference the line is a share of.
    pub building: Option<BuildingId>,
    pub residency: Option<ResidencyId>,
    /// People counted, where people were counted.
    pub residents: Option<u32>,
    pub meter: Option<MeterId>,
    pub reading_prev: Option<ReadingId>,
    pub reading_last: Option<ReadingId>,
    /// Rounded (volume × price × coefficient); above a limit the rest of what both sides come to.
    pub net: Money,
    /// `gross - net`.
    pub vat_amount: Money,
    /// Rounded (volume × price × coefficient × (1 + VAT)).
    pub gross: Money,
}

/// A month of an account: lines, or the reason why there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charges {
    pub lines: Vec<ChargeLine>,
    /// Set exactly when there are no lines.
    pub excuse: Option<Excuse>,
}

/// Why a month can't be charged.
pub type ChargeError = Missing;

/// What is owed for one service of a month: the size of its open item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTotal {
    pub service: Service,
    pub component: Component,
    pub volume: Volume,
    pub net: Money,
    pub vat: Money,
    pub gross: Money,
}

impl ChargeLine {
    /// Billed for want of a reading of a meter that stands there: the next one settles it.
    pub fn is_provisional(&self) -> bool {
        self.meter.is_some() && matches!(self.basis, Basis::Average | Basis::Norm | Basis::Contract)
    }
}

impl Charges {
    pub fn gross(&self) -> Money {
        self.lines.iter().map(|line| line.gross).sum()
    }

    /// One row per service and component, in the order of the price list.
    pub fn totals(&self) -> Vec<ServiceTotal> {
        let mut totals: Vec<ServiceTotal> = Vec::new();
        for line in &self.lines {
            let key = (line.service, line.component);
            let at = totals.partition_point(|total| (total.service, total.component) < key);
            if totals.get(at).is_none_or(|total| (total.service, total.component) != key) {
                totals.insert(
                    at,
                    ServiceTotal {
                        service: line.service,
                        component: line.component,
                        volume: Volume::ZERO,
                        net: Money::ZERO,
                        vat: Money::ZERO,
                        gross: Money::ZERO,
                    },
                );
            }
            let total = &mut totals[at];
            total.volume += line.volume;
            total.net += line.net;
            total.vat += line.vat_amount;
            total.gross += line.gross;
        }
        totals
    }
}

/// The day by which the bill of a period is due: the day of the next month that the setting names, or its last day.
pub fn due_date(period: Period, due_day: u32) -> NaiveDate {
    let next = period.next();
    next.first_day() + chrono::Days::new(u64::from(due_day.clamp(1, next.days()) - 1))
}
