//! Relay connections over keyset pages.

use async_graphql::OutputType;
use async_graphql::connection::{Connection, CursorType, Edge, EmptyFields};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entities::kernel::page::MAX_PAGE;
use entities::kernel::{Page, Slice};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{ApiError, Result};

/// An opaque cursor: the sort key of a row.
#[derive(Debug, Clone)]
pub struct Cursor(String);

impl CursorType for Cursor {
    type Error = std::convert::Infallible;

    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        Ok(Self(text.to_owned()))
    }

    fn encode_cursor(&self) -> String {
        self.0.clone()
    }
}

/// A connection of `T`; the types `TConnection` and `TEdge` are named after the node.
pub type Conn<T> = Connection<Cursor, T, EmptyFields, EmptyFields>;

/// Reads `first` and `after`; a cursor of another list is BAD_INPUT.
pub fn page_of<K: DeserializeOwned>(first: Option<i32>, after: Option<String>) -> Result<Page<K>> {
    let after = after
        .map(|text| {
            let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| ApiError::bad_input("after"))?;
            serde_json::from_slice(&json).map_err(|_| ApiError::bad_input("after"))
        })
        .transpose()?;
    // Said, not done silently: who asks for more than a page holds would take a part for the whole.
    if first.is_some_and(|first| u64::try_from(first).map_or(true, |first| !(1..=MAX_PAGE).contains(&first)))
    {
        return Err(ApiError::bad_input("first"));
    }
    Ok(Page::new(first, after))
}

/// Rows as edges; `key` gives the sort key that the next page starts after.
pub fn connection<R, T, K>(
    slice: Slice<R>,
    had_after: bool,
    key: impl Fn(&R) -> K,
    node: impl Fn(R) -> T,
) -> Conn<T>
where
    T: OutputType,
    K: Serialize,
{
    let mut connection = Connection::new(had_after, slice.has_next);
    connection.edges.extend(slice.rows.into_iter().map(|row| {
        let json = serde_json::to_vec(&key(&row)).expect("keys are plain data");
        Edge::new(Cursor(URL_SAFE_NO_PAD.encode(json)), node(row))
    }));
    connection
}
