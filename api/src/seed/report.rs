//! Progress of long steps: a bar on a terminal, a line every few seconds elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// One long step. Writes to stderr only.
pub struct Report {
    what: String,
    total: u64,
    begun: Instant,
    bar: Option<ProgressBar>,
    told: Mutex<Instant>,
}

const EVERY: Duration = Duration::from_secs(5);

impl Report {
    pub fn new(what: impl Into<String>, total: u64) -> Self {
        let what = what.into();
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = "{msg:28} [{bar:32}] {human_pos}/{human_len} {elapsed}";
            let style = ProgressStyle::with_template(style).expect("a template").progress_chars("=> ");
            ProgressBar::new(total).with_style(style).with_message(what.clone())
        });
        let begun = Instant::now();
        Self { what, total, begun, bar, told: Mutex::new(begun) }
    }

    pub fn at(&self, done: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(done),
            None => {
                let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if told.elapsed() > EVERY && done < self.total {
                    *told = Instant::now();
                    eprintln!("{}: {done} of {}", self.what, self.total);
                }
            }
        }
    }

    pub fn done(self) {
        match self.bar {
            Some(bar) => bar.finish(),
            None => eprintln!("{}: done in {:.1} s", self.what, self.begun.elapsed().as_secs_f64()),
        }
    }
}
