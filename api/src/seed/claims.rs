//! A handful of claims in different states, so that the screens of collection have something to show.

use anyhow::{Context, bail};
use chrono::{Days, NaiveDate};
use domain::access::Scope;
use domain::archive::DocumentKind;
use domain::debt::{ClaimChoice, ClaimCostKind, ClaimKind, ClaimState};
use domain::kernel::{AccountId, ClaimId, DocumentId, Money, Period, Rounding, Sector};
use domain::payments::{EarmarkAct, PaymentChannel};
use entities::archive;
use entities::debt::claim::{self, NewStep, Terms};
use entities::kernel::{Page, Tx};
use rust_decimal::Decimal;

use super::done;
use crate::app::App;
use crate::debt::ops::{self, Costing, Wanted};
use crate::payments::ops::{NewPayment, record, target_of_act};

/// A claim: who decides it, of whom, what happened so many days ago, what it cost and what was paid of it, in percent.
struct Story {
    kind: ClaimKind,
    legal: bool,
    steps: &'static [(ClaimState, u64, &'static str, &'static str)],
    cost: Option<ClaimCostKind>,
    paid: u32,
}

const COURT: &str = "Алмалинский районный суд № 2";
const NOTARY: &str = "Нотариус Сейтқали Г. Б.";
const BAILIFF: &str = "ЧСИ Омаров Б. К.";

use ClaimState as S;

const STORIES: &[Story] = &[
    Story {
        kind: ClaimKind::Court,
        legal: false,
        steps: &[
            (S::Prepared, 96, "", ""),
            (S::Demanded, 92, "", ""),
            (S::Filed, 74, COURT, ""),
            (S::Granted, 49, COURT, "7517-26-00-2/418"),
            (S::Enforced, 31, BAILIFF, "75/26-1187"),
        ],
        cost: Some(ClaimCostKind::StateFee),
        paid: 40,
    },
    Story {
        kind: ClaimKind::Notary,
        legal: false,
        steps: &[(S::Prepared, 24, "", ""), (S::Filed, 20, NOTARY, ""), (S::Granted, 20, NOTARY, "1 204")],
        cost: Some(ClaimCostKind::NotaryFee),
        paid: 0,
    },
    Story {
        kind: ClaimKind::Bankruptcy,
        legal: true,
        steps: &[
            (S::Prepared, 58, "", ""),
            (S::Filed, 55, "Временный администратор Ли В. Н.", ""),
            (S::Accepted, 37, "", "14"),
        ],
        cost: None,
        paid: 0,
    },
    Story {
        kind: ClaimKind::Court,
        legal: false,
        steps: &[
            (S::Prepared, 120, "", ""),
            (S::Filed, 110, COURT, ""),
            (S::Granted, 85, COURT, "7517-25-00-2/2951"),
            (S::Enforced, 70, BAILIFF, "75/26-0342"),
            (S::Impossible, 9, BAILIFF, "75/26-0342"),
        ],
        cost: Some(ClaimCostKind::StateFee),
        paid: 0,
    },
    Story {
        kind: ClaimKind::Court,
        legal: true,
        steps: &[
            (S::Prepared, 18, "", ""),
            (S::Demanded, 17, "", ""),
            (S::Filed, 3, "СМЭС города Алматы", ""),
        ],
        cost: Some(ClaimCostKind::StateFee),
        paid: 0,
    },
    Story {
        kind: ClaimKind::Notary,
        legal: false,
        steps: &[
            (S::Prepared, 66, "", ""),
            (S::Filed, 60, NOTARY, ""),
            (S::Granted, 60, NOTARY, "988"),
            (S::Annulled, 48, NOTARY, "988"),
        ],
        cost: None,
        paid: 0,
    },
    Story {
        kind: ClaimKind::Court,
        legal: false,
        steps: &[
            (S::Prepared, 80, "", ""),
            (S::Filed, 71, COURT, ""),
            (S::Granted, 52, COURT, "7517-26-00-2/77"),
        ],
        cost: Some(ClaimCostKind::StateFee),
        paid: 100,
    },
    Story { kind: ClaimKind::Court, legal: false, steps: &[(S::Prepared, 1, "", "")], cost: None, paid: 0 },
];

/// Debtors that are looked at for a story.
const MANY: u64 = 100;

/// Prepares the claims within one transaction; a city whose debts are too young or too small has fewer.
pub async fn lay(tx: &mut Tx, app: &App) -> anyhow::Result<()> {
    let today = app.clock.today();
    let mut taken: Vec<i64> = Vec::new();
    for (n, story) in STORIES.iter().enumerate() {
        let sectors: &[Sector] =
            if story.legal { &[Sector::Legal] } else { &[Sector::Multi, Sector::Private] };
        let mut found = Vec::new();
        for &sector in sectors {
            let terms =
                Terms { day: today, days: 30, least: Money::ZERO, sector: Some(sector), district: None };
            let page = Page { first: MANY, after: None };
            found.extend(claim::candidates(tx, &Scope::City, &terms, page).await?.rows);
        }
        // The largest debtors stay free for other stories.
        found.sort_by_key(|row| (row.owed, row.account_id));
        for row in found.into_iter().filter(|row| !taken.contains(&row.account_id)).collect::<Vec<_>>() {
            if tell(tx, app, n, story, AccountId(row.account_id), &row.sector).await? {
                taken.push(row.account_id);
                break;
            }
        }
    }
    ops::close_claims(tx, today, app.clock.now()).await?;
    if !taken.is_empty() {
        ops::begin_watch(tx).await?;
    }
    Ok(())
}

/// False when the account owed too little at that time.
async fn tell(
    tx: &mut Tx,
    app: &App,
    n: usize,
    story: &Story,
    account: AccountId,
    sector: &str,
) -> anyhow::Result<bool> {
    let (today, now) = (app.clock.today(), app.clock.now());
    let ago = |days: u64| today - Days::new(days);
    let &(_, first, ..) = story.steps.first().context("a story begins")?;
    let wanted = Wanted {
        account,
        kind: story.kind,
        choice: ClaimChoice::Months {
            from: Period::of(ago(3_650)),
            to: Period::of(ago(first)).minus(2),
            services: Vec::new(),
        },
        penalty_up_to: None,
    };
    let seen = done(ops::preview_claim(tx, &wanted, today, now).await?)?;
    if seen.amount() < seen.least {
        return Ok(false);
    }
    let mut id = ClaimId(0);
    for (at, &(state, days, authority, number)) in story.steps.iter().enumerate() {
        let document = paper(tx, state, &format!("В-{}-{}", n + 1, at + 1), ago(days)).await?;
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        if state == ClaimState::Prepared {
            let row = done(ops::prepare_claim(tx, &wanted, ago(days), document, None, today, now).await?)?;
            id = ClaimId(row.id);
            continue;
        }
        let granted = matches!(state, ClaimState::Granted | ClaimState::Accepted);
        let step = NewStep {
            state,
            on: ago(days),
            document: Some(document),
            authority: said(authority),
            number: said(number),
            note: None,
            amount: granted.then(|| seen.amount()),
        };
        done(ops::step_claim(tx, id, step, today, now).await?)?;
        if let Some(kind) = story.cost.filter(|_| state == ClaimState::Filed) {
            // Three percent of what is claimed.
            let amount = Money::rounded(seen.amount().to_decimal() * Decimal::new(3, 2), Rounding::HalfUp);
            let costing = Costing { claim: id, kind, amount, on: ago(days), document };
            done(ops::charge_cost(tx, costing, today, now).await?)?;
        }
    }
    pay(tx, story, id, (account, sector), today, now).await?;
    Ok(true)
}

async fn pay(
    tx: &mut Tx,
    story: &Story,
    id: ClaimId,
    (account, sector): (AccountId, &str),
    today: NaiveDate,
    now: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<()> {
    let owed: Money = claim::open_items(tx, id).await?.iter().map(|part| part.1).sum();
    let share = Decimal::from(story.paid) / Decimal::ONE_HUNDRED;
    let amount = Money::rounded(owed.to_decimal() * share, Rounding::Down);
    if !amount.is_positive() {
        return Ok(());
    }
    let Some(sector) = Sector::from_code(sector) else { bail!("sector {sector}") };
    let payment = NewPayment {
        account,
        sector,
        channel: PaymentChannel::Bank.code().to_owned(),
        external_id: format!("bailiff-{}", account.0),
        amount,
        paid_on: today - Days::new(6),
        import_batch: None,
        paid_at: None,
        // A bailiff's money covers the claim and nothing else.
        target: target_of_act(tx, EarmarkAct::Claim, id.0).await?,
    };
    done(record(tx, payment, today, now).await?)?;
    Ok(())
}

/// The paper of a step.
async fn paper(tx: &Tx, state: ClaimState, number: &str, issued_on: NaiveDate) -> anyhow::Result<DocumentId> {
    let (kind, issuer, subject) = match state {
        S::Prepared => (DocumentKind::Certificate, "Абонентский отдел", "Расчёт взыскиваемой задолженности"),
        S::Demanded => (DocumentKind::Letter, "Юридический отдел", "Претензия должнику"),
        S::Filed => (DocumentKind::Application, "Юридический отдел", "Заявление о взыскании задолженности"),
        S::Granted => (DocumentKind::CourtRuling, "Суд или нотариус", "Исполнительный документ"),
        S::Annulled => (DocumentKind::CourtRuling, "Нотариус", "Отмена исполнительной надписи по возражению"),
        S::Enforced => (DocumentKind::Resolution, "ЧСИ", "О возбуждении исполнительного производства"),
        S::Impossible => (DocumentKind::Act, "ЧСИ", "О невозможности взыскания"),
        _ => (DocumentKind::Resolution, "Администратор", "О включении в реестр требований"),
    };
    let new = archive::New { kind, number, issued_on, issuer, subject };
    let id = archive::insert(tx, new).await?;
    Ok(DocumentId(id.with_context(|| format!("document {number} of the demo is there already"))?))
}
