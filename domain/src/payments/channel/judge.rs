//! What becomes of a request: the facts in, the answer's sense out.

use chrono::{DateTime, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};

use super::{ChannelOutcome, ClosedPolicy, DatePolicy, Dated, IncidentKind, PaymentNote};
use crate::kernel::Money;

/// A payment is not dated earlier than that: nobody looks for it there.
pub const MOST_DAYS_BACK: u64 = 400;

/// What a channel may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayRules {
    pub active: bool,
    pub least: Money,
    pub most: Money,
    pub dates: DatePolicy,
    pub closed: ClosedPolicy,
}

/// Somebody used the number before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKey {
    pub same_account: bool,
    pub same_amount: bool,
    /// False where both dates are known and differ.
    pub same_date: bool,
    /// The channel itself took the payment back, or its money had no account and went back.
    pub cancelled: bool,
}

/// The number is that of money which came by a file without an account, and nobody has worked it off yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldKey {
    pub same_amount: bool,
    /// What was typed is named again.
    pub same_account: bool,
    /// A second person decides whether it goes back.
    pub deciding: bool,
}

/// The account that is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountFacts {
    pub closed: bool,
    /// What is owed less what is paid ahead.
    pub balance: Money,
}

/// Everything that decides a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayFacts {
    pub known: Option<KnownKey>,
    pub held: Option<HeldKey>,
    pub account: Option<AccountFacts>,
    /// The same sum came for the same account by the same channel a moment ago.
    pub recent: bool,
    /// The payer's moment, where it was said and can be one; with its day in Almaty.
    pub paid: Option<(DateTime<Utc>, NaiveDate)>,
    /// The business date.
    pub today: NaiveDate,
}

/// A payment that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The payer's moment; none where it could not be used.
    pub at: Option<DateTime<Utc>>,
    /// The accounting date: the payer's.
    pub on: NaiveDate,
    pub notes: Vec<PaymentNote>,
}

/// How a number was used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    OtherAccount,
    OtherSum,
    /// The same payment, which had gone back.
    AfterCancel,
}

impl Reuse {
    pub const fn incident(self) -> IncidentKind {
        match self {
            Self::OtherAccount => IncidentKind::OtherAccount,
            Self::OtherSum => IncidentKind::OtherSum,
            Self::AfterCancel => IncidentKind::PaidAfterCancel,
        }
    }

    pub const fn outcome(self) -> ChannelOutcome {
        match self {
            Self::OtherAccount | Self::OtherSum => ChannelOutcome::NumberReused,
            Self::AfterCancel => ChannelOutcome::Cancelled,
        }
    }
}

impl PaymentNote {
    /// What somebody has to look at, where somebody has.
    pub const fn incident(self) -> Option<IncidentKind> {
        match self {
            Self::PossibleDuplicate => Some(IncidentKind::PossibleDuplicate),
            Self::ClosedAccount => Some(IncidentKind::ClosedAccount),
            Self::DateUnclear => Some(IncidentKind::DateUnclear),
            Self::Repeat | Self::OtherDate => None,
        }
    }
}

/// What becomes of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is here: the stored answer goes out again. A date is no part of what a payment is, so another one is only noted.
    Replay {
        other_date: bool,
    },
    Reused(Reuse),
    Refused(ChannelOutcome),
    Taken(Paid),
    /// Its money is here without an account: now it has one.
    Credited,
    /// Its money is here without an account, and a person decides what becomes of it: again later.
    Waits,
}

/// Success is sticky: what was taken is answered as it was, whatever has become of the channel, the account or the rules since.
/// Failures are judged anew.
pub fn judge_pay(rules: &PayRules, facts: &PayFacts, amount: Money) -> Verdict {
    if let Some(known) = facts.known {
        return match known {
            KnownKey { same_account: false, .. } => Verdict::Reused(Reuse::OtherAccount),
            KnownKey { same_amount: false, .. } => Verdict::Reused(Reuse::OtherSum),
            KnownKey { cancelled: true, .. } => Verdict::Reused(Reuse::AfterCancel),
            KnownKey { same_date, .. } => Verdict::Replay { other_date: !same_date },
        };
    }
    // The agent's own paper says that this money is ours: no rule of new payments sends it away.
    if let Some(held) = facts.held {
        return match (held, facts.account) {
            (HeldKey { same_amount: false, .. }, _) => Verdict::Reused(Reuse::OtherSum),
            (HeldKey { same_account: false, .. }, None) => Verdict::Reused(Reuse::OtherAccount),
            (HeldKey { deciding: false, .. }, Some(AccountFacts { closed: false, .. })) => Verdict::Credited,
            _ => Verdict::Waits,
        };
    }
    if !rules.active {
        return Verdict::Refused(ChannelOutcome::ChannelClosed);
    }
    let Some(account) = facts.account else {
        return Verdict::Refused(ChannelOutcome::AccountUnknown);
    };
    if amount < rules.least {
        return Verdict::Refused(ChannelOutcome::SumTooSmall);
    }
    if amount > rules.most {
        return Verdict::Refused(ChannelOutcome::SumTooLarge);
    }
    let mut notes = Vec::new();
    let possible = |on: NaiveDate| {
        let latest = facts.today.checked_add_days(Days::new(1)).unwrap_or(facts.today);
        let earliest = facts.today.checked_sub_days(Days::new(MOST_DAYS_BACK)).unwrap_or(facts.today);
        (earliest..=latest).contains(&on)
    };
    let (at, on) = match (facts.paid.filter(|(_, on)| possible(*on)), rules.dates) {
        (Some((at, on)), _) => (Some(at), on),
        (None, DatePolicy::Strict) => return Verdict::Refused(ChannelOutcome::DateWrong),
        (None, DatePolicy::Lenient) => {
            notes.push(PaymentNote::DateUnclear);
            (None, facts.today)
        }
    };
    if account.closed && !account.balance.is_positive() {
        if rules.closed == ClosedPolicy::Refuse {
            return Verdict::Refused(ChannelOutcome::AccountClosed);
        }
        notes.push(PaymentNote::ClosedAccount);
    }
    if facts.recent {
        notes.push(PaymentNote::PossibleDuplicate);
    }
    Verdict::Taken(Paid { at, on, notes })
}

/// Whether the account may be paid. The number of the payment does not matter, nor does the sum: both may be made up.
pub fn judge_check(active: bool, account: Option<AccountFacts>) -> ChannelOutcome {
    match account {
        _ if !active => ChannelOutcome::ChannelClosed,
        None => ChannelOutcome::AccountUnknown,
        Some(AccountFacts { closed: true, balance }) if !balance.is_positive() => {
            ChannelOutcome::AccountClosed
        }
        Some(_) => ChannelOutcome::Done,
    }
}

/// What becomes of a cancellation: done before, to be done, or why not. `since` is how long the payment has been here, `within`
/// how long a channel may take it back; none means until its month is closed.
pub fn judge_cancel(
    active: bool,
    cancelled: bool,
    month_open: bool,
    since: Duration,
    within: Option<Duration>,
) -> Result<bool, ChannelOutcome> {
    match (cancelled, active) {
        (true, _) => Ok(false),
        (false, false) => Err(ChannelOutcome::ChannelClosed),
        (false, true) if !month_open || within.is_some_and(|within| since >= within) => {
            Err(ChannelOutcome::CannotCancel)
        }
        (false, true) => Ok(true),
    }
}

/// The moment that a channel means. An hour that a zone had twice is its first one; one that it skipped is the hour after.
pub fn moment<Z: TimeZone>(dated: Dated, zone: &Z) -> Option<DateTime<Utc>> {
    let local = |at: NaiveDateTime| match zone.from_local_datetime(&at) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => {
            let later = at.checked_add_signed(Duration::hours(1))?;
            zone.from_local_datetime(&later).earliest().map(|at| at.to_utc())
        }
    };
    match dated {
        Dated::Missing | Dated::Wrong => None,
        Dated::Local(at) => local(at),
        Dated::Zoned(at) => Some(at.to_utc()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    fn tenge(text: &str) -> Money {
        Money::tenge(text).unwrap()
    }

    fn rules() -> PayRules {
        PayRules {
            active: true,
            least: tenge("10"),
            most: tenge("1000"),
            dates: DatePolicy::Strict,
            closed: ClosedPolicy::Take,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn paid(text: &str) -> Option<(DateTime<Utc>, NaiveDate)> {
        let on = day(text);
        Some((on.and_hms_opt(12, 0, 0).unwrap().and_utc(), on))
    }

    fn facts() -> PayFacts {
        PayFacts {
            known: None,
            held: None,
            account: Some(AccountFacts { closed: false, balance: tenge("0") }),
            recent: false,
            paid: paid("2026-03-26"),
            today: day("2026-03-26"),
        }
    }

    fn refused(rules: PayRules, facts: PayFacts, amount: &str) -> ChannelOutcome {
        match judge_pay(&rules, &facts, tenge(amount)) {
            Verdict::Refused(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    fn notes(rules: PayRules, facts: PayFacts) -> (NaiveDate, Vec<PaymentNote>) {
        match judge_pay(&rules, &facts, tenge("100")) {
            Verdict::Taken(paid) => (paid.on, paid.notes),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn success_is_sticky_whatever_has_changed_since() {
        let known = KnownKey { same_account: true, same_amount: true, same_date: true, cancelled: false };
        let off = PayRules { active: false, least: tenge("500"), ..rules() };
        let seen =
            |known| judge_pay(&off, &PayFacts { known: Some(known), account: None, ..facts() }, tenge("1"));
        assert_eq!(seen(known), Verdict::Replay { other_date: false });
        assert_eq!(seen(KnownKey { same_date: false, ..known }), Verdict::Replay { other_date: true });
        let cancelled = KnownKey { cancelled: true, ..known };
        assert_eq!(seen(cancelled), Verdict::Reused(Reuse::AfterCancel));
        let other_sum = KnownKey { same_amount: false, ..cancelled };
        assert_eq!(seen(other_sum), Verdict::Reused(Reuse::OtherSum));
        assert_eq!(seen(KnownKey { same_account: false, ..other_sum }), Verdict::Reused(Reuse::OtherAccount));
    }

    #[test]
    fn money_without_an_account_holds_its_number() {
        let off = PayRules { active: false, least: tenge("500"), ..rules() };
        let open = Some(AccountFacts { closed: false, balance: tenge("0") });
        let shut = Some(AccountFacts { closed: true, balance: tenge("0") });
        for (same_amount, same_account, deciding, account, verdict) in [
            (true, false, false, open, Verdict::Credited),
            (true, true, false, open, Verdict::Credited),
            (true, true, true, open, Verdict::Waits),
            (true, true, false, shut, Verdict::Waits),
            (true, true, false, None, Verdict::Waits),
            (true, false, false, None, Verdict::Reused(Reuse::OtherAccount)),
            (false, true, false, open, Verdict::Reused(Reuse::OtherSum)),
            (false, false, true, None, Verdict::Reused(Reuse::OtherSum)),
        ] {
            let held = HeldKey { same_amount, same_account, deciding };
            let facts = PayFacts { held: Some(held), account, ..facts() };
            assert_eq!(judge_pay(&off, &facts, tenge("1")), verdict, "{held:?} {account:?}");
        }
    }

    #[test]
    fn limits_hold_on_both_sides_of_the_bound() {
        for (amount, outcome) in
            [("9.99", ChannelOutcome::SumTooSmall), ("1000.01", ChannelOutcome::SumTooLarge)]
        {
            assert_eq!(refused(rules(), facts(), amount), outcome);
        }
        for amount in ["10", "1000"] {
            assert!(matches!(judge_pay(&rules(), &facts(), tenge(amount)), Verdict::Taken(_)), "{amount}");
        }
        let off = PayRules { active: false, ..rules() };
        assert_eq!(refused(off, facts(), "100"), ChannelOutcome::ChannelClosed);
        let unknown = PayFacts { account: None, ..facts() };
        assert_eq!(refused(rules(), unknown, "100"), ChannelOutcome::AccountUnknown);
    }

    #[test]
    fn a_date_is_the_payers_or_none() {
        for good in ["2026-03-27", "2026-03-26", "2025-12-31", "2025-02-19"] {
            let (on, notes) = notes(rules(), PayFacts { paid: paid(good), ..facts() });
            assert_eq!((on, notes), (day(good), vec![]));
        }
        for bad in [None, paid("2026-03-28"), paid("2025-02-18"), paid("9999-12-31"), paid("0001-01-01")] {
            let facts = PayFacts { paid: bad, ..facts() };
            assert_eq!(refused(rules(), facts, "100"), ChannelOutcome::DateWrong);
            let lenient = PayRules { dates: DatePolicy::Lenient, ..rules() };
            assert_eq!(notes(lenient, facts), (facts.today, vec![PaymentNote::DateUnclear]));
        }
    }

    #[test]
    fn money_for_a_closed_account_is_taken_and_marked() {
        let closed = |balance| PayFacts {
            account: Some(AccountFacts { closed: true, balance: tenge(balance) }),
            recent: true,
            ..facts()
        };
        assert_eq!(notes(rules(), closed("5.00")).1, [PaymentNote::PossibleDuplicate], "a debt is payable");
        let marked = [PaymentNote::ClosedAccount, PaymentNote::PossibleDuplicate];
        assert_eq!(notes(rules(), closed("0.00")).1, marked);
        let refuse = PayRules { closed: ClosedPolicy::Refuse, ..rules() };
        assert_eq!(refused(refuse, closed("-1.00"), "100"), ChannelOutcome::AccountClosed);
        assert_eq!(judge_check(true, closed("0.00").account), ChannelOutcome::AccountClosed);
        assert_eq!(judge_check(true, closed("5.00").account), ChannelOutcome::Done);
        assert_eq!(judge_check(true, None), ChannelOutcome::AccountUnknown);
        assert_eq!(judge_check(false, None), ChannelOutcome::ChannelClosed);
    }

    #[test]
    fn a_payment_is_taken_back_once_and_not_for_ever() {
        let (hour, day) = (Duration::hours(1), Some(Duration::hours(24)));
        assert_eq!(judge_cancel(true, false, true, hour, day), Ok(true));
        assert_eq!(judge_cancel(true, false, true, hour, None), Ok(true));
        assert_eq!(judge_cancel(false, true, false, hour, day), Ok(false), "done before is done");
        for (month_open, since, within) in
            [(false, hour, None), (true, Duration::hours(24), day), (true, hour, Some(Duration::zero()))]
        {
            let stays = judge_cancel(true, false, month_open, since, within);
            assert_eq!(stays, Err(ChannelOutcome::CannotCancel));
        }
        assert_eq!(judge_cancel(false, false, true, hour, day), Err(ChannelOutcome::ChannelClosed));
    }

    #[test]
    fn a_moment_is_of_the_channels_zone() {
        let moscow = FixedOffset::east_opt(3 * 3600).unwrap();
        let at: NaiveDateTime = "2026-03-25T22:30:00".parse().unwrap();
        let seen = moment(Dated::Local(at), &moscow).unwrap();
        assert_eq!(seen.to_rfc3339(), "2026-03-25T19:30:00+00:00");
        let zoned = DateTime::parse_from_rfc3339("2026-03-26T00:30:00+05:00").unwrap();
        assert_eq!(moment(Dated::Zoned(zoned), &moscow), Some(seen));
        assert_eq!(moment(Dated::Wrong, &moscow), None);
        assert_eq!(moment(Dated::Local(NaiveDateTime::MIN), &moscow), None, "before time is no moment");
    }
}
