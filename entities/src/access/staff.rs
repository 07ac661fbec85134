//! Members of the staff.

use chrono::{DateTime, Utc};
use domain::access::Permission;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Page, Result, Slice, Tx, sql};

/// A member of the staff with roles and what they allow.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Staff {
    pub id: i64,
    pub login: String,
    pub name: String,
    pub language: String,
    /// Codes of sectors; none means all. The same for districts.
    pub sectors: Vec<String>,
    pub districts: Vec<i64>,
    pub active: bool,
    pub locked_until: Option<DateTime<Utc>>,
    /// Until then the password is one that an administrator gave; `None` when the person chose it.
    pub one_time_until: Option<DateTime<Utc>>,
    pub version: i32,
    pub roles: Vec<String>,
    pub permissions: Vec<String>,
}

const SELECT: &str = "SELECT s.id, s.login, s.name, s.language, s.sectors, s.districts, s.active, s.locked_until, s.one_time_until, s.version, \
        ARRAY(SELECT r.role FROM access.staff_role r WHERE r.staff_id = s.id ORDER BY 1) AS roles, \
        ARRAY(SELECT DISTINCT p.permission FROM access.staff_role r JOIN access.role_permission p USING (role) \
              WHERE r.staff_id = s.id ORDER BY 1) AS permissions \
     FROM access.staff s";

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Staff>> {
    sql::one(db, &format!("{SELECT} WHERE s.id = $1"), [id.into()]).await
}

/// The same, locked against other writers.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Staff>> {
    sql::one(tx, &format!("{SELECT} WHERE s.id = $1 FOR UPDATE OF s"), [id.into()]).await
}

/// By login.
pub async fn list(db: &impl ConnectionTrait, page: Page<String>) -> Result<Slice<Staff>> {
    let rows = sql::all(
        db,
        &format!("{SELECT} WHERE ($1::text IS NULL OR s.login > $1) ORDER BY s.login LIMIT $2"),
        [page.after.clone().into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Names by login, of those that are known.
pub async fn names(db: &impl ConnectionTrait, logins: Vec<String>) -> Result<Vec<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        login: String,
        name: String,
    }
    let rows: Vec<Row> =
        sql::all(db, "SELECT login, name FROM access.staff WHERE login = ANY ($1)", [logins.into()]).await?;
    Ok(rows.into_iter().map(|row| (row.login, row.name)).collect())
}

/// Who may do something in the whole city, by login; two hundred at most.
pub async fn who_may(db: &impl ConnectionTrait, what: Permission) -> Result<Vec<Staff>> {
    sql::all(
        db,
        &format!(
            "{SELECT} WHERE s.active AND s.sectors = '{{}}' AND s.districts = '{{}}' AND EXISTS (
                 SELECT FROM access.staff_role r JOIN access.role_permission p USING (role)
                 WHERE r.staff_id = s.id AND p.permission = $1)
             ORDER BY s.login LIMIT 200"
        ),
        [what.code().into()],
    )
    .await
}

/// What a sign-in is checked against.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Secret {
    pub id: i64,
    pub password_hash: String,
    /// The password is one that an administrator gave, and no longer good.
    pub over: bool,
}

/// Counts an attempt before the password is looked at, so that parallel guesses cannot outrun the lock: the fifth failure
/// in a row locks for a minute, each further one twice as long, an hour at most. Nothing for unknown, inactive and locked.
pub async fn attempt(db: &impl ConnectionTrait, login: &str) -> Result<Option<Secret>> {
    sql::one(
        db,
        "UPDATE access.staff SET failed_count = failed_count + 1,
             locked_until = CASE WHEN failed_count >= 4
                 THEN now() + make_interval(secs => least(3600, 60 * power(2, failed_count - 4))) END
         WHERE login = $1 AND active AND (locked_until IS NULL OR locked_until <= now())
         RETURNING id, password_hash, coalesce(one_time_until <= now(), false) AS over",
        [login.into()],
    )
    .await
}

/// A right password, or an administrator, forgives the failures.
pub async fn forgive(db: &impl ConnectionTrait, id: i64) -> Result<()> {
    sql::run(db, "UPDATE access.staff SET failed_count = 0, locked_until = NULL WHERE id = $1", [id.into()])
        .await?;
    Ok(())
}

/// The hash that stands now, read under the lock of the row.
pub async fn password_hash(tx: &Tx, id: i64) -> Result<Option<String>> {
    sql::scalar(tx, "SELECT password_hash FROM access.staff WHERE id = $1 FOR UPDATE", [id.into()]).await
}

/// Another password: one's own, or one that an administrator gave until a moment. Failures are forgiven with it.
pub async fn set_password(tx: &Tx, id: i64, hash: &str, one_time_until: Option<DateTime<Utc>>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.staff SET password_hash = $2, one_time_until = $3, failed_count = 0, locked_until = NULL WHERE id = $1",
        [id.into(), hash.into(), one_time_until.into()],
    )
    .await
    .map(drop)
}

/// A new member of the staff.
pub struct New<'a> {
    pub login: &'a str,
    pub name: &'a str,
    pub password_hash: &'a str,
    pub one_time_until: Option<DateTime<Utc>>,
    pub language: &'a str,
    pub sectors: Vec<String>,
    pub districts: Vec<i64>,
    pub roles: Vec<String>,
}

/// The new row's id, or `None` when the login is taken.
pub async fn insert(tx: &Tx, new: New<'_>) -> Result<Option<i64>> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO access.staff (login, name, password_hash, one_time_until, language, sectors, districts)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (login) DO NOTHING RETURNING id",
        [
            new.login.into(),
            new.name.into(),
            new.password_hash.into(),
            new.one_time_until.into(),
            new.language.into(),
            new.sectors.into(),
            new.districts.into(),
        ],
    )
    .await?;
    if let Some(id) = id {
        set_roles(tx, id, new.roles).await?;
    }
    Ok(id)
}

/// Writes what may change of a locked row.
pub async fn update(tx: &Tx, staff: &Staff) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.staff SET name = $2, active = $3, sectors = $4, districts = $5, version = version + 1 WHERE id = $1",
        [
            staff.id.into(),
            staff.name.clone().into(),
            staff.active.into(),
            staff.sectors.clone().into(),
            staff.districts.clone().into(),
        ],
    )
    .await?;
    set_roles(tx, staff.id, staff.roles.clone()).await
}

async fn set_roles(tx: &Tx, id: i64, roles: Vec<String>) -> Result<()> {
    sql::run(
        tx,
        "WITH wanted AS (SELECT unnest($2::text[]) AS role),
              gone AS (DELETE FROM access.staff_role WHERE staff_id = $1 AND role NOT IN (SELECT role FROM wanted))
         INSERT INTO access.staff_role (staff_id, role) SELECT $1, role FROM wanted ON CONFLICT DO NOTHING",
        [id.into(), roles.into()],
    )
    .await?;
    Ok(())
}
