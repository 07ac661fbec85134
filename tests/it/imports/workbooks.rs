//! Workbooks of Excel say the same as the text of the same table, or are refused in words.

use std::io::{Cursor, Read, Write};

use api::imports::http::rejected_sheet;
use api::platform::messages::Language;
use domain::imports::ImportKind;
use domain::kernel::Identification;
use rust_xlsxwriter::{Format, Workbook};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

fn bytes_of(path: &str) -> Vec<u8> {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What is made of an answer's refusal, or the batch.
async fn sent(app: &TestApp, kind: ImportKind, bytes: &[u8]) -> ImportBatchId {
    send_bytes(app, importer(), kind, bytes).await.expect("the file is taken")
}

/// Every cell of a text as text, each where the text has it.
fn typed_as_text(csv: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in csv.trim_start_matches('\u{feff}').lines().enumerate() {
        for (column, field) in line.split(';').enumerate() {
            sheet.write_string(row as u32, column as u16, field.trim_matches('"')).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// What the registers hold, whatever their ids.
async fn registers(app: &TestApp) -> Vec<Option<String>> {
    let mut all = Vec::new();
    for sql in [
        "SELECT concat_ws(' ', st.code, b.house, p.number, p.kind, p.area_dm2, b.kind) FROM premises.premise p
            JOIN premises.building b ON b.id = p.building_id JOIN premises.street st ON st.id = b.street_id",
        "SELECT concat_ws(' ', a.number, a.sector, a.opened_on, p.name, encode(p.identification_index, 'hex'),
                encode(p.phone_index, 'hex'), encode(p.email_index, 'hex'))
            FROM subscribers.account a JOIN subscribers.holder h ON h.account_id = a.id
            JOIN subscribers.party p ON p.id = h.party_id",
        "SELECT concat_ws(' ', a.number, r.residents, r.valid, r.source) FROM subscribers.residency r
            JOIN subscribers.account a ON a.id = r.account_id",
        "SELECT concat_ws(' ', c.number, c.kind, c.signed_on) FROM contracts.contract c",
        "SELECT concat_ws(' ', m.serial, v.verified_on, v.valid_until) FROM meters.meter m
            LEFT JOIN meters.verification v ON v.meter_id = m.id",
        "SELECT concat_ws(' ', r.account_id, r.taken_on, r.liters, r.verdict, r.channel) FROM readings.reading r",
        "SELECT concat_ws(' ', p.account_id, p.amount, p.paid_on, p.channel, p.external_id) FROM payments.payment p",
        "SELECT concat_ws(' ', o.account_id, o.origin, o.service, o.component, o.amount) FROM ledger.open_item o",
    ] {
        all.push(app.scalar(&format!("SELECT string_agg(x, E'\\n' ORDER BY x) FROM ({sql}) t (x)")).await);
    }
    all
}

#[tokio::test]
async fn samples_as_workbooks_write_what_the_texts_write() {
    let (text, book) = (ground().await, ground().await);
    for kind in ORDER.into_iter().chain([ImportKind::Balances, ImportKind::Payments]) {
        let from_text = take(&text, kind, &sample(kind.code())).await;
        let id = sent(&book, kind, &bytes_of(&format!("samples/{kind}.xlsx"))).await;
        assert_eq!(act(&book, COMMIT, id).await, [""; 0]);
        let from_book = batch_of(&book, id).await;
        assert_eq!(from_book.state, ImportState::Committed, "{kind}: {:?}", from_book.error_detail);
        assert_eq!(verdicts(&book, id).await, verdicts(&text, from_text.id).await, "{kind}");
        assert_eq!(from_book.rows_committed, from_text.rows_committed, "{kind}");
    }
    let (text, book) = (registers(&text).await, registers(&book).await);
    assert!(text.iter().all(Option::is_some), "{text:?}");
    assert_eq!(text, book);
}

#[tokio::test]
async fn wrong_rows_of_a_workbook_say_the_same_as_those_of_a_text() {
    let (app, _) = city().await;
    for kind in
        ["premises", "accounts", "residents", "contracts", "meters", "readings", "payments", "balances"]
    {
        let text = sample(&format!("{kind}_with_errors"));
        let kind = ImportKind::from_code(kind).expect("a kind");
        let from_text = send(&app, importer(), kind, &text).await.expect("taken");
        let from_book = sent(&app, kind, &typed_as_text(&text)).await;
        // A row of a sheet has no fewer fields than its header: what is not there is empty.
        let expected: Vec<String> = verdicts(&app, from_text).await;
        let expected: Vec<String> = expected.iter().map(|row| row.replace(" FIELD_COUNT@", "")).collect();
        assert_eq!(verdicts(&app, from_book).await, expected, "{kind}");
        assert!(expected.iter().any(|row| row.contains("rejected")), "{kind}");
    }
}

/// Made by another program: a hidden sheet first, two rows above the header, cells of every type.
#[tokio::test]
async fn cells_become_the_text_that_a_file_would_carry() {
    let (app, _) = city().await;
    let bytes = bytes_of("it/imports/files/cells.xlsx");
    let id = sent(&app, ImportKind::Readings, &bytes).await;
    assert_eq!(
        verdicts(&app, id).await,
        [
            "4 ok",
            "5 ok",
            "7 rejected BAD_DATE@day",
            "8 rejected CELL_ERROR@value_m3",
            "9 rejected CELL_ERROR@value_m3",
            "10 rejected READING_BACKWARDS@value_m3",
            "11 rejected FIELD_COUNT@",
            "12 rejected UNKNOWN_ACCOUNT@account",
        ]
    );
    let rows = row::list(&app.app.db, id, None, Page { first: 100, after: None }).await.expect("works").rows;
    let fields: Vec<String> = rows.iter().map(|row| row.fields.join("|")).collect();
    assert_eq!(
        fields,
        [
            "9900001|0|26000001|2026-03-25|107.25|portal",
            "9900002|0|26000003|25.03.2026|150,5|operator",
            "9900003|0||2026-03-25 14:30:00|1.5|",
            "9900003|0||2026-03-25|#N/A|",
            "9900003|0||2026-03-25|=|",
            "9900003|0||2026-03-25|0.3|",
            "9900003|0||2026-03-25|1.5|portal|лишнее",
            "0000042|0||2026-03-25|1.5|",
        ]
    );
    let header = batch_of(&app, id).await.header;
    assert_eq!(header, ["account", "hot", "serial", "day", "value_m3", "channel"]);

    assert_eq!(sent(&app, ImportKind::Readings, &bytes).await, id, "the same file is the same batch");
    assert_eq!(act(&app, COMMIT, id).await, [""; 0]);
    assert_eq!(batch_of(&app, id).await.rows_committed, 2);
}

#[tokio::test]
async fn numbers_of_people_keep_their_zeros_and_formulas_their_values() {
    let (app, _) = city().await;
    take(&app, ImportKind::Premises, &sample("premises_with_errors")).await;
    let number = Identification::complete("01020350012").expect("somebody born in 2001");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let header = sample("accounts").lines().next().expect("a header").to_owned();
    for (column, name) in header.split(';').enumerate() {
        sheet.write_string(0, column as u16, name).expect("a cell");
    }
    let line = "9900090;multi;population;9901;112;90;person;Абонент;;;;kk;2026-03-01";
    for (column, field) in line.split(';').enumerate() {
        sheet.write_string(1, column as u16, field).expect("a cell");
    }
    sheet
        .write_formula(1, 0, rust_xlsxwriter::Formula::new("9900000+90").set_result("9900090"))
        .expect("a cell");
    let lost: f64 = number.as_str().parse().expect("a number");
    sheet.write_number(1, 8, lost).expect("a cell");
    sheet.write_number(1, 9, 77_010_000_090.0).expect("a cell");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 3, 1).expect("a day");
    sheet
        .write_datetime_with_format(1, 12, day, &Format::new().set_num_format("d mmm yyyy"))
        .expect("a cell");

    let id = sent(&app, ImportKind::Accounts, &book.save_to_buffer().expect("a workbook")).await;
    assert_eq!(verdicts(&app, id).await, ["2 ok"]);
    assert_eq!(act(&app, COMMIT, id).await, [""; 0]);
    let index: Option<Vec<u8>> =
        app.scalar("SELECT p.identification_index FROM subscribers.party p ORDER BY id DESC LIMIT 1").await;
    assert_eq!(index, Some(app.app.vault.blind(number.as_str())), "found by the number as it is written");
}

#[tokio::test]
async fn rejected_rows_go_back_as_a_workbook_and_come_again() {
    let (app, _) = city().await;
    take(&app, ImportKind::Premises, &sample("premises_with_errors")).await;
    for kind in [ImportKind::Accounts, ImportKind::Payments] {
        let text = sample(&format!("{kind}_with_errors"));
        let first = take(&app, kind, &text).await;
        let book = rejected_sheet(app.app.clone(), first.clone(), Language::En).await.expect("a workbook");
        let again = batch_of(&app, sent(&app, kind, &book).await).await;
        assert_eq!(again.rows_rejected, first.rows_rejected, "{kind}: {:#?}", verdicts(&app, again.id).await);
        assert_eq!(again.rows_total, first.rows_rejected, "{kind}");
        assert!(again.header.ends_with(&["error".to_owned(), "error_codes".to_owned()]));
    }
}

/// A workbook with one part more, or another in its place.
fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(bytes_of("samples/readings.xlsx"))).expect("a workbook");
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    let names: Vec<String> = old.file_names().map(|name| name.expect("a name").into_owned()).collect();
    for part in names.iter().filter(|part| *part != name) {
        let mut bytes = Vec::new();
        old.by_name(part).expect("a part").read_to_end(&mut bytes).expect("bytes");
        new.start_file(part.as_str(), SimpleFileOptions::default()).expect("a part");
        new.write_all(&bytes).expect("bytes");
    }
    new.start_file(name, SimpleFileOptions::default()).expect("a part");
    new.write_all(content).expect("bytes");
    new.finish().expect("a file").into_inner()
}

/// The same with sizes that are lies: every part says that it unpacks to a byte.
fn understated(mut bytes: Vec<u8>) -> Vec<u8> {
    for (mark, size) in [(&b"PK\x03\x04"[..], 22), (b"PK\x01\x02", 24)] {
        let places: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, four)| *four == mark).map(|(at, _)| at).collect();
        for at in places {
            bytes[at + size..at + size + 4].copy_from_slice(&1_u32.to_le_bytes());
        }
    }
    bytes
}

#[tokio::test]
async fn what_is_no_readable_workbook_is_refused_in_words() {
    let app = ground().await;
    let (served, token) = super::http::served(&app).await;
    let texts = vec![b' '; 65 << 20];
    let bomb = with_part("xl/sharedStrings.xml", &texts);
    assert!(bomb.len() < 200_000, "{} bytes unpack to 65 MiB", bomb.len());
    let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    old.extend(vec![0; 4_096]);
    let whole = bytes_of("samples/readings.xlsx");
    let sheet = "xl/worksheets/sheet1.xml";
    let late = b"<worksheet><sheetData><row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData></worksheet>";
    let far = b"<worksheet><sheetData><row r=\"1\"><c r=\"ZZZZ1\"><v>1</v></c></row></sheetData></worksheet>";
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("a bomb", bomb.clone(), "IMPORT_WORKBOOK_TOO_LARGE"),
        ("a bomb that denies it", understated(bomb), "IMPORT_WORKBOOK_"),
        ("encrypted", bytes_of("it/imports/files/encrypted.xlsx"), "IMPORT_WORKBOOK_ENCRYPTED"),
        ("of an old Excel", old, "IMPORT_WORKBOOK_OLD"),
        ("cut off", whole[..whole.len() / 2].to_vec(), "IMPORT_WORKBOOK_BROKEN"),
        ("another file of Zip", with_part("xl/workbook.xml", b"<html/>"), "IMPORT_WORKBOOK_BROKEN"),
        ("half a sheet", with_part(sheet, b"<worksheet><sheetData><row r=\"1\">"), "IMPORT_WORKBOOK_BROKEN"),
        ("rows upwards", with_part(sheet, late), "IMPORT_WORKBOOK_BROKEN"),
        ("a column beyond the sheet", with_part(sheet, far), "IMPORT_WORKBOOK_BROKEN"),
        (
            "a list that claims to be endless",
            with_part("xl/sharedStrings.xml", b"<sst uniqueCount=\"9999999999999\"></sst>"),
            "IMPORT_WORKBOOK_BROKEN",
        ),
    ];
    let http = reqwest::Client::new();
    let url = served.url("/imports/upload?kind=readings&filename=a.csv");
    for (what, bytes, code) in cases {
        let mut said = Vec::new();
        for language in ["kk", "ru", "en"] {
            let answer = http.post(&url).bearer_auth(&token).header("Accept-Language", language);
            let answer = answer.body(bytes.clone()).send().await.expect("an answer");
            assert_eq!(answer.status(), 422, "{what}");
            let answer: serde_json::Value = answer.json().await.expect("JSON");
            assert!(
                answer["errors"][0]["code"].as_str().is_some_and(|said| said.starts_with(code)),
                "{what}: {answer}"
            );
            said.push(answer["errors"][0]["message"].as_str().expect("words").to_owned());
        }
        said.dedup();
        assert_eq!(said.len(), 3, "{what}: {said:?}");
    }
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM imports.batch").await, Some(0));

    // Nothing of it remembers: the next file is taken, whatever it is called.
    let taken = http.post(&url).bearer_auth(&token).body(whole).send().await.expect("an answer");
    assert_eq!(taken.status(), 200);
}
