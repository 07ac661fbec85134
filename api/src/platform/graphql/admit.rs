//! What happens to an operation before it runs: its document is looked up or recognised, its size is counted, what is switched
//! off is refused, and its cost is taken from the caller's budget of this minute.

use async_graphql::{Request, Response, Value};
use domain::access::{Actor, Principal};

use super::error::{ApiError, Code};
use super::http::Caller;
use super::{limits, trusted};
use crate::app::App;

/// Budgets of a minute in parts of `budget_per_minute`: programs move whole registers, a resident looks at one flat, many people
/// may share one address before they sign in.
const fn share(actor: Option<&Actor>) -> (i64, i64) {
    match actor {
        Some(actor) => match actor.principal {
            Principal::Client(_) => (2, 1),
            Principal::Subscriber(_) => (1, 5),
            Principal::User(_) | Principal::System => (1, 1),
        },
        None => (1, 10),
    }
}

/// What an operation costs and what is left; told in `extensions.cost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Fields times rows.
    pub query: i64,
    pub budget: i64,
    pub remaining: i64,
    /// Until the budget is whole again.
    pub reset_seconds: u64,
}

impl Cost {
    /// Tells the caller.
    pub fn told(self, mut response: Response) -> Response {
        let mut cost = async_graphql::indexmap::IndexMap::new();
        for (name, number) in [
            ("query", self.query),
            ("budget", self.budget),
            ("remaining", self.remaining.max(0)),
            ("resetSeconds", self.reset_seconds as i64),
        ] {
            cost.insert(async_graphql::Name::new(name), Value::from(number));
        }
        response.extensions.insert("cost".to_owned(), Value::Object(cost));
        response
    }
}

/// Lets an operation in, or says why not. A document that does not parse is let in: the schema words it better.
pub async fn admit(app: &App, request: &mut Request, caller: &Caller) -> Result<Option<Cost>, ApiError> {
    if request.query.is_empty() {
        let hash = asked_hash(request).unwrap_or_default();
        let document = trusted::by_hash(&hash).ok_or_else(|| ApiError::new(Code::UnknownDocument))?;
        document.clone_into(&mut request.query);
        app.documents.read(request);
    }
    if has_nul(request) {
        return Err(ApiError::bad_input(super::detail::NUL));
    }
    let (variables, name) = (request.variables.clone(), request.operation_name.clone());
    let Ok(document) = request.parsed_query() else { return Ok(None) };
    let counted = limits::check(document, &variables)?;
    let roots = limits::roots(document, name.as_deref());
    if !app.config.free_documents && !trusted::may_send(caller.actor.as_ref(), &request.query) {
        return Err(ApiError::new(Code::UntrustedDocument));
    }
    if let Some((field, why)) = app.switches.first_off(app, &roots).await? {
        return Err(off(&field, &why));
    }
    pay(app, caller, counted as i64).await
}

/// Why it is off is said as whoever switched it wrote it; which operation it is stands beside it, for programs.
pub fn off(field: &str, why: &str) -> ApiError {
    ApiError::new(Code::OperationOff).detail(why).operation(field)
}

/// PostgreSQL keeps no NUL in a text: wherever one comes from, it is the sender's mistake. A document can say it by an escape only.
fn has_nul(request: &Request) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::List(values) => values.iter().any(within),
            Value::Object(fields) => fields.values().any(within),
            _ => false,
        }
    }
    let document = &request.query;
    document.contains('\0') || document.contains("\\u0000") || request.variables.values().any(within)
}

/// `extensions.persistedQuery.sha256Hash`, as clients of several makes spell it.
fn asked_hash(request: &Request) -> Option<String> {
    let Value::Object(asked) = request.extensions.get("persistedQuery")? else { return None };
    match asked.get("sha256Hash")? {
        Value::String(hash) => Some(hash.to_lowercase()),
        _ => None,
    }
}

/// Takes the cost from the caller's budget, on the bus, so that all processes share it. A bus that cannot be reached stops nobody.
async fn pay(app: &App, caller: &Caller, query: i64) -> Result<Option<Cost>, ApiError> {
    let whole = app.config.budget_per_minute.unwrap_or(super::limits::BUDGET_PER_MINUTE);
    if whole == 0 {
        return Ok(None);
    }
    let (times, parts) = share(caller.actor.as_ref());
    let budget = whole * times / parts;
    let who = match caller.actor.as_ref().map(|actor| &actor.principal) {
        Some(Principal::User(id)) => format!("user:{id}"),
        Some(Principal::Subscriber(id)) => format!("subscriber:{id}"),
        Some(Principal::Client(id)) => format!("client:{id}"),
        Some(Principal::System) => return Ok(None),
        None => format!("address:{}", caller.origin.address.as_deref().unwrap_or("-")),
    };
    let now = app.clock.now().timestamp();
    let (minute, reset_seconds) = (now.div_euclid(60), (60 - now.rem_euclid(60)) as u64);
    let spent = match app.bus.add(&format!("budget:{who}:{minute}"), query, 120).await {
        Ok(spent) => spent,
        Err(error) => {
            tracing::warn!(error = %error, "budgets are not kept");
            return Ok(None);
        }
    };
    if spent > budget {
        let detail = format!("{query} > {}", (budget - (spent - query)).max(0));
        return Err(ApiError::new(Code::RateLimited).detail(detail).retry_after(reset_seconds));
    }
    Ok(Some(Cost { query, budget, remaining: budget - spent, reset_seconds }))
}
