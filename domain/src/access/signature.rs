//! Acts that take two people: one asks for it on a document, another one agrees, and then it is done.

use crate::kernel::codes;

codes! {
    /// An act that two people sign (действие за двумя подписями).
    SignedAct {
        /// Takes a posted accrual of penalty back (сторно пени).
        PenaltyReverse = "penalty_reverse",
        /// Records days without penalty (внесение моратория).
        MoratoriumRecord = "moratorium_record",
        /// Takes a moratorium out of force (отзыв моратория).
        MoratoriumWithdraw = "moratorium_withdraw",
        /// Takes a one-off charge back (сторно разового начисления).
        OneOffReverse = "one_off_reverse",
        /// Takes a charged special case back, or its last days (отмена начисленного особого случая).
        SpecialTakeBack = "special_take_back",
        /// Takes a committed file back as a whole (отмена загрузки).
        ImportUndo = "import_undo",
    }
}

codes! {
    /// Where a request for a second signature stands (состояние запроса).
    SignatureState {
        /// Nothing is done yet (ждёт второй подписи).
        Waiting = "waiting",
        /// Another person agreed, and it was done (согласовано).
        Agreed = "agreed",
        /// Another person did not agree; nothing was done (отклонено).
        Declined = "declined",
        /// Whoever asked gave it up; nothing was done (отозвано).
        Withdrawn = "withdrawn",
    }
}
