//! Recalculation of billed months: what changes is told as pairs of lines, nothing that was billed is edited.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Carried, ChargeLine, Inputs};
use crate::kernel::*;

codes! {
    /// A line of a correction: what is taken back, or what is charged instead (сторона перерасчёта).
    Side {
        /// As it was charged, taken back (сторно).
        Minus = "minus",
        /// As it should have been charged (начислено вместо).
        Plus = "plus",
    }
}

/// The lines of a month that a recalculation changes: each old one taken back as it was, each new one at the price and VAT of its
/// own days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs {
    pub minus: Vec<ChargeLine>,
    pub plus: Vec<ChargeLine>,
}

impl Pairs {
    pub fn is_empty(&self) -> bool {
        self.minus.is_empty() && self.plus.is_empty()
    }

    /// What the month is dearer by; negative is a credit.
    pub fn gross(&self) -> Money {
        let sum = |lines: &[ChargeLine]| lines.iter().map(|line| line.gross).sum::<Money>();
        sum(&self.plus) - sum(&self.minus)
    }

    /// What a line with either sign comes to, in the order of the price list.
    pub fn each(&self) -> impl Iterator<Item = (Side, &ChargeLine)> {
        let minus = self.minus.iter().map(|line| (Side::Minus, line));
        minus.chain(self.plus.iter().map(|line| (Side::Plus, line)))
    }
}

/// Compares a month as it stands with what the rule says of it now. Lines that say the same to the subscriber stay out, whichever
/// version of a row they cite.
pub fn pairs(standing: &[ChargeLine], now: &[ChargeLine]) -> Pairs {
    let mut minus: Vec<ChargeLine> = standing.to_vec();
    let mut plus = Vec::new();
    for line in now {
        match minus.iter().position(|old| says_the_same(old, line)) {
            Some(at) => drop(minus.remove(at)),
            None => plus.push(line.clone()),
        }
    }
    Pairs { minus, plus }
}

/// A month as it stands: what was billed, and what corrections made of it.
pub fn standing(billed: Vec<ChargeLine>, corrected: Pairs) -> Vec<ChargeLine> {
    let mut lines = billed;
    lines.extend(corrected.plus);
    for gone in &corrected.minus {
        if let Some(at) = lines.iter().position(|line| says_the_same(line, gone)) {
            lines.remove(at);
        }
    }
    lines.sort_by_key(|line| (line.point, line.service, line.component, line.from));
    lines
}

fn says_the_same(a: &ChargeLine, b: &ChargeLine) -> bool {
    let whose =
        |l: &ChargeLine| (l.point, l.service, l.component, l.basis, l.from, l.to, l.residents, l.meter);
    let much = |l: &ChargeLine| (l.volume, l.price, l.coefficient, l.vat_rate, l.net, l.vat_amount, l.gross);
    whose(a) == whose(b) && much(a) == much(b)
}

/// What a month owes more or less for a service and component at one rate of VAT: what is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDifference {
    pub service: Service,
    pub component: Component,
    pub vat_rate: Decimal,
    pub volume: Volume,
    pub net: Money,
    pub vat: Money,
}

impl LineDifference {
    pub fn gross(&self) -> Money {
        self.net + self.vat
    }
}

/// The pairs added up; rates of VAT stay apart, for the declaration of each is its own.
pub fn differences(pairs: &Pairs) -> Vec<LineDifference> {
    let mut found: Vec<LineDifference> = Vec::new();
    for (side, line) in pairs.each() {
        let at = match found.iter().position(|sum| {
            (sum.service, sum.component, sum.vat_rate) == (line.service, line.component, line.vat_rate)
        }) {
            Some(at) => at,
            None => {
                let (net, vat) = (Money::ZERO, Money::ZERO);
                let (service, component, vat_rate) = (line.service, line.component, line.vat_rate);
                found.push(LineDifference { service, component, vat_rate, volume: Volume::ZERO, net, vat });
                found.len() - 1
            }
        };
        let sum = &mut found[at];
        match side {
            Side::Minus => {
                sum.volume -= line.volume;
                sum.net -= line.net;
                sum.vat -= line.vat_amount;
            }
            Side::Plus => {
                sum.volume += line.volume;
                sum.net += line.net;
                sum.vat += line.vat_amount;
            }
        }
    }
    found.retain(|sum| !sum.net.is_zero() || !sum.vat.is_zero());
    found.sort_by_key(|sum| (sum.service, sum.component, sum.vat_rate));
    found
}

/// Net and VAT of a difference as sums that may each be posted: of one sign, or apart where roundings went two ways.
pub fn postable(net: Money, vat: Money) -> Vec<(Money, Money)> {
    let against = (net.is_positive() && vat.is_negative()) || (net.is_negative() && vat.is_positive());
    let parts = if against { vec![(net, Money::ZERO), (Money::ZERO, vat)] } else { vec![(net, vat)] };
    parts.into_iter().filter(|(net, vat)| !(net.is_zero() && vat.is_zero())).collect()
}

/// A sum in so many parts, as even as tiyn allow; the first parts take what does not divide.
pub fn staged(sum: Money, parts: u32) -> Vec<Money> {
    let parts = i64::from(parts.max(1));
    let (each, rest) = (sum.tiyn() / parts, sum.tiyn() % parts);
    (0..parts).map(|at| Money::from_tiyn(each + if at < rest.abs() { rest.signum() } else { 0 })).collect()
}

/// Puts a month on the month before as that was recalculated: where the inputs go on from what was handed over then (`before`),
/// they go on from what is handed over now.
pub fn onward(inputs: &mut Inputs, before: &[(PointId, Carried)], now: &[(PointId, Carried)]) {
    for (id, handed) in now {
        let Some(point) = inputs.points.iter_mut().find(|point| point.point == *id) else { continue };
        let was = before.iter().find(|(point, _)| point == id).map(|(_, carried)| carried);
        point.history.clone_from(&handed.history);
        point.months_without_reading = handed.months_without_reading;
        point.provisional = handed.provisional;
        for stay in &mut point.metering {
            // A meter that counts anew after a gap between verifications does not go on from the month before.
            let goes_on = match was {
                Some(was) if was.meter == Some(stay.meter) => {
                    stay.prev.map(|reading| reading.id) == was.reading.map(|reading| reading.id)
                }
                _ => true,
            };
            if goes_on && handed.meter == Some(stay.meter) {
                stay.prev = handed.reading;
            }
        }
    }
}

/// Whether the next month would stand on the same.
pub fn hands_over_the_same(a: &Carried, b: &Carried) -> bool {
    (a.meter, a.reading, a.months_without_reading, a.provisional)
        == (b.meter, b.reading, b.months_without_reading, b.provisional)
        && a.history == b.history
}

codes! {
    /// Why a correction needs a second person (зачем второй сотрудник).
    SecondPersonReason {
        /// It lessens what somebody owes (уменьшает начисления).
        Credit = "credit",
        /// An account of the utility's own people (счёт сотрудника предприятия).
        Staff = "staff",
        /// More than one person may correct in a month (сверх лимита за месяц).
        Threshold = "threshold",
    }
}

/// Whether one person is enough. `already` is what the same person corrected and amended alone in the month, `limit` the most of it.
pub fn second_person(
    less: Money,
    more: Money,
    staff: bool,
    already: Money,
    limit: Money,
) -> Vec<SecondPersonReason> {
    let reasons = [
        (SecondPersonReason::Credit, less.is_positive()),
        (SecondPersonReason::Staff, staff),
        (SecondPersonReason::Threshold, already + more + less > limit),
    ];
    reasons.into_iter().filter_map(|(reason, holds)| holds.then_some(reason)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use crate::consumption::{Basis, ReadingRef};
    use crate::kernel::table::for_each_row;

    fn tenge(text: &str) -> Money {
        Money::tenge(text).unwrap()
    }

    fn line(service: Service, liters: i64, net: i64, vat: i64, rate: i64) -> ChargeLine {
        let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        ChargeLine {
            point: PointId(1),
            service,
            component: Component::Charge,
            basis: Basis::Norm,
            from: day(1),
            to: day(31),
            volume: Volume::from_liters(liters),
            price: Decimal::new(66, 0),
            coefficient: Decimal::ONE,
            tariff: TariffId(1),
            vat: TariffId(2),
            vat_rate: Decimal::new(rate, 2),
            band: None,
            norm: Some(TariffId(3)),
            special: None,
            limit: None,
            building: None,
            residency: Some(ResidencyId(1)),
            residents: Some(1),
            meter: None,
            reading_prev: None,
            reading_last: None,
            net: Money::from_tiyn(net),
            vat_amount: Money::from_tiyn(vat),
            gross: Money::from_tiyn(net + vat),
        }
    }

    fn any_lines() -> impl Strategy<Value = Vec<ChargeLine>> {
        let any = (0..3_usize, 0..4_i64, 0..500_i64, 0..80_i64, prop_oneof![Just(12_i64), Just(16)]);
        let line = any.prop_map(|(service, liters, net, vat, rate)| {
            line(Service::ALL[service % Service::ALL.len()], liters * 1_000, net, vat, rate)
        });
        prop::collection::vec(line, 0..6)
    }

    proptest! {
        #[test]
        fn pairs_lead_from_what_stands_to_what_should_and_back(old in any_lines(), new in any_lines()) {
            let found = pairs(&old, &new);
            let sum = |lines: &[ChargeLine]| lines.iter().map(|line| line.gross).sum::<Money>();
            prop_assert_eq!(sum(&old) + found.gross(), sum(&new));
            let posted: Money = differences(&found).iter().map(LineDifference::gross).sum();
            prop_assert_eq!(posted, found.gross());
            let after = standing(old, found);
            prop_assert!(pairs(&after, &new).is_empty(), "corrected once, there is nothing to correct");
        }

        #[test]
        fn parts_of_a_sum_add_up_and_differ_by_a_tiyn(tiyn in -1_000_000_i64..1_000_000, parts in 1_u32..36) {
            let split = staged(Money::from_tiyn(tiyn), parts);
            prop_assert_eq!(split.len(), parts as usize);
            prop_assert_eq!(split.iter().copied().sum::<Money>(), Money::from_tiyn(tiyn));
            let tiyn: Vec<i64> = split.iter().map(|part| part.tiyn()).collect();
            prop_assert!(tiyn.iter().max().unwrap() - tiyn.iter().min().unwrap() <= 1);
        }
    }

    #[test]
    fn what_cites_another_version_of_the_same_says_the_same() {
        let old = line(Service::Water, 15_000, 99_000, 15_840, 16);
        let new = ChargeLine { residency: Some(ResidencyId(9)), tariff: TariffId(77), ..old.clone() };
        assert!(pairs(std::slice::from_ref(&old), &[new]).is_empty());
        let dearer = ChargeLine { price: Decimal::new(67, 0), ..old.clone() };
        let found = pairs(std::slice::from_ref(&old), std::slice::from_ref(&dearer));
        assert_eq!((found.minus, found.plus), (vec![old], vec![dearer]));
    }

    #[test]
    fn rates_of_vat_stay_apart_and_signs_never_mix() {
        let found = pairs(
            &[line(Service::Water, 15_000, 99_000, 11_880, 12)],
            &[line(Service::Water, 15_000, 99_000, 15_840, 16)],
        );
        let sums: Vec<_> =
            differences(&found).iter().map(|d| (d.net.to_string(), d.vat.to_string())).collect();
        assert_eq!(sums, [("-990.00".into(), "-118.80".into()), ("990.00".into(), "158.40".into())]);
        let (up, down) = (Money::from_tiyn(1), Money::from_tiyn(-2));
        assert_eq!(postable(up, down), [(up, Money::ZERO), (Money::ZERO, down)]);
        assert_eq!(postable(up, up), [(up, up)]);
        assert_eq!(postable(Money::ZERO, Money::ZERO), []);
    }

    #[test]
    fn a_month_goes_on_from_the_month_before_as_it_is_now() {
        let reading = |id, liters| {
            let day = NaiveDate::from_ymd_opt(2026, 1, 20).unwrap();
            Some(ReadingRef { id: ReadingId(id), day, value: Volume::from_liters(liters) })
        };
        let handed = |id, liters| Carried {
            volume: Volume::ZERO,
            basis: Basis::Metered,
            meter: Some(MeterId(7)),
            reading: reading(id, liters),
            months_without_reading: 0,
            provisional: Volume::ZERO,
            history: vec![],
        };
        let stay = |prev| crate::consumption::Metering {
            meter: MeterId(7),
            digits: 5,
            from: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(),
            to: None,
            verified_until: NaiveDate::from_ymd_opt(2030, 1, 1).unwrap(),
            lapsed: None,
            prev,
            last: None,
        };
        let inputs = |prev| Inputs {
            account: AccountId(1),
            period: Period::new(2026, 2).unwrap(),
            sector: Sector::Multi,
            group: ConsumerGroup::Population,
            groups: vec![],
            residents: vec![],
            points: vec![crate::consumption::PointInputs {
                point: PointId(1),
                held: None,
                hot: false,
                water: true,
                sewerage: true,
                amenity: crate::tariffs::Amenity::Household,
                supplies: vec![],
                contract_volume: None,
                metering: vec![stay(prev)],
                away: vec![],
                history: vec![],
                months_without_reading: 0,
                plots: vec![],
                specials: vec![],
                limits: vec![],
                sharing: None,
                provisional: Volume::ZERO,
                bulk: None,
            }],
            shares: vec![],
            billed_in_bulk: false,
            active_from: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(),
            active_to: None,
        };
        let (was, now) = ([(PointId(1), handed(1, 120_000))], [(PointId(1), handed(2, 110_000))]);
        assert!(!hands_over_the_same(&was[0].1, &now[0].1));
        let mut month = inputs(reading(1, 120_000));
        onward(&mut month, &was, &now);
        assert_eq!(month.points[0].metering[0].prev, reading(2, 110_000));
        // It counts anew since a later reading: the month before does not matter.
        let mut month = inputs(reading(5, 130_000));
        onward(&mut month, &was, &now);
        assert_eq!(month.points[0].metering[0].prev, reading(5, 130_000));
    }

    #[test]
    fn a_second_person_is_asked_as_the_table_says() {
        for_each_row(include_str!("vectors/second_person.txt"), |row| {
            let sum = |column: &str| tenge(row.text(column));
            let staff = row.text("staff") == "yes";
            let found = second_person(sum("less"), sum("more"), staff, sum("already"), sum("limit"));
            let words: Vec<&str> = found.iter().map(|reason| reason.code()).collect();
            row.expect("second", if words.is_empty() { "-".to_owned() } else { words.join(",") });
        });
    }
}
