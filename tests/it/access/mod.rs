//! Acts of `access`, one file each.

mod clients;
mod passwords;
mod second_factor;
mod staff;
mod subscribers;
mod users;

use aiscra_tests::{Reply, TestApp};
use api::access::ops::{CreateUser, create_user};
use api::platform::auth;
use api::platform::messages::Language;
use domain::access::{Actor, Role};
use entities::kernel::Tx;
use serde_json::json;

pub const PASSWORD: &str = "correct horse battery";

/// A member of the staff with one role, in the tables; the row's id.
pub async fn hire(test: &TestApp, login: &str, role: Role) -> i64 {
    let mut tx = Tx::begin(&test.app.db, Actor::system("test")).await.unwrap();
    let cmd = CreateUser {
        login: login.into(),
        name: "A. Test".into(),
        password_hash: auth::hash_password(PASSWORD).await,
        one_time_until: None,
        roles: vec![role.code().into()],
        sectors: None,
        districts: vec![],
        language: Language::Ru,
        document: None,
    };
    let user = create_user(&mut tx, cmd).await.unwrap().expect("a new login");
    tx.commit().await.unwrap();
    user.id
}

pub async fn sign_in(test: &TestApp, login: &str, password: &str) -> Reply {
    let query = "mutation($i: SessionOpenInput!) { sessionOpen(input: $i) {
        session { accessToken refreshToken expiresIn } errors { code field message } } }";
    test.graphql(query, json!({ "i": { "login": login, "password": password } })).await
}

pub async fn refresh(test: &TestApp, token: &str) -> Reply {
    let query = "mutation($t: String!) { sessionRefresh(input: { refreshToken: $t }) {
        session { accessToken refreshToken } errors { code } } }";
    test.graphql(query, json!({ "t": token })).await
}

/// Whether an access token still opens the viewer.
pub async fn viewer(test: &TestApp, token: &str) -> Reply {
    test.graphql("{ viewer { login roles permissions sectors districts { code } } }", json!({}))
        .with_token(token)
        .await
}
