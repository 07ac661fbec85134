use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::imports::{ImportKind, ImportState, RowVerdict};
use domain::kernel::*;
use entities::imports::{Batch, Row, row};

use super::file::Layout;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::{Job, JobById};
use crate::platform::messages::{self, Language};

/// A file taken in and what became of it (загрузка).
pub struct ImportBatch(pub Batch);

impl From<Batch> for ImportBatch {
    fn from(row: Batch) -> Self {
        Self(row)
    }
}

/// A file taken in and what became of it (загрузка).
#[Object]
impl ImportBatch {
    /// Node id.
    async fn id(&self) -> Gid<ImportBatchId> {
        Gid(self.0.id)
    }

    /// What the file carries (вид).
    async fn kind(&self) -> ImportKind {
        self.0.kind
    }

    /// Name of the file (имя файла).
    async fn filename(&self) -> &str {
        &self.0.filename
    }

    /// How far it is (состояние).
    async fn state(&self) -> ImportState {
        self.0.state
    }

    /// Names of the columns as in the file (заголовок).
    async fn header(&self) -> &[String] {
        &self.0.header
    }

    /// Rows of the file (всего строк).
    async fn rows_total(&self) -> i64 {
        self.0.rows_total
    }

    /// Right rows (верных).
    async fn rows_ok(&self) -> i64 {
        self.0.rows_ok
    }

    /// Right rows that somebody should look at (с замечанием).
    async fn rows_warning(&self) -> i64 {
        self.0.rows_warning
    }

    /// Rows that are not written (отклонённых).
    async fn rows_rejected(&self) -> i64 {
        self.0.rows_rejected
    }

    /// Rows that are in the registers already (повторов).
    async fn rows_duplicate(&self) -> i64 {
        self.0.rows_duplicate
    }

    /// Rows that were written (проведено).
    async fn rows_committed(&self) -> i64 {
        self.0.rows_committed
    }

    /// Why the file as a whole was not taken: a stable code.
    async fn error_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// The same in the language of `Accept-Language`.
    async fn error_message(&self, cx: &Context<'_>) -> Option<String> {
        let code = self.0.error_code.as_deref()?;
        let detail = self.0.error_detail.clone().unwrap_or_default();
        Some(messages::text(cx.language(), code, &[("detail", detail)]))
    }

    /// Who brought it (кем загружен).
    async fn uploaded_by(&self) -> &str {
        &self.0.uploaded_by
    }

    /// When (когда загружен).
    async fn uploaded_at(&self) -> DateTime<Utc> {
        self.0.uploaded_at
    }

    /// When its rows were written (когда проведён).
    async fn committed_at(&self) -> Option<DateTime<Utc>> {
        self.0.committed_at
    }

    /// When it was taken back (когда отменён).
    async fn undone_at(&self) -> Option<DateTime<Utc>> {
        self.0.undone_at
    }

    /// The work that is done on it, or was done last (задание).
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(id)).await?.map(Job::from)),
            None => Ok(None),
        }
    }

    /// Rows in the order of the file (строки).
    async fn rows(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only with this verdict.")] verdict: Option<RowVerdict>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ImportRow>> {
        let page = page_of::<i32>(first, after)?;
        let slice = row::list(cx.db(), self.0.id, verdict, page.clone()).await?;
        let layout = Layout::new(self.0.kind, &self.0.header);
        let vault = cx.may(Permission::PersonalDataRead).then(|| &cx.app().vault);
        let language = cx.language();
        Ok(connection(
            slice,
            page.after.is_some(),
            |row| row.line,
            |mut row| {
                layout.show(vault, &mut row.fields);
                ImportRow::of(row, language)
            },
        ))
    }
}

/// A row of a file (строка).
#[derive(SimpleObject)]
pub struct ImportRow {
    /// Number of the line in the file.
    pub line: i32,
    /// Fields in the order of the header; personal data is masked for whoever has no right to it.
    pub fields: Vec<String>,
    /// What became of it (вердикт).
    pub verdict: RowVerdict,
    /// Why, in the language of `Accept-Language`.
    pub messages: Vec<RowMessage>,
}

/// Something about a row (замечание).
#[derive(SimpleObject)]
pub struct RowMessage {
    /// Stable code.
    pub code: String,
    /// The column it is about; nothing for the row as a whole.
    pub column: Option<String>,
    /// The text.
    pub message: String,
}

impl ImportRow {
    fn of(row: Row, language: Language) -> Self {
        let messages = messages_of(&row, language).collect();
        Self { line: row.line, fields: row.fields, verdict: row.verdict, messages }
    }
}

/// What is said about a row.
pub fn messages_of(row: &Row, language: Language) -> impl Iterator<Item = RowMessage> {
    row.codes.iter().zip(&row.columns).map(move |(code, column)| RowMessage {
        code: code.clone(),
        column: Some(column.clone()).filter(|column| !column.is_empty()),
        message: text_of(code, language),
    })
}

/// A reading's own reasons have texts of their own.
fn text_of(code: &str, language: Language) -> String {
    let key = match code.strip_prefix("READING_") {
        Some(reason) => format!("reason.{}", reason.to_lowercase()),
        None => format!("row.{code}"),
    };
    messages::text(language, &key, &[])
}
