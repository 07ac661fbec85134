//! Claims: a debt that a notary, a court or a manager of a bankruptcy decides about. What is claimed, in which order things happen,
//! what each state does to the claimed sums.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::kernel::*;

codes! {
    /// Who decides a claim (порядок взыскания).
    ClaimKind {
        /// A notary, by a writ of execution (исполнительная надпись нотариуса).
        Notary = "notary",
        /// A court (суд).
        Court = "court",
        /// The register of claims of a bankrupt debtor (реестр требований в банкротстве).
        Bankruptcy = "bankruptcy",
    }
}

codes! {
    /// Where a claim stands (состояние взыскания).
    ClaimState {
        /// Its sums are fixed, nothing is filed yet (подготовлено).
        Prepared = "prepared",
        /// The debtor was asked to pay before it is filed (вручена претензия).
        Demanded = "demanded",
        /// Handed in (подано).
        Filed = "filed",
        /// Given back without a decision; it may be handed in again (возвращено).
        Returned = "returned",
        /// Decided for the utility (удовлетворено, надпись совершена).
        Granted = "granted",
        /// Decided against it (отказано).
        Refused = "refused",
        /// What was granted was set aside, as a writ that the debtor objected to (отменено).
        Annulled = "annulled",
        /// With a bailiff (исполнительное производство).
        Enforced = "enforced",
        /// The bailiff found nothing to take: an act says so (взыскание невозможно).
        Impossible = "impossible",
        /// Entered in the register of claims (включено в реестр требований).
        Accepted = "accepted",
        /// The bankruptcy is over; what it did not pay stays unpaid (банкротство завершено).
        Settled = "settled",
        /// Everything is paid (исполнено).
        Satisfied = "satisfied",
        /// Given up on an order (списано).
        WrittenOff = "written_off",
        /// Taken back by the utility (отозвано).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// What a claim costs besides the debt (вид издержек).
    ClaimCostKind {
        /// Fee of the state (государственная пошлина).
        StateFee = "state_fee",
        /// Fee of a notary (нотариальный тариф).
        NotaryFee = "notary_fee",
        /// Fee of a bailiff (оплата ЧСИ).
        BailiffFee = "bailiff_fee",
        /// An expert, a lawyer (экспертиза, представитель).
        Expert = "expert",
        /// Post and anything else (почта и прочее).
        Other = "other",
    }
}

codes! {
    /// Why an item can't be claimed (почему не взыскивается).
    Unclaimable {
        /// Its day to pay has not passed (срок оплаты не прошёл).
        NotDue = "not_due",
        /// It is disputed: the dispute is decided first (оспаривается).
        Disputed = "disputed",
        /// It is paid by instalments that are kept (в рассрочке).
        Planned = "planned",
        /// Another claim has it already (уже взыскивается).
        Claimed = "claimed",
    }
}

impl ClaimState {
    /// What people may record next. `Satisfied` and `WrittenOff` come by themselves, with the money and with the order.
    pub const fn next(self, kind: ClaimKind) -> &'static [Self] {
        use ClaimState as S;
        match (kind, self) {
            (_, S::Prepared) => &[S::Demanded, S::Filed, S::Withdrawn],
            (_, S::Demanded) => &[S::Filed, S::Withdrawn],
            (ClaimKind::Bankruptcy, S::Filed) => &[S::Accepted, S::Refused, S::Returned, S::Withdrawn],
            (_, S::Filed) => &[S::Granted, S::Refused, S::Returned, S::Withdrawn],
            (_, S::Returned) => &[S::Filed, S::Withdrawn],
            (_, S::Granted) => &[S::Enforced, S::Annulled, S::Withdrawn],
            (_, S::Enforced) => &[S::Impossible, S::Annulled, S::Withdrawn],
            // The writ may be handed in again when the debtor has something.
            (_, S::Impossible) => &[S::Enforced, S::Annulled],
            (_, S::Accepted) => &[S::Settled, S::Withdrawn],
            (_, S::Refused | S::Annulled | S::Settled | S::Satisfied | S::WrittenOff | S::Withdrawn) => &[],
        }
    }

    /// Over: its sums are free again, or there are none left.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Refused | Self::Annulled | Self::Satisfied | Self::WrittenOff | Self::Withdrawn)
    }

    /// Nothing more is to be had: what is left may be given up by an order.
    pub const fn is_hopeless(self) -> bool {
        matches!(self, Self::Impossible | Self::Settled)
    }
}

/// A step that stands, in the order they were recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimStep {
    pub state: ClaimState,
    pub on: NaiveDate,
}

/// What a claim comes to by its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimStanding {
    pub state: ClaimState,
    /// When it was handed in first: from that day on penalty may rest.
    pub filed_on: Option<NaiveDate>,
    /// When its sums became free again.
    pub ended_on: Option<NaiveDate>,
}

impl ClaimStanding {
    /// None without a step.
    pub fn of(steps: &[ClaimStep]) -> Option<Self> {
        let last = steps.last()?;
        Some(Self {
            state: last.state,
            filed_on: steps.iter().find(|step| step.state == ClaimState::Filed).map(|step| step.on),
            ended_on: last.state.is_over().then_some(last.on),
        })
    }
}

/// Why a step can't be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongStep {
    /// It does not follow what was before.
    Order,
    /// Its day lies ahead.
    Future,
    /// Its day is before that of the step before.
    TooEarly,
}

/// Whether people may record a step after the last one.
pub fn may_step(
    kind: ClaimKind,
    last: ClaimStep,
    next: ClaimStep,
    today: NaiveDate,
) -> Result<(), WrongStep> {
    if !last.state.next(kind).contains(&next.state) {
        Err(WrongStep::Order)
    } else if next.on > today {
        Err(WrongStep::Future)
    } else if next.on < last.on {
        Err(WrongStep::TooEarly)
    } else {
        Ok(())
    }
}

/// What becomes of a claim of which nothing is owed any more, if it is not over: paid, or given up where nothing could be had.
pub fn settled_as(state: ClaimState, given_up: Money) -> Option<ClaimState> {
    match state {
        state if state.is_over() => None,
        state if state.is_hopeless() && given_up.is_positive() => Some(ClaimState::WrittenOff),
        _ => Some(ClaimState::Satisfied),
    }
}

/// An item that something is owed of, as a claim sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenDebt {
    pub id: OpenItemId,
    pub service: Service,
    pub component: Component,
    pub origin: Period,
    pub due_on: NaiveDate,
    pub rest: Money,
    pub disputed: Money,
    pub in_plan: bool,
    /// What other claims have of it.
    pub claimed: Money,
    /// Penalty that this system reckoned: it is known of which debts. What was taken over from elsewhere is a debt like others.
    pub reckoned: bool,
}

/// What is wanted of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimChoice {
    /// These items, each of them as a whole.
    Items(Vec<OpenItemId>),
    /// What can be claimed of these months and services; no service is all of them.
    Months { from: Period, to: Period, services: Vec<Service> },
}

/// Why nothing is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongClaim {
    /// Nothing is owed of the item.
    Unknown(OpenItemId),
    Unclaimable(OpenItemId, Unclaimable),
    Nothing,
}

/// A part of an item.
pub type ClaimedPart = (OpenItemId, Money);

/// How much of an item can be claimed on a day. Penalty is owed from its first day, whatever day its bill gives to pay it.
pub fn claimable(item: &OpenDebt, today: NaiveDate) -> Result<Money, Unclaimable> {
    let free = item.rest - item.claimed;
    if item.due_on >= today && item.component != Component::Penalty {
        Err(Unclaimable::NotDue)
    } else if item.disputed.is_positive() {
        Err(Unclaimable::Disputed)
    } else if item.in_plan {
        Err(Unclaimable::Planned)
    } else if !free.is_positive() {
        Err(Unclaimable::Claimed)
    } else {
        Ok(free)
    }
}

/// The parts of an account's open items that a choice comes to.
pub fn choose(
    debts: &[OpenDebt],
    choice: &ClaimChoice,
    today: NaiveDate,
) -> Result<Vec<ClaimedPart>, WrongClaim> {
    let parts: Vec<ClaimedPart> = match choice {
        ClaimChoice::Items(ids) => ids
            .iter()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|id| {
                let item = debts.iter().find(|item| item.id == *id).ok_or(WrongClaim::Unknown(*id))?;
                let free = claimable(item, today).map_err(|why| WrongClaim::Unclaimable(*id, why))?;
                Ok((*id, free))
            })
            .collect::<Result<_, _>>()?,
        ClaimChoice::Months { from, to, services } => debts
            .iter()
            .filter(|item| !item.reckoned && (*from..=*to).contains(&item.origin))
            .filter(|item| services.is_empty() || services.contains(&item.service))
            .filter_map(|item| Some((item.id, claimable(item, today).ok()?)))
            .collect(),
    };
    if parts.is_empty() { Err(WrongClaim::Nothing) } else { Ok(parts) }
}

/// The penalty that goes with what was chosen: of each service and month what accrued on the chosen debts, oldest items first, at
/// most what is free of them. Penalty that was chosen itself is there already.
pub fn penalty_with(
    debts: &[OpenDebt],
    chosen: &[ClaimedPart],
    accrued: &[(Service, Period, Money)],
    today: NaiveDate,
) -> Vec<ClaimedPart> {
    let mut parts = Vec::new();
    for &(service, month, sum) in accrued {
        let of = |item: &&OpenDebt| item.reckoned && (item.service, item.origin) == (service, month);
        let taken = |item: &OpenDebt| chosen.iter().find(|part| part.0 == item.id).map(|part| part.1);
        let mut left = sum - debts.iter().filter(of).filter_map(taken).sum::<Money>();
        for item in debts.iter().filter(of).filter(|item| taken(item).is_none()) {
            let part = claimable(item, today).map_or(Money::ZERO, |free| free.min(left));
            if part.is_positive() {
                left -= part;
                parts.push((item.id, part));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    fn states(text: &str) -> Vec<ClaimState> {
        let one = |code| ClaimState::from_code(code).unwrap_or_else(|| panic!("no state {code}"));
        text.split(',').filter(|code| *code != "-").map(one).collect()
    }

    #[test]
    fn the_table_of_steps() {
        for_each_row(include_str!("vectors/claim.txt"), |row| {
            let kind = ClaimKind::from_code(row.text("kind")).unwrap();
            let day = |n: usize| format!("2026-01-{:02}", n + 1).parse::<NaiveDate>().unwrap();
            let steps: Vec<ClaimStep> = states(row.text("steps"))
                .into_iter()
                .enumerate()
                .map(|(n, state)| ClaimStep { state, on: day(n) })
                .collect();
            for two in steps.windows(2) {
                assert_eq!(may_step(kind, two[0], two[1], day(30)), Ok(()), "{two:?}");
            }
            let stands = ClaimStanding::of(&steps).unwrap();
            let next = stands.state.next(kind).iter().map(|state| state.code()).collect::<Vec<_>>();
            row.expect("next", if next.is_empty() { "-".to_owned() } else { next.join(",") });
            row.expect("filed", stands.filed_on.map_or("-".to_owned(), |on| on.format("%d").to_string()));
            row.expect("sums", if stands.ended_on.is_some() { "free" } else { "frozen" });
            let paid = settled_as(stands.state, Money::ZERO).map_or("-", ClaimState::code);
            let given_up = settled_as(stands.state, Money::from_tiyn(1)).map_or("-", ClaimState::code);
            row.expect("paid", paid);
            row.expect("given_up", given_up);
        });
    }

    fn debt(id: i64, component: Component, origin: &str, rest: &str) -> OpenDebt {
        OpenDebt {
            id: OpenItemId(id),
            service: Service::Water,
            component,
            origin: origin.parse().unwrap(),
            due_on: "2026-02-25".parse().unwrap(),
            rest: rest.parse().unwrap(),
            disputed: Money::ZERO,
            in_plan: false,
            claimed: Money::ZERO,
            reckoned: component == Component::Penalty,
        }
    }

    #[test]
    fn the_table_of_items() {
        for_each_row(include_str!("vectors/claim_item.txt"), |row| {
            let component = Component::from_code(row.text("component")).unwrap();
            let item = OpenDebt {
                due_on: row.get("due"),
                disputed: row.get("disputed"),
                in_plan: row.text("plan") == "yes",
                claimed: row.get("claimed"),
                ..debt(1, component, "2026-01", row.text("rest"))
            };
            let said = match claimable(&item, row.get("day")) {
                Ok(free) => free.to_string(),
                Err(why) => why.to_string(),
            };
            row.expect("claimable", said);
        });
    }

    #[test]
    fn items_are_named_or_months_are() {
        let today = "2026-03-26".parse().unwrap();
        let disputed =
            OpenDebt { disputed: Money::from_tiyn(1), ..debt(3, Component::Charge, "2026-01", "5.00") };
        let debts = [
            debt(1, Component::Charge, "2025-12", "10.00"),
            debt(2, Component::Imbalance, "2026-01", "20.00"),
            disputed,
            debt(4, Component::Penalty, "2026-01", "1.00"),
        ];
        let items = |ids: &[i64]| {
            choose(&debts, &ClaimChoice::Items(ids.iter().map(|id| OpenItemId(*id)).collect()), today)
        };
        let part = |id: i64, sum: &str| (OpenItemId(id), sum.parse::<Money>().unwrap());
        assert_eq!(items(&[2, 1, 1]), Ok(vec![part(1, "10.00"), part(2, "20.00")]));
        assert_eq!(items(&[4]), Ok(vec![part(4, "1.00")]), "penalty alone, of a debt that is paid");
        assert_eq!(items(&[1, 3]), Err(WrongClaim::Unclaimable(OpenItemId(3), Unclaimable::Disputed)));
        assert_eq!(items(&[9]), Err(WrongClaim::Unknown(OpenItemId(9))));
        assert_eq!(items(&[]), Err(WrongClaim::Nothing));
        let months = |from: &str, to: &str, services: &[Service]| {
            let (from, to, services) = (from.parse().unwrap(), to.parse().unwrap(), services.to_vec());
            choose(&debts, &ClaimChoice::Months { from, to, services }, today)
        };
        assert_eq!(months("2025-12", "2026-03", &[]), Ok(vec![part(1, "10.00"), part(2, "20.00")]));
        assert_eq!(months("2026-01", "2026-01", &[Service::Water]), Ok(vec![part(2, "20.00")]));
        assert_eq!(months("2026-01", "2026-01", &[Service::SewerageHot]), Err(WrongClaim::Nothing));
    }

    #[test]
    fn only_the_penalty_of_what_is_claimed_goes_with_it() {
        let today = "2026-03-26".parse().unwrap();
        let sum = |text: &str| text.parse::<Money>().unwrap();
        let january = "2026-01".parse().unwrap();
        // January was accrued by two acts; a part of the first is paid.
        let debts = [
            debt(1, Component::Charge, "2025-12", "10.00"),
            debt(2, Component::Penalty, "2026-01", "3.00"),
            debt(3, Component::Penalty, "2026-01", "4.00"),
            debt(4, Component::Penalty, "2026-02", "5.00"),
        ];
        let chosen = [(OpenItemId(1), sum("10.00"))];
        let with =
            |accrued: &str| penalty_with(&debts, &chosen, &[(Service::Water, january, sum(accrued))], today);
        assert_eq!(with("5.00"), [(OpenItemId(2), sum("3.00")), (OpenItemId(3), sum("2.00"))]);
        assert_eq!(with("9.00"), [(OpenItemId(2), sum("3.00")), (OpenItemId(3), sum("4.00"))]);
        assert_eq!(with("-1.00"), []);
        let both = [(OpenItemId(1), sum("10.00")), (OpenItemId(2), sum("3.00"))];
        let more = penalty_with(&debts, &both, &[(Service::Water, january, sum("5.00"))], today);
        assert_eq!(more, [(OpenItemId(3), sum("2.00"))], "what was chosen itself is not taken twice");
    }

    #[test]
    fn a_step_has_its_place_and_its_day() {
        let step = |state, on: &str| ClaimStep { state, on: on.parse().unwrap() };
        let today = "2026-03-26".parse().unwrap();
        let filed = step(ClaimState::Filed, "2026-03-10");
        let may = |kind, next| may_step(kind, filed, next, today);
        let granted = |on| step(ClaimState::Granted, on);
        assert_eq!(may(ClaimKind::Court, granted("2026-03-10")), Ok(()), "a notary writes on the same day");
        assert_eq!(may(ClaimKind::Court, granted("2026-03-09")), Err(WrongStep::TooEarly));
        assert_eq!(may(ClaimKind::Court, granted("2026-03-27")), Err(WrongStep::Future));
        assert_eq!(may(ClaimKind::Bankruptcy, granted("2026-03-20")), Err(WrongStep::Order));
        let satisfied = step(ClaimState::Satisfied, "2026-03-20");
        assert_eq!(may(ClaimKind::Court, satisfied), Err(WrongStep::Order), "money says so, not people");
    }

    #[test]
    fn every_state_is_reached_and_none_is_left_without_a_way_out() {
        for &kind in ClaimKind::ALL {
            let mut reached = vec![ClaimState::Prepared];
            let mut at = 0;
            while at < reached.len() {
                for next in reached[at].next(kind) {
                    if !reached.contains(next) {
                        reached.push(*next);
                    }
                }
                at += 1;
            }
            for state in reached {
                let ends = state.is_over() || state.is_hopeless() || !state.next(kind).is_empty();
                assert!(ends, "{kind}: {state} leads nowhere");
            }
        }
    }
}
