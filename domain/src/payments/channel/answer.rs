//! What a channel is told, in its own spelling. The document begins with its declaration at byte 0, values are escaped, and a
//! character that XML cannot carry is left out.

use std::io;

use chrono::NaiveDateTime;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Value as Json, json};

use super::{ChannelCommand, ChannelOutcome, Dialect, Spelling};
use crate::kernel::Money;

/// A line shown to the payer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub value: String,
}

/// What is said, before it is spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<'a> {
    pub command: Option<ChannelCommand>,
    pub outcome: ChannelOutcome,
    /// The channel's number of the payment, as it came.
    pub number: Option<&'a str>,
    /// Our number of the payment.
    pub operation: Option<i64>,
    /// What was credited; of a check what is owed.
    pub amount: Option<Money>,
    pub comment: &'a str,
    pub fields: &'a [Field],
    /// Our time, in the channel's zone.
    pub at: Option<NaiveDateTime>,
}

/// How a channel wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wire<'a> {
    pub dialect: Dialect,
    pub spelling: Spelling,
    /// What the channel calls its number in answers, where that is not what its dialect calls it.
    pub echo: Option<&'a str>,
    pub code: u16,
}

impl Dialect {
    /// The member that carries the channel's number back.
    pub const fn echo(self) -> &'static str {
        match self {
            Self::Unified | Self::Osmp => "osmp_txn_id",
            Self::Kaspi => "txn_id",
            Self::Kassa24 => "receipt",
        }
    }

    /// The spellings of its answers; the first one unless told.
    pub const fn spellings(self) -> &'static [Spelling] {
        match self {
            Self::Unified => &[Spelling::Xml, Spelling::Json],
            Self::Kaspi => &[Spelling::Json, Spelling::Xml],
            Self::Osmp | Self::Kassa24 => &[Spelling::Xml],
        }
    }
}

impl Spelling {
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The bytes of an answer.
pub fn write(wire: Wire<'_>, answer: &Answer<'_>) -> Vec<u8> {
    let written = match (wire.dialect, wire.spelling) {
        (Dialect::Kassa24, _) => kassa24(wire, answer),
        (_, Spelling::Xml) => xml(wire, answer),
        (_, Spelling::Json) => Ok(json(wire, answer)),
    };
    written.expect("memory takes everything")
}

/// Members in the order of the published examples.
fn members(wire: Wire<'_>, answer: &Answer<'_>) -> Vec<(String, String)> {
    let echo = wire.echo.unwrap_or(wire.dialect.echo()).to_owned();
    let mut members = vec![(echo, answer.number.unwrap_or_default().to_owned())];
    members.extend(answer.operation.map(|id| ("prv_txn".to_owned(), id.to_string())));
    members.extend(answer.amount.map(|amount| ("sum".to_owned(), amount.to_string())));
    members
}

fn xml(wire: Wire<'_>, answer: &Answer<'_>) -> io::Result<Vec<u8>> {
    document(|to| {
        for (name, value) in members(wire, answer) {
            element(to, &name, &value)?;
        }
        element(to, "result", &wire.code.to_string())?;
        element(to, "comment", answer.comment)?;
        if answer.fields.is_empty() {
            return Ok(());
        }
        to.create_element("fields").write_inner_content(|to| {
            for (at, field) in answer.fields.iter().enumerate() {
                to.create_element(format!("field{}", at + 1))
                    .with_attribute(("name", legal(&field.name).as_str()))
                    .write_text_content(BytesText::new(&legal(&field.value)))?;
            }
            Ok(())
        })?;
        Ok(())
    })
}

fn kassa24(wire: Wire<'_>, answer: &Answer<'_>) -> io::Result<Vec<u8>> {
    document(|to| {
        element(to, "code", &wire.code.to_string())?;
        element(to, "message", answer.comment)?;
        if let Some(at) = answer.at {
            element(to, "date", &at.format("%Y-%m-%dT%H:%M:%S").to_string())?;
        }
        if let Some(id) = answer.operation {
            element(to, "authcode", &id.to_string())?;
        }
        Ok(())
    })
}

fn document(content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut to = Writer::new(Vec::with_capacity(512));
    to.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    to.create_element("response").write_inner_content(content)?;
    Ok(to.into_inner())
}

fn element(to: &mut Writer<Vec<u8>>, name: &str, value: &str) -> io::Result<()> {
    to.create_element(name).write_text_content(BytesText::new(&legal(value)))?;
    Ok(())
}

/// What XML 1.0 can carry.
fn legal(text: &str) -> String {
    text.chars().filter(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)).collect()
}

/// An object whose members keep their order.
struct Members(Vec<(String, Json)>);

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn json(wire: Wire<'_>, answer: &Answer<'_>) -> Vec<u8> {
    let kaspi = wire.dialect == Dialect::Kaspi;
    let mut all: Vec<(String, Json)> =
        members(wire, answer).into_iter().map(|(name, value)| (name, value.into())).collect();
    // Kaspi calls our number differently in JSON and in XML; whoever reads the other name finds it as well.
    if let (true, Some(id)) = (kaspi, answer.operation) {
        all.insert(1, ("prv_txn_id".to_owned(), id.to_string().into()));
    }
    all.push(("result".to_owned(), wire.code.into()));
    all.push(("comment".to_owned(), answer.comment.into()));
    if !answer.fields.is_empty() {
        let fields = answer.fields.iter();
        let fields = match kaspi {
            true => {
                let named = fields.enumerate().map(|(at, field)| {
                    (format!("field{}", at + 1), json!({ "@name": field.name, "#text": field.value }))
                });
                named.collect::<serde_json::Map<_, _>>().into()
            }
            false => {
                fields.map(|field| json!({ "name": field.name, "value": field.value })).collect::<Json>()
            }
        };
        all.push(("fields".to_owned(), fields));
    }
    serde_json::to_vec(&Members(all)).expect("texts and numbers")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;

    use super::*;

    fn wire(dialect: Dialect, spelling: Spelling) -> Wire<'static> {
        Wire { dialect, spelling, echo: None, code: 0 }
    }

    fn paid() -> Answer<'static> {
        Answer {
            command: Some(ChannelCommand::Pay),
            outcome: ChannelOutcome::Done,
            number: Some("90210000000000017"),
            operation: Some(558_812),
            amount: Some(Money::from_tiyn(125_045)),
            comment: "OK",
            fields: &[],
            at: "2025-03-10T14:31:01".parse().ok(),
        }
    }

    fn text(wire: Wire<'_>, answer: &Answer<'_>) -> String {
        String::from_utf8(write(wire, answer)).unwrap()
    }

    #[test]
    fn each_dialect_spells_a_payment_in_its_own_way() {
        let xml =
            |inner: &str| format!(r#"<?xml version="1.0" encoding="UTF-8"?><response>{inner}</response>"#);
        let osmp = "<prv_txn>558812</prv_txn><sum>1250.45</sum><result>0</result><comment>OK</comment>";
        for dialect in [Dialect::Unified, Dialect::Osmp] {
            let expected = xml(&format!("<osmp_txn_id>90210000000000017</osmp_txn_id>{osmp}"));
            assert_eq!(text(wire(dialect, Spelling::Xml), &paid()), expected);
        }
        let kaspi = xml(&format!("<txn_id>90210000000000017</txn_id>{osmp}"));
        assert_eq!(text(wire(Dialect::Kaspi, Spelling::Xml), &paid()), kaspi);
        assert_eq!(
            text(wire(Dialect::Kaspi, Spelling::Json), &paid()),
            r#"{"txn_id":"90210000000000017","prv_txn_id":"558812","prv_txn":"558812","sum":"1250.45","result":0,"comment":"OK"}"#
        );
        assert_eq!(
            text(wire(Dialect::Unified, Spelling::Json), &paid()),
            r#"{"osmp_txn_id":"90210000000000017","prv_txn":"558812","sum":"1250.45","result":0,"comment":"OK"}"#
        );
        assert_eq!(
            text(wire(Dialect::Kassa24, Spelling::Xml), &paid()),
            xml(
                "<code>0</code><message>OK</message><date>2025-03-10T14:31:01</date><authcode>558812</authcode>"
            )
        );
        let renamed = Wire { echo: Some("ibox_txn_id"), ..wire(Dialect::Osmp, Spelling::Xml) };
        assert!(text(renamed, &paid()).contains("<ibox_txn_id>90210000000000017</ibox_txn_id>"));
    }

    #[test]
    fn names_are_escaped_and_letters_stay() {
        let fields = [
            Field { name: "payer".into(), value: "ТОО \"А & Б\" <1>\u{1}".into() },
            Field {
                name: "Мекенжай \"x\"".into(), value: "Әл-Фараби, қ. ғңөұүһі".into()
            },
        ];
        let seen =
            Answer { command: Some(ChannelCommand::Check), operation: None, fields: &fields, ..paid() };
        let xml = text(wire(Dialect::Unified, Spelling::Xml), &seen);
        let told = "<field1 name=\"payer\">ТОО &quot;А &amp; Б&quot; &lt;1&gt;</field1>\
                    <field2 name=\"Мекенжай &quot;x&quot;\">Әл-Фараби, қ. ғңөұүһі</field2>";
        assert!(xml.contains(told), "{xml}");
        let kaspi = text(wire(Dialect::Kaspi, Spelling::Json), &seen);
        let kaspi: Json = serde_json::from_str(&kaspi).unwrap();
        assert_eq!(kaspi["fields"]["field2"]["#text"], "Әл-Фараби, қ. ғңөұүһі");
        assert_eq!(kaspi["fields"]["field1"]["@name"], "payer");
    }

    proptest! {
        #[test]
        fn whatever_is_said_the_document_is_well_formed(
            value in ".*", comment in "\\PC*", dialect in prop::sample::select(Dialect::ALL),
        ) {
            let fields = [Field { name: value.clone(), value: value.clone() }];
            let seen = Answer { comment: &comment, fields: &fields, ..paid() };
            for &spelling in dialect.spellings() {
                let bytes = write(wire(dialect, spelling), &seen);
                match spelling {
                    Spelling::Json => prop_assert!(serde_json::from_slice::<Json>(&bytes).is_ok()),
                    Spelling::Xml => {
                        prop_assert!(bytes.starts_with(b"<?xml"));
                        let mut reader = Reader::from_reader(bytes.as_slice());
                        reader.config_mut().check_end_names = true;
                        loop {
                            match reader.read_event() {
                                Ok(Event::Eof) => break,
                                Ok(_) => {}
                                Err(error) => return Err(TestCaseError::fail(error.to_string())),
                            }
                        }
                    }
                }
            }
        }
    }
}
