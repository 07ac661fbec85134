//! What a death, heirs or joint owners would change, by the acts that would do it.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::{Context, Object, SimpleObject};
use chrono::NaiveDate;
use domain::access::Permission;
use domain::kernel::*;
use domain::subscribers::{Fraction, parts};
use entities::access::session;
use entities::debt::{notice, penalty};
use entities::kernel::{Broken, Tx};
use entities::ledger::item;
use entities::subscribers::{holder, owner, party};
use futures_util::FutureExt;

use super::mutation::DeathRegisterInput;
use super::ops;
use crate::platform::Refusal;
use crate::platform::graphql::*;
use crate::subscribers::inputs::{HeirsEnterInput, OwnersRecordInput};
use crate::wiring::account::{Account, accounts_by_ids};
use crate::{allow, payload, subscribers};

/// An owner and the part of the balance that goes with the share (доля собственника).
#[derive(Debug, Clone, SimpleObject)]
pub struct OwnerSeen {
    /// Who (собственник).
    pub name: String,
    /// The share as it was written: 1/3 (доля).
    pub share: String,
    /// The part of what the account owes; parts add up to it (часть сальдо).
    pub part: Money,
}

/// An account before and after an act (лицевой счёт до и после).
#[derive(SimpleObject)]
pub struct AccountSeen {
    /// The account as it stands (лицевой счёт).
    pub account: Account,
    /// First day of who holds it then, or of the shares; later than what was asked for where months are closed (с).
    pub from: Date,
    /// Who holds it now (абонент до).
    pub holder_before: Option<String>,
    /// Who would hold it (абонент после).
    pub holder_after: Option<String>,
    /// Joint owners now (собственники до).
    pub owners_before: Vec<OwnerSeen>,
    /// Joint owners then (собственники после).
    pub owners_after: Vec<OwnerSeen>,
    /// Sessions of the cabinet that end (завершаемые сеансы кабинета).
    pub sessions_ended: i32,
    /// What it owes now (сальдо до).
    pub balance_before: Money,
    /// What it owes then; the law hands a debt on whole, so the same (сальдо после).
    pub balance_after: Money,
    /// Last day on which penalty rests on this account (пеня приостановлена по).
    pub penalty_rests_until: Option<Date>,
    /// Days that it rests in all (дней приостановки пени).
    pub penalty_rest_days: i32,
    /// A warning of disconnection is out in the name of who held it (направлено предупреждение об отключении).
    pub warned: bool,
}

/// What would change (что изменится).
#[derive(SimpleObject)]
pub struct SuccessionSeen {
    /// Account by account (лицевые счета).
    pub accounts: Vec<AccountSeen>,
}

payload!(
    /// What an act on who holds or owns accounts would change; nothing is kept (предварительный просмотр).
    SuccessionPreviewPayload {
        /// What would change.
        preview: SuccessionSeen
    }
);

/// An account as it stands within a transaction.
#[derive(Debug, Clone, Default)]
struct Standing {
    holder: Option<(NaiveDate, String)>,
    owners: Vec<OwnerSeen>,
    balance: Money,
    sessions: i64,
}

async fn standing(
    tx: &Tx,
    ids: &[AccountId],
    on: NaiveDate,
) -> Result<BTreeMap<AccountId, Standing>, Broken> {
    let holders = holder::on(tx, on, ids.to_vec()).await?;
    let owners = owner::on(tx, on, ids.to_vec()).await?;
    let people: HashSet<PartyId> =
        holders.iter().map(|one| one.party_id).chain(owners.iter().map(|one| one.party_id)).collect();
    let people: HashMap<PartyId, String> = party::by_ids(tx, people.into_iter().collect())
        .await?
        .into_iter()
        .map(|row| (row.id, row.name))
        .collect();
    let name = |id: PartyId| people.get(&id).cloned().unwrap_or_default();
    let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let sessions = session::count_open(tx, "subscriber", &keys).await?;
    let asked: Vec<_> = ids.iter().map(|id| (*id, None)).collect();
    let balances: HashMap<i64, i64> =
        item::balances(tx, &asked).await?.into_iter().map(|row| (row.account_id, row.balance)).collect();
    let of = |id: &AccountId| {
        let balance = Money::from_tiyn(balances.get(&id.0).copied().unwrap_or_default());
        let own: Vec<&owner::Owner> = owners.iter().filter(|one| one.account_id == *id).collect();
        let shares: Vec<Fraction> = own.iter().map(|one| one.share()).collect();
        let seen = own.into_iter().zip(parts(balance, &shares)).map(|(one, part)| OwnerSeen {
            name: name(one.party_id),
            share: format!("{}/{}", one.numerator, one.denominator),
            part,
        });
        let holder = holders.iter().find(|one| one.account_id == *id);
        Standing {
            holder: holder.map(|one| (one.from, name(one.party_id))),
            owners: seen.collect(),
            balance,
            sessions: sessions.get(&id.0).copied().unwrap_or_default(),
        }
    };
    Ok(ids.iter().map(|id| (*id, of(id))).collect())
}

/// An account before and after, and what of its debt rests.
struct Change {
    account: AccountId,
    from: NaiveDate,
    before: Standing,
    after: Standing,
    rests: Option<(NaiveDate, i64)>,
    warned: bool,
}

/// What an act did within its transaction; `since` is the first day where the holder stays.
async fn changes(
    tx: &Tx,
    before: BTreeMap<AccountId, Standing>,
    on: NaiveDate,
    since: Option<NaiveDate>,
) -> Result<Vec<Change>, Broken> {
    let ids: Vec<AccountId> = before.keys().copied().collect();
    let mut after = standing(tx, &ids, on).await?;
    let rests = penalty::rests_of(tx, &ids, on).await?;
    let warned = notice::warned(tx, &ids).await?;
    let change = |(account, before): (AccountId, Standing)| {
        let after = after.remove(&account).unwrap_or_default();
        let rests = rests.iter().filter(|one| one.account_id == Some(account.0));
        let rests = rests.filter_map(|one| Some((one.to?.pred_opt()?, (one.to? - one.from).num_days())));
        Change {
            account,
            from: since.or(after.holder.as_ref().map(|(from, _)| *from)).unwrap_or(on),
            rests: rests.max(),
            warned: warned.contains(&account),
            before,
            after,
        }
    };
    Ok(before.into_iter().map(change).collect())
}

async fn seen(
    cx: &Context<'_>,
    done: std::result::Result<Vec<Change>, Refusal>,
) -> Result<SuccessionPreviewPayload> {
    let seen = match done {
        Ok(changes) => {
            let accounts = accounts_by_ids(cx, changes.iter().map(|one| one.account).collect()).await?;
            let accounts = accounts.into_iter().zip(changes).map(Into::into).collect();
            Ok(SuccessionSeen { accounts })
        }
        Err(refusal) => Err(refusal),
    };
    Ok(SuccessionPreviewPayload::of(seen, cx.language()))
}

impl From<(Account, Change)> for AccountSeen {
    fn from((account, one): (Account, Change)) -> Self {
        let whole = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        Self {
            account,
            from: Date(one.from),
            holder_before: one.before.holder.map(|(_, name)| name),
            holder_after: one.after.holder.map(|(_, name)| name),
            owners_before: one.before.owners,
            owners_after: one.after.owners,
            sessions_ended: whole(one.before.sessions - one.after.sessions),
            balance_before: one.before.balance,
            balance_after: one.after.balance,
            penalty_rests_until: one.rests.map(|(until, _)| Date(until)),
            penalty_rest_days: one.rests.map_or(0, |(_, days)| whole(days)),
            warned: one.warned,
        }
    }
}

#[derive(Default)]
pub struct SuccessionQuery;

#[Object]
impl SuccessionQuery {
    /// What registering a death would change, by the act that would do it (предварительная регистрация смерти).
    #[graphql(guard = "can(Permission::AccountWrite)", complexity = "60 + child_complexity")]
    async fn death_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who, when, on which document.")] input: DeathRegisterInput,
    ) -> Result<SuccessionPreviewPayload> {
        let app = cx.app().clone();
        let done = cx
            .rehearse(move |tx| {
                async move {
                    let (person, day, document) = (input.person_id.0, input.date.0, input.document_id.0);
                    let on = app.clock.today().max(day);
                    let held = holder::held_from(tx, person, day).await?;
                    let ids: Vec<AccountId> = held.iter().map(|one| one.account_id).collect();
                    let before = standing(tx, &ids, on).await?;
                    allow!(ops::register_death(tx, person, day, document, &app.clock).await?);
                    changes(tx, before, on, None).await.map(Ok)
                }
                .boxed()
            })
            .await?;
        seen(cx, done).await
    }

    /// What entering heirs would change, by the act that would do it (предварительное внесение наследников).
    #[graphql(guard = "can(Permission::AccountWrite)", complexity = "60 + child_complexity")]
    async fn heirs_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who inherits, and on which document.")] input: HeirsEnterInput,
    ) -> Result<SuccessionPreviewPayload> {
        let app = cx.app().clone();
        let done = cx
            .rehearse(move |tx| {
                async move {
                    let on = app.clock.today().max(input.date.0);
                    let before = standing(tx, &[input.account_id.0], on).await?;
                    allow!(subscribers::ops::enter_heirs(tx, &app, input).await?);
                    changes(tx, before, on, None).await.map(Ok)
                }
                .boxed()
            })
            .await?;
        seen(cx, done).await
    }

    /// What recording joint owners would change, by the act that would do it (предварительная запись сособственников).
    #[graphql(guard = "can(Permission::AccountWrite)", complexity = "60 + child_complexity")]
    async fn owners_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who owns how much, and on which document.")] input: OwnersRecordInput,
    ) -> Result<SuccessionPreviewPayload> {
        let app = cx.app().clone();
        let done = cx
            .rehearse(move |tx| {
                async move {
                    let from = input.from.0;
                    let on = app.clock.today().max(from);
                    let before = standing(tx, &[input.account_id.0], on).await?;
                    allow!(subscribers::ops::record_owners(tx, &app, input).await?);
                    changes(tx, before, on, Some(from)).await.map(Ok)
                }
                .boxed()
            })
            .await?;
        seen(cx, done).await
    }
}
