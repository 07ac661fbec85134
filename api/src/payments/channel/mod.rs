//! Channels as a process keeps them: their rows ready for use, the settings that payments stand on, what is being worked on.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use domain::access::{Actor, Permission, Principal, Scope};
use domain::kernel::*;
use domain::payments::channel::{
    AccountForm, Answer, ChannelAuth, ChannelOutcome, ClosedPolicy, DatePolicy, DeniedAnswer, Dialect,
    MOST_DAYS_BACK, PayRules, PayerSees, Spelling, TemporaryAnswer, Wire, among, network, write,
};
use domain::tariffs::TariffBook;
use entities::kernel::Broken;
use entities::kernel::crypto::Vault;
use entities::payments::channel::{self, Channel as Row};
use entities::tariffs;
use futures_util::StreamExt;
use ipnet::IpNet;

use crate::app::App;
use crate::platform::messages::Language;

pub mod graph;
pub mod lane;
pub mod log;
pub mod selfcheck;
pub mod words;

/// How long a process believes what it read when nobody tells it otherwise.
const BELIEVE: Duration = Duration::from_millis(500);
/// How long it waits for a fresh look while it has an older one.
const PATIENCE: Duration = Duration::from_secs(2);
/// The channel of the bus that tells the processes to look again.
const CHANNEL: &str = "pay_channels";

/// A channel ready to be spoken on.
pub struct Channel {
    pub row: Row,
    pub zone: Tz,
    pub language: Language,
    networks: Vec<IpNet>,
    codes: HashMap<ChannelOutcome, u16>,
    /// The key of signatures.
    pub key: Option<Vec<u8>>,
}

impl Channel {
    pub fn of(row: Row, vault: &Vault) -> Self {
        let codes = row.codes.as_object().into_iter().flatten().filter_map(|(outcome, code)| {
            Some((ChannelOutcome::from_code(outcome)?, u16::try_from(code.as_u64()?).ok()?))
        });
        Self {
            zone: row.zone.parse().unwrap_or(chrono_tz::Asia::Almaty),
            language: Language::from_code(&row.language).unwrap_or(Language::Ru),
            networks: row.networks.iter().filter_map(|text| network(text)).collect(),
            codes: codes.collect(),
            key: row.secret_sealed.as_deref().and_then(|sealed| vault.open(sealed)).map(String::into_bytes),
            row,
        }
    }

    pub fn agent(&self) -> AgentId {
        AgentId(self.row.agent_id)
    }

    pub fn allows(&self, address: IpAddr) -> bool {
        among(&self.networks, address)
    }

    pub fn shows(&self, what: PayerSees) -> bool {
        self.row.shows.iter().any(|shown| shown == what.code())
    }

    /// The number that goes over the wire.
    pub fn code(&self, outcome: ChannelOutcome) -> u16 {
        self.codes.get(&outcome).copied().unwrap_or_else(|| self.row.dialect.says(outcome).code)
    }

    /// An answer in the channel's spelling.
    pub fn write(&self, spelling: Spelling, answer: &Answer<'_>) -> Vec<u8> {
        let wire = Wire {
            dialect: self.row.dialect,
            spelling,
            echo: self.row.echo.as_deref(),
            code: self.code(answer.outcome),
        };
        write(wire, answer)
    }

    /// A moment as the channel's clocks show it.
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    /// The program behind the channel, for the trail: it may bring payments of the whole city and nothing else.
    pub fn actor(&self) -> Actor {
        Actor {
            principal: Principal::System,
            label: self.row.code.clone(),
            session: None,
            permissions: [Permission::PaymentRecord].into(),
            scope: Scope::City,
            password_due: false,
        }
    }

    /// What it may bring today; `largest` is the setting of all payments.
    pub fn rules(&self, largest: Money) -> PayRules {
        PayRules {
            active: self.row.active,
            least: Money::from_tiyn(self.row.least),
            most: self.row.most.map_or(largest, |most| Money::from_tiyn(most).min(largest)),
            dates: self.row.dates,
            closed: self.row.closed,
        }
    }
}

/// What a process last read.
pub struct Kept {
    read: Instant,
    today: NaiveDate,
    channels: HashMap<String, Arc<Channel>>,
    /// Settings of the days that a payment may be dated by.
    pub book: TariffBook,
}

impl Kept {
    pub fn channel(&self, code: &str) -> Option<Arc<Channel>> {
        self.channels.get(code).cloned()
    }
}

/// The channels of a process.
#[derive(Default)]
pub struct Channels {
    kept: RwLock<Option<Arc<Kept>>>,
    reading: tokio::sync::Mutex<()>,
    /// How often it was told to look again: what was read before is not kept as fresh.
    told: AtomicU64,
    seen: AtomicU64,
    /// Numbers of payments that are worked on here and now, and by how many requests.
    running: Arc<Mutex<HashMap<(String, String), usize>>>,
    pub log: log::Log,
}

/// Looks again whenever another process has changed a channel.
pub async fn follow(app: &Arc<App>) -> anyhow::Result<()> {
    let mut told = app.bus.subscribe(CHANNEL).await?;
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        while told.next().await.is_some() {
            let Some(app) = app.upgrade() else { return };
            app.channels.forget();
        }
    });
    Ok(())
}

/// Tells every process that a channel has changed.
pub async fn tell(app: &App) {
    app.channels.forget();
    if let Err(error) = app.bus.publish(CHANNEL, "").await {
        tracing::warn!(error = %error, "other processes see a change of a channel within half a second");
    }
}

impl Channels {
    /// What is known of the channels, at most half a second old. A database that is away does not make them forgotten: an answer still
    /// goes out in the right words.
    pub async fn get(&self, app: &App) -> Result<Arc<Kept>, Broken> {
        let (old, fresh) = self.kept(app);
        if let (Some(kept), true) = (&old, fresh) {
            return Ok(kept.clone());
        }
        let _one = match (self.reading.try_lock(), old) {
            (Ok(one), _) => one,
            (Err(_), Some(kept)) => return Ok(kept),
            (Err(_), None) => self.reading.lock().await,
        };
        let (old, fresh) = self.kept(app);
        if let (Some(kept), true) = (&old, fresh) {
            return Ok(kept.clone());
        }
        let told = self.told.load(Ordering::Acquire);
        let read = tokio::time::timeout(PATIENCE, read(app)).await;
        match (read, old) {
            (Ok(Ok(kept)), _) => {
                let kept = Arc::new(kept);
                *self.kept.write().expect("no panics under the lock") = Some(kept.clone());
                self.seen.store(told, Ordering::Release);
                Ok(kept)
            }
            (Ok(Err(error)), Some(kept)) => {
                tracing::warn!(error = %error, "channels are as they were");
                Ok(kept)
            }
            (Err(_), Some(kept)) => Ok(kept),
            (Ok(Err(error)), None) => Err(error),
            (Err(_), None) => Err(Broken::Custom("the channels could not be read in time".into())),
        }
    }

    fn kept(&self, app: &App) -> (Option<Arc<Kept>>, bool) {
        let kept = self.kept.read().expect("no panics under the lock").clone();
        let told = self.told.load(Ordering::Acquire) != self.seen.load(Ordering::Acquire);
        let fresh = !told
            && kept
                .as_ref()
                .is_some_and(|kept| kept.read.elapsed() < BELIEVE && kept.today == app.clock.today());
        (kept, fresh)
    }

    fn forget(&self) {
        self.told.fetch_add(1, Ordering::Release);
    }

    /// Marks a payment as worked on for as long as the guard lives.
    pub fn work_on(&self, channel: &str, number: &str) -> Running {
        let key = (channel.to_owned(), number.to_owned());
        *self.running.lock().expect("no panics under the lock").entry(key.clone()).or_default() += 1;
        Running { key, of: self.running.clone() }
    }

    pub fn is_running(&self, channel: &str, number: &str) -> bool {
        let running = self.running.lock().expect("no panics under the lock");
        running.contains_key(&(channel.to_owned(), number.to_owned()))
    }
}

/// A payment that is worked on.
pub struct Running {
    key: (String, String),
    of: Arc<Mutex<HashMap<(String, String), usize>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.of.lock().expect("no panics under the lock");
        match running.get_mut(&self.key) {
            Some(left) if *left > 1 => *left -= 1,
            _ => drop(running.remove(&self.key)),
        }
    }
}

async fn read(app: &App) -> Result<Kept, Broken> {
    let (read, today) = (Instant::now(), app.clock.today());
    let from = today.checked_sub_days(Days::new(MOST_DAYS_BACK)).unwrap_or(today);
    let to = today.checked_add_days(Days::new(2)).unwrap_or(today);
    let book = tariffs::book(&app.db, from, to, app.clock.now()).await?;
    let rows = channel::all(&app.db).await?;
    let channels =
        rows.into_iter().map(|row| (row.code.clone(), Arc::new(Channel::of(row, &app.vault)))).collect();
    Ok(Kept { read, today, channels, book })
}

/// A channel as it is when nothing has been agreed on.
pub fn usual(agent_id: i64, code: &str, dialect: Dialect, sandbox: bool) -> Row {
    let networks: &[&str] = if sandbox { &["0.0.0.0/0", "::/0"] } else { &["127.0.0.0/8", "::1/128"] };
    Row {
        id: 0,
        code: code.into(),
        agent_id,
        dialect,
        spelling: dialect.spellings()[0],
        sandbox,
        active: false,
        networks: networks.iter().map(|&network| network.to_owned()).collect(),
        auth: ChannelAuth::None,
        auth_user: None,
        secret_hash: None,
        secret_sealed: None,
        least: 1,
        most: None,
        zone: "Asia/Almaty".into(),
        language: "ru".into(),
        echo: None,
        account_form: AccountForm::Digits,
        // Kaspi and Kassa24 have not said which code they repeat.
        temporary: match dialect {
            Dialect::Unified | Dialect::Osmp => TemporaryAnswer::Code,
            Dialect::Kaspi | Dialect::Kassa24 => TemporaryAnswer::Unavailable,
        },
        denied: DeniedAnswer::Status,
        dates: DatePolicy::Strict,
        closed: ClosedPolicy::Take,
        duplicate_minutes: 10,
        cancel_hours: None,
        answer_seconds: 12,
        shows: ["payer", "address", "services"].map(str::to_owned).to_vec(),
        codes: serde_json::json!({}),
        registry_format: None,
        note: None,
        version: 1,
    }
}
