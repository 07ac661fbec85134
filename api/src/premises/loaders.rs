//! Edges of premises: one statement each per list.

use domain::kernel::*;
use entities::kernel::{Page, Slice};
use entities::premises::building::Address;
use entities::premises::point::Point;
use entities::premises::{building, district, point, premise, street};

use crate::edge;
use crate::platform::graphql::loaders::gather;

edge!(
    /// A district by id.
    DistrictById(DistrictId) => district::Model, |app, ids| async {
        Ok(district::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// A street by id.
    StreetById(StreetId) => street::Model, |app, ids| async {
        Ok(street::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// A building by id.
    BuildingById(BuildingId) => building::Model, |app, ids| async {
        Ok(building::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// A premise by id.
    PremiseById(PremiseId) => premise::Model, |app, ids| async {
        Ok(premise::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);
edge!(
    /// Address of a building.
    AddressOfBuilding(BuildingId) => Address, |app, ids| async {
        Ok(building::addresses(&app.db, ids).await?.into_iter().map(|row| (BuildingId(row.id), row)).collect())
    }
);
edge!(
    /// Address of a premise.
    AddressOfPremise(PremiseId) => Address, |app, ids| async {
        Ok(premise::addresses(&app.db, ids).await?.into_iter().map(|row| (PremiseId(row.id), row)).collect())
    }
);
edge!(
    /// Points of a premise with what is supplied on the business date.
    PointsOfPremise(PremiseId) => Vec<Point>, |app, ids| async {
        let points = point::of_premises(&app.db, app.clock.today(), ids).await?;
        Ok(gather(points.into_iter().filter_map(|point| Some((point.premise_id?, point)))))
    }
);
edge!(
    /// Points that an account pays for on the business date.
    PointsOfAccount(AccountId) => Vec<Point>, |app, ids| async {
        Ok(gather(point::of_accounts(&app.db, app.clock.today(), ids).await?))
    }
);

/// A page of the premises of a building.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PremisesOf {
    pub building: BuildingId,
    pub first: u64,
    pub after: Option<i64>,
}

#[async_trait::async_trait]
impl async_graphql::dataloader::Loader<PremisesOf> for crate::platform::graphql::loaders::Rows {
    type Value = Slice<premise::Model>;
    type Error = crate::platform::graphql::loaders::LoadError;

    async fn load(
        &self,
        keys: &[PremisesOf],
    ) -> Result<std::collections::HashMap<PremisesOf, Self::Value>, Self::Error> {
        let asked = gather(keys.iter().map(|key| ((key.first, key.after), key.building)));
        let mut found = std::collections::HashMap::new();
        for ((first, after), buildings) in asked {
            let slices = premise::of_buildings(&self.app.db, buildings, Page { first, after }).await;
            for (building, slice) in slices.map_err(std::sync::Arc::new)? {
                found.insert(PremisesOf { building, first, after }, slice);
            }
        }
        Ok(found)
    }
}
