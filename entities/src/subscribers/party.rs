use domain::kernel::{ImportBatchId, Money, PartyId};
use domain::subscribers::PartyKind;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;

use crate::kernel::crypto::Vault;
use crate::kernel::{Result, ScopeArgs, Tx, sql};

/// A person or an organisation. Identification, phone and e-mail are sealed by the vault; the `_index` columns find them.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "subscribers", table_name = "party")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PartyId,
    pub kind: PartyKind,
    pub name: String,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub identification: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub identification_index: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub phone: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub phone_index: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub email: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub email_index: Option<Vec<u8>>,
    pub language: String,
    pub is_staff: bool,
    pub import_batch_id: Option<ImportBatchId>,
    pub version: i32,
    /// Everything personal was destroyed then.
    pub erased_at: Option<chrono::DateTime<chrono::Utc>>,
    pub died_on: Option<Date>,
    pub death_document_id: Option<i64>,
    /// The person whose estate it is.
    pub estate_of: Option<PartyId>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<PartyId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// What is known of a person or organisation; checked and spelled one way before.
#[derive(Debug, Clone)]
pub struct Particulars {
    pub kind: PartyKind,
    pub name: String,
    pub identification: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub language: String,
}

/// What [`keep`] did.
#[derive(Debug)]
pub struct Kept {
    /// The party as it stood, if it was known.
    pub before: Option<Model>,
    pub after: Model,
}

/// Writes a party; one whose ИИН or БИН is known already is the same one, and gets the newer phone, e-mail and language.
pub async fn keep(tx: &Tx, vault: &Vault, given: Particulars) -> Result<Kept> {
    let sealed = |value: &Option<String>| value.as_deref().map(|text| vault.seal(text));
    let index = |value: &Option<String>| value.as_deref().map(|text| vault.blind(text));
    let known: Option<Model> = match index(&given.identification) {
        Some(index) => {
            sql::one(
                tx,
                "SELECT * FROM subscribers.party WHERE identification_index = $1 AND kind = $2
                 ORDER BY id LIMIT 1 FOR UPDATE",
                [index.into(), given.kind.code().into()],
            )
            .await?
        }
        None => None,
    };
    let Some(known) = known else {
        let row = ActiveModel {
            kind: Set(given.kind),
            name: Set(given.name),
            identification: Set(sealed(&given.identification)),
            identification_index: Set(index(&given.identification)),
            phone: Set(sealed(&given.phone)),
            phone_index: Set(index(&given.phone)),
            email: Set(sealed(&given.email)),
            email_index: Set(index(&given.email)),
            language: Set(given.language),
            is_staff: Set(false),
            version: Set(1),
            ..Default::default()
        };
        return Ok(Kept { before: None, after: row.insert(tx).await? });
    };
    let mut change =
        ActiveModel { id: Unchanged(known.id), language: Set(given.language), ..Default::default() };
    change.version = Set(known.version + 1);
    if given.phone.is_some() {
        (change.phone, change.phone_index) = (Set(sealed(&given.phone)), Set(index(&given.phone)));
    }
    if given.email.is_some() {
        (change.email, change.email_index) = (Set(sealed(&given.email)), Set(index(&given.email)));
    }
    let after = change.update(tx).await?;
    Ok(Kept { before: Some(known), after })
}

/// A party whose accounts, of all times, are all in the caller's scope; locked.
pub async fn lock(tx: &Tx, id: PartyId) -> Result<Option<Model>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::one(
        tx,
        &format!(
            "SELECT p.* FROM subscribers.party p WHERE p.id = $4 AND NOT EXISTS (
                 SELECT FROM subscribers.holder h JOIN subscribers.account a ON a.id = h.account_id
                 WHERE h.party_id = p.id AND NOT ({}))
             FOR UPDATE",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// Says when a person died, on which document.
pub async fn died(tx: &Tx, person: &Model, day: Date, document: i64) -> Result<Model> {
    let change = ActiveModel {
        id: Unchanged(person.id),
        died_on: Set(Some(day)),
        death_document_id: Set(Some(document)),
        version: Set(person.version + 1),
        ..Default::default()
    };
    change.update(tx).await
}

/// The estate of a person: a party of the same kind and name that nobody can be reached by.
pub async fn estate(tx: &Tx, person: &Model) -> Result<Model> {
    let row = ActiveModel {
        kind: Set(person.kind),
        // On bills, which are in Kazakh and in Russian.
        name: Set(format!("{} (мұрагерлік / наследство)", person.name)),
        language: Set(person.language.clone()),
        is_staff: Set(person.is_staff),
        version: Set(1),
        estate_of: Set(Some(person.id)),
        ..Default::default()
    };
    row.insert(tx).await
}

/// What keeps a person from being erased.
#[derive(Debug, Clone, Copy, sea_orm::FromQueryResult)]
pub struct Ties {
    /// Accounts held today or later.
    pub accounts: i64,
    /// Owed of the months in which the person held the account.
    pub debt: Money,
    /// Paid ahead in them and not used.
    pub credit: Money,
}

pub async fn ties(tx: &Tx, id: PartyId, today: Date) -> Result<Ties> {
    let found = sql::one(tx, include_str!("sql/person_ties.sql"), [id.0.into(), today.into()]).await?;
    found.ok_or(DbErr::RecordNotFound("a SELECT without FROM".into()))
}

/// Blanks every place that names the person; the row itself stays, since the books point to it. `known_by` are blind indexes by
/// which rows of files that were never written are known to be about the person.
pub async fn erase(tx: &Tx, id: PartyId, known_by: Vec<Vec<u8>>) -> Result<Option<Model>> {
    sql::one(tx, include_str!("sql/person_erase.sql"), [id.0.into(), known_by.into()]).await
}

/// Numbers of the accounts that the person ever held.
pub async fn numbers_held(tx: &Tx, id: PartyId) -> Result<Vec<String>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Held {
        number: String,
    }
    let held: Vec<Held> = sql::all(
        tx,
        "SELECT DISTINCT a.number FROM subscribers.holder h JOIN subscribers.account a ON a.id = h.account_id
         WHERE h.party_id = $1 AND upper_inf(h.recorded)",
        [id.0.into()],
    )
    .await?;
    Ok(held.into_iter().map(|held| held.number).collect())
}
