//! Cash desks.

use domain::cashdesk::FiscalProviderCode;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::Desks;
use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Desk {
    pub id: i64,
    pub code: String,
    pub name_kk: String,
    pub name_ru: String,
    pub name_en: String,
    pub provider: FiscalProviderCode,
    pub cashbox: Option<String>,
    pub cashiers: Vec<String>,
    pub active: bool,
    pub version: i32,
}

impl Desk {
    pub fn desk_id(&self) -> DeskId {
        DeskId(self.id)
    }
}

const COLUMNS: &str =
    "d.id, d.code, d.name_kk, d.name_ru, d.name_en, d.provider, d.cashbox, d.cashiers, d.active, d.version";

pub async fn visible_to(db: &impl ConnectionTrait, desks: &Desks, id: DeskId) -> Result<Option<Desk>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.desk d WHERE {} AND d.id = $2", Desks::WHERE);
    sql::one(db, &sql, [desks.value(), id.0.into()]).await
}

/// Under a lock: nobody changes it, or who sits there, meanwhile.
pub async fn lock(tx: &Tx, id: DeskId) -> Result<Option<Desk>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.desk d WHERE d.id = $1 FOR UPDATE");
    sql::one(tx, &sql, [id.0.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Desk>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM cashdesk.desk d WHERE d.id = ANY ($1)"), [ids.into()]).await
}

/// By code.
pub async fn list(db: &impl ConnectionTrait, desks: &Desks, page: Page<String>) -> Result<Slice<Desk>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM cashdesk.desk d WHERE {} AND ($2::text IS NULL OR d.code > $2) ORDER BY d.code LIMIT $3",
            Desks::WHERE
        ),
        [desks.value(), page.after.clone().into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A desk as it is set up.
#[derive(Debug, Clone)]
pub struct NewDesk {
    pub code: String,
    pub names: [String; 3],
    pub provider: FiscalProviderCode,
    pub cashbox: Option<String>,
    pub cashiers: Vec<String>,
    pub active: bool,
}

impl NewDesk {
    fn values(self) -> [sea_orm::Value; 8] {
        let [kk, ru, en] = self.names;
        [
            self.code.into(),
            kk.into(),
            ru.into(),
            en.into(),
            self.provider.code().into(),
            self.cashbox.into(),
            self.cashiers.into(),
            self.active.into(),
        ]
    }
}

pub async fn insert(tx: &Tx, new: NewDesk) -> Result<Desk> {
    let sql = format!(
        "INSERT INTO cashdesk.desk AS d (code, name_kk, name_ru, name_en, provider, cashbox, cashiers, active)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}"
    );
    sql::one(tx, &sql, new.values()).await?.ok_or(Broken::RecordNotInserted)
}

pub async fn update(tx: &Tx, id: DeskId, new: NewDesk) -> Result<Desk> {
    let sql = format!(
        "UPDATE cashdesk.desk d SET code = $1, name_kk = $2, name_ru = $3, name_en = $4, provider = $5, cashbox = $6, cashiers = $7,
             active = $8, version = version + 1
         WHERE d.id = $9 RETURNING {COLUMNS}"
    );
    sql::one(tx, &sql, new.values().into_iter().chain([id.0.into()])).await?.ok_or(Broken::RecordNotUpdated)
}

/// Logins of this list that nobody active has.
pub async fn unknown_logins(db: &impl ConnectionTrait, logins: &[String]) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        login: String,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT l.login FROM unnest($1::text[]) AS l (login)
         WHERE NOT EXISTS (SELECT FROM access.staff s WHERE s.login = l.login AND s.active) ORDER BY 1",
        [logins.to_vec().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.login).collect())
}

/// The name of a member of the staff, as it stands on papers; the login of who is in no table.
pub async fn name_of(db: &impl ConnectionTrait, login: &str) -> Result<String> {
    let name: Option<String> =
        sql::scalar(db, "SELECT name FROM access.staff WHERE login = $1", [login.into()]).await?;
    Ok(name.unwrap_or_else(|| login.to_owned()))
}
