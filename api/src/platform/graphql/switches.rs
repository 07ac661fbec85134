//! Operations switched off at run time, by the name of their root field: a broken one is closed without a release.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, RwLock};
use std::time::{Duration, Instant};

use async_graphql::registry::Registry;
use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::AccessEvent;
use domain::access::Permission;
use entities::kernel::{Change, Tx, switch};
use futures_util::{FutureExt, StreamExt};

use super::{ApiError, Cx, Result, can};
use crate::app::App;
use crate::platform::messages::Language;
use crate::platform::{Outcome, Refusal, metrics};
use crate::{payload, refuse};

/// How long a process believes what it read when nobody tells it otherwise: a switch works everywhere by then.
const BELIEVE: Duration = Duration::from_millis(500);

/// The channel of the bus that tells the processes to look again.
const CHANNEL: &str = "switches";

/// Whoever switches must be able to come in, see what is off and switch it back; the screen of the office asks these of everybody.
const NEEDED: &[&str] = &[
    "businessDate",
    "operationSwitch",
    "operations",
    "operationsOff",
    "passwordChange",
    "sessionClose",
    "sessionOpen",
    "sessionRefresh",
    "viewer",
];

/// What is off, as this process last read it.
#[derive(Default)]
pub struct Switches {
    read: RwLock<Option<(Instant, BTreeMap<String, String>)>>,
    /// How often it was told to look again: what was read before is not kept.
    told: AtomicU64,
}

/// Looks again whenever another process has switched something.
pub async fn follow(app: &Arc<App>) -> anyhow::Result<()> {
    let mut told = app.bus.subscribe(CHANNEL).await?;
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        while told.next().await.is_some() {
            let Some(app) = app.upgrade() else { return };
            app.switches.forget();
        }
    });
    Ok(())
}

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
        if let Some((read, off)) = self.read.read().expect("no panics under the lock").as_ref()
            && read.elapsed() < BELIEVE
        {
            return Ok(find(off));
        }
        let told = self.told.load(Ordering::Acquire);
        let rows = switch::all(&app.db).await?;
        let off: BTreeMap<String, String> = rows.into_iter().map(|row| (row.field, row.reason)).collect();
        let found = find(&off);
        let mut kept = self.read.write().expect("no panics under the lock");
        if self.told.load(Ordering::Acquire) == told {
            *kept = Some((Instant::now(), off));
        }
        Ok(found)
    }

    fn forget(&self) {
        let mut kept = self.read.write().expect("no panics under the lock");
        self.told.fetch_add(1, Ordering::Release);
        *kept = None;
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

/// How an operation is called (вид операции).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum OperationKind {
    /// It asks (запрос).
    Query,
    /// It changes something (изменение).
    Mutation,
    /// It is watched as it happens (подписка).
    Subscription,
}

/// An operation of the API (операция).
#[derive(SimpleObject)]
pub struct Operation {
    /// Name of the root field.
    pub field: String,
    /// The ways to call it; a switch closes all of them.
    pub kinds: Vec<OperationKind>,
    /// What it does, in the reader's language.
    pub says: String,
    /// It can't be switched off: without it nobody could come in and switch it back.
    pub needed: bool,
    /// How often this process of the program has answered it since it was started.
    pub calls: i32,
    /// Since when it is off, by whom and why; nothing when it is on.
    pub off: Option<SwitchedOff>,
}

static KAZAKH: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../messages/operations.kk.toml")).expect("a flat table of texts")
});

/// What a root field does: the schema says it in English with the Russian term in brackets, the catalogue in Kazakh.
fn says(language: Language, field: &str, description: &str) -> String {
    let cyrillic = |text: &str| text.chars().any(|c| ('а'..='я').contains(&c));
    let mut english = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut russian = None;
    while let Some((before, rest)) = english.split_once(" (") {
        let Some((inside, after)) = rest.split_once(')').filter(|(inside, _)| cyrillic(inside)) else {
            break;
        };
        russian.get_or_insert_with(|| inside.to_owned());
        english = format!("{before}{after}");
    }
    let said = match language {
        Language::Kk => KAZAKH.get(field).cloned(),
        Language::Ru => russian,
        Language::En => None,
    };
    let said = said.unwrap_or_else(|| english.split(['.', ';', ':']).next().unwrap_or_default().to_owned());
    let mut letters = said.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every root field of the schema, by name.
fn all(registry: &Registry, language: Language) -> BTreeMap<String, Operation> {
    let roots = [
        (Some(registry.query_type.as_str()), OperationKind::Query),
        (registry.mutation_type.as_deref(), OperationKind::Mutation),
        (registry.subscription_type.as_deref(), OperationKind::Subscription),
    ];
    let mut found: BTreeMap<String, Operation> = BTreeMap::new();
    for (root, kind) in roots {
        let fields = root.and_then(|root| registry.types.get(root)?.fields());
        for (name, field) in fields.into_iter().flatten().filter(|(name, _)| !name.starts_with("__")) {
            let made = || Operation {
                field: name.clone(),
                kinds: Vec::new(),
                says: says(language, name, field.description.as_deref().unwrap_or_default()),
                needed: NEEDED.contains(&name.as_str()),
                calls: 0,
                off: None,
            };
            found.entry(name.clone()).or_insert_with(made).kinds.push(kind);
        }
    }
    found
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
    /// Every operation of the API, by name (операции API).
    #[graphql(guard = "can(Permission::OperationSwitch)")]
    async fn operations(&self, cx: &Context<'_>) -> Result<Vec<Operation>> {
        let mut found = all(&cx.schema_env.registry, cx.language());
        for row in switch::all(cx.db()).await? {
            if let Some(operation) = found.get_mut(&row.field) {
                operation.off = Some(row.into());
            }
        }
        for (field, calls) in metrics::calls() {
            if let Some(operation) = found.get_mut(&field) {
                operation.calls = i32::try_from(calls).unwrap_or(i32::MAX);
            }
        }
        Ok(found.into_values().collect())
    }

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
    /// Switches an operation off or on, at once in every process (отключить или включить операцию).
    #[graphql(guard = "can(Permission::OperationSwitch)")]
    async fn operation_switch(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, and which way.")] input: OperationSwitchInput,
    ) -> Result<OperationSwitchPayload> {
        let known = all(&cx.schema_env.registry, cx.language()).contains_key(&input.field);
        let done = cx.write(move |tx| switch_operation(tx, input, known).boxed()).await?;
        cx.app().switches.forget();
        if let Err(error) = cx.app().bus.publish(CHANNEL, "").await {
            tracing::warn!(error = %error, "other processes see a switch within half a second");
        }
        Ok(OperationSwitchPayload::of(done, cx.language()))
    }
}

async fn switch_operation(tx: &mut Tx, input: OperationSwitchInput, known: bool) -> Outcome<AllOff> {
    if !known {
        refuse!(Refusal::new("OPERATION_UNKNOWN").at("field"));
    }
    if !input.on && NEEDED.contains(&input.field.as_str()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_apart() {
        let text = "Files, newest first (загрузки). More (of it), and (ещё) this.";
        assert_eq!(says(Language::Ru, "x", text), "Загрузки");
        assert_eq!(says(Language::En, "x", text), "Files, newest first");
        assert_eq!(says(Language::Kk, "importBatches", text), "Жүктеулер");
    }
}
