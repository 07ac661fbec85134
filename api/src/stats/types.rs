use std::sync::Arc;

use async_graphql::{Object, SimpleObject};
use domain::kernel::*;
use entities::stats::{Age, Month, Part};

use super::city::City;
use crate::platform::graphql::*;
use crate::premises::types::District;

/// Sums of the picture, for a part of it or for all (суммы).
#[derive(Debug, Clone, Copy, Default, SimpleObject)]
pub struct PictureSums {
    /// Charged in the month, VAT included (начислено).
    pub charged: Money,
    /// Came in in the month (оплачено).
    pub paid: Money,
    /// Not settled now, of bills that were issued (задолженность).
    pub owed: Money,
    /// Of it, past its due day (просрочено).
    pub overdue: Money,
    /// Paid ahead and not used yet (авансы).
    pub advance: Money,
    /// Readings that arrived today and were accepted (принято показаний).
    pub readings_accepted: i64,
    /// Readings that arrived today and wait for a decision (сомнительные).
    pub readings_doubtful: i64,
    /// Readings that arrived today and were rejected (отклонённые).
    pub readings_rejected: i64,
}

impl PictureSums {
    fn of<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Self {
        parts.into_iter().fold(Self::default(), |sum, part| Self {
            charged: sum.charged + Money::from_tiyn(part.charged),
            paid: sum.paid + Money::from_tiyn(part.paid),
            owed: sum.owed + Money::from_tiyn(part.owed),
            overdue: sum.overdue + Money::from_tiyn(part.overdue),
            advance: sum.advance + Money::from_tiyn(part.advance),
            readings_accepted: sum.readings_accepted + part.accepted,
            readings_doubtful: sum.readings_doubtful + part.doubtful,
            readings_rejected: sum.readings_rejected + part.rejected,
        })
    }
}

/// A district and sector of the picture (часть города).
pub struct PicturePart(Part);

/// A district and sector of the picture (часть города).
#[Object]
impl PicturePart {
    /// District.
    async fn district(&self) -> District {
        let part = self.0.clone();
        let name = LocalName { kk: part.name_kk, ru: part.name_ru, en: part.name_en };
        District { id: Gid(DistrictId(part.district_id)), code: part.district, name }
    }

    /// Sector.
    async fn sector(&self) -> Result<Sector> {
        sector(&self.0.sector)
    }

    /// Its sums.
    async fn sums(&self) -> PictureSums {
        PictureSums::of([&self.0])
    }
}

/// A sector's part of a month (месяц сектора).
#[derive(Debug, Clone, SimpleObject)]
pub struct PictureMonthPart {
    /// Sector.
    pub sector: Sector,
    /// Charged in the month, VAT included.
    pub charged: Money,
    /// Came in in it.
    pub paid: Money,
}

/// A month beside others (месяц).
#[derive(SimpleObject)]
pub struct PictureMonth {
    /// Month.
    pub period: Period,
    /// Charged in it, VAT included.
    pub charged: Money,
    /// Came in in it.
    pub paid: Money,
    /// The same by sector.
    pub parts: Vec<PictureMonthPart>,
}

impl PictureMonth {
    fn of(sectors: &[Month]) -> Result<Self> {
        let parts = sectors
            .iter()
            .map(|one| {
                Ok(PictureMonthPart {
                    sector: sector(&one.sector)?,
                    charged: Money::from_tiyn(one.charged),
                    paid: Money::from_tiyn(one.paid),
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            period: Period::of(sectors[0].period),
            charged: Money::from_tiyn(sectors.iter().map(|one| one.charged).sum()),
            paid: Money::from_tiyn(sectors.iter().map(|one| one.paid).sum()),
            parts,
        })
    }
}

/// What a sector owes of an age (задолженность сектора).
#[derive(Debug, Clone, SimpleObject)]
pub struct PictureAgePart {
    /// Sector.
    pub sector: Sector,
    /// Sum not settled.
    pub owed: Money,
}

/// What is owed by its age (старение задолженности).
#[derive(SimpleObject)]
pub struct PictureAge {
    /// Whole months past the due day: 0 is not due yet or up to a month late, 12 a year and more.
    pub months: i32,
    /// Sum not settled.
    pub owed: Money,
    /// The same by sector.
    pub parts: Vec<PictureAgePart>,
}

impl PictureAge {
    fn of(sectors: &[Age]) -> Result<Self> {
        let parts = sectors
            .iter()
            .map(|one| Ok(PictureAgePart { sector: sector(&one.sector)?, owed: Money::from_tiyn(one.owed) }))
            .collect::<Result<_>>()?;
        let owed = Money::from_tiyn(sectors.iter().map(|one| one.owed).sum());
        Ok(Self { months: sectors[0].months, owed, parts })
    }
}

fn sector(code: &str) -> Result<Sector> {
    Sector::from_code(code).ok_or_else(ApiError::not_found)
}

/// The city, or the part of it the caller answers for, in a month as it stands now (картина города).
pub struct CityPicture(pub Arc<City>);

/// The city, or the part of it the caller answers for, in a month as it stands now (картина города).
#[Object]
impl CityPicture {
    /// Month.
    async fn period(&self) -> Period {
        self.0.period
    }

    /// The business date that decides what is overdue (операционная дата).
    async fn today(&self) -> Date {
        self.0.today.into()
    }

    /// Sums of all parts.
    async fn sums(&self) -> PictureSums {
        PictureSums::of(&self.0.parts)
    }

    /// By district and sector: a row for each that has anything to show.
    async fn parts(&self) -> Vec<PicturePart> {
        self.0.parts.iter().cloned().map(PicturePart).collect()
    }

    /// Up to thirteen months that end with this one, oldest first.
    async fn months(&self) -> Result<Vec<PictureMonth>> {
        self.0.months.chunk_by(|a, b| a.period == b.period).map(PictureMonth::of).collect()
    }

    /// What is owed by age, youngest first.
    async fn ages(&self) -> Result<Vec<PictureAge>> {
        self.0.ages.chunk_by(|a, b| a.months == b.months).map(PictureAge::of).collect()
    }
}
