//! Caps on what one document may ask, checked before anything runs, each with a code of its own.

use std::collections::HashMap;
use std::time::Duration;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{Response, ServerError, Value, Variables};

use super::error::{ApiError, Code};

/// A bill's explanation is a tree of about ten levels under the bill; nothing needs more.
pub const MAX_DEPTH: usize = 14;
/// Fields times rows: 100 accounts with 20 bills of 8 fields each just fit.
pub const MAX_COMPLEXITY: usize = 20_000;
pub const MAX_ALIASES: usize = 30;
pub const MAX_DIRECTIVES: usize = 30;
/// Bytes of a request's body.
pub const MAX_BODY: usize = 256 * 1024;
/// Cost that a member of the staff may ask for in a minute, unless the configuration says otherwise: thirty of the largest
/// documents.
pub const BUDGET_PER_MINUTE: i64 = 600_000;
/// How long a body may take to come, and an operation to be answered.
pub const BODY_TIME: Duration = Duration::from_secs(10);
pub const OPERATION_TIME: Duration = Duration::from_secs(30);
/// Rows of a connection when the document does not say.
const DEFAULT_ROWS: usize = 20;
const MOST_ROWS: usize = 100;
/// The deepest introspection query in use nests the wrapping of types nine times.
const MAX_INTROSPECTION_DEPTH: usize = 18;

/// Whether a document passed every check and ran: only then may an answer have `data`. What is wrong with a document stands
/// nowhere in the answer, what went wrong while it ran stands at a field. (An extension could tell it straight, at the price of
/// asking the registry and boxing a future for every field of every answer.)
pub fn ran(response: &Response) -> bool {
    response.errors.is_empty()
        || response.data != Value::Null
        || response.errors.iter().any(|error| !error.path.is_empty())
}

/// Names of the root fields of the operation that will run, through fragments; of all operations when none was chosen.
pub fn roots(document: &ExecutableDocument, name: Option<&str>) -> Vec<String> {
    fn collect(document: &ExecutableDocument, set: &SelectionSet, levels: usize, found: &mut Vec<String>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => found.push(field.node.name.node.to_string()),
                Selection::InlineFragment(inline) if levels > 0 => {
                    collect(document, &inline.node.selection_set.node, levels - 1, found);
                }
                Selection::FragmentSpread(spread) if levels > 0 => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        collect(document, &fragment.node.selection_set.node, levels - 1, found);
                    }
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for (own, operation) in document.operations.iter() {
        if name.is_none() || own.is_none_or(|own| Some(own.as_str()) == name) {
            collect(document, &operation.node.selection_set.node, MAX_DEPTH, &mut found);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Counts the document once, fragments where they are used; the cost of its dearest operation.
pub fn check(document: &ExecutableDocument, variables: &Variables) -> Result<usize, ApiError> {
    let mut cost = 0;
    for (_, operation) in document.operations.iter() {
        let mut count = Count { document, variables, fragments: HashMap::new(), open: Vec::new() };
        let found = count.set(&operation.node.selection_set.node, Place::Graph)?;
        let directives = found.directives + operation.node.directives.len();
        for (code, size, most) in [
            (Code::TooDeep, found.depth, MAX_DEPTH),
            (Code::TooDeep, found.introspection_depth, MAX_INTROSPECTION_DEPTH),
            (Code::TooComplex, found.cost, MAX_COMPLEXITY),
            (Code::TooManyAliases, found.aliases, MAX_ALIASES),
            (Code::TooManyDirectives, directives, MAX_DIRECTIVES),
        ] {
            if size > most {
                return Err(ApiError::new(code).detail(format!("{size} > {most}")));
            }
        }
        if operation.node.ty == OperationType::Subscription && found.roots > 1 {
            return Err(ApiError::new(Code::ValidationFailed).detail("one root field per subscription"));
        }
        cost = cost.max(found.cost);
    }
    Ok(cost)
}

#[derive(Debug, Clone, Copy, Default)]
struct Found {
    depth: usize,
    introspection_depth: usize,
    cost: usize,
    aliases: usize,
    directives: usize,
    roots: usize,
}

/// Where a selection stands: the graph, or inside `__schema` and `__type`, which nest differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Graph,
    Introspection { in_fields: bool },
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// A fragment costs the same wherever it is spread, so that chains of them are counted in linear time.
    fragments: HashMap<(String, Place), Found>,
    open: Vec<String>,
}

impl Count<'_> {
    fn set(&mut self, set: &SelectionSet, place: Place) -> Result<Found, ApiError> {
        let mut sum = Found::default();
        for item in &set.items {
            let (part, directives) = match &item.node {
                Selection::Field(field) => (self.field(&field.node, place)?, field.node.directives.len()),
                Selection::InlineFragment(inline) => {
                    (self.set(&inline.node.selection_set.node, place)?, inline.node.directives.len())
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    (self.fragment(name, place)?, spread.node.directives.len())
                }
            };
            sum = Found {
                depth: sum.depth.max(part.depth),
                introspection_depth: sum.introspection_depth.max(part.introspection_depth),
                cost: sum.cost.saturating_add(part.cost),
                aliases: sum.aliases.saturating_add(part.aliases),
                directives: sum.directives.saturating_add(part.directives).saturating_add(directives),
                roots: sum.roots.saturating_add(part.roots),
            };
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &str, place: Place) -> Result<Found, ApiError> {
        if self.open.iter().any(|open| open == name) {
            return Err(
                ApiError::new(Code::ValidationFailed).detail(format!("fragment {name} contains itself"))
            );
        }
        let key = (name.to_owned(), place);
        if let Some(found) = self.fragments.get(&key) {
            return Ok(*found);
        }
        // An unknown fragment is left to the validation, which words it better.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Found::default()) };
        self.open.push(name.to_owned());
        let found = self.set(&fragment.node.selection_set.node, place)?;
        self.open.pop();
        self.fragments.insert(key, found);
        Ok(found)
    }

    fn field(&mut self, field: &Field, place: Place) -> Result<Found, ApiError> {
        let name = field.name.node.as_str();
        let inside = match place {
            Place::Graph if matches!(name, "__schema" | "__type") => {
                Place::Introspection { in_fields: false }
            }
            Place::Introspection { in_fields } if matches!(name, "fields" | "inputFields") => {
                if in_fields {
                    return Err(
                        ApiError::new(Code::TooComplex).detail("fields of types of fields in introspection")
                    );
                }
                Place::Introspection { in_fields: true }
            }
            same => same,
        };
        let below = self.set(&field.selection_set.node, inside)?;
        let rows = self.rows(field);
        Ok(Found {
            depth: if inside == Place::Graph { below.depth + 1 } else { below.depth },
            introspection_depth: if inside == Place::Graph {
                below.introspection_depth
            } else {
                below.introspection_depth + 1
            },
            cost: below.cost.saturating_mul(rows).saturating_add(1),
            aliases: below.aliases + usize::from(field.alias.is_some()),
            directives: below.directives,
            roots: 1,
        })
    }

    /// How many times what is below a field may be read.
    fn rows(&self, field: &Field) -> usize {
        let first = field.arguments.iter().find(|(name, _)| name.node == "first").map(|(_, value)| {
            let literal = value.node.clone().into_const_with(|name| {
                Ok::<_, ServerError>(self.variables.get(&name).cloned().unwrap_or(Value::Null))
            });
            match literal {
                Ok(Value::Number(number)) => number.as_u64().map_or(1, |n| n as usize),
                _ => DEFAULT_ROWS,
            }
        });
        let paged = field.selection_set.node.items.iter().any(|item| {
            matches!(&item.node, Selection::Field(f) if matches!(f.node.name.node.as_str(), "nodes" | "edges"))
        });
        match first {
            Some(rows) => rows.clamp(1, MOST_ROWS),
            None if paged => DEFAULT_ROWS,
            None => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str, variables: serde_json::Value) -> Option<&'static str> {
        let document = async_graphql::parser::parse_query(query).expect("a document");
        check(&document, &Variables::from_json(variables)).err().map(|error| error.code.as_str())
    }

    fn no_variables() -> serde_json::Value {
        serde_json::json!({})
    }

    #[test]
    fn depth_is_counted_through_fragments() {
        let nest = |levels: usize| "{ a ".repeat(levels) + &"}".repeat(levels);
        assert_eq!(refused(&nest(MAX_DEPTH), no_variables()), None);
        assert_eq!(refused(&nest(MAX_DEPTH + 1), no_variables()), Some("TOO_DEEP"));
        let split = format!("{{ a {{ ...F }} }} fragment F on X {}", nest(MAX_DEPTH));
        assert_eq!(refused(&split, no_variables()), Some("TOO_DEEP"));
    }

    #[test]
    fn rows_multiply_also_from_variables() {
        let query =
            "query($n: Int) { accounts(first: $n) { nodes { bills(first: 100) { nodes { a b c } } } } }";
        assert_eq!(refused(query, serde_json::json!({ "n": 10 })), None);
        assert_eq!(refused(query, serde_json::json!({ "n": 100 })), Some("TOO_COMPLEX"));
    }

    #[test]
    fn a_fragment_in_itself_ends() {
        assert_eq!(
            refused("{ ...F } fragment F on Query { ...F }", no_variables()),
            Some("VALIDATION_FAILED")
        );
    }

    #[test]
    fn doubling_fragments_are_counted_without_being_unfolded() {
        let mut query = "{ ...F0 }".to_owned();
        for i in 0..60 {
            query += &format!(" fragment F{i} on Query {{ ...F{n} ...F{n} }}", n = i + 1);
        }
        query += " fragment F60 on Query { a }";
        assert_eq!(refused(&query, no_variables()), Some("TOO_COMPLEX"));
    }

    #[test]
    fn aliases_and_directives_are_capped() {
        let aliases: String = (0..=MAX_ALIASES).map(|i| format!("a{i}: x ")).collect();
        assert_eq!(refused(&format!("{{ {aliases} }}"), no_variables()), Some("TOO_MANY_ALIASES"));
        let directives = "@skip(if: false) ".repeat(MAX_DIRECTIVES + 1);
        assert_eq!(refused(&format!("{{ x {directives} }}"), no_variables()), Some("TOO_MANY_DIRECTIVES"));
    }

    #[test]
    fn introspection_cannot_walk_in_circles() {
        let query = "{ __schema { types { fields { type { fields { name } } } } } }";
        assert_eq!(refused(query, no_variables()), Some("TOO_COMPLEX"));
    }
}
