//! Configuration: environment over one TOML file, every key documented in `aiscra.toml.example`, checked at start.

use std::path::PathBuf;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use serde::Deserialize;

/// Everything the program can be told. Each key `x_y` is read from the environment as `AISCRA_X_Y` (the two addresses of
/// servers also without the prefix), else from the file.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub database_url: String,
    pub redis_url: Option<String>,
    /// Keeps two installations on one Redis apart; `aiscra` unless told.
    pub redis_prefix: Option<String>,
    pub listen: Option<String>,
    pub secret_file: Option<PathBuf>,
    pub demo: bool,
    pub business_date: Option<NaiveDate>,
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    /// Addresses of WebKassa, the one to use first; without one no desk can have a register there.
    pub webkassa_url: Option<String>,
    pub webkassa_login: Option<String>,
    /// Two lines: the password, the API key.
    pub webkassa_secret_file: Option<PathBuf>,
    /// How long one call may take.
    pub webkassa_milliseconds: Option<u64>,
    pub admin_dist: Option<PathBuf>,
    pub portal_dist: Option<PathBuf>,
    pub samples_dir: Option<PathBuf>,
    pub database_connections: Option<u32>,
    pub budget_per_minute: Option<i64>,
    pub free_documents: bool,
    pub operation_milliseconds: Option<u64>,
    /// Networks of the proxies in front, whose word about the caller's address is taken.
    pub trusted_proxies: Vec<String>,
    /// Where browsers find this program, when it plays the bank of a demo itself.
    pub demo_bank: Option<String>,
    /// Kaspi Pay; only from the file.
    pub kaspi: Option<KaspiConfig>,
    /// The installation's secret; read from `secret_file`.
    #[serde(skip)]
    pub secret: Vec<u8>,
}

/// How we are known to Kaspi Pay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KaspiConfig {
    /// Address of its API.
    pub url: String,
    /// БИН of the utility.
    pub bin: String,
    /// A name of ours for this installation.
    pub device: String,
    /// The point of sale that Kaspi has given.
    pub trade_point: i64,
    /// Client certificate and its key in one PEM file.
    pub identity_file: Option<PathBuf>,
}

/// Connections to the database unless the configuration says otherwise.
const CONNECTIONS: u32 = 24;

impl Config {
    /// The most connections to the database that a process opens for everything but channels' money.
    pub fn connections(&self) -> u32 {
        self.database_connections.unwrap_or(CONNECTIONS).max(1)
    }

    /// Reads and checks; the message of an error names the key.
    pub fn load() -> anyhow::Result<Self> {
        let path = std::env::var_os("AISCRA_CONFIG").map(PathBuf::from);
        let text = match &path {
            Some(path) => {
                std::fs::read_to_string(path).with_context(|| format!("AISCRA_CONFIG: {}", path.display()))?
            }
            None => std::fs::read_to_string("aiscra.toml").unwrap_or_default(),
        };
        let mut config: Self = toml::from_str(&text).context("the configuration file is not right")?;
        config.overlay(|key| std::env::var(key).ok().filter(|value| !value.is_empty()))?;
        config.check()?;
        Ok(config)
    }

    /// How long an operation may take.
    pub fn operation_time(&self) -> std::time::Duration {
        use crate::platform::graphql::limits::OPERATION_TIME;
        self.operation_milliseconds.map_or(OPERATION_TIME, std::time::Duration::from_millis)
    }

    fn overlay(&mut self, env: impl Fn(&str) -> Option<String>) -> anyhow::Result<()> {
        let either = |a: &str, b: &str| env(a).or_else(|| env(b));
        if let Some(v) = either("AISCRA_DATABASE_URL", "DATABASE_URL") {
            self.database_url = v;
        }
        if let Some(v) = either("AISCRA_REDIS_URL", "REDIS_URL") {
            self.redis_url = Some(v);
        }
        for (key, field) in [
            ("AISCRA_LISTEN", &mut self.listen),
            ("AISCRA_DEMO_BANK", &mut self.demo_bank),
            ("AISCRA_REDIS_PREFIX", &mut self.redis_prefix),
            ("AISCRA_SMTP_URL", &mut self.smtp_url),
            ("AISCRA_MAIL_FROM", &mut self.mail_from),
            ("AISCRA_WEBKASSA_URL", &mut self.webkassa_url),
            ("AISCRA_WEBKASSA_LOGIN", &mut self.webkassa_login),
        ] {
            if let Some(v) = env(key) {
                *field = Some(v);
            }
        }
        for (key, field) in [
            ("AISCRA_SECRET_FILE", &mut self.secret_file),
            ("AISCRA_WEBKASSA_SECRET_FILE", &mut self.webkassa_secret_file),
            ("AISCRA_ADMIN_DIST", &mut self.admin_dist),
            ("AISCRA_PORTAL_DIST", &mut self.portal_dist),
            ("AISCRA_SAMPLES_DIR", &mut self.samples_dir),
        ] {
            if let Some(v) = env(key) {
                *field = Some(v.into());
            }
        }
        if let Some(v) = env("AISCRA_DEMO") {
            self.demo = matches!(v.as_str(), "1" | "true" | "yes");
        }
        if let Some(v) = env("AISCRA_BUSINESS_DATE") {
            self.business_date =
                Some(v.parse().context("AISCRA_BUSINESS_DATE is not a date like 2026-03-26")?);
        }
        fn number<T: std::str::FromStr<Err = std::num::ParseIntError>>(
            env: &impl Fn(&str) -> Option<String>,
            key: &str,
            field: &mut Option<T>,
        ) -> anyhow::Result<()> {
            if let Some(v) = env(key) {
                *field = Some(v.parse().with_context(|| format!("{key} is not a number"))?);
            }
            Ok(())
        }
        number(&env, "AISCRA_DATABASE_CONNECTIONS", &mut self.database_connections)?;
        number(&env, "AISCRA_BUDGET_PER_MINUTE", &mut self.budget_per_minute)?;
        number(&env, "AISCRA_OPERATION_MILLISECONDS", &mut self.operation_milliseconds)?;
        if let Some(v) = env("AISCRA_TRUSTED_PROXIES") {
            self.trusted_proxies = v.split([',', ' ']).filter(|n| !n.is_empty()).map(str::to_owned).collect();
        }
        number(&env, "AISCRA_WEBKASSA_MILLISECONDS", &mut self.webkassa_milliseconds)?;
        if let Some(v) = env("AISCRA_FREE_DOCUMENTS") {
            self.free_documents = matches!(v.as_str(), "1" | "true" | "yes");
        }
        Ok(())
    }

    fn check(&mut self) -> anyhow::Result<()> {
        if self.database_url.is_empty() {
            bail!("database_url is missing: set DATABASE_URL or put it into the configuration file");
        }
        if self.business_date.is_some() && !self.demo {
            bail!("business_date may be fixed only with demo = true");
        }
        if self.demo_bank.is_some() && !self.demo {
            bail!("demo_bank plays a bank that takes no money: only with demo = true");
        }
        self.secret = match &self.secret_file {
            Some(path) => std::fs::read(path)
                .with_context(|| format!("secret_file (AISCRA_SECRET_FILE): {}", path.display()))?,
            None if self.demo => b"the demo's secret guards nothing but the demo".to_vec(),
            None => bail!("secret_file is missing: a file of at least 32 random bytes, or demo = true"),
        };
        if self.secret.len() < 32 {
            bail!("secret_file must hold at least 32 bytes");
        }
        Ok(())
    }
}
