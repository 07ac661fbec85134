//! Whether a reading may still be taken back, and until when.

use chrono::NaiveDate;

use super::{Channel, MovedCutOffs, Verdict, counts_for};
use crate::kernel::{Period, Sector};
use crate::tariffs::{MethodBook, MissingSetting};

/// What the question depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawCase {
    /// The month that the reading counts for.
    pub period: Period,
    /// Of the account; none of a house meter that nobody pays for.
    pub sector: Option<Sector>,
    /// The month takes no facts any more.
    pub closed: bool,
    pub verdict: Verdict,
    pub channel: Channel,
    /// It began or ended the stay of a meter.
    pub act: bool,
    /// A subscriber asks, not staff.
    pub by_subscriber: bool,
    pub today: NaiveDate,
}

/// Why a reading stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// A subscriber takes back only what came from the cabinet; an act's reading falls with its act.
    NotYours,
    /// It does not count and waits for nobody: there is nothing to take back.
    NotStanding,
    /// The cut-off of its month has passed, or the month is closed.
    TooLate,
}

/// The last day on which it may be taken back: the cut-off day of its month.
pub fn withdrawable_until(
    case: &WithdrawCase,
    methods: &MethodBook,
    moved: &MovedCutOffs,
) -> Result<Result<NaiveDate, Stays>, MissingSetting> {
    if case.act || (case.by_subscriber && case.channel != Channel::Portal) {
        return Ok(Err(Stays::NotYours));
    }
    if !matches!(case.verdict, Verdict::Accepted | Verdict::Doubtful) {
        return Ok(Err(Stays::NotStanding));
    }
    if case.closed || counts_for(case.today, case.sector, methods, moved)? > case.period {
        return Ok(Err(Stays::TooLate));
    }
    let mut last = case.period.last_day();
    while counts_for(last, case.sector, methods, moved)? > case.period && last > case.period.first_day() {
        last = last.pred_opt().unwrap_or(last);
    }
    Ok(Ok(last))
}

/// Whether it is taken back after that day: staff do so on a document, in a closed month too. What was billed by it stands until a
/// correction. A house's own meter is no account's: what was shared out by it is not reckoned anew, so its readings stay.
pub const fn withdrawable_on_document(case: &WithdrawCase) -> bool {
    case.sector.is_some() && !case.by_subscriber
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;
    use crate::tariffs::almaty::almaty;

    #[test]
    fn after_the_cut_off_staff_take_back_what_an_account_gave() {
        let case = |by_subscriber, sector| WithdrawCase {
            period: "2026-01".parse().unwrap(),
            sector,
            closed: true,
            verdict: Verdict::Accepted,
            channel: Channel::Portal,
            act: false,
            by_subscriber,
            today: "2026-03-10".parse().unwrap(),
        };
        assert!(withdrawable_on_document(&case(false, Some(Sector::Multi))));
        assert!(!withdrawable_on_document(&case(false, None)), "a house's meter");
        let own = case(true, Some(Sector::Multi));
        assert!(!withdrawable_on_document(&own), "a subscriber has no register of documents");
    }

    #[test]
    fn who_may_until_when() {
        let book = almaty();
        for_each_row(include_str!("vectors/withdraw.txt"), |row| {
            let case = WithdrawCase {
                period: row.get("period"),
                sector: Some(Sector::Multi),
                closed: row.text("closed") == "yes",
                verdict: Verdict::from_code(row.text("verdict")).unwrap(),
                channel: Channel::from_code(row.text("channel")).unwrap(),
                act: row.text("act") == "yes",
                by_subscriber: row.text("who") == "subscriber",
                today: row.get("today"),
            };
            let answer = match withdrawable_until(&case, &book.methods, &MovedCutOffs::new()).unwrap() {
                Ok(day) => day.to_string(),
                Err(stays) => format!("{stays:?}"),
            };
            row.expect("until", answer);
        });
    }
}
