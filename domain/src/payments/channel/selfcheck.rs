//! The published scenarios, and which of them a sandbox has been shown. An agent's programmer reads this list before we do.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use super::{Behaviour, ChannelCommand, ChannelOutcome, PaymentNote, test_account};
use crate::kernel::codes;

codes! {
    /// What an agent's program has to show in its sandbox (сценарий самопроверки).
    SelfCheckScenario {
        /// A check of an account that exists (проверка счёта).
        CheckKnown = "check_known",
        /// A check of an account that does not (проверка неизвестного счёта).
        CheckUnknown = "check_unknown",
        /// A check of an account whose holder's name has quotes, `&` and `<` (имя со спецсимволами).
        CheckSpecialName = "check_special_name",
        /// A payment (платёж).
        Pay = "pay",
        /// A payment of tenge and tiyn (платёж с тиынами).
        PayTiyn = "pay_tiyn",
        /// A payment without a check before it (платёж без проверки).
        PayWithoutCheck = "pay_without_check",
        /// The same payment twice: one answer (повтор платежа).
        Repeat = "repeat",
        /// A temporary fault, and the same payment again until it is done (повтор после временного сбоя).
        AfterTemporary = "after_temporary",
        /// An answer that was lost, and the same payment again (повтор после потерянного ответа).
        AfterLost = "after_lost",
        /// A number used again with another sum (тот же номер с другой суммой).
        ReusedNumber = "reused_number",
        /// A refusal that is final, and no more requests of that payment (отказ без повтора).
        FinalIsFinal = "final_is_final",
        /// The dates of payments are those of the channel's clocks: never more than ten minutes from ours (часовой пояс).
        TimeZone = "time_zone",
        /// A status of a payment (состояние платежа).
        Status = "status",
        /// A cancellation, and the same again (отмена и её повтор).
        Cancel = "cancel",
    }
}

/// A request as the log has it.
#[derive(Debug, Clone)]
pub struct Logged {
    pub at: DateTime<Utc>,
    pub command: Option<ChannelCommand>,
    pub number: Option<String>,
    pub account: Option<String>,
    pub amount: Option<String>,
    /// When the payer paid, by the channel's clocks; and those clocks when the request came.
    pub dated: Option<(NaiveDateTime, NaiveDateTime)>,
    pub outcome: ChannelOutcome,
    pub notes: Vec<PaymentNote>,
}

impl Logged {
    fn is(&self, command: ChannelCommand, outcome: ChannelOutcome) -> bool {
        self.command == Some(command) && self.outcome == outcome
    }

    fn behaves(&self, behaviour: Behaviour) -> bool {
        self.account.as_deref().and_then(test_account).is_some_and(|account| account.behaviour == behaviour)
    }

    fn repeats(&self) -> bool {
        self.notes.contains(&PaymentNote::Repeat)
    }

    fn same_number(&self, other: &Self) -> bool {
        self.number.is_some() && self.number == other.number
    }
}

impl SelfCheckScenario {
    /// Commands that a dialect may lack; none where every dialect has what is needed.
    pub const fn command(self) -> Option<ChannelCommand> {
        match self {
            Self::Status => Some(ChannelCommand::Status),
            Self::Cancel => Some(ChannelCommand::Cancel),
            _ => None,
        }
    }

    /// Whether the log, oldest first, shows it.
    pub fn shown(self, log: &[Logged]) -> bool {
        use ChannelCommand::{Cancel, Check, Pay, Status};
        use ChannelOutcome::{AccountUnknown, Cancelled, Done, NumberReused, Temporary};
        let any = |wanted: &dyn Fn(&Logged) -> bool| log.iter().any(wanted);
        // A request that an earlier one, found by the first rule, makes meaningful by the second.
        let after = |first: &dyn Fn(&Logged) -> bool, then: &dyn Fn(&Logged, &Logged) -> bool| {
            log.iter()
                .enumerate()
                .any(|(at, one)| first(one) && log[at + 1..].iter().any(|other| then(one, other)))
        };
        match self {
            Self::CheckKnown => any(&|one| one.is(Check, Done)),
            Self::CheckUnknown => any(&|one| one.is(Check, AccountUnknown)),
            Self::CheckSpecialName => {
                any(&|one| one.is(Check, Done) && one.account.as_deref() == Some("9000000002"))
            }
            Self::Pay => any(&|one| one.is(Pay, Done)),
            Self::PayTiyn => any(&|one| {
                let part = one.amount.as_deref().and_then(|amount| amount.split_once('.'));
                one.is(Pay, Done) && part.is_some_and(|(_, part)| part.contains(|c: char| c != '0'))
            }),
            Self::PayWithoutCheck => log.iter().enumerate().any(|(at, one)| {
                one.is(Pay, Done)
                    && !log[..at].iter().any(|other| other.command == Some(Check) && other.same_number(one))
            }),
            Self::Repeat => after(&|one| one.is(Pay, Done), &|one, other| {
                other.is(Pay, Done) && other.same_number(one) && other.repeats()
            }),
            Self::AfterTemporary => after(&|one| one.is(Pay, Temporary), &|one, other| {
                other.is(Pay, Done) && other.same_number(one)
            }),
            Self::AfterLost => after(
                &|one| one.is(Pay, Done) && one.behaves(Behaviour::LosesAnswer) && !one.repeats(),
                &|one, other| other.is(Pay, Done) && other.same_number(one) && other.repeats(),
            ),
            Self::ReusedNumber => any(&|one| one.is(Pay, NumberReused)),
            Self::FinalIsFinal => {
                let refused = |one: &Logged| one.is(Pay, AccountUnknown);
                any(&refused)
                    && !after(&refused, &|one, other| other.command == Some(Pay) && other.same_number(one))
            }
            Self::TimeZone => {
                let fits = |(said, seen): (NaiveDateTime, NaiveDateTime)| {
                    (said - seen).abs() <= Duration::minutes(10)
                };
                let dates: Vec<_> = log
                    .iter()
                    .filter(|one| one.is(Pay, Done) && !one.repeats())
                    .map(|one| one.dated)
                    .collect();
                !dates.is_empty() && dates.iter().all(|dated| dated.is_some_and(fits))
            }
            Self::Status => any(&|one| one.is(Status, Done) || one.is(Status, Cancelled)),
            Self::Cancel => after(&|one| one.is(Cancel, Done), &|one, other| {
                other.is(Cancel, Done) && other.same_number(one) && other.repeats()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(command: ChannelCommand, number: &str, account: &str, outcome: ChannelOutcome) -> Logged {
        let at: NaiveDateTime = "2026-03-26T12:00:00".parse().unwrap();
        Logged {
            at: at.and_utc(),
            command: Some(command),
            number: Some(number.into()),
            account: Some(account.into()),
            amount: Some("100.45".into()),
            dated: Some((at, at)),
            outcome,
            notes: Vec::new(),
        }
    }

    fn again(mut logged: Logged) -> Logged {
        logged.notes.push(PaymentNote::Repeat);
        logged
    }

    #[test]
    fn a_good_program_shows_everything_and_a_silent_one_nothing() {
        use ChannelCommand::{Cancel, Check, Pay, Status};
        use ChannelOutcome::{AccountUnknown, Done, NumberReused, Temporary};
        let log = [
            one(Check, "1", "9000000002", Done),
            one(Check, "2", "9000000009", AccountUnknown),
            one(Pay, "2", "9000000009", AccountUnknown),
            one(Pay, "3", "9000000001", Done),
            again(one(Pay, "3", "9000000001", Done)),
            one(Pay, "3", "9000000001", NumberReused),
            one(Pay, "4", "9000000006", Temporary),
            one(Pay, "4", "9000000006", Done),
            one(Pay, "5", "9000000007", Done),
            again(one(Pay, "5", "9000000007", Done)),
            one(Status, "5", "", Done),
            one(Cancel, "5", "", Done),
            again(one(Cancel, "5", "", Done)),
        ];
        for scenario in SelfCheckScenario::ALL {
            assert!(scenario.shown(&log), "{scenario}");
            assert!(!scenario.shown(&[]), "{scenario}");
        }
    }

    #[test]
    fn what_goes_wrong_in_practice_is_seen() {
        use ChannelCommand::Pay;
        use ChannelOutcome::{AccountUnknown, Done, Temporary};
        let stubborn =
            [one(Pay, "1", "9000000009", AccountUnknown), one(Pay, "1", "9000000009", AccountUnknown)];
        assert!(!SelfCheckScenario::FinalIsFinal.shown(&stubborn), "a final refusal is not repeated");
        let renumbered = [one(Pay, "1", "9000000006", Temporary), one(Pay, "2", "9000000006", Done)];
        assert!(!SelfCheckScenario::AfterTemporary.shown(&renumbered), "another number is another payment");
        let mut moscow = one(Pay, "1", "9000000001", Done);
        moscow.dated = moscow.dated.map(|(said, seen)| (said - Duration::hours(2), seen));
        assert!(!SelfCheckScenario::TimeZone.shown(&[one(Pay, "2", "9000000001", Done), moscow]));
        let mut round = one(Pay, "1", "9000000001", Done);
        round.amount = Some("100.00".into());
        assert!(!SelfCheckScenario::PayTiyn.shown(&[round]));
    }
}
