//! Explanations in words: labels and sources of the tree's steps in the reader's language.

use std::collections::HashMap;

use async_graphql::{Context, Object, SimpleObject};
use domain::billing::{self, ExplainKind, Unit};
use domain::kernel::Money;
use entities::billing::source::{self, Source, Wanted};

use super::ops;
use super::types::ChargeLine;
use crate::platform::graphql::{Cx, Result};
use crate::platform::messages::{self, Language};

/// A bill opened up (объяснение счёта).
#[derive(SimpleObject)]
pub struct BillExplanation {
    /// The rule, run again on the kept facts, gave every line again to the tiyn (совпало).
    pub equal: bool,
    /// What it gave in all (пересчитано).
    pub recalculated: Money,
    /// Line by line (построчно).
    pub lines: Vec<ExplainedLine>,
}

/// A charge line with its tree (строка с объяснением).
#[derive(SimpleObject)]
pub struct ExplainedLine {
    /// The line (строка).
    pub line: ChargeLine,
    /// The same as the stored one (совпала).
    pub equal: bool,
    /// How the amount came about (дерево расчёта).
    pub tree: ExplainNode,
}

/// One step of an explanation: a value and the steps it follows from (шаг расчёта).
pub struct ExplainNode {
    kind: ExplainKind,
    label: String,
    value: String,
    unit: Unit,
    source: Option<String>,
    children: Vec<ExplainNode>,
}

/// One step of an explanation: a value and the steps it follows from (шаг расчёта).
#[Object]
impl ExplainNode {
    /// What the step is (вид шага).
    async fn kind(&self) -> ExplainKind {
        self.kind
    }

    /// Its name in the language of the request (название).
    async fn label(&self) -> &str {
        &self.label
    }

    /// A number, a share like "10/31", a day, a period or a code, as the unit says (значение).
    async fn value(&self) -> &str {
        &self.value
    }

    /// Unit of the value (единица).
    async fn unit(&self) -> Unit {
        self.unit
    }

    /// Where the value comes from: order, price list, reading, certificate (источник).
    async fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// What it follows from (из чего).
    async fn children(&self) -> &[ExplainNode] {
        &self.children
    }
}

type Sources = HashMap<(&'static str, i64), Source>;

impl BillExplanation {
    pub async fn of(cx: &Context<'_>, explained: ops::Explained) -> Result<Self> {
        let trees: Vec<&billing::ExplainNode> = explained.lines.iter().map(|line| &line.tree).collect();
        let sources = sources(cx, &trees).await?;
        let language = cx.language();
        let lines = explained
            .lines
            .iter()
            .map(|line| ExplainedLine {
                line: (&line.line).into(),
                equal: line.equal,
                tree: spoken(&line.tree, language, &sources),
            })
            .collect();
        Ok(Self { equal: explained.equal, recalculated: explained.recalculated, lines })
    }
}

/// Lines and trees of a calculation that is stored nowhere.
pub async fn lines_of(cx: &Context<'_>, explanation: &billing::Explanation) -> Result<Vec<ExplainedLine>> {
    let sources = sources(cx, &explanation.trees.iter().collect::<Vec<_>>()).await?;
    let language = cx.language();
    let lines = explanation.charges.lines.iter().zip(&explanation.trees);
    Ok(lines
        .map(|(line, tree)| ExplainedLine {
            line: line.into(),
            equal: true,
            tree: spoken(tree, language, &sources),
        })
        .collect())
}

fn spoken(node: &billing::ExplainNode, language: Language, sources: &Sources) -> ExplainNode {
    let say = |code: String| messages::text(language, &code, &[]);
    ExplainNode {
        kind: node.kind,
        label: say(format!("EXPLAIN_{}", node.kind.code().to_uppercase())),
        value: match node.kind {
            ExplainKind::Special => say(format!("SPECIAL_{}", node.value.to_uppercase())),
            ExplainKind::ConsumerGroup => say(format!("CONSUMER_GROUP_{}", node.value.to_uppercase())),
            _ => node.value.clone(),
        },
        unit: node.unit,
        source: source_of(node, language, sources).map(|text| messages::sentence(&text)),
        children: node.children.iter().map(|child| spoken(child, language, sources)).collect(),
    }
}

fn source_of(node: &billing::ExplainNode, language: Language, sources: &Sources) -> Option<String> {
    let say = |code: &str, args: &[(&str, String)]| messages::text(language, code, args);
    let word = |prefix: &str, code: &str| say(&format!("{prefix}_{}", code.to_uppercase()), &[]);
    let refs = &node.refs;
    let find = |kind: &'static str, id: i64| sources.get(&(kind, id));
    if let Some(row) = refs.reading.and_then(|id| find("reading", id.0)) {
        let channel = word("CHANNEL", row.b.as_deref().unwrap_or_default());
        return Some(say(
            "SOURCE_READING",
            &[("day", messages::day(language, &row.a)), ("channel", channel)],
        ));
    }
    if let Some(row) = refs.tariff.and_then(|id| find("tariff", id.0)) {
        return Some(messages::said(language, &row.a));
    }
    if let Some(row) = refs.setting.and_then(|id| find("setting", id.0)) {
        let by = row.b.as_ref().map_or_else(|| "—".to_owned(), |by| messages::said(language, by));
        return Some(say("SOURCE_SETTING", &[("source", messages::said(language, &row.a)), ("by", by)]));
    }
    if let Some(row) = refs.residency.and_then(|id| find("residency", id.0)) {
        let since = messages::day(language, row.b.as_deref().unwrap_or_default());
        return Some(say("SOURCE_RESIDENCY", &[("source", word("RESIDENCY", &row.a)), ("since", since)]));
    }
    if let Some(row) = refs.special.and_then(|id| find("special", id.0)) {
        let day = messages::day(language, row.b.as_deref().unwrap_or_default());
        return Some(say("SOURCE_SPECIAL", &[("number", row.a.clone()), ("day", day)]));
    }
    let row = refs.meter.and_then(|id| find("meter", id.0))?;
    let model = row.b.clone().unwrap_or_default();
    Some(say("SOURCE_METER", &[("serial", row.a.clone()), ("model", model)]))
}

async fn sources(cx: &Context<'_>, trees: &[&billing::ExplainNode]) -> Result<Sources> {
    fn gather(node: &billing::ExplainNode, wanted: &mut Wanted) {
        let refs = &node.refs;
        wanted.tariffs.extend(refs.tariff.map(|id| id.0));
        wanted.settings.extend(refs.setting.map(|id| id.0));
        wanted.readings.extend(refs.reading.map(|id| id.0));
        wanted.residencies.extend(refs.residency.map(|id| id.0));
        wanted.meters.extend(refs.meter.map(|id| id.0));
        wanted.specials.extend(refs.special.map(|id| id.0));
        node.children.iter().for_each(|child| gather(child, wanted));
    }
    let mut wanted = Wanted::default();
    trees.iter().for_each(|tree| gather(tree, &mut wanted));
    let rows = source::sources(cx.db(), wanted).await?;
    let kinds = ["tariff", "setting", "reading", "residency", "meter", "special"];
    let kind = |code: &str| kinds.into_iter().find(|k| *k == code);
    Ok(rows.into_iter().filter_map(|row| Some(((kind(&row.kind)?, row.id), row))).collect())
}
