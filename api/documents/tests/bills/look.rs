//! The page as a picture: one page each, the code can be scanned, and nothing moved that nobody meant to move.

use documents::{BillDocument, PRESS};
use typst_render::RenderOptions;

use crate::cases;

/// Grey pixels of the page, three to a point.
fn picture(bill: &BillDocument) -> (usize, usize, Vec<u8>) {
    let page = PRESS.page(bill).expect("a page");
    let options = RenderOptions { pixel_per_pt: 3.0.into(), ..RenderOptions::default() };
    let pixmap = typst_render::render(&page.pages()[0], &options);
    let grey = pixmap
        .pixels()
        .iter()
        .map(|p| ((u32::from(p.red()) + u32::from(p.green()) + u32::from(p.blue())) / 3) as u8);
    (pixmap.width() as usize, pixmap.height() as usize, grey.collect())
}

#[test]
fn the_code_says_whom_how_much_and_for_which_month() {
    for (name, bill) in [("metered_flat", cases::metered_flat()), ("legal", cases::legal_entity(60))] {
        let (width, height, grey) = picture(&bill);
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
        let codes = image.detect_grids();
        assert_eq!(codes.len(), 1, "{name}");
        let (_, said) = codes[0].decode().expect("a readable code");
        let expected = format!(
            "https://su.example.kz/pay?account=7700123&amount={}&period=2026-03",
            bill.balance.closing
        );
        assert_eq!(said, expected, "{name}");
    }
}

#[test]
fn nothing_to_pay_has_nothing_to_scan() {
    for bill in [cases::overpaid(), cases::zero()] {
        let (width, height, grey) = picture(&bill);
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
        assert!(image.detect_grids().is_empty(), "{}", bill.balance.closing);
    }
}

/// A mean of the ink of each cell of 8 × 12 mm. Fonts and numbers may move a hair; a part that is gone, doubled or run into
/// another one shows. `UPDATE_SNAPSHOTS=1` writes what is.
#[test]
fn the_pages_look_as_they_did() {
    const COLUMNS: usize = 26;
    const ROWS: usize = 25;
    let mut all = String::new();
    for (name, bill) in cases::all() {
        let (width, height, grey) = picture(&bill);
        all += &format!("{name}\n");
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let (x0, x1) = (column * width / COLUMNS, (column + 1) * width / COLUMNS);
                let (y0, y1) = (row * height / ROWS, (row + 1) * height / ROWS);
                let ink: u64 = (y0..y1)
                    .flat_map(|y| grey[y * width + x0..y * width + x1].iter())
                    .map(|grey| u64::from(255 - grey))
                    .sum();
                let level = ink * 36 / (255 * ((x1 - x0) * (y1 - y0)) as u64);
                all.push(b" 123456789abcdefghijklmnopqrstuvwxyz#"[level.min(36) as usize] as char);
            }
            while all.ends_with(' ') {
                all.pop();
            }
            all.push('\n');
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bills/pages.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &all).expect("written");
    }
    let before = std::fs::read_to_string(path).unwrap_or_default();
    assert!(before == all, "the pages look different; look at them, then UPDATE_SNAPSHOTS=1:\n{all}");
}
