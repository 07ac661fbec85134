//! The documents of both frontends fit the schema.

use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{ServerError, ValidationResult};

use super::sources;

const FINE: &str = "fine";

/// Stops every document after its validation, so that nothing runs.
struct Stop;

impl ExtensionFactory for Stop {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Stop)
    }
}

#[async_trait::async_trait]
impl Extension for Stop {
    async fn validation(
        &self,
        cx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(cx).await?;
        Err(vec![ServerError::new(FINE, None)])
    }
}

/// What stands between graphql(` and ` in a source file, and whether fragments are given beside it.
fn documents(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for (at, start) in text.match_indices("graphql(`") {
        let rest = &text[at + start.len()..];
        if let Some(end) = rest.find('`') {
            found.push((rest[..end].to_owned(), rest[end..].starts_with("`, ")));
        }
    }
    found
}

#[tokio::test]
async fn every_document_of_the_frontends_fits_the_schema() {
    let schema = api::wiring::schema::builder().extension(Stop).finish();
    let mut count = 0;
    let mut wrong = Vec::new();
    for frontend in ["web-admin/src", "web-portal/src"] {
        let files = sources(frontend, &[".ts", ".tsx"]);
        let fragments: Vec<String> = files
            .iter()
            .flat_map(|(_, text)| documents(text))
            .map(|(document, _)| document)
            .filter(|document| document.trim_start().starts_with("fragment "))
            .collect();
        for (path, text) in files {
            for (document, given) in documents(&text) {
                if document.trim_start().starts_with("fragment ") {
                    continue;
                }
                count += 1;
                // A spread fragment goes with the document where it is given beside it; nowhere else does the page send it.
                let spread = fragments.iter().filter(|_| given).filter(|fragment| {
                    let name = fragment.split_whitespace().nth(1).unwrap_or_default();
                    document.contains(&format!("...{name}"))
                });
                let document = spread.fold(document.clone(), |whole, fragment| whole + fragment);
                let answer = schema.execute(document.as_str()).await;
                for error in answer.errors.iter().filter(|error| error.message != FINE) {
                    wrong.push(format!("{}: {error}", path.display()));
                }
            }
        }
    }
    assert!(count > 10, "only {count} documents were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a frontend asks before anybody has signed in, or as a subscriber, is on the list that is built into the server.
#[test]
fn every_document_of_the_frontends_is_trusted() {
    let mut missing = Vec::new();
    for frontend in ["web-admin/src", "web-portal/src"] {
        for (path, text) in sources(frontend, &[".ts", ".tsx"]) {
            for (document, _) in documents(&text) {
                // A document with fragments of others is put together by the generator; fragments alone are never sent.
                let alone = !document.contains("...") && !document.trim_start().starts_with("fragment");
                if alone && !api::platform::graphql::trusted::may_send(None, &document) {
                    missing.push(format!(
                        "{}: {}",
                        path.display(),
                        document.trim().lines().next().unwrap_or_default()
                    ));
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "`npm run codegen` writes api/trusted anew, commit it:\n{}",
        missing.join("\n")
    );
}

#[tokio::test]
async fn a_wrong_document_is_seen() {
    let schema = api::wiring::schema::builder().extension(Stop).finish();
    let errors = schema.execute("{ businessDate nothingLikeThis }").await.errors;
    assert!(errors.iter().all(|error| error.message != FINE) && !errors.is_empty());
    assert_eq!(schema.execute("{ businessDate }").await.errors[0].message, FINE);
}
