//! Terms of reconciliation of channels, and the alarms of registries that did not come.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use domain::kernel::*;
use domain::payments::{RegistryLayout, SerialRule, Terms};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Result, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct RegistryTerms {
    pub channel_id: i64,
    /// Of the channel: its segment of the address, its agent, its time zone.
    pub channel: String,
    pub agent_id: i64,
    pub zone: String,
    pub layout: serde_json::Value,
    pub since: NaiveDate,
    pub due_at: NaiveTime,
    pub contact_hours: i32,
    pub serial_rule: SerialRule,
    pub fee_points: i32,
    pub alarm_to: Option<String>,
    pub version: i32,
}

impl RegistryTerms {
    pub fn layout(&self) -> Result<RegistryLayout> {
        serde_json::from_value(self.layout.clone()).map_err(|error| Broken::Json(error.to_string()))
    }

    pub fn terms(&self) -> Terms {
        Terms {
            due_at: self.due_at,
            contact_hours: self.contact_hours.unsigned_abs(),
            fee_points: self.fee_points.unsigned_abs(),
        }
    }
}

const COLUMNS: &str = "t.channel_id, c.code AS channel, c.agent_id, c.zone, t.layout, t.since, t.due_at, t.contact_hours, t.serial_rule, \
     t.fee_points, t.alarm_to, t.version";

pub async fn find(db: &impl ConnectionTrait, channel: ChannelId) -> Result<Option<RegistryTerms>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.registry_terms t JOIN payments.channel c ON c.id = t.channel_id WHERE t.channel_id = $1"
        ),
        [channel.0.into()],
    )
    .await
}

/// Of all channels that have some, by their codes; channels are a few dozen.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<RegistryTerms>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.registry_terms t JOIN payments.channel c ON c.id = t.channel_id
             WHERE NOT c.sandbox ORDER BY c.code"
        ),
        [],
    )
    .await
}

/// Terms to be kept; another version than the caller saw is refused by no row.
#[derive(Debug, Clone)]
pub struct NewTerms {
    pub channel: ChannelId,
    pub layout: RegistryLayout,
    pub since: NaiveDate,
    pub terms: Terms,
    pub serial_rule: SerialRule,
    pub alarm_to: Option<String>,
    /// What the caller saw; 0 where there were none.
    pub version: i32,
}

pub async fn set(tx: &Tx, new: &NewTerms) -> Result<u64> {
    let layout = serde_json::to_value(&new.layout).map_err(|error| Broken::Json(error.to_string()))?;
    sql::run(
        tx,
        "INSERT INTO payments.registry_terms AS t (channel_id, layout, since, due_at, contact_hours, serial_rule, fee_points, alarm_to)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE $9 = 0 OR EXISTS (SELECT FROM payments.registry_terms WHERE channel_id = $1)
         ON CONFLICT (channel_id) DO UPDATE SET layout = excluded.layout, since = excluded.since, due_at = excluded.due_at,
             contact_hours = excluded.contact_hours, serial_rule = excluded.serial_rule, fee_points = excluded.fee_points,
             alarm_to = excluded.alarm_to, version = t.version + 1
         WHERE t.version = $9",
        [
            new.channel.0.into(),
            layout.into(),
            new.since.into(),
            new.terms.due_at.into(),
            (new.terms.contact_hours as i32).into(),
            new.serial_rule.code().into(),
            (new.terms.fee_points as i32).into(),
            new.alarm_to.clone().into(),
            new.version.into(),
        ],
    )
    .await
}

#[derive(Debug, Clone, FromQueryResult)]
pub struct Alarm {
    pub channel_id: i64,
    pub business_date: NaiveDate,
    pub raised_at: DateTime<Utc>,
    pub contact_by: NaiveDateTime,
    pub ended_at: Option<DateTime<Utc>>,
    pub seen_by: Option<String>,
    pub seen_at: Option<DateTime<Utc>>,
}

/// Those that nobody has ended, oldest first; a hundred at most.
pub async fn alarms(db: &impl ConnectionTrait) -> Result<Vec<Alarm>> {
    sql::all(
        db,
        "SELECT channel_id, business_date, raised_at, contact_by, ended_at, seen_by, seen_at FROM payments.registry_alarm
         WHERE ended_at IS NULL ORDER BY business_date, channel_id LIMIT 100",
        [],
    )
    .await
}

/// Raises an alarm once; whether it is new.
pub async fn raise(
    tx: &Tx,
    channel: ChannelId,
    business: NaiveDate,
    contact_by: NaiveDateTime,
) -> Result<bool> {
    let raised = sql::run(
        tx,
        "INSERT INTO payments.registry_alarm (channel_id, business_date, contact_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [channel.0.into(), business.into(), contact_by.into()],
    )
    .await?;
    Ok(raised > 0)
}

/// The file is here.
pub async fn end_alarm(tx: &Tx, channel: ChannelId, business: NaiveDate) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.registry_alarm SET ended_at = now() WHERE channel_id = $1 AND business_date = $2 AND ended_at IS NULL",
        [channel.0.into(), business.into()],
    )
    .await
}

/// Somebody has told the agent.
pub async fn see_alarm(tx: &Tx, channel: ChannelId, business: NaiveDate) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.registry_alarm SET seen_by = $3, seen_at = now()
         WHERE channel_id = $1 AND business_date = $2 AND seen_by IS NULL",
        [channel.0.into(), business.into(), tx.actor().label.clone().into()],
    )
    .await
}
