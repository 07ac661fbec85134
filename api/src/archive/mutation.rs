use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::ops::{RegisterDocument, register_document};
use super::types::{DocumentPayload, DocumentRegisterInput};
use crate::platform::graphql::*;

#[derive(Default)]
pub struct ArchiveMutation;

#[Object]
impl ArchiveMutation {
    /// Registers an official document (регистрация документа).
    #[graphql(guard = "can(Permission::DocumentWrite)")]
    async fn document_register(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The document.")] input: DocumentRegisterInput,
    ) -> Result<DocumentPayload> {
        let cmd = RegisterDocument {
            kind: input.kind,
            number: input.number,
            issued_on: input.issued_on.0,
            issuer: input.issuer,
            subject: input.subject,
            today: cx.app().clock.today(),
        };
        let done = cx.write(|tx| register_document(tx, cmd).boxed()).await?;
        Ok(DocumentPayload::of(done, cx.language()))
    }
}
