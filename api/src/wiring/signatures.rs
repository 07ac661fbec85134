//! Acts that two people sign. One line each.

use domain::access::SignedAct;
use entities::access::signature::Signature;
use entities::debt::penalty::NewMoratorium;
use entities::kernel::Tx;

use crate::access::ops::{Seen, perform_kept};
use crate::app::App;
use crate::billing::OneOffReversal;
use crate::consumption::SpecialTakingBack;
use crate::debt::{MoratoriumWithdrawal, PenaltyReversal};
use crate::imports::FileUndo;
use crate::platform::Outcome;

/// Does what was asked for.
pub async fn perform(app: &App, tx: &mut Tx, row: &Signature) -> Outcome<Seen> {
    match row.act {
        SignedAct::PenaltyReverse => perform_kept::<PenaltyReversal>(app, tx, row).await,
        SignedAct::MoratoriumRecord => perform_kept::<NewMoratorium>(app, tx, row).await,
        SignedAct::MoratoriumWithdraw => perform_kept::<MoratoriumWithdrawal>(app, tx, row).await,
        SignedAct::OneOffReverse => perform_kept::<OneOffReversal>(app, tx, row).await,
        SignedAct::SpecialTakeBack => perform_kept::<SpecialTakingBack>(app, tx, row).await,
        SignedAct::ImportUndo => perform_kept::<FileUndo>(app, tx, row).await,
    }
}
