//! Operations switched off at run time, by the name of their root field: a broken one is closed without a release.

use std::collections::BTreeMap;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::AccessEvent;
use domain::access::Permission;
use entities::kernel::{Change, Tx, switch};
use futures_util::FutureExt;

use super::{ApiError, Cx, Result, can};
use crate::app::App;
use crate::platform::{Outcome, Refusal};
use crate::{payload, refuse};

/// How long a process believes what it read: a switch works everywhere by then.
const BELIEVE: Duration = Duration::from_millis(500);

/// What is off, as this process last read it.
#[derive(Default)]
pub struct Switches(RwLock<Option<(Instant, BTreeMap<String, String>)>>);

impl Switches {
    /// The first of these fields that is off, and why.
    pub async fn first_off(
        &self,
        app: &App,
        fields: &[String],
    ) -> Result<Option<(String, String)>, ApiError> {
        let find = |off: &BTreeMap<String, String>| {
            fields.iter().find_map(|field| Some((field.clone(), off.get(field)?.clone())))
        };
        if let Some((read, off)) = self.0.read().expect("no panics under the lock").as_ref()
            && read.elapsed() < BELIEVE
        {
            return Ok(find(off));
        }
        let rows = switch::all(&app.db).await?;
        let off: BTreeMap<String, String> = rows.into_iter().map(|row| (row.field, row.reason)).collect();
        let found = find(&off);
        *self.0.write().expect("no panics under the lock") = Some((Instant::now(), off));
        Ok(found)
    }

    fn forget(&self) {
        *self.0.write().expect("no panics under the lock") = None;
    }
}

/// An operation that is switched off (отключённая операция).
#[derive(SimpleObject, Clone)]
pub struct SwitchedOff {
    /// Name of the root field.
    pub field: String,
    /// Why, as callers are told (причина).
    pub reason: String,
    /// Who switched it off (кто отключил).
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl From<switch::Off> for SwitchedOff {
    fn from(row: switch::Off) -> Self {
        Self { field: row.field, reason: row.reason, by: row.switched_by, at: row.at }
    }
}

/// An operation to switch (переключение операции).
#[derive(InputObject)]
pub struct OperationSwitchInput {
    /// Name of a root field of queries, mutations or subscriptions.
    pub field: String,
    /// Whether it may be called.
    pub on: bool,
    /// Why, told to whoever calls it; needed to switch it off.
    pub reason: Option<String>,
}

payload! {
    /// The answer to switching an operation.
    OperationSwitchPayload {
        /// Everything that is off now.
        off: Vec<SwitchedOff>
    }
}

struct AllOff(Vec<switch::Off>);

impl From<AllOff> for Vec<SwitchedOff> {
    fn from(rows: AllOff) -> Self {
        rows.0.into_iter().map(Into::into).collect()
    }
}

#[derive(Default)]
pub struct SwitchQuery;

#[Object]
impl SwitchQuery {
    /// Operations that are switched off, by name; 200 at most (отключённые операции).
    #[graphql(guard = "can(Permission::OperationSwitch)")]
    async fn operations_off(&self, cx: &Context<'_>) -> Result<Vec<SwitchedOff>> {
        Ok(switch::all(cx.db()).await?.into_iter().map(Into::into).collect())
    }
}

#[derive(Default)]
pub struct SwitchMutation;

#[Object]
impl SwitchMutation {
    /// Switches an operation off or on, in every process within a second (отключить или включить операцию).
    #[graphql(guard = "can(Permission::OperationSwitch)")]
    async fn operation_switch(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, and which way.")] input: OperationSwitchInput,
    ) -> Result<OperationSwitchPayload> {
        let known = cx.schema_env.registry.types.iter().any(|(name, ty)| {
            matches!(name.as_str(), "Query" | "Mutation" | "Subscription")
                && ty.field_by_name(&input.field).is_some()
        });
        let done = cx.write(move |tx| switch_operation(tx, input, known).boxed()).await?;
        cx.app().switches.forget();
        Ok(OperationSwitchPayload::of(done, cx.language()))
    }
}

async fn switch_operation(tx: &mut Tx, input: OperationSwitchInput, known: bool) -> Outcome<AllOff> {
    if !known {
        refuse!(Refusal::new("OPERATION_UNKNOWN").at("field"));
    }
    // Whoever switches must be able to come in and switch back.
    if matches!(input.field.as_str(), "operationSwitch" | "operationsOff" | "sessionOpen" | "sessionRefresh")
    {
        refuse!(Refusal::new("OPERATION_NEEDED").at("field"));
    }
    let reason = input.reason.as_deref().unwrap_or_default().trim();
    if !input.on && reason.is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let changed = match input.on {
        true => switch::on(tx, &input.field).await?,
        false => switch::off(tx, &input.field, reason).await?,
    };
    if changed {
        let action = if input.on { "switched_on" } else { "switched_off" };
        let said = serde_json::json!({ "field": input.field, "reason": reason });
        tx.audit(Change::bulk("operation", action, said));
        tx.emit(AccessEvent::OperationSwitched { on: input.on });
    } else {
        tx.nothing_new("it was so already");
    }
    Ok(Ok(AllOff(switch::all(tx).await?)))
}
