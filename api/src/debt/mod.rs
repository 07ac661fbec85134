//! Collection: penalty, ageing, disputes, limitation and write-off, notices, instalments, campaigns. Changes of what is owed go
//! through `payments::ops::adjust`. Events: `debt.*`.

mod certificate;
pub mod http;
pub mod jobs;
mod mutation;
pub mod ops;
mod query;
pub mod types;

pub use certificate::{AccountCertificates, CertificateMutation, CertificateQuery};
pub use mutation::DebtMutation;
pub use query::{DebtPart, DebtQuery};
