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
        Sector::from_code(&self.0.sector).ok_or_else(ApiError::not_found)
    }

    /// Its sums.
    async fn sums(&self) -> PictureSums {
        PictureSums::of([&self.0])
    }
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
}

impl From<&Month> for PictureMonth {
    fn from(month: &Month) -> Self {
        Self {
            period: Period::of(month.period),
            charged: Money::from_tiyn(month.charged),
            paid: Money::from_tiyn(month.paid),
        }
    }
}

/// What is owed by its age (старение задолженности).
#[derive(SimpleObject)]
pub struct PictureAge {
    /// Whole months past the due day: 0 is not due yet or up to a month late, 12 a year and more.
    pub months: i32,
    /// Sum not settled.
    pub owed: Money,
}

impl From<&Age> for PictureAge {
    fn from(age: &Age) -> Self {
        Self { months: age.months, owed: Money::from_tiyn(age.owed) }
    }
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
    async fn months(&self) -> Vec<PictureMonth> {
        self.0.months.iter().map(PictureMonth::from).collect()
    }

    /// What is owed by age, youngest first.
    async fn ages(&self) -> Vec<PictureAge> {
        self.0.ages.iter().map(PictureAge::from).collect()
    }
}
