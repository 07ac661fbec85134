//! What Prometheus reads at `/metrics`. Labels are words of ours only: a caller's text would make series without end.

use std::collections::HashMap;
use std::sync::LazyLock;

use prometheus::core::Collector;
use prometheus::{
    Encoder, HistogramVec, IntCounterVec, IntGauge, TextEncoder, register_histogram_vec,
    register_int_counter_vec, register_int_gauge,
};

static OPERATIONS: LazyLock<HistogramVec> = LazyLock::new(|| {
    register_histogram_vec!(
        "aiscra_graphql_seconds",
        "Time of GraphQL operations by kind, first root field and outcome",
        &["kind", "field", "outcome"],
        vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]
    )
    .expect("registered once")
});

static CHANNELS: LazyLock<HistogramVec> = LazyLock::new(|| {
    register_histogram_vec!(
        "aiscra_pay_seconds",
        "Time of requests of banks and terminals by channel, command and outcome",
        &["channel", "command", "outcome"],
        vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0]
    )
    .expect("registered once")
});

static JOBS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("aiscra_jobs_total", "Ended attempts of background jobs", &["kind", "state"])
        .expect("registered once")
});

static SENT: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("aiscra_outbox_sent_total", "Facts sent by the relay", &["topic"])
        .expect("registered once")
});

/// Open subscriptions' sockets.
pub static SOCKETS: LazyLock<IntGauge> = LazyLock::new(|| {
    register_int_gauge!("aiscra_websockets", "Open WebSocket connections").expect("registered once")
});

pub fn operation(kind: &str, field: &str, outcome: &str, seconds: f64) {
    OPERATIONS.with_label_values(&[kind, field, outcome]).observe(seconds);
}

/// `channel` is a row of ours, so that there are as many series as channels.
pub fn channel(channel: &str, command: &str, outcome: &str, micros: u128) {
    CHANNELS.with_label_values(&[channel, command, outcome]).observe(micros as f64 / 1e6);
}

pub fn job_ended(kind: &str, state: &str) {
    JOBS.with_label_values(&[kind, state]).inc();
}

pub fn sent(topic: &str) {
    SENT.with_label_values(&[topic]).inc();
}

/// How often this process has answered each root field.
pub fn calls() -> HashMap<String, u64> {
    let mut calls = HashMap::new();
    for family in OPERATIONS.collect() {
        for metric in family.get_metric() {
            if let Some(field) = metric.get_label().iter().find(|label| label.name() == "field") {
                *calls.entry(field.value().to_owned()).or_default() +=
                    metric.get_histogram().get_sample_count();
            }
        }
    }
    calls
}

/// Everything in the text format.
pub fn text() -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to memory cannot fail; an unreadable metric is not worth a broken page.
    let _ = TextEncoder::new().encode(&prometheus::gather(), &mut out);
    out
}
