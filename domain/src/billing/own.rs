//! What an account itself accounts for, read from the same facts by the same rule as its bill.

use chrono::NaiveDate;

use super::Inputs;
use super::inlets::Norms;
use crate::consumption::{
    Basis, Month, PointInputs, Pricing, VolumePart, average, measured, of_days, volumes,
};
use crate::imbalance::Own;
use crate::kernel::*;
use crate::tariffs::{Missing, TariffBook};

impl Inputs {
    /// Days of prices cut a volume into lines and never change its sum, so they are not asked. `heated` counts hot water too: the
    /// house heats what its cold meter has shown. Nothing where the account is not active in the month. With `since` only what lies on
    /// days from then on: before it the house is compared with nothing. Only points that are `here` count; what the others bear of a norm
    /// stays theirs.
    pub fn own_volume(
        &self,
        book: &TariffBook,
        heated: bool,
        since: Option<NaiveDate>,
        here: &dyn Fn(PointId) -> bool,
    ) -> Result<Own, Missing> {
        let month = self.month();
        let mut own = Own::default();
        if month.from >= month.to {
            return Ok(own);
        }
        let last_day = month.to.pred_opt().unwrap_or(month.from);
        own.people = month.people(last_day, book)?;
        own.registered =
            self.residents.iter().find(|r| covers(r.from, r.to, last_day)).map_or(0, |r| r.count);
        let months = book.methods.average_months(month.period.first_day())?.value;
        let mut norms = Norms::default();
        let compared = |part: &VolumePart| {
            let days = |from: NaiveDate| (part.to - from).num_days();
            let since = since.map_or(part.from, |since| since.max(part.from));
            if since == part.from {
                part.volume
            } else {
                of_days(part.volume, days(since).max(0), days(part.from))
            }
        };
        let cold = self.points.iter().filter(|point| !point.hot);
        for point in cold.filter(|point| point.services().any(|service| service == Service::Water)) {
            let Some(month) = self.month_of(point) else { continue };
            let counts = here(point.point);
            if counts {
                own.point = own.point.into_iter().chain(Some(point.point)).min();
                see(&mut own, point, &month, last_day, months);
            }
            let elsewhere = norms.borne(point, Service::Water, &month, book)?;
            let parts = volumes(point, Service::Water, &month, &Pricing::default(), &elsewhere, book)?;
            norms.bear(point, Service::Water, &parts);
            for part in parts.into_iter().filter(|_| counts) {
                let volume = compared(&part);
                match part.basis {
                    Basis::Metered | Basis::Unsettled | Basis::Capacity => own.metered += volume,
                    Basis::Average | Basis::Stopped => own.averaged += volume,
                    Basis::Norm | Basis::ExpiredNorm | Basis::Watering | Basis::Zero => own.normed += volume,
                    // Shares of the house are made of what is counted here; limits are a matter of money.
                    Basis::NoService | Basis::NormElsewhere | Basis::HouseShare | Basis::OverLimit => {}
                    Basis::Contract => own.agreed += volume,
                }
            }
        }
        for point in self.points.iter().filter(|point| point.hot && heated) {
            let Some(month) = self.month_of(point) else { continue };
            let service = Service::SewerageHot;
            let elsewhere = norms.borne(point, service, &month, book)?;
            let parts = volumes(point, service, &month, &Pricing::default(), &elsewhere, book)?;
            norms.bear(point, service, &parts);
            if here(point.point) {
                own.hot += parts.iter().map(compared).sum();
            }
        }
        Ok(own)
    }
}

fn see(own: &mut Own, point: &PointInputs, month: &Month<'_>, day: NaiveDate, months: u32) {
    let standing = point.metering.iter().find(|m| covers(m.from, m.to, day));
    if let Some(standing) = standing {
        own.valid_meter |= day < standing.verified_until;
        own.expired_meter |= day >= standing.verified_until;
    }
    let shown = measured(point, month);
    for (metering, volume) in point.metering.iter().zip(&shown.volumes) {
        if let (Some(_), Some((from, to))) = (volume, metering.interval()) {
            own.read = Some(own.read.map_or((from, to), |(a, b)| (a.min(from), b.max(to))));
        }
    }
    if let Some((sum, count)) = average(point, months) {
        let usual = Volume::from_liters(i64::try_from(sum / count).unwrap_or_default());
        own.usual = Some(own.usual.unwrap_or_default() + usual);
    }
}
