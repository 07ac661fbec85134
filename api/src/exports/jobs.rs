use std::sync::Arc;

use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};

use super::lists::Rows;
use super::mutation::ExportList;
use crate::app::App;
use crate::platform::export::{ExportFormat, Table};
use crate::platform::files::{self, Pieces};
use crate::platform::jobs::{Behalf, Handle, Work};
use crate::platform::messages::Language;

pub const EXPORT: &str = "exports.write";

#[derive(Serialize, Deserialize)]
pub struct Args {
    pub behalf: Behalf,
    pub list: ExportList,
    pub search: Option<Vec<u8>>,
    pub format: ExportFormat,
    pub language: Language,
}

/// Writes a list out; killed and taken again, it begins anew: a table is read in minutes at the most.
pub struct WriteOut;

#[async_trait::async_trait]
impl Work for WriteOut {
    fn kind(&self) -> &'static str {
        EXPORT
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: Args = serde_json::from_value(job.args.clone())?;
        let file = files::of_job(app, job).await?.id;
        let actor = args.behalf.actor();
        let search = args.search.as_deref().and_then(|sealed| app.vault.open(sealed));
        let mut rows = Rows::of(app, &actor, &args.list, search, args.language).await?;
        let mut table = Table::headed(args.format, &rows.header(), rows.language())?;
        let mut pieces = Pieces::begin(app, file).await?;
        let mut done = 0;
        loop {
            let chunk = rows.next(app).await?;
            if chunk.is_empty() {
                break;
            }
            for row in &chunk {
                table.row(row)?;
            }
            done += chunk.len() as i64;
            pieces.write(&table.take()).await?;
            // How many there will be is not known before the last one.
            handle.progress(done, 0, None).await?;
        }
        pieces.write(&table.finish()?).await?;
        pieces.finish(actor).await?;
        handle.progress(done, done, None).await
    }
}
