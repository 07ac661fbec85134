//! The harness: a program of its own for each test, on a clone of one migrated database.

mod call;
mod city;
mod database;
pub mod kaspi;
mod statements;
mod webkassa;

use std::sync::Arc;

use api::app::App;
use api::config::Config;
use api::platform::graphql::http::Graph;
use chrono::NaiveDate;
use domain::access::{Actor, Principal, Role, Scope, default_permissions, default_sectors};
use domain::kernel::{AccountId, ClientId, UserId};

pub use call::{Call, Reply};
pub use city::{Flat, Meter, march};
pub use database::Database;
pub use statements::count_statements;
pub use webkassa::{FakeWebKassa, Ticket, Trouble};

/// The second person's word on an act that two people sign.
pub const DECIDE_SIGNATURE: &str =
    "mutation($id: ID!, $yes: Boolean!) { secondSignatureDecide(input: { id: $id, agreed: $yes }) {
    signature { id state decidedBy } errors { code field message } } }";

/// Which bus a program of a test stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusKind {
    Memory,
    Redis,
}

/// A whole program without its sockets, on a database of its own; the database vanishes with it.
pub struct TestApp {
    pub app: Arc<App>,
    pub graph: Graph,
    /// Kept last: dropped after the pool.
    pub database: Arc<Database>,
}

impl TestApp {
    /// On the in-process bus, business date 2026-03-26, demo mode.
    pub async fn new() -> Self {
        Self::on(BusKind::Memory).await
    }

    pub async fn on(bus: BusKind) -> Self {
        Self::of(Arc::new(Database::fresh().await), bus, |_| {}).await
    }

    /// The same with changes of the configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::of(Arc::new(Database::fresh().await), BusKind::Memory, change).await
    }

    /// One more process of the same installation.
    pub async fn neighbour(&self, bus: BusKind) -> Self {
        Self::of(self.database.clone(), bus, |_| {}).await
    }

    /// One more process, with changes of the configuration.
    pub async fn neighbour_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        Self::of(self.database.clone(), BusKind::Memory, change).await
    }

    async fn of(database: Arc<Database>, bus: BusKind, change: impl FnOnce(&mut Config)) -> Self {
        statements::listen();
        let mut config = Config {
            redis_url: (bus == BusKind::Redis).then(redis_url),
            redis_prefix: Some(database.name.clone()),
            ..config_on(&database.url)
        };
        change(&mut config);
        let app = App::connect(config).await.expect("the program starts");
        let graph = Graph { app: app.clone(), schema: api::wiring::schema::schema() };
        Self { app, graph, database }
    }

    /// One operation, run inside this process; `.await` it after saying who asks: `as_role`, `as_subscriber`, `as_actor`.
    /// Nobody asks unless said.
    pub fn graphql(&self, query: &str, variables: serde_json::Value) -> Call {
        Call::new(self.graph.clone(), query, variables)
    }

    /// Has one person ask for an act that two people sign, and another one agree: the payload of whoever refused, else of the
    /// agreement. The text selects `signature { id }`; what was done at once is answered as it was.
    pub async fn signed(
        &self,
        (asks, agrees): (Actor, Actor),
        query: &str,
        variables: serde_json::Value,
    ) -> serde_json::Value {
        let asked = self.graphql(query, variables).as_actor(asks).await;
        let payload = asked.ok().as_object().and_then(|data| data.values().next()).expect("one mutation");
        let id = payload["signature"]["id"].clone();
        if id.is_null() {
            return payload.clone();
        }
        let agreed = self.graphql(DECIDE_SIGNATURE, serde_json::json!({ "id": id, "yes": true }));
        agreed.as_actor(agrees).await.at("/secondSignatureDecide").clone()
    }

    /// Starts a real server on a free port; it ends with the returned value.
    pub async fn serve(&self) -> Served {
        let (server, address) =
            api::platform::web::server(self.graph.clone(), "127.0.0.1:0").expect("a free port");
        let handle = server.handle();
        tokio::spawn(server);
        Served { base: format!("127.0.0.1:{}", address.port()), handle }
    }

    /// Runs every due job to its end, as a worker would; how many ran.
    pub async fn run_jobs(&self) -> usize {
        let works = api::wiring::jobs::works();
        let mut ran = 0;
        while api::platform::jobs::run_once(&self.app, &works, "test").await.expect("the queue works") {
            ran += 1;
            assert!(ran < 10_000, "jobs without end");
        }
        ran
    }

    /// Hand-written SQL for arranging and looking; only tests may.
    pub async fn sql(&self, text: &str) -> u64 {
        entities::kernel::sql::run(&self.app.db, text, []).await.unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    /// The first column of every row.
    pub async fn texts(&self, text: &str) -> Vec<String> {
        #[derive(sea_orm::FromQueryResult)]
        struct Row {
            row: String,
        }
        let rows: Result<Vec<Row>, _> =
            entities::kernel::sql::all(&self.app.db, &format!("SELECT t.* FROM ({text}) t (row)"), []).await;
        rows.unwrap_or_else(|e| panic!("{text}: {e}")).into_iter().map(|row| row.row).collect()
    }

    /// The first column of the first row.
    pub async fn scalar<T: sea_orm::TryGetable>(&self, text: &str) -> Option<T> {
        entities::kernel::sql::scalar(&self.app.db, text, []).await.unwrap_or_else(|e| panic!("{text}: {e}"))
    }
}

fn config_on(url: &str) -> Config {
    Config {
        database_url: url.to_owned(),
        demo: true,
        business_date: NaiveDate::from_ymd_opt(2026, 3, 26),
        secret: b"a secret that only the tests know, 32+".to_vec(),
        database_connections: Some(8),
        // Tests ask what they like; those about the list of documents say so.
        free_documents: true,
        ..Config::default()
    }
}

/// The program of a process that another one started, on a database of that one.
pub async fn program_on(url: &str) -> Arc<App> {
    App::connect(config_on(url)).await.expect("the program starts")
}

/// A running server of a test.
pub struct Served {
    pub base: String,
    handle: actix_web::dev::ServerHandle,
}

impl Served {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.base)
    }

    pub fn ws(&self) -> String {
        format!("ws://{}/graphql/ws", self.base)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // The order is sent at once; nobody waits for its end.
        drop(self.handle.stop(false));
    }
}

/// Runs a test on both kinds of bus, each on a database of its own.
pub async fn for_each_bus(test: impl AsyncFn(TestApp)) {
    for_each_bus_with(|_| {}, test).await;
}

/// The same with changes of the configuration.
pub async fn for_each_bus_with(change: fn(&mut Config), test: impl AsyncFn(TestApp)) {
    for bus in [BusKind::Memory, BusKind::Redis] {
        println!("on {bus:?}");
        test(TestApp::of(Arc::new(Database::fresh().await), bus, change).await).await;
    }
}

/// A member of the staff with one role's default rights and rows, who exists in no table.
pub fn actor_of(role: Role) -> Actor {
    let sectors = default_sectors(role);
    Actor {
        principal: match role {
            Role::Integration => Principal::Client(ClientId(-1)),
            _ => Principal::User(UserId(-1 - role as i64)),
        },
        label: format!("test.{role}"),
        session: None,
        permissions: default_permissions(role).iter().copied().collect(),
        scope: if sectors.is_empty() {
            Scope::City
        } else {
            Scope::Part { sectors: sectors.iter().copied().collect(), districts: Default::default() }
        },
        password_due: false,
    }
}

/// A subscriber signed in with this account.
pub fn subscriber_of(account: AccountId) -> Actor {
    Actor {
        principal: Principal::Subscriber(account),
        label: format!("account {account}"),
        session: None,
        permissions: default_permissions(Role::Subscriber).iter().copied().collect(),
        scope: Scope::Own([account].into()),
        password_due: false,
    }
}

fn redis_url() -> String {
    std::env::var("REDIS_URL")
        .expect("REDIS_URL: the tests run on both kinds of bus; `./check` starts a Redis")
}
