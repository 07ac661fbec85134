//! Background work: handlers by kind, run by `serve` itself or by separate workers.

mod behalf;
pub mod graph;
mod progress;
mod runner;

use std::sync::Arc;

use entities::kernel::jobs::Job;

use crate::app::App;

pub use behalf::Behalf;
pub use progress::{Progress, Stopped};
pub use runner::{Cancelled, Handle, run_forever, run_once};

/// One kind of work. Registered in `wiring/jobs.rs`.
#[async_trait::async_trait]
pub trait Work: Send + Sync {
    fn kind(&self) -> &'static str;
    /// Does the work; may be called again after a crash, so it must find what is already done.
    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()>;
}
