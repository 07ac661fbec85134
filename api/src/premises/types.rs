use async_graphql::{Context, Object, SimpleObject};
use domain::kernel::*;
use domain::premises::{BuildingKind, PremiseKind};
use domain::tariffs::Amenity;
use entities::premises::building::Address;
use entities::premises::{building, district, point, premise, street};
use rust_decimal::Decimal;

use super::loaders::*;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::messages::Language;
use crate::wiring::point::Point;

/// A district of the city (район).
#[derive(SimpleObject)]
pub struct District {
    /// Node id.
    pub id: Gid<DistrictId>,
    /// Code in files.
    pub code: String,
    /// Name in the three languages.
    pub name: LocalName,
}

impl From<district::Model> for District {
    fn from(row: district::Model) -> Self {
        Self {
            id: Gid(row.id),
            code: row.code,
            name: LocalName { kk: row.name_kk, ru: row.name_ru, en: row.name_en },
        }
    }
}

/// A street (улица).
#[derive(SimpleObject)]
pub struct Street {
    /// Node id.
    pub id: Gid<StreetId>,
    /// The utility's own code (код улицы).
    pub code: String,
    /// Name in Kazakh.
    pub name_kk: String,
    /// Name in Russian.
    pub name_ru: String,
}

impl From<street::Model> for Street {
    fn from(row: street::Model) -> Self {
        Self { id: Gid(row.id), code: row.code, name_kk: row.name_kk, name_ru: row.name_ru }
    }
}

/// An address in the reader's language: Kazakh for Kazakh, Russian for everybody else, as on the street's own signs.
pub fn spell(address: &Address, language: Language) -> String {
    let street = match language {
        Language::Kk => &address.street_kk,
        Language::Ru | Language::En => &address.street_ru,
    };
    match address.number.as_str() {
        "" => format!("{street}, {}", address.house),
        number => format!("{street}, {}, {number}", address.house),
    }
}

/// The row that an edge of a row must have: the database's keys promise it.
pub fn present<T>(found: Option<T>) -> Result<T> {
    found.ok_or_else(|| ApiError::new(Code::Internal))
}

pub async fn district(cx: &Context<'_>, id: DistrictId) -> Result<District> {
    present(cx.loader().load_one(DistrictById(id)).await?).map(District::from)
}

pub async fn premise(cx: &Context<'_>, id: PremiseId) -> Result<Premise> {
    present(cx.loader().load_one(PremiseById(id)).await?).map(Premise)
}

pub async fn premise_address(cx: &Context<'_>, id: PremiseId) -> Result<String> {
    let address = present(cx.loader().load_one(AddressOfPremise(id)).await?)?;
    Ok(spell(&address, cx.language()))
}

/// A building (дом).
pub struct Building(pub building::Model);

impl From<building::Model> for Building {
    fn from(row: building::Model) -> Self {
        Self(row)
    }
}

/// A building (дом).
#[Object]
impl Building {
    /// Node id.
    pub async fn id(&self) -> Gid<BuildingId> {
        Gid(self.0.id)
    }

    /// Its district (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.0.district_id).await
    }

    /// Its street (улица).
    async fn street(&self, cx: &Context<'_>) -> Result<Street> {
        present(cx.loader().load_one(StreetById(self.0.street_id)).await?).map(Street::from)
    }

    /// House number (номер дома).
    async fn house(&self) -> &str {
        &self.0.house
    }

    /// What it is (вид здания).
    async fn kind(&self) -> BuildingKind {
        self.0.kind
    }

    /// Street and house in the reader's language (адрес).
    async fn address(&self, cx: &Context<'_>) -> Result<String> {
        let address = present(cx.loader().load_one(AddressOfBuilding(self.0.id)).await?)?;
        Ok(spell(&address, cx.language()))
    }

    /// Its premises (помещения), in the order they were registered.
    async fn premises(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Premise>> {
        let page = page_of::<i64>(first, after)?;
        let key = PremisesOf { building: self.0.id, first: page.first, after: page.after };
        let slice = present(cx.loader().load_one(key).await?)?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Premise))
    }
}

/// A flat, private house or object (помещение).
pub struct Premise(pub premise::Model);

/// A flat, private house or object (помещение).
#[Object]
impl Premise {
    /// Node id.
    pub async fn id(&self) -> Gid<PremiseId> {
        Gid(self.0.id)
    }

    /// Its building (дом).
    async fn building(&self, cx: &Context<'_>) -> Result<Building> {
        present(cx.loader().load_one(BuildingById(self.0.building_id)).await?).map(Building)
    }

    /// Number of the flat; empty for a house (номер квартиры).
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// What it is (вид помещения).
    async fn kind(&self) -> PremiseKind {
        self.0.kind
    }

    /// Useful area in m² with two decimals (полезная площадь).
    async fn area(&self) -> Option<String> {
        self.0.area_dm2.map(|area| Decimal::new(area.into(), 2).to_string())
    }

    /// Street, house and flat in the reader's language (адрес).
    async fn address(&self, cx: &Context<'_>) -> Result<String> {
        premise_address(cx, self.0.id).await
    }

    /// Its points of supply (точки подключения), fifty at most.
    async fn points(&self, cx: &Context<'_>) -> Result<Vec<Point>> {
        let points = cx.loader().load_one(PointsOfPremise(self.0.id)).await?.unwrap_or_default();
        Ok(points.into_iter().map(Point::from).collect())
    }
}

/// The registers' part of a point of supply.
pub struct PointCore(point::Point);

impl From<&point::Point> for PointCore {
    fn from(row: &point::Point) -> Self {
        Self(row.clone())
    }
}

#[Object]
impl PointCore {
    /// Node id.
    pub async fn id(&self) -> Gid<PointId> {
        Gid(self.0.id)
    }

    /// Where it is; nothing at the place of a house meter (помещение).
    async fn premise(&self, cx: &Context<'_>) -> Result<Option<Premise>> {
        match self.0.premise_id {
            Some(id) => premise(cx, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Hot water comes out (горячая вода); its supplier is somebody else, only its sewerage is charged.
    async fn hot(&self) -> bool {
        self.0.hot
    }

    /// The utility supplies water here (водоснабжение).
    async fn water(&self) -> bool {
        self.0.water
    }

    /// The utility takes sewage away (водоотведение).
    async fn sewerage(&self) -> bool {
        self.0.sewerage
    }

    /// What chooses the norm where no meter counts (степень благоустройства).
    async fn amenity(&self) -> Amenity {
        self.0.amenity
    }

    /// First day of these services and this amenity (действует с).
    async fn supplied_since(&self) -> Option<Date> {
        self.0.supplied_since.map(Date)
    }
}
