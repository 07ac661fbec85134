use async_graphql::InputObject;
use domain::kernel::*;
use domain::subscribers::{PartyKind, ResidencySource};

use crate::platform::graphql::{Date, Gid};
use crate::platform::messages::Language;

/// A person or an organisation to hold an account (абонент).
#[derive(Debug, Clone, InputObject)]
pub struct PartyInput {
    /// Person or organisation.
    pub kind: PartyKind,
    /// Full name (ФИО или наименование).
    pub name: String,
    /// ИИН of a person, БИН of an organisation; its control digit is checked.
    pub identification: Option<String>,
    /// Phone, in any spelling.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Language of letters; Russian unless said.
    pub language: Option<Language>,
}

/// A new account (открытие лицевого счёта).
#[derive(Debug, Clone, InputObject)]
pub struct AccountOpenInput {
    /// Number; text, unique in the city.
    pub number: String,
    /// Sector (сектор).
    pub sector: Sector,
    /// Group with a price of its own; private houses and flats are always the population.
    pub consumer_group: ConsumerGroup,
    /// The premise that is supplied.
    pub premise_id: Gid<PremiseId>,
    /// Who holds the account.
    pub holder: PartyInput,
    /// First day (дата открытия).
    pub opened_on: Date,
    /// Registered residents from that day on; nothing for legal entities.
    pub residents: Option<i32>,
    /// Where the count comes from.
    pub residents_source: Option<ResidencySource>,
    /// Points of supply it pays for; all of the premise unless said.
    pub point_ids: Option<Vec<Gid<PointId>>>,
}

/// A change of an account (изменение лицевого счёта).
#[derive(Debug, Clone, InputObject)]
pub struct AccountUpdateInput {
    /// The account.
    pub id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// Group with a price of its own, from today on; `consumerGroupSet` takes any other day.
    pub consumer_group: ConsumerGroup,
    /// The document behind it; nothing changes without one.
    pub document_id: Option<Gid<DocumentId>>,
}

/// Another group of consumers from a day on (изменение группы потребителей).
#[derive(Debug, Clone, InputObject)]
pub struct ConsumerGroupSetInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// Group with a price of its own; private houses and flats are always the population (группа потребителей).
    pub consumer_group: ConsumerGroup,
    /// Its first day, which may lie in a closed month but not ahead; whatever was recorded of later days gives way (с).
    pub from: Date,
    /// The document behind it (основание).
    pub document_id: Gid<DocumentId>,
}

/// A new holder (заселение, смена владельца).
#[derive(Debug, Clone, InputObject)]
pub struct AccountMoveInInput {
    /// The account.
    pub id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// First day of the new holder.
    pub date: Date,
    /// Who comes.
    pub holder: PartyInput,
    /// Registered residents from that day on; unchanged unless said.
    pub residents: Option<i32>,
    /// Where the count comes from.
    pub residents_source: Option<ResidencySource>,
    /// Number of the contract with who comes. A person joins the public contract under a number of its own unless one is given;
    /// an organisation has none until one is signed.
    pub contract_number: Option<String>,
    /// The document behind it.
    pub document_id: Option<Gid<DocumentId>>,
}

/// The holder leaves and the account is closed (выезд).
#[derive(Debug, Clone, InputObject)]
pub struct AccountMoveOutInput {
    /// The account.
    pub id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// First day without the holder; not charged any more.
    pub date: Date,
    /// The document behind it.
    pub document_id: Option<Gid<DocumentId>>,
}

/// A count of registered residents (число проживающих).
#[derive(Debug, Clone, InputObject)]
pub struct ResidentsRecordInput {
    /// The account.
    pub account_id: Gid<AccountId>,
    /// How many people.
    pub residents: i32,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// Where the count comes from.
    pub source: ResidencySource,
    /// The document behind it.
    pub document_id: Option<Gid<DocumentId>>,
}

/// Whose data are destroyed, and on which document (уничтожение персональных данных).
#[derive(Debug, Clone, InputObject)]
pub struct PersonEraseInput {
    /// The person.
    pub id: Gid<PartyId>,
    /// The request or order behind it.
    pub document_id: Gid<DocumentId>,
}

/// A person's share (доля лица).
#[derive(Debug, Clone, InputObject)]
pub struct ShareInput {
    /// Who; one whose ИИН is known is the same person (лицо).
    pub person: PartyInput,
    /// 1 of 1/3 (числитель).
    pub numerator: i32,
    /// 3 of 1/3 (знаменатель).
    pub denominator: i32,
}

/// Heirs of an estate (вступление наследников).
#[derive(Debug, Clone, InputObject)]
pub struct HeirsEnterInput {
    /// The account that the estate holds (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// Their first day (с).
    pub date: Date,
    /// The certificate of inheritance (свидетельство).
    pub document_id: Gid<DocumentId>,
    /// Heirs with their shares, which make up the whole (наследники).
    pub heirs: Vec<ShareInput>,
    /// Which of them gets the bill, counted from 0 (плательщик).
    #[graphql(default)]
    pub payer: i32,
}

/// Joint owners (сособственники).
#[derive(Debug, Clone, InputObject)]
pub struct OwnersRecordInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// First day of these shares (с).
    pub from: Date,
    /// The document behind them (основание).
    pub document_id: Gid<DocumentId>,
    /// All owners with their shares, which make up the whole; none ends joint ownership (собственники).
    pub owners: Vec<ShareInput>,
}
