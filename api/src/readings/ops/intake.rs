//! The one intake: whatever the channel, a reading is placed, put into its month and judged here.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::access::{Permission, Scope};
use domain::consumption::ReadingRef;
use domain::kernel::*;
use domain::ledger::PeriodStatus;
use domain::meters::MeterPlace;
use domain::readings::{
    Channel, Judgement, MeterCase, MovedCutOffs, ReadingCase, Standing, Verdict, counts_for, judge, usual,
};
use domain::tariffs::{MethodBook, MissingSetting};
use entities::kernel::{Broken, Tx};
use entities::readings::{self, Accepted, NewReading, Place};
use uuid::Uuid;

/// A reading at the door.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub point: PointId,
    pub day: NaiveDate,
    pub value: Volume,
    pub channel: Channel,
    pub client_ref: Option<Uuid>,
    pub import: Option<(ImportBatchId, i32)>,
    /// The last one of who leaves: it counts for the month of its day whatever the cut-off, for there is no next one.
    pub closing: bool,
}

/// A reading with its place and its verdict, not written yet.
#[derive(Debug, Clone)]
pub struct Judged {
    pub place: Place,
    pub period: Period,
    pub previous: Option<ReadingId>,
    pub judgement: Judgement,
}

/// A setting that the rule needs has no confirmed value for the day.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no confirmed setting {0}")]
pub struct SettingMissing(pub &'static str);

impl From<MissingSetting> for SettingMissing {
    fn from(missing: MissingSetting) -> Self {
        Self(missing.code)
    }
}

/// Judges readings in the order they came. It remembers what it accepted, so that the second reading of a file stands on the
/// first one though nothing is written yet.
pub struct Intake {
    today: NaiveDate,
    scope: Scope,
    /// Accountants still write into a softly closed month.
    into_soft_closed: bool,
    methods: MethodBook,
    moved: MovedCutOffs,
    statuses: HashMap<(Sector, Period), PeriodStatus>,
    accepted: HashMap<PointId, Vec<(MeterId, Accepted)>>,
}

impl Intake {
    /// Reads the settings and locks the open months against closing.
    pub async fn open(tx: &Tx, today: NaiveDate) -> Result<Self, Broken> {
        Ok(Self {
            today,
            scope: tx.scope().clone(),
            into_soft_closed: tx.actor().may(Permission::BillingRun),
            methods: readings::methods(tx).await?,
            // After the months are locked: whoever moves a day locks its month alone.
            statuses: readings::period_statuses(tx).await?,
            moved: readings::moved_cut_offs(tx).await?,
            accepted: HashMap::new(),
        })
    }

    /// One answer per reading, none for a point outside of the scope. Three statements, however many there are.
    pub async fn judge(
        &mut self,
        tx: &Tx,
        incoming: &[Incoming],
        ids: &[ReadingId],
    ) -> Result<Result<Vec<Option<Judged>>, SettingMissing>, Broken> {
        let mut points: Vec<PointId> = incoming.iter().map(|reading| reading.point).collect();
        points.sort_unstable();
        points.dedup();
        readings::lock_points(tx, &points).await?;

        let asked: Vec<_> = incoming.iter().map(|reading| (reading.point, reading.day)).collect();
        let mut placed: Vec<Option<(Place, Period)>> = vec![None; incoming.len()];
        for place in readings::places(tx, &self.scope, &asked).await? {
            let at = usize::try_from(place.n - 1).unwrap_or_default();
            let counts = match incoming[at].closing {
                true => Ok(Period::of(incoming[at].day)),
                false => counts_for(incoming[at].day, place.sector, &self.methods, &self.moved),
            };
            let period = match counts {
                Ok(period) => self.open_month(place.sector, period),
                Err(missing) => return Ok(Err(missing.into())),
            };
            placed[at] = Some((place, period));
        }

        let months = match self.methods.average_months(self.today) {
            Ok(setting) => setting.value,
            Err(missing) => return Ok(Err(missing.into())),
        };
        let metered: Vec<(usize, (PointId, MeterId, Period))> = placed
            .iter()
            .enumerate()
            .filter_map(|(at, placed)| {
                let (place, period) = placed.as_ref()?;
                Some((at, (place.point_id, place.meter_id?, *period)))
            })
            .collect();
        let questions: Vec<_> = metered.iter().map(|(_, asked)| *asked).collect();
        // The one that stands for the month, the one before, and those of the average with what they started from.
        let lists = readings::history(tx, &questions, i64::from(months) + 2).await?;
        let mut known: Vec<Vec<Accepted>> = vec![Vec::new(); incoming.len()];
        for ((at, _), list) in metered.into_iter().zip(lists) {
            known[at] = list;
        }

        let mut answers = Vec::with_capacity(incoming.len());
        for (at, (reading, placed)) in incoming.iter().zip(placed).enumerate() {
            let Some((place, period)) = placed else {
                answers.push(None);
                continue;
            };
            let case = self.case(reading, &place, period, std::mem::take(&mut known[at]), months);
            let judgement = match judge(&case, &self.methods) {
                Ok(judgement) => judgement,
                Err(missing) => return Ok(Err(missing.into())),
            };
            if let (Verdict::Accepted, Some(meter)) = (judgement.verdict, place.meter_id) {
                self.accepted.entry(place.point_id).or_default().push((
                    meter,
                    Accepted {
                        id: ids[at],
                        period,
                        day: reading.day,
                        value: reading.value,
                        channel: reading.channel,
                        consumption: judgement.consumption,
                        act: false,
                    },
                ));
            }
            answers.push(Some(Judged { place, period, previous: case.prev.map(|prev| prev.id), judgement }));
        }
        Ok(Ok(answers))
    }

    /// The month itself, or the first one after it that still takes facts.
    fn open_month(&self, sector: Option<Sector>, mut period: Period) -> Period {
        let Some(sector) = sector else { return period };
        let last = self.statuses.keys().filter(|(of, _)| *of == sector).map(|(_, month)| *month).max();
        // Months before the first one that was ever opened here are past, months after the last one are to come.
        while last.is_some_and(|last| period <= last) {
            match self.statuses.get(&(sector, period)) {
                Some(PeriodStatus::Open) => break,
                Some(PeriodStatus::SoftClosed) if self.into_soft_closed => break,
                _ => period = period.next(),
            }
        }
        period
    }

    fn case(
        &self,
        reading: &Incoming,
        place: &Place,
        period: Period,
        mut known: Vec<Accepted>,
        months: u32,
    ) -> ReadingCase {
        if let Some(own) = self.accepted.get(&place.point_id) {
            let same =
                own.iter().filter(|(meter, one)| Some(*meter) == place.meter_id && one.period <= period);
            known.extend(
                same.map(|(_, one)| one.clone())
                    .filter(|one| !known.iter().any(|k| k.id == one.id))
                    .collect::<Vec<_>>(),
            );
            known.sort_by_key(|one| std::cmp::Reverse((one.day, one.id)));
        }
        let as_ref = |one: &Accepted| ReadingRef { id: one.id, day: one.day, value: one.value };
        let before: Vec<&Accepted> = known.iter().filter(|one| one.period < period || one.act).collect();
        let history: Vec<_> = before.iter().map(|one| (one.period, one.consumption)).collect();
        let standing = known.iter().find(|one| one.period == period && !one.act);
        ReadingCase {
            meter: meter_case(place),
            day: reading.day,
            value: reading.value,
            channel: reading.channel,
            received_on: self.today,
            period,
            period_status: PeriodStatus::Open,
            prev: before.first().map(|one| as_ref(one)),
            standing: standing.map(|one| Standing { reading: as_ref(one), channel: one.channel }),
            average: usual(&history, months),
        }
    }
}

fn meter_case(place: &Place) -> Option<MeterCase> {
    let installed_on = place.installed_on?;
    Some(MeterCase {
        digits: u8::try_from(place.digits?).ok()?,
        place: if place.whole_building { MeterPlace::Building } else { MeterPlace::Unit },
        sector: place.sector,
        diameter_mm: u32::try_from(place.diameter_mm?).ok()?,
        installed_on,
        verified_until: place.verified_until.unwrap_or(installed_on),
    })
}

impl Judged {
    /// The row to write; an account of 0 is the house meter that nobody pays for.
    pub fn row(&self, id: ReadingId, reading: &Incoming) -> NewReading {
        NewReading {
            id,
            period: self.period,
            account: self.place.account_id.unwrap_or(AccountId(0)),
            point: reading.point,
            meter: self
                .place
                .meter_id
                .filter(|_| self.place.installed_on.is_some_and(|day| day <= reading.day)),
            day: reading.day,
            value: reading.value,
            channel: reading.channel,
            verdict: self.judgement.verdict,
            reasons: self.judgement.reasons.clone(),
            consumption: self.judgement.consumption,
            rolled_over: self.judgement.rolled_over,
            previous: self.previous,
            client_ref: reading.client_ref,
            import: reading.import,
        }
    }
}
