//! Documents parsed before. Clients send the same few texts again and again, and reading one is dearer than copying it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Request;
use async_graphql::parser::types::ExecutableDocument;

/// Texts kept by a process; when there are more, it begins anew.
const MOST: usize = 512;
/// Bytes; longer texts are rare and would fill the memory of whoever is flooded with them.
const LONGEST: usize = 8 * 1024;

#[derive(Default)]
pub struct Documents(Mutex<HashMap<String, Arc<ExecutableDocument>>>);

impl Documents {
    /// Gives a request its parsed document, from memory when this very text came before. What does not parse is left for the
    /// schema to say so.
    pub fn read(&self, request: &mut Request) {
        if request.query.is_empty() || request.query.len() > LONGEST {
            return;
        }
        let known = self.known().get(&request.query).cloned();
        if let Some(document) = known {
            return request.set_parsed_query(ExecutableDocument::clone(&document));
        }
        let Ok(document) = request.parsed_query().cloned() else { return };
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(request.query.clone(), Arc::new(document));
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<ExecutableDocument>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(documents: &Documents, text: &str) -> Option<Vec<String>> {
        let mut request = Request::new(text);
        documents.read(&mut request);
        let document = request.parsed_query().ok()?;
        Some(super::super::limits::roots(document, None))
    }

    #[test]
    fn the_same_text_is_the_same_document_and_no_other_is() {
        let documents = Documents::default();
        for _ in 0..2 {
            assert_eq!(roots(&documents, "{ a }"), Some(vec!["a".to_owned()]));
            assert_eq!(roots(&documents, "{ b }"), Some(vec!["b".to_owned()]));
            assert_eq!(roots(&documents, "{ b"), None);
        }
        assert_eq!(documents.known().len(), 2, "what does not parse is not kept");
    }

    #[test]
    fn a_flood_of_texts_does_not_fill_the_memory() {
        let documents = Documents::default();
        for n in 0..3 * MOST {
            assert_eq!(roots(&documents, &format!("{{ a{n} }}")), Some(vec![format!("a{n}")]));
        }
        assert!(documents.known().len() <= MOST);
        let long = format!("{{ a }} #{}", "x".repeat(LONGEST));
        assert_eq!(roots(&documents, &long), Some(vec!["a".to_owned()]));
        assert!(!documents.known().contains_key(&long));
    }
}
