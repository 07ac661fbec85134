//! Readings: one intake for every channel, a verdict for every reading.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::consumption::ReadingRef;
use crate::kernel::*;
use crate::ledger::PeriodStatus;
use crate::meters::MeterPlace;

mod judge;
mod usual;
mod withdraw;

pub use judge::{MovedCutOffs, counts_for, judge};
pub use usual::usual;
pub use withdraw::{Stays, WithdrawCase, withdrawable_on_document, withdrawable_until};

codes! {
    /// What became of a reading (вердикт).
    Verdict {
        /// Counts (принято).
        Accepted = "accepted",
        /// Waits for a person's decision, does not count until then (под вопросом).
        Doubtful = "doubtful",
        /// Does not count (отклонено).
        Rejected = "rejected",
        /// A later or better reading of the same month took its place (заменено).
        Superseded = "superseded",
        /// Taken back by a person or with its batch (отозвано).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// Where a reading came from (канал).
    Channel {
        /// The subscriber's cabinet (кабинет).
        Portal = "portal",
        /// Staff at a desk (оператор).
        Operator = "operator",
        /// An inspector on the spot (контролёр).
        Inspector = "inspector",
        /// A file (загрузка).
        Import = "import",
        /// The Telegram bot (телеграм-бот).
        Telegram = "telegram",
        /// Remote reading (телеметрия).
        Telemetry = "telemetry",
        /// Call centre or messenger (телефон, мессенджер).
        Phone = "phone",
        /// The shared bill's centre (единый платёжный документ).
        SharedBill = "shared_bill",
    }
}

impl Channel {
    /// Of two readings of one day the one of the higher precedence counts: who saw the meter himself comes first.
    pub const fn precedence(self) -> u8 {
        match self {
            Self::Inspector => 4,
            Self::Telemetry => 3,
            Self::Operator => 2,
            Self::Portal | Self::Telegram | Self::Phone | Self::SharedBill | Self::Import => 1,
        }
    }
}

codes! {
    /// Why a reading got its verdict (причина).
    Reason {
        /// Less than the previous reading, and no end of the register explains it (меньше предыдущего).
        Backwards = "backwards",
        /// No meter stood at the point on that day (нет прибора).
        NoMeter = "no_meter",
        /// More digits than the register has (больше разрядов, чем у прибора).
        TooManyDigits = "too_many_digits",
        /// More than the place can use in the time (выше предельного расхода).
        AboveCapacity = "above_capacity",
        /// Many times the usual consumption (резкий рост).
        UnusualJump = "unusual_jump",
        /// The meter's verification has expired (поверка истекла).
        VerificationExpired = "verification_expired",
        /// The same value of the same day is there already (повтор).
        Duplicate = "duplicate",
        /// The day lies ahead (дата в будущем).
        FutureDay = "future_day",
        /// The day lies before the installation (до установки).
        BeforeInstallation = "before_installation",
        /// The month it would count for is closed (период закрыт).
        PeriodClosed = "period_closed",
        /// After the cut-off day: counts for the next month (после даты отсечения).
        AfterCutOff = "after_cut_off",
        /// No consumption where there usually is some (нулевой расход).
        ZeroUse = "zero_use",
        /// An earlier reading than the last one that counts (раньше последнего показания).
        OutOfOrder = "out_of_order",
        /// A reading of the same month by a better source stands (есть показание более надёжного источника).
        BetterSource = "better_source",
    }
}

/// The meter that a reading belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterCase {
    /// Digits before the decimal point.
    pub digits: u8,
    pub place: MeterPlace,
    /// None at a house meter that no account pays for.
    pub sector: Option<Sector>,
    pub diameter_mm: u32,
    pub installed_on: NaiveDate,
    /// The day of expiry: from this day on the meter no longer counts.
    pub verified_until: NaiveDate,
}

/// The reading of the same month that counts so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub reading: ReadingRef,
    pub channel: Channel,
}

/// Everything that a verdict depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingCase {
    /// None when no meter stood at the point on the day of the reading.
    pub meter: Option<MeterCase>,
    pub day: NaiveDate,
    pub value: Volume,
    pub channel: Channel,
    /// The business day on which it came in.
    pub received_on: NaiveDate,
    /// The month that it counts for, see [`counts_for`].
    pub period: Period,
    pub period_status: PeriodStatus,
    /// The last reading of an earlier month, or of the installation.
    pub prev: Option<ReadingRef>,
    /// The accepted reading of the same month, if one came before.
    pub standing: Option<Standing>,
    /// Average of the last accepted months, if there are any.
    pub average: Option<Volume>,
}

/// What is answered to the sender at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    pub verdict: Verdict,
    /// Reasons of the verdict and remarks that did not change it.
    pub reasons: Vec<Reason>,
    /// Since `prev`; none where it can't be told.
    pub consumption: Option<Volume>,
    /// The register passed its end once since `prev`.
    pub rolled_over: bool,
    /// The reading whose place this one takes.
    pub supersedes: Option<ReadingId>,
}
