//! Wrong entries of an open month: what may be removed or changed, and what a file of changes says.

mod file;

pub use file::{Change, FileFault, Said, parse};

use crate::kernel::*;
use crate::readings::Verdict;

codes! {
    /// Where a batch of amendments stands (состояние правки).
    AmendmentState {
        /// What it would change is being reckoned (рассчитывается).
        Reckoning = "reckoning",
        /// Ready to be looked at; nothing is changed (готово к проверке).
        Previewed = "previewed",
        /// A second person decides (ждёт второго сотрудника).
        Waiting = "waiting",
        /// Being saved (сохраняется).
        Applying = "applying",
        /// Saved (сохранено).
        Applied = "applied",
        /// Being taken back (отменяется).
        Reversing = "reversing",
        /// Taken back as a whole (отменено).
        Reversed = "reversed",
        /// Facts changed since it was looked at; nothing was saved (данные изменились).
        Stale = "stale",
        /// Given up before it was saved (отозвано).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// What kind of fact a row is about (вид факта).
    AmendmentFact {
        /// A reading (показание).
        Reading = "reading",
        /// A payment (платёж).
        Payment = "payment",
        /// A count of registered residents (проживающие).
        Residents = "residents",
        /// A verification of a meter (поверка).
        Verification = "verification",
        /// How a dwelling is supplied, which decides its norm (благоустройство).
        Amenity = "amenity",
        /// The installation of a meter, with the readings that stand on it (установка прибора).
        Installation = "installation",
    }
}

codes! {
    /// What is done with a fact (действие).
    AmendmentAct {
        /// It counts no more (удалить).
        Remove = "remove",
        /// It says something else (изменить).
        Change = "change",
    }
}

codes! {
    /// What becomes of a row (итог строки).
    AmendmentOutcome {
        /// Not looked at yet (ожидает).
        Queued = "queued",
        /// It will be changed (будет изменено).
        Ready = "ready",
        /// It stays as it is (отклонено).
        Refused = "refused",
        /// Changed (изменено).
        Applied = "applied",
        /// As it was before (возвращено).
        Reversed = "reversed",
    }
}

codes! {
    /// Why a row stays as it is (причина отказа).
    AmendmentRefusal {
        /// There is no such thing within the rows that the person sees (не найдено).
        NotFound = "not_found",
        /// It is the same as another row of the batch (повтор).
        Twice = "twice",
        /// It belongs to a closed month: a correction is the way (период закрыт).
        Closed = "closed",
        /// It does not count: withdrawn, replaced, rejected or known better by now (уже не действует).
        NotStanding = "not_standing",
        /// It falls with the act of installation or removal that stated it (по акту).
        OfAct = "of_act",
        /// The payment was taken back before (платёж сторнирован).
        Reversed = "reversed",
        /// It takes another payment back itself (это сторно).
        IsReversal = "is_reversal",
        /// What it had settled was settled anew meanwhile (переразнесён).
        Reallocated = "reallocated",
        /// What was left of the payment was returned or moved (аванс израсходован).
        AdvanceUsed = "advance_used",
        /// A cash desk took the payment: it gives the money back (принят в кассе).
        OfDesk = "of_desk",
        /// Money of the payment went back to its payer, or is about to (возвращён плательщику).
        Refunded = "refunded",
        /// The account is closed on the day (счёт закрыт).
        AccountClosed = "account_closed",
        /// The account has no meter, or several and the row does not say which (прибор не определён).
        MeterUnclear = "meter_unclear",
        /// The intake rejects the new reading (показание не принимается).
        Rejected = "rejected",
        /// It says already what it should (уже так).
        Same = "same",
        /// A run has shared out the difference of its house already: the run is reversed first (разница дома уже распределена).
        Reckoned = "reckoned",
    }
}

codes! {
    /// How far a bill that changes is by now (что со счётом).
    BillStage {
        /// Issued: it is corrected in the open month (выставлен).
        Issued = "issued",
        /// In a run that is not issued: the run is reversed and repeated (в невыставленном расчёте).
        InRun = "in_run",
        /// Not made yet (ещё не рассчитан).
        Ahead = "ahead",
    }
}

/// What is known of a reading that is to be removed.
#[derive(Debug, Clone, Copy)]
pub struct ReadingFact {
    pub verdict: Verdict,
    /// It began or ended the stay of a meter.
    pub act: bool,
    /// The month it counts for is closed.
    pub closed: bool,
}

/// Why a reading stays; on a document it goes after the cut-off too.
pub fn reading_stays(fact: ReadingFact) -> Option<AmendmentRefusal> {
    match fact {
        ReadingFact { act: true, .. } => Some(AmendmentRefusal::OfAct),
        ReadingFact { closed: true, .. } => Some(AmendmentRefusal::Closed),
        ReadingFact { verdict: Verdict::Accepted | Verdict::Doubtful, .. } => None,
        _ => Some(AmendmentRefusal::NotStanding),
    }
}

/// What is known of a payment that is to be removed.
#[derive(Debug, Clone, Copy)]
pub struct PaymentFact {
    pub reversed: bool,
    pub is_reversal: bool,
    /// The month it is posted in is closed.
    pub closed: bool,
}

pub fn payment_stays(fact: PaymentFact) -> Option<AmendmentRefusal> {
    match fact {
        PaymentFact { is_reversal: true, .. } => Some(AmendmentRefusal::IsReversal),
        PaymentFact { reversed: true, .. } => Some(AmendmentRefusal::Reversed),
        PaymentFact { closed: true, .. } => Some(AmendmentRefusal::Closed),
        _ => None,
    }
}

/// What is known of the installation of a meter that is to be removed.
#[derive(Debug, Clone, Copy)]
pub struct InstallationFact {
    /// It stands there still: a stay that was ended was one.
    pub stands: bool,
    /// Its first day is of a closed month.
    pub closed: bool,
    /// A run that counts has reckoned the difference of its house by it.
    pub reckoned: bool,
}

pub fn installation_stays(fact: InstallationFact) -> Option<AmendmentRefusal> {
    match fact {
        InstallationFact { stands: false, .. } => Some(AmendmentRefusal::NotStanding),
        InstallationFact { closed: true, .. } => Some(AmendmentRefusal::Closed),
        InstallationFact { reckoned: true, .. } => Some(AmendmentRefusal::Reckoned),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn what_stays_and_why() {
        for_each_row(include_str!("vectors/stays.txt"), |row| {
            let closed = row.text("closed") == "yes";
            let stays = match row.text("fact") {
                "reading" => reading_stays(ReadingFact {
                    verdict: Verdict::from_code(row.text("is")).unwrap_or(Verdict::Accepted),
                    act: row.text("is") == "act",
                    closed,
                }),
                "installation" => installation_stays(InstallationFact {
                    stands: row.text("is") != "removed",
                    closed,
                    reckoned: row.text("is") == "reckoned",
                }),
                _ => payment_stays(PaymentFact {
                    reversed: row.text("is") == "reversed",
                    is_reversal: row.text("is") == "reversal",
                    closed,
                }),
            };
            row.expect("stays", stays.map_or("-", AmendmentRefusal::code));
        });
    }
}
