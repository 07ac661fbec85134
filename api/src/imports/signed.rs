//! Acts on files that two people sign.

use domain::access::{Permission, SignedAct};
use domain::kernel::*;
use entities::kernel::Tx;
use serde::{Deserialize, Serialize};

use super::jobs::right;
use super::ops::start_undo;
use crate::access::ops::{About, Seen, Signed, subject};
use crate::allow;
use crate::app::App;
use crate::platform::Outcome;

/// Takes a committed file back as a whole.
#[derive(Debug, Serialize, Deserialize)]
pub struct FileUndo {
    pub batch: ImportBatchId,
}

#[async_trait::async_trait]
impl Signed for FileUndo {
    const ACT: SignedAct = SignedAct::ImportUndo;

    fn subject(&self) -> String {
        subject(self.batch)
    }

    async fn perform(&self, _app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen> {
        let row = allow!(start_undo(tx, self.batch, document).await?);
        Ok(Ok(Seen {
            right: right(row.kind),
            least: Permission::ImportCommit,
            sector: None,
            district: None,
            account: None,
            about: About {
                title: Some([(); 3].map(|()| row.filename.clone())),
                sum: row.control_sum.map(Money::from_tiyn),
                rows: Some(row.rows_committed),
                ..About::default()
            },
        }))
    }
}
