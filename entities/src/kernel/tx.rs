//! The unit of work: rows, audit trail and outbox events in one commit, COPY included.

use domain::Event;
use domain::access::{Actor, Scope};
use sea_orm::sqlx::{self, PgConnection, Postgres};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use serde_json::Value as Json;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{Change, Db, Result, audit, outbox};

/// A write transaction of one actor. SeaORM's own transaction hides its connection, and COPY would fall outside of it; this
/// one owns the connection and lets entities, SQL and COPY share it. Dropping it rolls everything back.
pub struct Tx {
    inner: Mutex<sqlx::Transaction<'static, Postgres>>,
    actor: Actor,
    events: Vec<Event>,
    changes: Vec<Change>,
    silent: bool,
}

/// A place in a transaction that one can go back to: [`Tx::mark`], [`Tx::back_to`].
pub struct Mark {
    events: usize,
    changes: usize,
    silent: bool,
}

/// What a statement of its own writes into the trail and the outbox, besides the change itself.
pub struct Told {
    pub actor_kind: &'static str,
    pub actor_id: Option<i64>,
    pub actor: String,
    pub session: Option<Uuid>,
    pub topic: &'static str,
    pub name: String,
    pub event: Json,
}

impl Tx {
    pub async fn begin(db: &Db, actor: Actor) -> Result<Self> {
        let inner = db.get_postgres_connection_pool().begin().await.map_err(broken)?;
        Ok(Self { inner: Mutex::new(inner), actor, events: Vec::new(), changes: Vec::new(), silent: false })
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Who acts turned out inside the transaction: the holder of a token that had to be locked first.
    pub fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    pub fn scope(&self) -> &Scope {
        &self.actor.scope
    }

    /// States what became true; it is told to the outside only if the transaction commits.
    pub fn emit(&mut self, event: impl Into<Event>) {
        self.events.push(event.into());
    }

    /// Records who changed what, from what, to what.
    pub fn audit(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// A change and a fact in columns, for the one statement that writes them with what they are about; the commit writes neither.
    /// The relay is told by whoever commits: `outbox::wake`.
    pub fn tells(&mut self, change: &Change, event: &Event) -> Told {
        self.silent = true;
        let (actor_kind, actor_id) = audit::principal(&self.actor);
        let event_json = serde_json::to_value(event).expect("events are plain data");
        debug_assert!(
            change.before.is_none() && change.document.is_none(),
            "a statement of one's own tells what is new"
        );
        Told {
            actor_kind,
            actor_id,
            actor: self.actor.label.clone(),
            session: self.actor.session,
            topic: event.topic().word(),
            name: event.name(),
            event: event_json,
        }
    }

    /// Lets a commit pass without an event: the operation found everything done already.
    pub fn nothing_new(&mut self, _why: &'static str) {
        self.silent = true;
    }

    /// From here on an act may be tried: what it wrote, changed and told is given up by [`Tx::back_to`], and the transaction goes on.
    pub async fn mark(&self) -> Result<Mark> {
        self.execute_unprepared("SAVEPOINT mark").await?;
        Ok(Mark { events: self.events.len(), changes: self.changes.len(), silent: self.silent })
    }

    /// Everything since the mark never was.
    pub async fn back_to(&mut self, mark: Mark) -> Result<()> {
        self.execute_unprepared("ROLLBACK TO SAVEPOINT mark; RELEASE SAVEPOINT mark").await?;
        self.events.truncate(mark.events);
        self.changes.truncate(mark.changes);
        self.silent = mark.silent;
        Ok(())
    }

    /// The raw connection, for COPY and hand-written SQL through sqlx.
    pub fn pg(&mut self) -> &mut PgConnection {
        self.inner.get_mut()
    }

    /// The only way out that keeps anything. A commit that told nobody anything is a bug in the caller.
    pub async fn commit(self) -> Result<()> {
        debug_assert!(
            self.silent || !self.events.is_empty(),
            "a commit without an event must use `commit_silently`"
        );
        self.close().await
    }

    /// For writes nobody needs to hear about; the reason is for the reader of the code.
    pub async fn commit_silently(self, _why: &'static str) -> Result<()> {
        self.close().await
    }

    async fn close(mut self) -> Result<()> {
        let changes = std::mem::take(&mut self.changes);
        let events = std::mem::take(&mut self.events);
        audit::write(&mut self, &changes).await?;
        outbox::write(&mut self, &events).await?;
        self.inner.into_inner().commit().await.map_err(broken)
    }

    pub async fn rollback(self) -> Result<()> {
        self.inner.into_inner().rollback().await.map_err(broken)
    }
}

/// sqlx's error as SeaORM's.
pub fn broken(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn bound(statement: Statement) -> (String, SqlxValues) {
    (statement.sql, SqlxValues(statement.values.unwrap_or(sea_orm::Values(Vec::new()))))
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (sql, values) = bound(statement);
        let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), values);
        query.execute(&mut **self.inner.lock().await).await.map(Into::into).map_err(broken)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let query = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
        query.execute(&mut **self.inner.lock().await).await.map(Into::into).map_err(broken)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (sql, values) = bound(statement);
        let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), values);
        let row = query.fetch_optional(&mut **self.inner.lock().await).await.map_err(broken)?;
        Ok(row.map(Into::into))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (sql, values) = bound(statement);
        let query = sqlx::query_with(sqlx::AssertSqlSafe(sql), values);
        let rows = query.fetch_all(&mut **self.inner.lock().await).await.map_err(broken)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
