//! Files that jobs make for a person: put together a piece at a time, handed out the same way, gone after a week.

pub mod spool;

use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::SimpleObject;
use chrono::{DateTime, Utc};
use domain::access::Actor;
use domain::kernel::*;
use entities::kernel::file::{self, File};
use entities::kernel::jobs::Job;
use entities::kernel::{Broken, Tx};

use crate::app::App;
use crate::edge;
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::web::file as answer;

/// How long a file waits to be fetched.
const DAYS: i64 = 7;
/// A piece of a file.
const PIECE: usize = 1 << 20;

/// A file made by a job, ready to be fetched (готовый файл).
#[derive(SimpleObject, Clone)]
pub struct MadeFile {
    /// Node id.
    pub id: Gid<FileId>,
    /// Its name (имя файла).
    pub name: String,
    /// Size in bytes; a text, since it may pass what a 32-bit number holds (размер).
    pub bytes: String,
    /// Where it is got, with the same access token (адрес).
    pub url: String,
    /// Until when it is kept (хранится до).
    pub expires_at: DateTime<Utc>,
}

impl MadeFile {
    pub fn of(row: File) -> Option<Self> {
        row.ready_at?;
        Some(Self {
            id: Gid(row.id),
            url: format!("/files/made/{}", Gid(row.id).encode()),
            name: row.name,
            bytes: row.bytes.to_string(),
            expires_at: row.expires_at,
        })
    }
}

edge!(
    /// The file of a job, also one that is not ready.
    FileOfJob(JobId) => File, |app, jobs| async {
        let rows = file::of_jobs(&app.db, jobs).await?;
        Ok(rows.into_iter().map(|row| (row.job_id, row)).collect())
    }
);

/// The place of a new job's file.
pub async fn reserve(
    tx: &Tx,
    job: JobId,
    name: &str,
    content_type: &str,
    now: DateTime<Utc>,
) -> Result<(), Broken> {
    file::create(tx, job, name, content_type, now, DAYS).await
}

/// The file that a running job is making.
pub async fn of_job(app: &App, job: &Job) -> Result<File, Broken> {
    let found = file::of_jobs(&app.db, vec![JobId(job.id)]).await?.into_iter().next();
    found.ok_or_else(|| Broken::RecordNotFound(format!("the file of job {}", job.id)))
}

/// Puts a file together. Begun again, it forgets what a try before had put.
pub struct Pieces<'a> {
    app: &'a App,
    file: FileId,
    next: i32,
    waiting: Vec<u8>,
    bytes: i64,
}

impl<'a> Pieces<'a> {
    pub async fn begin(app: &'a App, file: FileId) -> Result<Self, Broken> {
        file::begin(&app.db, file).await?;
        Ok(Self { app, file, next: 0, waiting: Vec::new(), bytes: 0 })
    }

    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() >= PIECE {
            let rest = self.waiting.split_off(PIECE);
            let piece = std::mem::replace(&mut self.waiting, rest);
            self.put(piece).await?;
        }
        Ok(())
    }

    async fn put(&mut self, piece: Vec<u8>) -> Result<(), Broken> {
        self.bytes += piece.len() as i64;
        file::put(&self.app.db, self.file, false, self.next, piece).await?;
        self.next += 1;
        Ok(())
    }

    /// The last piece; from now on the file can be had.
    pub async fn finish(mut self, actor: Actor) -> Result<(), Broken> {
        let rest = std::mem::take(&mut self.waiting);
        self.put(rest).await?;
        let tx = Tx::begin(&self.app.db, actor).await?;
        file::ready(&tx, self.file, self.bytes, self.app.clock.now()).await?;
        tx.commit_silently("the end of the job is told by the job").await
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.route("/files/made/{id}", web::get().to(give));
}

/// `GET /files/made/{node id}`: to whoever asked for it, and to nobody else.
async fn give(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match answer::allowed(&caller, &[]) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<FileId>::decode(&id) else { return answer::missing(&caller) };
    match file::find(&graph.app.db, id, &actor.label, graph.app.clock.now()).await {
        Ok(Some(row)) => {
            answer::attachment(&row.content_type, &row.name).streaming(pieces(graph.app.clone(), id))
        }
        Ok(None) => answer::missing(&caller),
        Err(error) => answer::broken(&caller, &error.into()),
    }
}

/// The bytes of a file, a piece at a time.
pub fn pieces(
    app: std::sync::Arc<App>,
    id: FileId,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    async_stream::try_stream! {
        let mut next = 0;
        while let Some(piece) = file::part(&app.db, id, false, next).await.map_err(std::io::Error::other)? {
            next += 1;
            yield Bytes::from(piece);
        }
    }
}
