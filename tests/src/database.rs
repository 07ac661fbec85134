//! One migrated template for everybody who has the same migrations, a clone of it for each test.

use std::time::Duration;

use sea_orm::sqlx::{self, Connection, PgConnection};
use sha2::{Digest, Sha256};

/// A database of one test.
pub struct Database {
    pub name: String,
    pub url: String,
}

impl Database {
    /// A clone of the template, which is made first if nobody has yet.
    pub async fn fresh() -> Self {
        let base = base_url();
        let template = template(&base).await;
        let name = format!("aiscra_test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = connect(&base).await;
        for attempt in 0.. {
            let done = run(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
            match done {
                Ok(()) => break,
                // Somebody still looks at the template: its maker a moment ago.
                Err(_) if attempt < 50 => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(error) => panic!("a clone of {template}: {error}"),
            }
        }
        Self { url: with_database(&base, &name), name }
    }

    /// It answers nobody and ends whatever it was doing, until it is back.
    pub async fn goes_away(&self) {
        let mut connection = connect(&base_url()).await;
        let gone = format!(
            "ALTER DATABASE {0} ALLOW_CONNECTIONS false;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{0}'",
            self.name
        );
        run(&mut connection, &gone).await.expect("the database goes");
    }

    /// The next who asks is answered: connections that ended meanwhile are no longer believed.
    pub async fn comes_back(&self) {
        let mut connection = connect(&base_url()).await;
        let back = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name);
        run(&mut connection, &back).await.expect("the database comes");
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = self.name.clone();
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&base_url()).await?;
                run(&mut connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
                anyhow::Ok(())
            })
        });
        if !matches!(gone.join(), Ok(Ok(()))) {
            eprintln!("the database {} was left behind", self.name);
        }
    }
}

/// The name of the template for the migrations of this build.
async fn template(base: &str) -> String {
    static MADE: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    MADE.get_or_init(async || {
        let mut hash = Sha256::new();
        for sql in migration::sources() {
            hash.update(sql);
        }
        for role in domain::access::Role::ALL {
            hash.update(format!("{role:?} {:?}", domain::access::default_permissions(*role)));
        }
        let name = format!("aiscra_template_{}", &hex::encode(hash.finalize())[..16]);
        make(base, &name).await;
        name
    })
    .await
    .clone()
}

async fn make(base: &str, name: &str) {
    let mut connection = connect(base).await;
    // One maker at a time over all test processes; the lock ends with the connection.
    sqlx::query("SELECT pg_advisory_lock(hashtext('aiscra tests'))")
        .execute(&mut connection)
        .await
        .expect("a lock");
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await
        .expect("the list of databases");
    if exists {
        return;
    }
    // Made under another name: a template that exists is a template that is whole.
    let draft = format!("{name}_draft");
    run(&mut connection, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await.expect("no draft");
    run(&mut connection, &format!("CREATE DATABASE {draft} ENCODING 'UTF8' TEMPLATE template0"))
        .await
        .expect("a draft");
    let pool = sea_orm::Database::connect(with_database(base, &draft)).await.expect("the draft answers");
    api::cli::migrate::bring_up(&pool).await.expect("the migrations run");
    pool.close().await.expect("the draft is left");
    run(&mut connection, &format!("ALTER DATABASE {draft} RENAME TO {name}")).await.expect("the template");
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap_or_else(|error| panic!("DATABASE_URL {url}: {error}"))
}

async fn run(connection: &mut PgConnection, sql: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

fn base_url() -> String {
    std::env::var("DATABASE_URL")
        .expect("DATABASE_URL: a superuser of PostgreSQL; `./check` starts a private one")
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").expect("an address of PostgreSQL");
    let (place, params) = rest.split_once('?').map_or((rest, None), |(place, params)| (place, Some(params)));
    let host = place.split('/').next().unwrap_or_default();
    let params = params.map(|params| format!("?{params}")).unwrap_or_default();
    format!("{scheme}://{host}/{name}{params}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_and_ports_keep_their_place() {
        assert_eq!(with_database("postgres://u:p@h:1/a", "b"), "postgres://u:p@h:1/b");
        assert_eq!(with_database("postgres:///a?host=/run&user=u", "b"), "postgres:///b?host=/run&user=u");
    }
}
