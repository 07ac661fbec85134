//! What must be true before a period of a sector becomes immutable.

use serde::{Deserialize, Serialize};

use super::PeriodStatus;
use crate::kernel::*;

codes! {
    /// A condition of closing a period (условие закрытия).
    CloseConditionCode {
        /// The period is open or soft-closed (период не закрыт).
        NotClosedYet = "not_closed_yet",
        /// The period before it is closed (предыдущий период закрыт).
        EarlierPeriodClosed = "earlier_period_closed",
        /// Every active account is billed or excused (каждый действующий счёт начислен или объяснён).
        EveryAccountCharged = "every_account_charged",
        /// No doubtful reading waits for a decision (нет нерешённых сомнительных показаний).
        ReadingsDecided = "readings_decided",
        /// All bills are issued (все счета выставлены).
        BillsIssued = "bills_issued",
        /// No run, import, correction, amendment or penalty is at work, and no checked file of readings waits (нет незавершённых расчётов, загрузок и исправлений).
        NothingAtWork = "nothing_at_work",
        /// Debits equal credits (дебет равен кредиту).
        TrialBalance = "trial_balance",
        /// Open items and advances equal the ledger (аналитика равна главной книге).
        SubLedgerEqualsLedger = "sub_ledger_equals_ledger",
        /// Charge lines equal what was posted (начисления равны проводкам).
        ChargesPosted = "charges_posted",
        /// Every payment is allocated to the tiyn (платежи распределены полностью).
        PaymentsAllocated = "payments_allocated",
        /// Days of agents and shifts of desks with money of the month are reconciled (платежи сверены).
        PaymentsReconciled = "payments_reconciled",
        /// The opening balance equals the last closing one (входящее сальдо равно исходящему прошлого периода).
        OpeningEqualsLastClosing = "opening_equals_last_closing",
        /// Readings of files: as many kept as were taken in (показания из файлов сохранены все).
        ReadingsCounted = "readings_counted",
        /// Settings that decide money are confirmed (настройки подтверждены).
        SettingsConfirmed = "settings_confirmed",
        /// No bill or payment twice, every payment has its number (номера без задвоений).
        NumbersWhole = "numbers_whole",
        /// No account of the run failed (сбои расчёта разобраны).
        ExceptionsDecided = "exceptions_decided",
    }
}

/// Figures of a period of a sector, counted from the tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    pub status: PeriodStatus,
    /// None where this is the first period.
    pub earlier: Option<PeriodStatus>,
    pub active_accounts: i64,
    pub billed_accounts: i64,
    pub excused_accounts: i64,
    pub doubtful_readings: i64,
    /// Bills to issue: one for every active account until the run of the month is issued, whether it was made or not.
    pub draft_bills: i64,
    pub work_in_progress: i64,
    pub debits: Money,
    pub credits: Money,
    /// Open items less advances not used.
    pub sub_ledger: Money,
    /// Receivable and advance accounts of the ledger together.
    pub general_ledger: Money,
    /// Gross of all charge lines.
    pub charged: Money,
    /// Gross of all posted charges.
    pub posted: Money,
    pub paid: Money,
    /// Allocated to items or kept as advance.
    pub allocated: Money,
    /// Days of agents whose registries are expected that are not compared or not decided on, and shifts without Z.
    pub unreconciled: i64,
    pub opening: Money,
    /// None where this is the first period.
    pub last_closing: Option<Money>,
    /// Rows of files of readings that were taken in since the month was opened, and what is kept of them.
    pub readings_received: i64,
    pub readings_kept: i64,
    pub unconfirmed_settings: i64,
    pub wrong_numbers: i64,
    pub exceptions: i64,
}

/// A condition that does not hold, with the figure that should be and the one that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    pub condition: CloseConditionCode,
    pub expected: String,
    pub found: String,
}

/// Everything that stands against closing; nothing when the period may be closed.
pub fn may_close(period: &Conditions) -> Vec<Broken> {
    use CloseConditionCode as C;
    let mut broken = Vec::new();
    let mut expect = |condition, expected: String, found: String| {
        if expected != found {
            broken.push(Broken { condition, expected, found });
        }
    };
    let writable = if period.status.is_writable() { period.status } else { PeriodStatus::Open };
    expect(C::NotClosedYet, writable.to_string(), period.status.to_string());
    let earlier = period.earlier.unwrap_or(PeriodStatus::Closed);
    expect(C::EarlierPeriodClosed, PeriodStatus::Closed.to_string(), earlier.to_string());
    let charged = period.billed_accounts + period.excused_accounts;
    expect(C::EveryAccountCharged, period.active_accounts.to_string(), charged.to_string());
    expect(C::ReadingsDecided, "0".to_owned(), period.doubtful_readings.to_string());
    expect(C::BillsIssued, "0".to_owned(), period.draft_bills.to_string());
    expect(C::NothingAtWork, "0".to_owned(), period.work_in_progress.to_string());
    expect(C::TrialBalance, period.debits.to_string(), period.credits.to_string());
    expect(C::SubLedgerEqualsLedger, period.general_ledger.to_string(), period.sub_ledger.to_string());
    expect(C::ChargesPosted, period.charged.to_string(), period.posted.to_string());
    expect(C::PaymentsAllocated, period.paid.to_string(), period.allocated.to_string());
    expect(C::PaymentsReconciled, "0".to_owned(), period.unreconciled.to_string());
    let last_closing = period.last_closing.unwrap_or(period.opening);
    expect(C::OpeningEqualsLastClosing, last_closing.to_string(), period.opening.to_string());
    expect(C::ReadingsCounted, period.readings_received.to_string(), period.readings_kept.to_string());
    expect(C::SettingsConfirmed, "0".to_owned(), period.unconfirmed_settings.to_string());
    expect(C::NumbersWhole, "0".to_owned(), period.wrong_numbers.to_string());
    expect(C::ExceptionsDecided, "0".to_owned(), period.exceptions.to_string());
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Conditions {
        let tenge = |text| Money::tenge(text).unwrap();
        Conditions {
            status: PeriodStatus::SoftClosed,
            earlier: Some(PeriodStatus::Closed),
            active_accounts: 10,
            billed_accounts: 9,
            excused_accounts: 1,
            doubtful_readings: 0,
            draft_bills: 0,
            work_in_progress: 0,
            debits: tenge("900.00"),
            credits: tenge("900.00"),
            sub_ledger: tenge("700.00"),
            general_ledger: tenge("700.00"),
            charged: tenge("500.00"),
            posted: tenge("500.00"),
            paid: tenge("300.00"),
            allocated: tenge("300.00"),
            unreconciled: 0,
            opening: tenge("500.00"),
            last_closing: Some(tenge("500.00")),
            readings_received: 7,
            readings_kept: 7,
            unconfirmed_settings: 0,
            wrong_numbers: 0,
            exceptions: 0,
        }
    }

    #[test]
    fn a_sound_period_may_close_and_a_first_one_has_no_past() {
        assert_eq!(may_close(&sound()), []);
        let first = Conditions { earlier: None, last_closing: None, ..sound() };
        assert_eq!(may_close(&first), []);
    }

    #[test]
    fn each_condition_can_break_alone() {
        let tiyn = Money::from_tiyn(1);
        let broken: Vec<Broken> = [
            Conditions { status: PeriodStatus::Closed, ..sound() },
            Conditions { earlier: Some(PeriodStatus::SoftClosed), ..sound() },
            Conditions { billed_accounts: 8, ..sound() },
            Conditions { doubtful_readings: 2, ..sound() },
            Conditions { draft_bills: 3, ..sound() },
            Conditions { work_in_progress: 1, ..sound() },
            Conditions { credits: sound().credits + tiyn, ..sound() },
            Conditions { sub_ledger: sound().sub_ledger - tiyn, ..sound() },
            Conditions { posted: sound().posted - tiyn, ..sound() },
            Conditions { allocated: sound().allocated - tiyn, ..sound() },
            Conditions { unreconciled: 1, ..sound() },
            Conditions { opening: sound().opening + tiyn, ..sound() },
            Conditions { readings_kept: 6, ..sound() },
            Conditions { unconfirmed_settings: 1, ..sound() },
            Conditions { wrong_numbers: 1, ..sound() },
            Conditions { exceptions: 2, ..sound() },
        ]
        .iter()
        .map(|period| {
            let mut broken = may_close(period);
            assert_eq!(broken.len(), 1, "{broken:?}");
            broken.remove(0)
        })
        .collect();
        let conditions: Vec<CloseConditionCode> = broken.iter().map(|broken| broken.condition).collect();
        assert_eq!(conditions, CloseConditionCode::ALL);
        assert_eq!((broken[2].expected.as_str(), broken[2].found.as_str()), ("10", "9"));
    }
}
