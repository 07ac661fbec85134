//! One operation and its answer.

use std::pin::Pin;

use api::platform::graphql::http::{Caller, Graph, Origin};
use api::platform::messages::Language;
use async_graphql::{Request, Variables};
use domain::access::{Actor, Role};
use domain::kernel::AccountId;
use serde_json::Value as Json;

/// An operation that waits for somebody to ask it.
pub struct Call {
    graph: Graph,
    request: Request,
    caller: Caller,
    token: Option<String>,
}

impl Call {
    pub(crate) fn new(graph: Graph, query: &str, variables: Json) -> Self {
        Self {
            graph,
            request: Request::new(query).variables(Variables::from_json(variables)),
            caller: Caller { actor: None, language: Language::En, origin: Origin::default() },
            token: None,
        }
    }

    /// A member of the staff with the role's default rights and rows.
    pub fn as_role(self, role: Role) -> Self {
        self.as_actor(crate::actor_of(role))
    }

    pub fn as_subscriber(self, account: AccountId) -> Self {
        self.as_actor(crate::subscriber_of(account))
    }

    pub fn as_anonymous(mut self) -> Self {
        self.caller.actor = None;
        self
    }

    pub fn as_actor(mut self, actor: Actor) -> Self {
        self.caller.actor = Some(actor);
        self
    }

    /// With an access token, as the server would see it.
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// By the hash of a listed document instead of its text.
    pub fn with_hash(mut self, hash: &str) -> Self {
        let asked = serde_json::json!({ "sha256Hash": hash });
        let asked = async_graphql::Value::from_json(asked).expect("plain data");
        self.request.extensions.0.insert("persistedQuery".into(), asked);
        self
    }

    /// Texts are English unless said.
    pub fn in_language(mut self, language: Language) -> Self {
        self.caller.language = language;
        self
    }
}

impl IntoFuture for Call {
    type Output = Reply;
    type IntoFuture = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let mut caller = self.caller;
        Box::pin(async move {
            if let Some(token) = self.token {
                caller.actor = api::platform::auth::actor(&self.graph.app, &format!("Bearer {token}")).await;
            }
            let answer = self.graph.answer(self.request, &caller).await;
            let errors = serde_json::to_value(&answer.response.errors).expect("errors are plain data");
            Reply {
                data: serde_json::to_value(&answer.response.data).expect("answers are plain data"),
                errors: errors.as_array().cloned().unwrap_or_default(),
                executed: answer.executed,
                extensions: serde_json::to_value(&answer.response.extensions)
                    .expect("answers are plain data"),
            }
        })
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub data: Json,
    pub errors: Vec<Json>,
    pub executed: bool,
    /// Cost and budget.
    pub extensions: Json,
}

impl Reply {
    /// The data of an answer without errors.
    #[track_caller]
    pub fn ok(&self) -> &Json {
        assert!(self.errors.is_empty(), "errors: {:#}", Json::from(self.errors.clone()));
        &self.data
    }

    /// A value of an answer without errors, by JSON pointer: `/account/balance`.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &Json {
        self.ok().pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} of {:#}", self.data))
    }

    /// The same as text.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer} of {:#}", self.data))
    }

    /// Codes of the top-level errors.
    pub fn codes(&self) -> Vec<&str> {
        self.errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect()
    }

    /// Codes in the payload of the operation's one mutation.
    #[track_caller]
    pub fn refusals(&self) -> Vec<&str> {
        let payload = self.ok().as_object().and_then(|data| data.values().next()).expect("one mutation");
        let errors = payload["errors"].as_array().expect("the query asks for errors { code }");
        errors.iter().filter_map(|error| error["code"].as_str()).collect()
    }
}
