//! The lists themselves: the finder of the list's own connection, a large page at a time, with what its rows point to.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::access::{Actor, Permission, Scope};
use domain::amendments::AmendmentOutcome;
use domain::billing::CorrectionOutcome;
use domain::debt::PlanState;
use domain::kernel::*;
use domain::ledger::{CloseReportCode, ReportColumnKind};
use entities::amendments::batch;
use entities::billing::{correction, paper, scenario};
use entities::debt::{ageing, claim, limitation, notice, plan};
use entities::imbalance::{house, reckoning};
use entities::kernel::{Db, Page, audit, person};
use entities::ledger::{item, report, shared_bill};
use entities::meters::meter;
use entities::payments::{payment, registry, suspense};
use entities::premises::building::{self, Address};
use entities::premises::{district, premise};
use entities::readings;
use entities::subscribers::{account, holder, party, search};

use super::batches::{AMENDMENT_COLUMNS, CORRECTION_COLUMNS, amendment_row, correction_row};
use super::debt::{
    EXPIRING_COLUMNS, NOTICE_COLUMNS, PLAN_COLUMNS, Whose, expiring_row, notice_row, plan_row,
};
use super::money::{
    REGISTRY_COLUMNS, SHARED_BILL_COLUMNS, SUSPENSE_COLUMNS, SharedBill, registry_row, suspense_row,
};
use super::mutation::ExportList;
use crate::app::App;
use crate::ledger::types::{Said, said};
use crate::platform::audit as trail;
use crate::platform::export::Cell;
use crate::platform::graphql::id;
use crate::platform::messages::{self, Language};
use crate::premises::types::spell;

/// Rows read at a time.
const CHUNK: u64 = 1_000;

pub(super) type Row = Vec<Cell>;

/// A list being read.
pub struct Rows {
    scope: Scope,
    language: Language,
    of: Of,
    /// Names of districts in the reader's language.
    districts: HashMap<DistrictId, String>,
    over: bool,
}

enum Of {
    Accounts(search::Filter, Option<search::Key>),
    Bills(Vec<i64>),
    Payments {
        period: Option<Period>,
        sector: Option<Sector>,
        channel: Option<String>,
        after: Option<i64>,
    },
    Debtors(ageing::Filter, Option<(i64, i64)>),
    Claims(claim::Filter, Option<i64>),
    Notices(notice::Filter, Option<notice::Key>),
    Plans(Option<PlanState>, Option<i64>),
    /// Items due before a day, with the years of limitation that hold today.
    Expiring {
        before: NaiveDate,
        years: u32,
        sector: Option<Sector>,
        after: Option<(NaiveDate, i64)>,
    },
    Readings(readings::Filter, Option<i64>),
    Scenario(ScenarioId, Option<i64>),
    /// Of a batch whose accounts the reader all reaches, as an amendment too.
    Correction(Option<CorrectionId>, Option<CorrectionOutcome>, Option<(i64, i64)>),
    Amendment(Option<AmendmentId>, Option<AmendmentOutcome>, Option<i64>),
    Report(CloseReportCode, Period, Sector),
    Audit(audit::Filter, Option<i64>),
    RegistryRows(registry::Filter, Option<(i64, i32)>),
    Suspense(suspense::Filter, Option<(NaiveDate, i64)>),
    SharedBill(SharedBill),
    /// Of the reckoning that the month is shown by, if there is one.
    Houses(Option<i64>, house::Filter, Option<(i64, i64)>),
}

impl Rows {
    pub async fn of(
        app: &App,
        actor: &Actor,
        list: &ExportList,
        search: Option<String>,
        language: Language,
    ) -> anyhow::Result<Self> {
        let of = match list.clone() {
            ExportList::Accounts(filter) => {
                let may_look = actor.may(Permission::PersonalDataRead);
                let blind = search
                    .as_deref()
                    .filter(|_| may_look)
                    .map(|text| crate::subscribers::blind(&app.vault, text));
                let filter = search::Filter {
                    blind: blind.unwrap_or_default(),
                    search,
                    sector: filter.sector,
                    district: filter.district.map(|d| d.0),
                    status: filter.status,
                    debtors: filter.debtors_only.unwrap_or(false),
                    credit: filter.credit_only.unwrap_or(false),
                    staff: filter.staff_only.unwrap_or(false),
                    newest: false,
                };
                Of::Accounts(filter, None)
            }
            ExportList::Bills(filter) => {
                let districts = filter.district.map(|d| vec![d.0.0]);
                let found =
                    paper::to_print(&app.db, &actor.scope, filter.period, filter.sector, districts).await?;
                Of::Bills(found.into_iter().rev().map(|bill| bill.id).collect())
            }
            ExportList::Payments(filter) => Of::Payments {
                period: filter.period,
                sector: filter.sector,
                channel: filter.channel,
                after: None,
            },
            ExportList::Debtors(filter) => Of::Debtors(
                ageing::Filter {
                    sector: filter.sector,
                    district: filter.district.map(|d| d.0),
                    bucket: filter.bucket,
                    least: filter.least,
                },
                None,
            ),
            ExportList::Claims(filter) => Of::Claims(
                claim::Filter {
                    kind: filter.kind,
                    state: filter.state,
                    live: filter.live.unwrap_or(false),
                    sector: filter.sector,
                    account: None,
                },
                None,
            ),
            ExportList::Notices(filter) => Of::Notices(
                notice::Filter {
                    state: filter.state,
                    due: filter.due.unwrap_or(false),
                    sector: filter.sector,
                    district: filter.district.map(|d| d.0),
                    account: None,
                },
                None,
            ),
            ExportList::Plans(filter) => Of::Plans(filter.state, None),
            ExportList::ExpiringDebts(filter) => {
                let (before, years) = crate::debt::ops::runs_out(&app.db, &app.clock, filter.within).await?;
                Of::Expiring { before, years, sector: filter.sector, after: None }
            }
            ExportList::Readings(filter) => Of::Readings(
                readings::Filter { period: filter.period, sector: filter.sector, verdict: filter.verdict },
                None,
            ),
            ExportList::RegistryRows(filter) => Of::RegistryRows(filter.into(), None),
            ExportList::Suspense(filter) => Of::Suspense(filter.into(), None),
            ExportList::SharedBill(filter) => Of::SharedBill(SharedBill::new(filter.period, filter.sector)),
            ExportList::CloseReport(filter) => Of::Report(filter.report, filter.period, filter.sector),
            ExportList::Scenario(filter) => Of::Scenario(filter.scenario.0, None),
            ExportList::Correction(filter) => {
                let seen = correction::visible_to(&app.db, &actor.scope, filter.correction.0).await?;
                Of::Correction(seen.map(|row| row.correction_id()), filter.outcome, None)
            }
            ExportList::Amendment(filter) => {
                let seen = batch::visible_to(&app.db, &actor.scope, filter.amendment.0).await?;
                Of::Amendment(seen.map(|row| row.amendment_id()), filter.outcome, None)
            }
            ExportList::Houses(filter) => {
                let shown = reckoning::shown(&app.db, filter.period).await?;
                let wanted = house::Filter {
                    state: filter.state,
                    district: filter.district.map(|d| d.0),
                    search: filter.search,
                    order: house::Order::Volume,
                };
                Of::Houses(shown.map(|row| row.id), wanted, None)
            }
            ExportList::Audit(filter) => Of::Audit(
                audit::Filter {
                    entity: filter.entity,
                    id: None,
                    actor: filter.actor,
                    action: filter.action,
                    from: filter.from,
                    to: filter.to,
                },
                None,
            ),
        };
        let districts = district::all(&app.db).await?.into_iter().map(|row| {
            let name = match language {
                Language::Kk => row.name_kk,
                Language::Ru => row.name_ru,
                Language::En => row.name_en,
            };
            (row.id, name)
        });
        Ok(Self { scope: actor.scope.clone(), language, of, districts: districts.collect(), over: false })
    }

    fn columns(&self) -> &'static [&'static str] {
        match self.of {
            // Those of a report have words of their own, and so has what goes to other programs.
            Of::Report(..) | Of::SharedBill(_) => &[],
            Of::RegistryRows(..) => REGISTRY_COLUMNS,
            Of::Suspense(..) => SUSPENSE_COLUMNS,
            Of::Notices(..) => NOTICE_COLUMNS,
            Of::Correction(..) => CORRECTION_COLUMNS,
            Of::Amendment(..) => AMENDMENT_COLUMNS,
            Of::Plans(..) => PLAN_COLUMNS,
            Of::Expiring { .. } => EXPIRING_COLUMNS,
            Of::Accounts(..) => &[
                "ACCOUNT",
                "SECTOR",
                "GROUP",
                "STATUS",
                "HOLDER",
                "ADDRESS",
                "DISTRICT",
                "OPENED_ON",
                "CLOSED_ON",
                "BALANCE",
                "OWED",
                "ADVANCE",
                "DUE_ON",
            ],
            Of::Bills(_) => &[
                "PERIOD", "ACCOUNT", "HOLDER", "ADDRESS", "DISTRICT", "OPENING", "CHARGED", "PAID",
                "CLOSING", "DUE_ON",
            ],
            Of::Payments { .. } => &[
                "PAID_ON",
                "ACCOUNT",
                "AMOUNT",
                "CHANNEL",
                "EXTERNAL_ID",
                "PERIOD",
                "SECTOR",
                "RECEIVED_ON",
                "RECEIVED_BY",
                "REVERSED",
            ],
            Of::Scenario(..) => {
                &["ACCOUNT", "SECTOR", "GROUP", "DISTRICT", "ADDRESS", "AS_IS", "BY_SCENARIO", "DIFFERENCE"]
            }
            Of::Debtors(..) => {
                &["ACCOUNT", "SECTOR", "DISTRICT", "OWED", "PENALTY", "DISPUTED", "CLAIMED", "DUE_ON"]
            }
            Of::Claims(..) => &[
                "NUMBER",
                "ACCOUNT",
                "HOLDER",
                "SECTOR",
                "KIND",
                "STATUS",
                "STATE_ON",
                "AUTHORITY",
                "CASE_NUMBER",
                "PREPARED_ON",
                "FILED_ON",
                "CLAIMED",
                "COSTS",
                "PAID",
                "REST",
            ],
            Of::Houses(..) => &[
                "PERIOD",
                "ADDRESS",
                "DISTRICT",
                "STATUS",
                "REASON",
                "METHOD",
                "FLATS",
                "COMPARED_BY",
                "MEASURED",
                "METERED",
                "AVERAGED",
                "NORMED",
                "NON_RESIDENTIAL",
                "HOT",
                "RECALCULATED_VOLUME",
                "GAP",
                "CARRIED_IN",
                "DISTRIBUTED",
                "CARRIED_OUT",
                "DROPPED",
            ],
            Of::Audit(..) => &["AT", "ACTOR", "ACTION", "ENTITY", "OBJECT", "BEFORE", "AFTER", "DOCUMENT"],
            Of::Readings(..) => &[
                "TAKEN_ON",
                "ACCOUNT",
                "METER",
                "READING",
                "CONSUMPTION",
                "VERDICT",
                "CHANNEL",
                "PERIOD",
                "RECEIVED_ON",
                "RECEIVED_BY",
            ],
        }
    }

    /// The language that the table is written in: what goes to other programs is the same whoever asks.
    pub fn language(&self) -> Language {
        if matches!(self.of, Of::SharedBill(_)) { Language::En } else { self.language }
    }

    /// The head of the table, in the reader's language.
    pub fn header(&self) -> Vec<String> {
        let words = |list: &str, code: &str| {
            messages::text(self.language, &format!("{list}_{}", code.to_uppercase()), &[])
        };
        match self.of {
            Of::Report(code, ..) => {
                code.columns().iter().map(|(name, _)| words("REPORT_COLUMN", name)).collect()
            }
            Of::SharedBill(_) => SHARED_BILL_COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            _ => self.columns().iter().map(|code| words("COLUMN", code)).collect(),
        }
    }

    /// The next rows; none at the end.
    pub async fn next(&mut self, app: &App) -> anyhow::Result<Vec<Row>> {
        if self.over {
            return Ok(Vec::new());
        }
        let db = &app.db;
        let (language, scope) = (self.language, self.scope.clone());
        match &mut self.of {
            Of::Accounts(filter, after) => {
                let page = Page { first: CHUNK, after: after.take() };
                let slice = search::accounts(db, &scope, filter, page).await?;
                *after = slice.rows.last().map(|row| filter.key(row));
                self.over = !slice.has_next;
                self.accounts(app, slice.rows.into_iter().map(|row| row.account).collect()).await
            }
            Of::Bills(left) => {
                let from = left.len().saturating_sub(CHUNK as usize);
                let mut ids = left.split_off(from);
                ids.reverse();
                self.over = left.is_empty();
                self.bills(db, &ids).await
            }
            Of::Payments { period, sector, channel, after } => {
                let page = Page { first: CHUNK, after: *after };
                let slice = payment::list(db, &scope, *period, *sector, channel.clone(), page).await?;
                *after = slice.rows.last().map(|row| row.id);
                self.over = !slice.has_next;
                let numbers = numbers(db, slice.rows.iter().map(|row| AccountId(row.account_id))).await?;
                let row = |row: payment::Payment| {
                    vec![
                        row.paid_on.into(),
                        numbers.get(&AccountId(row.account_id)).cloned().into(),
                        Money::from_tiyn(row.amount).into(),
                        row.channel.into(),
                        row.external_id.into(),
                        Period::of(row.period).to_string().into(),
                        Cell::word("SECTOR", &row.sector, language),
                        local(row.received_at).into(),
                        row.received_by.into(),
                        if row.reversed { Cell::word("WORD", "yes", language) } else { Cell::Empty },
                    ]
                };
                Ok(slice.rows.into_iter().map(row).collect())
            }
            Of::RegistryRows(filter, after) => {
                let page = Page { first: CHUNK, after: after.take() };
                let slice = registry::rows(db, filter, page).await?;
                *after = slice.rows.last().map(|row| (row.registry_id, row.line));
                self.over = !slice.has_next;
                let numbers =
                    numbers(db, slice.rows.iter().filter_map(|row| row.ours_account.map(AccountId))).await?;
                Ok(slice.rows.into_iter().map(|row| registry_row(row, &numbers, language)).collect())
            }
            Of::Suspense(filter, after) => {
                let page = Page { first: CHUNK, after: after.take() };
                let slice = suspense::list(db, filter, app.clock.today(), page).await?;
                *after = slice.rows.last().map(|row| (row.due_on, row.id));
                self.over = !slice.has_next;
                Ok(slice.rows.into_iter().map(|row| suspense_row(row, language)).collect())
            }
            Of::SharedBill(bill) => {
                let page = Page { first: CHUNK, after: bill.after.take() };
                let slice = shared_bill::charges(db, &scope, bill.period, bill.sector, page).await?;
                bill.after = slice.rows.last().map(|row| row.account_id);
                self.over = !slice.has_next;
                let mut rows = bill.rows(slice.rows);
                rows.extend(self.over.then(|| bill.total()));
                Ok(rows)
            }
            Of::Debtors(filter, after) => {
                let page = Page { first: CHUNK, after: after.take() };
                let slice = ageing::debtors(db, &scope, app.clock.today(), filter, page).await?;
                *after = slice.rows.last().map(|row| (row.owed, row.account_id));
                self.over = !slice.has_next;
                let row = |row: ageing::Debtor| {
                    vec![
                        row.number.into(),
                        Cell::word("SECTOR", &row.sector, language),
                        self.districts.get(&DistrictId(row.district_id)).cloned().into(),
                        Money::from_tiyn(row.owed).into(),
                        Money::from_tiyn(row.penalty).into(),
                        Money::from_tiyn(row.disputed).into(),
                        Money::from_tiyn(row.claimed).into(),
                        row.oldest.into(),
                    ]
                };
                Ok(slice.rows.into_iter().map(row).collect())
            }
            Of::Claims(filter, after) => {
                let page = Page { first: CHUNK, after: *after };
                let slice = claim::list(db, &scope, filter, page).await?;
                *after = slice.rows.last().map(|row| row.id);
                self.over = !slice.has_next;
                let numbers = numbers(db, slice.rows.iter().map(|row| AccountId(row.account_id))).await?;
                let debtors = slice.rows.iter().map(|row| PartyId(row.party_id)).collect();
                let names: HashMap<PartyId, String> =
                    party::by_ids(db, debtors).await?.into_iter().map(|row| (row.id, row.name)).collect();
                let row = |row: claim::Claim| {
                    vec![
                        Cell::Number(row.id),
                        numbers.get(&AccountId(row.account_id)).cloned().into(),
                        names.get(&PartyId(row.party_id)).cloned().into(),
                        Cell::word("SECTOR", &row.sector, language),
                        Cell::word("CLAIM_KIND", row.kind.code(), language),
                        Cell::word("CLAIM_STATE", row.state.code(), language),
                        row.state_on.into(),
                        row.authority.into(),
                        row.number.into(),
                        row.prepared_on.into(),
                        row.filed_on.into(),
                        Money::from_tiyn(row.amount).into(),
                        Money::from_tiyn(row.costs).into(),
                        Money::from_tiyn(row.amount + row.costs - row.rest - row.costs_rest).into(),
                        Money::from_tiyn(row.rest + row.costs_rest).into(),
                    ]
                };
                Ok(slice.rows.into_iter().map(row).collect())
            }
            Of::Notices(filter, after) => {
                let page = Page { first: CHUNK, after: after.take() };
                let slice = notice::list(db, &scope, app.clock.today(), filter, page).await?;
                *after = slice.rows.last().map(|row| (row.issued_on, row.debt, row.id));
                self.over = !slice.has_next;
                let whose = self.whose(app, slice.rows.iter().map(|row| AccountId(row.account_id))).await?;
                Ok(slice.rows.into_iter().filter_map(|row| notice_row(row, &whose, language)).collect())
            }
            Of::Plans(state, after) => {
                let page = Page { first: CHUNK, after: *after };
                let slice = plan::list(db, &scope, *state, None, page).await?;
                *after = slice.rows.last().map(|row| row.id);
                self.over = !slice.has_next;
                let whose = self.whose(app, slice.rows.iter().map(|row| AccountId(row.account_id))).await?;
                Ok(slice.rows.into_iter().filter_map(|row| plan_row(row, &whose, language)).collect())
            }
            Of::Expiring { before, years, sector, after } => {
                let years = *years;
                let page = Page { first: CHUNK, after: after.take() };
                let slice = limitation::due_before(db, &scope, *before, *sector, page).await?;
                *after = slice.rows.last().map(|row| (row.due_on, row.id));
                self.over = !slice.has_next;
                let whose = self.whose(app, slice.rows.iter().map(|row| AccountId(row.account_id))).await?;
                Ok(slice
                    .rows
                    .into_iter()
                    .filter_map(|row| expiring_row(row, years, &whose, language))
                    .collect())
            }
            Of::Readings(filter, after) => {
                let page = Page { first: CHUNK, after: *after };
                let slice = readings::list(db, &scope, filter.clone(), page).await?;
                *after = slice.rows.last().map(|row| row.id.0);
                self.over = !slice.has_next;
                let numbers = numbers(db, slice.rows.iter().map(|row| row.account_id)).await?;
                let meters =
                    meter::by_ids(db, slice.rows.iter().filter_map(|row| row.meter_id).collect()).await?;
                let serials: HashMap<MeterId, String> =
                    meters.into_iter().map(|meter| (meter.id, meter.serial)).collect();
                let row = |row: readings::Reading| {
                    vec![
                        row.taken_on.into(),
                        numbers.get(&row.account_id).cloned().into(),
                        row.meter_id.and_then(|id| serials.get(&id).cloned()).into(),
                        row.liters.into(),
                        row.consumption.into(),
                        Cell::word("VERDICT", row.verdict.code(), language),
                        Cell::word("CHANNEL", row.channel.code(), language),
                        row.period().to_string().into(),
                        local(row.received_at).into(),
                        row.received_by.into(),
                    ]
                };
                Ok(slice.rows.into_iter().map(row).collect())
            }
            Of::Report(code, period, sector) => {
                let found = report::figures(db, *code, *period, *sector).await?;
                self.over = true;
                let row = |row: &serde_json::Value| {
                    let cell =
                        |(name, kind): &(&str, ReportColumnKind)| match said(*kind, &row[*name], language) {
                            Some(Said::Text(text)) => text.into(),
                            Some(Said::Money(sum)) => sum.into(),
                            Some(Said::Volume(volume)) => volume.into(),
                            Some(Said::Count(number)) => Cell::Number(number),
                            None => Cell::Empty,
                        };
                    code.columns().iter().map(cell).collect()
                };
                Ok(found.rows.iter().map(row).collect())
            }
            Of::Scenario(id, after) => {
                let page = Page { first: CHUNK, after: *after };
                let slice = scenario::differences(db, &scope, *id, page).await?;
                *after = slice.rows.last().map(|row| row.account_id);
                self.over = !slice.has_next;
                let ids = slice.rows.iter().map(|row| AccountId(row.account_id)).collect();
                let accounts: HashMap<AccountId, account::Model> =
                    account::by_ids(db, ids).await?.into_iter().map(|row| (row.id, row)).collect();
                let addresses = spelled(
                    premise::addresses(db, accounts.values().map(|row| row.premise_id).collect()).await?,
                    language,
                );
                let row = |row: scenario::DifferenceRow| {
                    let account = accounts.get(&AccountId(row.account_id))?;
                    Some(vec![
                        account.number.clone().into(),
                        Cell::word("SECTOR", account.sector.code(), language),
                        Cell::word("GROUP", account.consumer_group.code(), language),
                        self.districts.get(&account.district_id).cloned().into(),
                        addresses.get(&account.premise_id.0).cloned().into(),
                        Money::from_tiyn(row.before).into(),
                        Money::from_tiyn(row.after).into(),
                        Money::from_tiyn(row.after - row.before).into(),
                    ])
                };
                Ok(slice.rows.into_iter().filter_map(row).collect())
            }
            Of::Correction(id, outcome, after) => {
                let Some(id) = *id else {
                    self.over = true;
                    return Ok(Vec::new());
                };
                let page = Page { first: CHUNK, after: after.take() };
                let slice = correction::accounts(db, id, *outcome, page).await?;
                *after = slice.rows.last().map(|row| (row.gross.abs(), row.account_id));
                self.over = !slice.has_next;
                let whose = self.whose(app, slice.rows.iter().map(|row| AccountId(row.account_id))).await?;
                Ok(slice.rows.into_iter().filter_map(|row| correction_row(row, &whose, language)).collect())
            }
            Of::Amendment(id, outcome, after) => {
                let Some(id) = *id else {
                    self.over = true;
                    return Ok(Vec::new());
                };
                let page = Page { first: CHUNK, after: *after };
                let slice = batch::page(db, id, *outcome, page).await?;
                *after = slice.rows.last().map(|row| i64::from(row.n));
                self.over = !slice.has_next;
                let whose = self
                    .whose(app, slice.rows.iter().filter_map(|row| row.account_id.map(AccountId)))
                    .await?;
                Ok(slice.rows.into_iter().map(|row| amendment_row(row, &whose, language)).collect())
            }
            Of::Houses(reckoning, filter, after) => {
                let Some(reckoning) = *reckoning else {
                    self.over = true;
                    return Ok(Vec::new());
                };
                let page = Page { first: CHUNK, after: after.take() };
                let slice = house::list(db, &scope, reckoning, filter, page).await?;
                *after = slice.rows.last().map(|row| filter.order.of(row));
                self.over = !slice.has_next;
                let addresses = spelled(
                    building::addresses(db, slice.rows.iter().map(|row| row.building_id).collect()).await?,
                    language,
                );
                let row = |row: house::HouseRow| {
                    vec![
                        Period::of(row.period).to_string().into(),
                        addresses.get(&row.building_id.0).cloned().into(),
                        self.districts.get(&DistrictId(row.district_id)).cloned().into(),
                        Cell::word("HOUSE_STATE", row.state.code(), language),
                        row.reason.map_or(Cell::Empty, |reason| {
                            Cell::word("HOUSE_REASON", reason.code(), language)
                        }),
                        Cell::word("IMBALANCE_METHOD", row.method.code(), language),
                        Cell::Number(i64::from(row.flats)),
                        row.compared_by
                            .map_or(Cell::Empty, |by| Cell::word("COMPARED_BY", by.code(), language)),
                        row.measured.into(),
                        row.metered.into(),
                        row.averaged.into(),
                        row.normed.into(),
                        row.non_residential.into(),
                        row.hot.into(),
                        row.corrected.into(),
                        row.gap.into(),
                        row.carried_in.into(),
                        row.distributed.into(),
                        row.carried_out.into(),
                        row.dropped.into(),
                    ]
                };
                Ok(slice.rows.into_iter().map(row).collect())
            }
            Of::Audit(filter, after) => {
                let page = Page { first: CHUNK, after: *after };
                let slice = audit::list(db, filter, page).await?;
                *after = slice.rows.last().map(|row| row.id);
                self.over = !slice.has_next;
                let row = |shown: person::Shown| {
                    let row = shown.entry;
                    let said = |value: Option<serde_json::Value>| -> Cell {
                        value.map(|value| trail::named(&row.entity, value).to_string()).into()
                    };
                    vec![
                        row.at
                            .with_timezone(&chrono_tz::Asia::Almaty)
                            .format("%Y-%m-%d %H:%M:%S")
                            .to_string()
                            .into(),
                        row.actor.clone().into(),
                        row.action.clone().into(),
                        row.entity.clone().into(),
                        row.entity_id.map(|id| id::encode(&trail::kind_of(&row.entity), id)).into(),
                        said(row.before.clone()),
                        said(row.after.clone()),
                        row.document_id.map(|id| id::encode("Document", id)).into(),
                    ]
                };
                // Nobody's key is opened for a file that leaves the house.
                Ok(person::show(db, None, slice.rows).await?.into_iter().map(row).collect())
            }
        }
    }

    async fn accounts(&self, app: &App, rows: Vec<account::Model>) -> anyhow::Result<Vec<Row>> {
        let (db, language) = (&app.db, self.language);
        let ids: Vec<AccountId> = rows.iter().map(|row| row.id).collect();
        let holders = holders(app, ids.clone()).await?;
        let addresses =
            spelled(premise::addresses(db, rows.iter().map(|row| row.premise_id).collect()).await?, language);
        let keys: Vec<_> = ids.into_iter().map(|id| (id, None)).collect();
        let balances: HashMap<i64, item::Balance> =
            item::balances(db, &keys).await?.into_iter().map(|row| (row.account_id, row)).collect();
        let row = |row: account::Model| {
            let balance = balances.get(&row.id.0).copied().unwrap_or_default();
            vec![
                row.number.into(),
                Cell::word("SECTOR", row.sector.code(), language),
                Cell::word("GROUP", row.consumer_group.code(), language),
                Cell::word("STATUS", row.status.code(), language),
                holders.get(&row.id).cloned().into(),
                addresses.get(&row.premise_id.0).cloned().into(),
                self.districts.get(&row.district_id).cloned().into(),
                row.opened_on.into(),
                row.closed_on.into(),
                Money::from_tiyn(balance.balance).into(),
                Money::from_tiyn(balance.owed).into(),
                Money::from_tiyn(balance.advance).into(),
                balance.due_on.into(),
            ]
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Of the accounts that a list's rows are about.
    async fn whose(&self, app: &App, ids: impl Iterator<Item = AccountId>) -> anyhow::Result<Whose> {
        let (db, language) = (&app.db, self.language);
        let ids: BTreeSet<AccountId> = ids.collect();
        let ids: Vec<AccountId> = ids.into_iter().collect();
        let holders = holders(app, ids.clone()).await?;
        let rows = account::by_ids(db, ids).await?;
        let addresses =
            spelled(premise::addresses(db, rows.iter().map(|row| row.premise_id).collect()).await?, language);
        let whose = |row: account::Model| {
            let cells = [
                row.number.into(),
                holders.get(&row.id).cloned().into(),
                addresses.get(&row.premise_id.0).cloned().into(),
                Cell::word("SECTOR", row.sector.code(), language),
                self.districts.get(&row.district_id).cloned().into(),
            ];
            (row.id, cells)
        };
        Ok(rows.into_iter().map(whose).collect())
    }

    async fn bills(&self, db: &Db, ids: &[i64]) -> anyhow::Result<Vec<Row>> {
        let mut found: HashMap<i64, paper::Paper> =
            paper::papers(db, ids).await?.into_iter().map(|row| (row.id, row)).collect();
        let row = |row: paper::Paper| {
            let street = if self.language == Language::Kk { &row.street_kk } else { &row.street_ru };
            let flat = if row.flat.is_empty() { String::new() } else { format!(", {}", row.flat) };
            vec![
                Period::of(row.period).to_string().into(),
                row.number.into(),
                row.holder.into(),
                format!("{street}, {}{flat}", row.house).into(),
                self.districts.get(&DistrictId(row.district_id)).cloned().into(),
                Money::from_tiyn(row.opening).into(),
                Money::from_tiyn(row.charged).into(),
                Money::from_tiyn(row.paid).into(),
                Money::from_tiyn(row.closing).into(),
                row.due_on.into(),
            ]
        };
        Ok(ids.iter().filter_map(|id| found.remove(id)).map(row).collect())
    }
}

/// Names of those who hold accounts today.
async fn holders(app: &App, ids: Vec<AccountId>) -> anyhow::Result<HashMap<AccountId, String>> {
    let held = holder::on(&app.db, app.clock.today(), ids).await?;
    let people = held.iter().map(|holder| holder.party_id).collect();
    let names: HashMap<PartyId, String> =
        party::by_ids(&app.db, people).await?.into_iter().map(|party| (party.id, party.name)).collect();
    let named = |holder: holder::Holder| Some((holder.account_id, names.get(&holder.party_id)?.clone()));
    Ok(held.into_iter().filter_map(named).collect())
}

/// Addresses in words of a language, by the id of what stands there.
fn spelled(addresses: Vec<Address>, language: Language) -> HashMap<i64, String> {
    addresses.into_iter().map(|address| (address.id, spell(&address, language))).collect()
}

async fn numbers(
    db: &Db,
    ids: impl Iterator<Item = AccountId>,
) -> anyhow::Result<HashMap<AccountId, String>> {
    let ids: BTreeSet<AccountId> = ids.collect();
    let rows = account::by_ids(db, ids.into_iter().collect()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.number)).collect())
}

fn local(at: chrono::DateTime<chrono::Utc>) -> chrono::NaiveDate {
    at.with_timezone(&chrono_tz::Asia::Almaty).date_naive()
}
