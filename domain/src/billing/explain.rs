//! Every tiyn of a bill as a tree that can be re-read: built from the same reckoning that charged, never a second rule.

use std::str::FromStr;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::bands::{Step, WaterMonth};
use super::charge::{Amounts, Charged, Reckoned, Reckoning, reckon};
use super::limit::Limited;
use super::{ChargeError, Charges, Inputs};
use crate::consumption::{
    Basis, Month, PointInputs, SpecialKind, VolumePart, average, measured, pipe_capacity,
};
use crate::kernel::*;
use crate::meters;
use crate::tariffs::{Amenity, BandMode, Setting, TariffBook};

codes! {
    /// What a step of an explanation is (вид шага расчёта).
    ExplainKind {
        /// To pay for the line: volume × price × coefficient × (1 + VAT), rounded (к оплате).
        Gross = "gross",
        /// Volume × price × coefficient, rounded (без НДС).
        Net = "net",
        /// Gross less net (сумма НДС).
        Vat = "vat",
        /// VAT rate in force on the days of the line (ставка НДС).
        VatRate = "vat_rate",
        /// Volume of the line, in whole litres (объём).
        Volume = "volume",
        /// Last reading less previous one (разность показаний).
        MeterDifference = "meter_difference",
        /// The register passed its end: its capacity is added (переход через ноль).
        Rollover = "rollover",
        /// Reading up to which the meter was billed before (предыдущее показание).
        ReadingPrev = "reading_prev",
        /// Reading up to which it is billed now (текущее показание).
        ReadingLast = "reading_last",
        /// Days between the readings before the verification expired, of all days between them (дни до окончания поверки).
        ValidDays = "valid_days",
        /// Already billed without a reading and taken off now (начислено ранее без показания).
        Provisional = "provisional",
        /// The account's part of a shared meter (доля общего прибора).
        MeterShare = "meter_share",
        /// Norm × residents × share of the month (норматив × проживающие).
        NormTimesResidents = "norm_times_residents",
        /// Norm per person and month (норматив).
        Norm = "norm",
        /// Registered residents (проживающие).
        Residents = "residents",
        /// Registered less away (зарегистрированы, за вычетом отсутствующих).
        Registered = "registered",
        /// Away on a document (временно отсутствуют).
        Away = "away",
        /// Norm per sotka × area × share of the month (норма полива × площадь).
        NormTimesArea = "norm_times_area",
        /// Area of the watered plot in sotkas (площадь участка).
        PlotArea = "plot_area",
        /// Capacity of a day × days − billed for the same days (по пропускной способности).
        Capacity = "capacity",
        /// π d²/4 × velocity × 86 400 s (пропускная способность за сутки).
        CapacityPerDay = "capacity_per_day",
        /// Inner diameter of the inlet (диаметр ввода).
        Diameter = "diameter",
        /// Days charged at full capacity (дней).
        CapacityDays = "capacity_days",
        /// Billed for the same days otherwise (уже начислено за эти дни).
        BilledBefore = "billed_before",
        /// What happened, by the document (особый случай).
        Special = "special",
        /// What the house's meter shows above its flats (разница дома).
        HouseDifference = "house_difference",
        /// The account's weight of all weights of the house (доля счёта).
        HouseWeight = "house_weight",
        /// Share of the house in all, of which the line is a part by days (доля дома).
        HouseShare = "house_share",
        /// Days of the line of all days they are counted in (доля дней).
        DaysShare = "days_share",
        /// First day of the line's part of the days between the readings (расход с).
        UsedFrom = "used_from",
        /// Last day of it (расход по).
        UsedTo = "used_to",
        /// Mean of the accepted months (среднемесячный объём).
        AverageOfMonths = "average_of_months",
        /// Volume of one month (объём за месяц).
        MonthVolume = "month_volume",
        /// Volume agreed in the contract per month (договорной объём).
        ContractVolume = "contract_volume",
        /// What of the limit of the contract is left for the month (остаток лимита).
        Limit = "limit",
        /// Limit of a month (лимит на месяц).
        LimitMonth = "limit_month",
        /// Limit of a year (лимит на год).
        LimitYear = "limit_year",
        /// Issued for the earlier months of the year (использовано с начала года).
        LimitUsed = "limit_used",
        /// What everything that counts for the limit comes to in the month (объём под лимитом).
        LimitVolume = "limit_volume",
        /// Above the limit, of which the line is a part by volume (сверх лимита).
        AboveLimit = "above_limit",
        /// What a volume above the limit is multiplied by (коэффициент сверх лимита).
        LimitCoefficient = "limit_coefficient",
        /// What the limit cuts off the same volume; both are rounded once, together (округляется вместе с).
        RoundedWith = "rounded_with",
        /// The verification of the meter expired on this day (поверка истекла).
        VerificationExpired = "verification_expired",
        /// The meter is off for repair or verification since this day (прибор снят на ремонт или поверку).
        MeterAway = "meter_away",
        /// Coefficient of the band (коэффициент дифференциации).
        Band = "band",
        /// How the bands price a volume (способ дифференциации).
        BandMode = "band_mode",
        /// Lower bound of the band per person and month, itself outside (нижняя граница).
        BandAbove = "band_above",
        /// Upper bound of the band per person and month, itself inside (верхняя граница).
        BandUpto = "band_upto",
        /// The part of a volume that falls into the band (доля в ступени).
        BandShare = "band_share",
        /// Water of the month per person, which chooses the band (объём на человека).
        VolumePerPerson = "volume_per_person",
        /// Net price per m³ (цена).
        Price = "price",
        /// Group of consumers of the days of the line, where it was ever changed on a document (группа потребителей).
        ConsumerGroup = "consumer_group",
        /// First day of the group (группа с).
        GroupFrom = "group_from",
        /// Rounding of the line (округление).
        Rounding = "rounding",
        /// A setting that decided a step (настройка).
        Setting = "setting",
    }
}

codes! {
    /// What a value of an explanation is counted in (единица).
    Unit {
        /// Tenge (тенге).
        Tenge = "tenge",
        /// Tenge per m³ (тенге за м³).
        TengePerM3 = "tenge_per_m3",
        /// Cubic metres (м³).
        M3 = "m3",
        /// Percent (процент).
        Percent = "percent",
        /// People (человек).
        People = "people",
        /// Sotkas, 100 m² (соток).
        Sotka = "sotka",
        /// Millimetres (мм).
        Mm = "mm",
        /// Metres a second (м/с).
        MetersPerSecond = "m_per_s",
        /// Days, as "10/31" where it is a share (дней).
        Days = "days",
        /// A day of the calendar (дата).
        Date = "date",
        /// A number or word without a unit (без единицы).
        None = "none",
    }
}

/// Register rows that a step rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refs {
    pub tariff: Option<TariffId>,
    pub setting: Option<SettingId>,
    pub reading: Option<ReadingId>,
    pub residency: Option<ResidencyId>,
    pub meter: Option<MeterId>,
    pub special: Option<SpecialId>,
}

/// One step: a value and the steps that it follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainNode {
    pub kind: ExplainKind,
    /// A decimal number, a share like "10/31", a day, a period or a code, as the unit says.
    pub value: String,
    pub unit: Unit,
    pub refs: Refs,
    pub children: Vec<ExplainNode>,
}

/// A month explained: one tree per charge line, in the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub charges: Charges,
    pub trees: Vec<ExplainNode>,
}

/// Charges the month again and keeps every step.
pub fn explain(inputs: &Inputs, book: &TariffBook) -> Result<Explanation, ChargeError> {
    let charged = match reckon(inputs, book)? {
        Reckoning::Excused(excuse) => {
            return Ok(Explanation {
                charges: Charges { lines: Vec::new(), excuse: Some(excuse) },
                trees: Vec::new(),
            });
        }
        Reckoning::Charged(charged) => charged,
    };
    let teller = Teller { inputs, book, charged: &charged };
    let trees = charged.lines.iter().map(|line| teller.line(line)).collect::<Result<_, _>>()?;
    let lines = charged.lines.into_iter().map(|reckoned| reckoned.line).collect();
    Ok(Explanation { charges: Charges { lines, excuse: None }, trees })
}

impl Explanation {
    /// Re-reads every tree from its leaves: does each value follow from the steps below it, and each root equal its line?
    pub fn holds(&self) -> bool {
        self.trees.len() == self.charges.lines.len()
            && self.trees.iter().zip(&self.charges.lines).all(|(tree, line)| {
                tree.kind == ExplainKind::Gross && tree.value == line.gross.to_string() && tree.holds()
            })
    }
}

struct Teller<'a> {
    inputs: &'a Inputs,
    book: &'a TariffBook,
    charged: &'a Charged,
}

impl Teller<'_> {
    fn line(&self, reckoned: &Reckoned) -> Result<ExplainNode, ChargeError> {
        let line = &reckoned.line;
        let rounding = &self.charged.rounding;
        let mut children = vec![
            self.volume(reckoned)?,
            leaf(ExplainKind::Price, line.price, Unit::TengePerM3)
                .tariff(line.tariff)
                .with(self.group(line.from)),
        ];
        let banded = line.band.zip(reckoned.slice.band).zip(self.charged.water.get(&Period::of(line.from)));
        children.extend(banded.map(|((id, step), water)| band(id, step, water)));
        let cut = reckoned.part.volume - line.volume;
        if reckoned.limited.as_ref().is_some_and(|limited| limited.within != reckoned.part.volume) {
            let coefficient = self.book.methods.over_limit_coefficient(self.inputs.period.first_day())?;
            let value = coefficient.value.normalize();
            let coefficient = leaf(ExplainKind::LimitCoefficient, value, Unit::None).setting(coefficient.id);
            let with = leaf(ExplainKind::RoundedWith, cut, Unit::M3);
            children.extend(match line.basis {
                Basis::OverLimit => vec![coefficient, with],
                _ => vec![with.with(vec![coefficient])],
            });
        }
        let percent = (line.vat_rate * Decimal::ONE_HUNDRED).normalize();
        children.push(leaf(ExplainKind::VatRate, percent, Unit::Percent).tariff(line.vat));
        children.push(leaf(ExplainKind::Rounding, rounding.value, Unit::None).setting(rounding.id));
        children.push(leaf(ExplainKind::Net, line.net, Unit::Tenge));
        children.push(leaf(ExplainKind::Vat, line.vat_amount, Unit::Tenge));
        Ok(leaf(ExplainKind::Gross, line.gross, Unit::Tenge).with(children))
    }

    /// The group that a price is of and its day; nothing where it never changed.
    fn group(&self, day: NaiveDate) -> Vec<ExplainNode> {
        let of = self.inputs.groups.iter().find(|days| days.covers(day));
        let told = of.map(|days| {
            let from = days.from.map(|from| leaf(ExplainKind::GroupFrom, from, Unit::Date));
            leaf(ExplainKind::ConsumerGroup, days.group, Unit::None).with(from.into_iter().collect())
        });
        told.into_iter().collect()
    }

    fn volume(&self, reckoned: &Reckoned) -> Result<ExplainNode, ChargeError> {
        let (part, slice) = (&reckoned.part, &reckoned.slice);
        let node = leaf(ExplainKind::Volume, part.volume, Unit::M3).with(self.sources(reckoned)?);
        if let Some(limited) = &reckoned.limited {
            return Ok(against_limit(node, reckoned, limited));
        }
        if slice.weights == slice.weight {
            return Ok(node);
        }
        let share = leaf(ExplainKind::BandShare, format!("{}/{}", slice.weight, slice.weights), Unit::None);
        Ok(leaf(ExplainKind::Volume, slice.volume, Unit::M3).with(vec![node, share]))
    }

    /// What the volume of the line's days is a share of, and the share.
    fn sources(&self, reckoned: &Reckoned) -> Result<Vec<ExplainNode>, ChargeError> {
        let (line, part) = (&reckoned.line, &reckoned.part);
        let days = (line.to - line.from).num_days();
        let of_month =
            leaf(ExplainKind::DaysShare, format!("{days}/{}", self.inputs.period.days()), Unit::Days);
        let point = self.inputs.points.iter().find(|p| p.point == line.point).expect("the line's own point");
        let stay = point.metering.iter().position(|m| {
            let (prev, last) = (m.prev.map(|r| r.id), m.last.map(|r| r.id));
            let stood = covers(m.from, m.to, part.from);
            // One meter may have stayed twice in a month; readings tell the stays apart, and outlive the stay's days.
            let own = if part.reading_last.is_none() {
                stood
            } else {
                (prev, last) == (part.reading_prev, part.reading_last)
            };
            Some(m.meter) == part.meter && own
        });
        let first = self.inputs.period.first_day();
        Ok(match part.basis {
            Basis::Metered | Basis::Unsettled => {
                let share = format!("{}/{}", part.weight, part.weights);
                let share = leaf(ExplainKind::DaysShare, share, Unit::Days).with(vec![
                    leaf(ExplainKind::UsedFrom, part.from, Unit::Date),
                    leaf(ExplainKind::UsedTo, part.to - Days::new(1), Unit::Date),
                ]);
                stay.map(|at| difference(point, &self.month_of(point), at, part.whole))
                    .into_iter()
                    .chain([share])
                    .collect()
            }
            Basis::Norm | Basis::ExpiredNorm | Basis::Zero => {
                let Some((norm, people)) = part.norm.zip(part.residents) else { return Ok(Vec::new()) };
                let value = self.book.norm(point.amenity_on(line.from), line.service, line.from)?.value;
                let mut residents = leaf(ExplainKind::Residents, people, Unit::People);
                residents.refs.residency = part.residency;
                let counted = self.inputs.residents.iter().find(|r| Some(r.id) == part.residency);
                let registered = counted.map_or(0, |residency| residency.count);
                let away = point
                    .specials
                    .iter()
                    .filter(|s| s.kind == SpecialKind::Absence && s.covers(part.from))
                    .map(|s| s.people)
                    .sum::<u32>();
                if away > 0 {
                    residents = residents.with(vec![
                        leaf(ExplainKind::Registered, registered, Unit::People),
                        leaf(ExplainKind::Away, away, Unit::People),
                    ]);
                } else if registered == 0 {
                    let setting = self.book.methods.zero_residents_as(first)?;
                    residents = residents.with(vec![setting_node(setting)]);
                }
                let exact = value.to_decimal() * Decimal::from(people) * Decimal::from(days)
                    / Decimal::from(self.inputs.period.days());
                let norm = leaf(ExplainKind::Norm, value, Unit::M3).tariff(norm);
                let product = leaf(ExplainKind::NormTimesResidents, exact.round_dp(6).normalize(), Unit::M3)
                    .with(vec![norm, residents, of_month]);
                let expired = stay.filter(|_| part.basis == Basis::ExpiredNorm).map(|at| {
                    let m = &point.metering[at];
                    let expired = m.lapsed.filter(|_| part.from < m.verified_until).map(|(from, _)| from);
                    let expired = expired.unwrap_or(m.verified_until);
                    leaf(ExplainKind::VerificationExpired, expired, Unit::Date).meter(m.meter)
                });
                std::iter::once(product).chain(expired).chain(self.refused(point, part)).collect()
            }
            Basis::NoService => self.special(point, part).into_iter().collect(),
            Basis::NormElsewhere => vec![setting_node(self.book.methods.norm_inlets(first)?)],
            Basis::Watering => {
                let Some((norm, plot)) = part.norm.zip(point.plots.iter().find(|p| Some(p.id) == part.plot))
                else {
                    return Ok(Vec::new());
                };
                let value = self.book.norm(Amenity::Watering, line.service, line.from)?.value;
                let area = Decimal::from(plot.area_dm2) / Decimal::from(10_000);
                let exact = value.to_decimal() * area * Decimal::from(days)
                    / Decimal::from(self.inputs.period.days());
                let product = leaf(ExplainKind::NormTimesArea, exact.round_dp(6).normalize(), Unit::M3);
                let season = self.book.methods.watering_season(first)?;
                vec![product.with(vec![
                    leaf(ExplainKind::Norm, value, Unit::M3).tariff(norm),
                    leaf(ExplainKind::PlotArea, area.normalize(), Unit::Sotka),
                    of_month,
                    leaf(ExplainKind::Setting, season.value, Unit::None).setting(season.id),
                ])]
            }
            Basis::Capacity => {
                let Some(special) = point.specials.iter().find(|s| Some(s.id) == part.special) else {
                    return Ok(Vec::new());
                };
                let velocity = self.book.methods.pipe_velocity(first)?;
                let a_day = pipe_capacity(special.diameter_mm, velocity.value) / Decimal::ONE_THOUSAND;
                let velocity =
                    leaf(ExplainKind::Setting, velocity.value, Unit::MetersPerSecond).setting(velocity.id);
                let diameter = leaf(ExplainKind::Diameter, special.diameter_mm, Unit::Mm);
                let mut children = vec![
                    leaf(ExplainKind::CapacityPerDay, a_day.round_dp(9).normalize(), Unit::M3)
                        .with(vec![diameter, velocity]),
                    leaf(ExplainKind::CapacityDays, part.weights, Unit::Days),
                    leaf(ExplainKind::BilledBefore, part.billed, Unit::M3),
                ];
                children.extend(self.special(point, part));
                let share = format!("{}/{}", part.weight, part.weights);
                let share = leaf(ExplainKind::DaysShare, share, Unit::Days).with(vec![
                    leaf(ExplainKind::UsedFrom, part.from, Unit::Date),
                    leaf(ExplainKind::UsedTo, part.to - Days::new(1), Unit::Date),
                ]);
                vec![leaf(ExplainKind::Capacity, part.whole, Unit::M3).with(children), share]
            }
            Basis::HouseShare => {
                let Some(share) = self.inputs.shares.iter().find(|s| Some(s.building) == line.building)
                else {
                    return Ok(Vec::new());
                };
                let mut difference = leaf(ExplainKind::HouseDifference, share.whole, Unit::M3);
                difference.refs.meter = share.meter;
                let weight = format!("{}/{}", share.weight, share.weights);
                let own = leaf(ExplainKind::HouseShare, share.volume, Unit::M3)
                    .with(vec![difference, leaf(ExplainKind::HouseWeight, weight, Unit::None)]);
                let days = format!("{}/{}", part.weight, part.weights);
                let days = leaf(ExplainKind::DaysShare, days, Unit::Days).with(vec![
                    leaf(ExplainKind::UsedFrom, part.from, Unit::Date),
                    leaf(ExplainKind::UsedTo, part.to - Days::new(1), Unit::Date),
                ]);
                vec![own, days]
            }
            Basis::Average | Basis::Stopped => {
                let months = self.book.methods.average_months(first)?;
                let (sum, count) = average(point, months.value).unwrap_or((0, 1));
                let mean = Decimal::from_i128_with_scale(sum, 3) / Decimal::from(count);
                let volumes = point.history.iter().take(months.value as usize);
                let mut children: Vec<ExplainNode> =
                    volumes.map(|(_, volume)| leaf(ExplainKind::MonthVolume, *volume, Unit::M3)).collect();
                children.push(setting_node(months));
                let mean = leaf(ExplainKind::AverageOfMonths, mean.round_dp(6).normalize(), Unit::M3);
                let special = self.special(point, part);
                let away = point.away.iter().find(|away| part.meter.is_none() && away.covers(part.from));
                let away = away.map(|away| leaf(ExplainKind::MeterAway, away.from, Unit::Date));
                let limit = self.book.methods.average_limit_months(first)?.value;
                let for_good =
                    part.meter.is_none() && away.is_none() || point.months_without_reading >= limit;
                // Between two meters it has the average as anybody has, whatever is agreed.
                let refused = self.refused(point, part);
                let unmeasured = self.book.methods.legal_unmeasured(first).filter(|_| {
                    for_good
                        && refused.is_empty()
                        && self.inputs.sector == Sector::Legal
                        && point.contract_volume.is_none()
                });
                let unmeasured = unmeasured.map(setting_node);
                let told = [mean.with(children), of_month].into_iter().chain(special).chain(away);
                told.chain(unmeasured).chain(refused).collect()
            }
            // A part is never above a limit, lines of it are.
            Basis::OverLimit => Vec::new(),
            Basis::Contract => {
                let agreed = point.contract_volume.unwrap_or_default();
                vec![leaf(ExplainKind::ContractVolume, agreed, Unit::M3), of_month]
            }
        })
    }
}

impl Teller<'_> {
    /// The days of a point; a line has some.
    fn month_of(&self, point: &PointInputs) -> Month<'_> {
        self.inputs.month_of(point).unwrap_or_else(|| self.inputs.month())
    }

    /// That nobody was let to the meter on days of the part, and what stands for it then; of what an expired meter has, nothing.
    fn refused(&self, point: &PointInputs, part: &VolumePart) -> Vec<ExplainNode> {
        let provisional = part.meter.is_some() && matches!(part.basis, Basis::Average | Basis::Norm);
        let refused = point.specials.iter().filter(|_| provisional).find(|special| {
            special.kind == SpecialKind::NoAccess
                && special.from < part.to
                && special.to.is_none_or(|to| part.from < to)
        });
        let Some(special) = refused else { return Vec::new() };
        let mut node = leaf(ExplainKind::Special, special.kind, Unit::None);
        node.refs.special = Some(special.id);
        let rule = self.book.methods.no_access(self.inputs.period.first_day()).map(setting_node);
        std::iter::once(node).chain(rule).collect()
    }

    /// What the document says that happened.
    fn special(&self, point: &PointInputs, part: &VolumePart) -> Option<ExplainNode> {
        let special = point.specials.iter().find(|s| Some(s.id) == part.special)?;
        let mut node = leaf(ExplainKind::Special, special.kind, Unit::None);
        node.refs.special = Some(special.id);
        Some(node)
    }
}

/// The month's water per person tells which band it was; the coefficient is what it did.
fn band(id: TariffId, step: Step, water: &WaterMonth) -> ExplainNode {
    let people = Decimal::from(water.person_days) / Decimal::from(water.days);
    let mut children = vec![
        leaf(ExplainKind::BandMode, step.mode, Unit::None),
        leaf(ExplainKind::BandAbove, step.above, Unit::M3),
        leaf(ExplainKind::MonthVolume, water.volume, Unit::M3),
        leaf(ExplainKind::Residents, people.round_dp(6).normalize(), Unit::People),
    ];
    children.extend(step.upto.map(|upto| leaf(ExplainKind::BandUpto, upto, Unit::M3)));
    if water.person_days > 0 {
        let per_person = (water.volume.to_decimal() / people).round_dp(6).normalize();
        children.push(leaf(ExplainKind::VolumePerPerson, per_person, Unit::M3));
    }
    leaf(ExplainKind::Band, step.coefficient.normalize(), Unit::None).tariff(id).with(children)
}

/// A volume that counts for a limit: what it is of, and where the limit is exceeded the part of it that the line is.
fn against_limit(mut node: ExplainNode, reckoned: &Reckoned, limited: &Limited) -> ExplainNode {
    let Limited { limit, used, .. } = limited;
    let cubic = |kind, volume: Volume| leaf(kind, volume, Unit::M3);
    let mut said: Vec<ExplainNode> = Vec::new();
    said.extend(limit.monthly.map(|monthly| cubic(ExplainKind::LimitMonth, monthly)));
    if let Some(yearly) = limit.yearly {
        said.push(cubic(ExplainKind::LimitYear, yearly));
        said.push(cubic(ExplainKind::LimitUsed, limit.used));
    }
    let left = limit.left();
    let all = cubic(ExplainKind::LimitVolume, *used);
    let left_node = cubic(ExplainKind::Limit, left).with(said);
    if *used <= left {
        node.children.extend([left_node, all]);
        return node;
    }
    let of = match reckoned.line.basis {
        Basis::OverLimit => cubic(ExplainKind::AboveLimit, *used - left).with(vec![all.clone(), left_node]),
        _ => left_node,
    };
    cubic(ExplainKind::Volume, reckoned.line.volume).with(vec![node, of, all])
}

/// The two readings and whatever changed their difference.
fn difference(point: &PointInputs, month: &Month<'_>, at: usize, whole: Volume) -> ExplainNode {
    let metering = &point.metering[at];
    let node = leaf(ExplainKind::MeterDifference, whole, Unit::M3).meter(metering.meter);
    let Some((prev, last)) = metering.prev.zip(metering.last) else { return node };
    let reading = |kind, reading: crate::consumption::ReadingRef| {
        let mut node = leaf(kind, reading.value, Unit::M3);
        node.refs.reading = Some(reading.id);
        node
    };
    let mut children = vec![reading(ExplainKind::ReadingLast, last), reading(ExplainKind::ReadingPrev, prev)];
    if last.value < prev.value {
        let capacity = meters::register_capacity(metering.digits);
        children.push(leaf(ExplainKind::Rollover, capacity, Unit::M3).meter(metering.meter));
    }
    if let Some((from, to)) = metering.interval() {
        let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days().max(0);
        let lapsed = metering.lapsed.map_or(0, |(since, until)| days(from.max(since), to.min(until)));
        let valid = days(from, to.min(metering.verified_until)) - lapsed;
        if valid < days(from, to) {
            let share = format!("{valid}/{}", days(from, to));
            children.push(leaf(ExplainKind::ValidDays, share, Unit::Days));
        }
    }
    if let Some(sharing) = &point.sharing {
        let (own, all) = sharing.weight();
        children.push(leaf(ExplainKind::MeterShare, format!("{own}/{all}"), Unit::None));
    }
    let alone = PointInputs { provisional: Volume::ZERO, ..point.clone() };
    let shown = measured(&alone, month).volumes[at].unwrap_or_default();
    let all = PointInputs { specials: Vec::new(), bulk: None, ..alone };
    let all = measured(&all, month).volumes[at].unwrap_or_default();
    if all > shown {
        children.push(leaf(ExplainKind::BilledBefore, all - shown, Unit::M3));
    }
    if point.unsettled() > Volume::ZERO {
        children.push(leaf(ExplainKind::Provisional, shown - whole, Unit::M3));
    }
    node.with(children)
}

fn leaf(kind: ExplainKind, value: impl std::fmt::Display, unit: Unit) -> ExplainNode {
    ExplainNode { kind, value: value.to_string(), unit, refs: Refs::default(), children: Vec::new() }
}

fn setting_node<T: std::fmt::Display>(setting: &Setting<T>) -> ExplainNode {
    leaf(ExplainKind::Setting, &setting.value, Unit::None).setting(setting.id)
}

impl ExplainNode {
    fn with(mut self, children: Vec<ExplainNode>) -> Self {
        self.children = children;
        self
    }

    fn tariff(mut self, id: TariffId) -> Self {
        self.refs.tariff = Some(id);
        self
    }

    fn setting(mut self, id: SettingId) -> Self {
        self.refs.setting = Some(id);
        self
    }

    fn meter(mut self, id: MeterId) -> Self {
        self.refs.meter = Some(id);
        self
    }

    /// Whether the value, and every value below, follows from its children.
    pub fn holds(&self) -> bool {
        self.children.is_empty() || (self.children.iter().all(Self::holds) && self.follows().unwrap_or(false))
    }

    /// Whether the value follows from the children's values; none when the tree does not have the shape of its kind.
    fn follows(&self) -> Option<bool> {
        use ExplainKind as K;
        let close = |exact: Decimal, liters: Decimal| {
            Some((self.number()? - exact).abs() <= liters / Decimal::ONE_THOUSAND)
        };
        match self.kind {
            K::Gross => {
                let volume = Volume::from_str(&self.child(K::Volume)?.value).ok()?;
                let price = self.child(K::Price)?.number()?;
                let coefficient = self.child(K::Band).or(self.child(K::LimitCoefficient));
                let exact =
                    volume.to_decimal() * price * coefficient.map_or(Some(Decimal::ONE), Self::number)?;
                let vat_rate = self.child(K::VatRate)?.number()? / Decimal::ONE_HUNDRED;
                let rounding = Rounding::from_code(&self.child(K::Rounding)?.value)?;
                let Amounts { net, vat, gross } = match self.child(K::RoundedWith) {
                    None => Amounts::of(exact, vat_rate, rounding),
                    Some(with) => {
                        let cut = self.child(K::Volume)?.child(K::Volume)?.number()? - volume.to_decimal();
                        if with.number()? != cut {
                            return Some(false);
                        }
                        match with.child(K::LimitCoefficient) {
                            Some(above) => {
                                Amounts::cut(exact, cut * price * above.number()?, vat_rate, rounding).0
                            }
                            None => Amounts::cut(cut * price, exact, vat_rate, rounding).1,
                        }
                    }
                };
                Some(
                    self.value == gross.to_string()
                        && self.child(K::Net)?.value == net.to_string()
                        && self.child(K::Vat)?.value == vat.to_string(),
                )
            }
            // A whole litre next to the exact share: the largest remainders got one more.
            K::Volume if self.child(K::BandShare).is_some() => {
                close(self.child(K::Volume)?.number()? * self.child(K::BandShare)?.number()?, Decimal::ONE)
            }
            // The same of a limit that is exceeded: each part has its share of what is left, and of what lies above.
            K::Volume if self.children.first()?.kind == K::Volume => {
                let of = self.child(K::AboveLimit).or(self.child(K::Limit))?.number()?;
                let exact = self.child(K::Volume)?.number()? * of;
                close(exact.checked_div(self.child(K::LimitVolume)?.number()?)?, Decimal::ONE)
            }
            // Days on which the service was not supplied have none, nor those whose norm another inlet bears.
            K::Volume if matches!(self.children.first()?.kind, K::Special | K::Setting) => {
                Some(self.number()?.is_zero())
            }
            K::Volume => {
                let share = self.child(K::DaysShare).map_or(Some(Decimal::ONE), Self::number)?;
                close(self.children.first()?.number()? * share, Decimal::new(15, 1))
            }
            K::MeterDifference => {
                let capacity = self.child(K::Rollover).map_or(Some(Decimal::ZERO), Self::number)?;
                let valid = self.child(K::ValidDays).map_or(Some(Decimal::ONE), Self::number)?;
                let billed = self.child(K::Provisional).map_or(Some(Decimal::ZERO), Self::number)?;
                let before = self.child(K::BilledBefore).map_or(Some(Decimal::ZERO), Self::number)?;
                let shown = self.child(K::ReadingLast)?.number()? + capacity
                    - self.child(K::ReadingPrev)?.number()?;
                // Of a shared meter the largest remainders got a litre more.
                let share = self.child(K::MeterShare).map_or(Some(Decimal::ONE), Self::number)?;
                let slack = if share == Decimal::ONE { Decimal::new(51, 2) } else { Decimal::new(151, 2) };
                close(shown * valid * share - before - billed, slack)
            }
            K::NormTimesResidents => close(
                self.child(K::Norm)?.number()?
                    * self.child(K::Residents)?.number()?
                    * self.child(K::DaysShare)?.number()?,
                Decimal::new(1, 2),
            ),
            K::AverageOfMonths => {
                let months: Vec<Decimal> = self
                    .children
                    .iter()
                    .filter(|child| child.kind == K::MonthVolume)
                    .map(Self::number)
                    .collect::<Option<_>>()?;
                close(months.iter().sum::<Decimal>() / Decimal::from(months.len()), Decimal::new(1, 2))
            }
            // The numerator counts the days from the first to the last.
            K::DaysShare => {
                let day = |kind| NaiveDate::from_str(&self.child(kind)?.value).ok();
                let days = (day(K::UsedTo)? - day(K::UsedFrom)?).num_days() + 1;
                Some(self.value.split_once('/')?.0 == days.to_string())
            }
            K::NormTimesArea => close(
                self.child(K::Norm)?.number()?
                    * self.child(K::PlotArea)?.number()?
                    * self.child(K::DaysShare)?.number()?,
                Decimal::new(1, 2),
            ),
            K::CapacityPerDay => {
                let d: u32 = self.child(K::Diameter)?.value.parse().ok()?;
                let liters = pipe_capacity(d, self.child(K::Setting)?.number()?);
                close(liters / Decimal::ONE_THOUSAND, Decimal::new(1, 2))
            }
            K::Capacity => {
                let full =
                    self.child(K::CapacityPerDay)?.number()? * self.child(K::CapacityDays)?.number()?;
                close(full - self.child(K::BilledBefore)?.number()?, Decimal::ONE)
            }
            K::HouseShare => close(
                self.child(K::HouseDifference)?.number()? * self.child(K::HouseWeight)?.number()?,
                Decimal::ONE,
            ),
            K::Limit => {
                let of_year = match (self.child(K::LimitYear), self.child(K::LimitUsed)) {
                    (Some(year), used) => Some((year.number()? - used?.number()?).max(Decimal::ZERO)),
                    (None, _) => None,
                };
                let month = self.child(K::LimitMonth).and_then(Self::number);
                Some(month.into_iter().chain(of_year).min()? == self.number()?)
            }
            K::AboveLimit => Some(
                self.number()? == self.child(K::LimitVolume)?.number()? - self.child(K::Limit)?.number()?,
            ),
            // The register says them; they follow from nothing.
            K::Price | K::ConsumerGroup => Some(true),
            // Held against the volumes by the line.
            K::RoundedWith => Some(self.child(K::LimitCoefficient).is_some()),
            K::Residents if self.child(K::Away).is_some() => {
                let people = |kind| self.child(kind)?.value.parse::<u32>().ok();
                Some(self.value == people(K::Registered)?.saturating_sub(people(K::Away)?).to_string())
            }
            K::Residents => Some(self.value == self.child(K::Setting)?.value),
            // The coefficient comes from the register; the month's volume per person must lie in its band.
            K::Band => {
                let Some(used) = self.child(K::VolumePerPerson) else {
                    return Some(self.child(K::BandUpto).is_none());
                };
                let (used, rounding) = (used.number()?, Decimal::new(1, 6));
                let upto = self.child(K::BandUpto).map_or(Some(Decimal::MAX), Self::number)?;
                let whole = self.child(K::BandMode)?.value == BandMode::Whole.code();
                Some(used >= self.child(K::BandAbove)?.number()? && (!whole || used - rounding <= upto))
            }
            _ => None,
        }
    }

    fn child(&self, kind: ExplainKind) -> Option<&ExplainNode> {
        self.children.iter().find(|child| child.kind == kind)
    }

    /// A decimal number, or a share like "10/31".
    fn number(&self) -> Option<Decimal> {
        match self.value.split_once('/') {
            Some((part, whole)) => Decimal::from_str(part).ok()?.checked_div(Decimal::from_str(whole).ok()?),
            None => Decimal::from_str(&self.value).ok(),
        }
    }
}
