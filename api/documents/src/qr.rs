//! A text as a QR code: what a bill asks to be paid by, and what an authenticator app scans.

use std::fmt::Write;

pub use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// The code as SVG: black modules as one path of horizontal runs, with the quiet zone of four that readers need. The ground is the
/// reader's to lay: white.
pub fn svg(text: &str) -> Result<String, QrError> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let (width, modules) = (code.width(), code.to_colors());
    let mut path = String::new();
    for y in 0..width {
        let mut x = 0;
        while x < width {
            let run = (x..width).take_while(|x| modules[y * width + x] == Color::Dark).count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let side = width + 2 * QUIET;
    Ok(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path d="{path}"/></svg>"#
    ))
}
