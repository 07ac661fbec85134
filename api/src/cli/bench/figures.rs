//! What a measurement comes to, and how the processor's time is read: from /proc, of the server and of the database's backends.

use std::collections::HashMap;
use std::time::Duration;

use crate::app::App;

/// One side of a comparison; times are of one answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub per_second: f64,
    pub typical_ms: f64,
    pub late_ms: f64,
    pub server_ms: f64,
    pub database_ms: f64,
}

impl Figures {
    pub fn cpu_ms(&self) -> f64 {
        self.server_ms + self.database_ms
    }

    /// The middle one of several measurements, by what it cost.
    pub fn median(mut all: Vec<Self>) -> Self {
        all.sort_by(|a, b| {
            (a.cpu_ms(), a.typical_ms).partial_cmp(&(b.cpu_ms(), b.typical_ms)).expect("numbers")
        });
        all.get(all.len() / 2).copied().unwrap_or_default()
    }
}

/// Processor time of the database's backends between the first and the last look at each.
#[derive(Default)]
pub struct Backends {
    seen: HashMap<i32, (Duration, Duration)>,
}

impl Backends {
    pub async fn look(&mut self, app: &App) -> anyhow::Result<()> {
        for pid in entities::bench::backends(&app.db).await? {
            let now = cpu(pid.unsigned_abs());
            self.seen.entry(pid).or_insert((now, now)).1 = now;
        }
        Ok(())
    }

    pub fn used(&self) -> Duration {
        self.seen.values().map(|(first, last)| last.saturating_sub(*first)).sum()
    }
}

/// User and system time of a process; zero where it can't be read.
pub fn cpu(pid: u32) -> Duration {
    ticks(&fields(pid), OWN_TIME)
}

/// Places in [`fields`]: the process that started it, its user and system time, and those of the children that it has buried.
const PARENT: usize = 1;
const OWN_TIME: std::ops::Range<usize> = 11..13;
const ALL_TIME: std::ops::Range<usize> = 11..15;

/// The kernel counts in hundredths of a second.
fn ticks(fields: &[u64], of: std::ops::Range<usize>) -> Duration {
    Duration::from_millis(fields.get(of).map_or(0, |ticks| ticks.iter().sum::<u64>() * 10))
}

/// Processor time of a database server with all its processes, those that ended included; zero where it can't be read.
pub async fn server_cpu(app: &App) -> anyhow::Result<Duration> {
    let Some(backend) = entities::bench::own_backend(&app.db).await? else { return Ok(Duration::ZERO) };
    let Some(postmaster) = fields(backend.unsigned_abs()).get(PARENT).copied() else {
        return Ok(Duration::ZERO);
    };
    let mut spent = ticks(&fields(u32::try_from(postmaster)?), ALL_TIME);
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let child = fields(pid);
        if child.get(PARENT) == Some(&postmaster) {
            spent += ticks(&child, OWN_TIME);
        }
    }
    Ok(spent)
}

/// The numbers of /proc/<pid>/stat behind the name, which may hold blanks, from the state on; what is no number is 0.
fn fields(pid: u32) -> Vec<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect()
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
