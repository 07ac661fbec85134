//! Collection: penalty, ageing, disputes, limitation and write-off, notices, instalments, campaigns, claims. Changes of what is owed
//! go through `payments::ops::adjust`. Events: `debt.*`.

mod certificate;
pub mod claim;
pub mod http;
pub mod jobs;
mod loaders;
mod mutation;
pub mod ops;
mod query;
mod signed;
mod succession;
pub mod types;

pub use certificate::{AccountCertificates, CertificateMutation, CertificateQuery};
pub use claim::{ClaimMutation, ClaimQuery};
pub use mutation::DebtMutation;
pub use query::{DebtPart, DebtQuery};
pub use signed::{MoratoriumWithdrawal, PenaltyReversal};
pub use succession::SuccessionQuery;
