//! Settings that decide money: each dated, each with an id to cite, none with a default in code.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{AllocationPolicy, DebtMethods, MissingSetting, WrongSetting};
use crate::cashdesk::OrdersOfSales;
use crate::consumption::SpecialKind;
use crate::kernel::*;
use crate::ledger::CutOffs;
use crate::meters::MeterPlace;

/// Codes of the settings, as in the register.
pub mod setting {
    /// Rounding of a charge line of legal entities: a code of `Rounding`.
    pub const ROUNDING_LEGAL: &str = "billing.rounding.legal";
    /// Rounding of a charge line of private houses: a code of `Rounding`.
    pub const ROUNDING_PRIVATE: &str = "billing.rounding.private";
    /// Rounding of a charge line of flats: a code of `Rounding`.
    pub const ROUNDING_MULTI: &str = "billing.rounding.multi";
    /// How many accepted months make the average.
    pub const AVERAGE_MONTHS: &str = "consumption.average_months";
    /// How many months in a row may be billed by average before the norm.
    pub const AVERAGE_LIMIT_MONTHS: &str = "consumption.average_limit_months";
    /// How many months the average stands for a meter that is off for repair or verification, before the norm.
    pub const METER_AWAY_MONTHS: &str = "consumption.meter_away_months";
    /// Optional: what a legal entity is charged where nothing measures and nothing is agreed: a code of `LegalUnmeasured`; without a
    /// value nothing.
    pub const LEGAL_UNMEASURED: &str = "consumption.legal_unmeasured";
    /// Optional: what stands for a meter to which nobody was let: a code of `NoAccess`; without a value the average.
    pub const NO_ACCESS: &str = "consumption.no_access";
    /// How often the norm of an account counts at several inlets of one water: a code of `NormInlets`.
    pub const NORM_INLETS: &str = "consumption.norm_inlets";
    /// How many people a dwelling without registered residents counts as.
    pub const ZERO_RESIDENTS_AS: &str = "consumption.zero_residents_as";
    /// First and last day of the season in which plots are watered: `04-15..10-15`.
    pub const WATERING_SEASON: &str = "consumption.watering_season";
    /// Velocity in m/s at which a pipe's full capacity is reckoned.
    pub const PIPE_VELOCITY: &str = "consumption.pipe_velocity";
    /// Which services a full capacity is charged for: a code of `CapacityCovers`.
    pub const CAPACITY_COVERS: &str = "consumption.capacity_covers";
    /// How many months back a full capacity may reach where nobody knows when it began: `torn_seal=-,tampering=2,…`, `-` is no cap.
    pub const CAPACITY_MAX_MONTHS: &str = "consumption.capacity_max_months";
    /// What counts for the bands besides a household's own use: `none`, `watering`, `imbalance` or `watering,imbalance`.
    pub const BANDS_ALSO: &str = "billing.bands_also";
    /// What a volume above the limit of a contract is multiplied by: 1 only shows it.
    pub const OVER_LIMIT: &str = "billing.over_limit_coefficient";
    /// Day of the next month by which a bill is due.
    pub const DUE_DAY: &str = "billing.due_day";
    /// Whether a due day that is off gives way to the next working one: a code of `DueShift`.
    pub const DUE_SHIFT: &str = "billing.due_shift";
    /// How much one person may correct alone in a month, in tenge; credits are never one person's.
    pub const CORRECTION_ALONE: &str = "billing.correction_alone";
    /// Over how many months a credit may be spread at most.
    pub const CREDIT_STAGES: &str = "billing.credit_stages";
    /// How much one person may move between accounts by one transfer, in tenge.
    pub const TRANSFER_ALONE: &str = "payments.transfer_alone";
    /// The usual days of closing a month, as `CutOffs` reads them.
    pub const CUT_OFFS: &str = "ledger.cut_offs";
    /// The same of legal entities; without a value theirs is everybody's.
    pub const CUT_OFFS_LEGAL: &str = "ledger.cut_offs.legal";
    /// The same of private houses.
    pub const CUT_OFFS_PRIVATE: &str = "ledger.cut_offs.private";
    /// The same of flats.
    pub const CUT_OFFS_MULTI: &str = "ledger.cut_offs.multi";
    /// In which order a payment covers debts: a code of `AllocationOrder`, or steps as `AllocationPolicy` reads them.
    pub const ALLOCATION_ORDER: &str = "payments.allocation_order";
    /// The same of legal entities; without a value theirs is everybody's.
    pub const ALLOCATION_LEGAL: &str = "payments.allocation_order.legal";
    /// The same of private houses.
    pub const ALLOCATION_PRIVATE: &str = "payments.allocation_order.private";
    /// The same of flats.
    pub const ALLOCATION_MULTI: &str = "payments.allocation_order.multi";
    /// How much one person may give back alone in a month, in tenge.
    pub const REFUND_ALONE: &str = "payments.refund_alone";
    /// Days in which money whose account is not known is to be worked off.
    pub const SUSPENSE_DAYS: &str = "payments.suspense_days";
    /// The sector in whose books such money stands until then.
    pub const SUSPENSE_SECTOR: &str = "payments.suspense_sector";
    /// The largest sum of one payment that is typed in or sent by itself, in tenge: above it somebody has mistyped.
    pub const MAX_AMOUNT: &str = "payments.max_amount";
    /// Last day of the month on which a reading still counts for that month.
    pub const CUT_OFF_DAY: &str = "readings.cut_off_day";
    /// The same of legal entities; without a value theirs is everybody's.
    pub const CUT_OFF_DAY_LEGAL: &str = "readings.cut_off_day.legal";
    /// The same of private houses.
    pub const CUT_OFF_DAY_PRIVATE: &str = "readings.cut_off_day.private";
    /// The same of flats, and of the meters of their houses.
    pub const CUT_OFF_DAY_MULTI: &str = "readings.cut_off_day.multi";
    /// Use of a flat or house in m³ a month above which a reading is doubtful.
    pub const MAX_MONTHLY_UNIT: &str = "readings.max_monthly_m3.unit";
    /// The same of a legal entity's meter, by its diameter in mm: `15=550,20=980,…`. A diameter between two of the list has the
    /// limit of the smaller one. Without a value legal entities share the limit of flats.
    pub const MAX_MONTHLY_LEGAL: &str = "readings.max_monthly_m3.legal";
    /// Use of a whole building in m³ a month above which a reading is doubtful.
    pub const MAX_MONTHLY_BUILDING: &str = "readings.max_monthly_m3.building";
    /// Optional: a use of so many times the average is doubtful; without a value the check is off.
    pub const JUMP_FACTOR: &str = "readings.jump_factor";
    /// How the imbalance of a house is shared: a code of `ImbalanceMethod`.
    pub const IMBALANCE_METHOD: &str = "imbalance.method";
    /// The share of what the house's meter shows, in percent, above which a difference waits for a decision.
    pub const IMBALANCE_HOLD_PERCENT: &str = "imbalance.hold_above_percent";
    /// What becomes of a house whose flats account for more than its meter shows: a code of `NegativeImbalance`.
    pub const IMBALANCE_NEGATIVE: &str = "imbalance.negative";
    /// Optional: the most that one month adds to an account, m³ for each person; without a value there is no such limit.
    pub const IMBALANCE_CAP: &str = "imbalance.cap_m3_per_person";
    /// Optional: for so many days after the meter of a house failed or its verification expired the average of its last months stands
    /// for it; without a value the house is compared with nothing.
    pub const IMBALANCE_AVERAGE_DAYS: &str = "imbalance.average_days";

    /// Base rate of the National Bank, percent a year.
    pub const BASE_RATE: &str = "debt.base_rate";
    /// How many times the base rate penalty is.
    pub const PENALTY_MULTIPLIER: &str = "debt.penalty_multiplier";
    /// The same of legal entities; without a value theirs is everybody's.
    pub const PENALTY_MULTIPLIER_LEGAL: &str = "debt.penalty_multiplier.legal";
    /// Days that a year counts as in penalty.
    pub const PENALTY_YEAR_DAYS: &str = "debt.penalty_year_days";
    /// The day after the due day that penalty counts first: 1 is the next one.
    pub const PENALTY_FIRST_DAY: &str = "debt.penalty_first_day";
    /// What is paid within so many days after the due day has no penalty.
    pub const PENALTY_GRACE_DAYS: &str = "debt.penalty_grace_days";
    /// The same of legal entities; without a value theirs is everybody's.
    pub const PENALTY_GRACE_DAYS_LEGAL: &str = "debt.penalty_grace_days.legal";
    /// Percent of a debt that its penalty never exceeds.
    pub const PENALTY_CEILING: &str = "debt.penalty_ceiling_percent";
    /// The same of legal entities; without a value theirs is everybody's.
    pub const PENALTY_CEILING_LEGAL: &str = "debt.penalty_ceiling_percent.legal";
    /// The first day on which this system reckons penalty: 2026-01-01.
    pub const PENALTY_SINCE: &str = "debt.penalty_since";
    /// From so many unpaid months on an account is warned of disconnection.
    pub const NOTICE_MONTHS: &str = "debt.notice_months";
    /// Days between a warning and the disconnection.
    pub const NOTICE_DAYS: &str = "debt.notice_days";
    /// The least overdue sum that an account is warned of, in tenge.
    pub const NOTICE_LEAST: &str = "debt.notice_least";
    /// Optional: what reconnecting costs with VAT, in tenge; without a value it is free.
    pub const RECONNECTION_FEE: &str = "debt.reconnection_fee";
    /// Days in which a dispute is to be decided.
    pub const DISPUTE_DAYS: &str = "debt.dispute_days";
    /// Days from a death on which no penalty accrues on the accounts that the person held.
    pub const ESTATE_REST_DAYS: &str = "debt.estate_rest_days";
    /// Years after which a debt can no longer be claimed.
    pub const LIMITATION_YEARS: &str = "debt.limitation_years";
    /// Whether penalty rests on what is paid by instalments while they are kept: yes or no.
    pub const PLAN_STOPS_PENALTY: &str = "debt.plan_stops_penalty";
    /// Optional: days after the day of a part of a plan before it is judged, for money of that day that comes later; without a value
    /// there are none.
    pub const PLAN_GRACE_DAYS: &str = "debt.plan_grace_days";
    /// What a certificate of no debt asks for: nothing_overdue or nothing_owed.
    pub const CERTIFICATE_REQUIRES: &str = "debt.certificate_requires";

    /// Days of delay from which on a debt is proposed for a claim.
    pub const CLAIM_DAYS: &str = "debt.claim_days";
    /// The least debt that a court or a notary is asked about, in tenge.
    pub const CLAIM_MIN_SUM: &str = "debt.claim_min_sum";
    /// Whether penalty rests on what is claimed from the day it is filed: yes or no.
    pub const CLAIM_STOPS_PENALTY: &str = "debt.claim_stops_penalty";
    /// The unit that cash is rounded to, in tenge.
    pub const CASH_UNIT: &str = "cashdesk.cash_unit";
    /// Hours that a shift of a cash desk may be open; then only Z is left.
    pub const SHIFT_HOURS: &str = "cashdesk.shift_hours";
    /// Hours that a receipt may wait for the fiscal register; then the desk takes no more.
    pub const OFFLINE_HOURS: &str = "cashdesk.offline_hours";
    /// What receipt orders of sales are written for: a code of `OrdersOfSales`.
    pub const ORDERS_OF_SALES: &str = "cashdesk.orders_of_sales";

    /// Settings of older installations that nothing asks for any more: their rows stay in the register and are read past.
    /// How many days back a desk might date a payment: money over the counter is of the day of its shift.
    pub const RETIRED: &[&str] = &["payments.desk_back_days"];

    /// Settings that an installation may do without.
    pub const OPTIONAL: &[&str] = &[
        ALLOCATION_LEGAL,
        ALLOCATION_PRIVATE,
        ALLOCATION_MULTI,
        CUT_OFFS_LEGAL,
        CUT_OFFS_PRIVATE,
        CUT_OFFS_MULTI,
        CUT_OFF_DAY_LEGAL,
        CUT_OFF_DAY_PRIVATE,
        CUT_OFF_DAY_MULTI,
        PENALTY_MULTIPLIER_LEGAL,
        PENALTY_GRACE_DAYS_LEGAL,
        PENALTY_CEILING_LEGAL,
        RECONNECTION_FEE,
    ];

    /// What a bill says of the utility and of paying: texts of [`TEXTS`].
    pub const ISSUER_NAME_KK: &str = "bill.issuer.name_kk";
    pub const ISSUER_NAME_RU: &str = "bill.issuer.name_ru";
    /// БИН.
    pub const ISSUER_BIN: &str = "bill.issuer.bin";
    /// ИИК.
    pub const ISSUER_IBAN: &str = "bill.issuer.iban";
    /// БИК.
    pub const ISSUER_BIC: &str = "bill.issuer.bic";
    pub const ISSUER_BANK_KK: &str = "bill.issuer.bank_kk";
    pub const ISSUER_BANK_RU: &str = "bill.issuer.bank_ru";
    pub const ISSUER_PHONE: &str = "bill.issuer.phone";
    pub const ISSUER_SITE: &str = "bill.issuer.site";
    /// What the code of a bill says: a text with the places {account}, {amount} and {period}.
    pub const PAYMENT_LINK: &str = "bill.payment_link";

    /// Settings that are texts: any line but an empty one.
    pub const TEXTS: &[&str] = &[
        ISSUER_NAME_KK,
        ISSUER_NAME_RU,
        ISSUER_BIN,
        ISSUER_IBAN,
        ISSUER_BIC,
        ISSUER_BANK_KK,
        ISSUER_BANK_RU,
        ISSUER_PHONE,
        ISSUER_SITE,
        PAYMENT_LINK,
    ];

    /// Every code that decides how a sum comes about, for the register's own check.
    pub const ALL: &[&str] = &[
        ROUNDING_LEGAL,
        ROUNDING_PRIVATE,
        ROUNDING_MULTI,
        AVERAGE_MONTHS,
        AVERAGE_LIMIT_MONTHS,
        METER_AWAY_MONTHS,
        LEGAL_UNMEASURED,
        NO_ACCESS,
        NORM_INLETS,
        ZERO_RESIDENTS_AS,
        WATERING_SEASON,
        PIPE_VELOCITY,
        CAPACITY_COVERS,
        CAPACITY_MAX_MONTHS,
        BANDS_ALSO,
        OVER_LIMIT,
        DUE_DAY,
        DUE_SHIFT,
        CORRECTION_ALONE,
        TRANSFER_ALONE,
        CREDIT_STAGES,
        CUT_OFFS,
        ALLOCATION_ORDER,
        REFUND_ALONE,
        SUSPENSE_DAYS,
        SUSPENSE_SECTOR,
        MAX_AMOUNT,
        CUT_OFF_DAY,
        MAX_MONTHLY_UNIT,
        MAX_MONTHLY_LEGAL,
        MAX_MONTHLY_BUILDING,
        JUMP_FACTOR,
        IMBALANCE_METHOD,
        IMBALANCE_HOLD_PERCENT,
        IMBALANCE_NEGATIVE,
        IMBALANCE_CAP,
        IMBALANCE_AVERAGE_DAYS,
        BASE_RATE,
        PENALTY_MULTIPLIER,
        PENALTY_YEAR_DAYS,
        PENALTY_FIRST_DAY,
        PENALTY_GRACE_DAYS,
        PENALTY_CEILING,
        PENALTY_SINCE,
        NOTICE_MONTHS,
        NOTICE_DAYS,
        NOTICE_LEAST,
        DISPUTE_DAYS,
        ESTATE_REST_DAYS,
        LIMITATION_YEARS,
        PLAN_STOPS_PENALTY,
        PLAN_GRACE_DAYS,
        CERTIFICATE_REQUIRES,
        CLAIM_DAYS,
        CLAIM_MIN_SUM,
        CLAIM_STOPS_PENALTY,
        CASH_UNIT,
        SHIFT_HOURS,
        OFFLINE_HOURS,
        ORDERS_OF_SALES,
    ];
}

codes! {
    /// By what the difference of a house is shared (способ распределения небаланса).
    ImbalanceMethod {
        /// By the people who count: the registered ones, or as many as the setting says (по зарегистрированным).
        ByRegistered = "by_registered",
        /// By what each account itself used (по объёму).
        ByVolume = "by_volume",
        /// The same to each account (поровну).
        Equal = "equal",
        /// By the useful area (по площади).
        ByArea = "by_area",
        /// By the people of accounts without a valid meter only, the practice until 2019 (только без прибора).
        UnmeteredOnly = "unmetered_only",
    }
}

codes! {
    /// What becomes of a negative difference (отрицательный небаланс).
    NegativeImbalance {
        /// Nothing: it is set aside (не учитывать).
        Ignore = "ignore",
        /// It lessens the next difference (перенести).
        Carry = "carry",
        /// It lessens the bills of this month (зачесть).
        Credit = "credit",
    }
}

codes! {
    /// In which order a payment covers what is owed (очерёдность погашения).
    AllocationOrder {
        /// Costs, then penalty, then principal from the oldest month (Civil Code, art. 282).
        CostPenaltyPrincipal = "cost_penalty_principal",
        /// Costs, then principal from the oldest month, then penalty: where the contract says so.
        CostPrincipalPenalty = "cost_principal_penalty",
    }
}

codes! {
    /// What becomes of a due day that is off (перенос срока оплаты с выходного).
    DueShift {
        /// It stays as it is (не переносится).
        AsIs = "as_is",
        /// The next working day takes its place (на следующий рабочий день).
        NextWorking = "next_working",
    }
}

codes! {
    /// Which services a full capacity is charged for (услуги при расчёте по пропускной способности).
    CapacityCovers {
        /// Water alone.
        Water = "water",
        /// Water and the sewerage of it.
        WaterAndSewerage = "water_and_sewerage",
    }
}

codes! {
    /// What a legal entity is charged where nothing measures and nothing is agreed (юрлицо без прибора и договорного объёма).
    LegalUnmeasured {
        /// The average of its last measured months, for as long as there is nothing else (по среднему).
        Average = "average",
        /// Nothing; a preview says so (не начислять).
        Nothing = "nothing",
    }
}

codes! {
    /// What stands for a meter to which nobody was let, until somebody is (недопуск к прибору).
    NoAccess {
        /// The average of its last measured months, for as long as it takes (по среднему).
        Average = "average",
        /// The norm, or what is agreed (по нормативу).
        Norm = "norm",
    }
}

codes! {
    /// How often the norm of an account's people counts where several inlets of one water have no meter (норматив при нескольких вводах).
    NormInlets {
        /// Once: the first inlet bears it (один раз).
        Once = "once",
        /// At each inlet (по каждому вводу).
        Each = "every_inlet",
    }
}

/// One version of a setting, in force on the days `from <= day < to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting<T> {
    pub id: SettingId,
    pub from: NaiveDate,
    /// First day without it; none while no end is known.
    pub to: Option<NaiveDate>,
    pub value: T,
}

/// The methods of charging by day. Filled by [`MethodBook::insert`] from the register of settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodBook {
    rounding: HashMap<Sector, Vec<Setting<Rounding>>>,
    average_months: Vec<Setting<u32>>,
    average_limit_months: Vec<Setting<u32>>,
    meter_away_months: Vec<Setting<u32>>,
    legal_unmeasured: Vec<Setting<LegalUnmeasured>>,
    no_access: Vec<Setting<NoAccess>>,
    norm_inlets: Vec<Setting<NormInlets>>,
    zero_residents_as: Vec<Setting<u32>>,
    watering_season: Vec<Setting<Season>>,
    pipe_velocity: Vec<Setting<Decimal>>,
    capacity_covers: Vec<Setting<CapacityCovers>>,
    capacity_max_months: Vec<Setting<MonthsByKind>>,
    bands_also: Vec<Setting<BandsAlso>>,
    over_limit_coefficient: Vec<Setting<Decimal>>,
    due_day: Vec<Setting<u32>>,
    due_shift: Vec<Setting<DueShift>>,
    correction_alone: Vec<Setting<Money>>,
    transfer_alone: Vec<Setting<Money>>,
    credit_stages: Vec<Setting<u32>>,
    cut_offs: Vec<Setting<CutOffs>>,
    cut_offs_of: HashMap<Sector, Vec<Setting<CutOffs>>>,
    allocation: Vec<Setting<AllocationPolicy>>,
    allocation_of: HashMap<Sector, Vec<Setting<AllocationPolicy>>>,
    refund_alone: Vec<Setting<Money>>,
    suspense_days: Vec<Setting<u32>>,
    suspense_sector: Vec<Setting<Sector>>,
    max_amount: Vec<Setting<Money>>,
    cut_off_day: Vec<Setting<u32>>,
    cut_off_day_of: HashMap<Sector, Vec<Setting<u32>>>,
    max_monthly: HashMap<MeterPlace, Vec<Setting<Volume>>>,
    max_monthly_legal: Vec<Setting<LimitByDiameter>>,
    jump_factor: Vec<Setting<Decimal>>,
    imbalance_method: Vec<Setting<ImbalanceMethod>>,
    imbalance_hold_percent: Vec<Setting<u32>>,
    imbalance_negative: Vec<Setting<NegativeImbalance>>,
    imbalance_cap: Vec<Setting<Volume>>,
    imbalance_average_days: Vec<Setting<u32>>,
    cash_unit: Vec<Setting<Money>>,
    shift_hours: Vec<Setting<u32>>,
    offline_hours: Vec<Setting<u32>>,
    orders_of_sales: Vec<Setting<OrdersOfSales>>,
    /// Of collection: penalty, notices, limitation.
    pub debt: DebtMethods,
}

impl MethodBook {
    /// Takes one row of the register of settings.
    pub fn insert(
        &mut self,
        code: &str,
        id: SettingId,
        from: NaiveDate,
        to: Option<NaiveDate>,
        value: &str,
    ) -> Result<(), WrongSetting> {
        let wrong = || WrongSetting::Value { code: code.to_owned(), value: value.to_owned() };
        fn version<T>(
            id: SettingId,
            from: NaiveDate,
            to: Option<NaiveDate>,
            value: Option<T>,
        ) -> Option<Setting<T>> {
            Some(Setting { id, from, to, value: value? })
        }
        macro_rules! take {
            ($list:expr, $value:expr) => {
                $list.push(version(id, from, to, $value).ok_or_else(wrong)?)
            };
        }
        match code {
            setting::ROUNDING_LEGAL => take!(self.rounding_of(Sector::Legal), Rounding::from_code(value)),
            setting::ROUNDING_PRIVATE => take!(self.rounding_of(Sector::Private), Rounding::from_code(value)),
            setting::ROUNDING_MULTI => take!(self.rounding_of(Sector::Multi), Rounding::from_code(value)),
            setting::AVERAGE_MONTHS => take!(self.average_months, number(value, 1, 24)),
            setting::AVERAGE_LIMIT_MONTHS => take!(self.average_limit_months, number(value, 0, 24)),
            setting::METER_AWAY_MONTHS => take!(self.meter_away_months, number(value, 0, 24)),
            setting::LEGAL_UNMEASURED => take!(self.legal_unmeasured, LegalUnmeasured::from_code(value)),
            setting::NO_ACCESS => take!(self.no_access, NoAccess::from_code(value)),
            setting::NORM_INLETS => take!(self.norm_inlets, NormInlets::from_code(value)),
            setting::ZERO_RESIDENTS_AS => take!(self.zero_residents_as, number(value, 0, 10)),
            setting::WATERING_SEASON => take!(self.watering_season, value.parse().ok()),
            setting::PIPE_VELOCITY => take!(
                self.pipe_velocity,
                Decimal::from_str_exact(value).ok().filter(|v| *v > Decimal::ZERO && *v <= Decimal::TEN)
            ),
            setting::CAPACITY_COVERS => take!(self.capacity_covers, CapacityCovers::from_code(value)),
            setting::CAPACITY_MAX_MONTHS => take!(self.capacity_max_months, value.parse().ok()),
            setting::BANDS_ALSO => take!(self.bands_also, value.parse().ok()),
            setting::OVER_LIMIT => take!(self.over_limit_coefficient, coefficient(value)),
            setting::DUE_DAY => take!(self.due_day, number(value, 1, 31)),
            setting::DUE_SHIFT => take!(self.due_shift, DueShift::from_code(value)),
            setting::CORRECTION_ALONE => {
                take!(self.correction_alone, Money::tenge(value.trim()).ok().filter(|sum| !sum.is_negative()))
            }
            setting::TRANSFER_ALONE => {
                take!(self.transfer_alone, Money::tenge(value.trim()).ok().filter(|sum| !sum.is_negative()))
            }
            setting::CREDIT_STAGES => take!(self.credit_stages, number(value, 1, 36)),
            setting::CUT_OFFS => take!(self.cut_offs, value.parse().ok()),
            setting::CUT_OFFS_LEGAL => take!(self.cut_offs_of(Sector::Legal), value.parse().ok()),
            setting::CUT_OFFS_PRIVATE => take!(self.cut_offs_of(Sector::Private), value.parse().ok()),
            setting::CUT_OFFS_MULTI => take!(self.cut_offs_of(Sector::Multi), value.parse().ok()),
            setting::CUT_OFF_DAY => take!(self.cut_off_day, number(value, 1, 31)),
            setting::CUT_OFF_DAY_LEGAL => take!(self.cut_off_day_of(Sector::Legal), number(value, 1, 31)),
            setting::CUT_OFF_DAY_PRIVATE => take!(self.cut_off_day_of(Sector::Private), number(value, 1, 31)),
            setting::CUT_OFF_DAY_MULTI => take!(self.cut_off_day_of(Sector::Multi), number(value, 1, 31)),
            // Printed as they are, on bills that were made already; no sum depends on them.
            text if setting::TEXTS.contains(&text) => {
                if value.trim().is_empty() || value.chars().any(char::is_control) {
                    return Err(wrong());
                }
            }
            setting::ALLOCATION_ORDER => take!(self.allocation, value.parse().ok()),
            setting::ALLOCATION_LEGAL => take!(self.allocation_of(Sector::Legal), value.parse().ok()),
            setting::ALLOCATION_PRIVATE => take!(self.allocation_of(Sector::Private), value.parse().ok()),
            setting::ALLOCATION_MULTI => take!(self.allocation_of(Sector::Multi), value.parse().ok()),
            setting::REFUND_ALONE => {
                take!(self.refund_alone, Money::tenge(value.trim()).ok().filter(|sum| !sum.is_negative()))
            }
            setting::SUSPENSE_DAYS => take!(self.suspense_days, number(value, 1, 365)),
            setting::SUSPENSE_SECTOR => take!(self.suspense_sector, Sector::from_code(value.trim())),
            setting::MAX_AMOUNT => {
                take!(self.max_amount, Money::tenge(value.trim()).ok().filter(|sum| sum.is_positive()))
            }
            retired if setting::RETIRED.contains(&retired) => {}
            setting::CASH_UNIT => {
                take!(self.cash_unit, Money::tenge(value.trim()).ok().filter(|unit| unit.is_positive()))
            }
            setting::SHIFT_HOURS => take!(self.shift_hours, number(value, 1, 48)),
            setting::OFFLINE_HOURS => take!(self.offline_hours, number(value, 1, 720)),
            setting::ORDERS_OF_SALES => take!(self.orders_of_sales, OrdersOfSales::from_code(value)),
            setting::MAX_MONTHLY_UNIT => take!(self.max_of(MeterPlace::Unit), Volume::from_str(value).ok()),
            setting::MAX_MONTHLY_LEGAL => take!(self.max_monthly_legal, value.parse().ok()),
            setting::MAX_MONTHLY_BUILDING => {
                take!(self.max_of(MeterPlace::Building), Volume::from_str(value).ok())
            }
            setting::JUMP_FACTOR => take!(self.jump_factor, Decimal::from_str_exact(value).ok()),
            setting::IMBALANCE_METHOD => take!(self.imbalance_method, ImbalanceMethod::from_code(value)),
            setting::IMBALANCE_HOLD_PERCENT => take!(self.imbalance_hold_percent, number(value, 0, 1_000)),
            setting::IMBALANCE_NEGATIVE => {
                take!(self.imbalance_negative, NegativeImbalance::from_code(value))
            }
            setting::IMBALANCE_CAP => {
                take!(self.imbalance_cap, Volume::from_str(value).ok().filter(|cap| *cap > Volume::ZERO))
            }
            setting::IMBALANCE_AVERAGE_DAYS => take!(self.imbalance_average_days, number(value, 0, 366)),
            _ => match self.debt.insert(code, id, from, to, value) {
                Some(true) => {}
                Some(false) => return Err(wrong()),
                None => return Err(WrongSetting::UnknownCode(code.to_owned())),
            },
        }
        Ok(())
    }

    pub fn rounding(&self, sector: Sector, day: NaiveDate) -> Result<&Setting<Rounding>, MissingSetting> {
        let code = match sector {
            Sector::Legal => setting::ROUNDING_LEGAL,
            Sector::Private => setting::ROUNDING_PRIVATE,
            Sector::Multi => setting::ROUNDING_MULTI,
        };
        on(self.rounding.get(&sector).map_or(&[], Vec::as_slice), code, day)
    }

    pub fn average_months(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.average_months, setting::AVERAGE_MONTHS, day)
    }

    pub fn average_limit_months(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.average_limit_months, setting::AVERAGE_LIMIT_MONTHS, day)
    }

    pub fn meter_away_months(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.meter_away_months, setting::METER_AWAY_MONTHS, day)
    }

    /// None where nothing stands for a measurement.
    pub fn legal_unmeasured(&self, day: NaiveDate) -> Option<&Setting<LegalUnmeasured>> {
        on(&self.legal_unmeasured, setting::LEGAL_UNMEASURED, day).ok()
    }

    /// None where nothing was confirmed: the average stands then.
    pub fn no_access(&self, day: NaiveDate) -> Option<&Setting<NoAccess>> {
        on(&self.no_access, setting::NO_ACCESS, day).ok()
    }

    pub fn norm_inlets(&self, day: NaiveDate) -> Result<&Setting<NormInlets>, MissingSetting> {
        on(&self.norm_inlets, setting::NORM_INLETS, day)
    }

    pub fn zero_residents_as(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.zero_residents_as, setting::ZERO_RESIDENTS_AS, day)
    }

    pub fn watering_season(&self, day: NaiveDate) -> Result<&Setting<Season>, MissingSetting> {
        on(&self.watering_season, setting::WATERING_SEASON, day)
    }

    pub fn pipe_velocity(&self, day: NaiveDate) -> Result<&Setting<Decimal>, MissingSetting> {
        on(&self.pipe_velocity, setting::PIPE_VELOCITY, day)
    }

    pub fn capacity_covers_sewerage(&self, day: NaiveDate) -> Result<bool, MissingSetting> {
        let covers = on(&self.capacity_covers, setting::CAPACITY_COVERS, day)?;
        Ok(covers.value == CapacityCovers::WaterAndSewerage)
    }

    pub fn capacity_max_months(&self, day: NaiveDate) -> Result<&Setting<MonthsByKind>, MissingSetting> {
        on(&self.capacity_max_months, setting::CAPACITY_MAX_MONTHS, day)
    }

    pub fn bands_also(&self, day: NaiveDate) -> Result<&Setting<BandsAlso>, MissingSetting> {
        on(&self.bands_also, setting::BANDS_ALSO, day)
    }

    pub fn over_limit_coefficient(&self, day: NaiveDate) -> Result<&Setting<Decimal>, MissingSetting> {
        on(&self.over_limit_coefficient, setting::OVER_LIMIT, day)
    }

    pub fn due_day(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.due_day, setting::DUE_DAY, day)
    }

    pub fn due_shift(&self, day: NaiveDate) -> Result<&Setting<DueShift>, MissingSetting> {
        on(&self.due_shift, setting::DUE_SHIFT, day)
    }

    pub fn correction_alone(&self, day: NaiveDate) -> Result<&Setting<Money>, MissingSetting> {
        on(&self.correction_alone, setting::CORRECTION_ALONE, day)
    }

    pub fn transfer_alone(&self, day: NaiveDate) -> Result<&Setting<Money>, MissingSetting> {
        on(&self.transfer_alone, setting::TRANSFER_ALONE, day)
    }

    pub fn credit_stages(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.credit_stages, setting::CREDIT_STAGES, day)
    }

    /// The sector's own calendar where it has one, else everybody's.
    pub fn cut_offs(&self, sector: Sector, day: NaiveDate) -> Result<&Setting<CutOffs>, MissingSetting> {
        let own = self.cut_offs_of.get(&sector).map_or(&[] as &[_], Vec::as_slice);
        on(own, setting::CUT_OFFS, day).or_else(|_| on(&self.cut_offs, setting::CUT_OFFS, day))
    }

    /// The sector's own policy where it has one, else everybody's.
    pub fn allocation(
        &self,
        sector: Sector,
        day: NaiveDate,
    ) -> Result<&Setting<AllocationPolicy>, MissingSetting> {
        let own = self.allocation_of.get(&sector).map_or(&[] as &[_], Vec::as_slice);
        on(own, setting::ALLOCATION_ORDER, day)
            .or_else(|_| on(&self.allocation, setting::ALLOCATION_ORDER, day))
    }

    pub fn refund_alone(&self, day: NaiveDate) -> Result<&Setting<Money>, MissingSetting> {
        on(&self.refund_alone, setting::REFUND_ALONE, day)
    }

    pub fn suspense_days(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.suspense_days, setting::SUSPENSE_DAYS, day)
    }

    pub fn suspense_sector(&self, day: NaiveDate) -> Result<&Setting<Sector>, MissingSetting> {
        on(&self.suspense_sector, setting::SUSPENSE_SECTOR, day)
    }

    pub fn max_amount(&self, day: NaiveDate) -> Result<&Setting<Money>, MissingSetting> {
        on(&self.max_amount, setting::MAX_AMOUNT, day)
    }

    pub fn cash_unit(&self, day: NaiveDate) -> Result<&Setting<Money>, MissingSetting> {
        on(&self.cash_unit, setting::CASH_UNIT, day)
    }

    pub fn shift_hours(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.shift_hours, setting::SHIFT_HOURS, day)
    }

    pub fn offline_hours(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.offline_hours, setting::OFFLINE_HOURS, day)
    }

    pub fn orders_of_sales(&self, day: NaiveDate) -> Result<&Setting<OrdersOfSales>, MissingSetting> {
        on(&self.orders_of_sales, setting::ORDERS_OF_SALES, day)
    }

    /// The sector's own day where it has one, else everybody's.
    pub fn cut_off_day(&self, sector: Sector, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        let own = self.cut_off_day_of.get(&sector).map_or(&[] as &[_], Vec::as_slice);
        on(own, setting::CUT_OFF_DAY, day).or_else(|_| on(&self.cut_off_day, setting::CUT_OFF_DAY, day))
    }

    /// What a meter can show for a month before somebody should look at it.
    pub fn max_monthly(
        &self,
        place: MeterPlace,
        sector: Option<Sector>,
        diameter_mm: u32,
        day: NaiveDate,
    ) -> Result<Volume, MissingSetting> {
        if (place, sector) == (MeterPlace::Unit, Some(Sector::Legal))
            && let Ok(limits) = on(&self.max_monthly_legal, setting::MAX_MONTHLY_LEGAL, day)
        {
            return Ok(limits.value.of(diameter_mm));
        }
        self.max_of_place(place, day).map(|setting| setting.value)
    }

    fn max_of_place(&self, place: MeterPlace, day: NaiveDate) -> Result<&Setting<Volume>, MissingSetting> {
        let code = match place {
            MeterPlace::Unit => setting::MAX_MONTHLY_UNIT,
            MeterPlace::Building => setting::MAX_MONTHLY_BUILDING,
        };
        on(self.max_monthly.get(&place).map_or(&[], Vec::as_slice), code, day)
    }

    /// None where the check is off.
    pub fn jump_factor(&self, day: NaiveDate) -> Option<&Setting<Decimal>> {
        on(&self.jump_factor, setting::JUMP_FACTOR, day).ok()
    }

    pub fn imbalance_method(&self, day: NaiveDate) -> Result<&Setting<ImbalanceMethod>, MissingSetting> {
        on(&self.imbalance_method, setting::IMBALANCE_METHOD, day)
    }

    pub fn imbalance_hold_percent(&self, day: NaiveDate) -> Result<&Setting<u32>, MissingSetting> {
        on(&self.imbalance_hold_percent, setting::IMBALANCE_HOLD_PERCENT, day)
    }

    pub fn imbalance_negative(&self, day: NaiveDate) -> Result<&Setting<NegativeImbalance>, MissingSetting> {
        on(&self.imbalance_negative, setting::IMBALANCE_NEGATIVE, day)
    }

    /// None where nothing limits a share.
    pub fn imbalance_cap(&self, day: NaiveDate) -> Option<&Setting<Volume>> {
        on(&self.imbalance_cap, setting::IMBALANCE_CAP, day).ok()
    }

    /// None where nothing stands for the meter of a house.
    pub fn imbalance_average_days(&self, day: NaiveDate) -> Option<&Setting<u32>> {
        on(&self.imbalance_average_days, setting::IMBALANCE_AVERAGE_DAYS, day).ok()
    }

    fn allocation_of(&mut self, sector: Sector) -> &mut Vec<Setting<AllocationPolicy>> {
        self.allocation_of.entry(sector).or_default()
    }

    fn cut_offs_of(&mut self, sector: Sector) -> &mut Vec<Setting<CutOffs>> {
        self.cut_offs_of.entry(sector).or_default()
    }

    fn cut_off_day_of(&mut self, sector: Sector) -> &mut Vec<Setting<u32>> {
        self.cut_off_day_of.entry(sector).or_default()
    }

    fn rounding_of(&mut self, sector: Sector) -> &mut Vec<Setting<Rounding>> {
        self.rounding.entry(sector).or_default()
    }

    fn max_of(&mut self, place: MeterPlace) -> &mut Vec<Setting<Volume>> {
        self.max_monthly.entry(place).or_default()
    }
}

/// A season of every year, both days in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    first: (u32, u32),
    last: (u32, u32),
}

impl Season {
    pub fn covers(&self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&(day.month(), day.day()))
    }

    /// The days of the month on which the season begins, or is over.
    pub(crate) fn bounds(&self, month: Period) -> Vec<NaiveDate> {
        let day = |(of, day)| NaiveDate::from_ymd_opt(month.year(), of, day);
        day(self.first).into_iter().chain(day(self.last).and_then(|last| last.succ_opt())).collect()
    }
}

impl std::fmt::Display for Season {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ((from, of), (to, until)) = (self.first, self.last);
        write!(f, "{from:02}-{of:02}..{to:02}-{until:02}")
    }
}

impl FromStr for Season {
    type Err = ();

    /// `04-15..10-15`, within one year.
    fn from_str(text: &str) -> Result<Self, ()> {
        let day = |text: &str| {
            let (month, day) = text.trim().split_once('-')?;
            // In every year: a 29 February is no end of a season.
            let day = NaiveDate::from_ymd_opt(2025, month.parse().ok()?, day.parse().ok()?)?;
            Some((day.month(), day.day()))
        };
        let (first, last) = text.split_once("..").ok_or(())?;
        let season = Self { first: day(first).ok_or(())?, last: day(last).ok_or(())? };
        if season.first <= season.last { Ok(season) } else { Err(()) }
    }
}

/// How many months back a full capacity may reach, by what happened; none is no cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthsByKind(Vec<(SpecialKind, Option<u32>)>);

impl MonthsByKind {
    /// None where nothing caps it.
    pub fn of(&self, kind: SpecialKind) -> Option<u32> {
        self.0.iter().find(|(of, _)| *of == kind).and_then(|(_, months)| *months)
    }
}

impl FromStr for MonthsByKind {
    type Err = ();

    /// `torn_seal=-,tampering=2,unauthorised=12,leak=2`: every capacity once.
    fn from_str(text: &str) -> Result<Self, ()> {
        let pair = |pair: &str| {
            let (kind, months) = pair.trim().split_once('=')?;
            let kind = SpecialKind::from_code(kind).filter(|kind| kind.is_capacity())?;
            let months = if months == "-" { None } else { Some(number(months, 1, 120)?) };
            Some((kind, months))
        };
        let pairs: Vec<_> = text.split(',').map(pair).collect::<Option<_>>().ok_or(())?;
        let capacities = SpecialKind::ALL.iter().filter(|kind| kind.is_capacity());
        let once = |kind: &SpecialKind| pairs.iter().filter(|(of, _)| of == kind).count() == 1;
        if capacities.clone().count() == pairs.len() && capacities.clone().all(once) {
            Ok(Self(pairs))
        } else {
            Err(())
        }
    }
}

/// What counts for the bands besides a household's own use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BandsAlso {
    pub watering: bool,
    pub imbalance: bool,
}

impl FromStr for BandsAlso {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.trim() {
            "none" => Ok(Self::default()),
            "watering" => Ok(Self { watering: true, imbalance: false }),
            "imbalance" => Ok(Self { watering: false, imbalance: true }),
            "watering,imbalance" => Ok(Self { watering: true, imbalance: true }),
            _ => Err(()),
        }
    }
}

/// Limits by the diameter of a meter, thinnest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitByDiameter(Vec<(u32, Volume)>);

impl LimitByDiameter {
    /// The limit of the thickest listed diameter that is not thicker; of the thinnest one where none is.
    fn of(&self, diameter_mm: u32) -> Volume {
        let fits = self.0.iter().rev().find(|(listed, _)| *listed <= diameter_mm);
        fits.or(self.0.first()).map_or(Volume::ZERO, |(_, limit)| *limit)
    }
}

impl FromStr for LimitByDiameter {
    type Err = ();

    /// `15=550,20=980,50=6110`, diameters growing.
    fn from_str(text: &str) -> Result<Self, ()> {
        let pair = |pair: &str| {
            let (diameter, limit) = pair.split_once('=')?;
            let limit: Volume = limit.parse().ok()?;
            Some((diameter.parse().ok()?, limit)).filter(|(_, limit)| *limit > Volume::ZERO)
        };
        let limits: Vec<(u32, Volume)> =
            text.split(',').map(str::trim).map(pair).collect::<Option<_>>().ok_or(())?;
        let growing = limits.windows(2).all(|two| two[0].0 < two[1].0);
        if limits.is_empty() || !growing { Err(()) } else { Ok(Self(limits)) }
    }
}

/// From one to a hundred, four places: as many as a charge line keeps.
fn coefficient(value: &str) -> Option<Decimal> {
    let value = Decimal::from_str_exact(value.trim()).ok()?.normalize();
    Some(value).filter(|v| (Decimal::ONE..=Decimal::ONE_HUNDRED).contains(v) && v.scale() <= 4)
}

pub(super) fn number(value: &str, least: u32, most: u32) -> Option<u32> {
    value.trim().parse().ok().filter(|number| (least..=most).contains(number))
}

pub(super) fn on<'a, T>(
    versions: &'a [Setting<T>],
    code: &'static str,
    day: NaiveDate,
) -> Result<&'a Setting<T>, MissingSetting> {
    // Versions of the register never overlap; one of a scenario is put in last and takes over.
    versions
        .iter()
        .rev()
        .find(|version| covers(version.from, version.to, day))
        .ok_or(MissingSetting { code, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_found_by_the_diameter_and_a_wrong_list_is_no_list() {
        let limits: LimitByDiameter = "15=550,20=980, 50=6110.5".parse().unwrap();
        for (diameter, litres) in
            [(10, 550_000), (15, 550_000), (19, 550_000), (40, 980_000), (50, 6_110_500), (300, 6_110_500)]
        {
            assert_eq!(limits.of(diameter).liters(), litres, "{diameter} mm");
        }
        for wrong in ["", "15", "15=", "15=many", "20=1,15=2", "15=1,15=2", "15=1,", "15=0", "15=-5"] {
            assert_eq!(wrong.parse::<LimitByDiameter>(), Err(()), "{wrong}");
        }
    }
}
