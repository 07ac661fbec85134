use domain::imports::RowVerdict;
use domain::kernel::ImportBatchId;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Page, Result, Slice, Tx, sql};

/// One line of a file.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Row {
    pub line: i32,
    pub fields: Vec<String>,
    pub verdict: RowVerdict,
    pub codes: Vec<String>,
    /// The column that each code is about, empty for the row as a whole.
    pub columns: Vec<String>,
}

/// A line to keep.
#[derive(Debug)]
pub struct NewRow {
    pub line: i32,
    /// As it came; personal data is sealed.
    pub fields: Vec<String>,
    /// Blind indexes of whom it may be about; none where the kind carries no personal data.
    pub subjects: Option<Vec<Vec<u8>>>,
}

/// Keeps lines of a file.
pub async fn keep(tx: &mut Tx, batch: ImportBatchId, lines: &[NewRow]) -> Result<u64> {
    let mut rows = Rows::default();
    for NewRow { line, fields, subjects } in lines {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        rows.row(4).i64(batch.0).i32(*line).text_array(&fields);
        match subjects {
            Some(subjects) => rows.bytes_array(subjects),
            None => rows.null(),
        };
    }
    let copy = "COPY imports.row (batch_id, line, fields, subjects) FROM STDIN WITH (FORMAT binary)";
    copy_in(tx.pg(), copy, rows).await
}

/// Lines after a line, in order, with one of the verdicts.
pub async fn after(
    db: &impl ConnectionTrait,
    batch: ImportBatchId,
    line: i32,
    verdicts: &[RowVerdict],
    limit: i64,
) -> Result<Vec<Row>> {
    let verdicts: Vec<String> = verdicts.iter().map(|verdict| verdict.code().to_owned()).collect();
    sql::all(
        db,
        "SELECT line, fields, verdict, codes, columns FROM imports.row
         WHERE batch_id = $1 AND line > $2 AND verdict = ANY ($3) ORDER BY line LIMIT $4",
        [batch.0.into(), line.into(), verdicts.into(), limit.into()],
    )
    .await
}

/// A page of a file, in the order of its lines.
pub async fn list(
    db: &impl ConnectionTrait,
    batch: ImportBatchId,
    verdict: Option<RowVerdict>,
    page: Page<i32>,
) -> Result<Slice<Row>> {
    let rows = sql::all(
        db,
        "SELECT line, fields, verdict, codes, columns FROM imports.row
         WHERE batch_id = $1 AND ($2::text IS NULL OR verdict = $2) AND ($3::int IS NULL OR line > $3) ORDER BY line LIMIT $4",
        [batch.0.into(), verdict.map(RowVerdict::code).into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
