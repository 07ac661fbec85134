//! Members of the staff, assembled: the districts they see belong to another subsystem.

use async_graphql::{Context, MergedObject, Object};
use domain::kernel::{DistrictId, UserId};
use entities::access::staff::Staff;

use crate::access::types::{UserCore, ViewerCore};
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::{ApiError, Gid, Result};
use crate::premises::District;
use crate::premises::loaders::DistrictById;

/// The rows a member of the staff is bound to.
pub struct Places(Vec<i64>);

/// The rows a member of the staff is bound to.
#[Object]
impl Places {
    /// Districts the user sees; empty means all (районы).
    async fn districts(&self, cx: &Context<'_>) -> Result<Vec<District>> {
        let keys = self.0.iter().map(|id| DistrictById(DistrictId(*id)));
        let found = cx.loader().load_many(keys).await?;
        let mut districts: Vec<District> = found.into_values().map(District::from).collect();
        districts.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(districts)
    }
}

/// The signed-in member of the staff (сотрудник).
#[derive(MergedObject)]
pub struct Viewer(ViewerCore, Places);

/// A member of the staff in the list of users (пользователь).
#[derive(MergedObject)]
pub struct User(UserCore, Places);

impl User {
    /// For the interface `Node`.
    pub async fn id(&self, cx: &Context<'_>) -> Result<Gid<UserId>> {
        self.0.id(cx).await.copied().map_err(|_| ApiError::not_found())
    }
}

impl From<Staff> for Viewer {
    fn from(row: Staff) -> Self {
        let places = Places(row.districts.clone());
        Self(row.into(), places)
    }
}

impl From<Staff> for User {
    fn from(row: Staff) -> Self {
        let places = Places(row.districts.clone());
        Self(row.into(), places)
    }
}
