//! Files taken in: what they carry and what becomes of each row.

use crate::kernel::*;

codes! {
    /// What a file carries (вид загрузки).
    ImportKind {
        /// Houses, premises and points of supply (адреса и точки).
        Premises = "premises",
        /// Accounts and their holders (лицевые счета).
        Accounts = "accounts",
        /// Registered residents (проживающие).
        Residents = "residents",
        /// Contracts (договоры).
        Contracts = "contracts",
        /// Meters and their installations (приборы учёта).
        Meters = "meters",
        /// Readings (показания).
        Readings = "readings",
        /// Payments; with control totals or not at all (платежи).
        Payments = "payments",
        /// Debts and advances of an earlier system; with control totals or not at all (начальные остатки).
        Balances = "balances",
    }
}

impl ImportKind {
    /// Whether the file must close with control totals and is refused as a whole when they differ.
    pub const fn needs_totals(self) -> bool {
        matches!(self, Self::Payments | Self::Balances)
    }
}

codes! {
    /// What became of a row (судьба строки).
    RowVerdict {
        /// Not checked yet (ждёт проверки).
        Pending = "pending",
        /// Will be committed (верна).
        Ok = "ok",
        /// Will be committed; somebody should look at it (с замечанием).
        Warning = "warning",
        /// Will not be committed (отклонена).
        Rejected = "rejected",
        /// Written to the registers (проведена).
        Committed = "committed",
        /// The same fact is there already; nothing was written (повтор).
        Duplicate = "duplicate",
        /// Taken back with its batch (отменена).
        Undone = "undone",
    }
}

codes! {
    /// State of a batch (состояние загрузки).
    ImportState {
        /// The file is here (загружен).
        Uploaded = "uploaded",
        /// Rows are being checked (проверяется).
        Checking = "checking",
        /// Every row has a verdict; nothing is written yet (проверен).
        Checked = "checked",
        /// Rows are being written (проводится).
        Committing = "committing",
        /// Written (проведён).
        Committed = "committed",
        /// Being taken back (отменяется).
        Undoing = "undoing",
        /// Taken back as a whole (отменён).
        Undone = "undone",
        /// The file as a whole can't be taken (отклонён).
        Failed = "failed",
    }
}

codes! {
    /// What is wrong with a row or a file. The messages in three languages are found by these codes.
    RowError {
        /// A column of the kind is missing in the header.
        MissingColumn = "MISSING_COLUMN",
        /// The row has more or fewer fields than the header.
        FieldCount = "FIELD_COUNT",
        /// A quote opens a field and nothing closes it.
        OpenQuote = "OPEN_QUOTE",
        /// The text is not UTF-8.
        NotUtf8 = "NOT_UTF8",
        /// A required field is empty.
        Required = "REQUIRED",
        /// What a spreadsheet writes instead of a value it could not reckon, or a formula without its value.
        CellError = "CELL_ERROR",
        /// Not a date like 2026-03-25.
        BadDate = "BAD_DATE",
        /// Not a whole number, or out of its bounds.
        BadNumber = "BAD_NUMBER",
        /// Not a volume in m³ with at most three decimals.
        BadVolume = "BAD_VOLUME",
        /// Not a sum of tenge with at most two decimals.
        BadMoney = "BAD_MONEY",
        /// Not one of the codes of the field.
        BadCode = "BAD_CODE",
        /// ИИН or БИН with a wrong shape or control digit.
        BadIdentification = "BAD_IDENTIFICATION",
        /// Not a phone number.
        BadPhone = "BAD_PHONE",
        /// Not an e-mail address.
        BadEmail = "BAD_EMAIL",
        /// No such district.
        UnknownDistrict = "UNKNOWN_DISTRICT",
        /// No such street.
        UnknownStreet = "UNKNOWN_STREET",
        /// No such house.
        UnknownBuilding = "UNKNOWN_BUILDING",
        /// No such premise.
        UnknownPremise = "UNKNOWN_PREMISE",
        /// No such point of supply.
        UnknownPoint = "UNKNOWN_POINT",
        /// No such account.
        UnknownAccount = "UNKNOWN_ACCOUNT",
        /// No such meter model.
        UnknownModel = "UNKNOWN_MODEL",
        /// No such meter at the account.
        UnknownMeter = "UNKNOWN_METER",
        /// The same row stands earlier in the file.
        RepeatedInFile = "REPEATED_IN_FILE",
        /// The number is taken by another record.
        AlreadyTaken = "ALREADY_TAKEN",
        /// The dates overlap with another version of the same fact.
        Overlap = "OVERLAP",
        /// A condominium pays for the water of the whole house: a legal entity's own account would be charged twice.
        HouseInBulk = "HOUSE_IN_BULK",
        /// The end lies before the beginning.
        EndsBeforeStart = "ENDS_BEFORE_START",
        /// The account is closed.
        AccountClosed = "ACCOUNT_CLOSED",
        /// The period is closed.
        PeriodClosed = "PERIOD_CLOSED",
        /// The reading was rejected; the reading's own reasons say why.
        ReadingRejected = "READING_REJECTED",
        /// The reading is doubtful; the reading's own reasons say why.
        ReadingDoubtful = "READING_DOUBTFUL",
        /// A sum of money must be greater than zero.
        NotPositive = "NOT_POSITIVE",
        /// A balance of zero is nothing to take over.
        ZeroSum = "ZERO_SUM",
        /// Another balance of the same service, component and month is there already.
        BalanceDiffers = "BALANCE_DIFFERS",
        /// No month of the sector is open to take the balance.
        NoOpenMonth = "NO_OPEN_MONTH",
        /// The month of the debt is not before the month that it is taken over into.
        MonthNotBefore = "MONTH_NOT_BEFORE",
        /// The account has been billed here: its balance is known and changes only by a recalculation.
        AlreadyBilled = "ALREADY_BILLED",
        /// A file of money without a line of control totals.
        NoControlTotals = "NO_CONTROL_TOTALS",
        /// Count or sum of the rows differs from the control totals: the whole file is refused.
        ControlTotalsDiffer = "CONTROL_TOTALS_DIFFER",
        /// The same record is in the registers already: nothing to write.
        AlreadyThere = "ALREADY_THERE",
        /// The house is known in another district or as another kind of building.
        BuildingDiffers = "BUILDING_DIFFERS",
        /// The street is known under another name; the known one stays.
        StreetDiffers = "STREET_DIFFERS",
        /// Neither water nor sewerage: there is nothing to charge for.
        NothingSupplied = "NOTHING_SUPPLIED",
        /// The sector does not fit the kind of premise.
        SectorUnusual = "SECTOR_UNUSUAL",
        /// No ИИН or БИН: the holder can't be told from namesakes.
        NoIdentification = "NO_IDENTIFICATION",
        /// Nobody holds the account on that day.
        NoHolder = "NO_HOLDER",
        /// Reaches back into a closed month; what was billed changes only by a recalculation.
        BackDated = "BACK_DATED",
        /// A meter stands at the point: the agreed volume counts only without it.
        HasMeter = "HAS_METER",
        /// The verification has expired: charged by norm until the next one.
        VerificationExpired = "VERIFICATION_EXPIRED",
        /// The day lies ahead.
        FutureDay = "FUTURE_DAY",
        /// Several points or meters fit: give the serial number.
        Ambiguous = "AMBIGUOUS",
    }
}
