//! The logins of the demo: one per role, all with the same password, which is no secret.

use std::sync::Arc;

use domain::access::{Actor, Role};
use entities::kernel::Tx;

use super::ops::{CreateUser, create_user};
use crate::app::App;
use crate::platform::auth;
use crate::platform::messages::Language;

pub const PASSWORD: &str = "almaty-demo";

/// Login, name on the screen, role. The names are invented people's, so that they read the same in every language.
pub const LOGINS: &[(&str, &str, Role)] = &[
    ("admin", "Тимур Ахметов", Role::Administrator),
    ("operator.legal", "Айжан Сатпаева", Role::OperatorLegal),
    ("operator.private", "Ерлан Жұмабеков", Role::OperatorPrivate),
    ("operator.multi", "Гүлнар Омарова", Role::OperatorMulti),
    ("cashier", "Динара Қасымова", Role::Cashier),
    ("cashier.alatau", "Бауыржан Төлегенов", Role::Cashier),
    ("chief.cashier", "Роза Байжанова", Role::ChiefCashier),
    ("inspector", "Нұрлан Әбдіров", Role::Inspector),
    ("treasurer", "Бақыт Сейітова", Role::Treasurer),
    ("accountant", "Ольга Ким", Role::Accountant),
    ("chief", "Сәуле Нұрғалиева", Role::ChiefAccountant),
    ("manager", "Марат Исаев", Role::Manager),
    ("auditor", "Жанна Тілеуова", Role::Auditor),
];

/// Makes the logins that are missing; only in the demo.
pub async fn seed_demo_logins(app: &Arc<App>) -> anyhow::Result<()> {
    anyhow::ensure!(app.config.demo, "demo logins exist only with demo = true");
    let password_hash = auth::hash_password(PASSWORD).await;
    for (login, name, role) in LOGINS {
        let mut tx = Tx::begin(&app.db, Actor::system("seed")).await?;
        let cmd = CreateUser {
            login: (*login).into(),
            name: (*name).into(),
            password_hash: password_hash.clone(),
            one_time_until: None,
            roles: vec![role.code().into()],
            sectors: None,
            districts: Vec::new(),
            language: Language::Ru,
            document: None,
        };
        match create_user(&mut tx, cmd).await? {
            Ok(_) => tx.commit().await?,
            Err(refusal) if refusal.code == "LOGIN_TAKEN" => tx.rollback().await?,
            Err(refusal) => anyhow::bail!("{login}: {}", refusal.code),
        }
    }
    Ok(())
}
