//! What goes through a desk between opening and Z, and when it may.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{CashOperationKind as Kind, Difference, difference};
use crate::kernel::*;

/// Sums of one kind of operation, always positive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tendered {
    pub count: i64,
    pub cash: Money,
    pub card: Money,
}

impl Tendered {
    fn add(&mut self, count: i64, cash: Money, card: Money) {
        self.count += count;
        self.cash += cash.abs();
        self.card += card.abs();
    }
}

/// What went through a desk since its shift was opened (обороты смены): X while it is open, Z once it is closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turnover {
    /// Carried from the shift before.
    pub opening: Money,
    pub sales: Tendered,
    pub voids: Tendered,
    pub refunds: Tendered,
    pub pay_ins: Tendered,
    pub pay_outs: Tendered,
    pub collections: Tendered,
    pub taken_over: Tendered,
    pub handed_over: Tendered,
    pub shortages: Tendered,
    pub surpluses: Tendered,
}

impl Turnover {
    pub fn begin(opening: Money) -> Self {
        Self { opening, ..Self::default() }
    }

    /// One more operation; the signs of its sums say where the money went, so only their sizes are looked at.
    pub fn take(&mut self, kind: Kind, cash: Money, card: Money) {
        self.take_many(kind, 1, cash, card);
    }

    /// So many operations of one kind with their sums.
    pub fn take_many(&mut self, kind: Kind, count: i64, cash: Money, card: Money) {
        let sums = match kind {
            Kind::Sale => &mut self.sales,
            Kind::Void => &mut self.voids,
            Kind::Refund => &mut self.refunds,
            Kind::PayIn => &mut self.pay_ins,
            Kind::PayOut => &mut self.pay_outs,
            Kind::Collection => &mut self.collections,
            Kind::HandoverIn => &mut self.taken_over,
            Kind::HandoverOut => &mut self.handed_over,
            Kind::Shortage => &mut self.shortages,
            Kind::Surplus => &mut self.surpluses,
        };
        sums.add(count, cash, card);
    }

    /// What must lie in the drawer. Cards are no part of it.
    pub fn expected(&self) -> Money {
        let came =
            [self.opening, self.sales.cash, self.pay_ins.cash, self.taken_over.cash, self.surpluses.cash];
        let went = [
            self.voids.cash,
            self.refunds.cash,
            self.pay_outs.cash,
            self.collections.cash,
            self.handed_over.cash,
            self.shortages.cash,
        ];
        came.into_iter().sum::<Money>() - went.into_iter().sum()
    }
}

/// A shift at a moment.
#[derive(Debug, Clone, Copy)]
pub struct ShiftFacts {
    pub opened_at: DateTime<Utc>,
    pub opened_on: NaiveDate,
    pub closed: bool,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
    /// After so many hours only Z is left.
    pub limit_hours: u32,
}

/// Why nothing can be done in a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShiftRefusal {
    Closed,
    /// It has been open for longer than a shift may be: Z first.
    TooLong {
        hours: u32,
    },
    /// The money is of another day than today.
    OtherDay {
        today: NaiveDate,
    },
}

/// Whether money may move in a shift: it is open, not too old, and the money is of today.
pub fn may_work(shift: ShiftFacts, day: NaiveDate) -> Result<(), ShiftRefusal> {
    if shift.closed {
        return Err(ShiftRefusal::Closed);
    }
    if shift.now - shift.opened_at > chrono::Duration::hours(i64::from(shift.limit_hours)) {
        return Err(ShiftRefusal::TooLong { hours: shift.limit_hours });
    }
    if day != shift.today || day < shift.opened_on {
        return Err(ShiftRefusal::OtherDay { today: shift.today });
    }
    Ok(())
}

/// Whether the drawer holds so much; else what it holds.
pub fn may_pay_out(balance: Money, sum: Money) -> Result<(), Money> {
    if sum > balance { Err(balance) } else { Ok(()) }
}

/// What a shift is closed with.
#[derive(Debug, Clone, Copy)]
pub struct Closing {
    pub expected: Money,
    /// What was counted; none when nothing was.
    pub counted: Option<Money>,
    /// Money moved after the count.
    pub moved_since: bool,
    pub witnessed: bool,
    pub has_reason: bool,
}

/// Why a shift is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseRefusal {
    NotCounted,
    /// Money moved after the count: count again.
    CountedBefore,
    NoWitness,
    /// A difference wants a reason.
    ReasonMissing(Difference),
}

pub fn may_close(closing: Closing) -> Result<Difference, CloseRefusal> {
    let counted = closing.counted.ok_or(CloseRefusal::NotCounted)?;
    if closing.moved_since {
        return Err(CloseRefusal::CountedBefore);
    }
    if !closing.witnessed {
        return Err(CloseRefusal::NoWitness);
    }
    let found = difference(closing.expected, counted);
    if found != Difference::None && !closing.has_reason {
        return Err(CloseRefusal::ReasonMissing(found));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn shift_vectors() {
        for_each_row(include_str!("vectors/shift.txt"), |row| {
            let mut turnover = Turnover::begin(row.get("opening"));
            for one in row.text("moves").split(',').filter(|one| *one != "-") {
                let (kind, sums) = one.split_once('=').unwrap();
                let (cash, card) = sums.split_once('/').unwrap_or((sums, "0"));
                let kind = Kind::from_code(kind).unwrap_or_else(|| panic!("{kind}"));
                turnover.take(kind, cash.parse().unwrap(), card.parse().unwrap());
            }
            row.expect("expected", turnover.expected());
            let close = may_close(Closing {
                expected: turnover.expected(),
                counted: row.maybe("counted"),
                moved_since: row.text("count_is") == "old",
                witnessed: row.text("witness") == "yes",
                has_reason: row.text("reason") == "yes",
            });
            row.expect(
                "close",
                match close {
                    Ok(Difference::None) => "even".to_owned(),
                    Ok(Difference::Shortage(sum)) => format!("short={sum}"),
                    Ok(Difference::Surplus(sum)) => format!("over={sum}"),
                    Err(CloseRefusal::NotCounted) => "not_counted".to_owned(),
                    Err(CloseRefusal::CountedBefore) => "old_count".to_owned(),
                    Err(CloseRefusal::NoWitness) => "no_witness".to_owned(),
                    Err(CloseRefusal::ReasonMissing(_)) => "no_reason".to_owned(),
                },
            );
        });
    }

    #[test]
    fn a_shift_ends_with_its_hours_and_takes_money_of_today() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let shift = |now: &str, closed| ShiftFacts {
            opened_at: at("2026-03-26T04:00:00Z"),
            opened_on: day("2026-03-26"),
            closed,
            now: at(now),
            today: at(now).date_naive(),
            limit_hours: 24,
        };
        let today = day("2026-03-26");
        assert_eq!(may_work(shift("2026-03-26T12:00:00Z", false), today), Ok(()));
        assert_eq!(may_work(shift("2026-03-26T12:00:00Z", true), today), Err(ShiftRefusal::Closed));
        assert_eq!(may_work(shift("2026-03-27T04:00:00Z", false), day("2026-03-27")), Ok(()));
        assert_eq!(
            may_work(shift("2026-03-27T04:00:01Z", false), day("2026-03-27")),
            Err(ShiftRefusal::TooLong { hours: 24 })
        );
        for other in ["2026-03-25", "2026-03-27"] {
            let said = may_work(shift("2026-03-26T12:00:00Z", false), day(other));
            assert_eq!(said, Err(ShiftRefusal::OtherDay { today }), "{other}");
        }
    }

    proptest! {
        #[test]
        fn guarded_outflows_never_make_the_drawer_negative(
            opening in 0..1_000_000_i64,
            moves in prop::collection::vec((0..Kind::ALL.len(), 1..500_000_i64), 0..40),
        ) {
            let mut turnover = Turnover::begin(Money::from_tiyn(opening));
            let mut drawer = opening;
            for (kind, sum) in moves {
                let (kind, sum) = (Kind::ALL[kind], Money::from_tiyn(sum));
                let out = kind.order() == super::super::CashOrderKind::Payout;
                if out && may_pay_out(turnover.expected(), sum).is_err() {
                    continue;
                }
                drawer += if out { -sum.tiyn() } else { sum.tiyn() };
                turnover.take(kind, if out { -sum } else { sum }, Money::ZERO);
                prop_assert_eq!(turnover.expected().tiyn(), drawer);
                prop_assert!(!turnover.expected().is_negative());
            }
        }
    }
}
