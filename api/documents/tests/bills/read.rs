//! The page as text and tags: exact sums, both languages, one page, readable aloud.

use documents::binder::Binder;
use documents::{BillDocument, PRESS, PrintError, Unbalanced};
use domain::kernel::*;
use lopdf::{Document, Object};

use crate::cases;

/// The text of every page, blanks made plain.
fn text(pdf: &[u8]) -> Vec<String> {
    let document = Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let plain =
        |text: String| text.replace(['\u{a0}', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    pages.iter().map(|page| plain(document.extract_text(&[*page]).expect("text"))).collect()
}

/// As the bill writes it, but made by other code: "1 731,05".
fn spelled(sum: Money) -> String {
    let (whole, rest) = (sum.tiyn().abs() / 100, sum.tiyn().abs() % 100);
    let digits = whole.to_string();
    let mut groups: Vec<&str> =
        digits.as_bytes().rchunks(3).map(|g| std::str::from_utf8(g).unwrap()).collect();
    groups.reverse();
    format!("{}{},{rest:02}", if sum.is_negative() { "−" } else { "" }, groups.join(" "))
}

#[test]
fn every_sum_stands_on_the_one_page_in_both_languages() {
    for (name, bill) in cases::all() {
        let pages = text(&PRESS.bill(&bill).unwrap_or_else(|e| panic!("{name}: {e}")));
        assert_eq!(pages.len(), 1, "{name}");
        let page = &pages[0];
        let b = &bill.balance;
        let mut sums = vec![b.opening, b.charged, b.paid, b.closing];
        if bill.charges.len() <= 4 {
            sums.extend(bill.charges.iter().flat_map(|c| [c.net, c.vat, c.gross]));
        }
        if !bill.charges.is_empty() {
            sums.push(bill.charges.iter().map(|c| c.net).sum());
            sums.push(bill.charges.iter().map(|c| c.vat).sum());
        }
        for sum in sums {
            assert!(page.contains(&spelled(sum)), "{name}: no {} in {page}", spelled(sum));
        }
        for words in [
            "Су шоты, 2026 жылғы наурыз",
            "Счёт за воду, март 2026 года",
            "Есептелді",
            "Начислено",
            "7700123",
        ] {
            assert!(page.contains(words), "{name}: no {words:?} in {page}");
        }
        let (payable, advance) = (page.contains("К оплате"), page.contains("Переплата"));
        assert_eq!((payable, advance), (!b.closing.is_negative(), b.closing.is_negative()), "{name}");
    }
}

#[test]
fn what_is_left_out_of_a_crowded_page_is_said_and_no_sum_is_lost() {
    let page = &text(&PRESS.bill(&cases::legal_entity(60)).unwrap())[0];
    assert!(page.contains("ещё 54 приборов"), "{page}");
    assert!(page.contains("ВКМ-01205") && !page.contains("ВКМ-01206"), "{page}");
    assert!(page.contains("По приборам: 3 268,890 м³"), "{page}");
}

#[test]
fn letters_the_font_lacks_do_not_stop_the_bill() {
    let page = &text(&PRESS.bill(&cases::long_names()).unwrap())[0];
    assert!(page.contains("Нұрмұхамедқызы-Всеволодовна, ???"), "{page}");
}

/// PDF/UA: Typst refuses to write the file when a requirement it can check is broken; here is that it was asked to.
#[test]
fn a_screen_reader_knows_language_title_headings_tables_and_pictures() {
    let document = Document::load_mem(&PRESS.bill(&cases::metered_flat()).unwrap()).unwrap();
    let catalog = document.catalog().unwrap();
    assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"kk");
    let marked = document.get_dict_in_dict(catalog, b"MarkInfo").unwrap();
    assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
    let metadata = catalog.get(b"Metadata").unwrap().as_reference().unwrap();
    let metadata = document.get_object(metadata).unwrap().as_stream().unwrap().get_plain_content().unwrap();
    let metadata = String::from_utf8(metadata).unwrap();
    assert!(metadata.contains("Шот / Счёт 7700123-2026-03"), "{metadata}");
    assert!(metadata.contains("pdfuaid"), "{metadata}");

    let tags: Vec<&[u8]> = document.objects.values().filter_map(tag).collect();
    let count = |name: &[u8]| tags.iter().filter(|tag| **tag == name).count();
    assert_eq!(count(b"H1"), 1);
    assert!(
        count(b"H2") >= 4 && count(b"Table") == 2 && count(b"TH") == 12 && count(b"Figure") >= 2,
        "{tags:?}"
    );
    let page = document.get_page_content(document.get_pages()[&1]);
    let russian = page.windows(8).filter(|bytes| bytes == b"Lang(ru)").count();
    assert!(
        russian > 20,
        "{russian} passages say that they are Russian: {:?}",
        String::from_utf8_lossy(&page[..2000])
    );
}

fn tag(object: &Object) -> Option<&[u8]> {
    let fields = object.as_dict().ok()?;
    fields.get(b"P").ok()?;
    fields.get(b"S").ok()?.as_name().ok()
}

#[test]
fn sums_that_do_not_add_up_are_not_printed() {
    let wrong = |change: fn(&mut BillDocument)| {
        let mut bill = cases::metered_flat();
        change(&mut bill);
        assert!(matches!(PRESS.bill(&bill), Err(PrintError::Unbalanced(Unbalanced { .. }))));
    };
    wrong(|bill| bill.balance.closing += Money::from_tiyn(1));
    wrong(|bill| bill.charges[0].gross += Money::from_tiyn(1));
    wrong(|bill| {
        bill.charges.pop();
    });
}

#[test]
fn the_same_bill_gives_the_same_bytes() {
    let bill = cases::bands();
    assert!(PRESS.bill(&bill).unwrap() == PRESS.bill(&bill).unwrap());
}

#[test]
fn sheaves_are_bound_into_one_file_in_their_order() {
    let numbered =
        |n: usize| BillDocument { account: format!("88000{n:02}"), ..cases::all()[n % 9].1.clone() };
    let bills: Vec<BillDocument> = (0..20).map(numbered).collect();
    let (mut binder, mut file) = Binder::new();
    for part in bills.chunks(7) {
        file.extend(binder.add(&PRESS.sheaf(part).unwrap()).unwrap());
    }
    assert_eq!(binder.pages(), 20);
    file.extend(binder.finish("Счета за март 2026"));
    let pages = text(&file);
    assert_eq!(pages.len(), 20);
    for (n, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("88000{n:02}")), "page {n}: {page}");
    }
    // A page in a sheaf says what it says alone.
    assert_eq!(pages[0], text(&PRESS.bill(&bills[0]).unwrap())[0]);
}

fn recalculated(months: u32) -> BillDocument {
    let mut bill = cases::metered_flat();
    let first = bill.period.minus(months);
    let mut month = first;
    for _ in 0..months {
        for (service, tiyn) in [(Service::Water, -94_513), (Service::SewerageCold, -40_207)] {
            bill.recalculations.push(documents::Recalculation {
                from: month,
                to: month,
                service: Some((service, Component::Charge)),
                document: "№ 17, 02.03.2026".into(),
                volume: Volume::from_liters(-12_345),
                gross: Money::from_tiyn(tiyn),
            });
        }
        month = month.next();
    }
    bill.balance.corrections = bill.recalculations.iter().map(|row| row.gross).sum();
    bill.balance.closing += bill.balance.corrections;
    bill.payment_link = None;
    bill
}

#[test]
fn recalculations_are_told_month_by_month_and_many_of_them_as_few() {
    let pages = text(&PRESS.bill(&recalculated(2)).expect("a page"));
    assert_eq!(pages.len(), 1);
    for words in [
        "Қайта есептеулер",
        "Перерасчёты",
        "№ 17, 02.03.2026",
        "01.2026",
        "02.2026",
        "−945,13",
        "−402,07",
        "−12,345",
    ] {
        assert!(pages[0].contains(words), "no {words:?} in {}", pages[0]);
    }
    // Three years of two services are two rows, and nothing of their sums is lost.
    let pages = text(&PRESS.bill(&recalculated(36)).expect("a page"));
    assert_eq!(pages.len(), 1);
    for words in [
        "03.2023–02.2026",
        &spelled(Money::from_tiyn(-94_513 * 36)),
        &spelled(Money::from_tiyn(-40_207 * 36)),
    ] {
        assert!(pages[0].contains(words), "no {words:?} in {}", pages[0]);
    }
}
