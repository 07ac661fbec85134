use async_graphql::{Context, Object};
use domain::consumption::SpecialKind;
use domain::kernel::*;
use entities::consumption::special::SpecialRow;
use entities::subscribers::account;

use super::loaders::SpecialsOf;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;

/// What happened at a point, on a document (особый случай).
pub struct Special(pub SpecialRow);

impl From<SpecialRow> for Special {
    fn from(row: SpecialRow) -> Self {
        Self(row)
    }
}

/// What happened at a point, on a document (особый случай).
#[Object]
impl Special {
    /// Its id.
    async fn id(&self) -> Gid<SpecialId> {
        Gid(self.0.id)
    }

    /// What happened (вид случая).
    async fn kind(&self) -> Option<SpecialKind> {
        SpecialKind::from_code(&self.0.kind)
    }

    /// The point of supply; nothing where it is every point of the account (точка подключения).
    async fn point_id(&self) -> Option<Gid<PointId>> {
        self.0.point_id.map(Gid)
    }

    /// First day that counts; of a full capacity after its cap (с).
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// Last day; nothing while it goes on (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }

    /// Of an absence: people away (отсутствовали).
    async fn people(&self) -> i32 {
        self.0.people
    }

    /// Of a full capacity: inner diameter of the inlet in mm (диаметр ввода).
    async fn diameter_mm(&self) -> i32 {
        self.0.diameter_mm
    }

    /// Of a full capacity: the last check by the utility (последняя проверка).
    async fn last_check_on(&self) -> Option<Date> {
        self.0.last_check_on.map(Date)
    }

    /// The act or certificate (документ).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(self.0.document_id)
    }
}

/// What consumption adds to an account.
pub struct AccountConsumption(AccountId);

impl From<&account::Model> for AccountConsumption {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountConsumption {
    /// Special cases, newest first; fifty at most (особые случаи).
    async fn specials(&self, cx: &Context<'_>) -> Result<Vec<Special>> {
        let since = crate::subscribers::types::own_since(cx, self.0).await?;
        let rows = cx.loader().load_one(SpecialsOf(self.0)).await?.unwrap_or_default();
        // A subscriber sees nothing of the time before he came.
        let own = rows.into_iter().filter(|row| since.is_none_or(|since| row.to.is_none_or(|to| to > since)));
        Ok(own.map(Special).collect())
    }
}
