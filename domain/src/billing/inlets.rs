//! The norm of a dwelling with several inlets: it is of the people, not of the pipes.

use super::charge::union;
use crate::consumption::{Basis, Month, PointInputs, Span, VolumePart};
use crate::kernel::*;
use crate::tariffs::{Missing, NormInlets, TariffBook};

/// Days of the month on which an inlet of the account bears the norm already, of cold and of hot water apart.
#[derive(Default)]
pub(super) struct Norms(Vec<(bool, Service, Span)>);

impl Norms {
    /// The days on which a point has no norm of its own, for an inlet before it bears it.
    pub fn borne(
        &self,
        point: &PointInputs,
        service: Service,
        month: &Month<'_>,
        book: &TariffBook,
    ) -> Result<Vec<Span>, Missing> {
        let same = |(hot, of, _): &&(bool, Service, Span)| (*hot, *of) == (point.hot, service);
        let days = union(self.0.iter().filter(same).map(|(.., days)| *days).collect());
        if days.is_empty() {
            return Ok(days);
        }
        let inlets = book.methods.norm_inlets(month.period.first_day())?.value;
        Ok(if inlets == NormInlets::Once { days } else { Vec::new() })
    }

    /// Takes the days of a point that go by it, borne here or by an inlet before.
    pub fn bear(&mut self, point: &PointInputs, service: Service, parts: &[VolumePart]) {
        let normed = |part: &&VolumePart| match part.basis {
            Basis::ExpiredNorm | Basis::NormElsewhere => true,
            // The next reading of a meter takes back what stood in for it.
            Basis::Norm => part.meter.is_none(),
            // Nobody is there to use it.
            Basis::Zero => part.norm.is_some(),
            _ => false,
        };
        self.0.extend(parts.iter().filter(normed).map(|part| (point.hot, service, (part.from, part.to))));
    }
}
