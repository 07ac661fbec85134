//! Who may ask what: every root field asked as nobody and as each role, without a database, and the guards of inner fields from
//! the sources. A change of rights is a readable change of `tests/snapshots/access_matrix.txt`.

use std::fmt::Write;
use std::panic::AssertUnwindSafe;

use aiscra_tests::{actor_of, subscriber_of};
use api::platform::graphql::guard::{PROBE_ALLOWED, Probe};
use api::platform::graphql::id;
use api::wiring::schema::{ApiSchema, schema};
use async_graphql::{Request, Response};
use domain::access::{Actor, Principal, Role};
use domain::kernel::{AccountId, ClientId, UserId};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value as Json, json};

use super::{snapshot, sources};

/// Open to everybody, on purpose. The last one answers in the demo only.
const PUBLIC: &[&str] = &[
    "Query.businessDate",
    "Query.certificateCheck",
    "Query.devMessages",
    "Query.districts",
    "Mutation.loginCodeConfirm",
    "Mutation.loginCodeSend",
    "Mutation.sessionClose",
    "Mutation.sessionOpen",
    "Mutation.sessionRefresh",
];

const INTROSPECTION: &str = "{ __schema { types { kind name isOneOf
    fields { name args { name defaultValue type { ...T } } type { ...T } }
    inputFields { name defaultValue type { ...T } } enumValues { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

async fn introspect(schema: &ApiSchema) -> Json {
    let answer = schema.execute(INTROSPECTION).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()["__schema"]["types"].clone()
}

fn of<'a>(types: &'a Json, name: &str) -> &'a Json {
    types.as_array().unwrap().iter().find(|t| t["name"] == name).unwrap_or_else(|| panic!("no type {name}"))
}

/// Stands in a query where an id belongs; arguments are read before guards are asked, so its kind must be right.
const ID_HERE: &str = "\"§\"";

fn with_ids(query: &str, kinds: &[String]) -> String {
    kinds.iter().fold(query.to_owned(), |query, kind| query.replacen('§', &id::encode(kind, 1), 1))
}

/// The query with an id of the right kind in each place: the program says which kind it misses, not where.
async fn fill(schema: &ApiSchema, root: &str, query: &str) -> String {
    let mut kinds = vec!["Account".to_owned(); query.matches('§').count()];
    let missed = async |kinds: &[String]| {
        let message = first_message(schema, root, &with_ids(query, kinds)).await?;
        let (_, kind) = message.split_once("not an id of ")?;
        kind.split(|c: char| !c.is_alphanumeric()).next().map(str::to_owned)
    };
    while let Some(kind) = missed(&kinds).await {
        let mut found = false;
        for place in 0..kinds.len() {
            let before = std::mem::replace(&mut kinds[place], kind.clone());
            if missed(&kinds).await.is_none_or(|next| next != before && next != kind) {
                found = true;
                break;
            }
            kinds[place] = before;
        }
        if !found {
            // Several of one kind: each alone leaves the others missing. They stand together, at the end of what is not known yet.
            for from in 0..kinds.len() {
                let mut wanted = kinds.clone();
                wanted[from..]
                    .iter_mut()
                    .filter(|kind| *kind == "Account")
                    .for_each(|place| place.clone_from(&kind));
                if missed(&wanted).await.is_none_or(|next| next != kind) {
                    kinds = wanted;
                    found = true;
                    break;
                }
            }
        }
        assert!(found, "{query}: no place for an id of {kind}");
    }
    with_ids(query, &kinds)
}

/// What an open field is behind panics without the program.
async fn first_message(schema: &ApiSchema, root: &str, query: &str) -> Option<String> {
    let answer = run(schema, root, Request::new(query).data(Probe)).await?;
    answer.errors.first().map(|error| error.message.clone())
}

async fn run(schema: &ApiSchema, root: &str, request: Request) -> Option<Response> {
    let answer = if root == "Subscription" {
        let mut stream = schema.execute_stream(request).boxed();
        AssertUnwindSafe(async move { stream.next().await.expect("an answer") }).catch_unwind().await
    } else {
        AssertUnwindSafe(schema.execute(request)).catch_unwind().await
    };
    answer.ok()
}

/// A literal that a type accepts.
fn literal(types: &Json, ty: &Json) -> String {
    match ty["kind"].as_str().unwrap() {
        "NON_NULL" => literal(types, &ty["ofType"]),
        // Some want one at least, some two.
        "LIST" => match literal(types, &ty["ofType"]) {
            one if one.starts_with('{') => "[]".into(),
            one => format!("[{one}, {one}]"),
        },
        "ENUM" => of(types, ty["name"].as_str().unwrap())["enumValues"][0]["name"].as_str().unwrap().into(),
        "INPUT_OBJECT" => {
            let ty = of(types, ty["name"].as_str().unwrap());
            let fields = ty["inputFields"].as_array().unwrap();
            if ty["isOneOf"] == true {
                let one = &fields[0];
                return format!("{{ {}: {} }}", one["name"].as_str().unwrap(), literal(types, &one["type"]));
            }
            format!("{{ {} }}", required(types, fields))
        }
        _ => match ty["name"].as_str().unwrap() {
            "Int" | "Float" => "1".into(),
            "Boolean" => "true".into(),
            "ID" => ID_HERE.into(),
            "Money" | "Volume" => "\"1.00\"".into(),
            "Period" => "\"2026-03\"".into(),
            "Date" => "\"2026-03-01\"".into(),
            "DateTime" => "\"2026-03-01T00:00:00Z\"".into(),
            _ => "\"0123456789\"".into(),
        },
    }
}

fn required(types: &Json, inputs: &[Json]) -> String {
    let needed = inputs.iter().filter(|i| i["type"]["kind"] == "NON_NULL" && i["defaultValue"].is_null());
    needed
        .map(|i| match i["name"].as_str().unwrap() {
            // No year is the first one.
            "year" => "year: 2026".into(),
            // Shorter than the usual text.
            "separator" => "separator: \";\"".into(),
            "dueAt" => "dueAt: \"10:00\"".into(),
            name => format!("{name}: {}", literal(types, &i["type"])),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn call(types: &Json, root: &str, field: &Json) -> String {
    let args = required(types, field["args"].as_array().unwrap());
    let args = if args.is_empty() { String::new() } else { format!("({args})") };
    let mut ty = &field["type"];
    while !ty["ofType"].is_null() {
        ty = &ty["ofType"];
    }
    let inner = matches!(ty["kind"].as_str().unwrap(), "OBJECT" | "INTERFACE" | "UNION");
    let selection = if inner { " { __typename }" } else { "" };
    format!("{} {{ {}{args}{selection} }}", root.to_lowercase(), field["name"].as_str().unwrap())
}

/// `yes`, `-`, or `OPEN` when nothing stood before the field.
async fn ask(schema: &ApiSchema, root: &str, query: &str, actor: Option<Actor>) -> &'static str {
    let mut request = Request::new(query).data(Probe);
    if let Some(actor) = actor {
        request = request.data(actor);
    }
    // Behind an open field is the program itself, which is not here: it panics, and that is the answer.
    let Some(answer) = run(schema, root, request).await else { return "OPEN" };
    let Some(error) = answer.errors.first() else { return "OPEN" };
    let code = error.extensions.as_ref().and_then(|e| e.get("code")).map(|code| code.to_string());
    match (error.message.as_str(), code.as_deref()) {
        (PROBE_ALLOWED, _) => "yes",
        (_, Some("\"UNAUTHENTICATED\"" | "\"FORBIDDEN\"" | "\"PASSWORD_DUE\"")) => "-",
        other => panic!("{query}: {other:?}"),
    }
}

fn callers() -> Vec<(&'static str, Option<Actor>)> {
    let mut callers = vec![("anonymous", None)];
    for &role in Role::ALL {
        let actor = match role {
            Role::Subscriber => subscriber_of(AccountId(1)),
            Role::Integration => Actor { principal: Principal::Client(ClientId(1)), ..actor_of(role) },
            role => actor_of(role),
        };
        callers.push((role.code(), Some(actor)));
    }
    // With every right, and a password that somebody else knows.
    let due = Actor { password_due: true, principal: Principal::User(UserId(1)), ..Actor::system("test") };
    callers.push(("password_due", Some(due)));
    callers
}

#[tokio::test]
async fn who_may_ask_what() {
    let (text, open) = matrix().await;
    assert_eq!(open, PUBLIC, "open to everybody, against the public list");
    snapshot("tests/snapshots/access_matrix.txt", &text);
}

async fn matrix() -> (String, Vec<String>) {
    let schema = schema();
    let types = introspect(&schema).await;
    let callers = callers();
    let mut text = String::from(
        "# Root fields by role; `yes` may ask, OPEN stands on the public list. UPDATE_SNAPSHOTS=1 writes this file.\n\n",
    );
    let mut open = Vec::new();
    write!(text, "{:<34}", "field").unwrap();
    for (name, _) in &callers {
        write!(text, " {name:>16}").unwrap();
    }
    text.push('\n');
    for root in ["Query", "Mutation", "Subscription"] {
        let mut fields = of(&types, root)["fields"].as_array().unwrap().clone();
        fields.sort_by_key(|field| field["name"].as_str().unwrap().to_owned());
        for field in &fields {
            let name = format!("{root}.{}", field["name"].as_str().unwrap());
            let query = fill(&schema, root, &call(&types, root, field)).await;
            write!(text, "{name:<34}").unwrap();
            for (who, actor) in &callers {
                let mut answer = ask(&schema, root, &query, actor.clone()).await;
                if *who == "anonymous" && answer != "-" {
                    open.push(name.clone());
                }
                if open.contains(&name) {
                    answer = "OPEN";
                }
                write!(text, " {answer:>16}").unwrap();
            }
            text.push('\n');
        }
    }
    text.push_str("\n# Guarded fields of inner types, as the sources say.\n\n");
    for line in inner_guards() {
        text.push_str(&line);
        text.push('\n');
    }
    (text, open)
}

/// `Type.field  guard` for every guard that does not stand on a root.
fn inner_guards() -> Vec<String> {
    let mut found = Vec::new();
    for (_, text) in sources("api/src", &[".rs"]) {
        let mut owner = String::new();
        let mut guard = None;
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            for start in ["impl ", "pub struct "] {
                if let Some(rest) = line.strip_prefix(start) {
                    owner = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
                }
            }
            if let Some((_, rest)) = line.split_once("guard = \"") {
                guard = rest.split('"').next().map(str::to_owned);
            }
            let field = line
                .strip_prefix("async fn ")
                .or(line.strip_prefix("pub "))
                .and_then(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next());
            if let (Some(field), Some(rule)) = (field, guard.clone()) {
                let root = ["Query", "Mutation", "Subscription"].iter().any(|end| owner.ends_with(end));
                if !root {
                    found.push(format!("{:<46} {rule}", format!("{owner}.{field}")));
                }
                guard = None;
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_matrix_sees_an_open_field() {
    // The probe would be worthless if it called everything guarded.
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
    struct Query;
    #[Object]
    impl Query {
        async fn open(&self) -> bool {
            true
        }
    }
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let answer =
        schema.execute(Request::new("{ open }").data(Probe)).now_or_never().expect("nothing to wait for");
    assert!(answer.errors.is_empty());
    assert_eq!(answer.data.into_json().unwrap(), json!({ "open": true }));
}
