//! What the product needs of whoever makes links to pay on.

use chrono::{DateTime, Utc};
use domain::kernel::Money;

/// A payment that somebody wants to make.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub amount: Money,
    /// Ours, kept before the provider is called: an answer that is lost can be asked for.
    pub reference: String,
}

/// Where to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The provider's number of the payment; with the channel the key of the money that comes.
    pub id: String,
    pub url: String,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has opened it yet.
    Waiting,
    /// The payer sees it.
    Opened,
    /// The money is with the provider.
    Paid,
    /// It will never be paid.
    Failed,
}

/// What the provider took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub total: Money,
    /// What of it can still be given back.
    pub refundable: Money,
}

/// Why there is no answer. Refused is an answer, unknown is none: who does not know asks again and resends nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("the provider refused: {code} {message}")]
    Refused { code: i64, message: String },
    #[error("the provider did not answer: {0}")]
    Unknown(String),
}

#[async_trait::async_trait]
pub trait PayLink: Send + Sync {
    /// The code of the channel that its money comes on.
    fn channel(&self) -> &'static str;
    async fn create(&self, wanted: &Wanted) -> Result<Link, Failed>;
    async fn state(&self, id: &str) -> Result<State, Failed>;
    async fn taken(&self, id: &str) -> Result<Taken, Failed>;
    /// Gives a part back; the provider's number of the return.
    async fn refund(&self, id: &str, amount: Money) -> Result<String, Failed>;
}
