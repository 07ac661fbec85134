//! Roles and what they allow: rows, started from the code's defaults.

use domain::access::{Role, default_permissions};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, sql, state};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    pub code: String,
    pub name_kk: String,
    pub name_ru: String,
    pub name_en: String,
    pub permissions: Vec<String>,
}

/// All roles; there are a dozen or two.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Row>> {
    sql::all(
        db,
        "SELECT code, name_kk, name_ru, name_en,
                ARRAY(SELECT permission FROM access.role_permission p WHERE p.role = r.code ORDER BY 1) AS permissions
         FROM access.role r ORDER BY code LIMIT 200",
        [],
    )
    .await
}

/// What one role allows now.
pub async fn permissions(db: &impl ConnectionTrait, role: Role) -> Result<Vec<String>> {
    let found: Option<Vec<String>> = sql::scalar(
        db,
        "SELECT ARRAY(SELECT permission FROM access.role_permission WHERE role = $1)",
        [role.code().into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

const NAMES: &[(Role, [&str; 3])] = &[
    (Role::Administrator, ["Әкімші", "Администратор", "Administrator"]),
    (
        Role::OperatorLegal,
        ["Заңды тұлғалар секторының операторы", "Оператор юридического сектора", "Operator, legal entities"],
    ),
    (
        Role::OperatorPrivate,
        ["Жеке үйлер секторының операторы", "Оператор частного сектора", "Operator, private houses"],
    ),
    (
        Role::OperatorMulti,
        [
            "Көппәтерлі үйлер секторының операторы",
            "Оператор многоквартирного сектора",
            "Operator, apartment buildings",
        ],
    ),
    (Role::Cashier, ["Кассир", "Кассир", "Cashier"]),
    (Role::ChiefCashier, ["Аға кассир", "Старший кассир", "Chief cashier"]),
    (Role::Inspector, ["Бақылаушы", "Контролёр", "Inspector"]),
    (Role::Treasurer, ["Төлемдер бухгалтері", "Бухгалтер по платежам", "Accountant of payments"]),
    (Role::Accountant, ["Бухгалтер", "Бухгалтер", "Accountant"]),
    (Role::ChiefAccountant, ["Бас бухгалтер", "Главный бухгалтер", "Chief accountant"]),
    (Role::Manager, ["Басшы", "Руководитель", "Manager"]),
    (Role::Auditor, ["Аудитор", "Аудитор", "Auditor"]),
    (Role::Subscriber, ["Абонент", "Абонент", "Subscriber"]),
    (Role::Integration, ["Интеграция", "Интеграция", "Integration"]),
];

/// Brings the default roles into the tables. A pair of role and permission is given once in the life of an installation: what
/// an administrator took away stays away, what a new version of the program adds arrives.
pub async fn sync_defaults(db: &impl ConnectionTrait) -> Result<()> {
    const GIVEN: &str = "access.permissions_given";
    let given: Vec<(String, String)> = state::get(db, GIVEN).await?.unwrap_or_default();
    let (mut roles, mut permissions) = (Vec::new(), Vec::new());
    for (role, [kk, ru, en]) in NAMES {
        sql::run(
            db,
            "INSERT INTO access.role (code, name_kk, name_ru, name_en) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            [role.code().into(), (*kk).into(), (*ru).into(), (*en).into()],
        )
        .await?;
        for permission in default_permissions(*role) {
            let pair = (role.code().to_owned(), permission.code().to_owned());
            if !given.contains(&pair) {
                roles.push(pair.0);
                permissions.push(pair.1);
            }
        }
    }
    sql::run(
        db,
        "INSERT INTO access.role_permission (role, permission) SELECT * FROM unnest($1::text[], $2::text[])
         ON CONFLICT DO NOTHING",
        [roles.clone().into(), permissions.clone().into()],
    )
    .await?;
    let given: Vec<_> = given.into_iter().chain(roles.into_iter().zip(permissions)).collect();
    state::set(db, GIVEN, &given).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_names() {
        assert_eq!(NAMES.iter().map(|(role, _)| *role).collect::<Vec<_>>(), Role::ALL);
    }
}
