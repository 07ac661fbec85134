//! Counts SQL statements, to show that an edge of a list costs one, whatever the length of the list.

use std::cell::Cell;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counter;

impl<S: tracing::Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut asked = Asked::default();
            event.record(&mut asked);
            COUNT.set(COUNT.get() + usize::from(!asked.of_the_process));
        }
    }
}

/// Which operations are switched off is asked by a process now and then, for no request in particular.
#[derive(Default)]
struct Asked {
    of_the_process: bool,
}

impl Visit for Asked {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.of_the_process = format!("{value:?}").contains("SELECT field, reason, switched_by");
        }
    }
}

/// Makes sqlx's own log reach the counter; harmless when repeated.
pub(crate) fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter =
            tracing_subscriber::filter::Targets::new().with_target("sqlx::query", tracing::Level::DEBUG);
        let mut log: Option<_> = None;
        if std::env::var_os("AISCRA_LOG").is_some() {
            let chosen = tracing_subscriber::EnvFilter::from_env("AISCRA_LOG");
            log = Some(tracing_subscriber::fmt::layer().with_test_writer().with_filter(chosen));
        }
        let subscriber = tracing_subscriber::registry().with(log).with(Counter.with_filter(filter));
        let _ = tracing::subscriber::set_global_default(subscriber);
    });
}

/// How many statements the work sent. Counts those of the calling thread, on which the whole of a `#[tokio::test]` runs.
pub async fn count_statements<T>(work: impl Future<Output = T>) -> (T, usize) {
    let before = COUNT.get();
    let value = work.await;
    (value, COUNT.get() - before)
}
